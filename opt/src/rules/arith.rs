//! Sums, differences, products, quotients, minima: modulo 2^width throughout.

use super::{Hit, Shape, Shape::K, Shape::Op, View, bits, int, keep, log2, make, new, old};
use pyexec_ir::{Opcode, Opcode::*, Type, Value};

pub(super) fn unary(view: View, op: Opcode, ty: Type, _: Value, a: Shape) -> Option<Hit> {
    match (op, a) {
        (Ineg, Op(Ineg, x, _)) => keep("neg_neg", x),
        (Ineg, Op(Isub, x, y)) => make("neg_sub", Isub, ty, [old(y), old(x)]),
        (Ineg, Op(Imul, x, c)) if view.k(c).is_some() => {
            make("neg_mul", Imul, ty, [old(x), int(ty, view.k(c)?.wrapping_neg())])
        }
        _ => None,
    }
}

type Operand = (Value, Shape);

pub(super) fn binary(view: View, op: Opcode, ty: Type, a: Operand, b: Operand) -> Option<Hit> {
    match op {
        Iadd => add(view, ty, a, b),
        Isub => sub(view, ty, a, b),
        Imul => mul(view, ty, a, b),
        Sdiv | Udiv | Srem | Urem => divide(op, ty, a, b),
        Smin | Smax | Umin | Umax => extremum(view, op, ty, a, b),
        _ => None,
    }
}

fn add(view: View, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    match (left, right) {
        (_, K(0)) => keep("add_zero", a),
        (Op(Iadd, x, c), K(d)) if view.k(c).is_some() => {
            make("add_add", Iadd, ty, [old(x), int(ty, view.k(c)?.wrapping_add(d))])
        }
        (Op(Isub, c, x), K(d)) if view.k(c).is_some() => {
            make("add_sub_from", Isub, ty, [int(ty, view.k(c)?.wrapping_add(d)), old(x)])
        }
        (Op(Isub, x, y), _) if y == b => keep("sub_then_add", x),
        (_, Op(Isub, x, y)) if y == a => keep("add_of_sub", x),
        (_, Op(Ineg, y, _)) => make("add_neg", Isub, ty, [old(a), old(y)]),
        (Op(Ineg, x, _), _) => make("neg_add", Isub, ty, [old(b), old(x)]),
        _ => None,
    }
}

fn sub(view: View, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    match (left, right) {
        _ if a == b => bits("sub_self", ty, 0),
        (_, K(c)) if super::writable(ty, c.wrapping_neg() & ty.mask()) => {
            make("sub_constant", Iadd, ty, [old(a), int(ty, c.wrapping_neg())])
        }
        (K(0), _) => make("zero_sub", Ineg, ty, [old(b)]),
        (_, Op(Ineg, y, _)) => make("sub_neg", Iadd, ty, [old(a), old(y)]),
        (Op(Iadd, x, y), _) if y == b => keep("add_then_sub", x),
        (Op(Iadd, x, y), _) if x == b => keep("add_then_sub_left", y),
        (_, Op(Iadd, x, y)) if x == a => make("sub_of_sum_left", Ineg, ty, [old(y)]),
        (_, Op(Iadd, x, y)) if y == a => make("sub_of_sum", Ineg, ty, [old(x)]),
        (_, Op(Isub, x, y)) if x == a => keep("sub_of_difference", y),
        (_, Op(Imul, q, d)) if view.is_quotient(Sdiv, q, (a, d)) => {
            make("sub_sdiv_mul", Srem, ty, [old(a), old(d)])
        }
        (_, Op(Imul, q, d)) if view.is_quotient(Udiv, q, (a, d)) => {
            make("sub_udiv_mul", Urem, ty, [old(a), old(d)])
        }
        (Op(Isub, x, y), _) if x == b => make("difference_sub", Ineg, ty, [old(y)]),
        (K(c), Op(Iadd, x, d)) if view.k(d).is_some() => {
            make("sub_from_add", Isub, ty, [int(ty, c.wrapping_sub(view.k(d)?)), old(x)])
        }
        (K(c), Op(Isub, d, x)) if view.k(d).is_some() => {
            make("sub_from_sub", Iadd, ty, [old(x), int(ty, c.wrapping_sub(view.k(d)?))])
        }
        _ => None,
    }
}

fn mul(view: View, ty: Type, (a, left): Operand, (_, right): Operand) -> Option<Hit> {
    match (left, right) {
        (_, K(0)) => bits("mul_zero", ty, 0),
        (_, K(1)) => keep("mul_one", a),
        (_, K(c)) if c == ty.mask() => make("mul_minus_one", Ineg, ty, [old(a)]),
        (Op(Imul, x, c), K(d)) if view.k(c).is_some() => {
            make("mul_mul", Imul, ty, [old(x), int(ty, view.k(c)?.wrapping_mul(d))])
        }
        (Op(Shl, x, c), K(d)) if view.k(c).is_some() => {
            let shift = view.k(c)? % ty.bits() as u128;
            make("shl_mul", Imul, ty, [old(x), int(ty, d << shift)])
        }
        (Op(Ineg, x, _), K(c)) => make("neg_times", Imul, ty, [old(x), int(ty, c.wrapping_neg())]),
        (_, K(c)) if log2(c).is_some() => make("mul_power", Shl, ty, [old(a), int(ty, log2(c)?)]),
        (Op(Ineg, x, _), Op(Ineg, y, _)) => make("neg_times_neg", Imul, ty, [old(x), old(y)]),
        _ => None,
    }
}

fn divide(op: Opcode, ty: Type, (a, _): Operand, (_, right): Operand) -> Option<Hit> {
    match (op, right) {
        (Sdiv | Udiv, K(1)) => keep("div_one", a),
        (Srem | Urem, K(1)) => bits("rem_one", ty, 0),
        (Udiv, K(c)) if log2(c).is_some() => make("udiv_power", Lshr, ty, [old(a), int(ty, log2(c)?)]),
        (Urem, K(c)) if log2(c).is_some() => make("urem_power", Band, ty, [old(a), int(ty, c - 1)]),
        _ => None,
    }
}

/// The operand of `op` that every value loses to, and the one that always wins.
fn bounds(op: Opcode, ty: Type) -> (u128, u128) {
    let (least, greatest) = (1 << (ty.bits() - 1), ty.mask() >> 1);
    match op {
        Smin => (greatest, least),
        Smax => (least, greatest),
        Umin => (ty.mask(), 0),
        _ => (0, ty.mask()),
    }
}

fn extremum(view: View, op: Opcode, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    match (left, right) {
        _ if a == b => keep("extremum_self", a),
        (_, K(c)) if c == bounds(op, ty).0 => keep("extremum_neutral", a),
        (_, K(c)) if c == bounds(op, ty).1 => keep("extremum_absorbing", b),
        (Op(inner, _, y), _) if inner == op && y == b => keep("extremum_again", a),
        (Op(inner, x, c), K(d)) if inner == op && view.k(c).is_some() => {
            let pair = new(op, ty, [int(ty, view.k(c)?), int(ty, d)]);
            make("extremum_extremum", op, ty, [old(x), pair])
        }
        _ => None,
    }
}
