//! Listings for Apple's systems and Windows: clang's assembler makes the same words of them, apart from fields
//! that it relocates; and what thread-local data looks like there.

mod common;

use common::native::{compile, namer};
use common::{Dir, clang, have};
use pyexec_codegen::{CodeBlob, RelocKind};
use pyexec_ir::Module;
use pyexec_isa_aarch64::{A64Target, Features, System, print};

const MODULE: &str = "\
global local data thread @counter: size 16, align 8
global import data @theirs: size 16, align 8
global local const @table: size 32, align 8 = \"0123456789abcdef\"
func c import @other(i64) -> (i64)
func c export @probe(i64, f64) -> (i64) {
b0(v0: i64, v1: f64):
  v2 = global_addr @counter+8
  v3 = load.i64 global v2
  v4 = iadd.i64 v3, v0
  store.i64 global v4, v2
  v5 = global_addr @theirs+8
  v6 = load.i64 global v5
  v7 = global_addr @table+8
  v8 = load.i64 constant v7
  v9 = func_addr @other
  v10 = iadd.i64 v6, v8
  v11 = iadd.i64 v9, v10
  v12 = call @other(v11)
  v13 = fconst.f64 1.2345678
  v14 = flt.f64 v1, v13
  br_if v14, b1, b2
b1:
  ret v12
b2:
  ret v4
}
";

fn blobs(system: System) -> (Module, Vec<CodeBlob>) {
    let module = pyexec_ir::parse_module(MODULE, 0).expect("parses");
    assert_eq!(pyexec_ir::verify(&module), []);
    let blobs = compile(&A64Target::new(Features::default(), system), &module, 2);
    (module, blobs)
}

/// Clang needs the data that is not imported, and its kind.
fn data(system: System) -> &'static str {
    match system {
        System::Apple => {
            "    .section __TEXT,__const\n_table:\n    .zero 32\n\
             .tbss _counter$tlv$init, 16, 3\n\
             .section __DATA,__thread_vars,thread_local_variables\n\
             _counter: .quad __tlv_bootstrap\n.quad 0\n.quad _counter$tlv$init\n"
        }
        _ => ".section .rdata,\"dr\"\ntable:\n.zero 32\n.section .tls$,\"dw\"\ncounter:\n.zero 16\n",
    }
}

#[test]
fn clang_assembles_listings_to_the_same_words() {
    for system in [System::Apple, System::Windows] {
        let (module, blobs) = blobs(system);
        if !have("listings for other systems", &[clang::CLANG]) {
            return;
        }
        let dir = Dir::new("systems");
        let text: String = blobs.iter().map(|b| print::print(system, b, &namer(&module), true)).collect();
        let listing = dir.write("own.s", format!("{}{text}{}", print::FILE_HEADER, data(system)));
        let theirs = clang::assembled_text(system, &dir, &listing);
        let ours = &blobs[0];
        assert!(theirs.len() >= ours.bytes.len(), "{text}");
        for (index, (a, b)) in ours.bytes.chunks(4).zip(theirs.chunks(4)).enumerate() {
            let at = 4 * index as u32;
            // COFF keeps the distance from the symbol in the field; a call of ours is resolved at once.
            let is_field = ours.relocs.iter().any(|r| r.offset == at);
            assert!(is_field || a == b, "{system:?} at {at:#x}: ours {a:x?}, clang's {b:x?}\n{text}");
        }
    }
}

#[test]
fn thread_local_data_is_found_as_each_system_does() {
    let kinds = |system| -> Vec<RelocKind> { blobs(system).1[0].relocs.iter().map(|r| r.kind).collect() };
    use RelocKind as K;
    assert_eq!(kinds(System::Apple)[..2], [K::A64TlvPage, K::A64TlvLow12]);
    assert!(kinds(System::Apple).contains(&K::A64GotPage));
    let windows = kinds(System::Windows);
    let high = windows.iter().position(|k| *k == K::A64SecRelHigh12).expect("a section offset");
    assert_eq!(windows[high + 1], K::A64SecRelLow12);
    assert!(!windows.contains(&K::A64GotPage), "no table of addresses there");
    assert!(kinds(System::Linux).contains(&K::A64TlsCall));
}

/// x18 is the platform's: nothing that we make names it, but for the thread's block on Windows.
#[test]
fn the_platform_register_is_left_alone() {
    for system in [System::Linux, System::Apple, System::Windows] {
        let (module, blobs) = blobs(system);
        let text = print::print(system, &blobs[0], &namer(&module), true);
        let uses: Vec<&str> = text.lines().filter(|l| l.contains("x18") || l.contains("w18")).collect();
        assert_eq!(!uses.is_empty(), system == System::Windows, "{uses:?}");
        assert!(uses.iter().all(|l| l.contains("[x18, #88]")), "{uses:?}");
    }
}
