//! CPython as an oracle in a process of its own; the protocol is told in `oracle.py`.

use crate::child::{Lost, Service};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long CPython may take; it limits the processor time of a program itself, well below this.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a program ended and what it printed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// `ok`, `exit N`, or type and message of the uncaught exception.
    pub ended: String,
    /// Standard output.
    pub printed: String,
    /// Standard error: what the program wrote there, and the traceback.
    pub said: String,
}

impl Outcome {
    /// From the fields of an answer.
    pub fn from_json(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_string();
        Self { ended: text("ended"), printed: text("printed"), said: text("said") }
    }

    /// The fields of an answer.
    pub fn to_json(&self) -> Value {
        json!({ "ended": self.ended, "printed": self.printed, "said": self.said })
    }
}

/// How the oracle runs a program; `oracle.py` tells what each means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// As it is.
    Plain,
    /// With integers of 64 bits that raise when they overflow.
    Limited,
    /// As it is, and it is counted how often an integer leaves 64 bits.
    Counting,
    /// As it is, but it ends when an integer becomes huge.
    Guarded,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Mode::Plain => "plain",
            Mode::Limited => "limited",
            Mode::Counting => "counting",
            Mode::Guarded => "guarded",
        }
    }
}

/// A CPython that answers.
pub struct Oracle {
    service: Service,
    /// Its version, as `3.13.0`.
    pub version: String,
    /// The command that starts it.
    pub command: String,
}

impl Oracle {
    /// Starts the first CPython of these names that is new enough.
    pub fn first(names: &[String]) -> Option<Self> {
        names.iter().filter(|name| works(name)).find_map(|name| Self::start(name).ok())
    }

    /// Starts the reference: `PYEXEC_PYTHON`, `python3.13`, `python3`.
    pub fn reference() -> Option<Self> {
        let named = std::env::var("PYEXEC_PYTHON").ok();
        let names: Vec<String> =
            named.into_iter().chain(["python3.13", "python3"].map(String::from)).collect();
        Self::first(&names)
    }

    /// Starts this one.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn start(name: &str) -> Result<Self, Lost> {
        let program = concat!(include_str!("reduce.py"), "\n\n", include_str!("oracle.py"));
        let command = [name, "-X", "utf8", "-W", "ignore", "-c", program].map(String::from).to_vec();
        let mut oracle =
            Self { service: Service::new(command), version: String::new(), command: name.to_string() };
        let answer = oracle.service.ask(&json!({ "ask": "version" }), PATIENCE)?;
        oracle.version = answer["version"].as_str().unwrap_or_default().to_string();
        Ok(oracle)
    }

    /// Whether it is of this minor version, as `3.13`.
    pub fn is(&self, minor: &str) -> bool {
        self.version.strip_prefix(minor).is_some_and(|rest| rest.starts_with('.'))
    }

    /// Runs a program.
    ///
    /// # Errors
    /// If the process died or took too long.
    pub fn run(&mut self, source: &str, mode: Mode) -> Result<Outcome, Lost> {
        self.run_counting(source, mode).map(|(outcome, _)| outcome)
    }

    /// Runs a program; with [`Mode::Counting`], also how often an integer left 64 bits.
    ///
    /// # Errors
    /// If the process died or took too long.
    pub fn run_counting(&mut self, source: &str, mode: Mode) -> Result<(Outcome, u64), Lost> {
        let question = json!({ "ask": "run", "source": source, "mode": mode.name() });
        let answer = self.service.ask(&question, PATIENCE)?;
        Ok((Outcome::from_json(&answer), answer["wide"].as_u64().unwrap_or(0)))
    }

    /// `count` programs smaller than this one, after the first `skip` of them; and whether there are more.
    ///
    /// # Errors
    /// If the process died or took too long.
    pub fn reductions(
        &mut self,
        source: &str,
        skip: usize,
        count: usize,
    ) -> Result<(Vec<String>, bool), Lost> {
        let question = json!({ "ask": "reductions", "source": source, "skip": skip, "count": count });
        let answer = self.service.ask(&question, PATIENCE)?;
        let sources = answer["sources"].as_array().into_iter().flatten();
        let sources = sources.map(|s| s.as_str().unwrap_or_default().to_string()).collect();
        Ok((sources, answer["more"].as_bool().unwrap_or(false)))
    }
}

/// Whether this command is a CPython that understands what we generate.
fn works(name: &str) -> bool {
    let check = ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"];
    Command::new(name).args(check).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
