//! Unwind rows to `.eh_frame` (DWARF call frame information; System V ABI AMD64, section 4.2.4).

use crate::{Machine, WriteError};
use gimli::write::{
    Address, CallFrameInstruction, CommonInformationEntry, EhFrame, EndianVec, FrameDescriptionEntry,
    FrameTable, RelocateWriter, Relocation,
};
use gimli::{Encoding, Format, LittleEndian, Register, constants};
use pyexec_codegen::{CodeBlob, UnwindOp};

/// The section's bytes and the places in it that hold addresses of code.
pub struct Unwind {
    pub bytes: Vec<u8>,
    /// Offset in the section, and offset in the code section that it refers to; 4 bytes, relative.
    pub relocs: Vec<(u64, i64)>,
}

/// Rules that hold at a function's first instruction.
struct Entry {
    return_address: Register,
    stack_pointer: Register,
    /// From the stack pointer to the canonical frame address.
    cfa_offset: i32,
    /// Whether the call has put the return address just below the canonical frame address.
    pushed: bool,
    code_align: u8,
    data_align: i8,
}

fn entry(machine: Machine) -> Entry {
    match machine {
        // The psABI's numbers: 7 = rsp, 16 = return address.
        Machine::X86_64 => Entry {
            return_address: Register(16),
            stack_pointer: Register(7),
            cfa_offset: 8,
            pushed: true,
            code_align: 1,
            data_align: -8,
        },
        // DWARF for the Arm 64-bit Architecture (IHI 0057), 4.1: 30 = x30, 31 = sp.
        Machine::Aarch64 => Entry {
            return_address: Register(30),
            stack_pointer: Register(31),
            cfa_offset: 0,
            pushed: false,
            code_align: 4,
            data_align: -8,
        },
    }
}

/// One table for all functions: each with its offset in the code section.
pub fn write(machine: Machine, code: &[(u64, &CodeBlob)]) -> Result<Unwind, WriteError> {
    let mut table = FrameTable::default();
    let cie = table.add_cie(common(&entry(machine)));
    for (offset, blob) in code {
        // Symbol 0 stands for the code section.
        let start = Address::Symbol { symbol: 0, addend: *offset as i64 };
        let mut fde = FrameDescriptionEntry::new(start, blob.code_len);
        for (at, op) in &blob.unwind {
            fde.add_instruction(*at, instruction(*op));
        }
        table.add_fde(cie, fde);
    }
    let mut section = EhFrame(Recorder { bytes: EndianVec::new(LittleEndian), relocs: Vec::new() });
    table.write_eh_frame(&mut section).map_err(|e| WriteError(format!("unwind table: {e}")))?;
    Ok(Unwind { bytes: section.0.bytes.into_vec(), relocs: section.0.relocs })
}

fn common(entry: &Entry) -> CommonInformationEntry {
    let encoding = Encoding { format: Format::Dwarf32, version: 1, address_size: 8 };
    let mut cie =
        CommonInformationEntry::new(encoding, entry.code_align, entry.data_align, entry.return_address);
    // Position-independent: `.eh_frame` of a shared library must need no relocation when it is loaded.
    cie.fde_address_encoding = constants::DW_EH_PE_pcrel | constants::DW_EH_PE_sdata4;
    cie.add_instruction(CallFrameInstruction::Cfa(entry.stack_pointer, entry.cfa_offset));
    if entry.pushed {
        cie.add_instruction(CallFrameInstruction::Offset(entry.return_address, -entry.cfa_offset));
    }
    cie
}

fn instruction(op: UnwindOp) -> CallFrameInstruction {
    match op {
        UnwindOp::DefCfa(reg, offset) => CallFrameInstruction::Cfa(Register(reg), offset),
        UnwindOp::CfaOffset(offset) => CallFrameInstruction::CfaOffset(offset),
        UnwindOp::CfaRegister(reg) => CallFrameInstruction::CfaRegister(Register(reg)),
        UnwindOp::Saved(reg, offset) => CallFrameInstruction::Offset(Register(reg), offset),
        UnwindOp::Restored(reg) => CallFrameInstruction::Restore(Register(reg)),
        UnwindOp::RememberState => CallFrameInstruction::RememberState,
        UnwindOp::RestoreState => CallFrameInstruction::RestoreState,
        UnwindOp::NegateRaState => CallFrameInstruction::NegateRaState,
    }
}

struct Recorder {
    bytes: EndianVec<LittleEndian>,
    relocs: Vec<(u64, i64)>,
}

impl RelocateWriter for Recorder {
    type Writer = EndianVec<LittleEndian>;

    fn writer(&self) -> &Self::Writer {
        &self.bytes
    }
    fn writer_mut(&mut self) -> &mut Self::Writer {
        &mut self.bytes
    }
    fn relocate(&mut self, relocation: Relocation) {
        self.relocs.push((relocation.offset as u64, relocation.addend));
    }
}
