//! Number theory of module `math`.

use super::arith::bits_of;
use super::check_bits;
use super::word::{Word, look, look2};
use crate::{Raise, State};
use dashu_int::ops::{Gcd, SquareRoot, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// Greatest common divisor; `UBig::gcd` wants one that is not 0.
fn divisor(a: &IBig, b: &IBig) -> UBig {
    if a.is_zero() && b.is_zero() { UBig::ZERO } else { a.gcd(b) }
}

/// `math.gcd` of two.
pub(crate) fn gcd(state: &mut State, a: Word, b: Word, old: Word) -> Word {
    state.heap.put(look2(a, b, divisor).into(), old)
}

/// `math.lcm` of two.
pub(crate) fn lcm(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
    check_bits(bits_of(a) + bits_of(b))?;
    let value = look2(a, b, |a, b| match divisor(a, b) {
        divisor if a.is_zero() || b.is_zero() => divisor * UBig::ZERO,
        divisor => a.unsigned_abs() / divisor * b.unsigned_abs(),
    });
    Ok(state.heap.put(value.into(), old))
}

/// `math.isqrt`.
pub(crate) fn isqrt(state: &mut State, a: Word, old: Word) -> Result<Word, Raise> {
    if look(a, |value| *value < IBig::ZERO) {
        return Err(Raise::value("isqrt() argument must be nonnegative"));
    }
    let root = look(a, |value| value.unsigned_abs().sqrt());
    Ok(state.heap.put(root.into(), old))
}

/// `math.factorial`.
pub(crate) fn factorial(state: &mut State, a: Word, old: Word) -> Result<Word, Raise> {
    if look(a, |value| *value < IBig::ZERO) {
        return Err(Raise::value("factorial() not defined for negative values"));
    }
    let n = look(a, |value| i64::try_from(value))
        .map_err(|_| Raise::overflow(format!("factorial() argument should not exceed {}", i64::MAX)))?;
    // n! > (n / 3) ** n
    check_bits(n as u128 * u128::from((n as u64 / 3).max(1).ilog2()))?;
    Ok(state.heap.put(range_product(1, n as u64 + 1).into(), old))
}

/// The product of `from .. to`, by halves so that factors are of one size.
fn range_product(from: u64, to: u64) -> UBig {
    if to - from.min(to) <= 8 {
        return (from..to).fold(UBig::ONE, |product, factor| product * factor);
    }
    let middle = from + (to - from) / 2;
    range_product(from, middle) * range_product(middle, to)
}

fn check_counts(n: Word, k: Word) -> Result<(), Raise> {
    let negative = |word| look(word, |value| *value < IBig::ZERO);
    match (negative(n), negative(k)) {
        (true, _) => Err(Raise::value("n must be a non-negative integer")),
        (_, true) => Err(Raise::value("k must be a non-negative integer")),
        _ => Ok(()),
    }
}

/// `math.comb`.
pub(crate) fn comb(state: &mut State, n: Word, k: Word, old: Word) -> Result<Word, Raise> {
    check_counts(n, k)?;
    let least = look2(n, k, |n, k| (n - k).min(k.clone()));
    if least < IBig::ZERO {
        return Ok(state.heap.put_i64(0, old));
    }
    let least = i64::try_from(&least)
        .map_err(|_| Raise::overflow(format!("min(n - k, k) must not exceed {}", i64::MAX)))?
        as u64;
    // Every factor (n - i) / (i + 1) is at least n / k, so this is a lower bound of the size.
    let bits = bits_of(n).saturating_sub(u128::from(least.max(1).ilog2()) + 1).max(1);
    check_bits(u128::from(least) * bits)?;
    Ok(state.heap.put(look(n, |n| choose(&n.unsigned_abs(), least)).into(), old))
}

fn choose(n: &UBig, k: u64) -> UBig {
    falling(n, 0, k) / range_product(1, k + 1)
}

/// `(n - from) * ... * (n - to + 1)`, by halves.
fn falling(n: &UBig, from: u64, to: u64) -> UBig {
    if to - from <= 4 {
        return (from..to).fold(UBig::ONE, |product, i| product * (n - i));
    }
    let middle = from + (to - from) / 2;
    falling(n, from, middle) * falling(n, middle, to)
}

/// `math.perm`.
pub(crate) fn perm(state: &mut State, n: Word, k: Word, old: Word) -> Result<Word, Raise> {
    check_counts(n, k)?;
    if look2(n, k, |n, k| k > n) {
        return Ok(state.heap.put_i64(0, old));
    }
    let count = look(k, |k| i64::try_from(k))
        .map_err(|_| Raise::overflow(format!("k must not exceed {}", i64::MAX)))? as u64;
    // At least k!, and at least n ** (k / 2) / 2 ** k.
    check_bits(u128::from(count) / 2 * (bits_of(n).max(3) - 2))?;
    Ok(state.heap.put(look(n, |n| falling(&n.unsigned_abs(), 0, count)).into(), old))
}
