//! Operators of two operands: result types, conversions, folding of integer constants, text operators.

use super::Infer;
use crate::hir::{BinaryOp, Block, Expr, ExprKind, Part};
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;
use ruff_python_ast::Operator;
use std::sync::Arc;

/// How long folded text may become.
const MAX_TEXT: usize = 1 << 16;

impl<'a> Infer<'a> {
    pub(super) fn bin_op(&mut self, node: &'a ast::ExprBinOp, span: Span) -> Expr {
        let left = self.expr(&node.left);
        let right = self.expr(&node.right);
        self.binary(node.op, left, right, span)
    }

    /// `left op right`.
    pub(super) fn binary(&mut self, op: Operator, left: Expr, right: Expr, span: Span) -> Expr {
        if left.ty.is_unknown() || right.ty.is_unknown() {
            return self.bad(span);
        }
        let Some(op) = hir_op(op) else {
            self.unsupported("U0212", span, "matrix multiplication is not compiled", "");
            return self.bad(span);
        };
        match (&left.ty, &right.ty) {
            (a, b) if a.is_number() && b.is_number() => self.arithmetic(op, left, right, span),
            (Type::Sized(_), b) if b.is_number() || matches!(b, Type::Sized(_)) => {
                self.sized_binary(op, left, right, span)
            }
            (a, Type::Sized(_)) if a.is_number() => self.sized_binary(op, left, right, span),
            (Type::Str | Type::Text, _) | (_, Type::Str | Type::Text) => self.text_op(op, left, right, span),
            (Type::Tuple(_), Type::Tuple(_)) if op == BinaryOp::Add => self.join_tuples(left, right, span),
            _ => self.bad_operands(op, &left, &right, span),
        }
    }

    pub(super) fn bad_operands(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Expr {
        let message = format!("unsupported operand types for {}: {} and {}", op.symbol(), left.ty, right.ty);
        self.error("E0205", span, message);
        self.bad(span)
    }

    fn arithmetic(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        use BinaryOp::*;
        let widest = left.ty.clone().max(right.ty.clone()).max(Type::Int);
        let ty = match op {
            Add | Sub | Mul => widest.clone(),
            Div if widest == Type::Int => Type::Float,
            Div => widest.clone(),
            FloorDiv | Mod if widest != Type::Complex => widest.clone(),
            Pow if widest == Type::Int => return self.int_power(left, right, span),
            Pow => widest.clone(),
            And | Or | Xor if left.ty == Type::Bool && right.ty == Type::Bool => {
                let kind = ExprKind::Binary(op, Box::new(left), Box::new(right));
                return Expr::new(kind, Type::Bool, span);
            }
            Shl | Shr | And | Or | Xor if widest == Type::Int => Type::Int,
            _ => return self.bad_operands(op, &left, &right, span),
        };
        let (left, right) = (self.widen(left, &widest), self.widen(right, &widest));
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int())
            && let Some(value) = fold(op, a, b)
        {
            return Expr::new(ExprKind::Int(value), Type::Int, span);
        }
        Expr::new(ExprKind::Binary(op, Box::new(left), Box::new(right)), ty, span)
    }

    /// `int ** int` is an int for exponents from 0, a float below. Only a literal shows which; any other
    /// exponent is taken to be at least 0, and raises at run time if it is not.
    fn int_power(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        let ty = if right.as_int().is_some_and(|e| e < 0) { Type::Float } else { Type::Int };
        let (left, right) = (self.widen(left, &ty), self.widen(right, &ty));
        if let (Some(a), Some(b)) = (left.as_int(), right.as_int())
            && let Some(value) = u32::try_from(b).ok().and_then(|b| a.checked_pow(b))
        {
            return Expr::new(ExprKind::Int(value), Type::Int, span);
        }
        Expr::new(ExprKind::Binary(BinaryOp::Pow, Box::new(left), Box::new(right)), ty, span)
    }

    /// `a + b` of tuples.
    fn join_tuples(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        let mut block = Block::new();
        let mut items = Vec::new();
        for whole in [left, right] {
            let Type::Tuple(types) = whole.ty.clone() else { return self.bad(span) };
            let whole = self.keep(whole, &mut block);
            items.extend(
                types
                    .iter()
                    .enumerate()
                    .map(|(i, ty)| Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), span)),
            );
        }
        let tuple = self.tuple_of(items, span);
        let ty = tuple.ty.clone();
        Expr::new(ExprKind::Seq(block, Box::new(tuple)), ty, span)
    }

    // ---- Text ----

    fn text_op(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        let is_text = |e: &Expr| matches!(e.ty, Type::Str | Type::Text);
        match op {
            BinaryOp::Add if is_text(&left) && is_text(&right) => self.concat(left, right, span),
            BinaryOp::Mul if right.ty.is_integral() => self.repeat(left, right, span),
            BinaryOp::Mul if left.ty.is_integral() => self.repeat(right, left, span),
            BinaryOp::Mod if is_text(&left) => {
                let help = "use an f-string: f\"{x:.2f}\" instead of \"%.2f\" % x";
                self.unsupported("U0213", span, "% formatting is not compiled", help);
                self.bad(span)
            }
            _ => self.bad_operands(op, &left, &right, span),
        }
    }

    fn concat(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        if let (ExprKind::Str(a), ExprKind::Str(b)) = (&left.kind, &right.kind) {
            return self.text_literal(&format!("{a}{b}"), span);
        }
        let mut parts = Vec::new();
        self.text_parts(left, &mut parts);
        self.text_parts(right, &mut parts);
        Expr::new(ExprKind::Text(parts), Type::Text, span)
    }

    fn repeat(&mut self, text: Expr, count: Expr, span: Span) -> Expr {
        if let (ExprKind::Str(text), Some(count)) = (&text.kind, count.as_int()) {
            let count = usize::try_from(count).unwrap_or(0);
            if text.len().saturating_mul(count) <= MAX_TEXT {
                return self.text_literal(&text.repeat(count), span);
            }
        }
        let count = self.widen(count, &Type::Int);
        let mut parts = Vec::new();
        self.text_parts(text, &mut parts);
        Expr::new(ExprKind::Text(vec![Part::Repeat(parts, count)]), Type::Text, span)
    }

    /// `a if c else b` where one of both is text made at run time.
    pub(super) fn text_choice(&mut self, cond: Expr, then: Expr, orelse: Expr, span: Span) -> Expr {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        if !matches!(then.ty, Type::Str | Type::Text) || !matches!(orelse.ty, Type::Str | Type::Text) {
            let message = format!("this is {} or {}, depending on the condition", then.ty, orelse.ty);
            self.unsupported("U0207", span, message, "give both the same type");
            return self.bad(span);
        }
        self.text_parts(then, &mut a);
        self.text_parts(orelse, &mut b);
        Expr::new(ExprKind::Text(vec![Part::Cond(cond, a, b)]), Type::Text, span)
    }

    /// Appends the pieces of a text expression.
    pub(super) fn text_parts(&mut self, text: Expr, parts: &mut Vec<Part>) {
        match text.kind {
            ExprKind::Text(inner) => parts.extend(inner),
            ExprKind::Str(literal) => push_literal(parts, &literal),
            _ => parts.push(Part::Value { value: text, repr: false, spec: crate::hir::Spec::None }),
        }
    }
}

/// Appends known text, melting it with known text before it.
pub(super) fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Lit(last)) => *last = Arc::from(format!("{last}{text}")),
        _ => parts.push(Part::Lit(text.into())),
    }
}

fn hir_op(op: Operator) -> Option<BinaryOp> {
    Some(match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::Div => BinaryOp::Div,
        Operator::FloorDiv => BinaryOp::FloorDiv,
        Operator::Mod => BinaryOp::Mod,
        Operator::Pow => BinaryOp::Pow,
        Operator::LShift => BinaryOp::Shl,
        Operator::RShift => BinaryOp::Shr,
        Operator::BitAnd => BinaryOp::And,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::MatMult => return None,
    })
}

/// Integer constants as Python computes them; nothing if it would raise or leave 64 bits.
fn fold(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::FloorDiv => {
            a.checked_div_euclid(b).map(|q| if b < 0 && a.rem_euclid(b) != 0 { q - 1 } else { q })
        }
        BinaryOp::Mod => a.checked_rem_euclid(b).map(|r| if b < 0 && r != 0 { r + b } else { r }),
        BinaryOp::Shl => {
            let b = u32::try_from(b).ok().filter(|b| *b < 63)?;
            a.checked_mul(1i64.checked_shl(b)?)
        }
        BinaryOp::Shr => u32::try_from(b).ok().map(|b| a >> b.min(63)),
        BinaryOp::And => Some(a & b),
        BinaryOp::Or => Some(a | b),
        BinaryOp::Xor => Some(a ^ b),
        BinaryOp::Div | BinaryOp::Pow => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_floors_like_python() {
        // Values from CPython.
        for (a, b, quotient, rest) in
            [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -3, -2, 0)]
        {
            assert_eq!(fold(BinaryOp::FloorDiv, a, b), Some(quotient), "{a} // {b}");
            assert_eq!(fold(BinaryOp::Mod, a, b), Some(rest), "{a} % {b}");
        }
        assert_eq!(fold(BinaryOp::FloorDiv, i64::MIN, -1), None);
        assert_eq!(fold(BinaryOp::Shl, 1, 63), None);
        assert_eq!(fold(BinaryOp::Shl, -1, 62), Some(-1 << 62));
        assert_eq!(fold(BinaryOp::Shr, -1, 200), Some(-1));
    }
}
