//! The table of passes: what runs, at which levels, in which order, and why there.
//!
//! To add a pass: one file in `passes/`, one row in [`PASSES`], one step in [`PIPELINE`]
//! (`docs/add-pass.md`).

mod cfg;
mod dce;
mod divrem;
mod gvn;
mod inline;
mod invert;
mod layout;
mod licm;
mod range;
mod simplify;

use crate::{Facts, OptLevel};
use pyexec_ir::{Func, Module};

/// How a pass is called.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Once for each function with a body.
    EachFunc(fn(&mut Func, &Facts)),
    /// Once for the module.
    Module(fn(&mut Module, &Facts)),
}

/// One pass.
pub struct Pass {
    /// Its name: that of its file, of its golden folder, and on the command line.
    pub name: &'static str,
    work: Work,
    /// Passes of which one must have run earlier in every pipeline that has this one.
    pub after: &'static [&'static str],
}

impl Pass {
    /// Runs the pass as a step of a pipeline, which leaves functions that are not expected to run as they are.
    pub fn run_in_pipeline(&self, module: &mut Module, facts: &Facts) {
        match self.work {
            Work::Module(work) => work(module, facts),
            Work::EachFunc(work) => each_func(module, |func| {
                if !func.cold {
                    work(func, facts);
                }
            }),
        }
    }

    /// Runs the pass over the module.
    pub fn run(&self, module: &mut Module, facts: &Facts) {
        match self.work {
            Work::Module(work) => work(module, facts),
            Work::EachFunc(work) => each_func(module, |func| work(func, facts)),
        }
    }
}

fn each_func(module: &mut Module, mut work: impl FnMut(&mut Func)) {
    module.funcs.values_mut().filter(|f| !f.is_import()).for_each(&mut work);
}

const fn each(name: &'static str, work: fn(&mut Func, &Facts), after: &'static [&'static str]) -> Pass {
    Pass { name, work: Work::EachFunc(work), after }
}

const fn module(name: &'static str, work: fn(&mut Module, &Facts), after: &'static [&'static str]) -> Pass {
    Pass { name, work: Work::Module(work), after }
}

/// Every pass.
pub static PASSES: &[Pass] = &[
    each("cfg", cfg::run, &[]),
    each("simplify", simplify::run, &["cfg"]),
    each("dce", dce::run, &[]),
    each("gvn", gvn::run, &["simplify"]),
    each("divrem", divrem::run, &["range"]),
    module("inline", inline::run, &["dce"]),
    each("invert", invert::run, &["cfg"]),
    each("licm", licm::run, &["invert"]),
    each("range", range::run, &["simplify"]),
    each("layout", layout::run, &["cfg"]),
];

pub(crate) use range::intervals;

/// The pass with this name.
pub fn by_name(name: &str) -> Option<&'static Pass> {
    PASSES.iter().find(|p| p.name == name)
}

/// One step of the pipeline.
pub struct Step {
    /// The pass.
    pub name: &'static str,
    /// The least level that takes this step.
    pub from: OptLevel,
    /// Why here.
    pub why: &'static str,
}

const fn step(name: &'static str, from: OptLevel, why: &'static str) -> Step {
    Step { name, from, why }
}

use OptLevel::{O1, O2};

/// What runs, in order.
pub static PIPELINE: &[Step] = &[
    step("cfg", O1, "the front end leaves empty blocks and parameters that are always the same"),
    step("simplify", O1, "the front end folds nothing: all later passes see less code"),
    step("gvn", O1, "the front end computes everything anew"),
    step("dce", O1, "folding leaves operands behind"),
    step("cfg", O1, "folded branches leave unreachable blocks"),
    step("inline", O2, "bodies are clean, so their size is what they cost"),
    step("cfg", O2, "inlined bodies merge with what is around them"),
    step("simplify", O2, "arguments of inlined calls are known"),
    step("gvn", O2, "inlined bodies repeat what the caller does"),
    step("dce", O2, "unused results of inlined bodies hide loop shapes"),
    step("cfg", O2, "status checks of inlined bodies that cannot raise"),
    step("invert", O2, "loops are small and clean now, and everything below wants tests behind the body"),
    step("range", O2, "tests of loops dominate their bodies now: most overflow checks fall"),
    step("cfg", O2, "fallen checks leave straight lines, tests that follow their latch merge with it"),
    step("simplify", O2, "plain arithmetic folds where checked arithmetic did not"),
    step("gvn", O2, "merged lines and copied tests repeat each other"),
    step("licm", O2, "invariants are single now; what always runs is known after inversion"),
    step("range", O2, "equal values are one value now: facts about one are facts about all"),
    step("simplify", O2, "ranges made constants"),
    step("divrem", O2, "nobody looks at remainders any more"),
    step("gvn", O2, "quotients of `divrem` are those that are there"),
    step("dce", O2, "last: whatever is still unused goes"),
    step("cfg", O2, "empty preheaders merge"),
    step("layout", O1, "last: every pass before may add blocks anywhere"),
];

/// The steps of a level.
pub fn pipeline(level: OptLevel) -> impl Iterator<Item = &'static Pass> {
    PIPELINE.iter().filter(move |s| s.from <= level && level > OptLevel::O0).filter_map(|s| by_name(s.name))
}
