//! Completion scripts and the manual page, made from the argument definitions.

use super::status;
use crate::args::Cli;
use crate::output;
use clap::CommandFactory;
use clap_complete::Shell;
use pyexec_driver::Failure;
use std::path::Path;

/// A completion script.
pub fn completions(shell: Shell) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pyexec-cg", &mut script);
    status(output::print(&script))
}

/// The manual page, in roff.
pub fn man() -> u8 {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    let rendered = rendered.map_err(|e| Failure::os(Path::new("the manual page"), "written", &e));
    status(rendered.and_then(|()| output::print(&page)))
}
