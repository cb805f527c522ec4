//! The `math` module: the C library's functions with CPython's rules for errors.
//!
//! The rules: a NaN from an argument that is none is a domain error; an infinity from a finite
//! argument is a range error where the function can overflow, else a pole, which is a domain error.

use super::{gamma, libm};
use crate::{Raise, State};

/// `ValueError("math domain error")`.
pub(crate) fn domain() -> Raise {
    Raise::value("math domain error")
}
/// `OverflowError("math range error")`.
pub(super) fn range() -> Raise {
    Raise::overflow("math range error")
}

fn check(x: f64, result: f64, overflows: bool) -> Result<f64, Raise> {
    if result.is_nan() && !x.is_nan() {
        return Err(domain());
    }
    if result.is_infinite() && x.is_finite() {
        return Err(if overflows { range() } else { domain() });
    }
    Ok(result)
}

macro_rules! unary {
    ($($name:ident $overflows:literal)*) => {
        $(#[doc = concat!("`math.", stringify!($name), "`.")]
        pub fn $name(_: &mut State, x: f64) -> Result<f64, Raise> {
            check(x, libm::$name(x), $overflows)
        })*
    };
}

unary! {
    acos false acosh false asin false asinh false atan false atanh false cbrt false cos false cosh true
    erf false erfc false exp true exp2 true expm1 true log1p false sin false sinh true tan false
    tanh false log false log10 false log2 false
}

/// `math.atan2`.
pub fn atan2(_: &mut State, y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// `math.fmod`.
pub fn fmod(_: &mut State, x: f64, y: f64) -> Result<f64, Raise> {
    let rest = x % y;
    if rest.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain()) } else { Ok(rest) }
}

/// `math.remainder`.
pub fn remainder(_: &mut State, x: f64, y: f64) -> Result<f64, Raise> {
    let rest = libm::remainder(x, y);
    if rest.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain()) } else { Ok(rest) }
}

/// `math.gamma`.
pub fn gamma(_: &mut State, x: f64) -> Result<f64, Raise> {
    gamma::gamma(x)
}

/// `math.lgamma`.
pub fn lgamma(_: &mut State, x: f64) -> Result<f64, Raise> {
    gamma::lgamma(x)
}

/// `math.hypot` of two.
pub fn hypot(_: &mut State, x: f64, y: f64) -> f64 {
    norm(&[x, y])
}

/// The length of a vector, within a hair of correct rounding: the squares are summed as unevaluated
/// pairs (fused multiply-add gives the error of a product exactly), and the root is improved by one
/// Newton step on the exact remainder. Source: T. J. Dekker (1971) for the pairs.
pub(super) fn norm(items: &[f64]) -> f64 {
    if items.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if items.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let max = items.iter().fold(0.0_f64, |max, x| max.max(x.abs()));
    if max == 0.0 || items.len() == 1 {
        return max;
    }
    if max < f64::MIN_POSITIVE {
        // Subnormals have few bits: 2^1022 makes the division exact and the digits full.
        return f64::MIN_POSITIVE
            * root(items.iter().map(|x| x / f64::MIN_POSITIVE), max / f64::MIN_POSITIVE);
    }
    root(items.iter().copied(), max)
}

fn root(items: impl Iterator<Item = f64>, max: f64) -> f64 {
    let scale = libm::ldexp(1.0, -(frexp(max).1 as i32));
    let mut sum = Sum { high: 1.0, products: 0.0, sums: 0.0 };
    items.for_each(|x| sum.add_product(x * scale, x * scale));
    let root = sum.value().sqrt();
    sum.add_product(-root, root);
    (root + sum.value() / (2.0 * root)) / scale
}

/// 1 + a sum of products. The 1 makes `high` the greater summand always, as the error term needs.
struct Sum {
    high: f64,
    products: f64,
    sums: f64,
}

impl Sum {
    fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.products += a.mul_add(b, -product);
        let high = self.high + product;
        self.sums += product - (high - self.high);
        self.high = high;
    }
    fn value(&self) -> f64 {
        self.high - 1.0 + (self.products + self.sums)
    }
}

/// `math.ldexp`.
pub fn ldexp(_: &mut State, x: f64, exponent: i64) -> Result<f64, Raise> {
    // Far beyond the range of floats in both directions.
    let exponent = exponent.clamp(-100_000, 100_000) as i32;
    check(x, libm::ldexp(x, exponent), true)
}

/// `math.log` of an int.
pub fn log_int(_: &mut State, x: i64) -> Result<f64, Raise> {
    if x <= 0 { Err(domain()) } else { Ok(libm::log(x as f64)) }
}

/// `math.pow`.
pub fn pow(_: &mut State, x: f64, y: f64) -> Result<f64, Raise> {
    let power = libm::pow(x, y);
    if !x.is_finite() || !y.is_finite() || power.is_finite() {
        return Ok(power);
    }
    Err(if power.is_nan() || x == 0.0 { domain() } else { range() })
}

/// `math.nextafter`.
pub fn nextafter(_: &mut State, x: f64, y: f64) -> f64 {
    libm::nextafter(x, y)
}

/// `math.nextafter` by several steps. Order of floats is order of their bits, on either side of 0.
pub fn nextafter_steps(_: &mut State, x: f64, y: f64, steps: i64) -> Result<f64, Raise> {
    if steps < 0 {
        return Err(Raise::value("steps must be a non-negative integer"));
    }
    if steps == 0 || x.is_nan() {
        return Ok(x);
    }
    if y.is_nan() || x == y {
        return Ok(y);
    }
    let place = |x: f64| {
        let size = (x.to_bits() & !(1 << 63)) as i64;
        if x.is_sign_negative() { -size } else { size }
    };
    let (from, to) = (place(x), place(y));
    if from.abs_diff(to) <= steps.unsigned_abs() {
        return Ok(y);
    }
    let at = if to > from { from + steps } else { from - steps };
    let size = f64::from_bits(at.unsigned_abs());
    // Zero keeps the sign of the side it was reached from.
    let negative = at < 0 || at == 0 && x.is_sign_negative();
    Ok(if negative { -size } else { size })
}

/// `math.fma`.
pub fn fma(_: &mut State, x: f64, y: f64, z: f64) -> Result<f64, Raise> {
    let result = x.mul_add(y, z);
    if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(Raise::value("invalid operation in fma"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(Raise::overflow("overflow in fma"));
    }
    Ok(result)
}

/// `math.ulp`.
pub fn ulp(_: &mut State, x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let above = x.next_up();
    if above.is_infinite() { x - x.next_down() } else { above - x }
}

fn frexp(x: f64) -> (f64, i64) {
    const BIAS: i64 = 1022;
    if x == 0.0 || !x.is_finite() {
        return (x, 0);
    }
    if x.abs() < f64::MIN_POSITIVE {
        let (mantissa, exponent) = frexp(x * 2.0_f64.powi(54));
        return (mantissa, exponent - 54);
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - BIAS;
    (f64::from_bits(bits & !(0x7ff << 52) | (BIAS as u64) << 52), exponent)
}

/// `math.frexp(x)[0]`.
pub fn frexp_mantissa(_: &mut State, x: f64) -> f64 {
    frexp(x).0
}

/// `math.frexp(x)[1]`.
pub fn frexp_exponent(_: &mut State, x: f64) -> i64 {
    frexp(x).1
}

fn greatest_divisor(a: i64, b: i64) -> u64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn fit<T: TryInto<i64>>(value: T) -> Result<i64, Raise> {
    value.try_into().map_err(|_| Raise::int_overflow())
}

/// `math.gcd`.
pub fn gcd(_: &mut State, a: i64, b: i64) -> Result<i64, Raise> {
    fit(greatest_divisor(a, b))
}

/// `math.lcm`.
pub fn lcm(_: &mut State, a: i64, b: i64) -> Result<i64, Raise> {
    if a == 0 || b == 0 {
        return Ok(0);
    }
    let divisor = u128::from(greatest_divisor(a, b));
    fit(u128::from(a.unsigned_abs()) / divisor * u128::from(b.unsigned_abs()))
}

/// `math.isqrt`.
pub fn isqrt(_: &mut State, n: i64) -> Result<i64, Raise> {
    n.checked_isqrt().ok_or_else(|| Raise::value("isqrt() argument must be nonnegative"))
}

/// `math.factorial`.
pub fn factorial(_: &mut State, n: i64) -> Result<i64, Raise> {
    match n {
        ..0 => Err(Raise::value("factorial() not defined for negative values")),
        0..=20 => Ok((1..=n).product()),
        _ => Err(Raise::int_overflow()),
    }
}

fn check_counts(n: i64, k: i64) -> Result<(), Raise> {
    match (n, k) {
        (..0, _) => Err(Raise::value("n must be a non-negative integer")),
        (_, ..0) => Err(Raise::value("k must be a non-negative integer")),
        _ => Ok(()),
    }
}

/// `math.comb`. Grows at least by doubling, so the loop ends with the result or by overflow.
pub fn comb(_: &mut State, n: i64, k: i64) -> Result<i64, Raise> {
    check_counts(n, k)?;
    if k > n {
        return Ok(0);
    }
    let mut result = 1_i64;
    for i in 0..k.min(n - k) {
        result = fit(i128::from(result) * i128::from(n - i) / i128::from(i + 1))?;
    }
    Ok(result)
}

/// `math.perm`.
pub fn perm(_: &mut State, n: i64, k: i64) -> Result<i64, Raise> {
    check_counts(n, k)?;
    if k > n {
        return Ok(0);
    }
    let mut result = 1_i64;
    for i in 0..k {
        result = result.checked_mul(n - i).ok_or_else(Raise::int_overflow)?;
    }
    Ok(result)
}
