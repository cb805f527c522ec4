//! Loop-invariant code motion.
//!
//! **What.** Moves what gives the same result in every round out of the loop.
//!
//! ```text
//! b0: jump b1(v0)                           b0: v5 = imul.i64 v1, v1
//! b1(v2: i64):                     =>           jump b1(v0)
//!     v5 = imul.i64 v1, v1                  b1(v2: i64):
//!     v6 = iadd.i64 v2, v5                      v6 = iadd.i64 v2, v5
//! ```
//!
//! **Invariants.** In: loops inverted as far as they can be. Out: valid IR, every loop has a preheader.
//! What may trap or fault is moved only if it is certain to be executed and nothing that can be
//! observed comes before it, or if it provably does neither.
//!
//! **Algorithm.** One walk in reverse postorder: operands are moved before their users, so an instruction
//! goes at once to the outermost loop in which it is invariant. (Aho, Lam, Sethi, Ullman, "Compilers",
//! section 9.5, without data flow: SSA form tells invariance.) Time: instructions times loop depth.
//!
//! **Leaves to others.** Comparisons next to their branches and flags next to their checks stay, because
//! the machine does both in one: moving them costs a register and saves nothing. Cold blocks stay.

use crate::Facts;
use crate::facts::is_safe_division;
use crate::memory::{Memory, direct_global, is_load};
use crate::preheader::{Shape, with_preheaders};
use crate::rules::{is_checked, is_compare};
use pyexec_base::{EntityId, EntityVec};
use pyexec_ir::{Block, Effects, Func, Imm, Inst, Loop, Opcode, Region, Value, ValueDef};

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    let shape = with_preheaders(func);
    if shape.loops.is_empty() {
        return;
    }
    let memory = Memory::new(func, facts);
    let written = memory.written_in_loops(func, facts, &shape.cfg, &shape.loops);
    let mut home = EntityVec::filled(None, func.inst_count());
    for &block in shape.cfg.rpo() {
        func.block(block).insts.iter().for_each(|inst| home[*inst] = Some(block));
    }
    let mut mover = Mover { func, facts, shape: &shape, memory, written, home };
    for block in shape.cfg.rpo() {
        mover.visit_block(*block);
    }
}

struct Mover<'a> {
    func: &'a mut Func,
    facts: &'a Facts,
    shape: &'a Shape,
    memory: Memory,
    written: Vec<u16>,
    /// The block of every instruction.
    home: EntityVec<Inst, Option<Block>>,
}

impl Mover<'_> {
    fn visit_block(&mut self, block: Block) {
        let Some(innermost) = self.shape.loops.innermost(block) else { return };
        if self.func.block(block).cold {
            return;
        }
        let insts = std::mem::take(&mut self.func.block_mut(block).insts);
        self.facts.count(insts.len());
        let mut kept = Vec::with_capacity(insts.len());
        // Whether everything so far in this block can neither be observed nor stop the program.
        let mut quiet = true;
        for inst in insts {
            match self.target(inst, block, innermost, quiet) {
                Some(preheader) => self.hoist(inst, preheader),
                None => kept.push(inst),
            }
            quiet &= self.func.inst(inst).op.effects().removable() || is_safe_division(self.func, inst);
        }
        self.func.block_mut(block).insts = kept;
    }

    fn hoist(&mut self, inst: Inst, preheader: Block) {
        let insts = &mut self.func.block_mut(preheader).insts;
        let before_jump = insts.len().saturating_sub(1);
        insts.insert(before_jump, inst);
        self.home[inst] = Some(preheader);
    }

    /// The preheader of the outermost loop that the instruction may leave.
    fn target(&self, inst: Inst, block: Block, innermost: Loop, quiet: bool) -> Option<Block> {
        let mut target = None;
        let mut next = Some(innermost);
        while let Some(l) = next.filter(|l| self.may_leave(inst, block, *l, quiet)) {
            target = self.shape.preheader(l);
            next = self.shape.loops.get(l).parent;
        }
        target
    }

    fn may_leave(&self, inst: Inst, block: Block, l: Loop, quiet: bool) -> bool {
        let invariant = self.func.args(inst).iter().all(|v| !self.is_defined_in(*v, l));
        let certain = quiet && self.shape.loops.get(l).header == block;
        invariant && self.shape.preheader(l).is_some() && self.is_movable(inst, block, l, certain)
    }

    fn is_defined_in(&self, value: Value, l: Loop) -> bool {
        let block = match self.func.def(value) {
            ValueDef::Param(block, _) => Some(block),
            ValueDef::Result(inst, _) => self.home[inst],
            ValueDef::Alias(_) => None,
        };
        block.is_none_or(|block| self.shape.loops.contains(l, block))
    }

    /// Whether the instruction may be executed in front of loop `l`, given that its operands are there.
    /// `certain`: it is executed there anyway, before anything that can be observed.
    fn is_movable(&self, inst: Inst, block: Block, l: Loop, certain: bool) -> bool {
        let data = self.func.inst(inst);
        if is_load(data.op) {
            let place = self.memory.place(self.func, self.facts, inst);
            let unchanged = self.written[l.index()] & Memory::read(place) == 0;
            return unchanged && (certain || self.is_valid_address(inst));
        }
        if self.facts.is_pure_call(self.func, inst) {
            let latches = &self.shape.loops.get(l).latches;
            return latches.iter().all(|latch| self.shape.dom.dominates(block, *latch));
        }
        let cheap_where_it_is =
            is_compare(data.op) || (is_checked(data.op) && data.op != Opcode::SmulOverflow);
        match data.op.effects() {
            effects if effects.speculable() => !cheap_where_it_is,
            effects if effects == Effects::TRAPS => {
                self.func.results(inst).len() > 0 && (certain || is_safe_division(self.func, inst))
            }
            _ => false,
        }
    }

    /// Whether the load is inside of a global or a stack slot.
    fn is_valid_address(&self, inst: Inst) -> bool {
        let (data, address) = (self.func.inst(inst), self.func.args(inst)[0]);
        let Imm::Mem(offset, region) = data.imm else { return false };
        let global = direct_global(self.func, address)
            .and_then(|(id, start)| Some((self.facts.global(id)?.size, start)));
        let slot = self.func.def_inst(address).and_then(|def| match self.func.inst(def).imm {
            Imm::Slot(slot, start) => Some((self.func.slots.get(slot)?.size, start)),
            _ => None,
        });
        let place = if region == Region::Stack { slot } else { global };
        place.is_some_and(|(size, start)| {
            let at = start as i64 + offset as i64;
            at >= 0 && at + data.ty.bytes() as i64 <= size as i64
        })
    }
}
