//! Bitwise logic and shifts.

use super::{Hit, Shape, Shape::K, Shape::Op, View, bits, int, inverse, keep, make, new, old, writable};
use pyexec_ir::{Opcode, Opcode::*, Type, Value};

type Operand = (Value, Shape);

pub(super) fn unary(view: View, op: Opcode, ty: Type, _: Value, a: Shape) -> Option<Hit> {
    match (op, a) {
        (Bnot, Op(Bnot, x, _)) => keep("not_not", x),
        (Bnot, Op(Bxor, x, c)) if view.k(c).is_some() => {
            make("not_xor", Bxor, ty, [old(x), int(ty, !view.k(c)?)])
        }
        (Bswap, Op(Bswap, x, _)) => keep("bswap_bswap", x),
        _ => None,
    }
}

pub(super) fn logic(view: View, op: Opcode, ty: Type, a: Operand, b: Operand) -> Option<Hit> {
    match op {
        Band => and(view, ty, a, b),
        Bor => or(view, ty, a, b),
        Bxor => xor(view, ty, a, b),
        _ => None,
    }
}

fn and(view: View, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    match (left, right) {
        _ if a == b => keep("and_self", a),
        (_, K(0)) => bits("and_zero", ty, 0),
        (_, K(c)) if c == ty.mask() => keep("and_ones", a),
        (_, K(1)) if view.is_bool(a) => keep("and_one_of_bool", a),
        (Op(Band, x, c), K(d)) if view.k(c).is_some() => {
            make("and_and", Band, ty, [old(x), int(ty, view.k(c)? & d)])
        }
        (Op(Zext, x, _), K(c)) if view.ty(x).mask() & !c == 0 => keep("and_zext", a),
        (Op(Bnot, x, _), _) if x == b => bits("not_and_self", ty, 0),
        (_, Op(Bnot, y, _)) if y == a => bits("and_not_self", ty, 0),
        (Op(Bor, x, y), _) if x == b || y == b => keep("or_and", b),
        (_, Op(Bor, x, y)) if x == a || y == a => keep("and_or", a),
        (Op(Band, x, y), _) if x == b || y == b => keep("and_again", a),
        (_, Op(Band, x, y)) if x == a || y == a => keep("and_again_right", b),
        (Op(Bnot, x, _), Op(Bnot, y, _)) => make("not_and_not", Bnot, ty, [new(Bor, ty, [old(x), old(y)])]),
        _ => None,
    }
}

fn or(view: View, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    match (left, right) {
        _ if a == b => keep("or_self", a),
        (_, K(0)) => keep("or_zero", a),
        (_, K(c)) if c == ty.mask() => bits("or_ones", ty, c),
        (_, K(1)) if view.is_bool(a) => bits("or_one_of_bool", ty, 1),
        (Op(Bor, x, c), K(d)) if view.k(c).is_some() => {
            make("or_or", Bor, ty, [old(x), int(ty, view.k(c)? | d)])
        }
        (Op(Bnot, x, _), _) if x == b => bits("not_or_self", ty, ty.mask()),
        (_, Op(Bnot, y, _)) if y == a => bits("or_not_self", ty, ty.mask()),
        (Op(Band, x, y), _) if x == b || y == b => keep("and_then_or", b),
        (_, Op(Band, x, y)) if x == a || y == a => keep("or_of_and", a),
        (Op(Bor, x, y), _) if x == b || y == b => keep("or_again", a),
        (_, Op(Bor, x, y)) if x == a || y == a => keep("or_again_right", b),
        (Op(Bnot, x, _), Op(Bnot, y, _)) => make("not_or_not", Bnot, ty, [new(Band, ty, [old(x), old(y)])]),
        _ => None,
    }
}

fn xor(view: View, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    match (left, right) {
        _ if a == b => bits("xor_self", ty, 0),
        (_, K(0)) => keep("xor_zero", a),
        (_, K(c)) if c == ty.mask() => make("xor_ones", Bnot, ty, [old(a)]),
        (Op(op, x, y), K(1)) if inverse(op).is_some() && ty == Type::I8 => {
            make("xor_one_of_compare", inverse(op)?, view.ty(x), [old(x), old(y)])
        }
        (_, K(1)) if ty == Type::I8 && view.is_bool(a) && !matches!(left, Op(Bxor, ..)) => {
            make("xor_one_of_bool", Eq, ty, [old(a), int(ty, 0)])
        }
        (Op(Bxor, x, c), K(d)) if view.k(c).is_some() => {
            make("xor_xor", Bxor, ty, [old(x), int(ty, view.k(c)? ^ d)])
        }
        (Op(Bnot, x, _), K(c)) => make("not_then_xor", Bxor, ty, [old(x), int(ty, !c)]),
        (Op(Bxor, x, y), _) if y == b => keep("xor_again", x),
        (Op(Bxor, x, y), _) if x == b => keep("xor_again_left", y),
        (_, Op(Bxor, x, y)) if y == a => keep("xor_of_xor", x),
        (_, Op(Bxor, x, y)) if x == a => keep("xor_of_xor_left", y),
        (Op(Bnot, x, _), Op(Bnot, y, _)) => make("not_xor_not", Bxor, ty, [old(x), old(y)]),
        _ => None,
    }
}

pub(super) fn shift(
    view: View,
    op: Opcode,
    ty: Type,
    (a, left): Operand,
    (_, right): Operand,
) -> Option<Hit> {
    if !matches!(op, Shl | Lshr | Ashr | Rotl | Rotr) {
        return None;
    }
    let width = ty.bits() as u128;
    match (left, right) {
        (_, K(c)) if c >= width => make("shift_modulo", op, ty, [old(a), int(ty, c % width)]),
        (_, K(0)) => keep("shift_by_zero", a),
        (_, K(c)) if op == Rotr => make("rotr_as_rotl", Rotl, ty, [old(a), int(ty, width - c)]),
        (Op(inner, x, d), K(c)) if view.k(d).is_some_and(|d| d < width) => {
            nested(op, inner, ty, x, (view.k(d)?, c))
        }
        (K(0), _) => bits("shift_of_zero", ty, 0),
        (K(c), _) if op == Ashr && c == ty.mask() => bits("ashr_of_ones", ty, c),
        (_, Op(Band, y, c)) if view.k(c).is_some_and(|c| c & (width - 1) == width - 1) => {
            make("shift_mask", op, ty, [old(a), old(y)])
        }
        _ => None,
    }
}

/// A shift by `c` of a shift of `x` by `d`; both amounts are below the width, `c` is not zero.
fn nested(op: Opcode, inner: Opcode, ty: Type, x: Value, (d, c): (u128, u128)) -> Option<Hit> {
    let width = ty.bits() as u128;
    let (high, low) = (ty.mask() << c & ty.mask(), ty.mask() >> c);
    match (op, inner) {
        (Shl, Shl) | (Lshr, Lshr) if c + d >= width => bits("shift_out", ty, 0),
        (Shl, Shl) | (Lshr, Lshr) => make("shift_shift", op, ty, [old(x), int(ty, c + d)]),
        (Ashr, Ashr) => make("ashr_ashr", Ashr, ty, [old(x), int(ty, (c + d).min(width - 1))]),
        (Rotl, Rotl) => make("rotl_rotl", Rotl, ty, [old(x), int(ty, (c + d) % width)]),
        (Shl, Lshr | Ashr) if c == d && writable(ty, high) => {
            make("shl_of_shr", Band, ty, [old(x), int(ty, high)])
        }
        (Lshr, Shl) if c == d && writable(ty, low) => make("lshr_of_shl", Band, ty, [old(x), int(ty, low)]),
        (Lshr, Ashr) if c == width - 1 => make("sign_of_ashr", Lshr, ty, [old(x), int(ty, c)]),
        _ => None,
    }
}
