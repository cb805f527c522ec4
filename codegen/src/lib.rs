//! What every target shares: virtual-register code, ABI, frames, code buffer and the code blob.
//!
//! This crate knows no machine's instructions and nothing of Python.
#![forbid(unsafe_code)]

mod reg;

pub use reg::Reg;
