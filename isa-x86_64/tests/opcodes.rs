//! Every opcode at every type against the opcode's own meaning.

mod common;

use common::machine::opcodes::check_all;
use common::native;
use pyexec_isa_x86_64::CpuFeatures;

#[test]
fn baseline_processor() {
    check_all(&|module| native("baseline", module, CpuFeatures::BASELINE, 1, ""));
}

#[test]
fn this_processor() {
    check_all(&|module| native("host", module, CpuFeatures::host(), 1, ""));
}

#[test]
fn fast_allocator() {
    check_all(&|module| native("fast", module, CpuFeatures::V2, 0, ""));
}
