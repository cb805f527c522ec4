//! Loops: `while`, `for` over ranges, `for` over tuples.
//!
//! A loop is walked with the state at its head taken to be the state on entry, joined with what earlier
//! walks found. If the back edge then brings a state that the head does not cover, the walk is thrown away
//! and repeated. A variable that is unbound on entry and bound in the body needs no second walk, unless the
//! body read it while it was unbound.

use super::flow::{Delta, Mark, NameId, VarState};
use super::{Infer, LoopFrame};
use crate::hir::{Block, Expr, ExprKind, ForRange, Place, Stmt, StmtKind};
use crate::known::Known;
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;

/// How many items of a tuple a loop may be unrolled over.
const MAX_UNROLL: usize = 64;

/// Variables with what is known of them.
type States = Vec<(NameId, VarState)>;

/// What one walk of a loop body gives.
pub(super) struct Walk<T> {
    pub parts: T,
    /// Where the loop ends by itself (condition false, range exhausted).
    pub ends: Delta,
    pub breaks: Vec<Delta>,
}

impl<'a> Infer<'a> {
    /// Walks a loop until its head is stable. `walk` builds the loop's parts, and returns the state in which
    /// the loop ends by itself, relative to the mark.
    pub(super) fn walk_to_fixpoint<T>(
        &mut self,
        key: Span,
        mut walk: impl FnMut(&mut Self, Mark) -> (T, Option<Delta>),
    ) -> Walk<T> {
        if let Some(known) = self.fx.heads.get(&key.lo).cloned() {
            for (name, state) in known {
                let joined = self.fx.flow.get(name).join(&state);
                self.fx.flow.set(name, joined);
            }
        }
        loop {
            let reported = self.diagnostics.len();
            let read = self.fx.unbound_reads.len();
            let mark = self.fx.flow.mark();
            self.fx.loops.push(LoopFrame { mark, breaks: Vec::new(), continues: Vec::new() });
            let (parts, ends) = walk(self, mark);
            let last = self.fx.flow.undo(mark);
            let frame = self.fx.loops.pop().expect("invariant: pushed above");
            let mut back = frame.continues;
            back.push(last);
            let (doubtful, grown) = self.compare_heads(&back, read);
            if grown.is_empty() {
                let ends = self.ending(ends, &back, doubtful);
                return Walk { parts, ends, breaks: frame.breaks };
            }
            self.diagnostics.truncate(reported);
            self.fx.unbound_reads.truncate(read);
            for (name, state) in &grown {
                self.fx.flow.set(*name, state.clone());
            }
            let heads = self.fx.heads.entry(key.lo).or_default();
            heads.retain(|(name, _)| grown.iter().all(|(other, _)| other != name));
            heads.extend(grown);
        }
    }

    /// Compares the head of the loop with what comes back to it. First result: variables that are bound
    /// only if the body ran, which nothing in the body noticed. Second: what the head must become.
    fn compare_heads(&mut self, back: &[Delta], read: usize) -> (States, States) {
        let (mut doubtful, mut grown): (States, States) = Default::default();
        for (name, state) in back.iter().filter(|d| d.reachable).flat_map(|d| &d.changes) {
            let head = self.fx.flow.get(*name);
            let joined = head.join(state);
            if joined.same(head) {
                continue;
            }
            let unbound = matches!(head, VarState::Unbound);
            let list = if unbound && !self.fx.unbound_reads[read..].contains(name) {
                &mut doubtful
            } else {
                &mut grown
            };
            match list.iter_mut().find(|(other, _)| other == name) {
                Some((_, old)) => *old = old.join(&joined),
                None => list.push((*name, joined)),
            }
        }
        (doubtful, grown)
    }

    /// The state after a loop that ended by itself. `ends` is relative to the head; nothing means that the
    /// body has run at least once, so that only the back edges count.
    fn ending(&mut self, ends: Option<Delta>, back: &[Delta], doubtful: States) -> Delta {
        let Some(mut ends) = ends else {
            let mark = self.fx.flow.mark();
            self.fx.flow.join(back);
            return self.fx.flow.undo(mark);
        };
        for (name, state) in doubtful {
            if ends.changes.iter().all(|(other, _)| *other != name) {
                ends.changes.push((name, state));
            }
        }
        ends
    }

    /// The `else` of a loop, and where it meets the breaks.
    pub(super) fn loop_else(&mut self, ends: Delta, breaks: Vec<Delta>, orelse: &'a [ast::Stmt]) -> Block {
        let mut block = Block::new();
        let mark = self.fx.flow.mark();
        self.fx.flow.join(std::slice::from_ref(&ends));
        self.block(orelse, &mut block);
        let mut exits = breaks;
        exits.push(self.fx.flow.undo(mark));
        self.fx.flow.join(&exits);
        block
    }

    pub(super) fn while_loop(&mut self, node: &'a ast::StmtWhile, span: Span, out: &mut Block) {
        let walk = self.walk_to_fixpoint(span, |infer, mark| {
            let cond = infer.cond(&node.test);
            let mut ends = infer.fx.flow.changes(mark);
            ends.reachable = cond.as_bool() != Some(true);
            infer.fx.flow.reachable = cond.as_bool() != Some(false);
            let mut body = Block::new();
            infer.block(&node.body, &mut body);
            ((cond, body), Some(ends))
        });
        let (cond, body) = walk.parts;
        let orelse = self.loop_else(walk.ends, walk.breaks, &node.orelse);
        out.push(Stmt { kind: StmtKind::While(cond, body, orelse), span });
    }

    pub(super) fn for_loop(&mut self, node: &'a ast::StmtFor, span: Span, out: &mut Block) {
        if let Some((call, reversed)) = self.range_call(&node.iter) {
            return self.for_range(node, call, reversed, span, out);
        }
        if self.is_source_call(&node.iter) {
            let Some(source) = self.source(&node.iter, out) else { return };
            let Some(items) = self.known_items(&source, span) else {
                return self.source_loop(node, &source, span, out);
            };
            let ty = Type::tuple(items.iter().map(|item| item.ty.clone()));
            let iter = Expr::new(ExprKind::Tuple(items), ty, span);
            return self.for_tuple(node, iter, span, out);
        }
        let iter = self.expr(&node.iter);
        if let Type::Buffer(_) = iter.ty {
            if let Some(source) = self.value_source(iter, false, out) {
                self.source_loop(node, &source, span, out);
            }
            return;
        }
        self.for_tuple(node, iter, span, out);
    }

    fn for_tuple(&mut self, node: &'a ast::StmtFor, iter: Expr, span: Span, out: &mut Block) {
        match iter.ty.clone() {
            Type::Tuple(types) if types.len() <= MAX_UNROLL => self.for_items(node, iter, &types, span, out),
            Type::Tuple(_) => {
                let message = format!("loops over tuples of more than {MAX_UNROLL} items are not compiled");
                self.unsupported("U0312", iter.span, message, "");
            }
            Type::Unknown => {}
            other => {
                let help = "loop over range(...), a tuple or a buffer";
                self.unsupported("U0313", iter.span, format!("a loop over {other} is not compiled"), help);
            }
        }
    }

    /// Recognises `range(...)` and `reversed(range(...))`.
    pub(super) fn range_call(&self, iter: &'a ast::Expr) -> Option<(&'a ast::ExprCall, bool)> {
        let ast::Expr::Call(call) = iter else { return None };
        let ast::Expr::Name(name) = &*call.func else { return None };
        match self.known(name.id.as_str())? {
            Known::Range => Some((call, false)),
            Known::Reversed => match (&call.arguments.args[..], call.arguments.keywords.is_empty()) {
                ([inner], true) => {
                    self.range_call(inner).filter(|(_, reversed)| !reversed).map(|(c, _)| (c, true))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Start, stop and step of a call of `range`.
    pub(super) fn range_arguments(&mut self, call: &'a ast::ExprCall) -> Option<[Expr; 3]> {
        let span = self.span(call);
        let literal = |value| Expr::new(ExprKind::Int(value), Type::Int, span);
        if !call.arguments.keywords.is_empty() || call.arguments.args.iter().any(|a| a.is_starred_expr()) {
            self.error("E0301", span, "range() takes no keyword arguments");
            return None;
        }
        let mut args = Vec::new();
        for arg in &call.arguments.args {
            let value = self.expr(arg);
            if !value.ty.is_integral() && !value.ty.is_unknown() {
                self.error("E0302", value.span, format!("range() needs int, not {}", value.ty));
                return None;
            }
            args.push(self.widen(value, &Type::Int));
        }
        match <[Expr; 1]>::try_from(args) {
            Ok([stop]) => Some([literal(0), stop, literal(1)]),
            Err(mut args) if args.len() == 2 || args.len() == 3 => {
                let step = if args.len() == 3 { args.pop() } else { None };
                let stop = args.pop()?;
                Some([args.pop()?, stop, step.unwrap_or(literal(1))])
            }
            Err(args) => {
                self.error("E0301", span, format!("range() takes 1 to 3 arguments, not {}", args.len()));
                None
            }
        }
    }

    fn for_range(
        &mut self,
        node: &'a ast::StmtFor,
        call: &'a ast::ExprCall,
        reversed: bool,
        span: Span,
        out: &mut Block,
    ) {
        let Some([start, stop, step]) = self.range_arguments(call) else { return };
        let runs = runs_at_least_once(&start, &stop, &step);
        let walk = self.walk_to_fixpoint(span, |infer, mark| {
            let ends = (!runs).then(|| infer.fx.flow.changes(mark));
            let mut body = Block::new();
            let target = infer.range_target(&node.target, &mut body);
            infer.block(&node.body, &mut body);
            ((target, body), ends)
        });
        let (target, body) = walk.parts;
        let orelse = self.loop_else(walk.ends, walk.breaks, &node.orelse);
        let kind = ForRange { target, start, stop, step, reversed, body, orelse };
        out.push(Stmt { kind: StmtKind::For(Box::new(kind)), span });
    }

    fn range_target(&mut self, target: &'a ast::Expr, body: &mut Block) -> Place {
        let span = self.span(target);
        let value = Expr::new(ExprKind::Int(0), Type::Int, span);
        let bound = match target {
            ast::Expr::Name(name) => self.bind_name(name.id.as_str(), span, value),
            other => {
                self.assign_target(other, value, body);
                None
            }
        };
        match bound {
            // A declared type may ask for a conversion, which a loop variable has no room for.
            Some((place, value)) if value.ty == Type::Int => place,
            _ => Place::Local(self.temp("i", Type::Int)),
        }
    }

    /// A loop over a tuple: the body once for each item, because items may differ in type.
    fn for_items(&mut self, node: &'a ast::StmtFor, iter: Expr, types: &[Type], span: Span, out: &mut Block) {
        let items: Vec<Expr> = match iter.kind {
            ExprKind::Tuple(items) => items.into_iter().map(|item| self.keep(item, out)).collect(),
            _ => {
                let whole = self.keep(iter, out);
                let item = |(i, ty): (usize, &Type)| {
                    Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), whole.span)
                };
                types.iter().enumerate().map(item).collect()
            }
        };
        let mark = self.fx.flow.mark();
        let (mut blocks, mut breaks) = (Vec::new(), Vec::new());
        for item in items {
            self.fx.loops.push(LoopFrame { mark, breaks: Vec::new(), continues: Vec::new() });
            let mut block = Block::new();
            self.assign_target(&node.target, item, &mut block);
            self.block(&node.body, &mut block);
            let Some(frame) = self.fx.loops.pop() else { break };
            blocks.push(block);
            breaks.extend(frame.breaks);
            if !frame.continues.is_empty() {
                let mut arrivals = frame.continues;
                arrivals.push(self.fx.flow.undo(mark));
                self.fx.flow.join(&arrivals);
            }
            if !self.fx.flow.reachable {
                break;
            }
        }
        let ends = self.fx.flow.undo(mark);
        let orelse = self.loop_else(ends, breaks, &node.orelse);
        out.push(Stmt { kind: StmtKind::ForItems(blocks, orelse), span });
    }
}

/// Whether a range of constants has an item.
fn runs_at_least_once(start: &Expr, stop: &Expr, step: &Expr) -> bool {
    match (start.as_int(), stop.as_int(), step.as_int()) {
        (Some(start), Some(stop), Some(step)) => step > 0 && start < stop || step < 0 && start > stop,
        _ => false,
    }
}
