//! Random programs and what to do with them.
#![forbid(unsafe_code)]
pub mod aarch64;
pub mod cpython;
pub mod ir;
pub mod python;
pub mod python_gen;
pub mod rng;
