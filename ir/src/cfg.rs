//! The control-flow graph of a function: edges in both directions and the order of a depth-first walk.
//!
//! ```text
//!   b0          preds(b3) = [b1.0, b2.0]     an edge is named by its source and its place there
//!  /  \         succs(b0) = [b1, b2]
//! b1   b2       rpo = b0 b2 b1 b3            a block comes before its successors, back edges apart
//!  \  /
//!   b3
//! ```
//!
//! Invariants: edges of all blocks in the layout are present, those of unreachable blocks included; the
//! orders hold reachable blocks only. A target that does not exist is ignored, so the graph of an
//! unverified function can be built too. Algorithm: one depth-first walk with a stack of our own (input
//! may nest deeper than the machine's stack). A snapshot: whoever changes edges builds it anew.

use crate::{Block, Func};
use pyexec_base::{EntityId, EntityVec};

/// An edge: the target number `index` of the terminator of `from`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edge {
    /// The block it leaves.
    pub from: Block,
    /// Its position among the targets of the terminator.
    pub index: u32,
}

/// Flat lists, one for each block: `items[starts[b]..starts[b + 1]]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> Lists<T> {
    /// Groups pairs by their first half, keeping the order within a group: a counting sort.
    pub(crate) fn group(groups: usize, pairs: &[(usize, T)]) -> Self {
        let mut starts = vec![0u32; groups + 2];
        for (group, _) in pairs {
            starts[group + 2] += 1;
        }
        for i in 2..starts.len() {
            starts[i] += starts[i - 1];
        }
        let Some((_, first)) = pairs.first() else { return Self { starts, items: Vec::new() } };
        let mut items = vec![*first; pairs.len()];
        for (group, item) in pairs {
            items[starts[group + 1] as usize] = *item;
            starts[group + 1] += 1;
        }
        Self { starts, items }
    }
    pub(crate) fn get(&self, group: usize) -> &[T] {
        &self.items[self.starts[group] as usize..self.starts[group + 1] as usize]
    }
}

/// The control-flow graph of one function.
#[derive(Clone, Debug)]
pub struct Cfg {
    preds: Lists<Edge>,
    succs: Lists<Block>,
    rpo: Vec<Block>,
    rpo_index: EntityVec<Block, u32>,
}

const UNREACHABLE: u32 = u32::MAX;

impl Cfg {
    /// The graph of `func`. Linear.
    pub fn new(func: &Func) -> Self {
        let count = func.block_count();
        let (mut preds, mut succs) = (Vec::new(), Vec::new());
        for &from in func.layout.iter().filter(|b| b.index() < count) {
            for (index, call) in func.successors(from).iter().enumerate() {
                if call.block.index() < count {
                    preds.push((call.block.index(), Edge { from, index: index as u32 }));
                    succs.push((from.index(), call.block));
                }
            }
        }
        let succs = Lists::group(count, &succs);
        let rpo = reverse_postorder(func.entry().filter(|b| b.index() < count), count, &succs);
        let mut rpo_index = EntityVec::filled(UNREACHABLE, count);
        for (index, block) in rpo.iter().enumerate() {
            rpo_index[*block] = index as u32;
        }
        Self { preds: Lists::group(count, &preds), succs, rpo, rpo_index }
    }

    /// The edges into a block, one for each time that a terminator names it. Sources in layout order.
    pub fn preds(&self, block: Block) -> &[Edge] {
        self.preds.get(block.index())
    }
    /// The targets of a block's terminator in order, repetitions included.
    pub fn succs(&self, block: Block) -> &[Block] {
        self.succs.get(block.index())
    }
    /// The reachable blocks in reverse postorder; the entry is first.
    pub fn rpo(&self) -> &[Block] {
        &self.rpo
    }
    /// The reachable blocks in postorder; the entry is last.
    pub fn postorder(&self) -> impl ExactSizeIterator<Item = Block> + '_ {
        self.rpo.iter().rev().copied()
    }
    /// Position of a block in [`rpo`](Self::rpo); `None` if it is unreachable.
    pub fn rpo_index(&self, block: Block) -> Option<u32> {
        Some(self.rpo_index[block]).filter(|index| *index != UNREACHABLE)
    }
    /// Whether a path leads from the entry to the block.
    pub fn is_reachable(&self, block: Block) -> bool {
        self.rpo_index[block] != UNREACHABLE
    }
    /// How many block ids the graph was built for.
    pub fn block_count(&self) -> usize {
        self.rpo_index.len()
    }
}

fn reverse_postorder(entry: Option<Block>, count: usize, succs: &Lists<Block>) -> Vec<Block> {
    let mut order = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    // Each entry of the stack: a block, and how many of its successors have been looked at.
    let mut stack: Vec<(Block, usize)> = Vec::new();
    stack.extend(entry.map(|e| (e, 0)));
    entry.into_iter().for_each(|e| seen[e.index()] = true);
    while let Some((block, next)) = stack.last_mut() {
        match succs.get(block.index()).get(*next) {
            Some(&succ) => {
                *next += 1;
                if !std::mem::replace(&mut seen[succ.index()], true) {
                    stack.push((succ, 0));
                }
            }
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Builder, CallConv, Linkage, Signature, Type};

    /// A function whose block `i` branches to `edges[i]`.
    pub(crate) fn graph(edges: &[&[u32]]) -> Func {
        let sig = Signature::new(CallConv::Fast, &[Type::I64], &[]);
        let mut func = Func::new("g", sig, Linkage::Local);
        let blocks: Vec<Block> = edges.iter().map(|_| func.add_block()).collect();
        let index = func.add_param(blocks[0], Type::I64);
        for (block, targets) in blocks.iter().zip(edges) {
            let calls: Vec<_> =
                targets.iter().map(|t| func.make_block_call(blocks[*t as usize], &[])).collect();
            let mut b = Builder::new(&mut func, *block);
            match calls.split_first() {
                None => b.ret(&[]),
                Some((default, rest)) => b.br_table(index, *default, rest),
            }
        }
        func
    }

    #[test]
    fn a_diamond_with_a_loop_and_dead_code() {
        let func = graph(&[&[1, 2], &[3], &[3], &[0, 4, 4], &[], &[3]]);
        let cfg = Cfg::new(&func);
        let b = Block::new;
        assert_eq!(cfg.rpo(), [b(0), b(2), b(1), b(3), b(4)]);
        assert_eq!(cfg.preds(b(3)).iter().map(|e| e.from).collect::<Vec<_>>(), [b(1), b(2), b(5)]);
        assert_eq!(cfg.preds(b(4)), [Edge { from: b(3), index: 1 }, Edge { from: b(3), index: 2 }]);
        assert_eq!(cfg.succs(b(3)), [b(0), b(4), b(4)]);
        assert!(!cfg.is_reachable(b(5)) && cfg.rpo_index(b(3)) == Some(3));
        assert_eq!(cfg.postorder().next(), Some(b(4)));
    }

    #[test]
    fn imports_and_depth_are_no_trouble() {
        let sig = Signature::new(CallConv::C, &[], &[]);
        assert!(Cfg::new(&Func::new("x", sig, Linkage::Import)).rpo().is_empty());
        let chain: Vec<[u32; 1]> = (0..200_000).map(|i| [(i + 1).min(199_999)]).collect();
        let edges: Vec<&[u32]> = chain.iter().map(|e| &e[..]).collect();
        assert_eq!(Cfg::new(&graph(&edges)).rpo().len(), 200_000);
    }
}
