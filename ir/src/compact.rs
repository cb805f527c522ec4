//! Rebuilds a function without what is no longer in its layout.
//!
//! ```text
//! b0:                      b0:
//!   v7 = iconst.i64 1        v0 = iconst.i64 1
//!   jump b4(v7)         =>   jump b1(v0)
//! b4(v2: i64):             b1(v1: i64):
//! ```
//!
//! In: a function whose uses are defined in its layout, as the verifier demands. Out: the same function,
//! ids numbered in the order of the text, pools without gaps, no aliases. Passes leave removed
//! instructions and old lists in the pools; this is how the memory comes back.

use crate::{Block, BlockCall, Func, Inst, Module, Type, Value};
use pyexec_base::EntityVec;

impl Module {
    /// The module with every function [compacted](Func::compacted).
    #[must_use]
    pub fn compacted(&self) -> Module {
        let funcs = self.funcs.values().map(Func::compacted).collect();
        Module { funcs, globals: self.globals.clone(), sigs: self.sigs.clone() }
    }
}

impl Func {
    /// The same function without removed blocks, instructions and values, ids in the order of the text.
    #[must_use]
    pub fn compacted(&self) -> Func {
        let mut new = Func::new(self.name.clone(), self.sig.clone(), self.linkage);
        new.cold = self.cold;
        new.slots = self.slots.clone();
        let mut copier = Copier {
            old: self,
            values: EntityVec::filled(None, self.value_count()),
            blocks: EntityVec::filled(None, self.block_count()),
        };
        copier.number_values();
        for &block in &self.layout {
            let copy = new.add_block();
            new.block_mut(copy).cold = self.block(block).cold;
            copier.blocks[block] = Some(copy);
        }
        for &block in &self.layout {
            copier.block(&mut new, block);
        }
        new
    }
}

struct Copier<'a> {
    old: &'a Func,
    values: EntityVec<Value, Option<Value>>,
    blocks: EntityVec<Block, Option<Block>>,
}

impl Copier<'_> {
    /// Uses may stand above definitions, so values are numbered first.
    fn number_values(&mut self) {
        let mut next = 0;
        for &block in &self.old.layout {
            let data = self.old.block(block);
            let results = data.insts.iter().flat_map(|inst| self.old.results(*inst));
            for value in data.params.iter().copied().chain(results) {
                self.values[value] = Some(Value::new(next));
                next += 1;
            }
        }
    }

    fn value(&self, value: Value) -> Value {
        let value = self.old.resolve(value);
        self.values[value].expect("invariant: verified functions define in their layout what they use")
    }
    fn values(&self, values: &[Value]) -> Vec<Value> {
        values.iter().map(|v| self.value(*v)).collect()
    }

    fn block(&self, new: &mut Func, block: Block) {
        let copy = self.target(block);
        let data = self.old.block(block);
        for param in &data.params {
            new.add_param(copy, self.old.ty(*param));
        }
        for &inst in &data.insts {
            let inst = self.inst(new, inst);
            new.block_mut(copy).insts.push(inst);
        }
    }

    fn target(&self, block: Block) -> Block {
        self.blocks[block].expect("invariant: verified functions branch to blocks of their layout")
    }

    fn inst(&self, new: &mut Func, inst: Inst) -> Inst {
        let data = self.old.inst(inst);
        let args = self.values(self.old.args(inst));
        let calls = self.old.targets(inst).iter();
        let calls: Vec<BlockCall> = calls
            .map(|call| {
                new.make_block_call(self.target(call.block), &self.values(self.old.block_call_args(*call)))
            })
            .collect();
        let results: Vec<Type> = self.old.results(inst).map(|v| self.old.ty(v)).collect();
        new.make_inst(data.op, data.ty, data.imm, &args, &calls, &results, data.loc)
    }
}
