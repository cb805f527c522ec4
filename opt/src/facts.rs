//! What passes over one function need to know of the whole module.

use pyexec_base::{BitSet, EntityVec};
use pyexec_ir::rt::{self, Effect};
use pyexec_ir::{Func, FuncId, GlobalId, Imm, Inst, Module, Opcode};
use std::cell::Cell;

/// How much work the optimiser may put in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum OptLevel {
    /// No passes.
    O0,
    /// Cheap passes once.
    O1,
    /// Everything that pays.
    #[default]
    O2,
    /// As `O2`, with larger limits.
    O3,
}

/// The size of a global and whether it may change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GlobalFact {
    pub size: u32,
    pub writable: bool,
}

/// Facts about a module that no pass invalidates: ids are never reused.
#[derive(Debug)]
pub struct Facts {
    /// The level.
    pub level: OptLevel,
    pure_funcs: BitSet<FuncId>,
    globals: EntityVec<GlobalId, GlobalFact>,
    steps: Cell<u64>,
}

impl Facts {
    /// Gathers the facts. Linear.
    pub fn new(module: &Module, level: OptLevel) -> Self {
        let is_pure = |f: &Func| {
            f.is_import() && rt::helper(&f.name).is_some_and(|helper| helper.effect == Effect::Pure)
        };
        Self {
            level,
            pure_funcs: module.funcs.iter().filter(|(_, f)| is_pure(f)).map(|(id, _)| id).collect(),
            globals: module
                .globals
                .values()
                .map(|g| GlobalFact { size: g.size, writable: g.writable })
                .collect(),
            steps: Cell::new(0),
        }
    }

    /// How many elementary steps the passes took: the measure of the linearity test.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }
    pub(crate) fn count(&self, steps: usize) {
        self.steps.set(self.steps.get() + steps as u64);
    }

    /// Whether the instruction is a call of a function without any effect.
    pub(crate) fn is_pure_call(&self, func: &Func, inst: Inst) -> bool {
        let data = func.inst(inst);
        match (data.op, data.imm) {
            (Opcode::Call, Imm::Func(callee)) => self.pure_funcs.contains(callee),
            _ => false,
        }
    }
    /// Whether the instruction may go if nobody uses its results.
    pub(crate) fn is_removable(&self, func: &Func, inst: Inst) -> bool {
        func.inst(inst).op.effects().removable()
            || self.is_pure_call(func, inst)
            || is_safe_division(func, inst)
    }
    pub(crate) fn global(&self, id: GlobalId) -> Option<GlobalFact> {
        self.globals.get(id).copied()
    }
}

/// Whether this is a division by a constant that is neither 0 nor -1: it cannot trap.
pub(crate) fn is_safe_division(func: &Func, inst: Inst) -> bool {
    let data = func.inst(inst);
    let divides = matches!(data.op, Opcode::Sdiv | Opcode::Udiv | Opcode::Srem | Opcode::Urem);
    let divisor = func.args(inst).get(1).filter(|_| divides).and_then(|v| func.const_bits(*v));
    divisor.is_some_and(|bits| bits != 0 && bits != data.ty.mask())
}
