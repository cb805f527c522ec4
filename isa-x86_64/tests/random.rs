//! The IR's own random modules: native code against the interpreter.

mod common;

use common::{Call, Outcome, native};
use pyexec_codegen::{CodegenErrorKind, CompileOptions, Target};
use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::random::{ENTRY, RandomOptions, Rng, random_args, random_module};
use pyexec_ir::{DataTarget, Module, Opcode};
use pyexec_isa_x86_64::{CpuFeatures, X86Target};
use std::fmt::Write as _;

/// The module's globals as assembly, inside of C.
fn data_text(module: &Module) -> String {
    let mut text = String::from(".data\\n");
    for global in module.globals.values() {
        write!(text, ".globl {0}\\n.balign {1}\\n{0}:\\n", global.name, global.align.max(8)).expect("write");
        let mut at = 0;
        while at < global.size {
            if let Some(reloc) = global.relocs.iter().find(|r| r.offset == at) {
                let name = match reloc.target {
                    DataTarget::Func(id) => &module.funcs[id].name,
                    DataTarget::Global(id) => &module.globals[id].name,
                };
                write!(text, ".quad {name}{:+}\\n", reloc.addend).expect("write");
                at += 8;
            } else {
                write!(text, ".byte {}\\n", global.init.get(at as usize).unwrap_or(&0)).expect("write");
                at += 1;
            }
        }
    }
    format!("__asm__(\"{text}.text\\n\");")
}

fn run(seed: u64, cpu: CpuFeatures, opt_level: u8) -> bool {
    let options = RandomOptions { funcs: 12, insts: 60, ..RandomOptions::default() };
    let module = random_module(seed, &options);
    if is_refused(&module, cpu) {
        return false;
    }
    let name = format!("random-{seed}-{opt_level}");
    let Some(native) = native(&name, &module, cpu, opt_level, &data_text(&module)) else {
        return true;
    };
    let mut interp = Interp::new(&module, Limits::default()).expect("the module fits");
    let entry = module.func_by_name(ENTRY).expect("there is an entry");
    let func = module.funcs.iter().filter(|(_, f)| !f.is_import()).position(|(id, _)| id == entry);
    let mut rng = Rng::new(seed);
    let (mut calls, mut wanted) = (Vec::new(), Vec::new());
    for _ in 0..16 {
        let args = random_args(&mut rng);
        wanted.push(interp.call(entry, &args, &mut NoHost));
        let args = args.iter().map(|a| *a as u64).collect();
        calls.push(Call { func: func.expect("defined"), args, results: 1 });
    }
    for (outcome, want) in native.run(&calls).iter().zip(&wanted) {
        let same = match (outcome, want) {
            (Outcome::Cells(ours), Ok(theirs)) => u128::from(ours[0]) == theirs[0],
            // The driver only knows the traps of the entry itself.
            (Outcome::Trap(_) | Outcome::Crash(4, _), Err(Stop::Trap(..))) => true,
            _ => false,
        };
        assert!(same, "seed {seed} at level {opt_level}: got {outcome:x?}, not {want:x?}");
    }
    true
}

/// Whether the module has a tail call that this target refuses: the callee's stack arguments do not fit
/// into the caller's.
fn is_refused(module: &Module, cpu: CpuFeatures) -> bool {
    let mut compiler = X86Target::new(cpu).compiler(CompileOptions { opt_level: 0, check: false });
    let defined = module.funcs.iter().filter(|(_, f)| !f.is_import());
    let errors: Vec<_> =
        defined.filter_map(|(id, _)| compiler.compile(module, id, &(), &mut ()).err()).collect();
    for error in &errors {
        let tail = matches!(
            error.kind,
            CodegenErrorKind::Unsupported(Some(Opcode::TailCall | Opcode::TailCallIndirect), _)
        );
        assert!(tail, "{error}");
    }
    !errors.is_empty()
}

#[test]
fn native_code_answers_as_the_interpreter() {
    let seeds = std::env::var("RANDOM_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(6);
    let ran = (1..=seeds)
        .filter(|seed| run(*seed, CpuFeatures::host(), 1) && run(*seed, CpuFeatures::BASELINE, 0))
        .count() as u64;
    assert!(ran * 2 >= seeds, "only {ran} of {seeds} modules were not refused");
}
