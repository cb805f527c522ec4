//! `try`.
//!
//! ```text
//!   body --exception--> guard: which class? --+--> handler --> (drop the exception) --+--> finally --> end
//!    |                                        +--> handler ...                        |
//!    +--------> else -----------------------------------------------------------------+
//!                                             +--> none: finally, and on outwards
//! ```
//!
//! The statements of `finally` are lowered for each way out: after a normal end, after an exception (which is
//! saved meanwhile), and within `return`, `break` and `continue` (see `unwind`).

use super::env::Label;
use super::func::{Context, Fx};
use super::points::{Hidden, Part, address};
use crate::hir::{Handler, Stmt, Try};
use pyexec_ir::rt::Exc;
use pyexec_ir::{Type, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn try_stmt(&mut self, stmt: &'m Stmt, node: &'m Try) {
        let mut end = self.label();
        let outer_guard = self.cold_label();
        let has_finally = node.finally.is_some();
        if has_finally {
            self.contexts.push(Context::Finally(&node.finally_abrupt));
            self.contexts.push(Context::Guard(outer_guard));
        }
        self.guarded(stmt, node, &mut end);
        if !has_finally {
            return self.bind(end);
        }
        let guard = self.contexts.pop();
        self.contexts.pop();
        if let Some(Context::Guard(guard)) = guard
            && self.is_reached(&guard)
        {
            self.bind(guard);
            self.points.path.push(address(stmt));
            self.finally_after_exception(stmt, node);
            self.points.path.pop();
        }
        self.bind(end);
        if let Some(block) = &node.finally {
            self.block(block);
        }
    }

    /// Body, else and handlers; every normal end jumps to `end`.
    fn guarded(&mut self, stmt: &'m Stmt, node: &'m Try, end: &mut Label) {
        let guard = self.cold_label();
        self.contexts.push(Context::Guard(guard));
        self.block(&node.body);
        let Some(Context::Guard(guard)) = self.contexts.pop() else {
            unreachable!("invariant: contexts are left as they were entered")
        };
        if self.reachable || self.exact.is_some() {
            self.block(&node.orelse);
            self.jump(end);
        }
        if self.is_reached(&guard) {
            self.bind(guard);
            self.handlers(stmt, &node.handlers, end);
        }
    }

    /// Whether anything leads to a guard. Into an exact body the fast body may lead anywhere.
    fn is_reached(&self, guard: &Label) -> bool {
        guard.is_used() || self.exact.is_some()
    }

    fn handlers(&mut self, stmt: &'m Stmt, handlers: &'m [Handler], end: &mut Label) {
        for (index, handler) in handlers.iter().enumerate() {
            let (mut caught, mut other) = (self.label(), self.label());
            self.matches(&handler.classes, &mut caught, &mut other);
            self.bind(caught);
            let hidden = self.hidden(address(stmt), Part::Exception(index as u32 + 1));
            self.handler(handler, hidden, end);
            self.bind(other);
        }
        if self.reachable {
            self.leave();
        }
    }

    /// Whether the pending exception is of one of these classes; no classes are all.
    fn matches(&mut self, classes: &[i32], caught: &mut Label, other: &mut Label) {
        if classes.is_empty() || classes.contains(&(Exc::BaseException as i32)) {
            return self.jump(caught);
        }
        let derives =
            |exc: &Exc| classes.iter().filter_map(|c| Exc::from_number(*c)).any(|c| exc.is_subclass_of(c));
        let built_in = Exc::ALL.iter().filter(|exc| derives(exc)).map(|exc| *exc as i64);
        let own = self.lower.hir.exceptions.iter().filter(|c| c.bases.iter().any(|b| classes.contains(b)));
        let own = own.filter_map(|class| class.bases.first()).map(|number| i64::from(*number));
        let numbers: Vec<i64> = built_in.chain(own).collect();
        let kind = self.pending_kind();
        let mut any: Option<Value> = None;
        for (first, count) in runs(&numbers) {
            let mut b = self.b();
            let first = b.iconst(Type::I32, first);
            let count = b.iconst(Type::I32, count);
            let offset = b.isub(kind, first);
            let inside = b.ult(offset, count);
            any = Some(any.map_or(inside, |any| b.bor(any, inside)));
        }
        match any {
            Some(any) => self.branch(any, caught, other),
            None => self.jump(other),
        }
    }

    fn handler(&mut self, handler: &'m Handler, hidden: Hidden, end: &mut Label) {
        if handler.bind.is_none() && !handler.raises_again {
            self.clear_pending();
            self.block(&handler.body);
            return if self.reachable {
                self.jump(end)
            };
        }
        let handle = self.helper_value("pyexec_exc_save", &[]);
        let var = self.new_var(Type::I64);
        self.set(var, handle);
        if let Some(local) = handler.bind {
            self.set_local(local, &[handle]);
        }
        self.with_saved(var, hidden, |fx| fx.block(&handler.body));
        if self.reachable {
            self.jump(end);
        }
    }

    /// Runs statements while an exception is saved; it is dropped however they are left.
    fn with_saved(&mut self, var: super::env::Var, hidden: Hidden, work: impl FnOnce(&mut Self)) {
        self.name_hidden(hidden.clone(), var);
        let mut after = self.label();
        let guard = self.cold_label();
        self.contexts.push(Context::Saved(var, guard, hidden));
        work(self);
        let saved = self.contexts.pop();
        if self.reachable {
            let handle = self.get(var);
            self.helper("pyexec_exc_drop", &[handle]);
            self.jump(&mut after);
        }
        if let Some(Context::Saved(_, guard, _)) = saved
            && self.is_reached(&guard)
        {
            self.bind(guard);
            let handle = self.get(var);
            self.helper("pyexec_exc_context", &[handle]);
            self.leave();
        }
        self.bind(after);
    }

    /// `finally` while an exception passes: it is pending again afterwards, unless the statements leave in
    /// their own way.
    fn finally_after_exception(&mut self, stmt: &'m Stmt, node: &'m Try) {
        let handle = self.helper_value("pyexec_exc_save", &[]);
        let var = self.new_var(Type::I64);
        self.set(var, handle);
        let mut restored = self.label();
        let guard = self.cold_label();
        let hidden = self.hidden(address(stmt), Part::Exception(0));
        self.name_hidden(hidden.clone(), var);
        self.contexts.push(Context::Saved(var, guard, hidden));
        self.block(&node.finally_abrupt);
        let saved = self.contexts.pop();
        if self.reachable {
            self.jump(&mut restored);
        }
        if let Some(Context::Saved(_, guard, _)) = saved
            && self.is_reached(&guard)
        {
            self.bind(guard);
            let handle = self.get(var);
            self.helper("pyexec_exc_context", &[handle]);
            self.leave();
        }
        self.bind(restored);
        if self.reachable {
            let handle = self.get(var);
            self.helper("pyexec_exc_restore", &[handle]);
            self.leave();
        }
    }
}

/// Runs of consecutive numbers: (first, how many). The numbers ascend.
fn runs(numbers: &[i64]) -> Vec<(i64, i64)> {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == *number => *count += 1,
            _ => runs.push((*number, 1)),
        }
    }
    runs
}
