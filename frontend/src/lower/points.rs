//! Where the fast body of a function leaves for its exact body: integers beyond 64 bits.
//!
//! ```text
//! x = x * y      fast:  v3, v4 = smul_overflow v1, v2;  br_if v4, leave, next
//!                leave (cold):  v9, v10 = call @py.f.resume(7, v1, v2);  ret v9, v10
//! ```
//!
//! A point names a place in the source from which the exact body can go on: a statement, the condition of a loop,
//! or what follows a call. Statements are repeatable (`steps.rs`), so leaving in the middle of one means to begin
//! it anew. At a point the state is: the locals, the saved exceptions and the loops around it.
//!
//! The statements of a `finally` are lowered once for each way out, so a point has a path: the statements whose
//! leaving led there.
//!
//! Left to `exact/resume.rs`: which of the values the exact body needs, and how they travel.

use super::env::Var;
use super::func::{Context, Fx};
use crate::hir::Stmt;
use crate::types::Type;
use pyexec_base::Span;
use pyexec_ir::rt::{self, Exc};
use pyexec_ir::{self as ir, Block, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What of a statement comes next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Moment {
    /// All of it.
    Start,
    /// The condition of a `while`.
    Condition,
    /// What follows its call.
    AfterCall,
}

/// A place in the source, on one of the ways that lead there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Point {
    path: Vec<usize>,
    stmt: usize,
    moment: Moment,
}

/// A part of the state that is no local of the program.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Hidden {
    path: Vec<usize>,
    stmt: usize,
    part: Part,
}

/// Which part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Part {
    /// The exception that a handler handles, or that waits for a `finally`.
    Exception(u32),
    /// The present item of a range.
    Item,
    /// How many items of a range are left, the present one included.
    Left,
    /// The distance of the items, if it is no constant.
    Step,
}

/// Part of the state at a point.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Cell {
    /// A scalar of a local, or its flag: numbered alike in both bodies.
    Local(Var),
    /// Anything else.
    Hidden(Hidden),
}

/// How a value that leaves the fast body looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// As the fast body has it.
    Plain,
    /// An unsigned 64-bit number that becomes an `int`.
    Unsigned,
    /// A word of the exact world (a result of a call): it belongs to the exact body from now on.
    Word,
}

/// How far a loop over a range is.
#[derive(Clone)]
pub(super) struct LoopState {
    pub stmt: usize,
    pub path: Vec<usize>,
    pub item: Value,
    pub left: Remaining,
    pub step: Option<Value>,
}

/// How many items are left.
#[derive(Clone, Copy)]
pub(super) enum Remaining {
    /// As a number.
    Count(Value),
    /// As the distance from one value to another.
    Distance(Value, Value),
}

/// A block that leaves: still empty.
pub(super) struct Leave {
    pub block: Block,
    pub point: Point,
    pub values: Vec<(Cell, Value, Form)>,
    /// Distances to compute first: the place in `values` of their minuend, and the subtrahend.
    pub distances: Vec<(usize, Value)>,
    pub loc: pyexec_base::Loc,
}

/// Which locals ways out take along. In a large function taking all would be quadratic, so it is lowered once to find
/// the points, and once more when its exact body has told what is alive at each.
#[derive(Default)]
pub(super) enum Taken {
    /// Whatever something is bound to.
    #[default]
    All,
    /// None: the function is lowered again.
    None,
    /// Those that are alive.
    Alive(BTreeMap<Point, BTreeSet<Var>>),
}

/// How many locals make a function large.
pub(super) const MANY_LOCALS: usize = 64;

/// The state of lowering that has to do with leaving.
#[derive(Default)]
pub(super) struct Points {
    /// Where leaving goes on from here.
    pub here: Option<Point>,
    /// The ways out through `finally` that are being lowered.
    pub path: Vec<usize>,
    /// The ways out so far.
    pub leaves: Vec<Leave>,
    blocks: BTreeMap<Point, Block>,
    /// Which locals ways out take along.
    pub taken: Taken,
    /// The variables that get the results of the call being lowered.
    pub into: Vec<Var>,
    /// Whether the value being computed is the result of the function and cannot be beyond 64 bits, because only
    /// C asks for it.
    pub at_root: bool,
}

impl<'m> Fx<'m, '_> {
    /// The present point is now this moment of a statement. In an exact body it can be resumed here.
    pub(super) fn at(&mut self, stmt: &Stmt, moment: Moment) {
        let point = Point { path: self.points.path.clone(), stmt: address(stmt), moment };
        match self.exact.is_some() {
            true => self.resume_here(&point),
            false => self.points.here = Some(point),
        }
    }

    /// What names a hidden part of the state.
    pub(super) fn hidden(&self, stmt: usize, part: Part) -> Hidden {
        Hidden { path: self.points.path.clone(), stmt, part }
    }

    /// Leaves for the exact body if an integer does not fit.
    pub(super) fn leave_if(&mut self, cond: Value, span: Span) {
        match self.func.const_bits(cond) {
            Some(0) => {}
            Some(_) => self.leave_now(span),
            None if self.is_bounded() => self.raise_if(cond, Exc::OverflowError, rt::INT_OVERFLOW, span),
            None => {
                let block = self.leave_block();
                self.branch_to_site(cond, block);
            }
        }
    }

    /// Ends the block by leaving for the exact body.
    pub(super) fn leave_now(&mut self, span: Span) {
        if self.is_bounded() {
            return self.raise_now(Exc::OverflowError, rt::INT_OVERFLOW, span);
        }
        let block = self.leave_block();
        self.b().jump(block, &[]);
        self.dead();
    }

    /// Whether integers beyond 64 bits have nowhere to go.
    fn is_bounded(&self) -> bool {
        self.points.at_root || self.exact.is_some() || !self.lower.has_exact
    }

    /// The block that leaves from the present point.
    fn leave_block(&mut self) -> Block {
        let Some(point) = self.points.here.clone().filter(|_| self.reachable) else {
            return self.func.add_detached_block();
        };
        if let Some(block) = self.points.blocks.get(&point) {
            return *block;
        }
        let block = self.leave_block_with(point.clone(), Vec::new());
        self.points.blocks.insert(point, block);
        block
    }

    fn leave_block_with(&mut self, point: Point, mut values: Vec<(Cell, Value, Form)>) -> Block {
        let block = self.func.add_detached_block();
        self.func.block_mut(block).cold = true;
        let given: Vec<Cell> = values.iter().map(|(cell, ..)| cell.clone()).collect();
        let locals = self.locals_now(&point);
        values.extend(locals.into_iter().filter(|(cell, ..)| !given.contains(cell)));
        let mut distances = Vec::new();
        self.loops_now(&mut values, &mut distances);
        self.func.layout.push(block);
        self.points.leaves.push(Leave { block, point, values, distances, loc: self.loc });
        block
    }

    /// The locals that something is bound to.
    fn locals_now(&self, point: &Point) -> Vec<(Cell, Value, Form)> {
        let all = || {
            let vars =
                self.hir.locals.iter().map(|(id, _)| id).map(|id| (self.local_vars(id), self.flag(id)));
            vars.flat_map(|(vars, flag)| vars.into_iter().chain(flag)).collect()
        };
        let vars: Vec<Var> = match &self.points.taken {
            Taken::All => all(),
            Taken::None => Vec::new(),
            Taken::Alive(alive) => alive.get(point).into_iter().flatten().copied().collect(),
        };
        let now = vars.into_iter().map(|var| (var, self.env.get(var)));
        let bound = now.filter(|(var, value)| *value != self.undefined(self.env.ty(*var)));
        bound.map(|(var, value)| (Cell::Local(var), value, Form::Plain)).collect()
    }

    /// The loops and exceptions around.
    fn loops_now(&self, values: &mut Vec<(Cell, Value, Form)>, distances: &mut Vec<(usize, Value)>) {
        for context in &self.contexts {
            match context {
                Context::Saved(var, _, hidden) => {
                    values.push((Cell::Hidden(hidden.clone()), self.env.get(*var), Form::Plain));
                }
                Context::Loop { state: Some(state), .. } => {
                    let cell =
                        |part| Cell::Hidden(Hidden { path: state.path.clone(), stmt: state.stmt, part });
                    values.push((cell(Part::Item), state.item, Form::Plain));
                    let left = match state.left {
                        Remaining::Count(value) => value,
                        Remaining::Distance(from, to) => {
                            distances.push((values.len(), from));
                            to
                        }
                    };
                    values.push((cell(Part::Left), left, Form::Unsigned));
                    values.extend(state.step.map(|step| (cell(Part::Step), step, Form::Plain)));
                }
                _ => {}
            }
        }
    }

    // ---- After calls ----

    /// After a call that may have raised, or given integers beyond 64 bits, which `results` then are.
    pub(super) fn check_call(
        &mut self,
        status: Value,
        results: &[Value],
        into: &[Var],
        ty: &Type,
        span: Span,
    ) {
        let pass = self.pass_site(span);
        let Some(mut point) = self.points.here.clone().filter(|_| self.reachable) else {
            return self.branch_to_site(status, pass);
        };
        point.moment = Moment::AfterCall;
        let forms = super::repr::scalars(ty).into_iter();
        let forms = forms.map(|(_, is_int)| if is_int { Form::Word } else { Form::Plain });
        let values = into.iter().zip(results).zip(forms);
        let values = values.map(|((var, value), form)| (Cell::Local(*var), *value, form)).collect();
        let leave = self.leave_block_with(point, values);
        let site = self.aside(|fx| {
            let exact = fx.b().iconst(ir::Type::I8, rt::STATUS_EXACT);
            let is_exact = fx.b().eq(status, exact);
            fx.b().br_if(is_exact, (leave, &[]), (pass, &[]));
            fx.dead();
        });
        self.branch_to_site(status, site);
    }

    /// After a helper that may have raised, or found that its result does not fit in 64 bits.
    pub(super) fn check_exactness(&mut self, kind: Value, raised: Value, span: Span) {
        let pass = self.pass_site(span);
        let is_bounded = self.is_bounded();
        let leave = if is_bounded { self.too_large_site(span) } else { self.leave_block() };
        let site = self.aside(|fx| {
            let needs = fx.b().iconst(ir::Type::I32, i64::from(rt::NEEDS_EXACT));
            let is_exact = fx.b().eq(kind, needs);
            let forget = fx.func.add_detached_block();
            fx.func.block_mut(forget).cold = true;
            fx.b().br_if(is_exact, (forget, &[]), (pass, &[]));
            fx.go_on(forget);
            fx.clear_pending();
            fx.b().jump(leave, &[]);
            fx.dead();
        });
        self.branch_to_site(raised, site);
    }

    fn too_large_site(&mut self, span: Span) -> Block {
        self.aside(|fx| fx.raise_now(Exc::OverflowError, rt::INT_OVERFLOW, span))
    }
}

/// What tells statements apart: where they lie, since a function is lowered from one copy.
pub(super) fn address(stmt: &Stmt) -> usize {
    std::ptr::from_ref(stmt).addr()
}
