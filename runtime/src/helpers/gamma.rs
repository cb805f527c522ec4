//! `math.gamma` and `math.lgamma` by Lanczos' approximation, so that digits agree with CPython's,
//! which does not use the C library here.
//!
//! Γ(x) = S(x) * ((x + g - 1/2) / e)^(x - 1/2), where S is a quotient of two polynomials of degree
//! 12. Negative arguments by reflection: Γ(x) Γ(-x) = -π / (x sin πx).
//!
//! Source: C. Lanczos, "A precision approximation of the gamma function" (1964); the coefficients for
//! 13 terms and 53 bits are G. Pugh's method as published with the Boost libraries.

#![allow(clippy::excessive_precision)] // as published

use super::libm;
use super::math::{domain, range};
use crate::Raise;
use std::f64::consts::PI;

const G: f64 = 6.024_680_040_776_729_583_740_234_375;
const G_MINUS_HALF: f64 = 5.524_680_040_776_729_583_740_234_375;
const LN_PI: f64 = 1.144_729_885_849_400_174_143_427_351_353_058_711_647;

const NUMERATOR: [f64; 13] = [
    23_531_376_880.410_759_688_572_007_674_451_636_754_734_846_804_940,
    42_919_803_642.649_098_768_957_899_047_001_988_850_926_355_848_959,
    35_711_959_237.355_668_049_440_185_451_547_166_705_960_488_635_843,
    17_921_034_426.037_209_699_919_755_754_458_931_112_671_403_265_390,
    6_039_542_586.352_028_005_064_291_644_307_297_921_069_938_842_070_8,
    1_439_720_407.311_721_673_663_223_072_794_912_393_971_548_578_637_2,
    248_874_557.862_054_156_511_460_386_413_229_423_216_321_251_278_01,
    31_426_415.585_400_194_380_614_231_628_318_205_362_874_684_987_640,
    2_876_370.628_935_372_441_225_409_051_620_849_613_599_114_537_876_8,
    186_056.265_395_223_495_040_294_989_716_045_699_282_207_842_363_28,
    8_071.672_002_365_816_210_638_002_902_272_250_613_821_851_632_502_4,
    210.824_277_751_579_345_872_509_733_920_713_362_711_669_695_802_91,
    2.506_628_274_631_000_270_164_908_177_133_837_338_626_431_079_340_8,
];
/// The coefficients of x (x + 1) ... (x + 11).
const DENOMINATOR: [f64; 13] = [
    0.0,
    39_916_800.0,
    120_543_840.0,
    150_917_976.0,
    105_258_076.0,
    45_995_730.0,
    13_339_535.0,
    2_637_558.0,
    357_423.0,
    32_670.0,
    1_925.0,
    66.0,
    1.0,
];

/// S(x) for x > 0; in powers of 1/x when x is large, to stay in range.
fn series(x: f64) -> f64 {
    let both = NUMERATOR.iter().zip(&DENOMINATOR);
    let (num, den) = if x < 5.0 {
        both.rev().fold((0.0, 0.0), |(n, d), (a, b)| (n * x + a, d * x + b))
    } else {
        both.fold((0.0, 0.0), |(n, d), (a, b)| (n / x + a, d / x + b))
    };
    num / den
}

/// sin(πx) for finite x, accurate near every zero.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let value = match (2.0 * y).round() as i32 {
        0 => libm::sin(PI * y),
        1 => libm::cos(PI * (y - 0.5)),
        2 => libm::sin(PI * (1.0 - y)),
        3 => -libm::cos(PI * (y - 1.5)),
        _ => libm::sin(PI * (y - 2.0)),
    };
    value * 1.0_f64.copysign(x)
}

fn finite(x: f64) -> Result<f64, Raise> {
    if x.is_infinite() { Err(range()) } else { Ok(x) }
}

/// Γ of a whole number up to 23.
fn factorial(x: f64) -> f64 {
    let mut product = 1.0;
    let mut factor = 2.0;
    while factor < x {
        product *= factor;
        factor += 1.0;
    }
    product
}

/// `math.gamma`.
pub fn gamma(x: f64) -> Result<f64, Raise> {
    if x.is_nan() || x == f64::INFINITY {
        return Ok(x);
    }
    if x == f64::NEG_INFINITY || x == 0.0 || x == x.floor() && x < 0.0 {
        return Err(domain());
    }
    if x == x.floor() && x <= 23.0 {
        return Ok(factorial(x));
    }
    let size = x.abs();
    if size < 1e-20 {
        return finite(1.0 / x);
    }
    if size > 200.0 {
        // Between its poles the function has long gone below the least float there.
        return if x < 0.0 { Ok(0.0 / sin_pi(x)) } else { Err(range()) };
    }
    finite(lanczos(x, size))
}

fn lanczos(x: f64, size: f64) -> f64 {
    let base = size + G_MINUS_HALF;
    // What the rounding of `base` lost, to first order.
    let lost = if size > G_MINUS_HALF { (base - size) - G_MINUS_HALF } else { (base - G_MINUS_HALF) - size };
    let correction = lost * G / base;
    // The power may be out of range where the result is not: then in two halves.
    let halves = size >= 140.0;
    let power = libm::pow(base, if halves { size / 2.0 - 0.25 } else { size - 0.5 });
    if x < 0.0 {
        let mut value = -PI / sin_pi(size) / size * libm::exp(base) / series(size);
        value -= correction * value;
        value /= power;
        if halves { value / power } else { value }
    } else {
        let mut value = series(size) / libm::exp(base);
        value += correction * value;
        value *= power;
        if halves { value * power } else { value }
    }
}

/// `math.lgamma`.
pub fn lgamma(x: f64) -> Result<f64, Raise> {
    if x.is_nan() {
        return Ok(x);
    }
    if x.is_infinite() {
        return Ok(f64::INFINITY);
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(domain()) } else { Ok(0.0) };
    }
    let size = x.abs();
    if size < 1e-20 {
        return Ok(-libm::log(size));
    }
    let mut value = libm::log(series(size)) - G;
    value += (size - 0.5) * (libm::log(size + G - 0.5) - 1.0);
    if x < 0.0 {
        value = LN_PI - libm::log(sin_pi(size).abs()) - libm::log(size) - value;
    }
    finite(value)
}
