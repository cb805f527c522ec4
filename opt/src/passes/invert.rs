//! Loop inversion: `while` becomes `if` + `do while`.
//!
//! **What.** Gives the test of a loop a copy in front of the loop, and enters the loop behind the test.
//!
//! ```text
//!    P                 P
//!    |                 |
//!  > H: test         G: test (copy) ---> E      H: test
//!  | |    \            |                        PH: an empty block, the preheader
//!  | B     E    =>    PH                        E: the way out
//!  |_/                 |                        B: the body
//!                    > B
//!                    | |
//!                    | H: test --------> E
//!                    |_/
//! ```
//!
//! One jump less for every round; the body is entered only if it runs, so `licm` may move what it
//! always executes into PH; and behind G the test is known to hold, which `range` uses.
//!
//! **Invariants.** In: no unreachable blocks. Out: valid IR; every inverted loop has a preheader.
//!
//! **Algorithm.** First the edges H->B and H->E get blocks of their own where needed, then every
//! candidate is rewired, then SSA form is repaired in one walk. A value `v` of H has a second definition
//! `v'` in G. Everything that H dominated is now dominated by G, and a use below a child C of G (or of
//! PH) in the dominator tree sees what enters C: so C gets a parameter (Cytron et al., TOPLAS 1991, with the
//! frontier read off the tree). Linear, but for a binary search among G's children.
//!
//! **Leaves to others.** Loops whose test is large or has calls; merging H into its latch (`cfg`).

use super::cfg::remove_unreachable;
use crate::Facts;
use crate::edit::{edge_args, set_edge, split_edge, terminator};
use pyexec_base::EntityVec;
use pyexec_ir::{Block, Cfg, DomTree, Edge, Effects, Func, Inst, Loop, Loops, Opcode, Value};
use std::collections::{BTreeMap, VecDeque};

/// How many instructions a test may have.
const TEST_LIMIT: usize = 24;

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    remove_unreachable(func);
    if split_edges_of_tests(func) {
        let groups = rewire(func);
        facts.count(func.live_inst_count());
        Repair::new(func, groups).run();
    }
}

/// A loop that begins with its test.
struct Candidate {
    header: Block,
    /// Index of the header's target inside of the loop.
    stay: u32,
    entries: Vec<Edge>,
}

fn candidates(func: &Func, cfg: &Cfg) -> Vec<Candidate> {
    let loops = Loops::new(cfg, &DomTree::new(cfg));
    loops.iter().filter_map(|(l, _)| candidate(func, cfg, &loops, l)).collect()
}

fn candidate(func: &Func, cfg: &Cfg, loops: &Loops, l: Loop) -> Option<Candidate> {
    let data = loops.get(l);
    let insts = &func.block(data.header).insts;
    let copyable = |i: &Inst| !func.inst(*i).op.effects().has(Effects::CALLS);
    let &[first, second] = cfg.succs(data.header) else { return None };
    let stay = match (loops.contains(l, first), loops.contains(l, second)) {
        (true, false) => 0,
        (false, true) => 1,
        _ => return None,
    };
    let leaves = |block: &Block| {
        let mut succs = cfg.succs(*block).iter();
        succs.any(|s| !loops.contains(l, *s) && !func.block(*s).cold)
    };
    let (body, exit) = if stay == 0 { (first, second) } else { (second, first) };
    let is_test = func.inst(terminator(func, data.header)).op == Opcode::BrIf && !func.block(exit).cold;
    let already = body == data.header || data.latches.iter().any(leaves);
    let small = insts.len() <= TEST_LIMIT && insts.iter().all(copyable);
    let entries = loops.entries(cfg, l);
    (is_test && small && !already).then_some(Candidate { header: data.header, stay, entries })
}

/// Gives the two targets of every test a block that only the test enters. True if there is any test.
fn split_edges_of_tests(func: &mut Func) -> bool {
    let cfg = Cfg::new(func);
    let found = candidates(func, &cfg);
    for candidate in &found {
        for (index, target) in cfg.succs(candidate.header).iter().enumerate() {
            if cfg.preds(*target).len() > 1 {
                split_edge(func, Edge { from: candidate.header, index: index as u32 });
            }
        }
    }
    !found.is_empty()
}

/// An inverted loop: `copies` maps the values of `test` to those of `guard`.
struct Group {
    test: Block,
    guard: Block,
    preheader: Block,
    copies: BTreeMap<Value, Value>,
}

fn rewire(func: &mut Func) -> Vec<Group> {
    let cfg = Cfg::new(func);
    let found = candidates(func, &cfg);
    found.into_iter().map(|candidate| rewire_one(func, &candidate)).collect()
}

fn rewire_one(func: &mut Func, candidate: &Candidate) -> Group {
    let test = candidate.header;
    let guard = func.add_block();
    func.block_mut(guard).cold = func.block(test).cold;
    let mut copies = BTreeMap::new();
    for param in func.block(test).params.clone() {
        let ty = func.ty(param);
        copies.insert(param, func.add_param(guard, ty));
    }
    for inst in func.block(test).insts.clone() {
        let copy = copy_within(func, inst, &copies);
        func.block_mut(guard).insts.push(copy);
        copies.extend(func.results(inst).zip(func.results(copy)));
    }
    for edge in &candidate.entries {
        let args = edge_args(func, *edge).to_vec();
        set_edge(func, *edge, guard, &args);
    }
    let preheader = split_edge(func, Edge { from: guard, index: candidate.stay });
    Group { test, guard, preheader, copies }
}

fn copy_within(func: &mut Func, inst: Inst, copies: &BTreeMap<Value, Value>) -> Inst {
    let mut call_args = Vec::new();
    for call in func.targets(inst).to_vec() {
        call_args.push((call.block, func.block_call_args(call).to_vec()));
    }
    let map = |v: &Value| copies.get(v).copied().unwrap_or(*v);
    let args: Vec<Value> = func.args(inst).iter().map(map).collect();
    let calls: Vec<_> = call_args
        .iter()
        .map(|(block, args)| func.make_block_call(*block, &args.iter().map(map).collect::<Vec<_>>()))
        .collect();
    let types: Vec<_> = func.results(inst).map(|v| func.ty(v)).collect();
    let data = *func.inst(inst);
    func.make_inst(data.op, data.ty, data.imm, &args, &calls, &types, data.loc)
}

// ---- SSA repair ----

struct Repair<'f> {
    func: &'f mut Func,
    groups: Vec<Group>,
    cfg: Cfg,
    dom: DomTree,
    /// Which group's test defines a value.
    group_of: EntityVec<Value, Option<u32>>,
    /// Position in the dominator tree's preorder.
    number: EntityVec<Block, u32>,
    /// What stands for a value of a test below a block.
    entering: BTreeMap<(Block, Value), Value>,
    /// Parameters whose arguments are still missing, oldest first: the order of the parameters.
    missing: VecDeque<(Block, Value)>,
}

impl<'f> Repair<'f> {
    fn new(func: &'f mut Func, groups: Vec<Group>) -> Self {
        let cfg = Cfg::new(func);
        let dom = DomTree::new(&cfg);
        let mut group_of = EntityVec::filled(None, func.value_count());
        for (index, group) in groups.iter().enumerate() {
            group.copies.keys().for_each(|value| group_of[*value] = Some(index as u32));
        }
        let mut number = EntityVec::filled(0, func.block_count());
        for (index, block) in dom.preorder().iter().enumerate() {
            number[*block] = index as u32;
        }
        Self { func, groups, cfg, dom, group_of, number, entering: BTreeMap::new(), missing: VecDeque::new() }
    }

    fn run(mut self) {
        for block in self.cfg.rpo().to_vec() {
            for inst in self.func.block(block).insts.clone() {
                self.repair_inst(block, inst);
            }
        }
        while let Some((block, value)) = self.missing.pop_front() {
            for edge in self.cfg.preds(block).to_vec() {
                let arg = self.reaching(value, edge.from);
                let mut args = edge_args(self.func, edge).to_vec();
                args.push(arg);
                set_edge(self.func, edge, block, &args);
            }
        }
    }

    fn repair_inst(&mut self, block: Block, inst: Inst) {
        let mut uses = Vec::new();
        self.func.for_each_use(inst, |v| uses.push(v));
        let new: Vec<Value> = uses.iter().map(|v| self.reaching(*v, block)).collect();
        if new != uses {
            let mut next = new.into_iter();
            self.func.map_uses(inst, |v| next.next().unwrap_or(v));
        }
    }

    /// The definition of `value` that holds at the end of `block`.
    fn reaching(&mut self, value: Value, block: Block) -> Value {
        let Some(index) = self.group_of.get(value).copied().flatten() else { return value };
        let group = &self.groups[index as usize];
        let Some(&copy) = group.copies.get(&value) else { return value };
        if block == group.test {
            return value;
        }
        if block == group.guard || block == group.preheader {
            return copy;
        }
        let below = if self.dom.dominates(group.preheader, block) { group.preheader } else { group.guard };
        let Some(child) = self.child_above(below, block) else { return value };
        if self.cfg.preds(child).len() == 1 {
            return copy;
        }
        self.entering_value(child, value)
    }

    /// The child of `parent` in the dominator tree that dominates `block`.
    fn child_above(&self, parent: Block, block: Block) -> Option<Block> {
        let children = self.dom.children(parent);
        let after = children.partition_point(|c| self.number[*c] <= self.number[block]);
        let child = children[..after].last().copied()?;
        self.dom.dominates(child, block).then_some(child)
    }

    fn entering_value(&mut self, block: Block, value: Value) -> Value {
        if let Some(known) = self.entering.get(&(block, value)) {
            return *known;
        }
        let param = self.func.add_param(block, self.func.ty(value));
        self.entering.insert((block, value), param);
        self.missing.push_back((block, value));
        param
    }
}
