//! Calls in random functions.

use super::Kind;
use super::func::{FuncGen, first_depth};
use crate::{CallConv, FuncId, Region, SigId, Type, Value};

impl FuncGen<'_> {
    /// A call of an earlier function or of itself, if the steps allow one.
    pub(super) fn call(&mut self) {
        if self.call_itself() {
            return;
        }
        let room = self.limit.saturating_sub(self.cost) / self.times;
        let fits: Vec<usize> =
            (0..self.shared.callees.len()).filter(|i| self.shared.callees[*i].cost <= room).collect();
        if fits.is_empty() {
            return;
        }
        let index = *self.rng().pick(&fits);
        let results = self.call_number(index);
        results.into_iter().for_each(|value| self.keep(value));
    }

    fn call_itself(&mut self) -> bool {
        let Some((depth, calls)) = self.depth.filter(|(_, calls)| *calls > 0 && self.times == 1) else {
            return false;
        };
        self.depth = Some((depth, calls - 1));
        let one = self.builder().iconst(Type::I64, 1);
        let less = self.builder().isub(depth, one);
        let (id, kinds) = self.me.clone();
        let args = self.arguments(&kinds, Some(less));
        let results = self.func.sig.results.clone();
        self.spend(3);
        let mut b = self.builder();
        let inst = b.call(id, &results, &args);
        let values = b.func.results(inst);
        values.for_each(|value| self.keep(value));
        true
    }

    /// Calls a certain earlier function and gives its results.
    pub(super) fn call_number(&mut self, index: usize) -> Vec<Value> {
        let callee = &self.shared.callees[index];
        let (id, kinds, results) = (callee.id, callee.kinds.clone(), callee.results.clone());
        self.cost += callee.cost * self.times;
        let args = self.arguments(&kinds, None);
        self.spend(4);
        let inst = if self.rng().chance(1, 4) {
            let (sig, address) = self.address(id, index);
            self.builder().call_indirect(sig, &results, address, &args)
        } else {
            self.builder().call(id, &results, &args)
        };
        self.func.results(inst).collect()
    }

    /// The address of an earlier function: straight, from the table, or chosen between two equals.
    fn address(&mut self, id: FuncId, index: usize) -> (SigId, Value) {
        let sig = self.shared.module.funcs[id].sig.clone();
        let sig = self.shared.module.intern_sig(sig);
        if self.rng().chance(1, 2) {
            let table = self.shared.table;
            let mut b = self.builder();
            let address = b.global_addr(table, 0);
            return (sig, b.load(Type::I64, Region::Constant, address, 8 * index as i32));
        }
        (sig, self.builder().func_addr(id))
    }

    fn arguments(&mut self, kinds: &[Kind], depth: Option<Value>) -> Vec<Value> {
        let mut args = Vec::new();
        for kind in kinds {
            args.push(match (kind, depth) {
                (Kind::Value(ty), _) => self.operand(*ty),
                (Kind::Ptr, _) => self.pointer(),
                (Kind::Depth, Some(depth)) => depth,
                (Kind::Depth, None) => {
                    let depth = first_depth(self.rng());
                    self.builder().iconst(Type::I64, depth)
                }
            });
        }
        args
    }

    fn pointer(&mut self) -> Value {
        loop {
            let (address, _, writable) = self.object();
            if writable {
                return address;
            }
        }
    }

    /// Ends the function by a tail call, if an earlier function fits.
    pub(super) fn tail_call(&mut self) -> bool {
        if self.func.sig.conv != CallConv::Fast || self.rng().chance(1, 4) {
            return false;
        }
        let room = self.limit.saturating_sub(self.cost);
        let fits = |callee: &super::Callee| {
            // The frame is gone in a tail call, so no address of a slot may be passed.
            let ptr = callee.kinds.contains(&Kind::Ptr);
            callee.conv == CallConv::Fast
                && callee.results == self.func.sig.results
                && callee.cost <= room
                && !ptr
                && (in_registers(&callee.kinds) || callee.kinds == self.me.1)
        };
        let found: Vec<usize> =
            (0..self.shared.callees.len()).filter(|i| fits(&self.shared.callees[*i])).collect();
        if found.is_empty() {
            return false;
        }
        let index = *self.rng().pick(&found);
        let (id, kinds) = (self.shared.callees[index].id, self.shared.callees[index].kinds.clone());
        self.cost += self.shared.callees[index].cost;
        let args = self.arguments(&kinds, None);
        self.spend(2);
        if self.rng().chance(1, 2) {
            let (sig, address) = self.address(id, index);
            self.builder().tail_call_indirect(sig, address, &args);
        } else {
            self.builder().tail_call(id, &args);
        }
        true
    }
}

/// Whether every target passes these in registers: a target may refuse a tail call whose callee needs
/// more of the stack than the caller has.
fn in_registers(kinds: &[Kind]) -> bool {
    let words = |float: bool| -> u32 {
        let types = kinds.iter().map(|kind| kind.ty()).filter(|ty| ty.is_float() == float);
        types.map(|ty| ty.bytes().div_ceil(8)).sum()
    };
    words(false) <= 4 && words(true) <= 4
}
