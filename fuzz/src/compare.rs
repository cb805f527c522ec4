//! What we make of a program beside what CPython makes of it.
//!
//! ```text
//!   program --CPython 3.13--> expected --.
//!       |                                 >-- equal, or a difference of a kind
//!       '----worker, each lane--> got  --'
//! ```
//!
//! Output, the way the program ends and the traceback must be equal. Where native code has no integers beyond 64
//! bits, `--no-exact` accepts its OverflowError: see [`agrees_up_to_overflow`].

use crate::child::{Lost, Service};
use crate::cpython::{Mode, Oracle, Outcome};
use crate::lanes::{Lane, is_internal, is_refusal};
use crate::versions;
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// How long one program may take on all lanes; they take milliseconds.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// In what way we are wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// Other output, another end, another traceback.
    Differs,
    /// A valid program is not compiled.
    Refused,
    /// The compiler found a bug in itself.
    Internal,
    /// The process died.
    Crashed,
    /// It did not end.
    Hung,
    /// Two CPythons disagree, and no rule of [`versions`] tells why.
    Oracles,
}

impl Kind {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Differs => "differs",
            Kind::Refused => "refused",
            Kind::Internal => "internal",
            Kind::Crashed => "crashed",
            Kind::Hung => "hung",
            Kind::Oracles => "oracles",
        }
    }
}

/// A program on which somebody disagrees with CPython.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The program.
    pub source: String,
    /// The name of a lane, or the version of another CPython.
    pub lane: String,
    /// In what way.
    pub kind: Kind,
    /// What CPython did.
    pub expected: Outcome,
    /// What we did.
    pub got: Outcome,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { source, lane, kind, expected, got } = self;
        writeln!(f, "# {}: {lane}", kind.name())?;
        writeln!(f, "{source}\n# CPython: {}\n{}", expected.ended, commented(expected))?;
        writeln!(f, "# {lane}: {}\n{}", got.ended, commented(got))
    }
}

fn commented(outcome: &Outcome) -> String {
    let lines = outcome.printed.lines().chain(outcome.said.lines());
    lines.map(|line| format!("#   {line}\n")).collect()
}

/// What came of a program.
#[derive(Debug)]
pub enum Verdict {
    /// All agree on this end.
    Agrees(Outcome),
    /// Nothing can be said: why.
    Skipped(&'static str),
    /// Somebody disagrees.
    Found(Box<Difference>),
}

/// Runs programs on our lanes.
pub trait Runner {
    /// What each lane makes of a program; or, where the process died or hung on it, that.
    fn run(&mut self, source: &str, lanes: &[&'static Lane], verify: bool) -> Vec<Result<Outcome, Lost>>;
}

/// In this process: for tests, where a crash is a failure by itself.
pub struct InProcess;

impl Runner for InProcess {
    fn run(&mut self, source: &str, lanes: &[&'static Lane], verify: bool) -> Vec<Result<Outcome, Lost>> {
        lanes.iter().map(|lane| Ok(crate::lanes::run(source, lane, verify))).collect()
    }
}

/// Worker processes, which may crash.
pub struct Workers {
    /// Of this machine.
    pub host: Service,
    /// The same program for AArch64, under an emulator.
    pub emulated: Option<Service>,
}

impl Runner for Workers {
    fn run(&mut self, source: &str, lanes: &[&'static Lane], verify: bool) -> Vec<Result<Outcome, Lost>> {
        // Emulated lanes come last.
        let (here, there): (Vec<&'static Lane>, Vec<&'static Lane>) =
            lanes.iter().partition(|lane| !lane.emulated);
        let mut all = ask_worker(&mut self.host, source, &here, verify);
        if let Some(worker) = &mut self.emulated {
            all.extend(ask_worker(worker, source, &there, verify));
        }
        all
    }
}

fn ask_worker(
    worker: &mut Service,
    source: &str,
    lanes: &[&'static Lane],
    verify: bool,
) -> Vec<Result<Outcome, Lost>> {
    if lanes.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = lanes.iter().map(|lane| lane.name).collect();
    let question = json!({ "ask": "run", "source": source, "lanes": names, "verify": verify });
    match worker.ask(&question, PATIENCE) {
        Ok(Value::Array(outcomes)) => outcomes.iter().map(|o| Ok(Outcome::from_json(o))).collect(),
        Ok(other) => vec![Err(Lost::Died(format!("the worker answered {other}")))],
        // Which lane was it?
        Err(_) if lanes.len() > 1 => {
            lanes.iter().flat_map(|lane| ask_worker(worker, source, &[lane], verify)).collect()
        }
        Err(lost) => vec![Err(lost)],
    }
}

/// What is compared, and how strictly.
pub struct Judge<R> {
    /// The reference.
    pub oracle: Oracle,
    /// Another CPython, whose differences from the reference are known.
    pub second: Option<Oracle>,
    /// Our side.
    pub runner: R,
    /// Whether integers beyond 64 bits must be exact.
    pub exact: bool,
    /// Whether the other CPython is asked.
    pub ask_second: bool,
}

impl<R: Runner> Judge<R> {
    /// A program on these lanes.
    pub fn judge(&mut self, source: &str, lanes: &[&'static Lane], verify: bool) -> Verdict {
        self.judge_in(Mode::Plain, source, lanes, verify)
    }

    /// The same with the reference in another mode.
    pub fn judge_in(&mut self, mode: Mode, source: &str, lanes: &[&'static Lane], verify: bool) -> Verdict {
        let expected = match self.oracle.run(source, mode) {
            Ok(expected) => expected,
            Err(Lost::NotStarted(_)) => return Verdict::Skipped("no CPython"),
            Err(_) => return Verdict::Skipped("CPython died"),
        };
        if let Some(reason) = unsuitable(&expected) {
            return Verdict::Skipped(reason);
        }
        for (lane, got) in lanes.iter().zip(self.runner.run(source, lanes, verify)) {
            let (kind, got) = match got {
                Ok(got) if same(&got, &expected) => continue,
                Ok(got) if !self.exact && self.is_overflow(source, &got, &expected) => continue,
                Ok(got) if is_internal(&got) => (Kind::Internal, got),
                Ok(got) if is_refusal(&got) => (Kind::Refused, got),
                Ok(got) => (Kind::Differs, got),
                Err(Lost::TimedOut) => (Kind::Hung, lost("it did not end")),
                Err(Lost::Died(how)) => (Kind::Crashed, lost(&how)),
                Err(Lost::NotStarted(why)) => (Kind::Crashed, lost(&why)),
            };
            return found(source, lane.name, kind, expected, got);
        }
        self.judge_oracles(source, expected)
    }

    /// Whether the other CPython says the same as the reference.
    fn judge_oracles(&mut self, source: &str, expected: Outcome) -> Verdict {
        let Some(second) = self.second.as_mut().filter(|_| self.ask_second) else {
            return Verdict::Agrees(expected);
        };
        match second.run(source, Mode::Plain) {
            Ok(got) if unsuitable(&got).is_some() || same(&got, &expected) => Verdict::Agrees(expected),
            Ok(got) if versions::explain(&second.version, source, &expected, &got) => {
                Verdict::Agrees(expected)
            }
            Ok(got) => {
                let lane = format!("CPython {}", second.version);
                found(source, &lane, Kind::Oracles, expected, got)
            }
            Err(_) => Verdict::Agrees(expected),
        }
    }

    fn is_overflow(&mut self, source: &str, got: &Outcome, expected: &Outcome) -> bool {
        let limited = self.oracle.run(source, Mode::Limited);
        limited.is_ok_and(|limited| agrees_up_to_overflow(got, expected, &limited))
    }
}

fn lost(how: &str) -> Outcome {
    Outcome { ended: how.to_string(), ..Outcome::default() }
}

fn found(source: &str, lane: &str, kind: Kind, expected: Outcome, got: Outcome) -> Verdict {
    let (source, lane) = (source.to_string(), lane.to_string());
    Verdict::Found(Box::new(Difference { source, lane, kind, expected, got }))
}

/// Why what CPython did is no measure, if it is none.
fn unsuitable(outcome: &Outcome) -> Option<&'static str> {
    let class = outcome.ended.split(':').next().unwrap_or_default();
    match class.rsplit('.').next().unwrap_or_default() {
        "TooSlow" => Some("CPython takes too long"),
        "TooBig" => Some("numbers become too large"),
        // Ours come later: native frames are smaller, and numbers need less memory.
        "RecursionError" | "MemoryError" => Some("limits of CPython"),
        "SyntaxError" | "IndentationError" | "NameError" | "UnboundLocalError" | "AttributeError" => {
            Some("not a valid program")
        }
        // Two operands that do not go together are an error at compile time for us.
        "TypeError" => Some("a type error"),
        _ => None,
    }
}

fn same(got: &Outcome, expected: &Outcome) -> bool {
    got == expected
}

const OVERFLOW: &str = "integer overflow";

/// Where native code has no exact integers: our answer is Python's with integers of 64 bits; or, because
/// temporaries may be wider than these, Python's up to where we report that an integer does not fit.
fn agrees_up_to_overflow(got: &Outcome, exact: &Outcome, limited: &Outcome) -> bool {
    let (got, limited) = (normalised(got), normalised(limited));
    if limited.ended.contains("TooSlow") || (got.ended == limited.ended && got.printed == limited.printed) {
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
fn normalised(outcome: &Outcome) -> Outcome {
    const OURS: [&str; 4] = [OVERFLOW, "int too large: ", "does not fit in 64 bits", "64 bits"];
    let cut = |line: &str| match OURS.iter().find(|text| line.contains(**text)) {
        Some(_) => {
            let at = line.find("OverflowError").map_or(0, |at| at + "OverflowError".len());
            format!("{} {OVERFLOW}", &line[..at])
        }
        None => line.to_string(),
    };
    let printed = outcome.printed.lines().map(|line| cut(line) + "\n").collect();
    Outcome { ended: cut(&outcome.ended), printed, said: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(ended: &str, printed: &str) -> Outcome {
        Outcome { ended: ended.into(), printed: printed.into(), said: String::new() }
    }

    #[test]
    fn an_overflow_counts_as_agreement_up_to_its_report() {
        let exact = ended("ok", "1\n2\n3\n");
        let limited = ended("ok", "1\ncaught OverflowError: integer overflow\n");
        let ours = ended("ok", "1\ncaught OverflowError: integer overflow: the result does not fit\n");
        assert!(agrees_up_to_overflow(&ours, &exact, &limited));
        let later = ended("OverflowError: int too large: x", "1\n2\n");
        assert!(agrees_up_to_overflow(&later, &exact, &limited));
        let wrong = ended("OverflowError: int too large: x", "1\n4\n");
        assert!(!agrees_up_to_overflow(&wrong, &exact, &limited));
        assert!(!agrees_up_to_overflow(&ended("ok", "1\n2\n4\n"), &exact, &limited));
    }

    #[test]
    fn what_is_no_measure_is_skipped() {
        assert_eq!(unsuitable(&ended("__main__.TooSlow", "")), Some("CPython takes too long"));
        assert_eq!(unsuitable(&ended("ZeroDivisionError: division by zero", "")), None);
    }
}
