//! Every text the runtime makes of numbers, and every number it makes of text, against CPython: one
//! run of a script on generated cases, both sides line by line.

use pyexec_runtime::{Raise, number};
use std::io::Write;
use std::process::{Command, Stdio};

mod cases;
use cases::{Case, Random};

const SCRIPT: &str = include_str!("oracle.py");

/// A Python of version 3.13 by name, if there is one.
fn python() -> Option<&'static str> {
    let is_313 = |name: &&str| {
        let output = Command::new(name).args(["-c", "import sys; print(sys.version_info[:2])"]).output();
        output.is_ok_and(|o| o.stdout.starts_with(b"(3, 13)"))
    };
    ["python3.13", "python3"].into_iter().find(is_313)
}

fn ask(python: &str, cases: &[Case]) -> Vec<String> {
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let lines: String = cases.iter().map(|case| case.line() + "\n").collect();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn show<T>(result: Result<T, Raise>, text: impl Fn(T) -> String) -> String {
    match result {
        Ok(value) => text(value),
        Err(raise) => format!("{}: {}", raise.kind.name(), raise.message),
    }
}

fn bits(x: f64) -> String {
    if x.is_nan() { "nan".to_owned() } else { format!("{:016x}", x.to_bits()) }
}

fn ours(case: &Case) -> String {
    let text = match case {
        Case::Float(x) => number::float_repr(*x),
        Case::Complex(re, im) => number::complex_repr(*re, *im),
        Case::Str(s) => number::str_repr(s),
        Case::FormatFloat(x, spec) => show(number::format_float(*x, spec), |s| s),
        Case::FormatComplex(re, im, spec) => show(number::format_complex(*re, *im, spec), |s| s),
        Case::FormatInt(v, spec) => show(number::format_int(*v, spec), |s| s),
        Case::FormatBool(v, spec) => show(number::format_bool(*v, spec), |s| s),
        Case::FormatStr(s, spec) => show(number::format_str(s, spec), |s| s),
        Case::ParseInt(s, base) => show(number::parse_int(s, *base), |v| v.to_string()),
        Case::ParseFloat(s) => show(number::parse_float(s), bits),
        Case::ParseComplex(s) => show(number::parse_complex(s), |(re, im)| bits(re) + " " + &bits(im)),
        Case::RoundFloat(x, n) => show(number::round_float(*x, *n), bits),
        Case::RoundInt(v, n) => show(number::round_int(*v, *n), |v| v.to_string()),
    };
    text.escape_default().to_string()
}

fn compare(name: &str, cases: &[Case]) {
    let Some(python) = python() else {
        println!("skipped {name}: no Python 3.13 on PATH");
        return;
    };
    let answers = ask(python, cases);
    assert_eq!(answers.len(), cases.len());
    let mut wrong = Vec::new();
    for (case, answer) in cases.iter().zip(&answers) {
        let ours = ours(case);
        // Python's ints grow where ours raise; the oracle names that itself.
        if *answer != ours {
            wrong.push(format!("{case:?}\n  python {answer}\n  ours   {ours}"));
        }
    }
    let total = wrong.len();
    wrong.truncate(20);
    assert!(wrong.is_empty(), "{name}: {total} of {} differ\n{}", cases.len(), wrong.join("\n"));
}

#[test]
fn reprs() {
    compare("reprs", &cases::reprs(&mut Random::new(1)));
}

#[test]
fn float_formats() {
    compare("float formats", &cases::float_formats(&mut Random::new(2)));
}

#[test]
fn int_formats() {
    compare("int formats", &cases::int_formats(&mut Random::new(3)));
}

#[test]
fn str_formats() {
    compare("str formats", &cases::str_formats(&mut Random::new(4)));
}

#[test]
fn parsing() {
    compare("parsing", &cases::parsing(&mut Random::new(5)));
}

#[test]
fn rounding() {
    compare("rounding", &cases::rounding(&mut Random::new(6)));
}
