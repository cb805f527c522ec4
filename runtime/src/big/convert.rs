//! From and to machine integers, floats and text; order and hash.

use super::word::{Word, look, look2, small};
use crate::helpers::float::{check_ratio, parts};
use crate::helpers::libm;
use crate::helpers::math::domain;
use crate::number::{Whole, format_whole, parse_whole};
use crate::{Raise, State};
use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;

/// The word of a signed integer.
pub(crate) fn from_i64(state: &mut State, value: i64, old: Word) -> Word {
    state.heap.put_i64(value, old)
}
/// The word of an unsigned integer.
pub(crate) fn from_u64(state: &mut State, value: i64, old: Word) -> Word {
    state.heap.put_i128((value as u64).into(), old)
}
/// Ends a word.
pub(crate) fn drop_word(state: &mut State, word: Word) {
    state.heap.drop(word);
}
/// A new reference.
pub(crate) fn keep(state: &mut State, word: Word, old: Word) -> Word {
    state.heap.keep(word, old)
}
/// How many big integers are alive.
pub(crate) fn live(state: &mut State) -> i64 {
    state.heap.live()
}

/// Whether the value fits 64 bits.
pub(crate) fn fits(_: &mut State, word: Word) -> i64 {
    i64::from(look(word, |value| i64::try_from(value).is_ok()))
}
/// The low 64 bits in two's complement.
pub(crate) fn low(_: &mut State, word: Word) -> i64 {
    if let Some(value) = small(word) {
        return value;
    }
    look(word, |value| {
        let (_, words) = value.as_sign_words();
        let size = words.first().copied().unwrap_or(0) as i64;
        if *value < IBig::ZERO { size.wrapping_neg() } else { size }
    })
}

/// The value, or the nearest one of 64 bits.
pub(crate) fn clamp(_: &mut State, word: Word) -> i64 {
    look(word, |value| {
        let bound = if *value < IBig::ZERO { i64::MIN } else { i64::MAX };
        i64::try_from(value).unwrap_or(bound)
    })
}

/// The upper 64 bits of a number that has more, the last one sticky, and how many bits there are below.
fn upper(size: &UBig) -> (u64, usize) {
    let below = size.bit_len().saturating_sub(64);
    let upper = u64::try_from(size >> below).unwrap_or(u64::MAX);
    let sticky = size.trailing_zeros().is_some_and(|zeros| zeros < below);
    (upper | u64::from(sticky), below)
}

fn nearest(value: &IBig) -> Option<f64> {
    if value.bit_len() > 1024 {
        return None;
    }
    let (upper, below) = upper(&value.unsigned_abs());
    let size = upper as f64 * libm::ldexp(1.0, below as i32);
    size.is_finite().then(|| if *value < IBig::ZERO { -size } else { size })
}

fn too_large() -> Raise {
    Raise::overflow("int too large to convert to float")
}

/// `float(a)`.
pub(crate) fn to_f64(_: &mut State, a: Word) -> Result<f64, Raise> {
    match small(a) {
        Some(value) => Ok(value as f64),
        None => look(a, nearest).ok_or_else(too_large),
    }
}

/// The whole part of a finite float.
fn whole(x: f64) -> IBig {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1075;
    if exponent <= 0 {
        return IBig::from(x.trunc() as i64);
    }
    let size = IBig::from(bits & ((1 << 52) - 1) | 1 << 52) << exponent as usize;
    if x < 0.0 { -size } else { size }
}

fn check_finite(x: f64) -> Result<(), Raise> {
    if x.is_nan() {
        return Err(Raise::value("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(Raise::overflow("cannot convert float infinity to integer"));
    }
    Ok(())
}

macro_rules! from_floats {
    ($($(#[$doc:meta])* $name:ident $rule:path;)*) => {
        $($(#[$doc])*
        pub(crate) fn $name(state: &mut State, x: f64, old: Word) -> Result<Word, Raise> {
            check_finite(x)?;
            Ok(state.heap.put(whole($rule(x)), old))
        })*
    };
}
from_floats! {
    /// `int(x)`, `math.trunc(x)`.
    from_f64 f64::trunc;
    /// `math.floor(x)`.
    floor f64::floor;
    /// `math.ceil(x)`.
    ceil f64::ceil;
    /// `round(x)`: half to even.
    round_f64 f64::round_ties_even;
}

/// `x.as_integer_ratio()[0]`.
pub(crate) fn ratio_numerator(state: &mut State, x: f64, old: Word) -> Result<Word, Raise> {
    check_ratio(x)?;
    let (mantissa, exponent) = parts(x);
    Ok(state.heap.put(IBig::from(mantissa) << exponent.max(0) as usize, old))
}
/// `x.as_integer_ratio()[1]`.
pub(crate) fn ratio_denominator(state: &mut State, x: f64, old: Word) -> Result<Word, Raise> {
    check_ratio(x)?;
    Ok(state.heap.put(IBig::ONE << (-parts(x).1).max(0) as usize, old))
}

/// -1, 0 or 1.
pub(crate) fn cmp(_: &mut State, a: Word, b: Word) -> i64 {
    match (small(a), small(b)) {
        (Some(x), Some(y)) => x.cmp(&y) as i64,
        _ => look2(a, b, |x, y| x.cmp(y)) as i64,
    }
}

/// -1, 0 or 1, or 2 if `b` is no number.
pub(crate) fn cmp_f64(_: &mut State, a: Word, b: f64) -> i64 {
    if b.is_nan() {
        return 2;
    }
    if b.is_infinite() {
        return if b > 0.0 { -1 } else { 1 };
    }
    match look(a, |value| value.cmp(&whole(b))) {
        // Equal whole parts: the fraction decides, which has the sign of b.
        Ordering::Equal if b > b.trunc() => -1,
        Ordering::Equal if b < b.trunc() => 1,
        order => order as i64,
    }
}

/// `hash(a)`: the value modulo the prime 2**61 - 1, with its sign; -1 means an error there and becomes -2.
pub(crate) fn hash(_: &mut State, a: Word) -> i64 {
    const PRIME: u64 = (1 << 61) - 1;
    look(a, |value| {
        let rest = (value.unsigned_abs() % PRIME) as i64;
        match if *value < IBig::ZERO { -rest } else { rest } {
            -1 => -2,
            hash => hash,
        }
    })
}

/// A logarithm of an int as CPython takes it: that of the nearest float, or if there is none, that of mantissa
/// and exponent.
fn logarithm(a: Word, log: extern "C" fn(f64) -> f64) -> Result<f64, Raise> {
    look(a, |value| {
        if *value <= IBig::ZERO {
            return Err(domain());
        }
        if let Some(x) = nearest(value) {
            return Ok(log(x));
        }
        let (upper, below) = upper(&value.unsigned_abs());
        let (mut mantissa, mut exponent) = (upper as f64 / 2.0_f64.powi(64), below + 64);
        if mantissa == 1.0 {
            (mantissa, exponent) = (0.5, exponent + 1);
        }
        Ok(log(mantissa) + log(2.0) * exponent as f64)
    })
}
/// `math.log` of an int.
pub(crate) fn log(_: &mut State, a: Word) -> Result<f64, Raise> {
    logarithm(a, libm::log)
}
/// `math.log2` of an int.
pub(crate) fn log2(_: &mut State, a: Word) -> Result<f64, Raise> {
    logarithm(a, libm::log2)
}
/// `math.log10` of an int.
pub(crate) fn log10(_: &mut State, a: Word) -> Result<f64, Raise> {
    logarithm(a, libm::log10)
}

/// A value as text functions see it.
struct Text<'a>(&'a IBig);

impl Whole for Text<'_> {
    fn is_negative(&self) -> bool {
        *self.0 < IBig::ZERO
    }
    fn digits(&self, radix: u8) -> Option<String> {
        // More digits than CPython's limit need not be made.
        if radix == 10 && self.0.bit_len() > 15_000 {
            return None;
        }
        Some(self.0.unsigned_abs().in_radix(radix).to_string())
    }
    fn to_f64(&self) -> Option<f64> {
        nearest(self.0)
    }
    fn to_i64(&self) -> Option<i64> {
        self.0.try_into().ok()
    }
}

/// Appends `str(a)` to the pending text.
pub(crate) fn out(state: &mut State, a: Word) -> Result<(), Raise> {
    out_fmt(state, a, "")
}
/// Appends `format(a, spec)`.
pub(crate) fn out_fmt(state: &mut State, a: Word, spec: &str) -> Result<(), Raise> {
    let text = look(a, |value| format_whole(&Text(value), spec, "int"))?;
    state.pending().push_str(&text);
    Ok(())
}
/// Pops the pending spec and appends `a` by it.
pub(crate) fn out_fmt_spec(state: &mut State, a: Word) -> Result<(), Raise> {
    let spec = state.end_spec();
    out_fmt(state, a, &spec)
}

/// `int(text, base)`.
pub(crate) fn parse(state: &mut State, text: &str, base: i64, old: Word) -> Result<Word, Raise> {
    let literal = parse_whole(text, base)?;
    if let Some(value) = literal.to_i64() {
        return Ok(state.heap.put_i64(value, old));
    }
    let digits = literal.digits.iter().map(|d| char::from_digit(u32::from(*d), 36).unwrap_or('0'));
    let size = UBig::from_str_radix(&digits.collect::<String>(), literal.radix);
    let size = IBig::from(size.expect("invariant: the digits are of the radix"));
    Ok(state.heap.put(if literal.negative { -size } else { size }, old))
}
