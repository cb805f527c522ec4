//! Every example gives CPython's output at -O0 and -O2, natively.
//!
//! `examples/cases.txt` says with which arguments and to which exit status; `examples/expected` holds what CPython
//! printed, so this test needs no Python.

use pyexec_tests::{files, pyexec_cg, root, run};
use std::collections::BTreeMap;

struct Case {
    args: Vec<String>,
    status: i32,
}

fn cases() -> BTreeMap<String, Vec<Case>> {
    let text = std::fs::read_to_string(root().join("examples/cases.txt")).expect("examples/cases.txt");
    let mut cases: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let mut parts = line.split('|').map(str::trim);
        let mut next = || parts.next().expect("file | arguments | status");
        let (file, args, status) = (next(), next(), next());
        let args = args.split_whitespace().map(String::from).collect();
        let status = status.parse().expect("a number");
        cases.entry(file.to_string()).or_default().push(Case { args, status });
    }
    cases
}

fn check(level: &str) {
    let mut cases = cases();
    let programs = files("examples", "py");
    assert!(programs.len() >= 12, "only {} examples", programs.len());
    let mut failures = Vec::new();
    for program in &programs {
        let name = program.file_name().and_then(|n| n.to_str()).expect("UTF-8 name").to_string();
        let stem = name.trim_end_matches(".py").to_string();
        let runs = cases.remove(&name).unwrap_or_else(|| vec![Case { args: Vec::new(), status: 0 }]);
        for (index, case) in runs.iter().enumerate() {
            let suffix = if index == 0 { String::new() } else { format!(".{}", index + 1) };
            let expected = root().join(format!("examples/expected/{stem}{suffix}.out"));
            let expected = std::fs::read_to_string(&expected).unwrap_or_else(|e| panic!("{expected:?}: {e}"));
            let file = program.to_str().expect("UTF-8 path");
            let args = ["run", level, file].into_iter().chain(case.args.iter().map(String::as_str));
            let ran = run(pyexec_cg(), args, b"").expect("the compiler starts");
            if (ran.status, &ran.stdout) != (Some(case.status), &expected) {
                failures.push(format!("{name} {:?} {level}: {ran:#?}\nexpected {expected}", case.args));
            }
        }
    }
    assert!(cases.is_empty(), "cases.txt names what is not there: {:?}", cases.keys());
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn examples_print_what_cpython_prints_unoptimised() {
    check("-O0");
}

#[test]
fn examples_print_what_cpython_prints_optimised() {
    check("-O2");
}
