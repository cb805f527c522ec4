//! Every atomic opcode, at every type, with every kind of address, operand and result, against the interpreter;
//! and what is selected.

#[path = "../../ir/tests/atomics/mod.rs"]
mod cases;
mod common;

use common::{Call, Outcome, Rng, native};
use pyexec_base::EntityId;
use pyexec_ir::FuncId;
use pyexec_isa_x86_64::{CpuFeatures, X86Target};

fn run(name: &str, opt_level: u8) {
    let cases = cases::cases();
    let module = cases::module(&cases);
    let baseline = CpuFeatures::parse("x86-64").expect("a name");
    let Some(native) = native(name, &module, baseline, opt_level, "") else { return };
    let mut interp = cases::interpreter(&module);
    let mut rng = Rng(0x1234_5678_9abc_def1);
    let (mut calls, mut wanted) = (Vec::new(), Vec::new());
    for (func, case) in cases.iter().enumerate() {
        for _ in 0..12 {
            let args = cases::arguments(case, &mut || rng.next());
            wanted.push(cases::expected(&mut interp, FuncId::from_index(func), &args));
            calls.push(Call {
                func,
                args: cases::cells(case, &args, rng.next()),
                results: case.results().len(),
            });
        }
    }
    let outcomes = native.run(&calls);
    for ((call, outcome), wanted) in calls.iter().zip(&outcomes).zip(wanted) {
        assert_eq!(
            outcome,
            &Outcome::Cells(wanted),
            "f{} {:?} {:x?}",
            call.func,
            cases[call.func],
            call.args
        );
    }
}

#[test]
fn backtracking_allocator() {
    run("atomics", 1);
}

#[test]
fn fast_allocator() {
    run("atomics-fast", 0);
}

#[test]
fn instructions() {
    let select = |body: &str, result: &str| {
        let result = if result.is_empty() { "ret" } else { result };
        let text = format!(
            "func fast export @f(i64, i64) -> ({}) {{\nb0(v0: i64, v1: i64):\n{body}\n{result}\n}}",
            if result == "ret" { "" } else { "i64" }
        );
        let module = pyexec_ir::parse_module(&text, 0).expect("it parses");
        assert_eq!(pyexec_ir::verify(&module), [], "{text}");
        let target = X86Target::new(CpuFeatures::parse("x86-64").expect("a name"));
        common::listing(&module, &common::compile(&target, &module, 1))
    };
    for (body, result, wanted) in [
        ("v2 = atomic_load.i64 array v0", "ret v2", "mov"),
        ("atomic_store.i64 array v1, v0+8", "", "xchg qword ptr [rdi+8]"),
        ("v2 = atomic_add.i64 array v1, v0", "ret v2", "lock xadd"),
        ("v2 = atomic_sub.i64 array v1, v0", "ret v2", "neg"),
        ("v2 = atomic_add.i64 array v1, v0", "", "lock add qword ptr [rdi], rsi"),
        ("v3 = iconst.i64 5\nv2 = atomic_sub.i64 array v3, v0", "", "lock sub qword ptr [rdi], 5"),
        ("v2 = atomic_and.i64 array v1, v0", "", "lock and"),
        ("v2 = atomic_or.i64 array v1, v0", "ret v2", "lock cmpxchg"),
        ("v2 = atomic_cas.i64 array v1, v1, v0", "ret v2", "lock cmpxchg"),
        ("fence", "", "mfence"),
    ] {
        let text = select(body, result);
        assert!(text.contains(wanted), "{body}: no `{wanted}` in\n{text}");
    }
}
