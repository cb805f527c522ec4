//! Makes a module that shows a failure smaller, as long as it shows the failure.
//!
//! ```text
//! 300 instructions in 5 functions   =>   4 instructions in 1 function
//! ```
//!
//! In: a well-formed module and a predicate that holds for it. Out: a well-formed module for which the
//! predicate holds and to which no single step below can be done. Algorithm: greedy, after Zeller and
//! Hildebrandt, "Simplifying and isolating failure-inducing input" (TSE 2002): bodies become stubs,
//! branches take one way, runs of instructions become constants, from long runs to short ones; what is
//! then unused goes. Every candidate is verified, so the predicate sees good modules only.

mod edit;

use crate::{Func, FuncId, GlobalId, Module, verify};
use edit::*;
use pyexec_base::EntityId;

/// A smaller module for which `fails` still holds. Calls `fails` at most `tries` times.
pub fn shrink(module: &Module, tries: u32, fails: &mut dyn FnMut(&Module) -> bool) -> Module {
    let mut shrinker = Shrinker { best: module.clone(), tries, fails };
    loop {
        let before = size(&shrinker.best);
        shrinker.stubs();
        shrinker.branches();
        shrinker.instructions();
        shrinker.params();
        shrinker.clean();
        if shrinker.tries == 0 || size(&shrinker.best) >= before {
            return shrinker.best;
        }
    }
}

/// What falls with every step: instructions, branch targets and parameters, declarations.
fn size(module: &Module) -> usize {
    let declarations = module.funcs.len() + module.globals.len() + module.sigs.len();
    let of_func = |func: &Func| {
        let blocks = func.layout.iter().map(|b| 1 + func.block(*b).params.len() + func.successors(*b).len());
        blocks.sum::<usize>() + 2 * func.live_inst_count() + func.slots.len()
    };
    declarations + module.funcs.values().map(of_func).sum::<usize>()
}

struct Shrinker<'p> {
    best: Module,
    tries: u32,
    fails: &'p mut dyn FnMut(&Module) -> bool,
}

impl Shrinker<'_> {
    /// Takes the candidate if it still fails.
    fn attempt(&mut self, candidate: Module) -> bool {
        if self.tries == 0 || !verify(&candidate).is_empty() {
            return false;
        }
        self.tries -= 1;
        let fails = (self.fails)(&candidate);
        if fails {
            self.best = candidate;
        }
        fails
    }

    /// Takes a changed function if the module still fails. Nothing is tried if `edit` says that it
    /// changed nothing.
    fn edit(&mut self, id: FuncId, edit: impl FnOnce(&mut Func) -> bool) -> bool {
        let mut func = self.best.funcs[id].clone();
        if !edit(&mut func) {
            return false;
        }
        func.resolve_aliases();
        remove_unreachable(&mut func);
        let mut candidate = self.best.clone();
        candidate.funcs[id] = func;
        self.attempt(candidate)
    }

    fn bodies(&self) -> Vec<FuncId> {
        self.best.funcs.iter().filter(|(_, f)| !f.is_import()).map(|(id, _)| id).collect()
    }

    /// Bodies become `ret 0`.
    fn stubs(&mut self) {
        for id in self.bodies() {
            if self.best.funcs[id].live_inst_count() > 1 + self.best.funcs[id].sig.results.len() {
                self.edit(id, |func| {
                    let entry = func.layout[0];
                    end_with_return(func, entry, 0);
                    true
                });
            }
        }
    }

    /// Blocks end in a return, or go one way only.
    fn branches(&mut self) {
        for id in self.bodies() {
            for block in self.best.funcs[id].layout.clone() {
                let known = |func: &Func| func.layout.contains(&block);
                let targets = self.best.funcs[id].successors(block).len();
                if targets == 0 || !known(&self.best.funcs[id]) {
                    continue;
                }
                let at = self.best.funcs[id].block(block).insts.len() - 1;
                let cut = self.edit(id, |func| {
                    end_with_return(func, block, at);
                    true
                });
                for target in (0..targets).filter(|_| targets > 1 && !cut) {
                    if self.edit(id, |func| known(func) && take_one_way(func, block, target)) {
                        break;
                    }
                }
            }
        }
    }

    /// Runs of instructions become constants.
    fn instructions(&mut self) {
        for id in self.bodies() {
            let mut run = self.best.funcs[id].live_inst_count().next_power_of_two();
            while run > 0 && self.tries > 0 {
                let mut start = 0;
                while start < self.best.funcs[id].live_inst_count() && self.tries > 0 {
                    let before = self.best.funcs[id].live_inst_count();
                    self.edit(id, |func| neutralize(func, start, run));
                    // Where instructions went, the next run begins at the same number.
                    if self.best.funcs[id].live_inst_count() == before {
                        start += run;
                    }
                }
                self.sweep(id);
                run /= 2;
            }
        }
    }

    /// Block parameters become constants.
    fn params(&mut self) {
        for id in self.bodies() {
            let blocks: Vec<_> = self.best.funcs[id].layout.iter().skip(1).copied().collect();
            for block in blocks {
                let mut index = 0;
                while self.best.funcs[id].layout.contains(&block)
                    && index < self.best.funcs[id].block(block).params.len()
                {
                    if !self.edit(id, |func| drop_param(func, block, index)) {
                        index += 1;
                    }
                }
            }
        }
    }

    /// Removes what is unused in a function, all at once; the runs do it one by one.
    fn sweep(&mut self, id: FuncId) {
        self.edit(id, |func| {
            let before = func.live_inst_count();
            remove_unused(func);
            func.live_inst_count() != before
        });
        self.edit(id, |func| {
            let before = func.layout.len();
            merge_blocks(func);
            func.layout.len() != before
        });
    }

    /// Removes what nothing names any more.
    fn clean(&mut self) {
        for id in self.bodies() {
            self.sweep(id);
        }
        let compact = self.best.compacted();
        self.attempt(compact);
        for index in (0..self.best.funcs.len()).rev() {
            let candidate = without_func(&self.best, FuncId::from_index(index));
            candidate.map(|candidate| self.attempt(candidate));
        }
        self.clean_data(None);
        for index in (0..self.best.globals.len()).rev() {
            self.clean_data(Some(GlobalId::from_index(index)));
        }
    }

    fn clean_data(&mut self, only: Option<GlobalId>) {
        let candidate = without_unused_data(&self.best, only);
        if size(&candidate) < size(&self.best) {
            self.attempt(candidate);
        }
    }
}

#[cfg(test)]
mod tests;
