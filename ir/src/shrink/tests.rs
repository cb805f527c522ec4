use super::*;
use crate::interp::{Interp, Limits, NoHost};
use crate::random::{ENTRY, RandomOptions, random_args, random_module};
use crate::{Opcode, random::Rng};

fn holds(module: &Module, op: Opcode) -> bool {
    let insts = |f: &Func| f.layout.iter().flat_map(|b| f.block(*b).insts.clone()).collect::<Vec<_>>();
    module.funcs.values().any(|f| insts(f).iter().any(|i| f.inst(*i).op == op))
}

#[test]
fn only_what_the_failure_needs_is_left() {
    for (seed, op) in [(1, Opcode::Fma), (2, Opcode::Iconcat), (3, Opcode::CallIndirect), (5, Opcode::Rotr)] {
        let seed =
            (seed..).find(|s| holds(&random_module(*s, &RandomOptions::default()), op)).expect("a seed");
        let module = random_module(seed, &RandomOptions::default());
        let small = shrink(&module, 5000, &mut |m| holds(m, op));
        assert!(holds(&small, op) && verify(&small).is_empty());
        let insts: usize = small.funcs.values().map(Func::live_inst_count).sum();
        assert!(insts <= 10, "{op}: {insts} instructions\n{small}");
        assert!(small.funcs.len() <= 2 && small.globals.len() <= 1, "{op}\n{small}");
    }
}

#[test]
fn behaviour_can_be_the_predicate() {
    let entry_answer = |module: &Module| {
        let entry = module.func_by_name(ENTRY)?;
        let mut interp = Interp::new(module, Limits { fuel: 1_000_000, ..Limits::default() }).ok()?;
        let answer = interp.call(entry, &random_args(&mut Rng::new(0)), &mut NoHost).ok()?;
        answer.first().copied()
    };
    let module = random_module(4, &RandomOptions { traps: false, ..RandomOptions::default() });
    let odd = entry_answer(&module).expect("ends") & 1;
    let small = shrink(&module, 400, &mut |m| entry_answer(m).is_some_and(|a| a & 1 == odd));
    assert!(size(&small) < size(&module) / 4);
    assert_eq!(entry_answer(&small).map(|a| a & 1), Some(odd));
}

#[test]
fn tries_are_limited() {
    let module = random_module(9, &RandomOptions::default());
    let mut calls = 0;
    shrink(&module, 17, &mut |_| {
        calls += 1;
        true
    });
    assert!(calls <= 17);
}
