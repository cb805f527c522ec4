//! Statements, except loops and `try`.

use super::func::{Context, Fx};
use crate::hir::{Block, Expr, Stmt, StmtKind};
use pyexec_base::Span;
use pyexec_ir::Type;
use pyexec_ir::rt::Exc;

impl<'m> Fx<'m, '_> {
    pub(super) fn block(&mut self, block: &'m Block) {
        for stmt in block {
            if !self.reachable {
                break;
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &'m Stmt) {
        self.loc = stmt.span.loc();
        match &stmt.kind {
            StmtKind::Expr(value) => _ = self.expr(value),
            StmtKind::Assign(place, value) => {
                let values = self.expr(value);
                self.assign(*place, &values);
            }
            StmtKind::Delete(local) => {
                if let Some(flag) = self.flag(*local) {
                    let zero = self.b().iconst(Type::I8, 0);
                    self.env.set(flag, zero);
                }
            }
            StmtKind::If(arms, orelse) => self.if_stmt(arms, orelse),
            StmtKind::While(cond, body, orelse) => self.while_loop(cond, body, orelse),
            StmtKind::For(node) => self.for_range(node, stmt.span),
            StmtKind::ForItems(blocks, orelse) => self.for_items(blocks, orelse),
            StmtKind::Return(value) => self.return_stmt(value.as_ref()),
            StmtKind::Break => self.jump_out(true),
            StmtKind::Continue => self.jump_out(false),
            StmtKind::Raise(raise) => self.raise(raise, stmt.span),
            StmtKind::Try(node) => self.try_stmt(node),
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

    fn return_stmt(&mut self, value: Option<&'m Expr>) {
        let values = value.map_or(Vec::new(), |v| self.expr(v));
        self.unwind(0, |fx| fx.return_values(values));
    }

    fn jump_out(&mut self, is_break: bool) {
        let Some(index) = self.contexts.iter().rposition(|c| matches!(c, Context::Loop { .. })) else {
            return;
        };
        self.unwind(index + 1, |fx| {
            let Some(mut context) = fx.contexts.pop() else { return };
            if let Context::Loop { exit, next } = &mut context {
                fx.jump(if is_break { exit } else { next });
            }
            fx.contexts.push(context);
        });
    }

    /// Leaves the contexts from the innermost down to `keep`: runs what has to run on the way out, then
    /// `finish`; afterwards the contexts are as before.
    fn unwind(&mut self, keep: usize, finish: impl FnOnce(&mut Self)) {
        let mut left = Vec::new();
        while self.contexts.len() > keep && self.reachable {
            let Some(context) = self.contexts.pop() else { break };
            match &context {
                Context::Finally(block) => {
                    let block = *block;
                    self.block(block);
                }
                Context::Saved(var, _) => {
                    let handle = self.env.get(*var);
                    self.helper("pyexec_exc_drop", &[handle]);
                }
                _ => {}
            }
            left.push(context);
        }
        if self.reachable {
            finish(self);
        }
        self.contexts.extend(left.into_iter().rev());
    }
}
