//! What there is, for lists.

use pyexec_frontend::support::{self, Row, Support};
use pyexec_opt::{OptLevel, passes};
use std::fmt::Write;

/// The steps of the optimizer in their order: pass, least level that takes the step, why it is there.
pub fn pass_steps() -> Vec<(&'static str, u8, &'static str)> {
    passes::PIPELINE.iter().map(|step| (step.name, level(step.from), step.why)).collect()
}

fn level(level: OptLevel) -> u8 {
    match level {
        OptLevel::O0 => 0,
        OptLevel::O1 => 1,
        OptLevel::O2 => 2,
        OptLevel::O3 => 3,
    }
}

/// Every kind of Python construct, and whether it is compiled.
pub fn constructs() -> String {
    let mut out = String::new();
    for (title, rows) in
        [("Statements", support::STMTS), ("Expressions", support::EXPRS), ("Patterns", support::PATTERNS)]
    {
        let _ = writeln!(out, "{title}:");
        rows.iter().for_each(|row| line(&mut out, row));
    }
    out
}

fn line(out: &mut String, row: &Row) {
    let support = match row.support {
        Support::Native("") => "native".to_owned(),
        Support::Native(limits) => format!("native: {limits}"),
        Support::Error(code, message, _) => format!("{code}: {message}"),
    };
    let _ = writeln!(out, "  {:16} {:32} {support}", row.kind, row.example);
}
