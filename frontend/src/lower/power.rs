//! Powers of floats with exponents 2 and 1/2, without a call for nearly all operands.
//!
//! CPython computes `x ** 2` by the library's `pow`, whose result is not always the correctly rounded one
//! that a multiplication gives. But `pow` is off by less than 0.05 units in the last place before it rounds, so
//! where the exact result is not that near to the middle between two floats, both must agree. The distance is
//! computed exactly:
//!
//! ```text
//! p = x * x;  e = x * x - p exactly;   p is sure   if   p + 1.25 e rounds to p
//! s = sqrt x; e = (x - s * s) / 2 s;   s is sure   if   s + 1.25 e rounds to s
//! ```
//!
//! |e| is then at most 0.5 / 1.25 = 0.4 units, with room for the error of `pow` and of `e` itself. Everything else
//! (NaN, infinities, results near the ends of the range, where e would not be exact) goes to the helper.
//!
//! The product's error is computed as T. J. Dekker does (1971): each factor is split into two halves.

use super::func::Fx;
use pyexec_base::Span;
use pyexec_ir::{Type, Value};

/// 2^27 + 1: splits a float into two halves of 26 bits.
const SPLITTER: f64 = 134_217_729.0;

impl<'m> Fx<'m, '_> {
    /// `x ** y`.
    pub(super) fn float_power(&mut self, x: Value, y: Value, span: Span) -> Value {
        let exponent = self.func.const_bits(y).map(|bits| f64::from_bits(bits as u64));
        let quick = match exponent {
            Some(2.0) => self.quick_square(x),
            Some(0.5) => self.quick_root(x),
            _ => return self.checked_helper("pyexec_float_pow", &[x, y], span).unwrap_or(x),
        };
        let (value, sure) = quick;
        let result = self.new_var(Type::F64);
        self.set(result, value);
        let (mut slow, mut end) = (self.cold_label(), self.label());
        self.branch(sure, &mut end, &mut slow);
        self.bind(slow);
        let exact = self.checked_helper("pyexec_float_pow", &[x, y], span).unwrap_or(x);
        self.set(result, exact);
        self.jump(&mut end);
        self.bind(end);
        self.get(result)
    }

    fn quick_square(&mut self, x: Value) -> (Value, Value) {
        let product = self.b().fmul(x, x);
        let error = self.square_error(x, product);
        (product, self.is_sure(product, error, product))
    }

    fn quick_root(&mut self, x: Value) -> (Value, Value) {
        let root = self.b().fsqrt(x);
        let square = self.b().fmul(root, root);
        let lost = self.square_error(root, square);
        let mut b = self.b();
        let near = b.fsub(x, square);
        let rest = b.fsub(near, lost);
        let twice = b.fadd(root, root);
        let error = b.fdiv(rest, twice);
        (root, self.is_sure(root, error, x))
    }

    /// `x * x - product`, exactly.
    fn square_error(&mut self, x: Value, product: Value) -> Value {
        let mut b = self.b();
        let splitter = b.f64const(SPLITTER);
        let scaled = b.fmul(splitter, x);
        let above = b.fsub(scaled, x);
        let high = b.fsub(scaled, above);
        let low = b.fsub(x, high);
        let high_high = b.fmul(high, high);
        let rest = b.fsub(high_high, product);
        let high_low = b.fmul(high, low);
        let twice = b.fadd(high_low, high_low);
        let rest = b.fadd(rest, twice);
        let low_low = b.fmul(low, low);
        b.fadd(rest, low_low)
    }

    /// Whether the value stays the same with 5/4 of its error, and `size` is far from the ends of the range.
    fn is_sure(&mut self, value: Value, error: Value, size: Value) -> Value {
        let mut b = self.b();
        let factor = b.f64const(1.25);
        let margin = b.fmul(error, factor);
        let moved = b.fadd(value, margin);
        let same = b.feq(moved, value);
        let (least, greatest) = (b.f64const(1e-250), b.f64const(1e250));
        let (above, below) = (b.fgt(size, least), b.flt(size, greatest));
        let inside = b.band(above, below);
        b.band(same, inside)
    }
}
