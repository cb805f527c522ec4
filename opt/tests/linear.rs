//! The work per instruction hardly grows with the size of a function, and the order of passes is legal.

mod common;

use common::random::{Rng, module};
use pyexec_ir::{Builder, CallConv, Func, Linkage, Module, Signature, Type, Value};
use pyexec_opt::{Facts, OptLevel, passes};

/// Steps of all passes of `O2` for each instruction.
fn steps_per_inst(module: &mut Module) -> f64 {
    let insts: usize = module.funcs.values().map(Func::live_inst_count).sum();
    let facts = Facts::new(module, OptLevel::O2);
    passes::pipeline(OptLevel::O2).for_each(|pass| pass.run(module, &facts));
    facts.steps() as f64 / insts as f64
}

/// `count` loops one behind the other, each with a checked sum and a branch.
fn loops(count: usize) -> Module {
    let sig = Signature::new(CallConv::Fast, &[Type::I64], &[Type::I64]);
    let mut func = Func::new("f", sig, Linkage::Export);
    let entry = func.add_block();
    let n = func.add_param(entry, Type::I64);
    let error = func.add_block();
    func.block_mut(error).cold = true;
    let mut b = Builder::new(&mut func, error);
    let minus = b.iconst(Type::I64, -1);
    b.ret(&[minus]);
    b.switch_to(entry);
    let mut sum = n;
    for _ in 0..count {
        sum = one_loop(&mut b, n, sum, error);
    }
    b.ret(&[sum]);
    let mut module = Module::new();
    module.funcs.push(func);
    module
}

fn one_loop(b: &mut Builder<'_>, n: Value, start: Value, error: pyexec_ir::Block) -> Value {
    let [header, body, next, latch, exit] = [(); 5].map(|()| b.func.add_block());
    let (zero, one) = (b.iconst(Type::I64, 0), b.iconst(Type::I64, 1));
    b.jump(header, &[zero, start]);
    let (i, sum) = (b.func.add_param(header, Type::I64), b.func.add_param(header, Type::I64));
    b.switch_to(header);
    let c = b.slt(i, n);
    b.br_if(c, (body, &[]), (exit, &[]));
    b.switch_to(body);
    let (total, over) = b.sadd_overflow(sum, i);
    b.br_if(over, (error, &[]), (next, &[]));
    b.switch_to(next);
    let (after, over) = b.sadd_overflow(i, one);
    b.br_if(over, (error, &[]), (latch, &[]));
    b.switch_to(latch);
    b.jump(header, &[after, total]);
    b.switch_to(exit);
    sum
}

#[test]
fn a_large_function_takes_at_most_three_times_the_steps_of_a_small_one() {
    let small = steps_per_inst(&mut loops(1_000 / 14));
    let large = steps_per_inst(&mut loops(30_000 / 14));
    assert!(small > 1.0 && large < 3.0 * small, "{small} {large}");
}

#[test]
fn a_large_random_function_does_so_too() {
    let mut sizes = [(0.0, 0.0); 2];
    for (slot, budget) in sizes.iter_mut().zip([200, 4_000]) {
        let mut best = (0, None);
        for seed in 1..40u64 {
            let module = module(&mut Rng(seed * 77_777 + 1), budget);
            let insts: usize = module.funcs.values().map(Func::live_inst_count).sum();
            if insts > best.0 {
                best = (insts, Some(module));
            }
        }
        *slot = (best.0 as f64, steps_per_inst(&mut best.1.expect("a module")));
    }
    let [(_, small), (_, large)] = sizes;
    assert!(large < 3.0 * small, "{sizes:?}");
}

#[test]
fn passes_come_after_what_they_need() {
    for level in [OptLevel::O0, OptLevel::O1, OptLevel::O2, OptLevel::O3] {
        let mut done: Vec<&str> = Vec::new();
        for pass in passes::pipeline(level) {
            for before in pass.after {
                assert!(done.contains(before), "{level:?}: {} needs {before}", pass.name);
            }
            done.push(pass.name);
        }
        assert_eq!(done.is_empty(), level == OptLevel::O0);
    }
    let unknown: Vec<&str> =
        passes::PIPELINE.iter().map(|s| s.name).filter(|n| passes::by_name(n).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let unused = passes::PASSES.iter().filter(|p| passes::PIPELINE.iter().all(|s| s.name != p.name));
    assert_eq!(unused.count(), 0);
    assert!(passes::PIPELINE.iter().all(|s| s.why.len() > 10));
}
