//! Division and remainder.
//!
//! ```text
//! v3 = udiv.i64 v1, v2     cbz vr2, trap ; udiv vr3, vr1, vr2
//! v3 = sdiv.i64 v1, v2     cbz vr2, trap ; cmn vr2, #1 ; ccmp vr1, #1, #0, eq ; b.vs trap ; sdiv
//! v3 = srem.i64 v1, v2     ... ; sdiv q, vr1, vr2 ; msub vr3, q, vr2, vr1
//! v3 = sdiv.i64 v1, 8      add t, vr1, #7 ; cmp vr1, #0 ; csel t, t, vr1, lt ; asr vr3, t, #3
//! ```
//! The machine never traps: it gives 0 for a zero divisor and the least integer for MIN / -1, so the
//! checks are ours. (x - 1 overflows for the least integer alone.) By a constant: shifts for powers of
//! two, else multiplication by a scaled reciprocal (`pyexec_codegen::reciprocal`). Types below 32 bits are
//! widened to 32 first. 128 bits are library calls.

use super::Cx;
use super::arith::{extend, multiply_long};
use super::call;
use super::cond::trap_on;
use super::operand::{
    asr, cmp, cmp_imm, const_reg, const_to, copy_to, csel, extract_to, int, lsl, lsr, put, rr, rri, rrr,
    width,
};
use super::wide;
use crate::encode::immediate::encode_imm12;
use crate::inst::{Cc, MInst, Op, Shift, Test, Width};
use crate::regs::ZR_REG;
use crate::symbols::Libcall;
use pyexec_codegen::reciprocal::{signed_magic, unsigned_magic};
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Inst, Opcode, TrapCode, Type, Value};

/// What is divided, at 32 or 64 bits.
#[derive(Clone, Copy)]
struct Division {
    width: Width,
    ty: Type,
    signed: bool,
    remainder: bool,
    dst: Reg,
    dividend: Reg,
}

/// Quotient or remainder, signed or not.
pub fn divide(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    if data.ty == Type::I128 {
        return divide_wide(cx, inst);
    }
    let signed = matches!(data.op, Opcode::Sdiv | Opcode::Srem);
    let remainder = matches!(data.op, Opcode::Srem | Opcode::Urem);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (dst, width) = (cx.def_result(inst), width(data.ty));
    let by = cx.const_int(b).filter(|by| *by != 0);
    let dividend = extend(cx, a, signed, width);
    let division = Division { width, ty: data.ty, signed, remainder, dst, dividend };
    match by {
        Some(by) if signed => by_signed(cx, division, by),
        Some(by) => by_unsigned(cx, division, by as u64 & data.ty.mask() as u64),
        None => by_register(cx, division, b),
    }
}

fn by_register(cx: &mut Cx<'_>, d: Division, b: Value) {
    let divisor = extend(cx, b, d.signed, d.width);
    trap_on(cx, Test::Zero { reg: divisor, width: d.width, zero: true }, TrapCode::DivZero);
    if d.signed {
        guard_overflow(cx, d, divisor);
    }
    let op = if d.signed { Op::Sdiv } else { Op::Udiv };
    if !d.remainder {
        return rrr(cx, op, d.width, d.dst, d.dividend, divisor);
    }
    let quotient = rr(cx, op, d.width, d.dividend, divisor);
    put(cx, MInst::new(Op::Msub, d.width).rd(d.dst).rn(quotient).rm(divisor).ra(d.dividend));
}

/// Traps on MIN / -1. The least integer of a narrow type is shifted up to be that of 32 bits.
fn guard_overflow(cx: &mut Cx<'_>, d: Division, divisor: Reg) {
    let dividend = match d.width.bits() - d.ty.bits() {
        0 => d.dividend,
        by => lsl(cx, d.width, d.dividend, by),
    };
    rri(cx, Op::AddsI, d.width, ZR_REG, divisor, 1);
    put(cx, MInst::new(Op::CcmpI, d.width).rn(dividend).imm(1).amt(0).cc(Cc::Eq));
    trap_on(cx, Test::Flags(Cc::Vs), TrapCode::IntOverflow);
}

/// Quotient known: the result, or the dividend less quotient times divisor.
fn finish(cx: &mut Cx<'_>, d: Division, quotient: Reg, by: i64) {
    if !d.remainder {
        return copy_to(cx, d.dst, quotient);
    }
    let by = const_reg(cx, by);
    put(cx, MInst::new(Op::Msub, d.width).rd(d.dst).rn(quotient).rm(by).ra(d.dividend));
}

fn by_unsigned(cx: &mut Cx<'_>, d: Division, by: u64) {
    if by.is_power_of_two() {
        return by_unsigned_power(cx, d, by);
    }
    let magic = unsigned_magic(by, d.width.bits());
    let high = multiply_high(cx, d, magic.multiplier as i64, 0);
    let quotient = if magic.add {
        // The multiplier has one bit more than a register: add the dividend once more, without carry.
        let rest = rr(cx, Op::Sub, d.width, d.dividend, high);
        let sum = int(cx);
        put(cx, MInst::new(Op::Add, d.width).rd(sum).rn(high).rm(rest).shift(Shift::Lsr, 1));
        if magic.shift == 1 { sum } else { lsr(cx, d.width, sum, magic.shift - 1) }
    } else if magic.shift == 0 {
        high
    } else {
        lsr(cx, d.width, high, magic.shift)
    };
    finish(cx, d, quotient, by as i64);
}

fn by_unsigned_power(cx: &mut Cx<'_>, d: Division, by: u64) {
    let (log, bits) = (by.trailing_zeros(), d.width.bits());
    match (d.remainder, log) {
        (true, 0) => const_to(cx, d.dst, 0),
        (false, 0) => copy_to(cx, d.dst, d.dividend),
        (false, _) => extract_to(cx, false, d.width, d.dst, d.dividend, log, bits - log),
        (true, _) => extract_to(cx, false, d.width, d.dst, d.dividend, 0, log),
    }
}

/// High half of dividend times a constant, shifted right by `by` more.
fn multiply_high(cx: &mut Cx<'_>, d: Division, multiplier: i64, by: u32) -> Reg {
    if d.width == Width::W64 {
        let factor = const_reg(cx, multiplier);
        let high = rr(cx, if d.signed { Op::Smulh } else { Op::Umulh }, Width::W64, d.dividend, factor);
        return if by == 0 { high } else { asr(cx, Width::W64, high, by) };
    }
    let factor = const_reg(cx, i64::from(multiplier as u32));
    let product = int(cx);
    multiply_long(cx, d.signed, product, d.dividend, factor);
    if d.signed { asr(cx, Width::W64, product, 32 + by) } else { lsr(cx, Width::W64, product, 32) }
}

fn by_signed(cx: &mut Cx<'_>, d: Division, by: i64) {
    if by == 1 || by == -1 {
        return by_one(cx, d, by);
    }
    if by.unsigned_abs().is_power_of_two() {
        return by_signed_power(cx, d, by);
    }
    let (multiplier, shift) = signed_magic(by, d.width.bits());
    let correction = match (by > 0, multiplier > 0) {
        (true, false) => Some(Op::Add),
        (false, true) => Some(Op::Sub),
        _ => None,
    };
    let quotient = match correction {
        None => multiply_high(cx, d, multiplier, shift),
        Some(op) => {
            let high = multiply_high(cx, d, multiplier, 0);
            let sum = rr(cx, op, d.width, high, d.dividend);
            if shift == 0 { sum } else { asr(cx, d.width, sum, shift) }
        }
    };
    // Toward zero: add one to a negative quotient.
    let rounded = int(cx);
    let top = d.width.bits() as u8 - 1;
    put(cx, MInst::new(Op::Add, d.width).rd(rounded).rn(quotient).rm(quotient).shift(Shift::Lsr, top));
    finish(cx, d, rounded, by);
}

/// By 1: itself. By -1: the negation, which overflows for the least integer.
fn by_one(cx: &mut Cx<'_>, d: Division, by: i64) {
    if by == -1 {
        let shifted = match d.width.bits() - d.ty.bits() {
            0 => d.dividend,
            by => lsl(cx, d.width, d.dividend, by),
        };
        cmp_imm(cx, d.width, shifted, 1);
        trap_on(cx, Test::Flags(Cc::Vs), TrapCode::IntOverflow);
    }
    match (d.remainder, by) {
        (true, _) => const_to(cx, d.dst, 0),
        (false, 1) => copy_to(cx, d.dst, d.dividend),
        (false, _) => rrr(cx, Op::Sub, d.width, d.dst, ZR_REG, d.dividend),
    }
}

/// An arithmetic shift rounds down; a bias of `|by| - 1` for negative dividends makes it round to zero.
fn by_signed_power(cx: &mut Cx<'_>, d: Division, by: i64) {
    let (log, width) = (by.trailing_zeros(), d.width);
    let bias = ((1u64 << log) - 1) as i64;
    let biased = if encode_imm12(bias).is_some() {
        super::operand::ri(cx, Op::AddI, width, d.dividend, bias)
    } else {
        let bias = const_reg(cx, bias);
        rr(cx, Op::Add, width, d.dividend, bias)
    };
    cmp_imm(cx, width, d.dividend, 0);
    let biased = csel(cx, Cc::Lt, width, biased, d.dividend);
    if d.remainder {
        let mask = (-1i64) << log;
        let whole = super::operand::ri(cx, Op::AndI, width, biased, mask);
        return rrr(cx, Op::Sub, width, d.dst, d.dividend, whole);
    }
    if by > 0 {
        return extract_to(cx, true, width, d.dst, biased, log, width.bits() - log);
    }
    let shift = MInst::new(Op::Sub, width).rd(d.dst).rn(ZR_REG).rm(biased);
    put(cx, shift.shift(Shift::Asr, log as u8));
}

/// 128 bits: checks here, division in the library.
fn divide_wide(cx: &mut Cx<'_>, inst: Inst) {
    let op = cx.func.inst(inst).op;
    let (a, b) = (cx.use_values(cx.arg(inst, 0)), cx.use_values(cx.arg(inst, 1)));
    let dst = wide::result_regs(cx, inst);
    let any = rr(cx, Op::Orr, Width::W64, b.low(), b.high());
    trap_on(cx, Test::Zero { reg: any, width: Width::W64, zero: true }, TrapCode::DivZero);
    if matches!(op, Opcode::Sdiv | Opcode::Srem) {
        // b == -1, then a.low == 0, then a.high - 1 overflows; else flags without overflow.
        let ones = rr(cx, Op::And, Width::W64, b.low(), b.high());
        rri(cx, Op::AddsI, Width::W64, ZR_REG, ones, 1);
        let next = |reg| MInst::new(Op::CcmpI, Width::W64).rn(reg).amt(0).cc(Cc::Eq);
        put(cx, next(a.low()).imm(0));
        put(cx, next(a.high()).imm(1));
        trap_on(cx, Test::Flags(Cc::Vs), TrapCode::IntOverflow);
    }
    let callee = match op {
        Opcode::Sdiv => Libcall::DivS128,
        Opcode::Udiv => Libcall::DivU128,
        Opcode::Srem => Libcall::RemS128,
        _ => Libcall::RemU128,
    };
    call::library_wide(cx, callee, dst, [a, b]);
}

/// 128 by 64 bits: the machine has no such division, so the quotient comes from the library.
pub fn divide_long(cx: &mut Cx<'_>, inst: Inst) {
    let [low, high, divisor] = [0, 1, 2].map(|index| cx.use_value(cx.arg(inst, index)));
    let results: Vec<Value> = cx.func.results(inst).collect();
    let (quotient, rest) = (cx.def_value(results[0]), cx.def_value(results[1]));
    cmp(cx, Width::W64, high, divisor);
    trap_on(cx, Test::Flags(Cc::Hs), TrapCode::IntOverflow);
    let (zero, unused) = (const_reg(cx, 0), int(cx));
    let operands = [ValueRegs::two(low, high), ValueRegs::two(divisor, zero)];
    call::library_wide(cx, Libcall::DivU128, ValueRegs::two(quotient, unused), operands);
    put(cx, MInst::new(Op::Msub, Width::W64).rd(rest).rn(quotient).rm(divisor).ra(low));
}
