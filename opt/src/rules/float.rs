//! Float rules: only those that are exact for every operand, NaN bits and signed zeros included.
//!
//! `x * 1` and `x / 1` quiet a signalling NaN, so they need an `x` that is no signalling NaN: the result of
//! arithmetic. `x + 0.0` is never `x` for x = -0.0; `x - 0.0` is.

use super::{Hit, Shape, Shape::Op, View, bits, keep, make, old};
use pyexec_ir::{Opcode, Opcode::*, Type, Value};

/// Whether the value comes out of float arithmetic: never a signalling NaN.
fn is_quiet(view: View, value: Value) -> bool {
    let quiet = |op| matches!(op, Fadd | Fsub | Fmul | Fdiv | Fsqrt | Fma | SintToFloat | UintToFloat);
    view.0.def_inst(value).is_some_and(|inst| quiet(view.0.inst(inst).op))
}

pub(super) fn unary(view: View, op: Opcode, ty: Type, a: Value, shape: Shape) -> Option<Hit> {
    match (op, shape) {
        (Fneg, Op(Fneg, x, _)) => keep("fneg_fneg", x),
        (Fabs, Op(Fabs, ..)) => keep("fabs_fabs", a),
        (Fabs, Op(Fneg, x, _)) => make("fabs_fneg", Fabs, ty, [old(x)]),
        (Fabs, Op(Fcopysign, x, _)) => make("fabs_copysign", Fabs, ty, [old(x)]),
        (Fdemote, Op(Fpromote, x, _)) if is_quiet(view, x) => keep("fdemote_fpromote", x),
        _ => None,
    }
}

fn number(view: View, value: Value) -> Option<f64> {
    let bits = view.k(value)?;
    Some(match view.ty(value) {
        Type::F32 => f32::from_bits(bits as u32) as f64,
        _ => f64::from_bits(bits as u64),
    })
}

/// The bits of 1/c, if c is a power of two and both are normal: then multiplying is as exact as dividing.
fn exact_reciprocal(ty: Type, c: f64) -> Option<u128> {
    let inverse = 1.0 / c;
    let power = |x: f64| x.is_normal() && x.to_bits() << 12 == 0;
    let narrow = (inverse as f32).is_normal() && (c as f32).is_normal();
    match ty {
        Type::F32 if power(c) && narrow => Some((inverse as f32).to_bits() as u128),
        Type::F64 if power(c) && power(inverse) => Some(inverse.to_bits() as u128),
        _ => None,
    }
}

type Operand = (Value, Shape);

pub(super) fn binary(
    view: View,
    op: Opcode,
    ty: Type,
    (a, left): Operand,
    (b, right): Operand,
) -> Option<Hit> {
    let number = number(view, b);
    let positive_zero = number.is_some_and(|c| c == 0.0 && c.is_sign_positive());
    match (op, left, right) {
        (Fmul | Fdiv, ..) if number == Some(1.0) && is_quiet(view, a) => keep("times_one", a),
        (Fsub, ..) if positive_zero && is_quiet(view, a) => keep("minus_zero", a),
        (Fdiv, ..) if number.and_then(|c| exact_reciprocal(ty, c)).is_some() => {
            let inverse = exact_reciprocal(ty, number?)?;
            make("divide_by_power", Fmul, ty, [old(a), super::Expr::Bits(ty, inverse)])
        }
        (Fmul | Fdiv, Op(Fneg, x, _), Op(Fneg, y, _)) => make("signs_cancel", op, ty, [old(x), old(y)]),
        (Fcopysign, ..) if a == b => keep("copysign_self", a),
        (Fcopysign, Op(Fneg | Fabs | Fcopysign, x, _), _) => {
            make("copysign_of_sign", Fcopysign, ty, [old(x), old(b)])
        }
        (Feq | Fle | Fge, ..) if a == b => make("feq_self", Ford, ty, [old(a), old(a)]),
        (Fne, ..) if a == b => make("fne_self", Funo, ty, [old(a), old(a)]),
        (Flt | Fgt, ..) if a == b => bits("flt_self", Type::I8, 0),
        _ => None,
    }
}
