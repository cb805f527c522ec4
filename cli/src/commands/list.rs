//! `--list`: what there is, one a line.

use super::status;
use crate::args::ListKind;
use crate::output;
use pyexec_driver as driver;

/// Runs the command.
pub fn run(kind: Option<ListKind>) -> u8 {
    let text = match kind {
        None => return status(Ok(())),
        Some(ListKind::Targets) => targets(),
        Some(ListKind::Passes) => passes(),
        Some(ListKind::Opcodes) => pyexec_ir::reference_page(),
        Some(ListKind::Helpers) => pyexec_ir::helpers_page(),
        Some(ListKind::Constructs) => driver::constructs(),
    };
    status(output::print(text.as_bytes()))
}

fn targets() -> String {
    let line = |t: &driver::TargetRow| {
        let here = if t.is_host { " (this machine)" } else { "" };
        format!("{}{here}: processors {}\n", t.triple, t.cpus.join(", "))
    };
    driver::TARGETS.iter().map(line).collect()
}

fn passes() -> String {
    let steps = driver::pass_steps();
    steps.iter().map(|(name, level, why)| format!("{name:16} -O{level}  {why}\n")).collect()
}
