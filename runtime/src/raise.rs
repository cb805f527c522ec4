//! An exception on its way out of a helper, as a value.

use pyexec_ir::rt::Exc;

/// What happens when a result does not fit: Python's own `int` would grow.
pub const INT_OVERFLOW: &str = "int too large: results beyond 64 bits are not supported yet";

/// A Python exception: class and `str(e)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raise {
    /// The class.
    pub kind: Exc,
    /// The text, possibly empty.
    pub message: String,
}

impl Raise {
    /// An exception of any class.
    pub fn new(kind: Exc, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
    /// `ValueError(message)`.
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(Exc::ValueError, message)
    }
    /// `OverflowError(message)`.
    pub fn overflow(message: impl Into<String>) -> Self {
        Self::new(Exc::OverflowError, message)
    }
    /// The `OverflowError` of an `int` beyond 64 bits.
    pub fn int_overflow() -> Self {
        Self::overflow(INT_OVERFLOW)
    }
    /// `MemoryError()`: what was asked for would not fit into memory.
    pub fn memory() -> Self {
        Self::new(Exc::MemoryError, "")
    }
}
