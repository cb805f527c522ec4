//! Text forms, checked and printed as we write them.

use crate::Failure;
use crate::observe::Watch;
use crate::pipeline::{self, Purpose};
use crate::session::{Input, Session};
use pyexec_base::{Diagnostic, Span};
use pyexec_regalloc::{self as regalloc, text::RaFile};
use std::path::Path;

/// A verified module: of a `.pir` file as it is, of a Python file as the front end makes it.
pub fn cat(session: &Session, input: &Input) -> Result<String, Failure> {
    let unit = pipeline::lowered(session, input, Purpose::Run, &mut Watch::nobody())?;
    Ok(unit.module.to_string())
}

/// Register allocations (`.ra`), one behind another: each problem verified, and the solution checked if there
/// is one.
pub fn cat_allocation(session: &mut Session, path: &Path) -> Result<String, Failure> {
    let input = session.load(path)?;
    let source = session.source(&input);
    let (mut out, mut found) = (String::new(), Vec::new());
    for (start, text) in sections(source.text(), source.start()) {
        match regalloc::text::parse(text) {
            Err(error) => {
                let at = start + line_offset(text, error.line);
                found.push(Diagnostic::error("R0001", Span::new(at, at), error.message));
            }
            Ok(file) => {
                let at = Span::new(start, start);
                found.extend(wrong(&file).into_iter().map(|w| Diagnostic::error("R0002", at, w)));
                out.push_str(&file.to_string());
            }
        }
    }
    if found.is_empty() { Ok(out) } else { Err(Failure::Program(found)) }
}

/// The parts that end in a line `end`, each with its place. What follows the last one counts unless it is blank.
fn sections(text: &str, start: u32) -> Vec<(u32, &str)> {
    let (mut sections, mut from, mut at) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        if line.trim() == "end" {
            sections.push((start + from as u32, &text[from..at]));
            from = at;
        }
    }
    if sections.is_empty() || !text[from..].trim().is_empty() {
        sections.push((start + from as u32, &text[from..]));
    }
    sections
}

fn wrong(file: &RaFile) -> Vec<String> {
    let problem = file.problem.view();
    let broken: Vec<_> = regalloc::verify(&problem, &file.env).iter().map(ToString::to_string).collect();
    match &file.solution {
        Some(solution) if broken.is_empty() => regalloc::check(&problem, &file.env, solution),
        _ => broken,
    }
}

/// The offset of the beginning of a line, counted from 1.
fn line_offset(text: &str, line: usize) -> u32 {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>() as u32
}
