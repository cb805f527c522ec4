//! What a target tells the shared part: its instructions, registers, conventions, and how it selects and
//! encodes.

use crate::Reg;
use crate::abi::ConvDesc;
use crate::blob::{CodeBlob, Guards};
use crate::buffer::{CodeBuffer, Fixup, Label};
use crate::compile::CompileOptions;
use crate::error::CodegenError;
use crate::frame::{FrameLayout, FrameRules};
use crate::lower_ctx::{LowerCx, ValueRegs};
use crate::observe::Observer;
use crate::vcode::MachInst;
use pyexec_base::Loc;
use pyexec_ir::{self as ir, CallConv, FuncId, Module, Signature, TrapCode};
use pyexec_regalloc::{Block as MachBlock, MachineEnv, PReg, PRegSet};

/// A target, for the shared code generator. Every `isa-*` crate implements it once.
pub trait Isa: Sized + Send + Sync + 'static {
    /// Its instructions.
    type Inst: MachInst;
    /// Its references to labels.
    type Fixup: Fixup;

    /// The registers to allocate. Keep a scratch register of each class out of it if moves between two
    /// spill slots or in cycles shall not need a spill.
    fn machine_env(&self) -> &MachineEnv;
    /// A calling convention.
    fn conv(&self, conv: CallConv) -> &ConvDesc;
    /// What all frames have in common.
    fn frame_rules(&self) -> FrameRules;
    /// What its code guards against.
    fn guards(&self) -> Guards {
        Guards::default()
    }
    /// A register's number in DWARF, for unwinding.
    fn dwarf_reg(&self, reg: PReg) -> u16;

    // ---- Selection: visits blocks and instructions backwards; see `lower_ctx.rs` ----

    /// Defines the parameters of the entry block. It is lowered last, so `cx.is_used` is known.
    ///
    /// # Errors
    /// If the signature asks for something that the target cannot do.
    fn lower_entry(&self, cx: &mut LowerCx<'_, Self>) -> Result<(), CodegenError>;
    /// Selects one instruction that is not a terminator.
    ///
    /// # Errors
    /// If the target cannot do it.
    fn lower_inst(&self, cx: &mut LowerCx<'_, Self>, inst: ir::Inst) -> Result<(), CodegenError>;
    /// Selects a terminator. `targets` are its branch targets, in order; their arguments are dealt with.
    ///
    /// # Errors
    /// If the target cannot do it.
    fn lower_terminator(
        &self,
        cx: &mut LowerCx<'_, Self>,
        inst: ir::Inst,
        targets: &[MachBlock],
    ) -> Result<(), CodegenError>;
    /// Emits the constant or address that `inst` (an `iconst`, `fconst`, `stack_addr`, `global_addr` or
    /// `func_addr`) defines, into `to`. These are recomputed at each use instead of kept in registers.
    fn lower_constant(&self, cx: &mut LowerCx<'_, Self>, inst: ir::Inst, to: ValueRegs);
    /// How many constants, in general and in float registers, are computed in front of a loop instead.
    fn hoist_limits(&self) -> [usize; 2] {
        [0, 0]
    }
    /// Whether a constant that is asked for in a register is worth one throughout a loop.
    fn is_worth_hoisting(&self, _cx: &LowerCx<'_, Self>, _inst: ir::Inst) -> bool {
        false
    }
    /// Emits a 64-bit number, for [`LowerCx::hoisted_number`].
    fn lower_number(&self, _cx: &mut LowerCx<'_, Self>, _number: i64, _to: Reg) {}
    /// An unconditional jump.
    fn gen_jump(&self, to: MachBlock) -> Self::Inst;
    /// A copy of a whole register (8 bytes for floats). Either side may be a spill slot, not both.
    fn gen_move(&self, to: Reg, from: Reg) -> Self::Inst;

    // ---- Encoding ----

    /// Emits what comes before the first instruction: saves `cx.frame.saved()`, moves the stack pointer
    /// by `cx.frame.local_size()`, and states the unwinding rules.
    fn emit_prologue(&self, cx: &mut EmitCx<'_, Self>);
    /// Emits one instruction, all registers physical. Returns and tail calls emit the epilogue.
    fn emit(&self, inst: &Self::Inst, cx: &mut EmitCx<'_, Self>);
    /// Emits an instruction that stops the program. The trap's code has been recorded.
    fn emit_trap(&self, buf: &mut CodeBuffer<Self::Fixup>);
    /// Fills bytes with instructions that do nothing.
    fn fill_padding(&self, bytes: &mut [u8]);
}

/// What encoding needs beside the instruction.
pub struct EmitCx<'a, I: Isa> {
    /// The code so far.
    pub buf: &'a mut CodeBuffer<I::Fixup>,
    /// Where everything lies in the frame.
    pub frame: &'a FrameLayout,
    /// Where the instruction comes from.
    pub loc: Loc,
    /// For each block, where a branch to it goes: a block that only jumps is skipped.
    pub(crate) redirect: &'a [MachBlock],
    /// The block that is emitted next.
    pub(crate) next: Option<MachBlock>,
    /// Trap instructions behind the code.
    pub(crate) traps: &'a mut Vec<(Label, TrapCode, Loc)>,
}

impl<I: Isa> EmitCx<'_, I> {
    /// The label to branch to for a block.
    pub fn label(&self, block: MachBlock) -> Label {
        Label(self.redirect[block.as_u32() as usize].as_u32())
    }
    /// Whether control reaches the block without a jump: it is emitted next.
    pub fn is_next(&self, block: MachBlock) -> bool {
        self.next == Some(self.redirect[block.as_u32() as usize])
    }
    /// The label of a trap instruction behind the code, out of the way of what does not trap.
    pub fn trap_label(&mut self, code: TrapCode) -> Label {
        let same = self.traps.iter().rev().take(8).find(|(_, c, loc)| (*c, *loc) == (code, self.loc));
        if let Some((label, ..)) = same {
            return *label;
        }
        let label = self.buf.label();
        self.traps.push((label, code, self.loc));
        label
    }
    /// The jump table of these blocks, behind the code.
    pub fn jump_table(&mut self, blocks: &[MachBlock]) -> Label {
        let labels: Vec<Label> = blocks.iter().map(|b| self.label(*b)).collect();
        self.buf.jump_table(&labels)
    }
}

/// The names of symbols for a listing.
pub type Namer<'a> = &'a dyn Fn(crate::blob::SymbolRef) -> String;

/// What is known of functions compiled earlier: the registers they clobber.
pub trait KnownClobbers {
    /// The clobbers of a function of the module, if it has been compiled and cannot be replaced.
    fn clobbers_of(&self, func: FuncId) -> Option<PRegSet>;
}

impl KnownClobbers for () {
    fn clobbers_of(&self, _: FuncId) -> Option<PRegSet> {
        None
    }
}

impl KnownClobbers for Vec<Option<PRegSet>> {
    fn clobbers_of(&self, func: FuncId) -> Option<PRegSet> {
        self.get(func.as_u32() as usize).copied().flatten()
    }
}

/// A target as the driver holds it: `Box<dyn Target>`.
pub trait Target: Send + Sync {
    /// The short name: `x86-64`.
    fn name(&self) -> &'static str;
    /// The triple: `x86_64-unknown-linux-gnu`.
    fn triple(&self) -> String;
    /// Size of an address in bytes.
    fn pointer_bytes(&self) -> u32;
    /// The processor that code is made for when none is named.
    fn default_cpu(&self) -> &'static str;
    /// A compiler for functions, which keeps its memory from one to the next. One a thread.
    fn compiler(&self, options: CompileOptions) -> Box<dyn FuncCompiler>;
    /// The listing of a function in the vendor's syntax, one line an instruction.
    fn disassemble(&self, blob: &CodeBlob, names: Namer<'_>) -> String;
    /// Code that enters a compiled function from Rust: `extern "C" fn(target: *const u8, args: *const
    /// u64, results: *mut u64)`, with one 8-byte cell a scalar (two an `i128`).
    ///
    /// # Errors
    /// If the signature has something that cannot travel so.
    fn entry_stub(&self, sig: &Signature) -> Result<CodeBlob, CodegenError>;
}

/// Compiles one function after another.
pub trait FuncCompiler: Send {
    /// Compiles a function of the module. Its uses must be resolved
    /// ([`Func::resolve_aliases`](ir::Func::resolve_aliases)) and its verifier content.
    ///
    /// # Errors
    /// If the target cannot do what the function asks for.
    fn compile(
        &mut self,
        module: &Module,
        func: FuncId,
        known: &dyn KnownClobbers,
        observer: &mut dyn Observer,
    ) -> Result<CodeBlob, CodegenError>;
}
