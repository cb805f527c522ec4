//! Arithmetic on Python numbers: `int` is exact or raises, `float` is IEEE 754.

use super::func::Fx;
use super::ranges::{Range, constant};
use crate::hir::BinaryOp;
use crate::types::{Sized, Type};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Opcode, Value};

/// Exponents up to this are multiplied out.
const MAX_UNROLLED_POWER: i64 = 8;

impl<'m> Fx<'m, '_> {
    /// `a op b` of two operands of one type.
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        ty: &Type,
        a: &[Value],
        b: &[Value],
        span: Span,
    ) -> Vec<Value> {
        match ty {
            Type::Int => vec![self.int_binary(op, a[0], b[0], span)],
            Type::Bool => vec![self.bit_op(op, a[0], b[0])],
            Type::Float => vec![self.float_binary(op, a[0], b[0], span)],
            Type::Complex => self.complex_binary(op, [a[0], a[1]], [b[0], b[1]], span).to_vec(),
            Type::Sized(Sized::Complex64) => {
                self.complex64_binary(op, [a[0], a[1]], [b[0], b[1]], span).to_vec()
            }
            Type::Sized(sized) => vec![self.sized_binary(op, *sized, a[0], b[0], span)],
            _ => Vec::new(),
        }
    }

    // ---- int ----

    pub(super) fn int_binary(&mut self, op: BinaryOp, a: Value, b: Value, span: Span) -> Value {
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => self.int_linear(op, a, b, span),
            BinaryOp::Div => self.int_true_divide(a, b, span),
            BinaryOp::FloorDiv => self.int_floor_divide(a, b, "integer division or modulo by zero", span),
            BinaryOp::Mod => self.int_modulo(a, b, "integer modulo by zero", span),
            BinaryOp::Pow => self.int_power(a, b, span),
            BinaryOp::Shl => self.int_shift_left(a, b, span),
            BinaryOp::Shr => self.int_shift_right(a, b, span),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => {
                let (x, y) = (self.ranges.get(&self.func, a), self.ranges.get(&self.func, b));
                let value = self.bit_op(op, a, b);
                self.note_bit_range(op, x, y, value);
                value
            }
        }
    }

    /// Sum, difference, product: checked, unless the ranges show that the check cannot fail.
    fn int_linear(&mut self, op: BinaryOp, a: Value, b: Value, span: Span) -> Value {
        let (x, y) = (self.ranges.get(&self.func, a), self.ranges.get(&self.func, b));
        let (range, wrapping, checked) = match op {
            BinaryOp::Add => (x.add(y), Opcode::Iadd, Opcode::SaddOverflow),
            BinaryOp::Sub => (x.sub(y), Opcode::Isub, Opcode::SsubOverflow),
            _ => (x.mul(y), Opcode::Imul, Opcode::SmulOverflow),
        };
        if let Some(range) = range {
            let value = self.b().plain(wrapping, &[a, b]);
            self.ranges.set(value, range);
            return value;
        }
        let (value, overflow) = self.b().plain2(checked, &[a, b]);
        self.leave_if(overflow, span);
        value
    }

    fn bit_op(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        match op {
            BinaryOp::And => self.b().band(a, b),
            BinaryOp::Or => self.b().bor(a, b),
            _ => self.b().bxor(a, b),
        }
    }

    fn note_bit_range(&mut self, op: BinaryOp, x: Range, y: Range, value: Value) {
        // Bits above the highest bit of nonnegative operands stay zero.
        let cover = |max: i64| if max <= 0 { 0 } else { i64::MAX >> (max.leading_zeros() - 1) };
        let range = match op {
            BinaryOp::And if x.is_nonnegative() && y.is_nonnegative() => {
                Range { min: 0, max: x.max.min(y.max) }
            }
            BinaryOp::And if y.is_nonnegative() => Range { min: 0, max: y.max },
            BinaryOp::And if x.is_nonnegative() => Range { min: 0, max: x.max },
            BinaryOp::Or | BinaryOp::Xor if x.is_nonnegative() && y.is_nonnegative() => {
                Range { min: 0, max: cover(x.max) | cover(y.max) }
            }
            _ => return,
        };
        self.ranges.set(value, range);
    }

    pub(super) fn int_negate(&mut self, a: Value, span: Span) -> Value {
        let zero = self.b().iconst(ir::Type::I64, 0);
        self.int_linear(BinaryOp::Sub, zero, a, span)
    }

    pub(super) fn int_invert(&mut self, a: Value) -> Value {
        let range = self.ranges.get(&self.func, a);
        let value = self.b().bnot(a);
        if self.func.ty(a) == ir::Type::I64 {
            self.ranges.set(value, Range { min: !range.max, max: !range.min });
        }
        value
    }

    pub(super) fn int_abs(&mut self, a: Value, span: Span) -> Value {
        let range = self.ranges.get(&self.func, a);
        if range.is_nonnegative() {
            return a;
        }
        let zero = self.b().iconst(ir::Type::I64, 0);
        let negated = self.int_linear(BinaryOp::Sub, zero, a, span);
        let negative = self.b().slt(a, zero);
        let value = self.b().select(negative, negated, a);
        let max = range.max.max(range.min.checked_neg().unwrap_or(i64::MAX));
        self.ranges.set(value, Range { min: 0, max });
        value
    }

    /// `a ** b`: small constant exponents are multiplied out. If a step leaves 64 bits, so does the power,
    /// because no integer but 0, 1 and -1 comes back towards zero.
    fn int_power(&mut self, a: Value, b: Value, span: Span) -> Value {
        match constant(&self.func, b) {
            Some(0) => self.b().iconst(ir::Type::I64, 1),
            Some(exponent @ 1..=MAX_UNROLLED_POWER) => {
                let mut power = a;
                // Square and multiply, from the second highest bit of the exponent down.
                for bit in (0..exponent.ilog2()).rev() {
                    power = self.int_linear(BinaryOp::Mul, power, power, span);
                    if exponent >> bit & 1 == 1 {
                        power = self.int_linear(BinaryOp::Mul, power, a, span);
                    }
                }
                power
            }
            _ => {
                let value = self.checked_helper("pyexec_int_pow", &[a, b], span);
                value.unwrap_or(a)
            }
        }
    }

    // ---- float ----

    pub(super) fn float_binary(&mut self, op: BinaryOp, a: Value, b: Value, span: Span) -> Value {
        match op {
            BinaryOp::Add => self.b().fadd(a, b),
            BinaryOp::Sub => self.b().fsub(a, b),
            BinaryOp::Mul => self.b().fmul(a, b),
            BinaryOp::Div => {
                self.float_divisor(b, "float division by zero", span);
                self.b().fdiv(a, b)
            }
            BinaryOp::FloorDiv => {
                self.float_divisor(b, "float floor division by zero", span);
                self.helper_value("pyexec_float_floordiv", &[a, b])
            }
            BinaryOp::Mod => {
                self.float_divisor(b, "float modulo by zero", span);
                self.helper_value("pyexec_float_mod", &[a, b])
            }
            BinaryOp::Pow => self.float_power(a, b, span),
            _ => a,
        }
    }

    /// Raises if a divisor is zero.
    pub(super) fn float_divisor(&mut self, b: Value, message: &str, span: Span) {
        if let Some(bits) = self.func.const_bits(b)
            && f64::from_bits(bits as u64) != 0.0
        {
            return;
        }
        let zero = self.b().f64const(0.0);
        let is_zero = self.b().feq(b, zero);
        self.raise_if(is_zero, Exc::ZeroDivisionError, message, span);
    }
}
