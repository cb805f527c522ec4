//! Writes the chosen registers into the instructions.

use crate::Reg;
use crate::vcode::{MachInst, OperandVisitor, VCode};
use pyexec_regalloc::{Alloc, Constraint, OperandKind, OperandPos, PRegSet, Solution};

/// Rewrites all operands; returns every register that the function writes.
pub(crate) fn rewrite<I: MachInst>(vcode: &mut VCode<I>, solution: &Solution) -> PRegSet {
    let mut visitor = Rewrite { allocs: solution.allocs.iter(), written: PRegSet::EMPTY };
    for inst in &mut vcode.insts {
        inst.visit_operands(&mut visitor);
    }
    let moved = solution.edits.iter().filter_map(|e| e.to.reg()).collect();
    let clobbered = vcode.problem.clobber_sets.iter().fold(PRegSet::EMPTY, |all, set| all.union(*set));
    visitor.written.union(moved).union(clobbered)
}

/// Takes the places in the order in which `lower::Collect` noted the operands.
struct Rewrite<'a> {
    allocs: std::slice::Iter<'a, Alloc>,
    written: PRegSet,
}

impl OperandVisitor for Rewrite<'_> {
    #[inline]
    fn operand(&mut self, reg: &mut Reg, _: Constraint, kind: OperandKind, _: OperandPos) {
        if reg.is_none() {
            return;
        }
        let alloc = self.allocs.next().expect("invariant: one place an operand");
        if reg.vreg().is_none() {
            return;
        }
        *reg = Reg::from_alloc(*alloc);
        if let (OperandKind::Def, Alloc::Reg(preg)) = (kind, *alloc) {
            self.written.insert(preg);
        }
    }
}
