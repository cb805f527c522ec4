//! Exact bodies: functions over integers of any size.
//!
//! ```text
//! func fast local @py.f(i64) -> (i64, i8)         fast: int is i64; leaves where one does not fit
//! func fast local @py.f.exact(i64) -> (i64, i8)   called with words where an argument does not fit
//! func fast local @py.f.resume(i64 point, ...)    the exact body itself
//! ```
//!
//! The exact body comes from the same HIR by the same lowering as the fast one, with these differences:
//!
//! - An `int` is a *word*: odd for small integers (`value << 1 | 1`), else the address of a counted big integer of
//!   the runtime; 0 for none. Helpers compute (`pyexec_big_*`).
//! - Variables lie in the frame, not in SSA values, because control enters at many points. Every word in the frame
//!   is in a slot of its own, which owns one reference: assigning ends the old word, leaving the function ends all.
//!   What an expression computes is such a slot, too; so nothing is lost on any way out.
//! - Whatever is not about `int` is lowered by the same code as in the fast body.
//!
//! The result is plain (status 0) if every int of it fits in 64 bits, so callers come back to their fast bodies;
//! else (status 2) its ints are words that the caller owns.
//!
//! Exact bodies are cold. In: a function that leaves, or is called with words. Out: `@resume`, `@exact`.

mod call;
mod expr;
mod frame;
mod live;
mod loops;
mod resume;

use super::env::Var;
use super::func::{Fx, Left};
use super::points::{Hidden, Point};
use super::{Lower, prune, repr};
use crate::hir::FuncId;
use pyexec_base::EntityId;
use pyexec_ir::{self as ir, Block, CallConv, Func, Linkage, Signature, Slot, SlotData};
use std::collections::{BTreeMap, BTreeSet};

/// Where a variable lies.
#[derive(Clone, Copy)]
struct Place {
    ty: ir::Type,
    is_word: bool,
    /// Its number among the words, or among the others.
    index: u32,
}

/// The frame of an exact body.
pub(super) struct Exact {
    places: Vec<Place>,
    words: Slot,
    plain: Slot,
    word_count: u32,
    plain_count: u32,
    /// Reads (false) and writes (true) of variables, by block, in order.
    accesses: BTreeMap<Block, Vec<(Var, bool)>>,
    /// The points at which fast bodies leave, and where they are here.
    points: BTreeMap<Point, Option<Block>>,
    hidden: BTreeMap<Hidden, Var>,
    results: Vec<Var>,
    exit: Block,
    raising_exit: Block,
}

/// What callers need to know of an exact body.
#[derive(Clone, Copy)]
pub(super) struct ExactEntry {
    /// `@exact`.
    pub entry: ir::FuncId,
    /// `@resume`.
    pub resume: ir::FuncId,
}

impl Lower<'_> {
    /// Lowers the exact bodies of all functions that leave, and of those that these call.
    pub(super) fn lower_exact_bodies(&mut self) {
        let mut work: Vec<FuncId> = self.left.keys().copied().collect();
        let mut next = 0;
        while let Some(id) = work.get(next).copied() {
            next += 1;
            self.exact_entry(id);
            let left = self.left.remove(&id);
            lower_exact_body(self, id, left);
            let called = std::mem::take(&mut self.wanted_exact);
            work.extend(called);
        }
    }

    /// The entries of an exact body, declared on first use.
    pub(super) fn exact_entry(&mut self, id: FuncId) -> ExactEntry {
        if let Some(entry) = self.exact[id.index()] {
            return entry;
        }
        let function = &self.hir.functions[id];
        let params: Vec<ir::Type> =
            function.params.iter().flat_map(|p| repr::flatten(&function.locals[*p].ty)).collect();
        let mut results = repr::flatten(&function.result);
        results.push(ir::Type::I8);
        let mut declare = |name: &str, params: &[ir::Type]| {
            let sig = Signature::new(CallConv::Fast, params, &results);
            let mut func = Func::new(format!("{}.{name}", function.symbol), sig, Linkage::Local);
            func.cold = true;
            self.module.funcs.push(func)
        };
        let entry = ExactEntry { entry: declare("exact", &params), resume: declare("resume", &[]) };
        self.exact[id.index()] = Some(entry);
        if !self.left.contains_key(&id) {
            self.wanted_exact.push(id);
        }
        entry
    }
}

/// Lowers one exact body, and closes the ways out of the fast body that lead to it.
fn lower_exact_body(lower: &mut Lower<'_>, id: FuncId, left: Option<Left>) {
    let Some(function) = lower.body(id) else { return };
    let entries = lower.exact_entry(id);
    let recursive = lower.recursive[id.index()];
    let shell = &lower.module.funcs[entries.resume];
    let mut func = Func::new(shell.name.clone(), shell.sig.clone(), Linkage::Local);
    func.cold = true;
    let mut fx = Fx::new(lower, id, function, func);
    fx.exact = Some(Box::new(Exact::new(&mut fx.func)));
    if let Some(exact) = &mut fx.exact {
        let leaves = left.iter().flat_map(|left| &left.points.leaves);
        exact.points = leaves.map(|leave| (leave.point.clone(), None)).collect();
    }
    let entry = fx.block;
    fx.make_locals();
    let results = fx.new_vars(&function.result);
    let start = fx.func.add_detached_block();
    fx.go_on(start);
    if let Some(exact) = &mut fx.exact {
        exact.results = results;
    }
    if recursive {
        fx.check_stack(function.span);
    }
    fx.block(&function.body);
    fx.end_body();
    fx.exits();
    fx.finish_exactly(entry, start, entries, left);
}

impl Exact {
    fn new(func: &mut Func) -> Self {
        let mut slot = || func.slots.push(SlotData { size: 8, align: 8 });
        let (words, plain) = (slot(), slot());
        let mut cold = || func.add_detached_block();
        Exact {
            places: Vec::new(),
            words,
            plain,
            word_count: 0,
            plain_count: 0,
            accesses: BTreeMap::new(),
            points: BTreeMap::new(),
            hidden: BTreeMap::new(),
            results: Vec::new(),
            exit: cold(),
            raising_exit: cold(),
        }
    }

    /// Makes room for a variable that is no `int`.
    pub(super) fn add_plain(&mut self, ty: ir::Type) {
        self.places.push(Place { ty, is_word: false, index: self.plain_count });
        // 128-bit values take two places.
        self.plain_count += ty.bytes().div_ceil(8);
    }

    fn add_word(&mut self) {
        self.places.push(Place { ty: ir::Type::I64, is_word: true, index: self.word_count });
        self.word_count += 1;
    }

    fn note(&mut self, block: Block, var: Var, is_write: bool) {
        self.accesses.entry(block).or_default().push((var, is_write));
    }
}

/// The points of a fast body that leaves, each with what it passes.
type Passed = BTreeMap<Point, BTreeSet<super::points::Cell>>;

/// Puts a finished function in its place.
fn put(lower: &mut Lower<'_>, place: ir::FuncId, mut func: Func) {
    prune::drop_unreachable(&mut func);
    prune::prune(&mut func);
    lower.module.funcs[place] = func;
}
