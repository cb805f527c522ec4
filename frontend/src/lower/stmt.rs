//! Statements, except loops and `try`.

use super::func::{Context, Fx};
use super::points::{Moment, address};
use crate::hir::{Block, Expr, ExprKind, LocalId, Place, Stmt, StmtKind};
use pyexec_base::Span;
use pyexec_ir::Type;
use pyexec_ir::rt::Exc;

impl<'m> Fx<'m, '_> {
    pub(super) fn block(&mut self, block: &'m Block) {
        let here = self.points.here.clone();
        for stmt in block {
            if !self.reachable {
                if self.exact.is_none() {
                    break;
                }
                // The fast body may come here although nothing of the exact body does.
                let block = self.func.add_detached_block();
                self.enter(block);
            }
            self.stmt(stmt);
        }
        self.points.here = here;
    }

    fn stmt(&mut self, stmt: &'m Stmt) {
        self.loc = stmt.span.loc();
        self.at(stmt, Moment::Start);
        match &stmt.kind {
            StmtKind::Assign(Place::Local(local), value) if matches!(value.kind, ExprKind::Call(..)) => {
                self.assign_call(stmt, *local, value);
            }
            StmtKind::Expr(value) => _ = self.expr(value),
            StmtKind::Assign(place, value) => {
                let values = self.expr(value);
                self.assign(*place, &values);
            }
            StmtKind::Delete(local) => {
                if let Some(flag) = self.flag(*local) {
                    let zero = self.b().iconst(Type::I8, 0);
                    self.set(flag, zero);
                }
            }
            StmtKind::If(arms, orelse) => self.if_stmt(arms, orelse),
            StmtKind::While(cond, body, orelse) => self.while_loop(stmt, cond, body, orelse),
            StmtKind::For(node) => self.for_range(stmt, node),
            StmtKind::ForItems(blocks, orelse) => self.for_items(blocks, orelse),
            StmtKind::Return(value) => self.return_stmt(stmt, value.as_ref()),
            StmtKind::Break => self.jump_out(stmt, true),
            StmtKind::Continue => self.jump_out(stmt, false),
            StmtKind::Raise(raise) => self.raise(raise, stmt.span),
            StmtKind::Try(node) => self.try_stmt(stmt, node),
            StmtKind::Assert(cond, message) => {
                self.assert(cond, message.as_ref().map_or(&[], |m| m), stmt.span);
            }
            StmtKind::Print(print) => self.print(print, stmt.span),
            StmtKind::Store(store) => self.store_item(store),
            StmtKind::Sweep(mark, kept) => self.sweep(mark, kept.as_deref()),
        }
    }

    fn if_stmt(&mut self, arms: &'m [(Expr, Block)], orelse: &'m Block) {
        let mut end = self.label();
        for (cond, body) in arms {
            let (mut then, mut next) = (self.label(), self.label());
            self.cond(cond, &mut then, &mut next);
            self.bind(then);
            self.block(body);
            self.jump(&mut end);
            self.bind(next);
        }
        self.block(orelse);
        self.jump(&mut end);
        self.bind(end);
    }

    fn assert(&mut self, cond: &'m Expr, message: &'m [crate::hir::Part], span: Span) {
        let (mut fine, mut failed) = (self.label(), self.cold_label());
        self.cond(cond, &mut fine, &mut failed);
        self.bind(failed);
        self.raise_text(Exc::AssertionError, message, span);
        self.bind(fine);
    }

    /// The result of a call may be more than 64 bits hold: then the exact body goes on after the call, with the
    /// variable bound.
    fn assign_call(&mut self, stmt: &'m Stmt, local: LocalId, value: &'m Expr) {
        let vars = self.local_vars(local);
        self.points.into = vars.clone();
        let values = self.expr(value);
        self.set_vars(&vars, &values);
        if self.exact.is_some() {
            self.at(stmt, Moment::AfterCall);
        }
        self.bind_local(local);
    }

    fn return_stmt(&mut self, stmt: &'m Stmt, value: Option<&'m Expr>) {
        let runs_finally = self.contexts.iter().any(|c| matches!(c, Context::Finally(_)));
        let before = match runs_finally {
            // A temporary or a literal, which `finally` does not change: read when it has run.
            true => None,
            false => {
                self.points.at_root = self.lower.is_for_c_only(self.id) && self.exact.is_none();
                let values = value.map_or(Vec::new(), |v| self.expr(v));
                self.points.at_root = false;
                Some(values)
            }
        };
        self.unwind(0, address(stmt), |fx| {
            let values = before.unwrap_or_else(|| value.map_or(Vec::new(), |v| fx.expr(v)));
            fx.return_values(values);
        });
    }

    fn jump_out(&mut self, stmt: &'m Stmt, is_break: bool) {
        let Some(index) = self.contexts.iter().rposition(|c| matches!(c, Context::Loop { .. })) else {
            return;
        };
        self.unwind(index + 1, address(stmt), |fx| {
            let Some(mut context) = fx.contexts.pop() else { return };
            if let Context::Loop { exit, next, .. } = &mut context {
                fx.jump(if is_break { exit } else { next });
            }
            fx.contexts.push(context);
        });
    }

    /// Leaves the contexts from the innermost down to `keep`: runs what has to run on the way out, then
    /// `finish`; afterwards the contexts are as before.
    fn unwind(&mut self, keep: usize, way: usize, finish: impl FnOnce(&mut Self)) {
        let mut left = Vec::new();
        self.points.path.push(way);
        while self.contexts.len() > keep && (self.reachable || self.exact.is_some()) {
            let Some(context) = self.contexts.pop() else { break };
            match &context {
                Context::Finally(block) => {
                    let block = *block;
                    self.block(block);
                }
                Context::Saved(var, ..) => {
                    let handle = self.get(*var);
                    self.helper("pyexec_exc_drop", &[handle]);
                }
                _ => {}
            }
            left.push(context);
        }
        self.points.path.pop();
        if self.reachable {
            finish(self);
        }
        self.contexts.extend(left.into_iter().rev());
    }
}
