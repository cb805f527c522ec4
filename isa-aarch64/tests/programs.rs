//! Random functions with loops, calls and memory against the interpreter.

mod common;

use common::machine::programs::check;
use common::native::native;

#[test]
fn backtracking_allocator() {
    check(0x9e37_79b9_7f4a_7c15, &|module, c| native("programs", module, 2, c));
}

#[test]
fn fast_allocator() {
    check(0xd1b5_4a32_d192_ed03, &|module, c| native("programs-fast", module, 0, c));
}
