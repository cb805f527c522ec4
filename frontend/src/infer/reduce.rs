//! `sum`, `any`, `all`, `min`, `max` over a generator expression: loops.
//!
//! ```text
//! sum(x * x for x in range(n) if x % 2)   =>   r = 0
//!                                              for x in range(n):
//!                                                  if x % 2: r = r + x * x
//! ```
//!
//! `sum` of floats is compensated as CPython does since 3.12 (Neumaier's variant of Kahan's summation).

use super::Infer;
use super::buffers::WORD;
use super::iterate::{Source, counted};
use crate::hir::{
    BinaryOp, Block, Builtin, CompareOp, Expr, ExprKind, ForRange, LocalId, Part, Place, Raise, Stmt,
    StmtKind,
};
use crate::known::Known;
use crate::types::Type;
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use ruff_python_ast as ast;
use ruff_python_ast::Operator;

/// The locals of a reduction.
#[derive(Clone, Copy)]
struct Accumulator {
    result: LocalId,
    /// The compensation of a sum of floats.
    rest: LocalId,
    /// Whether there was an item.
    any: LocalId,
}

impl<'a> Infer<'a> {
    /// `sum(...)`, `any(...)`, `all(...)`.
    pub(super) fn reduction(&mut self, known: Known, node: &'a ast::ExprCall, span: Span) -> Expr {
        let args = &*node.arguments.args;
        let start = match (args, &*node.arguments.keywords) {
            ([_], []) => None,
            ([_, start], []) if known == Known::Sum => Some(start),
            ([_], [keyword]) if known == Known::Sum && keyword.arg.as_deref() == Some("start") => {
                Some(&keyword.value)
            }
            _ => {
                self.error("E0304", span, "this takes one iterable");
                return self.bad(span);
            }
        };
        let start = start.map(|e| self.expr(e));
        if let ast::Expr::Generator(generator) = &args[0] {
            return self.reduce_generator(known, generator, start, span);
        }
        let value = self.expr(&args[0]);
        match value.ty.clone() {
            Type::Tuple(types) => self.reduce_tuple(known, value, &types, start, span),
            Type::Buffer(_) => self.reduce_buffer(known, value, start, span),
            Type::Unknown => value,
            other => {
                let help = "give it a tuple, a buffer or a generator: sum(x for x in range(n))";
                self.unsupported("U0228", span, format!("this function of {other} is not compiled"), help);
                self.bad(span)
            }
        }
    }

    fn reduce_tuple(
        &mut self,
        known: Known,
        value: Expr,
        types: &[Type],
        start: Option<Expr>,
        span: Span,
    ) -> Expr {
        let mut block = Block::new();
        let whole = self.keep(value, &mut block);
        let items: Vec<Expr> = types
            .iter()
            .enumerate()
            .map(|(i, ty)| Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), span))
            .collect();
        let result = match known {
            Known::Sum => self.sum_items(items, start, &mut block, span),
            _ => {
                let tests: Vec<Expr> = items.into_iter().map(|e| self.truth(e)).collect();
                let kind = match (known, tests.is_empty()) {
                    (_, true) => ExprKind::Bool(known == Known::All),
                    (Known::All, _) => ExprKind::And(tests),
                    _ => ExprKind::Or(tests),
                };
                Expr::new(kind, Type::Bool, span)
            }
        };
        let ty = result.ty.clone();
        Expr::new(ExprKind::Seq(block, Box::new(result)), ty, span)
    }

    fn sum_items(&mut self, items: Vec<Expr>, start: Option<Expr>, block: &mut Block, span: Span) -> Expr {
        let mut sum = start.unwrap_or(Expr::new(ExprKind::Int(0), Type::Int, span));
        if items.iter().all(|item| item.ty.is_integral()) || sum.ty == Type::Complex {
            return items.into_iter().fold(sum, |sum, item| self.binary(Operator::Add, sum, item, span));
        }
        let mut accumulator = None;
        for item in items {
            if sum.ty != Type::Float || !matches!(item.ty, Type::Float) {
                if accumulator.is_some() {
                    self.unsupported(
                        "U0229",
                        span,
                        "a sum of ints after floats is not compiled",
                        "make all items float",
                    );
                    return self.bad(span);
                }
                sum = self.binary(Operator::Add, sum, item, span);
                continue;
            }
            let acc = *accumulator.get_or_insert_with(|| self.new_accumulator(Type::Float));
            if let ExprKind::Local(local, _) = sum.kind {
                debug_assert_eq!(local, acc.result);
            } else {
                let value = std::mem::replace(&mut sum, self.local(acc.result, span));
                block.push(assign(acc.result, value, span));
                block.push(assign(acc.rest, float(0.0, span), span));
            }
            self.compensated_step(acc, item, span, block);
        }
        match accumulator {
            Some(acc) => {
                self.compensated_end(acc, span, block);
                self.local(acc.result, span)
            }
            None => sum,
        }
    }

    fn new_accumulator(&mut self, ty: Type) -> Accumulator {
        Accumulator {
            result: self.temp("result", ty),
            rest: self.temp("rest", Type::Float),
            any: self.temp("any", Type::Bool),
        }
    }

    fn local(&self, local: LocalId, span: Span) -> Expr {
        Expr::new(ExprKind::Local(local, false), self.fx.locals[local].ty.clone(), span)
    }

    /// One step of a compensated sum: with t = s + x, the part of the smaller operand that t lost is
    /// gathered in `rest`.
    fn compensated_step(&mut self, acc: Accumulator, item: Expr, span: Span, block: &mut Block) {
        let x = self.keep(item, block);
        let s = self.local(acc.result, span);
        let total = self.temp("total", Type::Float);
        let t = self.local(total, span);
        block.push(assign(total, op(BinaryOp::Add, &s, &x), span));
        let abs = |e: &Expr| Expr::new(ExprKind::Builtin(Builtin::Abs, vec![e.clone()]), Type::Float, span);
        let s_is_greater =
            Expr::new(ExprKind::Compare(Box::new(abs(&s)), vec![(CompareOp::Ge, abs(&x))]), Type::Bool, span);
        let lost_of_x = op(BinaryOp::Add, &op(BinaryOp::Sub, &s, &t), &x);
        let lost_of_s = op(BinaryOp::Add, &op(BinaryOp::Sub, &x, &t), &s);
        let lost = Expr::new(ExprKind::If(Box::new([s_is_greater, lost_of_x, lost_of_s])), Type::Float, span);
        let rest = self.local(acc.rest, span);
        block.push(assign(acc.rest, op(BinaryOp::Add, &rest, &lost), span));
        block.push(assign(acc.result, t, span));
    }

    /// The end of a compensated sum: `rest` is added if it is a number other than zero.
    fn compensated_end(&mut self, acc: Accumulator, span: Span, block: &mut Block) {
        let rest = self.local(acc.rest, span);
        let finite =
            Expr::new(ExprKind::Math(crate::known::MathFn::Isfinite, vec![rest.clone()]), Type::Bool, span);
        let nonzero = Expr::new(ExprKind::Truth(Box::new(rest.clone())), Type::Bool, span);
        let test = Expr::new(ExprKind::And(vec![nonzero, finite]), Type::Bool, span);
        let sum = op(BinaryOp::Add, &self.local(acc.result, span), &rest);
        let add = vec![assign(acc.result, sum, span)];
        block.push(Stmt { kind: StmtKind::If(vec![(test, add)], Block::new()), span });
    }

    /// A reduction of a generator expression.
    pub(super) fn reduce_generator(
        &mut self,
        known: Known,
        node: &'a ast::ExprGenerator,
        start: Option<Expr>,
        span: Span,
    ) -> Expr {
        let mark = self.fx.flow.mark();
        let hidden = self.fx.hidden.len();
        let mut heads = Vec::new();
        let mut setup = Block::new();
        for (depth, generator) in node.generators.iter().enumerate() {
            match self.generator_head(generator, depth, &mut setup) {
                Some(head) => heads.push(head),
                None => {
                    self.fx.hidden.truncate(hidden);
                    return self.bad(span);
                }
            }
        }
        let logical = matches!(known, Known::Any | Known::All);
        let item = if logical { self.cond(&node.elt) } else { self.expr(&node.elt) };
        self.fx.hidden.truncate(hidden);
        let entered = self.fx.flow.changes(mark);
        self.fx.flow.undo(mark);
        let skipped = self.fx.flow.changes(mark);
        self.fx.flow.join(&[entered, skipped]);
        if item.ty.is_unknown() || heads.iter().any(|h| h.tests.iter().any(|t| t.ty.is_unknown())) {
            return self.bad(span);
        }
        self.reduce_heads(known, heads, item, start, span, setup)
    }

    /// `sum(a)` and the like.
    pub(super) fn reduce_buffer(
        &mut self,
        known: Known,
        value: Expr,
        start: Option<Expr>,
        span: Span,
    ) -> Expr {
        let mut setup = Block::new();
        let Some(source) = self.value_source(value, false, &mut setup) else { return self.bad(span) };
        let (head, item) = self.source_head(&source, span);
        let logical = matches!(known, Known::Any | Known::All);
        let item = if logical { self.truth(item) } else { item };
        self.reduce_heads(known, vec![head], item, start, span, setup)
    }

    /// A loop over the positions of a source, and the item there.
    fn source_head(&mut self, source: &Source, span: Span) -> (Head, Expr) {
        let target = self.temp("k", WORD);
        let position = Expr::new(ExprKind::Local(target, false), WORD, span);
        let item = self.item_at(source, &position, span);
        let zero = Expr::new(ExprKind::Int(0), WORD, span);
        let one = Expr::new(ExprKind::Int(1), Type::Int, span);
        let range = [zero, self.count_of(source, span), one];
        (Head { target, range, reversed: false, before: Block::new(), tests: Vec::new() }, item)
    }

    /// The loops of a reduction, the innermost doing its step.
    fn reduce_heads(
        &mut self,
        known: Known,
        heads: Vec<Head>,
        item: Expr,
        start: Option<Expr>,
        span: Span,
        mut setup: Block,
    ) -> Expr {
        let logical = matches!(known, Known::Any | Known::All);
        let Some((acc, step, end)) = self.reduction_steps(known, item, start, span, &mut setup) else {
            return self.bad(span);
        };
        let mut body = step;
        let inner = heads.len() - 1;
        for (depth, head) in heads.into_iter().enumerate().rev() {
            if logical && depth < inner {
                body.push(self.leave_if_known(known, acc, span));
            }
            for test in head.tests.into_iter().rev() {
                body = vec![Stmt { kind: StmtKind::If(vec![(test, body)], Block::new()), span }];
            }
            body.splice(0..0, head.before);
            let [start, stop, step] = head.range;
            if start.ty == WORD {
                body = counted(head.target, stop, body, Block::new(), span);
                continue;
            }
            let target = Place::Local(head.target);
            let for_range =
                ForRange { target, start, stop, step, reversed: head.reversed, body, orelse: Block::new() };
            body = vec![Stmt { kind: StmtKind::For(Box::new(for_range)), span }];
        }
        setup.extend(body);
        setup.extend(end);
        let result = self.local(acc.result, span);
        let ty = result.ty.clone();
        Expr::new(ExprKind::Seq(setup, Box::new(result)), ty, span)
    }

    fn generator_head(
        &mut self,
        generator: &'a ast::Comprehension,
        depth: usize,
        setup: &mut Block,
    ) -> Option<Head> {
        let at = self.span(&generator.target);
        let help = "write a loop";
        if generator.is_async {
            self.unsupported("U0230", at, "asynchronous generators are not compiled", help);
            return None;
        }
        let Some((call, reversed)) = self.range_call(&generator.iter) else {
            if depth > 0 {
                let message = "only the first loop of a generator can go over other things than range(...)";
                self.unsupported("U0230", at, message, help);
                return None;
            }
            let source = self.source(&generator.iter, setup)?;
            let (mut head, item) = self.source_head(&source, at);
            self.hide(&generator.target, item, &mut head.before)?;
            head.tests = generator.ifs.iter().map(|test| self.cond(test)).collect();
            return Some(head);
        };
        let range = self.range_arguments(call)?;
        let ast::Expr::Name(name) = &generator.target else {
            self.unsupported("U0230", at, "generators are only compiled with one loop variable", help);
            return None;
        };
        let target = self.temp(name.id.as_str(), Type::Int);
        self.fx.hidden.push((name.id.as_str(), target));
        let tests = generator.ifs.iter().map(|test| self.cond(test)).collect();
        Some(Head { target, range, reversed, before: Block::new(), tests })
    }

    /// Binds the targets of a generator, which hide variables of the same names.
    fn hide(&mut self, target: &'a ast::Expr, item: Expr, before: &mut Block) -> Option<()> {
        let at = self.span(target);
        match (target, &item.ty) {
            (_, Type::Unknown) => None,
            (ast::Expr::Name(name), ty) => {
                let local = self.temp(name.id.as_str(), ty.clone());
                self.fx.hidden.push((name.id.as_str(), local));
                before.push(assign(local, item, at));
                Some(())
            }
            (ast::Expr::Tuple(targets), Type::Tuple(types)) if targets.elts.len() == types.len() => {
                let types = types.clone();
                let whole = self.keep(item, before);
                for (i, (target, ty)) in targets.elts.iter().zip(types.iter()).enumerate() {
                    let part = Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), at);
                    self.hide(target, part, before)?;
                }
                Some(())
            }
            _ => {
                let message = "this target does not fit the items, or is no name";
                self.unsupported("U0230", at, message, "write a loop");
                None
            }
        }
    }

    /// `if result is decided: break`, for loops around the innermost.
    fn leave_if_known(&mut self, known: Known, acc: Accumulator, span: Span) -> Stmt {
        let result = self.local(acc.result, span);
        let decided = match known {
            Known::Any => result,
            _ => Expr::new(ExprKind::Not(Box::new(result)), Type::Bool, span),
        };
        let leave = vec![Stmt { kind: StmtKind::Break, span }];
        Stmt { kind: StmtKind::If(vec![(decided, leave)], Block::new()), span }
    }

    /// What happens before the loop, for each item, and after the loop.
    fn reduction_steps(
        &mut self,
        known: Known,
        item: Expr,
        start: Option<Expr>,
        span: Span,
        setup: &mut Block,
    ) -> Option<(Accumulator, Block, Block)> {
        match known {
            Known::Any | Known::All => {
                let acc = self.new_accumulator(Type::Bool);
                setup.push(assign(acc.result, bool_literal(known == Known::All, span), span));
                let decided = match known {
                    Known::Any => item,
                    _ => Expr::new(ExprKind::Not(Box::new(item)), Type::Bool, span),
                };
                let found = vec![
                    assign(acc.result, bool_literal(known == Known::Any, span), span),
                    Stmt { kind: StmtKind::Break, span },
                ];
                let step = vec![Stmt { kind: StmtKind::If(vec![(decided, found)], Block::new()), span }];
                Some((acc, step, Block::new()))
            }
            Known::Sum => self.sum_steps(item, start, span, setup),
            _ => self.extreme_steps(known, item, span, setup),
        }
    }

    fn sum_steps(
        &mut self,
        item: Expr,
        start: Option<Expr>,
        span: Span,
        setup: &mut Block,
    ) -> Option<(Accumulator, Block, Block)> {
        let given = start.is_some();
        let start = start.unwrap_or(Expr::new(ExprKind::Int(0), Type::Int, span));
        let (mut step, mut end) = (Block::new(), Block::new());
        if item.ty == Type::Float && matches!(start.ty, Type::Int | Type::Float) {
            let may_be_int = start.ty == Type::Int;
            let acc = self.new_accumulator(Type::Float);
            let start = self.widen(start, &Type::Float);
            setup.push(assign(acc.result, start, span));
            setup.push(assign(acc.rest, float(0.0, span), span));
            setup.push(assign(acc.any, bool_literal(false, span), span));
            self.compensated_step(acc, item, span, &mut step);
            step.push(assign(acc.any, bool_literal(true, span), span));
            self.compensated_end(acc, span, &mut end);
            if may_be_int {
                let start = if given { "the start value" } else { "0" };
                let text = format!("sum() of no floats is the int {start}: give sum() a float to start with");
                end.push(self.raise_if_none(acc, Exc::NotImplementedError, &text, span));
            }
            return Some((acc, step, end));
        }
        let probe = self.binary(Operator::Add, start.clone(), item.clone(), span);
        if probe.ty.is_unknown() {
            return None;
        }
        if probe.ty != start.ty {
            let message =
                format!("a sum that starts as {} and goes on as {} is not compiled", start.ty, probe.ty);
            self.unsupported("U0229", span, message, "give sum() a start value of the type of the items");
            return None;
        }
        let acc = self.new_accumulator(start.ty.clone());
        setup.push(assign(acc.result, start, span));
        let sum = self.local(acc.result, span);
        let sum = self.binary(Operator::Add, sum, item, span);
        step.push(assign(acc.result, sum, span));
        Some((acc, step, end))
    }

    fn extreme_steps(
        &mut self,
        known: Known,
        item: Expr,
        span: Span,
        setup: &mut Block,
    ) -> Option<(Accumulator, Block, Block)> {
        let zero = match item.ty {
            Type::Int => ExprKind::Int(0),
            Type::Float => ExprKind::Float(0.0),
            _ => {
                let message = format!("min() and max() over a generator of {} are not compiled", item.ty);
                self.unsupported("U0226", span, message, "");
                return None;
            }
        };
        let acc = self.new_accumulator(item.ty.clone());
        setup.push(assign(acc.result, Expr::new(zero, item.ty.clone(), span), span));
        setup.push(assign(acc.any, bool_literal(false, span), span));
        let mut step = Block::new();
        let item = self.keep(item, &mut step);
        let order = if known == Known::Min { CompareOp::Lt } else { CompareOp::Gt };
        let best = self.local(acc.result, span);
        let better =
            Expr::new(ExprKind::Compare(Box::new(item.clone()), vec![(order, best)]), Type::Bool, span);
        let first = Expr::new(ExprKind::Not(Box::new(self.local(acc.any, span))), Type::Bool, span);
        let test = Expr::new(ExprKind::Or(vec![first, better]), Type::Bool, span);
        let take = vec![assign(acc.result, item, span), assign(acc.any, bool_literal(true, span), span)];
        step.push(Stmt { kind: StmtKind::If(vec![(test, take)], Block::new()), span });
        let name = if known == Known::Min { "min" } else { "max" };
        let text = format!("{name}() iterable argument is empty");
        let end = vec![self.raise_if_none(acc, Exc::ValueError, &text, span)];
        Some((acc, step, end))
    }

    fn raise_if_none(&mut self, acc: Accumulator, exc: Exc, text: &str, span: Span) -> Stmt {
        let none = Expr::new(ExprKind::Not(Box::new(self.local(acc.any, span))), Type::Bool, span);
        let raise = StmtKind::Raise(Raise::New(exc, Some(vec![Part::Lit(text.into())])));
        let body = vec![Stmt { kind: raise, span }];
        Stmt { kind: StmtKind::If(vec![(none, body)], Block::new()), span }
    }
}

struct Head {
    target: LocalId,
    range: [Expr; 3],
    reversed: bool,
    /// Runs before the tests, in each round.
    before: Block,
    tests: Vec<Expr>,
}

fn assign(local: LocalId, value: Expr, span: Span) -> Stmt {
    Stmt { kind: StmtKind::Assign(Place::Local(local), value), span }
}

fn float(value: f64, span: Span) -> Expr {
    Expr::new(ExprKind::Float(value), Type::Float, span)
}

fn bool_literal(value: bool, span: Span) -> Expr {
    Expr::new(ExprKind::Bool(value), Type::Bool, span)
}

fn op(op: BinaryOp, left: &Expr, right: &Expr) -> Expr {
    let kind = ExprKind::Binary(op, Box::new(left.clone()), Box::new(right.clone()));
    Expr::new(kind, left.ty.clone(), right.span)
}
