//! Ring 2: one program through CPython, the IR interpreter, -O0 and -O2 natively; one answer.
//!
//! `tests/run/*.py` end normally. `tests/tracebacks/*.py` end by an exception or `sys.exit`; of CPython's
//! traceback everything counts except the lines of carets. The compiler's `run` never falls back to an
//! interpreter: what it cannot compile it refuses, so an answer is a native answer. `--receipt` states it.

use pyexec_tests::{Ran, files, is_reference, pyexec_cg, python, run, skip};
use std::path::Path;

const ARGS: [&str; 2] = ["a", "bcé"];

fn ours(mode: &[&str], file: &Path) -> Ran {
    let path = file.to_str().expect("paths in the repository are UTF-8");
    let args = mode.iter().copied().chain([path]).chain(ARGS);
    run(pyexec_cg(), args, b"").expect("the compiler starts")
}

fn without_carets(stderr: &str) -> String {
    let is_caret = |line: &str| !line.trim().is_empty() && line.trim().chars().all(|c| "~^ ".contains(c));
    stderr.lines().filter(|line| !is_caret(line)).map(|line| format!("{line}\n")).collect()
}

fn compare(file: &Path, expected: &Ran, failures: &mut Vec<String>) {
    for mode in [&["run", "-O2"][..], &["run", "-O0"], &["run", "-O1"], &["run", "-O3"], &["interp"]] {
        let mut got = ours(mode, file);
        got.stderr = without_carets(&got.stderr);
        if got != *expected {
            failures.push(format!("{} under {mode:?}\nexpected {expected:#?}\ngot {got:#?}", file.display()));
        }
    }
}

fn suite(folder: &str) {
    let Some(python) = python().filter(|p| is_reference(p)) else {
        return skip(folder, "no python3.13 to compare with");
    };
    let programs = files(folder, "py");
    assert!(!programs.is_empty(), "no programs in {folder}");
    let mut failures = Vec::new();
    for file in &programs {
        let args = std::iter::once(file.as_os_str()).chain(ARGS.map(std::ffi::OsStr::new));
        let mut expected = run(&python, args, b"").expect("python starts");
        expected.stderr = without_carets(&expected.stderr);
        compare(file, &expected, &mut failures);
    }
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn programs_print_what_cpython_prints() {
    suite("tests/run");
}

#[test]
fn uncaught_exceptions_look_as_cpythons() {
    suite("tests/tracebacks");
}
