//! The project's own commands, run as `cargo xtask <command>`: checks of the house rules, the test run,
//! benches, fuzzing, and files that are derived from others. Standard library only, so that it builds at
//! once.
#![forbid(unsafe_code)]

mod bench;
mod derived;
mod emulated;
mod fuzz;
mod repo;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask <command> [options]

Commands:
  tidy                      check layers, sizes, unsafe code, forbidden words; print figures
  test [--quick|--emulated] find test tools, run tidy and every test; --quick: unit tests only; --emulated:
                            the compiler as an AArch64 program under qemu-aarch64 only
  fuzz [options]            build the compiler in release mode and run `pyexec-cg fuzz` with these options
  bench [--kernels a,b] [--runs N] [--no-python] [--peer NAME=PROGRAM] [--save]
                            run-time table against gcc -O2, CPython, Numba and another compiler, which is run
                            as PROGRAM kernel.py SIZE; --save: also docs/bench.md
  bench --aarch64 [--kernels a,b]
                            static and executed instructions of AArch64 code against gcc -O2, under qemu
  bench --exactness [--kernels a,b] [--runs N]
                            what exact integers cost beside wrapping ones, and wide arithmetic beside C
  bless-examples [--check]  rewrite examples/expected with CPython 3.13; --check: only compare
  docs [--check]            rewrite the reference pages that pyexec-cg prints; --check: only compare
  help                      this text

Exit status: 0 fine, 1 a check or test failed, 2 wrong usage.
";

/// How a command ends when it cannot go on.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong: exit status 2.
    Usage(String),
    /// Something failed that is not a violation or a failed test, as a missing tool: exit status 1.
    Stopped(String),
}

impl From<String> for Failure {
    fn from(message: String) -> Failure {
        Failure::Stopped(message)
    }
}

/// Whether the checks or tests of a command passed.
pub type Outcome = Result<bool, Failure>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Failure::Stopped(message)) => {
            eprintln!("xtask: {message}");
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            eprintln!("xtask: {message}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

/// Help is asked for anywhere on the line: `cargo xtask bench --help` prints the same text.
fn dispatch(args: &[String]) -> Outcome {
    let Some((command, rest)) = args.split_first() else {
        return Err(Failure::Usage("no command".into()));
    };
    if matches!(command.as_str(), "help" | "--help" | "-h") || rest.iter().any(|a| a == "--help" || a == "-h")
    {
        print!("{HELP}");
        return Ok(true);
    }
    match command.as_str() {
        "tidy" => tidy::command(&mut Args::new(rest)),
        "test" => test::command(&mut Args::new(rest)),
        "fuzz" => fuzz::command(&mut Args::new(rest)),
        "bench" => bench::command(&mut Args::new(rest)),
        "bless-examples" => derived::bless_examples(&mut Args::new(rest)),
        "docs" => derived::docs(&mut Args::new(rest)),
        other => Err(Failure::Usage(format!("unknown command `{other}`"))),
    }
}

/// The options of one command; each is taken once, and what is left over at the end is an error.
pub struct Args {
    left: Vec<String>,
}

impl Args {
    fn new(args: &[String]) -> Args {
        Args { left: args.to_vec() }
    }

    /// Whether a flag is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.left.len();
        self.left.retain(|a| a != name);
        self.left.len() < before
    }

    /// The text of `--name value` or `--name=value`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let prefix = format!("{name}=");
        let Some(at) = self.left.iter().position(|a| a == name || a.starts_with(&prefix)) else {
            return Ok(None);
        };
        let arg = self.left.remove(at);
        if let Some(text) = arg.strip_prefix(&prefix) {
            return Ok(Some(text.to_string()));
        }
        if at >= self.left.len() {
            return Err(Failure::Usage(format!("{name} needs a value")));
        }
        Ok(Some(self.left.remove(at)))
    }

    /// The number of `--name N`, or the default.
    pub fn number(&mut self, name: &str, default: u64) -> Result<u64, Failure> {
        match self.value(name)? {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| Failure::Usage(format!("{name}: `{text}` is not a number")))
            }
        }
    }

    /// Whatever no option has taken.
    pub fn rest(&mut self) -> Vec<String> {
        std::mem::take(&mut self.left)
    }

    /// An error for whatever no option has taken.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.left.first() {
            None => Ok(()),
            Some(arg) => Err(Failure::Usage(format!("unexpected argument `{arg}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args::new(&words.iter().map(|w| w.to_string()).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_taken_in_both_spellings_and_leftovers_are_errors() {
        let mut a = args(&["--runs", "3", "--save", "--kernels=fib,tak"]);
        assert_eq!(a.number("--runs", 1).unwrap(), 3);
        assert_eq!(a.value("--kernels").unwrap().as_deref(), Some("fib,tak"));
        assert!(a.flag("--save") && !a.flag("--save"));
        assert!(a.finish().is_ok());
        assert!(args(&["--what"]).finish().is_err());
        assert!(args(&["--runs"]).number("--runs", 1).is_err());
        assert!(args(&["--runs", "x"]).number("--runs", 1).is_err());
    }

    #[test]
    fn an_unknown_command_is_wrong_usage() {
        assert!(matches!(dispatch(&["frobnicate".into()]), Err(Failure::Usage(_))));
        assert!(matches!(dispatch(&[]), Err(Failure::Usage(_))));
    }
}
