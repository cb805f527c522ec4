//! Shifts and rotations. Amounts count modulo the width, which is what the machine does at 32 and 64
//! bits; below, the amount is masked and the value widened first. Rotations of bytes and words wrap by
//! themselves.

use super::Cx;
use super::arith::extend;
use super::operand::{cmov_to, const_reg, copy_to, int, mi, mi_to, put, wide_width, width};
use super::wide;
use crate::inst::{Cc, MInst, Op, Width};
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Inst, Opcode, Value};

/// The forms of a shift: by an immediate, by cl, and without flags (BMI2).
struct Forms {
    imm: Op,
    cl: Op,
    flagless: Option<Op>,
}

fn forms(op: Opcode) -> Forms {
    let (imm, cl, flagless) = match op {
        Opcode::Shl => (Op::ShlMi, Op::ShlMc, Some(Op::Shlx)),
        Opcode::Lshr => (Op::ShrMi, Op::ShrMc, Some(Op::Shrx)),
        Opcode::Ashr => (Op::SarMi, Op::SarMc, Some(Op::Sarx)),
        Opcode::Rotl => (Op::RolMi, Op::RolMc, None),
        _ => (Op::RorMi, Op::RorMc, None),
    };
    Forms { imm, cl, flagless }
}

/// Up to 64 bits.
pub fn narrow(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (value, amount) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let dst = cx.def_result(inst);
    let rotates = matches!(data.op, Opcode::Rotl | Opcode::Rotr);
    let width = if rotates { width(data.ty) } else { wide_width(data.ty) };
    let src = match data.op {
        Opcode::Lshr => extend(cx, value, false, width),
        Opcode::Ashr => extend(cx, value, true, width),
        _ => cx.use_value(value),
    };
    if let Some(by) = cx.const_bits(amount) {
        let by = (by % u128::from(data.ty.bits())) as i64;
        return by_constant(cx, data.op, width, dst, src, by);
    }
    let masked = !rotates && data.ty.bits() < 32;
    by_register(cx, &forms(data.op), width, dst, src, amount, masked.then_some(data.ty.bits() - 1));
}

fn by_constant(cx: &mut Cx<'_>, op: Opcode, width: Width, dst: Reg, src: Reg, by: i64) {
    let rotation = matches!(op, Opcode::Rotl | Opcode::Rotr) && width >= Width::B32;
    if by == 0 {
        copy_to(cx, dst, src);
    } else if rotation && cx.isa.cpu().bmi2 {
        let right = if op == Opcode::Rotr { by } else { i64::from(width.bits()) - by };
        put(cx, MInst::new(Op::Rorx, width).dst(dst).rm(src).imm(right));
    } else {
        mi_to(cx, forms(op).imm, width, dst, src, by);
    }
}

fn by_register(
    cx: &mut Cx<'_>,
    forms: &Forms,
    width: Width,
    dst: Reg,
    src: Reg,
    amount: Value,
    mask: Option<u32>,
) {
    let mut amount = cx.use_values(amount).low();
    if let Some(mask) = mask {
        amount = mi(cx, Op::AndMi, Width::B32, amount, mask.into());
    }
    match forms.flagless.filter(|_| cx.isa.cpu().bmi2) {
        Some(op) => put(cx, MInst::new(op, width).dst(dst).src(amount).rm(src)),
        None => by_cl(cx, forms.cl, width, dst, src, amount),
    }
}

/// Shift by cl. The amount gets a register of its own where it is the shifted value too: one register
/// cannot be both overwritten and pinned to rcx.
fn by_cl(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, src: Reg, amount: Reg) {
    let count = fresh_if_same(cx, amount, &[src]);
    put(cx, MInst::new(op, width).dst(dst).rm(src).src(count));
}

fn fresh_if_same(cx: &mut Cx<'_>, amount: Reg, others: &[Reg]) -> Reg {
    if !others.contains(&amount) {
        return amount;
    }
    let copy = int(cx);
    copy_to(cx, copy, amount);
    copy
}

/// 128 bits.
pub fn wide(cx: &mut Cx<'_>, inst: Inst) {
    let op = cx.func.inst(inst).op;
    let amount = cx.arg(inst, 1);
    let dst = wide::result_regs(cx, inst);
    let src = cx.use_values(cx.arg(inst, 0));
    match cx.const_bits(amount) {
        Some(by) => wide_by_constant(cx, op, dst, src, (by % 128) as i64),
        None => {
            let amount = cx.use_values(amount).low();
            wide_by_register(cx, op, dst, src, amount);
        }
    }
}

/// `dst = the upper 64 bits of upper:lower << by`, or the lower ones of `>>`, by a constant below 64.
fn double_shift(cx: &mut Cx<'_>, op: Op, dst: Reg, into: Reg, from: Reg, by: i64) {
    if by == 0 {
        return copy_to(cx, dst, into);
    }
    put(cx, MInst::new(op, Width::B64).dst(dst).rm(into).src(from).imm(by));
}

fn wide_by_constant(cx: &mut Cx<'_>, op: Opcode, dst: ValueRegs, src: ValueRegs, by: i64) {
    let (low, high) = (src.low(), src.high());
    let (whole, bits) = (by >= 64, by % 64);
    match op {
        Opcode::Shl if whole => {
            by_constant(cx, op, Width::B64, dst.high(), low, bits);
            cx.emit(crate::inst::Inst::Const { dst: dst.low(), value: 0 });
        }
        Opcode::Shl => {
            double_shift(cx, Op::ShldMri, dst.high(), high, low, bits);
            by_constant(cx, op, Width::B64, dst.low(), low, bits);
        }
        Opcode::Lshr if whole => {
            by_constant(cx, op, Width::B64, dst.low(), high, bits);
            cx.emit(crate::inst::Inst::Const { dst: dst.high(), value: 0 });
        }
        Opcode::Ashr if whole => {
            by_constant(cx, op, Width::B64, dst.low(), high, bits);
            mi_to(cx, Op::SarMi, Width::B64, dst.high(), high, 63);
        }
        Opcode::Lshr | Opcode::Ashr => {
            double_shift(cx, Op::ShrdMri, dst.low(), low, high, bits);
            by_constant(cx, op, Width::B64, dst.high(), high, bits);
        }
        _ => {
            let (low, high) = if whole { (high, low) } else { (low, high) };
            let op = if op == Opcode::Rotl { Op::ShldMri } else { Op::ShrdMri };
            double_shift(cx, op, dst.high(), high, low, bits);
            double_shift(cx, op, dst.low(), low, high, bits);
        }
    }
}

/// shld or shrd by cl: `new = into` shifted, filled from `from`.
fn double_shift_cl(cx: &mut Cx<'_>, op: Op, into: Reg, from: Reg, count: Reg) -> Reg {
    let dst = int(cx);
    put(cx, MInst::new(op, Width::B64).dst(dst).rm(into).src(from).src2(count));
    dst
}

fn shift_cl(cx: &mut Cx<'_>, op: Op, src: Reg, count: Reg) -> Reg {
    let dst = int(cx);
    put(cx, MInst::new(op, Width::B64).dst(dst).rm(src).src(count));
    dst
}

/// Shifts by the amount modulo 64, then exchanges halves where bit 6 of the amount is set.
fn wide_by_register(cx: &mut Cx<'_>, op: Opcode, dst: ValueRegs, src: ValueRegs, amount: Reg) {
    let count = fresh_if_same(cx, amount, &[src.low(), src.high()]);
    let (low, high) = (src.low(), src.high());
    let test = MInst::new(Op::TestMi, Width::B8).rm(count).imm(64);
    if matches!(op, Opcode::Rotl | Opcode::Rotr) {
        put(cx, test);
        let (new_low, new_high) = (int(cx), int(cx));
        cmov_to(cx, Cc::Ne, Width::B64, new_low, high, low);
        cmov_to(cx, Cc::Ne, Width::B64, new_high, low, high);
        let op = if op == Opcode::Rotl { Op::ShldMrc } else { Op::ShrdMrc };
        let rotated_high = double_shift_cl(cx, op, new_high, new_low, count);
        let rotated_low = double_shift_cl(cx, op, new_low, new_high, count);
        copy_to(cx, dst.high(), rotated_high);
        return copy_to(cx, dst.low(), rotated_low);
    }
    // `near` takes bits from its neighbour; `far` is filled from outside.
    let left = op == Opcode::Shl;
    let (near, far) = if left { (high, low) } else { (low, high) };
    let (near_dst, far_dst) = if left { (dst.high(), dst.low()) } else { (dst.low(), dst.high()) };
    let double = if left { Op::ShldMrc } else { Op::ShrdMrc };
    let near_shifted = double_shift_cl(cx, double, near, far, count);
    let far_shifted = shift_cl(cx, forms(op).cl, far, count);
    let fill = if op == Opcode::Ashr { mi(cx, Op::SarMi, Width::B64, high, 63) } else { const_reg(cx, 0) };
    put(cx, test);
    cmov_to(cx, Cc::Ne, Width::B64, near_dst, far_shifted, near_shifted);
    cmov_to(cx, Cc::Ne, Width::B64, far_dst, fill, far_shifted);
}
