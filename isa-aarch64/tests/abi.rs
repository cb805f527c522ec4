//! The conventions against C compilers, both ways at once (see `c_calls`): AAPCS64 against gcc, Apple's and
//! Windows' against clang. What clang makes for those systems is put into ELF and run under qemu beside ours:
//! the code is the same on all of them, and calls nothing of theirs.

mod common;

use common::machine::c_calls::{PROGRAM, Shape, generate, is_split, random_shape};
use common::native::{can_run, check_assembled, compile, listing};
use common::{Dir, GCC, QEMU, Rng, clang, have, run};
use pyexec_codegen::Isa as _;
use pyexec_ir::{Aggregate, Builder, CallConv, Func, Linkage, Module, Param, Signature, Type};
use pyexec_isa_aarch64::{A64Target, AArch64, Features, System};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the generated C as the system does, to an ELF object.
fn c_object(system: System, dir: &Dir, c: &Path) -> PathBuf {
    let object = dir.path("test.o");
    if system != System::Linux {
        clang::elf_object(system, dir, c, &object);
    } else {
        let flags = ["-c", "-w", "-O1", "-o"].map(Path::new);
        run(GCC, &[&flags[..], &[&object, c]].concat());
    }
    object
}

fn check(name: &str, shapes: &[Shape], system: System, opt_level: u8) {
    let (module, c) = generate(shapes);
    let target = A64Target::new(Features::default(), system);
    let blobs = compile(&target, &module, opt_level);
    if !can_run(name) || system != System::Linux && !have(name, &[clang::CLANG]) {
        return;
    }
    let dir = Dir::new(name);
    let asm = dir.write("code.s", listing(&module, &blobs));
    check_assembled(&dir, &asm, &blobs);
    let (c, program) = (dir.write("test.c", c), dir.write("program.c", PROGRAM));
    let (theirs, exe) = (c_object(system, &dir, &c), dir.path("exe"));
    let flags = ["-O1", "-w", "-static", "-o"].map(Path::new);
    let files = [exe.as_path(), program.as_path(), theirs.as_path(), &dir.path("code.o")];
    run(GCC, &[&flags[..], &files[..]].concat());
    let output = Command::new(QEMU).arg(&exe).output().expect("run");
    assert!(output.status.success(), "{:?}\n{}", output.status, String::from_utf8_lossy(&output.stdout));
}

fn shapes(seed: u64, count: usize, variadic: bool, system: System) -> Vec<Shape> {
    let isa = AArch64::new(Features::default(), system);
    let mut rng = Rng(seed);
    let mut random = || random_shape(&mut rng, variadic);
    // Microsoft's document has x7 take half an aggregate before the dots; clang 14 puts all of it on the stack.
    // The table in `codegen/tests/abi.rs` follows the document.
    std::iter::repeat_with(&mut random).filter(|s| !is_split(s, isa.conv(CallConv::C))).take(count).collect()
}

#[test]
fn scalars_and_aggregates_travel_as_gcc_sends_them() {
    let shapes = shapes(0xabcd_ef01_2345_6789, 150, false, System::Linux);
    check("abi", &shapes, System::Linux, 1);
    check("abi-fast", &shapes, System::Linux, 0);
}

#[test]
fn variadic_callees_find_their_arguments() {
    check("variadic", &shapes(0x1111_2222_3333_4445, 60, true, System::Linux), System::Linux, 1);
}

#[test]
fn apple_packs_its_stack_and_extends_what_is_narrow() {
    let fixed = shapes(0x5555_aaaa_1234_8765, 150, false, System::Apple);
    check("apple", &fixed, System::Apple, 1);
    check("apple-fast", &fixed, System::Apple, 0);
    check("apple-variadic", &shapes(0x7777_2222_3333_4445, 60, true, System::Apple), System::Apple, 1);
}

#[test]
fn windows_passes_floats_before_dots_in_general_registers() {
    check("windows", &shapes(0x9999_aaaa_1234_8765, 100, false, System::Windows), System::Windows, 1);
    let variadic = shapes(0x3333_2222_1111_4445, 100, true, System::Windows);
    check("windows-variadic", &variadic, System::Windows, 1);
    check("windows-variadic-fast", &variadic, System::Windows, 0);
}

/// gcc's callee sees the same registers and stack words as whole numbers.
#[test]
fn half_an_aggregate_travels_in_x7_before_dots() {
    let layout = Aggregate { size: 16, align: 8, fields: vec![(0, Type::I64), (8, Type::F64)] };
    let mut sig = Signature::new(CallConv::C, &[Type::I64; 7], &[Type::I64]);
    sig.params.push(Param::ByValue(layout.clone()));
    sig.variadic = true;
    let mut module = Module::new();
    let callee = module.import("callee", sig);
    let mut func = Func::new(
        "relay",
        Signature::new(CallConv::C, &[Type::I64, Type::I64], &[Type::I64]),
        Linkage::Export,
    );
    let entry = func.add_block();
    let (address, number) = (func.add_param(entry, Type::I64), func.add_param(entry, Type::I64));
    let mut b = Builder::new(&mut func, entry);
    let float = b.f64const(2.5);
    let args = [number, number, number, number, number, number, number, address, float];
    let call = b.call(callee, &[Type::I64], &args);
    let result = b.func.first_result(call).expect("a result");
    b.ret(&[result]);
    module.funcs.push(func);
    let blobs = compile(&A64Target::new(Features::default(), System::Windows), &module, 1);
    if !can_run("split") {
        return;
    }
    let dir = Dir::new("split");
    let asm = dir.write("code.s", listing(&module, &blobs));
    check_assembled(&dir, &asm, &blobs);
    let c = "long relay(long *, long);\n\
        long callee(long a, long b, long c, long d, long e, long f, long g, long first, long second, long dots)\n\
        { return g == 7 && first == 11 && second == 22 && dots == 0x4004000000000000; }\n\
        int main(void) { long pair[2] = {11, 22}; return relay(pair, 7) != 1; }\n";
    let exe = common::native::link(&dir, c, None);
    assert_eq!(Command::new(QEMU).arg(&exe).output().expect("run").status.code(), Some(0));
}
