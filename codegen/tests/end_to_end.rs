//! Functions through the whole pipeline for a toy target, run on the toy machine, against a plain
//! evaluator of the IR.

mod toy;

use proptest::prelude::*;
use pyexec_base::EntityId;
use pyexec_codegen::{CodeBlob, CompileOptions, Compiler, FuncCompiler, Observer, Stage};
use pyexec_ir::{Func, FuncId, Imm, Module, Opcode, TrapCode, Value, parse_module};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use toy::Toy;
use toy::machine::{Machine, Stop, compute};

fn module(text: &str) -> Module {
    parse_module(text, 0).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))
}

/// Compiles the whole module; later functions know what earlier ones clobber.
fn compile(module: &Module, level: u8) -> Vec<Option<CodeBlob>> {
    let options = CompileOptions { check: true, ..CompileOptions::at_level(level) };
    let mut compiler = Compiler::new(Arc::new(Toy::new()), options);
    let mut known = vec![None; module.funcs.len()];
    let mut blobs = vec![None; module.funcs.len()];
    for id in module.funcs.ids() {
        let blob = compiler.compile(module, id, &known, &mut ()).unwrap_or_else(|e| panic!("{e}"));
        known[id.index()] = Some(blob.clobbers);
        blobs[id.index()] = Some(blob);
    }
    blobs
}

/// The first result of the function in the module's last place, at two levels; both agree.
fn run(text: &str, args: &[u64]) -> Result<u64, Stop> {
    let module = module(text);
    let last = module.funcs.len() - 1;
    let [slow, fast] =
        [0, 2].map(|level| Machine::new(&compile(&module, level)).call(last, args).map(|r| r[0]));
    assert_eq!(slow, fast);
    fast
}

#[test]
fn a_loop() {
    let sum = "func fast local @sum(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  jump b1(v0, v1)
b1(v2: i64, v3: i64):
  v4 = iadd.i64 v3, v2
  v5 = iconst.i64 1
  v6 = isub.i64 v2, v5
  v7 = iconst.i64 0
  v8 = ne.i64 v6, v7
  br_if v8, b1(v6, v4), b2
b2:
  ret v4
}
";
    assert_eq!(run(sum, &[100]), Ok(5050));
}

#[test]
fn recursion_memory_and_many_arguments() {
    let text = "func fast local @fib(i64) -> (i64) {
  slot s0: size 24, align 8
b0(v0: i64):
  v1 = iconst.i64 2
  v2 = slt.i64 v0, v1
  v20 = stack_addr s0+8
  store.i64 stack v0, v20+8
  br_if v2, b1(v0), b2
b1(v3: i64):
  ret v3
b2:
  v4 = iconst.i64 1
  v5 = isub.i64 v0, v4
  v6 = call @fib(v5)
  v7 = load.i64 stack v20+8
  v8 = isub.i64 v7, v1
  v9 = call @fib(v8)
  v10 = iadd.i64 v6, v9
  ret v10
}
func fast local @many(i64, i64, i64, i64, i64) -> (i64, i64, i64, i64) {
b0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64):
  v5 = iconst.i64 10
  v6 = imul.i64 v3, v5
  v7 = iadd.i64 v6, v4
  ret v4, v7, v0, v1
}
func fast local @main(i64) -> (i64) {
b0(v0: i64):
  v1 = call @fib(v0)
  v2 = iconst.i64 7
  v3, v4, v5, v6 = call @many(v0, v1, v2, v2, v1)
  v7 = iconst.i64 1000
  v8 = imul.i64 v5, v7
  v9 = imul.i64 v8, v7
  v10 = imul.i64 v6, v7
  v11 = iadd.i64 v9, v10
  v12 = iadd.i64 v11, v4
  v13 = isub.i64 v12, v3
  ret v13
}
";
    // fib(12) = 144: v5 = 12, v6 = 144, v4 = 70 + 144, v3 = 144.
    assert_eq!(run(text, &[12]), Ok(12_144_070));
}

#[test]
fn tables_and_traps() {
    let text = "func fast local @pick(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 100
  br_table v0, b3(v0), [b1, b2(v1), b3(v1)]
b1:
  v2 = iconst.i64 11
  ret v2
b2(v3: i64):
  jump b3(v3)
cold b3(v4: i64):
  v5 = iconst.i64 77
  v6 = eq.i64 v4, v5
  trap_if v6, user0
  v7 = iconst.i64 78
  v8 = eq.i64 v4, v7
  br_if v8, b4, b5
cold b4:
  trap user1
b5:
  ret v4
}
";
    let pick = |index| run(text, &[index]);
    assert_eq!([0, 1, 2, 3].map(|i| pick(i).ok()), [Some(11), Some(100), Some(100), Some(3)]);
    assert_eq!(pick(77), Err(Stop::Trap(TrapCode::User0)));
    assert_eq!(pick(78), Err(Stop::Trap(TrapCode::User1)));
    assert_eq!(pick(u64::MAX).ok(), Some(u64::MAX));
}

/// A table of nothing but the default is a jump: its index would be an operand of a branch to a block
/// with two predecessors, which allocators do not take.
#[test]
fn a_table_without_entries_is_a_jump() {
    let text = "func fast local @f(i64) -> (i64) {
b0(v0: i64):
  br_if v9, b1, b2
b1:
  br_table v0, b3(v0), []
b2:
  br_table v0, b3(v1), []
b3(v2: i64):
  ret v2
}
";
    let text = text.replace("  br_if v9", "  v1 = iconst.i64 5\n  v9 = slt.i64 v0, v1\n  br_if v9");
    assert_eq!([run(&text, &[3]), run(&text, &[9])], [Ok(3), Ok(5)]);
}

#[test]
fn an_import_is_refused() {
    let module = module("func c import @puts(i64) -> (i32)\n");
    let mut compiler = Compiler::new(Arc::new(Toy::new()), CompileOptions::at_level(1));
    let error = compiler.compile(&module, FuncId::new(0), &(), &mut ()).expect_err("no body");
    assert!(error.to_string().contains("puts"), "{error}");
}

/// A load must not sink below a store that it precedes.
#[test]
fn loads_sink_no_further_than_the_next_write() {
    let text = "func fast local @swap(i64) -> (i64) {
  slot s0: size 8, align 8
b0(v0: i64):
  v1 = stack_addr s0
  store.i64 stack v0, v1
  v2 = load.i64 stack v1
  v3 = iconst.i64 5
  store.i64 stack v3, v1
  v4 = load.i64 stack v1
  v5 = imul.i64 v3, v2
  v6 = imul.i64 v5, v4
  ret v6
}
";
    assert_eq!(run(text, &[3]), Ok(75));
}

#[test]
fn what_the_target_cannot_do_is_an_error_that_names_it() {
    let module =
        module("func fast local @f(f64) -> (f64) {\nb0(v0: f64):\n  v1 = fsqrt.f64 v0 @7\n  ret v1\n}\n");
    let mut compiler = Compiler::new(Arc::new(Toy::new()), CompileOptions::at_level(1));
    let error = compiler.compile(&module, FuncId::new(0), &(), &mut ()).expect_err("no floats");
    assert!(error.to_string().contains("`fsqrt`") && error.loc.offset() == Some(7), "{error:?}");
}

#[derive(Default)]
struct Recorder(BTreeMap<Stage, String>, Vec<Stage>);

impl Observer for Recorder {
    fn wants(&self, stage: Stage) -> bool {
        stage != Stage::Encode
    }
    fn artifact(&mut self, stage: Stage, func: &str, text: &dyn Display) {
        assert_eq!(func, "f");
        self.0.insert(stage, text.to_string());
    }
    fn elapsed(&mut self, stage: Stage, _: std::time::Duration) {
        self.1.push(stage);
    }
    fn times(&self) -> bool {
        true
    }
}

#[test]
fn every_stage_can_be_seen() {
    let text = "func fast local @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = imul.i64 v0, v1
  ret v2
}
";
    let module = module(text);
    let mut seen = Recorder::default();
    let mut compiler = Compiler::new(Arc::new(Toy::new()), CompileOptions::at_level(1));
    compiler.compile(&module, FuncId::new(0), &(), &mut seen).expect("compiles");
    assert_eq!(seen.1, [Stage::Lower, Stage::Allocate, Stage::Rewrite, Stage::Encode]);
    assert_eq!(
        seen.0[&Stage::Lower],
        "vcode f {\nb0:\n  Args([(vr1, p0), (vr2, p1)])\n  Alu(imul, vr0, vr1, vr2)\n  Ret([(vr0, p0)])\n}\n"
    );
    assert!(seen.0[&Stage::Rewrite].contains("Alu(imul, p0, p0, p1)"), "{}", seen.0[&Stage::Rewrite]);
    let allocation = pyexec_regalloc::text::parse(&seen.0[&Stage::Allocate]).expect("a .ra text");
    assert!(allocation.solution.is_some());
}

// ---- Random functions ----

/// Runs a function of two-operand instructions and branches, without calls.
fn evaluate(func: &Func, args: &[u64], mut fuel: u32) -> Option<Result<Vec<u64>, TrapCode>> {
    let mut values: BTreeMap<Value, u64> = BTreeMap::new();
    let mut block = func.entry()?;
    let mut incoming = args.to_vec();
    loop {
        values.extend(func.block(block).params.iter().copied().zip(incoming));
        let mut next = None;
        for &inst in &func.block(block).insts {
            fuel = fuel.checked_sub(1)?;
            let data = func.inst(inst);
            let args: Vec<u64> = func.args(inst).iter().map(|v| values[v]).collect();
            let result = match (data.op, data.imm) {
                (Opcode::Iconst, Imm::Int(value)) => value as u64,
                (Opcode::Select, _) => args[if args[0] as u8 != 0 { 1 } else { 2 }],
                (Opcode::Ret, _) => return Some(Ok(args)),
                (Opcode::Jump, _) => {
                    next = Some(0);
                    continue;
                }
                (Opcode::BrIf, _) => {
                    next = Some(usize::from(args[0] as u8 == 0));
                    continue;
                }
                (op, _) => match compute(op, args[0], args[1]) {
                    Ok(value) => value,
                    Err(trap) => return Some(Err(trap)),
                },
            };
            values.insert(func.first_result(inst)?, result);
        }
        let call = func.successors(block)[next?];
        incoming = func.block_call_args(call).iter().map(|v| values[v]).collect();
        block = call.block;
    }
}

/// The text of a random function: a chain of blocks with branches in both directions. Every block has
/// three parameters, so that branches permute values.
fn random_func(seed: u64, blocks: usize) -> String {
    let mut rng = pyexec_regalloc::random::Rng::new(seed);
    let mut text = "func fast local @f(i64, i64, i64) -> (i64, i64, i64) {\n".to_string();
    let mut next = 0;
    for block in 0..blocks {
        let mut ints: Vec<usize> = (next..next + 3).collect();
        text += &format!("b{block}(v{}: i64, v{}: i64, v{}: i64):\n", next, next + 1, next + 2);
        next += 3;
        for _ in 0..rng.below(12) {
            let ops = ["iadd", "isub", "imul", "bxor", "band", "smin", "umax"];
            let a = ints[rng.below(ints.len())];
            let b = ints[rng.below(ints.len())];
            text += &match rng.below(10) {
                0 => format!("  v{next} = iconst.i64 {}\n", rng.below(9) as i64 - 4),
                _ => format!("  v{next} = {}.i64 v{a}, v{b}\n", ops[rng.below(ops.len())]),
            };
            ints.push(next);
            next += 1;
        }
        let mut pick = || format!("v{}", ints[rng.below(ints.len())]);
        let [a, b, c, d, e, f, g, h] = std::array::from_fn(|_| pick());
        if block + 1 == blocks {
            text += &format!("  ret {a}, {b}, {c}\n}}\n");
            break;
        }
        text += &format!("  v{next} = slt.i64 {a}, {b}\n");
        let back = 1 + rng.below(blocks - 1);
        text += &match rng.below(4) {
            0 => format!("  jump b{}({c}, {d}, {e})\n", block + 1),
            1 => format!("  br_if v{next}, b{back}({c}, {d}, {e}), b{}({f}, {g}, {h})\n", block + 1),
            2 => format!("  br_if v{next}, b{}({c}, {d}, {e}), b{back}({f}, {g}, {h})\n", block + 1),
            _ => format!("  br_if v{next}, b{0}({c}, {d}, {e}), b{0}({f}, {g}, {h})\n", block + 1),
        };
        next += 1;
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_functions_compute_what_the_ir_says(seed: u64, blocks in 2usize..14, args: [i8; 3]) {
        let text = random_func(seed, blocks);
        let module = module(&text);
        let args = args.map(|a| a as i64 as u64);
        let Some(Ok(expected)) = evaluate(&module.funcs[FuncId::new(0)], &args, 20_000) else { return Ok(()) };
        for level in [0, 2] {
            let blobs = compile(&module, level);
            let got = Machine::new(&blobs).call(0, &args);
            prop_assert_eq!(got, Ok([expected[0], expected[1]]), "level {}\n{}", level, text);
        }
    }
}
