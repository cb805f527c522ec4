//! Choices.

use super::{Hit, Shape::K, Shape::Op, View, int, inverse, keep, make, old};
use pyexec_ir::{Opcode, Opcode::*, Type, Value};

pub(super) fn select(view: View, op: Opcode, ty: Type, c: Value, a: Value, b: Value) -> Option<Hit> {
    if op != Select {
        return None;
    }
    if let Some(condition) = view.k(c) {
        return keep("select_constant", if condition != 0 { a } else { b });
    }
    if a == b {
        return keep("select_same", a);
    }
    of_numbers(view, ty, c, a, b).or_else(|| of_condition(view, ty, c, a, b))
}

/// Arms that are constants, or that are conditions themselves.
fn of_numbers(view: View, ty: Type, c: Value, a: Value, b: Value) -> Option<Hit> {
    let is_bool = ty == Type::I8 && view.is_bool(c);
    match (view.k(a), view.k(b)) {
        _ if !ty.is_int() => None,
        (Some(1), Some(0)) if is_bool => keep("select_one_zero", c),
        (Some(1), Some(0)) if view.is_bool(c) => make("select_one_zero_wide", Zext, ty, [old(c)]),
        (Some(1), Some(0)) if ty == Type::I8 => make("select_is_nonzero", Ne, ty, [old(c), int(ty, 0)]),
        (Some(0), Some(1)) if ty == Type::I8 => make("select_is_zero", Eq, ty, [old(c), int(ty, 0)]),
        (_, Some(0)) if is_bool && view.is_bool(a) => make("select_and", Band, ty, [old(c), old(a)]),
        (Some(1), _) if is_bool && view.is_bool(b) => make("select_or", Bor, ty, [old(c), old(b)]),
        _ => None,
    }
}

/// The extremum that a comparison chooses between its own operands.
fn extremum(op: Opcode) -> Option<Opcode> {
    Some(match op {
        Slt | Sle => Smin,
        Sgt | Sge => Smax,
        Ult | Ule => Umin,
        Ugt | Uge => Umax,
        _ => return None,
    })
}

fn of_condition(view: View, ty: Type, c: Value, a: Value, b: Value) -> Option<Hit> {
    let Op(op, x, y) = view.shape(c) else { return None };
    match (op, view.shape(y)) {
        (Eq, K(0)) if view.ty(x) == Type::I8 => make("select_not", Select, ty, [old(x), old(b), old(a)]),
        (Ne, K(0)) if view.ty(x) == Type::I8 => make("select_nonzero", Select, ty, [old(x), old(a), old(b)]),
        (Eq, _) if (x, y) == (a, b) || (x, y) == (b, a) => keep("select_equal", b),
        (Ne, _) if (x, y) == (a, b) || (x, y) == (b, a) => keep("select_unequal", a),
        _ if (x, y) == (a, b) && extremum(op).is_some() => {
            make("select_extremum", extremum(op)?, ty, [old(a), old(b)])
        }
        _ if (x, y) == (b, a) && extremum(op).is_some() => {
            // c chooses b's counterpart: `x < y ? y : x` is the other extremum.
            make("select_other_extremum", extremum(inverse(op)?)?, ty, [old(a), old(b)])
        }
        _ => None,
    }
}
