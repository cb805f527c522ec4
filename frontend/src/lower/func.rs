//! Lowering one function: its state, its frame of entry and exit, its variables.

use super::env::{Env, Label, Var};
use super::exact::Exact;
use super::points::{Hidden, LoopState, MANY_LOCALS, Points, Taken};
use super::ranges::Ranges;
use super::{Lower, prune, repr};
use crate::hir::{self, Block as HirBlock, LocalId, Place};
use crate::types::Type;
use pyexec_base::{EntityId, Loc, Span};
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Block, Builder, Func, Inst, Linkage, Region, Value};
use std::collections::BTreeMap;

/// What is around the statement being lowered.
pub(super) enum Context<'m> {
    /// A loop: where `break` and `continue` go, and how far it is.
    Loop { exit: Label, next: Label, state: Option<LoopState> },
    /// Guarded statements: where an exception goes.
    Guard(Label),
    /// Statements to run on every way out.
    Finally(&'m HirBlock),
    /// A saved exception, in a variable, that is dropped on every way out; where an exception goes.
    Saved(Var, Label, Hidden),
}

/// A fast body whose ways out to the exact body are still open.
pub(super) struct Left {
    pub func: Func,
    pub points: Points,
}

/// The state of lowering that belongs to one function.
pub(super) struct Fx<'m, 'l> {
    pub lower: &'l mut Lower<'m>,
    pub id: hir::FuncId,
    pub hir: &'m hir::Function,
    pub func: Func,
    pub block: Block,
    pub loc: Loc,
    /// Whether the present block is part of the function.
    pub reachable: bool,
    pub env: Env,
    pub ranges: Ranges,
    pub contexts: Vec<Context<'m>>,
    /// First variable of each local, and its flag if it has one.
    locals: Vec<(Var, Option<Var>)>,
    /// Takes what is lowered although it is never reached.
    pub scrap: Block,
    /// A value of each type for variables that nothing is bound to.
    undefined: Vec<Value>,
    /// Returns, which get a status if the function turns out to raise.
    returns: Vec<Inst>,
    /// Whether an exception can leave the function.
    pub escapes: bool,
    /// Raise sites that do not depend on variables: (exception, message, traceback entry).
    pub raise_sites: BTreeMap<(Exc, String, i64), Block>,
    /// Where an exception of a callee passes on: by traceback entry.
    pub pass_sites: BTreeMap<i64, Block>,
    /// Stack slot for helpers that write two floats.
    pub pair_slot: Option<ir::Slot>,
    /// Where the fast body can leave for the exact body.
    pub points: Points,
    /// The frame, if this is an exact body.
    pub exact: Option<Box<Exact>>,
}

/// Lowers the fast body of a function into its reserved place.
pub(super) fn lower_function(lower: &mut Lower<'_>, id: hir::FuncId) {
    let is_large = lower.body(id).is_some_and(|body| body.locals.len() > MANY_LOCALS);
    lower_fast_body(lower, id, if is_large { Taken::None } else { Taken::All });
}

/// Lowers the fast body of a large function once more, now that it is known what its ways out take along.
pub(super) fn lower_again(lower: &mut Lower<'_>, id: hir::FuncId, taken: Taken) -> Option<Left> {
    lower_fast_body(lower, id, taken);
    lower.left.remove(&id)
}

fn lower_fast_body(lower: &mut Lower<'_>, id: hir::FuncId, taken: Taken) {
    let Some(place) = lower.funcs[id.index()] else { return };
    let recursive = lower.recursive[id.index()];
    let Some(function) = lower.body(id) else { return };
    let old = &lower.module.funcs[place];
    let func = Func::new(old.name.clone(), old.sig.clone(), Linkage::Local);
    let mut fx = Fx::new(lower, id, function, func);
    fx.points.taken = taken;
    let incoming = fx.incoming();
    fx.make_locals();
    fx.bind_parameters(&incoming);
    if recursive {
        fx.check_stack(function.span);
    }
    fx.block(&function.body);
    fx.end_body();
    fx.finish(place, recursive);
}

impl<'m, 'l> Fx<'m, 'l> {
    pub(super) fn new(
        lower: &'l mut Lower<'m>,
        id: hir::FuncId,
        hir: &'m hir::Function,
        mut func: Func,
    ) -> Self {
        let block = func.add_block();
        let scrap = func.add_detached_block();
        Fx {
            lower,
            id,
            hir,
            func,
            block,
            loc: hir.span.loc(),
            reachable: true,
            env: Env::default(),
            ranges: Ranges::default(),
            contexts: Vec::new(),
            locals: Vec::new(),
            scrap,
            undefined: Vec::new(),
            returns: Vec::new(),
            escapes: false,
            raise_sites: BTreeMap::new(),
            pass_sites: BTreeMap::new(),
            pair_slot: None,
            points: Points::default(),
            exact: None,
        }
    }

    /// A builder at the present point.
    pub(super) fn b(&mut self) -> Builder<'_> {
        let mut builder = Builder::new(&mut self.func, self.block);
        builder.set_loc(self.loc);
        builder
    }

    /// A variable for every scalar of every local, and what stands where nothing is bound.
    pub(super) fn make_locals(&mut self) {
        for ty in ir::Type::ALL {
            let value = match ty {
                ir::Type::F32 => self.b().f32const(0.0),
                ir::Type::F64 => self.b().f64const(0.0),
                _ => self.b().iconst(ty, 0),
            };
            self.undefined.push(value);
        }
        for local in self.hir.locals.values() {
            let vars = self.new_vars(&local.ty);
            let flag = local.flagged.then(|| self.new_var(ir::Type::I8));
            self.locals.push((vars.first().copied().unwrap_or(0), flag));
        }
    }

    fn incoming(&mut self) -> Vec<Vec<Value>> {
        let types: Vec<Vec<ir::Type>> =
            self.hir.params.iter().map(|p| repr::flatten(&self.hir.locals[*p].ty)).collect();
        let mut value = |ty| self.func.add_param(self.block, ty);
        types.into_iter().map(|types| types.into_iter().map(&mut value).collect()).collect()
    }

    fn bind_parameters(&mut self, incoming: &[Vec<Value>]) {
        for (param, values) in self.hir.params.iter().zip(incoming) {
            self.set_local(*param, values);
        }
    }

    /// A value of this type to stand where nothing is bound.
    pub(super) fn undefined(&self, ty: ir::Type) -> Value {
        let index = ir::Type::ALL.iter().position(|t| *t == ty);
        self.undefined[index.unwrap_or(0)]
    }

    /// A new variable.
    pub(super) fn new_var(&mut self, ty: ir::Type) -> Var {
        let value = self.undefined(ty);
        if let Some(exact) = &mut self.exact {
            exact.add_plain(ty);
        }
        self.env.add(ty, value)
    }

    /// New variables for values of these types, to carry them to where paths meet.
    pub(super) fn new_vars(&mut self, ty: &Type) -> Vec<Var> {
        match self.exact.is_some() {
            true => repr::scalars(ty).into_iter().map(|(ty, is_int)| self.exact_var(ty, is_int)).collect(),
            false => repr::flatten(ty).into_iter().map(|ty| self.new_var(ty)).collect(),
        }
    }

    /// The present value of a variable.
    pub(super) fn get(&mut self, var: Var) -> Value {
        if self.exact.is_some() { self.load_var(var) } else { self.env.get(var) }
    }

    /// Gives a variable a value.
    pub(super) fn set(&mut self, var: Var, value: Value) {
        if self.exact.is_some() { self.store_vars(&[var], &[value]) } else { self.env.set(var, value) }
    }

    pub(super) fn set_vars(&mut self, vars: &[Var], values: &[Value]) {
        match self.exact.is_some() {
            true => self.store_vars(vars, values),
            false => vars.iter().zip(values).for_each(|(var, value)| self.env.set(*var, *value)),
        }
    }

    pub(super) fn get_vars(&mut self, vars: &[Var]) -> Vec<Value> {
        vars.iter().map(|var| self.get(*var)).collect()
    }

    // ---- Locals and cells ----

    pub(super) fn local(&mut self, local: LocalId) -> Vec<Value> {
        let vars = self.local_vars(local);
        self.get_vars(&vars)
    }

    /// The variables of a local.
    pub(super) fn local_vars(&self, local: LocalId) -> Vec<Var> {
        let (first, _) = self.locals[local.index()];
        (first..first + repr::width(&self.hir.locals[local].ty) as Var).collect()
    }

    /// The variable that tells whether a local is bound, if anyone asks.
    pub(super) fn flag(&self, local: LocalId) -> Option<Var> {
        self.locals[local.index()].1
    }

    pub(super) fn set_local(&mut self, local: LocalId, values: &[Value]) {
        let vars = self.local_vars(local);
        self.set_vars(&vars, values);
        self.bind_local(local);
    }

    /// Notes that something is bound to a local.
    pub(super) fn bind_local(&mut self, local: LocalId) {
        if let Some(flag) = self.flag(local) {
            let one = self.b().iconst(ir::Type::I8, 1);
            self.set(flag, one);
        }
    }

    /// The variables of these locals, flags included.
    pub(super) fn vars_of(&self, locals: &[LocalId]) -> Vec<Var> {
        let mut vars = Vec::new();
        for local in locals {
            let (first, flag) = self.locals[local.index()];
            vars.extend(first..first + repr::width(&self.hir.locals[*local].ty) as Var);
            vars.extend(flag);
        }
        vars
    }

    pub(super) fn assign(&mut self, place: Place, values: &[Value]) {
        match place {
            Place::Local(local) => self.set_local(local, values),
            Place::Global(global) => self.write_global(global, values),
        }
    }

    // ---- Exits ----

    /// Ends the block by returning; what is around must have been left already.
    pub(super) fn return_values(&mut self, values: Vec<Value>) {
        if self.exact.is_some() {
            return self.return_exactly(&values);
        }
        self.b().ret(&values);
        if self.reachable {
            self.returns.extend(self.func.terminator(self.block));
        }
        self.dead();
    }

    /// Ends the body where its statements end without a return. A function with a result cannot get here, though it
    /// may look so: inference knows that the body of `for i in range(3)` runs, and that is where it returns or raises.
    pub(super) fn end_body(&mut self) {
        if !self.reachable {
            return;
        }
        if repr::width(&self.hir.result) == 0 {
            return self.return_values(Vec::new());
        }
        self.b().trap(ir::TrapCode::Unreachable);
        self.dead();
    }

    /// Ends the block by returning with an exception pending.
    pub(super) fn return_raising(&mut self) {
        if self.exact.is_some() {
            return self.return_raising_exactly();
        }
        let types = repr::flatten(&self.hir.result);
        let mut values: Vec<Value> = types.into_iter().map(|ty| self.undefined(ty)).collect();
        values.push(self.b().iconst(ir::Type::I8, 1));
        self.b().ret(&values);
        self.escapes |= self.reachable;
        self.dead();
    }

    /// A recursive function looks whether there is stack left.
    pub(super) fn check_stack(&mut self, span: Span) {
        let limit = self.lower.import_global(ir::rt::STACK_LIMIT_SYMBOL, 8);
        let address = self.b().global_addr(limit, 0);
        let lowest = self.b().load(ir::Type::I64, Region::Global, address, 0);
        let here = self.b().stack_ptr();
        let below = self.b().ult(here, lowest);
        self.raise_if(below, Exc::RecursionError, "maximum recursion depth exceeded", span);
    }

    fn finish(mut self, place: ir::FuncId, recursive: bool) {
        // The module's own code always tells how it ended, and callers of a recursive function were
        // lowered when it was not yet known whether it raises.
        let leaves = !self.points.leaves.is_empty();
        let status = self.escapes || leaves || recursive || Some(self.id) == self.lower.hir.main;
        for inst in std::mem::take(&mut self.returns) {
            if status {
                self.return_status(inst);
            }
        }
        if !status {
            self.func.sig.results.pop();
        }
        self.lower.raises[self.id.index()] = status;
        self.lower.leaves[self.id.index()] = leaves;
        match leaves {
            true => {
                let points = std::mem::take(&mut self.points);
                self.lower.left.insert(self.id, Left { func: self.func, points });
            }
            false => {
                prune::prune(&mut self.func);
                self.lower.module.funcs[place] = self.func;
            }
        }
    }

    /// Gives a return the status "fine".
    fn return_status(&mut self, inst: Inst) {
        let fine = self.undefined(ir::Type::I8);
        let mut values = self.func.args(inst).to_vec();
        values.push(fine);
        self.func.set_args(inst, &values);
    }
}
