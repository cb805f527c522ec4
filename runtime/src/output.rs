//! Standard output and standard error of a program: buffered, or captured by an embedder.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::sync::{Arc, Mutex, PoisonError};

const BUFFER: usize = 64 << 10;

/// Where captured output gathers; clones share it.
#[derive(Clone, Default, Debug)]
pub struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// Takes what has gathered.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn append(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

#[derive(Debug)]
enum Target {
    /// A descriptor of the process, not ours to close.
    Descriptor(ManuallyDrop<File>),
    Capture(Capture),
    /// The stream `stdout` of the C library, which has a buffer of its own.
    CStdout,
}

// SAFETY: the C library defines it with this type.
unsafe extern "C" {
    /// Of C's `<stdio.h>`.
    static stdout: *mut libc::FILE;
}

/// Appends to C's standard output.
fn write_c(bytes: &[u8]) -> io::Result<()> {
    // SAFETY: the C library sets up its stream before any code of ours runs; it locks it itself.
    let written = unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), stdout) };
    if written == bytes.len() { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// One stream. After a failed write (a closed pipe, a full disk) it swallows everything: the program
/// has nobody left to talk to, and whoever runs it asks for [`error`](Self::error).
#[derive(Debug)]
pub struct Stream {
    target: Target,
    buffer: Vec<u8>,
    line_buffered: bool,
    error: Option<io::Error>,
}

impl Stream {
    fn descriptor(number: i32, line_buffered: bool) -> Self {
        // SAFETY: descriptors 1 and 2 stay open for the life of the process (the standard library
        // sees to that at its start), and ManuallyDrop keeps this handle from closing them.
        let file = ManuallyDrop::new(unsafe { File::from_raw_fd(number) });
        Self { target: Target::Descriptor(file), buffer: Vec::new(), line_buffered, error: None }
    }
    /// The standard output of the process.
    pub fn stdout() -> Self {
        Self::descriptor(1, io::stdout().is_terminal())
    }
    /// The standard output of the process by way of the C library, in order with what C programs print there.
    pub(crate) fn c_stdout() -> Self {
        Self { target: Target::CStdout, buffer: Vec::new(), line_buffered: false, error: None }
    }
    /// The standard error of the process.
    pub fn stderr() -> Self {
        Self::descriptor(2, true)
    }
    /// A stream that gathers in memory.
    pub fn capture(capture: Capture) -> Self {
        Self { target: Target::Capture(capture), buffer: Vec::new(), line_buffered: false, error: None }
    }
    /// Why writing failed, if it did.
    pub fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }
    /// Appends.
    pub fn write(&mut self, text: &str) {
        if matches!(self.target, Target::CStdout) {
            // A failure stays with the C stream, whose owner asks for it.
            self.error = write_c(text.as_bytes()).err();
            return;
        }
        self.buffer.extend_from_slice(text.as_bytes());
        let full = self.buffer.len() >= BUFFER;
        if full || self.line_buffered && text.contains('\n') {
            self.flush();
        }
    }
    /// Hands on what is buffered.
    pub fn flush(&mut self) {
        if !self.buffer.is_empty() && self.error.is_none() {
            let written = match &mut self.target {
                Target::Descriptor(file) => file.write_all(&self.buffer),
                Target::Capture(capture) => {
                    capture.append(&self.buffer);
                    Ok(())
                }
                Target::CStdout => write_c(&self.buffer),
            };
            self.error = written.err();
        }
        self.buffer.clear();
    }
    /// Hands on what is buffered, by the C library too: the program asked for it.
    pub fn flush_all(&mut self) {
        self.flush();
        if matches!(self.target, Target::CStdout) {
            // SAFETY: as in `write_c`.
            unsafe { libc::fflush(stdout) };
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.flush();
    }
}
