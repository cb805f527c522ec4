//! `int(text, base)`.
//!
//! Source: "Integer literals" in the language reference and `int` in the library reference.

use super::text::{is_space, short_repr, to_ascii};
use crate::Raise;

/// The limit of `sys.set_int_max_str_digits`, for bases that are no power of two.
pub(super) const MAX_DIGITS: usize = 4_300;

/// A literal that was read.
pub(crate) struct Literal {
    pub negative: bool,
    pub radix: u32,
    /// Values of the digits, the first one first.
    pub digits: Vec<u8>,
}

/// `int(text, base)`.
///
/// # Errors
/// `ValueError` as CPython's; `OverflowError` beyond 64 bits.
pub fn parse_int(text: &str, base: i64) -> Result<i64, Raise> {
    parse_whole(text, base)?.to_i64().ok_or_else(Raise::int_overflow)
}

/// Reads what `int(text, base)` does.
pub(crate) fn parse_whole(text: &str, base: i64) -> Result<Literal, Raise> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(Raise::value("int() base must be >= 2 and <= 36, or 0"));
    }
    let invalid = || {
        let shown = short_repr(text);
        Raise::value(format!("invalid literal for int() with base {base}: {shown}"))
    };
    let clean = to_ascii(text);
    let body = clean.trim_matches(is_space);
    let (negative, body) = match body.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, body.strip_prefix('+').unwrap_or(body)),
    };
    let (radix, digits) = split_prefix(body, base as u32);
    let digits = digits_of(digits, radix).ok_or_else(invalid)?;
    if base == 0 && radix == 10 && digits.len() > 1 && digits[0] == 0 && digits.iter().any(|d| *d != 0) {
        return Err(invalid());
    }
    check_length(digits.len(), radix)?;
    Ok(Literal { negative, radix, digits })
}

/// The base and the digits behind `0x`, `0o`, `0b`; one underscore may follow such a prefix.
fn split_prefix(body: &str, base: u32) -> (u32, &str) {
    let named = match body.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => 0,
    };
    if named != 0 && (base == 0 || base == named) {
        let digits = &body[2..];
        return (named, digits.strip_prefix('_').unwrap_or(digits));
    }
    (if base == 0 { 10 } else { base }, body)
}

/// Digit values; underscores only between digits.
fn digits_of(text: &str, radix: u32) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(text.len());
    let mut after_digit = false;
    for c in text.chars() {
        if c == '_' && after_digit {
            after_digit = false;
            continue;
        }
        digits.push(c.to_digit(radix)? as u8);
        after_digit = true;
    }
    after_digit.then_some(digits)
}

fn check_length(count: usize, radix: u32) -> Result<(), Raise> {
    if count <= MAX_DIGITS || radix.is_power_of_two() {
        return Ok(());
    }
    Err(Raise::value(format!(
        "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {count} digits; \
         use sys.set_int_max_str_digits() to increase the limit"
    )))
}

impl Literal {
    /// The value if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        let mut value = 0_i128;
        for digit in &self.digits {
            value = value * i128::from(self.radix) + i128::from(*digit);
            if value > 1 << 64 {
                return None;
            }
        }
        i64::try_from(if self.negative { -value } else { value }).ok()
    }
}
