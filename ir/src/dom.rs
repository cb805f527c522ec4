//! Dominators: which blocks every path from the entry to a block must pass.
//!
//! ```text
//!   b0            b0            dominates(b0, b3)
//!  /  \         / | \           !dominates(b1, b3)
//! b1   b2  =>  b1 b2 b3         idom(b3) = b0
//!  \  /
//!   b3
//! ```
//!
//! Invariants: the tree holds exactly the reachable blocks; the entry is its root. Algorithm: Lengauer
//! and Tarjan, "A fast algorithm for finding dominators in a flowgraph" (TOPLAS 1979), the simple
//! version: path compression without balancing, O(edges log blocks) at worst. The shorter algorithm of
//! Cooper, Harvey and Kennedy is quadratic where thousands of checks leave a long chain for one common
//! error block, which is what checked arithmetic looks like. Queries compare the interval of a walk over
//! the tree, so they take constant time. A snapshot: whoever changes edges builds it anew.

use crate::cfg::Lists;
use crate::{Block, Cfg, Func, Inst, Value, ValueDef};
use pyexec_base::{EntityId, EntityVec};

/// The dominator tree of one function.
#[derive(Clone, Debug)]
pub struct DomTree {
    idom: EntityVec<Block, Option<Block>>,
    children: Lists<Block>,
    preorder: Vec<Block>,
    /// First and last number of a block's subtree in the preorder; (1, 0) for unreachable blocks.
    interval: EntityVec<Block, (u32, u32)>,
}

impl DomTree {
    /// The dominator tree of the graph.
    pub fn new(cfg: &Cfg) -> Self {
        let mut idom = EntityVec::filled(None, cfg.block_count());
        LengauerTarjan::new(cfg).run(cfg, &mut idom);
        // Children in reverse postorder: then the preorder of the tree visits blocks as code is read.
        let pairs: Vec<(usize, Block)> =
            cfg.rpo().iter().filter_map(|b| idom[*b].map(|d: Block| (d.index(), *b))).collect();
        let children = Lists::group(cfg.block_count(), &pairs);
        let (preorder, interval) = number_tree(cfg, &children);
        Self { idom, children, preorder, interval }
    }

    /// The closest block that dominates `block` and is not `block`. `None` for the entry and for
    /// unreachable blocks.
    pub fn idom(&self, block: Block) -> Option<Block> {
        self.idom[block]
    }
    /// The blocks whose immediate dominator is `block`, in reverse postorder.
    pub fn children(&self, block: Block) -> &[Block] {
        self.children.get(block.index())
    }
    /// The reachable blocks, every block after its dominators.
    pub fn preorder(&self) -> &[Block] {
        &self.preorder
    }
    /// Whether every path to `b` passes `a`. True for `a == b`; false if either is unreachable.
    pub fn dominates(&self, a: Block, b: Block) -> bool {
        let ((first, last), (at, end)) = (self.interval[a], self.interval[b]);
        first <= at && at <= last && at <= end
    }
    /// As [`dominates`](Self::dominates), but false for `a == b`.
    pub fn strictly_dominates(&self, a: Block, b: Block) -> bool {
        a != b && self.dominates(a, b)
    }
    /// The closest block that dominates both; `None` if either is unreachable.
    pub fn common_dominator(&self, a: Block, b: Block) -> Option<Block> {
        let mut at = Some(a);
        while let Some(block) = at.filter(|block| !self.dominates(*block, b)) {
            at = self.idom[block];
        }
        at
    }
}

type Interval = (u32, u32);

fn number_tree(cfg: &Cfg, children: &Lists<Block>) -> (Vec<Block>, EntityVec<Block, Interval>) {
    let mut preorder = Vec::with_capacity(cfg.rpo().len());
    let mut interval = EntityVec::filled((1, 0), cfg.block_count());
    let mut stack: Vec<Block> = cfg.rpo().first().copied().into_iter().collect();
    while let Some(block) = stack.pop() {
        let number = preorder.len() as u32;
        interval[block] = (number, number);
        preorder.push(block);
        stack.extend(children.get(block.index()).iter().rev());
    }
    // A subtree ends where the subtree of its last child ends; children have later numbers.
    for block in preorder.iter().rev() {
        if let Some(last) = children.get(block.index()).last() {
            interval[*block].1 = interval[*last].1;
        }
    }
    (preorder, interval)
}

/// The state of the algorithm; vertices are named by their depth-first number.
struct LengauerTarjan {
    /// Vertex to block.
    blocks: Vec<Block>,
    /// Block index to vertex.
    vertex: EntityVec<Block, u32>,
    /// Parent in the depth-first tree.
    parent: Vec<u32>,
    semi: Vec<u32>,
    /// Ancestor in the forest of linked vertices; `NONE` at a root.
    ancestor: Vec<u32>,
    /// The vertex of least semidominator on the compressed path to the ancestor.
    label: Vec<u32>,
    /// Scratch of `eval`.
    path: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl LengauerTarjan {
    fn new(cfg: &Cfg) -> Self {
        let mut state = Self {
            blocks: Vec::with_capacity(cfg.rpo().len()),
            vertex: EntityVec::filled(NONE, cfg.block_count()),
            parent: Vec::new(),
            semi: Vec::new(),
            ancestor: Vec::new(),
            label: Vec::new(),
            path: Vec::new(),
        };
        let mut stack: Vec<(Block, u32)> = cfg.rpo().first().map(|b| (*b, 0)).into_iter().collect();
        while let Some((block, parent)) = stack.pop() {
            if state.vertex[block] != NONE {
                continue;
            }
            let number = state.blocks.len() as u32;
            state.vertex[block] = number;
            state.blocks.push(block);
            state.parent.push(parent);
            stack.extend(cfg.succs(block).iter().map(|s| (*s, number)));
        }
        let count = state.blocks.len() as u32;
        state.semi = (0..count).collect();
        state.label = (0..count).collect();
        state.ancestor = vec![NONE; count as usize];
        state
    }

    fn run(mut self, cfg: &Cfg, result: &mut EntityVec<Block, Option<Block>>) {
        let count = self.blocks.len();
        let mut idom = vec![0u32; count];
        // Buckets as linked lists: bucket[s] holds the vertices whose semidominator is s.
        let (mut bucket, mut next) = (vec![NONE; count], vec![NONE; count]);
        for w in (1..count as u32).rev() {
            let at = w as usize;
            self.semi[at] = self.semidominator(cfg, w);
            let semi = self.semi[at] as usize;
            next[at] = std::mem::replace(&mut bucket[semi], w);
            let parent = self.parent[at];
            self.ancestor[at] = parent;
            let mut v = std::mem::replace(&mut bucket[parent as usize], NONE);
            while v != NONE {
                let u = self.eval(v);
                let same = self.semi[u as usize] == self.semi[v as usize];
                idom[v as usize] = if same { parent } else { u };
                v = next[v as usize];
            }
        }
        for w in 1..count {
            if idom[w] != self.semi[w] {
                idom[w] = idom[idom[w] as usize];
            }
            result[self.blocks[w]] = Some(self.blocks[idom[w] as usize]);
        }
    }

    fn semidominator(&mut self, cfg: &Cfg, w: u32) -> u32 {
        let mut semi = self.semi[w as usize];
        for edge in cfg.preds(self.blocks[w as usize]) {
            let v = self.vertex[edge.from];
            if v != NONE {
                let u = self.eval(v);
                semi = semi.min(self.semi[u as usize]);
            }
        }
        semi
    }

    /// The vertex of least semidominator on the path from `v` to the root of its tree, root excluded.
    /// Compresses the path, top first.
    fn eval(&mut self, v: u32) -> u32 {
        let ancestor = |state: &Self, x: u32| state.ancestor[x as usize];
        if ancestor(self, v) == NONE {
            return v;
        }
        let mut path = std::mem::take(&mut self.path);
        let mut at = v;
        while ancestor(self, ancestor(self, at)) != NONE {
            path.push(at);
            at = ancestor(self, at);
        }
        for x in path.drain(..).rev() {
            let above = ancestor(self, x) as usize;
            let (mine, theirs) = (self.label[x as usize], self.label[above]);
            if self.semi[theirs as usize] < self.semi[mine as usize] {
                self.label[x as usize] = theirs;
            }
            self.ancestor[x as usize] = self.ancestor[above];
        }
        self.path = path;
        self.label[v as usize]
    }
}

/// Where every instruction of the layout stands: answers whether a value is available at an instruction.
#[derive(Clone, Debug)]
pub struct InstOrder {
    place: EntityVec<Inst, Option<(Block, u32)>>,
}

impl InstOrder {
    /// The places of all instructions of the layout. Linear.
    pub fn new(func: &Func) -> Self {
        let mut place = EntityVec::filled(None, func.inst_count());
        for &block in &func.layout {
            for (index, &inst) in func.block(block).insts.iter().enumerate() {
                place[inst] = Some((block, index as u32));
            }
        }
        Self { place }
    }
    /// The block of an instruction and its position there, if it is in the layout.
    pub fn place(&self, inst: Inst) -> Option<(Block, u32)> {
        self.place[inst]
    }
    /// The block that an instruction is in.
    pub fn block(&self, inst: Inst) -> Option<Block> {
        self.place[inst].map(|(block, _)| block)
    }
    /// Whether `value` is computed before `user` on every path to it.
    pub fn available(&self, func: &Func, dom: &DomTree, value: Value, user: Inst) -> bool {
        let Some((at, index)) = self.place[user] else { return false };
        match func.def(value) {
            ValueDef::Param(block, _) => dom.dominates(block, at),
            ValueDef::Result(inst, _) => self.place[inst].is_some_and(|(block, position)| {
                if block == at { position < index } else { dom.dominates(block, at) }
            }),
            ValueDef::Alias(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfg::tests::graph;
    use proptest::prelude::*;

    /// The definition: `a` dominates `b` if `b` is not reachable once `a` is removed.
    fn dominates_by_definition(cfg: &Cfg, a: Block, b: Block) -> bool {
        let mut seen = vec![false; cfg.block_count()];
        let mut work = vec![Block::new(0)];
        while let Some(block) = work.pop() {
            if block != a && !std::mem::replace(&mut seen[block.index()], true) {
                work.extend(cfg.succs(block));
            }
        }
        !seen[b.index()]
    }

    fn edges() -> impl Strategy<Value = Vec<Vec<u32>>> {
        (1u32..14).prop_flat_map(|n| prop::collection::vec(prop::collection::vec(0..n, 0..4), n as usize))
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(edges in edges()) {
            let lists: Vec<&[u32]> = edges.iter().map(|e| &e[..]).collect();
            let cfg = Cfg::new(&graph(&lists));
            let dom = DomTree::new(&cfg);
            let all: Vec<Block> = (0..lists.len()).map(Block::from_index).collect();
            for &a in &all {
                for &b in &all {
                    let reachable = cfg.is_reachable(a) && cfg.is_reachable(b);
                    prop_assert_eq!(dom.dominates(a, b), reachable && dominates_by_definition(&cfg, a, b));
                }
                if let Some(parent) = dom.idom(a) {
                    let strict = all.iter().filter(|b| dom.strictly_dominates(**b, a));
                    prop_assert!(strict.clone().all(|b| dom.dominates(*b, parent)));
                }
                prop_assert_eq!(dom.idom(a).is_some(), cfg.is_reachable(a) && a.index() != 0);
            }
            prop_assert_eq!(dom.preorder().len(), cfg.rpo().len());
        }
    }

    #[test]
    fn a_long_chain_with_one_common_exit_is_quick() {
        let n = 100_000;
        let chain: Vec<Vec<u32>> = (0..=n).map(|i| if i == n { vec![] } else { vec![n, i + 1] }).collect();
        let lists: Vec<&[u32]> = chain.iter().map(|e| &e[..]).collect();
        let dom = DomTree::new(&Cfg::new(&graph(&lists)));
        assert_eq!(dom.idom(Block::new(n)), Some(Block::new(0)));
        assert_eq!(dom.common_dominator(Block::new(n), Block::new(9)), Some(Block::new(0)));
    }
}
