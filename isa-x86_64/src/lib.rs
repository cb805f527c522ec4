//! x86-64: instruction selection, System V and our own calling convention, encoding, printing.
//!
//! [`X86_64`] is the target as the shared code generator sees it. This crate knows nothing of Python.
#![forbid(unsafe_code)]

mod abi;
mod cpu;
pub mod encode;
mod entry;
mod frame;
pub mod inst;
mod lower;
pub mod print;
pub mod regs;
pub mod stubs;
pub mod symbols;
mod target;

pub use abi::classify;
pub use cpu::CpuFeatures;
pub use target::X86Target;

use crate::encode::X86Fixup;
use crate::inst::{Inst, MInst, Op, Width};
use pyexec_codegen::abi::ConvDesc;
use pyexec_codegen::calls;
use pyexec_codegen::frame::FrameRules;
use pyexec_codegen::{CodeBuffer, CodegenError, EmitCx, Isa, LowerCx, MachBlock, Reg, ValueRegs};
use pyexec_ir::{self as ir, CallConv};
use pyexec_regalloc::{MachineEnv, PReg, PRegSet, RegClass};

static SYSTEM_V: ConvDesc = abi::SYSTEM_V;
static FAST: ConvDesc = abi::FAST;

/// The target: what the processor has, and the registers to allocate.
#[derive(Clone, Debug)]
pub struct X86_64 {
    cpu: CpuFeatures,
    env: MachineEnv,
}

impl X86_64 {
    /// Code for processors with these features.
    pub fn new(cpu: CpuFeatures) -> Self {
        let ints: PRegSet = regs::CALLER_SAVED_INT.into_iter().collect();
        let floats: PRegSet = (0..16).map(regs::xmm).collect();
        let env = MachineEnv {
            preferred: [ints, floats],
            non_preferred: [regs::CALLEE_SAVED, PRegSet::EMPTY],
            scratch: [None, None],
        };
        Self { cpu, env }
    }
    /// What the processor has.
    pub fn cpu(&self) -> CpuFeatures {
        self.cpu
    }
}

impl Isa for X86_64 {
    type Inst = Inst;
    type Fixup = X86Fixup;

    fn machine_env(&self) -> &MachineEnv {
        &self.env
    }
    fn conv(&self, conv: CallConv) -> &ConvDesc {
        match conv {
            CallConv::C => &SYSTEM_V,
            CallConv::Fast => &FAST,
        }
    }
    fn frame_rules(&self) -> FrameRules {
        FrameRules { stack_align: 16, fixed_bytes: 8, red_zone: 128 }
    }
    /// psABI figure 3.36: rdx and rcx, rsi.. are not in hardware order.
    fn dwarf_reg(&self, reg: PReg) -> u16 {
        const INT: [u16; 8] = [0, 2, 1, 3, 7, 6, 4, 5];
        match (reg.class(), reg.number()) {
            (RegClass::Float, n) => 17 + u16::from(n),
            (RegClass::Int, n @ 0..8) => INT[usize::from(n)],
            (RegClass::Int, n) => n.into(),
        }
    }

    fn lower_entry(&self, cx: &mut LowerCx<'_, Self>) -> Result<(), CodegenError> {
        calls::entry(cx)
    }
    fn lower_inst(&self, cx: &mut LowerCx<'_, Self>, inst: ir::Inst) -> Result<(), CodegenError> {
        lower::inst(cx, inst)
    }
    fn lower_terminator(
        &self,
        cx: &mut LowerCx<'_, Self>,
        inst: ir::Inst,
        targets: &[MachBlock],
    ) -> Result<(), CodegenError> {
        lower::terminator(cx, inst, targets)
    }
    fn lower_constant(&self, cx: &mut LowerCx<'_, Self>, inst: ir::Inst, to: ValueRegs) {
        lower::constant(cx, inst, to);
    }
    fn gen_jump(&self, to: MachBlock) -> Inst {
        Inst::Jmp(to)
    }
    fn gen_move(&self, to: Reg, from: Reg) -> Inst {
        Inst::Mov { dst: to, src: from }
    }

    fn emit_prologue(&self, cx: &mut EmitCx<'_, Self>) {
        frame::prologue(self, cx);
    }
    fn emit(&self, inst: &Inst, cx: &mut EmitCx<'_, Self>) {
        encode::put_inst(cx, inst);
    }
    fn emit_trap(&self, buf: &mut CodeBuffer<X86Fixup>) {
        let ud2 = encode::emit(&MInst::new(Op::Ud2, Width::B64), &encode::Address::default());
        buf.put_slice(&ud2.to_vec());
    }
    fn fill_padding(&self, bytes: &mut [u8]) {
        encode::fill_nops(bytes);
    }
}
