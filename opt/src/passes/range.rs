//! Range analysis, and what it proves superfluous: overflow checks, tests for zero, branches.
//!
//! **What.** Finds for every integer an interval in which it lies, then turns checked arithmetic that
//! cannot overflow into plain arithmetic, comparisons that are decided into constants, branches that go
//! one way into jumps, and signed division of naturals by powers of two into what is cheap.
//!
//! ```text
//! b1(v2: i64):                              b1(v2: i64):
//!     v3 = slt.i64 v2, v1                       v3 = slt.i64 v2, v1
//!     br_if v3, b2, b4                          br_if v3, b2, b4
//! b2: v5, v6 = sadd_overflow.i64 v2, v4   =>    b2: v5 = iadd.i64 v2, v4      (v4 is 1)
//!     br_if v6, b3, b1(v5)                      jump b1(v5)
//! ```
//!
//! **Invariants.** In and out: valid IR. The intervals used for rewriting are inductive: assuming them,
//! one more walk over the function yields intervals inside of them. That is checked, not assumed; if it
//! fails, nothing is rewritten.
//!
//! **Algorithm.** Abstract interpretation over intervals (Cousot and Cousot, POPL 1977): walks over the
//! dominator tree, on which a branch narrows the operands of its condition for the blocks below; loop
//! parameters start empty, grow, are widened from the third walk on, and then narrowed by two more
//! walks. A dozen walks at most: linear.
//!
//! Relations between two unknowns (`i < n` where `n` is any number) are in `relation.rs`.
//!
//! **Leaves to others.** Folding the decided branches' constants (`cfg`).

mod counter;
mod interval;
mod refine;
mod relation;
mod rewrite;
mod walk;

use crate::Facts;
use crate::preheader::Shape;
use pyexec_ir::Func;
use walk::{Analysis, Phase};

/// Walks in which intervals may grow; after [`walk::WIDEN_FROM`] they grow to few sizes only.
const GROWING_WALKS: usize = 24;
const NARROWING_WALKS: usize = 2;

/// Walks until the intervals are found; false if they are not inductive.
fn analyse(analysis: &mut Analysis<'_>) -> bool {
    let grown = (0..GROWING_WALKS).any(|round| !analysis.walk(Phase::Grow(round)));
    if !grown {
        return false;
    }
    for _ in 0..NARROWING_WALKS {
        analysis.walk(Phase::Narrow);
    }
    !analysis.walk(Phase::Check)
}

/// The interval of each value where it is made, all unknown if none were found.
pub(crate) fn intervals(func: &Func, facts: &Facts) -> Vec<Option<(i128, i128)>> {
    let mut func = func.clone();
    let shape = Shape::new(&func);
    let count = func.value_count();
    let mut analysis = Analysis::new(&mut func, facts, &shape.cfg, &shape.dom);
    let found = analyse(&mut analysis);
    let all = (0..count).map(|index| analysis.found(index));
    all.map(|range| if found { range } else { Some((i128::MIN, i128::MAX)) }).collect()
}

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    let shape = Shape::new(func);
    let mut analysis = Analysis::new(func, facts, &shape.cfg, &shape.dom);
    if analyse(&mut analysis) {
        analysis.walk(Phase::Rewrite);
        func.resolve_aliases();
        super::cfg::remove_unreachable(func);
    }
}
