//! What a branch tells the blocks that it dominates.

use super::{Gvn, Known};
use crate::rules::{View, inverse};
use pyexec_ir::{Block, Imm, Inst, Opcode, Opcode::*, Type, Value};

/// How deep conditions are taken apart.
const DEPTH: u32 = 3;

/// What follows from an integer comparison that holds: other comparisons of the same operands.
fn implied(op: Opcode) -> &'static [(Opcode, bool)] {
    match op {
        Eq => &[
            (Sle, true),
            (Sge, true),
            (Ule, true),
            (Uge, true),
            (Slt, false),
            (Sgt, false),
            (Ult, false),
            (Ugt, false),
        ],
        Slt => &[(Sle, true), (Ne, true), (Eq, false), (Sgt, false)],
        Sgt => &[(Sge, true), (Ne, true), (Eq, false), (Slt, false)],
        Ult => &[(Ule, true), (Ne, true), (Eq, false), (Ugt, false)],
        Ugt => &[(Uge, true), (Ne, true), (Eq, false), (Ult, false)],
        _ => &[],
    }
}

impl Gvn<'_> {
    /// Enters what is known at the start of a block: which way the branch went that alone leads here.
    pub(super) fn learn_from_branch(&mut self, block: Block) {
        let &[edge] = self.cfg.preds(block) else { return };
        let Some(inst) = self.func.terminator(edge.from) else { return };
        if self.func.inst(inst).op == BrIf {
            let cond = self.func.args(inst)[0];
            self.assume(cond, edge.index == 0);
        }
    }

    /// Enters that a condition is nonzero, or zero.
    pub(super) fn assume(&mut self, cond: Value, holds: bool) {
        self.assume_within(cond, holds, DEPTH);
    }

    fn assume_within(&mut self, cond: Value, holds: bool, depth: u32) {
        let cond = self.canonical(cond);
        let is_bool = View(self.func).is_bool(cond);
        let constant = self.func.const_bits(cond).is_some();
        if (is_bool || !holds) && !constant && self.is_used_again(cond) {
            let value = self.constant(Type::I8, holds as u128);
            self.learn_value(cond, value);
        }
        let Some(inst) = self.func.def_inst(cond).filter(|_| depth > 0) else { return };
        let (op, args) = (self.func.inst(inst).op, self.func.args(inst).to_vec());
        match op {
            // Both are nonzero: for 0 and 1 that is all there is to know.
            Band if holds && is_bool => args.iter().for_each(|a| self.assume_within(*a, true, depth - 1)),
            Bor if !holds => args.iter().for_each(|a| self.assume_within(*a, false, depth - 1)),
            Zext => self.assume_within_narrow(args[0], holds, depth),
            _ => self.assume_compare(inst, holds),
        }
    }

    fn assume_within_narrow(&mut self, arg: Value, holds: bool, depth: u32) {
        if self.func.ty(arg) == Type::I8 {
            self.assume_within(arg, holds, depth - 1);
        }
    }

    fn assume_compare(&mut self, inst: Inst, holds: bool) {
        let (data, args) = (*self.func.inst(inst), self.func.args(inst).to_vec());
        let Some(inverse) = inverse(data.op) else { return };
        let &[a, b] = &args[..] else { return };
        self.enter_fact(data.op, data.ty, &args, holds);
        self.enter_fact(inverse, data.ty, &args, !holds);
        let true_op = if holds { data.op } else { inverse };
        for (op, result) in implied(true_op) {
            self.enter_fact(*op, data.ty, &args, *result);
        }
        let constant = self.func.const_bits(b).is_some();
        if true_op == Eq && constant && self.is_used_again(a) && self.func.const_bits(a).is_none() {
            self.learn_value(a, b);
        }
    }

    fn enter_fact(&mut self, op: Opcode, ty: Type, args: &[Value], holds: bool) {
        if let Some(key) = self.term(op, ty, Imm::None, args) {
            self.learn(key, Known::Bits(Type::I8, holds as u128));
        }
    }
}
