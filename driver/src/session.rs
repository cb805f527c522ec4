//! What a compilation is asked for, and the files it reads.

use crate::Failure;
use crate::failure::exit;
use crate::files::{self, Source};
use crate::targets::{self, TargetRow};
use pyexec_base::{Diagnostic, SourceFile, SourceMap, Span};
use std::path::{Path, PathBuf};

/// How to compile.
#[derive(Clone)]
pub struct Options {
    /// For which machine and system.
    pub target: &'static TargetRow,
    /// For which processor; by default one that every such machine has.
    pub cpu: Option<String>,
    /// 0..=3.
    pub opt_level: u8,
    /// Whether integers beyond 64 bits are computed; else they raise OverflowError, and what is built needs no
    /// runtime for them.
    pub exact_ints: bool,
    /// Whether to verify the IR after every pass, and every register allocation.
    pub verify: bool,
}

impl Options {
    /// The defaults: this machine, level 2, verification in debug builds.
    pub fn host() -> Result<Self, Failure> {
        Ok(Self {
            target: targets::host()?,
            cpu: None,
            opt_level: 2,
            exact_ints: true,
            verify: cfg!(debug_assertions),
        })
    }

    /// As they are written on the command line.
    pub fn flags(&self) -> String {
        let cpu = self.cpu.as_ref().map(|cpu| format!(" --cpu {cpu}")).unwrap_or_default();
        let ints = if self.exact_ints { "" } else { " --ints checked" };
        format!("-O{} --target {}{cpu}{ints}", self.opt_level, self.target.triple)
    }
}

/// The language of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Python.
    Python,
    /// Our IR, `.pir`.
    Ir,
}

/// A file that has been read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Input {
    /// As the user named it.
    pub path: PathBuf,
    /// What is in it.
    pub language: Language,
    /// Its place among the session's sources.
    file: usize,
}

impl Input {
    /// The index among the session's sources.
    pub fn file(&self) -> usize {
        self.file
    }
}

/// One run of the compiler: options and sources. Positions in diagnostics are relative to its sources.
pub struct Session {
    /// How to compile.
    pub options: Options,
    /// Everything that was read.
    pub sources: SourceMap,
}

impl Session {
    /// A session that has read nothing.
    pub fn new(options: Options) -> Self {
        Self { options, sources: SourceMap::new() }
    }

    /// Reads a file. What does not end in `.pir` is Python.
    pub fn load(&mut self, path: &Path) -> Result<Input, Failure> {
        let name = if path == Path::new("-") { "<stdin>".into() } else { path.display().to_string() };
        match files::read_source(path)? {
            Source::Text(text) => self.add(path, name, text),
            Source::NotText(text, at, byte) => {
                let input = self.add(path, name, text)?;
                let lo = self.source(&input).start() + at as u32;
                let message = format!("the file is not UTF-8: byte 0x{byte:02x} at offset {at}");
                let diagnostic = Diagnostic::error("E0005", Span::new(lo, lo + 1), message);
                Err(diagnostic.help("save it as UTF-8").into())
            }
        }
    }

    /// Takes a text as if it had been read from a file.
    pub fn add(&mut self, path: &Path, name: String, text: String) -> Result<Input, Failure> {
        let is_ir = path.extension().is_some_and(|e| e == "pir");
        let file = self.sources.add(name, text);
        let file =
            file.ok_or_else(|| Failure::io(path, "is too large: all files together have less than 4 GiB"))?;
        let language = if is_ir { Language::Ir } else { Language::Python };
        Ok(Input { path: path.to_owned(), language, file })
    }

    /// The text of an input.
    pub fn source(&self, input: &Input) -> &SourceFile {
        &self.sources.files()[input.file]
    }
}

/// How a program ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exit(pub u8);

impl Exit {
    /// All went well.
    pub const OK: Exit = Exit(exit::OK);
}
