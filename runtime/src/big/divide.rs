//! Quotients: floored, true, and rounded to powers of ten.
//!
//! True division gives the float next to the exact quotient: the quotient is taken to 55 bits or one more, or to
//! two bits below the last bit that a subnormal float has; a sticky bit stands for the remainder; one rounding to
//! even follows. Source of the idea: M. Dickinson's notes in CPython's `long_true_divide`.

use super::word::{Held, Word, look, look2, small, use_up};
use crate::helpers::libm;
use crate::{Raise, State};
use dashu_int::ops::{BitTest, DivRem, UnsignedAbs};
use dashu_int::{IBig, UBig};
use pyexec_ir::rt::Exc;

fn zero_division(message: &str) -> Raise {
    Raise::new(Exc::ZeroDivisionError, message)
}

/// Quotient toward minus infinity, remainder with the sign of the divisor.
fn floored(a: &IBig, b: &IBig) -> (IBig, IBig) {
    let (quotient, rest) = a.div_rem(b);
    if !rest.is_zero() && (rest < IBig::ZERO) != (*b < IBig::ZERO) {
        (quotient - 1, rest + b)
    } else {
        (quotient, rest)
    }
}

/// `a // b`.
pub(crate) fn floordiv(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
    match (small(a), small(b)) {
        (_, Some(0)) => Err(zero_division("integer division or modulo by zero")),
        (Some(x), Some(y)) => {
            let quotient = x.div_euclid(y) - i64::from(y < 0 && x.rem_euclid(y) != 0);
            Ok(state.heap.put_i64(quotient, old))
        }
        _ => Ok(state.heap.put(look2(a, b, |a, b| floored(a, b).0), old)),
    }
}

/// `a % b`.
pub(crate) fn modulo(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
    match (small(a), small(b)) {
        (_, Some(0)) => Err(zero_division("integer modulo by zero")),
        (Some(x), Some(y)) => {
            let rest = x.rem_euclid(y);
            Ok(state.heap.put_i64(if y < 0 && rest != 0 { rest + y } else { rest }, old))
        }
        _ => Ok(state.heap.put(use_up(a, b, old, remainder), old)),
    }
}

fn remainder(a: Held<'_>, b: Held<'_>) -> IBig {
    let rest = match a {
        Held::Own(a) => a % b.get(),
        Held::Ref(a) => a % b.get(),
    };
    let b = b.get();
    if !rest.is_zero() && (rest < IBig::ZERO) != (*b < IBig::ZERO) { rest + b } else { rest }
}

/// `a / b`.
pub(crate) fn truediv(_: &mut State, a: Word, b: Word) -> Result<f64, Raise> {
    if small(b) == Some(0) {
        return Err(zero_division("division by zero"));
    }
    let quotient = look2(a, b, quotient);
    quotient.ok_or_else(|| Raise::overflow("integer division result too large for a float"))
}

/// Mantissa bits of a float, and the exponent of the least normal one's first bit, plus 1.
const MANTISSA: i64 = 53;
const MIN_EXPONENT: i64 = -1021;

/// The float next to `a / b`; `None` if it is too large.
pub(super) fn quotient(a: &IBig, b: &IBig) -> Option<f64> {
    let negative = (*a < IBig::ZERO) != (*b < IBig::ZERO);
    let signed = |size: f64| if negative { -size } else { size };
    if a.is_zero() {
        return Some(signed(0.0));
    }
    let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
    let difference = a.bit_len() as i64 - b.bit_len() as i64;
    if difference > 1024 {
        return None;
    }
    if difference < -1080 {
        return Some(signed(0.0));
    }
    let shift = difference.max(MIN_EXPONENT) - MANTISSA - 2;
    let (quotient, rest) =
        if shift > 0 { a.div_rem(b << shift as usize) } else { (a << -shift as usize).div_rem(b) };
    let bits = u64::try_from(quotient).ok()? | u64::from(!rest.is_zero());
    let size = rounded(bits, shift);
    size.is_finite().then(|| signed(size))
}

/// `bits * 2^shift` with at least two bits below the last one of the result, of which the last is sticky.
fn rounded(bits: u64, shift: i64) -> f64 {
    let extra = (i64::from(u64::BITS - bits.leading_zeros()) - MANTISSA).max(2);
    let unit = 1_u64 << extra;
    let (kept, lost) = (bits / unit, bits % unit);
    let up = lost > unit / 2 || lost == unit / 2 && kept & 1 == 1;
    // Exact: at most 53 bits, the last of which is no lower than any float's.
    libm::ldexp((kept + u64::from(up)) as f64, (shift + extra) as i32)
}

/// `round(a, ndigits)`: half to even.
pub(crate) fn round(state: &mut State, a: Word, ndigits: Word, old: Word) -> Word {
    if look(ndigits, |n| *n >= IBig::ZERO) {
        return state.heap.keep(a, old);
    }
    // With so many zeros behind it, no number of this many bits is half of the unit.
    let bits = look(a, |value| value.bit_len());
    let zeros = small(ndigits).and_then(|n| usize::try_from(-n).ok()).filter(|n| *n <= bits / 3 + 1);
    let Some(zeros) = zeros else {
        return state.heap.put_i64(0, old);
    };
    let unit = UBig::from(10_u8).pow(zeros);
    let value = look(a, |value| to_multiple(value, unit.into()));
    state.heap.put(value, old)
}

fn to_multiple(value: &IBig, unit: IBig) -> IBig {
    let (quotient, rest) = floored(value, &unit);
    let twice = rest << 1;
    let up = twice > unit || twice == unit && quotient.bit(0);
    (if up { quotient + 1 } else { quotient }) * unit
}

/// How many items `range(start, stop, step)` has; step is not 0.
pub(crate) fn range_count(state: &mut State, start: Word, stop: Word, step: Word, old: Word) -> Word {
    let distance = look2(start, stop, |start, stop| stop - start);
    let count = look(step, |step| {
        let empty = distance.is_zero() || (distance < IBig::ZERO) != (*step < IBig::ZERO);
        if empty { IBig::ZERO } else { -floored(&-distance, step).0 }
    });
    state.heap.put(count, old)
}
