//! The meaning of scalar opcodes on bits: small functions that the rows of the opcode table use.

use crate::{TrapCode, Type};
use std::cmp::Ordering;

/// Bits of up to two results; a row with one result leaves the second 0.
pub type Evaluated = Result<[u128; 2], TrapCode>;
/// `(T, type of the first operand, operand bits) -> result bits`.
pub type EvalFn = fn(Type, Type, &[u128]) -> Evaluated;

/// The meaning of opcodes that touch memory or control: not a function of bits.
pub(crate) fn none(_: Type, _: Type, _: &[u128]) -> Evaluated {
    Err(TrapCode::Unreachable)
}
pub(crate) fn one(bits: u128) -> Evaluated {
    Ok([bits, 0])
}
pub(crate) fn two(first: u128, second: u128) -> Evaluated {
    Ok([first, second])
}
pub(crate) fn flag(holds: bool) -> Evaluated {
    one(holds as u128)
}

/// The value of `bits` as a signed integer of type `ty`.
pub fn signed(ty: Type, bits: u128) -> i128 {
    let unused = 128 - ty.bits();
    (bits << unused) as i128 >> unused
}

/// The least signed value of an integer type.
pub fn int_min(ty: Type) -> i128 {
    i128::MIN >> (128 - ty.bits())
}
/// The greatest signed value of an integer type.
pub fn int_max(ty: Type) -> i128 {
    i128::MAX >> (128 - ty.bits())
}

pub(crate) fn amount(ty: Type, bits: u128) -> u32 {
    (bits % ty.bits() as u128) as u32
}
pub(crate) fn rotl(ty: Type, bits: u128, by: u32) -> u128 {
    if by == 0 { bits } else { bits << by | bits >> (ty.bits() - by) }
}
pub(crate) fn sign_bit(ty: Type) -> u128 {
    1 << (ty.bits() - 1)
}

pub(crate) fn udiv(a: u128, b: u128) -> Evaluated {
    a.checked_div(b).ok_or(TrapCode::DivZero).and_then(one)
}
pub(crate) fn urem(a: u128, b: u128) -> Evaluated {
    a.checked_rem(b).ok_or(TrapCode::DivZero).and_then(one)
}
/// 128 by 64 bits: fits if the high half is less than the divisor, which is then not zero.
pub(crate) fn udiv_wide(a: &[u128]) -> Evaluated {
    let (dividend, divisor) = (a[0] | a[1] << 64, a[2]);
    if a[1] < divisor { two(dividend / divisor, dividend % divisor) } else { Err(TrapCode::IntOverflow) }
}
fn signed_division(ty: Type, a: u128, b: u128) -> Result<(i128, i128), TrapCode> {
    let (a, b) = (signed(ty, a), signed(ty, b));
    match b {
        0 => Err(TrapCode::DivZero),
        -1 if a == int_min(ty) => Err(TrapCode::IntOverflow),
        _ => Ok((a, b)),
    }
}
pub(crate) fn sdiv(ty: Type, a: u128, b: u128) -> Evaluated {
    let (a, b) = signed_division(ty, a, b)?;
    one((a / b) as u128)
}
pub(crate) fn srem(ty: Type, a: u128, b: u128) -> Evaluated {
    let (a, b) = signed_division(ty, a, b)?;
    one((a % b) as u128)
}

fn fits(ty: Type, exact: Option<i128>, wrapped: i128) -> Evaluated {
    let overflowed = exact.is_none_or(|x| x < int_min(ty) || x > int_max(ty));
    two(wrapped as u128, overflowed as u128)
}
pub(crate) fn sadd_overflow(ty: Type, a: u128, b: u128) -> Evaluated {
    let (a, b) = (signed(ty, a), signed(ty, b));
    fits(ty, a.checked_add(b), a.wrapping_add(b))
}
pub(crate) fn ssub_overflow(ty: Type, a: u128, b: u128) -> Evaluated {
    let (a, b) = (signed(ty, a), signed(ty, b));
    fits(ty, a.checked_sub(b), a.wrapping_sub(b))
}
pub(crate) fn smul_overflow(ty: Type, a: u128, b: u128) -> Evaluated {
    let (a, b) = (signed(ty, a), signed(ty, b));
    fits(ty, a.checked_mul(b), a.wrapping_mul(b))
}
pub(crate) fn uadd_overflow(ty: Type, a: u128, b: u128) -> Evaluated {
    let overflowed = a.checked_add(b).is_none_or(|x| x > ty.mask());
    two(a.wrapping_add(b), overflowed as u128)
}
pub(crate) fn umul_overflow(ty: Type, a: u128, b: u128) -> Evaluated {
    let overflowed = a.checked_mul(b).is_none_or(|x| x > ty.mask());
    two(a.wrapping_mul(b), overflowed as u128)
}

fn f32_of(bits: u128) -> f32 {
    f32::from_bits(bits as u32)
}
fn f64_of(bits: u128) -> f64 {
    f64::from_bits(bits as u64)
}

pub(crate) fn float1(ty: Type, a: &[u128], f: fn(f32) -> f32, g: fn(f64) -> f64) -> Evaluated {
    one(match ty {
        Type::F32 => f(f32_of(a[0])).to_bits() as u128,
        _ => g(f64_of(a[0])).to_bits() as u128,
    })
}
pub(crate) fn float2(ty: Type, a: &[u128], f: fn(f32, f32) -> f32, g: fn(f64, f64) -> f64) -> Evaluated {
    one(match ty {
        Type::F32 => f(f32_of(a[0]), f32_of(a[1])).to_bits() as u128,
        _ => g(f64_of(a[0]), f64_of(a[1])).to_bits() as u128,
    })
}
pub(crate) fn fma(ty: Type, a: &[u128]) -> Evaluated {
    one(match ty {
        Type::F32 => f32_of(a[0]).mul_add(f32_of(a[1]), f32_of(a[2])).to_bits() as u128,
        _ => f64_of(a[0]).mul_add(f64_of(a[1]), f64_of(a[2])).to_bits() as u128,
    })
}

macro_rules! min_max {
    ($min:ident, $max:ident, $float:ident) => {
        pub(crate) fn $min(x: $float, y: $float) -> $float {
            match x.partial_cmp(&y) {
                None => x + y,
                Some(Ordering::Less) => x,
                Some(Ordering::Greater) => y,
                Some(Ordering::Equal) => {
                    if x.is_sign_negative() {
                        x
                    } else {
                        y
                    }
                }
            }
        }
        pub(crate) fn $max(x: $float, y: $float) -> $float {
            match x.partial_cmp(&y) {
                None => x + y,
                Some(Ordering::Less) => y,
                Some(Ordering::Greater) => x,
                Some(Ordering::Equal) => {
                    if x.is_sign_negative() {
                        y
                    } else {
                        x
                    }
                }
            }
        }
    };
}
min_max!(fmin32, fmax32, f32);
min_max!(fmin64, fmax64, f64);

pub(crate) fn fcmp(ty: Type, a: &[u128]) -> Option<Ordering> {
    match ty {
        Type::F32 => f32_of(a[0]).partial_cmp(&f32_of(a[1])),
        _ => f64_of(a[0]).partial_cmp(&f64_of(a[1])),
    }
}

pub(crate) fn sint_to_float(ty: Type, value: i128) -> u128 {
    if ty == Type::F32 { (value as f32).to_bits() as u128 } else { (value as f64).to_bits() as u128 }
}
pub(crate) fn uint_to_float(ty: Type, value: u128) -> u128 {
    if ty == Type::F32 { (value as f32).to_bits() as u128 } else { (value as f64).to_bits() as u128 }
}

fn widen(from: Type, bits: u128) -> f64 {
    if from == Type::F32 { f32_of(bits) as f64 } else { f64_of(bits) }
}
pub(crate) fn float_to_int(from: Type, bits: u128, min: i128, max: i128) -> Evaluated {
    let value = widen(from, bits).trunc();
    // The bounds themselves may not be floats; an integral float in 128 bits converts exactly.
    if value.is_nan() || value.abs() > 1e30 || (value as i128) < min || (value as i128) > max {
        return Err(TrapCode::BadConversion);
    }
    one(value as i128 as u128)
}
pub(crate) fn float_to_int_sat(from: Type, bits: u128, min: i128, max: i128) -> u128 {
    (widen(from, bits) as i128).clamp(min, max) as u128
}
