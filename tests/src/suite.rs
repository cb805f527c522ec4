//! The run suite: programs whose answer CPython knows.

use crate::{Ran, files, is_reference, python, run, skip};

/// What every program is given.
pub const ARGS: [&str; 2] = ["a", "bcé"];

/// Runs every program of a folder in CPython and, by `ours`, in each mode, and compares. Of CPython's traceback
/// everything counts except the lines of carets.
///
/// # Panics
/// With all differences, if there are any.
pub fn compare_folder(folder: &str, modes: &[&[&str]], ours: &dyn Fn(&[&str], &str) -> Ran) {
    let Some(python) = python().filter(|p| is_reference(p)) else {
        return skip(folder, "no python3.13 to compare with");
    };
    let programs = files(folder, "py");
    assert!(!programs.is_empty(), "no programs in {folder}");
    let mut failures = Vec::new();
    for file in &programs {
        let file = file.to_str().expect("paths in the repository are UTF-8");
        let expected =
            without_carets(run(&python, [&[file], &ARGS[..]].concat(), b"").expect("python starts"));
        for mode in modes {
            let got = without_carets(ours(mode, file));
            if got != expected {
                failures.push(format!("{file} under {mode:?}\nexpected {expected:#?}\ngot {got:#?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

fn without_carets(ran: Ran) -> Ran {
    let is_caret = |line: &str| !line.trim().is_empty() && line.trim().chars().all(|c| "~^ ".contains(c));
    let stderr = ran.stderr.lines().filter(|line| !is_caret(line)).map(|line| format!("{line}\n")).collect();
    Ran { stderr, ..ran }
}
