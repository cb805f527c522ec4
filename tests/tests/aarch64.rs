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
    assert_eq!(
        (&bytes[..4], &bytes[18..20]),
        (&b"\x7fELF"[..], &[183, 0][..]),
        "{path} is no AArch64 program"
    );
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

const TOOLS: [&str; 4] =
    ["aarch64-linux-gnu-as", "aarch64-linux-gnu-nm", "aarch64-linux-gnu-ld", "aarch64-linux-gnu-objcopy"];

/// Runs one of the tools, silently; what it prints.
fn tool(index: usize, args: &[&str]) -> String {
    let ran = run(TOOLS[index], args, b"").expect("the tool starts");
    assert_eq!((ran.status, &*ran.stderr), (Some(0), ""), "{} {args:?}", TOOLS[index]);
    ran.stdout
}

/// The bytes of an object in memory, each import at an address of its own. Calls within a file need no relocation
/// in the assembler's object and have one in ours, so only what is linked can be compared. Unwind tables are left
/// out: listings have none.
fn linked(object: &str) -> Vec<u8> {
    let (program, image) = (format!("{object}.exe"), format!("{object}.bin"));
    tool(3, &["-R", ".eh_frame", "-R", ".rela.eh_frame", object]);
    let undefined = tool(1, &["-u", "-j", object]);
    let mut names: Vec<&str> = undefined.lines().collect();
    names.sort_unstable();
    let imports = names.iter().enumerate();
    let imports: Vec<String> =
        imports.map(|(index, name)| format!("--defsym={name}={:#x}", 0x10_0000 + 16 * index)).collect();
    let mut args: Vec<&str> = imports.iter().map(String::as_str).collect();
    args.extend(["-e", "0", "-o", &program, object]);
    tool(2, &args);
    tool(3, &["-O", "binary", &program, &image]);
    std::fs::read(image).expect("objcopy wrote it")
}

/// The program of the object that we write, and of the one that GNU `as` makes of our listing.
fn images(folder: &Path, file: &Path, opt_level: u8) -> [Vec<u8>; 2] {
    let target = find_target(TRIPLE).expect("a target");
    let mut session = Session::new(Options { target, opt_level, ..Options::host().expect("a host") });
    let input = session.load(file).expect("read");
    let compiled = pipeline::compile(&session, &input, Purpose::Run, &mut Watch::nobody());
    let compiled = compiled.unwrap_or_else(|e| panic!("{}: {e:?}", file.display()));
    let listing = pipeline::listing(&session, &compiled).expect("a listing");
    let path = |name: &str| folder.join(name).to_str().expect("a UTF-8 path").to_owned();
    let (ours, theirs, text) = (path("ours.o"), path("theirs.o"), path("a.s"));
    std::fs::write(&ours, object(&session, &compiled).expect("an object")).expect("written");
    std::fs::write(&text, listing).expect("written");
    tool(0, &["-o", &theirs, &text]);
    [linked(&ours), linked(&theirs)]
}

#[test]
fn listings_assemble_to_the_same_bytes() {
    if let Some(tool) = TOOLS.into_iter().find(|t| run(t, ["--version"], b"").is_none()) {
        return skip("listings_assemble_to_the_same_bytes", &format!("{tool} not found"));
    }
    let folder = std::env::temp_dir().join(format!("pyexec-a64-listings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in files("tests/run", "py").into_iter().chain(files("tests/tracebacks", "py")) {
        for opt_level in [0, 2] {
            let [ours, theirs] = images(&folder, &file, opt_level);
            assert!(ours.len() > 40, "{}: there is code", file.display());
            let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
            assert_eq!(differs, None, "{} -O{opt_level}", file.display());
            assert_eq!(ours.len(), theirs.len(), "{} -O{opt_level}", file.display());
        }
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}
