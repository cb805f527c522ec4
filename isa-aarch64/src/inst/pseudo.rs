//! What is selected: machine instructions, and what stands for several of them or for none.
//!
//! [`Inst::visit_operands`](MachInst::visit_operands) is where the allocator learns every register; for a
//! machine instruction it follows from the row. Expansions may use x16 and x17, which nobody else has.

use super::operand::{class_of, reg_text};
use super::table::Role;
use super::{Amode, Base, Cc, MInst, Op, Test, Width};
use crate::regs::{X15, name, x};
pub use pyexec_codegen::calls::Pinned;
use pyexec_codegen::{MachInst, OperandVisitor, Reg};
use pyexec_ir::TrapCode;
use pyexec_regalloc::{Block as MachBlock, InstKind, PRegSet, RegClass};
use std::fmt;

/// Whom a call reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callee {
    /// A symbol: see [`symbols`](crate::symbols).
    Symbol(u32),
    /// The address in a register.
    Indirect(Reg),
}

/// A call, with everything that it reads, writes and destroys.
pub type CallInfo = pyexec_codegen::calls::CallInfo<Callee>;

/// How an instruction finds a symbol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Path {
    /// By its distance: it is in the same loaded object.
    Near,
    /// Through the global offset table.
    Got,
    /// The descriptor of a thread-local datum, through a table of them (Apple).
    Thread,
}

/// A load or store whatever its addressing: the rows for its three forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Scaled unsigned offset.
    pub scaled: Op,
    /// Signed offset in bytes.
    pub unscaled: Op,
    /// Register offset.
    pub indexed: Op,
    /// Width of the register.
    pub width: Width,
    /// Logarithm of the bytes in memory.
    pub log: u8,
}

macro_rules! accesses {
    ($($name:ident $scaled:ident $unscaled:ident $indexed:ident $width:ident $log:literal;)*) => {
        #[allow(missing_docs)]
        impl Access {
            $(pub const $name: Access = Access {
                scaled: Op::$scaled,
                unscaled: Op::$unscaled,
                indexed: Op::$indexed,
                width: Width::$width,
                log: $log,
            };)*
        }
    };
}

accesses! {
    LOAD8 LdrbU Ldurb LdrbR W32 0;
    LOAD16 LdrhU Ldurh LdrhR W32 1;
    LOAD32 LdrU Ldur LdrR W32 2;
    LOAD64 LdrU Ldur LdrR W64 3;
    LOAD_S8_32 LdrsbU Ldursb LdrsbR W32 0;
    LOAD_S8 LdrsbU Ldursb LdrsbR W64 0;
    LOAD_S16_32 LdrshU Ldursh LdrshR W32 1;
    LOAD_S16 LdrshU Ldursh LdrshR W64 1;
    LOAD_S32 LdrswU Ldursw LdrswR W64 2;
    STORE8 StrbU Sturb StrbR W32 0;
    STORE16 StrhU Sturh StrhR W32 1;
    STORE32 StrU Stur StrR W32 2;
    STORE64 StrU Stur StrR W64 3;
    LOAD_F32 FLdrU FLdur FLdrR W32 2;
    LOAD_F64 FLdrU FLdur FLdrR W64 3;
    STORE_F32 FStrU FStur FStrR W32 2;
    STORE_F64 FStrU FStur FStrR W64 3;
}

impl Access {
    /// Whether it loads.
    pub fn loads(self) -> bool {
        self.scaled.row().role == Role::W
    }
}

/// What a loop of exclusive accesses does to memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Update {
    /// Stores the operand.
    Replace,
    /// Stores what this instruction makes of what was there and the operand.
    Alu(Op),
    /// Stores the operand, if the condition holds after comparing what was there with it; narrow ones are
    /// widened with the sign, or with zeros.
    ReplaceIf(Cc, bool),
}

/// An instruction of the selected code.
#[derive(Clone, Debug)]
pub enum Inst {
    /// One machine instruction.
    M(MInst),
    /// Copies a whole register, of either class; between classes not at all.
    Mov {
        /// To here.
        dst: Reg,
        /// From here.
        src: Reg,
    },
    /// A constant into a general register, by the fewest instructions.
    Const {
        /// Into.
        dst: Reg,
        /// All 64 bits.
        value: i64,
    },
    /// A constant into a float register.
    FloatConst {
        /// Into.
        dst: Reg,
        /// Its width.
        width: Width,
        /// Its bits.
        bits: u64,
    },
    /// One load or store.
    Mem {
        /// Which.
        access: Access,
        /// What is loaded or stored.
        reg: Reg,
        /// Where.
        mem: Amode,
    },
    /// Two neighbouring registers of 64 bits.
    Pair {
        /// Whether to load.
        load: bool,
        /// Low half.
        low: Reg,
        /// High half.
        high: Reg,
        /// Where; without an index.
        mem: Amode,
    },
    /// The address of a memory operand without an index.
    Lea {
        /// Into.
        dst: Reg,
        /// Of what.
        mem: Amode,
    },
    /// The address of a symbol.
    SymbolAddr {
        /// Into.
        dst: Reg,
        /// Whose: see [`symbols`](crate::symbols).
        symbol: u32,
        /// Added to it.
        offset: i32,
        /// How it is found.
        by: Path,
    },
    /// Adds a thread-local datum's distance from the start of its section (Windows).
    SectionOffset {
        /// The sum.
        dst: Reg,
        /// Where this thread's copy of the section begins.
        base: Reg,
        /// Whose distance.
        symbol: u32,
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
    /// Goes to the first block if the test holds, else to the second.
    Br {
        /// The test.
        test: Test,
        /// If it holds.
        then: MachBlock,
        /// If not.
        other: MachBlock,
    },
    /// Goes to `targets[1 + index]`, or to `targets[0]` if there is none.
    JumpTable {
        /// 64 bits, unsigned.
        index: Reg,
        /// The default, then the blocks by index.
        targets: Box<[MachBlock]>,
    },
    /// Stops the program.
    Trap(TrapCode),
    /// Stops the program if the test holds.
    TrapIf {
        /// The test.
        test: Test,
        /// Why.
        code: TrapCode,
    },
    /// Reads, changes and writes memory, again if another processor came between.
    AtomicLoop {
        /// What is done.
        op: Update,
        /// Logarithm of the bytes in memory.
        log: u8,
        /// The address.
        base: Reg,
        /// The operand.
        value: Reg,
        /// What was there.
        old: Reg,
    },
    /// Stores if memory holds what is expected.
    CasLoop {
        /// Logarithm of the bytes in memory.
        log: u8,
        /// The address.
        base: Reg,
        /// What memory is compared with.
        expected: Reg,
        /// What is stored.
        new: Reg,
        /// What was there.
        old: Reg,
    },
    /// The address of a thread-local datum, by its descriptor.
    TlsAddr {
        /// The result.
        dst: Reg,
        /// The datum: see [`symbols`](crate::symbols).
        symbol: u32,
    },
}

impl From<MInst> for Inst {
    fn from(inst: MInst) -> Self {
        Inst::M(inst)
    }
}

/// The zero register and the stack pointer are not the allocator's business.
fn is_free(reg: Reg) -> bool {
    !reg.is_none() && reg.preg().is_none_or(|p| p.class() == RegClass::Float || p.number() < 31)
}

fn visit_use<V: OperandVisitor>(reg: &mut Reg, visitor: &mut V) {
    if is_free(*reg) {
        visitor.reg_use(reg);
    }
}

/// Operands of a machine instruction, by its row: first all uses, then the definitions. The old value of
/// a modified register comes first, where the definition is tied to it.
fn visit_minst<V: OperandVisitor>(inst: &mut MInst, visitor: &mut V) {
    let role = inst.op.row().role;
    if role != Role::P {
        visit_use(&mut inst.ra, visitor);
    }
    if matches!(role, Role::R | Role::C | Role::S) {
        visit_use(&mut inst.rd, visitor);
    }
    visit_use(&mut inst.rn, visitor);
    match role {
        Role::C => return visitor.reuse_def(&mut inst.rm, 0),
        Role::S => return visitor.early_def(&mut inst.rm),
        _ => visit_use(&mut inst.rm, visitor),
    }
    if !is_free(inst.rd) {
        return;
    }
    match role {
        Role::W => visitor.reg_def(&mut inst.rd),
        Role::M => visitor.reuse_def(&mut inst.rd, 0),
        Role::P => {
            visitor.reg_def(&mut inst.rd);
            visitor.reg_def(&mut inst.ra);
        }
        Role::R | Role::N | Role::C | Role::S => {}
    }
}

fn visit_amode<V: OperandVisitor>(mem: &mut Amode, visitor: &mut V) {
    if let Base::Reg(reg) = &mut mem.base {
        visit_use(reg, visitor);
    }
    visit_use(&mut mem.index, visitor);
}

fn visit_test<V: OperandVisitor>(test: &mut Test, visitor: &mut V) {
    match test {
        Test::Flags(_) => {}
        Test::Zero { reg, .. } | Test::Bit { reg, .. } => visit_use(reg, visitor),
    }
}

fn visit_call<V: OperandVisitor>(info: &mut CallInfo, tail: bool, visitor: &mut V) {
    match &mut info.callee {
        Callee::Symbol(_) => {}
        // The jump comes after the callee-saved registers have been restored.
        Callee::Indirect(reg) if tail => visitor.fixed_use(reg, X15),
        Callee::Indirect(reg) => visitor.reg_use(reg),
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
            Inst::Const { dst, .. } | Inst::FloatConst { dst, .. } | Inst::SymbolAddr { dst, .. } => {
                visitor.reg_def(dst);
            }
            Inst::Mem { access, reg, mem } => {
                visit_amode(mem, visitor);
                if access.loads() { visitor.reg_def(reg) } else { visit_use(reg, visitor) }
            }
            Inst::Pair { load, low, high, mem } => {
                visit_amode(mem, visitor);
                for reg in [low, high] {
                    if *load { visitor.reg_def(reg) } else { visit_use(reg, visitor) }
                }
            }
            Inst::Lea { dst, mem } => {
                visit_amode(mem, visitor);
                visitor.reg_def(dst);
            }
            Inst::Args(defs) => defs.iter_mut().for_each(|(reg, preg)| visitor.fixed_def(reg, *preg)),
            Inst::Ret(uses) => uses.iter_mut().for_each(|(reg, preg)| visitor.fixed_use(reg, *preg)),
            Inst::Call(info) => visit_call(info, false, visitor),
            Inst::TailCall(info) => visit_call(info, true, visitor),
            Inst::Br { test, .. } | Inst::TrapIf { test, .. } => visit_test(test, visitor),
            Inst::Jmp(_) | Inst::Trap(_) => {}
            Inst::JumpTable { index, .. } => visitor.reg_use(index),
            Inst::AtomicLoop { base, value, old, .. } => {
                visitor.reg_use(base);
                visitor.reg_use(value);
                visitor.early_def(old);
            }
            Inst::CasLoop { base, expected, new, old, .. } => {
                [base, expected, new].into_iter().for_each(|reg| visitor.reg_use(reg));
                visitor.early_def(old);
            }
            Inst::TlsAddr { dst, .. } => visitor.fixed_def(dst, x(0)),
            Inst::SectionOffset { dst, base, .. } => {
                visitor.reg_use(base);
                visitor.reg_def(dst);
            }
        }
    }

    fn clobbers(&self) -> PRegSet {
        match self {
            Inst::Call(info) => info.only_clobbers(),
            // Nothing of ours lives on, but our caller asks what we and our callees destroy.
            Inst::TailCall(info) => info.clobbers,
            // The descriptor's resolver keeps everything but x0, x1 and the link register.
            Inst::TlsAddr { .. } => PRegSet::EMPTY.with(x(1)),
            _ => PRegSet::EMPTY,
        }
    }

    fn kind(&self) -> InstKind {
        match self {
            Inst::Jmp(_) | Inst::Br { .. } | Inst::JumpTable { .. } => InstKind::Branch,
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
    list.iter().map(|(reg, preg)| format!(" {}={reg:?}", name(*preg, Width::W64))).collect()
}

impl fmt::Display for Inst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inst::M(inst) => inst.fmt(f),
            Inst::Mov { dst, src } => write!(f, "mov {dst:?}, {src:?}"),
            Inst::Const { dst, value } => write!(f, "const {dst:?}, {value}"),
            Inst::FloatConst { dst, bits, .. } => write!(f, "const {dst:?}, {bits:#x}"),
            Inst::Mem { access, reg, mem } => {
                let float = reg.class() == Some(class_of(true));
                let width = if float || access.log > 2 { access.width } else { Width::W32 };
                write!(f, "{} {}, {mem}", access.scaled.row().mnemonic, reg_text(*reg, width))
            }
            Inst::Pair { load, low, high, mem } => {
                write!(f, "{} {low:?}, {high:?}, {mem}", if *load { "ldp" } else { "stp" })
            }
            Inst::Lea { dst, mem } => write!(f, "lea {dst:?}, {mem}"),
            Inst::SymbolAddr { dst, symbol, offset, by } => {
                let name = ["addr", "got", "tlv"][*by as usize];
                write!(f, "{name} {dst:?}, sym{symbol}{offset:+}")
            }
            Inst::SectionOffset { dst, base, symbol } => write!(f, "secrel {dst:?}, {base:?}, sym{symbol}"),
            Inst::Args(defs) => write!(f, "args{}", pinned(defs)),
            Inst::Ret(uses) => write!(f, "ret{}", pinned(uses)),
            Inst::Call(i) => write!(f, "call {:?}{} ->{}", i.callee, pinned(&i.uses), pinned(&i.defs)),
            Inst::TailCall(i) => write!(f, "tailcall {:?}{}", i.callee, pinned(&i.uses)),
            Inst::Jmp(block) => write!(f, "b {block}"),
            Inst::Br { test, then, other } => write!(f, "b.{test} {then}, {other}"),
            Inst::JumpTable { index, targets } => write!(f, "jumptable {index:?}, {targets:?}"),
            Inst::Trap(code) => write!(f, "trap {code}"),
            Inst::TrapIf { test, code } => write!(f, "trap.{test} {code}"),
            Inst::AtomicLoop { op, log, base, value, old } => {
                write!(f, "atomic {op:?} {} [{base:?}], {value:?} -> {old:?}", 8 << log)
            }
            Inst::CasLoop { log, base, expected, new, old } => {
                write!(f, "cas {} [{base:?}], {expected:?}, {new:?} -> {old:?}", 8 << log)
            }
            Inst::TlsAddr { dst, symbol } => write!(f, "tls {dst:?}, sym{symbol}"),
        }
    }
}
