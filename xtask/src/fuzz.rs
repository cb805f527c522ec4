//! `fuzz`: builds the compiler in release mode and hands the options on to `pyexec-cg fuzz`.

use crate::{Args, Failure, Outcome, repo};
use std::process::Command;

/// What `pyexec-cg fuzz` exits with when something differs, and when the command line is wrong.
const DIFFERS: i32 = 4;
const USAGE: i32 = 2;

/// The options are those of `pyexec-cg fuzz`, which checks them.
pub fn command(args: &mut Args) -> Outcome {
    let options = args.rest();
    let root = repo::root()?;
    let compiler = repo::build_release(&root, "pyexec-cli")?.join("pyexec-cg");
    let mut run = Command::new(&compiler);
    run.current_dir(&root).arg("fuzz").args(&options);
    let status = run.status().map_err(|e| format!("cannot run {}: {e}", compiler.display()))?;
    match status.code() {
        Some(0) => Ok(true),
        Some(DIFFERS) => Ok(false),
        Some(USAGE) => Err(Failure::Usage("see `pyexec-cg fuzz --help`".into())),
        _ => Err(Failure::Stopped(format!("pyexec-cg fuzz: {status}"))),
    }
}
