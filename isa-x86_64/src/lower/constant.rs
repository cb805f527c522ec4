//! Constants and addresses, made anew at each use.

use super::operand::put;
use super::{Cx, memory};
use crate::inst::{Amode, Base, Inst as Selected, MInst, Op, Rm, Width};
use crate::symbols;
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Imm, Inst, Type};
use pyexec_regalloc::PRegSet;

/// Computes a constant or an address into `to`.
pub fn constant(cx: &mut Cx<'_>, inst: Inst, to: ValueRegs) {
    let data = *cx.func.inst(inst);
    match data.imm {
        Imm::Int(value) if data.ty == Type::I128 => {
            cx.emit(Selected::Const { dst: to.low(), value });
            cx.emit(Selected::Const { dst: to.high(), value: value >> 63 });
        }
        // The bits above the type are anything: zeros make the shortest instruction.
        Imm::Int(value) => {
            let value = value & data.ty.mask() as i64;
            cx.emit(Selected::Const { dst: to.only(), value });
        }
        Imm::Bits(bits) => float_constant(cx, data.ty, bits, to.only()),
        Imm::Slot(slot, offset) => {
            lea(cx, to.only(), Amode::new(Base::Slot(slot.as_u32()), offset));
        }
        Imm::Global(global, offset) => memory::global_addr(cx, to.only(), global, offset),
        Imm::Func(func) => {
            symbol_addr(cx, to.only(), symbols::func(func), memory::is_local(cx.module.funcs[func].linkage))
        }
        _ => {}
    }
}

/// Zero by xorps; else a load from behind the code.
pub fn float_constant(cx: &mut Cx<'_>, ty: Type, bits: u64, dst: Reg) {
    if bits == 0 {
        return cx.emit(Selected::XmmZero { dst });
    }
    let op = if ty == Type::F32 { Op::MovssLoad } else { Op::MovsdLoad };
    let pool = Amode::new(Base::Pool(ty.bytes() as u8), 0);
    put(cx, MInst::new(op, Width::B64).dst(dst).rm(pool).imm(bits as i64));
}

/// `dst = &mem`.
pub fn lea(cx: &mut Cx<'_>, dst: Reg, mem: Amode) {
    put(cx, MInst::new(Op::Lea, Width::B64).dst(dst).rm(mem));
}

/// The address of a symbol: RIP-relative if it is defined here, else through the global offset table,
/// because it may be farther away than 2 GiB or replaced by the dynamic linker.
pub fn symbol_addr(cx: &mut Cx<'_>, dst: Reg, symbol: u32, local: bool) {
    if local {
        lea(cx, dst, Amode::new(Base::Symbol(symbol), 0));
    } else {
        let got = Rm::Mem(Amode::new(Base::Got(symbol), 0));
        put(cx, MInst::new(Op::MovRm, Width::B64).dst(dst).rm(got));
    }
}

/// The address of a thread-local datum.
pub fn tls_addr(cx: &mut Cx<'_>, dst: Reg, symbol: u32) {
    cx.needs_outgoing(0);
    let clobbers: PRegSet = crate::regs::caller_saved();
    cx.emit(Selected::TlsAddr { dst, symbol, clobbers });
}
