//! Every opcode at every type against the opcode's own meaning.

mod common;

use common::machine::opcodes::check_all;
use common::native::native;

#[test]
fn backtracking_allocator() {
    check_all(&|module| native("opcodes", module, 1, ""));
}

#[test]
fn fast_allocator() {
    check_all(&|module| native("opcodes-fast", module, 0, ""));
}
