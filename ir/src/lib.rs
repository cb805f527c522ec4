//! The SSA intermediate representation: types, opcodes, functions, modules, their text and their meaning.
#![forbid(unsafe_code)]

pub mod rt;
mod types;

pub use types::Type;
