//! Conversions between widths and kinds.

use super::{Hit, Shape, Shape::K, Shape::Op, View, int, keep, make, old, writable};
use pyexec_ir::{Opcode, Opcode::*, Type, Value, ValueDef};

pub(super) fn unary(view: View, op: Opcode, ty: Type, a: Value, shape: Shape) -> Option<Hit> {
    match (op, shape) {
        (Zext, Op(Zext, x, _)) => make("zext_zext", Zext, ty, [old(x)]),
        (Sext, Op(Sext, x, _)) => make("sext_sext", Sext, ty, [old(x)]),
        (Sext, Op(Zext, x, _)) => make("sext_zext", Zext, ty, [old(x)]),
        (Sext, _) if view.is_bool(a) => make("sext_of_bool", Zext, ty, [old(a)]),
        (Zext, Op(Trunc, x, _)) if view.ty(x) == ty && writable(ty, view.ty(a).mask()) => {
            make("zext_trunc", Band, ty, [old(x), int(ty, view.ty(a).mask())])
        }
        (Trunc, Op(Trunc, x, _)) => make("trunc_trunc", Trunc, ty, [old(x)]),
        (Trunc, Op(Zext | Sext, x, _)) if view.ty(x) == ty => keep("trunc_extended", x),
        (Trunc, Op(Zext | Sext, x, _)) if view.ty(x).bits() > ty.bits() => {
            make("trunc_wide", Trunc, ty, [old(x)])
        }
        (Trunc, Op(Zext, x, _)) => make("trunc_zext", Zext, ty, [old(x)]),
        (Trunc, Op(Sext, x, _)) => make("trunc_sext", Sext, ty, [old(x)]),
        (Trunc, Op(Band, x, c)) if view.k(c).is_some_and(|c| c & ty.mask() == ty.mask()) => {
            make("trunc_mask", Trunc, ty, [old(x)])
        }
        (Trunc, Op(Iconcat, low, _)) if ty == Type::I64 => keep("trunc_iconcat", low),
        (Bitcast, Op(Bitcast, x, _)) if view.ty(x) == ty => keep("bitcast_bitcast", x),
        (Isplit, Op(Iconcat, low, high)) => {
            Some(Hit { rule: "isplit_iconcat", results: vec![old(low), old(high)] })
        }
        (UintToFloat, Op(Zext, x, _)) if view.ty(x) == Type::I32 => {
            make("float_of_zext", SintToFloat, ty, [old(a)])
        }
        _ => None,
    }
}

type Operand = (Value, Shape);

pub(super) fn binary(view: View, op: Opcode, _: Type, (a, _): Operand, (b, high): Operand) -> Option<Hit> {
    if op != Iconcat {
        return None;
    }
    let result = |value| match view.0.def(value) {
        ValueDef::Result(inst, index) if view.0.inst(inst).op == Isplit => Some((inst, index)),
        _ => None,
    };
    match (result(a), result(b), high) {
        (Some((low, 0)), Some((high, 1)), _) if low == high => keep("iconcat_isplit", view.0.args(low)[0]),
        (_, _, K(0)) => make("iconcat_zero", Zext, Type::I128, [old(a)]),
        _ => None,
    }
}
