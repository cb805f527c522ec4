//! `test`: tidy and every test of the workspace, summed up in one line.
//!
//! Tests that cannot run on this machine (no gdb, no CPython) append a line `<name>: <reason>` to the
//! file that the environment variable `PYEXEC_SKIPPED_LOG` names: the test harness hides what passing tests
//! print, and a skip that nobody sees would pass for a success.

use crate::{Args, Failure, Outcome, emulated, repo, tidy, tools};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run amounts to.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Count {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Tidy counts as one test. A run in which nothing ran has failed: an empty result must not look like a good
/// one.
pub fn command(args: &mut Args) -> Outcome {
    let (quick, only_emulated) = (args.flag("--quick"), args.flag("--emulated"));
    args.finish()?;
    let root = repo::root()?;
    if !quick {
        tools::prepare();
    }
    let mut count = Count::default();
    match tidy::check(&root, tidy::Detail::Violations)? {
        true => count.passed += 1,
        false => count.failed += 1,
    }
    let log = empty_log(&root)?;
    match (quick, only_emulated) {
        (true, _) => run_units(&root, &log, &mut count)?,
        (_, true) => run_emulated(&root, &log, emulated::USERS, &mut count)?,
        _ => run_all(&root, &log, &mut count)?,
    }
    for line in skipped_lines(&log) {
        println!("{line}");
        count.skipped += 1;
    }
    if count.passed + count.failed <= 1 {
        println!("no test ran");
        count.failed += 1;
    }
    println!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped);
    Ok(count.failed == 0)
}

/// The file in which tests note that they cannot run.
fn empty_log(root: &Path) -> Result<PathBuf, Failure> {
    let dir = repo::target(root);
    let log = dir.join("skipped-tests.log");
    std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    std::fs::write(&log, "").map_err(|e| format!("{}: {e}", log.display()))?;
    Ok(log)
}

fn run_units(root: &Path, log: &Path, count: &mut Count) -> Result<(), Failure> {
    counted(cargo_test(root).args(["--workspace", "--lib", "--bins"]), log, count)
}

fn run_all(root: &Path, log: &Path, count: &mut Count) -> Result<(), Failure> {
    if !build_compiler(root)? {
        println!("pyexec-cg does not build");
        count.failed += 1;
    }
    run_emulated(root, log, &["--workspace"], count)
}

/// Runs tests that use the compiler as an AArch64 program, and those that run as such programs.
fn run_emulated(root: &Path, log: &Path, chosen: &[&str], count: &mut Count) -> Result<(), Failure> {
    let folder = build_emulated(root, log, count)?;
    let mut command = cargo_test(root);
    if let Some(folder) = &folder {
        emulated::announce(&mut command, folder);
    }
    counted(command.args(chosen), log, count)?;
    folder.map_or(Ok(()), |_| emulated::test(root, log, count))
}

fn cargo_test(root: &Path) -> Command {
    let mut command = repo::cargo();
    command.current_dir(root).args(["test", "--no-fail-fast"]);
    command
}

/// Builds the compiler as an AArch64 program; nothing, and a line in the log, where that cannot be done.
fn build_emulated(root: &Path, log: &Path, count: &mut Count) -> Result<Option<PathBuf>, Failure> {
    if let Some(missing) = emulated::missing() {
        let line = format!("runtime, driver, fuzz and jit tests as AArch64 programs: {missing} is missing\n");
        // The log is empty so far.
        std::fs::write(log, line).map_err(|e| format!("{}: {e}", log.display()))?;
        return Ok(None);
    }
    let folder = emulated::build(root)?;
    if folder.is_none() {
        println!("pyexec-cg does not build for AArch64");
        count.failed += 1;
    }
    Ok(folder)
}

/// Runs a `cargo test` with its output passed on, and adds up the result lines.
pub fn counted(command: &mut Command, log: &Path, count: &mut Count) -> Result<(), Failure> {
    command.env("PYEXEC_SKIPPED_LOG", log).stdout(Stdio::piped());
    tools::with_python(command);
    let failed_before = count.failed;
    let succeeded = stream(command, count)?;
    // A crate that does not compile, or a test process that dies, has no result line.
    if !succeeded && count.failed == failed_before {
        println!("cargo test failed without a result: see its messages above");
        count.failed += 1;
    }
    Ok(())
}

/// Builds the binary that the suites run: `cargo test` makes it only for a crate's own integration tests, and
/// would leave an old one in its place.
fn build_compiler(root: &Path) -> Result<bool, Failure> {
    let mut build = repo::cargo();
    build.current_dir(root).args(["build", "--quiet", "--package", "pyexec-cli"]);
    Ok(build.status().map_err(|e| format!("cannot run cargo: {e}"))?.success())
}

/// Passes the output on line by line, as it comes, and counts; whether cargo succeeded.
fn stream(command: &mut Command, count: &mut Count) -> Result<bool, Failure> {
    let mut child = command.spawn().map_err(|e| format!("cannot run cargo: {e}"))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|e| format!("cargo's output: {e}"))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            add_result_line(&line, count);
        }
    }
    Ok(child.wait().map_err(|e| format!("cargo: {e}"))?.success())
}

/// Adds `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
fn add_result_line(line: &str, count: &mut Count) {
    let Some(figures) = line.trim_start().strip_prefix("test result: ") else { return };
    for part in figures.split(['.', ';']) {
        let mut words = part.split_whitespace();
        let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        match what {
            "passed" => count.passed += number,
            "failed" => count.failed += number,
            "ignored" => count.skipped += number,
            _ => {}
        }
    }
}

/// The lines of the log, sorted: tests run in parallel, and their order says nothing.
fn skipped_lines(log: &Path) -> Vec<String> {
    let text = std::fs::read(log).map(|t| String::from_utf8_lossy(&t).into_owned()).unwrap_or_default();
    let lines =
        text.lines().map(|l| l.strip_prefix("SKIPPED ").unwrap_or(l)).filter(|l| !l.trim().is_empty());
    let mut lines: Vec<String> = lines.map(|l| format!("SKIPPED {l}")).collect();
    lines.sort();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up() {
        let mut count = Count::default();
        add_result_line("running 3 tests", &mut count);
        add_result_line(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s",
            &mut count,
        );
        add_result_line("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured", &mut count);
        assert_eq!(count, Count { passed: 4, failed: 2, skipped: 1 });
    }
}
