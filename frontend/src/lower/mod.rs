//! HIR to IR.
//!
//! ```text
//! f0 py.half(x: int) -> int:          func fast local @py.half(i64) -> (i64) {
//!     return x // 2              =>   b0(v0: i64):
//!                                       v1 = iconst.i64 1
//!                                       v2 = ashr.i64 v0, v1
//!                                       ret v2
//! ```
//!
//! In: a typed module. Out: an `ir::Module` that the verifier accepts.
//!
//! - Values are flattened (`repr.rs`): a tuple is its items, a complex is two floats, text is address and length.
//! - A function that can raise has one more result, the status. Functions are lowered callees first, so a
//!   caller knows which of its callees can raise; one whose body turns out unable to raise has no status.
//! - Control flow is structured, so SSA form is built directly (`env.rs`): where paths meet, the variables
//!   on which they differ become block parameters.
//! - Whatever raises leaves to a cold block (`raise.rs`).
//!
//! Left to the optimiser: everything that needs no knowledge of Python.

mod arith;
mod buffers;
mod builtins;
mod call;
mod compare;
mod complex;
mod cond;
mod convert;
mod division;
mod env;
mod exact;
mod expr;
mod func;
mod globals;
mod loops;
mod math;
mod order;
mod own;
mod points;
mod power;
mod prune;
mod raise;
mod ranges;
mod repr;
mod runtime;
mod shift;
mod sized;
mod steps;
mod stmt;
mod text;
mod tries;
mod wide;

pub use globals::words_of_variable;

use crate::Options;
use crate::hir;
use crate::walk;
use pyexec_base::{Diagnostic, EntityId, Loc};
use pyexec_ir::{self as ir, CallConv, Func, Linkage, Signature};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A lowered module.
#[derive(Debug)]
pub struct Lowered {
    /// The IR.
    pub module: ir::Module,
    /// What the indices that exceptions carry mean: function name and global source offset.
    pub traceback: Vec<(String, u32)>,
}

/// The state of lowering that belongs to the module.
struct Lower<'m> {
    hir: &'m hir::Module,
    module: ir::Module,
    /// The IR function of each HIR function that is wanted.
    funcs: Vec<Option<ir::FuncId>>,
    /// Whether a lowered function has a status result.
    raises: Vec<bool>,
    recursive: Vec<bool>,
    helpers: BTreeMap<&'static str, ir::FuncId>,
    imports: BTreeMap<&'static str, ir::GlobalId>,
    private: BTreeMap<&'static str, ir::FuncId>,
    strings: BTreeMap<Arc<str>, ir::GlobalId>,
    cells: Vec<Option<ir::GlobalId>>,
    /// The functions with repeatable statements; those that are wanted.
    bodies: &'m [Option<Cow<'m, hir::Function>>],
    /// Functions that others of the file call.
    called: BTreeSet<hir::FuncId>,
    /// Fast bodies that leave, whose exact bodies are still to be made.
    left: BTreeMap<hir::FuncId, func::Left>,
    /// Fast bodies that leave.
    leaves: Vec<bool>,
    /// Whether functions may leave at all.
    has_exact: bool,
    exact: Vec<Option<exact::ExactEntry>>,
    wanted_exact: Vec<hir::FuncId>,
    traceback: Vec<(String, u32)>,
    /// Traceback entries by function and line.
    trace_index: BTreeMap<(u32, u32), i64>,
}

/// Lowers a module.
pub(crate) fn lower(hir: &hir::Module, options: &Options) -> Result<Lowered, Vec<Diagnostic>> {
    let exported = hir.functions.iter().filter(|(_, f)| options.exports && f.exported).map(|(id, _)| id);
    let roots: Vec<hir::FuncId> = exported.chain(hir.main).collect();
    let order = order::order(hir, &roots);
    let n = hir.functions.len();
    let mut bodies: Vec<Option<Cow<'_, hir::Function>>> = vec![None; n];
    for id in &order.functions {
        bodies[id.index()] = Some(steps::steps(&hir.functions[*id]));
    }
    let mut lower = Lower {
        hir,
        module: ir::Module::new(),
        funcs: vec![None; n],
        raises: vec![true; n],
        recursive: order.recursive,
        helpers: BTreeMap::new(),
        imports: BTreeMap::new(),
        private: BTreeMap::new(),
        strings: BTreeMap::new(),
        cells: vec![None; hir.globals.len()],
        bodies: &bodies,
        called: order.functions.iter().flat_map(|id| walk::callees(&hir.functions[*id].body)).collect(),
        left: BTreeMap::new(),
        leaves: vec![false; n],
        has_exact: options.exact_ints,
        exact: vec![None; n],
        wanted_exact: Vec::new(),
        traceback: Vec::new(),
        trace_index: BTreeMap::new(),
    };
    // Functions come in the order of the source; their bodies follow callees first.
    let mut wanted = order.functions.clone();
    wanted.sort_by_key(|id| (Some(*id) == hir.main, hir.functions[*id].span, *id));
    for id in wanted {
        lower.declare(id);
    }
    for id in &order.functions {
        func::lower_function(&mut lower, *id);
    }
    lower.lower_exact_bodies();
    if options.exports {
        roots.iter().filter(|id| Some(**id) != hir.main).for_each(|id| lower.entry_for_c(*id));
    }
    Ok(Lowered { module: lower.module, traceback: lower.traceback })
}

impl<'m> Lower<'m> {
    /// Reserves a place for a function; the signature gets its results when the body is done.
    fn declare(&mut self, id: hir::FuncId) {
        let function = &self.hir.functions[id];
        let params: Vec<ir::Type> =
            function.params.iter().flat_map(|p| repr::flatten(&function.locals[*p].ty)).collect();
        let mut results = repr::flatten(&function.result);
        results.push(ir::Type::I8);
        let sig = Signature::new(CallConv::Fast, &params, &results);
        let func = Func::new(function.symbol.clone(), sig, Linkage::Local);
        self.funcs[id.index()] = Some(self.module.funcs.push(func));
    }

    /// The function with repeatable statements, if it is wanted.
    fn body(&self, id: hir::FuncId) -> Option<&'m hir::Function> {
        self.bodies[id.index()].as_deref()
    }

    /// Whether a function may return integers beyond 64 bits. Of one that is not lowered yet (they call each
    /// other), nothing is known.
    fn may_be_exact(&self, id: hir::FuncId) -> bool {
        let has_int = repr::ints(&self.hir.functions[id].result) > 0;
        self.has_exact && has_int && (self.leaves[id.index()] || self.recursive[id.index()])
    }

    /// Whether only C calls a function, so that its results have to fit in 64 bits.
    fn is_for_c_only(&self, id: hir::FuncId) -> bool {
        Some(id) != self.hir.main && !self.called.contains(&id)
    }

    /// The index of a traceback entry: one for each line of a function.
    fn trace(&mut self, function: hir::FuncId, loc: Loc) -> i64 {
        let offset = loc.offset().unwrap_or(0);
        let line = self.hir.line_starts.partition_point(|start| *start <= offset) as u32;
        let next = self.traceback.len() as i64;
        let index = *self.trace_index.entry((function.as_u32(), line)).or_insert(next);
        if index == next {
            self.traceback.push((self.hir.functions[function].name.clone(), offset));
        }
        index
    }
}
