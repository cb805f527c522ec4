//! Expressions: which family lowers what; names, constants, tuples, choices.

use super::func::Fx;
use super::repr;
use crate::hir::{Expr, ExprKind, LocalId, UnaryOp};
use crate::types::{Sized, Type};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Value};

impl<'m> Fx<'m, '_> {
    /// The scalars of a value.
    pub(super) fn expr(&mut self, expr: &'m Expr) -> Vec<Value> {
        let outer = self.loc;
        self.loc = expr.span.loc();
        let values = self.expr_here(expr);
        self.loc = outer;
        values
    }

    /// The scalar of a value that has one.
    pub(super) fn one(&mut self, expr: &'m Expr) -> Value {
        let values = self.expr(expr);
        values.first().copied().unwrap_or(self.undefined(ir::Type::I64))
    }

    fn expr_here(&mut self, expr: &'m Expr) -> Vec<Value> {
        let span = expr.span;
        if self.exact.is_some()
            && let Some(values) = self.exact_expr(expr)
        {
            return values;
        }
        let is_root = std::mem::take(&mut self.points.at_root);
        match &expr.kind {
            ExprKind::Int(value) => vec![self.int_literal(*value, &expr.ty)],
            ExprKind::Big(_) => {
                self.leave_now(span);
                vec![self.undefined(ir::Type::I64)]
            }
            ExprKind::Float(value) => vec![self.b().f64const(*value)],
            ExprKind::Bool(value) => vec![self.b().iconst(ir::Type::I8, i64::from(*value))],
            ExprKind::Complex(re, im) => vec![self.b().f64const(*re), self.b().f64const(*im)],
            ExprKind::Str(text) => self.text_value(text).to_vec(),
            ExprKind::None | ExprKind::Text(_) | ExprKind::Bad => Vec::new(),
            ExprKind::Local(local, checked) => self.read_local(*local, *checked, span),
            ExprKind::Global(global, checked) => self.read_global(*global, *checked, span),
            ExprKind::Walrus(place, value) => {
                let values = self.expr(value);
                self.assign(*place, &values);
                values
            }
            ExprKind::Unary(op, operand) => self.unary(*op, operand, span),
            ExprKind::Binary(op, left, right) => {
                if let Some(value) = self.wide_binary(*op, left, right, span) {
                    return vec![value];
                }
                let (a, b) = (self.expr(left), self.expr(right));
                self.points.at_root = is_root;
                let values = self.binary(*op, &left.ty, &a, &b, span);
                self.points.at_root = false;
                values
            }
            ExprKind::Compare(first, rest) => vec![self.compare(first, rest)],
            ExprKind::And(items) => self.select_operand(items, true, &expr.ty),
            ExprKind::Or(items) => self.select_operand(items, false, &expr.ty),
            ExprKind::Not(operand) => {
                let value = self.one(operand);
                let zero = self.b().iconst(ir::Type::I8, 0);
                vec![self.b().eq(value, zero)]
            }
            ExprKind::Truth(operand) => {
                let values = self.expr(operand);
                vec![self.truth(&operand.ty, &values)]
            }
            ExprKind::If(parts) => self.choice(&parts[0], &parts[1], &parts[2], &expr.ty),
            ExprKind::Convert(convert, value) => {
                let values = self.expr(value);
                self.convert(*convert, &value.ty, &expr.ty, &values, span)
            }
            ExprKind::Tuple(items) => items.iter().flat_map(|item| self.expr(item)).collect(),
            ExprKind::Item(tuple, index) => self.item(tuple, *index),
            ExprKind::Call(callee, args) => self.call(*callee, args, span),
            ExprKind::Builtin(builtin, args) => self.builtin(*builtin, args, &expr.ty, span),
            ExprKind::Math(function, args) => self.math(*function, args, span),
            ExprKind::Seq(block, value) => {
                self.block(block);
                self.expr(value)
            }
        }
    }

    fn int_literal(&mut self, value: i64, ty: &Type) -> Value {
        let ty = match ty {
            Type::Sized(sized) => repr::sized_scalar(*sized),
            _ => ir::Type::I64,
        };
        self.b().iconst(ty, value)
    }

    fn item(&mut self, tuple: &'m Expr, index: usize) -> Vec<Value> {
        let Type::Tuple(types) = &tuple.ty else { return Vec::new() };
        let values = self.expr(tuple);
        values[repr::item_range(types, index)].to_vec()
    }

    // ---- Names ----

    fn read_local(&mut self, local: LocalId, checked: bool, span: Span) -> Vec<Value> {
        if let Some(flag) = self.flag(local).filter(|_| checked) {
            let flag = self.get(flag);
            let name = &self.hir.locals[local].name;
            let (exc, message) = match Some(self.id) == self.lower.hir.main {
                true => (Exc::NameError, format!("name '{name}' is not defined")),
                false => (
                    Exc::UnboundLocalError,
                    format!("cannot access local variable '{name}' where it is not associated with a value"),
                ),
            };
            self.raise_unless(flag, exc, &message, span);
        }
        self.local(local)
    }

    pub(super) fn raise_unless(&mut self, flag: Value, exc: Exc, message: &str, span: Span) {
        let zero = self.b().iconst(ir::Type::I8, 0);
        let missing = self.b().eq(flag, zero);
        let known = self.func.const_bits(flag).map(|bits| bits == 0);
        match known {
            Some(false) => {}
            _ => self.raise_if(missing, exc, message, span),
        }
    }

    // ---- Choices ----

    /// `and` and `or` as values: the operand that decides.
    fn select_operand(&mut self, items: &'m [Expr], is_and: bool, ty: &Type) -> Vec<Value> {
        let Some((last, front)) = items.split_last() else { return Vec::new() };
        let result = self.new_vars(ty);
        let mut end = self.label();
        for item in front {
            let values = self.expr(item);
            self.set_vars(&result, &values);
            let truth = self.truth(&item.ty, &values);
            let mut next = self.label();
            match is_and {
                true => self.branch(truth, &mut next, &mut end),
                false => self.branch(truth, &mut end, &mut next),
            }
            self.bind(next);
        }
        let values = self.expr(last);
        self.set_vars(&result, &values);
        self.jump(&mut end);
        self.bind(end);
        self.get_vars(&result)
    }

    fn choice(&mut self, cond: &'m Expr, then: &'m Expr, orelse: &'m Expr, ty: &Type) -> Vec<Value> {
        let result = self.new_vars(ty);
        let mut end = self.label();
        let (mut yes, mut no) = (self.label(), self.label());
        self.cond(cond, &mut yes, &mut no);
        for (label, value) in [(yes, then), (no, orelse)] {
            self.bind(label);
            let values = self.expr(value);
            self.set_vars(&result, &values);
            self.jump(&mut end);
        }
        self.bind(end);
        self.get_vars(&result)
    }

    // ---- One operand ----

    fn unary(&mut self, op: UnaryOp, operand: &'m Expr, span: Span) -> Vec<Value> {
        let values = self.expr(operand);
        match (op, &operand.ty) {
            (UnaryOp::Invert, _) => vec![self.int_invert(values[0])],
            (UnaryOp::Neg, Type::Int) => vec![self.int_negate(values[0], span)],
            (UnaryOp::Neg, Type::Sized(sized)) if sized.is_int() => vec![self.b().ineg(values[0])],
            (UnaryOp::Neg, Type::Float | Type::Complex | Type::Sized(Sized::Float32 | Sized::Complex64)) => {
                values.into_iter().map(|v| self.b().fneg(v)).collect()
            }
            _ => values,
        }
    }
}
