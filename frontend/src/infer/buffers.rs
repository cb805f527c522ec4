//! Typed buffers: items, slices, allocation, attributes.
//!
//! ```text
//! a[i] += x    =>    %a = a; %i = index0(%a, int64(i)); %a[%i] = pack(int(item(%a, %i)) + x)
//! ```
//!
//! A buffer means what a `memoryview` of that format means: items that are read are plain `int`, `float` or `bool`;
//! a value that is written must fit. Rows of two dimensions, which memoryview leaves out, are views as in NumPy.

use super::Infer;
use super::annotation::buffer_item;
use crate::hir::{Block, Builtin, Convert, Expr, ExprKind, Stmt, StmtKind, Store};
use crate::types::{Buffer, Item, Sized, Type};
use pyexec_base::Span;
use ruff_python_ast as ast;

/// The type of positions and lengths: a machine word that no exactness is asked of.
pub(super) const WORD: Type = Type::Sized(Sized::Int64);

impl<'a> Infer<'a> {
    /// `a[...]`.
    pub(super) fn buffer_subscript(
        &mut self,
        buffer: Buffer,
        value: Expr,
        index: &'a ast::Expr,
        span: Span,
    ) -> Expr {
        let mut block = Block::new();
        let whole = self.keep_buffer(value, index, &mut block);
        let result = match (index, buffer.rank) {
            (ast::Expr::Slice(slice), 1) => self.buffer_slice(buffer, whole, slice, span),
            (ast::Expr::Slice(_), _) => {
                self.unsupported(
                    "U0232",
                    span,
                    "slices of two dimensions are not compiled",
                    "slice a row: a[i][1:]",
                );
                self.bad(span)
            }
            (ast::Expr::Tuple(_), _) | (_, 1) => match self.positions(buffer, &whole, index, &mut block) {
                Some(positions) => item_of(buffer, whole, positions, span),
                None => self.bad(span),
            },
            _ => match self.position(&whole, 0, index) {
                Some(at) => {
                    let ty = Type::Buffer(Buffer { rank: 1, ..buffer });
                    Expr::new(ExprKind::Builtin(Builtin::BufferRow, vec![whole, at]), ty, span)
                }
                None => self.bad(span),
            },
        };
        let result = self.as_read(result, span);
        after_all(block, result)
    }

    /// Makes a buffer cheap to use several times. A variable is, unless the index binds it anew.
    fn keep_buffer(&mut self, value: Expr, index: &'a ast::Expr, out: &mut Block) -> Expr {
        let binds = || ast::helpers::any_over_expr(index, |e: &ast::Expr| e.is_named_expr());
        match value.kind {
            ExprKind::Local(_, false) if !binds() => value,
            _ => self.keep(value, out),
        }
    }

    /// An item as Python sees it.
    pub(super) fn as_read(&mut self, value: Expr, span: Span) -> Expr {
        let to = match &value.ty {
            Type::Sized(sized) if sized.is_int() => Type::Int,
            Type::Sized(Sized::Float32) => Type::Float,
            _ => return value,
        };
        Expr::new(ExprKind::Convert(Convert::FromSized, Box::new(value)), to, span)
    }

    /// Checked positions, one for each dimension.
    fn positions(
        &mut self,
        buffer: Buffer,
        whole: &Expr,
        index: &'a ast::Expr,
        block: &mut Block,
    ) -> Option<Vec<Expr>> {
        let indices = match index {
            ast::Expr::Tuple(tuple) => tuple.elts.as_slice(),
            one => std::slice::from_ref(one),
        };
        if indices.len() != usize::from(buffer.rank) {
            let at = self.span(index);
            let message = format!("this buffer has {} dimensions, not {}", buffer.rank, indices.len());
            self.error("E0206", at, message);
            return None;
        }
        // All indices are evaluated before any is checked.
        let words: Option<Vec<Expr>> = indices.iter().map(|e| self.index_word(e)).collect();
        let many = indices.len() > 1;
        let words: Vec<Expr> =
            words?.into_iter().map(|w| if many { self.keep(w, block) } else { w }).collect();
        Some(words.into_iter().enumerate().map(|(i, w)| checked(whole, i as u8, w)).collect())
    }

    fn position(&mut self, whole: &Expr, dimension: u8, index: &'a ast::Expr) -> Option<Expr> {
        let word = self.index_word(index)?;
        Some(checked(whole, dimension, word))
    }

    /// An index or a bound as a machine word.
    fn index_word(&mut self, index: &'a ast::Expr) -> Option<Expr> {
        let value = self.expr(index);
        if index.is_slice_expr() || index.is_starred_expr() || value.ty.is_unknown() {
            return None;
        }
        if !value.ty.is_integral() && !matches!(&value.ty, Type::Sized(s) if s.is_int()) {
            self.error("E0207", value.span, format!("an index must be int, not {}", value.ty));
            return None;
        }
        let value = self.adapt_to(value, &Type::Int);
        Some(word_of(value))
    }

    fn buffer_slice(&mut self, buffer: Buffer, whole: Expr, slice: &'a ast::ExprSlice, span: Span) -> Expr {
        let mut args = vec![whole];
        let mut given = [false; 3];
        let mut strided = buffer.strided;
        for (i, bound) in [&slice.lower, &slice.upper, &slice.step].into_iter().enumerate() {
            let Some(bound) = bound.as_deref().filter(|e| !e.is_none_literal_expr()) else { continue };
            let Some(word) = self.index_word(bound) else { return self.bad(span) };
            if i == 2 && matches!(word.kind, ExprKind::Int(1)) {
                continue;
            }
            strided |= i == 2;
            given[i] = true;
            args.push(word);
        }
        let ty = Type::Buffer(Buffer { strided, ..buffer });
        Expr::new(ExprKind::Builtin(Builtin::BufferSlice(given), args), ty, span)
    }

    // ---- Writing ----

    /// `a[...] = value`.
    pub(super) fn store_item(
        &mut self,
        buffer: Buffer,
        container: Expr,
        index: &'a ast::Expr,
        value: Expr,
        span: Span,
        out: &mut Block,
    ) {
        if index.is_slice_expr() || buffer.rank == 2 && !index.is_tuple_expr() {
            let help = "write a loop over its items";
            return self.unsupported("U0321", span, "assigning to slices and rows is not compiled", help);
        }
        let whole = self.keep_buffer(container, index, out);
        let Some(positions) = self.positions(buffer, &whole, index, out) else { return };
        // The index is checked before the value is converted.
        let positions: Vec<Expr> = positions.into_iter().map(|p| self.keep(p, out)).collect();
        let Some(value) = self.packed(value, buffer.item) else { return };
        let store = Store { buffer: whole, positions, value };
        out.push(Stmt { kind: StmtKind::Store(Box::new(store)), span });
    }

    /// `a[...] op= value`.
    pub(super) fn augmented_item(
        &mut self,
        target: &'a ast::ExprSubscript,
        node: &'a ast::StmtAugAssign,
        span: Span,
        out: &mut Block,
    ) {
        let container = self.expr(&target.value);
        let Type::Buffer(buffer) = container.ty else {
            if !container.ty.is_unknown() {
                let message = format!("augmented assignment to items of {} is not compiled", container.ty);
                self.unsupported("U0305", span, message, "assign to a variable");
            }
            return;
        };
        if target.slice.is_slice_expr() || buffer.rank == 2 && !target.slice.is_tuple_expr() {
            let help = "write a loop over its items";
            return self.unsupported("U0321", span, "assigning to slices and rows is not compiled", help);
        }
        let whole = self.keep(container, out);
        let Some(positions) = self.positions(buffer, &whole, &target.slice, out) else { return };
        let positions: Vec<Expr> = positions.into_iter().map(|p| self.keep(p, out)).collect();
        let at = self.span(target);
        let old = item_of(buffer, whole.clone(), positions.clone(), at);
        let old = self.as_read(old, at);
        // The right side may change the item; Python has read it already.
        let old = self.keep(old, out);
        let value = self.expr(&node.value);
        let value = self.binary(node.op, old, value, span);
        let Some(value) = self.packed(value, buffer.item) else { return };
        let store = Store { buffer: whole, positions, value };
        out.push(Stmt { kind: StmtKind::Store(Box::new(store)), span });
    }

    /// A value as an item lies in memory.
    fn packed(&mut self, value: Expr, item: Item) -> Option<Expr> {
        let stored = item.stored();
        if value.ty == stored {
            return Some(value);
        }
        let span = value.span;
        let fits = match item {
            _ if value.ty.is_unknown() => return None,
            Item::Bool => false,
            Item::Sized(sized) if sized.is_int() => {
                value.ty.is_integral() || matches!(&value.ty, Type::Sized(s) if s.is_int())
            }
            _ => {
                matches!(value.ty, Type::Bool | Type::Int | Type::Float)
                    || matches!(&value.ty, Type::Sized(s) if *s != Sized::Complex64)
            }
        };
        if !fits {
            let message = format!("an item of {}[:] cannot be {}", item.name(), value.ty);
            self.error("E0212", span, message);
            return None;
        }
        Some(match item {
            Item::Sized(sized) if sized.is_int() => {
                let value = self.adapt_to(value, &Type::Int);
                Expr::new(ExprKind::Convert(Convert::Pack(sized), Box::new(value)), stored, span)
            }
            Item::Sized(_) => {
                let value = self.adapt_to(value, &Type::Float);
                self.adapt_to(value, &stored)
            }
            _ => self.adapt_to(value, &stored),
        })
    }

    // ---- The whole ----

    /// The length of a dimension.
    pub(super) fn buffer_len(&mut self, value: Expr, dimension: u8, span: Span) -> Expr {
        let length = Expr::new(ExprKind::Builtin(Builtin::BufferLen(dimension), vec![value]), WORD, span);
        self.as_read(length, span)
    }

    pub(super) fn buffer_attribute(&mut self, buffer: Buffer, value: Expr, name: &str, span: Span) -> Expr {
        let literal = |value: u32| Expr::new(ExprKind::Int(value.into()), Type::Int, span);
        let mut block = Block::new();
        let whole = self.keep(value, &mut block);
        let result = match name {
            "shape" => {
                let lengths = (0..buffer.rank).map(|d| self.buffer_len(whole.clone(), d, span)).collect();
                self.tuple_of(lengths, span)
            }
            "ndim" => literal(buffer.rank.into()),
            "itemsize" => literal(buffer.item.bytes()),
            "nbytes" => {
                let lengths = (0..buffer.rank).map(|d| self.buffer_len(whole.clone(), d, span));
                let lengths: Vec<Expr> = lengths.collect();
                let size = literal(buffer.item.bytes());
                lengths.into_iter().fold(size, |a, b| self.binary(ast::Operator::Mult, a, b, span))
            }
            _ => {
                let message = format!("attribute `{name}` of a buffer is not compiled");
                self.unsupported("U0208", span, message, "shape, ndim, itemsize and nbytes are");
                return self.bad(span);
            }
        };
        after_all(block, result)
    }

    /// `zeros(n)`, `zeros((n, m))`, both with a type of items.
    pub(super) fn zeros(&mut self, node: &'a ast::ExprCall, span: Span) -> Expr {
        let (lengths, item) = match (&*node.arguments.args, &*node.arguments.keywords) {
            ([lengths], []) => (lengths, None),
            ([lengths, item], []) => (lengths, Some(item)),
            ([lengths], [keyword]) if keyword.arg.as_deref() == Some("dtype") => {
                (lengths, Some(&keyword.value))
            }
            _ => {
                self.error("E0304", span, "zeros() takes the length and the type of the items");
                return self.bad(span);
            }
        };
        let lengths = match lengths {
            ast::Expr::Tuple(tuple) => tuple.elts.as_slice(),
            one => std::slice::from_ref(one),
        };
        if !(1..=2).contains(&lengths.len()) {
            self.unsupported("U0233", span, "buffers have one or two dimensions here", "");
            return self.bad(span);
        }
        let item = match item {
            None => Some(Item::Float64),
            Some(item) => self.item_type(item),
        };
        let words: Option<Vec<Expr>> = lengths.iter().map(|e| self.index_word(e)).collect();
        let (Some(item), Some(words)) = (item, words) else { return self.bad(span) };
        let ty = Type::Buffer(Buffer { item, rank: words.len() as u8, strided: false });
        Expr::new(ExprKind::Builtin(Builtin::BufferNew, words), ty, span)
    }

    fn item_type(&mut self, expr: &'a ast::Expr) -> Option<Item> {
        let name = match expr {
            ast::Expr::Name(name) => name.id.as_str(),
            ast::Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        let item = self.known_callee(expr).and_then(|known| buffer_item(known, name));
        if item.is_none() {
            let at = self.span(expr);
            let help = "bool_, int8 to int64, uint8 to uint64, float32 and float64 of pyexec are";
            self.unsupported("U0234", at, "this is no type of items that is compiled", help);
        }
        item
    }
}

/// A Python int as a machine word.
pub(super) fn word_of(value: Expr) -> Expr {
    let span = value.span;
    match value.as_int() {
        Some(int) => Expr::new(ExprKind::Int(int), WORD, span),
        None => Expr::new(ExprKind::Convert(Convert::Fit(Sized::Int64), Box::new(value)), WORD, span),
    }
}

fn checked(whole: &Expr, dimension: u8, word: Expr) -> Expr {
    let span = word.span;
    Expr::new(ExprKind::Builtin(Builtin::BufferIndex(dimension), vec![whole.clone(), word]), WORD, span)
}

/// The item at checked positions, as it lies in memory.
pub(super) fn item_of(buffer: Buffer, whole: Expr, positions: Vec<Expr>, span: Span) -> Expr {
    let args = std::iter::once(whole).chain(positions).collect();
    Expr::new(ExprKind::Builtin(Builtin::BufferItem, args), buffer.item.stored(), span)
}

/// Statements before a value, if there are any.
fn after_all(block: Block, value: Expr) -> Expr {
    if block.is_empty() {
        return value;
    }
    let (ty, span) = (value.ty.clone(), value.span);
    Expr::new(ExprKind::Seq(block, Box::new(value)), ty, span)
}
