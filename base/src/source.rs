//! Source files and positions in them.
//!
//! Every file of a compilation occupies its own range of one global offset space, so a position is a
//! single `u32` and needs no file id beside it.

use std::fmt;
use std::path::PathBuf;

/// A half-open range `lo..hi` of global byte offsets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Span {
    /// The range `lo..hi`.
    pub const fn new(lo: u32, hi: u32) -> Self {
        Self { lo, hi }
    }

    /// Where the range begins, as an instruction carries it.
    pub const fn loc(self) -> Loc {
        Loc::at(self.lo)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.lo, self.hi)
    }
}

/// Where an instruction comes from: a global byte offset, or unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Loc(u32);

impl Loc {
    /// No source position.
    pub const UNKNOWN: Loc = Loc(0);

    /// The position at a global byte offset.
    pub const fn at(offset: u32) -> Self {
        Loc(offset + 1)
    }

    /// The global byte offset, unless unknown.
    pub const fn offset(self) -> Option<u32> {
        self.0.checked_sub(1)
    }
}

impl fmt::Debug for Loc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset() {
            Some(offset) => write!(f, "@{offset}"),
            None => f.write_str("@?"),
        }
    }
}

/// A position as people count: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourcePos<'a> {
    /// The file as it was named by the user.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file's name and text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    path: PathBuf,
    text: String,
    start: u32,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// The name as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path that was read.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The global offset of the first byte.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// The text of a line, counted from 1, without its line break.
    pub fn line_text(&self, line: u32) -> &str {
        let index = line.saturating_sub(1) as usize;
        let Some(&lo) = self.line_starts.get(index) else { return "" };
        let hi = self.line_starts.get(index + 1).map_or(self.text.len(), |&s| s as usize);
        self.text[lo as usize..hi].trim_end_matches(['\n', '\r'])
    }
}

/// All files of a compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// A map without files.
    pub const fn new() -> Self {
        Self { files: Vec::new() }
    }

    /// Adds a file and returns its index, or nothing if all files together pass 4 GiB.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> Option<usize> {
        let (name, text) = (name.into(), text.into());
        let start = self.files.last().map_or(0, |f| f.start as usize + f.text.len() + 1);
        u32::try_from(start + text.len() + 2).ok()?;
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        let path = PathBuf::from(&name);
        self.files.push(SourceFile { name, path, text, start: start as u32, line_starts });
        Some(self.files.len() - 1)
    }

    /// The files, in the order they were added.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file that holds a global offset.
    pub fn file_at(&self, offset: u32) -> Option<&SourceFile> {
        let after = self.files.partition_point(|f| f.start <= offset);
        self.files.get(after.checked_sub(1)?)
    }

    /// File, line and column of a global offset.
    pub fn position(&self, offset: u32) -> Option<SourcePos<'_>> {
        let file = self.file_at(offset)?;
        let local = (offset - file.start).min(file.text.len() as u32);
        let line = file.line_starts.partition_point(|s| *s <= local);
        let line_start = file.line_starts[line - 1] as usize;
        let before = &file.text.as_bytes()[line_start..local as usize];
        let column = before.iter().filter(|b| **b & 0xC0 != 0x80).count();
        Some(SourcePos { file: &file.name, line: line as u32, column: column as u32 + 1 })
    }

    /// Line (from 1) of an instruction's origin, if known.
    pub fn line(&self, loc: Loc) -> Option<u32> {
        self.position(loc.offset()?).map(|p| p.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_cross_files() {
        let mut map = SourceMap::new();
        map.add("a.py", "x = 'é'; y\nz\n");
        map.add("b.py", "w");
        let y = "x = 'é'; y".find('y').map(|i| i as u32);
        let pos = y.and_then(|y| map.position(y));
        assert_eq!(pos, Some(SourcePos { file: "a.py", line: 1, column: 10 }));
        let b = map.files()[1].start();
        assert_eq!(map.position(b), Some(SourcePos { file: "b.py", line: 1, column: 1 }));
        assert_eq!(map.files()[0].line_text(2), "z");
        assert_eq!(map.files()[0].line_text(9), "");
    }

    #[test]
    fn a_position_past_the_end_is_the_end() {
        let mut map = SourceMap::new();
        map.add("a.py", "ab");
        assert_eq!(map.position(99).map(|p| (p.line, p.column)), Some((1, 3)));
        assert_eq!(SourceMap::new().position(0), None);
    }
}
