//! Arithmetic on sized scalars: wraps and rounds as the NumPy 2 scalars do, where nothing raises. (NumPy
//! warns of a division by zero and gives 0; shifts by too much give 0 or the sign.)

use super::func::Fx;
use super::repr;
use crate::hir::BinaryOp;
use crate::types::Sized;
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{Type, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn sized_binary(
        &mut self,
        op: BinaryOp,
        sized: Sized,
        a: Value,
        b: Value,
        span: Span,
    ) -> Value {
        if sized == Sized::Float32 {
            return self.float32_binary(op, a, b, span);
        }
        match op {
            BinaryOp::Add => self.b().iadd(a, b),
            BinaryOp::Sub => self.b().isub(a, b),
            BinaryOp::Mul => self.b().imul(a, b),
            BinaryOp::And => self.b().band(a, b),
            BinaryOp::Or => self.b().bor(a, b),
            BinaryOp::Xor => self.b().bxor(a, b),
            BinaryOp::Shl | BinaryOp::Shr => self.sized_shift(op, sized, a, b),
            BinaryOp::Pow => self.sized_power(sized, a, b, span),
            _ => self.sized_division(op, sized, a, b),
        }
    }

    fn float32_binary(&mut self, op: BinaryOp, a: Value, b: Value, span: Span) -> Value {
        match op {
            BinaryOp::Add => self.b().fadd(a, b),
            BinaryOp::Sub => self.b().fsub(a, b),
            BinaryOp::Mul => self.b().fmul(a, b),
            BinaryOp::Div => self.b().fdiv(a, b),
            _ => {
                let (a, b) = (self.b().fpromote(Type::F64, a), self.b().fpromote(Type::F64, b));
                let value = self.float_binary(op, a, b, span);
                self.b().fdemote(Type::F32, value)
            }
        }
    }

    /// Shifts by the width or more give 0, or the sign for signed values shifted right.
    fn sized_shift(&mut self, op: BinaryOp, sized: Sized, a: Value, count: Value) -> Value {
        let ty = repr::sized_scalar(sized);
        let mut b = self.b();
        let last = b.iconst(ty, i64::from(sized.bits()) - 1);
        let zero = b.iconst(ty, 0);
        let inside = b.ule(count, last);
        if op == BinaryOp::Shr && sized.is_signed() {
            let amount = b.select(inside, count, last);
            return b.ashr(a, amount);
        }
        let shifted = if op == BinaryOp::Shl { b.shl(a, count) } else { b.lshr(a, count) };
        b.select(inside, shifted, zero)
    }

    /// Floor quotient or remainder; 0 for a divisor of 0, wrapping for MIN // -1.
    fn sized_division(&mut self, op: BinaryOp, sized: Sized, a: Value, b: Value) -> Value {
        let ty = repr::sized_scalar(sized);
        let modulo = op == BinaryOp::Mod;
        let mut builder = self.b();
        let zero = builder.iconst(ty, 0);
        let one = builder.iconst(ty, 1);
        let by_zero = builder.eq(b, zero);
        if !sized.is_signed() {
            let divisor = builder.select(by_zero, one, b);
            let value = if modulo { builder.urem(a, divisor) } else { builder.udiv(a, divisor) };
            return builder.select(by_zero, zero, value);
        }
        // 0 and -1 would trap: divide by 1 instead, and mend the result.
        let minus_one = builder.iconst(ty, -1);
        let by_minus_one = builder.eq(b, minus_one);
        let special = builder.bor(by_zero, by_minus_one);
        let divisor = builder.select(special, one, b);
        let rest = builder.srem(a, divisor);
        let signs = builder.bxor(rest, divisor);
        let differ = builder.slt(signs, zero);
        let some = builder.ne(rest, zero);
        let wrong = builder.band(differ, some);
        if modulo {
            let correction = builder.select(wrong, divisor, zero);
            let value = builder.iadd(rest, correction);
            return builder.select(special, zero, value);
        }
        let quotient = builder.sdiv(a, divisor);
        let lower = builder.isub(quotient, one);
        let value = builder.select(wrong, lower, quotient);
        let negated = builder.ineg(a);
        let value = builder.select(by_minus_one, negated, value);
        builder.select(by_zero, zero, value)
    }

    /// Square and multiply, wrapping.
    fn sized_power(&mut self, sized: Sized, a: Value, exponent: Value, span: Span) -> Value {
        let ty = repr::sized_scalar(sized);
        let zero = self.b().iconst(ty, 0);
        if sized.is_signed() {
            let negative = self.b().slt(exponent, zero);
            let message = "Integers to negative integer powers are not allowed.";
            self.raise_if(negative, Exc::ValueError, message, span);
        }
        let one = self.b().iconst(ty, 1);
        let vars = [self.new_var(ty), self.new_var(ty), self.new_var(ty)];
        let [result, square, left] = vars;
        self.set_vars(&vars, &[one, a, exponent]);
        let mut done = self.label();
        let head = self.loop_head(vars.to_vec());
        let [power, base, rest] = vars.map(|v| self.get(v));
        let more = self.b().ne(rest, zero);
        let mut into = self.label();
        self.branch(more, &mut into, &mut done);
        self.bind(into);
        let mut b = self.b();
        let odd = b.band(rest, one);
        let odd = b.ne(odd, zero);
        let product = b.imul(power, base);
        let next = b.select(odd, product, power);
        let squared = b.imul(base, base);
        let halved = b.lshr(rest, one);
        self.set(result, next);
        self.set(square, squared);
        self.set(left, halved);
        self.jump_back(&head);
        self.bind(done);
        self.get(result)
    }
}
