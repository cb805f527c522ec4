//! An exception on its way out of a helper, as a value.

use pyexec_ir::rt::{Exc, INT_OVERFLOW};

/// Whether fast bodies know [`NEEDS_EXACT`](pyexec_ir::rt::NEEDS_EXACT) and leave for an exact body.
const FAST_BODIES_LEAVE: bool = true;

/// A Python exception: class and `str(e)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raise {
    /// The class.
    pub kind: Exc,
    /// The text, possibly empty.
    pub message: String,
    /// Not an error of the program: the result does not fit into 64 bits.
    beyond_i64: bool,
}

impl Raise {
    /// An exception of any class.
    pub fn new(kind: Exc, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), beyond_i64: false }
    }
    /// `ValueError(message)`.
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(Exc::ValueError, message)
    }
    /// `OverflowError(message)`.
    pub fn overflow(message: impl Into<String>) -> Self {
        Self::new(Exc::OverflowError, message)
    }
    /// A result beyond 64 bits: the exact body has to compute it. Where there is none, an `OverflowError`.
    pub fn int_overflow() -> Self {
        Self { beyond_i64: true, ..Self::overflow(INT_OVERFLOW) }
    }
    /// Whether the fast body is asked to leave for the exact one.
    pub(crate) fn leaves_for_exact(&self) -> bool {
        self.beyond_i64 && FAST_BODIES_LEAVE
    }
    /// `MemoryError()`: what was asked for would not fit into memory.
    pub fn memory() -> Self {
        Self::new(Exc::MemoryError, "")
    }
}
