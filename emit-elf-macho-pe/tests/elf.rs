//! Objects are linked and run by the system's own tools, and headers compiled by its compilers.

use pyexec_codegen::{CodeBlob, Reloc, RelocKind, SymbolRef, UnwindOp};
use pyexec_emit_elf_macho_pe::*;
use pyexec_ir::{CallConv, DataReloc, DataTarget, Func, Global, Linkage, Module, Signature, Type};
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("pyexec-emit-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).expect("a temporary folder");
    path
}

fn tool(name: &str) -> bool {
    let found = Command::new(name).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: no {name}");
    }
    found
}

fn run(folder: &Path, program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).current_dir(folder).output().expect("starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {}\n{stderr}", output.status);
    assert!(!stderr.contains("warning"), "{program} {args:?}:\n{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn blob(bytes: &[u8], relocs: &[(u32, RelocKind, SymbolRef, i64)]) -> CodeBlob {
    CodeBlob {
        bytes: bytes.to_vec(),
        code_len: bytes.len() as u32,
        align: 16,
        relocs: relocs
            .iter()
            .map(|&(offset, kind, symbol, addend)| Reloc { offset, kind, symbol, addend })
            .collect(),
        ..CodeBlob::default()
    }
}

fn define(module: &mut Module, name: &str, linkage: Linkage) -> pyexec_ir::FuncId {
    module.funcs.push(Func::new(name, Signature::new(CallConv::C, &[], &[Type::I64]), linkage))
}

/// A module with every kind of reference, by hand-assembled code.
fn every_reference() -> (Module, Vec<(pyexec_ir::FuncId, CodeBlob)>) {
    let mut m = Module::new();
    let puts = m.import("puts", Signature::new(CallConv::C, &[Type::I64], &[Type::I32]));
    let text = m.globals.push(Global::constant("text", b"hello\0"));
    let _unused = m.globals.push(Global::constant("unused", b"never written anywhere"));
    let counter = m.globals.push(Global { linkage: Linkage::Export, ..Global::zeroed("counter", 8, 8) });
    let state = m.globals.push(Global {
        linkage: Linkage::Weak,
        thread_local: true,
        ..Global::zeroed("state", 16, 8)
    });
    let pointer = m.globals.push(Global {
        size: 8,
        align: 8,
        relocs: vec![DataReloc { offset: 0, target: DataTarget::Global(text), addend: 1 }],
        ..Global::constant("pointer", &[])
    });
    let (hello, count) = (define(&mut m, "hello", Linkage::Export), define(&mut m, "count", Linkage::Export));
    let (tls, inner) = (define(&mut m, "tls", Linkage::Export), define(&mut m, "inner", Linkage::Local));
    let (g, f) = (SymbolRef::Global, SymbolRef::Func);
    // sub rsp,8; mov rdi,[rip+pointer]; call puts; add rsp,8; mov eax,7; ret
    let hello_code = [
        0x48, 0x83, 0xec, 8, 0x48, 0x8b, 0x3d, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0x48, 0x83, 0xc4, 8, 0xb8, 7, 0,
        0, 0, 0xc3,
    ];
    let mut hello_blob = blob(
        &hello_code,
        &[(7, RelocKind::X86PcRel32, g(pointer), -4), (12, RelocKind::X86Call, f(puts), -4)],
    );
    hello_blob.unwind = vec![(4, UnwindOp::CfaOffset(16)), (20, UnwindOp::CfaOffset(8))];
    // mov rax,[rip+GOT(counter)]; inc qword [rax]; mov rax,[rax]; ret
    let count_code = [0x48, 0x8b, 0x05, 0, 0, 0, 0, 0x48, 0xff, 0x00, 0x48, 0x8b, 0x00, 0xc3];
    let count_blob = blob(&count_code, &[(3, RelocKind::X86GotPcRel, g(counter), -4)]);
    // push rbx; data16 lea rdi,[rip+tlsgd]; data16 data16 rex.w call __tls_get_addr; call inner; pop rbx; ret
    let tls_code = [
        0x53, 0x66, 0x48, 0x8d, 0x3d, 0, 0, 0, 0, 0x66, 0x66, 0x48, 0xe8, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0x5b,
        0xc3,
    ];
    let tls_blob = blob(
        &tls_code,
        &[
            (5, RelocKind::X86TlsGd, g(state), -4),
            (13, RelocKind::X86Call, SymbolRef::Named("__tls_get_addr"), -4),
            (18, RelocKind::X86Call, f(inner), -4),
        ],
    );
    // add qword [rax+8], 5; mov rax,[rax+8]; ret
    let inner_blob = blob(&[0x48, 0x83, 0x40, 8, 5, 0x48, 0x8b, 0x40, 8, 0xc3], &[]);
    (m, vec![(hello, hello_blob), (count, count_blob), (tls, tls_blob), (inner, inner_blob)])
}

const CALLER: &str = r#"
#include <stdio.h>
#include <stdint.h>
int64_t hello(void), count(void), tls(void);
extern int64_t counter;
int main(void) {
    counter = 40;
    long a = hello(), b = count(), c = count(), d = tls(), e = tls();
    printf("%ld %ld %ld %ld %ld\n", a, b, c, d, e);
}
"#;

#[test]
fn every_kind_of_reference_links_statically_and_dynamically() {
    if !tool("cc") {
        return;
    }
    let (module, code) = every_reference();
    let object = Object { machine: Machine::X86_64, module: &module, code: &code };
    let bytes = write_object(Format::Elf, &object).expect("writes");
    assert_eq!(bytes, write_object(Format::Elf, &object).expect("writes"), "same input, same bytes");
    let dir = folder("references");
    std::fs::write(dir.join("m.o"), &bytes).expect("writes");
    std::fs::write(dir.join("main.c"), CALLER).expect("writes");
    let expected = "ello\n7 41 42 5 10\n";
    run(&dir, "cc", &["main.c", "m.o", "-o", "static"]);
    assert_eq!(run(&dir, "./static", &[]), expected);
    run(&dir, "cc", &["-shared", "m.o", "-o", "libm2.so", "-Wl,--no-undefined"]);
    run(&dir, "cc", &["main.c", "-L.", "-lm2", "-Wl,-rpath,$ORIGIN", "-o", "dynamic"]);
    assert_eq!(run(&dir, "./dynamic", &[]), expected);
    assert!(!String::from_utf8_lossy(&bytes).contains("never written"), "unused data is left out");
    if tool("readelf") {
        let frames = run(&dir, "readelf", &["-wF", "m.o"]);
        assert!(frames.contains("rsp+16"), "{frames}");
    }
    std::fs::remove_dir_all(dir).expect("cleans up");
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

#[test]
fn aarch64_objects_link_and_run() {
    if !tool("aarch64-linux-gnu-gcc") || !tool("qemu-aarch64") {
        return;
    }
    let mut m = Module::new();
    let puts = m.import("puts", Signature::new(CallConv::C, &[Type::I64], &[Type::I32]));
    let text = m.globals.push(Global::constant("text", b"hello\0"));
    let counter = m.globals.push(Global { linkage: Linkage::Export, ..Global::zeroed("counter", 8, 8) });
    let (hello, count) = (define(&mut m, "hello", Linkage::Export), define(&mut m, "count", Linkage::Export));
    let (g, f) = (SymbolRef::Global, SymbolRef::Func);
    // stp x29, x30, [sp, -16]!; adrp x0, text; add x0, x0, :lo12:text; bl puts; mov w0, 7; ldp x29, x30, [sp], 16; ret
    let hello_code =
        words(&[0xa9bf7bfd, 0x90000000, 0x91000000, 0x94000000, 0x528000e0, 0xa8c17bfd, 0xd65f03c0]);
    let mut hello_blob = blob(
        &hello_code,
        &[
            (4, RelocKind::A64Page, g(text), 1),
            (8, RelocKind::A64AddLow12, g(text), 1),
            (12, RelocKind::A64Call, f(puts), 0),
        ],
    );
    hello_blob.unwind = vec![(4, UnwindOp::CfaOffset(16)), (4, UnwindOp::Saved(30, -8))];
    // adrp x1, :got:counter; ldr x1, [x1, :got_lo12:counter]; ldr x0, [x1]; add x0, x0, 1; str x0, [x1]; ret
    let count_code = words(&[0x90000001, 0xf9400021, 0xf9400020, 0x91000400, 0xf9000020, 0xd65f03c0]);
    let count_blob = blob(
        &count_code,
        &[(0, RelocKind::A64GotPage, g(counter), 0), (4, RelocKind::A64GotLow12, g(counter), 0)],
    );
    let code = [(hello, hello_blob), (count, count_blob)];
    let bytes = write_object(Format::Elf, &Object { machine: Machine::Aarch64, module: &m, code: &code });
    let dir = folder("aarch64");
    std::fs::write(dir.join("m.o"), bytes.expect("writes")).expect("writes");
    let caller = "#include <stdio.h>\nlong hello(void), count(void);\nextern long counter;\nint main(void) {\n\
                  counter = 40;\n long a = hello(), b = count(), c = count();\n printf(\"%ld %ld %ld\\n\", a, b, c);\n}\n";
    std::fs::write(dir.join("main.c"), caller).expect("writes");
    run(&dir, "aarch64-linux-gnu-gcc", &["-static", "main.c", "m.o", "-o", "static"]);
    assert_eq!(run(&dir, "qemu-aarch64", &["./static"]), "ello\n7 41 42\n");
    std::fs::remove_dir_all(dir).expect("cleans up");
}

fn func(name: &str, params: &[(&str, CType)], result: CType, doc: Option<&str>) -> ExportedFunc {
    let params = params.iter().map(|(n, t)| ((*n).to_owned(), t.clone())).collect();
    ExportedFunc { name: name.into(), params, result, doc: doc.map(str::to_owned), raises: true }
}

#[test]
fn headers_compile_without_a_warning_as_c_and_as_cpp() {
    let pair = CType::Struct(vec![("item0".into(), CType::Int(64, true)), ("item1".into(), CType::Double)]);
    let header = Header {
        stem: "my-lib".into(),
        sources: vec!["odd */ name.py".into()],
        funcs: vec![
            func(
                "gcd",
                &[("a", CType::Int(64, true))],
                CType::Int(64, true),
                Some("Greatest /* common */ \\"),
            ),
            func("double", &[("new", CType::Double), ("restrict", CType::Bool)], CType::Float, None),
            func("both", &[("s", CType::Text), ("p", pair.clone())], pair, Some("a\n\nb")),
            func("nothing", &[], CType::Void, None),
        ],
    };
    let text = write_header(&header);
    let dir = folder("header");
    std::fs::write(dir.join("my-lib.h"), &text).expect("writes");
    let user = r#"
#include "my-lib.h"
#include "my-lib.h"
int main(void) {
    struct both_p p = {1, 2.0};
    struct both_result r = both("x", 1, p);
    nothing();
    return (int)r.item1 + (int)double_(1.0, true) + (int)gcd(pyexec_error_state()->kind);
}
"#;
    std::fs::write(dir.join("u.c"), user).expect("writes");
    std::fs::write(dir.join("u.cpp"), user).expect("writes");
    if tool("gcc") {
        run(&dir, "gcc", &["-std=c99", "-Wall", "-Wextra", "-Werror", "-c", "u.c"]);
    }
    if tool("g++") {
        run(&dir, "g++", &["-Wall", "-Wextra", "-Werror", "-c", "u.cpp"]);
    }
    std::fs::remove_dir_all(dir).expect("cleans up");
}
