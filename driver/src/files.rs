//! Files in and out: every way in which input can be no text, and outputs that are whole or not there.

use crate::Failure;
use crate::failure::plain;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// All positions of a compilation fit `u32`.
const MAX_INPUT: u64 = u32::MAX as u64 - 16;

/// The contents of a source file.
pub enum Source {
    /// As it should be.
    Text(String),
    /// Not UTF-8 from this offset on; what cannot be read is replaced.
    NotText(String, usize, u8),
}

/// Reads a source file; `-` is standard input.
pub fn read_source(path: &Path) -> Result<Source, Failure> {
    let bytes = if path == Path::new("-") { read_stdin(path)? } else { read_file(path)? };
    if bytes.len() as u64 > MAX_INPUT {
        return Err(too_large(path));
    }
    Ok(check_text(bytes))
}

fn too_large(path: &Path) -> Failure {
    Failure::io(path, "is too large: a source file has less than 4 GiB")
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Failure::io(path, "no such file"),
        _ => Failure::os(path, "read", &error),
    };
    let meta = fs::metadata(path).map_err(failed)?;
    if meta.is_dir() {
        return Err(Failure::io(path, "is a directory, not a source file"));
    }
    if meta.len() > MAX_INPUT {
        return Err(too_large(path));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize);
    let file = File::open(path).map_err(failed)?;
    // A device or a pipe says nothing about its length, so the limit is kept here too.
    file.take(MAX_INPUT + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn read_stdin(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(MAX_INPUT + 1).read_to_end(&mut bytes);
    read.map_err(|e| Failure::os(path, "read", &e))?;
    Ok(bytes)
}

fn check_text(bytes: Vec<u8>) -> Source {
    String::from_utf8(bytes).map_or_else(
        |error| {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            Source::NotText(String::from_utf8_lossy(bytes).into_owned(), at, bytes[at])
        },
        Source::Text,
    )
}

/// Writes a file whole or not at all: to a temporary name beside it, then renamed. Devices and pipes are
/// written to directly, since a rename would replace them.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::os(path, "written", &error);
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return Err(Failure::io(path, "is a directory, not an output file")),
        Ok(meta) if !meta.is_file() => {
            return OpenOptions::new()
                .write(true)
                .open(path)
                .and_then(|mut f| f.write_all(bytes))
                .map_err(failed);
        }
        _ => {}
    }
    let temporary = temporary_beside(path)?;
    let written = File::create_new(&temporary).and_then(|mut f| f.write_all(bytes));
    finish(path, &temporary, written)
}

/// Moves a finished temporary file to its name, or removes it.
pub fn finish(path: &Path, temporary: &Path, written: io::Result<()>) -> Result<(), Failure> {
    // Through a symbolic link the file behind it is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    written.and_then(|()| fs::rename(temporary, target)).map_err(|error| {
        // The first error is the one worth telling.
        let _ = fs::remove_file(temporary);
        Failure::os(path, "written", &error)
    })
}

/// A fresh name in the same folder, so that the rename cannot cross file systems.
pub fn temporary_beside(path: &Path) -> Result<PathBuf, Failure> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let Some(name) = target.file_name() else {
        return Err(Failure::io(path, "is not a file name"));
    };
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    Ok(target.with_file_name(hidden))
}

/// Checks before a long job that its output can be written at all.
pub fn check_writable(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match fs::metadata(folder) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(Failure::io(path, format!("cannot be written: {} is not a folder", folder.display()))),
        Err(error) => {
            Err(Failure::io(path, format!("cannot be written: {}: {}", folder.display(), plain(&error))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_checked_with_its_place() {
        assert!(matches!(check_text(b"x = 1\n".to_vec()), Source::Text(t) if t == "x = 1\n"));
        let Source::NotText(text, at, byte) = check_text(b"a\nb\xffc".to_vec()) else { panic!("not UTF-8") };
        assert_eq!((text.as_str(), at, byte), ("a\nb\u{fffd}c", 3, 0xff));
    }

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = std::env::temp_dir().join(format!("pyexec-files-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let path = folder.join("out");
        write_file(&path, b"old").expect("writes");
        let failed = finish(&path, &folder.join("never written"), Ok(()));
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("reads"), b"old");
        write_file(&path, b"new").expect("writes");
        assert_eq!(fs::read(&path).expect("reads"), b"new");
        assert_eq!(fs::read_dir(&folder).expect("lists").count(), 1, "no temporary file stays");
        assert!(write_file(&folder, b"x").is_err());
        fs::remove_dir_all(&folder).expect("cleans up");
    }
}
