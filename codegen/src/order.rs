//! The order of machine blocks, and the blocks that split critical edges.
//!
//! ```text
//!   IR                      machine blocks
//!   b0 -> b1, b2            m0 (b0) -> m1 (edge), m2 (b1)
//!   b1 -> b2                m1 (edge) -> m3
//!                           m2 (b1) -> m3
//!                           m3 (b2)
//! ```
//!
//! In: a function whose blocks end in terminators. Out: machine blocks in reverse postorder (so every
//! block comes after its dominators, which both allocators need), each either an IR block or an edge from
//! a block with several successors to one with several predecessors; the order of emission, which keeps
//! the IR's layout but puts cold blocks last; unreachable blocks are left out. The edge block of a loop's
//! latch stands in front of the loop's head, where it falls through: what it moves costs no jump there.
//!
//! ```text
//!   m2: ...                         m3 (edge): moves
//!       br m3, m4            =>     m2: ...
//!   m3 (edge): moves; jmp m2            br m3, m4
//!   m4: ...                         m4: ...
//! ```
//!
//! Algorithm: iterative depth-first search. Among successors the one latest in the layout is visited
//! first, so that the reverse postorder follows the layout where it may and loops stay together.

use crate::vcode::BlockFlags;
use pyexec_base::EntityId;
use pyexec_ir::{Block, Func};
use pyexec_regalloc::Block as MachBlock;

/// What a machine block is made from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A block of the IR.
    Block(Block),
    /// The branch target with this number of a block's terminator.
    Edge(Block, u32),
}

impl Origin {
    /// The block of the IR, if it is one.
    pub fn block(self) -> Option<Block> {
        match self {
            Origin::Block(block) => Some(block),
            Origin::Edge(..) => None,
        }
    }
}

const NONE: u32 = u32::MAX;

/// The machine blocks of a function. Reused from function to function.
#[derive(Clone, Debug, Default)]
pub struct BlockOrder {
    /// For each machine block.
    pub origins: Vec<Origin>,
    /// For each machine block.
    pub flags: Vec<BlockFlags>,
    /// The order of emission.
    pub layout: Vec<MachBlock>,
    /// Successors of all machine blocks; repetitions are kept.
    succs: Vec<MachBlock>,
    succ_ends: Vec<u32>,
    // Scratch, by IR block.
    preds: Vec<u32>,
    position: Vec<u32>,
    number: Vec<u32>,
    postorder: Vec<Block>,
    stack: Vec<(Block, u32)>,
    pending: Vec<(u32, u32)>,
    /// By machine block: the edge block that stands in front of it, or [`NONE`].
    latch: Vec<u32>,
}

impl BlockOrder {
    /// The successors of a machine block, as indices for [`succ`](Self::succ).
    pub fn succ_range(&self, block: usize) -> std::ops::Range<usize> {
        let start = if block == 0 { 0 } else { self.succ_ends[block - 1] as usize };
        start..self.succ_ends[block] as usize
    }
    /// The successors of a machine block.
    pub fn succs(&self, block: usize) -> &[MachBlock] {
        &self.succs[self.succ_range(block)]
    }
    /// All successors of all blocks.
    pub fn all_succs(&self) -> &[MachBlock] {
        &self.succs
    }

    /// The machine block of a reachable block of the IR.
    pub fn number_of(&self, block: Block) -> u32 {
        self.number[block.index()]
    }

    /// Computes everything for `func`.
    pub fn compute(&mut self, func: &Func) {
        self.reset(func);
        self.search(func);
        self.number_blocks(func);
        self.resolve_succs(func);
        self.lay_out(func);
    }

    fn reset(&mut self, func: &Func) {
        self.origins.clear();
        self.flags.clear();
        self.layout.clear();
        self.succs.clear();
        self.succ_ends.clear();
        self.postorder.clear();
        let count = func.block_count();
        for table in [&mut self.preds, &mut self.position, &mut self.number] {
            table.clear();
        }
        self.preds.resize(count, 0);
        self.position.resize(count, NONE);
        self.number.resize(count, NONE);
        for (index, block) in func.layout.iter().enumerate() {
            self.position[block.index()] = index as u32;
        }
    }

    /// Depth-first search: fills `postorder` and counts the predecessors of reachable blocks.
    /// `number` serves as the mark of visited blocks.
    fn search(&mut self, func: &Func) {
        let Some(entry) = func.entry() else { return };
        self.number[entry.index()] = 0;
        self.stack.push((entry, func.successors(entry).len() as u32));
        while let Some((block, left)) = self.stack.last_mut() {
            let (block, targets) = (*block, func.successors(*block));
            if *left == 0 {
                self.postorder.push(block);
                self.stack.pop();
                continue;
            }
            *left -= 1;
            let left = *left as usize;
            let next = self.pick(targets, left);
            self.preds[next.index()] += 1;
            if self.number[next.index()] == NONE {
                self.number[next.index()] = 0;
                self.stack.push((next, func.successors(next).len() as u32));
            }
        }
    }

    /// The successor to visit when `left` others remain. For two targets: the later one in the layout
    /// first. Longer lists (jump tables) are taken from the back.
    fn pick(&self, targets: &[pyexec_ir::BlockCall], left: usize) -> Block {
        let position = |i: usize| self.position[targets[i].block.index()];
        let swap = targets.len() == 2 && position(0) > position(1);
        targets[if swap { 1 - left } else { left }].block
    }

    /// Gives numbers in reverse postorder; an edge block comes right after the block it leaves.
    fn number_blocks(&mut self, func: &Func) {
        for index in (0..self.postorder.len()).rev() {
            let block = self.postorder[index];
            self.number[block.index()] = self.origins.len() as u32;
            self.origins.push(Origin::Block(block));
            let targets = func.successors(block);
            if targets.len() < 2 {
                continue;
            }
            for (target, call) in targets.iter().enumerate() {
                if self.preds[call.block.index()] > 1 {
                    self.origins.push(Origin::Edge(block, target as u32));
                }
            }
        }
    }

    /// Fills successors and flags, now that all numbers are known.
    fn resolve_succs(&mut self, func: &Func) {
        for (index, origin) in self.origins.iter().enumerate() {
            let mut flags = BlockFlags::default();
            match *origin {
                Origin::Block(block) => {
                    flags.cold = func.block(block).cold;
                    let mut edge = index as u32;
                    let targets = func.successors(block);
                    for call in targets {
                        let critical = targets.len() > 1 && self.preds[call.block.index()] > 1;
                        edge += u32::from(critical);
                        let to = if critical { edge } else { self.number[call.block.index()] };
                        self.succs.push(MachBlock::new(to));
                    }
                }
                Origin::Edge(block, target) => {
                    let to = func.successors(block)[target as usize].block;
                    flags.cold = func.block(block).cold || func.block(to).cold;
                    self.succs.push(MachBlock::new(self.number[to.index()]));
                }
            }
            self.flags.push(flags);
            self.succ_ends.push(self.succs.len() as u32);
        }
        self.mark_loop_heads();
    }

    fn mark_loop_heads(&mut self) {
        for block in 0..self.origins.len() {
            for succ in self.succ_range(block) {
                let succ = self.succs[succ].index();
                self.flags[succ].loop_head |= succ <= block;
            }
        }
    }

    /// The IR's layout with edge blocks behind the blocks they leave; cold blocks last. The entry stays
    /// first even if it is cold.
    fn lay_out(&mut self, func: &Func) {
        self.pending.clear();
        for block in &func.layout {
            let first = self.number[block.index()];
            if first == NONE {
                continue;
            }
            let mut last = first + 1;
            while matches!(self.origins.get(last as usize), Some(Origin::Edge(..))) {
                last += 1;
            }
            self.pending.push((first, last));
        }
        self.find_latches(func);
        for cold in [false, true] {
            for index in 0..self.pending.len() {
                self.place(index, cold);
            }
        }
    }

    /// For each loop head, the last of the blocks that only come back to it, if it is not cold: an edge block,
    /// or a block of the IR that splits an edge.
    fn find_latches(&mut self, func: &Func) {
        self.latch.clear();
        self.latch.resize(self.origins.len(), NONE);
        for (block, origin) in self.origins.iter().enumerate() {
            let only_jumps = match *origin {
                Origin::Edge(..) => true,
                Origin::Block(b) => func.block(b).insts.len() == 1 && self.preds[b.index()] == 1,
            };
            let &[head] = self.succs(block) else { continue };
            let cold = self.flags[block].cold || self.flags[head.index()].cold;
            if only_jumps && head.index() != 0 && head.index() < block && !cold {
                self.latch[head.index()] = block as u32;
            }
        }
    }

    /// Whether a block stands in front of the loop head to which it comes back.
    fn is_latch(&self, block: u32) -> bool {
        self.succs(block as usize).first().is_some_and(|head| self.latch[head.index()] == block)
    }

    /// Places a block and the edge blocks behind it, or those of them that are cold. An edge to the
    /// block that follows goes last, so that it falls through.
    fn place(&mut self, index: usize, cold: bool) {
        let (first, last) = self.pending[index];
        let wanted = |block: u32, flags: &[BlockFlags]| (block != 0 && flags[block as usize].cold) == cold;
        // Only a few are looked at, so that long runs of cold blocks cost nothing.
        let mut rest = self.pending[index + 1..].iter().take(8).map(|(next, _)| *next);
        let following = rest.find(|next| wanted(*next, &self.flags)).unwrap_or(NONE);
        if wanted(first, &self.flags) && !self.is_latch(first) {
            let latch = self.latch[first as usize];
            self.layout.extend((latch != NONE).then(|| MachBlock::new(latch)));
            self.layout.push(MachBlock::new(first));
        }
        for falls in [false, true] {
            for edge in first + 1..last {
                let to = self.succs(edge as usize)[0];
                let to_following = to.as_u32() == following;
                if !self.is_latch(edge) && wanted(edge, &self.flags) && to_following == falls {
                    self.layout.push(MachBlock::new(edge));
                }
            }
        }
    }
}
