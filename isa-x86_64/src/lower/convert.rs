//! Conversions between integers, between floats, and from one to the other.
//!
//! The machine converts signed integers of 32 and 64 bits, and answers the least integer where a float
//! does not fit. Unsigned ones and the defined answers of the IR are made around that. An integer is
//! converted into a zeroed register: cvtsi2sd keeps the upper lanes, and would wait for whoever wrote
//! the register last.

use super::Cx;
use super::arith::extend;
use super::cond::{Cond, trap_on};
use super::float::{ORDERED, by_type, compare_mask};
use super::operand::{
    cmov, cmov_to, const_reg, copy_to, mi, pool, put, rm, rm_to, sunk_load, unary, unary_to, use_rm, width,
    xmm,
};
use super::wide;
use crate::inst::{Cc, Inst as Selected, MInst, Op, Rm, Width};
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, TrapCode, Type, Value};

const X: Width = Width::B64;

/// Widening with zeros. A load that is widened loads so.
pub fn zext(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let from = cx.func.ty(value);
    let (low, high) = halves(cx, inst);
    if let Some(high) = high {
        cx.emit(Selected::Const { dst: high, value: 0 });
    }
    let op = match from {
        Type::I8 => Op::MovzxB,
        Type::I16 => Op::MovzxW,
        _ => Op::MovRm,
    };
    let width = if from == Type::I64 { Width::B64 } else { Width::B32 };
    let src = use_rm(cx, value);
    move_to(cx, op, width, low, src);
}

/// Low register and, for an `i128`, high register of the result.
fn halves(cx: &mut Cx<'_>, inst: Inst) -> (Reg, Option<Reg>) {
    let regs = wide::result_regs(cx, inst);
    let high = cx.func.inst(inst).ty == Type::I128;
    (regs.low(), high.then(|| regs.high()))
}

/// A whole-register copy is a move that the allocator can remove.
fn move_to(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, src: Rm) {
    match src {
        Rm::Reg(src) if op == Op::MovRm && width == Width::B64 => copy_to(cx, dst, src),
        _ => unary_to(cx, op, width, dst, src),
    }
}

/// Widening with the sign.
pub fn sext(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let (low, high) = halves(cx, inst);
    let width = width(if to == Type::I128 { Type::I64 } else { to }).at_least_32();
    let op = match from {
        Type::I8 => Op::MovsxB,
        Type::I16 => Op::MovsxW,
        Type::I32 => Op::Movsxd,
        _ => Op::MovRm,
    };
    let src = use_rm(cx, value);
    move_to(cx, op, width, low, src);
    if let Some(high) = high {
        let dst = high;
        put(cx, MInst::new(Op::SarMi, X).dst(dst).rm(low).imm(63));
    }
}

/// Truncation takes the low bits as they are; a bitcast moves between the register files.
pub fn reinterpret(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let dst = cx.def_result(inst);
    match (from.is_float(), to.is_float()) {
        (false, true) => bitcast(cx, Op::MovToX, value, to, dst),
        (true, false) => {
            let src = cx.use_value(value);
            put(cx, MInst::new(Op::MovFromX, width(to)).dst(dst).src(src));
        }
        _ => {
            let src = cx.use_values(value).low();
            copy_to(cx, dst, src);
        }
    }
}

fn bitcast(cx: &mut Cx<'_>, op: Op, value: Value, to: Type, dst: Reg) {
    if let Some(mem) = sunk_load(cx, value, Opcode::Load) {
        return unary_to(cx, by_type(to, Op::MovssLoad, Op::MovsdLoad), X, dst, mem);
    }
    let src = cx.use_value(value);
    unary_to(cx, op, Width::for_bits(to.bits()), dst, src);
}

/// Between the float types. The source is the old value of the destination (see `float.rs`).
pub fn resize(cx: &mut Cx<'_>, inst: Inst) {
    let op = by_type(cx.func.inst(inst).ty, Op::Cvtsd2ss, Op::Cvtss2sd);
    let src = cx.use_value(cx.arg(inst, 0));
    let dst = cx.def_result(inst);
    rm_to(cx, op, X, dst, src, src);
}

/// Signed integer to float: the zeroed register first.
fn convert_signed(cx: &mut Cx<'_>, to: Type, dst: Reg, width: Width, src: Rm) {
    let zero = xmm(cx);
    cx.emit(Selected::XmmZero { dst: zero });
    rm_to(cx, by_type(to, Op::Cvtsi2ss, Op::Cvtsi2sd), width, dst, zero, src);
}

/// Signed integer to float.
pub fn sint_to_float(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let dst = cx.def_result(inst);
    let src = use_rm(cx, value);
    let width = width(cx.func.ty(value));
    convert_signed(cx, cx.func.inst(inst).ty, dst, width, src);
}

/// Unsigned integer to float: 32 bits are a nonnegative 64-bit integer. 64 bits with the top bit set are
/// halved, with the lost bit or-ed in so that rounding is not changed, converted, and doubled.
pub fn uint_to_float(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let to = cx.func.inst(inst).ty;
    let dst = cx.def_result(inst);
    if cx.func.ty(value) == Type::I32 {
        let wide = extend(cx, value, false, Width::B64);
        return convert_signed(cx, to, dst, Width::B64, wide.into());
    }
    let src = cx.use_value(value);
    let half = mi(cx, Op::ShrMi, X, src, 1);
    let odd = mi(cx, Op::AndMi, Width::B32, src, 1);
    let half = rm(cx, Op::OrRm, X, half, odd);
    let test = MInst::new(Op::TestMr, X).src(src).rm(src);
    put(cx, test);
    let small = cmov(cx, Cc::Ns, X, src, half);
    let single = xmm(cx);
    convert_signed(cx, to, single, X, small.into());
    let double = rm(cx, by_type(to, Op::Addss, Op::Addsd), X, single, single);
    put(cx, test);
    cx.emit(Selected::XmmSelect { cc: Cc::Ns, dst, same: double, other: single });
}

/// A power of two (or its negation) as bits of a float type.
fn power(ty: Type, exponent: u64, negative: bool) -> i64 {
    let sign = u64::from(negative);
    if ty == Type::F32 {
        (sign << 31 | (127 + exponent) << 23) as i64
    } else {
        (sign << 63 | (1023 + exponent) << 52) as i64
    }
}

/// Sets the flags by comparing a register with a constant.
fn compare_constant(cx: &mut Cx<'_>, ty: Type, src: Reg, bits: i64) {
    if bits == 0 {
        let zero = xmm(cx);
        cx.emit(Selected::XmmZero { dst: zero });
        return put(cx, MInst::new(by_type(ty, Op::Ucomiss, Op::Ucomisd), X).src(src).rm(zero));
    }
    put(cx, MInst::new(by_type(ty, Op::Ucomiss, Op::Ucomisd), X).src(src).rm(pool(ty)).imm(bits));
}

/// Traps unless `low < src < high` or, if `closed`, `low <= src < high`. Unordered sets CF and ZF: NaN
/// traps at the first comparison.
fn check_range(cx: &mut Cx<'_>, ty: Type, src: Reg, low: (i64, bool), high: i64) {
    let (low, closed) = low;
    compare_constant(cx, ty, src, low);
    trap_on(cx, Cond::one(if closed { Cc::B } else { Cc::Be }), TrapCode::BadConversion);
    compare_constant(cx, ty, src, high);
    trap_on(cx, Cond::one(Cc::Ae), TrapCode::BadConversion);
}

fn truncate(cx: &mut Cx<'_>, ty: Type, width: Width, src: Reg) -> Reg {
    unary(cx, by_type(ty, Op::Cvttss2si, Op::Cvttsd2si), width, src)
}

/// Float to signed integer, trapping.
pub fn float_to_sint(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    let low = if (from, to) == (Type::F64, Type::I32) {
        // -2^31 - 1: everything above truncates into the range.
        ((-2_147_483_649.0_f64).to_bits() as i64, false)
    } else {
        (power(from, u64::from(to.bits()) - 1, true), true)
    };
    check_range(cx, from, src, low, power(from, u64::from(to.bits()) - 1, false));
    unary_to(cx, by_type(from, Op::Cvttss2si, Op::Cvttsd2si), width(to), dst, src);
}

/// Float to unsigned integer, trapping: values above -1 truncate into the range.
pub fn float_to_uint(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    check_range(cx, from, src, (power(from, 0, true), false), power(from, to.bits().into(), false));
    if to == Type::I32 {
        let wide = truncate(cx, from, Width::B64, src);
        return copy_to(cx, dst, wide);
    }
    let unsigned = truncate_unsigned(cx, from, src);
    copy_to(cx, dst, unsigned);
}

/// A float in (-1, 2^64) truncated to 64 bits. From 2^63 on the machine answers the top bit alone, and the
/// other bits are those of the value less 2^63; the sign of the first answer chooses.
fn truncate_unsigned(cx: &mut Cx<'_>, from: Type, src: Reg) -> Reg {
    let direct = truncate(cx, from, X, src);
    let less = xmm(cx);
    let sub = MInst::new(by_type(from, Op::Subss, Op::Subsd), X).dst(less).src(src);
    put(cx, sub.rm(pool(from)).imm(power(from, 63, false)));
    let rest = truncate(cx, from, X, less);
    let mask = mi(cx, Op::SarMi, X, direct, 63);
    let rest = rm(cx, Op::AndRm, X, rest, mask);
    rm(cx, Op::OrRm, X, direct, rest)
}

/// Float to signed integer, clamped: NaN becomes zero by a mask, too low already answers the least
/// integer, too high is replaced.
pub fn float_to_sint_sat(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    let mask = compare_mask(cx, from, ORDERED, src, src);
    let number = rm(cx, Op::Andps, X, mask, src);
    let converted = truncate(cx, from, width(to), number);
    let most = const_reg(cx, to.mask() as i64 & i64::MAX >> (64 - to.bits()));
    compare_constant(cx, from, number, power(from, u64::from(to.bits()) - 1, false));
    cmov_to(cx, Cc::Ae, width(to), dst, most, converted);
}

/// Float to unsigned integer, clamped: max with zero removes NaN (the second operand wins) and negatives.
pub fn float_to_uint_sat(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    let zero = xmm(cx);
    cx.emit(Selected::XmmZero { dst: zero });
    let number = rm(cx, by_type(from, Op::Maxss, Op::Maxsd), X, src, zero);
    let converted = if to == Type::I32 {
        truncate(cx, from, Width::B64, number)
    } else {
        truncate_unsigned(cx, from, number)
    };
    let most = const_reg(cx, to.mask() as i64);
    compare_constant(cx, from, number, power(from, to.bits().into(), false));
    cmov_to(cx, Cc::Ae, width(to), dst, most, converted);
}
