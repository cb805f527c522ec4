//! Object files from code blobs and data.
//!
//! One file a format, all with the same input; this crate knows nothing of Python, and of machines only
//! the numbers of their relocations and registers in files.
#![forbid(unsafe_code)]

mod asm;
mod elf;
mod header;
mod unwind;

pub use asm::write_assembly;
pub use header::{CType, ExportedFunc, Header, write_header};

use pyexec_base::BitSet;
use pyexec_codegen::{CodeBlob, Guards, SymbolRef};
use pyexec_ir::{DataTarget, FuncId, Global, GlobalId, Linkage, Module};
use std::fmt;

/// A file format for objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Linux and most other Unix systems.
    Elf,
    /// Apple's systems; as assembly only.
    MachO,
    /// Windows; as assembly only.
    Coff,
}

impl Format {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Elf => "ELF",
            Format::MachO => "Mach-O",
            Format::Coff => "COFF",
        }
    }
    /// Whether [`write_object`] knows it.
    pub fn has_writer(self) -> bool {
        self == Format::Elf
    }
}

/// A machine, as object files name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Machine {
    /// AMD64.
    X86_64,
    /// Arm, 64 bits.
    Aarch64,
}

/// What goes into an object file.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// For which machine the code is.
    pub machine: Machine,
    /// Names, linkage and data.
    pub module: &'a Module,
    /// The code of every defined function that is wanted, in the order in which it is laid out.
    pub code: &'a [(FuncId, CodeBlob)],
}

impl Object<'_> {
    /// What all its code guards against. An object without code has nothing to promise.
    fn guards(&self) -> Guards {
        let all = |guard: fn(&Guards) -> bool| {
            !self.code.is_empty() && self.code.iter().all(|c| guard(&c.1.guards))
        };
        Guards { landing_pads: all(|g| g.landing_pads), signed_returns: all(|g| g.signed_returns) }
    }

    /// The contents of `.note.gnu.property`, if there is anything to note there (ELF for the Arm 64-bit
    /// Architecture, "Program Property"): a note of type 5 by "GNU", with one property.
    fn property_note(&self) -> Option<Vec<u8>> {
        /// GNU_PROPERTY_AARCH64_FEATURE_1_AND.
        const FEATURES: u32 = 0xc000_0000;
        let guards = self.guards();
        let bits = u32::from(guards.landing_pads) | u32::from(guards.signed_returns) << 1;
        let name = u32::from_le_bytes(*b"GNU\0");
        // Sizes of name and contents, type, name; kind, size, bits and padding of the property.
        let words = [4, 16, 5, name, FEATURES, 4, bits, 0];
        (bits != 0 && self.machine == Machine::Aarch64).then(|| words.map(u32::to_le_bytes).concat())
    }

    /// The globals that the code needs, those that their bytes refer to, and all that others may see.
    pub fn used_globals(&self) -> BitSet<GlobalId> {
        let module = self.module;
        let visible = |g: &Global| matches!(g.linkage, Linkage::Export | Linkage::Weak);
        let mut work: Vec<_> = module.globals.iter().filter(|(_, g)| visible(g)).map(|(id, _)| id).collect();
        for (_, blob) in self.code {
            work.extend(blob.relocs.iter().filter_map(|r| match r.symbol {
                SymbolRef::Global(id) => Some(id),
                _ => None,
            }));
        }
        let mut used = BitSet::new();
        while let Some(id) = work.pop() {
            if used.insert(id) {
                work.extend(module.globals[id].relocs.iter().filter_map(|r| match r.target {
                    DataTarget::Global(id) => Some(id),
                    DataTarget::Func(_) => None,
                }));
            }
        }
        used
    }
}

/// Why an object cannot be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WriteError(pub String);

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write the object file: {}", self.0)
    }
}

impl std::error::Error for WriteError {}

/// The bytes of a relocatable object file. Same input, same bytes.
///
/// Data of linkage `Local` is left out unless code or other data that is written refers to it, and so are
/// names that nothing refers to.
pub fn write_object(format: Format, object: &Object<'_>) -> Result<Vec<u8>, WriteError> {
    match format {
        Format::Elf => elf::write(object),
        Format::MachO | Format::Coff => {
            Err(WriteError(format!("there is no writer of {} files yet", format.name())))
        }
    }
}
