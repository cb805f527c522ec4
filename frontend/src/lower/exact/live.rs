//! Which variables an exact body may read after each point before it writes them.
//!
//! Backward data flow over the blocks until nothing changes (Aho, Lam, Sethi, Ullman, "Compilers", 9.2.5). Sets are
//! sparse, since few variables of a large function are alive at once.

use super::Exact;
use crate::lower::env::Var;
use pyexec_ir::{Block, Func};
use std::collections::{BTreeMap, BTreeSet};

type Set = BTreeSet<Var>;

/// The variables alive at the beginning of every block.
pub(super) fn live_in(func: &Func, exact: &Exact) -> BTreeMap<Block, Set> {
    let mut live: BTreeMap<Block, Set> = BTreeMap::new();
    let mut changed = true;
    while changed {
        changed = false;
        for block in func.layout.iter().rev() {
            let mut set = Set::new();
            for successor in func.successors(*block) {
                set.extend(live.get(&successor.block).into_iter().flatten());
            }
            for (var, is_write) in exact.accesses.get(block).into_iter().flatten().rev() {
                if *is_write {
                    set.remove(var);
                } else {
                    set.insert(*var);
                }
            }
            if live.get(block) != Some(&set) {
                live.insert(*block, set);
                changed = true;
            }
        }
    }
    live
}
