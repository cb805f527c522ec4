//! Sums, products, powers.

use super::check_bits;
use super::word::{Held, Word, look, look2, small, use_up};
use crate::{Raise, State};
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::{Abs, BitTest, ExtendedGcd, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// An operator on two operands; what is given by itself may be used up.
macro_rules! apply {
    ($a:ident $op:tt $b:ident) => {
        match ($a, $b) {
            (Held::Own(a), Held::Own(b)) => a $op b,
            (Held::Own(a), Held::Ref(b)) => a $op b,
            (Held::Ref(a), Held::Own(b)) => a $op b,
            (Held::Ref(a), Held::Ref(b)) => a $op b,
        }
    };
}

pub(super) fn bits_of(word: Word) -> u128 {
    look(word, |value| value.bit_len() as u128)
}

/// The words of small operands, the large case for others.
macro_rules! binary {
    ($(#[$doc:meta])* $name:ident, $op:tt, $bits:expr) => {
        $(#[$doc])*
        pub(crate) fn $name(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
            if let (Some(x), Some(y)) = (small(a), small(b)) {
                return Ok(state.heap.put_i128(i128::from(x) $op i128::from(y), old));
            }
            let bits: fn(u128, u128) -> u128 = $bits;
            check_bits(bits(bits_of(a), bits_of(b)))?;
            let value = use_up(a, b, old, |a, b| apply!(a $op b));
            Ok(state.heap.put(value, old))
        }
    };
}

binary! {
    /// `a + b`.
    add, +, |a, b| a.max(b) + 1
}
binary! {
    /// `a - b`.
    sub, -, |a, b| a.max(b) + 1
}
binary! {
    /// `a * b`.
    mul, *, |a, b| a + b
}

/// `-a`.
pub(crate) fn neg(state: &mut State, a: Word, old: Word) -> Word {
    match small(a) {
        Some(value) => state.heap.put_i64(-value, old),
        None => state.heap.put(look(a, |value| -value), old),
    }
}

/// `abs(a)`.
pub(crate) fn abs(state: &mut State, a: Word, old: Word) -> Word {
    match small(a) {
        Some(value) => state.heap.put_i64(value.abs(), old),
        None => state.heap.put(look(a, |value| value.clone().abs()), old),
    }
}

/// `a ** b`.
pub(crate) fn pow(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
    if look(b, |exponent| exponent < &IBig::ZERO) {
        return Err(Raise::value("a negative exponent would give a float"));
    }
    if let Some(base @ -1..=1) = small(a) {
        let odd = look(b, |exponent| exponent.bit(0));
        let value = match base {
            0 => i64::from(b == 1),
            -1 if odd => -1,
            _ => 1,
        };
        return Ok(state.heap.put_i64(value, old));
    }
    let exponent = small(b).and_then(|b| usize::try_from(b).ok()).ok_or_else(Raise::memory)?;
    // 2 ** n has n + 1 bits, and n of them would be allowed.
    check_bits((bits_of(a) - 1).max(1) * exponent as u128)?;
    let value = look(a, |base| base.pow(exponent));
    Ok(state.heap.put(value, old))
}

/// `pow(a, b, m)`; the result has the sign of `m`.
pub(crate) fn pow_mod(state: &mut State, a: Word, b: Word, m: Word, old: Word) -> Result<Word, Raise> {
    let value = look(m, |modulus| look2(a, b, |base, exponent| power_modulo(base, exponent, modulus)))?;
    Ok(state.heap.put(value, old))
}

fn power_modulo(base: &IBig, exponent: &IBig, modulus: &IBig) -> Result<IBig, Raise> {
    if modulus.is_zero() {
        return Err(Raise::value("pow() 3rd argument cannot be 0"));
    }
    let size = modulus.unsigned_abs();
    let mut base = positive_remainder(base, &size);
    if *exponent < IBig::ZERO {
        let inverse = inverse(&base, &size);
        base = inverse.ok_or_else(|| Raise::value("base is not invertible for the given modulus"))?;
    }
    if size.is_one() {
        return Ok(IBig::ZERO);
    }
    let ring = ConstDivisor::new(size);
    let result = IBig::from(ring.reduce(base).pow(&exponent.unsigned_abs()).residue());
    let negative = *modulus < IBig::ZERO && !result.is_zero();
    Ok(if negative { result + modulus } else { result })
}

fn positive_remainder(value: &IBig, size: &UBig) -> UBig {
    let rest = value.unsigned_abs() % size;
    if *value < IBig::ZERO && !rest.is_zero() { size - rest } else { rest }
}

/// `None` if there is a common divisor.
fn inverse(value: &UBig, modulus: &UBig) -> Option<UBig> {
    if modulus.is_one() {
        return Some(UBig::ZERO);
    }
    if value.is_zero() {
        return None;
    }
    let (divisor, factor, _) = value.gcd_ext(modulus);
    divisor.is_one().then(|| positive_remainder(&factor, modulus))
}
