//! From machine instructions to bytes.

pub mod emit;

pub use emit::{Address, Bytes, emit};
