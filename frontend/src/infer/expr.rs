//! Expressions, except calls and text.

use super::Infer;
use crate::hir::{Block, Builtin, Convert, Expr, ExprKind, UnaryOp};
use crate::known::Known;
use crate::resolve::Binding;
use crate::support;
use crate::types::Type;
use pyexec_base::{Diagnostic, Span};
use ruff_python_ast as ast;
use ruff_python_ast::{BoolOp, Number};
use std::sync::Arc;

/// How many decimal digits CPython converts (`sys.int_info.default_max_str_digits`).
const MAX_DIGITS: usize = 4_300;
/// How many values a tuple may hold, those of tuples in it included.
const MAX_TUPLE: usize = 1000;

impl<'a> Infer<'a> {
    /// The typed form of an expression.
    pub(super) fn expr(&mut self, expr: &'a ast::Expr) -> Expr {
        let span = self.span(expr);
        match expr {
            ast::Expr::Name(name) => self.read_name(name.id.as_str(), span),
            ast::Expr::NumberLiteral(number) => self.number(&number.value, span),
            ast::Expr::BooleanLiteral(literal) => Expr::new(ExprKind::Bool(literal.value), Type::Bool, span),
            ast::Expr::NoneLiteral(_) => Expr::new(ExprKind::None, Type::None, span),
            ast::Expr::StringLiteral(text) => self.text_literal(text.value.to_str(), span),
            ast::Expr::FString(fstring) => self.fstring(fstring, span),
            ast::Expr::BoolOp(node) => self.bool_op(node, span),
            ast::Expr::Named(node) => self.walrus(node, span),
            ast::Expr::BinOp(node) => self.bin_op(node, span),
            ast::Expr::UnaryOp(node) => self.unary_op(node, span),
            ast::Expr::If(node) => self.ternary(node, span),
            ast::Expr::Compare(node) => self.compare(node, span),
            ast::Expr::Call(node) => self.call(node, span),
            ast::Expr::Tuple(node) => self.tuple(&node.elts, span),
            ast::Expr::Attribute(node) => self.attribute(node, span),
            ast::Expr::Subscript(node) => self.subscript(node, span),
            _ => self.refuse(expr, span),
        }
    }

    /// Reports an expression that the support table has as an error.
    pub(super) fn refuse(&mut self, expr: &ast::Expr, span: Span) -> Expr {
        let row = support::expr(expr);
        self.diagnostics.push(row.diagnostic(span));
        self.bad(span)
    }

    fn number(&mut self, number: &'a Number, span: Span) -> Expr {
        match number {
            Number::Int(int) => match int.as_i64() {
                Some(value) => Expr::new(ExprKind::Int(value), Type::Int, span),
                None => self.big_literal(&int.to_string(), span),
            },
            Number::Float(value) => Expr::new(ExprKind::Float(*value), Type::Float, span),
            Number::Complex { real, imag } => Expr::new(ExprKind::Complex(*real, *imag), Type::Complex, span),
        }
    }

    /// CPython limits how many decimal digits it converts.
    fn big_literal(&mut self, text: &str, span: Span) -> Expr {
        if text.len() > MAX_DIGITS && text.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!(
                "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {} digits",
                text.len()
            );
            self.diagnostics.push(Diagnostic::error("E0022", span, message).help("use hexadecimal digits"));
            return self.bad(span);
        }
        Expr::new(ExprKind::Big(Arc::from(text)), Type::Int, span)
    }

    // ---- Truth ----

    /// An expression of which only the truth counts.
    pub(super) fn cond(&mut self, expr: &'a ast::Expr) -> Expr {
        let span = self.span(expr);
        match expr {
            ast::Expr::BoolOp(node) => {
                let operands = self.operands(node, |infer, e| infer.cond(e));
                logic(node.op, operands, Type::Bool, span)
            }
            ast::Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => {
                let operand = self.cond(&node.operand);
                negated(operand, span)
            }
            _ => {
                let value = self.expr(expr);
                self.truth(value)
            }
        }
    }

    /// The truth of a value.
    pub(super) fn truth(&mut self, value: Expr) -> Expr {
        let span = value.span;
        let literal = |value| Expr::new(ExprKind::Bool(value), Type::Bool, span);
        match (&value.ty, &value.kind) {
            (Type::Bool | Type::Unknown, _) => Expr { ty: Type::Bool, ..value },
            (_, ExprKind::Int(int)) => literal(*int != 0),
            (_, ExprKind::Str(text)) => literal(!text.is_empty()),
            (_, ExprKind::None) => literal(false),
            (Type::Text | Type::Exc | Type::Buffer(crate::types::Buffer { rank: 2, .. }), _) => {
                self.unsupported("U0205", span, "the truth of this value is not compiled", "");
                self.bad(span)
            }
            _ => Expr::new(ExprKind::Truth(Box::new(value)), Type::Bool, span),
        }
    }

    /// The operands of `and` or `or`: each but the first may not be evaluated.
    fn operands(
        &mut self,
        node: &'a ast::ExprBoolOp,
        mut one: impl FnMut(&mut Self, &'a ast::Expr) -> Expr,
    ) -> Vec<Expr> {
        let Some((first, rest)) = node.values.split_first() else { return Vec::new() };
        let mut out = vec![one(self, first)];
        let mark = self.fx.flow.mark();
        let mut exits = vec![self.fx.flow.changes(mark)];
        for value in rest {
            out.push(one(self, value));
            exits.push(self.fx.flow.changes(mark));
        }
        self.fx.flow.undo(mark);
        self.fx.flow.join(&exits);
        out
    }

    fn bool_op(&mut self, node: &'a ast::ExprBoolOp, span: Span) -> Expr {
        let operands = self.operands(node, |infer, e| infer.expr(e));
        let Some(first) = operands.first() else { return self.bad(span) };
        let ty = operands.iter().map(|e| &e.ty).find(|t| !t.is_unknown()).unwrap_or(&first.ty).clone();
        let other = operands.iter().find(|e| e.ty != ty && !e.ty.is_unknown());
        if let Some(other) = other {
            let word = if node.op == BoolOp::And { "and" } else { "or" };
            let message = format!("`{word}` gives one of its operands, here {ty} or {}", other.ty);
            self.diagnostics.push(
                Diagnostic::unsupported("U0206", span, message)
                    .label(other.span, format!("this is {}", other.ty))
                    .help("give both the same type, or compare explicitly"),
            );
            return self.bad(span);
        }
        logic(node.op, operands, ty, span)
    }

    // ---- Choice and naming ----

    fn ternary(&mut self, node: &'a ast::ExprIf, span: Span) -> Expr {
        let cond = self.cond(&node.test);
        let mark = self.fx.flow.mark();
        let then = self.expr(&node.body);
        let first = self.fx.flow.undo(mark);
        let orelse = self.expr(&node.orelse);
        let second = self.fx.flow.undo(mark);
        self.fx.flow.join(&[first, second]);
        match cond.as_bool() {
            Some(true) => return then,
            Some(false) => return orelse,
            None => {}
        }
        if !then.ty.is_storable() || !orelse.ty.is_storable() {
            return self.text_choice(cond, then, orelse, span);
        }
        let ty = if then.ty.is_unknown() { orelse.ty.clone() } else { then.ty.clone() };
        if then.ty != orelse.ty && !then.ty.is_unknown() && !orelse.ty.is_unknown() {
            let message = format!("this is {} or {}, depending on the condition", then.ty, orelse.ty);
            self.diagnostics.push(
                Diagnostic::unsupported("U0207", span, message)
                    .label(then.span, format!("{}", then.ty))
                    .label(orelse.span, format!("{}", orelse.ty))
                    .help(super::name::match_help(&then.ty, &orelse.ty)),
            );
            return self.bad(span);
        }
        Expr::new(ExprKind::If(Box::new([cond, then, orelse])), ty, span)
    }

    fn walrus(&mut self, node: &'a ast::ExprNamed, span: Span) -> Expr {
        let value = self.expr(&node.value);
        let ast::Expr::Name(name) = &*node.target else { return self.bad(span) };
        let at = self.span(&*node.target);
        match self.bind_name(name.id.as_str(), at, value) {
            Some((place, value)) => {
                let ty = value.ty.clone();
                Expr::new(ExprKind::Walrus(place, Box::new(value)), ty, span)
            }
            None => self.bad(span),
        }
    }

    fn tuple(&mut self, items: &'a [ast::Expr], span: Span) -> Expr {
        if let Some(starred) = items.iter().find(|e| e.is_starred_expr()) {
            let at = self.span(starred);
            return self.refuse(starred, at);
        }
        let items: Vec<Expr> = items.iter().map(|e| self.expr(e)).collect();
        self.tuple_checked(items, span)
    }

    /// A tuple of values that may be something that no tuple holds.
    pub(super) fn tuple_checked(&mut self, items: Vec<Expr>, span: Span) -> Expr {
        if let Some(text) = items.iter().find(|e| e.ty == Type::Text) {
            let at = text.span;
            let help = "hand it to print or raise directly";
            self.unsupported("U0307", at, "text made at run time cannot be kept in a tuple", help);
            return self.bad(span);
        }
        self.tuple_of(items, span)
    }

    /// A tuple of values. Its size is bounded, because `x = (x, x)` doubles it.
    pub(super) fn tuple_of(&mut self, items: Vec<Expr>, span: Span) -> Expr {
        let ty = Type::tuple(items.iter().map(|e| e.ty.clone()));
        if !ty.is_small(MAX_TUPLE) {
            let message = format!("tuples of more than {MAX_TUPLE} values are not compiled");
            self.unsupported("U0231", span, message, "");
            return self.bad(span);
        }
        Expr::new(ExprKind::Tuple(items), ty, span)
    }

    // ---- Operators of one operand ----

    fn unary_op(&mut self, node: &'a ast::ExprUnaryOp, span: Span) -> Expr {
        if node.op == ast::UnaryOp::Not {
            let operand = self.cond(&node.operand);
            return negated(operand, span);
        }
        if let (ast::UnaryOp::USub, ast::Expr::NumberLiteral(number)) = (node.op, &*node.operand)
            && let Number::Int(int) = &number.value
            && int.as_u64() == Some(1 << 63)
        {
            return Expr::new(ExprKind::Int(i64::MIN), Type::Int, span);
        }
        let operand = self.expr(&node.operand);
        self.unary(node.op, operand, span)
    }

    fn unary(&mut self, op: ast::UnaryOp, operand: Expr, span: Span) -> Expr {
        let operand = match operand.ty {
            Type::Bool => self.widen(operand, &Type::Int),
            _ => operand,
        };
        let is_int = matches!(&operand.ty, Type::Int) || matches!(&operand.ty, Type::Sized(s) if s.is_int());
        let is_number = operand.ty.is_number() || matches!(operand.ty, Type::Sized(_));
        let ty = operand.ty.clone();
        match (op, &operand.kind) {
            _ if ty.is_unknown() => self.bad(span),
            (ast::UnaryOp::UAdd, _) if is_number => Expr { span, ..operand },
            (ast::UnaryOp::USub, ExprKind::Int(value)) if ty == Type::Int && *value != i64::MIN => {
                Expr::new(ExprKind::Int(-value), ty, span)
            }
            (ast::UnaryOp::USub, ExprKind::Float(value)) => Expr::new(ExprKind::Float(-value), ty, span),
            (ast::UnaryOp::USub, ExprKind::Complex(re, im)) => {
                Expr::new(ExprKind::Complex(-re, -im), ty, span)
            }
            (ast::UnaryOp::Invert, ExprKind::Int(value)) if ty == Type::Int => {
                Expr::new(ExprKind::Int(!value), ty, span)
            }
            (ast::UnaryOp::USub, _) if is_number => {
                Expr::new(ExprKind::Unary(UnaryOp::Neg, Box::new(operand)), ty, span)
            }
            (ast::UnaryOp::Invert, _) if is_int => {
                Expr::new(ExprKind::Unary(UnaryOp::Invert, Box::new(operand)), ty, span)
            }
            _ => {
                let message = format!("bad operand type for unary `{}`: {ty}", op.as_str());
                self.error("E0205", span, message);
                self.bad(span)
            }
        }
    }

    // ---- Attributes and items ----

    fn attribute(&mut self, node: &'a ast::ExprAttribute, span: Span) -> Expr {
        if let Some(known) = self.module_member(node) {
            return match known {
                Ok(known) => self.read_member(known, node, span),
                Err(diagnostic) => {
                    self.diagnostics.push(*diagnostic);
                    self.bad(span)
                }
            };
        }
        let value = self.expr(&node.value);
        if let Type::Buffer(buffer) = value.ty {
            return self.buffer_attribute(buffer, value, node.attr.as_str(), span);
        }
        if let Some(field) = self.field(&value, node.attr.as_str(), span) {
            return field;
        }
        let part = match node.attr.as_str() {
            "real" => Builtin::Real,
            "imag" => Builtin::Imag,
            _ if value.ty.is_unknown() => return self.bad(span),
            other => {
                let message = format!("attribute `{other}` of {} is not compiled", value.ty);
                self.unsupported("U0208", span, message, "");
                return self.bad(span);
            }
        };
        self.component(part, value, span)
    }

    fn component(&mut self, part: Builtin, value: Expr, span: Span) -> Expr {
        match value.ty {
            Type::Complex => Expr::new(ExprKind::Builtin(part, vec![value]), Type::Float, span),
            Type::Bool | Type::Int | Type::Float => {
                let value = if value.ty == Type::Bool { self.widen(value, &Type::Int) } else { value };
                let zero = match value.ty {
                    Type::Float => Expr::new(ExprKind::Float(0.0), Type::Float, span),
                    _ => Expr::new(ExprKind::Int(0), Type::Int, span),
                };
                if part == Builtin::Real { value } else { self.after(value, zero) }
            }
            Type::Unknown => value,
            ref other => {
                let message = format!("attribute `real` or `imag` of {other} is not compiled");
                self.unsupported("U0208", span, message, "");
                self.bad(span)
            }
        }
    }

    /// Evaluates one expression for its effects, and gives another.
    pub(super) fn after(&mut self, first: Expr, value: Expr) -> Expr {
        if matches!(
            first.kind,
            ExprKind::Local(_, false) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::None
        ) {
            return value;
        }
        let (ty, span) = (value.ty.clone(), value.span);
        let stmt = crate::hir::Stmt { span: first.span, kind: crate::hir::StmtKind::Expr(first) };
        Expr::new(ExprKind::Seq(vec![stmt], Box::new(value)), ty, span)
    }

    /// What `module.name` means, if the left side is an imported module.
    pub(super) fn module_member(
        &self,
        node: &'a ast::ExprAttribute,
    ) -> Option<Result<Known, Box<Diagnostic>>> {
        let ast::Expr::Name(name) = &*node.value else { return None };
        let name = name.id.as_str();
        if self.is_local(name) {
            return None;
        }
        let Some(Binding::Module(module)) = self.meaning(name) else { return None };
        let member = node.attr.as_str();
        Some(module.member(member).ok_or_else(|| {
            let real = match module {
                crate::known::KnownModule::Math => "math",
                crate::known::KnownModule::Cmath => "cmath",
                crate::known::KnownModule::Sys => "sys",
                crate::known::KnownModule::Time => "time",
                _ => name,
            };
            Box::new(crate::resolve::no_member(real, member, self.span(node)))
        }))
    }

    fn read_member(&mut self, known: Known, node: &'a ast::ExprAttribute, span: Span) -> Expr {
        match known {
            Known::FloatConst(value) => Expr::new(ExprKind::Float(value), Type::Float, span),
            Known::IntConst(value) => Expr::new(ExprKind::Int(value), Type::Int, span),
            Known::Argv => {
                let help = "use len(sys.argv) and sys.argv[i]";
                self.unsupported("U0203", span, "sys.argv as a whole list is not compiled", help);
                self.bad(span)
            }
            _ => {
                let message = format!("`{}` is used as a value", node.attr);
                self.unsupported("U0201", span, message, "call it directly");
                self.bad(span)
            }
        }
    }

    /// Whether an expression is `sys.argv`, however it was imported.
    pub(super) fn is_argv(&self, expr: &'a ast::Expr) -> bool {
        match expr {
            ast::Expr::Attribute(node) => matches!(self.module_member(node), Some(Ok(Known::Argv))),
            ast::Expr::Name(name) => self.known(name.id.as_str()) == Some(Known::Argv),
            _ => false,
        }
    }

    fn subscript(&mut self, node: &'a ast::ExprSubscript, span: Span) -> Expr {
        if self.is_argv(&node.value) {
            return self.argv_item(&node.slice, span);
        }
        let value = self.expr(&node.value);
        if let Type::Buffer(buffer) = value.ty {
            return self.buffer_subscript(buffer, value, &node.slice, span);
        }
        let Type::Tuple(types) = value.ty.clone() else {
            if !value.ty.is_unknown() {
                let message = format!("items of {} are not compiled", value.ty);
                self.unsupported("U0209", span, message, "tuples, buffers and sys.argv have items here");
            }
            return self.bad(span);
        };
        if let ast::Expr::Slice(slice) = &*node.slice {
            return self.tuple_slice(value, &types, slice, span);
        }
        let index = self.expr(&node.slice);
        let Some(at) = index.as_int() else { return self.variable_item(value, &types, index, span) };
        let at = if at < 0 { at + types.len() as i64 } else { at };
        match usize::try_from(at).ok().and_then(|at| types.get(at).map(|ty| (at, ty.clone()))) {
            Some((at, ty)) => Expr::new(ExprKind::Item(Box::new(value), at), ty, span),
            None => {
                let message = format!("this tuple has {} items: the index is out of range", types.len());
                self.error("E0206", index.span, message);
                self.bad(span)
            }
        }
    }

    /// `t[i]` with an index known at run time only: a tuple of items of one type.
    fn variable_item(&mut self, value: Expr, types: &[Type], index: Expr, span: Span) -> Expr {
        let same = types.windows(2).all(|w| w[0] == w[1]);
        match types.first() {
            _ if index.ty.is_unknown() => self.bad(span),
            Some(first) if same && index.ty.is_integral() => {
                let index = self.widen(index, &Type::Int);
                let ty = first.clone();
                let items = vec![value, index];
                Expr::new(ExprKind::Builtin(Builtin::TupleItem, items), ty, span)
            }
            _ => {
                let help = "a variable index needs a tuple whose items all have the same type";
                self.unsupported("U0210", span, "the item of this tuple has no one type", help);
                self.bad(span)
            }
        }
    }

    fn tuple_slice(&mut self, value: Expr, types: &[Type], slice: &'a ast::ExprSlice, span: Span) -> Expr {
        let bound = |infer: &mut Self, e: &'a Option<Box<ast::Expr>>, default: i64| match e {
            None => Some(default),
            Some(e) => infer.expr(e).as_int(),
        };
        let len = types.len() as i64;
        let (lower, upper) = (bound(self, &slice.lower, 0), bound(self, &slice.upper, len));
        let (Some(lower), Some(upper), None) = (lower, upper, slice.step.as_ref()) else {
            self.unsupported("U0211", span, "only slices with constant bounds and no step are compiled", "");
            return self.bad(span);
        };
        let clamp = |at: i64| (if at < 0 { at + len } else { at }).clamp(0, len) as usize;
        let mut block = Block::new();
        let whole = self.keep(value, &mut block);
        let range = clamp(lower)..clamp(upper).max(clamp(lower));
        let items: Vec<Expr> = range
            .map(|i| Expr::new(ExprKind::Item(Box::new(whole.clone()), i), types[i].clone(), span))
            .collect();
        let tuple = self.tuple_of(items, span);
        let ty = tuple.ty.clone();
        Expr::new(ExprKind::Seq(block, Box::new(tuple)), ty, span)
    }

    fn argv_item(&mut self, index: &'a ast::Expr, span: Span) -> Expr {
        if index.is_slice_expr() {
            self.unsupported(
                "U0203",
                span,
                "slices of sys.argv are not compiled",
                "loop over range(1, len(sys.argv))",
            );
            return self.bad(span);
        }
        let index = self.expr(index);
        if !index.ty.is_integral() {
            if !index.ty.is_unknown() {
                self.error("E0207", index.span, format!("an index must be int, not {}", index.ty));
            }
            return self.bad(span);
        }
        let index = self.widen(index, &Type::Int);
        Expr::new(ExprKind::Builtin(Builtin::ArgvItem, vec![index]), Type::Str, span)
    }

    // ---- Conversions ----

    /// The value as a wider Python number.
    pub(super) fn widen(&self, value: Expr, to: &Type) -> Expr {
        if value.ty == *to || value.ty.is_unknown() {
            return value;
        }
        let span = value.span;
        let literal = match (&value.kind, to) {
            (ExprKind::Bool(b), Type::Int) => Some(ExprKind::Int(*b as i64)),
            (ExprKind::Bool(b), Type::Float) => Some(ExprKind::Float(*b as i64 as f64)),
            (ExprKind::Int(i), Type::Float) if value.ty == Type::Int => Some(ExprKind::Float(*i as f64)),
            (ExprKind::Int(i), Type::Complex) if value.ty == Type::Int => {
                Some(ExprKind::Complex(*i as f64, 0.0))
            }
            (ExprKind::Float(x), Type::Complex) if value.ty == Type::Float => {
                Some(ExprKind::Complex(*x, 0.0))
            }
            _ => None,
        };
        let kind = literal.unwrap_or_else(|| ExprKind::Convert(Convert::Widen, Box::new(value)));
        Expr::new(kind, to.clone(), span)
    }
}

fn logic(op: BoolOp, operands: Vec<Expr>, ty: Type, span: Span) -> Expr {
    let kind = if op == BoolOp::And { ExprKind::And(operands) } else { ExprKind::Or(operands) };
    Expr::new(kind, ty, span)
}

fn negated(operand: Expr, span: Span) -> Expr {
    match operand.kind {
        ExprKind::Bool(value) => Expr::new(ExprKind::Bool(!value), Type::Bool, span),
        _ => Expr::new(ExprKind::Not(Box::new(operand)), Type::Bool, span),
    }
}
