//! Fills the holes of code with addresses, and makes way stations for what lies too far away.
//!
//! ```text
//!   | group of blobs | its stubs | group | its stubs | ...        | constants | addresses |
//!       call f ------> stub of f --------- reads ------------------------------> &f ----> f
//! ```
//!
//! A call of a function beyond the reach of a call goes to a stub, which jumps through an address among the
//! constants; a load from the GOT reads the same address. Each symbol has one address, and one stub in each group.
//! Stubs lie behind the group of blobs that uses them, near enough for every call: on AArch64 a call reaches 128
//! MiB, on x86-64 2 GiB.

mod field;
#[cfg(test)]
mod tests;

use crate::link::LinkError;
use crate::memory::{Part, Unsealed};
use field::Unfit;
use pyexec_codegen::{Reloc, RelocKind};
use std::collections::BTreeMap;

/// Bytes of one stub, padding included.
pub(crate) const STUB_SIZE: usize = 16;
/// Bytes of one address.
pub(crate) const SLOT_SIZE: usize = 8;
/// No group of several blobs is larger than this: half of the smallest reach of a call, so that stubs fit in too.
pub(crate) const GROUP_SIZE: usize = 64 << 20;

/// Stubs and addresses made so far.
#[derive(Default)]
pub(crate) struct Stations {
    /// Where in the code part stubs of the present group begin.
    stubs_at: usize,
    /// Where in the constant part addresses begin.
    slots_at: usize,
    slots: BTreeMap<u64, usize>,
    stubs: BTreeMap<u64, usize>,
}

impl Stations {
    /// Whose addresses begin here in the constant part.
    pub(crate) fn new(slots_at: usize) -> Self {
        Self { slots_at, ..Self::default() }
    }

    /// From now on calls are those of another group.
    pub(crate) fn begin_group(&mut self, stubs_at: usize) {
        self.stubs_at = stubs_at;
        self.stubs.clear();
    }

    /// Address of the cell with the address of a symbol.
    fn slot(&mut self, memory: &mut Unsealed, symbol: u64) -> u64 {
        let next = self.slots_at + SLOT_SIZE * self.slots.len();
        let offset = *self.slots.entry(symbol).or_insert_with(|| {
            memory.bytes(Part::Constant)[next..next + SLOT_SIZE].copy_from_slice(&symbol.to_le_bytes());
            next
        });
        memory.address(Part::Constant, offset)
    }

    /// Address of a stub that jumps to a symbol.
    fn stub(&mut self, memory: &mut Unsealed, call: RelocKind, symbol: u64) -> Result<u64, LinkError> {
        if let Some(offset) = self.stubs.get(&symbol) {
            return Ok(memory.address(Part::Code, *offset));
        }
        let slot = self.slot(memory, symbol);
        let offset = self.stubs_at + STUB_SIZE * self.stubs.len();
        self.stubs.insert(symbol, offset);
        let address = memory.address(Part::Code, offset);
        let bytes = stub(call, address, slot).map_err(|unfit| fault(unfit, call, slot))?;
        memory.bytes(Part::Code)[offset..offset + STUB_SIZE].copy_from_slice(&bytes);
        Ok(address)
    }
}

/// Whether a hole is filled with the address of a stub if its symbol is too far.
pub(crate) fn may_need_stub(kind: RelocKind) -> bool {
    matches!(kind, RelocKind::X86Call | RelocKind::A64Call)
}

/// The code at `address` that jumps to where the cell at `slot` says, for calls of a kind.
fn stub(call: RelocKind, address: u64, slot: u64) -> Result<[u8; STUB_SIZE], Unfit> {
    if call == RelocKind::X86Call {
        // jmp qword ptr [rip + distance]: FF /4 (SDM vol. 2, JMP); int3 behind it.
        let mut bytes = [0xcc; STUB_SIZE];
        bytes[..2].copy_from_slice(&[0xff, 0x25]);
        // Distances are from the end of the instruction.
        field::write(RelocKind::X86GotPcRel, &mut bytes[2..6], address + 2, slot.wrapping_sub(4))?;
        return Ok(bytes);
    }
    // adrp x16, slot; ldr x16, [x16, slot]; br x16; udf #0 (Arm ARM C6.2). x16 is free between any two functions
    // (AAPCS64 6.1.1, IP0), and a jump through it may land where calls land.
    let words: [u32; 4] = [0x9000_0010, 0xf940_0210, 0xd61f_0200, 0];
    let mut bytes = [0; STUB_SIZE];
    bytes.chunks_exact_mut(4).zip(words).for_each(|(b, word)| b.copy_from_slice(&word.to_le_bytes()));
    field::write(RelocKind::A64GotPage, &mut bytes[..4], address, slot)?;
    field::write(RelocKind::A64GotLow12, &mut bytes[4..8], address + 4, slot)?;
    Ok(bytes)
}

fn fault(unfit: Unfit, kind: RelocKind, address: u64) -> LinkError {
    match unfit {
        Unfit::TooFar => LinkError::TooFar(address),
        Unfit::Misaligned => LinkError::Misaligned(address),
        Unfit::Kind => LinkError::Kind(kind),
    }
}

/// Fills one hole of the code part. `base` is where in the part its blob begins, `symbol` the address it asks
/// for.
pub(crate) fn apply(
    memory: &mut Unsealed,
    stations: &mut Stations,
    base: usize,
    reloc: &Reloc,
    symbol: u64,
) -> Result<(), LinkError> {
    let offset = base + reloc.offset as usize;
    let place = memory.address(Part::Code, offset);
    let kind = reloc.kind;
    let origin = match kind {
        RelocKind::X86GotPcRel | RelocKind::A64GotPage | RelocKind::A64GotLow12 => {
            stations.slot(memory, symbol)
        }
        _ => symbol,
    };
    let fill = |memory: &mut Unsealed, target| {
        field::write(kind, &mut memory.bytes(Part::Code)[offset..offset + kind.size()], place, target)
    };
    let target = origin.wrapping_add_signed(reloc.addend);
    let mut filled = fill(memory, target);
    if filled == Err(Unfit::TooFar) && may_need_stub(kind) {
        let stub = stations.stub(memory, kind, symbol)?;
        filled = fill(memory, stub.wrapping_add_signed(reloc.addend));
    }
    filled.map_err(|unfit| fault(unfit, kind, target))
}
