//! The question: a function as the allocator sees it, in flat arrays.
//!
//! Blocks are contiguous runs of instructions, numbered in an order where a block comes after its
//! dominators (reverse postorder will do). `Block(0)` is the entry. Ranges are given by their ends:
//! block `n` owns `ends[n - 1]..ends[n]`. The rules a problem must keep are listed in
//! [`verify`](crate::verify()).

use crate::{Operand, PReg, PRegSet, RegClass, VReg};
use pyexec_base::{EntityId, entity_id};
use std::ops::Range;

entity_id! {
    /// A block of a [`Problem`].
    pub struct Block("b");
}
entity_id! {
    /// An instruction of a [`Problem`], in the order of its blocks.
    pub struct Inst("i");
}

/// What an instruction means for control flow.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum InstKind {
    /// Falls through to the next instruction of its block.
    Normal,
    /// Ends a block that has successors.
    Branch,
    /// Ends a block without successors (return, tail call, trap).
    Ret,
}

/// One instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InstInfo {
    /// Where its operands end in [`Problem::operands`].
    pub operands_end: u32,
    /// Which of [`Problem::clobber_sets`] it destroys; 0 is the empty set.
    pub clobbers: u32,
    /// What it means for control flow.
    pub kind: InstKind,
}

/// One block: the ends of its ranges.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct BlockInfo {
    /// In [`Problem::insts`].
    pub insts_end: u32,
    /// In [`Problem::succs`] and [`Problem::arg_ends`].
    pub succs_end: u32,
    /// In [`Problem::preds`].
    pub preds_end: u32,
    /// In [`Problem::params`].
    pub params_end: u32,
}

/// A function to allocate: borrowed flat arrays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Problem<'a> {
    /// The blocks.
    pub blocks: &'a [BlockInfo],
    /// The instructions of all blocks.
    pub insts: &'a [InstInfo],
    /// The operands of all instructions.
    pub operands: &'a [Operand],
    /// Sets of registers that instructions destroy; the first is empty.
    pub clobber_sets: &'a [PRegSet],
    /// The successors of all blocks.
    pub succs: &'a [Block],
    /// For each entry of `succs`: where its block arguments end in `args`.
    pub arg_ends: &'a [u32],
    /// The block arguments of all edges.
    pub args: &'a [VReg],
    /// The predecessors of all blocks: one entry an edge.
    pub preds: &'a [Block],
    /// The parameters of all blocks.
    pub params: &'a [VReg],
    /// One more than the highest virtual register.
    pub vreg_count: u32,
}

fn range_of<T>(items: &[T], index: usize, end: impl Fn(&T) -> u32) -> Range<usize> {
    let start = if index == 0 { 0 } else { end(&items[index - 1]) as usize };
    start..end(&items[index]) as usize
}

impl<'a> Problem<'a> {
    /// All blocks in order.
    pub fn block_ids(&self) -> impl DoubleEndedIterator<Item = Block> + use<> {
        (0..self.blocks.len()).map(Block::from_index)
    }
    /// The range of instructions of a block.
    pub fn block_insts(&self, block: Block) -> Range<usize> {
        range_of(self.blocks, block.index(), |b| b.insts_end)
    }
    /// The range of a block in `succs` and `arg_ends`.
    pub fn succ_range(&self, block: Block) -> Range<usize> {
        range_of(self.blocks, block.index(), |b| b.succs_end)
    }
    /// The successors of a block.
    pub fn block_succs(&self, block: Block) -> &'a [Block] {
        &self.succs[self.succ_range(block)]
    }
    /// The arguments that the edge `succ` (an index into `succs`) carries.
    pub fn edge_args(&self, succ: usize) -> &'a [VReg] {
        &self.args[range_of(self.arg_ends, succ, |end| *end)]
    }
    /// The predecessors of a block.
    pub fn block_preds(&self, block: Block) -> &'a [Block] {
        &self.preds[range_of(self.blocks, block.index(), |b| b.preds_end)]
    }
    /// The parameters of a block.
    pub fn block_params(&self, block: Block) -> &'a [VReg] {
        &self.params[range_of(self.blocks, block.index(), |b| b.params_end)]
    }
    /// The range of an instruction in `operands`.
    pub fn operand_range(&self, inst: usize) -> Range<usize> {
        range_of(self.insts, inst, |i| i.operands_end)
    }
    /// The operands of an instruction.
    pub fn inst_operands(&self, inst: usize) -> &'a [Operand] {
        &self.operands[self.operand_range(inst)]
    }
    /// The registers that an instruction destroys.
    pub fn inst_clobbers(&self, inst: usize) -> PRegSet {
        self.clobber_sets[self.insts[inst].clobbers as usize]
    }
}

/// The owned form of a [`Problem`], to be filled front to back and used again.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProblemBuf {
    /// See [`Problem::blocks`].
    pub blocks: Vec<BlockInfo>,
    /// See [`Problem::insts`].
    pub insts: Vec<InstInfo>,
    /// See [`Problem::operands`].
    pub operands: Vec<Operand>,
    /// See [`Problem::clobber_sets`].
    pub clobber_sets: Vec<PRegSet>,
    /// See [`Problem::succs`].
    pub succs: Vec<Block>,
    /// See [`Problem::arg_ends`].
    pub arg_ends: Vec<u32>,
    /// See [`Problem::args`].
    pub args: Vec<VReg>,
    /// See [`Problem::preds`].
    pub preds: Vec<Block>,
    /// See [`Problem::params`].
    pub params: Vec<VReg>,
    /// See [`Problem::vreg_count`].
    pub vreg_count: u32,
}

impl ProblemBuf {
    /// Empties all arrays and keeps their memory.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.insts.clear();
        self.operands.clear();
        self.clobber_sets.clear();
        self.clobber_sets.push(PRegSet::EMPTY);
        self.succs.clear();
        self.arg_ends.clear();
        self.args.clear();
        self.preds.clear();
        self.params.clear();
        self.vreg_count = 0;
    }

    /// The borrowed form.
    pub fn view(&self) -> Problem<'_> {
        Problem {
            blocks: &self.blocks,
            insts: &self.insts,
            operands: &self.operands,
            clobber_sets: &self.clobber_sets,
            succs: &self.succs,
            arg_ends: &self.arg_ends,
            args: &self.args,
            preds: &self.preds,
            params: &self.params,
            vreg_count: self.vreg_count,
        }
    }

    /// The number of a clobber set, which is added if it is new. Functions have few distinct sets, and
    /// neighbours tend to agree, so the search runs from the newest and gives up early.
    pub fn clobber_set(&mut self, set: PRegSet) -> u32 {
        if self.clobber_sets.is_empty() {
            self.clobber_sets.push(PRegSet::EMPTY);
        }
        if set.is_empty() {
            return 0;
        }
        let recent = self.clobber_sets.len().saturating_sub(64);
        let found = self.clobber_sets[recent..].iter().rposition(|s| *s == set);
        let index = found.map_or(self.clobber_sets.len(), |i| i + recent);
        if index == self.clobber_sets.len() {
            self.clobber_sets.push(set);
        }
        index as u32
    }

    /// Appends an instruction whose operands have been pushed to `operands`.
    pub fn push_inst(&mut self, kind: InstKind, clobbers: PRegSet) {
        let clobbers = self.clobber_set(clobbers);
        let operands_end = self.operands.len() as u32;
        self.insts.push(InstInfo { operands_end, clobbers, kind });
    }

    /// Appends a successor whose arguments have been pushed to `args`.
    pub fn push_succ(&mut self, block: Block) {
        self.succs.push(block);
        self.arg_ends.push(self.args.len() as u32);
    }

    /// Ends a block: its instructions, successors and parameters have been pushed.
    pub fn end_block(&mut self) {
        self.blocks.push(BlockInfo {
            insts_end: self.insts.len() as u32,
            succs_end: self.succs.len() as u32,
            preds_end: 0,
            params_end: self.params.len() as u32,
        });
    }

    /// Derives `preds` from `succs`, once all blocks have ended.
    pub fn compute_preds(&mut self) {
        let mut counts = vec![0u32; self.blocks.len()];
        for succ in &self.succs {
            counts[succ.index()] += 1;
        }
        let mut next = 0;
        for (block, count) in self.blocks.iter_mut().zip(&mut counts) {
            let start = next;
            next += *count;
            block.preds_end = next;
            *count = start;
        }
        self.preds.clear();
        self.preds.resize(next as usize, Block::new(0));
        let mut first = 0;
        for (index, block) in self.blocks.iter().enumerate() {
            for succ in &self.succs[first..block.succs_end as usize] {
                let slot = &mut counts[succ.index()];
                self.preds[*slot as usize] = Block::from_index(index);
                *slot += 1;
            }
            first = block.succs_end as usize;
        }
    }
}

/// The registers of a machine as the allocator may use them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MachineEnv {
    /// For each class: taken first.
    pub preferred: [PRegSet; 2],
    /// For each class: taken when no preferred register is free (callee-saved ones).
    pub non_preferred: [PRegSet; 2],
    /// For each class: kept free for moves in a cycle; in neither of the sets above. Without one the
    /// allocator finds a register itself.
    pub scratch: [Option<PReg>; 2],
}

impl MachineEnv {
    /// All registers that may be assigned.
    pub fn allocatable(&self) -> PRegSet {
        let of = |class: RegClass| self.preferred[class as usize].union(self.non_preferred[class as usize]);
        of(RegClass::Int).union(of(RegClass::Float))
    }
}
