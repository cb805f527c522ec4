//! Float arithmetic.
//!
//! Scalar SSE instructions keep the upper lanes of their destination, so they wait for its old value.
//! Where that value is not an operand (square root, rounding) the source itself is made the old value.

use super::Cx;
use super::call;
use super::operand::{order_commutative, pool16, put, rm, rm_to, use_float_rm, xmm};
use crate::inst::{MInst, Op, Width};
use crate::symbols::Libcall;
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, Type};

const X: Width = Width::B64;

/// Of the two, the instruction for this type.
pub const fn by_type(ty: Type, single: Op, double: Op) -> Op {
    if matches!(ty, Type::F32) { single } else { double }
}

/// Sum, difference, product, quotient. A constant or a load on the right stays in memory.
pub fn binary(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (single, double) = match data.op {
        Opcode::Fadd => (Op::Addss, Op::Addsd),
        Opcode::Fsub => (Op::Subss, Op::Subsd),
        Opcode::Fmul => (Op::Mulss, Op::Mulsd),
        _ => (Op::Divss, Op::Divsd),
    };
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let commutes = matches!(data.op, Opcode::Fadd | Opcode::Fmul);
    let (a, b) = if commutes { order_commutative(cx, a, b) } else { (a, b) };
    let dst = cx.def_result(inst);
    let src = cx.use_value(a);
    let (other, bits) = use_float_rm(cx, b);
    put(cx, MInst::new(by_type(data.ty, single, double), X).dst(dst).src(src).rm(other).imm(bits));
}

/// Minimum and maximum with NaN and signed zeros as IEEE 754-2019 has them.
///
/// The machine's min returns its second operand for NaN and for two zeros. Taken both ways round, the two
/// results differ only then: two zeros merge by their sign bits (or: -0 wins; and: +0 wins), and for NaN a
/// mask of ones makes the merger a quiet NaN.
pub fn min_max(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (op, merge) = if data.op == Opcode::Fmin {
        (by_type(data.ty, Op::Minss, Op::Minsd), Op::Orps)
    } else {
        (by_type(data.ty, Op::Maxss, Op::Maxsd), Op::Andps)
    };
    let (a, b) = (cx.use_value(cx.arg(inst, 0)), cx.use_value(cx.arg(inst, 1)));
    let dst = cx.def_result(inst);
    let (ab, ba) = (rm(cx, op, X, a, b), rm(cx, op, X, b, a));
    let merged = rm(cx, merge, X, ab, ba);
    let unordered = compare_mask(cx, data.ty, UNORDERED, a, b);
    rm_to(cx, Op::Orps, X, dst, merged, unordered);
}

/// Predicate of cmpss, cmpsd: all ones if either is NaN.
const UNORDERED: i64 = 3;
/// Predicate of cmpss, cmpsd: all ones if neither is NaN.
pub const ORDERED: i64 = 7;

/// All ones if the predicate holds, else zero.
pub fn compare_mask(cx: &mut Cx<'_>, ty: Type, predicate: i64, a: Reg, b: Reg) -> Reg {
    let dst = xmm(cx);
    let op = by_type(ty, Op::Cmpss, Op::Cmpsd);
    put(cx, MInst::new(op, X).dst(dst).src(a).rm(b).imm(predicate));
    dst
}

/// Fused multiply-add: an instruction, or the C library.
pub fn fma(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let [a, b, c] = [0, 1, 2].map(|i| cx.use_value(cx.arg(inst, i)));
    let dst = cx.def_result(inst);
    if cx.isa.cpu().fma {
        let (op, width) = if ty == Type::F32 { (Op::Fmaddss, Width::B32) } else { (Op::Fmaddsd, Width::B64) };
        return put(cx, MInst::new(op, width).dst(dst).src(c).src2(a).rm(b));
    }
    let callee = if ty == Type::F32 { Libcall::Fma32 } else { Libcall::Fma64 };
    call::library_float(cx, callee, dst, &[a, b, c]);
}

/// Square root.
pub fn sqrt(cx: &mut Cx<'_>, inst: Inst) {
    let op = by_type(cx.func.inst(inst).ty, Op::Sqrtss, Op::Sqrtsd);
    let src = cx.use_value(cx.arg(inst, 0));
    let dst = cx.def_result(inst);
    rm_to(cx, op, X, dst, src, src);
}

/// Rounding to an integer: SSE4.1, or the C library.
pub fn round(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    // Bit 3 suppresses the inexact exception (SDM, ROUNDSD, figure 4-24).
    let (mode, single, double) = match data.op {
        Opcode::Fnearest => (8, Libcall::Nearest32, Libcall::Nearest64),
        Opcode::Ffloor => (9, Libcall::Floor32, Libcall::Floor64),
        Opcode::Fceil => (10, Libcall::Ceil32, Libcall::Ceil64),
        _ => (11, Libcall::Trunc32, Libcall::Trunc64),
    };
    let src = cx.use_value(cx.arg(inst, 0));
    let dst = cx.def_result(inst);
    if cx.isa.cpu().sse41 {
        let op = by_type(data.ty, Op::Roundss, Op::Roundsd);
        return put(cx, MInst::new(op, X).dst(dst).src(src).rm(src).imm(mode));
    }
    call::library_float(cx, if data.ty == Type::F32 { single } else { double }, dst, &[src]);
}

/// The sign bit of both lanes of a pooled constant.
fn sign_mask(ty: Type) -> i64 {
    if ty == Type::F32 { 0x8000_0000_8000_0000_u64 as i64 } else { i64::MIN }
}

fn masked(cx: &mut Cx<'_>, op: Op, src: Reg, mask: i64) -> Reg {
    let dst = xmm(cx);
    put(cx, MInst::new(op, X).dst(dst).src(src).rm(pool16()).imm(mask));
    dst
}

/// Negation and absolute value: the sign bit alone, so that NaN bits stay.
pub fn sign(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let src = cx.use_value(cx.arg(inst, 0));
    let dst = cx.def_result(inst);
    let mask = sign_mask(data.ty);
    let (op, mask) = if data.op == Opcode::Fneg { (Op::Xorps, mask) } else { (Op::Andps, !mask) };
    put(cx, MInst::new(op, X).dst(dst).src(src).rm(pool16()).imm(mask));
}

/// Magnitude of the first, sign of the second.
pub fn copysign(cx: &mut Cx<'_>, inst: Inst) {
    let mask = sign_mask(cx.func.inst(inst).ty);
    let (a, b) = (cx.use_value(cx.arg(inst, 0)), cx.use_value(cx.arg(inst, 1)));
    let dst = cx.def_result(inst);
    let magnitude = masked(cx, Op::Andps, a, !mask);
    let sign = masked(cx, Op::Andps, b, mask);
    rm_to(cx, Op::Orps, X, dst, magnitude, sign);
}
