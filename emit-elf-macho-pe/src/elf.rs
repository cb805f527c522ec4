//! Relocatable ELF objects.
//!
//! ```text
//!   .text                 functions in the given order
//!   .rodata .data.rel.ro  data that nobody writes; with addresses in it
//!   .data .bss            data that somebody writes; all zero
//!   .tdata .tbss          the same for each thread
//!   .eh_frame             how to unwind each function
//!   .note.gnu.property    what all code guards against
//!   .note.GNU-stack       the stack needs not be executable
//! ```
//!
//! Small by intent: local data has no symbol of its own (references go through its section's symbol), and
//! imports that nothing uses are left out.

use crate::{Machine, Object, WriteError, unwind};
use object::write::{
    Object as File, Relocation, SectionId, StandardSection, Symbol, SymbolId, SymbolSection,
};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionFlags, SectionKind, SymbolFlags,
    SymbolKind, SymbolScope, elf,
};
use pyexec_base::EntityVec;
use pyexec_codegen::{CodeBlob, Reloc, RelocKind, SymbolRef};
use pyexec_ir::{DataTarget, FuncId, Global, GlobalId, Linkage};
use std::collections::BTreeMap;

/// The bytes of the object file.
pub fn write(object: &Object<'_>) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new(object);
    writer.place_code();
    writer.place_data();
    writer.relocate_code()?;
    writer.relocate_data()?;
    writer.unwind()?;
    writer.properties();
    writer.file.add_section(Vec::new(), b".note.GNU-stack".to_vec(), SectionKind::Other);
    writer.file.write().map_err(|e| WriteError(e.to_string()))
}

/// What a relocation refers to: a symbol, and the distance from it to the thing meant.
type Place = (SymbolId, i64);

struct Writer<'a> {
    object: &'a Object<'a>,
    file: File<'a>,
    text: SectionId,
    /// Offsets in the code section, in the order of `object.code`.
    offsets: Vec<u64>,
    /// The same by function.
    starts: EntityVec<FuncId, Option<u64>>,
    funcs: EntityVec<FuncId, Option<Place>>,
    globals: EntityVec<GlobalId, Option<Place>>,
    /// Where the bytes of a global are.
    homes: EntityVec<GlobalId, Option<(SectionId, u64)>>,
    named: BTreeMap<&'static str, SymbolId>,
}

impl<'a> Writer<'a> {
    fn new(object: &'a Object<'a>) -> Self {
        let arch = match object.machine {
            Machine::X86_64 => Architecture::X86_64,
            Machine::Aarch64 => Architecture::Aarch64,
        };
        let mut file = File::new(BinaryFormat::Elf, arch, Endianness::Little);
        let text = file.section_id(StandardSection::Text);
        Self {
            object,
            file,
            text,
            offsets: Vec::with_capacity(object.code.len()),
            starts: EntityVec::filled(None, object.module.funcs.len()),
            funcs: EntityVec::filled(None, object.module.funcs.len()),
            globals: EntityVec::filled(None, object.module.globals.len()),
            homes: EntityVec::filled(None, object.module.globals.len()),
            named: BTreeMap::new(),
        }
    }

    fn place_code(&mut self) {
        for (id, blob) in self.object.code {
            let offset = self.file.append_section_data(self.text, &blob.bytes, u64::from(blob.align.max(1)));
            self.offsets.push(offset);
            self.starts[*id] = Some(offset);
            let func = &self.object.module.funcs[*id];
            let section = SymbolSection::Section(self.text);
            let symbol = symbol(&func.name, func.linkage, SymbolKind::Text, section);
            let size = u64::from(blob.code_len);
            let symbol = self.file.add_symbol(Symbol { value: offset, size, ..symbol });
            // A local function is named for debuggers and profilers; calls know their distance to it.
            self.funcs[*id] = Some((symbol, 0));
        }
    }

    fn place_data(&mut self) {
        let used = self.object.used_globals();
        for (id, global) in self.object.module.globals.iter().filter(|(id, _)| used.contains(*id)) {
            let kind = if global.thread_local { SymbolKind::Tls } else { SymbolKind::Data };
            if global.linkage == Linkage::Import {
                let symbol = symbol(&global.name, global.linkage, kind, SymbolSection::Undefined);
                self.globals[id] = Some((self.file.add_symbol(symbol), 0));
                continue;
            }
            let (section, offset) = self.append(global);
            self.homes[id] = Some((section, offset));
            // Thread-local data keeps its symbol: linkers want STT_TLS behind thread-local relocations.
            let place = if global.linkage == Linkage::Local && !global.thread_local {
                (self.file.section_symbol(section), offset as i64)
            } else {
                let symbol = symbol(&global.name, global.linkage, kind, SymbolSection::Section(section));
                (self.file.add_symbol(Symbol { value: offset, size: u64::from(global.size), ..symbol }), 0)
            };
            self.globals[id] = Some(place);
        }
    }

    fn append(&mut self, global: &Global) -> (SectionId, u64) {
        let zero = global.relocs.is_empty() && global.init.iter().all(|b| *b == 0);
        let section = match (global.thread_local, global.writable, zero) {
            (true, _, true) => StandardSection::UninitializedTls,
            (true, _, false) => StandardSection::Tls,
            (_, true, true) => StandardSection::UninitializedData,
            (_, true, false) => StandardSection::Data,
            (_, false, _) if global.relocs.is_empty() => StandardSection::ReadOnlyData,
            _ => StandardSection::ReadOnlyDataWithRel,
        };
        let section = self.file.section_id(section);
        let align = u64::from(global.align.max(1));
        let offset = if self.file.section(section).is_bss() {
            self.file.append_section_bss(section, u64::from(global.size), align)
        } else {
            let mut bytes = global.init.clone();
            bytes.resize(global.size as usize, 0);
            self.file.append_section_data(section, &bytes, align)
        };
        (section, offset)
    }

    fn relocate_code(&mut self) -> Result<(), WriteError> {
        for (index, (_, blob)) in self.object.code.iter().enumerate() {
            for reloc in &blob.relocs {
                let offset = self.offsets[index] + u64::from(reloc.offset);
                if self.patch_local(offset, reloc) {
                    continue;
                }
                let (symbol, distance) = self.place(reloc.symbol);
                let r_type = reloc_type(self.object.machine, blob, reloc)?;
                self.add(self.text, offset, r_type, (symbol, reloc.addend + distance))?;
            }
        }
        Ok(())
    }

    /// Distances between functions of this object need no linker, unless it might replace the callee.
    fn patch_local(&mut self, offset: u64, reloc: &Reloc) -> bool {
        let (SymbolRef::Func(id), RelocKind::X86PcRel32 | RelocKind::X86Call) = (reloc.symbol, reloc.kind)
        else {
            return false;
        };
        let Some(start) = self.starts[id].filter(|_| self.object.module.funcs[id].linkage == Linkage::Local)
        else {
            return false;
        };
        let distance = start as i64 + reloc.addend - offset as i64;
        let Ok(distance) = i32::try_from(distance) else { return false };
        let at = offset as usize;
        self.file.section_mut(self.text).data_mut()[at..at + 4].copy_from_slice(&distance.to_le_bytes());
        true
    }

    fn relocate_data(&mut self) -> Result<(), WriteError> {
        for (id, global) in self.object.module.globals.iter() {
            let Some((section, start)) = self.homes[id] else { continue };
            for reloc in &global.relocs {
                let (symbol, distance) = match reloc.target {
                    DataTarget::Func(func) => self.place(SymbolRef::Func(func)),
                    DataTarget::Global(global) => self.place(SymbolRef::Global(global)),
                };
                let offset = start + u64::from(reloc.offset);
                let r_type = plain(self.object.machine).0;
                self.add(section, offset, r_type, (symbol, reloc.addend + distance))?;
            }
        }
        Ok(())
    }

    fn unwind(&mut self) -> Result<(), WriteError> {
        if self.object.code.is_empty() {
            return Ok(());
        }
        let code: Vec<_> = self.offsets.iter().copied().zip(self.object.code.iter().map(|c| &c.1)).collect();
        let table = unwind::write(self.object.machine, &code)?;
        let section = self.file.section_id(StandardSection::EhFrame);
        let start = self.file.append_section_data(section, &table.bytes, 8);
        let text = self.file.section_symbol(self.text);
        for (offset, addend) in table.relocs {
            self.add(section, start + offset, plain(self.object.machine).1, (text, addend))?;
        }
        Ok(())
    }

    /// What linker and loader may rely on.
    fn properties(&mut self) {
        let Some(note) = self.object.property_note() else { return };
        let section = self.file.add_section(Vec::new(), b".note.gnu.property".to_vec(), SectionKind::Note);
        let section = self.file.section_mut(section);
        section.set_data(note, 8);
        section.flags = SectionFlags::Elf { sh_type: elf::SHT_NOTE, sh_flags: elf::SHF_ALLOC };
    }

    /// The symbol of what is referred to; names from elsewhere are declared when they are first met.
    fn place(&mut self, target: SymbolRef) -> Place {
        match target {
            SymbolRef::Func(id) => {
                let module = self.object.module;
                let declare = |file: &mut File<'_>| (undefined(file, &module.funcs[id].name), 0);
                *self.funcs[id].get_or_insert_with(|| declare(&mut self.file))
            }
            SymbolRef::Global(id) => self.globals[id].expect("invariant: used globals have been placed"),
            SymbolRef::Named(name) => {
                (*self.named.entry(name).or_insert_with(|| undefined(&mut self.file, name)), 0)
            }
        }
    }

    fn add(
        &mut self,
        section: SectionId,
        offset: u64,
        r_type: elf::RelocationType,
        (symbol, addend): Place,
    ) -> Result<(), WriteError> {
        let relocation = Relocation { offset, symbol, addend, flags: RelocationFlags::Elf { r_type } };
        self.file.add_relocation(section, relocation).map_err(|e| WriteError(e.to_string()))
    }
}

fn undefined(file: &mut File<'_>, name: &str) -> SymbolId {
    // A module may declare one import twice.
    file.symbol_id(name.as_bytes()).unwrap_or_else(|| {
        file.add_symbol(symbol(name, Linkage::Import, SymbolKind::Text, SymbolSection::Undefined))
    })
}

fn symbol(name: &str, linkage: Linkage, kind: SymbolKind, section: SymbolSection) -> Symbol {
    let scope = match linkage {
        Linkage::Import => SymbolScope::Unknown,
        Linkage::Local => SymbolScope::Compilation,
        Linkage::Export | Linkage::Weak => SymbolScope::Dynamic,
    };
    Symbol {
        name: name.as_bytes().to_vec(),
        value: 0,
        size: 0,
        kind,
        scope,
        weak: linkage == Linkage::Weak,
        section,
        flags: SymbolFlags::None,
    }
}

/// The relocations of data: an address of 8 bytes, a distance of 4.
fn plain(machine: Machine) -> (elf::RelocationType, elf::RelocationType) {
    match machine {
        Machine::X86_64 => (elf::R_X86_64_64, elf::R_X86_64_PC32),
        Machine::Aarch64 => (elf::R_AARCH64_ABS64, elf::R_AARCH64_PREL32),
    }
}

/// The relocation column (System V ABI AMD64, table 4.9).
fn reloc_type(machine: Machine, blob: &CodeBlob, reloc: &Reloc) -> Result<elf::RelocationType, WriteError> {
    Ok(match reloc.kind {
        RelocKind::Abs64 => plain(machine).0,
        RelocKind::X86PcRel32 => elf::R_X86_64_PC32,
        RelocKind::X86Call => elf::R_X86_64_PLT32,
        RelocKind::X86TlsGd => elf::R_X86_64_TLSGD,
        RelocKind::X86GotPcRel if is_got_load(blob, reloc) => elf::R_X86_64_REX_GOTPCRELX,
        RelocKind::X86GotPcRel => elf::R_X86_64_GOTPCREL,
        // ELF for the Arm 64-bit Architecture (IHI 0056), 5.7.
        RelocKind::A64Call if is_a64_jump(blob, reloc) => elf::R_AARCH64_JUMP26,
        RelocKind::A64Call => elf::R_AARCH64_CALL26,
        RelocKind::A64Page => elf::R_AARCH64_ADR_PREL_PG_HI21,
        RelocKind::A64AddLow12 => elf::R_AARCH64_ADD_ABS_LO12_NC,
        RelocKind::A64GotPage => elf::R_AARCH64_ADR_GOT_PAGE,
        RelocKind::A64GotLow12 => elf::R_AARCH64_LD64_GOT_LO12_NC,
        RelocKind::A64TlsPage => elf::R_AARCH64_TLSDESC_ADR_PAGE21,
        RelocKind::A64TlsLoadLow12 => elf::R_AARCH64_TLSDESC_LD64_LO12,
        RelocKind::A64TlsAddLow12 => elf::R_AARCH64_TLSDESC_ADD_LO12,
        RelocKind::A64TlsCall => elf::R_AARCH64_TLSDESC_CALL,
        RelocKind::A64TlvPage
        | RelocKind::A64TlvLow12
        | RelocKind::A64SecRelHigh12
        | RelocKind::A64SecRelLow12 => {
            return Err(WriteError(format!("ELF has no relocation for {:?}", reloc.kind)));
        }
    })
}

/// `b`, where `bl` has bit 31 set.
fn is_a64_jump(blob: &CodeBlob, reloc: &Reloc) -> bool {
    blob.bytes.get(reloc.offset as usize + 3).is_some_and(|byte| byte & 0x80 == 0)
}

/// `mov reg, [rip + got]` with a REX prefix: the linker may turn it into `lea reg, [rip + symbol]` when the
/// symbol turns out to be near, so it has to be told what the instruction is.
fn is_got_load(blob: &CodeBlob, reloc: &Reloc) -> bool {
    let at = reloc.offset as usize;
    at >= 3 && blob.bytes[at - 3] & 0xf0 == 0x40 && blob.bytes[at - 2] == 0x8b
}
