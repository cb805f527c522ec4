//! Single features, linked with C: large frames, thread-local and imported data, function pointers, endless
//! tail calls, known clobbers; and what is refused.

mod common;

use common::{Dir, check_assembled, compile, listing, run_tool};
use pyexec_codegen::{CodegenErrorKind, CompileOptions, Target};
use pyexec_ir::{Module, Opcode, parse_module};
use pyexec_isa_x86_64::{CpuFeatures, X86Target};
use pyexec_regalloc::PRegSet;
use std::process::Command;

fn module(text: &str) -> Module {
    let module = parse_module(text, 0).unwrap_or_else(|e| panic!("{e:?}"));
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    module
}

/// Compiles, links with C whose `main` returns 0 if all is well, and runs; as an executable and, where
/// asked, as a shared object too.
fn check(name: &str, pir: &str, c: &str, flags: &[&str]) {
    let module = module(pir);
    for level in [0, 1] {
        let blobs = compile(&X86Target::new(CpuFeatures::BASELINE), &module, level);
        let dir = Dir::new(&format!("{name}-{level}"));
        let (asm, source, exe) = (dir.0.join("code.s"), dir.0.join("test.c"), dir.0.join("exe"));
        std::fs::write(&asm, listing(&module, &blobs)).expect("write");
        std::fs::write(&source, c).expect("write");
        if !check_assembled(&dir, &asm, &blobs) {
            return;
        }
        let object = dir.0.join("code.o");
        let mut args: Vec<&std::ffi::OsStr> = flags.iter().map(AsRef::as_ref).collect();
        args.extend::<[&std::ffi::OsStr; 6]>([
            "-O1".as_ref(),
            "-w".as_ref(),
            "-o".as_ref(),
            exe.as_ref(),
            source.as_ref(),
            object.as_ref(),
        ]);
        if !run_tool("gcc", &args) {
            return;
        }
        let status = Command::new(&exe).status().expect("run");
        assert!(status.success(), "{name} at level {level}: {status:?}");
    }
}

#[test]
fn large_frames_touch_every_page_in_order() {
    let mut pir = String::new();
    let mut c = String::from("int main(void) {\n  int bad = 0;\n");
    for (n, size) in [1000, 4080, 4096, 8200, 33_000, 100_000, 3_000_000].into_iter().enumerate() {
        let last = size - 8;
        pir.push_str(&format!(
            "func c export @f{n}(i64) -> (i64) {{\n  slot s0: size {size}, align 16\nb0(v0: i64):\n  \
             v1 = stack_addr s0\n  v2 = stack_addr s0+{last}\n  store.i64 stack v0, v1\n  \
             store.i64 stack v0, v2\n  v3 = call @seen(v1, v2)\n  v4 = load.i64 stack v1\n  \
             v5 = load.i64 stack v2\n  v6 = iadd.i64 v4, v5\n  v7 = iadd.i64 v6, v3\n  ret v7\n}}\n"
        ));
        c.push_str(&format!("  bad |= f{n}(21) != 42 + {last};\n"));
    }
    pir.push_str("func c import @seen(i64, i64) -> (i64)\n");
    let head = "long seen(char *a, char *b) { return b - a; }\nlong f0(long), f1(long), f2(long), f3(long), \
                f4(long), f5(long), f6(long);\n";
    check("frames", &pir, &format!("{head}{c}  return bad;\n}}\n"), &[]);
}

const DATA: &str = "
sig0 = c (i64) -> (i64)
global import data thread @counter: size 8, align 8
global import data @numbers: size 32, align 8
global import data @functions: size 16, align 8
func c import @twice(i64) -> (i64)
func c export @data(i64) -> (i64) {
b0(v0: i64):
  v1 = global_addr @counter
  v2 = load.i64 unknown v1
  v3 = iadd.i64 v2, v0
  store.i64 unknown v3, v1
  v4 = global_addr @numbers+8
  v5 = iconst.i64 3
  v6 = shl.i64 v0, v5
  v7 = iadd.i64 v4, v6
  v8 = load.i64 unknown v7+8
  v9 = global_addr @functions
  v10 = load.i64 unknown v9+8
  v11 = call_indirect sig0 v10(v8)
  v12 = func_addr @twice
  v13 = call_indirect sig0 v12(v11)
  v14 = iadd.i64 v13, v3
  ret v14
}
";

#[test]
fn data_of_other_objects_and_threads() {
    let c = "_Thread_local long counter = 100;\nlong numbers[4] = {1, 2, 3, 4};\n\
        long negate(long x) { return -x; }\nlong twice(long x) { return 2 * x; }\n\
        long (*functions[2])(long) = {0, negate};\nlong data(long);\n\
        int main(void) { return !(data(1) == -8 + 101 && counter == 101 && data(0) == -6 + 101); }\n";
    check("data", DATA, c, &[]);
    check("data-static", DATA, c, &["-static"]);
    check("data-no-pie", DATA, c, &["-no-pie"]);
}

const TAIL: &str = "
sig0 = fast (i64, i64, f64, i64, i64, i64, i64, i64, i64, i64) -> (i64, i64)
func fast local @even(i64, i64, f64, i64, i64, i64, i64, i64, i64, i64) -> (i64, i64) {
b0(v0: i64, v1: i64, v2: f64, v3: i64, v4: i64, v5: i64, v6: i64, v7: i64, v8: i64, v9: i64):
  v10 = iconst.i64 0
  v11 = eq.i64 v0, v10
  br_if v11, b1, b2
b1:
  ret v8, v9
b2:
  v12 = iconst.i64 1
  v13 = isub.i64 v0, v12
  v14 = func_addr @odd
  tail_call_indirect sig0 v14(v13, v1, v2, v4, v3, v5, v6, v7, v9, v8)
}
func fast local @odd(i64, i64, f64, i64, i64, i64, i64, i64, i64, i64) -> (i64, i64) {
b0(v0: i64, v1: i64, v2: f64, v3: i64, v4: i64, v5: i64, v6: i64, v7: i64, v8: i64, v9: i64):
  v10 = iconst.i64 0
  v11 = eq.i64 v0, v10
  br_if v11, b1, b2
b1:
  v15 = iconst.i64 -1
  ret v15, v8
b2:
  v12 = iconst.i64 1
  v13 = isub.i64 v0, v12
  tail_call @even(v13, v1, v2, v4, v3, v5, v6, v7, v8, v9)
}
func c export @go(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 7
  v2 = iconst.i64 1000
  v3 = fconst.f64 0x3ff0000000000000
  v4, v5 = call @even(v0, v1, v3, v1, v1, v1, v1, v1, v1, v2)
  v6 = iadd.i64 v4, v5
  ret v6
}
";

#[test]
fn tail_calls_use_no_stack() {
    let c = "long go(long);\nint main(void) { return !(go(50000000) == 1007 && go(3) == -1 + 7); }\n";
    check("tail", TAIL, c, &[]);
}

#[test]
fn a_tail_call_that_needs_more_stack_is_refused_by_name() {
    let ten = "i64, i64, i64, i64, i64, i64, i64, i64, i64, i64";
    let text = format!(
        "func fast import @many({ten}) -> ()\nfunc fast export @f(i64) -> () {{\nb0(v0: i64):\n  \
         tail_call @many(v0, v0, v0, v0, v0, v0, v0, v0, v0, v0)\n}}\n"
    );
    let module = module(&text);
    let target = X86Target::new(CpuFeatures::BASELINE);
    let mut compiler = target.compiler(CompileOptions::at_level(1));
    let f = module.func_by_name("f").expect("there");
    let error = compiler.compile(&module, f, &(), &mut ()).expect_err("refused");
    assert!(matches!(error.kind, CodegenErrorKind::Unsupported(Some(Opcode::TailCall), _)), "{error}");
}

#[test]
fn what_a_callee_leaves_alone_stays_in_registers() {
    let text = "
func fast local @small(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 5
  v2 = imul.i64 v0, v1
  ret v2
}
func fast export @f(i64, i64, f64) -> (i64, f64) {
b0(v0: i64, v1: i64, v2: f64):
  v3 = call @small(v0)
  v4 = iadd.i64 v3, v1
  ret v4, v2
}
";
    let module = module(text);
    let target = X86Target::new(CpuFeatures::BASELINE);
    let mut compiler = target.compiler(CompileOptions::at_level(1));
    let ids: Vec<_> = module.funcs.ids().collect();
    let small = compiler.compile(&module, ids[0], &(), &mut ()).expect("compiles");
    assert!(small.clobbers.len() <= 2, "{:?}", small.clobbers);
    let unknown = compiler.compile(&module, ids[1], &(), &mut ()).expect("compiles");
    let known: Vec<Option<PRegSet>> = vec![Some(small.clobbers), None];
    let informed = compiler.compile(&module, ids[1], &known, &mut ()).expect("compiles");
    assert!(informed.bytes.len() < unknown.bytes.len());
    assert!(informed.clobbers.len() < unknown.clobbers.len());
}

#[test]
fn symbols_with_awkward_names_assemble() {
    let text = "
global import data @rax: size 8, align 8
global import data @\"a b\": size 8, align 8
func c import @and(i64) -> (i64)
func c export @\"f<1>\"(i64) -> (i64) {
b0(v0: i64):
  v1 = call @and(v0)
  v2 = global_addr @rax
  v3 = load.i64 unknown v2
  v4 = global_addr @\"a b\"
  v5 = load.i64 unknown v4
  v6 = iadd.i64 v3, v5
  v7 = iadd.i64 v6, v1
  ret v7
}
";
    let module = module(text);
    let blobs = compile(&X86Target::new(CpuFeatures::BASELINE), &module, 1);
    let dir = Dir::new("names");
    let path = dir.0.join("code.s");
    std::fs::write(&path, listing(&module, &blobs)).expect("write");
    check_assembled(&dir, &path, &blobs);
}
