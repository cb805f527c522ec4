//! Sized types: promotion as NumPy 2 has it (NEP 50).
//!
//! A Python number beside a sized value is weak: it takes the type of the sized value if its kind allows
//! (`uint8(3) + 1` is a uint8), else the sized value becomes a plain float or complex. Two sized integers
//! meet in the narrowest type that holds both.

use super::Infer;
use crate::hir::{BinaryOp, Convert, Expr, ExprKind};
use crate::types::{Sized, Type};
use pyexec_base::Span;

impl<'a> Infer<'a> {
    pub(super) fn sized_binary(&mut self, op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
        use BinaryOp::*;
        let mut common = promote(&left.ty, &right.ty);
        let is_int = matches!(&common, Type::Sized(s) if s.is_int());
        let is_complex = matches!(common, Type::Complex | Type::Sized(Sized::Complex64));
        match op {
            Shl | Shr | And | Or | Xor if !is_int => return self.bad_operands(op, &left, &right, span),
            FloorDiv | Mod if is_complex => return self.bad_operands(op, &left, &right, span),
            Div if is_int => common = Type::Float,
            _ => {}
        }
        let (left, right) = (self.adapt_to(left, &common), self.adapt_to(right, &common));
        Expr::new(ExprKind::Binary(op, Box::new(left), Box::new(right)), common, span)
    }

    /// The value as an operand of this type.
    pub(super) fn adapt_to(&mut self, value: Expr, to: &Type) -> Expr {
        if value.ty == *to || value.ty.is_unknown() {
            return value;
        }
        let span = value.span;
        let conversion = match (&value.ty, to) {
            (Type::Sized(_), Type::Int | Type::Float | Type::Complex) => Convert::FromSized,
            (Type::Int, Type::Sized(sized)) if sized.is_int() => return self.fit(value, *sized),
            (Type::Bool | Type::Int | Type::Float | Type::Complex | Type::Sized(_), Type::Sized(sized)) => {
                if !convertible(&value.ty, *sized) {
                    let message = format!("a {} cannot become a {}", value.ty, sized.name());
                    self.error("E0208", span, message);
                    return self.bad(span);
                }
                Convert::Wrap(*sized)
            }
            _ => return self.widen(value, to),
        };
        Expr::new(ExprKind::Convert(conversion, Box::new(value)), to.clone(), span)
    }

    /// A Python int beside a sized integer must fit.
    fn fit(&mut self, value: Expr, sized: Sized) -> Expr {
        let span = value.span;
        let (min, max) = sized.range();
        let ty = Type::Sized(sized);
        match value.as_int() {
            Some(int) if (min..=max).contains(&(int as i128)) => Expr::new(ExprKind::Int(int), ty, span),
            Some(int) => {
                let message = format!("Python integer {int} out of bounds for {}", sized.name());
                let help = format!("convert it explicitly if it should wrap: {}({int})", sized.name());
                self.diagnostics.push(pyexec_base::Diagnostic::error("E0209", span, message).help(help));
                self.bad(span)
            }
            None => Expr::new(ExprKind::Convert(Convert::Fit(sized), Box::new(value)), ty, span),
        }
    }

    /// `uint8(x)` and the like.
    pub(super) fn sized_call(&mut self, sized: Sized, value: Expr, span: Span) -> Expr {
        if value.ty.is_unknown() {
            return self.bad(span);
        }
        let ty = Type::Sized(sized);
        if !convertible(&value.ty, sized) {
            let message = format!("{}() cannot convert a value of type {}", sized.name(), value.ty);
            self.error("E0208", span, message);
            return self.bad(span);
        }
        match value.as_int() {
            Some(int) if sized.is_int() => Expr::new(ExprKind::Int(wrap(int, sized)), ty, span),
            _ => Expr::new(ExprKind::Convert(Convert::Wrap(sized), Box::new(value)), ty, span),
        }
    }
}

/// The value that an integer has after wrapping; for uint64 the bits.
fn wrap(int: i64, sized: Sized) -> i64 {
    let unused = 64 - sized.bits();
    match sized.is_signed() {
        true => int << unused >> unused,
        false => ((int as u64) << unused >> unused) as i64,
    }
}

fn convertible(from: &Type, to: Sized) -> bool {
    match from {
        Type::Bool | Type::Int | Type::Float => true,
        Type::Complex => to == Sized::Complex64,
        Type::Sized(Sized::Complex64) => to == Sized::Complex64,
        Type::Sized(_) => true,
        _ => false,
    }
}

/// The type in which two operands meet, at least one of them sized.
fn promote(left: &Type, right: &Type) -> Type {
    match (left, right) {
        (Type::Sized(a), Type::Sized(b)) => promote_sized(*a, *b),
        (Type::Sized(sized), python) | (python, Type::Sized(sized)) => match (sized, python) {
            (Sized::Complex64, _) => Type::Sized(Sized::Complex64),
            (Sized::Float32, Type::Complex) => Type::Sized(Sized::Complex64),
            (Sized::Float32, _) => Type::Sized(Sized::Float32),
            (_, Type::Float | Type::Complex) => python.clone(),
            _ => Type::Sized(*sized),
        },
        _ => Type::Unknown,
    }
}

fn promote_sized(a: Sized, b: Sized) -> Type {
    if a == b {
        return Type::Sized(a);
    }
    match (a.is_int(), b.is_int()) {
        (true, true) => promote_ints(a, b),
        (false, false) => Type::Sized(Sized::Complex64),
        (int_first, _) => {
            let (int, other) = if int_first { (a, b) } else { (b, a) };
            match other {
                // float32 holds every 16-bit integer exactly.
                _ if int.bits() <= 16 => Type::Sized(other),
                Sized::Float32 => Type::Float,
                _ => Type::Complex,
            }
        }
    }
}

fn promote_ints(a: Sized, b: Sized) -> Type {
    let (wide, narrow) = if a.bits() >= b.bits() { (a, b) } else { (b, a) };
    if wide.is_signed() == narrow.is_signed() || wide.is_signed() && wide.bits() > narrow.bits() {
        return Type::Sized(wide);
    }
    // One is unsigned and at least as wide: the next wider signed type holds both.
    let bits = wide.bits().max(narrow.bits()) * 2;
    Sized::int(bits, true).map_or(Type::Float, Type::Sized)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Sized::*;

    #[test]
    fn promotion_is_numpys() {
        // Pairs as numpy.result_type gives them.
        let table = [
            (Int8, Uint8, Type::Sized(Int16)),
            (Int32, Uint8, Type::Sized(Int32)),
            (Int32, Uint32, Type::Sized(Int64)),
            (Int64, Uint64, Type::Float),
            (Uint16, Uint64, Type::Sized(Uint64)),
            (Float32, Int16, Type::Sized(Float32)),
            (Float32, Int32, Type::Float),
            (Complex64, Int32, Type::Complex),
            (Complex64, Float32, Type::Sized(Complex64)),
        ];
        for (a, b, expected) in table {
            assert_eq!(promote_sized(a, b), expected, "{a:?} {b:?}");
            assert_eq!(promote_sized(b, a), expected, "{b:?} {a:?}");
        }
        assert_eq!(promote(&Type::Sized(Uint8), &Type::Int), Type::Sized(Uint8));
        assert_eq!(promote(&Type::Float, &Type::Sized(Int8)), Type::Float);
        assert_eq!((wrap(300, Uint8), wrap(200, Int8), wrap(-1, Uint32)), (44, -56, 0xffff_ffff));
    }
}
