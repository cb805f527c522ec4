//! What must be where: `isa-*` crates with identical file names, and documents whose paths exist.

use super::Violation;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The files (or folders) of every target's `src`.
const ISA_MODULES: &[&str] = &["lib", "regs", "abi", "inst", "lower", "encode", "print", "frame"];
const ISA_NOTES: &str = "NOTES.md";

/// Documents, and how many lines each may have.
const DOCUMENTS: &[(&str, usize)] =
    &[("README.md", 60), ("ARCHITECTURE.md", 250), ("STYLE.md", 0), ("RATIONALE.md", 0), ("NON-GOALS.md", 0)];

/// Targets first, then documents.
pub fn check(root: &Path, members: &[String]) -> Vec<Violation> {
    let mut violations = Vec::new();
    let isas: Vec<&String> = members.iter().filter(|m| m.starts_with("isa-")).collect();
    for isa in &isas {
        violations.extend(check_isa(root, isa));
    }
    for pair in isas.windows(2) {
        for name in modules(root, pair[0]).symmetric_difference(&modules(root, pair[1])) {
            let message = format!("`{name}` is in one of {} and {} only", pair[0], pair[1]);
            violations.push(Violation::new(PathBuf::from(pair[0]).join("src"), 0, message));
        }
    }
    for (document, limit) in DOCUMENTS {
        violations.extend(check_document(root, document, *limit));
    }
    violations
}

/// The names in a crate's `src`, files without their extension.
fn modules(root: &Path, member: &str) -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir(root.join(member).join("src")) else { return BTreeSet::new() };
    let names = entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned());
    names.map(|n| n.trim_end_matches(".rs").to_string()).collect()
}

/// What a target lacks of the common set.
fn check_isa(root: &Path, member: &str) -> Vec<Violation> {
    let present = modules(root, member);
    let mut absent: Vec<String> = ISA_MODULES
        .iter()
        .filter(|m| !present.contains(**m))
        .map(|m| format!("src/{m}.rs or src/{m}/"))
        .collect();
    if !root.join(member).join(ISA_NOTES).is_file() {
        absent.push(ISA_NOTES.into());
    }
    absent
        .iter()
        .map(|what| Violation::new(member, 0, format!("every target has {what}; it is missing")))
        .collect()
}

/// A document must exist, keep to its length, and name no path that is gone.
fn check_document(root: &Path, document: &str, limit: usize) -> Vec<Violation> {
    let Ok(text) = std::fs::read_to_string(root.join(document)) else {
        return vec![Violation::new(document, 0, "this document is missing")];
    };
    let mut violations = Vec::new();
    let lines = text.lines().count();
    if limit > 0 && lines > limit {
        violations.push(Violation::new(document, 0, format!("{lines} lines, at most {limit}")));
    }
    for (number, path) in quoted_paths(&text) {
        if !root.join(&path).exists() {
            violations.push(Violation::new(document, number, format!("`{path}` does not exist")));
        }
    }
    violations
}

/// What looks like a path of this repository between backquotes: it has a `/` or a known extension, and
/// neither a placeholder nor a blank. `src/x.rs:12` counts without its line.
fn quoted_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for quoted in line.split('`').skip(1).step_by(2) {
            let path = quoted.split(':').next().unwrap_or("");
            if is_path(quoted, path) {
                found.push((number + 1, path.to_string()));
            }
        }
    }
    found
}

/// A name without a folder, as `main.rs`, says nothing about where it is and is left alone.
fn is_path(quoted: &str, path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let known = [".rs", ".md", ".toml", ".py", ".pir"].iter().any(|e| path.ends_with(e));
    let rooted = path.starts_with(['/', '.', '-']) && !path.starts_with(".ci/");
    let in_folder = path.find('/').is_some_and(|at| at > 0) && path != "and/or" && !path.contains("//");
    path.chars().all(plain) && !quoted.contains("::") && !rooted && in_folder && (known || path.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_quotations() {
        let text = "See `ir/src/opcode.rs:12`, `cargo xtask`, `isa-*/src`, `a::b`, `-O2`, `.ci/run`, `<x>/y`.\n```\n`no/path`\n```\n";
        let paths: Vec<String> = quoted_paths(text).into_iter().map(|(_, p)| p).collect();
        assert_eq!(paths, ["ir/src/opcode.rs", ".ci/run"]);
    }
}
