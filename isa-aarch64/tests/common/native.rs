//! AArch64 under qemu, as the shared tests see it.

use super::{AS, Dir, GCC, OBJCOPY, QEMU};
use crate::common::machine::native::Machine;
pub use crate::common::machine::native::{Call, Native, Outcome, compile, function_text, namer};
use pyexec_codegen::CodeBlob;
use pyexec_ir::Module;
use pyexec_isa_aarch64::{A64Target, print};
use std::path::{Path, PathBuf};

pub static MACHINE: Machine = Machine {
    header: print::FILE_HEADER,
    tools: [AS, OBJCOPY, GCC],
    flags: &["-static"],
    emulator: Some(QEMU),
    pc: "pc",
};

/// All functions as one assembly file for Linux, whatever system they were compiled for.
pub fn listing(module: &Module, blobs: &[CodeBlob]) -> String {
    MACHINE.listing(&A64Target::default(), module, blobs)
}

pub fn can_run(test: &str) -> bool {
    MACHINE.can_run(test)
}

pub fn check_assembled(dir: &Dir, listing: &Path, blobs: &[CodeBlob]) {
    MACHINE.check_assembled(dir, listing, blobs);
}

pub fn link(dir: &Dir, c: &str, stubs: Option<&str>) -> PathBuf {
    MACHINE.link(dir, c, stubs)
}

/// Compiled for a processor that has no more than it must.
pub fn native(name: &str, module: &Module, opt_level: u8, c: &str) -> Option<Native> {
    MACHINE.native(name, &A64Target::default(), module, opt_level, c)
}
