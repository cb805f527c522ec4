//! The optimiser: passes from `ir::Module` to `ir::Module`.
//!
//! Read `passes.rs` first: it holds the table of passes and the reason for the place of each. A pass
//! changes functions in place, prints nothing, and leaves valid IR that computes what it computed before.
//! This crate knows nothing of machines, and nothing of Python but the effects of runtime helpers.
#![forbid(unsafe_code)]

mod edit;
mod facts;
mod hash;
mod memory;
pub mod passes;
mod preheader;
pub mod rules;

pub use facts::{Facts, OptLevel};

use pyexec_ir::Module;

/// For each value, by index, the interval in which `range` finds it where it is made; nothing for values that it
/// says are never made. For tests: whoever executes the function can look whether that is true.
pub fn intervals(func: &pyexec_ir::Func, facts: &Facts) -> Vec<Option<(i128, i128)>> {
    passes::intervals(func, facts)
}

/// Runs the passes of `level` over the module. After each, `observer` gets its name and the module.
pub fn optimize(module: &mut Module, level: OptLevel, observer: &mut dyn FnMut(&'static str, &Module)) {
    let facts = Facts::new(module, level);
    for step in passes::pipeline(level) {
        step.run_in_pipeline(module, &facts);
        observer(step.name, module);
    }
}
