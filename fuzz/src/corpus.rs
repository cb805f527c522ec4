//! A folder of programs that are tried first: those that failed, and those that use something new.
//!
//! ```text
//! DIR/failing/python-123.py    a minimal program, ready to become a test; python-123.txt tells what differs
//! DIR/failing/ir-7.pir
//! DIR/interesting/45.py        it used a pair of opcodes, or a helper, that no program before it used
//! ```
//!
//! Any other `.py` below the folder is replayed as well.

use pyexec_driver::Failure;
use std::path::{Path, PathBuf};

/// How many interesting programs are kept.
const INTERESTING: usize = 400;

/// The folder.
pub struct Corpus {
    dir: PathBuf,
    interesting: usize,
}

impl Corpus {
    /// Makes the folder if it is not there.
    ///
    /// # Errors
    /// If it cannot be made, or nothing can be written there.
    pub fn open(dir: &Path) -> Result<Self, Failure> {
        for dir in [dir.join("failing"), dir.join("interesting")] {
            std::fs::create_dir_all(&dir).map_err(|error| Failure::os(&dir, "made", &error))?;
            let probe = dir.join(".probe");
            std::fs::write(&probe, "").map_err(|error| Failure::os(&dir, "written", &error))?;
            let _ = std::fs::remove_file(&probe);
        }
        let mut corpus = Self { dir: dir.to_owned(), interesting: 0 };
        corpus.interesting = files(&dir.join("interesting")).len();
        Ok(corpus)
    }

    /// The Python programs in it, by name.
    pub fn programs(&self) -> Vec<(PathBuf, String)> {
        let sources = files(&self.dir).into_iter();
        sources.filter_map(|file| std::fs::read_to_string(&file).ok().map(|text| (file, text))).collect()
    }

    /// Keeps a program that uses something new, unless there are enough of them.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_interesting(&mut self, seed: u64, source: &str) -> Result<(), Failure> {
        if self.interesting >= INTERESTING {
            return Ok(());
        }
        self.interesting += 1;
        write(&self.dir.join("interesting").join(format!("{seed}.py")), source)
    }

    /// Keeps a program that failed, with what is to be said of it; where.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_failing(&self, name: &str, text: &str, details: &str) -> Result<PathBuf, Failure> {
        let path = self.dir.join("failing").join(name);
        write(&path, text)?;
        write(&path.with_extension("txt"), details)?;
        Ok(path)
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    pyexec_driver::write_file(path, text.as_bytes())
}

/// The Python files below a folder, sorted.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|e| e == "py") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_again() {
        let dir = std::env::temp_dir().join(format!("pyexec-corpus-{}", std::process::id()));
        let mut corpus = Corpus::open(&dir).expect("a folder for temporary files");
        corpus.keep_interesting(7, "print(1)\n").expect("written");
        let path = corpus.keep_failing("python-8.py", "print(2)\n", "why\n").expect("written");
        assert!(path.with_extension("txt").exists());
        let texts: Vec<String> = corpus.programs().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["print(2)\n", "print(1)\n"]);
        std::fs::remove_dir_all(&dir).expect("it is ours");
        let file = std::env::temp_dir().join(format!("pyexec-no-corpus-{}", std::process::id()));
        std::fs::write(&file, "").expect("written");
        assert!(Corpus::open(&file).is_err());
        std::fs::remove_file(&file).expect("it is ours");
    }
}
