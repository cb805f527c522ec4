//! Counting bits and reversing bytes. Trailing zeros are the leading ones of the reversed register; one
//! bits are counted by the vector unit, which is the only one that can before Armv8.7.

use super::Cx;
use super::arith::extend;
use super::operand::{cmp_imm, const_to, copy_to, csel_to, float, put, ri, rr, rri, unary, unary_to, width};
use super::shift::reverse_bits;
use super::wide;
use crate::inst::{Cc, MInst, Op, Width};
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Type};

const X: Width = Width::W64;

/// Count of leading zeros.
pub fn clz(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    if ty == Type::I128 {
        return count_wide(cx, inst, true);
    }
    let dst = cx.def_result(inst);
    let width = width(ty);
    let src = extend(cx, cx.arg(inst, 0), false, width);
    match width.bits() - ty.bits() {
        0 => unary_to(cx, Op::Clz, width, dst, src),
        extra => {
            let count = unary(cx, Op::Clz, width, src);
            rri(cx, Op::SubI, width, dst, count, extra.into());
        }
    }
}

/// Count of trailing zeros. A bit above a narrow value stops the count.
pub fn ctz(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    if ty == Type::I128 {
        return count_wide(cx, inst, false);
    }
    let dst = cx.def_result(inst);
    let width = width(ty);
    let mut src = cx.use_value(cx.arg(inst, 0));
    if ty.bits() < 32 {
        src = ri(cx, Op::OrrI, Width::W32, src, 1 << ty.bits());
    }
    let reversed = reverse_bits(cx, width, src);
    unary_to(cx, Op::Clz, width, dst, reversed);
}

/// The half that decides, unless it is zero: then 64 plus the count of the other.
fn count_wide(cx: &mut Cx<'_>, inst: Inst, leading: bool) {
    let src = cx.use_values(cx.arg(inst, 0));
    let dst = wide::result_regs(cx, inst);
    let (first, second) = if leading { (src.high(), src.low()) } else { (src.low(), src.high()) };
    let count = |cx: &mut Cx<'_>, reg: Reg| {
        let reg = if leading { reg } else { reverse_bits(cx, X, reg) };
        unary(cx, Op::Clz, X, reg)
    };
    let near = count(cx, first);
    let far = count(cx, second);
    let far = ri(cx, Op::AddI, X, far, 64);
    cmp_imm(cx, X, first, 0);
    csel_to(cx, Cc::Ne, X, dst.low(), near, far);
    const_to(cx, dst.high(), 0);
}

/// One bits of a whole register.
fn popcnt_reg(cx: &mut Cx<'_>, width: Width, src: Reg) -> Reg {
    let (vector, counts, sum) = (float(cx), float(cx), float(cx));
    let op = if width == X { Op::FmovDX } else { Op::FmovSW };
    put(cx, MInst::new(op, X).rd(vector).rn(src));
    put(cx, MInst::new(Op::Cnt, X).rd(counts).rn(vector));
    put(cx, MInst::new(Op::Addv, X).rd(sum).rn(counts));
    unary(cx, Op::FmovWS, X, sum)
}

/// Count of one bits.
pub fn popcnt(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    if ty == Type::I128 {
        let src = cx.use_values(cx.arg(inst, 0));
        let dst = wide::result_regs(cx, inst);
        let (low, high) = (popcnt_reg(cx, X, src.low()), popcnt_reg(cx, X, src.high()));
        let sum = rr(cx, Op::Add, X, low, high);
        copy_to(cx, dst.low(), sum);
        return const_to(cx, dst.high(), 0);
    }
    let dst = cx.def_result(inst);
    let width = width(ty);
    let src = extend(cx, cx.arg(inst, 0), false, width);
    let count = popcnt_reg(cx, width, src);
    copy_to(cx, dst, count);
}

/// Bytes in reverse order.
pub fn bswap(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let value = cx.arg(inst, 0);
    if ty == Type::I128 {
        let src = cx.use_values(value);
        let dst = wide::result_regs(cx, inst);
        unary_to(cx, Op::RevX, X, dst.low(), src.high());
        return unary_to(cx, Op::RevX, X, dst.high(), src.low());
    }
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    match ty {
        Type::I64 => unary_to(cx, Op::RevX, X, dst, src),
        Type::I32 => unary_to(cx, Op::RevW, X, dst, src),
        _ => unary_to(cx, Op::Rev16, Width::W32, dst, src),
    }
}
