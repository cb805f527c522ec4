//! Random modules: well formed, ending, the same after printing and parsing, and covering the table.

use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::random::{ENTRY, RandomOptions, Rng, random_args, random_module};
use pyexec_ir::{Module, Opcode, TrapCode, Type, parse_module, verify};
use std::collections::BTreeSet;

const STEPS: u64 = 100_000;

fn run(module: &Module, args: &[u128], fuel: u64) -> (Result<Vec<u128>, Stop>, u64) {
    let entry = module.func_by_name(ENTRY).expect("an entry");
    let mut interp = Interp::new(module, Limits { fuel, ..Limits::default() }).expect("small globals");
    let result = interp.call(entry, args, &mut NoHost);
    (result, fuel - interp.fuel())
}

fn all_options(seed: u64) -> RandomOptions {
    let default = RandomOptions { steps: STEPS, ..RandomOptions::default() };
    match seed % 5 {
        0 => default,
        1 => RandomOptions { traps: false, ..default },
        2 => RandomOptions { wide: false, conv_c: false, funcs: 2, ..default },
        3 => RandomOptions { memory: false, insts: 15, funcs: 8, ..default },
        _ => RandomOptions { insts: 150, funcs: 1, locs: false, ..default },
    }
}

#[test]
fn modules_are_well_formed_end_and_survive_their_text() {
    let (mut ended, mut trapped) = (0, 0);
    for seed in 0..200 {
        let options = all_options(seed);
        let module = random_module(seed, &options);
        let violations: Vec<String> = verify(&module).iter().map(|v| v.describe(&module)).collect();
        assert!(violations.is_empty(), "seed {seed}: {violations:#?}\n{module}");
        let text = module.to_string();
        let parsed = parse_module(&text, 0).unwrap_or_else(|e| panic!("seed {seed}: {e:#?}\n{text}"));
        assert_eq!(parsed, module.compacted(), "seed {seed}");
        assert_eq!(parsed.to_string(), parse_module(&parsed.to_string(), 0).expect("canonical").to_string());
        let args = random_args(&mut Rng::new(seed));
        let (result, steps) = run(&module, &args, STEPS);
        match &result {
            Ok(values) => {
                assert_eq!(values.len(), 1);
                ended += 1;
            }
            Err(Stop::Trap(code, _)) => {
                assert!(
                    ![
                        TrapCode::Memory,
                        TrapCode::BadSignature,
                        TrapCode::StackOverflow,
                        TrapCode::Unreachable
                    ]
                    .contains(code),
                    "seed {seed}: {code}\n{text}"
                );
                assert!(
                    options.traps || [TrapCode::User0, TrapCode::User1].contains(code),
                    "seed {seed}: {code}"
                );
                trapped += 1;
            }
            Err(stop) => panic!("seed {seed}: {stop} after {steps} steps\n{text}"),
        }
        assert_eq!(run(&parsed, &args, STEPS).0.is_ok(), result.is_ok(), "seed {seed}");
        if let Ok(values) = result {
            assert_eq!(run(&parsed, &args, STEPS).0, Ok(values), "seed {seed}");
        }
    }
    assert!(ended > 100 && trapped > 5, "{ended} ended, {trapped} trapped");
}

#[test]
fn the_same_seed_gives_the_same_module() {
    let options = RandomOptions::default();
    assert_eq!(random_module(7, &options), random_module(7, &options));
    assert_ne!(random_module(7, &options), random_module(8, &options));
}

/// Every row of the table with every type comes up.
#[test]
fn all_rows_are_drawn() {
    let mut seen: BTreeSet<(Opcode, Type)> = BTreeSet::new();
    for seed in 0..400 {
        let module = random_module(seed, &RandomOptions { insts: 120, ..RandomOptions::default() });
        for func in module.funcs.values() {
            for inst in func.layout.iter().flat_map(|b| &func.block(*b).insts) {
                seen.insert((func.inst(*inst).op, func.inst(*inst).ty));
            }
        }
    }
    let rows = Opcode::ALL.iter().flat_map(|op| op.info().class.types().map(move |ty| (*op, ty)));
    let missing: Vec<_> = rows.filter(|row| !seen.contains(row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn different_arguments_take_different_paths() {
    let mut answers = BTreeSet::new();
    let mut rng = Rng::new(1);
    let module = random_module(3, &RandomOptions { traps: false, ..RandomOptions::default() });
    for _ in 0..50 {
        answers.insert(format!("{:?}", run(&module, &random_args(&mut rng), STEPS).0));
    }
    assert!(answers.len() > 25, "{answers:?}");
}
