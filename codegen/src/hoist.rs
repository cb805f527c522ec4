//! Constants of loops, computed in front of them.
//!
//! ```text
//!   m1: ...                          m1: ... ; mov vr9, 0xcccccccccccccccd
//!   m2 (loop):                  =>   m2 (loop):
//!       mov vr5, 0xcccc...cd
//!       umulh vr6, vr4, vr5              umulh vr6, vr4, vr9
//!       br m2, m3                        br m2, m3
//! ```
//!
//! Constants are made anew at each use, which costs nothing in straight code and an instruction or more a
//! round in loops. In: machine blocks in reverse postorder. Out: for each block the one in front of the
//! outermost loop around it that has no calls (a call would make most registers save what they hold) and one
//! way in; and, during selection, which constants have been promised there. A target says which constants
//! are worth a register, and how many a loop may hold ([`Isa::hoist_limits`](crate::Isa::hoist_limits)).
//!
//! Algorithm: natural loops from the outermost inwards, each found by a walk backwards from its latches
//! (Aho, Lam, Sethi, Ullman, 9.6.6). A loop within one that qualifies is not walked again, so the effort is
//! at most the depth of nesting times the size. Selection visits blocks backwards, so a loop's block in front
//! comes after all uses; the constants are emitted before its terminator.

use crate::lower_ctx::ValueRegs;
use crate::order::BlockOrder;
use pyexec_base::EntityId;
use pyexec_ir::{Func, Inst, Opcode};
use pyexec_regalloc::RegClass;

const NONE: u32 = u32::MAX;

/// What is computed in front of a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Constant {
    /// What an `iconst`, `fconst` or address opcode defines.
    Inst(Inst),
    /// A number that the target needs in a 64-bit register.
    Number(i64),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise {
    /// The block in front of the loop.
    home: u32,
    pub constant: Constant,
    pub class: RegClass,
    pub regs: ValueRegs,
}

/// Reused from function to function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hoisting {
    /// By machine block: the block in front of its loop, or [`NONE`]. Empty if nothing is hoisted.
    home: Vec<u32>,
    promises: Vec<Promise>,
    pred_ends: Vec<u32>,
    preds: Vec<u32>,
    calls: Vec<bool>,
    /// By machine block: the last loop head whose loop it was found in.
    seen: Vec<u32>,
    body: Vec<u32>,
}

impl Hoisting {
    /// Forgets the last function.
    pub fn clear(&mut self) {
        self.home.clear();
        self.promises.clear();
    }

    /// Finds the loops of a function.
    pub fn find_loops(&mut self, func: &Func, order: &BlockOrder) {
        let count = order.origins.len();
        if !order.flags.iter().any(|f| f.loop_head) {
            return;
        }
        self.home.resize(count, NONE);
        self.seen.clear();
        self.seen.resize(count, NONE);
        self.calls.clear();
        self.calls.extend(order.origins.iter().map(|o| o.block().is_some_and(|b| has_call(func, b))));
        self.find_preds(order);
        for head in 1..count {
            if self.home[head] == NONE && self.preds_of(head).iter().any(|p| *p as usize >= head) {
                self.visit(head);
            }
        }
    }

    fn find_preds(&mut self, order: &BlockOrder) {
        let count = order.origins.len();
        self.pred_ends.clear();
        self.pred_ends.resize(count + 1, 0);
        for block in order.all_succs() {
            self.pred_ends[block.index() + 1] += 1;
        }
        for block in 0..count {
            self.pred_ends[block + 1] += self.pred_ends[block];
        }
        self.preds.clear();
        self.preds.resize(order.all_succs().len(), 0);
        for block in (0..count).rev() {
            for succ in order.succs(block) {
                let end = &mut self.pred_ends[succ.index() + 1];
                *end -= 1;
                self.preds[*end as usize] = block as u32;
            }
        }
        // Every end has become a start: shift them back.
        self.pred_ends.remove(0);
        self.pred_ends.push(self.preds.len() as u32);
    }

    fn preds_of(&self, block: usize) -> &[u32] {
        &self.preds[self.pred_ends[block] as usize..self.pred_ends[block + 1] as usize]
    }

    /// Whether the function has loops, as far as has been looked.
    pub fn has_loops(&self) -> bool {
        !self.home.is_empty()
    }
    /// The only block from which a block is entered, in functions with loops.
    pub fn only_pred(&self, block: u32) -> Option<u32> {
        let preds = if self.has_loops() { self.preds_of(block as usize) } else { &[] };
        if let [only] = preds { Some(*only) } else { None }
    }

    /// Gives the blocks of the loop at `head` their home, if it qualifies.
    fn visit(&mut self, head: usize) {
        let mut entries = self.preds_of(head).iter().copied().filter(|p| (*p as usize) < head);
        let (Some(home), None) = (entries.next(), entries.next()) else { return };
        self.body.clear();
        self.body.push(head as u32);
        self.seen[head] = head as u32;
        let mut next = 0;
        while let Some(&block) = self.body.get(next) {
            next += 1;
            if self.calls[block as usize] {
                return;
            }
            for index in self.pred_ends[block as usize]..self.pred_ends[block as usize + 1] {
                let pred = self.preds[index as usize];
                match (pred as usize).cmp(&head) {
                    // The way in, or a way around the head: then it is no natural loop.
                    std::cmp::Ordering::Less if block as usize == head => {}
                    std::cmp::Ordering::Less => return,
                    _ if self.seen[pred as usize] == head as u32 => {}
                    _ => {
                        self.seen[pred as usize] = head as u32;
                        // The head's own predecessors from within are its latches.
                        self.body.push(pred);
                    }
                }
            }
        }
        for block in &self.body {
            self.home[*block as usize] = home;
        }
    }

    /// The block in front of the loop around a block.
    pub fn home(&self, block: u32) -> Option<u32> {
        self.home.get(block as usize).copied().filter(|home| *home != NONE)
    }
    /// The registers in which a constant has been promised.
    pub fn promised(&self, home: u32, constant: Constant) -> Option<ValueRegs> {
        self.promises.iter().find(|p| p.home == home && p.constant == constant).map(|p| p.regs)
    }
    /// How many registers of a class have been promised in front of a loop.
    pub fn count(&self, home: u32, class: RegClass) -> usize {
        self.promises.iter().filter(|p| p.home == home && p.class == class).count()
    }
    /// Promises a constant.
    pub fn promise(&mut self, home: u32, constant: Constant, class: RegClass, regs: ValueRegs) {
        self.promises.push(Promise { home, constant, class, regs });
    }
    /// Takes a promise to be kept in this block.
    pub fn take(&mut self, home: u32) -> Option<Promise> {
        let index = self.promises.iter().position(|p| p.home == home)?;
        Some(self.promises.remove(index))
    }
}

fn has_call(func: &Func, block: pyexec_ir::Block) -> bool {
    let is_call = |i: &Inst| matches!(func.inst(*i).op, Opcode::Call | Opcode::CallIndirect);
    func.block(block).insts.iter().any(is_call)
}
