//! The answer: a place for every operand, and the moves between.

use crate::{Alloc, Inst, Problem};
use pyexec_base::EntityId;

/// Before or after an instruction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EditPos {
    /// Before it.
    Before,
    /// After it.
    After,
}

/// A move to insert. At least one side is a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    /// Beside this instruction.
    pub inst: Inst,
    /// On which side of it.
    pub pos: EditPos,
    /// Copied from here.
    pub from: Alloc,
    /// Copied to here.
    pub to: Alloc,
}

/// What an [`Allocator`](crate::Allocator) answers to a [`Problem`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Solution {
    /// For each entry of [`Problem::operands`]: its place.
    pub allocs: Vec<Alloc>,
    /// Moves, ordered by instruction and side; those at one point run one after the other.
    pub edits: Vec<Edit>,
    /// How many spill slots of 8 bytes the frame needs.
    pub spill_slots: u32,
}

impl Solution {
    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.allocs.clear();
        self.edits.clear();
        self.spill_slots = 0;
    }
    /// The places of an instruction's operands.
    pub fn inst_allocs(&self, problem: &Problem<'_>, inst: Inst) -> &[Alloc] {
        &self.allocs[problem.operand_range(inst.index())]
    }
}
