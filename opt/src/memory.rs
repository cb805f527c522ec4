//! Versions of memory: two loads with equal addresses and equal versions see the same bytes.
//!
//! Memory is divided into parts (regions, and single globals as far as they are addressed directly). A
//! write gives the parts that it may touch a new version. Where paths meet, a part keeps its version if
//! all of them agree; at a loop header, also if no block of the loop writes it.

use crate::Facts;
use pyexec_base::{BitSet, EntityVec};
use pyexec_ir::{Block, Cfg, Effects, Format, Func, GlobalId, Imm, Inst, Loops, Opcode, Region, Value};

/// Globals with a part of their own; further ones share one.
const OWN_PARTS: usize = 9;
const UNKNOWN: usize = 0;
const ANY: usize = 1;
const STACK: usize = 2;
const SOME_GLOBAL: usize = 3;
const ALL_GLOBALS: usize = 4;
const ARRAY: usize = 5;
const HEADER: usize = 6;
const FIRST_OWN: usize = 7;
const PARTS: usize = FIRST_OWN + OWN_PARTS;

/// A set of parts.
type Mask = u16;

/// The version of every part at one point.
pub(crate) type Versions = [u32; PARTS];

/// What one access touches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Memory that never changes.
    Constant,
    /// One of the parts.
    Part(usize),
}

/// The parts of one function's memory.
pub(crate) struct Memory {
    own: Vec<GlobalId>,
    read_only: BitSet<GlobalId>,
}

impl Memory {
    /// Chooses the globals that get parts of their own: the first ones.
    pub fn new(func: &Func, facts: &Facts) -> Self {
        let mut memory = Self { own: Vec::new(), read_only: BitSet::new() };
        for inst in func.layout.iter().flat_map(|b| &func.block(*b).insts) {
            let data = func.inst(*inst);
            let Imm::Global(id, _) = data.imm else { continue };
            if facts.global(id).is_some_and(|g| !g.writable) {
                memory.read_only.insert(id);
            } else if memory.own.len() < OWN_PARTS && !memory.own.contains(&id) {
                memory.own.push(id);
            }
        }
        memory
    }

    /// The part that a load or store touches. Only direct accesses inside of the global count as its own.
    pub fn place(&self, func: &Func, facts: &Facts, inst: Inst) -> Place {
        let Imm::Mem(offset, region) = func.inst(inst).imm else { return Place::Part(UNKNOWN) };
        let address = func.args(inst).last().copied();
        match (region, address.and_then(|a| direct_global(func, a))) {
            (Region::Constant, _) => Place::Constant,
            (Region::Global, Some((id, start))) => {
                let at = start as i64 + offset as i64;
                let inside = facts.global(id).is_some_and(|g| (0..g.size as i64).contains(&at));
                match self.own.iter().position(|g| *g == id) {
                    _ if inside && self.read_only.contains(id) => Place::Constant,
                    Some(index) if inside => Place::Part(FIRST_OWN + index),
                    _ => Place::Part(SOME_GLOBAL),
                }
            }
            (Region::Global, None) => Place::Part(SOME_GLOBAL),
            (Region::Unknown, _) => Place::Part(UNKNOWN),
            (Region::Stack, _) => Place::Part(STACK),
            (Region::Array, _) => Place::Part(ARRAY),
            (Region::Header, _) => Place::Part(HEADER),
        }
    }

    /// The parts to which an instruction gives a new version.
    pub fn written(&self, func: &Func, facts: &Facts, inst: Inst) -> Mask {
        let effects = func.inst(inst).op.effects();
        if effects.has(Effects::CALLS) {
            return if facts.is_pure_call(func, inst) { 0 } else { 1 << UNKNOWN | 1 << ANY };
        }
        if effects.has(Effects::ATOMIC) {
            return 1 << UNKNOWN | 1 << ANY;
        }
        if !effects.has(Effects::WRITES) {
            return 0;
        }
        match self.place(func, facts, inst) {
            Place::Part(part @ (SOME_GLOBAL | FIRST_OWN..)) => 1 << part | 1 << ALL_GLOBALS | 1 << ANY,
            Place::Part(part) => 1 << part | 1 << ANY,
            // Refused by the verifier or undefined; the cautious answer.
            Place::Constant => 1 << UNKNOWN | 1 << ANY,
        }
    }

    /// The parts whose versions a read of `place` depends on.
    pub fn read(place: Place) -> Mask {
        match place {
            Place::Constant => 0,
            Place::Part(UNKNOWN) => 1 << ANY,
            Place::Part(SOME_GLOBAL) => 1 << ALL_GLOBALS | 1 << UNKNOWN,
            Place::Part(part @ FIRST_OWN..) => 1 << part | 1 << SOME_GLOBAL | 1 << UNKNOWN,
            Place::Part(part) => 1 << part | 1 << UNKNOWN,
        }
    }

    /// The parts that each loop writes, by loop.
    pub fn written_in_loops(&self, func: &Func, facts: &Facts, cfg: &Cfg, loops: &Loops) -> Vec<Mask> {
        let mut masks = vec![0; loops.len()];
        for block in cfg.rpo() {
            let Some(l) = loops.innermost(*block) else { continue };
            let insts = func.block(*block).insts.iter();
            let mask = insts.fold(0, |mask, inst| mask | self.written(func, facts, *inst));
            masks[pyexec_base::EntityId::index(l)] |= mask;
        }
        for (l, data) in loops.iter().rev() {
            let mask = masks[pyexec_base::EntityId::index(l)];
            data.parent.iter().for_each(|p| masks[pyexec_base::EntityId::index(*p)] |= mask);
        }
        masks
    }
}

/// The global and offset that an address is made of.
pub(crate) fn direct_global(func: &Func, address: Value) -> Option<(GlobalId, i32)> {
    match func.inst(func.def_inst(address)?).imm {
        Imm::Global(id, offset) => Some((id, offset)),
        _ => None,
    }
}

/// Whether the instruction is a load of any width.
pub(crate) fn is_load(op: Opcode) -> bool {
    op.format() == Format::Load
}

/// Versions along a walk over the dominator tree.
pub(crate) struct VersionWalk {
    next: u32,
    at_end: EntityVec<Block, Option<Versions>>,
    in_loops: Vec<Mask>,
}

impl VersionWalk {
    pub fn new(func: &Func, in_loops: Vec<Mask>) -> Self {
        Self { next: 1, at_end: EntityVec::filled(None, func.block_count()), in_loops }
    }

    /// The versions at the start of a block. All blocks before it in reverse postorder are done.
    pub fn enter(&mut self, cfg: &Cfg, loops: &Loops, block: Block) -> Versions {
        let own_loop = loops.with_header(block);
        let mut merged: Option<Versions> = None;
        let mut differ: Mask = 0;
        for edge in cfg.preds(block).iter().filter(|e| cfg.is_reachable(e.from)) {
            let is_back = own_loop.is_some_and(|l| loops.contains(l, edge.from));
            match (self.at_end[edge.from], &merged) {
                _ if is_back => {}
                (None, _) => differ = Mask::MAX,
                (Some(versions), None) => merged = Some(versions),
                (Some(versions), Some(known)) => {
                    differ |= (0..PARTS).filter(|i| versions[*i] != known[*i]).fold(0, |m, i| m | 1 << i);
                }
            }
        }
        if let Some(l) = own_loop {
            differ |= self.in_loops[pyexec_base::EntityId::index(l)];
        }
        let mut versions = merged.unwrap_or([0; PARTS]);
        self.renew(&mut versions, differ);
        versions
    }

    /// Gives the parts of `mask` new versions.
    pub fn renew(&mut self, versions: &mut Versions, mask: Mask) {
        for (part, version) in versions.iter_mut().enumerate() {
            if mask >> part & 1 == 1 {
                *version = self.next;
                self.next += 1;
            }
        }
    }

    pub fn leave(&mut self, block: Block, versions: Versions) {
        self.at_end[block] = Some(versions);
    }
}

/// The versions that a read depends on, for a key. At most three parts matter.
pub(crate) fn relevant(versions: &Versions, mask: Mask) -> [u32; 3] {
    let mut out = [0; 3];
    let parts = (0..PARTS).filter(|part| mask >> part & 1 == 1);
    for (slot, part) in out.iter_mut().zip(parts) {
        *slot = versions[part];
    }
    out
}
