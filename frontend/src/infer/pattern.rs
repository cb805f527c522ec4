//! `match`: a chain of tests on a subject that is kept.

use super::Infer;
use crate::hir::{Block, CompareOp, Expr, ExprKind, Stmt, StmtKind};
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;
use ruff_python_ast::{Pattern, Singleton};

impl<'a> Infer<'a> {
    pub(super) fn match_stmt(&mut self, node: &'a ast::StmtMatch, span: Span, out: &mut Block) {
        let subject = self.expr(&node.subject);
        let subject = self.keep(subject, out);
        let (mut arms, mut orelse, mut exits) = (Vec::new(), Block::new(), Vec::new());
        let outer = self.fx.flow.mark();
        let mut open = true;
        for case in &node.cases {
            let mut tests = Vec::new();
            let before = self.fx.flow.mark();
            self.pattern(&case.pattern, &subject, &mut tests);
            if let Some(guard) = &case.guard {
                tests.push(self.cond(guard));
            }
            let tested = self.fx.flow.changes(before);
            let mut body = Block::new();
            self.block(&case.body, &mut body);
            exits.push(self.fx.flow.changes(outer));
            // The next case is tried after this one failed anywhere between its first test and its last.
            self.fx.flow.undo(before);
            let untested = self.fx.flow.changes(before);
            self.fx.flow.join(&[tested, untested]);
            tests.retain(|t| t.as_bool() != Some(true));
            if tests.iter().all(is_capture) {
                // Nothing can fail: what the pattern binds, then the body.
                orelse = tests
                    .into_iter()
                    .map(|test| Stmt { span: test.span, kind: StmtKind::Expr(test) })
                    .collect();
                orelse.extend(body);
                open = false;
                break;
            }
            let cond = Expr::new(ExprKind::And(tests), Type::Bool, self.span(case));
            arms.push((cond, body));
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

    /// Appends the tests that decide whether a pattern matches.
    fn pattern(&mut self, pattern: &'a Pattern, subject: &Expr, tests: &mut Vec<Expr>) {
        let span = self.span(pattern);
        match pattern {
            Pattern::MatchValue(node) => {
                let value = self.expr(&node.value);
                self.equals(subject, value, span, tests);
            }
            Pattern::MatchSingleton(node) => {
                let (kind, ty) = match node.value {
                    Singleton::None => (ExprKind::None, Type::None),
                    Singleton::True => (ExprKind::Bool(true), Type::Bool),
                    Singleton::False => (ExprKind::Bool(false), Type::Bool),
                };
                if subject.ty == ty && ty != Type::None {
                    self.equals(subject, Expr::new(kind, ty, span), span, tests);
                } else {
                    tests.push(Expr::new(ExprKind::Bool(subject.ty == ty), Type::Bool, span));
                }
            }
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, subject, tests);
                }
                if let Some(name) = &node.name {
                    self.capture(name.as_str(), subject, span, tests);
                }
            }
            Pattern::MatchOr(node) => self.alternatives(node, subject, span, tests),
            Pattern::MatchSequence(node) => self.sequence(&node.patterns, subject, span, tests),
            Pattern::MatchMapping(_) | Pattern::MatchClass(_) | Pattern::MatchStar(_) => {
                self.diagnostics.push(crate::support::pattern(pattern).diagnostic(span));
            }
        }
    }

    fn equals(&mut self, subject: &Expr, value: Expr, span: Span, tests: &mut Vec<Expr>) {
        let numeric = |ty: &Type| ty.is_number() || matches!(ty, Type::Sized(_));
        if !(numeric(&subject.ty) && numeric(&value.ty) || subject.ty == Type::Str && value.ty == Type::Str) {
            // A pattern of another type never matches.
            let known = subject.ty.is_unknown() || value.ty.is_unknown();
            return tests.push(Expr::new(ExprKind::Bool(known), Type::Bool, span));
        }
        let kind = ExprKind::Compare(Box::new(subject.clone()), vec![(CompareOp::Eq, value)]);
        tests.push(Expr::new(kind, Type::Bool, span));
    }

    /// A name in a pattern binds the subject as soon as the tests before it hold.
    fn capture(&mut self, name: &'a str, subject: &Expr, span: Span, tests: &mut Vec<Expr>) {
        if let Some((place, value)) = self.bind_name(name, span, subject.clone()) {
            let ty = value.ty.clone();
            let bound = Expr::new(ExprKind::Walrus(place, Box::new(value)), ty, span);
            let stmt = Stmt { kind: StmtKind::Expr(bound), span };
            let yes = Expr::new(ExprKind::Bool(true), Type::Bool, span);
            tests.push(Expr::new(ExprKind::Seq(vec![stmt], Box::new(yes)), Type::Bool, span));
        }
    }

    fn alternatives(
        &mut self,
        node: &'a ast::PatternMatchOr,
        subject: &Expr,
        span: Span,
        tests: &mut Vec<Expr>,
    ) {
        let mut options = Vec::new();
        for pattern in &node.patterns {
            let mut inner = Vec::new();
            self.pattern(pattern, subject, &mut inner);
            options.push(match inner.len() {
                0 => Expr::new(ExprKind::Bool(true), Type::Bool, span),
                1 => inner.remove(0),
                _ => Expr::new(ExprKind::And(inner), Type::Bool, span),
            });
        }
        tests.push(Expr::new(ExprKind::Or(options), Type::Bool, span));
    }

    fn sequence(&mut self, patterns: &'a [Pattern], subject: &Expr, span: Span, tests: &mut Vec<Expr>) {
        if let Some(star) = patterns.iter().find(|p| matches!(p, Pattern::MatchStar(_))) {
            let at = self.span(star);
            return self.diagnostics.push(crate::support::pattern(star).diagnostic(at));
        }
        let Type::Tuple(types) = subject.ty.clone() else {
            return tests.push(Expr::new(ExprKind::Bool(false), Type::Bool, span));
        };
        if types.len() != patterns.len() {
            return tests.push(Expr::new(ExprKind::Bool(false), Type::Bool, span));
        }
        for (index, (pattern, ty)) in patterns.iter().zip(types.iter()).enumerate() {
            let item = Expr::new(ExprKind::Item(Box::new(subject.clone()), index), ty.clone(), span);
            self.pattern(pattern, &item, tests);
        }
    }
}

/// Whether a test only binds a name.
fn is_capture(test: &Expr) -> bool {
    matches!(&test.kind, ExprKind::Seq(_, value) if value.as_bool() == Some(true))
}
