//! Ring 2: one program through CPython, the IR interpreter, -O0 and -O2 natively; one answer.
//!
//! `tests/run/*.py` end normally. `tests/tracebacks/*.py` end by an exception or `sys.exit`; of CPython's
//! traceback everything counts except the lines of carets. The compiler's `run` never falls back to an
//! interpreter: what it cannot compile it refuses, so an answer is a native answer. `aarch64.rs` does the same on the
//! second machine.

use pyexec_tests::suite::{ARGS, compare_folder};
use pyexec_tests::{pyexec_cg, run};

const MODES: &[&[&str]] = &[&["run", "-O2"], &["run", "-O0"], &["run", "-O1"], &["run", "-O3"], &["interp"]];

fn suite(folder: &str) {
    compare_folder(folder, MODES, &|mode, file| {
        let args = mode.iter().copied().chain([file]).chain(ARGS);
        run(pyexec_cg(), args, b"").expect("the compiler starts")
    });
}

#[test]
fn programs_print_what_cpython_prints() {
    suite("tests/run");
}

#[test]
fn uncaught_exceptions_look_as_cpythons() {
    suite("tests/tracebacks");
}
