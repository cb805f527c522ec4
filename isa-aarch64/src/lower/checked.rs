//! Checked arithmetic: the wrapped result, and the overflow as a test.
//!
//! ```text
//! v3, v4 = sadd_overflow.i64 v1, v2 ; br_if v4, b1, b2      adds vr3, vr1, vr2 ; b.vs b1, b2
//! v3, v4 = smul_overflow.i64 v1, v2 ; br_if v4, b1, b2      mul vr3, .. ; smulh h, .. ;
//!                                                           cmp h, vr3, asr #63 ; b.ne b1, b2
//! v3, v4 = sadd_overflow.i8 v1, v2                          sxtb a ; add vr3, a, vr2, sxtb ;
//!                                                           cmp vr3, vr3, sxtb ; ne
//! ```
//! Narrow types are exact at 32 bits: they overflow if the result is not its own extension.

use super::arith::{extend, multiply, multiply_long, multiply_to};
use super::cond::set_to;
use super::operand::{
    ADD, ADDS, Alu, SUB, SUBS, Second, alu_to, copy_to, imm12, int, is_flexible, put, rrr, second, width,
};
use super::{Cx, wide};
use crate::inst::{Cc, Extend, MInst, Op, Shift, Test, Width};
use crate::regs::ZR_REG;
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
    let test = with_flags(cx, inst);
    if wanted {
        let dst = cx.def_value(flag);
        set_to(cx, dst, test);
    }
}

/// Computes the result and leaves the overflow to be tested.
pub fn with_flags(cx: &mut Cx<'_>, inst: Inst) -> Test {
    use Opcode::{SaddOverflow, SmulOverflow, SsubOverflow, UaddOverflow, UmulOverflow};
    let data = *cx.func.inst(inst);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (result, _) = results(cx, inst);
    let dst = cx.def_values(result);
    let signed = matches!(data.op, SaddOverflow | SsubOverflow | SmulOverflow);
    let sum = matches!(data.op, SaddOverflow | UaddOverflow);
    let product = matches!(data.op, SmulOverflow | UmulOverflow);
    match data.ty {
        Type::I128 if product => return wide::multiply_checked(cx, dst, a, b, signed),
        Type::I128 => {
            let ops = if sum { [Op::Adds, Op::Adcs] } else { [Op::Subs, Op::Sbcs] };
            wide::add_or_subtract(cx, ops, dst, a, b);
        }
        Type::I8 | Type::I16 => return narrow(cx, data.op, data.ty, dst.only(), (a, b), signed),
        Type::I32 if product => return multiply_32(cx, dst.only(), (a, b), signed),
        _ if product => return multiply_64(cx, dst.only(), (a, b), signed),
        ty => add_or_subtract(cx, sum, ty, dst.only(), a, b, signed),
    }
    // A subtraction that borrows clears the carry.
    Test::Flags(match (signed, sum) {
        (true, _) => Cc::Vs,
        (false, true) => Cc::Hs,
        (false, false) => Cc::Lo,
    })
}

fn add_or_subtract(cx: &mut Cx<'_>, sum: bool, ty: Type, dst: Reg, a: Value, b: Value, signed: bool) {
    let width = width(ty);
    let swap = sum && is_flexible(cx, a, true) && !is_flexible(cx, b, true);
    let (a, b) = if swap { (b, a) } else { (a, b) };
    match imm12(cx, b) {
        // Negating the constant keeps the signed overflow but not the carry.
        Some((imm, negated)) if signed || !negated => {
            let op = if sum != negated { ADDS.imm } else { SUBS.imm };
            let rn = cx.use_value(a);
            put(cx, MInst::new(op, width).rd(dst).rn(rn).imm(imm));
        }
        _ => {
            let rm = second(cx, b, true);
            let rn = cx.use_value(a);
            alu_to(cx, if sum { ADDS } else { SUBS }, width, dst, rn, rm);
        }
    }
}

/// Bytes and halves, exactly at 32 bits.
fn narrow(cx: &mut Cx<'_>, op: Opcode, ty: Type, dst: Reg, (a, b): (Value, Value), signed: bool) -> Test {
    use Opcode::{SaddOverflow, SmulOverflow, UaddOverflow, UmulOverflow};
    let extension = Extend::from(ty.bits(), signed);
    let x = extend(cx, a, signed, Width::W32);
    let exact = match op {
        SmulOverflow | UmulOverflow => {
            let y = extend(cx, b, signed, Width::W32);
            multiply(cx, Width::W32, x, y)
        }
        _ => {
            let alu: Alu = if matches!(op, SaddOverflow | UaddOverflow) { ADD } else { SUB };
            let (y, exact) = (cx.use_value(b), int(cx));
            alu_to(cx, alu, Width::W32, exact, x, Second::Ext(y, extension, 0));
            exact
        }
    };
    copy_to(cx, dst, exact);
    alu_to(cx, SUBS, Width::W32, ZR_REG, exact, Second::Ext(exact, extension, 0));
    Test::Flags(Cc::Ne)
}

/// The exact product has 64 bits.
fn multiply_32(cx: &mut Cx<'_>, dst: Reg, (a, b): (Value, Value), signed: bool) -> Test {
    let (x, y) = (cx.use_value(a), cx.use_value(b));
    multiply_long(cx, signed, dst, x, y);
    let extension = Extend::from(32, signed);
    alu_to(cx, SUBS, Width::W64, ZR_REG, dst, Second::Ext(dst, extension, 0));
    Test::Flags(Cc::Ne)
}

/// The high half of the product must repeat the sign of the low one, or be zero.
fn multiply_64(cx: &mut Cx<'_>, dst: Reg, (a, b): (Value, Value), signed: bool) -> Test {
    let (x, y) = (cx.use_value(a), cx.use_value(b));
    let high = int(cx);
    multiply_to(cx, Width::W64, dst, x, y);
    rrr(cx, if signed { Op::Smulh } else { Op::Umulh }, Width::W64, high, x, y);
    if !signed {
        return Test::Zero { reg: high, width: Width::W64, zero: false };
    }
    alu_to(cx, SUBS, Width::W64, ZR_REG, high, Second::Reg(dst, Shift::Asr, 63));
    Test::Flags(Cc::Ne)
}
