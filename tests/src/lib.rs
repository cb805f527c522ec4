//! What the test suites share: finding tools, running programs, counting what was skipped.
#![forbid(unsafe_code)]

pub mod native;
pub mod suite;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The compiler's binary, built by the same `cargo test --workspace`; built now if it is not there.
pub fn pyexec_cg() -> PathBuf {
    let test = std::env::current_exe().unwrap_or_default();
    let profile = test.parent().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
    let binary = profile.join("pyexec-cg");
    if !binary.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "pyexec-cli"]).current_dir(root());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.status().map(|s| s.success());
        assert!(matches!(built, Ok(true)), "cannot build pyexec-cg");
    }
    binary
}

/// A CPython to compare with: `PYEXEC_PYTHON`, `python3.13` or `python3`, if at least 3.10.
pub fn python() -> Option<String> {
    let named = std::env::var("PYEXEC_PYTHON").ok();
    named.into_iter().chain(["python3.13", "python3"].map(String::from)).find(|name| {
        let check = "import sys; sys.exit(sys.version_info < (3, 10))";
        run(name, ["-c", check], b"").is_some_and(|r| r.status == Some(0))
    })
}

/// Whether `python` is 3.13, whose texts are the reference.
pub fn is_reference(python: &str) -> bool {
    let check = "import sys; sys.exit(sys.version_info[:2] != (3, 13))";
    run(python, ["-c", check], b"").is_some_and(|r| r.status == Some(0))
}

/// What a program did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ran {
    /// Exit status; `None` after a signal.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs a program to its end; `None` if it cannot be started.
pub fn run<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    args: impl IntoIterator<Item = A>,
    stdin: &[u8],
) -> Option<Ran> {
    let mut child = Command::new(program)
        .args(args)
        .current_dir(root())
        // What `import pyexec` is to CPython.
        .env("PYTHONPATH", root().join("tests/shim"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // A program that does not read its input closes the pipe; that is its right.
    let _ = child.stdin.take().map(|mut pipe| pipe.write_all(stdin));
    let output = child.wait_with_output().ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(Ran { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) })
}

/// Notes a test that cannot run here: printed, and counted by `cargo xtask test`.
pub fn skip(test: &str, reason: &str) {
    println!("SKIPPED {test}: {reason}");
    if let Some(log) = std::env::var_os("PYEXEC_SKIPPED_LOG")
        && let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(log)
    {
        let _ = writeln!(file, "{test}: {reason}");
    }
}

/// The files with this extension in a folder of the repository, sorted.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|p| p.extension() == Some(OsStr::new(extension))).collect();
    found.sort();
    found
}
