//! Which names a body binds and uses, without descending into nested functions and classes.

use super::ImportStmt;
use crate::parse::span_at;
use pyexec_base::{Diagnostic, Span};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Pattern, Stmt};
use ruff_text_size::Ranged;
use std::collections::{BTreeMap, BTreeSet};

/// The names of one body.
#[derive(Debug, Default)]
pub struct Names<'a> {
    /// Names bound here, with the first place; for a function these are its locals.
    pub assigned: BTreeMap<&'a str, Span>,
    /// How often each name is bound, by whatever statement.
    pub times: BTreeMap<&'a str, usize>,
    /// Names read here.
    pub used: BTreeSet<&'a str>,
    /// Names declared `global`.
    pub globals: BTreeMap<&'a str, Span>,
    /// Names declared `global` that are bound here.
    pub written_globals: BTreeSet<&'a str>,
    /// Names unbound by `del`.
    pub deleted: BTreeSet<&'a str>,
    /// Import statements.
    pub imports: Vec<ImportStmt<'a>>,
    /// The parameters, in order (filled in by the resolver).
    pub parameters: Vec<&'a str>,
}

struct Collector<'a, 'd> {
    start: u32,
    names: Names<'a>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// Collects the names of a body.
pub fn collect<'a>(body: &'a [Stmt], start: u32, diagnostics: &mut Vec<Diagnostic>) -> Names<'a> {
    let mut collector = Collector { start, names: Names::default(), diagnostics };
    for stmt in body {
        collector.visit_stmt(stmt);
    }
    let mut names = collector.names;
    for name in names.globals.keys() {
        if names.assigned.remove(name).is_some() {
            names.written_globals.insert(name);
        }
    }
    names
}

impl<'a> Collector<'a, '_> {
    fn bind(&mut self, name: &'a str, node: &impl Ranged) {
        *self.names.times.entry(name).or_default() += 1;
        self.names.assigned.entry(name).or_insert(span_at(self.start, node.range()));
    }

    fn global(&mut self, node: &'a ruff_python_ast::StmtGlobal) {
        for name in &node.names {
            let span = span_at(self.start, name.range());
            if self.names.assigned.contains_key(name.as_str()) || self.names.used.contains(name.as_str()) {
                let message = format!("name `{name}` is used before its global declaration");
                self.diagnostics.push(Diagnostic::error("E0105", span, message));
            }
            self.names.globals.insert(name.as_str(), span);
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            // Nested functions and classes are refused when they are met; their bodies have other scopes.
            Stmt::FunctionDef(node) => {
                let outside = node.parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref());
                outside.for_each(|default| self.visit_expr(default));
            }
            Stmt::ClassDef(_) => {}
            Stmt::Global(node) => self.global(node),
            Stmt::Import(node) => self.names.imports.push(ImportStmt::Plain(node)),
            Stmt::ImportFrom(node) => self.names.imports.push(ImportStmt::From(node)),
            // An annotated name is local even without a value.
            Stmt::AnnAssign(node) => {
                if let Expr::Name(name) = &*node.target {
                    self.bind(name.id.as_str(), name);
                }
                node.value.iter().for_each(|value| self.visit_expr(value));
            }
            Stmt::AugAssign(node) => {
                if let Expr::Name(name) = &*node.target {
                    self.names.used.insert(name.id.as_str());
                    // Counted twice: such a name is never a constant.
                    self.bind(name.id.as_str(), name);
                }
                visitor::walk_stmt(self, stmt);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(_) => {}
            Expr::Name(name) => match name.ctx {
                ExprContext::Load => _ = self.names.used.insert(name.id.as_str()),
                ExprContext::Del => {
                    self.names.deleted.insert(name.id.as_str());
                    self.bind(name.id.as_str(), name);
                }
                _ => self.bind(name.id.as_str(), name),
            },
            _ => visitor::walk_expr(self, expr),
        }
    }

    /// The target of a comprehension belongs to the comprehension.
    fn visit_comprehension(&mut self, comprehension: &'a ruff_python_ast::Comprehension) {
        self.visit_expr(&comprehension.iter);
        comprehension.ifs.iter().for_each(|e| self.visit_expr(e));
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(node) = handler;
        if let Some(name) = &node.name {
            self.bind(name.as_str(), name);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(node) => node.name.iter().for_each(|name| self.bind(name.as_str(), name)),
            Pattern::MatchStar(node) => node.name.iter().for_each(|name| self.bind(name.as_str(), name)),
            Pattern::MatchMapping(node) => node.rest.iter().for_each(|name| self.bind(name.as_str(), name)),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}
