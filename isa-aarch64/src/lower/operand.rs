//! Small tools of selection: machine instructions with fresh results, second operands that may be
//! immediates, shifted or extended.

use super::Cx;
use crate::encode::immediate::{encode_imm12, encode_logical};
use crate::inst::{Cc, Extend, Inst, MInst, Op, Shift, Width};
use crate::regs::ZR_REG;
use pyexec_codegen::Reg;
use pyexec_ir::{Inst as IrInst, Opcode, Type, Value};
use pyexec_regalloc::RegClass;

/// The forms of an instruction with a flexible second operand.
#[derive(Clone, Copy)]
pub struct Alu {
    /// With an immediate.
    pub imm: Op,
    /// With a shifted register.
    pub reg: Op,
    /// With an extended register; logic has none.
    pub ext: Option<Op>,
}

/// Sum.
pub const ADD: Alu = Alu { imm: Op::AddI, reg: Op::Add, ext: Some(Op::AddX) };
/// Difference.
pub const SUB: Alu = Alu { imm: Op::SubI, reg: Op::Sub, ext: Some(Op::SubX) };
/// Sum that sets the flags.
pub const ADDS: Alu = Alu { imm: Op::AddsI, reg: Op::Adds, ext: Some(Op::AddsX) };
/// Difference that sets the flags.
pub const SUBS: Alu = Alu { imm: Op::SubsI, reg: Op::Subs, ext: Some(Op::SubsX) };
/// And.
pub const AND: Alu = Alu { imm: Op::AndI, reg: Op::And, ext: None };
/// And that sets the flags.
pub const ANDS: Alu = Alu { imm: Op::AndsI, reg: Op::Ands, ext: None };
/// Or.
pub const OR: Alu = Alu { imm: Op::OrrI, reg: Op::Orr, ext: None };
/// Exclusive or.
pub const XOR: Alu = Alu { imm: Op::EorI, reg: Op::Eor, ext: None };

/// A second operand.
#[derive(Clone, Copy, Debug)]
pub enum Second {
    /// A register, shifted.
    Reg(Reg, Shift, u8),
    /// A register, extended and shifted left.
    Ext(Reg, Extend, u8),
}

/// A new general register.
pub fn int(cx: &mut Cx<'_>) -> Reg {
    cx.new_reg(RegClass::Int)
}
/// A new float register.
pub fn float(cx: &mut Cx<'_>) -> Reg {
    cx.new_reg(RegClass::Float)
}
/// Appends a machine instruction.
pub fn put(cx: &mut Cx<'_>, inst: MInst) {
    cx.emit(Inst::M(inst));
}
/// Copies a register.
pub fn copy_to(cx: &mut Cx<'_>, dst: Reg, src: Reg) {
    cx.emit(Inst::Mov { dst, src });
}
/// A constant into a register.
pub fn const_to(cx: &mut Cx<'_>, dst: Reg, value: i64) {
    cx.emit(Inst::Const { dst, value });
}
/// A constant in a new register, or in one that holds it throughout a loop; to be read only. (The zero
/// register is not an operand of every instruction.)
pub fn const_reg(cx: &mut Cx<'_>, value: i64) -> Reg {
    if let Some(held) = cx.hoisted_number(value) {
        return held;
    }
    let dst = int(cx);
    const_to(cx, dst, value);
    dst
}

/// `dst = rn op rm`.
pub fn rrr(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, rn: Reg, rm: Reg) {
    put(cx, MInst::new(op, width).rd(dst).rn(rn).rm(rm));
}
/// `new = rn op rm`, into a general register.
pub fn rr(cx: &mut Cx<'_>, op: Op, width: Width, rn: Reg, rm: Reg) -> Reg {
    let dst = int(cx);
    rrr(cx, op, width, dst, rn, rm);
    dst
}
/// `dst = op rn`.
pub fn unary_to(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, rn: Reg) {
    put(cx, MInst::new(op, width).rd(dst).rn(rn));
}
/// `new = op rn`, into a general register.
pub fn unary(cx: &mut Cx<'_>, op: Op, width: Width, rn: Reg) -> Reg {
    let dst = int(cx);
    unary_to(cx, op, width, dst, rn);
    dst
}
/// `dst = rn op imm`; the immediate fits.
pub fn rri(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, rn: Reg, imm: i64) {
    put(cx, MInst::new(op, width).rd(dst).rn(rn).imm(imm));
}
/// `new = rn op imm`; the immediate fits.
pub fn ri(cx: &mut Cx<'_>, op: Op, width: Width, rn: Reg, imm: i64) -> Reg {
    let dst = int(cx);
    rri(cx, op, width, dst, rn, imm);
    dst
}
/// `dst = rn op second`.
pub fn alu_to(cx: &mut Cx<'_>, alu: Alu, width: Width, dst: Reg, rn: Reg, second: Second) {
    let inst = match (second, alu.ext) {
        (Second::Ext(rm, extend, amount), Some(op)) => MInst::new(op, width).rm(rm).extend(extend, amount),
        (Second::Reg(rm, shift, amount), _) => MInst::new(alu.reg, width).rm(rm).shift(shift, amount),
        (Second::Ext(rm, ..), None) => MInst::new(alu.reg, width).rm(rm),
    };
    put(cx, inst.rd(dst).rn(rn));
}

// ---- Shifts by constants, as bit-field moves (Arm ARM C6.2.429) ----

/// `dst = src << by`.
pub fn lsl_to(cx: &mut Cx<'_>, width: Width, dst: Reg, src: Reg, by: u32) {
    let bits = width.bits();
    let (rotation, top) = ((bits - by) % bits, bits - 1 - by);
    put(cx, MInst::new(Op::Ubfm, width).rd(dst).rn(src).amt(rotation as u8).imm(top.into()));
}
/// Bits `from..from + len` of a register, moved down, with zeros or the sign above.
pub fn extract_to(cx: &mut Cx<'_>, signed: bool, width: Width, dst: Reg, src: Reg, from: u32, len: u32) {
    let op = if signed { Op::Sbfm } else { Op::Ubfm };
    let top = from + len - 1;
    put(cx, MInst::new(op, width).rd(dst).rn(src).amt(from as u8).imm(top.into()));
}
/// As [`extract_to`], into a new register.
pub fn extract(cx: &mut Cx<'_>, signed: bool, width: Width, src: Reg, from: u32, len: u32) -> Reg {
    let dst = int(cx);
    extract_to(cx, signed, width, dst, src, from, len);
    dst
}
/// `new = src << by`.
pub fn lsl(cx: &mut Cx<'_>, width: Width, src: Reg, by: u32) -> Reg {
    let dst = int(cx);
    lsl_to(cx, width, dst, src, by);
    dst
}
/// `new = src >> by`, with zeros.
pub fn lsr(cx: &mut Cx<'_>, width: Width, src: Reg, by: u32) -> Reg {
    extract(cx, false, width, src, by, width.bits() - by)
}
/// `new = src >> by`, with the sign.
pub fn asr(cx: &mut Cx<'_>, width: Width, src: Reg, by: u32) -> Reg {
    extract(cx, true, width, src, by, width.bits() - by)
}

// ---- Choices ----

/// `dst = if cc { yes } else { no }`.
pub fn csel_to(cx: &mut Cx<'_>, cc: Cc, width: Width, dst: Reg, yes: Reg, no: Reg) {
    put(cx, MInst::new(Op::Csel, width).rd(dst).rn(yes).rm(no).cc(cc));
}
/// `new = if cc { yes } else { no }`.
pub fn csel(cx: &mut Cx<'_>, cc: Cc, width: Width, yes: Reg, no: Reg) -> Reg {
    let dst = int(cx);
    csel_to(cx, cc, width, dst, yes, no);
    dst
}
/// `dst = cc as 0 or 1`.
pub fn cset_to(cx: &mut Cx<'_>, cc: Cc, dst: Reg) {
    put(cx, MInst::new(Op::Csinc, Width::W32).rd(dst).rn(ZR_REG).rm(ZR_REG).cc(cc.negate()));
}
/// Sets the flags by a difference.
pub fn cmp(cx: &mut Cx<'_>, width: Width, a: Reg, b: Reg) {
    rrr(cx, Op::Subs, width, ZR_REG, a, b);
}
/// Sets the flags by a difference with an immediate that fits.
pub fn cmp_imm(cx: &mut Cx<'_>, width: Width, a: Reg, imm: i64) {
    rri(cx, Op::SubsI, width, ZR_REG, a, imm);
}

// ---- Operands ----

/// The width at which arithmetic of this type is done: bits above a narrow type's are anything.
pub fn width(ty: Type) -> Width {
    Width::for_bits(ty.bits())
}

/// A value's register, or the zero register for the constant zero.
pub fn use_or_zero(cx: &mut Cx<'_>, value: Value) -> Reg {
    if cx.const_bits(value) == Some(0) && !cx.func.ty(value).is_float() {
        return ZR_REG;
    }
    cx.use_value(value)
}

/// A constant for an arithmetic immediate: itself, or negated (then the opposite operation).
pub fn imm12(cx: &Cx<'_>, value: Value) -> Option<(i64, bool)> {
    let value = cx.const_int(value)?;
    let negated = value.checked_neg()?;
    if encode_imm12(value).is_some() {
        return Some((value, false));
    }
    encode_imm12(negated).map(|_| (negated, true))
}

/// A pattern for a logical immediate that agrees with the constant in the type's bits.
pub fn logical_imm(ty: Type, bits: u64) -> Option<i64> {
    let width = width(ty);
    let own = ty.bits();
    let mask = u64::MAX >> (64 - own.min(64));
    let low = bits & mask;
    let mut repeated = low;
    let mut filled = own;
    while filled < width.bits() {
        repeated |= repeated << filled;
        filled *= 2;
    }
    let ones = if width == Width::W32 { low | !mask & 0xffff_ffff } else { low };
    [low, ones, repeated].into_iter().find(|p| encode_logical(*p, width.bits()).is_some()).map(|p| p as i64)
}

/// The instruction of this opcode that computes the value for nobody else.
pub fn merge_op(cx: &Cx<'_>, value: Value, op: Opcode) -> Option<IrInst> {
    cx.mergeable(value).filter(|i| cx.func.inst(*i).op == op)
}

/// A shift by a constant that may be done as part of another instruction on the type. Right shifts of
/// narrow types would bring in what lies above them.
fn shifted(cx: &Cx<'_>, value: Value) -> Option<(Value, Shift, u8)> {
    let inst = cx.mergeable(value)?;
    let ty = cx.func.ty(value);
    let exact = matches!(ty, Type::I32 | Type::I64);
    let shift = match cx.func.inst(inst).op {
        Opcode::Shl => Shift::Lsl,
        Opcode::Lshr if exact => Shift::Lsr,
        Opcode::Ashr if exact => Shift::Asr,
        _ => return None,
    };
    let by = cx.const_bits(cx.arg(inst, 1))? % u128::from(ty.bits());
    Some((cx.arg(inst, 0), shift, by as u8))
}

/// An extension, perhaps shifted left by up to 4, that may be done as part of an addition.
fn extended(cx: &Cx<'_>, value: Value) -> Option<(Value, Extend, u8)> {
    let (inner, amount) = match shifted(cx, value) {
        Some((inner, Shift::Lsl, amount @ 0..=4)) => (inner, amount),
        _ => (value, 0),
    };
    let inst = cx.mergeable(inner)?;
    let signed = match cx.func.inst(inst).op {
        Opcode::Zext => false,
        Opcode::Sext => true,
        _ => return None,
    };
    let source = cx.arg(inst, 0);
    Some((source, Extend::from(cx.func.ty(source).bits(), signed), amount))
}

/// A second operand of an instruction on the value's whole type; `arithmetic` ones extend.
pub fn second(cx: &mut Cx<'_>, value: Value, arithmetic: bool) -> Second {
    if arithmetic && let Some((source, extend, amount)) = extended(cx, value) {
        return Second::Ext(cx.use_value(source), extend, amount);
    }
    if let Some((source, shift, amount)) = shifted(cx, value) {
        return Second::Reg(cx.use_value(source), shift, amount);
    }
    Second::Reg(use_or_zero(cx, value), Shift::Lsl, 0)
}

/// Whether [`second`] merges something: then the value belongs on the right.
pub fn is_flexible(cx: &Cx<'_>, value: Value, arithmetic: bool) -> bool {
    cx.const_bits(value).is_some()
        || shifted(cx, value).is_some()
        || arithmetic && extended(cx, value).is_some()
}
