//! Small tools of selection: machine instructions with fresh results, operands that may be memory or
//! immediates.

use super::{Cx, memory};
use crate::inst::{Amode, Base, Cc, Inst, MInst, Op, Rm, Width};
use pyexec_codegen::Reg;
use pyexec_ir::{Opcode, Type, Value, ValueDef};
use pyexec_regalloc::RegClass;

/// The three forms of a two-operand instruction.
#[derive(Clone, Copy)]
pub struct Alu {
    /// reg, rm.
    pub rm: Op,
    /// rm, reg.
    pub mr: Op,
    /// rm, immediate.
    pub mi: Op,
}

/// Sum.
pub const ADD: Alu = Alu { rm: Op::AddRm, mr: Op::AddMr, mi: Op::AddMi };
/// Sum with carry.
pub const ADC: Alu = Alu { rm: Op::AdcRm, mr: Op::AdcMr, mi: Op::AdcMi };
/// Difference.
pub const SUB: Alu = Alu { rm: Op::SubRm, mr: Op::SubMr, mi: Op::SubMi };
/// Difference with borrow.
pub const SBB: Alu = Alu { rm: Op::SbbRm, mr: Op::SbbMr, mi: Op::SbbMi };
/// And.
pub const AND: Alu = Alu { rm: Op::AndRm, mr: Op::AndMr, mi: Op::AndMi };
/// Or.
pub const OR: Alu = Alu { rm: Op::OrRm, mr: Op::OrMr, mi: Op::OrMi };
/// Exclusive or.
pub const XOR: Alu = Alu { rm: Op::XorRm, mr: Op::XorMr, mi: Op::XorMi };

/// A new general register.
pub fn int(cx: &mut Cx<'_>) -> Reg {
    cx.new_reg(RegClass::Int)
}
/// A new xmm register.
pub fn xmm(cx: &mut Cx<'_>) -> Reg {
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
/// A constant in a new register.
pub fn const_reg(cx: &mut Cx<'_>, value: i64) -> Reg {
    let dst = int(cx);
    cx.emit(Inst::Const { dst, value });
    dst
}

/// `dst = src op rm`, two-address.
pub fn rm_to(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, src: Reg, rm: impl Into<Rm>) {
    put(cx, MInst::new(op, width).dst(dst).src(src).rm(rm));
}
/// `new = src op rm`, two-address, of the class of `src`.
pub fn rm(cx: &mut Cx<'_>, op: Op, width: Width, src: Reg, rm: impl Into<Rm>) -> Reg {
    let dst = cx.new_reg(src.class().unwrap_or(RegClass::Int));
    rm_to(cx, op, width, dst, src, rm);
    dst
}
/// `dst = src op imm`, two-address.
pub fn mi_to(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, src: Reg, imm: i64) {
    put(cx, MInst::new(op, width).dst(dst).rm(src).imm(imm));
}
/// `new = src op imm`, two-address.
pub fn mi(cx: &mut Cx<'_>, op: Op, width: Width, src: Reg, imm: i64) -> Reg {
    let dst = int(cx);
    mi_to(cx, op, width, dst, src, imm);
    dst
}
/// `dst = op rm`: one operand, the result elsewhere (movzx, tzcnt, movaps).
pub fn unary_to(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, rm: impl Into<Rm>) {
    put(cx, MInst::new(op, width).dst(dst).rm(rm));
}
/// `new = op rm`, into a general register.
pub fn unary(cx: &mut Cx<'_>, op: Op, width: Width, rm: impl Into<Rm>) -> Reg {
    let dst = int(cx);
    unary_to(cx, op, width, dst, rm);
    dst
}
/// `dst = if cc { yes } else { no }`.
pub fn cmov_to(cx: &mut Cx<'_>, cc: Cc, width: Width, dst: Reg, yes: Reg, no: Reg) {
    put(cx, MInst::new(Op::Cmov, width.at_least_32()).dst(dst).src(no).rm(yes).cc(cc));
}
/// `new = if cc { yes } else { no }`.
pub fn cmov(cx: &mut Cx<'_>, cc: Cc, width: Width, yes: Reg, no: Reg) -> Reg {
    let dst = int(cx);
    cmov_to(cx, cc, width, dst, yes, no);
    dst
}

/// The width of an integer type of at most 64 bits.
pub fn width(ty: Type) -> Width {
    Width::for_bits(ty.bits())
}
/// The width at which arithmetic of this type is done: bits above the type's are anything.
pub fn wide_width(ty: Type) -> Width {
    width(ty).at_least_32()
}

/// An integer constant that fits a sign-extended 32-bit immediate of an instruction on `ty`.
pub fn imm32(cx: &Cx<'_>, value: Value) -> Option<i64> {
    cx.const_int(value).filter(|imm| i32::try_from(*imm).is_ok())
}

/// An operand as register or, if it is a load for this use alone, memory. For instructions that read
/// exactly the type's width.
pub fn use_rm(cx: &mut Cx<'_>, value: Value) -> Rm {
    match sunk_load(cx, value, Opcode::Load) {
        Some(mem) => mem.into(),
        None => cx.use_value(value).into(),
    }
}

/// As [`use_rm`], for instructions on 32 or 64 bits that stand for narrower types as well: memory is only
/// read if the type has the instruction's width.
pub fn use_rm_wide(cx: &mut Cx<'_>, value: Value) -> Rm {
    let exact = matches!(cx.func.ty(value), Type::I32 | Type::I64);
    if exact { use_rm(cx, value) } else { cx.use_value(value).into() }
}

/// The address of a load with this opcode that may be done by the current instruction instead.
pub fn sunk_load(cx: &mut Cx<'_>, value: Value, op: Opcode) -> Option<Amode> {
    if cx.func.ty(value) == Type::I128 {
        return None;
    }
    let load = cx.sinkable_load(value)?;
    if cx.func.inst(load).op != op {
        return None;
    }
    cx.sink(load);
    Some(memory::address_of(cx, load))
}

/// A float operand: register, load, or constant in memory. The bits of a constant travel in the
/// instruction's `imm`.
pub fn use_float_rm(cx: &mut Cx<'_>, value: Value) -> (Rm, i64) {
    if let Some(bits) = cx.const_bits(value).filter(|bits| *bits != 0) {
        return (pool(cx.func.ty(value)), bits as i64);
    }
    (use_rm(cx, value), 0)
}

/// A constant of this type behind the code; its bits go to the instruction's `imm`.
pub fn pool(ty: Type) -> Rm {
    Amode::new(Base::Pool(ty.bytes() as u8), 0).into()
}

/// 16 bytes behind the code, the instruction's `imm` twice.
pub fn pool16() -> Rm {
    Amode::new(Base::Pool(16), 0).into()
}

/// Of two exchangeable operands, the one to overwrite first: not one that is used later as well, and not
/// a constant or a load that may be merged. Of equals a loop's parameter: it is likely an accumulator,
/// whose next value wants the same register; and a parameter of the function last, for it is pinned.
pub fn order_commutative(cx: &Cx<'_>, a: Value, b: Value) -> (Value, Value) {
    let cost = |v: Value| {
        let merged = cx.const_bits(v).is_some() || cx.sinkable_load(v).is_some();
        let origin = match cx.func.def(v) {
            ValueDef::Param(block, _) if cx.func.entry() == Some(block) => 2,
            ValueDef::Param(..) => 0,
            _ => 1,
        };
        (merged, cx.is_needed(v), origin)
    };
    if cost(a) > cost(b) { (b, a) } else { (a, b) }
}
