//! Nothing in the repository may tell about one machine: no absolute paths of somebody's folders, no package
//! registry but the public one.

use super::Violation;
use std::path::{Path, PathBuf};

/// Folders that exist on one machine only. Written in halves, so that this file passes its own rule.
const MACHINE: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
/// What chooses another registry.
const REGISTRY: &[&str] = &[
    concat!("replace", "-with"),
    concat!("index", "-url"),
    concat!("[regis", "tries"),
    concat!("sparse", "+http"),
];
const PUBLIC: &str = "registry+https://github.com/rust-lang/crates.io-index";

const TEXT: &[&str] =
    &["rs", "md", "toml", "py", "c", "h", "txt", "sh", "yml", "yaml", "pir", "ra", "json", "html", ""];

/// Looks through every text file under version control.
pub fn check(root: &Path, files: &[PathBuf]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in files {
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or("");
        if file.as_os_str() == "Cargo.lock" {
            violations.extend(check_lock(root, file));
        } else if TEXT.contains(&extension) {
            let Ok(text) = std::fs::read_to_string(root.join(file)) else { continue };
            violations.extend(check_text(file, &text));
        }
    }
    violations
}

fn check_text(file: &Path, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for path in MACHINE.iter().filter(|path| has_path(line, path)) {
            violations.push(Violation::new(file, number + 1, format!("path of one machine: `{path}`")));
        }
        for word in REGISTRY.iter().filter(|word| line.contains(**word)) {
            violations.push(Violation::new(file, number + 1, format!("another package registry: `{word}`")));
        }
    }
    violations
}

/// Whether an absolute path starts here: not in the middle of a longer one, nor in an address of the web.
fn has_path(line: &str, path: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "._-~*}>)$".contains(c);
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(inside))
}

/// Each package of the lock file must come from the public registry, or from this workspace.
fn check_lock(root: &Path, file: &Path) -> Vec<Violation> {
    let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
    let foreign = |line: &str| line.starts_with("source = ") && !line.contains(PUBLIC);
    let lines = text.lines().enumerate().filter(|(_, line)| foreign(line));
    lines.map(|(number, _)| Violation::new(file, number + 1, "a package of another registry")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_found_where_they_start() {
        let lines = format!("cd {}x\nsee frame{}y\nok\n", MACHINE[0], MACHINE[0]);
        let found = check_text(Path::new("a.md"), &lines);
        assert_eq!(found.iter().map(|v| v.line).collect::<Vec<_>>(), [1]);
        assert_eq!(check_text(Path::new("a.toml"), &format!("{} = \"x\"", REGISTRY[0])).len(), 1);
    }
}
