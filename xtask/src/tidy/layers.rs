//! The layer rule: a crate depends only on crates of lower layers; siblings never depend on each other.
//!
//! ```text
//! 6  cli
//! 5  python  capi  tests  fuzz  xtask  benches
//! 4  driver
//! 3  frontend  opt  isa-*  emit-elf-macho-pe  runtime
//! 2  codegen
//! 1  ir  regalloc
//! 0  base
//! ```
//!
//! Dev-dependencies may also come from the same layer: a test may compare siblings. Crates in [`OUTSIDE`] may
//! use only the named crates from outside the workspace; their dev-dependencies are free.

use super::Violation;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("ir", 1),
    ("regalloc", 1),
    ("codegen", 2),
    ("frontend", 3),
    ("opt", 3),
    ("isa-x86_64", 3),
    ("isa-aarch64", 3),
    ("emit-elf-macho-pe", 3),
    ("runtime", 3),
    ("driver", 4),
    ("cli", 6),
    ("python", 5),
    ("capi", 5),
    ("tests", 5),
    ("fuzz", 5),
    ("xtask", 5),
    ("benches", 5),
];

/// Crates that must stay small and quick to build, and what they may use beside the standard library.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("ir", &[]),
    ("opt", &[]),
    ("codegen", &[]),
    ("regalloc", &["regalloc2"]),
    ("xtask", &[]),
];

const PREFIX: &str = "pyexec-";

fn layer(folder: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == folder).map(|(_, layer)| *layer)
}

/// A line of a `[dependencies]`, `[build-dependencies]` or `[dev-dependencies]` table.
struct Dependency {
    name: String,
    line: usize,
    dev: bool,
}

/// Checks the manifest of every member.
pub fn check(root: &Path, members: &[String]) -> Result<Vec<Violation>, String> {
    let mut violations = Vec::new();
    for member in members {
        let file = PathBuf::from(member).join("Cargo.toml");
        let text =
            std::fs::read_to_string(root.join(&file)).map_err(|e| format!("{}: {e}", file.display()))?;
        violations.extend(check_manifest(&file, member, &text));
    }
    Ok(violations)
}

/// The name, the layer, and each dependency of one manifest.
fn check_manifest(file: &Path, member: &str, text: &str) -> Vec<Violation> {
    let Some(own) = layer(member) else {
        return vec![Violation::new(file, 1, format!("`{member}` has no layer: add it to the layer table"))];
    };
    let mut violations = Vec::new();
    if package_name(text) != Some(format!("{PREFIX}{member}")) {
        violations.push(Violation::new(file, 1, format!("the package name must be `{PREFIX}{member}`")));
    }
    for dependency in dependencies(text) {
        if let Some(message) = fault(member, own, &dependency) {
            violations.push(Violation::new(file, dependency.line, message));
        }
    }
    violations
}

/// What is wrong with a dependency, if anything.
fn fault(member: &str, own: u8, dependency: &Dependency) -> Option<String> {
    let name = &dependency.name;
    let Some(folder) = name.strip_prefix(PREFIX) else {
        let allowed: BTreeMap<_, _> = OUTSIDE.iter().copied().collect();
        let allowed = allowed.get(member)?;
        let forbidden = !dependency.dev && !allowed.contains(&name.as_str());
        return forbidden
            .then(|| format!("`{member}` may not depend on `{name}` from outside the workspace"));
    };
    match layer(folder) {
        None => Some(format!("`{name}` has no layer: add it to the layer table")),
        Some(other) if other < own || (dependency.dev && other == own) => None,
        Some(other) if other == own => Some(format!("`{member}` and `{folder}` are siblings of layer {own}")),
        Some(other) => Some(format!("`{member}` (layer {own}) may not use `{folder}` (layer {other})")),
    }
}

/// The `name` of the `[package]` table.
fn package_name(text: &str) -> Option<String> {
    let package = text.split("[package]").nth(1)?;
    let line = package.lines().map(str::trim).find(|l| l.starts_with("name"))?;
    Some(line.split('"').nth(1)?.to_string())
}

/// Reads the dependency tables: `name = ...`, `name.workspace = true`, `[dependencies.name]`.
fn dependencies(text: &str) -> Vec<Dependency> {
    let (mut found, mut table) = (Vec::new(), None);
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']').trim_matches('[');
            let dev = header.contains("dev-dependencies");
            let last = header.rsplit('.').next().unwrap_or("");
            table = last.ends_with("dependencies").then_some(dev);
            if table.is_none() && header.contains("dependencies.") {
                found.push(Dependency { name: last.trim_matches('"').into(), line: number + 1, dev });
            }
        } else if let (Some(dev), Some((key, _))) = (table, line.split_once('=')) {
            let name = key.split('.').next().unwrap_or("").trim().trim_matches('"');
            found.push(Dependency { name: name.into(), line: number + 1, dev });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(member: &str, body: &str) -> Vec<String> {
        let text = format!("[package]\nname = \"pyexec-{member}\"\n\n{body}");
        let found = check_manifest(Path::new("x/Cargo.toml"), member, &text);
        found.into_iter().map(|v| format!("{}: {}", v.line, v.message)).collect()
    }

    #[test]
    fn lower_layers_are_fine_and_siblings_are_not() {
        assert!(messages("opt", "[dependencies]\npyexec-ir.workspace = true\n").is_empty());
        let sibling = messages("opt", "[dependencies]\npyexec-frontend = { path = \"../frontend\" }\n");
        assert_eq!(sibling, ["5: `opt` and `frontend` are siblings of layer 3"]);
        let upward = messages("ir", "[dependencies.pyexec-codegen]\nworkspace = true\n");
        assert_eq!(upward, ["4: `ir` (layer 1) may not use `codegen` (layer 2)"]);
        assert_eq!(messages("ir", "[dev-dependencies]\npyexec-regalloc.workspace = true\n"), [""; 0]);
        assert_eq!(messages("ir", "[dev-dependencies]\npyexec-opt.workspace = true\n").len(), 1);
    }

    #[test]
    fn the_core_uses_the_standard_library_only() {
        assert!(messages("regalloc", "[dependencies]\nregalloc2.workspace = true\n").is_empty());
        assert_eq!(messages("codegen", "[dependencies]\nregalloc2.workspace = true\n").len(), 1);
        assert!(messages("codegen", "[dev-dependencies]\nproptest.workspace = true\n").is_empty());
        assert_eq!(messages("nonsense", "").len(), 1);
    }
}
