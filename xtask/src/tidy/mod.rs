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
