//! Loads, stores and addresses.
//!
//! ```text
//! v1 = shl.i64 v9, 3              (merged)
//! v2 = iadd.i64 v8, v1            (merged)
//! v3 = load.f64 array v2          ldr vr3, [vr8, vr9, lsl #3]
//! v4 = load.i32 array v8+20       ldr vr4, [vr8, #20]
//! ```
//! Address arithmetic is merged into every access that uses it, as long as nothing else wanted the sum in a
//! register: then that register serves. An access has an offset or an index, never both: with both, the
//! sum is made and shared. An index may be an extended `i32`. Stack slots are addressed directly.

use super::Cx;
use super::constant::is_near;
use super::operand::{const_to, extract_to, put};
use crate::inst::{Access, Amode, Base, Extend, Inst as Selected, MInst, Op, Path, Width};
use crate::regs::{SP_REG, ZR_REG};
use crate::symbols;
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Imm, Inst, InstData, Opcode, Type, Value};

/// The stack pointer.
pub fn stack_ptr(cx: &mut Cx<'_>, inst: Inst) {
    cx.frame.exact_sp = true;
    let dst = cx.def_result(inst);
    put(cx, MInst::new(Op::AddI, Width::W64).rd(dst).rn(SP_REG));
}

/// The address that a load or store instruction accesses.
pub fn address_of(cx: &mut Cx<'_>, inst: Inst, access: Access) -> Amode {
    let (address, offset) = address_parts(cx, inst);
    amode(cx, address, offset, Some(access.log))
}

fn address_parts(cx: &Cx<'_>, inst: Inst) -> (Value, i32) {
    let address = *cx.func.args(inst).last().expect("invariant: an access has an address");
    match cx.func.inst(inst).imm {
        Imm::Mem(offset, _) => (address, offset),
        _ => (address, 0),
    }
}

/// `value + offset` as a memory operand. An index is scaled by 2^`log` or not at all; without `log`
/// there must be none.
fn amode(cx: &mut Cx<'_>, value: Value, offset: i32, log: Option<u8>) -> Amode {
    if let Some(mem) = direct(cx, value, offset) {
        return mem;
    }
    if cx.is_needed(value) {
        return Amode::reg(cx.use_value(value), offset);
    }
    let Some(add) = cx.def_as(value, Opcode::Iadd) else {
        return Amode::reg(cx.use_value(value), offset);
    };
    let (a, b) = (cx.arg(add, 0), cx.arg(add, 1));
    for (x, y) in [(a, b), (b, a)] {
        let constant = cx.const_int(y).and_then(|c| i32::try_from(c.checked_add(offset.into())?).ok());
        if let Some(disp) = constant.filter(|d| d.unsigned_abs() < 1 << 24) {
            return amode(cx, x, disp, log);
        }
    }
    match log {
        Some(log) if offset == 0 => indexed(cx, a, b, log),
        _ => Amode::reg(cx.use_value(value), offset),
    }
}

/// Stack slots and data of this module: the offset is part of the address.
fn direct(cx: &mut Cx<'_>, value: Value, offset: i32) -> Option<Amode> {
    match cx.func.inst(cx.func.def_inst(value)?).imm {
        Imm::Slot(slot, at) => Amode::new(Base::Slot(slot.as_u32()), at).offset(offset.into()),
        Imm::Global(global, at) => {
            let data = &cx.module.globals[global];
            let at = at.checked_add(offset).filter(|at| is_near(data, *at))?;
            let dst = super::operand::int(cx);
            let symbol = symbols::global(global);
            cx.emit(Selected::SymbolAddr { dst, symbol, offset: at, by: Path::Near });
            Some(Amode::reg(dst, 0))
        }
        _ => None,
    }
}

/// The address of an access in a register: exclusive and ordered accesses have neither offset nor index.
pub fn base_of(cx: &mut Cx<'_>, inst: Inst) -> Reg {
    let (address, offset) = address_parts(cx, inst);
    match amode(cx, address, offset, None) {
        Amode { base: Base::Reg(base), disp: 0, .. } => base,
        mem => {
            let dst = super::operand::int(cx);
            cx.emit(Selected::Lea { dst, mem });
            dst
        }
    }
}

/// What an index is: a value, how it is widened, and whether it is scaled.
struct Index {
    value: Value,
    extend: Extend,
    scaled: bool,
}

/// `x << log`, or `x * 2^log`.
fn unscaled(cx: &Cx<'_>, value: Value, log: u8) -> Option<Value> {
    if cx.is_needed(value) || log == 0 {
        return None;
    }
    let (inst, wanted) = match cx.def_as(value, Opcode::Shl) {
        Some(shl) => (shl, i64::from(log)),
        None => (cx.def_as(value, Opcode::Imul)?, 1 << log),
    };
    (cx.const_int(cx.arg(inst, 1)) == Some(wanted)).then(|| cx.arg(inst, 0))
}

fn index_of(cx: &Cx<'_>, value: Value, log: u8) -> Index {
    let inner = unscaled(cx, value, log);
    let (value, scaled) = (inner.unwrap_or(value), inner.is_some());
    for (op, extend) in [(Opcode::Zext, Extend::Uxtw), (Opcode::Sext, Extend::Sxtw)] {
        let source = cx.def_as(value, op).map(|i| cx.arg(i, 0));
        if let Some(source) = source.filter(|s| cx.func.ty(*s) == Type::I32 && !cx.is_needed(value)) {
            return Index { value: source, extend, scaled };
        }
    }
    Index { value, extend: Extend::Uxtx, scaled }
}

/// `a + b`: the one that is scaled or extended is the index.
fn indexed(cx: &mut Cx<'_>, a: Value, b: Value, log: u8) -> Amode {
    let worth = |i: &Index| (i.scaled, i.extend != Extend::Uxtx);
    let (left, right) = (index_of(cx, a, log), index_of(cx, b, log));
    let (base, index) = if worth(&left) > worth(&right) { (b, left) } else { (a, right) };
    let base = match cx.func.def_inst(base).map(|i| cx.func.inst(i).imm) {
        Some(Imm::Slot(slot, at)) => Amode::new(Base::Slot(slot.as_u32()), at),
        _ => Amode::reg(cx.use_value(base), 0),
    };
    let index_reg = cx.use_value(index.value);
    Amode { index: index_reg, extend: index.extend, scaled: index.scaled, ..base }
}

/// The access of a load of up to 64 bits.
fn load_access(op: Opcode, ty: Type) -> Access {
    let wide = ty.bits() > 32;
    match (op, ty) {
        (Opcode::Load, Type::F32) => Access::LOAD_F32,
        (Opcode::Load, Type::F64) => Access::LOAD_F64,
        (Opcode::Load, Type::I8) | (Opcode::LoadU8, _) => Access::LOAD8,
        (Opcode::Load, Type::I16) | (Opcode::LoadU16, _) => Access::LOAD16,
        (Opcode::LoadS8, _) => {
            if wide {
                Access::LOAD_S8
            } else {
                Access::LOAD_S8_32
            }
        }
        (Opcode::LoadS16, _) => {
            if wide {
                Access::LOAD_S16
            } else {
                Access::LOAD_S16_32
            }
        }
        (Opcode::LoadS32, _) => Access::LOAD_S32,
        (Opcode::LoadU32, _) | (_, Type::I32) => Access::LOAD32,
        _ => Access::LOAD64,
    }
}

/// The access of a load of a type that widens with the sign to a width.
pub fn signed_access(from: Type, to: Width) -> Option<Access> {
    Some(match (from, to) {
        (Type::I8, Width::W32) => Access::LOAD_S8_32,
        (Type::I8, Width::W64) => Access::LOAD_S8,
        (Type::I16, Width::W32) => Access::LOAD_S16_32,
        (Type::I16, Width::W64) => Access::LOAD_S16,
        (Type::I32, Width::W64) => Access::LOAD_S32,
        _ => return None,
    })
}

/// Loads.
pub fn load(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let result = cx.func.first_result(inst).expect("invariant: a load has a result");
    let to = cx.def_values(result);
    if data.ty == Type::I128 {
        return load_wide(cx, inst, data.op, to);
    }
    let access = load_access(data.op, data.ty);
    let mem = address_of(cx, inst, access);
    cx.emit(Selected::Mem { access, reg: to.only(), mem });
}

fn load_wide(cx: &mut Cx<'_>, inst: Inst, op: Opcode, to: ValueRegs) {
    if op == Opcode::Load {
        let (address, offset) = address_parts(cx, inst);
        let mem = amode(cx, address, offset, None);
        return cx.emit(Selected::Pair { load: true, low: to.low(), high: to.high(), mem });
    }
    let access = load_access(op, Type::I64);
    let mem = address_of(cx, inst, access);
    cx.emit(Selected::Mem { access, reg: to.low(), mem });
    match op {
        Opcode::LoadS8 => extract_to(cx, true, Width::W64, to.high(), to.low(), 63, 1),
        _ => const_to(cx, to.high(), 0),
    }
}

fn store_access(data: &InstData) -> Access {
    match (data.op, data.ty) {
        (Opcode::Store8, _) | (_, Type::I8) => Access::STORE8,
        (Opcode::Store16, _) | (_, Type::I16) => Access::STORE16,
        (Opcode::Store32, _) | (_, Type::I32) => Access::STORE32,
        (_, Type::F32) => Access::STORE_F32,
        (_, Type::F64) => Access::STORE_F64,
        _ => Access::STORE64,
    }
}

/// Stores.
pub fn store(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let value = cx.arg(inst, 0);
    if data.ty == Type::I128 && data.op == Opcode::Store {
        let (low, high) = pair_or_zero(cx, value);
        let (address, offset) = address_parts(cx, inst);
        let mem = amode(cx, address, offset, None);
        return cx.emit(Selected::Pair { load: false, low, high, mem });
    }
    let (access, reg) = stored(cx, value, store_access(&data));
    let mem = address_of(cx, inst, access);
    cx.emit(Selected::Mem { access, reg, mem });
}

/// The halves of a value, or the zero register.
pub fn pair_or_zero(cx: &mut Cx<'_>, value: Value) -> (Reg, Reg) {
    if cx.const_bits(value) == Some(0) {
        return (ZR_REG, ZR_REG);
    }
    let regs = cx.use_values(value);
    (regs.low(), regs.high())
}

/// What to store, and how: zero, of either kind, from the zero register.
pub fn stored(cx: &mut Cx<'_>, value: Value, access: Access) -> (Access, Reg) {
    if cx.const_bits(value) != Some(0) {
        return (access, cx.use_values(value).low());
    }
    let access = match access {
        Access::STORE_F32 => Access::STORE32,
        Access::STORE_F64 => Access::STORE64,
        other => other,
    };
    (access, ZR_REG)
}
