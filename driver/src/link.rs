//! Shared libraries: by the system's C compiler, which knows where its libraries are.

use crate::Failure;
use crate::failure::plain;
use crate::files;
use crate::targets::TargetRow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Our own runtime, for what compiled code calls beside itself.
pub const RUNTIME_ARCHIVE: &str = "libpyexec_runtime.a";

/// No start-up code: nothing of ours needs it. The runtime does, for what it has to undo when a thread ends.
const BARE: &str = "-nostartfiles";

/// The archive is no part of what a library offers: what is not used can go. Its own needs come last.
const WITH_RUNTIME: &[&str] = &["-Wl,--exclude-libs,ALL", "-lpthread", "-ldl"];

/// Small files: one segment for code and constants, no names that nobody looks up.
const FLAGS: &[&str] = &[
    "-shared",
    "-Wl,--no-undefined",
    "-Wl,--build-id=none",
    "-Wl,--hash-style=gnu",
    "-Wl,-z,noseparate-code",
    "-Wl,-z,relro",
    "-Wl,--gc-sections",
    "-Wl,--as-needed",
    "-s",
];

/// Links objects to a shared library for a target. `runtime` is the archive of helpers, if one is needed.
pub fn shared_library(
    target: &TargetRow,
    objects: &[PathBuf],
    runtime: Option<&Path>,
    output: &Path,
) -> Result<(), Failure> {
    let temporary = files::temporary_beside(output)?;
    let mut command = Command::new(compiler(target));
    command.args(FLAGS).args(objects);
    match runtime {
        Some(archive) => command.arg(archive).args(WITH_RUNTIME),
        None => command.arg(BARE),
    };
    if let Some(name) = output.file_name() {
        let mut soname = OsString::from("-Wl,-soname,");
        soname.push(name);
        command.arg(soname);
    }
    command.args(["-lm", "-o"]).arg(&temporary);
    let result = command.output().map_err(|error| missing(target, &error))?;
    if !result.status.success() {
        // Whatever the linker left is of no use.
        let _ = std::fs::remove_file(&temporary);
        return Err(linker_failed(output, &result));
    }
    files::finish(output, &temporary, Ok(()))
}

/// Of this machine: `$CC`, or `cc`. Of another: `$CC_` and its triple, as Rust's build scripts name it, or GCC as GNU
/// systems name it.
fn compiler(target: &TargetRow) -> OsString {
    let named = std::env::var_os(variable(target)).filter(|cc| !cc.is_empty());
    named.unwrap_or_else(|| if target.is_host { "cc".into() } else { (gnu_name(target) + "-gcc").into() })
}

/// The variable that names the compiler.
fn variable(target: &TargetRow) -> String {
    if target.is_host { "CC".into() } else { format!("CC_{}", target.triple.replace('-', "_")) }
}

/// The triple without its vendor.
fn gnu_name(target: &TargetRow) -> String {
    let parts = target.triple.split('-').enumerate();
    parts.filter(|(index, _)| *index != 1).map(|(_, part)| part).collect::<Vec<_>>().join("-")
}

fn missing(target: &TargetRow, error: &std::io::Error) -> Failure {
    let package = if target.is_host { "gcc".into() } else { format!("gcc-{}", gnu_name(target)) };
    Failure::Io {
        path: PathBuf::from(compiler(target)),
        message: format!("cannot be started: {}", plain(error)),
        help: Some(format!(
            "a shared library needs a C compiler as linker: install one (Debian: apt install {package}), name it by \
             the variable {}, or build an object (.o)",
            variable(target)
        )),
    }
}

fn linker_failed(output: &Path, result: &std::process::Output) -> Failure {
    let said = String::from_utf8_lossy(&result.stderr);
    let said = said.trim();
    Failure::Io {
        path: output.to_owned(),
        message: format!("cannot be linked ({}): {said}", result.status),
        help: None,
    }
}

/// The archive of helpers: beside this program, or in the `lib` folder next to its own; for another machine, in
/// folders there that are named by its triple. Cargo, when it builds only the program, leaves the archive in `deps`
/// under a name of its own; the newest there is then meant.
pub fn runtime_archive(target: &TargetRow) -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    let (cargo, places) = if target.is_host {
        (folder.to_owned(), [folder.to_owned(), folder.join("../lib")])
    } else {
        let cargo = folder.with_file_name(target.triple).join(folder.file_name()?);
        (cargo.clone(), [folder.join(target.triple), folder.join("../lib").join(target.triple)])
    };
    let built = newest(&cargo.join("deps"));
    let stale = |p: &PathBuf| built.as_ref().is_some_and(|b| modified(p) < modified(b));
    let mut places = places.into_iter().chain([cargo]).map(|place| place.join(RUNTIME_ARCHIVE));
    places.find(|p| p.is_file() && !stale(p)).or(built)
}

/// Where users put the archive.
pub fn archive_place(target: &TargetRow) -> String {
    let place = if target.is_host { String::new() } else { format!("in a folder {} ", target.triple) };
    format!("{place}beside pyexec-cg")
}

/// The archive of helpers that was built last, in a folder of cargo's.
fn newest(folder: &Path) -> Option<PathBuf> {
    let (stem, extension) = RUNTIME_ARCHIVE.split_once('.')?;
    let ours = |p: &PathBuf| {
        let name = p.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        p.extension().is_some_and(|e| e == extension) && name.starts_with(stem)
    };
    let entries = std::fs::read_dir(folder).ok()?;
    entries.filter_map(|e| Some(e.ok()?.path())).filter(ours).max_by_key(|p| modified(p))
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    path.metadata().and_then(|m| m.modified()).ok()
}
