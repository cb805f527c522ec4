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
use pyexec_codegen::{CodeBlob, SymbolRef};
use pyexec_ir::{DataTarget, FuncId, Global, GlobalId, Linkage, Module};
use std::fmt;

/// A file format for objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Linux and most other Unix systems.
    Elf,
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
    }
}
