//! Bits: integers as two's complement without an end on the left.

use super::arith::bits_of;
use super::check_bits;
use super::word::{Word, look, look2, small};
use crate::{Raise, State};
use dashu_int::IBig;
use dashu_int::ops::UnsignedAbs;

macro_rules! binary {
    ($($name:ident, $op:tt;)*) => {
        $(#[doc = concat!("`a ", stringify!($op), " b`.")]
        pub(crate) fn $name(state: &mut State, a: Word, b: Word, old: Word) -> Word {
            match (small(a), small(b)) {
                (Some(x), Some(y)) => state.heap.put_i64(x $op y, old),
                _ => state.heap.put(look2(a, b, |x, y| x $op y), old),
            }
        })*
    };
}
binary! { and, &; or, |; xor, ^; }

/// `~a`.
pub(crate) fn invert(state: &mut State, a: Word, old: Word) -> Word {
    match small(a) {
        Some(value) => state.heap.put_i64(!value, old),
        None => state.heap.put(look(a, |value| !value), old),
    }
}

/// So many 30-bit digits of 4 bytes CPython can address.
const MAX_DIGITS: u128 = ((1 << 63) - 25) / 4;

fn check_count(count: Word) -> Result<(), Raise> {
    let negative = look(count, |count| *count < IBig::ZERO);
    if negative { Err(Raise::value("negative shift count")) } else { Ok(()) }
}

/// `a << b`.
pub(crate) fn shl(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
    check_count(b)?;
    if small(a) == Some(0) {
        return Ok(state.heap.put_i64(0, old));
    }
    // CPython knows two limits: what an index can count, and memory.
    let count = look(b, |count| u128::try_from(count)).unwrap_or(u128::MAX);
    if bits_of(a).div_ceil(30) + count / 30 > MAX_DIGITS {
        return Err(Raise::overflow("too many digits in integer"));
    }
    check_bits(bits_of(a) + count)?;
    let value = look(a, |value| value << count as usize);
    Ok(state.heap.put(value, old))
}

/// `a >> b`.
pub(crate) fn shr(state: &mut State, a: Word, b: Word, old: Word) -> Result<Word, Raise> {
    check_count(b)?;
    let count = look(b, |count| usize::try_from(count)).unwrap_or(usize::MAX);
    if let Some(value) = small(a) {
        return Ok(state.heap.put_i64(value >> count.min(63), old));
    }
    if count as u128 >= bits_of(a) {
        let sign = look(a, |value| if *value < IBig::ZERO { -1 } else { 0 });
        return Ok(state.heap.put_i64(sign, old));
    }
    let value = look(a, |value| value >> count);
    Ok(state.heap.put(value, old))
}

/// `a.bit_length()`.
pub(crate) fn bit_length(state: &mut State, a: Word, old: Word) -> Word {
    let bits = look(a, |value| dashu_int::ops::BitTest::bit_len(&value.unsigned_abs()));
    state.heap.put_i64(bits as i64, old)
}

/// `a.bit_count()`: the ones of the absolute value.
pub(crate) fn bit_count(state: &mut State, a: Word, old: Word) -> Word {
    let ones = look(a, |value| value.as_sign_words().1.iter().map(|word| word.count_ones()).sum::<u32>());
    state.heap.put_i64(ones.into(), old)
}
