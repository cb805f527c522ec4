//! What the tests share beside `codegen/tests/machine`: the GNU cross toolchain.
#![allow(dead_code, unused_imports)]

#[path = "../../../codegen/tests/machine/mod.rs"]
pub mod machine;

pub mod clang;
pub mod native;

pub use machine::{Dir, Rng, have, run};
use std::path::Path;

pub const AS: &str = "aarch64-linux-gnu-as";
pub const OBJDUMP: &str = "aarch64-linux-gnu-objdump";
pub const OBJCOPY: &str = "aarch64-linux-gnu-objcopy";
pub const GCC: &str = "aarch64-linux-gnu-gcc";
pub const QEMU: &str = "qemu-aarch64";

/// Assembles text into the words of its `.text` section.
pub fn assemble(dir: &Dir, text: &str) -> Vec<u8> {
    let (source, object, binary) = (dir.write("a.s", text), dir.path("a.o"), dir.path("a.bin"));
    run(AS, &[Path::new("-march=armv8.5-a"), Path::new("-o"), &object, &source]);
    let text_only = ["-O", "binary", "-j", ".text"].map(Path::new);
    run(OBJCOPY, &[&text_only[..], &[object.as_path(), binary.as_path()]].concat());
    std::fs::read(binary).expect("objcopy's output")
}
