//! Loops.
//!
//! ```text
//! for i in range(a, b): body   =>   head(n, ...): br_if n < b, body, exit
//!                                   body: i = n; ...
//!                                   next: jump head(n + 1, ...)
//! ```
//!
//! The counter is apart from the Python variable, which the body may change and which keeps its last value.
//! It wraps, because it cannot pass the end: for steps other than 1 and -1 the iterations are counted
//! down instead, so that no sum beyond 64 bits ever matters.

use super::env::{Head, Label, Var};
use super::func::{Context, Fx};
use super::points::{LoopState, Moment, Remaining, address};
use super::ranges::Range;
use crate::hir::{Block, Expr, ExprKind, ForRange, Place, Stmt};
use crate::walk;
use pyexec_ir::rt::Exc;
use pyexec_ir::{Type, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn while_loop(&mut self, stmt: &'m Stmt, cond: &'m Expr, body: &'m Block, orelse: &'m Block) {
        let (exit, mut ended) = (self.label(), self.label());
        let vars = self.vars_of(&walk::assigned(&[body], Some(cond)));
        let head = self.loop_head(vars);
        let next = self.label();
        let mut into = self.label();
        let cond = match &cond.kind {
            // What the condition does before it is a condition.
            ExprKind::Seq(before, cond) => {
                self.block(before);
                cond
            }
            _ => cond,
        };
        self.at(stmt, Moment::Condition);
        self.cond(cond, &mut into, &mut ended);
        self.bind(into);
        let exit = self.body(body, (exit, next), None, |fx| fx.jump_back(&head));
        self.loop_end(exit, ended, orelse);
    }

    /// The body of a loop; `step` ends the block that `continue` and the end of the body lead to.
    pub(super) fn body(
        &mut self,
        body: &'m Block,
        (exit, next): (Label, Label),
        state: Option<LoopState>,
        step: impl FnOnce(&mut Self),
    ) -> Label {
        self.contexts.push(Context::Loop { exit, next, state });
        self.block(body);
        let Some(Context::Loop { exit, mut next, .. }) = self.contexts.pop() else {
            unreachable!("invariant: contexts are left as they were entered")
        };
        self.jump(&mut next);
        self.bind(next);
        step(self);
        exit
    }

    /// The `else` of a loop, and where it meets the breaks.
    pub(super) fn loop_end(&mut self, mut exit: Label, ended: Label, orelse: &'m Block) {
        self.bind(ended);
        self.block(orelse);
        self.jump(&mut exit);
        self.bind(exit);
    }

    pub(super) fn for_range(&mut self, stmt: &'m Stmt, node: &'m ForRange) {
        if self.exact.is_some() {
            return self.exact_range(stmt, node);
        }
        let span = stmt.span;
        let (start, stop) = (self.one(&node.start), self.one(&node.stop));
        let step = self.one(&node.step);
        let (exit, ended) = (self.label(), self.label());
        match (node.step.as_int(), node.reversed) {
            (Some(step @ (1 | -1)), false) => self.count_to((stmt, node), start, stop, step, exit, ended),
            (constant, _) => {
                if constant.is_none() {
                    let zero = self.b().iconst(Type::I64, 0);
                    let none = self.b().eq(step, zero);
                    self.raise_if(none, Exc::ValueError, "range() arg 3 must not be zero", node.step.span);
                } else if constant == Some(0) {
                    self.raise_now(Exc::ValueError, "range() arg 3 must not be zero", span);
                }
                let count = self.count(start, stop, step, constant);
                self.count_down((stmt, node), start, step, count, exit, ended);
            }
        }
    }

    /// Steps of 1 or -1: the counter runs until it meets the end.
    fn count_to(
        &mut self,
        (stmt, node): (&'m Stmt, &'m ForRange),
        start: Value,
        stop: Value,
        step: i64,
        exit: Label,
        mut ended: Label,
    ) {
        let counter = self.new_var(Type::I64);
        self.set(counter, start);
        let head = self.range_head(node, &[counter]);
        let now = self.get(counter);
        let inside = if step > 0 { self.b().slt(now, stop) } else { self.b().sgt(now, stop) };
        let mut into = self.label();
        self.branch(inside, &mut into, &mut ended);
        self.bind(into);
        self.ranges.set(now, self.counter_range(start, stop, step));
        if step > 0 {
            self.ranges.set_below(now, stop);
        }
        let next = self.label();
        let left = if step > 0 { Remaining::Distance(now, stop) } else { Remaining::Distance(stop, now) };
        let state = self.loop_state(stmt, now, left, None);
        self.assign(node.target, &[now]);
        let exit = self.body(&node.body, (exit, next), Some(state), |fx| {
            let one = fx.b().iconst(Type::I64, step);
            let following = fx.b().iadd(now, one);
            fx.set(counter, following);
            fx.jump_back(&head);
        });
        self.loop_end(exit, ended, &node.orelse);
    }

    fn loop_state(&self, stmt: &'m Stmt, item: Value, left: Remaining, step: Option<Value>) -> LoopState {
        LoopState { stmt: address(stmt), path: self.points.path.clone(), item, left, step }
    }

    /// What the body may rely on: the counter has not met the end.
    fn counter_range(&self, start: Value, stop: Value, step: i64) -> Range {
        let (start, stop) = (self.ranges.get(&self.func, start), self.ranges.get(&self.func, stop));
        match step > 0 {
            true => Range { min: start.min, max: stop.max.saturating_sub(1).max(start.min) },
            false => Range { min: stop.min.saturating_add(1).min(start.max), max: start.max },
        }
    }

    fn range_head(&mut self, node: &'m ForRange, counters: &[Var]) -> Head {
        let mut assigned = walk::assigned(&[&node.body], None);
        if let Place::Local(local) = node.target
            && !assigned.contains(&local)
        {
            assigned.push(local);
        }
        let mut vars = self.vars_of(&assigned);
        vars.extend_from_slice(counters);
        self.loop_head(vars)
    }

    /// How many items a range has, as an unsigned number. The step is not zero.
    pub(super) fn count(&mut self, start: Value, stop: Value, step: Value, constant: Option<i64>) -> Value {
        let mut b = self.b();
        let zero = b.iconst(Type::I64, 0);
        let one = b.iconst(Type::I64, 1);
        let up = b.isub(stop, start);
        let down = b.isub(start, stop);
        let (distance, size, some) = match constant {
            Some(step) if step > 0 => (up, b.iconst(Type::I64, step), b.slt(start, stop)),
            Some(step) => (down, b.iconst(Type::I64, step.wrapping_neg()), b.sgt(start, stop)),
            None => {
                let rising = b.sgt(step, zero);
                let negated = b.ineg(step);
                let distance = b.select(rising, up, down);
                let size = b.select(rising, step, negated);
                let (below, above) = (b.slt(start, stop), b.sgt(start, stop));
                let some = b.select(rising, below, above);
                (distance, size, some)
            }
        };
        let less = b.isub(distance, one);
        let whole = b.udiv(less, size);
        let count = b.iadd(whole, one);
        b.select(some, count, zero)
    }

    /// Any step: the remaining iterations are counted down.
    fn count_down(
        &mut self,
        (stmt, node): (&'m Stmt, &'m ForRange),
        start: Value,
        step: Value,
        count: Value,
        exit: Label,
        mut ended: Label,
    ) {
        let (first, step) = match node.reversed {
            false => (start, step),
            true => {
                let mut b = self.b();
                let one = b.iconst(Type::I64, 1);
                let before = b.isub(count, one);
                let distance = b.imul(before, step);
                (b.iadd(start, distance), b.ineg(step))
            }
        };
        let (item, left) = (self.new_var(Type::I64), self.new_var(Type::I64));
        self.set_vars(&[item, left], &[first, count]);
        let head = self.range_head(node, &[item, left]);
        let (now, remaining) = (self.get(item), self.get(left));
        let zero = self.b().iconst(Type::I64, 0);
        let more = self.b().ne(remaining, zero);
        let mut into = self.label();
        self.branch(more, &mut into, &mut ended);
        self.bind(into);
        let next = self.label();
        let known = node.step.as_int().is_some();
        let state = self.loop_state(stmt, now, Remaining::Count(remaining), (!known).then_some(step));
        self.assign(node.target, &[now]);
        let exit = self.body(&node.body, (exit, next), Some(state), |fx| {
            let following = fx.b().iadd(now, step);
            let one = fx.b().iconst(Type::I64, 1);
            let fewer = fx.b().isub(remaining, one);
            fx.set_vars(&[item, left], &[following, fewer]);
            fx.jump_back(&head);
        });
        self.loop_end(exit, ended, &node.orelse);
    }

    /// An unrolled loop: `continue` leads to the next copy of the body.
    pub(super) fn for_items(&mut self, blocks: &'m [Block], orelse: &'m Block) {
        let mut exit = self.label();
        for block in blocks {
            if !self.reachable && self.exact.is_none() {
                break;
            }
            let next = self.label();
            exit = self.body(block, (exit, next), None, |_| {});
        }
        self.block(orelse);
        self.jump(&mut exit);
        self.bind(exit);
    }
}
