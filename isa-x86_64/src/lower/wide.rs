//! 128-bit integers as pairs of registers.
//!
//! ```text
//! v3 = iadd.i128 v1, v2        add lo3(=lo1), lo2 ; adc hi3(=hi1), hi2
//! v3 = imul.i128 v1, v2        mul lo1, lo2 -> hi:lo3 ; hi3 = hi + lo1*hi2 + hi1*lo2
//! v3 = slt.i128 v1, v2         cmp lo1, lo2 ; sbb hi1, hi2 ; l
//! ```
//! Carry chains must stay together: nothing between `add` and `adc` may write the flags.

use super::Cx;
use super::cond::Cond;
use super::operand::{
    ADC, ADD, AND, Alu, OR, SBB, SUB, XOR, const_reg, copy_to, int, mi, put, rm, rm_to, unary_to,
};
use crate::inst::{Cc, MInst, Op, Width};
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Inst, Opcode, Type, Value};

const W: Width = Width::B64;

/// A half of a second operand: register or immediate.
#[derive(Clone, Copy)]
enum Half {
    Reg(Reg),
    Imm(i64),
}

/// Both halves of an operand; constants as immediates where both halves fit.
fn halves(cx: &mut Cx<'_>, value: Value) -> (Half, Half) {
    if let Some(bits) = cx.const_bits(value) {
        let (low, high) = (bits as i64, (bits >> 64) as i64);
        let fits = |imm: i64| i32::try_from(imm).is_ok();
        if fits(low) && fits(high) {
            return (Half::Imm(low), Half::Imm(high));
        }
    }
    let regs = cx.use_values(value);
    (Half::Reg(regs.low()), Half::Reg(regs.high()))
}

fn apply(cx: &mut Cx<'_>, alu: Alu, dst: Reg, src: Reg, half: Half) {
    match half {
        Half::Reg(reg) => rm_to(cx, alu.rm, W, dst, src, reg),
        Half::Imm(imm) => put(cx, MInst::new(alu.mi, W).dst(dst).rm(src).imm(imm)),
    }
}

/// Sum, difference, logic.
pub fn binary(cx: &mut Cx<'_>, inst: Inst) {
    let (low, high) = match cx.func.inst(inst).op {
        Opcode::Iadd => (ADD, ADC),
        Opcode::Isub => (SUB, SBB),
        Opcode::Band => (AND, AND),
        Opcode::Bor => (OR, OR),
        _ => (XOR, XOR),
    };
    let dst = result_regs(cx, inst);
    add_or_subtract(cx, low, high, dst, cx.arg(inst, 0), cx.arg(inst, 1));
}

/// `dst = a op b`, the halves by their own instructions.
pub fn add_or_subtract(cx: &mut Cx<'_>, low: Alu, high: Alu, dst: ValueRegs, a: Value, b: Value) {
    let (b_low, b_high) = halves(cx, b);
    let a = cx.use_values(a);
    apply(cx, low, dst.low(), a.low(), b_low);
    apply(cx, high, dst.high(), a.high(), b_high);
}

/// The registers of an instruction's first result.
pub fn result_regs(cx: &mut Cx<'_>, inst: Inst) -> ValueRegs {
    let value = cx.func.first_result(inst).expect("invariant: the opcode has a result");
    cx.def_values(value)
}

/// Negation and complement.
pub fn unary(cx: &mut Cx<'_>, inst: Inst) {
    let dst = result_regs(cx, inst);
    let src = cx.use_values(cx.arg(inst, 0));
    if cx.func.inst(inst).op == Opcode::Bnot {
        unary_to(cx, Op::Not, W, dst.low(), src.low());
        unary_to(cx, Op::Not, W, dst.high(), src.high());
    } else {
        negate_to(cx, dst, src);
    }
}

/// The low half borrows from the high half unless it is zero: neg sets CF so.
fn negate_to(cx: &mut Cx<'_>, dst: ValueRegs, src: ValueRegs) {
    unary_to(cx, Op::Neg, W, dst.low(), src.low());
    let carried = mi(cx, Op::AdcMi, W, src.high(), 0);
    unary_to(cx, Op::Neg, W, dst.high(), carried);
}

/// `low:high = a * b`, 64 by 64 bits.
fn multiply_full(cx: &mut Cx<'_>, op: Op, dst: ValueRegs, a: Reg, b: Reg) {
    put(cx, MInst::new(op, W).dst(dst.low()).dst2(dst.high()).src(a).rm(b));
}

/// The 64-bit value that was extended to this one.
fn extended_from(cx: &Cx<'_>, value: Value, op: Opcode) -> Option<Value> {
    let source = cx.arg(cx.def_as(value, op)?, 0);
    (cx.func.ty(source) == Type::I64).then_some(source)
}

/// The constant, if it is one that extends from 64 bits.
fn fits_64(cx: &Cx<'_>, value: Value, signed: bool) -> Option<i64> {
    let bits = cx.const_bits(value)?;
    if signed { i64::try_from(bits as i128).ok() } else { u64::try_from(bits).ok().map(|b| b as i64) }
}

/// A 64-bit register whose extension is the value.
fn narrow_operand(cx: &mut Cx<'_>, value: Value, signed: bool) -> Option<Reg> {
    if let Some(imm) = fits_64(cx, value, signed) {
        return Some(const_reg(cx, imm));
    }
    let op = if signed { Opcode::Sext } else { Opcode::Zext };
    let source = extended_from(cx, value, op)?;
    Some(cx.use_value(source))
}

/// Low half of the product. Of two operands extended from 64 bits one multiplication is enough.
pub fn multiply(cx: &mut Cx<'_>, inst: Inst) {
    let dst = result_regs(cx, inst);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    for (signed, op) in [(true, Op::Imul), (false, Op::Mul)] {
        let source = if signed { Opcode::Sext } else { Opcode::Zext };
        let narrow = |cx: &Cx<'_>, v: Value| {
            extended_from(cx, v, source).is_some() || fits_64(cx, v, signed).is_some()
        };
        if !narrow(cx, a) || !narrow(cx, b) {
            continue;
        }
        if let (Some(x), Some(y)) = (narrow_operand(cx, a, signed), narrow_operand(cx, b, signed)) {
            return multiply_full(cx, op, dst, x, y);
        }
    }
    let (a, b) = (cx.use_values(a), cx.use_values(b));
    let cross_ab = rm(cx, Op::ImulRm, W, a.low(), b.high());
    let cross_ba = rm(cx, Op::ImulRm, W, a.high(), b.low());
    let cross = rm(cx, Op::AddRm, W, cross_ab, cross_ba);
    let high = int(cx);
    multiply_full(cx, Op::Mul, ValueRegs::two(dst.low(), high), a.low(), b.low());
    rm_to(cx, Op::AddRm, W, dst.high(), high, cross);
}

/// Sets the flags for a comparison; returns the condition to test.
pub fn compare(cx: &mut Cx<'_>, cc: Cc, a: Value, b: Value) -> Cc {
    let (a, b) = (cx.use_values(a), cx.use_values(b));
    compare_regs(cx, cc, a, b)
}

/// As [`compare`]. "Greater" and "less or equal" need the operands exchanged: after the subtraction only
/// sign, overflow and carry speak for both halves, the zero flag does not.
pub fn compare_regs(cx: &mut Cx<'_>, cc: Cc, a: ValueRegs, b: ValueRegs) -> Cc {
    match cc {
        Cc::E | Cc::Ne => {
            let low = rm(cx, Op::XorRm, W, a.low(), b.low());
            let high = rm(cx, Op::XorRm, W, a.high(), b.high());
            rm(cx, Op::OrRm, W, low, high);
            cc
        }
        Cc::G | Cc::Le | Cc::A | Cc::Be => compare_regs(cx, cc.swap(), b, a),
        _ => {
            put(cx, MInst::new(Op::CmpRm, W).src(a.low()).rm(b.low()));
            rm(cx, Op::SbbRm, W, a.high(), b.high());
            cc
        }
    }
}

/// Product with overflow, exact: of the magnitudes if signed.
///
/// ```text
/// |a| * |b| = low(a)*low(b) + (low(a)*high(b) + high(a)*low(b)) << 64 + high(a)*high(b) << 128
/// ```
/// overflows as unsigned if both high halves are nonzero, a cross product passes 64 bits, or the sum of
/// the upper parts carries. The signed result overflows if its sign is not that of the exact product,
/// unless it is zero.
pub fn multiply_checked(cx: &mut Cx<'_>, dst: ValueRegs, a: Value, b: Value, signed: bool) -> Cond {
    let (a, b) = (cx.use_values(a), cx.use_values(b));
    if !signed {
        let overflow = multiply_magnitudes(cx, dst, a, b);
        put(cx, MInst::new(Op::TestMr, Width::B8).src(overflow).rm(overflow));
        return Cond::one(Cc::Ne);
    }
    let mixed = rm(cx, Op::XorRm, W, a.high(), b.high());
    let sign = mi(cx, Op::SarMi, W, mixed, 63);
    let (x, y) = (magnitude(cx, a), magnitude(cx, b));
    let product = pair(cx);
    let overflow = multiply_magnitudes(cx, product, x, y);
    conditional_negate(cx, dst, product, sign);
    // The sign differs, and the result is not zero.
    let differs = rm(cx, Op::XorRm, W, dst.high(), sign);
    let differs = mi(cx, Op::ShrMi, W, differs, 63);
    let zero = int(cx);
    rm(cx, Op::OrRm, W, dst.low(), dst.high());
    put(cx, MInst::new(Op::Set, W).dst(zero).cc(Cc::Ne));
    let wrong = rm(cx, Op::AndRm, Width::B32, differs, zero);
    rm(cx, Op::OrRm, Width::B8, wrong, overflow);
    Cond::one(Cc::Ne)
}

fn pair(cx: &mut Cx<'_>) -> ValueRegs {
    let low = int(cx);
    ValueRegs::two(low, int(cx))
}

/// `dst = (src ^ sign) - sign`: negated if `sign` is all ones.
fn conditional_negate(cx: &mut Cx<'_>, dst: ValueRegs, src: ValueRegs, sign: Reg) {
    let low = rm(cx, Op::XorRm, W, src.low(), sign);
    let high = rm(cx, Op::XorRm, W, src.high(), sign);
    rm_to(cx, Op::SubRm, W, dst.low(), low, sign);
    rm_to(cx, Op::SbbRm, W, dst.high(), high, sign);
}

fn magnitude(cx: &mut Cx<'_>, src: ValueRegs) -> ValueRegs {
    let sign = mi(cx, Op::SarMi, W, src.high(), 63);
    let dst = pair(cx);
    conditional_negate(cx, dst, src, sign);
    dst
}

/// The unsigned product; returns a register that is 1 in its low byte if it overflows, else 0.
fn multiply_magnitudes(cx: &mut Cx<'_>, dst: ValueRegs, a: ValueRegs, b: ValueRegs) -> Reg {
    let set = |cx: &mut Cx<'_>, cc: Cc| {
        let flag = int(cx);
        put(cx, MInst::new(Op::Set, W).dst(flag).cc(cc));
        flag
    };
    // Both high halves nonzero: neg sets CF for nonzero.
    let test = |cx: &mut Cx<'_>, reg: Reg| put(cx, MInst::new(Op::TestMr, W).src(reg).rm(reg));
    test(cx, a.high());
    let a_high = set(cx, Cc::Ne);
    test(cx, b.high());
    let b_high = set(cx, Cc::Ne);
    let mut overflow = rm(cx, Op::AndRm, Width::B32, a_high, b_high);
    let mut cross = [Reg::NONE; 2];
    for (part, (x, y)) in cross.iter_mut().zip([(a.low(), b.high()), (a.high(), b.low())]) {
        let product = pair(cx);
        multiply_full(cx, Op::Mul, product, x, y);
        let flag = set(cx, Cc::O);
        overflow = rm(cx, Op::OrRm, Width::B32, overflow, flag);
        *part = product.low();
    }
    let high = int(cx);
    multiply_full(cx, Op::Mul, ValueRegs::two(dst.low(), high), a.low(), b.low());
    // One of the cross products is zero unless both high halves are nonzero: their sum cannot carry then.
    let sum = rm(cx, Op::AddRm, W, cross[0], cross[1]);
    rm_to(cx, Op::AddRm, W, dst.high(), high, sum);
    let carry = set(cx, Cc::B);
    rm(cx, Op::OrRm, Width::B32, overflow, carry)
}

/// Halves to whole and back.
pub fn split_and_concat(cx: &mut Cx<'_>, inst: Inst) {
    if cx.func.inst(inst).op == Opcode::Iconcat {
        let dst = result_regs(cx, inst);
        let (low, high) = (cx.use_value(cx.arg(inst, 0)), cx.use_value(cx.arg(inst, 1)));
        copy_to(cx, dst.low(), low);
        return copy_to(cx, dst.high(), high);
    }
    let src = cx.use_values(cx.arg(inst, 0));
    for (result, half) in cx.func.results(inst).zip(src.iter()) {
        let dst = cx.def_value(result);
        copy_to(cx, dst, half);
    }
}
