//! Why a job did not finish, and the exit status that says so.

use pyexec_base::{Diagnostic, Severity};
use std::fmt;
use std::path::{Path, PathBuf};

/// Exit statuses of the command line, as `pyexec-cg --help` lists them.
pub mod exit {
    /// All went well.
    pub const OK: u8 = 0;
    /// The program is wrong, or it ended with an uncaught exception.
    pub const PROGRAM: u8 = 1;
    /// The command line is wrong.
    pub const USAGE: u8 = 2;
    /// Valid Python that is not compiled (yet).
    pub const UNSUPPORTED: u8 = 3;
    /// A test failed: `fuzz` found a difference.
    pub const TEST: u8 = 4;
    /// A bug of the compiler.
    pub const INTERNAL: u8 = 70;
    /// A file could not be read or written, or a tool could not be started.
    pub const IO: u8 = 74;
}

/// Why a job did not finish.
#[derive(Clone, Debug)]
pub enum Failure {
    /// What the program's author has to change; not empty.
    Program(Vec<Diagnostic>),
    /// What the caller asked for makes no sense.
    Usage(String),
    /// A file or a tool.
    Io {
        /// Which file.
        path: PathBuf,
        /// What was wrong with it, as a clause: `is a directory`.
        message: String,
        /// What the user could do.
        help: Option<String>,
    },
    /// Our own fault.
    Internal(Bug),
}

/// A bug of the compiler, with what is needed to look into it.
#[derive(Clone, Debug)]
pub struct Bug {
    /// After which stage or pass it showed.
    pub stage: String,
    /// What showed, one line each.
    pub details: Vec<String>,
    /// Where the last good module was written, and the command that replays the fault.
    pub replay: Option<(PathBuf, String)>,
}

impl Failure {
    /// A file that could not be read or written.
    pub fn io(path: &Path, message: impl Into<String>) -> Self {
        Self::Io { path: path.to_owned(), message: message.into(), help: None }
    }

    /// As [`Failure::io`], from the system's error.
    pub fn os(path: &Path, verb: &str, error: &std::io::Error) -> Self {
        Self::io(path, format!("cannot be {verb}: {}", plain(error)))
    }

    /// A bug without a module.
    pub fn bug(stage: impl Into<String>, details: Vec<String>) -> Self {
        Self::Internal(Bug { stage: stage.into(), details, replay: None })
    }

    /// The exit status.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Program(all) if all.iter().any(|d| d.severity == Severity::Error) => exit::PROGRAM,
            Failure::Program(_) => exit::UNSUPPORTED,
            Failure::Usage(_) => exit::USAGE,
            Failure::Io { .. } => exit::IO,
            Failure::Internal(_) => exit::INTERNAL,
        }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::Program(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Failure::Program(diagnostics)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Program(all) => {
                let lines: Vec<_> = all.iter().map(|d| d.message.as_str()).collect();
                f.write_str(&lines.join("\n"))
            }
            Failure::Usage(message) => f.write_str(message),
            Failure::Io { path, message, .. } => write!(f, "{}: {message}", path.display()),
            Failure::Internal(bug) => write!(f, "{bug}"),
        }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "internal error in {}", self.stage)?;
        for line in &self.details {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

/// The system's words without Rust's ` (os error 2)`.
pub fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let cut = text.find(" (os error").unwrap_or(text.len());
    let mut words: String = text[..cut].to_owned();
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyexec_base::Span;

    #[test]
    fn only_unsupported_constructs_have_their_own_status() {
        let unsupported = Diagnostic::unsupported("U0001", Span::new(0, 1), "no");
        let error = Diagnostic::error("E0001", Span::new(0, 1), "wrong");
        assert_eq!(Failure::from(unsupported.clone()).exit_code(), exit::UNSUPPORTED);
        assert_eq!(Failure::from(vec![unsupported, error]).exit_code(), exit::PROGRAM);
    }

    #[test]
    fn system_errors_lose_their_number() {
        let error = std::io::Error::from_raw_os_error(2);
        assert_eq!(plain(&error), "no such file or directory");
    }
}
