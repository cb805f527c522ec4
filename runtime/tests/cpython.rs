//! Every text the runtime makes of numbers, and every number it makes of text, against CPython: one
//! run of a script on generated cases, both sides line by line.

use pyexec_ir::rt::{ERROR_SIZE, Kind, helper};
use pyexec_runtime::helpers::{HostMemory, call_host};
use pyexec_runtime::{Capture, Raise, State, Stream, number};
use std::io::Write;
use std::process::{Command, Stdio};

mod cases;
use cases::{Arg, Case, Random};

const SCRIPT: &str = include_str!("oracle.py");

/// A Python of version 3.13 by name, if there is one.
fn python() -> Option<String> {
    let named = std::env::var("PYEXEC_PYTHON").ok();
    let is_313 = |name: &String| {
        let output = Command::new(name).args(["-c", "import sys; print(sys.version_info[:2])"]).output();
        output.is_ok_and(|o| o.stdout.starts_with(b"(3, 13)"))
    };
    named.into_iter().chain(["python3.13".into(), "python3".into()]).find(is_313)
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

/// Memory as the interpreter has it: the error state, then 16 bytes for a complex, then text.
struct Memory(Vec<u8>);

const ERROR: u64 = 0x1000;
const RESULT: u64 = ERROR + ERROR_SIZE as u64;
const TEXT: u64 = RESULT + 16;

impl HostMemory for Memory {
    fn read(&self, address: u64, length: u64) -> Option<&[u8]> {
        let start = address.checked_sub(ERROR)? as usize;
        self.0.get(start..start + length as usize)
    }
    fn write(&mut self, address: u64, bytes: &[u8]) -> bool {
        let start = (address - ERROR) as usize;
        let target = self.0.get_mut(start..start + bytes.len());
        target.map(|target| target.copy_from_slice(bytes)).is_some()
    }
}

/// Calls a helper by name, with its texts and its error state in simulated memory.
fn call(name: &str, args: &[Arg]) -> String {
    let capture = || Stream::capture(Capture::default());
    let mut state = State::new(capture(), capture());
    let mut memory = Memory(vec![0; (TEXT - ERROR) as usize]);
    let mut words = Vec::new();
    for arg in args {
        match arg {
            Arg::Int(v) => words.push(u128::from(*v as u64)),
            Arg::Float(x) => words.push(u128::from(x.to_bits())),
            Arg::Str(text) => {
                words.extend([u128::from(ERROR + memory.0.len() as u64), text.len() as u128]);
                memory.0.extend(text.as_bytes());
            }
        }
    }
    let row = helper(name).unwrap();
    let to_memory = row.params.last() == Some(&Kind::Ptr);
    words.extend(to_memory.then_some(u128::from(RESULT)));
    let result = call_host(&mut state, name, &words, ERROR, &mut memory).unwrap();
    if let Some(exception) = state.take_exception() {
        return exception.last_line();
    }
    let float = |at: u64| f64::from_le_bytes(memory.read(at, 8).unwrap().try_into().unwrap());
    match (row.result, result) {
        (None, _) => bits(float(RESULT)) + " " + &bits(float(RESULT + 8)),
        (Some(Kind::F64), Some(value)) => bits(f64::from_bits(value as u64)),
        (_, value) => (value.unwrap() as i64).to_string(),
    }
}

/// A function of any number of floats, item by item; inside of another vector, as nested calls are.
fn vector(name: &str, items: &[f64]) -> String {
    let capture = || Stream::capture(Capture::default());
    let mut state = State::new(capture(), capture());
    let mut memory = Memory(vec![0; ERROR_SIZE as usize]);
    let mut step = |name: &str, x: f64| {
        call_host(&mut state, name, &[u128::from(x.to_bits())], ERROR, &mut memory).unwrap()
    };
    step("pyexec_vector_begin", 0.0);
    step("pyexec_vector_push", 3.0);
    step("pyexec_vector_begin", 0.0);
    items.iter().for_each(|x| _ = step("pyexec_vector_push", *x));
    let result = step(name, 0.0);
    if let Some(exception) = state.take_exception() {
        return exception.last_line();
    }
    let mut step = |name: &str| call_host(&mut state, name, &[], ERROR, &mut memory).unwrap();
    assert_eq!(step("pyexec_vector_hypot"), Some(u128::from(3.0_f64.to_bits())), "the outer vector");
    bits(f64::from_bits(result.unwrap() as u64))
}

fn tuple_hash(length: usize, hashes: impl Iterator<Item = String>) -> String {
    let mut state = pyexec_ir::rt::HASH_TUPLE_START;
    for hash in hashes {
        let args = [Arg::Int(state), Arg::Int(hash.parse().unwrap())];
        state = call("pyexec_hash_tuple_item", &args).parse().unwrap();
    }
    call("pyexec_hash_tuple_end", &[Arg::Int(state), Arg::Int(length as i64)])
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
        Case::Helper(name, args) => call(name, args),
        Case::Hex(x) => number::float_hex(*x),
        Case::Vector(name, items) => vector(name, items),
        Case::FloatTuple(items) => {
            tuple_hash(items.len(), items.iter().map(|x| call("pyexec_hash_float", &[Arg::Float(*x)])))
        }
        Case::IntTuple(items) => {
            tuple_hash(items.len(), items.iter().map(|v| call("pyexec_hash_int", &[Arg::Int(*v)])))
        }
    };
    text.escape_default().to_string()
}

fn compare(name: &str, cases: &[Case]) {
    let Some(python) = python() else {
        println!("skipped {name}: no Python 3.13 on PATH");
        return;
    };
    let answers = ask(&python, cases);
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

#[test]
fn math_of_one() {
    compare("math of one", &cases::unary_math(&mut Random::new(7)));
}

#[test]
fn math_of_two() {
    compare("math of two", &cases::binary_math(&mut Random::new(8)));
}

#[test]
fn math_of_ints() {
    compare("math of ints", &cases::int_math(&mut Random::new(9)));
}

#[test]
fn math_of_complex_numbers() {
    compare("math of complex numbers", &cases::complex_math(&mut Random::new(10)));
}

#[test]
fn cmath() {
    compare("cmath", &cases::cmath(&mut Random::new(11)));
}

#[test]
fn float_methods() {
    compare("float methods", &cases::float_methods(&mut Random::new(12)));
}

#[test]
fn vectors() {
    compare("vectors", &cases::vectors(&mut Random::new(13)));
}
