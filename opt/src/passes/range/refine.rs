//! What a branch tells about the operands of its condition.

use super::interval::{Interval, assume, assume_exact, exact};
use super::walk::Analysis;
use crate::rules::{inverse, is_checked, is_compare};
use pyexec_ir::{Inst, Opcode, Type, Value};

/// How deep conditions are taken apart.
const DEPTH: u32 = 4;

impl Analysis<'_> {
    /// Narrows by the fact that a value is nonzero, or zero. False if that cannot be.
    pub(super) fn assume(&mut self, value: Value, nonzero: bool) -> bool {
        self.assume_within(value, nonzero, DEPTH)
    }

    fn assume_within(&mut self, value: Value, nonzero: bool, depth: u32) -> bool {
        let ty = self.func.ty(value);
        if ty.is_float() || ty == Type::I128 {
            return true;
        }
        let to = if nonzero { self.range(value).without(0) } else { Interval::just(0) };
        if !self.narrow(value, to) {
            return false;
        }
        let Some((inst, index)) = self.definition(value).filter(|_| depth > 0) else { return true };
        let (op, args) = (self.func.inst(inst).op, self.func.args(inst).to_vec());
        match op {
            Opcode::Band if nonzero => args.iter().all(|a| self.assume_within(*a, true, depth - 1)),
            Opcode::Bor if !nonzero => args.iter().all(|a| self.assume_within(*a, false, depth - 1)),
            Opcode::Zext | Opcode::Sext => self.assume_within(args[0], nonzero, depth - 1),
            _ if is_compare(op) => self.assume_compare(inst, nonzero, depth),
            _ if is_checked(op) && index == 1 && !nonzero => self.assume_no_overflow(inst),
            _ => true,
        }
    }

    fn assume_compare(&mut self, inst: Inst, holds: bool, depth: u32) -> bool {
        let data = *self.func.inst(inst);
        let op = if holds { Some(data.op) } else { inverse(data.op) };
        let (Some(op), true) = (op, data.ty.is_int() && data.ty != Type::I128) else { return true };
        let (a, b) = (self.func.args(inst)[0], self.func.args(inst)[1]);
        let (left, right) = assume(op, self.range(a), self.range(b));
        let possible = self.narrow(a, left) && self.narrow(b, right);
        if possible && data.ty == Type::I64 {
            self.relate(op, a, b);
        }
        match (op, self.range(b).single()) {
            _ if !possible => false,
            (Opcode::Eq, Some(0)) => self.assume_within(a, false, depth - 1),
            (Opcode::Ne, Some(0)) => self.assume_within(a, true, depth - 1),
            _ => true,
        }
    }

    fn assume_no_overflow(&mut self, inst: Inst) -> bool {
        let data = *self.func.inst(inst);
        if data.ty == Type::I128 {
            return true;
        }
        let (a, b) = (self.func.args(inst)[0], self.func.args(inst)[1]);
        let (mut left, right) = assume_exact(data.op, data.ty, self.range(a), self.range(b));
        if data.op == Opcode::SmulOverflow && a == b {
            left = left.meet(root(data.ty));
        }
        if !(self.narrow(a, left) && self.narrow(b, right)) {
            return false;
        }
        let result = exact(data.op, self.range(a), self.range(b));
        let value = self.func.first_result(inst);
        match (value, result) {
            (Some(value), Some(result)) => self.narrow(value, result.meet(Interval::full(data.ty))),
            _ => true,
        }
    }
}

/// The numbers whose squares fit.
fn root(ty: Type) -> Interval {
    let root = (Interval::full(ty).hi as u128).isqrt() as i128;
    Interval::new(-root, root)
}
