//! AArch64: instruction selection, AAPCS64 and our own calling convention, encoding, printing.
//!
//! [`AArch64`] is the target as the shared code generator sees it. This crate knows nothing of Python.
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

pub use abi::{System, classify};
pub use cpu::{Features, NAMES as CPU_NAMES};
pub use target::A64Target;

use crate::encode::A64Fixup;
use crate::inst::Inst;
use pyexec_codegen::abi::ConvDesc;
use pyexec_codegen::calls;
use pyexec_codegen::frame::FrameRules;
use pyexec_codegen::{CodeBuffer, CodegenError, EmitCx, Guards, Isa, LowerCx, MachBlock, Reg, ValueRegs};
use pyexec_ir::{self as ir, CallConv};
use pyexec_regalloc::{MachineEnv, PReg, RegClass};

static AAPCS64: ConvDesc = abi::AAPCS64;
static APPLE: ConvDesc = abi::APPLE;
static WINDOWS: ConvDesc = abi::WINDOWS;
static FAST: ConvDesc = abi::FAST;

/// The target: what code shall have, and the registers to allocate.
#[derive(Clone, Debug)]
pub struct AArch64 {
    features: Features,
    system: System,
    env: MachineEnv,
}

impl AArch64 {
    /// Code with these features.
    pub fn new(features: Features, system: System) -> Self {
        let env = MachineEnv {
            preferred: [regs::CALLER_SAVED_INT, regs::CALLER_SAVED_FLOAT],
            non_preferred: [regs::CALLEE_SAVED_INT, regs::CALLEE_SAVED_FLOAT],
            scratch: [Some(regs::IP1), Some(regs::FLOAT_SCRATCH)],
        };
        Self { features, system, env }
    }
    /// What code shall have.
    pub fn features(&self) -> Features {
        self.features
    }
    /// Among whose code it is to live.
    pub fn system(&self) -> System {
        self.system
    }
}

impl Default for AArch64 {
    fn default() -> Self {
        Self::new(Features::default(), System::default())
    }
}

impl Isa for AArch64 {
    type Inst = Inst;
    type Fixup = A64Fixup;

    fn machine_env(&self) -> &MachineEnv {
        &self.env
    }
    fn conv(&self, conv: CallConv) -> &ConvDesc {
        match (conv, self.system) {
            (CallConv::C, System::Linux) => &AAPCS64,
            (CallConv::C, System::Apple) => &APPLE,
            (CallConv::C, System::Windows) => &WINDOWS,
            (CallConv::Fast, _) => &FAST,
        }
    }
    /// The link register is saved like any other, and below sp nothing is safe.
    fn frame_rules(&self) -> FrameRules {
        FrameRules { stack_align: 16, fixed_bytes: 0, red_zone: 0 }
    }
    fn guards(&self) -> Guards {
        Guards { landing_pads: self.features.bti, signed_returns: self.features.pac_ret }
    }
    /// DWARF for the Arm 64-bit Architecture (IHI 0057), 4.1.
    fn dwarf_reg(&self, reg: PReg) -> u16 {
        match (reg.class(), reg.number()) {
            (RegClass::Float, n) => 64 + u16::from(n),
            (RegClass::Int, 32) => 31,
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
    /// There are 25 registers of each class to choose from.
    fn hoist_limits(&self) -> [usize; 2] {
        [8, 12]
    }
    fn is_worth_hoisting(&self, cx: &LowerCx<'_, Self>, inst: ir::Inst) -> bool {
        lower::is_worth_hoisting(cx, inst)
    }
    fn lower_number(&self, cx: &mut LowerCx<'_, Self>, number: i64, to: Reg) {
        cx.emit(Inst::Const { dst: to, value: number });
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
        encode::put_inst(self, cx, inst);
    }
    fn emit_trap(&self, buf: &mut CodeBuffer<A64Fixup>) {
        buf.put4(encode::TRAP);
    }
    fn fill_padding(&self, bytes: &mut [u8]) {
        encode::fill_nops(bytes);
    }
}
