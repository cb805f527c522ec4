//! What an instruction wants of a register, and where the allocator put it.

use crate::{PReg, RegClass, VReg};
use std::fmt;

/// Where the value of an operand must be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Constraint {
    /// In a register or a stack slot.
    Any,
    /// In some register of the class.
    Reg,
    /// In a stack slot.
    Stack,
    /// In exactly this allocatable register.
    Fixed(PReg),
    /// A late definition in the register of the instruction's operand with this index, an early use.
    Reuse(u8),
    /// Not a virtual register at all: this register, which the allocator never assigns (`rsp`). The
    /// operand's `vreg` is [`VReg::NONE`].
    FixedNonallocatable(PReg),
}

/// Whether the instruction reads or writes the operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OperandKind {
    /// Reads.
    Use,
    /// Writes.
    Def,
}

/// When an operand is accessed, relative to the instruction's work.
///
/// Early uses may share a register with late definitions; late uses and early definitions conflict
/// with everything else in the instruction.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OperandPos {
    /// Before the instruction's work: where ordinary uses are.
    Early,
    /// After it: where ordinary definitions are.
    Late,
}

/// One mention of a virtual register in an instruction. Eight bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Operand {
    /// The virtual register.
    pub vreg: VReg,
    /// Where it must be.
    pub constraint: Constraint,
    /// Read or written.
    pub kind: OperandKind,
    /// Before or after the instruction's work.
    pub pos: OperandPos,
}

impl Operand {
    /// An ordinary operand: an early use or a late definition.
    pub const fn new(vreg: VReg, constraint: Constraint, kind: OperandKind) -> Self {
        let pos = match kind {
            OperandKind::Use => OperandPos::Early,
            OperandKind::Def => OperandPos::Late,
        };
        Self { vreg, constraint, kind, pos }
    }
    /// The other position: a late use or an early definition.
    #[must_use]
    pub const fn at(mut self, pos: OperandPos) -> Self {
        self.pos = pos;
        self
    }
    /// A register that is never allocated, named for the sake of completeness.
    pub const fn nonallocatable(reg: PReg) -> Self {
        Self::new(VReg::NONE, Constraint::FixedNonallocatable(reg), OperandKind::Use)
    }
    /// The allocatable register it must be in, if there is one.
    pub const fn fixed(&self) -> Option<PReg> {
        match self.constraint {
            Constraint::Fixed(reg) => Some(reg),
            _ => None,
        }
    }
    /// Whether it names a register that is never allocated.
    pub const fn is_nonallocatable(&self) -> bool {
        matches!(self.constraint, Constraint::FixedNonallocatable(_))
    }
    /// Whether it is read.
    pub const fn is_use(&self) -> bool {
        matches!(self.kind, OperandKind::Use)
    }
    /// Whether it is written.
    pub const fn is_def(&self) -> bool {
        matches!(self.kind, OperandKind::Def)
    }
}

/// A place: a register or a spill slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alloc {
    /// In a register.
    Reg(PReg),
    /// In the spill slot with this number, 8 bytes wide.
    Stack(u32),
}

impl Alloc {
    /// The register, if it is one.
    pub const fn reg(self) -> Option<PReg> {
        match self {
            Alloc::Reg(reg) => Some(reg),
            Alloc::Stack(_) => None,
        }
    }
    /// The class of the register, if it is one: slots have none.
    pub fn class(self) -> Option<RegClass> {
        self.reg().map(PReg::class)
    }
}

impl fmt::Display for Alloc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Alloc::Reg(reg) => write!(f, "{reg}"),
            Alloc::Stack(slot) => write!(f, "slot{slot}"),
        }
    }
}

impl fmt::Debug for Alloc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
