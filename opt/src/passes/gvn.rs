//! Global value numbering.
//!
//! **What.** Removes computations whose value is known already: equal terms above in the dominator tree,
//! loads from memory that has not changed, loads of what was just stored, stores of what is there, and
//! conditions that a branch above has decided.
//!
//! ```text
//! b0: v2 = iadd.i64 v0, v1                  b0: v2 = iadd.i64 v0, v1
//!     store.i64 global v2, v9+8                 store.i64 global v2, v9+8
//!     v3 = slt.i64 v0, v1                       v3 = slt.i64 v0, v1
//!     br_if v3, b1, b2                =>        br_if v3, b1, b2
//! b1: v4 = load.i64 global v9+8             b1: v5 = iconst.i8 0
//!     v5 = sge.i64 v0, v1                       ... uses of v4 and v6 are uses of v2
//!     v6 = iadd.i64 v1, v0
//! ```
//!
//! **Invariants.** In and out: valid IR. Branches keep their shape: a decided one becomes a branch on a
//! constant, which `cfg` folds.
//!
//! **Algorithm.** One walk over the dominator tree with a scoped table of terms (Briggs, Cooper, Simpson,
//! "Value Numbering", Software - Practice and Experience 1997, section 4); memory by versions
//! (`memory.rs`); facts of branches are entered as terms with known results. Linear in expectation.
//!
//! **Leaves to others.** Terms that are equal only by algebra (`simplify`), ranges (`range`), partial
//! redundancy, dead stores.

mod facts;

use crate::Facts;
use crate::edit::{become_const, make_const, result, use_counts};
use crate::hash::FastMap;
use crate::memory::{Memory, VersionWalk, Versions, is_load, relevant};
use pyexec_base::EntityId;
use pyexec_ir::{Block, Cfg, DomTree, Effects, Format, Func, Imm, Inst, Loops, Opcode, Type, Value};

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    let cfg = Cfg::new(func);
    let dom = DomTree::new(&cfg);
    let loops = Loops::new(&cfg, &dom);
    let memory = Memory::new(func, facts);
    let in_loops = memory.written_in_loops(func, facts, &cfg, &loops);
    let versions = VersionWalk::new(func, in_loops);
    let counts = use_counts(func);
    let mut gvn = Gvn {
        func,
        facts,
        cfg: &cfg,
        loops: &loops,
        memory: &memory,
        versions,
        counts,
        table: FastMap::default(),
        known: FastMap::default(),
        undo: Vec::new(),
        out: Vec::new(),
    };
    gvn.walk(&dom);
    func.resolve_aliases();
}

/// A term: two instructions with equal keys have equal results.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Key {
    op: Opcode,
    ty: Type,
    imm: Imm,
    args: [u32; 3],
    versions: [u32; 3],
}

/// What a term's result is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    /// The results of this instruction.
    Inst(Inst),
    /// This value.
    Value(Value),
    /// This constant.
    Bits(Type, u128),
}

enum Undo {
    Term(Key, Option<Known>),
    Value(Value, Option<Value>),
}

struct Gvn<'a> {
    func: &'a mut Func,
    facts: &'a Facts,
    cfg: &'a Cfg,
    loops: &'a Loops,
    memory: &'a Memory,
    versions: VersionWalk,
    counts: Vec<u32>,
    table: FastMap<Key, Known>,
    /// Values that equal another one in the blocks below.
    known: FastMap<Value, Value>,
    undo: Vec<Undo>,
    out: Vec<Inst>,
}

impl Gvn<'_> {
    fn walk(&mut self, dom: &DomTree) {
        // A block is entered, then its children, then its scope ends: `None` marks the end.
        let mut stack: Vec<(Option<Block>, usize)> =
            self.func.entry().map(|e| (Some(e), 0)).into_iter().collect();
        while let Some((block, mark)) = stack.pop() {
            let Some(block) = block else {
                self.rollback(mark);
                continue;
            };
            stack.push((None, self.undo.len()));
            self.visit_block(block);
            stack.extend(dom.children(block).iter().rev().map(|c| (Some(*c), 0)));
        }
    }

    fn rollback(&mut self, mark: usize) {
        for undo in self.undo.drain(mark..).rev() {
            match undo {
                Undo::Term(key, Some(old)) => drop(self.table.insert(key, old)),
                Undo::Term(key, None) => drop(self.table.remove(&key)),
                Undo::Value(value, Some(old)) => drop(self.known.insert(value, old)),
                Undo::Value(value, None) => drop(self.known.remove(&value)),
            }
        }
    }

    fn learn(&mut self, key: Key, known: Known) {
        let old = self.table.insert(key, known);
        self.undo.push(Undo::Term(key, old));
    }
    fn learn_value(&mut self, value: Value, same: Value) {
        let old = self.known.insert(value, same);
        self.undo.push(Undo::Value(value, old));
    }

    fn visit_block(&mut self, block: Block) {
        let insts = std::mem::take(&mut self.func.block_mut(block).insts);
        self.facts.count(insts.len());
        self.out = Vec::with_capacity(insts.len());
        let mut versions = self.versions.enter(self.cfg, self.loops, block);
        self.learn_from_branch(block);
        for inst in insts {
            self.visit(inst, &mut versions);
        }
        self.versions.leave(block, versions);
        self.func.block_mut(block).insts = std::mem::take(&mut self.out);
    }

    /// The value that stands for this one here.
    fn canonical(&self, value: Value) -> Value {
        let value = self.func.resolve(value);
        self.known.get(&value).map_or(value, |known| self.func.resolve(*known))
    }

    fn visit(&mut self, inst: Inst, versions: &mut Versions) {
        self.rename_uses(inst);
        let (op, written) = (self.func.inst(inst).op, self.memory.written(self.func, self.facts, inst));
        if op.format() == Format::Store {
            return self.visit_store(inst, written, versions);
        }
        if let Some(key) = self.key(inst, versions) {
            if let Some(known) = self.table.get(&key).copied() {
                return self.reuse(inst, known);
            }
            self.learn(key, Known::Inst(inst));
        }
        self.versions.renew(versions, written);
        self.out.push(inst);
        if op == Opcode::TrapIf {
            self.assume(self.func.args(inst)[0], false);
        }
    }

    fn rename_uses(&mut self, inst: Inst) {
        let mut uses = Vec::new();
        self.func.for_each_use(inst, |v| uses.push(v));
        let mut next = uses.into_iter().map(|v| self.canonical(v)).collect::<Vec<_>>().into_iter();
        self.func.map_uses(inst, |v| next.next().unwrap_or(v));
    }

    /// The key of an instruction whose value depends on nothing but what is in the key.
    fn key(&self, inst: Inst, versions: &Versions) -> Option<Key> {
        let data = self.func.inst(inst);
        let mut key = self.term(data.op, data.ty, data.imm, self.func.args(inst))?;
        if is_load(data.op) {
            let place = self.memory.place(self.func, self.facts, inst);
            key.versions = relevant(versions, Memory::read(place));
        } else if !data.op.effects().idempotent() && !self.facts.is_pure_call(self.func, inst) {
            return None;
        }
        Some(key)
    }

    fn term(&self, op: Opcode, ty: Type, imm: Imm, args: &[Value]) -> Option<Key> {
        let mut key = Key { op, ty, imm, args: [u32::MAX; 3], versions: [0; 3] };
        if args.len() > key.args.len() {
            return None;
        }
        for (slot, arg) in key.args.iter_mut().zip(args) {
            *slot = arg.as_u32();
        }
        if args.len() >= 2 && key.args[0] > key.args[1] {
            let mirrored = crate::rules::mirrored(op);
            if mirrored.is_some() || op.effects().has(Effects::COMMUTES) {
                key.op = mirrored.unwrap_or(op);
                key.args.swap(0, 1);
            }
        }
        Some(key)
    }

    fn reuse(&mut self, inst: Inst, known: Known) {
        match known {
            Known::Inst(leader) => {
                let pairs: Vec<_> = self.func.results(inst).zip(self.func.results(leader)).collect();
                for (old, new) in pairs {
                    let new = self.canonical(new);
                    self.func.alias(old, new);
                }
            }
            Known::Value(value) => {
                let old = result(self.func, inst);
                let value = self.canonical(value);
                self.func.alias(old, value);
            }
            Known::Bits(ty, bits) => {
                become_const(self.func, inst, ty, bits);
                self.out.push(inst);
            }
        }
    }

    /// A store makes the value known to later loads; it is dropped if memory is known to hold the value.
    fn visit_store(&mut self, inst: Inst, written: u16, versions: &mut Versions) {
        let data = *self.func.inst(inst);
        let (value, address) = (self.func.args(inst)[0], self.func.args(inst)[1]);
        let place = self.memory.place(self.func, self.facts, inst);
        let full = data.op == Opcode::Store;
        let load = |gvn: &Self, versions: &Versions| {
            let key = gvn.term(Opcode::Load, data.ty, data.imm, &[address])?;
            Some(Key { versions: relevant(versions, Memory::read(place)), ..key })
        };
        let before = load(self, versions).and_then(|key| self.table.get(&key).copied());
        let there = before.and_then(|known| self.known_value(known));
        if full && there == Some(value) {
            return;
        }
        self.versions.renew(versions, written);
        self.out.push(inst);
        if let Some(key) = load(self, versions).filter(|_| full) {
            self.learn(key, Known::Value(value));
        }
    }

    fn known_value(&self, known: Known) -> Option<Value> {
        match known {
            Known::Inst(inst) => self.func.first_result(inst).map(|v| self.canonical(v)),
            Known::Value(value) => Some(self.canonical(value)),
            Known::Bits(..) => None,
        }
    }

    /// A constant at this point of the block.
    fn constant(&mut self, ty: Type, bits: u128) -> Value {
        let loc = pyexec_base::Loc::UNKNOWN;
        let inst = make_const(self.func, ty, bits, loc);
        self.out.push(inst);
        result(self.func, inst)
    }

    fn is_used_again(&self, value: Value) -> bool {
        self.counts.get(value.index()).is_some_and(|count| *count > 1)
    }
}
