//! AArch64: instruction selection, AAPCS64 and our own calling convention, encoding, printing.
#![forbid(unsafe_code)]
pub mod encode;
pub mod inst;
pub mod regs;
