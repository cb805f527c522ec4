//! The outside tools that tests use as oracles: found on this machine, installed where that is possible and
//! allowed, and otherwise named together with what is skipped without them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// One outside tool.
struct Tool {
    name: &'static str,
    /// The Debian package that has it.
    package: &'static str,
    /// What cannot be checked without it.
    used_for: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool { name: "gcc", package: "gcc", used_for: "calls between C and compiled code, linking, the benches" },
    Tool { name: "as", package: "binutils", used_for: "printed assembly assembled again, to the same bytes" },
    Tool {
        name: "aarch64-linux-gnu-gcc",
        package: "gcc-aarch64-linux-gnu",
        used_for: "AArch64 code called by C and calling it, its listings assembled again",
    },
    Tool { name: "qemu-aarch64", package: "qemu-user", used_for: "AArch64 code run" },
    Tool {
        name: "clang",
        package: "clang",
        used_for: "AArch64 code for Apple's systems and Windows called by C, its listings assembled",
    },
];

/// A CPython that works.
#[derive(Clone, Debug)]
pub struct Python {
    pub path: PathBuf,
    /// As (3, 13).
    pub version: (u32, u32),
}

/// The version whose behaviour is the reference.
pub const REFERENCE: (u32, u32) = (3, 13);

/// Runs a command with its output thrown away; whether it could be run and succeeded.
fn succeeds(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|s| s.success())
}

/// The interpreter's own account of itself. A name on the PATH is not enough: version managers put launchers
/// there that exist for every version and work for one.
fn probe(candidate: &str) -> Option<Python> {
    let script = "import sys; print(*sys.version_info[:2], sys.executable)";
    let out = Command::new(candidate).args(["-c", script]).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(out.stdout).ok().filter(|_| out.status.success())?;
    let mut words = text.trim().splitn(3, ' ');
    let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Python { path: PathBuf::from(words.next()?), version })
}

/// The best CPython at hand: `PYEXEC_PYTHON`, 3.13 by name, 3.13 of a version manager, any other.
pub fn python() -> Option<Python> {
    let named = std::env::var("PYEXEC_PYTHON").ok();
    let mut candidates: Vec<String> = named.into_iter().chain(["python3.13".to_string()]).collect();
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv")));
    if let Some(entries) = pyenv.and_then(|dir| std::fs::read_dir(dir.join("versions")).ok()) {
        let mut found: Vec<PathBuf> = entries.flatten().map(|e| e.path().join("bin/python3.13")).collect();
        found.retain(|p| p.exists());
        found.sort();
        candidates.extend(found.iter().map(|p| p.to_string_lossy().into_owned()));
    }
    candidates.push("python3".into());
    candidates.iter().find_map(|c| probe(c))
}

/// CPython 3.13, or why not.
pub fn reference_python() -> Result<Python, String> {
    match python() {
        Some(p) if p.version == REFERENCE => Ok(p),
        Some(p) => Err(format!("CPython 3.13 is needed; found {}.{} only", p.version.0, p.version.1)),
        None => Err("CPython 3.13 is needed; no working python3 found".into()),
    }
}

/// What is not here: name, package, and what is skipped without it.
fn missing() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut list = Vec::new();
    if python().is_none() {
        list.push((
            "python3",
            "python3",
            "every comparison with CPython (recorded outputs are still checked)",
        ));
    }
    for tool in TOOLS {
        if !succeeds(tool.name, &["--version"]) {
            list.push((tool.name, tool.package, tool.used_for));
        }
    }
    list
}

/// Installs what is missing if we may, and says plainly what stays missing.
pub fn prepare() {
    let absent = missing();
    if !absent.is_empty() && may_install() {
        let packages: Vec<&str> = absent.iter().map(|(_, package, _)| *package).collect();
        println!("installing {}", packages.join(" "));
        // One by one after the first failure: an unknown package must not keep the others away.
        let all: Vec<&str> = ["install", "-y", "-q"].iter().chain(&packages).copied().collect();
        if !succeeds("apt-get", &all) {
            succeeds("apt-get", &["update", "-q"]);
            for package in &packages {
                succeeds("apt-get", &["install", "-y", "-q", package]);
            }
        }
    }
    for (name, _, used_for) in missing() {
        println!("missing tool {name}: skipped without it: {used_for}");
    }
    match python() {
        Some(p) if p.version != REFERENCE => {
            println!(
                "the CPython at hand is {}.{}, not 3.13: tests that need 3.13 skip",
                p.version.0, p.version.1
            );
        }
        _ => {}
    }
}

/// Only root installs, and only where apt-get is: anywhere else it would ask, fail, or change a machine
/// unasked.
fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0");
    root && succeeds("apt-get", &["--version"])
}

/// Makes a command see the interpreter that we chose, under the names by which tests look for it.
pub fn with_python(command: &mut Command) {
    let Some(python) = python() else { return };
    command.env("PYEXEC_PYTHON", &python.path);
    if let Some(dir) = python.path.parent() {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let dirs = std::iter::once(dir.to_path_buf()).chain(std::env::split_paths(&old));
        if let Ok(path) = std::env::join_paths(dirs) {
            command.env("PATH", path);
        }
    }
}
