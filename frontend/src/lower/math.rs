//! `math`: instructions where there are some, helpers else.

use super::func::Fx;
use crate::hir::Expr;
use crate::known::MathFn;
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{Type, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn math(&mut self, function: MathFn, args: &'m [Expr], span: Span) -> Vec<Value> {
        if function.name().starts_with("cmath.") {
            return self.cmath(function, args, span);
        }
        let values: Vec<Value> = args.iter().map(|arg| self.one(arg)).collect();
        self.math_of(function, &values, span)
    }

    /// As [`math`](Self::math), of values.
    pub(super) fn math_of(&mut self, function: MathFn, values: &[Value], span: Span) -> Vec<Value> {
        if function == MathFn::Hypot && values.len() != 2 {
            return vec![self.hypot_of_many(values)];
        }
        let x = values[0];
        vec![match function {
            MathFn::Sqrt => self.sqrt(x, span),
            MathFn::Floor => {
                let whole = self.b().ffloor(x);
                self.float_to_int(whole, span)
            }
            MathFn::Ceil => {
                let whole = self.b().fceil(x);
                self.float_to_int(whole, span)
            }
            MathFn::Trunc => self.float_to_int(x, span),
            MathFn::Fabs => self.b().fabs(x),
            MathFn::Copysign => self.b().fcopysign(x, values[1]),
            MathFn::Isnan => self.b().funo(x, x),
            MathFn::Isinf => {
                let size = self.b().fabs(x);
                let infinity = self.b().f64const(f64::INFINITY);
                self.b().feq(size, infinity)
            }
            MathFn::Isfinite => self.is_finite(x),
            MathFn::Isclose => self.is_close(values, span),
            MathFn::Degrees => self.scale(x, 180.0 / std::f64::consts::PI),
            MathFn::Radians => self.scale(x, std::f64::consts::PI / 180.0),
            MathFn::Frexp => {
                let mantissa = self.helper_value("pyexec_math_frexp_mantissa", &[x]);
                return vec![mantissa, self.helper_value("pyexec_math_frexp_exponent", &[x])];
            }
            MathFn::Modf => return self.modf(x),
            MathFn::Fma => self.fma(values, span),
            _ => return self.checked_helper(helper_name(function), values, span).into_iter().collect(),
        }]
    }

    /// Parts go one by one; two parts come back in memory.
    fn cmath(&mut self, function: MathFn, args: &'m [Expr], span: Span) -> Vec<Value> {
        let parts: Vec<Value> = args.iter().flat_map(|arg| self.expr(arg)).collect();
        let name = helper_name(function);
        match function {
            MathFn::CPhase => self.checked_helper(name, &parts, span).into_iter().collect(),
            _ => self.pair_helper(name, &parts, span).to_vec(),
        }
    }

    fn hypot_of_many(&mut self, values: &[Value]) -> Value {
        self.helper("pyexec_vector_begin", &[]);
        for value in values {
            self.helper("pyexec_vector_push", &[*value]);
        }
        self.helper_value("pyexec_vector_hypot", &[])
    }

    fn scale(&mut self, x: Value, factor: f64) -> Value {
        let factor = self.b().f64const(factor);
        self.b().fmul(x, factor)
    }

    pub(super) fn is_finite(&mut self, x: Value) -> Value {
        let size = self.b().fabs(x);
        let infinity = self.b().f64const(f64::INFINITY);
        self.b().flt(size, infinity)
    }

    fn sqrt(&mut self, x: Value, span: Span) -> Value {
        let zero = self.b().f64const(0.0);
        let negative = self.b().flt(x, zero);
        self.raise_if(negative, Exc::ValueError, "math domain error", span);
        self.b().fsqrt(x)
    }

    /// Fraction and whole part, both with the sign of `x`.
    fn modf(&mut self, x: Value) -> Vec<Value> {
        let mut b = self.b();
        let whole = b.ftrunc(x);
        let rest = b.fsub(x, whole);
        let (size, infinity) = (b.fabs(x), b.f64const(f64::INFINITY));
        let infinite = b.feq(size, infinity);
        let zero = b.f64const(0.0);
        let rest = b.select(infinite, zero, rest);
        vec![b.fcopysign(rest, x), whole]
    }

    /// As CPython: equal, or finite and near by either tolerance.
    fn is_close(&mut self, values: &[Value], span: Span) -> Value {
        let &[x, y, relative, absolute] = values else { return self.undefined(Type::I8) };
        let mut b = self.b();
        let zero = b.f64const(0.0);
        let (bad_relative, bad_absolute) = (b.flt(relative, zero), b.flt(absolute, zero));
        let bad = b.bor(bad_relative, bad_absolute);
        self.raise_if(bad, Exc::ValueError, "tolerances must be non-negative", span);
        let finite = [x, y].map(|v| self.is_finite(v));
        let mut b = self.b();
        let equal = b.feq(x, y);
        let both = b.band(finite[0], finite[1]);
        let difference = b.fsub(y, x);
        let distance = b.fabs(difference);
        let by_y = b.fmul(relative, y);
        let by_x = b.fmul(relative, x);
        let (by_y, by_x) = (b.fabs(by_y), b.fabs(by_x));
        let tests = [b.fle(distance, by_y), b.fle(distance, by_x), b.fle(distance, absolute)];
        let near = b.bor(tests[0], tests[1]);
        let near = b.bor(near, tests[2]);
        let near = b.band(both, near);
        b.bor(equal, near)
    }

    fn fma(&mut self, values: &[Value], span: Span) -> Value {
        let &[x, y, z] = values else { return self.undefined(Type::F64) };
        let value = self.b().fma(x, y, z);
        let finite = [x, y, z].map(|v| self.is_finite(v));
        let all = finite.into_iter().reduce(|a, b| self.b().band(a, b)).unwrap_or(finite[0]);
        let infinity = self.b().f64const(f64::INFINITY);
        let size = self.b().fabs(value);
        let too_large = self.b().feq(size, infinity);
        let overflow = self.b().band(all, too_large);
        self.raise_if(overflow, Exc::OverflowError, "overflow in fma", span);
        // inf * 0 + finite, inf - inf: NaN from no NaN.
        let nan = self.b().funo(value, value);
        let from_nan = [x, y, z].map(|v| self.b().funo(v, v));
        let from_nan = from_nan.into_iter().reduce(|a, b| self.b().bor(a, b)).unwrap_or(nan);
        let zero = self.b().iconst(Type::I8, 0);
        let fresh = self.b().eq(from_nan, zero);
        let invalid = self.b().band(nan, fresh);
        self.raise_if(invalid, Exc::ValueError, "invalid operation in fma", span);
        value
    }
}

/// The helper of a function that has one.
fn helper_name(function: MathFn) -> &'static str {
    match function {
        MathFn::LogInt => "pyexec_math_log_int",
        other => {
            let symbol = format!("pyexec_{}", other.full_name().replace('.', "_"));
            let name = |h: &&pyexec_ir::rt::Helper| h.name == symbol;
            let helper = pyexec_ir::rt::HELPERS.iter().find(name);
            helper.map(|h| h.name).expect("invariant: tested: every other function of math has a helper")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_an_instruction_or_a_helper() {
        use MathFn::*;
        let instructions = [
            Sqrt, Floor, Ceil, Trunc, Fabs, Copysign, Isnan, Isinf, Isfinite, Isclose, Degrees, Radians,
            Frexp, Modf, Fma,
        ];
        for function in MathFn::ALL.iter().filter(|f| !instructions.contains(f)) {
            let helper = pyexec_ir::rt::helper(helper_name(*function));
            let scalars = |ty: &crate::types::Type| 1 + usize::from(*ty == crate::types::Type::Complex);
            let params: usize = function.params().iter().map(scalars).sum();
            let params = params + usize::from(helper.is_some_and(|h| h.result.is_none()));
            assert!(helper.is_some_and(|h| h.params.len() == params), "{function:?}");
        }
    }
}
