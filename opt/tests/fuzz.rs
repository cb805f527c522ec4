//! Random functions mean the same after each pass and after each level.
//!
//! A run that uses up its fuel before the change tells nothing, so it is not compared; one that does so
//! only after the change is a fault. `PYEXEC_FUZZ=<seconds>` runs for longer.

mod common;

use common::eval::{End, Machine, Outcome};
use common::random::{PARAMS, Rng, module};
use common::{check, run_pass};
use pyexec_ir::Module;
use pyexec_opt::{Facts, OptLevel, intervals, optimize, passes};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const FUEL: usize = 3_000;

fn inputs(rng: &mut Rng) -> Vec<Vec<u128>> {
    let interesting = [0, 1, 2, 3, 5, 10, -1, -2, 100, i64::MAX, i64::MIN, 127, 255];
    let one = |rng: &mut Rng| if rng.chance(80) { rng.pick(&interesting) } else { rng.next() as i64 };
    (0..4).map(|_| PARAMS.iter().map(|ty| one(rng) as u128 & ty.mask()).collect()).collect()
}

fn outcomes(module: &Module, inputs: &[Vec<u128>], fuel: usize) -> Vec<Outcome> {
    inputs.iter().map(|args| Machine::run(module, "f", args, fuel)).collect()
}

fn compare(before: &Module, after: &Module, inputs: &[Vec<u128>], what: &str, seed: u64) {
    let expected = outcomes(before, inputs, FUEL);
    let actual = outcomes(after, inputs, FUEL * 4 + 1000);
    for ((expected, actual), args) in expected.iter().zip(&actual).zip(inputs) {
        let same = match (expected, actual) {
            ((End::OutOfFuel, _), _) => true,
            (e, a) => e == a,
        };
        assert!(same, "{what}, seed {seed}, {args:?}:\n{expected:?}\n{actual:?}\n{before}\n; ==>\n{after}");
    }
}

/// Executes every function with the intervals that `range` finds for its values: each value is in its own.
fn intervals_hold(module: &Module, inputs: &[Vec<u128>]) {
    let facts = Facts::new(module, OptLevel::O2);
    let funcs = module.funcs.values().filter(|f| !f.is_import());
    let claims: BTreeMap<_, _> = funcs.map(|f| (f.name.clone(), intervals(f, &facts))).collect();
    for args in inputs {
        Machine::run_claimed(module, "f", args, FUEL, claims.clone());
    }
}

fn one_seed(seed: u64) {
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let size = 10 + rng.below(60);
    let original = module(&mut rng, size);
    check(&original, &format!("generation, seed {seed}"));
    let inputs = inputs(&mut rng);
    intervals_hold(&original, &inputs);
    for pass in passes::PASSES {
        let mut after = original.clone();
        run_pass(&mut after, pass.name, OptLevel::O2);
        check(&after, &format!("{}, seed {seed}", pass.name));
        compare(&original, &after, &inputs, pass.name, seed);
    }
    for level in [OptLevel::O1, OptLevel::O2, OptLevel::O3] {
        let mut after = original.clone();
        let mut last = original.clone();
        optimize(&mut after, level, &mut |pass, module| {
            check(module, &format!("{pass}, seed {seed}, {level:?}"));
            compare(&last, module, &inputs, pass, seed);
            if pass == "invert" {
                intervals_hold(module, &inputs);
            }
            last = module.clone();
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
