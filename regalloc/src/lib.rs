//! Register allocation as data: a [`Problem`](problem) goes in, a solution comes out.
//!
//! This crate knows nothing of IR or of any machine's instructions.
#![forbid(unsafe_code)]

mod reg;

pub use reg::{PReg, PRegSet, RegClass, VReg};
