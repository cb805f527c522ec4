//! Entry, calls and returns: what the shared selection of them (`pyexec_codegen::calls`) leaves to this machine.
//!
//! ```text
//! v3 = call @f(v1, v2)     mov [rsp+0], vr9             ; an argument beyond the registers
//!                          call f (rdi=vr1 rsi=vr2) -> rax=vr3
//! ```

use super::operand::{const_reg, int, mi, put, rm, sunk_load, unary};
use super::{Cx, constant, memory};
use crate::X86_64;
use crate::inst::{Amode, Base, CallInfo, Callee, Inst as Selected, MInst, Op, Pinned, Rm, Width};
use crate::regs::{RAX, RCX, RDI, RDX, RSI, xmm as xmm_reg};
use crate::symbols::{self, Libcall};
use pyexec_codegen::abi::ConvDesc;
use pyexec_codegen::calls::{self, CallIsa, Site};
use pyexec_codegen::{Reg, ValueRegs};
use pyexec_ir::{Opcode, Type, Value};
use pyexec_regalloc::RegClass;

/// Above this many bytes a copy is a loop in microcode.
const UNROLLED_BYTES: u32 = 256;

impl CallIsa for X86_64 {
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
    fn callee(cx: &mut Cx<'_>, site: &Site<'_>, is_tail: bool) -> Callee {
        match (site.func, site.target) {
            (Some(func), _) => Callee::Symbol(symbols::func(func)),
            (None, Some(target)) if is_tail => Callee::Indirect(cx.use_value(target).into()),
            (None, Some(target)) => match sunk_load(cx, target, Opcode::Load) {
                Some(mem) => Callee::Indirect(mem.into()),
                None => Callee::Indirect(cx.use_value(target).into()),
            },
            (None, None) => Callee::Indirect(Rm::NONE),
        }
    }

    /// Whole 8 bytes: no convention of this machine packs its stack.
    fn load_scalar(cx: &mut Cx<'_>, ty: Type, to: ValueRegs, mem: Amode, _: bool) {
        let op = match ty {
            Type::F32 => Op::MovssLoad,
            Type::F64 => Op::MovsdLoad,
            _ => Op::MovRm,
        };
        put(cx, MInst::new(op, Width::B64).dst(to.low()).rm(mem));
        if ty == Type::I128 {
            put(cx, MInst::new(op, Width::B64).dst(to.high()).rm(Self::plus(mem, 8)));
        }
    }
    fn store_scalar(cx: &mut Cx<'_>, value: Value, mem: Amode, _: bool) {
        match cx.func.ty(value) {
            Type::I128 => {
                let regs = cx.use_values(value);
                put(cx, MInst::new(Op::MovMr, Width::B64).src(regs.low()).rm(mem));
                put(cx, MInst::new(Op::MovMr, Width::B64).src(regs.high()).rm(Self::plus(mem, 8)));
            }
            ty @ (Type::F32 | Type::F64) => memory::store_float(cx, value, ty, mem),
            _ => memory::store_int(cx, value, Width::B64, mem),
        }
    }
    /// As it is: no convention of this machine has the caller extend what is narrow, or floats as bits.
    fn in_register(cx: &mut Cx<'_>, _: &ConvDesc, value: Value, _: bool, _: RegClass) -> Reg {
        cx.use_value(value)
    }

    fn constant(cx: &mut Cx<'_>, value: i64) -> Reg {
        const_reg(cx, value)
    }
    fn lea(cx: &mut Cx<'_>, dst: Reg, mem: Amode) {
        constant::lea(cx, dst, mem);
    }
    fn load_chunk(cx: &mut Cx<'_>, class: RegClass, bytes: u32, mem: Amode) -> Reg {
        match (class, bytes) {
            (RegClass::Float, _) => {
                let dst = cx.new_reg(class);
                let op = if bytes == 4 { Op::MovssLoad } else { Op::MovsdLoad };
                put(cx, MInst::new(op, Width::B64).dst(dst).rm(mem));
                dst
            }
            (_, 1) => unary(cx, Op::MovzxB, Width::B32, mem),
            (_, 2) => unary(cx, Op::MovzxW, Width::B32, mem),
            (_, 4) => unary(cx, Op::MovRm, Width::B32, mem),
            _ => unary(cx, Op::MovRm, Width::B64, mem),
        }
    }
    fn store_chunk(cx: &mut Cx<'_>, bytes: u32, reg: Reg, mem: Amode) {
        if reg.class() == Some(RegClass::Float) {
            let op = if bytes == 4 { Op::MovssStore } else { Op::MovsdStore };
            return put(cx, MInst::new(op, Width::B64).src(reg).rm(mem));
        }
        put(cx, MInst::new(Op::MovMr, Width::for_bits(8 * bytes)).src(reg).rm(mem));
    }
    fn merge(cx: &mut Cx<'_>, low: Reg, high: Reg, by: u32) -> Reg {
        let high = mi(cx, Op::ShlMi, Width::B64, high, by.into());
        rm(cx, Op::OrRm, Width::B64, low, high)
    }
    fn shift_right(cx: &mut Cx<'_>, reg: Reg, by: u32) -> Reg {
        mi(cx, Op::ShrMi, Width::B64, reg, by.into())
    }
    /// By `rep movsb`.
    fn copy_large(cx: &mut Cx<'_>, to: Amode, from: Amode, bytes: u32) -> bool {
        if bytes > UNROLLED_BYTES {
            let (dst, src) = (int(cx), int(cx));
            constant::lea(cx, dst, to);
            constant::lea(cx, src, from);
            let count = const_reg(cx, bytes.into());
            cx.emit(Selected::CopyBytes { dst, src, count });
        }
        bytes > UNROLLED_BYTES
    }
}

/// A call of the C library with 128-bit operands (psABI: rdi:rsi, rdx:rcx; result rax:rdx).
pub fn library_wide(cx: &mut Cx<'_>, call: Libcall, dst: ValueRegs, [a, b]: [ValueRegs; 2]) {
    let uses = [(a.low(), RDI), (a.high(), RSI), (b.low(), RDX), (b.high(), RCX)];
    let callee = Callee::Symbol(symbols::libcall(call));
    calls::library(cx, callee, &uses, &[(dst.low(), RAX), (dst.high(), RDX)]);
}

/// A call of the C library with float operands and result.
pub fn library_float(cx: &mut Cx<'_>, call: Libcall, dst: Reg, args: &[Reg]) {
    let uses: Vec<Pinned> = args.iter().zip(0..).map(|(reg, n)| (*reg, xmm_reg(n))).collect();
    calls::library(cx, Callee::Symbol(symbols::libcall(call)), &uses, &[(dst, xmm_reg(0))]);
}
