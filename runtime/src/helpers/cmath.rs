//! The `cmath` module: the formulas that CPython uses, over the same C library, so that results agree to the bit.
//!
//! Arguments that are infinite or no numbers go by tables ([`super::cmath_special`]); huge and tiny ones are
//! scaled first, so that nothing overflows on the way to a result that does not.
//!
//! Source: W. Kahan, "Branch cuts for complex elementary functions" (1987); C99, annex G.

use super::arith::Complex;
use super::cmath_special::{self as special, Table};
use super::libm::{self, atan2, hypot, ldexp};
use super::math::{domain, range};
use crate::{Raise, State};
use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};

/// Above this, sums of parts overflow.
const LARGE: f64 = f64::MAX / 4.0;
/// The square root of [`LARGE`], and of the least normal float.
const SQRT_LARGE: f64 = 6.703_903_964_971_298e153;
const SQRT_MIN: f64 = 1.491_668_146_240_041_3e-154;
/// The logarithm of [`LARGE`]: above it, `exp` is taken in two factors.
const LOG_LARGE: f64 = 708.396_418_532_264_1;
/// Powers of two that bring tiny numbers up, and their roots down again.
const UP: i32 = 53;
const DOWN: i32 = -27;

type Answer = Result<Complex, Raise>;

fn copysign(size: f64, sign: f64) -> f64 {
    size.copysign(sign)
}

fn is_large([re, im]: Complex) -> bool {
    re.abs() > LARGE || im.abs() > LARGE
}

fn in_range(z: Complex) -> Answer {
    if z[0].is_infinite() || z[1].is_infinite() { Err(range()) } else { Ok(z) }
}

/// The logarithm of the absolute value of a huge number.
fn log_of_large([re, im]: Complex) -> f64 {
    libm::log(hypot(re / 2.0, im / 2.0)) + LN_2 * 2.0
}

/// Functions by a table where a part is not finite, by a formula else.
macro_rules! tabled {
    ($($name:ident $table:ident $formula:ident)*) => {
        $(#[doc = concat!("`cmath.", stringify!($name), "`.")]
        pub fn $name(_: &mut State, re: f64, im: f64) -> Answer {
            of([re, im], &special::$table, $formula)
        })*
    };
}
/// Functions of which another one is a rotation: f(z) = -i g(i z).
macro_rules! rotated {
    ($($name:ident $other:ident)*) => {
        $(#[doc = concat!("`cmath.", stringify!($name), "`.")]
        pub fn $name(state: &mut State, re: f64, im: f64) -> Answer {
            let [re, im] = $other(state, -im, re)?;
            Ok([im, -re])
        })*
    };
}

fn of(z: Complex, table: &Table, formula: fn(Complex) -> Answer) -> Answer {
    if z[0].is_finite() && z[1].is_finite() { formula(z) } else { special::look_up(table, z) }
}

tabled! {
    acos ACOS finite_acos  acosh ACOSH finite_acosh  asinh ASINH finite_asinh
    log LOG finite_log  sqrt SQRT finite_sqrt  atanh ATANH finite_atanh
}
rotated! { asin asinh  atan atanh  sin sinh  tan tanh }

fn root(re: f64, im: f64) -> Complex {
    let z = [re, im];
    of(z, &special::SQRT, finite_sqrt).unwrap_or([f64::NAN; 2])
}

fn finite_acos(z: Complex) -> Answer {
    let [re, im] = z;
    if is_large(z) {
        // Which of both signs is negated decides between the two zeros.
        let size = log_of_large(z);
        let imaginary = if re < 0.0 { -copysign(size, im) } else { copysign(size, -im) };
        return Ok([atan2(im.abs(), re), imaginary]);
    }
    let (s, t) = (root(1.0 - re, -im), root(1.0 + re, im));
    Ok([2.0 * atan2(s[0], t[0]), libm::asinh(t[0] * s[1] - t[1] * s[0])])
}

fn finite_acosh(z: Complex) -> Answer {
    let [re, im] = z;
    if is_large(z) {
        return Ok([log_of_large(z), atan2(im, re)]);
    }
    let (s, t) = (root(re - 1.0, im), root(re + 1.0, im));
    Ok([libm::asinh(s[0] * t[0] + s[1] * t[1]), 2.0 * atan2(s[1], t[0])])
}

fn finite_asinh(z: Complex) -> Answer {
    let [re, im] = z;
    if is_large(z) {
        let size = log_of_large(z);
        let real = if im >= 0.0 { copysign(size, re) } else { -copysign(size, -re) };
        return Ok([real, atan2(im, re.abs())]);
    }
    let (s, t) = (root(1.0 + im, -re), root(1.0 - im, re));
    Ok([libm::asinh(s[0] * t[1] - t[0] * s[1]), atan2(im, s[0] * t[0] - s[1] * t[1])])
}

fn finite_atanh([re, im]: Complex) -> Answer {
    if re < 0.0 || re == 0.0 && re.is_sign_negative() {
        let [re, im] = finite_atanh([-re, -im])?;
        return Ok([-re, -im]);
    }
    let size = im.abs();
    if re > SQRT_LARGE || size > SQRT_LARGE {
        let half = hypot(re / 2.0, im / 2.0);
        return Ok([re / 4.0 / half / half, -copysign(FRAC_PI_2, -im)]);
    }
    if re == 1.0 && size < SQRT_MIN {
        if size == 0.0 {
            return Err(domain());
        }
        let real = -libm::log(size.sqrt() / hypot(size, 2.0).sqrt());
        return Ok([real, copysign(atan2(2.0, -size) / 2.0, im)]);
    }
    let rest = 1.0 - re;
    let real = libm::log1p(4.0 * re / (rest * rest + size * size)) / 4.0;
    Ok([real, -atan2(-2.0 * im, rest * (1.0 + re) - size * size) / 2.0])
}

fn finite_log([re, im]: Complex) -> Answer {
    let (x, y) = (re.abs(), im.abs());
    let real = if is_large([re, im]) {
        libm::log(hypot(x / 2.0, y / 2.0)) + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x == 0.0 && y == 0.0 {
            return Err(domain());
        }
        libm::log(hypot(ldexp(x, UP), ldexp(y, UP))) - f64::from(UP) * LN_2
    } else {
        let size = hypot(x, y);
        if (0.71..=1.73).contains(&size) {
            // Near 1 the logarithm is small, and digits would be lost with those of the root.
            let (most, least) = (x.max(y), x.min(y));
            libm::log1p((most - 1.0) * (most + 1.0) + least * least) / 2.0
        } else {
            libm::log(size)
        }
    };
    Ok([real, atan2(im, re)])
}

/// `cmath.log10`.
pub fn log10(state: &mut State, re: f64, im: f64) -> Answer {
    let [re, im] = log(state, re, im)?;
    Ok([re / LN_10, im / LN_10])
}

/// `cmath.log` with a base.
pub fn log_base(state: &mut State, re: f64, im: f64, base_re: f64, base_im: f64) -> Answer {
    // CPython forgets the error of the first logarithm, that of 0.
    let above = log(state, re, im).unwrap_or([f64::NEG_INFINITY, atan2(im, re)]);
    let below = log(state, base_re, base_im)?;
    super::arith::quotient(above, below).ok_or_else(domain)
}

fn finite_sqrt([re, im]: Complex) -> Answer {
    if re == 0.0 && im == 0.0 {
        return Ok([0.0, im]);
    }
    let (x, y) = (re.abs(), im.abs());
    let s = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE && (x > 0.0 || y > 0.0) {
        let x = ldexp(x, UP);
        ldexp((x + hypot(x, ldexp(y, UP))).sqrt(), DOWN)
    } else {
        let x = x / 8.0;
        2.0 * (x + hypot(x, y / 8.0)).sqrt()
    };
    let d = y / (2.0 * s);
    Ok(if re >= 0.0 { [s, copysign(d, im)] } else { [d, copysign(s, im)] })
}

/// Where the real part is infinite and the imaginary one an angle, the result lies in that direction.
fn direction(size: f64, angle: f64) -> Complex {
    [copysign(size, libm::cos(angle)), copysign(size, libm::sin(angle))]
}
fn is_direction(re: f64, im: f64) -> bool {
    re.is_infinite() && im.is_finite() && im != 0.0
}

/// `cmath.exp`.
pub fn exp(_: &mut State, re: f64, im: f64) -> Answer {
    if is_direction(re, im) {
        return Ok(direction(if re > 0.0 { f64::INFINITY } else { 0.0 }, im));
    }
    of([re, im], &special::EXP, |[re, im]| {
        if re > LOG_LARGE {
            let size = libm::exp(re - 1.0);
            return in_range([size * libm::cos(im) * E, size * libm::sin(im) * E]);
        }
        let size = libm::exp(re);
        in_range([size * libm::cos(im), size * libm::sin(im)])
    })
}

/// `cmath.cosh`.
pub fn cosh(_: &mut State, re: f64, im: f64) -> Answer {
    if is_direction(re, im) {
        let [x, y] = direction(f64::INFINITY, im);
        return Ok([x, if re > 0.0 { y } else { -y }]);
    }
    of([re, im], &special::COSH, |[re, im]| {
        if re.abs() > LOG_LARGE {
            let less = re - copysign(1.0, re);
            return in_range([libm::cos(im) * libm::cosh(less) * E, libm::sin(im) * libm::sinh(less) * E]);
        }
        in_range([libm::cos(im) * libm::cosh(re), libm::sin(im) * libm::sinh(re)])
    })
}

/// `cmath.sinh`.
pub fn sinh(_: &mut State, re: f64, im: f64) -> Answer {
    if is_direction(re, im) {
        let [x, y] = direction(f64::INFINITY, im);
        return Ok([if re > 0.0 { x } else { -x }, y]);
    }
    of([re, im], &special::SINH, |[re, im]| {
        if re.abs() > LOG_LARGE {
            let less = re - copysign(1.0, re);
            return in_range([libm::cos(im) * libm::sinh(less) * E, libm::sin(im) * libm::cosh(less) * E]);
        }
        in_range([libm::cos(im) * libm::sinh(re), libm::sin(im) * libm::cosh(re)])
    })
}

/// `cmath.cos`.
pub fn cos(state: &mut State, re: f64, im: f64) -> Answer {
    cosh(state, -im, re)
}

/// `cmath.tanh`.
pub fn tanh(_: &mut State, re: f64, im: f64) -> Answer {
    if is_direction(re, im) {
        let imaginary = copysign(0.0, 2.0 * libm::sin(im) * libm::cos(im));
        return Ok([copysign(1.0, re), imaginary]);
    }
    of([re, im], &special::TANH, |[re, im]| {
        if re.abs() > LOG_LARGE {
            let imaginary = 4.0 * libm::sin(im) * libm::cos(im) * libm::exp(-2.0 * re.abs());
            return Ok([copysign(1.0, re), imaginary]);
        }
        let (x, y, c) = (libm::tanh(re), libm::tan(im), 1.0 / libm::cosh(re));
        let product = x * y;
        let below = 1.0 + product * product;
        Ok([x * (1.0 + y * y) / below, y / below * c * c])
    })
}

/// `cmath.phase`. CPython asks the C library for errors here, and what is too near to 0 for a float is one.
pub fn phase(_: &mut State, re: f64, im: f64) -> Result<f64, Raise> {
    let angle = atan2(im, re);
    if angle == 0.0 && im != 0.0 && re.is_finite() { Err(range()) } else { Ok(angle) }
}

/// `abs(z)`, and the radius of `cmath.polar`.
pub fn abs(_: &mut State, re: f64, im: f64) -> Result<f64, Raise> {
    size(re, im).ok_or_else(|| Raise::overflow("absolute value too large"))
}

/// `cmath.polar`.
pub fn polar(_: &mut State, re: f64, im: f64) -> Answer {
    Ok([size(re, im).ok_or_else(range)?, atan2(im, re)])
}

fn size(re: f64, im: f64) -> Option<f64> {
    let size = hypot(re, im);
    (size.is_finite() || !re.is_finite() || !im.is_finite()).then_some(size)
}

/// `cmath.rect`.
pub fn rect(_: &mut State, size: f64, angle: f64) -> Answer {
    if is_direction(size, angle) {
        let [x, y] = direction(f64::INFINITY, angle);
        return Ok(if size > 0.0 { [x, y] } else { [-x, -y] });
    }
    of([size, angle], &special::RECT, |[size, angle]| {
        Ok(if angle == 0.0 {
            [size, size * angle]
        } else {
            [size * libm::cos(angle), size * libm::sin(angle)]
        })
    })
}
