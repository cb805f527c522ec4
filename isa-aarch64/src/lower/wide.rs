//! 128-bit integers as pairs of registers.
//!
//! ```text
//! v3 = iadd.i128 v1, v2        adds lo3, lo1, lo2 ; adc hi3, hi1, hi2
//! v3 = imul.i128 v1, v2        umulh h, lo1, lo2 ; madd h, lo1, hi2, h ; madd hi3, hi1, lo2, h ; mul lo3
//! v3 = slt.i128 v1, v2         cmp lo1, lo2 ; sbcs xzr, hi1, hi2 ; lt
//! ```
//! Carry chains must stay together: nothing between `adds` and `adc` may write the flags.

use super::Cx;
use super::cond::set;
use super::memory::pair_or_zero;
use super::operand::{asr, cmp, cmp_imm, const_reg, copy_to, cset_to, imm12, int, lsr, put, rr, rri, rrr};
use crate::inst::{Cc, MInst, Op, Test, Width};
use crate::regs::ZR_REG;
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Inst, Opcode, Type, Value};

const W: Width = Width::W64;

/// Sum, difference, logic.
pub fn binary(cx: &mut Cx<'_>, inst: Inst) {
    let ops = match cx.func.inst(inst).op {
        Opcode::Iadd => [Op::Adds, Op::Adc],
        Opcode::Isub => [Op::Subs, Op::Sbc],
        Opcode::Band => [Op::And, Op::And],
        Opcode::Bor => [Op::Orr, Op::Orr],
        _ => [Op::Eor, Op::Eor],
    };
    let dst = result_regs(cx, inst);
    add_or_subtract(cx, ops, dst, cx.arg(inst, 0), cx.arg(inst, 1));
}

/// `dst = a op b`, the halves by their own instructions.
pub fn add_or_subtract(cx: &mut Cx<'_>, [low, high]: [Op; 2], dst: ValueRegs, a: Value, b: Value) {
    // A small constant: its upper half is zero.
    let small = imm12(cx, b).filter(|(_, negated)| !negated && matches!(low, Op::Adds | Op::Subs));
    if let Some((imm, _)) = small {
        let a = cx.use_values(a);
        rri(cx, if low == Op::Adds { Op::AddsI } else { Op::SubsI }, W, dst.low(), a.low(), imm);
        return rrr(cx, high, W, dst.high(), a.high(), ZR_REG);
    }
    let a = cx.use_values(a);
    let (b_low, b_high) = pair_or_zero(cx, b);
    rrr(cx, low, W, dst.low(), a.low(), b_low);
    rrr(cx, high, W, dst.high(), a.high(), b_high);
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
    let ops = if cx.func.inst(inst).op == Opcode::Bnot { [Op::Orn; 2] } else { [Op::Subs, Op::Sbc] };
    rrr(cx, ops[0], W, dst.low(), ZR_REG, src.low());
    rrr(cx, ops[1], W, dst.high(), ZR_REG, src.high());
}

/// `dst = acc + x * y`.
fn multiply_add(cx: &mut Cx<'_>, dst: Reg, x: Reg, y: Reg, acc: Reg) {
    put(cx, MInst::new(Op::Madd, W).rd(dst).rn(x).rm(y).ra(acc));
}

/// `dst = x * y`, 64 by 64 bits.
fn multiply_full(cx: &mut Cx<'_>, signed: bool, dst: ValueRegs, x: Reg, y: Reg) {
    multiply_add(cx, dst.low(), x, y, ZR_REG);
    rrr(cx, if signed { Op::Smulh } else { Op::Umulh }, W, dst.high(), x, y);
}

/// A 64-bit value whose extension is this one.
enum Narrow {
    Value(Value),
    Constant(i64),
}

fn narrow(cx: &Cx<'_>, value: Value, signed: bool) -> Option<Narrow> {
    if let Some(bits) = cx.const_bits(value) {
        let fits = if signed {
            i64::try_from(bits as i128).ok()
        } else {
            u64::try_from(bits).ok().map(|b| b as i64)
        };
        return fits.map(Narrow::Constant);
    }
    let source = cx.arg(cx.def_as(value, if signed { Opcode::Sext } else { Opcode::Zext })?, 0);
    (cx.func.ty(source) == Type::I64).then_some(Narrow::Value(source))
}

fn narrow_reg(cx: &mut Cx<'_>, narrow: &Narrow) -> Reg {
    match narrow {
        Narrow::Value(value) => cx.use_value(*value),
        Narrow::Constant(constant) => const_reg(cx, *constant),
    }
}

/// Low half of the product. Of two operands extended from 64 bits two multiplications are enough.
pub fn multiply(cx: &mut Cx<'_>, inst: Inst) {
    let dst = result_regs(cx, inst);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    for signed in [true, false] {
        if let (Some(x), Some(y)) = (narrow(cx, a, signed), narrow(cx, b, signed)) {
            let (x, y) = (narrow_reg(cx, &x), narrow_reg(cx, &y));
            return multiply_full(cx, signed, dst, x, y);
        }
    }
    let (a, b) = (cx.use_values(a), cx.use_values(b));
    let (high, cross) = (int(cx), int(cx));
    rrr(cx, Op::Umulh, W, high, a.low(), b.low());
    multiply_add(cx, cross, a.low(), b.high(), high);
    multiply_add(cx, dst.high(), a.high(), b.low(), cross);
    multiply_add(cx, dst.low(), a.low(), b.low(), ZR_REG);
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
        Cc::Eq | Cc::Ne => {
            // The high halves are compared only if the low ones are equal.
            cmp(cx, W, a.low(), b.low());
            put(cx, MInst::new(Op::CcmpR, W).rn(a.high()).rm(b.high()).amt(0).cc(Cc::Eq));
            cc
        }
        Cc::Gt | Cc::Le | Cc::Hi | Cc::Ls => compare_regs(cx, cc.swap(), b, a),
        _ => {
            cmp(cx, W, a.low(), b.low());
            rrr(cx, Op::Sbcs, W, ZR_REG, a.high(), b.high());
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
pub fn multiply_checked(cx: &mut Cx<'_>, dst: ValueRegs, a: Value, b: Value, signed: bool) -> Test {
    let (a, b) = (cx.use_values(a), cx.use_values(b));
    if !signed {
        let overflow = multiply_magnitudes(cx, dst, a, b);
        return Test::Zero { reg: overflow, width: W, zero: false };
    }
    let mixed = rr(cx, Op::Eor, W, a.high(), b.high());
    let sign = asr(cx, W, mixed, 63);
    let (x, y) = (magnitude(cx, a), magnitude(cx, b));
    let product = pair(cx);
    let overflow = multiply_magnitudes(cx, product, x, y);
    conditional_negate(cx, dst, product, sign);
    // The sign differs, and the result is not zero.
    let differs = rr(cx, Op::Eor, W, dst.high(), sign);
    let differs = lsr(cx, W, differs, 63);
    let bits = rr(cx, Op::Orr, W, dst.low(), dst.high());
    let nonzero = set(cx, Test::Zero { reg: bits, width: W, zero: false });
    let wrong = rr(cx, Op::And, W, differs, nonzero);
    let any = rr(cx, Op::Orr, W, wrong, overflow);
    Test::Zero { reg: any, width: W, zero: false }
}

fn pair(cx: &mut Cx<'_>) -> ValueRegs {
    let low = int(cx);
    ValueRegs::two(low, int(cx))
}

/// `dst = (src ^ sign) - sign`: negated if `sign` is all ones.
fn conditional_negate(cx: &mut Cx<'_>, dst: ValueRegs, src: ValueRegs, sign: Reg) {
    let low = rr(cx, Op::Eor, W, src.low(), sign);
    let high = rr(cx, Op::Eor, W, src.high(), sign);
    rrr(cx, Op::Subs, W, dst.low(), low, sign);
    rrr(cx, Op::Sbc, W, dst.high(), high, sign);
}

fn magnitude(cx: &mut Cx<'_>, src: ValueRegs) -> ValueRegs {
    let sign = asr(cx, W, src.high(), 63);
    let dst = pair(cx);
    conditional_negate(cx, dst, src, sign);
    dst
}

/// The unsigned product; returns a register that is nonzero if it overflows.
fn multiply_magnitudes(cx: &mut Cx<'_>, dst: ValueRegs, a: ValueRegs, b: ValueRegs) -> Reg {
    // Both high halves nonzero: the second is compared only if the first is.
    let both = int(cx);
    cmp_imm(cx, W, a.high(), 0);
    put(cx, MInst::new(Op::CcmpI, W).rn(b.high()).imm(0).amt(4).cc(Cc::Ne));
    cset_to(cx, Cc::Ne, both);
    let over_ab = rr(cx, Op::Umulh, W, a.low(), b.high());
    let over_ba = rr(cx, Op::Umulh, W, a.high(), b.low());
    let (high, cross, sum) = (int(cx), super::arith::multiply(cx, W, a.low(), b.high()), int(cx));
    rrr(cx, Op::Umulh, W, high, a.low(), b.low());
    // One of the cross products is zero unless both high halves are nonzero: their sum cannot carry then.
    multiply_add(cx, sum, a.high(), b.low(), cross);
    multiply_add(cx, dst.low(), a.low(), b.low(), ZR_REG);
    let carry = int(cx);
    rrr(cx, Op::Adds, W, dst.high(), high, sum);
    cset_to(cx, Cc::Hs, carry);
    let over = rr(cx, Op::Orr, W, over_ab, over_ba);
    let over = rr(cx, Op::Orr, W, over, both);
    rr(cx, Op::Orr, W, over, carry)
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
