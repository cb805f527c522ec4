//! Counting bits and reversing bytes. Baseline processors have no instructions for the counts; the
//! substitutes are bsr, bsf, and the usual sums of neighbouring fields (H. Warren, "Hacker's Delight",
//! 2nd ed., 5-1).

use super::Cx;
use super::arith::extend;
use super::operand::{cmov, cmov_to, const_reg, copy_to, mi, mi_to, put, rm, rm_to, unary, width};
use super::wide;
use crate::inst::{Cc, MInst, Op, Width};
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Type};

/// Leading zeros of a whole 32- or 64-bit register.
fn clz_reg(cx: &mut Cx<'_>, width: Width, src: Reg) -> Reg {
    if cx.isa.cpu().lzcnt {
        return unary(cx, Op::Lzcnt, width, src);
    }
    // bsr gives the index of the highest bit, and leaves ZF and no result for zero: 2w-1 stands for that,
    // because (2w-1) ^ (w-1) == w.
    let bits = i64::from(width.bits());
    let none = const_reg(cx, 2 * bits - 1);
    let index = rm(cx, Op::Bsr, width, src, src);
    let index = cmov(cx, Cc::E, width, none, index);
    mi(cx, Op::XorMi, Width::B32, index, bits - 1)
}

/// Trailing zeros of a whole 32- or 64-bit register.
fn ctz_reg(cx: &mut Cx<'_>, width: Width, src: Reg) -> Reg {
    if cx.isa.cpu().bmi1 {
        return unary(cx, Op::Tzcnt, width, src);
    }
    let none = const_reg(cx, width.bits().into());
    let index = rm(cx, Op::Bsf, width, src, src);
    cmov(cx, Cc::E, width, none, index)
}

/// Count of leading zeros.
pub fn clz(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let value = cx.arg(inst, 0);
    if ty == Type::I128 {
        return count_wide(cx, inst, true);
    }
    let dst = cx.def_result(inst);
    let width = width(ty).at_least_32();
    let src = extend(cx, value, false, width);
    let count = clz_reg(cx, width, src);
    match width.bits() - ty.bits() {
        0 => copy_to(cx, dst, count),
        extra => mi_to(cx, Op::SubMi, Width::B32, dst, count, extra.into()),
    }
}

/// Count of trailing zeros. A bit above a narrow value stops the count.
pub fn ctz(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    if ty == Type::I128 {
        return count_wide(cx, inst, false);
    }
    let dst = cx.def_result(inst);
    let width = width(ty).at_least_32();
    let mut src = cx.use_value(cx.arg(inst, 0));
    if ty.bits() < 32 {
        src = mi(cx, Op::OrMi, Width::B32, src, 1 << ty.bits());
    }
    let count = ctz_reg(cx, width, src);
    copy_to(cx, dst, count);
}

/// The half that decides, unless it is zero: then 64 plus the count of the other.
fn count_wide(cx: &mut Cx<'_>, inst: Inst, leading: bool) {
    let src = cx.use_values(cx.arg(inst, 0));
    let dst = wide::result_regs(cx, inst);
    let (first, second) = if leading { (src.high(), src.low()) } else { (src.low(), src.high()) };
    let count = |cx: &mut Cx<'_>, reg| {
        if leading { clz_reg(cx, Width::B64, reg) } else { ctz_reg(cx, Width::B64, reg) }
    };
    let near = count(cx, first);
    let far = count(cx, second);
    let far = mi(cx, Op::AddMi, Width::B32, far, 64);
    cx.emit(crate::inst::Inst::Const { dst: dst.high(), value: 0 });
    put(cx, MInst::new(Op::TestMr, Width::B64).src(first).rm(first));
    // At 32 bits, so that the upper half of the result is zero whichever way the count was made.
    cmov_to(cx, Cc::Ne, Width::B32, dst.low(), near, far);
}

/// One bits of a whole 32- or 64-bit register.
fn popcnt_reg(cx: &mut Cx<'_>, width: Width, src: Reg) -> Reg {
    if cx.isa.cpu().popcnt {
        return unary(cx, Op::Popcnt, width, src);
    }
    let mask = |cx: &mut Cx<'_>, byte: u64| {
        let bits = byte * 0x0101_0101_0101_0101;
        const_reg(cx, if width == Width::B32 { i64::from(bits as u32) } else { bits as i64 })
    };
    let (fives, threes, nibbles, ones) = (mask(cx, 0x55), mask(cx, 0x33), mask(cx, 0x0f), mask(cx, 0x01));
    // x - (x >> 1 & 0x55..): pairs
    let half = mi(cx, Op::ShrMi, width, src, 1);
    let half = rm(cx, Op::AndRm, width, half, fives);
    let pairs = rm(cx, Op::SubRm, width, src, half);
    // (x & 0x33..) + (x >> 2 & 0x33..): nibbles
    let upper = mi(cx, Op::ShrMi, width, pairs, 2);
    let upper = rm(cx, Op::AndRm, width, upper, threes);
    let lower = rm(cx, Op::AndRm, width, pairs, threes);
    let fours = rm(cx, Op::AddRm, width, lower, upper);
    // (x + (x >> 4)) & 0x0f..: bytes; their sum ends up in the top byte of the product
    let upper = mi(cx, Op::ShrMi, width, fours, 4);
    let sum = rm(cx, Op::AddRm, width, upper, fours);
    let bytes = rm(cx, Op::AndRm, width, sum, nibbles);
    let product = rm(cx, Op::ImulRm, width, bytes, ones);
    mi(cx, Op::ShrMi, width, product, i64::from(width.bits()) - 8)
}

/// Count of one bits.
pub fn popcnt(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let value = cx.arg(inst, 0);
    if ty == Type::I128 {
        let src = cx.use_values(value);
        let dst = wide::result_regs(cx, inst);
        let (low, high) = (popcnt_reg(cx, Width::B64, src.low()), popcnt_reg(cx, Width::B64, src.high()));
        cx.emit(crate::inst::Inst::Const { dst: dst.high(), value: 0 });
        return rm_to(cx, Op::AddRm, Width::B32, dst.low(), low, high);
    }
    let dst = cx.def_result(inst);
    let width = width(ty).at_least_32();
    let src = extend(cx, value, false, width);
    let count = popcnt_reg(cx, width, src);
    copy_to(cx, dst, count);
}

/// Bytes in reverse order.
pub fn bswap(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let value = cx.arg(inst, 0);
    let swap = |cx: &mut Cx<'_>, width, dst, src| put(cx, MInst::new(Op::Bswap, width).dst(dst).src(src));
    match ty {
        Type::I128 => {
            let src = cx.use_values(value);
            let dst = wide::result_regs(cx, inst);
            swap(cx, Width::B64, dst.low(), src.high());
            swap(cx, Width::B64, dst.high(), src.low());
        }
        Type::I16 => {
            let (dst, src) = (cx.def_result(inst), cx.use_value(value));
            mi_to(cx, Op::RolMi, Width::B16, dst, src, 8);
        }
        _ => {
            let (dst, src) = (cx.def_result(inst), cx.use_value(value));
            swap(cx, width(ty), dst, src);
        }
    }
}
