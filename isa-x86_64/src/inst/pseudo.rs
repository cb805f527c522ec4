//! What is selected: machine instructions, and what stands for several of them or for none.
//!
//! [`Inst::visit_operands`](MachInst::visit_operands) is where the allocator learns every register; for a
//! machine instruction it follows from the row.

use super::table::{En, Fixed, Slot};
use super::{Amode, Base, Cc, MInst, Op, Rm, Width};
use crate::regs::{R11, RAX, RCX, RDI, RDX, RSI};
pub use pyexec_codegen::calls::Pinned;
use pyexec_codegen::{MachInst, OperandVisitor, Reg};
use pyexec_ir::TrapCode;
use pyexec_regalloc::{Block as MachBlock, InstKind, PReg, PRegSet};
use std::fmt;

/// Whom a call reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    /// A symbol: see [`Base::Symbol`].
    Symbol(u32),
    /// The address in a register or in memory.
    Indirect(Rm),
}

/// A call, with everything that it reads, writes and destroys.
pub type CallInfo = pyexec_codegen::calls::CallInfo<Callee>;

/// What an atomic loop does to memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Update {
    /// And, or, exclusive or: an instruction `reg <- reg op rm`.
    Alu(Op),
    /// The operand, if the condition holds after comparing what was there with it.
    ReplaceIf(Cc),
}

/// An instruction of the selected code.
#[derive(Clone, Debug)]
pub enum Inst {
    /// One machine instruction.
    M(MInst),
    /// Copies a whole register, of either class.
    Mov {
        /// To here.
        dst: Reg,
        /// From here.
        src: Reg,
    },
    /// A constant into a general register, by the shortest instruction. May write the flags.
    Const {
        /// Into.
        dst: Reg,
        /// All 64 bits.
        value: i64,
    },
    /// Zero into an xmm register.
    XmmZero {
        /// Into.
        dst: Reg,
    },
    /// The function's arguments appear in their registers.
    Args(Box<[Pinned]>),
    /// A call.
    Call(Box<CallInfo>),
    /// Leaves the function with these results.
    Ret(Box<[Pinned]>),
    /// Leaves the function for another one, which returns to our caller.
    TailCall(Box<CallInfo>),
    /// Goes to a block.
    Jmp(MachBlock),
    /// Goes to the first block if any of the two conditions holds, else to the second.
    Jcc {
        /// The conditions; often the same twice.
        any: [Cc; 2],
        /// If one holds.
        then: MachBlock,
        /// If none does.
        other: MachBlock,
    },
    /// Goes to `targets[1 + index]`, or to `targets[0]` if there is none.
    JumpTable {
        /// 64 bits.
        index: Reg,
        /// A temporary.
        table: Reg,
        /// A temporary.
        offset: Reg,
        /// The blocks.
        targets: Box<[MachBlock]>,
    },
    /// Stops the program.
    Trap(TrapCode),
    /// Stops the program if any of the two conditions holds.
    TrapIf {
        /// The conditions; often the same twice.
        any: [Cc; 2],
        /// Why.
        code: TrapCode,
    },
    /// Traps with `int_overflow` if `divisor` is -1 and `dividend` the least integer.
    DivGuard {
        /// The width of the division; bits above it are anything.
        width: Width,
        /// Dividend.
        dividend: Reg,
        /// Divisor.
        divisor: Reg,
        /// A temporary.
        temp: Reg,
    },
    /// `dst = other` if `cc` holds, else `dst = same`: what cmov is for xmm registers.
    XmmSelect {
        /// The condition.
        cc: Cc,
        /// Result, tied to `same`.
        dst: Reg,
        /// Chosen if not.
        same: Reg,
        /// Chosen if so.
        other: Reg,
    },
    /// What no single instruction does to memory atomically: computed from what was there, and tried
    /// again if another processor was faster.
    AtomicLoop {
        /// What is done.
        op: Update,
        /// The width in memory.
        width: Width,
        /// Where.
        mem: Amode,
        /// The operand.
        value: Reg,
        /// What was there (rax).
        old: Reg,
        /// A temporary.
        temp: Reg,
    },
    /// `rep movsb`: copies bytes.
    CopyBytes {
        /// To here (rdi).
        dst: Reg,
        /// From here (rsi).
        src: Reg,
        /// How many (rcx).
        count: Reg,
    },
    /// The address of a thread-local datum: calls `__tls_get_addr`.
    TlsAddr {
        /// The result, in rax.
        dst: Reg,
        /// The datum: see [`Base::Symbol`].
        symbol: u32,
        /// What the call destroys.
        clobbers: PRegSet,
    },
}

impl From<MInst> for Inst {
    fn from(inst: MInst) -> Self {
        Inst::M(inst)
    }
}

/// Registers that are read after some results have been written.
fn visit_amode_late<V: OperandVisitor>(mem: &mut Amode, visitor: &mut V) {
    if let Base::Reg(reg) = &mut mem.base {
        visitor.late_use(reg);
    }
    if !mem.index.is_none() {
        visitor.late_use(&mut mem.index);
    }
}

fn visit_amode<V: OperandVisitor>(mem: &mut Amode, visitor: &mut V) -> u8 {
    let mut count = 0;
    if let Base::Reg(reg) = &mut mem.base {
        visitor.reg_use(reg);
        count += 1;
    }
    if !mem.index.is_none() {
        visitor.reg_use(&mut mem.index);
        count += 1;
    }
    count
}

/// Shows `ModRM.rm`. A register that is only read may stay in its spill slot: the instruction then reads
/// memory. Not if it reads more than the slot's 8 bytes, or also writes.
fn visit_rm<V: OperandVisitor>(inst: &mut MInst, slot: Slot, visitor: &mut V) -> u8 {
    let spillable = !slot.writes() && slot.memory_bytes(inst.width) <= 8;
    match &mut inst.rm {
        Rm::Mem(mem) => visit_amode(mem, visitor),
        Rm::Reg(reg) if reg.is_none() => 0,
        Rm::Reg(reg) if spillable => {
            visitor.any_use(reg);
            1
        }
        Rm::Reg(reg) => {
            visitor.reg_use(reg);
            1
        }
    }
}

/// Operands of a machine instruction, by its row: first all uses, then the definitions.
fn visit_minst<V: OperandVisitor>(inst: &mut MInst, visitor: &mut V) {
    let row = inst.op.row();
    let mut seen = 0;
    if row.reg.reads() {
        visitor.reg_use(&mut inst.src);
        seen += 1;
    }
    let rm_at = seen;
    seen += visit_rm(inst, row.rm, visitor);
    debug_assert!(seen <= 3);
    visit_other_uses(inst, row.fixed, visitor);
    match (row.reg, row.rm, inst.rm) {
        (reg, ..) if reg.writes() && reg.reads() => visitor.reuse_def(&mut inst.dst, 0),
        (reg, ..) if reg.writes() => visitor.reg_def(&mut inst.dst),
        (_, rm, Rm::Reg(_)) if rm.writes() && rm.reads() => visitor.reuse_def(&mut inst.dst, rm_at),
        (_, rm, Rm::Reg(_)) if rm.writes() => visitor.reg_def(&mut inst.dst),
        _ => {}
    }
    match row.fixed {
        Fixed::No | Fixed::Cl => {}
        Fixed::Mul | Fixed::Div => {
            visitor.fixed_def(&mut inst.dst, RAX);
            visitor.fixed_def(&mut inst.dst2, RDX);
        }
        Fixed::Ext => visitor.fixed_def(&mut inst.dst, RDX),
        Fixed::Cas => visitor.fixed_def(&mut inst.dst, RAX),
    }
}

/// Operands that ModRM does not name: pinned ones and VEX.vvvv.
fn visit_other_uses<V: OperandVisitor>(inst: &mut MInst, fixed: Fixed, visitor: &mut V) {
    let row = inst.op.row();
    match (fixed, row.en) {
        (Fixed::No, En::Rvm) if row.reg.reads() => visitor.reg_use(&mut inst.src2),
        (Fixed::No, En::Rvm | En::Rmv) => visitor.reg_use(&mut inst.src),
        (Fixed::No, _) => {}
        (Fixed::Cl, En::Mr) => visitor.fixed_use(&mut inst.src2, RCX),
        (Fixed::Cl, _) => visitor.fixed_use(&mut inst.src, RCX),
        (Fixed::Mul | Fixed::Ext, _) => visitor.fixed_use(&mut inst.src, RAX),
        (Fixed::Cas, _) => visitor.fixed_use(&mut inst.src2, RAX),
        (Fixed::Div, _) => {
            visitor.fixed_use(&mut inst.src, RAX);
            visitor.fixed_use(&mut inst.src2, RDX);
        }
    }
}

fn visit_call<V: OperandVisitor>(info: &mut CallInfo, tail: bool, visitor: &mut V) {
    match &mut info.callee {
        Callee::Symbol(_) => {}
        Callee::Indirect(Rm::Mem(mem)) => {
            visit_amode(mem, visitor);
        }
        // The jump comes after the callee-saved registers have been restored.
        Callee::Indirect(Rm::Reg(reg)) if tail => visitor.fixed_use(reg, R11),
        Callee::Indirect(Rm::Reg(reg)) => visitor.any_use(reg),
    }
    info.visit(visitor);
}

impl MachInst for Inst {
    fn visit_operands<V: OperandVisitor>(&mut self, visitor: &mut V) {
        match self {
            Inst::M(inst) => visit_minst(inst, visitor),
            // Tied, so that the copy vanishes unless the source lives on: the allocator does not look
            // for copies to remove.
            Inst::Mov { dst, src } => {
                visitor.reg_use(src);
                visitor.reuse_def(dst, 0);
            }
            Inst::Const { dst, .. } | Inst::XmmZero { dst } => visitor.reg_def(dst),
            Inst::Args(defs) => defs.iter_mut().for_each(|(reg, preg)| visitor.fixed_def(reg, *preg)),
            Inst::Ret(uses) => uses.iter_mut().for_each(|(reg, preg)| visitor.fixed_use(reg, *preg)),
            Inst::Call(info) => visit_call(info, false, visitor),
            Inst::TailCall(info) => visit_call(info, true, visitor),
            Inst::Jmp(_) | Inst::Jcc { .. } | Inst::Trap(_) | Inst::TrapIf { .. } => {}
            Inst::JumpTable { index, table, offset, .. } => {
                visitor.reg_use(index);
                visitor.early_def(table);
                visitor.early_def(offset);
            }
            Inst::DivGuard { dividend, divisor, temp, .. } => {
                visitor.reg_use(dividend);
                visitor.reg_use(divisor);
                visitor.early_def(temp);
            }
            Inst::XmmSelect { dst, same, other, .. } => {
                visitor.reg_use(same);
                visitor.late_use(other);
                visitor.reuse_def(dst, 0);
            }
            Inst::AtomicLoop { mem, value, old, temp, .. } => {
                visit_amode_late(mem, visitor);
                visitor.late_use(value);
                visitor.early_def(temp);
                visitor.fixed_def(old, RAX);
            }
            Inst::CopyBytes { dst, src, count } => {
                visitor.fixed_use(dst, RDI);
                visitor.fixed_use(src, RSI);
                visitor.fixed_use(count, RCX);
            }
            Inst::TlsAddr { dst, .. } => visitor.fixed_def(dst, RAX),
        }
    }

    fn clobbers(&self) -> PRegSet {
        match self {
            Inst::Call(info) => info.only_clobbers(),
            // What the callee destroys, we destroy.
            Inst::TailCall(info) => info.clobbers,
            Inst::CopyBytes { .. } => PRegSet::EMPTY.with(RDI).with(RSI).with(RCX),
            Inst::TlsAddr { clobbers, .. } => clobbers.without(RAX),
            _ => PRegSet::EMPTY,
        }
    }

    fn kind(&self) -> InstKind {
        match self {
            Inst::Jmp(_) | Inst::Jcc { .. } | Inst::JumpTable { .. } => InstKind::Branch,
            Inst::Ret(_) | Inst::TailCall(_) | Inst::Trap(_) => InstKind::Ret,
            _ => InstKind::Normal,
        }
    }

    fn jump_target(&self) -> Option<MachBlock> {
        match self {
            Inst::Jmp(block) => Some(*block),
            _ => None,
        }
    }

    fn as_move(&self) -> Option<(Reg, Reg)> {
        match self {
            Inst::Mov { dst, src } => Some((*dst, *src)),
            _ => None,
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn pinned(list: &[Pinned]) -> String {
    let name = |p: PReg| crate::regs::name(p, Width::B64);
    list.iter().map(|(reg, preg)| format!(" {}={reg:?}", name(*preg))).collect()
}

fn either(any: [Cc; 2]) -> String {
    if any[0] == any[1] { any[0].name().to_string() } else { format!("{}|{}", any[0].name(), any[1].name()) }
}

impl fmt::Display for Inst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inst::M(inst) => inst.fmt(f),
            Inst::Mov { dst, src } => write!(f, "mov {dst:?}, {src:?}"),
            Inst::Const { dst, value } => write!(f, "const {dst:?}, {value}"),
            Inst::XmmZero { dst } => write!(f, "zero {dst:?}"),
            Inst::Args(defs) => write!(f, "args{}", pinned(defs)),
            Inst::Ret(uses) => write!(f, "ret{}", pinned(uses)),
            Inst::Call(i) => write!(f, "call {:?}{} ->{}", i.callee, pinned(&i.uses), pinned(&i.defs)),
            Inst::TailCall(i) => write!(f, "tailcall {:?}{}", i.callee, pinned(&i.uses)),
            Inst::Jmp(block) => write!(f, "jmp {block}"),
            Inst::Jcc { any, then, other } => write!(f, "j{} {then}, {other}", either(*any)),
            Inst::JumpTable { index, targets, .. } => write!(f, "jumptable {index:?}, {targets:?}"),
            Inst::Trap(code) => write!(f, "trap {code}"),
            Inst::TrapIf { any, code } => write!(f, "trap{} {code}", either(*any)),
            Inst::DivGuard { dividend, divisor, .. } => write!(f, "divguard {dividend:?}, {divisor:?}"),
            Inst::XmmSelect { cc, dst, same, other } => {
                write!(f, "select {dst:?}, {} ? {other:?} : {same:?}", cc.name())
            }
            Inst::AtomicLoop { op, width, mem, value, old, .. } => {
                write!(f, "atomic {op:?} {} {mem}, {value:?} -> {old:?}", width.bits())
            }
            Inst::CopyBytes { dst, src, count } => write!(f, "copy [{dst:?}], [{src:?}], {count:?}"),
            Inst::TlsAddr { dst, symbol, .. } => write!(f, "tls {dst:?}, sym{symbol}"),
        }
    }
}

/// Copies of a general register at a width below 64 bits are copies of the whole register: this is the
/// one row that says otherwise, for zero extension from 32 bits.
pub fn zero_extend_32(dst: Reg, src: Reg) -> MInst {
    MInst::new(Op::MovRm, Width::B32).dst(dst).rm(src)
}
