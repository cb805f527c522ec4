//! Integer expressions whose inner results may leave 64 bits although the outer one does not.
//!
//! ```text
//! (h * 31 + c) & 0xFFFFFFFF      only the low bits of the left side matter: it wraps, unchecked
//! (a * b + c) % m                checked in 64 bits; on overflow, again in 128 bits on a cold path
//! ```
//!
//! Both are exact. The first rests on sums, differences and products being right in their low bits however
//! they wrap; the second on 128 bits holding every result below the division.

use super::env::Label;
use super::func::Fx;
use crate::hir::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::types::Type;
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Opcode, Value};

/// What 128 bits hold, whatever the sign.
const MAX_SIZE: u128 = i128::MAX as u128;
/// How many leaves a dividend may have.
const MAX_LEAVES: usize = 8;

impl<'m> Fx<'m, '_> {
    /// The value of `left op right`, if it is of one of the two forms.
    pub(super) fn wide_binary(
        &mut self,
        op: BinaryOp,
        left: &'m Expr,
        right: &'m Expr,
        span: Span,
    ) -> Option<Value> {
        if left.ty != Type::Int {
            return None;
        }
        let mask = match (op, right.as_int()) {
            (BinaryOp::And, Some(mask)) if mask >= 0 => Some((left, mask)),
            (BinaryOp::And, _) => left.as_int().filter(|mask| *mask >= 0).map(|mask| (right, mask)),
            (BinaryOp::Mod, Some(divisor)) if divisor > 0 && divisor.count_ones() == 1 => {
                Some((left, divisor - 1))
            }
            _ => None,
        };
        if let Some((value, mask)) = mask {
            return is_wrappable(value).then(|| self.masked(value, mask, span));
        }
        let divides = matches!(op, BinaryOp::Mod | BinaryOp::FloorDiv);
        let fits = size(left).is_some() && leaves(left) <= MAX_LEAVES;
        (divides && is_linear(left) && fits).then(|| self.wide_division(op, left, right, span))
    }

    // ---- Low bits ----

    fn masked(&mut self, value: &'m Expr, mask: i64, span: Span) -> Value {
        let value = self.wrapped(value);
        let mask = self.b().iconst(ir::Type::I64, mask);
        self.int_binary(BinaryOp::And, value, mask, span)
    }

    /// The low 64 bits of an integer expression.
    fn wrapped(&mut self, expr: &'m Expr) -> Value {
        if !is_wrappable(expr) {
            return self.one(expr);
        }
        match &expr.kind {
            ExprKind::Unary(op, operand) => {
                let value = self.wrapped(operand);
                if *op == UnaryOp::Neg { self.b().ineg(value) } else { self.b().bnot(value) }
            }
            ExprKind::Binary(op, left, right) => {
                let (a, b) = (self.wrapped(left), self.wrapped(right));
                self.b().plain(wrapping(*op), &[a, b])
            }
            _ => self.one(expr),
        }
    }

    // ---- 128 bits ----

    fn wide_division(&mut self, op: BinaryOp, left: &'m Expr, right: &'m Expr, span: Span) -> Value {
        let mut values = Vec::new();
        self.leaf_values(left, &mut values);
        let divisor = self.one(right);
        let result = self.new_var(ir::Type::I64);
        let (mut slow, mut end) = (self.cold_label(), self.label());
        let dividend = self.narrow_tree(left, &mut values.iter(), &mut slow);
        let value = self.int_binary(op, dividend, divisor, span);
        if !slow.is_used() {
            return value;
        }
        let range = self.ranges.get(&self.func, value);
        self.set(result, value);
        self.jump(&mut end);
        self.bind(slow);
        let value = self.wide_path(op, left, &values, divisor, span);
        self.set(result, value);
        self.jump(&mut end);
        self.bind(end);
        let value = self.get(result);
        if op == BinaryOp::Mod {
            self.ranges.set(value, range);
        }
        value
    }

    /// Evaluates the leaves from left to right.
    fn leaf_values(&mut self, expr: &'m Expr, out: &mut Vec<Value>) {
        match &expr.kind {
            ExprKind::Binary(_, left, right) if is_linear(expr) => {
                self.leaf_values(left, out);
                self.leaf_values(right, out);
            }
            _ => out.push(self.one(expr)),
        }
    }

    /// The tree in 64 bits; where a step overflows, control goes to `slow`.
    fn narrow_tree(
        &mut self,
        expr: &'m Expr,
        values: &mut std::slice::Iter<'_, Value>,
        slow: &mut Label,
    ) -> Value {
        let ExprKind::Binary(op, left, right) = &expr.kind else { return self.next_leaf(values) };
        if !is_linear(expr) {
            return self.next_leaf(values);
        }
        let a = self.narrow_tree(left, values, slow);
        let b = self.narrow_tree(right, values, slow);
        let (x, y) = (self.ranges.get(&self.func, a), self.ranges.get(&self.func, b));
        let (range, checked) = match op {
            BinaryOp::Add => (x.add(y), Opcode::SaddOverflow),
            BinaryOp::Sub => (x.sub(y), Opcode::SsubOverflow),
            _ => (x.mul(y), Opcode::SmulOverflow),
        };
        if let Some(range) = range {
            let value = self.b().plain(wrapping(*op), &[a, b]);
            self.ranges.set(value, range);
            return value;
        }
        let (value, overflow) = self.b().plain2(checked, &[a, b]);
        let mut next = self.label();
        self.branch(overflow, slow, &mut next);
        self.bind(next);
        value
    }

    fn next_leaf(&self, values: &mut std::slice::Iter<'_, Value>) -> Value {
        values.next().copied().unwrap_or(self.undefined(ir::Type::I64))
    }

    /// The tree and the division in 128 bits.
    fn wide_path(
        &mut self,
        op: BinaryOp,
        left: &'m Expr,
        values: &[Value],
        divisor: Value,
        span: Span,
    ) -> Value {
        let zero = self.b().iconst(ir::Type::I64, 0);
        let by_zero = self.b().eq(divisor, zero);
        let message = match op {
            BinaryOp::Mod => "integer modulo by zero",
            _ => "integer division or modulo by zero",
        };
        self.raise_if(by_zero, Exc::ZeroDivisionError, message, span);
        let wide: Vec<Value> = values.iter().map(|v| self.b().sext(ir::Type::I128, *v)).collect();
        let dividend = self.wide_tree(left, &mut wide.iter());
        let mut b = self.b();
        let divisor = b.sext(ir::Type::I128, divisor);
        let zero = b.iconst(ir::Type::I128, 0);
        let rest = b.srem(dividend, divisor);
        let signs = b.bxor(rest, divisor);
        let differ = b.slt(signs, zero);
        let some = b.ne(rest, zero);
        let wrong = b.band(differ, some);
        if op == BinaryOp::Mod {
            let correction = b.select(wrong, divisor, zero);
            let value = b.iadd(rest, correction);
            return b.trunc(ir::Type::I64, value);
        }
        let quotient = b.sdiv(dividend, divisor);
        let one = b.zext(ir::Type::I128, wrong);
        let value = b.isub(quotient, one);
        let narrow = b.trunc(ir::Type::I64, value);
        let again = b.sext(ir::Type::I128, narrow);
        let lost = b.ne(again, value);
        self.leave_if(lost, span);
        narrow
    }

    fn wide_tree(&mut self, expr: &'m Expr, values: &mut std::slice::Iter<'_, Value>) -> Value {
        match &expr.kind {
            ExprKind::Binary(op, left, right) if is_linear(expr) => {
                let a = self.wide_tree(left, values);
                let b = self.wide_tree(right, values);
                self.b().plain(wrapping(*op), &[a, b])
            }
            _ => values.next().copied().unwrap_or(self.undefined(ir::Type::I128)),
        }
    }
}

/// Whether wrapping does no harm to the low bits of the result.
fn is_wrappable(expr: &Expr) -> bool {
    use BinaryOp::*;
    match &expr.kind {
        _ if expr.ty != Type::Int => false,
        ExprKind::Unary(..) => true,
        ExprKind::Binary(Add | Sub | Mul | Or | Xor, ..) => true,
        ExprKind::Binary(Shl, _, count) => count.as_int().is_some_and(|by| (0..64).contains(&by)),
        _ => false,
    }
}

fn wrapping(op: BinaryOp) -> Opcode {
    match op {
        BinaryOp::Add => Opcode::Iadd,
        BinaryOp::Sub => Opcode::Isub,
        BinaryOp::Mul => Opcode::Imul,
        BinaryOp::Or => Opcode::Bor,
        BinaryOp::Xor => Opcode::Bxor,
        _ => Opcode::Shl,
    }
}

/// Whether an expression is a sum, difference or product of ints.
fn is_linear(expr: &Expr) -> bool {
    expr.ty == Type::Int
        && matches!(expr.kind, ExprKind::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, ..))
}

/// How large the absolute value of a tree of sums and products can be; nothing if 128 bits do not hold it.
fn size(expr: &Expr) -> Option<u128> {
    if let Some(value) = expr.as_int() {
        return Some(u128::from(value.unsigned_abs()));
    }
    let ExprKind::Binary(op, left, right) = &expr.kind else { return Some(1 << 63) };
    if !is_linear(expr) {
        return Some(1 << 63);
    }
    let (a, b) = (size(left)?, size(right)?);
    let size = if *op == BinaryOp::Mul { a.checked_mul(b)? } else { a.checked_add(b)? };
    (size <= MAX_SIZE).then_some(size)
}

fn leaves(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::Binary(_, left, right) if is_linear(expr) => leaves(left) + leaves(right),
        _ => 1,
    }
}
