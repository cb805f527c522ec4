//! Expressions over words: what an exact body does otherwise than the fast one.
//!
//! Everything here takes words and gives words that slots own. What needs a machine integer (an index, a count)
//! takes the word's value, or raises OverflowError as CPython does for what does not fit a C integer.

use crate::hir::{BinaryOp, Builtin, CompareOp, Convert, Expr, ExprKind, UnaryOp};
use crate::known::MathFn;
use crate::lower::compare::{Typed, float_op, int_op};
use crate::lower::func::Fx;
use crate::lower::repr;
use crate::types::{Sized, Type};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Value};

/// The word of 0.
const ZERO: i64 = 1;

impl<'m> Fx<'m, '_> {
    /// The value of an expression that is about `int`; nothing if it is not.
    pub(in crate::lower) fn exact_expr(&mut self, expr: &'m Expr) -> Option<Vec<Value>> {
        let span = expr.span;
        let word = match &expr.kind {
            ExprKind::Int(value) if expr.ty == Type::Int => self.word_literal(*value, span),
            ExprKind::Big(text) => {
                let [address, length] = self.text_value(text);
                let base = self.b().iconst(ir::Type::I64, 0);
                self.word_op("pyexec_big_parse", &[address, length, base], span)
            }
            ExprKind::Unary(op, operand) if operand.ty == Type::Int => {
                let word = self.one(operand);
                let name = if *op == UnaryOp::Neg { "pyexec_big_neg" } else { "pyexec_big_invert" };
                self.word_op(name, &[word], span)
            }
            ExprKind::Binary(op, left, right) if left.ty == Type::Int => {
                let (a, b) = (self.one(left), self.one(right));
                self.word_binary(*op, a, b, span)
            }
            ExprKind::Convert(convert, value) if value.ty == Type::Int || expr.ty == Type::Int => {
                let values = self.expr(value);
                return Some(self.word_convert(*convert, &value.ty, &expr.ty, &values, span));
            }
            ExprKind::Builtin(builtin, args) => return self.word_builtin(*builtin, args, expr),
            ExprKind::Math(function, args) => return self.word_math(*function, args, expr),
            ExprKind::Call(callee, args) => return Some(self.exact_call(*callee, args, span)),
            _ => return None,
        };
        Some(vec![word])
    }

    pub(super) fn word_literal(&mut self, value: i64, span: Span) -> Value {
        match value.checked_mul(2) {
            Some(twice) => self.b().iconst(ir::Type::I64, twice | 1),
            None => {
                let value = self.b().iconst(ir::Type::I64, value);
                self.word_of(value, span)
            }
        }
    }

    /// A machine integer as a word.
    pub(in crate::lower) fn word_of(&mut self, value: Value, span: Span) -> Value {
        self.word_op("pyexec_big_from_i64", &[value], span)
    }

    /// The value of a word that is used as a machine integer.
    pub(in crate::lower) fn machine_int(&mut self, word: Value, span: Span) -> Value {
        let fits = self.helper_value("pyexec_big_fits", &[word]);
        let zero = self.b().iconst(ir::Type::I64, 0);
        let beyond = self.b().eq(fits, zero);
        let message = "cannot fit 'int' into an index-sized integer";
        self.raise_if(beyond, Exc::OverflowError, message, span);
        self.helper_value("pyexec_big_low", &[word])
    }

    pub(super) fn word_binary(&mut self, op: BinaryOp, a: Value, b: Value, span: Span) -> Value {
        let name = match op {
            BinaryOp::Add => "pyexec_big_add",
            BinaryOp::Sub => "pyexec_big_sub",
            BinaryOp::Mul => "pyexec_big_mul",
            BinaryOp::FloorDiv => "pyexec_big_floordiv",
            BinaryOp::Mod => "pyexec_big_mod",
            BinaryOp::Pow => "pyexec_big_pow",
            BinaryOp::Shl => "pyexec_big_shl",
            BinaryOp::Shr => "pyexec_big_shr",
            BinaryOp::And => "pyexec_big_and",
            BinaryOp::Or => "pyexec_big_or",
            BinaryOp::Xor => "pyexec_big_xor",
            BinaryOp::Div => {
                let quotient = self.checked_helper("pyexec_big_truediv", &[a, b], span);
                return quotient.unwrap_or(self.undefined(ir::Type::F64));
            }
        };
        self.word_op(name, &[a, b], span)
    }

    // ---- Conversions ----

    fn word_convert(
        &mut self,
        convert: Convert,
        from: &Type,
        to: &Type,
        values: &[Value],
        span: Span,
    ) -> Vec<Value> {
        let value = values[0];
        match (convert, from, to) {
            (_, Type::Int, Type::Int) => vec![value],
            (_, Type::Bool, Type::Int) => {
                let mut b = self.b();
                let wide = b.zext(ir::Type::I64, value);
                let one = b.iconst(ir::Type::I64, 1);
                let twice = b.shl(wide, one);
                vec![b.bor(twice, one)]
            }
            (Convert::ToInt, Type::Float | Type::Sized(Sized::Float32), _) => {
                let value = self.as_double(Typed { ty: from, values });
                vec![self.word_op("pyexec_big_from_f64", &[value], span)]
            }
            (_, Type::Sized(sized), _) => {
                let wide = self.sized_to_i64(*sized, value);
                let unsigned = *sized == Sized::Uint64;
                let name = if unsigned { "pyexec_big_from_u64" } else { "pyexec_big_from_i64" };
                vec![self.word_op(name, &[wide], span)]
            }
            (Convert::Fit(sized), ..) => {
                let message = format!("Python integer out of bounds for {}", sized.name());
                let low = self.fitting(sized, value, (Exc::OverflowError, &message), span);
                self.convert(Convert::Wrap(sized), from, to, &[low], span)
            }
            (Convert::Pack(sized), ..) => {
                let format = crate::types::Item::Sized(sized).format();
                let message = format!("memoryview: invalid value for format '{format}'");
                let low = self.fitting(sized, value, (Exc::ValueError, &message), span);
                self.convert(Convert::Wrap(sized), from, to, &[low], span)
            }
            (Convert::Wrap(sized), ..) if sized.is_int() => {
                let low = self.helper_value("pyexec_big_low", &[value]);
                self.convert(convert, from, to, &[low], span)
            }
            _ => {
                let float = self.double_of_word(value, span);
                match convert {
                    Convert::Wrap(_) => self.convert(convert, &Type::Float, to, &[float], span),
                    _ if *to == Type::Complex => vec![float, self.b().f64const(0.0)],
                    _ => vec![float],
                }
            }
        }
    }

    fn double_of_word(&mut self, word: Value, span: Span) -> Value {
        let value = self.checked_helper("pyexec_big_to_f64", &[word], span);
        value.unwrap_or(self.undefined(ir::Type::F64))
    }

    /// The low bits of a word that a sized integer must hold.
    fn fitting(&mut self, sized: Sized, word: Value, (exc, message): (Exc, &str), span: Span) -> Value {
        let (min, max) = sized.range();
        let low = self.word_literal(min as i64, span);
        let high = match i64::try_from(max) {
            Ok(max) => self.word_literal(max, span),
            Err(_) => {
                let max = self.b().iconst(ir::Type::I64, max as u64 as i64);
                self.word_op("pyexec_big_from_u64", &[max], span)
            }
        };
        let below = self.compare_words(CompareOp::Lt, word, low);
        let above = self.compare_words(CompareOp::Gt, word, high);
        let outside = self.b().bor(below, above);
        self.raise_if(outside, exc, message, span);
        self.helper_value("pyexec_big_low", &[word])
    }

    // ---- Comparisons ----

    pub(super) fn compare_words(&mut self, op: CompareOp, a: Value, b: Value) -> Value {
        let order = self.helper_value("pyexec_big_cmp", &[a, b]);
        let zero = self.b().iconst(ir::Type::I64, 0);
        self.b().plain(int_op(op, true), &[order, zero])
    }

    /// A comparison of numbers, one of which is an `int`.
    pub(in crate::lower) fn compare_exactly_typed(
        &mut self,
        op: CompareOp,
        a: Typed<'_>,
        b: Typed<'_>,
    ) -> Value {
        let is_float = |ty: &Type| matches!(ty, Type::Float | Type::Sized(Sized::Float32));
        if is_float(a.ty) {
            let flipped = crate::lower::compare::flipped(op);
            return self.compare_exactly_typed(flipped, b, a);
        }
        if is_float(b.ty) {
            let y = self.as_double(b);
            let order = self.helper_value("pyexec_big_cmp_f64", &[a.values[0], y]);
            // 2 stands for "unordered", which only `!=` holds for; as floats, NaN says the same.
            let mut builder = self.b();
            let (two, zero) = (builder.iconst(ir::Type::I64, 2), builder.f64const(0.0));
            let unordered = builder.eq(order, two);
            let float = builder.sint_to_float(ir::Type::F64, order);
            let nan = builder.f64const(f64::NAN);
            let float = builder.select(unordered, nan, float);
            return builder.plain(float_op(op), &[float, zero]);
        }
        let (x, y) = (self.word_of_number(a), self.word_of_number(b));
        self.compare_words(op, x, y)
    }

    /// An integer of any type as a word.
    fn word_of_number(&mut self, value: Typed<'_>) -> Value {
        let span = Span::default();
        match value.ty {
            Type::Int => value.values[0],
            ty => self.word_convert(Convert::Widen, ty, &Type::Int, value.values, span)[0],
        }
    }

    /// Whether a word is not 0.
    pub(in crate::lower) fn word_truth(&mut self, word: Value) -> Value {
        let zero = self.b().iconst(ir::Type::I64, ZERO);
        self.b().ne(word, zero)
    }

    // ---- Built-in functions ----

    fn word_builtin(&mut self, builtin: Builtin, args: &'m [Expr], expr: &'m Expr) -> Option<Vec<Value>> {
        let span = expr.span;
        let is_int = expr.ty == Type::Int;
        let takes_int = args.first().is_some_and(|arg| arg.ty == Type::Int);
        let name = match builtin {
            Builtin::Abs if is_int => "pyexec_big_abs",
            Builtin::Round if takes_int => return Some(self.expr(&args[0])),
            Builtin::Round => "pyexec_big_round_f64",
            Builtin::RoundDigits if is_int => "pyexec_big_round",
            Builtin::PowMod => "pyexec_big_pow_mod",
            Builtin::BitLength => "pyexec_big_bit_length",
            Builtin::BitCount => "pyexec_big_bit_count",
            Builtin::Divmod if takes_int => {
                let words: Vec<Value> = args.iter().map(|arg| self.one(arg)).collect();
                let names = ["pyexec_big_floordiv", "pyexec_big_mod"];
                return Some(names.map(|name| self.word_op(name, &words, span)).to_vec());
            }
            Builtin::ParseInt => {
                let mut values = self.expr(&args[0]);
                let base = self.one(&args[1]);
                values.push(self.machine_int(base, span));
                return Some(vec![self.word_op("pyexec_big_parse", &values, span)]);
            }
            Builtin::Min | Builtin::Max | Builtin::Abs => return None,
            _ => return self.mixed_builtin(builtin, args, expr),
        };
        let words: Vec<Value> = args.iter().map(|arg| self.one(arg)).collect();
        Some(vec![self.word_op(name, &words, span)])
    }

    /// A built-in function whose integers are indices, counts and lengths.
    fn mixed_builtin(&mut self, builtin: Builtin, args: &'m [Expr], expr: &'m Expr) -> Option<Vec<Value>> {
        let has_int = args.iter().any(|arg| arg.ty == Type::Int);
        if !has_int && expr.ty != Type::Int {
            return None;
        }
        let values: Vec<Vec<Value>> = args.iter().map(|arg| self.plain_value(arg)).collect();
        let values = self.builtin_of(builtin, args, values, &expr.ty, expr.span);
        // The items of a tuple are words already.
        if builtin == Builtin::TupleItem || expr.ty != Type::Int {
            return Some(values);
        }
        Some(vec![self.word_of(values[0], expr.span)])
    }

    /// A value with its `int`s as machine integers; tuples stay as they are.
    pub(in crate::lower) fn plain_value(&mut self, expr: &'m Expr) -> Vec<Value> {
        let values = self.expr(expr);
        match expr.ty {
            Type::Int if self.exact.is_some() => vec![self.machine_int(values[0], expr.span)],
            _ => values,
        }
    }

    fn word_math(&mut self, function: MathFn, args: &'m [Expr], expr: &'m Expr) -> Option<Vec<Value>> {
        let span = expr.span;
        let name = match function {
            MathFn::Gcd => "pyexec_big_gcd",
            MathFn::Lcm => "pyexec_big_lcm",
            MathFn::Isqrt => "pyexec_big_isqrt",
            MathFn::Factorial => "pyexec_big_factorial",
            MathFn::Comb => "pyexec_big_comb",
            MathFn::Perm => "pyexec_big_perm",
            MathFn::Floor | MathFn::Ceil | MathFn::Trunc => {
                let x = self.one(&args[0]);
                let name = match function {
                    MathFn::Floor => "pyexec_big_floor",
                    MathFn::Ceil => "pyexec_big_ceil",
                    _ => "pyexec_big_from_f64",
                };
                return Some(vec![self.word_op(name, &[x], span)]);
            }
            MathFn::LogInt => {
                let word = self.one(&args[0]);
                return Some(self.checked_helper("pyexec_math_log_big", &[word], span).into_iter().collect());
            }
            // Of what no float can hold there is a logarithm all the same.
            MathFn::Log2 | MathFn::Log10 if of_int(&args[0]).is_some() => {
                let word = of_int(&args[0]).map_or(self.undefined(ir::Type::I64), |int| self.one(int));
                let is_binary = function == MathFn::Log2;
                let name = if is_binary { "pyexec_math_log2_big" } else { "pyexec_math_log10_big" };
                return Some(self.checked_helper(name, &[word], span).into_iter().collect());
            }
            _ => {
                let has_int = args.iter().any(|arg| arg.ty == Type::Int) || repr::ints(&expr.ty) > 0;
                return has_int.then(|| self.mixed_math(function, args, expr));
            }
        };
        let words: Vec<Value> = args.iter().map(|arg| self.one(arg)).collect();
        Some(vec![self.word_op(name, &words, span)])
    }

    /// A function of `math` whose integers are counts and exponents.
    fn mixed_math(&mut self, function: MathFn, args: &'m [Expr], expr: &'m Expr) -> Vec<Value> {
        let values: Vec<Value> = args.iter().flat_map(|arg| self.plain_value(arg)).collect();
        let mut values = self.math_of(function, &values, expr.span);
        for (value, (_, is_int)) in values.iter_mut().zip(repr::scalars(&expr.ty)) {
            if is_int {
                *value = self.word_of(*value, expr.span);
            }
        }
        values
    }
}

/// The `int` that an operand converts to a float.
fn of_int(operand: &Expr) -> Option<&Expr> {
    match &operand.kind {
        ExprKind::Convert(Convert::Widen, int) if int.ty == Type::Int => Some(int),
        _ => None,
    }
}
