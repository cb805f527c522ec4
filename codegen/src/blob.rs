//! The product: one function as bytes with everything a linker, an unwinder or a debugger needs.
//!
//! ```text
//!   0                          code_len                     bytes.len()
//!   | instructions             | constants, jump tables     |
//! ```
//!
//! The JIT's linker and every object writer consume the same blob; nothing is generated twice.

use pyexec_base::Loc;
use pyexec_ir::{FuncId, GlobalId, TrapCode};
use pyexec_regalloc::PRegSet;

/// What a relocation writes into the bytes. `S` is the symbol's address, `A` the addend, `P` the address
/// of the relocated field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RelocKind {
    /// 8 bytes: `S + A`.
    Abs64,
    /// 4 bytes: `S + A - P`; the data or function is near enough (the addend holds the usual -4).
    X86PcRel32,
    /// 4 bytes: `S + A - P` of a call or jump; may go through a stub (PLT) instead.
    X86Call,
    /// 4 bytes: `G + A - P`, where the 8 bytes at `G` hold `S` (a GOT entry).
    X86GotPcRel,
    /// 4 bytes: `S + A - P` of the descriptor for `__tls_get_addr` (thread-local data, general dynamic).
    X86TlsGd,
    /// `bl` or `b`: 26 bits of `(S + A - P) / 4`; may go through a stub.
    A64Call,
    /// `adrp`: `page(S + A) - page(P)`, in pages of 4 KiB.
    A64Page,
    /// `add`: the low 12 bits of `S + A`.
    A64AddLow12,
    /// `adrp`: the page of the GOT entry that holds `S`.
    A64GotPage,
    /// `ldr` of 8 bytes: the low 12 bits of the address of the GOT entry that holds `S`.
    A64GotLow12,
    /// `adrp`: the page of the descriptor of a thread-local datum.
    A64TlsPage,
    /// `ldr` of 8 bytes: the low 12 bits of the descriptor's address.
    A64TlsLoadLow12,
    /// `add`: the low 12 bits of the descriptor's address.
    A64TlsAddLow12,
    /// `blr`: calls the descriptor's resolver; nothing is written.
    A64TlsCall,
    /// `adrp`: the page of the pointer to Apple's descriptor of a thread-local datum.
    A64TlvPage,
    /// `ldr` of 8 bytes: the low 12 bits of that pointer's address.
    A64TlvLow12,
    /// `add`, shifted by 12: bits 12 to 23 of `S` less the start of its section (Windows' thread-local data).
    A64SecRelHigh12,
    /// `add`: the low 12 bits of the same.
    A64SecRelLow12,
}

impl RelocKind {
    /// How many bytes it writes.
    pub const fn size(self) -> usize {
        match self {
            RelocKind::Abs64 => 8,
            _ => 4,
        }
    }
}

/// Whose address a relocation takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SymbolRef {
    /// A function of the module, defined or imported.
    Func(FuncId),
    /// A piece of data of the module, defined or imported.
    Global(GlobalId),
    /// A function or datum outside of the module, by its linker name (`__divti3`).
    Named(&'static str),
}

/// A hole in the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reloc {
    /// Where the field begins in the bytes.
    pub offset: u32,
    /// What to write.
    pub kind: RelocKind,
    /// Whose address.
    pub symbol: SymbolRef,
    /// Added to the address.
    pub addend: i64,
}

/// A change of the unwinding rules: call frame information as DWARF states it. Registers are DWARF
/// numbers of the target; offsets are in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnwindOp {
    /// The canonical frame address (CFA) is register plus offset.
    DefCfa(u16, i32),
    /// The CFA is the same register as before, plus this offset.
    CfaOffset(i32),
    /// The CFA is this register plus the same offset as before.
    CfaRegister(u16),
    /// The caller's value of a register is saved at CFA plus offset.
    Saved(u16, i32),
    /// A register has the caller's value again.
    Restored(u16),
    /// Pushes the rules (before an epilogue in the middle of the function).
    RememberState,
    /// Pops the rules.
    RestoreState,
    /// From here on the return address is signed, or no longer (DWARF for the Arm 64-bit Architecture, 5).
    NegateRaState,
}

/// What code guards against: whoever links it may rely on it if all code has it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Guards {
    /// Indirect branches find landing pads wherever they may go (Arm's BTI).
    pub landing_pads: bool,
    /// Return addresses in memory are signed (Arm's PAC).
    pub signed_returns: bool,
}

/// The machine code of one function.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeBlob {
    /// The symbol.
    pub name: String,
    /// Instructions, then constants and jump tables. Relocated fields are zero.
    pub bytes: Vec<u8>,
    /// How many of the bytes are instructions.
    pub code_len: u32,
    /// Required alignment of the first byte: a power of two.
    pub align: u32,
    /// Holes, by ascending offset.
    pub relocs: Vec<Reloc>,
    /// Instructions that may trap, by ascending offset, and why.
    pub traps: Vec<(u32, TrapCode)>,
    /// From this offset on the code comes from this place; ascending.
    pub lines: Vec<(u32, Loc)>,
    /// Changes of the unwinding rules, by ascending offset. At offset 0 the target's rules for a
    /// function's first instruction hold.
    pub unwind: Vec<(u32, UnwindOp)>,
    /// Distance from the stack pointer in the body to the stack pointer at the call, in bytes.
    pub frame_size: u32,
    /// Registers that may hold other values after a call of this function than before, apart from its
    /// results: what the function really clobbers, its callees included.
    pub clobbers: PRegSet,
    /// What it guards against.
    pub guards: Guards,
}
