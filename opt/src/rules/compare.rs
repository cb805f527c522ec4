//! Integer comparisons.

use super::{Hit, Shape, Shape::K, Shape::Op, View, flag, int, keep, make, new, old};
use pyexec_ir::{Opcode, Opcode::*, Type, Value, int_max, int_min, signed};

/// The comparison that holds exactly when `op` does not. Ordered float comparisons have none.
pub(crate) fn inverse(op: Opcode) -> Option<Opcode> {
    Some(match op {
        Eq => Ne,
        Ne => Eq,
        Slt => Sge,
        Sge => Slt,
        Sgt => Sle,
        Sle => Sgt,
        Ult => Uge,
        Uge => Ult,
        Ugt => Ule,
        Ule => Ugt,
        Feq => Fne,
        Fne => Feq,
        Ford => Funo,
        Funo => Ford,
        _ => return None,
    })
}

/// The comparison with swapped operands.
pub(crate) fn mirrored(op: Opcode) -> Option<Opcode> {
    Some(match op {
        Slt => Sgt,
        Sgt => Slt,
        Sle => Sge,
        Sge => Sle,
        Ult => Ugt,
        Ugt => Ult,
        Ule => Uge,
        Uge => Ule,
        Flt => Fgt,
        Fgt => Flt,
        Fle => Fge,
        Fge => Fle,
        _ => return None,
    })
}

fn is_int_compare(op: Opcode) -> bool {
    op >= Eq && op <= Uge
}
fn is_signed(op: Opcode) -> bool {
    matches!(op, Slt | Sle | Sgt | Sge)
}

type Operand = (Value, Shape);

pub(super) fn binary(view: View, op: Opcode, ty: Type, a: Operand, b: Operand) -> Option<Hit> {
    if !is_int_compare(op) {
        return None;
    }
    if a.0 == b.0 {
        return flag("compare_self", matches!(op, Eq | Sle | Sge | Ule | Uge));
    }
    match b.1 {
        K(c) => constant(view, op, ty, a, c),
        _ => two_terms(view, op, ty, a, b),
    }
}

fn constant(view: View, op: Opcode, ty: Type, a: Operand, c: u128) -> Option<Hit> {
    extreme(op, ty, a.0, c).or_else(|| match op {
        Eq | Ne => equality(view, op, ty, a, c),
        _ => widened(view, op, ty, a, c),
    })
}

/// Comparisons with the least or the greatest number, and those one step away from them.
fn extreme(op: Opcode, ty: Type, a: Value, c: u128) -> Option<Hit> {
    let (c, min, max) = match is_signed(op) {
        true => (signed(ty, c), int_min(ty), int_max(ty)),
        false if ty == Type::I128 => return extreme_i128(op, a, c),
        false => (c as i128, 0, ty.mask() as i128),
    };
    let only = |op: Opcode, c: i128| make("compare_near_extreme", op, ty, [old(a), int(ty, c as u128)]);
    match op {
        Slt | Ult if c == min => flag("never_below_least", false),
        Sge | Uge if c == min => flag("always_from_least", true),
        Sgt | Ugt if c == max => flag("never_above_greatest", false),
        Sle | Ule if c == max => flag("always_to_greatest", true),
        Slt | Ult if c == min + 1 => only(Eq, min),
        Sle | Ule if c == min => only(Eq, min),
        Sge | Uge if c == min + 1 => only(Ne, min),
        Sgt | Ugt if c == min => only(Ne, min),
        Sgt | Ugt if c == max - 1 => only(Eq, max),
        Sge | Uge if c == max => only(Eq, max),
        Slt | Ult if c == max => only(Ne, max),
        Sle | Ule if c == max - 1 => only(Ne, max),
        _ => None,
    }
}

fn extreme_i128(op: Opcode, a: Value, c: u128) -> Option<Hit> {
    match (op, c) {
        (Ult, 0) => flag("never_below_least", false),
        (Uge, 0) => flag("always_from_least", true),
        (Ult, 1) | (Ule, 0) => make("compare_near_extreme", Eq, Type::I128, [old(a), int(Type::I128, 0)]),
        (Uge, 1) | (Ugt, 0) => make("compare_near_extreme", Ne, Type::I128, [old(a), int(Type::I128, 0)]),
        _ => None,
    }
}

fn equality(view: View, op: Opcode, ty: Type, (a, left): Operand, c: u128) -> Option<Hit> {
    let rest = |rule, x: Value, c: u128| make(rule, op, ty, [old(x), int(ty, c)]);
    match left {
        _ if ty == Type::I8 && view.is_bool(a) => of_bool(view, op, (a, left), c),
        Op(Iadd, x, d) if view.k(d).is_some() => rest("add_equals", x, c.wrapping_sub(view.k(d)?)),
        Op(Isub, d, x) if view.k(d).is_some() => rest("sub_from_equals", x, view.k(d)?.wrapping_sub(c)),
        Op(Bxor, x, d) if view.k(d).is_some() => rest("xor_equals", x, c ^ view.k(d)?),
        Op(Ineg, x, _) => rest("neg_equals", x, c.wrapping_neg()),
        Op(Bnot, x, _) => rest("not_equals", x, !c),
        Op(Isub | Bxor, x, y) if c == 0 => make("difference_is_zero", op, ty, [old(x), old(y)]),
        Op(Band, x, d) if c != 0 && view.k(d) == Some(c) && c.is_power_of_two() => {
            let other = super::inverse(op)?;
            make("bit_is_set", other, ty, [new(Band, ty, [old(x), old(d)]), int(ty, 0)])
        }
        Op(Zext, x, _) if c > view.ty(x).mask() => flag("zext_never_equals", op == Ne),
        Op(Sext, x, _) if signed(view.ty(x), c) != signed(ty, c) => flag("sext_never_equals", op == Ne),
        Op(Zext | Sext, x, _) => make("extended_equals", op, view.ty(x), [old(x), int(view.ty(x), c)]),
        _ => None,
    }
}

/// `a` is 0 or 1.
fn of_bool(view: View, op: Opcode, (a, left): Operand, c: u128) -> Option<Hit> {
    match (left, c) {
        (_, 2..) => flag("bool_never_equals", op == Ne),
        _ if (op == Ne) == (c == 0) => keep("bool_itself", a),
        (Op(inner, x, y), _) if inverse(inner).is_some() => {
            make("bool_inverse", inverse(inner)?, view.ty(x), [old(x), old(y)])
        }
        (_, 1) => make("bool_is_zero", Eq, Type::I8, [old(a), int(Type::I8, 0)]),
        _ => None,
    }
}

/// An order comparison of a widened number with a constant is one of the narrow number, if the constant
/// is in its range.
fn widened(view: View, op: Opcode, ty: Type, (_, left): Operand, c: u128) -> Option<Hit> {
    match left {
        Op(Sext, x, _) if is_signed(op) && signed(view.ty(x), c) == signed(ty, c) => {
            make("compare_sext", op, view.ty(x), [old(x), int(view.ty(x), c)])
        }
        Op(Zext, x, _) if c <= view.ty(x).mask() => {
            make("compare_zext", unsigned(op), view.ty(x), [old(x), int(view.ty(x), c)])
        }
        _ => None,
    }
}

/// The unsigned comparison of the same direction.
fn unsigned(op: Opcode) -> Opcode {
    match op {
        Slt => Ult,
        Sle => Ule,
        Sgt => Ugt,
        Sge => Uge,
        _ => op,
    }
}

fn two_terms(view: View, op: Opcode, ty: Type, (a, left): Operand, (b, right): Operand) -> Option<Hit> {
    let equality = matches!(op, Eq | Ne);
    match (left, right) {
        (Op(Iadd, x, y), _) if equality && x == b => make("sum_equals_part", op, ty, [old(y), int(ty, 0)]),
        (Op(Iadd | Bxor, x, y), _) if equality && y == b => {
            make("sum_equals_part", op, ty, [old(x), int(ty, 0)])
        }
        (_, Op(Iadd | Bxor, x, y)) if equality && y == a => {
            make("part_equals_sum", op, ty, [old(x), int(ty, 0)])
        }
        (Op(Sext, x, _), Op(Sext, y, _)) if view.ty(x) == view.ty(y) && (is_signed(op) || equality) => {
            make("compare_sexts", op, view.ty(x), [old(x), old(y)])
        }
        (Op(Zext, x, _), Op(Zext, y, _)) if view.ty(x) == view.ty(y) => {
            make("compare_zexts", unsigned(op), view.ty(x), [old(x), old(y)])
        }
        _ => None,
    }
}
