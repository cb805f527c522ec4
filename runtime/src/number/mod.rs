//! Numbers as text and text as numbers, exactly as CPython 3.13 does both. Pure functions, no state.
//!
//! `repr` and the format-spec mini-language write; `int()`, `float()` and `complex()` read; `round`
//! sits between, because CPython rounds through the decimal text.

mod digits;
mod float_repr;
mod format_complex;
mod format_float;
mod format_int;
mod format_spec;
mod format_str;
mod hex_float;
mod layout;
mod parse_float;
mod parse_int;
mod round;
mod text;

pub use float_repr::{complex_repr, float_repr, float32_repr};
pub use format_complex::format_complex;
pub use format_float::format_float;
pub(crate) use format_int::{Whole, format_whole};
pub use format_int::{format_bool, format_int};
pub use format_spec::{Align, Grouping, Spec};
pub use format_str::format_str;
pub use hex_float::{float_hex, parse_hex};
pub use parse_float::{parse_complex, parse_float};
pub use parse_int::parse_int;
pub(crate) use parse_int::parse_whole;
pub use round::{round_float, round_int};
pub use text::str_repr;

use crate::Raise;

/// A value with the type that a format spec is for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    /// `int`, signed or unsigned 64 bits.
    Int(i128),
    /// `bool`.
    Bool(bool),
    /// `float`.
    Float(f64),
    /// `complex`: real, imaginary.
    Complex(f64, f64),
    /// `str`.
    Str(&'a str),
}

/// `format(value, spec)`.
///
/// # Errors
/// `ValueError` or `OverflowError` with CPython's text; `MemoryError` for absurd widths.
pub fn format(value: Value<'_>, spec: &str) -> Result<String, Raise> {
    match value {
        Value::Int(v) => format_int(v, spec),
        Value::Bool(v) => format_bool(v, spec),
        Value::Float(v) => format_float(v, spec),
        Value::Complex(re, im) => format_complex(re, im, spec),
        Value::Str(v) => format_str(v, spec),
    }
}

/// Whether `spec` would be accepted for a value of this type whatever the value is: a compiler can
/// refuse a literal spec early. Only the `c` code of `int` looks at the value, so it always passes.
///
/// # Errors
/// As [`format`].
pub fn check_spec(sample: Value<'_>, spec: &str) -> Result<(), Raise> {
    let sample = if matches!(sample, Value::Int(_)) { Value::Int(65) } else { sample };
    format(sample, spec).map(drop)
}
