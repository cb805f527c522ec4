//! Constants and addresses, made anew at each use.

use super::Cx;
use super::call::note_call;
use super::operand::const_to;
use crate::inst::{Amode, Base, Inst as Selected, Width};
use crate::symbols;
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Global, GlobalId, Imm, Inst, Linkage, Type};

/// Computes a constant or an address into `to`.
pub fn constant(cx: &mut Cx<'_>, inst: Inst, to: ValueRegs) {
    let data = *cx.func.inst(inst);
    match data.imm {
        Imm::Int(value) if data.ty == Type::I128 => {
            const_to(cx, to.low(), value);
            const_to(cx, to.high(), value >> 63);
        }
        // The bits above the type are anything: zeros keep it to 32 bits.
        Imm::Int(value) => const_to(cx, to.only(), value & data.ty.mask() as i64),
        Imm::Bits(bits) => float_constant(cx, data.ty, bits, to.only()),
        Imm::Slot(slot, offset) => {
            lea(cx, to.only(), Amode::new(Base::Slot(slot.as_u32()), offset));
        }
        Imm::Global(global, offset) => global_addr(cx, to.only(), global, offset),
        Imm::Func(func) => {
            let got = !is_local(cx.module.funcs[func].linkage);
            cx.emit(Selected::SymbolAddr { dst: to.only(), symbol: symbols::func(func), offset: 0, got });
        }
        _ => {}
    }
}

/// A float constant.
pub fn float_constant(cx: &mut Cx<'_>, ty: Type, bits: u64, dst: Reg) {
    cx.emit(Selected::FloatConst { dst, width: Width::for_bits(ty.bits()), bits });
}

/// `dst = &mem`.
pub fn lea(cx: &mut Cx<'_>, dst: Reg, mem: Amode) {
    cx.emit(Selected::Lea { dst, mem });
}

/// Whether the symbol is certainly ours: an exported one may be replaced by another object's at load time.
fn is_local(linkage: Linkage) -> bool {
    matches!(linkage, Linkage::Local)
}

/// How far from a symbol a relocation may point: the linker keeps code and data within 4 GiB of each
/// other, offsets included.
const MAX_SYMBOL_OFFSET: u32 = 1 << 24;

/// Whether `symbol + offset` can be addressed from the program counter.
pub fn is_near(data: &Global, offset: i32) -> bool {
    !data.thread_local && is_local(data.linkage) && offset.unsigned_abs() <= MAX_SYMBOL_OFFSET
}

/// The address of a global plus an offset.
pub fn global_addr(cx: &mut Cx<'_>, dst: Reg, global: GlobalId, offset: i32) {
    let data = &cx.module.globals[global];
    let symbol = symbols::global(global);
    if !data.thread_local {
        let got = !is_near(data, offset);
        return cx.emit(Selected::SymbolAddr { dst, symbol, offset, got });
    }
    note_call(cx, 0);
    let base = if offset == 0 { dst } else { super::operand::int(cx) };
    cx.emit(Selected::TlsAddr { dst: base, symbol });
    if offset != 0 {
        lea(cx, dst, Amode::reg(base, offset));
    }
}
