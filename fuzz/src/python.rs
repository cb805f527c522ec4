//! Random Python against CPython: every lane and level must print the same and end the same way.

use crate::cpython::{Oracle, Outcome};
use crate::python_gen;
use crate::rng::Rng;
use pyexec_driver::{Options, Session, Watch, load_program, load_simulation};
use pyexec_runtime::{Capture, Stream};
use std::path::Path;

/// What a level of ours is called in a report.
pub const WAYS: [&str; 3] = ["-O0", "-O2", "interpreter"];

/// A program on which somebody disagrees with CPython.
#[derive(Debug)]
pub struct Difference {
    /// The program.
    pub source: String,
    /// One of [`WAYS`].
    pub way: &'static str,
    /// What CPython did.
    pub expected: Outcome,
    /// What we did.
    pub got: Outcome,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Difference { source, way, expected, got } = self;
        writeln!(f, "{source}\n# CPython: {}\n{}", expected.ended, commented(&expected.printed))?;
        writeln!(f, "# {way}: {}\n{}", got.ended, commented(&got.printed))
    }
}

fn commented(text: &str) -> String {
    text.lines().map(|line| format!("#   {line}\n")).collect()
}

/// The random program of a seed, on all ways. `None` if all agree, or if CPython takes too long.
///
/// # Errors
/// If the oracle died.
pub fn check(oracle: &mut Oracle, seed: u64) -> std::io::Result<Option<Difference>> {
    let source = python_gen::program(seed, 40);
    compare(oracle, &source)
}

/// A program on all ways.
///
/// # Errors
/// If the oracle died.
pub fn compare(oracle: &mut Oracle, source: &str) -> std::io::Result<Option<Difference>> {
    let (exact, mut limited) = oracle.run(source)?;
    normalise(&mut limited);
    for way in WAYS {
        let mut got = ours(source, way);
        normalise(&mut got);
        if !agrees(&got, &exact, &limited) {
            let (source, expected) = (source.to_string(), exact);
            return Ok(Some(Difference { source, way, expected, got }));
        }
    }
    Ok(None)
}

const OVERFLOW: &str = "integer overflow";

/// Our answer is Python's; or Python's with integers of 64 bits; or, because temporaries may be wider than these,
/// Python's up to where we report that an integer does not fit.
fn agrees(got: &Outcome, exact: &Outcome, limited: &Outcome) -> bool {
    let too_slow = exact.ended.starts_with("TooSlow") || limited.ended.starts_with("TooSlow");
    if too_slow || got == exact || got == limited {
        return true;
    }
    let reported = got.printed.find(OVERFLOW).map(|at| got.printed[..at].rfind('\n').map_or(0, |i| i + 1));
    let end = match reported {
        Some(line) => line,
        None if got.ended.contains(OVERFLOW) => got.printed.len(),
        None => return false,
    };
    // `finally` clauses print while the exception that we raise is on its way.
    let mut before: Vec<&str> = got.printed[..end].lines().collect();
    while before.last().is_some_and(|line| line.starts_with("finally")) {
        before.pop();
    }
    exact.printed.lines().zip(&before).all(|(a, b)| a == *b) && exact.printed.lines().count() >= before.len()
}

/// Cuts what our texts of an overflow say beyond that.
fn normalise(outcome: &mut Outcome) {
    const OURS: [&str; 2] = [OVERFLOW, "int too large: "];
    let cut = |line: &str| match OURS.iter().find_map(|text| line.find(text)) {
        Some(at) => format!("{}{OVERFLOW}", &line[..at]),
        None => line.to_string(),
    };
    outcome.ended = cut(&outcome.ended);
    outcome.printed = outcome.printed.lines().map(|line| cut(line) + "\n").collect();
}

/// Compiles and runs a program in this process.
pub fn ours(source: &str, way: &str) -> Outcome {
    let (stdout, stderr) = (Capture::default(), Capture::default());
    let ended = match start(source, way, &stdout, &stderr) {
        Ok(0) => "ok".to_string(),
        Ok(_) => String::from_utf8_lossy(&stderr.take()).lines().last().unwrap_or("").to_string(),
        Err(message) => message,
    };
    Outcome { ended, printed: String::from_utf8_lossy(&stdout.take()).into_owned() }
}

fn start(source: &str, way: &str, stdout: &Capture, stderr: &Capture) -> Result<u8, String> {
    let failed = |failure: pyexec_driver::Failure| format!("{failure:?}");
    let mut options = Options::host().map_err(failed)?;
    options.opt_level = if way == "-O0" { 0 } else { 2 };
    options.verify = true;
    let mut session = Session::new(options);
    let input = session.add(Path::new("f.py"), "f.py".into(), source.into()).map_err(failed)?;
    let mut observers = Watch::new(Vec::new());
    let argv = vec!["f.py".to_string()];
    let program = match way {
        "interpreter" => load_simulation(&session, &input, argv, Some(50_000_000), &mut observers),
        _ => load_program(&session, &input, argv, &mut observers),
    };
    let mut program = program.map_err(failed)?;
    program.redirect(Stream::capture(stdout.clone()), Stream::capture(stderr.clone()));
    program.run(&session).map(|exit| exit.0).map_err(failed)
}

/// A smaller program with a difference: lines, with what is indented below them, are dropped as long as one of
/// our ways still disagrees with CPython.
///
/// # Errors
/// If the oracle died.
pub fn shrink(oracle: &mut Oracle, mut smallest: Difference) -> std::io::Result<Difference> {
    let mut start = 0;
    loop {
        let lines: Vec<&str> = smallest.source.lines().collect();
        if start >= lines.len() {
            return Ok(smallest);
        }
        let end =
            start + 1 + lines[start + 1..].iter().take_while(|l| indent(l) > indent(lines[start])).count();
        let without: String = lines[..start].iter().chain(&lines[end..]).map(|l| format!("{l}\n")).collect();
        match compare(oracle, &without)? {
            Some(smaller) if is_program(&smaller.expected) && is_program(&smaller.got) => smallest = smaller,
            _ => start += 1,
        }
    }
}

fn indent(line: &str) -> usize {
    if line.trim().is_empty() { usize::MAX } else { line.len() - line.trim_start().len() }
}

/// Whether this is the end of a program, not the refusal of a broken one.
fn is_program(outcome: &Outcome) -> bool {
    const BROKEN: [&str; 5] =
        ["SyntaxError", "IndentationError", "NameError", "UnboundLocalError", "Program("];
    !BROKEN.iter().any(|name| outcome.ended.starts_with(name))
}

/// Compiles a damaged program; whatever is wrong with it must come back as diagnostics.
///
/// # Panics
/// If the compiler has a bug: a panic inside it, or IR that its own verifier refuses.
pub fn check_damaged(seed: u64) {
    let mut rng = Rng::new(seed);
    let mut bytes = match seed % 4 {
        0 => (0..rng.below(60)).map(|_| rng.next_u64() as u8).collect(),
        _ => python_gen::program(seed, 12).into_bytes(),
    };
    for _ in 0..1 + rng.below(4) {
        damage(&mut bytes, &mut rng);
    }
    let source = String::from_utf8_lossy(&bytes).replace('\0', " ");
    let said = compiled(&source);
    assert!(!said.starts_with("Internal"), "seed {seed}: {said}\n{source}");
}

/// Fragments that are apt to be in the wrong place.
const FRAGMENTS: [&str; 20] = [
    "(", ")", ":", "=", "\n", "    ", "def ", "return ", "lambda: ", "[1]", "*", "**", "f\"{", "'", "if ",
    " else ", "None", "x: int", "try:\n", "1e999",
];

fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.below(bytes.len() + 1);
    match rng.below(4) {
        0 if at < bytes.len() => bytes[at] = rng.next_u64() as u8,
        1 => {
            let end = (at + rng.below(12)).min(bytes.len());
            bytes.drain(at..end);
        }
        2 => {
            let fragment = *rng.pick(&FRAGMENTS);
            bytes.splice(at..at, fragment.bytes());
        }
        _ => {
            // A piece from elsewhere: names out of scope, statements in the wrong place.
            let from = rng.below(bytes.len() + 1);
            let piece = bytes[from..(from + rng.below(40)).min(bytes.len())].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

/// What compiling says, in the debug form of a failure; empty if all is well.
fn compiled(source: &str) -> String {
    let Ok(mut options) = Options::host() else { return String::new() };
    options.verify = true;
    let mut session = Session::new(options);
    let mut observers = Watch::new(Vec::new());
    let input = session.add(Path::new("f.py"), "f.py".into(), source.into());
    let loaded =
        input.and_then(|i| load_program(&session, &i, vec!["f.py".into()], &mut observers).map(|_| ()));
    loaded.err().map(|failure| format!("{failure:?}")).unwrap_or_default()
}
