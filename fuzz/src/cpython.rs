//! CPython as an oracle in a process of its own; the protocol is told in `oracle.py`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// How a program ended and what it printed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// `ok`, or type and message of the uncaught exception.
    pub ended: String,
    /// Standard output.
    pub printed: String,
}

/// A running CPython.
pub struct Oracle {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the first CPython found: `PYEXEC_PYTHON`, `python3.13`, `python3`.
    pub fn start() -> Option<Self> {
        let named = std::env::var("PYEXEC_PYTHON").ok();
        let names = named.into_iter().chain(["python3.13", "python3"].map(String::from));
        names.filter(|name| works(name)).find_map(|name| Self::spawn(&name))
    }

    fn spawn(name: &str) -> Option<Self> {
        let mut command = Command::new(name);
        command.args(["-W", "ignore", "-c", include_str!("oracle.py")]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let requests = child.stdin.take()?;
        let answers = BufReader::new(child.stdout.take()?);
        Some(Self { child, requests, answers })
    }

    /// Runs one program: as it is, and with integers of 64 bits that raise when they overflow.
    ///
    /// # Errors
    /// If the process died.
    pub fn run(&mut self, source: &str) -> std::io::Result<(Outcome, Outcome)> {
        write!(self.requests, "{}\n{source}", source.len())?;
        self.requests.flush()?;
        Ok((self.answer()?, self.answer()?))
    }

    fn answer(&mut self) -> std::io::Result<Outcome> {
        let mut length = String::new();
        self.answers.read_line(&mut length)?;
        let length: usize = length.trim().parse().map_err(std::io::Error::other)?;
        let mut reply = vec![0; length];
        self.answers.read_exact(&mut reply)?;
        let reply = String::from_utf8_lossy(&reply);
        let (ended, printed) = reply.split_once('\n').unwrap_or((&reply, ""));
        Ok(Outcome { ended: ended.to_string(), printed: printed.to_string() })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether this command is a CPython that understands what we generate.
fn works(name: &str) -> bool {
    let check = ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"];
    Command::new(name).args(check).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}
