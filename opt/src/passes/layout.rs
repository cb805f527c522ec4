//! The order of blocks.
//!
//! **What.** Puts blocks so that likely ways fall through, loops lie in one piece, and cold blocks come
//! last.
//!
//! ```text
//! b0 b1(cold) b2(after loop) b3(loop) b4(loop)   =>   b0 b3 b4 b2 b1
//! ```
//!
//! **Invariants.** Only the layout changes, and marks of coldness: a block is cold, too, if it can only
//! go on to cold blocks or can only come from them. The entry stays first. Unreachable blocks are dropped.
//!
//! **Algorithm.** A reverse postorder in which the successor that should follow directly is visited last:
//! those that leave loops first, so everything behind a loop lands behind it. (As Pettis and Hansen,
//! PLDI 1990, with loop nesting and marks in place of a profile.) Linear but for sorting targets.
//!
//! **Leaves to others.** Which way a branch is encoded, and jumps to the next block (code generation).

use crate::Facts;
use crate::preheader::Shape;
use pyexec_base::BitSet;
use pyexec_ir::{Block, Func, Opcode};
use std::cmp::Reverse;

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    facts.count(func.layout.len());
    let shape = Shape::new(func);
    mark_cold(func, &shape);
    let order = order(func, &shape);
    let (hot, cold): (Vec<Block>, Vec<Block>) = order.into_iter().partition(|b| !func.block(*b).cold);
    // The entry is first even if it is cold.
    let entry = func.entry();
    let rest = hot.into_iter().chain(cold).filter(|b| Some(*b) != entry);
    func.layout = entry.into_iter().chain(rest).collect();
}

fn mark_cold(func: &mut Func, shape: &Shape) {
    for block in shape.cfg.postorder().collect::<Vec<_>>() {
        let traps = func.terminator(block).is_some_and(|i| func.inst(i).op == Opcode::Trap);
        let succs = shape.cfg.succs(block);
        let onward = !succs.is_empty() && succs.iter().all(|s| func.block(*s).cold);
        func.block_mut(block).cold |= traps || onward;
    }
    for &block in shape.cfg.rpo().iter().skip(1) {
        let mut preds = shape.cfg.preds(block).iter().filter(|e| shape.cfg.is_reachable(e.from));
        let backward = preds.all(|e| func.block(e.from).cold);
        func.block_mut(block).cold |= backward;
    }
}

fn order(func: &Func, shape: &Shape) -> Vec<Block> {
    let mut postorder = Vec::with_capacity(func.layout.len());
    let mut seen = BitSet::with_capacity(func.block_count());
    let mut stack: Vec<(Block, Vec<Block>)> = Vec::new();
    if let Some(entry) = func.entry() {
        seen.insert(entry);
        stack.push((entry, targets(func, shape, entry)));
    }
    while let Some((block, targets_left)) = stack.last_mut() {
        match targets_left.pop() {
            Some(next) if seen.insert(next) => stack.push((next, targets(func, shape, next))),
            Some(_) => {}
            None => {
                postorder.push(*block);
                stack.pop();
            }
        }
    }
    postorder.reverse();
    postorder
}

/// The targets of a block; the last one is visited first, so it lands farthest away.
fn targets(func: &Func, shape: &Shape, block: Block) -> Vec<Block> {
    let mut targets = shape.cfg.succs(block).to_vec();
    targets.sort_by_key(|t| (func.block(*t).cold, Reverse(shape.loops.depth(*t))));
    targets
}
