//! From selected instructions to words in the code buffer.

pub mod emit;
pub mod immediate;

pub use emit::{EncodeError, decode, encode};
