//! What loops and generators go over beside ranges: buffers, and `enumerate`, `zip` and `reversed` of them.
//!
//! ```text
//! for i, x in enumerate(a):     =>   %a = a
//!     body                           for %k in range(len(%a)):      (%k is a machine word, see `counted`)
//!                                        i = int(%k); x = %a[%k]    (in range: not checked)
//!                                        body
//! ```
//!
//! A source is something that has a number of items and an item at each position. A `zip` is as long as its
//! shortest part.

use super::Infer;
use super::buffers::{WORD, item_of, word_of};
use crate::hir::{
    BinaryOp, Block, Builtin, CompareOp, Convert, Expr, ExprKind, LocalId, Place, Stmt, StmtKind,
};
use crate::known::Known;
use crate::types::{Buffer, Type};
use pyexec_base::Span;
use ruff_python_ast as ast;

/// Something that is gone over by position.
pub(super) enum Source {
    /// A buffer in a variable; from its end or not.
    Buffer(Buffer, Expr, bool),
    /// The items of a tuple.
    Items(Vec<Expr>),
    /// Numbers from a start in steps of one: start and how many, both in variables or literals.
    Range(Expr, Expr),
    /// The number of each item, from a start, and the item.
    Enumerate(Expr, Box<Source>),
    /// Items side by side.
    Zip(Vec<Source>),
}

impl<'a> Infer<'a> {
    /// The call of a built-in by its bare name.
    fn builtin_call(&self, iter: &'a ast::Expr) -> Option<(Known, &'a ast::ExprCall)> {
        let ast::Expr::Call(call) = iter else { return None };
        let ast::Expr::Name(name) = &*call.func else { return None };
        Some((self.known(name.id.as_str())?, call))
    }

    /// Whether this is a call that only sources understand.
    pub(super) fn is_source_call(&self, iter: &'a ast::Expr) -> bool {
        matches!(self.builtin_call(iter), Some((Known::Enumerate | Known::Zip | Known::Reversed, _)))
    }

    /// A source; what it is made of is evaluated into `setup`. What is none is reported.
    pub(super) fn source(&mut self, iter: &'a ast::Expr, setup: &mut Block) -> Option<Source> {
        let span = self.span(iter);
        match self.builtin_call(iter) {
            Some((Known::Enumerate, call)) => self.enumerate_source(call, span, setup),
            Some((Known::Zip, call)) => self.zip_source(call, span, setup),
            Some((Known::Range, call)) => self.range_source(call, span, setup),
            Some((Known::Reversed, call)) => {
                let ([inner], true) = (&*call.arguments.args, call.arguments.keywords.is_empty()) else {
                    self.error("E0304", span, "reversed() takes one argument");
                    return None;
                };
                let value = self.expr(inner);
                self.value_source(value, true, setup)
            }
            _ => {
                let value = self.expr(iter);
                self.value_source(value, false, setup)
            }
        }
    }

    /// A buffer or a tuple as a source.
    pub(super) fn value_source(&mut self, value: Expr, reversed: bool, setup: &mut Block) -> Option<Source> {
        match value.ty {
            Type::Buffer(buffer) if buffer.rank == 2 && reversed => {
                self.unsupported("U0313", value.span, "reversed() of two dimensions is not compiled", "");
                None
            }
            Type::Buffer(buffer) => Some(Source::Buffer(buffer, self.keep(value, setup), reversed)),
            Type::Tuple(ref types) => {
                let types = types.clone();
                let whole = self.keep(value, setup);
                let item = |(i, ty): (usize, &Type)| {
                    Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), whole.span)
                };
                let mut items: Vec<Expr> = types.iter().enumerate().map(item).collect();
                if reversed {
                    items.reverse();
                }
                Some(Source::Items(items))
            }
            Type::Unknown => None,
            ref other => {
                let message = format!("going over {other} is not compiled here");
                let help = "range(...), buffers, and enumerate, zip and reversed of them are";
                self.unsupported("U0313", value.span, message, help);
                None
            }
        }
    }

    fn enumerate_source(&mut self, call: &'a ast::ExprCall, span: Span, setup: &mut Block) -> Option<Source> {
        let (inner, start) = match (&*call.arguments.args, &*call.arguments.keywords) {
            ([inner], []) => (inner, None),
            ([inner, start], []) => (inner, Some(start)),
            ([inner], [keyword]) if keyword.arg.as_deref() == Some("start") => (inner, Some(&keyword.value)),
            _ => {
                self.error("E0304", span, "enumerate() takes what to go over, and a start");
                return None;
            }
        };
        let inner = self.source(inner, setup)?;
        let start = match start {
            None => Expr::new(ExprKind::Int(0), Type::Int, span),
            Some(start) => self.expr(start),
        };
        if !start.ty.is_integral() {
            if !start.ty.is_unknown() {
                self.error("E0302", start.span, format!("enumerate() starts with int, not {}", start.ty));
            }
            return None;
        }
        let start = self.widen(start, &Type::Int);
        Some(Source::Enumerate(self.keep(start, setup), Box::new(inner)))
    }

    fn zip_source(&mut self, call: &'a ast::ExprCall, span: Span, setup: &mut Block) -> Option<Source> {
        let args = &*call.arguments.args;
        if args.is_empty() || !call.arguments.keywords.is_empty() || args.iter().any(|a| a.is_starred_expr())
        {
            let help = "compare the lengths before the loop instead of strict=True";
            self.unsupported("U0235", span, "zip() is only compiled with one or more plain arguments", help);
            return None;
        }
        let parts: Option<Vec<Source>> = args.iter().map(|arg| self.source(arg, setup)).collect();
        parts.map(Source::Zip)
    }

    fn range_source(&mut self, call: &'a ast::ExprCall, span: Span, setup: &mut Block) -> Option<Source> {
        let [start, stop, step] = self.range_arguments(call)?;
        if step.as_int() != Some(1) {
            self.unsupported("U0236", span, "within zip and enumerate, ranges have steps of 1", "");
            return None;
        }
        let start = self.keep(start, setup);
        if start.as_int() == Some(0) && stop.as_int().is_some() {
            return Some(Source::Range(start, word_of(stop)));
        }
        let stop = self.keep(stop, setup);
        let binary = |op, a: &Expr, b: &Expr| {
            Expr::new(ExprKind::Binary(op, Box::new(a.clone()), Box::new(b.clone())), Type::Int, span)
        };
        let some = Expr::new(
            ExprKind::Compare(Box::new(start.clone()), vec![(CompareOp::Lt, stop.clone())]),
            Type::Bool,
            span,
        );
        let none = Expr::new(ExprKind::Int(0), Type::Int, span);
        let many = binary(BinaryOp::Sub, &stop, &start);
        let count = Expr::new(ExprKind::If(Box::new([some, many, none])), Type::Int, span);
        let count = self.keep(word_of(count), setup);
        Some(Source::Range(start, count))
    }

    /// How many items a source has, a machine word.
    pub(super) fn count_of(&self, source: &Source, span: Span) -> Expr {
        match source {
            Source::Buffer(_, whole, _) => length(whole, span),
            Source::Range(_, count) => count.clone(),
            Source::Items(items) => Expr::new(ExprKind::Int(items.len() as i64), WORD, span),
            Source::Enumerate(_, inner) => self.count_of(inner, span),
            Source::Zip(parts) => {
                let counts: Vec<Expr> = parts.iter().map(|part| self.count_of(part, span)).collect();
                Expr::new(ExprKind::Builtin(Builtin::Min, counts), WORD, span)
            }
        }
    }

    /// The item at a position that is in range.
    pub(super) fn item_at(&mut self, source: &Source, position: &Expr, span: Span) -> Expr {
        match source {
            Source::Buffer(buffer, whole, reversed) => {
                let mut at = position.clone();
                if *reversed {
                    // length - 1 - position: all of them are lengths, so nothing wraps.
                    let one = Expr::new(ExprKind::Int(1), WORD, span);
                    let last = sub_words(length(whole, span), one, span);
                    at = sub_words(last, at, span);
                }
                self.buffer_item_at(*buffer, whole, at, span)
            }
            Source::Range(start, _) => self.number_at(start, position, span),
            Source::Items(items) => self.tuple_item_at(items, position, span),
            Source::Enumerate(start, inner) => {
                let number = self.number_at(start, position, span);
                let item = self.item_at(inner, position, span);
                self.tuple_of(vec![number, item], span)
            }
            Source::Zip(parts) => {
                let items = parts.iter().map(|part| self.item_at(part, position, span)).collect();
                self.tuple_of(items, span)
            }
        }
    }

    /// All items one after another, if every part is a tuple: then the loop is unrolled.
    pub(super) fn known_items(&mut self, source: &Source, span: Span) -> Option<Vec<Expr>> {
        match source {
            Source::Items(items) => Some(items.clone()),
            Source::Buffer(..) | Source::Range(..) => None,
            Source::Enumerate(start, inner) => {
                let items = self.known_items(inner, span)?;
                let numbered = items.into_iter().enumerate().map(|(i, item)| {
                    let position = Expr::new(ExprKind::Int(i as i64), Type::Int, span);
                    let number = match start.as_int() {
                        Some(0) => position,
                        _ => self.binary(ast::Operator::Add, start.clone(), position, span),
                    };
                    self.tuple_of(vec![number, item], span)
                });
                Some(numbered.collect())
            }
            Source::Zip(parts) => {
                let parts: Option<Vec<Vec<Expr>>> = parts.iter().map(|p| self.known_items(p, span)).collect();
                let parts = parts?;
                let count = parts.iter().map(Vec::len).min().unwrap_or(0);
                let row = |i: usize| parts.iter().map(|part| part[i].clone()).collect::<Vec<_>>();
                Some((0..count).map(|i| self.tuple_of(row(i), span)).collect())
            }
        }
    }

    /// An item of a tuple beside a buffer: all items must have one type.
    fn tuple_item_at(&mut self, items: &[Expr], position: &Expr, span: Span) -> Expr {
        match items.first().map(|first| first.ty.clone()) {
            Some(ty) if items.iter().all(|item| item.ty == ty) => {
                let whole = self.tuple_of(items.to_vec(), span);
                let zero = Expr::new(ExprKind::Int(0), Type::Int, span);
                let index = self.number_at(&zero, position, span);
                Expr::new(ExprKind::Builtin(Builtin::TupleItem, vec![whole, index]), ty, span)
            }
            _ => {
                let message = "beside a buffer or a range, the items of a tuple must all have the same type";
                self.unsupported("U0210", span, message, "");
                self.bad(span)
            }
        }
    }

    fn buffer_item_at(&mut self, buffer: Buffer, whole: &Expr, at: Expr, span: Span) -> Expr {
        if buffer.rank == 2 {
            let ty = Type::Buffer(Buffer { rank: 1, ..buffer });
            return Expr::new(ExprKind::Builtin(Builtin::BufferRow, vec![whole.clone(), at]), ty, span);
        }
        let item = item_of(buffer, whole.clone(), vec![at], span);
        self.as_read(item, span)
    }

    /// `start + position` as a Python int.
    fn number_at(&mut self, start: &Expr, position: &Expr, span: Span) -> Expr {
        let number =
            Expr::new(ExprKind::Convert(Convert::FromSized, Box::new(position.clone())), Type::Int, span);
        match start.as_int() {
            Some(0) => number,
            _ => self.binary(ast::Operator::Add, start.clone(), number, span),
        }
    }

    /// A loop over a source, built from the statements of its body.
    pub(super) fn source_loop(
        &mut self,
        node: &'a ast::StmtFor,
        source: &Source,
        span: Span,
        out: &mut Block,
    ) {
        let counter = self.temp("k", WORD);
        let at = self.span(&*node.iter);
        let count = self.count_of(source, at);
        let count = self.keep(count, out);
        let walk = self.walk_to_fixpoint(span, |infer, mark| {
            let ends = infer.fx.flow.changes(mark);
            let mut body = Block::new();
            let position = Expr::new(ExprKind::Local(counter, false), WORD, at);
            let item = infer.item_at(source, &position, at);
            infer.assign_target(&node.target, item, &mut body);
            infer.block(&node.body, &mut body);
            (body, Some(ends))
        });
        let orelse = self.loop_else(walk.ends, walk.breaks, &node.orelse);
        out.extend(counted(counter, count, walk.parts, orelse, at));
    }
}

/// `for counter in range(count)`, all machine words, whatever becomes of ints: the counter is that of no `int`,
/// so the exact body of the function counts as the fast body does.
///
/// ```text
/// k = -1
/// while k + 1 < count:
///     k = k + 1
///     body
/// ```
pub(super) fn counted(counter: LocalId, count: Expr, mut body: Block, orelse: Block, span: Span) -> Block {
    let word = |value| Expr::new(ExprKind::Int(value), WORD, span);
    let now = Expr::new(ExprKind::Local(counter, false), WORD, span);
    let next = Expr::new(ExprKind::Binary(BinaryOp::Add, Box::new(now), Box::new(word(1))), WORD, span);
    let more = ExprKind::Compare(Box::new(next.clone()), vec![(CompareOp::Lt, count)]);
    let assign = |value| Stmt { kind: StmtKind::Assign(Place::Local(counter), value), span };
    body.insert(0, assign(next));
    let more = Expr::new(more, Type::Bool, span);
    vec![assign(word(-1)), Stmt { kind: StmtKind::While(more, body, orelse), span }]
}

fn length(whole: &Expr, span: Span) -> Expr {
    Expr::new(ExprKind::Builtin(Builtin::BufferLen(0), vec![whole.clone()]), WORD, span)
}

fn sub_words(left: Expr, right: Expr, span: Span) -> Expr {
    Expr::new(ExprKind::Binary(BinaryOp::Sub, Box::new(left), Box::new(right)), WORD, span)
}
