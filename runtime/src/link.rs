//! Linking in memory: blobs and globals of a module become code that can run.
//!
//! One call links one unit; dropping its [`CodeHandle`] frees the unit's memory. Whoever wants to free or replace
//! single functions links each as a unit of its own, with the others as imports that `resolve` answers.

use crate::memory::{Part, Sealed, Unsealed};
use crate::relocate::{self, SLOT_SIZE, STUB_SIZE, Stations};
use pyexec_base::{EntityId, Loc};
use pyexec_codegen::{CodeBlob, RelocKind, SymbolRef};
use pyexec_ir::{DataTarget, FuncId, Global, GlobalId, Linkage, Module, Signature, TrapCode};
use std::collections::BTreeMap;
use std::fmt;

/// Why linking failed.
#[derive(Debug)]
pub enum LinkError {
    /// Nobody defines this symbol.
    Undefined(String),
    /// No memory, or no permission to run what was written.
    Memory(std::io::Error),
    /// A datum lies more than 2 GiB from the code that refers to it.
    TooFar(u64),
    /// A relocation that code for memory does not have.
    Kind(RelocKind),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Undefined(name) => write!(f, "nothing defines `{name}`"),
            LinkError::Memory(error) => write!(f, "no memory for code: {error}"),
            LinkError::TooFar(address) => write!(f, "{address:#x} is out of reach of the code"),
            LinkError::Kind(kind) => write!(f, "a relocation {kind:?} cannot be resolved in memory"),
        }
    }
}

impl std::error::Error for LinkError {}

/// A function in memory.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    pub address: u64,
    pub len: u64,
    pub sig: Signature,
    pub traps: Vec<(u32, TrapCode)>,
    pub lines: Vec<(u32, Loc)>,
}

/// Code and data of a unit in memory; dropping it frees them.
#[derive(Debug)]
pub struct CodeHandle {
    memory: Sealed,
    pub(crate) functions: BTreeMap<String, Linked>,
    /// The same by ascending address, for traps.
    by_address: Vec<(u64, String)>,
    globals: BTreeMap<String, u64>,
}

impl CodeHandle {
    /// The address of a function of this unit.
    pub fn address(&self, name: &str) -> Option<u64> {
        self.functions.get(name).map(|f| f.address)
    }
    /// The address of a global of this unit.
    pub fn global(&self, name: &str) -> Option<u64> {
        self.globals.get(name).copied()
    }
    /// The signature of a function of this unit.
    pub fn signature(&self, name: &str) -> Option<&Signature> {
        self.functions.get(name).map(|f| &f.sig)
    }
    /// The functions by name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }
    /// The addresses of the code.
    pub fn code(&self) -> std::ops::Range<u64> {
        self.memory.code()
    }
    /// Why the instruction at `pc` trapped, and where it comes from.
    pub(crate) fn trap_at(&self, pc: u64) -> Option<(TrapCode, Loc)> {
        let after = self.by_address.partition_point(|(start, _)| *start <= pc);
        let (start, name) = self.by_address.get(after.checked_sub(1)?)?;
        let function = self.functions.get(name).filter(|f| pc < start + f.len)?;
        let offset = (pc - start) as u32;
        let trap = function.traps.iter().find(|(at, _)| *at == offset)?.1;
        let line = function.lines.partition_point(|(at, _)| *at <= offset);
        let loc = line.checked_sub(1).map_or(Loc::UNKNOWN, |i| function.lines[i].1);
        Some((trap, loc))
    }
}

/// Where everything will lie, as offsets in the parts.
struct Plan {
    blobs: Vec<usize>,
    globals: Vec<Option<(Part, usize)>>,
    sizes: [usize; 3],
}

fn plan(module: &Module, code: &[(FuncId, CodeBlob)]) -> Plan {
    let mut sizes = [0usize; 3];
    let mut place = |part: Part, size: usize, align: u32| {
        let end = &mut sizes[part as usize];
        let start = end.next_multiple_of(align.max(1) as usize);
        *end = start + size;
        start
    };
    let blobs = code.iter().map(|(_, blob)| place(Part::Code, blob.bytes.len(), blob.align)).collect();
    let mut place_global = |global: &Global| {
        let part = if global.writable { Part::Data } else { Part::Constant };
        let defined = global.linkage != Linkage::Import;
        defined.then(|| (part, place(part, global.size as usize, global.align)))
    };
    let globals = module.globals.values().map(&mut place_global).collect();
    Plan { blobs, globals, sizes }
}

struct Linker<'a> {
    module: &'a Module,
    plan: Plan,
    memory: Unsealed,
    stations: Stations,
    functions: Vec<Option<u64>>,
    resolve: &'a mut dyn FnMut(&str) -> Option<u64>,
}

/// Links the functions of `code` and the globals of `module`. What they import is asked of `resolve`, by symbol.
///
/// # Errors
/// See [`LinkError`].
pub fn link(
    module: &Module,
    code: &[(FuncId, CodeBlob)],
    resolve: &mut dyn FnMut(&str) -> Option<u64>,
) -> Result<CodeHandle, LinkError> {
    let plan = plan(module, code);
    let relocs: usize = code.iter().map(|(_, blob)| blob.relocs.len()).sum();
    let mut stations = Stations::default();
    stations.stubs_at = plan.sizes[0].next_multiple_of(STUB_SIZE);
    stations.slots_at = plan.sizes[1].next_multiple_of(SLOT_SIZE);
    let (stubs, slots) = (stations.stubs_at + STUB_SIZE * relocs, stations.slots_at + SLOT_SIZE * relocs);
    let memory = Unsealed::new(stubs, slots, plan.sizes[2]).map_err(LinkError::Memory)?;
    let mut functions = vec![None; module.funcs.len()];
    for ((id, _), offset) in code.iter().zip(&plan.blobs) {
        functions[id.index()] = Some(memory.address(Part::Code, *offset));
    }
    let mut linker = Linker { module, plan, memory, stations, functions, resolve };
    linker.code(code)?;
    linker.data()?;
    linker.finish(code)
}

impl Linker<'_> {
    fn code(&mut self, code: &[(FuncId, CodeBlob)]) -> Result<(), LinkError> {
        for (index, (_, blob)) in code.iter().enumerate() {
            let base = self.plan.blobs[index];
            self.memory.bytes(Part::Code)[base..base + blob.bytes.len()].copy_from_slice(&blob.bytes);
            for reloc in &blob.relocs {
                let symbol = self.symbol(reloc.symbol)?;
                relocate::apply(&mut self.memory, &mut self.stations, base, reloc, symbol)?;
            }
        }
        Ok(())
    }

    fn data(&mut self) -> Result<(), LinkError> {
        for (id, global) in self.module.globals.iter() {
            let Some((part, start)) = self.plan.globals[id.index()] else { continue };
            self.memory.bytes(part)[start..start + global.init.len()].copy_from_slice(&global.init);
            for reloc in &global.relocs {
                let symbol = match reloc.target {
                    DataTarget::Func(func) => self.symbol(SymbolRef::Func(func))?,
                    DataTarget::Global(global) => self.symbol(SymbolRef::Global(global))?,
                };
                let at = start + reloc.offset as usize;
                let bytes = symbol.wrapping_add_signed(reloc.addend).to_le_bytes();
                self.memory.bytes(part)[at..at + 8].copy_from_slice(&bytes);
            }
        }
        Ok(())
    }

    fn symbol(&mut self, symbol: SymbolRef) -> Result<u64, LinkError> {
        let name = match symbol {
            SymbolRef::Func(func) => match self.functions[func.index()] {
                Some(address) => return Ok(address),
                None => self.module.funcs[func].name.as_str(),
            },
            SymbolRef::Global(global) => match self.global(global) {
                Some(address) => return Ok(address),
                None => self.module.globals[global].name.as_str(),
            },
            SymbolRef::Named(name) => name,
        };
        (self.resolve)(name).ok_or_else(|| LinkError::Undefined(name.to_string()))
    }

    fn global(&self, global: GlobalId) -> Option<u64> {
        self.plan.globals[global.index()].map(|(part, offset)| self.memory.address(part, offset))
    }

    fn finish(self, code: &[(FuncId, CodeBlob)]) -> Result<CodeHandle, LinkError> {
        let mut functions = BTreeMap::new();
        for (id, blob) in code {
            let Some(address) = self.functions[id.index()] else { continue };
            let linked = Linked {
                address,
                len: blob.bytes.len() as u64,
                sig: self.module.funcs[*id].sig.clone(),
                traps: blob.traps.clone(),
                lines: blob.lines.clone(),
            };
            functions.insert(self.module.funcs[*id].name.clone(), linked);
        }
        let globals = self.module.globals.iter();
        let globals = globals.filter_map(|(id, g)| Some((g.name.clone(), self.global(id)?))).collect();
        let mut by_address: Vec<(u64, String)> =
            functions.iter().map(|(name, f): (&String, &Linked)| (f.address, name.clone())).collect();
        by_address.sort_unstable();
        let memory = self.memory.seal().map_err(LinkError::Memory)?;
        Ok(CodeHandle { memory, functions, by_address, globals })
    }
}
