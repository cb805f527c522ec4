//! Ring 2 on the second machine. The compiler itself is an AArch64 program, run by an emulator, and compiles,
//! links and runs in its own memory; `cargo xtask test` builds it and names it in `PYEXEC_CG_AARCH64`. Listings are
//! made by the compiler of this machine, and GNU `as` reads them.

use pyexec_driver::pipeline::{self, Purpose};
use pyexec_driver::{Options, Session, Watch, find_target, object};
use pyexec_tests::suite::{ARGS, compare_folder};
use pyexec_tests::{Ran, files, run, skip};
use std::path::Path;

const QEMU: &str = "qemu-aarch64";
/// Where the emulated program finds its libraries.
const LIBRARIES: [&str; 2] = ["-L", "/usr/aarch64-linux-gnu"];
const TRIPLE: &str = "aarch64-unknown-linux-gnu";

/// The compiler as an AArch64 program, if there is one.
fn compiler(test: &str) -> Option<String> {
    let Ok(path) = std::env::var("PYEXEC_CG_AARCH64") else {
        skip(test, "no compiler for AArch64: `cargo xtask test` builds one where it can");
        return None;
    };
    // Offset 18 of an ELF file is the machine; 183 is AArch64 (ELF for the Arm 64-bit Architecture, 5.2).
    let bytes = std::fs::read(&path).expect("the compiler was built");
    assert_eq!((&bytes[..4], &bytes[18..20]), (&b"\x7fELF"[..], &[183, 0][..]), "{path} is no AArch64 program");
    Some(path)
}

fn emulated(compiler: &str, args: &[&str]) -> Ran {
    let all = [&LIBRARIES[..], &[compiler], args].concat();
    run(QEMU, all, b"").expect("the emulator starts")
}

fn suite(folder: &str) {
    let Some(compiler) = compiler(folder) else { return };
    compare_folder(folder, &[&["run", "-O0"], &["run", "-O2"]], &|mode, file| {
        emulated(&compiler, &[mode, &[file], &ARGS].concat())
    });
}

#[test]
fn programs_print_what_cpython_prints() {
    suite("tests/run");
}

#[test]
fn uncaught_exceptions_look_as_cpythons() {
    suite("tests/tracebacks");
}

#[test]
fn the_compiler_runs_code_of_its_own_machine_and_no_other() {
    let Some(compiler) = compiler("the_compiler_runs_code_of_its_own_machine_and_no_other") else { return };
    let file = "tests/run/functions.py";
    let other = emulated(&compiler, &["run", "--target", "x86_64-unknown-linux-gnu", file]);
    assert_eq!(other.status, Some(2), "{other:?}");
    let own = emulated(&compiler, &["run", "--target", TRIPLE, file]);
    assert_eq!(own.status, Some(0), "{own:?}");
}

/// What `objdump` says of an object's code, relocations included, without the object's name.
fn disassembly(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    let args = ["-d", "-r", "-z", path.to_str().expect("a UTF-8 path")];
    let ran = run("aarch64-linux-gnu-objdump", args, b"").expect("objdump starts");
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    ran.stdout.lines().skip_while(|l| !l.starts_with("Disassembly")).map(|l| format!("{l}\n")).collect()
}

/// The object that we write and the one that GNU `as` makes of our listing.
fn objects(folder: &Path, file: &Path, opt_level: u8) -> [String; 2] {
    let options = Options {
        target: find_target(TRIPLE).expect("a target"),
        opt_level,
        ..Options::host().expect("a host")
    };
    let mut session = Session::new(options);
    let input = session.load(file).expect("read");
    let compiled = pipeline::compile(&session, &input, Purpose::Run, &mut Watch::nobody());
    let compiled = compiled.unwrap_or_else(|e| panic!("{}: {e:?}", file.display()));
    let listing = pipeline::listing(&session, &compiled).expect("a listing");
    std::fs::write(folder.join("ours.o"), object(&session, &compiled).expect("an object")).expect("written");
    std::fs::write(folder.join("a.s"), listing).expect("written");
    let path = |name: &str| folder.join(name).to_str().expect("a UTF-8 path").to_owned();
    let ran = run("aarch64-linux-gnu-as", ["-o", &path("theirs.o"), &path("a.s")], b"").expect("as starts");
    assert_eq!((ran.status, &*ran.stderr), (Some(0), ""), "{}", file.display());
    ["ours.o", "theirs.o"].map(|name| disassembly(folder, name))
}

#[test]
fn listings_assemble_to_the_same_code() {
    let tools = ["aarch64-linux-gnu-as", "aarch64-linux-gnu-objdump"];
    if let Some(tool) = tools.into_iter().find(|t| run(t, ["--version"], b"").is_none()) {
        return skip("listings_assemble_to_the_same_code", &format!("{tool} not found"));
    }
    let folder = std::env::temp_dir().join(format!("pyexec-a64-listings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in files("tests/run", "py").into_iter().chain(files("tests/tracebacks", "py")) {
        for opt_level in [0, 2] {
            let [ours, theirs] = objects(&folder, &file, opt_level);
            assert!(ours.lines().count() > 20, "{}: there is code\n{ours}", file.display());
            let differs = ours.lines().zip(theirs.lines()).find(|(a, b)| a != b);
            assert_eq!(differs, None, "{} -O{opt_level}", file.display());
            assert_eq!(ours.lines().count(), theirs.lines().count(), "{} -O{opt_level}", file.display());
        }
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}
