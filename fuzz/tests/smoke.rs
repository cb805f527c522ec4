//! Ring 4 in small: about a second of each fuzzer. `pyexec-cg fuzz` runs them for longer.

use pyexec_fuzz::campaign::check_in_process;
use pyexec_fuzz::cpython::Oracle;
use pyexec_fuzz::{aarch64, damage, ir};
use std::io::Write;
use std::time::{Duration, Instant};

const EACH: Duration = Duration::from_millis(1500);

/// Calls `check` with new seeds until the time is up; how many there were.
fn for_a_while(first: u64, mut check: impl FnMut(u64)) -> u64 {
    let start = Instant::now();
    let mut seed = first;
    // A few at least, however busy the machine is.
    while start.elapsed() < EACH || seed < first + 21 {
        check(seed);
        seed += 1;
    }
    seed - first
}

#[test]
fn random_ir_means_the_same_to_interpreter_and_machine() {
    let count = for_a_while(1_000_000, |seed| {
        if let Some(found) = ir::check(seed) {
            panic!("seed {seed}:\n{found}");
        }
    });
    assert!(count > 3, "only {count} modules in {EACH:?}");
}

#[test]
fn damaged_ir_is_refused_without_a_panic() {
    assert!(for_a_while(1_000_000, ir::check_parser) > 20);
}

#[test]
fn random_ir_means_the_same_to_interpreter_and_aarch64() {
    if let Some(tool) = aarch64::missing_tool() {
        return skip("random_ir_means_the_same_to_interpreter_and_aarch64", &format!("{tool} not found"));
    }
    match aarch64::check(1_000_000) {
        Ok(None) => {}
        Ok(Some(found)) => panic!("{}\n{}", found.message, found.module),
        Err(error) => panic!("{error}"),
    }
}

/// Notes a test that cannot run here: printed, and counted by `cargo xtask test`.
fn skip(test: &str, reason: &str) {
    let line = format!("SKIPPED {test}: {reason}");
    println!("{line}");
    let log = std::env::var_os("PYEXEC_SKIPPED_LOG");
    let file = log.and_then(|log| std::fs::OpenOptions::new().append(true).create(true).open(log).ok());
    if let Some(mut file) = file {
        let _ = writeln!(file, "{line}");
    }
}

#[test]
fn random_python_prints_what_cpython_prints() {
    let Some(oracle) = Oracle::reference().filter(|oracle| oracle.is("3.13")) else {
        return skip("random_python_prints_what_cpython_prints", "no python3.13 to compare with");
    };
    let start = Instant::now();
    let mut count = 0;
    // A few at least, however busy the machine is.
    let goes_on = |seed: &u64| *seed < 1_000_004 || start.elapsed() < EACH;
    let seeds = (1_000_000..).take_while(goes_on).inspect(|_| count += 1);
    if let Some(found) = check_in_process(oracle, seeds, true) {
        panic!("{found}");
    }
    assert!(count > 3, "only {count} programs in {EACH:?}");
}

#[test]
fn damaged_python_is_refused_without_a_panic() {
    let count = for_a_while(1_000_000, |seed| {
        if let Some((message, source)) = damage::check(seed) {
            panic!("seed {seed}: {message}\n{source}");
        }
    });
    assert!(count > 20, "only {count} programs");
}
