//! Entry, calls and returns: what the shared selection of them (`pyexec_codegen::calls`) leaves to this machine.
//!
//! ```text
//! v3 = call @f(v1, v2)     str vr9, [sp]                ; an argument beyond the registers
//!                          bl f (x0=vr1 x1=vr2) -> x0=vr3
//! ```

use super::arith::extend;
use super::memory::{pair_or_zero, stored};
use super::operand::{self, const_reg, int, lsr, put};
use super::{Cx, constant};
use crate::AArch64;
use crate::frame::RECORD;
use crate::inst::{Access, Amode, Base, CallInfo, Callee, Inst as Selected, MInst, Op, Pinned, Shift, Width};
use crate::regs::x;
use crate::symbols::{self, Libcall};
use pyexec_codegen::abi::ConvDesc;
use pyexec_codegen::calls::{self, CallIsa, Site};
use pyexec_codegen::{Isa as _, Reg, ValueRegs};
use pyexec_ir::{CallConv, Imm, Inst, Type, Value};
use pyexec_regalloc::RegClass;

impl CallIsa for AArch64 {
    type Mem = Amode;
    type Callee = Callee;

    fn incoming(offset: u32) -> Amode {
        Amode::new(Base::Incoming, offset as i32)
    }
    fn outgoing(offset: u32) -> Amode {
        Amode::new(Base::Outgoing, offset as i32)
    }
    fn slot(slot: u32) -> Amode {
        Amode::new(Base::Slot(slot), 0)
    }
    fn at(base: Reg) -> Amode {
        Amode::reg(base, 0)
    }
    fn plus(mem: Amode, bytes: u32) -> Amode {
        Amode { disp: mem.disp.wrapping_add(bytes as i32), ..mem }
    }

    fn gen_args(args: Box<[Pinned]>) -> Selected {
        Selected::Args(args)
    }
    fn gen_ret(results: Box<[Pinned]>) -> Selected {
        Selected::Ret(results)
    }
    fn gen_call(info: CallInfo, is_tail: bool) -> Selected {
        if is_tail { Selected::TailCall(Box::new(info)) } else { Selected::Call(Box::new(info)) }
    }
    fn callee(cx: &mut Cx<'_>, site: &Site<'_>, _: bool) -> Callee {
        match (site.func, site.target) {
            (Some(func), _) => Callee::Symbol(symbols::func(func)),
            (None, Some(target)) => Callee::Indirect(cx.use_value(target)),
            (None, None) => Callee::Indirect(Reg::NONE),
        }
    }
    /// The link register must be saved.
    fn note_call(cx: &mut Cx<'_>, bytes: u32) {
        cx.needs_outgoing(bytes);
        if cx.frame.saved.is_empty() {
            cx.frame.saved.extend(RECORD);
        }
    }

    /// What lies above a narrow integer in 8 bytes is unspecified, so all of them may be loaded: nobody takes a
    /// parameter or result to be [`is_clean`](super::arith::is_clean).
    fn load_scalar(cx: &mut Cx<'_>, ty: Type, to: ValueRegs, mem: Amode, is_packed: bool) {
        if ty == Type::I128 {
            return cx.emit(Selected::Pair { load: true, low: to.low(), high: to.high(), mem });
        }
        let access = match ty {
            Type::F32 => Access::LOAD_F32,
            Type::F64 => Access::LOAD_F64,
            Type::I8 if is_packed => Access::LOAD8,
            Type::I16 if is_packed => Access::LOAD16,
            Type::I32 if is_packed => Access::LOAD32,
            _ => Access::LOAD64,
        };
        cx.emit(Selected::Mem { access, reg: to.only(), mem });
    }
    fn store_scalar(cx: &mut Cx<'_>, value: Value, mem: Amode, is_packed: bool) {
        let access = match cx.func.ty(value) {
            Type::I128 => {
                let (low, high) = pair_or_zero(cx, value);
                return cx.emit(Selected::Pair { load: false, low, high, mem });
            }
            Type::F32 => Access::STORE_F32,
            Type::F64 => Access::STORE_F64,
            Type::I8 if is_packed => Access::STORE8,
            Type::I16 if is_packed => Access::STORE16,
            Type::I32 if is_packed => Access::STORE32,
            _ => Access::STORE64,
        };
        let (access, reg) = stored(cx, value, access);
        cx.emit(Selected::Mem { access, reg, mem });
    }
    /// A float in a general register is its bits.
    fn in_register(cx: &mut Cx<'_>, conv: &ConvDesc, value: Value, is_signed: bool, class: RegClass) -> Reg {
        match (cx.func.ty(value), class) {
            (Type::I8 | Type::I16, _) if conv.extends_narrow => extend(cx, value, is_signed, Width::W32),
            (ty @ (Type::F32 | Type::F64), RegClass::Int) => {
                let float = cx.use_value(value);
                let op = if ty == Type::F32 { Op::FmovWS } else { Op::FmovXD };
                operand::unary(cx, op, Width::W64, float)
            }
            _ => cx.use_value(value),
        }
    }
    /// By convention `fast` bytes have zeros above; see [`returns_clean_bytes`].
    fn result_in_register(
        cx: &mut Cx<'_>,
        conv: &ConvDesc,
        value: Value,
        is_signed: bool,
        class: RegClass,
    ) -> Reg {
        if cx.func.sig.conv == CallConv::Fast && cx.func.ty(value) == Type::I8 {
            return extend(cx, value, false, Width::W32);
        }
        Self::in_register(cx, conv, value, is_signed, class)
    }

    fn constant(cx: &mut Cx<'_>, value: i64) -> Reg {
        const_reg(cx, value)
    }
    fn lea(cx: &mut Cx<'_>, dst: Reg, mem: Amode) {
        constant::lea(cx, dst, mem);
    }
    fn load_chunk(cx: &mut Cx<'_>, class: RegClass, bytes: u32, mem: Amode) -> Reg {
        let access = match (class, bytes) {
            (RegClass::Float, 4) => Access::LOAD_F32,
            (RegClass::Float, _) => Access::LOAD_F64,
            (_, 1) => Access::LOAD8,
            (_, 2) => Access::LOAD16,
            (_, 4) => Access::LOAD32,
            _ => Access::LOAD64,
        };
        let reg = cx.new_reg(class);
        cx.emit(Selected::Mem { access, reg, mem });
        reg
    }
    fn store_chunk(cx: &mut Cx<'_>, bytes: u32, reg: Reg, mem: Amode) {
        let access = match (reg.class(), bytes) {
            (Some(RegClass::Float), 4) => Access::STORE_F32,
            (Some(RegClass::Float), _) => Access::STORE_F64,
            (_, 1) => Access::STORE8,
            (_, 2) => Access::STORE16,
            (_, 4) => Access::STORE32,
            _ => Access::STORE64,
        };
        cx.emit(Selected::Mem { access, reg, mem });
    }
    fn merge(cx: &mut Cx<'_>, low: Reg, high: Reg, by: u32) -> Reg {
        let both = int(cx);
        let merge = MInst::new(Op::Orr, Width::W64).rd(both).rn(low).rm(high);
        put(cx, merge.shift(Shift::Lsl, by as u8));
        both
    }
    fn shift_right(cx: &mut Cx<'_>, reg: Reg, by: u32) -> Reg {
        lsr(cx, Width::W64, reg, by)
    }
    /// 16 bytes at a time.
    fn copy_large(cx: &mut Cx<'_>, to: Amode, from: Amode, bytes: u32) -> bool {
        let pairs = bytes / 16;
        for done in (0..pairs).map(|pair| 16 * pair) {
            let (low, high) = (int(cx), int(cx));
            cx.emit(Selected::Pair { load: true, low, high, mem: Self::plus(from, done) });
            cx.emit(Selected::Pair { load: false, low, high, mem: Self::plus(to, done) });
        }
        calls::copy_by_chunks(cx, to, from, 16 * pairs..bytes);
        true
    }
}

/// Whether bytes that a call returns in registers have zeros above: by convention `fast` the callee clears
/// them, so that a status is tested by one instruction.
pub fn returns_clean_bytes(cx: &Cx<'_>, call: Inst) -> bool {
    let registers = cx.isa.conv(CallConv::Fast).int_results.len();
    match cx.func.inst(call).imm {
        Imm::Func(id) => {
            cx.module.funcs[id].sig.conv == CallConv::Fast && cx.func.results(call).len() <= registers
        }
        _ => false,
    }
}

/// A call of the C library with 128-bit operands (AAPCS64: x1:x0, x3:x2; result x1:x0).
pub fn library_wide(cx: &mut Cx<'_>, call: Libcall, dst: ValueRegs, [a, b]: [ValueRegs; 2]) {
    let uses = [(a.low(), x(0)), (a.high(), x(1)), (b.low(), x(2)), (b.high(), x(3))];
    let callee = Callee::Symbol(symbols::libcall(call));
    calls::library(cx, callee, &uses, &[(dst.low(), x(0)), (dst.high(), x(1))]);
}
