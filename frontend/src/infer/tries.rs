//! `try`.
//!
//! An exception can leave the guarded statements after any binding in them, so a handler begins with the
//! join of all states along the way. The `finally` statements are inferred twice: for the normal end, where
//! the state is known well, and for every other way out (an exception, return, break, continue).

use super::Infer;
use super::flow::{Delta, VarState};
use crate::hir::{BinaryOp, Block, Convert, Expr, ExprKind, Handler, Place, Stmt, StmtKind, Try};
use crate::known::Known;
use crate::resolve::{Binding, ClassKind};
use crate::types::Type;
use crate::walk::{self, Visitor};
use pyexec_base::Span;
use ruff_python_ast as ast;

impl<'a> Infer<'a> {
    pub(super) fn try_stmt(&mut self, node: &'a ast::StmtTry, span: Span, out: &mut Block) {
        let outer = self.fx.flow.mark();
        let outer_log = self.fx.flow.listen();
        let mut exits = Vec::new();

        let body_log = self.fx.flow.listen();
        let mut body = Block::new();
        self.block(&node.body, &mut body);
        let normal = self.fx.flow.undo(outer);
        let raised = self.fx.flow.heard(body_log);

        let mut orelse = Block::new();
        self.fx.flow.join(std::slice::from_ref(&normal));
        self.block(&node.orelse, &mut orelse);
        exits.push(self.fx.flow.undo(outer));

        let mut handlers = Vec::new();
        for (index, handler) in node.handlers.iter().enumerate() {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            if handler.type_.is_none() && index + 1 < node.handlers.len() {
                let at = self.span(handler);
                self.error("E0109", at, "a bare `except:` must be the last clause");
            }
            self.fx.flow.join(std::slice::from_ref(&raised));
            handlers.push(self.handler(handler));
            exits.push(self.fx.flow.undo(outer));
        }
        let anywhere = self.fx.flow.heard(outer_log);
        let (finally, finally_abrupt) = self.finally(node, &anywhere, &exits, outer);
        let kind = Try { body, handlers, orelse, finally, finally_abrupt };
        out.push(Stmt { kind: StmtKind::Try(Box::new(kind)), span });
    }

    /// Infers `finally` for both kinds of ways in; afterwards the state is that of the normal end.
    fn finally(
        &mut self,
        node: &'a ast::StmtTry,
        anywhere: &Delta,
        exits: &[Delta],
        outer: super::Mark,
    ) -> (Option<Block>, Block) {
        if node.finalbody.is_empty() {
            self.fx.flow.join(exits);
            return (None, Block::new());
        }
        self.fx.flow.join(std::slice::from_ref(anywhere));
        let mut abrupt = Block::new();
        self.block(&node.finalbody, &mut abrupt);
        self.fx.flow.undo(outer);
        self.fx.flow.join(exits);
        let mut normal = Block::new();
        self.block(&node.finalbody, &mut normal);
        (Some(normal), abrupt)
    }

    fn handler(&mut self, node: &'a ast::ExceptHandlerExceptHandler) -> Handler {
        let span = self.span(node);
        let classes = node.type_.as_deref().map_or_else(Vec::new, |ty| self.classes(ty));
        let name = node.name.as_ref().map(|name| (name.as_str(), self.span(name)));
        let bind = name.and_then(|(name, at)| self.bind_exception(name, at));
        self.fx.handlers += 1;
        let outer = std::mem::replace(&mut self.fx.raises_again, false);
        let mut body = Block::new();
        self.block(&node.body, &mut body);
        // What is raised in the clause has this exception as its context.
        let raises_again = std::mem::replace(&mut self.fx.raises_again, outer) || may_raise(&body);
        self.fx.handlers -= 1;
        if let Some((name, _)) = name {
            // Python deletes the name at the end of the clause.
            let id = self.name_id(name);
            self.fx.flow.set(id, VarState::Unbound);
        }
        Handler { classes, bind, body, raises_again, span }
    }

    fn bind_exception(&mut self, name: &'a str, at: Span) -> Option<crate::hir::LocalId> {
        if !self.is_local(name) || self.fx.def.is_none() && self.scope.shared.contains(name) {
            let help = "use another name for the exception";
            let message = format!("`{name}` is a module variable that functions use");
            self.unsupported("U0504", at, message, help);
            return None;
        }
        let id = self.name_id(name);
        let local = self.local_for(id, name, &Type::Exc);
        let place = Place::Local(local);
        self.fx.flow.set(id, VarState::Bound { place, ty: Type::Exc, maybe: false, def: at });
        Some(local)
    }

    /// The numbers of the classes after `except`.
    pub(super) fn classes(&mut self, ty: &'a ast::Expr) -> Vec<i32> {
        let items = match ty {
            ast::Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            other => vec![other],
        };
        let mut classes = Vec::new();
        for item in items {
            match self.exception_class(item) {
                Some(bases) => classes.extend(bases.first()),
                None => {
                    let at = self.span(item);
                    let help = "built-in exception classes can be caught, and classes of the file that derive from them";
                    self.unsupported("U0505", at, "this exception class is not compiled", help);
                }
            }
        }
        classes
    }

    /// The number of an exception class and those of its bases.
    pub(super) fn exception_class(&self, class: &'a ast::Expr) -> Option<Vec<i32>> {
        if let Some(Known::Exc(mut exc)) = self.known_callee(class) {
            let mut numbers = vec![exc as i32];
            while exc.parent() != exc {
                exc = exc.parent();
                numbers.push(exc as i32);
            }
            return Some(numbers);
        }
        let ast::Expr::Name(name) = class else { return None };
        match self.meaning(name.id.as_str()).filter(|_| !self.is_local(name.id.as_str()))? {
            Binding::Class(class) => match &self.scope.classes[class].kind {
                ClassKind::Exception(bases) => Some(bases.clone()),
                ClassKind::Named(_) => None,
            },
            _ => None,
        }
    }
}

/// Whether statements may raise, for all that can be seen at a glance.
fn may_raise(block: &Block) -> bool {
    struct Finder(bool);
    impl Visitor for Finder {
        fn expr(&mut self, expr: &Expr) {
            use BinaryOp::{Add, Mul, Sub};
            self.0 |= match &expr.kind {
                ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Complex(..) => false,
                ExprKind::Str(_) | ExprKind::None | ExprKind::Text(_) | ExprKind::Tuple(_) => false,
                ExprKind::Local(_, checked) | ExprKind::Global(_, checked) => *checked,
                // Ints that leave 64 bits go on as exact ones.
                ExprKind::Binary(Add | Sub | Mul, ..) | ExprKind::Unary(..) | ExprKind::Compare(..) => false,
                ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_) | ExprKind::Truth(_) => false,
                ExprKind::If(_) | ExprKind::Item(..) | ExprKind::Convert(Convert::Widen, _) => false,
                _ => true,
            };
        }
        fn stmt(&mut self, stmt: &Stmt) {
            self.0 |= matches!(stmt.kind, StmtKind::Raise(_) | StmtKind::Assert(..));
        }
    }
    let mut finder = Finder(false);
    walk::block(block, &mut finder);
    finder.0
}
