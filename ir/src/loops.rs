//! Natural loops: their headers, blocks, nesting and exits.
//!
//! ```text
//! b0 -> b1 -> b2 -> b3 -> b4      l0: header b1, blocks b1 b3 b2
//!       ^     ^_/    |            l1: header b2, blocks b2, parent l0
//!       \____________/
//! ```
//!
//! Invariants: a loop's header dominates its blocks; two loops are disjoint or nested; loops with one
//! header are one loop. Algorithm: from the innermost headers outward, walk from each back edge against
//! the edges until the header, stepping over loops already found (as in Havlak, "Nesting of reducible
//! and irreducible loops", TOPLAS 1997, without the irreducible part); every block and every loop is
//! stepped on about once. A cycle with two entries is no natural loop: it is left out, and
//! [`Loops::is_irreducible`] tells of it. A snapshot: whoever changes edges builds it anew.

use crate::{Block, Cfg, DomTree, Edge};
use pyexec_base::{EntityId, EntityVec, entity_id};
use std::ops::Range;

entity_id! {
    /// A natural loop.
    pub struct Loop("l");
}

/// One natural loop.
#[derive(Clone, Debug)]
pub struct LoopData {
    /// The only block through which the loop is entered.
    pub header: Block,
    /// The blocks that jump back to the header, each once, in reverse postorder.
    pub latches: Vec<Block>,
    /// The closest loop around it.
    pub parent: Option<Loop>,
    /// 1 for an outermost loop.
    pub depth: u32,
    range: Range<usize>,
}

/// The loops of one function, outer loops before the loops in them.
#[derive(Clone, Debug)]
pub struct Loops {
    loops: EntityVec<Loop, LoopData>,
    innermost: EntityVec<Block, Option<Loop>>,
    /// Ranges of this are the loops; a nested loop's range lies in that of its parent.
    blocks: Vec<Block>,
    irreducible: bool,
}

impl Loops {
    /// The loops of the graph.
    pub fn new(cfg: &Cfg, dom: &DomTree) -> Self {
        let mut finder = Finder {
            cfg,
            loops: EntityVec::new(),
            innermost: EntityVec::filled(None, cfg.block_count()),
            outermost: Vec::new(),
        };
        let mut irreducible = false;
        // In the reverse of the dominator preorder, a header comes after the headers it dominates.
        for &header in dom.preorder().iter().rev() {
            let mut latches = Vec::new();
            for edge in cfg.preds(header).iter().filter(|e| cfg.is_reachable(e.from)) {
                let retreats = cfg.rpo_index(edge.from) >= cfg.rpo_index(header);
                match dom.dominates(header, edge.from) {
                    true => latches.push(edge.from),
                    false => irreducible |= retreats,
                }
            }
            latches.sort_by_key(|b| cfg.rpo_index(*b));
            latches.dedup();
            if !latches.is_empty() {
                finder.add(header, latches);
            }
        }
        finder.finish(irreducible)
    }

    /// The loops, outer before inner.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Loop, &LoopData)> {
        self.loops.iter()
    }
    /// How many loops.
    pub fn len(&self) -> usize {
        self.loops.len()
    }
    /// Whether the function has no loop.
    pub fn is_empty(&self) -> bool {
        self.loops.is_empty()
    }
    /// A loop.
    pub fn get(&self, l: Loop) -> &LoopData {
        &self.loops[l]
    }
    /// The closest loop around a block.
    pub fn innermost(&self, block: Block) -> Option<Loop> {
        self.innermost[block]
    }
    /// How many loops are around a block.
    pub fn depth(&self, block: Block) -> u32 {
        self.innermost[block].map_or(0, |l| self.loops[l].depth)
    }
    /// The loop with this header.
    pub fn with_header(&self, block: Block) -> Option<Loop> {
        self.innermost[block].filter(|l| self.loops[*l].header == block)
    }
    /// The blocks of a loop, those of inner loops included; the header first, inner loops together.
    pub fn blocks(&self, l: Loop) -> &[Block] {
        &self.blocks[self.loops[l].range.clone()]
    }
    /// Whether a block is in a loop.
    pub fn contains(&self, l: Loop, block: Block) -> bool {
        let outer = &self.loops[l].range;
        self.innermost[block].is_some_and(|inner| {
            let inner = &self.loops[inner].range;
            outer.start <= inner.start && inner.end <= outer.end
        })
    }
    /// The edges that leave a loop.
    pub fn exits(&self, cfg: &Cfg, l: Loop) -> Vec<Edge> {
        let edges = self.blocks(l).iter().flat_map(|&from| {
            let leaving = cfg.succs(from).iter().enumerate().filter(|(_, to)| !self.contains(l, **to));
            leaving.map(move |(index, _)| Edge { from, index: index as u32 })
        });
        edges.collect()
    }
    /// The edges that enter a loop from outside: all go to the header.
    pub fn entries(&self, cfg: &Cfg, l: Loop) -> Vec<Edge> {
        let edges = cfg.preds(self.loops[l].header).iter().copied();
        edges.filter(|edge| !self.contains(l, edge.from)).collect()
    }
    /// Whether the function has a cycle that is no natural loop.
    pub fn is_irreducible(&self) -> bool {
        self.irreducible
    }
}

struct Finder<'a> {
    cfg: &'a Cfg,
    loops: EntityVec<Loop, LoopData>,
    innermost: EntityVec<Block, Option<Loop>>,
    /// A union-find parent by loop: leads to the outermost loop found so far.
    outermost: Vec<Loop>,
}

impl Finder<'_> {
    fn outermost(&mut self, mut l: Loop) -> Loop {
        while self.outermost[l.index()] != l {
            let up = self.outermost[l.index()];
            self.outermost[l.index()] = self.outermost[up.index()];
            l = up;
        }
        l
    }

    fn add(&mut self, header: Block, latches: Vec<Block>) {
        let mut work = latches.clone();
        let l = self.loops.push(LoopData { header, latches, parent: None, depth: 0, range: 0..0 });
        self.outermost.push(l);
        self.innermost[header] = Some(l);
        while let Some(block) = work.pop() {
            // The block to go on from: itself, or the header of the biggest inner loop around it.
            let top = match self.innermost[block] {
                None => {
                    self.innermost[block] = Some(l);
                    block
                }
                Some(known) => {
                    let inner = self.outermost(known);
                    if inner == l {
                        continue;
                    }
                    self.loops[inner].parent = Some(l);
                    self.outermost[inner.index()] = l;
                    self.loops[inner].header
                }
            };
            let preds = self.cfg.preds(top).iter().map(|e| e.from);
            work.extend(preds.filter(|b| self.cfg.is_reachable(*b)));
        }
    }

    /// Numbers loops so that outer ones come first and lays their blocks out in nested ranges.
    fn finish(mut self, irreducible: bool) -> Loops {
        // Found inner before outer: reversed, parents precede children.
        let count = self.loops.len();
        let renumber = |l: Loop| Loop::from_index(count - 1 - l.index());
        let mut loops: Vec<LoopData> = self.loops.values().cloned().collect();
        loops.reverse();
        let mut loops: EntityVec<Loop, LoopData> = loops.into_iter().collect();
        loops.values_mut().for_each(|data| data.parent = data.parent.map(renumber));
        self.innermost.values_mut().for_each(|l| *l = l.map(renumber));
        for l in loops.ids() {
            loops[l].depth = loops[l].parent.map_or(0, |p| loops[p].depth) + 1;
        }
        let blocks = lay_out(self.cfg, &mut loops, &self.innermost);
        Loops { loops, innermost: self.innermost, blocks, irreducible }
    }
}

/// Gives every loop its range: first its own blocks, then each inner loop's.
fn lay_out(
    cfg: &Cfg,
    loops: &mut EntityVec<Loop, LoopData>,
    innermost: &EntityVec<Block, Option<Loop>>,
) -> Vec<Block> {
    let mut own = vec![0usize; loops.len()];
    let in_loops = || cfg.rpo().iter().filter_map(|b| innermost[*b].map(|l| (l, *b)));
    in_loops().for_each(|(l, _)| own[l.index()] += 1);
    let mut total = own.clone();
    for l in loops.ids().rev() {
        if let Some(parent) = loops[l].parent {
            total[parent.index()] += total[l.index()];
        }
    }
    // Where the next inner loop of a loop begins; the last entry is for outermost loops.
    let mut free = vec![0usize; loops.len() + 1];
    let mut next = vec![0usize; loops.len()];
    for l in loops.ids() {
        let place = loops[l].parent.map_or(loops.len(), |p| p.index());
        let start = free[place];
        free[place] += total[l.index()];
        free[l.index()] = start + own[l.index()];
        next[l.index()] = start;
        loops[l].range = start..start + total[l.index()];
    }
    let mut blocks = vec![Block::new(0); free[loops.len()]];
    for (l, block) in in_loops() {
        blocks[next[l.index()]] = block;
        next[l.index()] += 1;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfg::tests::graph;

    fn loops(edges: &[&[u32]]) -> (Cfg, Loops) {
        let cfg = Cfg::new(&graph(edges));
        let loops = Loops::new(&cfg, &DomTree::new(&cfg));
        (cfg, loops)
    }
    fn sorted(blocks: &[Block]) -> Vec<u32> {
        let mut numbers: Vec<u32> = blocks.iter().map(|b| b.as_u32()).collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn two_nested_loops_and_a_sibling() {
        // b1 { b2 { b2 b3 } b4 } then b5 { b5 }
        let (cfg, loops) = loops(&[&[1], &[2], &[3], &[2, 4], &[1, 5], &[5, 6], &[]]);
        assert_eq!(loops.len(), 3);
        let by = |b| loops.with_header(Block::new(b)).expect("a loop");
        let (outer, inner, sibling) = (by(1), by(2), by(5));
        assert_eq!(sorted(loops.blocks(outer)), [1, 2, 3, 4]);
        assert_eq!(sorted(loops.blocks(inner)), [2, 3]);
        assert_eq!(sorted(loops.blocks(sibling)), [5]);
        assert_eq!(loops.blocks(outer)[0], Block::new(1));
        assert_eq!((loops.get(inner).parent, loops.get(inner).depth), (Some(outer), 2));
        assert!(
            outer < inner && loops.contains(outer, Block::new(3)) && !loops.contains(inner, Block::new(4))
        );
        assert_eq!(loops.exits(&cfg, outer), [Edge { from: Block::new(4), index: 1 }]);
        assert_eq!(loops.entries(&cfg, inner), [Edge { from: Block::new(1), index: 0 }]);
        assert_eq!(loops.get(inner).latches, [Block::new(3)]);
        assert!(!loops.is_irreducible());
        assert_eq!(loops.depth(Block::new(6)), 0);
    }

    #[test]
    fn two_latches_are_one_loop() {
        let (_, loops) = loops(&[&[1], &[2, 3], &[1, 4], &[1], &[]]);
        assert_eq!(loops.len(), 1);
        let l = loops.with_header(Block::new(1)).expect("a loop");
        assert_eq!(loops.get(l).latches.len(), 2);
        assert_eq!(sorted(loops.blocks(l)), [1, 2, 3]);
    }

    #[test]
    fn a_cycle_with_two_entries_is_reported_but_is_no_loop() {
        let (_, alone) = loops(&[&[1, 2], &[2], &[1, 3], &[]]);
        assert!(alone.is_irreducible() && alone.is_empty());
        // Inside of a natural loop it belongs to that loop.
        let (_, around) = loops(&[&[1], &[2, 3], &[3], &[2, 4], &[1, 5], &[]]);
        assert!(around.is_irreducible());
        let l = around.with_header(Block::new(1)).expect("a loop");
        assert_eq!(sorted(around.blocks(l)), [1, 2, 3, 4]);
    }
}
