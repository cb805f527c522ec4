//! What compiled Python stands on: numbers as text, the helpers it calls, exceptions and
//! tracebacks, output, code memory, linking and entry.
//!
//! This crate knows nothing of the front end, of optimisation or of a machine's instructions. It
//! takes code as blobs and calls it through an entry stub that is bytes to it.

pub mod number;
mod raise;

pub use raise::{INT_OVERFLOW, Raise};
