//! Calls of built-in functions.

use super::Infer;
use crate::hir::{Block, Builtin, Convert, Expr, ExprKind, Print, Stmt, StmtKind};
use crate::known::Known;
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;
use ruff_python_ast::Operator;

impl<'a> Infer<'a> {
    /// Calls that are statements: `print`, `sys.exit`.
    pub(super) fn call_stmt(&mut self, node: &'a ast::ExprCall, span: Span, out: &mut Block) -> bool {
        match self.known_callee(&node.func) {
            Some(Known::Print) => {
                let print = self.print(node, out);
                out.push(Stmt { kind: StmtKind::Print(Box::new(print)), span });
                true
            }
            Some(Known::Exit) => {
                let status = node.arguments.args.first().map(|a| self.expr(a));
                let raise = self.exit(status, span);
                self.fx.flow.reachable = false;
                out.push(Stmt { kind: StmtKind::Raise(raise), span });
                true
            }
            _ => false,
        }
    }

    pub(super) fn known_call(&mut self, known: Known, node: &'a ast::ExprCall, span: Span) -> Expr {
        match known {
            Known::Print => return self.print_value(node, span),
            Known::Sum | Known::Any | Known::All => return self.reduction(known, node, span),
            Known::Min | Known::Max => return self.min_max(known, node, span),
            Known::Len => return self.len(node, span),
            Known::Isinstance => return self.isinstance(node, span),
            Known::Zeros => return self.zeros(node, span),
            Known::Namedtuple => {
                let help =
                    "at the top level: P = namedtuple(\"P\", \"x y\"), with defaults=(...) if you like";
                self.unsupported("U0107", span, "this namedtuple is not compiled", help);
                return self.bad(span);
            }
            Known::Suppress | Known::Nullcontext => {
                self.unsupported("U0222", span, "context objects are only compiled after `with`", "");
                return self.bad(span);
            }
            Known::Math(function) => return self.math_call(function, node, span),
            Known::Str | Known::Repr | Known::Format | Known::Bin | Known::Oct | Known::Hex => {
                return self.text_call(known, node, span);
            }
            Known::Unsupported(name) => {
                self.unsupported("U0221", span, format!("the built-in `{name}` is not compiled"), "");
                return self.bad(span);
            }
            _ => {}
        }
        let Some(mut args) = self.plain_arguments(known, node, span) else { return self.bad(span) };
        if args.iter().any(|a| a.ty.is_unknown()) {
            return self.bad(span);
        }
        match (known, args.len()) {
            (Known::Int, _) => self.int_call(args, span),
            (Known::Float, _) => self.float_call(args, span),
            (Known::Complex, _) => self.complex_call(args, span),
            (Known::Bool, 0) => Expr::new(ExprKind::Bool(false), Type::Bool, span),
            (Known::Bool, 1) => self.truth(args.remove(0)),
            (Known::Abs, 1) => self.abs(args.remove(0), span),
            (Known::Round, 1 | 2) => self.round(args, span),
            (Known::Divmod, 2) => self.divmod(args, span),
            (Known::Pow, 2 | 3) => self.pow(args, span),
            (Known::Ord, 1) => self.ord(&args[0], span),
            (Known::Sized(sized), 1) => self.sized_call(sized, args.remove(0), span),
            (Known::PerfCounter, 0) => {
                Expr::new(ExprKind::Builtin(Builtin::PerfCounter, args), Type::Float, span)
            }
            (Known::Time, 0) => Expr::new(ExprKind::Builtin(Builtin::Time, args), Type::Float, span),
            _ => self.bad_known_call(known, args.len(), span),
        }
    }

    fn bad_known_call(&mut self, known: Known, given: usize, span: Span) -> Expr {
        match known {
            Known::Range | Known::Reversed | Known::Enumerate | Known::Zip => {
                let help = "loop over it directly: for i in range(...)";
                let message = "range, reversed, enumerate and zip are only compiled as what a loop goes over";
                self.unsupported("U0222", span, message, help);
            }
            Known::Exc(class) => {
                let message = format!("`{}(...)` is only compiled after `raise`", class.name());
                self.unsupported("U0223", span, message, "");
            }
            Known::Exit => self.unsupported("U0223", span, "sys.exit() is only compiled as a statement", ""),
            Known::Tuple => {
                self.unsupported("U0221", span, "the built-in `tuple` is not compiled", "write (a, b)")
            }
            Known::Argv | Known::FloatConst(_) | Known::IntConst(_) | Known::Stream { .. } => {
                self.error("E0210", span, "this cannot be called");
            }
            _ => self.error("E0304", span, format!("wrong number of arguments: {given}")),
        }
        self.bad(span)
    }

    /// Arguments of a function that takes positional ones only.
    pub(super) fn plain_arguments(
        &mut self,
        known: Known,
        node: &'a ast::ExprCall,
        span: Span,
    ) -> Option<Vec<Expr>> {
        let mut args = Vec::new();
        for arg in &node.arguments.args {
            if arg.is_starred_expr() {
                let at = self.span(arg);
                self.unsupported(
                    "U0219",
                    at,
                    "`*` and `**` arguments are not compiled",
                    "pass every argument by itself",
                );
                return None;
            }
            args.push(self.expr(arg));
        }
        for keyword in &node.arguments.keywords {
            let allowed = match (known, keyword.arg.as_deref()) {
                (Known::Round, Some("ndigits")) => args.len() == 1,
                (Known::Int, Some("base")) => args.len() == 1,
                (Known::Complex, Some("imag")) => args.len() == 1,
                (Known::Pow, Some("mod")) => args.len() == 2,
                _ => false,
            };
            if !allowed {
                self.unsupported("U0224", span, "this keyword argument is not compiled", "");
                return None;
            }
            args.push(self.expr(&keyword.value));
        }
        Some(args)
    }

    pub(super) fn type_error(&mut self, what: &str, value: &Expr, span: Span) -> Expr {
        self.error("E0211", span, format!("{what} cannot take a value of type {}", value.ty));
        self.bad(span)
    }

    fn int_call(&mut self, mut args: Vec<Expr>, span: Span) -> Expr {
        if args.len() == 2 {
            let base = args.remove(1);
            let text = args.remove(0);
            return match (&text.ty, &base.ty) {
                (Type::Str, Type::Int | Type::Bool) => {
                    let base = self.widen(base, &Type::Int);
                    Expr::new(ExprKind::Builtin(Builtin::ParseInt, vec![text, base]), Type::Int, span)
                }
                _ => self.type_error("int() with a base", &text, span),
            };
        }
        let Some(value) = args.pop() else { return Expr::new(ExprKind::Int(0), Type::Int, span) };
        match value.ty {
            Type::Int => value,
            Type::Bool => self.widen(value, &Type::Int),
            Type::Float => Expr::new(ExprKind::Convert(Convert::ToInt, Box::new(value)), Type::Int, span),
            Type::Sized(sized) if sized != crate::types::Sized::Complex64 => {
                Expr::new(ExprKind::Convert(Convert::ToInt, Box::new(value)), Type::Int, span)
            }
            Type::Str => {
                let base = Expr::new(ExprKind::Int(10), Type::Int, span);
                Expr::new(ExprKind::Builtin(Builtin::ParseInt, vec![value, base]), Type::Int, span)
            }
            _ => self.type_error("int()", &value, span),
        }
    }

    fn float_call(&mut self, mut args: Vec<Expr>, span: Span) -> Expr {
        let Some(value) = args.pop() else { return Expr::new(ExprKind::Float(0.0), Type::Float, span) };
        if !args.is_empty() {
            return self.bad_known_call(Known::Float, args.len() + 1, span);
        }
        if let ExprKind::Str(text) = &value.kind
            && let Some(special) = special_float(text)
        {
            return Expr::new(ExprKind::Float(special), Type::Float, span);
        }
        match value.ty {
            Type::Bool | Type::Int | Type::Float => self.widen(value, &Type::Float),
            Type::Sized(sized) if sized != crate::types::Sized::Complex64 => {
                self.adapt_to(value, &Type::Float)
            }
            Type::Str => Expr::new(ExprKind::Builtin(Builtin::ParseFloat, vec![value]), Type::Float, span),
            _ => self.type_error("float()", &value, span),
        }
    }

    fn complex_call(&mut self, args: Vec<Expr>, span: Span) -> Expr {
        let mut args = args.into_iter();
        let (first, second) = (args.next(), args.next());
        let is_real = |e: &Expr| matches!(e.ty, Type::Bool | Type::Int | Type::Float);
        match (first, second) {
            (None, _) => Expr::new(ExprKind::Complex(0.0, 0.0), Type::Complex, span),
            (Some(value), None) if value.ty == Type::Str => {
                Expr::new(ExprKind::Builtin(Builtin::ParseComplex, vec![value]), Type::Complex, span)
            }
            (Some(value), None) if value.ty.is_number() => self.widen(value, &Type::Complex),
            (Some(value), None) if matches!(value.ty, Type::Sized(_)) => self.adapt_to(value, &Type::Complex),
            (Some(re), Some(im)) if is_real(&re) && is_real(&im) => {
                let parts = vec![self.widen(re, &Type::Float), self.widen(im, &Type::Float)];
                Expr::new(ExprKind::Builtin(Builtin::Complex, parts), Type::Complex, span)
            }
            (Some(re), _) => self.type_error("complex()", &re, span),
        }
    }

    fn abs(&mut self, value: Expr, span: Span) -> Expr {
        let value = if value.ty == Type::Bool { self.widen(value, &Type::Int) } else { value };
        let ty = match &value.ty {
            Type::Int | Type::Float => value.ty.clone(),
            Type::Complex => Type::Float,
            Type::Sized(crate::types::Sized::Complex64) => Type::Sized(crate::types::Sized::Float32),
            Type::Sized(_) => value.ty.clone(),
            _ => return self.type_error("abs()", &value, span),
        };
        Expr::new(ExprKind::Builtin(Builtin::Abs, vec![value]), ty, span)
    }

    fn round(&mut self, mut args: Vec<Expr>, span: Span) -> Expr {
        let digits = if args.len() == 2 { args.pop() } else { None };
        let Some(value) = args.pop() else { return self.bad(span) };
        let value = if value.ty == Type::Bool { self.widen(value, &Type::Int) } else { value };
        match (&value.ty, digits.filter(|d| d.ty != Type::None)) {
            (Type::Int, None) => value,
            (Type::Float, None) => Expr::new(ExprKind::Builtin(Builtin::Round, vec![value]), Type::Int, span),
            (Type::Int | Type::Float, Some(digits)) if digits.ty.is_integral() => {
                let ty = value.ty.clone();
                let digits = self.widen(digits, &Type::Int);
                Expr::new(ExprKind::Builtin(Builtin::RoundDigits, vec![value, digits]), ty, span)
            }
            _ => self.type_error("round()", &value, span),
        }
    }

    fn divmod(&mut self, mut args: Vec<Expr>, span: Span) -> Expr {
        let (Some(right), Some(left)) = (args.pop(), args.pop()) else { return self.bad(span) };
        let widest = left.ty.clone().max(right.ty.clone()).max(Type::Int);
        if !matches!(widest, Type::Int | Type::Float) {
            return self.type_error("divmod()", if left.ty.is_integral() { &right } else { &left }, span);
        }
        let args = vec![self.widen(left, &widest), self.widen(right, &widest)];
        let ty = Type::tuple([widest.clone(), widest]);
        Expr::new(ExprKind::Builtin(Builtin::Divmod, args), ty, span)
    }

    fn pow(&mut self, mut args: Vec<Expr>, span: Span) -> Expr {
        if args.len() == 2 {
            let (Some(right), Some(left)) = (args.pop(), args.pop()) else { return self.bad(span) };
            return self.binary(Operator::Pow, left, right, span);
        }
        if let Some(wrong) = args.iter().find(|a| !a.ty.is_integral()) {
            let wrong = wrong.clone();
            return self.type_error("pow() with a modulus", &wrong, span);
        }
        let args = args.into_iter().map(|a| self.widen(a, &Type::Int)).collect();
        Expr::new(ExprKind::Builtin(Builtin::PowMod, args), Type::Int, span)
    }

    fn ord(&mut self, value: &Expr, span: Span) -> Expr {
        if let ExprKind::Str(text) = &value.kind {
            let mut chars = text.chars();
            if let (Some(only), None) = (chars.next(), chars.next()) {
                return Expr::new(ExprKind::Int(only as i64), Type::Int, span);
            }
        }
        self.unsupported("U0225", span, "ord() is only compiled for a literal of one character", "");
        self.bad(span)
    }

    fn min_max(&mut self, known: Known, node: &'a ast::ExprCall, span: Span) -> Expr {
        if let [ast::Expr::Generator(generator)] = &*node.arguments.args {
            return self.reduce_generator(known, generator, None, span);
        }
        let Some(mut args) = self.plain_arguments(known, node, span) else { return self.bad(span) };
        let mut block = Block::new();
        if let [only] = &args[..] {
            let Type::Tuple(types) = only.ty.clone() else {
                let only = only.clone();
                if let Type::Buffer(_) = only.ty {
                    return self.reduce_buffer(known, only, None, span);
                }
                return if only.ty.is_unknown() {
                    only
                } else {
                    self.type_error("min() or max() of one argument", &only, span)
                };
            };
            let whole = self.keep(only.clone(), &mut block);
            args = types
                .iter()
                .enumerate()
                .map(|(i, ty)| Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), span))
                .collect();
        }
        let Some(first) = args.first() else {
            self.error("E0304", span, "min() and max() need at least one value");
            return self.bad(span);
        };
        let ty = first.ty.clone();
        if args.iter().any(|a| a.ty.is_unknown()) {
            return self.bad(span);
        }
        let ordered =
            |ty: &Type| matches!(ty, Type::Bool | Type::Int | Type::Float | Type::Str | Type::Sized(_));
        if let Some(other) = args.iter().find(|a| a.ty != ty || !ordered(&a.ty)) {
            let (other_ty, at) = (other.ty.clone(), other.span);
            let message = format!("min() and max() of {ty} and {other_ty} are not compiled");
            self.unsupported("U0226", at, message, super::name::match_help(&ty, &other_ty));
            return self.bad(span);
        }
        let builtin = if known == Known::Min { Builtin::Min } else { Builtin::Max };
        let value = Expr::new(ExprKind::Builtin(builtin, args), ty.clone(), span);
        if block.is_empty() { value } else { Expr::new(ExprKind::Seq(block, Box::new(value)), ty, span) }
    }

    fn len(&mut self, node: &'a ast::ExprCall, span: Span) -> Expr {
        let [arg] = &*node.arguments.args else { return self.bad_known_call(Known::Len, 0, span) };
        if self.is_argv(arg) {
            return Expr::new(ExprKind::Builtin(Builtin::ArgvLen, Vec::new()), Type::Int, span);
        }
        let value = self.expr(arg);
        let count = |n: usize| Expr::new(ExprKind::Int(n as i64), Type::Int, span);
        match (&value.ty, &value.kind) {
            (_, ExprKind::Str(text)) => count(text.chars().count()),
            (Type::Str, _) => Expr::new(ExprKind::Builtin(Builtin::StrLen, vec![value]), Type::Int, span),
            (Type::Tuple(items), _) => {
                let count = count(items.len());
                self.after(value, count)
            }
            (Type::Buffer(_), _) => self.buffer_len(value, 0, span),
            (Type::Unknown, _) => value,
            _ => self.type_error("len()", &value, span),
        }
    }

    fn isinstance(&mut self, node: &'a ast::ExprCall, span: Span) -> Expr {
        let [value, classes] = &*node.arguments.args else {
            return self.bad_known_call(Known::Isinstance, node.arguments.args.len(), span);
        };
        let value = self.expr(value);
        let classes = match classes {
            ast::Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            other => vec![other],
        };
        let mut holds = false;
        for class in classes {
            if let Some(is_one) = self.is_instance_of_class(&value.ty, class) {
                holds |= is_one;
                continue;
            }
            let Some(ty) = self.annotation(class) else { return self.bad(span) };
            holds |= value.ty == ty || (value.ty == Type::Bool && ty == Type::Int);
        }
        if value.ty.is_unknown() {
            return value;
        }
        let answer = Expr::new(ExprKind::Bool(holds), Type::Bool, span);
        self.after(value, answer)
    }

    fn print_value(&mut self, node: &'a ast::ExprCall, span: Span) -> Expr {
        let mut block = Block::new();
        let print: Print = self.print(node, &mut block);
        block.push(Stmt { kind: StmtKind::Print(Box::new(print)), span });
        let none = Expr::new(ExprKind::None, Type::None, span);
        Expr::new(ExprKind::Seq(block, Box::new(none)), Type::None, span)
    }
}

/// `float("inf")` and its like.
fn special_float(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let (sign, word) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(&text)),
    };
    match word {
        "inf" | "infinity" => Some(sign * f64::INFINITY),
        "nan" => Some(f64::NAN.copysign(sign)),
        _ => None,
    }
}
