//! Statements made repeatable: within each, everything that has an effect comes last.
//!
//! ```text
//! return fib(n - 1) + fib(n - 2)   =>   %1 = fib(n - 1)
//!                                       %2 = fib(n - 2)
//!                                       return %1 + %2
//! while (n := step(n)) > 0: ...    =>   while { %1 = step(n); n = %1 } n > 0: ...
//! ```
//!
//! In: a typed function. Out: the same function; calls, assignments and clocks stand alone, as statements whose
//! operands are free of effects, and all other expressions can be evaluated twice. That is what lets the
//! fast body leave for the exact body in the middle of an expression: the exact body starts the statement anew.
//!
//! Operands keep their order: what is evaluated before an effect goes to a temporary, unless nothing can change
//! it (literals, locals that the effect does not bind). The same idea is known as A-normal form (Flanagan, Sabry,
//! Duba, Felleisen, "The essence of compiling with continuations", 1993), here only as far as effects ask for it.
//!
//! Left to others: which statements can be left at all (`points.rs`).

mod expr;
mod text;

use crate::hir::*;
use crate::types::Type;
use crate::walk::{self, Visitor};
use pyexec_base::{EntityVec, Span};
use pyexec_ir::rt::Exc;
use std::borrow::Cow;

/// A function whose statements are repeatable.
pub(super) fn steps(function: &Function) -> Cow<'_, Function> {
    let mut found = Effects::default();
    walk::block(&function.body, &mut found);
    if !found.any && !found.returns_through_finally {
        return Cow::Borrowed(function);
    }
    let mut steps = Steps { locals: function.locals.clone(), out: Vec::new(), in_finally: 0 };
    let body = steps.block(&function.body);
    Cow::Owned(Function { locals: steps.locals, body, ..function.clone() })
}

/// Whether anything is not yet as it should be.
#[derive(Default)]
struct Effects {
    any: bool,
    returns_through_finally: bool,
}

impl Visitor for Effects {
    fn expr(&mut self, expr: &Expr) {
        self.any |= is_effect(expr);
    }
    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Try(node) => self.returns_through_finally |= node.finally.is_some(),
            StmtKind::For(node) => self.any |= matches!(node.target, Place::Global(_)),
            _ => {}
        }
    }
}

/// Whether evaluating this very node twice could be noticed.
fn is_effect(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(..) | ExprKind::Walrus(..) | ExprKind::Seq(..) => true,
        ExprKind::Builtin(builtin, _) => {
            matches!(builtin, Builtin::PerfCounter | Builtin::Time | Builtin::BufferNew | Builtin::BufferMark)
        }
        _ => false,
    }
}

/// Whether anything in an expression is an effect.
fn has_effect(expr: &Expr) -> bool {
    let mut found = Effects::default();
    walk::expr(expr, &mut found);
    found.any
}

struct Steps {
    locals: EntityVec<LocalId, Local>,
    /// The statements made so far of the present block.
    out: Block,
    /// How many `try` statements with a `finally` are around.
    in_finally: usize,
}

impl Steps {
    fn block(&mut self, block: &Block) -> Block {
        let outer = std::mem::take(&mut self.out);
        block.iter().for_each(|stmt| self.stmt(stmt));
        std::mem::replace(&mut self.out, outer)
    }

    /// What `make` emits, as a block of its own, and what it returns.
    fn aside<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> (Block, T) {
        let outer = std::mem::take(&mut self.out);
        let made = make(self);
        (std::mem::replace(&mut self.out, outer), made)
    }

    fn push(&mut self, kind: StmtKind, span: Span) {
        self.out.push(Stmt { kind, span });
    }

    fn temporary(&mut self, ty: &Type) -> LocalId {
        let name = format!("%{}", self.locals.len());
        self.locals.push(Local { name, ty: ty.clone(), flagged: false })
    }

    /// Evaluates into a temporary here.
    fn keep(&mut self, value: Expr) -> Expr {
        let (ty, span) = (value.ty.clone(), value.span);
        let temporary = self.temporary(&ty);
        self.push(StmtKind::Assign(Place::Local(temporary), value), span);
        Expr::new(ExprKind::Local(temporary, false), ty, span)
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let span = stmt.span;
        let kind = match &stmt.kind {
            StmtKind::Expr(value) => match self.root(value) {
                Some(value) => StmtKind::Expr(value),
                None => return,
            },
            StmtKind::Assign(place, value) => self.assign(*place, value),
            StmtKind::If(arms, orelse) => return self.if_stmt(arms, orelse, span),
            StmtKind::While(cond, body, orelse) => {
                let (before, test) = self.aside(|steps| steps.pure(cond));
                let test = match before.is_empty() {
                    true => test,
                    false => {
                        let (ty, span) = (test.ty.clone(), test.span);
                        Expr::new(ExprKind::Seq(before, Box::new(test)), ty, span)
                    }
                };
                StmtKind::While(test, self.block(body), self.block(orelse))
            }
            StmtKind::For(node) => StmtKind::For(Box::new(self.for_range(node))),
            StmtKind::ForItems(blocks, orelse) => {
                StmtKind::ForItems(blocks.iter().map(|b| self.block(b)).collect(), self.block(orelse))
            }
            StmtKind::Return(Some(value)) => StmtKind::Return(Some(self.returned(value))),
            StmtKind::Raise(raise) => StmtKind::Raise(self.raise(raise)),
            StmtKind::Try(node) => StmtKind::Try(Box::new(self.try_stmt(node))),
            StmtKind::Assert(cond, message) => return self.assert(stmt, cond, message.as_deref()),
            StmtKind::Print(print) => {
                let parts = self.parts(&print.parts);
                StmtKind::Print(Box::new(Print { parts, ..**print }))
            }
            StmtKind::Store(store) => StmtKind::Store(Box::new(self.store(store))),
            StmtKind::Sweep(mark, kept) => {
                let mark = self.pure(mark);
                StmtKind::Sweep(mark, kept.as_ref().map(|kept| self.list(kept)))
            }
            StmtKind::Delete(_) | StmtKind::Return(None) | StmtKind::Break | StmtKind::Continue => {
                stmt.kind.clone()
            }
        };
        self.push(kind, span);
    }

    /// The value of a statement: free of effects, or a call. Nothing if only its effects mattered.
    fn root(&mut self, value: &Expr) -> Option<Expr> {
        match &value.kind {
            ExprKind::Call(callee, args) => {
                let call = self.call(*callee, args, value);
                // Integers that nobody wants need a variable as well, to end there.
                if super::repr::ints(&value.ty) > 0 {
                    self.keep(call);
                    return None;
                }
                Some(call)
            }
            ExprKind::Seq(block, last) => {
                block.iter().for_each(|stmt| self.stmt(stmt));
                self.root(last)
            }
            _ if has_effect(value) => {
                let value = self.pure(value);
                let is_read = matches!(value.kind, ExprKind::Local(_, false));
                (!is_read).then_some(value)
            }
            _ => Some(value.clone()),
        }
    }

    fn assign(&mut self, place: Place, value: &Expr) -> StmtKind {
        let value = match (&value.kind, place) {
            (ExprKind::Call(callee, args), Place::Local(local)) if self.locals[local].ty == value.ty => {
                self.call(*callee, args, value)
            }
            _ => self.pure(value),
        };
        StmtKind::Assign(place, value)
    }

    /// What is returned is kept from the statements of a `finally` that run before the end.
    fn returned(&mut self, value: &Expr) -> Expr {
        let value = self.pure(value);
        match self.in_finally > 0 && !is_literal(&value) {
            true => self.keep(value),
            false => value,
        }
    }

    fn if_stmt(&mut self, arms: &[(Expr, Block)], orelse: &Block, span: Span) {
        let Some(((cond, body), rest)) = arms.split_first() else {
            orelse.iter().for_each(|stmt| self.stmt(stmt));
            return;
        };
        let mut done = vec![(self.pure(cond), self.block(body))];
        let mut rest = rest.iter();
        let mut last = None;
        for (cond, body) in rest.by_ref() {
            if has_effect(cond) {
                last = Some((cond, body));
                break;
            }
            done.push((cond.clone(), self.block(body)));
        }
        let otherwise = match last {
            None => self.block(orelse),
            // What a later condition does, it does only if the earlier ones failed.
            Some((cond, body)) => {
                let left: Vec<(Expr, Block)> =
                    std::iter::once((cond.clone(), body.clone())).chain(rest.cloned()).collect();
                self.aside(|steps| steps.if_stmt(&left, orelse, span)).0
            }
        };
        self.push(StmtKind::If(done, otherwise), span);
    }

    fn store(&mut self, store: &Store) -> Store {
        let all: Vec<&Expr> =
            [&store.buffer].into_iter().chain(&store.positions).chain([&store.value]).collect();
        let mut operands = self.operands(&all).into_iter();
        let mut next = || operands.next().expect("invariant: as many operands as were given");
        let buffer = next();
        let positions = store.positions.iter().map(|_| next()).collect();
        Store { buffer, positions, value: next() }
    }

    fn for_range(&mut self, node: &ForRange) -> ForRange {
        let bounds = self.operands(&[&node.start, &node.stop, &node.step]);
        let [start, stop, step] =
            <[Expr; 3]>::try_from(bounds).expect("invariant: as many operands as were given");
        let (body, orelse) = (self.block(&node.body), self.block(&node.orelse));
        let (target, body) = match node.target {
            Place::Local(_) => (node.target, body),
            // Assigning to a global may leave, which takes a statement.
            Place::Global(_) => self.bind_global(node, body),
        };
        ForRange { target, start, stop, step, reversed: node.reversed, body, orelse }
    }

    /// `for g in r: body` as `for %1 in r: g = %1; body`.
    fn bind_global(&mut self, node: &ForRange, mut body: Block) -> (Place, Block) {
        let (ty, span) = (Type::Int, node.start.span);
        let item = self.temporary(&ty);
        let value = Expr::new(ExprKind::Local(item, false), ty, span);
        body.insert(0, Stmt { kind: StmtKind::Assign(node.target, value), span });
        (Place::Local(item), body)
    }

    fn raise(&mut self, raise: &Raise) -> Raise {
        match raise {
            Raise::New(exc, Some(parts)) => Raise::New(*exc, Some(self.parts(parts))),
            Raise::Exit(status) => Raise::Exit(self.pure(status)),
            Raise::Own(class, Some(parts)) => Raise::Own(*class, Some(self.parts(parts))),
            // A cause is a local.
            Raise::From(inner, cause) => Raise::From(Box::new(self.raise(inner)), cause.clone()),
            Raise::New(_, None) | Raise::Own(_, None) | Raise::Caught(_) | Raise::Again => raise.clone(),
        }
    }

    fn try_stmt(&mut self, node: &Try) -> Try {
        let inside = usize::from(node.finally.is_some());
        self.in_finally += inside;
        let body = self.block(&node.body);
        let handlers = node.handlers.iter().map(|h| Handler { body: self.block(&h.body), ..h.clone() });
        let handlers = handlers.collect();
        let orelse = self.block(&node.orelse);
        self.in_finally -= inside;
        let finally = node.finally.as_ref().map(|b| self.block(b));
        Try { body, handlers, orelse, finally, finally_abrupt: self.block(&node.finally_abrupt) }
    }

    /// With effects, `assert c, m` is `if not c: raise AssertionError(m)`.
    fn assert(&mut self, stmt: &Stmt, cond: &Expr, message: Option<&[Part]>) {
        let (span, message) = (stmt.span, message.unwrap_or(&[]));
        if !has_effect(cond) && !text::have_effect(message) {
            self.out.push(stmt.clone());
            return;
        }
        let cond = self.pure(cond);
        let failed = Expr::new(ExprKind::Not(Box::new(cond)), Type::Bool, span);
        let (mut body, parts) = self.aside(|steps| steps.parts(message));
        let kind = StmtKind::Raise(Raise::New(Exc::AssertionError, Some(parts)));
        body.push(Stmt { kind, span });
        self.push(StmtKind::If(vec![(failed, body)], Vec::new()), span);
    }
}

/// Whether an expression is the same at any time.
fn is_literal(expr: &Expr) -> bool {
    use ExprKind::*;
    matches!(expr.kind, Int(_) | Big(_) | Float(_) | Bool(_) | Complex(..) | Str(_) | None | Bad)
}
