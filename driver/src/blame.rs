//! Where in a `.pir` text a verifier's complaint belongs.

use pyexec_base::{Diagnostic, Span};
use pyexec_ir::{Block, Func, Module, Violation};

/// The violations as diagnostics, each at its line as far as that can be told. A line of the text holds one
/// function header, block header or instruction, in the order of the module.
pub fn diagnostics(text: &str, start: u32, module: &Module, violations: &[Violation]) -> Vec<Diagnostic> {
    let lines = lines(text, start);
    let blame = |violation: &Violation| {
        let mut diagnostic = violation.diagnostic(module);
        diagnostic.span = find(&lines, module, violation);
        diagnostic
    };
    violations.iter().map(blame).collect()
}

/// Lines with something on them, and where they are. Comments begin with `;`.
fn lines(text: &str, start: u32) -> Vec<(&str, Span)> {
    let mut at = start;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let code = line.split(';').next().unwrap_or("");
        let (lead, code) = (code.len() - code.trim_start().len(), code.trim());
        if !code.is_empty() {
            let lo = at + lead as u32;
            out.push((code, Span::new(lo, lo + code.len() as u32)));
        }
        at += line.len() as u32;
    }
    out
}

fn find(lines: &[(&str, Span)], module: &Module, violation: &Violation) -> Option<Span> {
    let id = violation.func?;
    let func = module.funcs.get(id)?;
    let headers = lines.iter().enumerate().filter(|(_, (code, _))| code.starts_with("func "));
    let header = headers.map(|(i, _)| i).nth(id.as_u32() as usize)?;
    let block = violation.block.and_then(|b| block_line(&lines[header..], func, b)).map(|i| header + i);
    let inst = violation.inst.zip(violation.block).and_then(|(inst, b)| {
        let position = func.block(b).insts.iter().position(|i| *i == inst)?;
        Some(block? + 1 + position)
    });
    lines.get(inst.or(block).unwrap_or(header)).map(|(_, span)| *span)
}

fn block_line(lines: &[(&str, Span)], func: &Func, block: Block) -> Option<usize> {
    let index = func.layout.iter().position(|b| *b == block)?;
    let is_header = |code: &str| code.trim_start_matches("cold ").starts_with('b') && code.ends_with(':');
    lines.iter().enumerate().filter(|(_, (code, _))| is_header(code)).map(|(i, _)| i).nth(index)
}
