//! `with` over the context objects that need none: `contextlib.suppress` and `contextlib.nullcontext`.
//!
//! ```text
//! with suppress(KeyError):     =>   try: body
//!     body                          except KeyError: pass
//! with nullcontext(x) as y:    =>   y = x
//!     body                          body
//! ```

use super::Infer;
use crate::hir::{Block, Expr, ExprKind, Handler, Stmt, StmtKind, Try};
use crate::known::Known;
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;

impl<'a> Infer<'a> {
    pub(super) fn with_stmt(&mut self, node: &'a ast::StmtWith, span: Span, out: &mut Block) {
        self.with_items(&node.items, &node.body, span, out);
    }

    fn with_items(&mut self, items: &'a [ast::WithItem], body: &'a [ast::Stmt], span: Span, out: &mut Block) {
        let Some((item, rest)) = items.split_first() else { return self.block(body, out) };
        let at = self.span(&item.context_expr);
        let ast::Expr::Call(call) = &item.context_expr else { return self.refuse_context(at) };
        let arguments = &call.arguments;
        let plain = arguments.keywords.is_empty() && !arguments.args.iter().any(|a| a.is_starred_expr());
        match self.known_callee(&call.func) {
            Some(Known::Nullcontext) if plain && arguments.args.len() <= 1 => {
                let none = Expr::new(ExprKind::None, Type::None, at);
                let value = arguments.args.first().map_or(none, |value| self.expr(value));
                self.enter(item, value, out);
                self.with_items(rest, body, span, out);
            }
            Some(Known::Suppress) if plain => {
                let classes = arguments.args.iter().flat_map(|class| self.classes(class)).collect::<Vec<_>>();
                let none = Expr::new(ExprKind::None, Type::None, at);
                self.enter(item, none, out);
                self.suppressed(classes, rest, body, span, out);
            }
            _ => self.refuse_context(at),
        }
    }

    fn refuse_context(&mut self, at: Span) {
        let help = "contextlib.suppress(...) and contextlib.nullcontext(...) are; else use try and finally";
        self.unsupported("U0004", at, "`with` over this is not compiled", help);
    }

    fn enter(&mut self, item: &'a ast::WithItem, value: Expr, out: &mut Block) {
        match &item.optional_vars {
            Some(target) => self.assign_target(target, value, out),
            None => out.push(Stmt { span: value.span, kind: StmtKind::Expr(value) }),
        }
    }

    /// The statements, with these exceptions ending them silently; no classes are none at all.
    fn suppressed(
        &mut self,
        classes: Vec<i32>,
        rest: &'a [ast::WithItem],
        body: &'a [ast::Stmt],
        span: Span,
        out: &mut Block,
    ) {
        if classes.is_empty() {
            return self.with_items(rest, body, span, out);
        }
        let outer = self.fx.flow.mark();
        let log = self.fx.flow.listen();
        let mut guarded = Block::new();
        self.with_items(rest, body, span, &mut guarded);
        let normal = self.fx.flow.undo(outer);
        let raised = self.fx.flow.heard(log);
        self.fx.flow.join(&[normal, raised]);
        let handler = Handler { classes, bind: None, body: Block::new(), raises_again: false, span };
        let node = Try {
            body: guarded,
            handlers: vec![handler],
            orelse: Block::new(),
            finally: None,
            finally_abrupt: Block::new(),
        };
        out.push(Stmt { kind: StmtKind::Try(Box::new(node)), span });
    }
}
