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

/// A register allocation (`.ra`): the problem verified, and the solution checked if there is one.
pub fn cat_allocation(session: &mut Session, path: &Path) -> Result<String, Failure> {
    let input = session.load(path)?;
    let parsed = regalloc::text::parse(session.source(&input).text());
    let start = session.source(&input).start();
    let whole = Span::new(start, start);
    match parsed {
        Err(error) => {
            let at = line_start(session, &input, error.line);
            Err(Diagnostic::error("R0001", Span::new(at, at), error.message).into())
        }
        Ok(file) => {
            let wrong = wrong(&file);
            if wrong.is_empty() {
                return Ok(file.to_string());
            }
            Err(Failure::Program(wrong.into_iter().map(|w| Diagnostic::error("R0002", whole, w)).collect()))
        }
    }
}

fn wrong(file: &RaFile) -> Vec<String> {
    let problem = file.problem.view();
    let broken: Vec<_> = regalloc::verify(&problem, &file.env).iter().map(ToString::to_string).collect();
    match &file.solution {
        Some(solution) if broken.is_empty() => regalloc::check(&problem, &file.env, solution),
        _ => broken,
    }
}

/// The global offset of the beginning of a line, counted from 1.
fn line_start(session: &Session, input: &Input, line: usize) -> u32 {
    let source = session.source(input);
    let before = source.text().split_inclusive('\n').take(line.saturating_sub(1));
    source.start() + before.map(str::len).sum::<usize>() as u32
}
