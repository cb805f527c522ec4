//! The compiler as an AArch64 program, run by an emulator: built here, since no test can build a second compiler in
//! its own time. What it needs beside the tools of [`crate::tools`] is Rust's own library for that machine.

use crate::test::Count;
use crate::{Failure, repo};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TRIPLE: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const RUNNER: &[&str] = &["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];
/// What the suites look for: the compiler as an AArch64 program.
const COMPILER_VARIABLE: &str = "PYEXEC_CG_AARCH64";
/// Tests that touch code in memory: packages with the arguments that choose among their tests.
const SUITES: &[&[&str]] = &[
    &["--package", "pyexec-runtime", "--lib"],
    &["--package", "pyexec-driver", "--lib"],
    &["--package", "pyexec-fuzz", "--lib", "interpreter_and_machine_agree"],
    &["--package", "pyexec-tests", "--test", "jit"],
];

/// Tests that look for that compiler, as arguments for `cargo test`.
pub const USERS: &[&str] =
    &["--package", "pyexec-tests", "--test", "aarch64", "--package", "pyexec-cli", "--test", "cross"];

/// Installs Rust's library for AArch64 where rustup can; what is missing then, if anything.
pub fn missing() -> Option<String> {
    if !has_std() {
        let _ = quiet("rustup").args(["target", "add", TRIPLE]).status();
    }
    if !has_std() {
        return Some(format!("Rust's standard library for {TRIPLE} (rustup target add {TRIPLE})"));
    }
    [LINKER, RUNNER[0]].into_iter().find_map(|tool| {
        let runs = quiet(tool).arg("--version").status().is_ok_and(|s| s.success());
        (!runs).then(|| tool.to_string())
    })
}

fn has_std() -> bool {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", TRIPLE]).output();
    output.is_ok_and(|o| Path::new(String::from_utf8_lossy(&o.stdout).trim()).is_dir())
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Builds the compiler and its archive of helpers. Where they are.
pub fn build(root: &Path) -> Result<Option<PathBuf>, Failure> {
    let mut command = cargo(root);
    command.args(["build", "--quiet", "--target", TRIPLE, "-p", "pyexec-cli", "-p", "pyexec-runtime"]);
    let built = command.status().map_err(|e| format!("cannot run cargo: {e}"))?.success();
    Ok(built.then(|| repo::target(root).join(TRIPLE).join("debug")))
}

/// Lets the suites find the compiler in this folder.
pub fn announce(command: &mut Command, folder: &Path) {
    command.env(COMPILER_VARIABLE, folder.join("pyexec-cg"));
}

/// Runs the tests of code in memory as AArch64 programs.
pub fn test(root: &Path, log: &Path, count: &mut Count) -> Result<(), Failure> {
    for suite in SUITES {
        let mut command = cargo(root);
        command.args(["test", "--quiet", "--no-fail-fast", "--target", TRIPLE]).args(*suite);
        println!("{} under {}", suite[1], RUNNER[0]);
        crate::test::counted(&mut command, log, count)?;
    }
    Ok(())
}

fn cargo(root: &Path) -> Command {
    let mut command = repo::cargo();
    let variable = |what| format!("CARGO_TARGET_{}_{what}", TRIPLE.to_uppercase().replace('-', "_"));
    command.env(variable("LINKER"), LINKER).env(variable("RUNNER"), RUNNER.join(" "));
    // Nobody debugs them here, and they link in half the time.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").current_dir(root);
    command
}
