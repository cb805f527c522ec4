//! Linking in memory: blobs and globals of a module become code that can run.
//!
//! One call links one unit; dropping its [`CodeHandle`] frees the unit's memory. Whoever wants to free or replace
//! single functions links each as a unit of its own, with the others as imports that `resolve` answers.

use crate::memory::{Part, Sealed, Unsealed};
use crate::relocate::{self, GROUP_SIZE, SLOT_SIZE, STUB_SIZE, Stations};
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
    /// This datum is each thread's own, which code in memory has no place for.
    ThreadLocal(String),
    /// No memory, or no permission to run what was written.
    Memory(std::io::Error),
    /// This address is too far from the code that refers to it.
    TooFar(u64),
    /// Code refers to this address in units of which it is no multiple.
    Misaligned(u64),
    /// A relocation that code for memory does not have.
    Kind(RelocKind),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Undefined(name) => write!(f, "nothing defines `{name}`"),
            LinkError::ThreadLocal(name) => {
                write!(f, "`{name}` is thread-local: only objects and libraries have data of that kind")
            }
            LinkError::Memory(error) => write!(f, "no memory for code: {error}"),
            LinkError::TooFar(address) => write!(f, "{address:#x} is out of reach of the code"),
            LinkError::Misaligned(address) => write!(f, "{address:#x} is not aligned as the code wants it"),
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
    /// Blobs that share stubs: the index behind the last one, and where the stubs lie.
    groups: Vec<(usize, usize)>,
    globals: Vec<Option<(Part, usize)>>,
    slots_at: usize,
    sizes: [usize; 3],
}

fn plan(module: &Module, code: &[(FuncId, CodeBlob)]) -> Plan {
    let mut sizes = [0usize; 3];
    let (blobs, groups) = plan_code(code, &mut sizes[Part::Code as usize]);
    let mut place_global = |global: &Global| {
        let part = if global.writable { Part::Data } else { Part::Constant };
        let defined = global.linkage != Linkage::Import;
        defined.then(|| (part, place(&mut sizes[part as usize], global.size as usize, global.align)))
    };
    let globals = module.globals.values().map(&mut place_global).collect();
    let relocs: usize = code.iter().map(|(_, blob)| blob.relocs.len()).sum();
    let slots_at = place(&mut sizes[Part::Constant as usize], SLOT_SIZE * relocs, SLOT_SIZE as u32);
    Plan { blobs, groups, globals, slots_at, sizes }
}

/// Blobs one after the other, and behind each group of them room for as many stubs as it may need.
fn plan_code(code: &[(FuncId, CodeBlob)], end: &mut usize) -> (Vec<usize>, Vec<(usize, usize)>) {
    let (mut blobs, mut groups) = (Vec::new(), Vec::new());
    let (mut start, mut calls) = (0, 0);
    for (index, (_, blob)) in code.iter().enumerate() {
        if *end > start && *end + blob.bytes.len() - start > GROUP_SIZE {
            groups.push((index, place(end, STUB_SIZE * calls, STUB_SIZE as u32)));
            (start, calls) = (*end, 0);
        }
        blobs.push(place(end, blob.bytes.len(), blob.align));
        calls += blob.relocs.iter().filter(|r| relocate::may_need_stub(r.kind)).count();
    }
    groups.push((code.len(), place(end, STUB_SIZE * calls, STUB_SIZE as u32)));
    (blobs, groups)
}

/// Takes `size` bytes behind `end`; where they begin.
fn place(end: &mut usize, size: usize, align: u32) -> usize {
    let start = end.next_multiple_of(align.max(1) as usize);
    *end = start + size;
    start
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
    let stations = Stations::new(plan.slots_at);
    let [text, constants, data] = plan.sizes;
    let memory = Unsealed::new(text, constants, data).map_err(LinkError::Memory)?;
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
        let mut group_end = 0;
        let mut groups = std::mem::take(&mut self.plan.groups).into_iter();
        for (index, (_, blob)) in code.iter().enumerate() {
            if index == group_end
                && let Some((end, stubs_at)) = groups.next()
            {
                group_end = end;
                self.stations.begin_group(stubs_at);
            }
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
            SymbolRef::Global(global) if self.module.globals[global].thread_local => {
                return Err(LinkError::ThreadLocal(self.module.globals[global].name.clone()));
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use pyexec_codegen::Reloc;
    use pyexec_ir::{CallConv, Func};

    fn unit(sizes: &[usize], calls: &[(u32, usize)]) -> (Module, Vec<(FuncId, CodeBlob)>) {
        let mut module = Module::new();
        let ids: Vec<FuncId> = (0..sizes.len())
            .map(|i| {
                let sig = Signature::new(CallConv::Fast, &[], &[]);
                module.funcs.push(Func::new(&format!("f{i}"), sig, Linkage::Export))
            })
            .collect();
        let blob = |size: usize| CodeBlob { bytes: vec![0; size], align: 16, ..CodeBlob::default() };
        let mut code: Vec<_> = ids.iter().zip(sizes).map(|(id, size)| (*id, blob(*size))).collect();
        for (offset, callee) in calls {
            let symbol = SymbolRef::Func(ids[*callee]);
            let reloc = Reloc { offset: *offset, kind: RelocKind::A64Call, symbol, addend: 0 };
            code[0].1.relocs.push(reloc);
        }
        (module, code)
    }

    #[test]
    fn stubs_lie_behind_each_group_within_reach() {
        const MIB: usize = 1 << 20;
        let (_, code) = unit(&[40 * MIB, 20 * MIB, 30 * MIB, 90 * MIB, 16], &[(0, 3), (4, 3), (8, 4)]);
        let mut end = 0;
        let (blobs, groups) = plan_code(&code, &mut end);
        assert_eq!(groups.iter().map(|g| g.0).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(groups[0].1, 60 * MIB);
        assert_eq!(blobs[2], 60 * MIB + 3 * STUB_SIZE, "behind the stubs of the calls in the first group");
        assert_eq!(groups[1].1, blobs[3], "no calls, no stubs");
        assert_eq!(end, blobs[4] + 16);
    }

    #[test]
    fn a_call_across_more_than_128_mib_goes_through_a_stub() {
        const MIB: usize = 1 << 20;
        let (module, code) = unit(&[70 * MIB, 70 * MIB, 16], &[(0, 1), (4, 2)]);
        let linked = link(&module, &code, &mut |_| None).expect("linked");
        let address = |name| linked.address(name).expect("defined");
        // SAFETY: eight bytes of the first function, which is mapped readable as long as the handle lives.
        let words = unsafe { std::slice::from_raw_parts(address("f0") as *const i32, 2) };
        let to = |index: usize| {
            (address("f0") + 4 * index as u64).wrapping_add_signed(i64::from(words[index] << 6 >> 4))
        };
        assert_eq!(to(0), address("f1"), "within reach: directly");
        assert_eq!(to(1), address("f0") + 70 * MIB as u64, "to the stub behind the first group");
    }
}
