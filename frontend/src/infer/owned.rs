//! Who frees buffers: functions that make buffers free them when they end.
//!
//! ```text
//! def f(n):                      %mark = mark
//!     while ...:                 try: while ...:
//!         a = zeros(n)      =>            sweep %mark           (what no variable holds any more)
//!         ...                             a = zeros(n)
//!     return a                        %kept = a; return %kept
//!                                finally: sweep %mark, keep %kept
//! ```
//!
//! In: a module whose functions are inferred. Out: the same; every buffer is freed once, at the latest when the
//! function that made it ends, unless that returns it: then it is as if the caller had made it. The runtime keeps
//! the buffers that are alive in the order in which they were made, so a mark is a number of buffers. A function
//! leaves those below its mark alone: they are its callers'. Buffers have no pointers in them, so what the
//! variables of one function hold is all that must stay; functions cannot keep buffers in module variables
//! (`bind_cell` refuses that), and loops within expressions do not sweep, because their surroundings may hold
//! buffers in no variable.
//!
//! The module's own code frees nothing when it ends, but sweeps in loops: its mark is 0.

use super::buffers::WORD;
use crate::hir::{
    Block, Builtin, Expr, ExprKind, Function, Local, LocalId, Module, Place, Stmt, StmtKind, Try,
};
use crate::types::Type;
use pyexec_base::Span;

/// Makes functions free what they make.
pub(super) fn own(module: &mut Module) {
    let main = module.main;
    let ids: Vec<_> = module.functions.ids().collect();
    for id in ids {
        let function = &mut module.functions[id];
        if !makes_in(&function.body) {
            continue;
        }
        match main == Some(id) {
            true => {
                let zero = Expr::new(ExprKind::Int(0), WORD, function.span);
                sweep_loops(&mut function.body, &zero);
            }
            false => function_owns(function),
        }
    }
}

fn function_owns(function: &mut Function) {
    let span = function.span;
    let mark = temp(function, "mark", WORD);
    let read_mark = Expr::new(ExprKind::Local(mark, false), WORD, span);
    let mut body = std::mem::take(&mut function.body);
    sweep_loops(&mut body, &read_mark);
    let kept = function.result.has_buffer().then(|| {
        let kept = temp(function, "kept", function.result.clone());
        keep_results(&mut body, kept, &function.result);
        Expr::new(ExprKind::Local(kept, false), function.result.clone(), span)
    });
    let sweep = Stmt { kind: StmtKind::Sweep(read_mark, Some(kept.into_iter().collect())), span };
    let end = vec![sweep];
    let guarded = Try {
        body,
        handlers: Vec::new(),
        orelse: Block::new(),
        finally: Some(end.clone()),
        finally_abrupt: end,
    };
    let now = Expr::new(ExprKind::Builtin(Builtin::BufferMark, Vec::new()), WORD, span);
    function.body = vec![
        Stmt { kind: StmtKind::Assign(Place::Local(mark), now), span },
        Stmt { kind: StmtKind::Try(Box::new(guarded)), span },
    ];
}

fn temp(function: &mut Function, name: &str, ty: Type) -> LocalId {
    function.locals.push(Local { name: format!("%{name}"), ty, flagged: false })
}

/// `return x` becomes `%kept = x; return %kept`.
fn keep_results(block: &mut Block, kept: LocalId, ty: &Type) {
    let mut out = Block::with_capacity(block.len());
    for mut stmt in block.drain(..) {
        if let StmtKind::Return(Some(value)) = &mut stmt.kind {
            let read = Expr::new(ExprKind::Local(kept, false), ty.clone(), value.span);
            let value = std::mem::replace(value, read);
            out.push(Stmt { kind: StmtKind::Assign(Place::Local(kept), value), span: stmt.span });
        }
        inner(&mut stmt, |block| keep_results(block, kept, ty));
        out.push(stmt);
    }
    *block = out;
}

/// Loops that make buffers begin each round by freeing those of the round before.
fn sweep_loops(block: &mut Block, mark: &Expr) {
    for stmt in block {
        inner(stmt, |block| sweep_loops(block, mark));
        let makes = stmt_makes(stmt);
        let body = match &mut stmt.kind {
            StmtKind::While(_, body, _) => body,
            StmtKind::For(node) => &mut node.body,
            _ => continue,
        };
        if makes {
            let span = body.first().map_or(Span::default(), |first| first.span);
            body.insert(0, Stmt { kind: StmtKind::Sweep(mark.clone(), None), span });
        }
    }
}

/// The blocks within a statement.
fn inner(stmt: &mut Stmt, mut work: impl FnMut(&mut Block)) {
    match &mut stmt.kind {
        StmtKind::If(arms, orelse) => {
            arms.iter_mut().for_each(|(_, body)| work(body));
            work(orelse);
        }
        StmtKind::While(_, body, orelse) => [body, orelse].into_iter().for_each(work),
        StmtKind::For(node) => [&mut node.body, &mut node.orelse].into_iter().for_each(work),
        StmtKind::ForItems(blocks, orelse) => {
            blocks.iter_mut().for_each(&mut work);
            work(orelse);
        }
        StmtKind::Try(node) => {
            work(&mut node.body);
            node.handlers.iter_mut().for_each(|handler| work(&mut handler.body));
            work(&mut node.orelse);
            node.finally.iter_mut().for_each(&mut work);
            work(&mut node.finally_abrupt);
        }
        _ => {}
    }
}

fn makes_in(block: &Block) -> bool {
    block.iter().any(stmt_makes)
}

/// Whether a statement makes a buffer, or gets one from a function that may have.
fn stmt_makes(stmt: &Stmt) -> bool {
    struct Makes(bool);
    impl crate::walk::Visitor for Makes {
        fn expr(&mut self, expr: &Expr) {
            self.0 |= match expr.kind {
                ExprKind::Builtin(Builtin::BufferNew, _) => true,
                ExprKind::Call(..) => expr.ty.has_buffer(),
                _ => false,
            };
        }
    }
    let mut makes = Makes(false);
    crate::walk::stmt(stmt, &mut makes);
    makes.0
}
