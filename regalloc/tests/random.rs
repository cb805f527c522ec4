//! Random problems through both allocators, judged by the symbolic checker; and through the text form.

use proptest::prelude::*;
use pyexec_regalloc::{Alloc, Allocator, Backtracking, Fast, PReg, Solution, check, random, text, verify};

fn allocators() -> [Box<dyn Allocator>; 2] {
    [Box::new(Backtracking::default()), Box::new(Fast::default())]
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn both_allocators_answer_rightly(seed: u64, size in 1usize..30, regs in 6u8..16, scratch: bool) {
        let env = random::machine(regs, scratch);
        let problem = random::problem(seed, size, &env);
        let broken = verify(&problem.view(), &env);
        prop_assert!(broken.is_empty(), "{:?}", broken);
        for mut allocator in allocators() {
            let mut solution = Solution::default();
            let answer = allocator.allocate(&problem.view(), &env, &mut solution);
            prop_assert!(answer.is_ok(), "{}: {:?}", allocator.name(), answer);
            let faults = check(&problem.view(), &env, &solution);
            let file = text::RaFile { env: env.clone(), problem: problem.clone(), solution: Some(solution) };
            prop_assert!(faults.is_empty(), "{}: {:?}\n{file}", allocator.name(), faults);
        }
    }

    #[test]
    fn text_is_the_same_again(seed: u64, size in 1usize..20) {
        let env = random::machine(8, seed % 2 == 0);
        let problem = random::problem(seed, size, &env);
        let mut solution = Solution::default();
        Fast::default().allocate(&problem.view(), &env, &mut solution).expect("verified");
        let file = text::RaFile { env, problem, solution: Some(solution) };
        let printed = file.to_string();
        let parsed = text::parse(&printed).map_err(|e| TestCaseError::fail(format!("{e}\n{printed}")))?;
        prop_assert_eq!(&parsed.to_string(), &printed);
        prop_assert_eq!(parsed, file);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "(machine|int|float|b0|b1|:|op|ret|branch|vr[0-3]f?|=|reg|->|[(]|[)]|i0|before|<-|slot1|solution|end|[ ]|\n|[|]|@late|!p1|é|99999999999){0,40}") {
        if let Ok(file) = text::parse(&text) {
            verify(&file.problem.view(), &file.env);
        }
    }
}

/// A fault put into a right answer must be found: a checker that says yes to everything proves nothing.
#[test]
fn the_checker_finds_planted_faults() {
    let env = random::machine(8, false);
    let (mut lost, mut lost_found, mut wrong, mut wrong_found) = (0, 0, 0, 0);
    for seed in 0..200 {
        let problem = random::problem(seed, 8, &env);
        let view = problem.view();
        let mut solution = Solution::default();
        Backtracking::default().allocate(&view, &env, &mut solution).expect("verified");
        let mut rng = random::Rng::new(seed);
        if !solution.edits.is_empty() {
            let mut broken = solution.clone();
            broken.edits.remove(rng.below(solution.edits.len()));
            lost += 1;
            lost_found += usize::from(!check(&view, &env, &broken).is_empty());
        }
        let uses: Vec<usize> =
            (0..problem.operands.len()).filter(|i| problem.operands[*i].is_use()).collect();
        let mut broken = solution.clone();
        let at = uses[rng.below(uses.len())];
        let class = problem.operands[at].vreg.class();
        let other = Alloc::Reg(PReg::new(8, class));
        if !problem.operands[at].is_nonallocatable() {
            broken.allocs[at] = other;
            wrong += 1;
            wrong_found += usize::from(!check(&view, &env, &broken).is_empty());
        }
    }
    // Some moves carry values that nobody reads; a use of another register is always wrong.
    assert!(lost > 100 && lost_found * 10 >= lost * 7, "{lost_found} of {lost} lost moves");
    assert!(wrong > 150 && wrong_found == wrong, "{wrong_found} of {wrong} wrong places");
}
