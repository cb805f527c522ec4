//! Modules of the generator that is derived from the opcode table mean the same to the interpreter after
//! each pass and after each level. `PYEXEC_FUZZ=<seconds>` runs for longer.

mod common;

use common::{check, run_pass};
use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::random::{ENTRY, RandomOptions, Rng, random_args, random_module};
use pyexec_ir::{Module, TrapCode};
use pyexec_opt::{OptLevel, optimize, passes};
use std::time::{Duration, Instant};

type Outcome = Result<Vec<u128>, Option<TrapCode>>;

/// What a module returns, or the trap that it ends in; the fuel is a guard against endless loops.
fn outcome(module: &Module, args: &[u128]) -> Outcome {
    let limits = Limits { fuel: 2_000_000, ..Limits::default() };
    let entry = module.func_by_name(ENTRY).expect("the entry function");
    let mut interp = Interp::new(module, limits).expect("enough memory");
    interp.call(entry, args, &mut NoHost).map_err(|stop| match stop {
        Stop::Trap(code, _) => Some(code),
        _ => None,
    })
}

fn compare(module: &Module, expected: &[(Vec<u128>, Outcome)], what: &str, seed: u64) {
    check(module, &format!("{what}, seed {seed}"));
    for (args, expected) in expected {
        let actual = outcome(module, args);
        assert!(actual == *expected, "{what}, seed {seed}, {args:x?}: {expected:x?}, {actual:x?}");
    }
}

fn one_seed(seed: u64) {
    let options =
        RandomOptions { insts: 10 + (seed % 5 * 15) as u32, steps: 3_000, ..RandomOptions::default() };
    let original = random_module(seed, &options);
    check(&original, &format!("generation, seed {seed}"));
    let mut rng = Rng::new(seed);
    let all_args = (0..3).map(|_| random_args(&mut rng).to_vec());
    let expected: Vec<_> = all_args.map(|args| (args.clone(), outcome(&original, &args))).collect();
    for pass in passes::PASSES {
        let mut after = original.clone();
        run_pass(&mut after, pass.name, OptLevel::O2);
        compare(&after, &expected, pass.name, seed);
    }
    for level in [OptLevel::O1, OptLevel::O2, OptLevel::O3] {
        let mut after = original.clone();
        let mut trail = Vec::new();
        optimize(&mut after, level, &mut |pass, module| {
            trail.push(pass);
            compare(module, &expected, &format!("{level:?}: {}", trail.join(" ")), seed);
        });
    }
}

#[test]
fn passes_keep_the_meaning() {
    let seconds = std::env::var("PYEXEC_FUZZ").ok().and_then(|s| s.parse().ok());
    let first = std::env::var("PYEXEC_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
    let end = Instant::now() + seconds.map_or(Duration::from_millis(1500), Duration::from_secs);
    let mut seed = first;
    while Instant::now() < end || seed < first + 5 {
        one_seed(seed);
        seed += 1;
    }
}
