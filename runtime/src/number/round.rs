//! `round(x, ndigits)`: a float through its exact decimal expansion, an int to a multiple of a power
//! of ten. Both half to even.

use super::digits::{self, Digits};
use crate::Raise;

/// With more places every f64 is itself.
const MAX_PLACES: i64 = 323;
/// Rounded to this power of ten every f64 is zero.
const MAX_POWER: i64 = 308;

/// `round(x, ndigits)` for a float.
///
/// # Errors
/// `OverflowError` if the rounded value is beyond the largest float.
pub fn round_float(x: f64, ndigits: i64) -> Result<f64, Raise> {
    if !x.is_finite() || ndigits > MAX_PLACES {
        return Ok(x);
    }
    if ndigits < -MAX_POWER {
        return Ok(0.0 * x);
    }
    let rounded = if ndigits >= 0 {
        digits::fraction(x, ndigits as usize)
    } else {
        digits::multiple_of_power(x, -ndigits as i32)
    };
    let value = to_float(&rounded);
    if value.is_infinite() {
        return Err(Raise::overflow("rounded value too large to represent"));
    }
    Ok(value.copysign(x))
}

fn to_float(value: &Digits) -> f64 {
    let digits: String = value.digits.iter().copied().map(char::from).collect();
    format!("0.{digits}e{}", value.point).parse().unwrap_or(0.0)
}

/// `round(value, ndigits)` for an int.
///
/// # Errors
/// `OverflowError` beyond 64 bits.
pub fn round_int(value: i64, ndigits: i64) -> Result<i64, Raise> {
    if ndigits >= 0 {
        return Ok(value);
    }
    if ndigits < -19 {
        return Ok(0);
    }
    let unit = 10_i128.pow(ndigits.unsigned_abs() as u32);
    let value = i128::from(value);
    let (quotient, rest) = (value.div_euclid(unit), value.rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && quotient & 1 == 1);
    i64::try_from((quotient + i128::from(up)) * unit).map_err(|_| Raise::int_overflow())
}
