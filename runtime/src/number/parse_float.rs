//! `float(text)` and `complex(text)`.
//!
//! Grammar: `[sign] (digits[.digits][e[sign]digits] | inf | infinity | nan)`, an underscore allowed
//! between two digits. The digits are converted by the standard library, correctly rounded.

use super::text::{is_space, str_repr, to_ascii};
use crate::Raise;
use std::borrow::Cow;

/// `float(text)`.
///
/// # Errors
/// `ValueError`.
pub fn parse_float(text: &str) -> Result<f64, Raise> {
    let parsed = without_underscores(&to_ascii(text)).and_then(|clean| {
        let (value, rest) = leading_float(clean.trim_matches(is_space))?;
        rest.is_empty().then_some(value)
    });
    parsed.ok_or_else(|| Raise::value(format!("could not convert string to float: {}", str_repr(text))))
}

/// `complex(text)`.
///
/// # Errors
/// `ValueError`.
pub fn parse_complex(text: &str) -> Result<(f64, f64), Raise> {
    let clean = to_ascii(text);
    let Some(clean) = without_underscores(&clean) else {
        return Err(Raise::value(format!("could not convert string to complex: {}", str_repr(text))));
    };
    complex_body(&clean).ok_or_else(|| Raise::value("complex() arg is a malformed string"))
}

/// Removes underscores; each must stand between two digits. Behind a NUL CPython looks for none, but
/// having found one before, it refuses the NUL here already.
fn without_underscores(text: &str) -> Option<Cow<'_, str>> {
    let seen = text.split('\0').next().unwrap_or_default();
    if !seen.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    if seen.len() < text.len() {
        return None;
    }
    let bytes = text.as_bytes();
    let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let between = |i: usize| digit(i.checked_sub(1)) && digit(Some(i + 1));
    let sound = bytes.iter().enumerate().all(|(i, b)| *b != b'_' || between(i));
    sound.then(|| Cow::Owned(text.replace('_', "")))
}

fn count(bytes: &[u8], from: usize, test: fn(&u8) -> bool) -> usize {
    bytes[from..].iter().take_while(|b| test(b)).count()
}

/// Length of the number at the start, 0 if there is none.
fn float_length(bytes: &[u8]) -> usize {
    let start = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    for word in ["infinity", "inf", "nan"] {
        let end = start + word.len();
        if bytes.get(start..end).is_some_and(|b| b.eq_ignore_ascii_case(word.as_bytes())) {
            return end;
        }
    }
    let whole = count(bytes, start, u8::is_ascii_digit);
    let mut end = start + whole;
    let mut digits = whole;
    if bytes.get(end) == Some(&b'.') {
        let places = count(bytes, end + 1, u8::is_ascii_digit);
        digits += places;
        end += 1 + places;
    }
    if digits == 0 {
        return 0;
    }
    end + exponent_length(&bytes[end..])
}

fn exponent_length(bytes: &[u8]) -> usize {
    if !matches!(bytes.first(), Some(b'e' | b'E')) {
        return 0;
    }
    let start = 1 + usize::from(matches!(bytes.get(1), Some(b'+' | b'-')));
    match count(bytes, start, u8::is_ascii_digit) {
        0 => 0,
        digits => start + digits,
    }
}

/// The number at the start of the text, and what follows.
fn leading_float(text: &str) -> Option<(f64, &str)> {
    let (number, rest) = text.split_at(float_length(text.as_bytes()));
    Some((number.parse().ok()?, rest))
}

fn sign_of(text: &str) -> Option<(f64, &str)> {
    match text.strip_prefix('-') {
        Some(rest) => Some((-1.0, rest)),
        None => text.strip_prefix('+').map(|rest| (1.0, rest)),
    }
}

/// `number`, `number j`, `number ± [number] j`, `[±] j`, perhaps in parentheses.
fn complex_body(text: &str) -> Option<(f64, f64)> {
    let text = text.trim_matches(is_space);
    let text = match text.strip_prefix('(') {
        Some(inner) => inner.strip_suffix(')')?.trim_matches(is_space),
        None => text,
    };
    let unit = |text: &str| matches!(text, "j" | "J");
    let Some((first, rest)) = leading_float(text) else {
        let (sign, rest) = sign_of(text).unwrap_or((1.0, text));
        return unit(rest).then_some((0.0, sign));
    };
    if rest.is_empty() {
        return Some((first, 0.0));
    }
    if unit(rest) {
        return Some((0.0, first));
    }
    let (sign, after_sign) = sign_of(rest)?;
    let (second, rest) = leading_float(rest).unwrap_or((sign, after_sign));
    unit(rest).then_some((first, second))
}
