//! Conversions between number types.

use super::compare::Typed;
use super::func::Fx;
use super::ranges::Range;
use super::repr;
use crate::hir::Convert;
use crate::types::{Sized, Type};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn convert(
        &mut self,
        convert: Convert,
        from: &Type,
        to: &Type,
        values: &[Value],
        span: Span,
    ) -> Vec<Value> {
        match (convert, from) {
            (Convert::Widen, _) => self.widen(from, to, values),
            (Convert::ToInt, Type::Float | Type::Sized(Sized::Float32)) => {
                let value = self.as_double(Typed { ty: from, values });
                vec![self.float_to_int(value, span)]
            }
            (Convert::ToInt, _) => vec![self.sized_to_int(from, values[0], span)],
            (Convert::FromSized, _) => self.sized_as(from, to, values, span),
            (Convert::Fit(sized), _) => {
                let message = format!("Python integer out of bounds for {}", sized.name());
                vec![self.fit(sized, values[0], (Exc::OverflowError, &message), span)]
            }
            (Convert::Pack(sized), _) => {
                let format = crate::types::Item::Sized(sized).format();
                let message = format!("memoryview: invalid value for format '{format}'");
                vec![self.fit(sized, values[0], (Exc::ValueError, &message), span)]
            }
            (Convert::Wrap(sized), _) => self.wrap(from, sized, values, span),
        }
    }

    /// Bool to int to float to complex.
    fn widen(&mut self, from: &Type, to: &Type, values: &[Value]) -> Vec<Value> {
        let value = values[0];
        let int = |fx: &mut Self| match from {
            Type::Bool => {
                let wide = fx.b().zext(ir::Type::I64, value);
                fx.ranges.set(wide, Range { min: 0, max: 1 });
                wide
            }
            _ => value,
        };
        match (from, to) {
            (_, Type::Int) => vec![int(self)],
            (Type::Float, Type::Float) => vec![value],
            (_, Type::Float) => {
                let int = int(self);
                vec![self.b().sint_to_float(ir::Type::F64, int)]
            }
            (Type::Float, _) => vec![value, self.b().f64const(0.0)],
            (Type::Complex, _) => values.to_vec(),
            _ => {
                let int = int(self);
                vec![self.b().sint_to_float(ir::Type::F64, int), self.b().f64const(0.0)]
            }
        }
    }

    /// Toward zero; raises for what is no int, or none of 64 bits.
    pub(super) fn float_to_int(&mut self, value: Value, span: Span) -> Value {
        let (mut odd, mut fine) = (self.cold_label(), self.label());
        let mut b = self.b();
        let (low, high) = (b.f64const(-9_223_372_036_854_775_808.0), b.f64const(9_223_372_036_854_775_808.0));
        let (above, below) = (b.fge(value, low), b.flt(value, high));
        let inside = b.band(above, below);
        self.branch(inside, &mut fine, &mut odd);
        self.bind(odd);
        let nan = self.b().funo(value, value);
        self.raise_if(nan, Exc::ValueError, "cannot convert float NaN to integer", span);
        let infinity = self.b().f64const(f64::INFINITY);
        let size = self.b().fabs(value);
        let infinite = self.b().feq(size, infinity);
        self.raise_if(infinite, Exc::OverflowError, "cannot convert float infinity to integer", span);
        self.leave_now(span);
        self.bind(fine);
        self.b().float_to_sint_sat(ir::Type::I64, value)
    }

    // ---- Sized ----

    /// An integer of any width as 64 bits, by its own signedness.
    pub(super) fn sized_to_i64(&mut self, sized: Sized, value: Value) -> Value {
        if sized.bits() == 64 {
            return value;
        }
        let wide = match sized.is_signed() {
            true => self.b().sext(ir::Type::I64, value),
            false => self.b().zext(ir::Type::I64, value),
        };
        let (min, max) = sized.range();
        self.ranges.set(wide, Range { min: min as i64, max: max as i64 });
        wide
    }

    fn sized_to_int(&mut self, from: &Type, value: Value, span: Span) -> Value {
        let Type::Sized(sized) = from else { return value };
        let wide = self.sized_to_i64(*sized, value);
        if *sized == Sized::Uint64 {
            let zero = self.b().iconst(ir::Type::I64, 0);
            let beyond = self.b().slt(wide, zero);
            self.leave_if(beyond, span);
        }
        wide
    }

    /// To int, float or complex.
    fn sized_as(&mut self, from: &Type, to: &Type, values: &[Value], span: Span) -> Vec<Value> {
        let Type::Sized(sized) = from else { return values.to_vec() };
        if *to == Type::Int {
            return vec![self.sized_to_int(from, values[0], span)];
        }
        let mut parts: Vec<Value> = values.iter().map(|v| self.double_of(*sized, *v)).collect();
        if *to == Type::Complex && parts.len() == 1 {
            parts.push(self.b().f64const(0.0));
        }
        parts
    }

    pub(super) fn double_of(&mut self, sized: Sized, value: Value) -> Value {
        match sized {
            Sized::Float32 | Sized::Complex64 => self.b().fpromote(ir::Type::F64, value),
            Sized::Uint64 => self.b().uint_to_float(ir::Type::F64, value),
            _ => {
                let wide = self.sized_to_i64(sized, value);
                self.b().sint_to_float(ir::Type::F64, wide)
            }
        }
    }

    /// A Python int that must fit.
    fn fit(&mut self, sized: Sized, value: Value, (exc, message): (Exc, &str), span: Span) -> Value {
        let (min, max) = sized.range();
        let range = self.ranges.get(&self.func, value);
        if (range.min as i128) < min || (range.max as i128) > max {
            let mut b = self.b();
            let low = b.iconst(ir::Type::I64, min as i64);
            let high = b.iconst(ir::Type::I64, max.min(i64::MAX as i128) as i64);
            let (below, above) = (b.slt(value, low), b.sgt(value, high));
            let outside = b.bor(below, above);
            self.raise_if(outside, exc, message, span);
        }
        self.narrow(value, repr::sized_scalar(sized))
    }

    fn narrow(&mut self, value: Value, ty: ir::Type) -> Value {
        if self.func.ty(value) == ty { value } else { self.b().trunc(ty, value) }
    }

    /// A cast: integers wrap, floats round; a float beyond the integers raises.
    fn wrap(&mut self, from: &Type, to: Sized, values: &[Value], span: Span) -> Vec<Value> {
        if to.is_int() {
            let wide = match from {
                Type::Bool => self.b().zext(ir::Type::I64, values[0]),
                Type::Float | Type::Sized(Sized::Float32) => {
                    let value = self.as_double(Typed { ty: from, values });
                    self.float_to_int(value, span)
                }
                Type::Sized(sized) => self.sized_to_i64(*sized, values[0]),
                _ => values[0],
            };
            return vec![self.narrow(wide, repr::sized_scalar(to))];
        }
        let single = |fx: &mut Self, value: Value| match fx.func.ty(value) {
            ir::Type::F32 => value,
            _ => fx.b().fdemote(ir::Type::F32, value),
        };
        let doubles: Vec<Value> = match from {
            Type::Sized(Sized::Float32 | Sized::Complex64) => values.to_vec(),
            Type::Sized(sized) => vec![self.double_of(*sized, values[0])],
            Type::Complex => values.to_vec(),
            _ => self.widen(from, &Type::Float, values),
        };
        let mut parts: Vec<Value> = doubles.into_iter().map(|v| single(self, v)).collect();
        if to == Sized::Complex64 && parts.len() == 1 {
            parts.push(self.b().f32const(0.0));
        }
        parts
    }
}
