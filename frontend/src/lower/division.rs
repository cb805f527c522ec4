//! Division of `int`: floor, remainder with the sign of the divisor, true division.
//!
//! The machine divides toward zero: q = trunc(a / b), r = a - q b. Python wants the floor. They differ where
//! r is not zero and has another sign than b: then the floor is q - 1, and the remainder r + b. For a divisor
//! known to be positive that is: where r is negative.

use super::func::Fx;
use super::ranges::{Range, constant};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{Builder, Type, Value};

impl<'m> Fx<'m, '_> {
    /// `a // b`.
    pub(super) fn int_floor_divide(&mut self, a: Value, b: Value, message: &str, span: Span) -> Value {
        let range = self.ranges.get(&self.func, a);
        match constant(&self.func, b) {
            Some(1) => a,
            Some(-1) => self.int_negate(a, span),
            Some(divisor) if divisor > 0 => {
                let value = self.floor_by_positive(a, b, divisor, range);
                self.ranges.set(
                    value,
                    Range { min: range.min.div_euclid(divisor), max: range.max.div_euclid(divisor) },
                );
                value
            }
            Some(divisor) if divisor < -1 => self.floor_quotient(a, b),
            _ => self.guarded_division(a, b, message, span, false),
        }
    }

    fn floor_by_positive(&mut self, a: Value, b: Value, divisor: i64, range: Range) -> Value {
        if divisor.count_ones() == 1 {
            let amount = self.b().iconst(Type::I64, i64::from(divisor.trailing_zeros()));
            return self.b().ashr(a, amount);
        }
        let mut builder = self.b();
        let quotient = builder.sdiv(a, b);
        if range.is_nonnegative() {
            return quotient;
        }
        let product = builder.imul(quotient, b);
        let rest = builder.isub(a, product);
        // -1 where the rest is negative, else 0.
        let top = builder.iconst(Type::I64, 63);
        let below = builder.ashr(rest, top);
        builder.iadd(quotient, below)
    }

    /// `a % b`.
    pub(super) fn int_modulo(&mut self, a: Value, b: Value, message: &str, span: Span) -> Value {
        let range = self.ranges.get(&self.func, a);
        match constant(&self.func, b) {
            Some(1 | -1) => self.b().iconst(Type::I64, 0),
            Some(divisor) if divisor > 0 => {
                let value = self.modulo_by_positive(a, b, divisor, range);
                let max = if range.is_nonnegative() { range.max.min(divisor - 1) } else { divisor - 1 };
                self.ranges.set(value, Range { min: 0, max });
                value
            }
            Some(divisor) if divisor < -1 => self.floor_rest(a, b),
            _ => self.guarded_division(a, b, message, span, true),
        }
    }

    fn modulo_by_positive(&mut self, a: Value, b: Value, divisor: i64, range: Range) -> Value {
        let mut builder = self.b();
        if divisor.count_ones() == 1 {
            let mask = builder.iconst(Type::I64, divisor - 1);
            return builder.band(a, mask);
        }
        let rest = builder.srem(a, b);
        if range.is_nonnegative() {
            return rest;
        }
        let top = builder.iconst(Type::I64, 63);
        let below = builder.ashr(rest, top);
        let correction = builder.band(below, b);
        builder.iadd(rest, correction)
    }

    /// Floor division by what is neither 0 nor -1.
    fn floor_quotient(&mut self, a: Value, b: Value) -> Value {
        let mut builder = self.b();
        let quotient = builder.sdiv(a, b);
        let product = builder.imul(quotient, b);
        let rest = builder.isub(a, product);
        self.mend(quotient, rest, b, |builder, some, _| {
            let one = builder.zext(Type::I64, some);
            builder.isub(quotient, one)
        })
    }

    /// Remainder by what is neither 0 nor -1.
    fn floor_rest(&mut self, a: Value, b: Value) -> Value {
        let rest = self.b().srem(a, b);
        self.mend(rest, rest, b, |builder, some, zero| {
            let correction = builder.select(some, b, zero);
            builder.iadd(rest, correction)
        })
    }

    /// `value`, or what `mend` makes of it where the signs of remainder and divisor differ. That is a branch,
    /// because it is rare, and so the next operation need not wait for a correction.
    fn mend(
        &mut self,
        value: Value,
        rest: Value,
        divisor: Value,
        mend: impl FnOnce(&mut Builder<'_>, Value, Value) -> Value,
    ) -> Value {
        let result = self.new_var(Type::I64);
        self.set(result, value);
        let (mut differ, mut end) = (self.cold_label(), self.label());
        let positive = self.ranges.get(&self.func, divisor).min > 0;
        let mut b = self.b();
        let zero = b.iconst(Type::I64, 0);
        let signs = if positive { rest } else { b.bxor(rest, divisor) };
        let wrong = b.slt(signs, zero);
        self.branch(wrong, &mut differ, &mut end);
        self.bind(differ);
        let mut b = self.b();
        // A remainder of 0 has no sign.
        let some = b.ne(rest, zero);
        let mended = mend(&mut b, some, zero);
        self.set(result, mended);
        self.jump(&mut end);
        self.bind(end);
        self.get(result)
    }

    /// Division by an unknown divisor: 0 and -1 take a side path, found by one comparison.
    fn guarded_division(&mut self, a: Value, b: Value, message: &str, span: Span, modulo: bool) -> Value {
        let (x, y) = (self.ranges.get(&self.func, a), self.ranges.get(&self.func, b));
        if y.min > 0 {
            return match (x.is_nonnegative(), modulo) {
                (true, true) => self.b().srem(a, b),
                (true, false) => self.b().sdiv(a, b),
                (false, true) => self.floor_rest(a, b),
                (false, false) => self.floor_quotient(a, b),
            };
        }
        let result = self.new_var(Type::I64);
        let (mut special, mut plain, mut end) = (self.cold_label(), self.label(), self.label());
        let one = self.b().iconst(Type::I64, 1);
        let next = self.b().iadd(b, one);
        let is_special = self.b().ule(next, one);
        self.branch(is_special, &mut special, &mut plain);

        self.bind(special);
        let zero = self.b().iconst(Type::I64, 0);
        let by_zero = self.b().eq(b, zero);
        self.raise_if(by_zero, Exc::ZeroDivisionError, message, span);
        let value = if modulo { zero } else { self.negate_for_division(a, zero, span) };
        self.set(result, value);
        self.jump(&mut end);

        self.bind(plain);
        let value = if modulo { self.floor_rest(a, b) } else { self.floor_quotient(a, b) };
        self.set(result, value);
        self.jump(&mut end);
        self.bind(end);
        let value = self.get(result);
        if modulo && y.is_nonnegative() {
            self.ranges.set(value, Range { min: 0, max: y.max.saturating_sub(1) });
        }
        value
    }

    fn negate_for_division(&mut self, a: Value, zero: Value, span: Span) -> Value {
        let (value, overflow) = self.b().ssub_overflow(zero, a);
        self.leave_if(overflow, span);
        value
    }

    /// `a / b`: correctly rounded. Both as floats, if both are floats exactly; else by a helper.
    pub(super) fn int_true_divide(&mut self, a: Value, b: Value, span: Span) -> Value {
        let zero = self.b().iconst(Type::I64, 0);
        let divisor = self.ranges.get(&self.func, b);
        if divisor.contains(0) {
            let by_zero = self.b().eq(b, zero);
            self.raise_if(by_zero, Exc::ZeroDivisionError, "division by zero", span);
        }
        let inexact: Vec<Value> =
            [a, b].into_iter().filter(|v| !self.ranges.get(&self.func, *v).is_exact_float()).collect();
        let tests: Vec<Value> = inexact.into_iter().map(|v| self.is_large(v)).collect();
        let Some(large) = tests.into_iter().reduce(|x, y| self.b().bor(x, y)) else {
            return self.divide_as_floats(a, b);
        };
        let result = self.new_var(Type::F64);
        let (mut slow, mut fast, mut end) = (self.cold_label(), self.label(), self.label());
        self.branch(large, &mut slow, &mut fast);
        self.bind(slow);
        let value = self.helper_value("pyexec_int_div_f64", &[a, b]);
        self.set(result, value);
        self.jump(&mut end);
        self.bind(fast);
        let value = self.divide_as_floats(a, b);
        self.set(result, value);
        self.jump(&mut end);
        self.bind(end);
        self.get(result)
    }

    fn divide_as_floats(&mut self, a: Value, b: Value) -> Value {
        let mut builder = self.b();
        let (x, y) = (builder.sint_to_float(Type::F64, a), builder.sint_to_float(Type::F64, b));
        builder.fdiv(x, y)
    }

    /// Whether an int is beyond the range in which every int is a float exactly.
    pub(super) fn is_large(&mut self, value: Value) -> Value {
        let mut b = self.b();
        let half = b.iconst(Type::I64, 1 << 53);
        let shifted = b.iadd(value, half);
        let whole = b.iconst(Type::I64, 1 << 54);
        b.ugt(shifted, whole)
    }
}
