//! Standard output of this program: a reader that has gone away is not an error.

use pyexec_driver::Failure;
use std::io::{self, Write};
use std::path::Path;

/// Writes to standard output.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::os(Path::new("standard output"), "written", &error))
        }
        _ => Ok(()),
    }
}
