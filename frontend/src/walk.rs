//! Walking HIR: which functions are called, which variables a loop assigns.

use crate::hir::*;

/// Sees every statement and expression of a block, outer before inner.
pub(crate) trait Visitor {
    fn expr(&mut self, _expr: &Expr) {}
    fn stmt(&mut self, _stmt: &Stmt) {}
}

pub(crate) fn block(block: &Block, v: &mut impl Visitor) {
    block.iter().for_each(|s| stmt(s, v));
}

pub(crate) fn stmt(node: &Stmt, v: &mut impl Visitor) {
    v.stmt(node);
    match &node.kind {
        StmtKind::Expr(value) | StmtKind::Assign(_, value) | StmtKind::Return(Some(value)) => expr(value, v),
        StmtKind::Delete(_) | StmtKind::Return(None) | StmtKind::Break | StmtKind::Continue => {}
        StmtKind::If(arms, orelse) => {
            for (cond, body) in arms {
                expr(cond, v);
                block(body, v);
            }
            block(orelse, v);
        }
        StmtKind::While(cond, body, orelse) => {
            expr(cond, v);
            block(body, v);
            block(orelse, v);
        }
        StmtKind::For(node) => {
            [&node.start, &node.stop, &node.step].into_iter().for_each(|e| expr(e, v));
            block(&node.body, v);
            block(&node.orelse, v);
        }
        StmtKind::ForItems(blocks, orelse) => {
            blocks.iter().for_each(|b| block(b, v));
            block(orelse, v);
        }
        StmtKind::Raise(node) => raise(node, v),
        StmtKind::Try(node) => try_stmt(node, v),
        StmtKind::Assert(cond, text) => {
            expr(cond, v);
            text.iter().for_each(|text| parts(text, v));
        }
        StmtKind::Print(print) => parts(&print.parts, v),
        StmtKind::Store(store) => {
            expr(&store.buffer, v);
            store.positions.iter().for_each(|e| expr(e, v));
            expr(&store.value, v);
        }
        StmtKind::Sweep(mark, kept) => {
            expr(mark, v);
            kept.iter().flatten().for_each(|e| expr(e, v));
        }
    }
}

fn raise(node: &Raise, v: &mut impl Visitor) {
    match node {
        Raise::New(_, text) | Raise::Own(_, text) => text.iter().for_each(|text| parts(text, v)),
        Raise::From(inner, cause) => {
            raise(inner, v);
            cause.iter().for_each(|cause| expr(cause, v));
        }
        Raise::Again => {}
        Raise::Caught(value) | Raise::Exit(value) => expr(value, v),
    }
}

fn try_stmt(node: &Try, v: &mut impl Visitor) {
    block(&node.body, v);
    node.handlers.iter().for_each(|h| block(&h.body, v));
    block(&node.orelse, v);
    node.finally.iter().for_each(|b| block(b, v));
    block(&node.finally_abrupt, v);
}

pub(super) fn parts(list: &[Part], v: &mut impl Visitor) {
    for part in list {
        match part {
            Part::Lit(_) => {}
            Part::Value { value, spec, .. } => {
                expr(value, v);
                if let Spec::Parts(inner) = spec {
                    parts(inner, v);
                }
            }
            Part::Cond(cond, a, b) => {
                expr(cond, v);
                parts(a, v);
                parts(b, v);
            }
            Part::Repeat(inner, count) => {
                parts(inner, v);
                expr(count, v);
            }
        }
    }
}

/// An expression with everything in it.
pub(crate) fn expr(node: &Expr, v: &mut impl Visitor) {
    v.expr(node);
    match &node.kind {
        ExprKind::Walrus(_, a) | ExprKind::Unary(_, a) | ExprKind::Not(a) | ExprKind::Truth(a) => expr(a, v),
        ExprKind::Convert(_, a) | ExprKind::Item(a, _) => expr(a, v),
        ExprKind::Binary(_, a, b) => {
            expr(a, v);
            expr(b, v);
        }
        ExprKind::Compare(first, rest) => {
            expr(first, v);
            rest.iter().for_each(|(_, e)| expr(e, v));
        }
        ExprKind::And(items) | ExprKind::Or(items) | ExprKind::Tuple(items) => {
            items.iter().for_each(|e| expr(e, v))
        }
        ExprKind::Builtin(_, items) | ExprKind::Math(_, items) => items.iter().for_each(|e| expr(e, v)),
        ExprKind::If(items) => items.iter().for_each(|e| expr(e, v)),
        ExprKind::Call(_, args) => args.iter().for_each(|(_, e)| expr(e, v)),
        ExprKind::Text(list) => parts(list, v),
        ExprKind::Seq(stmts, value) => {
            block(stmts, v);
            expr(value, v);
        }
        _ => {}
    }
}

/// The functions that a block calls, each once, in the order of the first call.
pub(crate) fn callees(body: &Block) -> Vec<FuncId> {
    #[derive(Default)]
    struct Callees(Vec<FuncId>, std::collections::BTreeSet<FuncId>);
    impl Visitor for Callees {
        fn expr(&mut self, expr: &Expr) {
            if let ExprKind::Call(id, _) = &expr.kind
                && self.1.insert(*id)
            {
                self.0.push(*id);
            }
        }
    }
    let mut found = Callees::default();
    block(body, &mut found);
    found.0
}

/// The locals that statements and an expression bind or unbind, ascending.
pub(crate) fn assigned(blocks: &[&Block], cond: Option<&Expr>) -> Vec<LocalId> {
    #[derive(Default)]
    struct Assigned(std::collections::BTreeSet<LocalId>);
    impl Visitor for Assigned {
        fn expr(&mut self, expr: &Expr) {
            if let ExprKind::Walrus(Place::Local(local), _) = &expr.kind {
                self.0.insert(*local);
            }
        }
        fn stmt(&mut self, stmt: &Stmt) {
            match &stmt.kind {
                StmtKind::Assign(Place::Local(local), _) | StmtKind::Delete(local) => {
                    _ = self.0.insert(*local)
                }
                StmtKind::For(node) => {
                    if let Place::Local(local) = node.target {
                        self.0.insert(local);
                    }
                }
                StmtKind::Try(node) => self.0.extend(node.handlers.iter().filter_map(|h| h.bind)),
                _ => {}
            }
        }
    }
    let mut found = Assigned::default();
    blocks.iter().for_each(|b| block(b, &mut found));
    cond.into_iter().for_each(|e| expr(e, &mut found));
    found.0.into_iter().collect()
}
