//! Float arithmetic. `fmin` and `fmax` are the IR's: NaN if either is, and -0 below +0 (Arm ARM, FPMin).
//! A product and a sum are never contracted: only `fma` is fused.

use super::Cx;
use super::operand::{float, put, width};
use crate::inst::{MInst, Op, Width};
use pyexec_ir::{Inst, Opcode};

/// Two operands, one result.
pub fn binary(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let op = match data.op {
        Opcode::Fadd => Op::Fadd,
        Opcode::Fsub => Op::Fsub,
        Opcode::Fmul => Op::Fmul,
        Opcode::Fdiv => Op::Fdiv,
        Opcode::Fmin => Op::Fmin,
        _ => Op::Fmax,
    };
    let (a, b) = (cx.use_value(cx.arg(inst, 0)), cx.use_value(cx.arg(inst, 1)));
    let dst = cx.def_result(inst);
    put(cx, MInst::new(op, width(data.ty)).rd(dst).rn(a).rm(b));
}

/// One operand, one result.
pub fn unary(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let op = match data.op {
        Opcode::Fsqrt => Op::Fsqrt,
        Opcode::Fceil => Op::Frintp,
        Opcode::Ffloor => Op::Frintm,
        Opcode::Ftrunc => Op::Frintz,
        Opcode::Fnearest => Op::Frintn,
        Opcode::Fneg => Op::Fneg,
        _ => Op::Fabs,
    };
    let src = cx.use_value(cx.arg(inst, 0));
    let dst = cx.def_result(inst);
    put(cx, MInst::new(op, width(data.ty)).rd(dst).rn(src));
}

/// Fused multiply-add.
pub fn fma(cx: &mut Cx<'_>, inst: Inst) {
    let [a, b, c] = [0, 1, 2].map(|i| cx.use_value(cx.arg(inst, i)));
    let dst = cx.def_result(inst);
    put(cx, MInst::new(Op::Fmadd, width(cx.func.inst(inst).ty)).rd(dst).rn(a).rm(b).ra(c));
}

/// Magnitude of the first, sign of the second: the sign bit inserted under a mask that is -0.
pub fn copysign(cx: &mut Cx<'_>, inst: Inst) {
    let width = width(cx.func.inst(inst).ty);
    let (a, b) = (cx.use_value(cx.arg(inst, 0)), cx.use_value(cx.arg(inst, 1)));
    let dst = cx.def_result(inst);
    let (zero, mask) = (float(cx), float(cx));
    put(cx, MInst::new(Op::MoviZ, Width::W64).rd(zero));
    put(cx, MInst::new(Op::Fneg, width).rd(mask).rn(zero));
    put(cx, MInst::new(Op::Bit, Width::W64).rd(dst).ra(a).rn(b).rm(mask));
}
