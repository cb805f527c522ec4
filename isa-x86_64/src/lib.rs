//! x86-64: instruction selection, System V and our own calling convention, encoding, printing.
#![forbid(unsafe_code)]

pub mod encode;
pub mod inst;
pub mod regs;
