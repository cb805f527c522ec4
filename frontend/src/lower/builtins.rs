//! Built-in functions.

use super::compare::Typed;
use super::func::Fx;
use super::ranges::{Range, constant};
use super::repr;
use crate::hir::{Builtin, CompareOp, Expr};
use crate::types::{Sized, Type};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        args: &'m [Expr],
        ty: &Type,
        span: Span,
    ) -> Vec<Value> {
        let values = args.iter().map(|arg| self.expr(arg)).collect();
        self.builtin_of(builtin, args, values, ty, span)
    }

    /// As [`builtin`](Self::builtin), of values.
    pub(super) fn builtin_of(
        &mut self,
        builtin: Builtin,
        args: &'m [Expr],
        values: Vec<Vec<Value>>,
        ty: &Type,
        span: Span,
    ) -> Vec<Value> {
        let flat: Vec<Value> = values.concat();
        match builtin {
            Builtin::Abs => self.abs(&args[0].ty, &flat, span),
            Builtin::Min => self.extreme(CompareOp::Lt, ty, &values),
            Builtin::Max => self.extreme(CompareOp::Gt, ty, &values),
            Builtin::Round => {
                let nearest = self.b().fnearest(flat[0]);
                vec![self.float_to_int(nearest, span)]
            }
            Builtin::RoundDigits if *ty == Type::Int => self.raising("pyexec_int_round", &flat, span),
            Builtin::RoundDigits => self.raising("pyexec_float_round", &flat, span),
            Builtin::Divmod => self.divmod(ty, &flat, span),
            Builtin::PowMod => self.raising("pyexec_int_pow_mod", &flat, span),
            Builtin::StrLen => vec![self.length("pyexec_str_len", &flat)],
            Builtin::ParseInt => self.raising("pyexec_parse_int", &flat, span),
            Builtin::ParseFloat => self.raising("pyexec_parse_float", &flat, span),
            Builtin::ParseComplex => self.pair_helper("pyexec_parse_complex", &flat, span).to_vec(),
            Builtin::Complex => flat,
            Builtin::Real => vec![flat[0]],
            Builtin::Imag => vec![flat[1]],
            Builtin::Conjugate => vec![flat[0], self.b().fneg(flat[1])],
            Builtin::ArgvLen => vec![self.length("pyexec_argc", &[])],
            Builtin::ArgvItem => self.argv_item(flat[0], span),
            Builtin::PerfCounter => vec![self.helper_value("pyexec_time_perf_counter", &[])],
            Builtin::Time => vec![self.helper_value("pyexec_time_time", &[])],
            Builtin::IsInteger => vec![self.is_integer(flat[0])],
            Builtin::BitLength => vec![self.bit_length(flat[0])],
            Builtin::BitCount => vec![self.bit_count(flat[0])],
            Builtin::BufferLen(_)
            | Builtin::BufferIndex(_)
            | Builtin::BufferItem
            | Builtin::BufferRow
            | Builtin::BufferSlice(_)
            | Builtin::BufferNew
            | Builtin::BufferMark => self.buffer_builtin(builtin, args, &values, ty, span),
            Builtin::TupleItem => self.tuple_item(&args[0].ty, &values[0], flat[flat.len() - 1], span),
        }
    }

    fn raising(&mut self, name: &'static str, args: &[Value], span: Span) -> Vec<Value> {
        self.checked_helper(name, args, span).into_iter().collect()
    }

    /// A helper whose result is a length.
    fn length(&mut self, name: &'static str, args: &[Value]) -> Value {
        let value = self.helper_value(name, args);
        self.ranges.set(value, Range { min: 0, max: i64::MAX / 2 });
        value
    }

    fn abs(&mut self, ty: &Type, values: &[Value], span: Span) -> Vec<Value> {
        let value = values[0];
        vec![match ty {
            Type::Int => self.int_abs(value, span),
            // The C library's `hypot`, as in CPython: `math.hypot` is another one.
            Type::Complex => {
                let size = self.checked_helper("pyexec_complex_abs", values, span);
                return size.into_iter().collect();
            }
            Type::Sized(Sized::Complex64) => {
                let [re, im] = [value, values[1]].map(|v| self.b().fpromote(ir::Type::F64, v));
                let size = self.helper_value("pyexec_math_hypot", &[re, im]);
                self.b().fdemote(ir::Type::F32, size)
            }
            Type::Sized(sized) if sized.is_signed() => {
                let zero = self.b().iconst(repr::sized_scalar(*sized), 0);
                let negative = self.b().slt(value, zero);
                let negated = self.b().ineg(value);
                self.b().select(negative, negated, value)
            }
            Type::Sized(sized) if sized.is_int() => value,
            _ => self.b().fabs(value),
        }]
    }

    /// `min` and `max`: the first of equals, and what compares false loses.
    fn extreme(&mut self, op: CompareOp, ty: &Type, values: &[Vec<Value>]) -> Vec<Value> {
        let mut best = values[0].clone();
        for next in &values[1..] {
            let better = self.compare_pair(op, Typed { ty, values: next }, Typed { ty, values: &best });
            let ranges: Vec<Range> = [&next[0], &best[0]].map(|v| self.ranges.get(&self.func, *v)).to_vec();
            let chosen = |fx: &mut Self, (new, old): (&Value, &Value)| fx.b().select(better, *new, *old);
            best = next.iter().zip(&best).map(|pair| chosen(self, pair)).collect();
            if *ty == Type::Int {
                let (a, b) = (ranges[0], ranges[1]);
                let range = match op {
                    CompareOp::Lt => Range { min: a.min.min(b.min), max: a.max.min(b.max) },
                    _ => Range { min: a.min.max(b.min), max: a.max.max(b.max) },
                };
                self.ranges.set(best[0], range);
            }
        }
        best
    }

    fn divmod(&mut self, ty: &Type, values: &[Value], span: Span) -> Vec<Value> {
        let (a, b) = (values[0], values[1]);
        if *ty == Type::tuple([Type::Int, Type::Int]) {
            let message = "integer division or modulo by zero";
            let quotient = self.int_floor_divide(a, b, message, span);
            // The remainder is exact however the product wraps.
            let product = self.b().imul(quotient, b);
            let rest = self.b().isub(a, product);
            let divisor = self.ranges.get(&self.func, b);
            if divisor.min > 0 {
                self.ranges.set(rest, Range { min: 0, max: divisor.max - 1 });
            }
            return vec![quotient, rest];
        }
        self.float_divisor(b, "float divmod()", span);
        ["pyexec_float_floordiv", "pyexec_float_mod"].map(|name| self.helper_value(name, &[a, b])).to_vec()
    }

    fn argv_item(&mut self, index: Value, span: Span) -> Vec<Value> {
        let len = self.length("pyexec_argc", &[]);
        let index = self.checked_index(index, len, "list index out of range", span);
        ["pyexec_argv_ptr", "pyexec_argv_len"].map(|name| self.helper_value(name, &[index])).to_vec()
    }

    /// An index from the front; negative ones count from the back.
    fn checked_index(&mut self, index: Value, len: Value, message: &str, span: Span) -> Value {
        let mut b = self.b();
        let zero = b.iconst(ir::Type::I64, 0);
        let negative = b.slt(index, zero);
        let from_back = b.iadd(index, len);
        let index = b.select(negative, from_back, index);
        let outside = b.uge(index, len);
        self.raise_if(outside, Exc::IndexError, message, span);
        index
    }

    /// `t[i]` of a tuple of one type: a chain of choices.
    fn tuple_item(&mut self, ty: &Type, tuple: &[Value], index: Value, span: Span) -> Vec<Value> {
        let Type::Tuple(items) = ty else { return Vec::new() };
        let len = self.b().iconst(ir::Type::I64, items.len() as i64);
        let index = self.checked_index(index, len, "tuple index out of range", span);
        let mut result = tuple[repr::item_range(items, 0)].to_vec();
        for i in 1..items.len() {
            let number = self.b().iconst(ir::Type::I64, i as i64);
            let here = self.b().eq(index, number);
            let item = &tuple[repr::item_range(items, i)];
            result = item.iter().zip(&result).map(|(new, old)| self.b().select(here, *new, *old)).collect();
        }
        result
    }

    fn is_integer(&mut self, x: Value) -> Value {
        let finite = self.is_finite(x);
        let whole = self.b().ffloor(x);
        let same = self.b().feq(whole, x);
        self.b().band(finite, same)
    }

    /// The size of an int as an unsigned number.
    fn magnitude(&mut self, a: Value) -> Value {
        let mut b = self.b();
        let zero = b.iconst(ir::Type::I64, 0);
        let negative = b.slt(a, zero);
        let negated = b.ineg(a);
        b.select(negative, negated, a)
    }

    fn bit_length(&mut self, a: Value) -> Value {
        let size = self.magnitude(a);
        let mut b = self.b();
        let width = b.iconst(ir::Type::I64, 64);
        let leading = b.clz(size);
        let value = b.isub(width, leading);
        self.ranges.set(value, Range { min: 0, max: 64 });
        value
    }

    fn bit_count(&mut self, a: Value) -> Value {
        let size = self.magnitude(a);
        let value = self.b().popcnt(size);
        debug_assert!(constant(&self.func, value).is_none());
        self.ranges.set(value, Range { min: 0, max: 64 });
        value
    }
}
