//! Calls of `math`.

use super::Infer;
use crate::hir::{BinaryOp, Builtin, Expr, ExprKind};
use crate::known::{Known, MathFn};
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;

impl<'a> Infer<'a> {
    pub(super) fn math_call(&mut self, function: MathFn, node: &'a ast::ExprCall, span: Span) -> Expr {
        if function == MathFn::Isclose {
            return self.isclose(node, span);
        }
        let Some(args) = self.plain_arguments(Known::Math(function), node, span) else {
            return self.bad(span);
        };
        if args.iter().any(|a| a.ty.is_unknown()) {
            return self.bad(span);
        }
        match (function, args.len()) {
            (MathFn::Gcd | MathFn::Lcm, n) if n != 2 => self.fold_gcd(function, args, span),
            (MathFn::Hypot, 1) => self.fixed(MathFn::Fabs, args, span),
            (MathFn::Hypot, n) if n != 2 => {
                let floats = args.into_iter().map(|arg| self.fixed(MathFn::Fabs, vec![arg], span)).collect();
                Expr::new(ExprKind::Math(MathFn::Hypot, floats), Type::Float, span)
            }
            (MathFn::Log, 2) => self.log_to_base(args, span),
            (MathFn::Log, 1) if args[0].ty.is_integral() => self.fixed(MathFn::LogInt, args, span),
            (MathFn::CLog, 2) => self.fixed(MathFn::CLogBase, args, span),
            (MathFn::Perm, 1) => self.fixed(MathFn::Factorial, args, span),
            (MathFn::Floor | MathFn::Ceil | MathFn::Trunc, 1) if args[0].ty.is_integral() => {
                let mut args = args;
                let value = args.remove(0);
                self.widen(value, &Type::Int)
            }
            _ => self.fixed(function, args, span),
        }
    }

    /// A call with the number of arguments that the table says.
    fn fixed(&mut self, function: MathFn, args: Vec<Expr>, span: Span) -> Expr {
        let params = function.params();
        if params.len() != args.len() {
            let message =
                format!("{}() takes {} arguments, not {}", function.full_name(), params.len(), args.len());
            self.error("E0304", span, message);
            return self.bad(span);
        }
        let mut converted = Vec::new();
        for (arg, param) in args.into_iter().zip(params) {
            let accepted = match param {
                Type::Float => {
                    matches!(arg.ty, Type::Bool | Type::Int | Type::Float)
                        || matches!(arg.ty, Type::Sized(s) if s != crate::types::Sized::Complex64)
                }
                Type::Complex => {
                    matches!(arg.ty, Type::Bool | Type::Int | Type::Float | Type::Complex | Type::Sized(_))
                }
                _ => arg.ty.is_integral() || matches!(arg.ty, Type::Sized(s) if s.is_int()),
            };
            if !accepted {
                return self.type_error(&format!("{}()", function.full_name()), &arg, span);
            }
            converted.push(self.adapt_to(arg, param));
        }
        let ty = match function {
            MathFn::Frexp => Type::tuple([Type::Float, Type::Int]),
            MathFn::Modf | MathFn::CPolar => Type::tuple([Type::Float, Type::Float]),
            other => other.result(),
        };
        Expr::new(ExprKind::Math(function, converted), ty, span)
    }

    /// `gcd` and `lcm` of any number of values.
    fn fold_gcd(&mut self, function: MathFn, args: Vec<Expr>, span: Span) -> Expr {
        let mut args = args.into_iter();
        let Some(first) = args.next() else {
            let neutral = if function == MathFn::Gcd { 0 } else { 1 };
            return Expr::new(ExprKind::Int(neutral), Type::Int, span);
        };
        if !first.ty.is_integral() {
            return self.type_error(&format!("{}()", function.full_name()), &first, span);
        }
        let first = self.widen(first, &Type::Int);
        if args.len() == 0 {
            return Expr::new(ExprKind::Builtin(Builtin::Abs, vec![first]), Type::Int, span);
        }
        args.fold(first, |all, next| self.fixed(function, vec![all, next], span))
    }

    /// `math.log(x, base)`: the quotient of two logarithms, as CPython computes it.
    fn log_to_base(&mut self, args: Vec<Expr>, span: Span) -> Expr {
        let logs: Vec<Expr> = args
            .into_iter()
            .map(|arg| {
                let function = if arg.ty.is_integral() { MathFn::LogInt } else { MathFn::Log };
                self.fixed(function, vec![arg], span)
            })
            .collect();
        match <[Expr; 2]>::try_from(logs) {
            Ok([x, base]) if !x.ty.is_unknown() && !base.ty.is_unknown() => {
                Expr::new(ExprKind::Binary(BinaryOp::Div, Box::new(x), Box::new(base)), Type::Float, span)
            }
            _ => self.bad(span),
        }
    }

    fn isclose(&mut self, node: &'a ast::ExprCall, span: Span) -> Expr {
        let float = |value| Expr::new(ExprKind::Float(value), Type::Float, span);
        let [a, b] = &*node.arguments.args else {
            self.error("E0304", span, "math.isclose() takes 2 positional arguments");
            return self.bad(span);
        };
        let mut args = vec![self.expr(a), self.expr(b), float(1e-9), float(0.0)];
        for keyword in &node.arguments.keywords {
            let value = self.expr(&keyword.value);
            match keyword.arg.as_deref() {
                Some("rel_tol") => args[2] = value,
                Some("abs_tol") => args[3] = value,
                _ => {
                    self.error("E0304", span, "math.isclose() takes rel_tol and abs_tol");
                    return self.bad(span);
                }
            }
        }
        if args.iter().any(|a| a.ty.is_unknown()) {
            return self.bad(span);
        }
        self.fixed(MathFn::Isclose, args, span)
    }
}
