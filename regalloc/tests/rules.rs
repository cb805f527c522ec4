//! Every rule of the verifier, each broken by one small problem and kept by its repaired twin.

use pyexec_regalloc::{
    Allocator, Backtracking, Block, Fast, PReg, ProblemBuf, RegClass, Rule, Solution, check, text, verify,
};

const MACHINE: &str = "machine\n int p0 p1 p2 | p3 | p4\n float f0 f1 | | f2\n";

/// The problem between the machine and `end`.
fn file(problem: &str) -> text::RaFile {
    text::parse(&format!("{MACHINE}{problem}\nend\n")).unwrap_or_else(|e| panic!("{e}\n{problem}"))
}

fn rules(problem: &str) -> Vec<Rule> {
    let file = file(problem);
    let mut rules: Vec<Rule> = verify(&file.problem.view(), &file.env).iter().map(|v| v.rule).collect();
    rules.dedup();
    rules
}

fn breaks(rule: Rule, problem: &str) {
    assert!(rules(problem).contains(&rule), "{rule:?} is not reported: {:?}\n{problem}", rules(problem));
}

/// Verifies, and both allocators answer rightly.
fn keeps(problem: &str) {
    assert_eq!(rules(problem), [], "{problem}");
    let file = file(problem);
    let allocators: [Box<dyn Allocator>; 2] = [Box::new(Backtracking::default()), Box::new(Fast::default())];
    for mut allocator in allocators {
        let mut solution = Solution::default();
        allocator.allocate(&file.problem.view(), &file.env, &mut solution).expect("verified");
        assert_eq!(check(&file.problem.view(), &file.env, &solution), [""; 0], "{}", allocator.name());
    }
}

#[test]
fn structure() {
    breaks(Rule::S2, "b0:\n op vr0=reg");
    breaks(Rule::S2, "b0:\n ret\n op vr0=reg\n ret");
    breaks(Rule::S2, "b0:\n branch ->");
    breaks(Rule::S2, "b0:");
    breaks(Rule::S4, "b0:\n op vr0=reg\n branch -> b1(vr0)\nb1:\n ret");
    breaks(Rule::S5, "b0:\n op vr0=reg\n op vr0=reg\n ret");
    breaks(Rule::S5, "b0:\n op vr0:reg\n op vr0=reg\n ret");
    breaks(Rule::S5, "b0:\n op vr0=reg\n ret vr0f:reg");
    breaks(Rule::S5, "b0:\n branch -> b1 b2\nb1:\n op vr0=reg\n ret\nb2:\n ret vr0:reg");
    breaks(Rule::S6, "b0:\n branch -> b2\nb1:\n ret\nb2:\n branch -> b1");
    keeps("b0:\n op vr0=reg\n branch -> b1(vr0)\nb1(vr1):\n ret vr1:fixed(p0)");
}

#[test]
fn machines() {
    let verdict = |int: &str| {
        let text = format!("machine\n int {int}\n float f0 | |\nb0:\n ret\nend\n");
        let file = text::parse(&text).expect("well-formed");
        verify(&file.problem.view(), &file.env).iter().any(|v| v.rule == Rule::S7)
    };
    assert!(verdict("p0 | p0 |") && verdict("p0 | | p0") && verdict("f0 | |"));
    assert!(!verdict("p0 | p1 | p2"));
}

#[test]
fn reuse() {
    let define = "b0:\n op vr0=reg vr1=reg\n";
    breaks(Rule::S8, &format!("{define} op vr2=reuse(9) vr0:reg\n ret"));
    breaks(Rule::S8, &format!("{define} op vr2=reuse(1) vr0:any\n ret"));
    breaks(Rule::S8, &format!("{define} op vr2=reuse(1) vr0:reg@late\n ret"));
    breaks(Rule::S8, &format!("{define} op vr2=reuse(2) vr3=reuse(2) vr0:reg\n ret"));
    breaks(Rule::S8, &format!("{define} op vr2f=reuse(1) vr0:reg\n ret"));
    breaks(Rule::T1, &format!("{define} op vr2=reuse(1) vr0:fixed(p0)\n ret vr2:reg vr0:reg"));
    keeps(&format!("{define} op vr2=reuse(1) vr0:reg vr1:reg\n ret vr2:fixed(p0) vr0:fixed(p1)"));
}

#[test]
fn edges() {
    breaks(Rule::T2, "b0:\n op vr0=reg\n branch -> b1(vr0)\nb1(vr1f):\n ret");
    breaks(Rule::T3, "b0:\n branch -> b1 b2\nb1:\n branch -> b2\nb2:\n ret");
    breaks(
        Rule::T3,
        "b0:\n op vr0=reg\n branch vr0:reg -> b1 b2\nb1:\n branch vr0:reg -> b3\nb2:\n branch -> b3\nb3:\n ret",
    );
    breaks(Rule::T3, "b0:\n op vr0=reg\n branch vr0:reg -> b0");
    breaks(Rule::T4, "b0(vr0):\n ret vr0:reg");
    breaks(Rule::T9, "b0:\n branch vr0=reg -> b1(vr0) b2\nb1(vr1):\n ret vr1:reg\nb2:\n ret");
    breaks(Rule::T10, "b0:\n ret\nb1:\n ret");
    breaks(Rule::T10, "b0:\n ret vr0:reg");
    keeps("b0:\n op vr0=reg\n branch vr0:reg vr1=reg@early -> b1(vr0) b2\nb1(vr2):\n ret vr2:reg\nb2:\n ret");
}

#[test]
fn fixed_registers() {
    let define = "b0:\n op vr0=reg vr1=reg\n";
    breaks(Rule::T5, &format!("{define} op vr0:fixed(p9)\n ret"));
    breaks(Rule::T5, &format!("{define} op vr0:fixed(f0)\n ret"));
    breaks(Rule::T5, &format!("{define} op nonalloc(p0)\n ret"));
    breaks(Rule::T6, &format!("{define} op vr2=fixed(p0) !p0\n ret"));
    breaks(Rule::T6, &format!("{define} op vr0:fixed(p0)@late !p0\n ret"));
    breaks(Rule::T6, &format!("{define} op vr0:fixed(p0) vr1:fixed(p0)\n ret"));
    breaks(Rule::T6, &format!("{define} op vr2=fixed(p0) vr3=fixed(p0)\n ret"));
    breaks(Rule::T7, &format!("{define} op vr2=fixed(p0)@early vr1:fixed(p0)\n ret"));
    breaks(Rule::T7, &format!("{define} op vr2=fixed(p0) vr1:fixed(p0)@late\n ret"));
    keeps(&format!("{define} op vr0:fixed(p0) vr2=fixed(p0) nonalloc(p9) !p1\n ret vr1:reg vr2:reg"));
    keeps(&format!("{define} op vr0:fixed(p0) vr0:fixed(p1) !p0 !p1\n ret vr1:any vr0:any"));
    // The shape of a division.
    keeps(&format!(
        "{define} op vr0:fixed(p0) vr1:reg@late vr2=fixed(p0) vr3=fixed(p1)@early\n ret vr2:reg vr3:reg vr1:reg"
    ));
}

#[test]
fn pressure_and_limits() {
    let define = "b0:\n op vr0=reg vr1=reg vr2=reg vr3=reg\n op vr4=reg\n";
    breaks(Rule::T8, &format!("{define} op vr0:reg vr1:reg vr2:reg vr3:reg vr4:reg\n ret"));
    breaks(Rule::T8, &format!("{define} op vr0:reg@late !p0 !p1 !p2 !p3\n ret"));
    breaks(Rule::T11, &format!("{define} op vr0:stack vr0:reg\n ret"));
    keeps(&format!("{define} op vr0:reg vr1:reg vr2:reg vr3:reg vr4:any !p0 !p1 !p2 !p3\n ret vr4:any"));
    keeps(&format!("{define} op vr0:any vr1:any vr2:any vr3:any vr4:any vr0:fixed(p0)\n ret"));
}

/// What text cannot say: arrays that do not fit together.
#[test]
fn arrays() {
    let good = file("b0:\n op vr0=reg\n branch -> b1(vr0)\nb1(vr1):\n ret vr1:reg");
    let after = |spoil: fn(&mut ProblemBuf)| {
        let mut problem = good.problem.clone();
        spoil(&mut problem);
        verify(&problem.view(), &good.env).first().map(|v| v.rule)
    };
    assert_eq!(after(|_| {}), None);
    assert_eq!(after(|p| p.blocks.clear()), Some(Rule::S1));
    assert_eq!(after(|p| p.blocks[0].insts_end = 9), Some(Rule::S1));
    assert_eq!(after(|p| p.insts[0].operands_end = 9), Some(Rule::S1));
    assert_eq!(after(|p| p.insts[0].clobbers = 1), Some(Rule::S1));
    assert_eq!(after(|p| p.clobber_sets[0].insert(PReg::new(0, RegClass::Int))), Some(Rule::S1));
    assert_eq!(after(|p| p.succs[0] = Block::new(7)), Some(Rule::S1));
    assert_eq!(after(|p| p.arg_ends.clear()), Some(Rule::S1));
    assert_eq!(after(|p| p.vreg_count = 1), Some(Rule::T11));
    assert_eq!(after(|p| p.preds[0] = Block::new(1)), Some(Rule::S3));
}
