//! `tidy`: the house rules that a program can check.
//!
//! Every rule reads the same [`Source`]s and adds [`Violation`]s; figures that are not rules (sizes, comment
//! share, budgets) are printed as tables. A rule lives in one file and says there what it enforces.

mod budget;
mod folders;
mod layers;
mod paths;
mod sizes;
mod source;
mod unsafe_code;
mod words;

use crate::{Args, Outcome, repo};
use source::Source;
use std::path::{Path, PathBuf};

/// One broken rule, at a place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Violation {
    file: PathBuf,
    /// Counted from 1; 0 means the file or folder as a whole.
    line: usize,
    message: String,
}

impl Violation {
    fn new(file: impl AsRef<Path>, line: usize, message: impl Into<String>) -> Violation {
        Violation { file: file.as_ref().to_path_buf(), line, message: message.into() }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line.max(1), self.message)
    }
}

/// How much to print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Violations only.
    Violations,
    /// And the tables.
    Tables,
}

/// Tables first and violations last, where the eye ends up.
pub fn command(args: &mut Args) -> Outcome {
    args.finish()?;
    Ok(check(&repo::root()?, Detail::Tables)?)
}

/// Checks everything; whether nothing is violated.
pub fn check(root: &Path, detail: Detail) -> Result<bool, String> {
    let files = repo::files(root);
    let members = repo::members(root)?;
    let sources: Vec<Source> = files.iter().filter_map(|f| Source::read(root, f, &members)).collect();
    let mut violations = layers::check(root, &members)?;
    violations.extend(sizes::check(&sources));
    violations.extend(unsafe_code::check(root, &members, &sources));
    violations.extend(words::check(&sources));
    violations.extend(folders::check(root, &members));
    violations.extend(paths::check(root, &files));
    violations.extend(budget::check(&members, &sources));
    if detail == Detail::Tables {
        sizes::print_distribution(&sources);
        budget::print(&members, &sources);
    }
    violations.sort();
    violations.dedup();
    for violation in &violations {
        println!("{violation}");
    }
    println!("tidy: {} files, {} violations", sources.len(), violations.len());
    Ok(violations.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace of one crate with the given file, and every document that must exist.
    fn workspace(name: &str, lib: &str) -> PathBuf {
        let root = std::env::temp_dir().join(format!("pyexec-tidy-{name}-{}", std::process::id()));
        let write = |file: &str, text: &str| {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\nmembers = [\"base\"]\n");
        write("base/Cargo.toml", "[package]\nname = \"pyexec-base\"\n\n[dependencies]\n");
        write("base/src/lib.rs", lib);
        for document in ["README.md", "ARCHITECTURE.md", "STYLE.md", "RATIONALE.md", "NON-GOALS.md"] {
            write(document, "See `base/src/lib.rs`.\n");
        }
        root
    }

    #[test]
    fn a_clean_workspace_passes_and_each_fault_fails() {
        let clean = workspace("clean", "#![forbid(unsafe_code)]\npub fn f() {}\n");
        assert_eq!(check(&clean, Detail::Tables), Ok(true));
        for (name, lib) in
            [("root", "pub fn f() {}\n"), ("word", "#![forbid(unsafe_code)]\nfn f() { todo!() }\n")]
        {
            let root = workspace(name, lib);
            assert_eq!(check(&root, Detail::Violations), Ok(false), "{name}");
            std::fs::remove_dir_all(root).unwrap();
        }
        std::fs::write(clean.join("STYLE.md"), "See `base/src/gone.rs`.\n").unwrap();
        assert_eq!(check(&clean, Detail::Violations), Ok(false));
        std::fs::remove_dir_all(clean).unwrap();
    }
}
