//! What the tests of all machines share; they include this folder by its path. Random numbers, outside tools
//! (a test without its tool is skipped by name), and the modules beside this file.
#![allow(dead_code)]

pub mod c_calls;
pub mod native;
pub mod opcodes;
pub mod programs;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// xorshift: deterministic, no dependency.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Whether all tools are there; else says so, to the log of skipped tests as well.
pub fn have(test: &str, tools: &[&str]) -> bool {
    let missing = tools.iter().find(|t| Command::new(t).arg("--version").output().is_err());
    let Some(missing) = missing else { return true };
    println!("SKIPPED {test}: {missing} not found");
    if let Ok(path) = std::env::var("PYEXEC_SKIPPED_LOG")
        && let Ok(mut log) = std::fs::OpenOptions::new().append(true).create(true).open(path)
    {
        let _ = writeln!(log, "{test}: {missing} not found");
    }
    false
}

/// A directory for one test, removed at the end.
pub struct Dir(pub PathBuf);

impl Dir {
    pub fn new(name: &str) -> Self {
        // Tests run side by side: no two directories have one name.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let (id, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let dir = std::env::temp_dir().join(format!("pyexec-{id}-{count}-{name}"));
        std::fs::create_dir_all(&dir).expect("temporary directory");
        Self(dir)
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).expect("write");
        path
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if std::env::var_os("PYEXEC_KEEP").is_none() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Runs a tool that must succeed.
pub fn run(program: &str, args: &[&Path]) -> Output {
    let output = Command::new(program).args(args).output().expect("the tool starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(4000).collect::<String>();
    assert!(
        output.status.success(),
        "{program} {:?}: {}\n{}",
        output.status,
        text(&output.stderr),
        text(&output.stdout)
    );
    output
}
