//! Loads, stores and addresses.
//!
//! ```text
//! v1 = ishl.i64 v9, 3             (merged)
//! v2 = iadd.i64 v8, v1            (merged)
//! v3 = load.f64 array v2+16       movsd vr3, qword ptr [vr8+vr9*8+16]
//! ```
//! Address arithmetic is merged into every access that uses it, as long as nothing else wanted the sum in
//! a register: then that register serves. Stack slots are addressed directly, and so is data of this
//! module (RIP-relative).

use super::Cx;
use super::constant::{lea, symbol_addr, tls_addr};
use super::operand::{ADD, AND, Alu, OR, SUB, XOR, imm32, int, put, width};
use crate::inst::{Amode, Base, MInst, Op, Width};
use crate::regs::RSP_REG;
use crate::symbols;
use pyexec_codegen::Reg;
use pyexec_ir::{Global, GlobalId, Imm, Inst, InstData, Linkage, Opcode, Type, Value};

/// Whether the symbol is certainly ours: an exported one may be replaced by another object's at load time.
pub fn is_local(linkage: Linkage) -> bool {
    matches!(linkage, Linkage::Local)
}

/// How far from a symbol a relocation may point: the linker keeps code and data within 2 GiB of each
/// other, offsets included.
const MAX_SYMBOL_OFFSET: i32 = 1 << 24;

/// Whether `symbol + offset` can be addressed RIP-relative.
fn is_near(data: &Global, offset: i32) -> bool {
    let range = -MAX_SYMBOL_OFFSET..=MAX_SYMBOL_OFFSET;
    !data.thread_local && is_local(data.linkage) && range.contains(&offset)
}

/// The address of a global plus an offset.
pub fn global_addr(cx: &mut Cx<'_>, dst: Reg, global: GlobalId, offset: i32) {
    let data = &cx.module.globals[global];
    let symbol = symbols::global(global);
    if is_near(data, offset) {
        return lea(cx, dst, Amode::new(Base::Symbol(symbol), offset));
    }
    let base = if offset == 0 { dst } else { int(cx) };
    if data.thread_local {
        tls_addr(cx, base, symbol)
    } else {
        symbol_addr(cx, base, symbol, false)
    }
    if offset != 0 {
        lea(cx, dst, Amode::reg(base, offset));
    }
}

/// The stack pointer.
pub fn stack_ptr(cx: &mut Cx<'_>, inst: Inst) {
    cx.frame.exact_sp = true;
    let dst = cx.def_result(inst);
    put(cx, MInst::new(Op::MovRm, Width::B64).dst(dst).rm(RSP_REG));
}

/// The address that a load or store instruction accesses.
pub fn address_of(cx: &mut Cx<'_>, access: Inst) -> Amode {
    let data = *cx.func.inst(access);
    let address = *cx.func.args(access).last().expect("invariant: an access has an address");
    let Imm::Mem(offset, _) = data.imm else { return amode(cx, address, 0) };
    amode(cx, address, offset)
}

/// `value + offset` as a memory operand.
pub fn amode(cx: &mut Cx<'_>, value: Value, offset: i32) -> Amode {
    if let Some(mem) = direct(cx, value, offset) {
        return mem;
    }
    if cx.is_needed(value) {
        return Amode::reg(cx.use_value(value), offset);
    }
    match cx.def_as(value, Opcode::Iadd) {
        Some(add) => sum(cx, cx.arg(add, 0), cx.arg(add, 1), offset),
        None => Amode::reg(cx.use_value(value), offset),
    }
}

/// Stack slots and data of this module: no register at all.
fn direct(cx: &Cx<'_>, value: Value, offset: i32) -> Option<Amode> {
    let mem = match cx.func.inst(cx.func.def_inst(value)?).imm {
        Imm::Slot(slot, at) => Amode::new(Base::Slot(slot.as_u32()), at),
        Imm::Global(global, at) => {
            let disp = at.checked_add(offset)?;
            is_near(&cx.module.globals[global], disp).then_some(())?;
            return Some(Amode::new(Base::Symbol(symbols::global(global)), disp));
        }
        _ => return None,
    };
    mem.offset(offset.into())
}

/// `a + b + offset`.
fn sum(cx: &mut Cx<'_>, a: Value, b: Value, offset: i32) -> Amode {
    for (x, y) in [(a, b), (b, a)] {
        // x + c
        let folded = imm32(cx, y).and_then(|c| i32::try_from(c + i64::from(offset)).ok());
        if let Some(disp) = folded {
            return amode(cx, x, disp);
        }
        // slot + y * scale: only slots have room for an index, data is RIP-relative.
        if let Some(mem) = direct(cx, x, offset).filter(|m| matches!(m.base, Base::Slot(_))) {
            let (index, shift) = scaled(cx, y);
            return Amode { index, shift, ..mem };
        }
    }
    // (x + c) + y * scale, with the scaled operand on either side.
    let (base, scaled_side) = if is_scaled(cx, a) && !is_scaled(cx, b) { (b, a) } else { (a, b) };
    let (base, offset) = peel_constant(cx, base, offset);
    let (index, shift) = scaled(cx, scaled_side);
    Amode::indexed(cx.use_value(base), index, shift, offset)
}

/// `x + c` as `x` and a larger offset, unless the sum is in a register anyway.
fn peel_constant(cx: &Cx<'_>, value: Value, offset: i32) -> (Value, i32) {
    let peeled = || {
        let add = cx.def_as(value, Opcode::Iadd).filter(|_| !cx.is_needed(value))?;
        let c = imm32(cx, cx.arg(add, 1))?;
        Some((cx.arg(add, 0), i32::try_from(c + i64::from(offset)).ok()?))
    };
    peeled().unwrap_or((value, offset))
}

/// `x << 1..=3`, or `x * 2 4 8`: the multiplied value and the logarithm.
pub fn scale_of(cx: &Cx<'_>, value: Value) -> Option<(Value, u8)> {
    if cx.is_needed(value) {
        return None;
    }
    if let Some(shl) = cx.def_as(value, Opcode::Shl) {
        let by = cx.const_int(cx.arg(shl, 1))?;
        return (1..=3).contains(&by).then(|| (cx.arg(shl, 0), by as u8));
    }
    let mul = cx.def_as(value, Opcode::Imul)?;
    let by = cx.const_int(cx.arg(mul, 1))?;
    matches!(by, 2 | 4 | 8).then(|| (cx.arg(mul, 0), by.trailing_zeros() as u8))
}

fn is_scaled(cx: &Cx<'_>, value: Value) -> bool {
    scale_of(cx, value).is_some()
}

/// An index register and its shift.
pub fn scaled(cx: &mut Cx<'_>, value: Value) -> (Reg, u8) {
    match scale_of(cx, value) {
        Some((x, shift)) => (cx.use_value(x), shift),
        None => (cx.use_value(value), 0),
    }
}

/// Opcode and width of the machine instruction for a load of up to 64 bits. Narrow loads fill the whole
/// register, because writing a part of it would wait for its old value.
fn load_op(op: Opcode, ty: Type) -> (Op, Width) {
    match (op, ty) {
        (Opcode::Load, Type::F32) => (Op::MovssLoad, Width::B64),
        (Opcode::Load, Type::F64) => (Op::MovsdLoad, Width::B64),
        (Opcode::Load | Opcode::AtomicLoad, Type::I8) | (Opcode::LoadU8, _) => (Op::MovzxB, Width::B32),
        (Opcode::Load | Opcode::AtomicLoad, Type::I16) | (Opcode::LoadU16, _) => (Op::MovzxW, Width::B32),
        (Opcode::LoadS8, ty) => (Op::MovsxB, super::operand::wide_width(ty)),
        (Opcode::LoadS16, ty) => (Op::MovsxW, super::operand::wide_width(ty)),
        (Opcode::LoadS32, _) => (Op::Movsxd, Width::B64),
        (Opcode::LoadU32, _) | (_, Type::I32) => (Op::MovRm, Width::B32),
        _ => (Op::MovRm, Width::B64),
    }
}

/// The address of the second half of an `i128`.
fn upper_half(cx: &mut Cx<'_>, mem: Amode) -> Amode {
    mem.offset(8).unwrap_or_else(|| {
        let base = int(cx);
        lea(cx, base, mem);
        Amode::reg(base, 8)
    })
}

/// Loads. An aligned load of up to 64 bits is atomic (SDM vol. 3, 9.1.1); that it sees every exchange
/// before it is the doing of the stores (see `atomic`).
pub fn load(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let mem = address_of(cx, inst);
    let result = cx.func.first_result(inst).expect("invariant: a load has a result");
    let to = cx.def_values(result);
    if data.ty == Type::I128 {
        return load_wide(cx, data.op, to, mem);
    }
    let (op, width) = load_op(data.op, data.ty);
    put(cx, MInst::new(op, width).dst(to.only()).rm(mem));
}

fn load_wide(cx: &mut Cx<'_>, op: Opcode, to: pyexec_codegen::ValueRegs, mem: Amode) {
    if op == Opcode::Load {
        let high = upper_half(cx, mem);
        put(cx, MInst::new(Op::MovRm, Width::B64).dst(to.low()).rm(mem));
        put(cx, MInst::new(Op::MovRm, Width::B64).dst(to.high()).rm(high));
        return;
    }
    let (machine, width) = load_op(op, Type::I64);
    put(cx, MInst::new(machine, width).dst(to.low()).rm(mem));
    if op == Opcode::LoadS8 {
        put(cx, MInst::new(Op::SarMi, Width::B64).dst(to.high()).rm(to.low()).imm(63));
    } else {
        cx.emit(crate::inst::Inst::Const { dst: to.high(), value: 0 });
    }
}

fn stored_width(data: &InstData) -> Width {
    match data.op {
        Opcode::Store8 => Width::B8,
        Opcode::Store16 => Width::B16,
        Opcode::Store32 => Width::B32,
        _ => width(data.ty),
    }
}

/// Stores.
pub fn store(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let value = cx.arg(inst, 0);
    if read_modify_write(cx, inst, &data) {
        return;
    }
    let mem = address_of(cx, inst);
    let width = stored_width(&data);
    match data.ty {
        Type::F32 | Type::F64 => store_float(cx, value, data.ty, mem),
        Type::I128 if data.op == Opcode::Store => store_wide(cx, value, mem),
        _ => store_int(cx, value, width, mem),
    }
}

fn store_wide(cx: &mut Cx<'_>, value: Value, mem: Amode) {
    let high = upper_half(cx, mem);
    let halves = cx.const_bits(value).map(|bits| (bits as i64, (bits >> 64) as i64));
    let fits = |imm: i64| i32::try_from(imm).is_ok();
    if let Some((a, b)) = halves.filter(|(a, b)| fits(*a) && fits(*b)) {
        put(cx, MInst::new(Op::MovMi, Width::B64).rm(mem).imm(a));
        return put(cx, MInst::new(Op::MovMi, Width::B64).rm(high).imm(b));
    }
    let regs = cx.use_values(value);
    put(cx, MInst::new(Op::MovMr, Width::B64).src(regs.low()).rm(mem));
    put(cx, MInst::new(Op::MovMr, Width::B64).src(regs.high()).rm(high));
}

/// An immediate if it fits, cut to what is stored.
pub fn store_int(cx: &mut Cx<'_>, value: Value, width: Width, mem: Amode) {
    let unused = 64 - width.bits();
    let imm = cx.const_bits(value).map(|bits| (bits as i64) << unused >> unused);
    let narrow = cx.func.ty(value).bits() < width.bits();
    let imm = if narrow { imm32(cx, value) } else { imm };
    match imm.filter(|imm| i32::try_from(*imm).is_ok()) {
        Some(imm) => put(cx, MInst::new(Op::MovMi, width).rm(mem).imm(imm)),
        None => {
            let src = cx.use_values(value).low();
            put(cx, MInst::new(Op::MovMr, width).src(src).rm(mem));
        }
    }
}

/// A float constant is stored as the integer with its bits, if that fits an immediate.
pub fn store_float(cx: &mut Cx<'_>, value: Value, ty: Type, mem: Amode) {
    let bits =
        cx.const_bits(value).map(|bits| if ty == Type::F32 { bits as i32 as i64 } else { bits as i64 });
    if let Some(imm) = bits.filter(|bits| i32::try_from(*bits).is_ok()) {
        return put(cx, MInst::new(Op::MovMi, Width::for_bits(ty.bits())).rm(mem).imm(imm));
    }
    let op = if ty == Type::F32 { Op::MovssStore } else { Op::MovsdStore };
    let src = cx.use_value(value);
    put(cx, MInst::new(op, Width::B64).src(src).rm(mem));
}

/// ```text
/// v2 = load.T r v1+8 ; v3 = iadd.T v2, v9 ; store.T r v3, v1+8      add [vr1+8], vr9
/// ```
/// if load and sum serve nobody else and nothing writes in between.
fn read_modify_write(cx: &mut Cx<'_>, inst: Inst, data: &InstData) -> bool {
    if data.op != Opcode::Store || data.ty == Type::I128 || data.ty.is_float() {
        return false;
    }
    let Some(op) = cx.mergeable(cx.arg(inst, 0)) else { return false };
    let Some((alu, commutes)) = alu_of(cx.func.inst(op).op) else { return false };
    let (a, b) = (cx.arg(op, 0), cx.arg(op, 1));
    let (loaded, other) = if same_place(cx, a, inst) {
        (a, b)
    } else if commutes && same_place(cx, b, inst) {
        (b, a)
    } else {
        return false;
    };
    if let Some(load) = cx.func.def_inst(loaded) {
        cx.sink(load);
    }
    cx.sink(op);
    let width = width(data.ty);
    let imm = imm32(cx, other);
    let src = if imm.is_none() { cx.use_value(other) } else { Reg::NONE };
    let mem = address_of(cx, inst);
    match imm {
        Some(imm) => put(cx, MInst::new(alu.mi, width).rm(mem).imm(imm)),
        None => put(cx, MInst::new(alu.mr, width).src(src).rm(mem)),
    }
    true
}

fn alu_of(op: Opcode) -> Option<(Alu, bool)> {
    Some(match op {
        Opcode::Iadd => (ADD, true),
        Opcode::Isub => (SUB, false),
        Opcode::Band => (AND, true),
        Opcode::Bor => (OR, true),
        Opcode::Bxor => (XOR, true),
        _ => return None,
    })
}

/// Whether `value` is a mergeable load from exactly where `store` stores.
fn same_place(cx: &Cx<'_>, value: Value, store: Inst) -> bool {
    let Some(load) = cx.sinkable_load(value) else { return false };
    let (l, s) = (cx.func.inst(load), cx.func.inst(store));
    let offset = |data: &InstData| match data.imm {
        Imm::Mem(offset, _) => offset,
        _ => 0,
    };
    l.op == Opcode::Load
        && l.ty == s.ty
        && offset(l) == offset(s)
        && cx.func.args(load).last() == cx.func.args(store).last()
}
