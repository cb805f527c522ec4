//! Module-level names with one constant value, and cells that are bound before any function runs.
//!
//! Both are found in the statements before the first call of a function of the file: no function can have
//! run, so none can see the name unbound.

use super::Infer;
use super::call::is_literal;
use crate::hir;
use crate::resolve::{Binding, is_main_test_parts};
use pyexec_base::Diagnostic;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use std::collections::BTreeMap;

impl<'a> Infer<'a> {
    pub(super) fn find_constants(&mut self) {
        let ast = self.ast;
        // How many bindings of each name were seen here; a name with others has no value known in advance.
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for stmt in &ast.module.body {
            if self.calls_functions(stmt) {
                return;
            }
            let (target, value) = match stmt {
                Stmt::Assign(node) if node.targets.len() == 1 => (&node.targets[0], &*node.value),
                Stmt::AnnAssign(node) => match &node.value {
                    Some(value) => (&*node.target, &**value),
                    None => continue,
                },
                _ => continue,
            };
            let Expr::Name(name) = target else { continue };
            let name = name.id.as_str();
            let names = &self.scope.module_names;
            let once = names.times.get(name) == Some(&1) && !self.scope.written.contains(name);
            *seen.entry(name).or_default() += 1;
            let all_seen = names.times.get(name) == seen.get(name);
            let value = if is_constant_form(value) { self.constant(value, stmt) } else { None };
            if let Some(value) = value.clone().filter(|_| once) {
                self.constants.insert(name, value);
            }
            if !names.deleted.contains(name) {
                // The last literal before the first call counts.
                self.always_bound.insert(name, value.filter(|_| all_seen));
            }
        }
    }

    /// The value of a constant; whatever is wrong with it is reported later, when the module is walked.
    fn constant(&mut self, value: &'a Expr, stmt: &'a Stmt) -> Option<hir::Expr> {
        let reported = self.diagnostics.len();
        let value = self.expr(value);
        let clean = self.diagnostics.len() == reported;
        self.diagnostics.truncate(reported);
        self.fx.unbound_reads.clear();
        // An annotation may say otherwise; then the ordinary way decides.
        let plain = match stmt {
            Stmt::AnnAssign(node) => {
                let declared = self.annotation(&node.annotation);
                self.diagnostics.truncate(reported);
                declared.is_none_or(|declared| declared == value.ty)
            }
            _ => true,
        };
        (clean && plain && is_literal(&value)).then_some(value)
    }

    /// In a library, module-level code is lost but for definitions and values.
    pub(super) fn warn_of_lost_code(&mut self) {
        let ast = self.ast;
        let lost = ast.module.body.iter().find(|stmt| match stmt {
            Stmt::Expr(node) => !node.value.is_string_literal_expr(),
            Stmt::If(node) => match &*node.test {
                Expr::Compare(test) => !matches!(
                    (&*test.ops, &*test.comparators),
                    ([op], [right]) if is_main_test_parts(&test.left, *op, right)
                ),
                _ => true,
            },
            Stmt::FunctionDef(_) | Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::Pass(_) => false,
            Stmt::Assign(_) | Stmt::AnnAssign(_) => false,
            _ => true,
        });
        if let Some(stmt) = lost.filter(|_| self.options.exports) {
            let at = self.span(stmt);
            let message = "a library never runs module-level code";
            self.diagnostics.push(
                Diagnostic::warning("W0002", at, message)
                    .help("put it into a function, or behind `if __name__ == \"__main__\":`"),
            );
        }
    }

    fn calls_functions(&self, stmt: &'a Stmt) -> bool {
        let mut finder = CallFinder { infer: self, found: false };
        finder.visit_stmt(stmt);
        finder.found
    }
}

/// Expressions whose value can be found without running anything; names of earlier constants included.
fn is_constant_form(expr: &Expr) -> bool {
    match expr {
        Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) | Expr::StringLiteral(_) | Expr::NoneLiteral(_) => {
            true
        }
        Expr::Name(_) => true,
        Expr::UnaryOp(node) => is_constant_form(&node.operand),
        Expr::BinOp(node) => is_constant_form(&node.left) && is_constant_form(&node.right),
        Expr::Tuple(node) => node.elts.iter().all(is_constant_form),
        Expr::Attribute(node) => is_constant_form(&node.value),
        _ => false,
    }
}

struct CallFinder<'i, 'a> {
    infer: &'i Infer<'a>,
    found: bool,
}

impl<'a> Visitor<'a> for CallFinder<'_, 'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        // The body of a function does not run where it is defined.
        if let Stmt::FunctionDef(node) = stmt {
            let defaults = node.parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref());
            return defaults.for_each(|default| self.visit_expr(default));
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && let Expr::Name(name) = &*call.func
        {
            self.found |=
                matches!(self.infer.scope.bindings.get(name.id.as_str()), Some((Binding::Def(_), _)));
        }
        visitor::walk_expr(self, expr);
    }
}
