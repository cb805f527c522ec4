//! Dominators of the blocks of a problem.
//!
//! Algorithm: K. Cooper, T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm" (2001), over a
//! reverse postorder found by depth-first search. Independent of the allocators' own.

use crate::{Block, Problem};
use pyexec_base::EntityId;

const UNREACHED: u32 = u32::MAX;

/// Immediate dominators.
pub(crate) struct Dominators {
    /// For each block: its immediate dominator; the entry's is itself, unreachable blocks have none.
    idom: Vec<u32>,
    /// For each block: its place in postorder.
    order: Vec<u32>,
}

impl Dominators {
    pub fn new(problem: &Problem<'_>) -> Self {
        let postorder = postorder(problem);
        let count = problem.blocks.len();
        let mut this = Self { idom: vec![UNREACHED; count], order: vec![UNREACHED; count] };
        for (index, block) in postorder.iter().enumerate() {
            this.order[block.index()] = index as u32;
        }
        if let Some(entry) = this.idom.first_mut() {
            *entry = 0;
        }
        while this.improve(problem, &postorder) {}
        this
    }

    fn improve(&mut self, problem: &Problem<'_>, postorder: &[Block]) -> bool {
        let mut changed = false;
        for block in postorder.iter().rev().filter(|b| b.index() != 0) {
            let known = problem.block_preds(*block).iter().filter(|p| self.idom[p.index()] != UNREACHED);
            let Some(idom) = known.map(|p| p.as_u32()).reduce(|a, b| self.common(a, b)) else { continue };
            changed |= std::mem::replace(&mut self.idom[block.index()], idom) != idom;
        }
        changed
    }

    fn common(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            if self.order[a as usize] < self.order[b as usize] {
                a = self.idom[a as usize];
            } else {
                b = self.idom[b as usize];
            }
        }
        a
    }

    /// The block that dominates `block` and is dominated by all others that do.
    pub fn idom(&self, block: Block) -> Option<Block> {
        let idom = self.idom[block.index()];
        (block.index() != 0 && idom != UNREACHED).then(|| Block::new(idom))
    }
    pub fn is_reachable(&self, block: Block) -> bool {
        self.order[block.index()] != UNREACHED
    }
    /// Whether every path to `b` passes through `a`.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let mut at = b;
        while at != a {
            match self.idom(at) {
                Some(idom) => at = idom,
                None => return false,
            }
        }
        true
    }
}

fn postorder(problem: &Problem<'_>) -> Vec<Block> {
    let mut seen = vec![false; problem.blocks.len()];
    let mut done = Vec::new();
    let mut stack = Vec::new();
    if let Some(first) = seen.first_mut() {
        *first = true;
        stack.push((Block::new(0), 0));
    }
    while let Some((block, next)) = stack.last_mut() {
        let Some(&succ) = problem.block_succs(*block).get(*next) else {
            done.push(*block);
            stack.pop();
            continue;
        };
        *next += 1;
        if !std::mem::replace(&mut seen[succ.index()], true) {
            stack.push((succ, 0));
        }
    }
    done
}
