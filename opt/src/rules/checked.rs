//! Arithmetic with an overflow flag: the rules give both results.

use super::{Expr, Hit, Shape, Shape::K, View, int, is_checked, make, old};
use pyexec_ir::{Opcode, Opcode::*, Type, Value};

type Operand = (Value, Shape);

/// `value`, and no overflow.
fn exact(rule: &'static str, value: Expr) -> Option<Hit> {
    Some(Hit { rule, results: vec![value, int(Type::I8, 0)] })
}

pub(super) fn binary(_: View, op: Opcode, ty: Type, (a, _): Operand, (b, right): Operand) -> Option<Hit> {
    let least = 1 << (ty.bits() - 1);
    match (op, right) {
        _ if !is_checked(op) => None,
        (SsubOverflow | UsubOverflow, _) if a == b => exact("checked_sub_self", int(ty, 0)),
        (SmulOverflow | UmulOverflow, K(0)) => exact("checked_mul_zero", int(ty, 0)),
        (SmulOverflow | UmulOverflow, K(1)) => exact("checked_mul_one", old(a)),
        (SmulOverflow, K(2)) => make("checked_double", SaddOverflow, ty, [old(a), old(a)]),
        (SmulOverflow, K(c)) if c == ty.mask() => {
            make("checked_negate", SsubOverflow, ty, [int(ty, 0), old(a)])
        }
        (UmulOverflow, K(2)) => make("checked_udouble", UaddOverflow, ty, [old(a), old(a)]),
        (SmulOverflow | UmulOverflow, _) => None,
        (_, K(0)) => exact("checked_add_zero", old(a)),
        (SsubOverflow, K(c)) if c != least && ty != Type::I128 => {
            make("checked_sub_constant", SaddOverflow, ty, [old(a), int(ty, c.wrapping_neg())])
        }
        _ => None,
    }
}
