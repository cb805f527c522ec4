//! Methods of `float`, and `hash` of numbers and tuples.

use crate::number;
use crate::{Raise, State};
use pyexec_ir::rt::HASH_TUPLE_START;

/// Appends `x.hex()`.
pub fn out_hex(state: &mut State, x: f64) {
    let text = number::float_hex(x);
    state.pending().push_str(&text);
}

/// `float.fromhex(text)`.
pub fn fromhex(_: &mut State, text: &str) -> Result<f64, Raise> {
    number::parse_hex(text)
}

/// Mantissa and exponent of a finite float: `x == mantissa * 2 ** exponent`, the mantissa odd or 0.
pub(crate) fn parts(x: f64) -> (i64, i32) {
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7ff) as i32;
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let (size, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    if size == 0 {
        return (0, 0);
    }
    let zeros = size.trailing_zeros();
    let size = size >> zeros;
    (if x < 0.0 { -size } else { size }, exponent + zeros as i32)
}

/// Refuses what no ratio is equal to.
pub(crate) fn check_ratio(x: f64) -> Result<(), Raise> {
    if x.is_nan() {
        return Err(Raise::value("cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(Raise::overflow("cannot convert Infinity to integer ratio"));
    }
    Ok(())
}

fn scaled(value: i64, exponent: i32) -> Result<i64, Raise> {
    let shifted = u32::try_from(exponent.max(0)).ok().and_then(|by| i128::from(value).checked_shl(by));
    // A mantissa has 53 bits, so shifts below 64 lose nothing in 128.
    let fits = shifted.filter(|_| exponent < 64).and_then(|value| i64::try_from(value).ok());
    if value == 0 { Ok(0) } else { fits.ok_or_else(Raise::int_overflow) }
}

/// `x.as_integer_ratio()[0]`.
pub fn ratio_numerator(_: &mut State, x: f64) -> Result<i64, Raise> {
    check_ratio(x)?;
    let (mantissa, exponent) = parts(x);
    scaled(mantissa, exponent)
}

/// `x.as_integer_ratio()[1]`.
pub fn ratio_denominator(_: &mut State, x: f64) -> Result<i64, Raise> {
    check_ratio(x)?;
    scaled(1, -parts(x).1)
}

/// 1 if `x` is a whole number.
pub fn is_integer(_: &mut State, x: f64) -> i64 {
    i64::from(x.is_finite() && x == x.trunc())
}

const PRIME: u64 = (1 << 61) - 1;

/// -1 stands for an error in CPython.
fn settle(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// `hash(int)`: modulo the prime 2**61 - 1, with the sign.
pub fn hash_int(_: &mut State, value: i64) -> i64 {
    let rest = (value.unsigned_abs() % PRIME) as i64;
    settle(if value < 0 { -rest } else { rest })
}

fn float_hash(x: f64) -> i64 {
    if x.is_nan() {
        return 0;
    }
    if x.is_infinite() {
        return if x > 0.0 { 314_159 } else { -314_159 };
    }
    let (mantissa, exponent) = parts(x);
    // Powers of two go round every 61 modulo 2**61 - 1: a rotation of 61 bits.
    let by = exponent.rem_euclid(61) as u32;
    let size = mantissa.unsigned_abs() % PRIME;
    let size = (size << by & PRIME) | size.checked_shr(61 - by).unwrap_or(0);
    settle(if x < 0.0 { -(size as i64) } else { size as i64 })
}

/// `hash(float)`. That of NaN is the identity of the object in CPython, and 0 here.
pub fn hash_float(_: &mut State, x: f64) -> i64 {
    float_hash(x)
}

/// `hash(complex)`.
pub fn hash_complex(_: &mut State, re: f64, im: f64) -> i64 {
    settle(float_hash(re).wrapping_add(float_hash(im).wrapping_mul(1_000_003)))
}

/// One item of `hash(tuple)`. Source: Y. Collet's xxHash, as CPython shortened it.
pub fn hash_tuple_item(_: &mut State, state: i64, hash: i64) -> i64 {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    let sum = (state as u64).wrapping_add((hash as u64).wrapping_mul(PRIME_2));
    sum.rotate_left(31).wrapping_mul(PRIME_1) as i64
}

/// The end of `hash(tuple)`.
pub fn hash_tuple_end(_: &mut State, state: i64, length: i64) -> i64 {
    let hash = (state as u64).wrapping_add(length as u64 ^ (HASH_TUPLE_START as u64 ^ 3_527_539));
    if hash == u64::MAX { 1_546_275_796 } else { hash as i64 }
}
