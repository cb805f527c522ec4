//! Arithmetic that is not one instruction.

use super::libm;
use crate::number::{round_float, round_int};
use crate::{Raise, State};
use pyexec_ir::rt::Exc;

fn zero_division(message: &str) -> Raise {
    Raise::new(Exc::ZeroDivisionError, message)
}

/// `a ** b` by squaring.
pub fn int_pow(_: &mut State, base: i64, exponent: i64) -> Result<i64, Raise> {
    if exponent < 0 {
        return Err(Raise::value("a negative exponent would give a float"));
    }
    match base {
        0 => return Ok(i64::from(exponent == 0)),
        1 => return Ok(1),
        -1 => return Ok(if exponent % 2 == 0 { 1 } else { -1 }),
        _ => {}
    }
    let power = u32::try_from(exponent).ok().and_then(|exponent| base.checked_pow(exponent));
    power.ok_or_else(Raise::int_overflow)
}

/// `pow(a, b, m)`; the result has the sign of `m`.
pub fn int_pow_mod(_: &mut State, base: i64, exponent: i64, modulus: i64) -> Result<i64, Raise> {
    if modulus == 0 {
        return Err(Raise::value("pow() 3rd argument cannot be 0"));
    }
    let size = i128::from(modulus.unsigned_abs());
    let mut base = i128::from(base).rem_euclid(size);
    if exponent < 0 {
        let inverse = inverse(base, size);
        base = inverse.ok_or_else(|| Raise::value("base is not invertible for the given modulus"))?;
    }
    let mut result = 1 % size;
    let mut rest = exponent.unsigned_abs();
    while rest > 0 {
        if rest & 1 == 1 {
            result = result * base % size;
        }
        base = base * base % size;
        rest >>= 1;
    }
    let result = if modulus < 0 && result != 0 { result - size } else { result };
    i64::try_from(result).map_err(|_| Raise::int_overflow())
}

/// By Euclid's extended algorithm; `None` if there is a common divisor.
fn inverse(value: i128, modulus: i128) -> Option<i128> {
    let (mut old, mut new) = ((value, 1), (modulus, 0));
    while new.0 != 0 {
        let quotient = old.0 / new.0;
        (old, new) = (new, (old.0 - quotient * new.0, old.1 - quotient * new.1));
    }
    (old.0 == 1 || modulus == 1).then(|| old.1.rem_euclid(modulus))
}

/// `a / b` correctly rounded. The quotient of the numerator, shifted up to 127 bits, has at least 63
/// bits; a sticky bit stands for the remainder, so the one rounding is that to 53 bits.
pub fn int_div_f64(_: &mut State, a: i64, b: i64) -> f64 {
    let (size_a, size_b) = (u128::from(a.unsigned_abs()), u128::from(b.unsigned_abs()));
    if size_a == 0 || size_b == 0 {
        return a as f64 / b as f64;
    }
    let shift = size_a.leading_zeros();
    let shifted = size_a << shift;
    let quotient = (shifted / size_b) | u128::from(shifted % size_b != 0);
    // Both steps are exact but for the rounding of `as`: no result is near the subnormals.
    let size = quotient as f64 * 2.0_f64.powi(-(shift as i32));
    if (a < 0) == (b < 0) { size } else { -size }
}

/// `round(a, ndigits)`.
pub fn int_round(_: &mut State, a: i64, ndigits: i64) -> Result<i64, Raise> {
    round_int(a, ndigits)
}

/// Exact comparison of an int with a float.
pub fn int_cmp_f64(_: &mut State, a: i64, b: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        return 2;
    }
    if b >= LIMIT {
        return -1;
    }
    if b < -LIMIT {
        return 1;
    }
    let whole = b.trunc();
    // Equal whole parts: the fraction decides, which has the sign of b.
    match a.cmp(&(whole as i64)) {
        std::cmp::Ordering::Equal if b > whole => -1,
        std::cmp::Ordering::Equal if b < whole => 1,
        order => order as i64,
    }
}

/// `a ** b` for floats.
pub fn float_pow(state: &mut State, a: f64, b: f64) -> Result<f64, Raise> {
    if a == 0.0 && b < 0.0 && b.is_finite() {
        return Err(zero_division("0.0 cannot be raised to a negative power"));
    }
    if a == 0.0 && b == f64::NEG_INFINITY {
        return Ok(f64::INFINITY);
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b != b.floor() {
        // Python goes on with complex numbers here, and an overflow of theirs is what it reports.
        complex_pow(state, a, 0.0, b, 0.0)?;
        return Err(Raise::value("negative number cannot be raised to a fractional power"));
    }
    let power = libm::pow(a, b);
    if power.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(Raise::overflow("(34, 'Numerical result out of range')"));
    }
    Ok(power)
}

/// `a % b`: the sign of `b`.
pub fn float_mod(_: &mut State, a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (b < 0.0) != (rest < 0.0) {
        rest + b
    } else {
        rest
    }
}

/// `a // b`: from the exact remainder, so that `(a // b) * b + a % b` is close to `a`.
pub fn float_floordiv(_: &mut State, a: f64, b: f64) -> f64 {
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(a / b);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

/// `round(x, ndigits)`.
pub fn float_round(_: &mut State, x: f64, ndigits: i64) -> Result<f64, Raise> {
    round_float(x, ndigits)
}

/// Real part, imaginary part.
pub type Complex = [f64; 2];

/// `a / b`, by Smith's method: the smaller part of `b` is divided by the greater.
pub(super) fn quotient(a: Complex, b: Complex) -> Option<Complex> {
    if b[0].abs() >= b[1].abs() {
        if b[0] == 0.0 {
            return None;
        }
        let ratio = b[1] / b[0];
        let scale = b[0] + b[1] * ratio;
        Some([(a[0] + a[1] * ratio) / scale, (a[1] - a[0] * ratio) / scale])
    } else if b[1].abs() >= b[0].abs() {
        let ratio = b[0] / b[1];
        let scale = b[0] * ratio + b[1];
        Some([(a[0] * ratio + a[1]) / scale, (a[1] * ratio - a[0]) / scale])
    } else {
        Some([f64::NAN, f64::NAN])
    }
}

fn product(a: Complex, b: Complex) -> Complex {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// `a / b` for complex numbers.
pub fn complex_div(_: &mut State, a: f64, b: f64, c: f64, d: f64) -> Result<Complex, Raise> {
    quotient([a, b], [c, d]).ok_or_else(|| zero_division("complex division by zero"))
}

/// `a ** b` for complex numbers: small whole exponents by squaring, others in polar form.
pub fn complex_pow(_: &mut State, a: f64, b: f64, c: f64, d: f64) -> Result<Complex, Raise> {
    let small = d == 0.0 && c == c.floor() && c.abs() <= 100.0;
    let power = if small { whole_power([a, b], c as i32) } else { polar_power([a, b], [c, d]) };
    let power = power.ok_or_else(|| zero_division("0.0 to a negative or complex power"))?;
    if power[0].is_infinite() || power[1].is_infinite() {
        return Err(Raise::overflow("complex exponentiation"));
    }
    Ok(power)
}

fn whole_power(base: Complex, exponent: i32) -> Option<Complex> {
    let mut result = [1.0, 0.0];
    let mut square = base;
    let mut rest = exponent.unsigned_abs();
    while rest > 0 {
        if rest & 1 == 1 {
            result = product(result, square);
        }
        square = product(square, square);
        rest >>= 1;
    }
    if exponent > 0 { Some(result) } else { quotient([1.0, 0.0], result) }
}

fn polar_power(base: Complex, exponent: Complex) -> Option<Complex> {
    if exponent == [0.0, 0.0] {
        return Some([1.0, 0.0]);
    }
    if base == [0.0, 0.0] {
        return (exponent[1] == 0.0 && exponent[0] >= 0.0).then_some([0.0, 0.0]);
    }
    let size = libm::hypot(base[0], base[1]);
    let angle = libm::atan2(base[1], base[0]);
    let mut length = libm::pow(size, exponent[0]);
    let mut phase = angle * exponent[0];
    if exponent[1] != 0.0 {
        length /= libm::exp(angle * exponent[1]);
        phase += exponent[1] * libm::log(size);
    }
    // The sine of infinity is a domain error of the C library, which CPython takes for the other one.
    if phase.is_infinite() {
        return None;
    }
    Some([length * libm::cos(phase), length * libm::sin(phase)])
}
