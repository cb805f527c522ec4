//! Random functions with loops, calls and memory against the interpreter.

mod common;

use common::machine::programs::check;
use common::native;
use pyexec_isa_x86_64::CpuFeatures;

#[test]
fn backtracking_allocator() {
    check(0x9e37_79b9_7f4a_7c15, &|module, c| native("programs", module, CpuFeatures::host(), 2, c));
}

#[test]
fn fast_allocator_on_the_baseline() {
    check(0xd1b5_4a32_d192_ed03, &|module, c| native("programs-fast", module, CpuFeatures::BASELINE, 0, c));
}
