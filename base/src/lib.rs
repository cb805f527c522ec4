//! The ground floor: identifiers, containers, source positions and diagnostics.
//!
//! This crate knows nothing of Python, of IR or of machines. Everything above may use it.
#![forbid(unsafe_code)]

mod bit_set;
mod diagnostic;
mod entity;
mod source;

pub use bit_set::BitSet;
pub use diagnostic::{Diagnostic, Label, Severity};
pub use entity::{EntityId, EntityVec};
pub use source::{Loc, SourceFile, SourceMap, SourcePos, Span};
