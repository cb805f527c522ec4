//! What a text says, line by line, before its names are looked up.

use crate::{CallConv, Global, Linkage, Opcode, Region, Signature, TrapCode, Type};
use pyexec_base::{Loc, Span};

/// The number of an id as written, and where.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) number: u32,
    pub(super) span: Span,
}

/// A symbol as written, and where.
pub(super) struct SymbolRef {
    pub(super) name: String,
    pub(super) span: Span,
}

/// A branch target.
pub(super) struct RawTarget {
    pub(super) block: Name,
    pub(super) args: Vec<Name>,
}

/// What an instruction carries beside operands.
pub(super) enum RawImm {
    None,
    Int(i64),
    Bits(u64),
    Mem(i32, Region),
    Slot(Name, i32),
    Global(SymbolRef, i32),
    Func(SymbolRef),
    Sig(Name),
    Trap(TrapCode),
}

/// One instruction.
pub(super) struct RawInst {
    pub(super) results: Vec<Name>,
    pub(super) op: Opcode,
    pub(super) ty: Type,
    pub(super) imm: RawImm,
    pub(super) args: Vec<Name>,
    pub(super) targets: Vec<RawTarget>,
    pub(super) loc: Loc,
    pub(super) span: Span,
}

/// One block.
pub(super) struct RawBlock {
    pub(super) name: Name,
    pub(super) params: Vec<(Name, Type)>,
    pub(super) cold: bool,
    pub(super) insts: Vec<RawInst>,
}

/// One stack slot.
pub(super) struct RawSlot {
    pub(super) name: Name,
    pub(super) size: u32,
    pub(super) align: u32,
}

/// One function.
pub(super) struct RawFunc {
    pub(super) name: SymbolRef,
    pub(super) sig: Signature,
    pub(super) linkage: Linkage,
    pub(super) cold: bool,
    pub(super) slots: Vec<RawSlot>,
    pub(super) blocks: Vec<RawBlock>,
}

/// One global; the targets of its relocations are still names.
pub(super) struct RawGlobal {
    pub(super) span: Span,
    pub(super) global: Global,
    pub(super) relocs: Vec<(u32, SymbolRef, i64)>,
}

/// One numbered signature.
pub(super) struct RawSig {
    pub(super) name: Name,
    pub(super) sig: Signature,
}

/// A whole text.
#[derive(Default)]
pub(super) struct RawModule {
    pub(super) sigs: Vec<RawSig>,
    pub(super) globals: Vec<RawGlobal>,
    pub(super) funcs: Vec<RawFunc>,
}

/// The words before the name of a function: `c import`, `fast local cold`.
pub(super) struct Head {
    pub(super) conv: CallConv,
    pub(super) linkage: Linkage,
    pub(super) cold: bool,
}
