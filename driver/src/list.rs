//! What there is, for lists.

use pyexec_frontend::support;
use pyexec_opt::{OptLevel, passes};

/// The steps of the optimizer in their order: pass, least level that takes the step, why it is there.
pub fn pass_steps() -> Vec<(&'static str, u8, &'static str)> {
    passes::PIPELINE.iter().map(|step| (step.name, level(step.from), step.why)).collect()
}

fn level(level: OptLevel) -> u8 {
    match level {
        OptLevel::O0 => 0,
        OptLevel::O1 => 1,
        OptLevel::O2 => 2,
        OptLevel::O3 => 3,
    }
}

/// Every kind of Python construct, and whether it is compiled: the page of the documentation.
pub fn constructs() -> String {
    support::page()
}
