//! `float.hex` and `float.fromhex`.
//!
//! Picture: 0.15625 -> `0x1.4000000000000p-3`, that is 1.25 * 2**-3.
//!
//! Grammar: `[sign] ([0x] hex-digits[.hex-digits] [p exponent] | inf | infinity | nan)`, spaces around.

use super::text::is_space;
use crate::Raise;

/// `x.hex()`.
pub fn float_hex(x: f64) -> String {
    if !x.is_finite() {
        return super::float_repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let bits = x.to_bits();
    let (biased, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    match (biased, fraction) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{fraction:013x}p-1022"),
        _ => format!("{sign}0x1.{fraction:013x}p{:+}", biased as i64 - 1023),
    }
}

/// `float.fromhex(text)`.
///
/// # Errors
/// `ValueError`, `OverflowError`.
pub fn parse_hex(text: &str) -> Result<f64, Raise> {
    let invalid = || Raise::value("invalid hexadecimal floating-point string");
    let body = text.trim_matches(is_space);
    let (negative, body) = match body.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, body.strip_prefix('+').unwrap_or(body)),
    };
    let size = match body.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        body => Parts::read(body)
            .ok_or_else(invalid)?
            .value()
            .ok_or_else(|| Raise::overflow("hexadecimal value too large to represent as a float"))?,
    };
    Ok(if negative { -size } else { size })
}

/// Digit values without leading zeros, and the power of two that the last one counts.
struct Parts {
    digits: Vec<u8>,
    exponent: i64,
}

impl Parts {
    fn read(body: &str) -> Option<Parts> {
        let body = body.strip_prefix("0x").unwrap_or(body);
        let (mantissa, exponent) = match body.split_once('p') {
            Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
            None => (body, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Option<Vec<u8>> =
            whole.chars().chain(fraction.chars()).map(|c| c.to_digit(16).map(|d| d as u8)).collect();
        let digits = digits.filter(|digits| !digits.is_empty())?;
        let zeros = digits.iter().take_while(|d| **d == 0).count();
        Some(Parts {
            digits: digits[zeros..].to_vec(),
            exponent: exponent.saturating_sub(4 * fraction.len() as i64),
        })
    }

    /// The nearest float, ties to even; `None` if that is too large.
    fn value(&self) -> Option<f64> {
        // 64 bits from the top, the last one sticky, are enough for one rounding, wherever it happens.
        let mut top = 0_u64;
        let mut used = 0;
        while used < self.digits.len() && top >> 60 == 0 {
            top = top << 4 | u64::from(self.digits[used]);
            used += 1;
        }
        if top == 0 {
            return Some(0.0);
        }
        let sticky = self.digits[used..].iter().any(|d| *d != 0);
        let mut exponent = self.exponent.saturating_add(4 * (self.digits.len() - used) as i64);
        let spare = top.leading_zeros();
        top = top << spare | u64::from(sticky);
        exponent = exponent.saturating_sub(spare.into());
        scale(top, exponent)
    }
}

/// A sign and decimal digits; what is far out of range stays there.
fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if negative { -size } else { size })
}

/// `top * 2^exponent`, where the first bit of `top` is set.
fn scale(top: u64, exponent: i64) -> Option<f64> {
    // The last bit of the result: 53 of them, or what a subnormal float has.
    let lost = (-1074 - exponent).max(11);
    if lost > 65 {
        return Some(0.0);
    }
    let (wide, lost) = (u128::from(top), lost as u32);
    let (kept, rest, half) = (wide >> lost, wide & ((1 << lost) - 1), 1_u128 << (lost - 1));
    let kept = kept + u128::from(rest > half || rest == half && kept & 1 == 1);
    let unit = exponent.saturating_add(lost.into());
    if unit > 1_000 {
        return None;
    }
    // Exact in two steps: each factor is a float, and only the last product could be subnormal.
    let value = kept as f64 * 2.0_f64.powi((unit / 2) as i32) * 2.0_f64.powi((unit - unit / 2) as i32);
    value.is_finite().then_some(value)
}
