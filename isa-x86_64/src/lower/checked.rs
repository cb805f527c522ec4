//! Checked arithmetic: the wrapped result, and the overflow in the flags.
//!
//! ```text
//! v3, v4 = sadd_overflow.i64 v1, v2 ; br_if v4, b1, b2      add vr3(=vr1), vr2 ; jo b1, b2
//! ```
//! Additions and subtractions are done at their own width, because the flags tell of that width. The
//! same holds for multiplications, except for bytes, which have no two-operand multiplication.

use super::arith::extend;
use super::cond::{Cond, set_to};
use super::operand::{
    ADC, ADD, Alu, SBB, SUB, copy_to, imm32, int, mi_to, order_commutative, put, rm, rm_to, unary, use_rm,
    width,
};
use super::{Cx, wide};
use crate::inst::{Cc, MInst, Op, Width};
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, Type, Value};

/// Whether the instruction is a checked one.
pub fn is_checked(cx: &Cx<'_>, inst: Inst) -> bool {
    use Opcode::{SaddOverflow, SmulOverflow, SsubOverflow, UaddOverflow, UmulOverflow, UsubOverflow};
    matches!(
        cx.func.inst(inst).op,
        SaddOverflow | SsubOverflow | SmulOverflow | UaddOverflow | UsubOverflow | UmulOverflow
    )
}

fn results(cx: &Cx<'_>, inst: Inst) -> (Value, Value) {
    let first = cx.func.first_result(inst).expect("invariant: checked arithmetic has results");
    let second = cx.func.results(inst).nth(1).expect("invariant: checked arithmetic has two results");
    (first, second)
}

/// Computes the result, and the flag as a value if anyone wants it.
pub fn lower(cx: &mut Cx<'_>, inst: Inst) {
    let (_, flag) = results(cx, inst);
    let wanted = cx.is_needed(flag);
    let cond = with_flags(cx, inst);
    if wanted {
        let dst = cx.def_value(flag);
        set_to(cx, dst, cond);
    }
}

/// Computes the result and leaves the overflow in the flags.
pub fn with_flags(cx: &mut Cx<'_>, inst: Inst) -> Cond {
    use Opcode::{SaddOverflow, SmulOverflow, SsubOverflow, UaddOverflow, UmulOverflow};
    let data = *cx.func.inst(inst);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (result, _) = results(cx, inst);
    let dst = cx.def_values(result);
    let signed = matches!(data.op, SaddOverflow | SsubOverflow | SmulOverflow);
    let sum = matches!(data.op, SaddOverflow | UaddOverflow);
    match data.op {
        SmulOverflow | UmulOverflow if data.ty == Type::I128 => {
            return wide::multiply_checked(cx, dst, a, b, signed);
        }
        SmulOverflow | UmulOverflow => return multiply(cx, dst.only(), data.ty, a, b, signed),
        _ if data.ty == Type::I128 => {
            let (low, high) = if sum { (ADD, ADC) } else { (SUB, SBB) };
            wide::add_or_subtract(cx, low, high, dst, a, b);
        }
        _ if sum => {
            let (a, b) = order_commutative(cx, a, b);
            add_or_subtract(cx, ADD, dst.only(), data.ty, a, b);
        }
        _ => add_or_subtract(cx, SUB, dst.only(), data.ty, a, b),
    }
    Cond::one(if signed { Cc::O } else { Cc::B })
}

fn add_or_subtract(cx: &mut Cx<'_>, alu: Alu, dst: Reg, ty: Type, a: Value, b: Value) {
    let width = width(ty);
    if let Some(imm) = imm32(cx, b) {
        let a = cx.use_value(a);
        return mi_to(cx, alu.mi, width, dst, a, imm);
    }
    let a = cx.use_value(a);
    let b = use_rm(cx, b);
    rm_to(cx, alu.rm, width, dst, a, b);
}

fn multiply(cx: &mut Cx<'_>, dst: Reg, ty: Type, a: Value, b: Value, signed: bool) -> Cond {
    if ty == Type::I8 {
        return multiply_bytes(cx, dst, a, b, signed);
    }
    let width = width(ty);
    let (a, b) = if cx.const_bits(a).is_some() { (b, a) } else { order_commutative(cx, a, b) };
    if signed && let Some(imm) = imm32(cx, b) {
        let a = use_rm(cx, a);
        put(cx, MInst::new(Op::ImulRmi, width).dst(dst).rm(a).imm(imm));
    } else if signed {
        let a = cx.use_value(a);
        let b = use_rm(cx, b);
        rm_to(cx, Op::ImulRm, width, dst, a, b);
    } else {
        let b = use_rm(cx, b);
        let (a, high) = (cx.use_value(a), int(cx));
        put(cx, MInst::new(Op::Mul, width).dst(dst).dst2(high).src(a).rm(b));
    }
    Cond::one(Cc::O)
}

/// The product of two extended bytes is exact in 32 bits: compare it with its own low byte, extended.
fn multiply_bytes(cx: &mut Cx<'_>, dst: Reg, a: Value, b: Value, signed: bool) -> Cond {
    let (x, y) = (extend(cx, a, signed, Width::B32), extend(cx, b, signed, Width::B32));
    let product = rm(cx, Op::ImulRm, Width::B32, x, y);
    let again = unary(cx, if signed { Op::MovsxB } else { Op::MovzxB }, Width::B32, product);
    copy_to(cx, dst, product);
    put(cx, MInst::new(Op::CmpRm, Width::B32).src(again).rm(product));
    Cond::one(Cc::Ne)
}
