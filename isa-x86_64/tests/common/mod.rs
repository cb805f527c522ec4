//! This machine, as the shared tests see it.
#![allow(dead_code, unused_imports)]

#[path = "../../../codegen/tests/machine/mod.rs"]
pub mod machine;

use machine::native::Machine;
pub use machine::native::{Call, Native, Outcome, compile, function_text};
pub use machine::{Dir, Rng, have};
use pyexec_codegen::CodeBlob;
use pyexec_ir::Module;
use pyexec_isa_x86_64::{CpuFeatures, X86Target, print};
use std::path::Path;
use std::process::Command;

pub static MACHINE: Machine = Machine {
    header: print::FILE_HEADER,
    tools: ["as", "objcopy", "gcc"],
    flags: &[],
    emulator: None,
    pc: "gregs[REG_RIP]",
};

/// All functions as one assembly file.
pub fn listing(module: &Module, blobs: &[CodeBlob]) -> String {
    MACHINE.listing(&X86Target::new(CpuFeatures::BASELINE), module, blobs)
}

pub fn run_tool(tool: &str, args: &[&std::ffi::OsStr]) -> bool {
    let Ok(output) = Command::new(tool).args(args).output() else {
        eprintln!("skipped: {tool} not found");
        return false;
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    true
}

/// Assembles a listing and compares; whether the tools are there.
pub fn check_assembled(dir: &Dir, listing: &Path, blobs: &[CodeBlob]) -> bool {
    let found = MACHINE.can_run("listings");
    if found {
        MACHINE.check_assembled(dir, listing, blobs);
    }
    found
}

/// Compiles and links; nothing where gcc is missing.
pub fn native(name: &str, module: &Module, cpu: CpuFeatures, opt_level: u8, c: &str) -> Option<Native> {
    MACHINE.native(name, &X86Target::new(cpu), module, opt_level, c)
}
