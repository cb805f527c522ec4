//! Division and remainder.
//!
//! ```text
//! v3 = sdiv.i64 v1, v2      test vr2, vr2 ; trape ; divguard ; cqo ; idiv
//! v3 = udiv.i32 v1, 10      mov r, v1 ; imul r, 0xcccccccd ; shr r, 35
//! v3 = srem.i64 v1, 8       bias = v1 >> 63 >>> 61 ; v1 - ((v1 + bias) & -8)
//! ```
//! By a constant: shifts for powers of two, else multiplication by a scaled reciprocal (T. Granlund,
//! P. Montgomery, "Division by Invariant Integers using Multiplication", 1994; H. Warren, "Hacker's
//! Delight", 2nd ed., figures 10-1 and 10-2). Types below 32 bits are widened to 32 first. 128 bits are
//! library calls.

use super::Cx;
use super::arith::extend;
use super::call;
use super::cond::{Cond, trap_on};
use super::operand::{const_reg, copy_to, int, mi, mi_to, put, rm, rm_to, unary, unary_to, width};
use super::wide;
use crate::inst::{Cc, Inst as Selected, MInst, Op, Width, zero_extend_32};
use crate::symbols::Libcall;
use pyexec_codegen::Reg;
use pyexec_codegen::reciprocal::{signed_magic, unsigned_magic};
use pyexec_ir::{Inst, Opcode, TrapCode, Type, Value};

/// What is divided, at 32 or 64 bits.
#[derive(Clone, Copy)]
struct Division {
    width: Width,
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
    let (dst, width) = (cx.def_result(inst), width(data.ty).at_least_32());
    let by = cx.const_int(b).filter(|by| *by != 0);
    let dividend = extend(cx, a, signed, width);
    let division = Division { width, signed, remainder, dst, dividend };
    match by {
        Some(by) if signed => by_signed(cx, division, by, data.ty),
        Some(by) => by_unsigned(cx, division, by as u64 & data.ty.mask() as u64),
        None => by_register(cx, division, b, data.ty),
    }
}

/// The machine's division, with our checks before it so that it never faults.
fn by_register(cx: &mut Cx<'_>, d: Division, b: Value, ty: Type) {
    let divisor = extend(cx, b, d.signed, d.width);
    put(cx, MInst::new(Op::TestMr, d.width).src(divisor).rm(divisor));
    trap_on(cx, Cond::one(Cc::E), TrapCode::DivZero);
    let high = int(cx);
    if d.signed {
        let temp = int(cx);
        let (dividend, width) = (d.dividend, width(ty));
        cx.emit(Selected::DivGuard { width, dividend, divisor, temp });
        put(cx, MInst::new(Op::SignExtend, d.width).dst(high).src(d.dividend));
    } else {
        cx.emit(Selected::Const { dst: high, value: 0 });
    }
    let other = int(cx);
    let (quotient, rest) = if d.remainder { (other, d.dst) } else { (d.dst, other) };
    let op = if d.signed { Op::Idiv } else { Op::Div };
    put(cx, MInst::new(op, d.width).dst(quotient).dst2(rest).src(d.dividend).src2(high).rm(divisor));
}

/// Quotient known: the result, or the dividend less quotient times divisor.
fn finish(cx: &mut Cx<'_>, d: Division, quotient: Reg, by: i64) {
    if !d.remainder {
        return copy_to(cx, d.dst, quotient);
    }
    let product = if i32::try_from(by).is_ok() {
        let product = int(cx);
        put(cx, MInst::new(Op::ImulRmi, d.width).dst(product).rm(quotient).imm(by));
        product
    } else {
        let by = const_reg(cx, by);
        rm(cx, Op::ImulRm, d.width, quotient, by)
    };
    rm_to(cx, Op::SubRm, d.width, d.dst, d.dividend, product);
}

fn by_unsigned(cx: &mut Cx<'_>, d: Division, by: u64) {
    if by.is_power_of_two() {
        return by_unsigned_power(cx, d, by);
    }
    let bits = d.width.bits();
    let magic = unsigned_magic(by, bits);
    let high = multiply_high(cx, d, magic.multiplier as i64);
    let quotient = if magic.add {
        // The multiplier has one bit more than a register: add the dividend once more, without carry.
        let rest = rm(cx, Op::SubRm, d.width, d.dividend, high);
        let half = mi(cx, Op::ShrMi, d.width, rest, 1);
        let sum = rm(cx, Op::AddRm, d.width, half, high);
        shift_right(cx, Op::ShrMi, d.width, sum, magic.shift - 1)
    } else {
        shift_right(cx, Op::ShrMi, d.width, high, magic.shift)
    };
    let signed_by = if bits == 32 { i64::from(by as i32) } else { by as i64 };
    finish(cx, d, quotient, signed_by);
}

fn shift_right(cx: &mut Cx<'_>, op: Op, width: Width, src: Reg, by: u32) -> Reg {
    if by == 0 { src } else { mi(cx, op, width, src, by.into()) }
}

fn by_unsigned_power(cx: &mut Cx<'_>, d: Division, by: u64) {
    let log = by.trailing_zeros();
    match (d.remainder, log) {
        (true, 0) => cx.emit(Selected::Const { dst: d.dst, value: 0 }),
        (false, 0) => copy_to(cx, d.dst, d.dividend),
        (false, _) => mi_to(cx, Op::ShrMi, d.width, d.dst, d.dividend, log.into()),
        (true, 32) => put(cx, zero_extend_32(d.dst, d.dividend)),
        (true, 1..=31) => mi_to(cx, Op::AndMi, Width::B32, d.dst, d.dividend, (by - 1) as i32 as i64),
        (true, _) => {
            let mask = const_reg(cx, (by - 1) as i64);
            rm_to(cx, Op::AndRm, d.width, d.dst, d.dividend, mask);
        }
    }
}

/// High half of dividend times a constant, unsigned or signed as the division is. At 32 bits the dividend
/// is widened: a 64-bit product is cheaper than a pair of 32-bit registers.
fn multiply_high(cx: &mut Cx<'_>, d: Division, multiplier: i64) -> Reg {
    let high = int(cx);
    if d.width == Width::B64 {
        let (by, low) = (const_reg(cx, multiplier), int(cx));
        let op = if d.signed { Op::Imul } else { Op::Mul };
        put(cx, MInst::new(op, Width::B64).dst(low).dst2(high).src(d.dividend).rm(by));
        return high;
    }
    let (product, shift) = if d.signed {
        let wide = unary(cx, Op::Movsxd, Width::B64, d.dividend);
        let product = int(cx);
        put(cx, MInst::new(Op::ImulRmi, Width::B64).dst(product).rm(wide).imm(multiplier as i32 as i64));
        (product, Op::SarMi)
    } else {
        let wide = unary(cx, Op::MovRm, Width::B32, d.dividend);
        let by = const_reg(cx, i64::from(multiplier as u32));
        (rm(cx, Op::ImulRm, Width::B64, wide, by), Op::ShrMi)
    };
    mi_to(cx, shift, Width::B64, high, product, 32);
    high
}

fn by_signed(cx: &mut Cx<'_>, d: Division, by: i64, ty: Type) {
    if by == 1 || by == -1 {
        return by_one(cx, d, by, ty);
    }
    if by.unsigned_abs().is_power_of_two() {
        return by_signed_power(cx, d, by);
    }
    let bits = d.width.bits();
    let (multiplier, shift) = signed_magic(by, bits);
    let mut quotient = multiply_high(cx, d, multiplier);
    if by > 0 && multiplier < 0 {
        quotient = rm(cx, Op::AddRm, d.width, quotient, d.dividend);
    } else if by < 0 && multiplier > 0 {
        quotient = rm(cx, Op::SubRm, d.width, quotient, d.dividend);
    }
    quotient = shift_right(cx, Op::SarMi, d.width, quotient, shift);
    // Toward zero: add one to a negative quotient.
    let sign = mi(cx, Op::ShrMi, d.width, quotient, i64::from(bits) - 1);
    quotient = rm(cx, Op::AddRm, d.width, quotient, sign);
    finish(cx, d, quotient, by);
}

/// By 1: itself. By -1: the negation, which overflows for the least integer.
fn by_one(cx: &mut Cx<'_>, d: Division, by: i64, ty: Type) {
    let mut quotient = d.dividend;
    if by == -1 {
        quotient = unary(cx, Op::Neg, width(ty), d.dividend);
        trap_on(cx, Cond::one(Cc::O), TrapCode::IntOverflow);
    }
    if d.remainder {
        cx.emit(Selected::Const { dst: d.dst, value: 0 });
    } else {
        copy_to(cx, d.dst, quotient);
    }
}

/// An arithmetic shift rounds down; a bias of `|by| - 1` for negative dividends makes it round to zero.
fn by_signed_power(cx: &mut Cx<'_>, d: Division, by: i64) {
    let bits = i64::from(d.width.bits());
    let log = i64::from(by.trailing_zeros());
    let sign = mi(cx, Op::SarMi, d.width, d.dividend, bits - 1);
    let bias = mi(cx, Op::ShrMi, d.width, sign, bits - log);
    let biased = rm(cx, Op::AddRm, d.width, bias, d.dividend);
    if d.remainder {
        let mask = (-1_i64) << log;
        let whole = if i32::try_from(mask).is_ok() {
            mi(cx, Op::AndMi, d.width, biased, mask)
        } else {
            let mask = const_reg(cx, mask);
            rm(cx, Op::AndRm, d.width, biased, mask)
        };
        return rm_to(cx, Op::SubRm, d.width, d.dst, d.dividend, whole);
    }
    if by > 0 {
        return mi_to(cx, Op::SarMi, d.width, d.dst, biased, log);
    }
    let quotient = mi(cx, Op::SarMi, d.width, biased, log);
    unary_to(cx, Op::Neg, d.width, d.dst, quotient);
}

/// 128 bits: checks here, division in the library.
fn divide_wide(cx: &mut Cx<'_>, inst: Inst) {
    let op = cx.func.inst(inst).op;
    let (a, b) = (cx.use_values(cx.arg(inst, 0)), cx.use_values(cx.arg(inst, 1)));
    let dst = wide::result_regs(cx, inst);
    rm(cx, Op::OrRm, Width::B64, b.low(), b.high());
    trap_on(cx, Cond::one(Cc::E), TrapCode::DivZero);
    if matches!(op, Opcode::Sdiv | Opcode::Srem) {
        // a == MIN and b == -1: (a.high ^ MIN) | a.low | !(b.low & b.high) is zero
        let ones = rm(cx, Op::AndRm, Width::B64, b.low(), b.high());
        let ones = unary(cx, Op::Not, Width::B64, ones);
        let least = const_reg(cx, i64::MIN);
        let differs = rm(cx, Op::XorRm, Width::B64, least, a.high());
        let differs = rm(cx, Op::OrRm, Width::B64, differs, a.low());
        rm(cx, Op::OrRm, Width::B64, differs, ones);
        trap_on(cx, Cond::one(Cc::E), TrapCode::IntOverflow);
    }
    let callee = match op {
        Opcode::Sdiv => Libcall::DivS128,
        Opcode::Udiv => Libcall::DivU128,
        Opcode::Srem => Libcall::RemS128,
        _ => Libcall::RemU128,
    };
    call::library_wide(cx, callee, dst, [a, b]);
}

/// 128 by 64 bits, as the machine has it. It would fault where the quotient does not fit.
pub fn divide_long(cx: &mut Cx<'_>, inst: Inst) {
    let [low, high, divisor] = [0, 1, 2].map(|index| cx.use_value(cx.arg(inst, index)));
    let results: Vec<Value> = cx.func.results(inst).collect();
    let (quotient, rest) = (cx.def_value(results[0]), cx.def_value(results[1]));
    put(cx, MInst::new(Op::CmpRm, Width::B64).src(high).rm(divisor));
    trap_on(cx, Cond::one(Cc::Ae), TrapCode::IntOverflow);
    put(cx, MInst::new(Op::Div, Width::B64).dst(quotient).dst2(rest).src(low).src2(high).rm(divisor));
}
