//! Conversions between integers, between floats, and from one to the other.
//!
//! `fcvtzs` and `fcvtzu` clamp, and give 0 for NaN: exactly the saturating forms. The trapping ones are
//! the same behind a check of the range:
//!
//! ```text
//! fcmp  x, low          ; ge (or gt) unless x is too small or NaN
//! fccmp x, high, #0, ge ; compared only if so; else flags for which ge holds
//! trap if ge
//! ```

use super::Cx;
use super::arith::{extend, extend_to, is_clean};
use super::cond::trap_on;
use super::constant::float_constant;
use super::operand::{const_to, copy_to, extract_to, float, put, rrr, unary_to, width};
use super::{memory, wide};
use crate::inst::{Cc, Inst as Selected, MInst, Op, Test, Width};
use crate::regs::ZR_REG;
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, TrapCode, Type};

const X: Width = Width::W64;

/// Low register and, for an `i128`, high register of the result.
fn halves(cx: &mut Cx<'_>, inst: Inst) -> (Reg, Option<Reg>) {
    let regs = wide::result_regs(cx, inst);
    let high = cx.func.inst(inst).ty == Type::I128;
    (regs.low(), high.then(|| regs.high()))
}

/// Widening with zeros. Many narrow values are so already.
pub fn zext(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let bits = cx.func.ty(value).bits();
    let (low, high) = halves(cx, inst);
    if let Some(high) = high {
        const_to(cx, high, 0);
    }
    let src = cx.use_value(value);
    match bits {
        _ if bits == 64 || is_clean(cx, value) => copy_to(cx, low, src),
        32 => rrr(cx, Op::Orr, Width::W32, low, ZR_REG, src),
        _ => extract_to(cx, false, Width::W32, low, src, 0, bits),
    }
}

/// Widening with the sign. A load that is widened loads so.
pub fn sext(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (from, to) = (cx.func.ty(value), cx.func.inst(inst).ty);
    let (low, high) = halves(cx, inst);
    let width = if to.bits() <= 32 { Width::W32 } else { X };
    let load = cx.sinkable_load(value).filter(|l| cx.func.inst(*l).op == Opcode::Load);
    if let Some((load, access)) = load.zip(memory::signed_access(from, width)) {
        cx.sink(load);
        let mem = memory::address_of(cx, load, access);
        cx.emit(Selected::Mem { access, reg: low, mem });
    } else {
        let src = cx.use_value(value);
        extend_to(cx, low, src, from.bits(), true, width);
    }
    if let Some(high) = high {
        extract_to(cx, true, X, high, low, 63, 1);
    }
}

/// The low bits, or the same bits as another type.
pub fn reinterpret(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let value = cx.arg(inst, 0);
    let src = cx.use_values(value).low();
    let dst = cx.def_result(inst);
    match (data.op, data.ty) {
        (Opcode::Trunc, _) => copy_to(cx, dst, src),
        (_, Type::F32) => unary_to(cx, Op::FmovSW, X, dst, src),
        (_, Type::F64) => unary_to(cx, Op::FmovDX, X, dst, src),
        (_, Type::I32) => unary_to(cx, Op::FmovWS, X, dst, src),
        _ => unary_to(cx, Op::FmovXD, X, dst, src),
    }
}

/// Between the float types.
pub fn resize(cx: &mut Cx<'_>, inst: Inst) {
    let op = if cx.func.inst(inst).op == Opcode::Fpromote { Op::FcvtDS } else { Op::FcvtSD };
    let src = cx.use_value(cx.arg(inst, 0));
    let dst = cx.def_result(inst);
    unary_to(cx, op, X, dst, src);
}

/// Integers of 32 and 64 bits to floats.
pub fn int_to_float(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let value = cx.arg(inst, 0);
    let from = width(cx.func.ty(value));
    let op = match (data.op == Opcode::SintToFloat, data.ty) {
        (true, Type::F32) => Op::ScvtfS,
        (true, _) => Op::ScvtfD,
        (false, Type::F32) => Op::UcvtfS,
        (false, _) => Op::UcvtfD,
    };
    let signed = data.op == Opcode::SintToFloat;
    let src = extend(cx, value, signed, from);
    let dst = cx.def_result(inst);
    unary_to(cx, op, from, dst, src);
}

fn convert(cx: &mut Cx<'_>, signed: bool, from: Type, to: Type, dst: Reg, src: Reg) {
    let op = match (signed, from) {
        (true, Type::F32) => Op::FcvtzsS,
        (true, _) => Op::FcvtzsD,
        (false, Type::F32) => Op::FcvtzuS,
        (false, _) => Op::FcvtzuD,
    };
    unary_to(cx, op, width(to), dst, src);
}

/// Toward zero, clamped.
pub fn float_to_int_sat(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let value = cx.arg(inst, 0);
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    convert(cx, data.op == Opcode::FloatToSintSat, cx.func.ty(value), data.ty, dst, src);
}

/// The least float that is too large; the greatest that is too small, or the least that is not, and
/// which of the two it is.
fn range(signed: bool, from: Type, to: Type) -> (f64, f64, bool) {
    let bits = to.bits() as i32;
    if !signed {
        return (2f64.powi(bits), -1.0, true);
    }
    let least = -2f64.powi(bits - 1);
    // Just below the least integer there is a float only if the fraction reaches that far.
    let between = from == Type::F64 && to == Type::I32;
    (-least, if between { least - 1.0 } else { least }, between)
}

/// Toward zero; traps if the result does not fit.
pub fn float_to_int(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let value = cx.arg(inst, 0);
    let (from, signed) = (cx.func.ty(value), data.op == Opcode::FloatToSint);
    let (high, low, low_excluded) = range(signed, from, data.ty);
    let limit = |cx: &mut Cx<'_>, limit: f64| {
        let bits = if from == Type::F32 { (limit as f32).to_bits().into() } else { limit.to_bits() };
        let reg = float(cx);
        float_constant(cx, from, bits, reg);
        reg
    };
    let (low, high) = (limit(cx, low), limit(cx, high));
    let src = cx.use_value(value);
    let dst = cx.def_result(inst);
    let enough = if low_excluded { Cc::Gt } else { Cc::Ge };
    put(cx, MInst::new(Op::Fcmp, width(from)).rn(src).rm(low));
    put(cx, MInst::new(Op::Fccmp, width(from)).rn(src).rm(high).amt(0).cc(enough));
    trap_on(cx, Test::Flags(Cc::Ge), TrapCode::BadConversion);
    convert(cx, signed, from, data.ty, dst, src);
}
