//! Statements, except loops and `try`.

use super::Infer;
use crate::hir::{Block, Raise, Stmt, StmtKind};
use crate::known::Known;
use crate::resolve::{self, Binding, ImportStmt};
use crate::support;
use crate::types::Type;
use pyexec_base::{Diagnostic, Span};
use pyexec_ir::rt::Exc;
use ruff_python_ast as ast;

impl<'a> Infer<'a> {
    /// Statements in order; what cannot be reached is left out.
    pub(super) fn block(&mut self, stmts: &'a [ast::Stmt], out: &mut Block) {
        for stmt in stmts {
            if !self.fx.flow.reachable {
                break;
            }
            self.stmt(stmt, out);
        }
    }

    fn stmt(&mut self, stmt: &'a ast::Stmt, out: &mut Block) {
        let span = self.span(stmt);
        match stmt {
            ast::Stmt::Expr(node) => self.expr_stmt(&node.value, span, out),
            ast::Stmt::Assign(node) if self.is_class(node) => {}
            ast::Stmt::Assign(node) => self.assign(node, out),
            ast::Stmt::ClassDef(node) if self.is_known_class(node) => {}
            ast::Stmt::AugAssign(node) => self.augmented(node, span, out),
            ast::Stmt::AnnAssign(node) => self.annotated(node, out),
            ast::Stmt::If(node) => self.if_stmt(node, span, out),
            ast::Stmt::While(node) => self.while_loop(node, span, out),
            ast::Stmt::For(node) if !node.is_async => self.for_loop(node, span, out),
            ast::Stmt::Return(node) => self.return_stmt(node, span, out),
            ast::Stmt::Break(_) => self.jump(true, span, out),
            ast::Stmt::Continue(_) => self.jump(false, span, out),
            ast::Stmt::Pass(_) | ast::Stmt::Global(_) => {}
            ast::Stmt::Raise(node) => self.raise_stmt(node, span, out),
            ast::Stmt::Try(node) if !node.is_star => self.try_stmt(node, span, out),
            ast::Stmt::ClassDef(_) => {
                let help = "use functions and tuples";
                let message =
                    "only namedtuples (typing.NamedTuple) and exceptions without a body are compiled classes";
                self.unsupported("U0002", span, message, help);
            }
            ast::Stmt::With(node) if !node.is_async => self.with_stmt(node, span, out),
            ast::Stmt::Assert(node) => self.assert_stmt(node, span, out),
            ast::Stmt::Delete(node) => self.delete(node, out),
            ast::Stmt::Match(node) => self.match_stmt(node, span, out),
            ast::Stmt::Import(node) => self.import(ImportStmt::Plain(node)),
            ast::Stmt::ImportFrom(node) => self.import(ImportStmt::From(node)),
            ast::Stmt::FunctionDef(node) => self.function_def(node, span, out),
            _ => self.diagnostics.push(support::stmt(stmt).diagnostic(span)),
        }
    }

    fn expr_stmt(&mut self, value: &'a ast::Expr, span: Span, out: &mut Block) {
        match value {
            // Docstrings and `...` do nothing.
            ast::Expr::StringLiteral(_) | ast::Expr::EllipsisLiteral(_) => return,
            ast::Expr::Call(call) if self.call_stmt(call, span, out) => return,
            _ => {}
        }
        let value = self.expr(value);
        out.push(Stmt { kind: StmtKind::Expr(value), span });
    }

    fn augmented(&mut self, node: &'a ast::StmtAugAssign, span: Span, out: &mut Block) {
        if let ast::Expr::Subscript(target) = &*node.target {
            return self.augmented_item(target, node, span, out);
        }
        let ast::Expr::Name(name) = &*node.target else {
            let help = "assign to a variable";
            return self.unsupported(
                "U0305",
                span,
                "augmented assignment to items or attributes is not compiled",
                help,
            );
        };
        let name = name.id.as_str();
        let at = self.span(&*node.target);
        let old = self.read_name(name, at);
        let value = self.expr(&node.value);
        let value = self.binary(node.op, old, value, span);
        self.assign_name(name, at, value, out);
    }

    fn if_stmt(&mut self, node: &'a ast::StmtIf, span: Span, out: &mut Block) {
        let first = (Some(&*node.test), &node.body[..]);
        let others = node.elif_else_clauses.iter().map(|c| (c.test.as_ref(), &c.body[..]));
        let (mut arms, mut orelse, mut exits) = (Vec::new(), Block::new(), Vec::new());
        let outer = self.fx.flow.mark();
        let mut open = true;
        for (test, body) in std::iter::once(first).chain(others) {
            let cond = test.map(|test| self.cond(test));
            let certain = cond.as_ref().map_or(Some(true), |c| c.as_bool());
            if certain == Some(false) {
                continue;
            }
            let mark = self.fx.flow.mark();
            let mut block = Block::new();
            self.block(body, &mut block);
            exits.push(self.fx.flow.changes(outer));
            self.fx.flow.undo(mark);
            match cond {
                Some(cond) if certain.is_none() => arms.push((cond, block)),
                _ => {
                    orelse = block;
                    open = false;
                    break;
                }
            }
        }
        if open {
            exits.push(self.fx.flow.changes(outer));
        }
        self.fx.flow.undo(outer);
        self.fx.flow.join(&exits);
        match arms.is_empty() {
            true => out.extend(orelse),
            false => out.push(Stmt { kind: StmtKind::If(arms, orelse), span }),
        }
    }

    fn return_stmt(&mut self, node: &'a ast::StmtReturn, span: Span, out: &mut Block) {
        if self.fx.def.is_none() {
            self.error("E0107", span, "`return` outside a function");
            return;
        }
        let value = node.value.as_deref().map(|value| self.expr(value));
        let ty = value.as_ref().map_or(Type::None, |v| v.ty.clone());
        let at = value.as_ref().map_or(span, |v| v.span);
        self.fx.flow.reachable = false;
        if ty == Type::Text {
            let help = "print it, or return the values it is made of";
            return self.unsupported("U0307", at, "text made at run time cannot be returned", help);
        }
        match &self.fx.returned {
            Some((first, _)) if first.is_unknown() => self.fx.returned = Some((ty, at)),
            Some((first, first_at)) if *first != ty && !ty.is_unknown() => {
                let message = format!("this function returns {first} on one path and {ty} on another");
                let diagnostic = Diagnostic::unsupported("U0402", at, message)
                    .label(*first_at, format!("returns {first} here"))
                    .help(super::name::match_help(first, &ty));
                self.diagnostics.push(diagnostic);
            }
            Some(_) => {}
            None => self.fx.returned = Some((ty, at)),
        }
        out.push(Stmt { kind: StmtKind::Return(value), span });
    }

    fn jump(&mut self, is_break: bool, span: Span, out: &mut Block) {
        let word = if is_break { "break" } else { "continue" };
        let Some(frame) = self.fx.loops.last() else {
            return self.error("E0108", span, format!("`{word}` outside a loop"));
        };
        let delta = self.fx.flow.changes(frame.mark);
        if let Some(frame) = self.fx.loops.last_mut() {
            let list = if is_break { &mut frame.breaks } else { &mut frame.continues };
            list.push(delta);
        }
        self.fx.flow.reachable = false;
        out.push(Stmt { kind: if is_break { StmtKind::Break } else { StmtKind::Continue }, span });
    }

    fn assert_stmt(&mut self, node: &'a ast::StmtAssert, span: Span, out: &mut Block) {
        let cond = self.cond(&node.test);
        let mark = self.fx.flow.mark();
        let message = node.msg.as_deref().map(|msg| {
            let mut parts = Vec::new();
            self.display_parts(msg, false, &mut parts);
            parts
        });
        self.fx.flow.undo(mark);
        self.fx.flow.reachable = cond.as_bool() != Some(false);
        out.push(Stmt { kind: StmtKind::Assert(cond, message), span });
    }

    fn delete(&mut self, node: &'a ast::StmtDelete, out: &mut Block) {
        for target in &node.targets {
            let span = self.span(target);
            let ast::Expr::Name(name) = target else {
                self.unsupported("U0311", span, "only local variables can be deleted", "");
                continue;
            };
            let name = name.id.as_str();
            let read = self.read_name(name, span);
            match read.kind {
                crate::hir::ExprKind::Local(local, checked) => {
                    if checked {
                        out.push(Stmt { kind: StmtKind::Expr(read), span });
                    }
                    let id = self.name_id(name);
                    self.fx.flow.set(id, super::VarState::Unbound);
                    out.push(Stmt { kind: StmtKind::Delete(local), span });
                }
                crate::hir::ExprKind::Bad => {}
                _ => self.unsupported("U0311", span, "only local variables can be deleted", ""),
            }
        }
    }

    fn import(&mut self, import: ImportStmt<'a>) {
        if self.fx.def.is_some() {
            for (name, binding, _) in resolve::imported(import, self.ast, &mut self.diagnostics) {
                self.fx.imports.insert(name, binding);
            }
        }
    }

    fn function_def(&mut self, node: &'a ast::StmtFunctionDef, span: Span, out: &mut Block) {
        let at = self.span(&node.name);
        let def = match self.scope.bindings.get(node.name.as_str()) {
            Some((Binding::Def(def), _)) if self.fx.def.is_none() => *def,
            _ => {
                let help = "move it to the top level of the module, and pass what it needs as arguments";
                let message = format!("the nested function `{}` is not compiled", node.name);
                return self.unsupported("U0406", at, message, help);
            }
        };
        if !std::ptr::eq(self.scope.defs[def].node, node) {
            let help = "define functions at the top level of the module, once";
            let message = format!("`{}` is defined within another statement, or twice", node.name);
            return self.unsupported("U0407", at, message, help);
        }
        self.check_signature(node);
        self.defined.insert(def);
        self.default_values(def, node, span, out);
    }

    // ---- raise ----

    fn raise_stmt(&mut self, node: &'a ast::StmtRaise, span: Span, out: &mut Block) {
        let raise = match node.exc.as_deref() {
            None if self.fx.handlers == 0 => {
                let help = "a bare `raise` belongs into an except clause";
                self.unsupported("U0501", span, "no exception is being handled here", help);
                None
            }
            None => {
                self.fx.raises_again = true;
                Some(Raise::Again)
            }
            Some(exc) => self.raised(exc),
        };
        let cause = node.cause.as_deref().map(|cause| self.cause(cause));
        self.fx.flow.reachable = false;
        if let Some(raise) = raise {
            let raise = match cause {
                Some(cause) => Raise::From(Box::new(raise), cause),
                None => raise,
            };
            out.push(Stmt { kind: StmtKind::Raise(raise), span });
        }
    }

    /// What stands after `from`: None, or a caught exception.
    fn cause(&mut self, cause: &'a ast::Expr) -> Option<crate::hir::Expr> {
        if cause.is_none_literal_expr() {
            return None;
        }
        if let ast::Expr::Name(_) = cause {
            let value = self.expr(cause);
            if matches!(value.ty, Type::Exc | Type::Unknown) {
                return Some(value);
            }
        }
        let span = self.span(cause);
        let help = "catch it with `except ... as e`, and raise from e";
        self.unsupported("U0502", span, "only `from None` and `from` a caught exception are compiled", help);
        None
    }

    fn raised(&mut self, exc: &'a ast::Expr) -> Option<Raise> {
        let span = self.span(exc);
        let (callee, arguments) = match exc {
            ast::Expr::Call(call) => (&*call.func, Some(&call.arguments)),
            other => (other, None),
        };
        if let Some(Known::Exc(class)) = self.known_callee(callee) {
            return self.new_exception(class, arguments, span);
        }
        if let Some(bases) = self.exception_class(callee) {
            return self.new_own_exception(&bases, arguments, span);
        }
        let value = self.expr(exc);
        match value.ty {
            Type::Exc => return Some(Raise::Caught(value)),
            Type::Unknown => {}
            _ => self.error(
                "E0501",
                span,
                format!("exceptions must derive from BaseException, not {}", value.ty),
            ),
        }
        None
    }

    fn new_exception(
        &mut self,
        class: Exc,
        arguments: Option<&'a ast::Arguments>,
        span: Span,
    ) -> Option<Raise> {
        let args = self.exception_arguments(arguments, span)?;
        if class == Exc::SystemExit {
            let status = args.first().map(|a| self.expr(a));
            return Some(self.exit(status, span));
        }
        let message = args.first().map(|arg| self.message(arg, class == Exc::KeyError));
        Some(Raise::New(class, message))
    }

    /// A new exception of a class of the file.
    fn new_own_exception(
        &mut self,
        bases: &[i32],
        arguments: Option<&'a ast::Arguments>,
        span: Span,
    ) -> Option<Raise> {
        let args = self.exception_arguments(arguments, span)?;
        if bases.contains(&(Exc::SystemExit as i32)) {
            let help = "derive from Exception, and call sys.exit() where it is caught";
            self.unsupported("U0506", span, "classes that derive from SystemExit are not compiled", help);
            return None;
        }
        let message = args.first().map(|arg| self.message(arg, bases.contains(&(Exc::KeyError as i32))));
        let index = usize::try_from(bases.first()? - resolve::FIRST_EXCEPTION).ok()?;
        Some(Raise::Own(index, message))
    }

    fn exception_arguments(
        &mut self,
        arguments: Option<&'a ast::Arguments>,
        span: Span,
    ) -> Option<&'a [ast::Expr]> {
        let (args, keywords) = arguments.map_or((&[][..], 0), |a| (&a.args[..], a.keywords.len()));
        if args.len() > 1 || keywords > 0 || args.iter().any(|a| a.is_starred_expr()) {
            let help = "put everything into one message, as an f-string";
            self.unsupported("U0503", span, "exceptions with several arguments are not compiled", help);
            return None;
        }
        Some(args)
    }

    /// The message of an exception; that of a KeyError is shown as repr.
    fn message(&mut self, arg: &'a ast::Expr, repr: bool) -> Vec<crate::hir::Part> {
        let mut parts = Vec::new();
        self.display_parts(arg, repr, &mut parts);
        parts
    }

    /// `sys.exit(status)`.
    pub(super) fn exit(&mut self, status: Option<crate::hir::Expr>, span: Span) -> Raise {
        let none = crate::hir::Expr::new(crate::hir::ExprKind::None, Type::None, span);
        let status = status.unwrap_or(none);
        match status.ty {
            Type::Int | Type::None | Type::Str | Type::Unknown | Type::Text => Raise::Exit(status),
            Type::Bool => Raise::Exit(self.widen(status, &Type::Int)),
            _ => {
                let mut parts = Vec::new();
                self.value_part(status, false, &mut parts);
                Raise::Exit(crate::hir::Expr::new(crate::hir::ExprKind::Text(parts), Type::Text, span))
            }
        }
    }
}
