//! Fills the holes of code with addresses, and makes way stations for what lies too far away.
//!
//! A call of a function beyond 2 GiB goes to a stub behind the code, which jumps through an address among the
//! constants; a load from the GOT reads the same address. Each symbol has one stub and one address at most.

use crate::link::LinkError;
use crate::memory::{Part, Unsealed};
use pyexec_codegen::{Reloc, RelocKind};
use std::collections::BTreeMap;

/// Bytes of one stub: `jmp [rip + distance]`, padded.
pub(crate) const STUB_SIZE: usize = 8;
/// Bytes of one address.
pub(crate) const SLOT_SIZE: usize = 8;

/// Stubs and addresses made so far.
#[derive(Default)]
pub(crate) struct Stations {
    /// Where in the code part stubs begin.
    pub stubs_at: usize,
    /// Where in the constant part addresses begin.
    pub slots_at: usize,
    slots: BTreeMap<u64, usize>,
    stubs: BTreeMap<u64, usize>,
}

impl Stations {
    /// Offset in the constant part of the address of a symbol.
    fn slot(&mut self, memory: &mut Unsealed, symbol: u64) -> usize {
        let next = self.slots_at + SLOT_SIZE * self.slots.len();
        *self.slots.entry(symbol).or_insert_with(|| {
            memory.bytes(Part::Constant)[next..next + SLOT_SIZE].copy_from_slice(&symbol.to_le_bytes());
            next
        })
    }

    /// Address of a stub that jumps to a symbol.
    fn stub(&mut self, memory: &mut Unsealed, symbol: u64) -> Result<u64, LinkError> {
        if let Some(offset) = self.stubs.get(&symbol) {
            return Ok(memory.address(Part::Code, *offset));
        }
        let slot = self.slot(memory, symbol);
        let offset = self.stubs_at + STUB_SIZE * self.stubs.len();
        self.stubs.insert(symbol, offset);
        let (from, to) = (memory.address(Part::Code, offset), memory.address(Part::Constant, slot));
        let distance = distance(from + 6, to)?.to_le_bytes();
        // jmp qword ptr [rip + distance]: FF /4 (SDM vol. 2, JMP); int3 behind it.
        let bytes = [0xff, 0x25, distance[0], distance[1], distance[2], distance[3], 0xcc, 0xcc];
        memory.bytes(Part::Code)[offset..offset + STUB_SIZE].copy_from_slice(&bytes);
        Ok(memory.address(Part::Code, offset))
    }
}

fn distance(from: u64, to: u64) -> Result<i32, LinkError> {
    i32::try_from(to.wrapping_sub(from) as i64).map_err(|_| LinkError::TooFar(to))
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
    let with_addend = symbol.wrapping_add_signed(reloc.addend);
    let word = match reloc.kind {
        RelocKind::Abs64 => {
            memory.bytes(Part::Code)[offset..offset + 8].copy_from_slice(&with_addend.to_le_bytes());
            return Ok(());
        }
        RelocKind::X86PcRel32 => distance(place, with_addend)?,
        RelocKind::X86Call => match distance(place, with_addend) {
            Ok(near) => near,
            Err(_) => distance(place, stations.stub(memory, symbol)?.wrapping_add_signed(reloc.addend))?,
        },
        RelocKind::X86GotPcRel => {
            let slot = stations.slot(memory, symbol);
            let slot = memory.address(Part::Constant, slot);
            distance(place, slot.wrapping_add_signed(reloc.addend))?
        }
        other => return Err(LinkError::Kind(other)),
    };
    memory.bytes(Part::Code)[offset..offset + 4].copy_from_slice(&word.to_le_bytes());
    Ok(())
}
