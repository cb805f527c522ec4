//! Comparisons, membership, identity.

use super::Infer;
use crate::hir::{CompareOp, Expr, ExprKind};
use crate::known::Known;
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;
use ruff_python_ast::CmpOp;

impl<'a> Infer<'a> {
    pub(super) fn compare(&mut self, node: &'a ast::ExprCompare, span: Span) -> Expr {
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            if crate::resolve::is_main_test_parts(&node.left, *op, right) {
                return Expr::new(ExprKind::Bool(self.options.run_as_main), Type::Bool, span);
            }
            match op {
                CmpOp::Is | CmpOp::IsNot => return self.identity(&node.left, *op, right, span),
                CmpOp::In | CmpOp::NotIn => {
                    if let Some(test) = self.in_range(&node.left, *op, right, span) {
                        return test;
                    }
                }
                _ => {}
            }
        }
        let first = self.expr(&node.left);
        // What follows the second operand may not be evaluated.
        let mut rest = Vec::new();
        let mark = self.fx.flow.mark();
        let mut exits = Vec::new();
        for (op, operand) in node.ops.iter().zip(&*node.comparators) {
            let Some(op) = self.compare_op(*op, span) else { return self.bad(span) };
            let operand = self.comparand(op, operand);
            let left = rest.last().map_or(&first, |(_, e): &(CompareOp, Expr)| e);
            if !self.comparable(op, &left.ty, &operand.ty, span) {
                return self.bad(span);
            }
            rest.push((op, operand));
            exits.push(self.fx.flow.changes(mark));
        }
        self.fx.flow.undo(mark);
        self.fx.flow.join(&exits);
        Expr::new(ExprKind::Compare(Box::new(first), rest), Type::Bool, span)
    }

    fn compare_op(&mut self, op: CmpOp, span: Span) -> Option<CompareOp> {
        Some(match op {
            CmpOp::Eq => CompareOp::Eq,
            CmpOp::NotEq => CompareOp::Ne,
            CmpOp::Lt => CompareOp::Lt,
            CmpOp::LtE => CompareOp::Le,
            CmpOp::Gt => CompareOp::Gt,
            CmpOp::GtE => CompareOp::Ge,
            CmpOp::In => CompareOp::In,
            CmpOp::NotIn => CompareOp::NotIn,
            CmpOp::Is | CmpOp::IsNot => {
                self.unsupported("U0214", span, "`is` within a chain of comparisons is not compiled", "");
                return None;
            }
        })
    }

    /// The right side of a comparison; after `in`, list and set displays are as good as tuples.
    fn comparand(&mut self, op: CompareOp, operand: &'a ast::Expr) -> Expr {
        let is_in = matches!(op, CompareOp::In | CompareOp::NotIn);
        let items = match operand {
            ast::Expr::List(list) if is_in => &list.elts,
            ast::Expr::Set(set) if is_in => &set.elts,
            _ => return self.expr(operand),
        };
        let span = self.span(operand);
        let items: Vec<Expr> = items.iter().map(|e| self.expr(e)).collect();
        let ty = Type::tuple(items.iter().map(|e| e.ty.clone()));
        Expr::new(ExprKind::Tuple(items), ty, span)
    }

    /// Whether two types can be compared; if not, that is reported.
    fn comparable(&mut self, op: CompareOp, left: &Type, right: &Type, span: Span) -> bool {
        if left.is_unknown() || right.is_unknown() {
            return true;
        }
        let verdict = match (op, right) {
            (CompareOp::In | CompareOp::NotIn, Type::Tuple(items)) => {
                items.iter().map(|item| equality(left, item)).max().unwrap_or(Verdict::Fine)
            }
            (CompareOp::In | CompareOp::NotIn, _) => Verdict::Unsupported,
            (CompareOp::Eq | CompareOp::Ne, _) => equality(left, right),
            _ => order(left, right),
        };
        let message = format!("`{}` of {left} and {right}", op.symbol());
        match verdict {
            Verdict::Fine => return true,
            Verdict::Unsupported => self.unsupported("U0215", span, format!("{message} is not compiled"), ""),
            Verdict::Error => self.error("E0205", span, format!("{message} is not possible")),
        }
        false
    }

    /// `x is None` and the like: known from the types.
    fn identity(&mut self, left: &'a ast::Expr, op: CmpOp, right: &'a ast::Expr, span: Span) -> Expr {
        let (left, right) = (self.expr(left), self.expr(right));
        let positive = op == CmpOp::Is;
        if left.ty.is_unknown() || right.ty.is_unknown() {
            return self.bad(span);
        }
        let literal = |value: bool| Expr::new(ExprKind::Bool(value == positive), Type::Bool, span);
        let singleton = |e: &Expr| matches!(e.kind, ExprKind::None | ExprKind::Bool(_));
        if !singleton(&left) && !singleton(&right) {
            let help = "compare values with == and !=";
            self.unsupported("U0216", span, "`is` is only compiled with None, True and False", help);
            return self.bad(span);
        }
        if left.ty != right.ty || left.ty == Type::None {
            let same = left.ty == right.ty;
            let other = if singleton(&right) { left } else { right };
            let answer = literal(same);
            return self.after(other, answer);
        }
        let op = if positive { CompareOp::Eq } else { CompareOp::Ne };
        Expr::new(ExprKind::Compare(Box::new(left), vec![(op, right)]), Type::Bool, span)
    }

    /// `x in range(a, b)` for ints.
    fn in_range(&mut self, left: &'a ast::Expr, op: CmpOp, right: &'a ast::Expr, span: Span) -> Option<Expr> {
        let ast::Expr::Call(call) = right else { return None };
        let ast::Expr::Name(name) = &*call.func else { return None };
        if self.known(name.id.as_str()) != Some(Known::Range) {
            return None;
        }
        let value = self.expr(left);
        let mut block = Vec::new();
        let value = self.keep(value, &mut block);
        let [start, stop, step] = self.range_arguments(call)?;
        if step.as_int() != Some(1) || !value.ty.is_integral() {
            let help = "compare with < and <=";
            self.unsupported("U0217", span, "`in range` is only compiled for ints and step 1", help);
            return Some(self.bad(span));
        }
        let value = self.widen(value, &Type::Int);
        let kind = ExprKind::Compare(Box::new(start), vec![(CompareOp::Le, value), (CompareOp::Lt, stop)]);
        let test = Expr::new(kind, Type::Bool, span);
        let test = Expr::new(ExprKind::Seq(block, Box::new(test)), Type::Bool, span);
        Some(match op {
            CmpOp::NotIn => Expr::new(ExprKind::Not(Box::new(test)), Type::Bool, span),
            _ => test,
        })
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Fine,
    Unsupported,
    Error,
}

fn is_numeric(ty: &Type) -> bool {
    ty.is_number() || matches!(ty, Type::Sized(_))
}

/// Equality of two types: of values that can be equal. Values of unlike types are never equal in Python;
/// such a comparison is most likely a mistake, and is refused.
fn equality(left: &Type, right: &Type) -> Verdict {
    match (left, right) {
        (a, b) if is_numeric(a) && is_numeric(b) => Verdict::Fine,
        (Type::Str, Type::Str) | (Type::None, Type::None) => Verdict::Fine,
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            a.iter().zip(b.iter()).map(|(a, b)| equality(a, b)).max().unwrap_or(Verdict::Fine)
        }
        _ => Verdict::Unsupported,
    }
}

fn order(left: &Type, right: &Type) -> Verdict {
    let is_complex = |ty: &Type| matches!(ty, Type::Complex | Type::Sized(crate::types::Sized::Complex64));
    match (left, right) {
        (a, b) if is_complex(a) || is_complex(b) => Verdict::Error,
        (a, b) if is_numeric(a) && is_numeric(b) => Verdict::Fine,
        (Type::Str, Type::Str) => Verdict::Fine,
        (Type::Text, _) | (_, Type::Text) => Verdict::Unsupported,
        (Type::Tuple(a), Type::Tuple(b)) if a.len() == b.len() => {
            a.iter().zip(b.iter()).map(|(a, b)| order(a, b)).max().unwrap_or(Verdict::Fine)
        }
        (Type::Tuple(_), Type::Tuple(_)) => Verdict::Unsupported,
        _ => Verdict::Error,
    }
}
