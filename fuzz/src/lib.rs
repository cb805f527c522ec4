//! Random programs, what they should do, and what becomes of those on which we are wrong.
//!
//! ```text
//!   seed --python_gen--> program --compare--> agreement, or a difference --shrink--> a test
//!                                 |     |
//!                           cpython     worker: lanes, in a process of its own
//! ```
//!
//! `campaign` does this for many seeds; `pyexec-cg fuzz` is its command line, `docs/fuzz.md` its manual.
#![forbid(unsafe_code)]
pub mod aarch64;
pub mod campaign;
pub mod child;
pub mod compare;
pub mod corpus;
pub mod cpython;
pub mod damage;
pub mod ir;
pub mod lanes;
pub mod python_gen;
pub mod report;
pub mod rng;
pub mod shrink;
pub mod versions;
pub mod worker;
