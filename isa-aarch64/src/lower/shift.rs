//! Shifts and rotations. Amounts count modulo the width, which is what the machine does at 32 and 64
//! bits; below, the amount is masked and the value widened first. A narrow value to be rotated is
//! repeated until it fills 32 bits: then rotating those rotates it.
//!
//! ```text
//! 128 bits, n below 64:  high' = high << n | low >> 1 >> (63 - n)      low' = low << n
//! 64 and above:          high' = low << (n - 64)                       low' = 0
//! ```

use super::Cx;
use super::arith::extend;
use super::operand::{
    asr, const_to, copy_to, csel_to, extract_to, int, lsl, lsl_to, lsr, put, ri, rr, rri, rrr, unary, width,
};
use super::wide;
use crate::inst::{Cc, MInst, Op, Width};
use crate::regs::ZR_REG;
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Inst, Opcode, Type, Value};

const X: Width = Width::W64;

/// The constant amount, modulo the width.
fn constant_amount(cx: &Cx<'_>, amount: Value, ty: Type) -> Option<u32> {
    cx.const_bits(amount).map(|by| (by % u128::from(ty.bits())) as u32)
}

/// Shifts up to 64 bits.
pub fn narrow(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (value, amount) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let dst = cx.def_result(inst);
    let (width, bits) = (width(data.ty), data.ty.bits());
    if let Some(by) = constant_amount(cx, amount, data.ty) {
        let src = cx.use_value(value);
        return match data.op {
            _ if by == 0 => copy_to(cx, dst, src),
            Opcode::Shl => lsl_to(cx, width, dst, src, by),
            op => extract_to(cx, op == Opcode::Ashr, width, dst, src, by, bits - by),
        };
    }
    let (op, src) = match data.op {
        Opcode::Shl => (Op::Lslv, cx.use_value(value)),
        Opcode::Lshr => (Op::Lsrv, extend(cx, value, false, width)),
        _ => (Op::Asrv, extend(cx, value, true, width)),
    };
    let mut by = cx.use_value(amount);
    if bits < 32 {
        by = ri(cx, Op::AndI, Width::W32, by, i64::from(bits) - 1);
    }
    rrr(cx, op, width, dst, src, by);
}

/// Rotations up to 64 bits: to the left is to the right by the opposite amount.
pub fn rotate(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (value, amount) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let dst = cx.def_result(inst);
    let (width, bits) = (width(data.ty), data.ty.bits());
    let src = repeat(cx, value, bits);
    let left = data.op == Opcode::Rotl;
    if let Some(by) = constant_amount(cx, amount, data.ty) {
        let by = if left { (bits - by) % bits } else { by };
        return put(cx, MInst::new(Op::Extr, width).rd(dst).rn(src).rm(src).imm(by.into()));
    }
    let mut by = cx.use_value(amount);
    if left {
        by = rr(cx, Op::Sub, Width::W32, ZR_REG, by);
    }
    rrr(cx, Op::Rorv, width, dst, src, by);
}

/// A narrow value repeated over 32 bits.
fn repeat(cx: &mut Cx<'_>, value: Value, bits: u32) -> Reg {
    let mut reg = cx.use_value(value);
    let mut filled = bits;
    while filled < 32 {
        // bfi: the low bits inserted above themselves.
        let (dst, rotation) = (int(cx), 32 - filled);
        let insert = MInst::new(Op::Bfm, Width::W32).rd(dst).ra(reg).rn(reg);
        put(cx, insert.amt(rotation as u8).imm(i64::from(filled) - 1));
        (reg, filled) = (dst, 2 * filled);
    }
    reg
}

/// 128 bits.
pub fn wide(cx: &mut Cx<'_>, inst: Inst) {
    let op = cx.func.inst(inst).op;
    let amount = cx.arg(inst, 1);
    let dst = wide::result_regs(cx, inst);
    let src = cx.use_values(cx.arg(inst, 0));
    match constant_amount(cx, amount, Type::I128) {
        Some(by) => wide_by_constant(cx, op, dst, src, by),
        None => {
            let amount = cx.use_values(amount).low();
            wide_by_register(cx, op, dst, src, amount);
        }
    }
}

/// 64 bits of `high:low` from bit `by` (below 64) on.
fn funnel(cx: &mut Cx<'_>, dst: Reg, high: Reg, low: Reg, by: u32) {
    put(cx, MInst::new(Op::Extr, X).rd(dst).rn(high).rm(low).imm(by.into()));
}

fn wide_by_constant(cx: &mut Cx<'_>, op: Opcode, dst: ValueRegs, src: ValueRegs, by: u32) {
    let (low, high) = (src.low(), src.high());
    let (whole, bits) = (by >= 64, by % 64);
    if by == 0 {
        copy_to(cx, dst.low(), low);
        return copy_to(cx, dst.high(), high);
    }
    match op {
        Opcode::Shl if whole => {
            lsl_to(cx, X, dst.high(), low, bits);
            const_to(cx, dst.low(), 0);
        }
        Opcode::Shl => {
            funnel(cx, dst.high(), high, low, 64 - bits);
            lsl_to(cx, X, dst.low(), low, bits);
        }
        Opcode::Lshr | Opcode::Ashr if whole => {
            let signed = op == Opcode::Ashr;
            extract_to(cx, signed, X, dst.low(), high, bits, 64 - bits);
            match signed {
                true => extract_to(cx, true, X, dst.high(), high, 63, 1),
                false => const_to(cx, dst.high(), 0),
            }
        }
        Opcode::Lshr | Opcode::Ashr => {
            funnel(cx, dst.low(), high, low, bits);
            extract_to(cx, op == Opcode::Ashr, X, dst.high(), high, bits, 64 - bits);
        }
        _ => {
            let by = if op == Opcode::Rotl { 128 - by } else { by };
            let (low, high) = if by >= 64 { (high, low) } else { (low, high) };
            funnel(cx, dst.low(), high, low, by % 64);
            funnel(cx, dst.high(), low, high, by % 64);
        }
    }
}

/// `near` shifted by `n` modulo 64, with the bits that `far` has for it.
fn variable_funnel(cx: &mut Cx<'_>, left: bool, near: Reg, far: Reg, n: Reg, inverse: Reg) -> Reg {
    let (away, back) = if left { (Op::Lslv, Op::Lsrv) } else { (Op::Lsrv, Op::Lslv) };
    let kept = rr(cx, away, X, near, n);
    let half = if left { lsr(cx, X, far, 1) } else { lsl(cx, X, far, 1) };
    let brought = rr(cx, back, X, half, inverse);
    rr(cx, Op::Orr, X, kept, brought)
}

/// Shifts by the amount modulo 64, then chooses by bit 6 of the amount.
fn wide_by_register(cx: &mut Cx<'_>, op: Opcode, dst: ValueRegs, src: ValueRegs, n: Reg) {
    let (low, high) = (src.low(), src.high());
    let inverse = unary_not(cx, n);
    let test = |cx: &mut Cx<'_>| rri(cx, Op::AndsI, X, ZR_REG, n, 64);
    if matches!(op, Opcode::Rotl | Opcode::Rotr) {
        let left = op == Opcode::Rotl;
        let (x, y) = (int(cx), int(cx));
        test(cx);
        csel_to(cx, Cc::Ne, X, x, high, low);
        csel_to(cx, Cc::Ne, X, y, low, high);
        let new_low = variable_funnel(cx, left, x, y, n, inverse);
        let new_high = variable_funnel(cx, left, y, x, n, inverse);
        copy_to(cx, dst.low(), new_low);
        return copy_to(cx, dst.high(), new_high);
    }
    // `near` takes bits from its neighbour; `far` is filled from outside.
    let left = op == Opcode::Shl;
    let (near, far) = if left { (high, low) } else { (low, high) };
    let (near_dst, far_dst) = if left { (dst.high(), dst.low()) } else { (dst.low(), dst.high()) };
    let near_shifted = variable_funnel(cx, left, near, far, n, inverse);
    let far_op = match op {
        Opcode::Shl => Op::Lslv,
        Opcode::Lshr => Op::Lsrv,
        _ => Op::Asrv,
    };
    let far_shifted = rr(cx, far_op, X, far, n);
    let fill = if op == Opcode::Ashr { asr(cx, X, high, 63) } else { ZR_REG };
    test(cx);
    csel_to(cx, Cc::Ne, X, near_dst, far_shifted, near_shifted);
    csel_to(cx, Cc::Ne, X, far_dst, fill, far_shifted);
}

fn unary_not(cx: &mut Cx<'_>, src: Reg) -> Reg {
    rr(cx, Op::Orn, X, ZR_REG, src)
}

/// Reverses the bits of a register.
pub fn reverse_bits(cx: &mut Cx<'_>, width: Width, src: Reg) -> Reg {
    unary(cx, Op::Rbit, width, src)
}
