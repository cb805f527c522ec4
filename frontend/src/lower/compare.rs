//! Comparisons: of numbers of any two types (exactly), text, tuples; chains; membership.

use super::env::Label;
use super::func::Fx;
use super::ranges::constant;
use super::repr;
use crate::hir::{CompareOp, Expr};
use crate::types::{Sized, Type};
use pyexec_ir::{self as ir, Opcode, Value};

/// A value with its type.
#[derive(Clone, Copy)]
pub(super) struct Typed<'t> {
    pub ty: &'t Type,
    pub values: &'t [Value],
}

impl<'m> Fx<'m, '_> {
    /// A comparison or a chain of them, as `i8`.
    pub(super) fn compare(&mut self, first: &'m Expr, rest: &'m [(CompareOp, Expr)]) -> Value {
        if let [(op, right)] = rest {
            let (a, b) = (self.expr(first), self.expr(right));
            return self.compare_pair(
                *op,
                Typed { ty: &first.ty, values: &a },
                Typed { ty: &right.ty, values: &b },
            );
        }
        let result = self.new_var(ir::Type::I8);
        let (mut yes, mut no, mut end) = (self.label(), self.label(), self.label());
        self.compare_chain(first, rest, &mut yes, &mut no);
        for (label, truth) in [(yes, 1), (no, 0)] {
            self.bind(label);
            let value = self.b().iconst(ir::Type::I8, truth);
            self.set(result, value);
            self.jump(&mut end);
        }
        self.bind(end);
        self.get(result)
    }

    /// `a < b < c`: what comes after the first comparison that fails is not evaluated.
    pub(super) fn compare_chain(
        &mut self,
        first: &'m Expr,
        rest: &'m [(CompareOp, Expr)],
        yes: &mut Label,
        no: &mut Label,
    ) {
        let (mut left, mut left_ty) = (self.expr(first), &first.ty);
        for (index, (op, operand)) in rest.iter().enumerate() {
            let right = self.expr(operand);
            let holds = self.compare_pair(
                *op,
                Typed { ty: left_ty, values: &left },
                Typed { ty: &operand.ty, values: &right },
            );
            if index + 1 == rest.len() {
                return self.branch(holds, yes, no);
            }
            let mut next = self.label();
            self.branch(holds, &mut next, no);
            self.bind(next);
            (left, left_ty) = (right, &operand.ty);
        }
    }

    /// One comparison, as `i8`.
    pub(super) fn compare_pair(&mut self, op: CompareOp, a: Typed<'_>, b: Typed<'_>) -> Value {
        match (op, a.ty, b.ty) {
            (CompareOp::In | CompareOp::NotIn, _, Type::Tuple(items)) => {
                self.membership(op == CompareOp::In, a, items, b.values)
            }
            (_, Type::Tuple(x), Type::Tuple(y)) => self.compare_tuples(op, (x, a.values), (y, b.values)),
            (_, Type::None, _) => self.b().iconst(ir::Type::I8, i64::from(op == CompareOp::Eq)),
            (_, Type::Str, _) => {
                let args = [a.values[0], a.values[1], b.values[0], b.values[1]];
                let order = self.helper_value("pyexec_str_cmp", &args);
                let zero = self.b().iconst(ir::Type::I64, 0);
                self.b().plain(int_op(op, true), &[order, zero])
            }
            _ => self.compare_numbers(op, a, b),
        }
    }

    fn membership(&mut self, positive: bool, a: Typed<'_>, items: &[Type], values: &[Value]) -> Value {
        let mut any = None;
        for (index, ty) in items.iter().enumerate() {
            let item = Typed { ty, values: &values[repr::item_range(items, index)] };
            let equal = self.compare_pair(CompareOp::Eq, a, item);
            any = Some(any.map_or(equal, |any| self.b().bor(any, equal)));
        }
        let any = any.unwrap_or(self.undefined(ir::Type::I8));
        if positive {
            return any;
        }
        let zero = self.b().iconst(ir::Type::I8, 0);
        self.b().eq(any, zero)
    }

    /// Tuples of one length compare by the first items that differ.
    fn compare_tuples(&mut self, op: CompareOp, a: (&[Type], &[Value]), b: (&[Type], &[Value])) -> Value {
        let pairs: Vec<(Typed<'_>, Typed<'_>)> = (0..a.0.len())
            .map(|i| {
                let x = Typed { ty: &a.0[i], values: &a.1[repr::item_range(a.0, i)] };
                (x, Typed { ty: &b.0[i], values: &b.1[repr::item_range(b.0, i)] })
            })
            .collect();
        if matches!(op, CompareOp::Eq | CompareOp::Ne) {
            let mut all = self.b().iconst(ir::Type::I8, 1);
            for (x, y) in pairs {
                let equal = self.compare_pair(CompareOp::Eq, x, y);
                all = self.b().band(all, equal);
            }
            let wanted = self.b().iconst(ir::Type::I8, i64::from(op == CompareOp::Eq));
            return self.b().eq(all, wanted);
        }
        // From the back: where items are equal, the rest decides.
        let at_end = matches!(op, CompareOp::Le | CompareOp::Ge);
        let mut verdict = self.b().iconst(ir::Type::I8, i64::from(at_end));
        for (x, y) in pairs.into_iter().rev() {
            let equal = self.compare_pair(CompareOp::Eq, x, y);
            let here = self.compare_pair(op, x, y);
            verdict = self.b().select(equal, verdict, here);
        }
        verdict
    }

    // ---- Numbers ----

    fn compare_numbers(&mut self, op: CompareOp, a: Typed<'_>, b: Typed<'_>) -> Value {
        if is_complex(a.ty) || is_complex(b.ty) {
            return self.compare_complex(op, a, b);
        }
        if self.exact.is_some() && (*a.ty == Type::Int || *b.ty == Type::Int) {
            return self.compare_exactly_typed(op, a, b);
        }
        match (is_float(a.ty), is_float(b.ty)) {
            (true, true) => {
                let (x, y) = (self.as_double(a), self.as_double(b));
                self.b().plain(float_op(op), &[x, y])
            }
            (false, false) => self.compare_ints(op, a, b),
            (true, false) => self.compare_int_float(flipped(op), b, a),
            (false, true) => self.compare_int_float(op, a, b),
        }
    }

    pub(super) fn as_double(&mut self, value: Typed<'_>) -> Value {
        match value.ty {
            Type::Sized(Sized::Float32) => self.b().fpromote(ir::Type::F64, value.values[0]),
            _ => value.values[0],
        }
    }

    fn compare_ints(&mut self, op: CompareOp, a: Typed<'_>, b: Typed<'_>) -> Value {
        if a.ty == b.ty {
            let signed = is_signed(a.ty);
            return self.b().plain(int_op(op, signed), &[a.values[0], b.values[0]]);
        }
        // uint64 needs a wider type to meet the signed ones; everything else fits in 64 bits.
        let unsigned64 = Type::Sized(Sized::Uint64);
        let wide = if *a.ty == unsigned64 || *b.ty == unsigned64 { ir::Type::I128 } else { ir::Type::I64 };
        let (x, y) = (self.widen_int(a, wide), self.widen_int(b, wide));
        self.b().plain(int_op(op, true), &[x, y])
    }

    fn widen_int(&mut self, value: Typed<'_>, wide: ir::Type) -> Value {
        let scalar = value.values[0];
        match self.func.ty(scalar) {
            ty if ty == wide => scalar,
            _ if is_signed(value.ty) => self.b().sext(wide, scalar),
            _ => self.b().zext(wide, scalar),
        }
    }

    /// An int against a float, exactly: as floats if the int is a float exactly, else by a helper.
    fn compare_int_float(&mut self, op: CompareOp, int: Typed<'_>, float: Typed<'_>) -> Value {
        let y = self.as_double(float);
        if *int.ty == Type::Sized(Sized::Uint64) {
            // NumPy compares these as floats.
            let x = self.b().uint_to_float(ir::Type::F64, int.values[0]);
            return self.b().plain(float_op(op), &[x, y]);
        }
        let a = self.widen_int(int, ir::Type::I64);
        let range = self.ranges.get(&self.func, a);
        let small = self.func.ty(int.values[0]) != ir::Type::I64;
        if small || range.is_exact_float() {
            return self.compare_as_floats(op, a, y);
        }
        let result = self.new_var(ir::Type::I8);
        let (mut slow, mut fast, mut end) = (self.cold_label(), self.label(), self.label());
        let large = self.is_large(a);
        self.branch(large, &mut slow, &mut fast);
        self.bind(slow);
        let value = self.compare_exactly(op, a, y);
        self.set(result, value);
        self.jump(&mut end);
        self.bind(fast);
        let value = self.compare_as_floats(op, a, y);
        self.set(result, value);
        self.jump(&mut end);
        self.bind(end);
        self.get(result)
    }

    fn compare_as_floats(&mut self, op: CompareOp, a: Value, y: Value) -> Value {
        let x = match constant(&self.func, a) {
            Some(value) => self.b().f64const(value as f64),
            None => self.b().sint_to_float(ir::Type::F64, a),
        };
        self.b().plain(float_op(op), &[x, y])
    }

    /// By the helper, which answers -1, 0, 1, or 2 if the float is NaN.
    fn compare_exactly(&mut self, op: CompareOp, a: Value, y: Value) -> Value {
        let order = self.helper_value("pyexec_int_cmp_f64", &[a, y]);
        let zero = self.b().iconst(ir::Type::I64, 0);
        let holds = self.b().plain(int_op(op, true), &[order, zero]);
        if !matches!(op, CompareOp::Gt | CompareOp::Ge) {
            return holds;
        }
        let unordered = self.b().iconst(ir::Type::I64, 2);
        let ordered = self.b().ne(order, unordered);
        self.b().band(holds, ordered)
    }

    fn compare_complex(&mut self, op: CompareOp, a: Typed<'_>, b: Typed<'_>) -> Value {
        let float = Type::Float;
        let [re_a, im_a] = self.parts_of(a);
        let [re_b, im_b] = self.parts_of(b);
        // The real part of an int stays an int, so that the comparison is exact.
        let re = self.compare_numbers(
            CompareOp::Eq,
            Typed { ty: part_type(a.ty), values: &[re_a] },
            Typed { ty: part_type(b.ty), values: &[re_b] },
        );
        let im = self.compare_numbers(
            CompareOp::Eq,
            Typed { ty: &float, values: &[im_a] },
            Typed { ty: &float, values: &[im_b] },
        );
        let equal = self.b().band(re, im);
        let wanted = self.b().iconst(ir::Type::I8, i64::from(op == CompareOp::Eq));
        self.b().eq(equal, wanted)
    }

    /// Real part as it is, imaginary part as a double.
    fn parts_of(&mut self, value: Typed<'_>) -> [Value; 2] {
        match value.ty {
            Type::Complex => [value.values[0], value.values[1]],
            Type::Sized(Sized::Complex64) => {
                [value.values[0], self.b().fpromote(ir::Type::F64, value.values[1])]
            }
            _ => [value.values[0], self.b().f64const(0.0)],
        }
    }
}

fn part_type(ty: &Type) -> &Type {
    match ty {
        Type::Complex => &Type::Float,
        Type::Sized(Sized::Complex64) => &Type::Sized(Sized::Float32),
        other => other,
    }
}

fn is_complex(ty: &Type) -> bool {
    matches!(ty, Type::Complex | Type::Sized(Sized::Complex64))
}

fn is_float(ty: &Type) -> bool {
    matches!(ty, Type::Float | Type::Sized(Sized::Float32))
}

fn is_signed(ty: &Type) -> bool {
    match ty {
        Type::Sized(sized) => sized.is_signed(),
        ty => *ty != Type::Bool,
    }
}

pub(super) fn flipped(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        other => other,
    }
}

pub(super) fn int_op(op: CompareOp, signed: bool) -> Opcode {
    match (op, signed) {
        (CompareOp::Ne | CompareOp::NotIn, _) => Opcode::Ne,
        (CompareOp::Eq | CompareOp::In, _) => Opcode::Eq,
        (CompareOp::Lt, true) => Opcode::Slt,
        (CompareOp::Le, true) => Opcode::Sle,
        (CompareOp::Gt, true) => Opcode::Sgt,
        (CompareOp::Ge, true) => Opcode::Sge,
        (CompareOp::Lt, false) => Opcode::Ult,
        (CompareOp::Le, false) => Opcode::Ule,
        (CompareOp::Gt, false) => Opcode::Ugt,
        (CompareOp::Ge, false) => Opcode::Uge,
    }
}

pub(super) fn float_op(op: CompareOp) -> Opcode {
    match op {
        CompareOp::Ne | CompareOp::NotIn => Opcode::Fne,
        CompareOp::Eq | CompareOp::In => Opcode::Feq,
        CompareOp::Lt => Opcode::Flt,
        CompareOp::Le => Opcode::Fle,
        CompareOp::Gt => Opcode::Fgt,
        CompareOp::Ge => Opcode::Fge,
    }
}
