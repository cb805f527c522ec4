//! Conditions: branches without a materialised truth value.
//!
//! ```text
//! if a < b and not c:   =>   br_if (a < b), b1, else      b1: br_if c, else, then
//! ```

use super::env::Label;
use super::func::Fx;
use crate::hir::{Expr, ExprKind};
use crate::types::Type;
use pyexec_ir::{self as ir, Value};

impl<'m> Fx<'m, '_> {
    /// Ends the block by going to `yes` or `no`.
    pub(super) fn cond(&mut self, expr: &'m Expr, yes: &mut Label, no: &mut Label) {
        match &expr.kind {
            ExprKind::Bool(true) => self.jump(yes),
            ExprKind::Bool(false) => self.jump(no),
            ExprKind::Not(inner) => self.cond(inner, no, yes),
            ExprKind::And(items) if expr.ty == Type::Bool => {
                let Some((last, front)) = items.split_last() else { return self.jump(yes) };
                for item in front {
                    let mut next = self.label();
                    self.cond(item, &mut next, no);
                    self.bind(next);
                }
                self.cond(last, yes, no);
            }
            ExprKind::Or(items) if expr.ty == Type::Bool => {
                let Some((last, front)) = items.split_last() else { return self.jump(no) };
                for item in front {
                    let mut next = self.label();
                    self.cond(item, yes, &mut next);
                    self.bind(next);
                }
                self.cond(last, yes, no);
            }
            ExprKind::Truth(value) => {
                let values = self.expr(value);
                let truth = self.truth(&value.ty, &values);
                self.branch(truth, yes, no);
            }
            ExprKind::Compare(first, rest) if rest.len() > 1 => self.compare_chain(first, rest, yes, no),
            _ => {
                let truth = self.one(expr);
                self.branch(truth, yes, no);
            }
        }
    }

    /// Whether a value is true, as `i8`.
    pub(super) fn truth(&mut self, ty: &Type, values: &[Value]) -> Value {
        match ty {
            Type::Bool => values[0],
            Type::Int if self.exact.is_some() => self.word_truth(values[0]),
            Type::Str => {
                let zero = self.b().iconst(ir::Type::I64, 0);
                self.b().ne(values[1], zero)
            }
            Type::None => self.b().iconst(ir::Type::I8, 0),
            Type::Buffer(_) => self.nonzero(values[1]),
            Type::Tuple(items) => self.b().iconst(ir::Type::I8, !items.is_empty() as i64),
            _ => {
                let tests: Vec<Value> = values.iter().map(|v| self.nonzero(*v)).collect();
                tests.into_iter().reduce(|a, b| self.b().bor(a, b)).unwrap_or(self.undefined(ir::Type::I8))
            }
        }
    }

    fn nonzero(&mut self, value: Value) -> Value {
        let ty = self.func.ty(value);
        match ty {
            ir::Type::F64 => {
                let zero = self.b().f64const(0.0);
                self.b().fne(value, zero)
            }
            ir::Type::F32 => {
                let zero = self.b().f32const(0.0);
                self.b().fne(value, zero)
            }
            _ => {
                let zero = self.b().iconst(ty, 0);
                self.b().ne(value, zero)
            }
        }
    }
}
