//! regalloc2 behind our types: its backtracking allocator ("Ion") for optimised code, its one-pass
//! allocator for the baseline.
//!
//! ```text
//!   Problem (ours)  --copy-->  View (regalloc2's types)  --run-->  Output  --copy-->  Solution (ours)
//! ```
//!
//! The copies are linear walks over flat arrays, a few nanoseconds an instruction where allocation takes
//! 60 to 2,500. They keep regalloc2's types out of every other crate and every text form. regalloc2 panics or
//! miscompiles on some inputs; [`verify`](crate::verify()) lists them as rules, so only verified
//! problems are given to it.

use crate::{
    Alloc, AllocError, Allocator, Constraint, Edit, EditPos, Inst, InstKind, MachineEnv, Operand,
    OperandKind, OperandPos, PReg, PRegSet, Problem, RegClass, Solution, VReg,
};
use pyexec_base::EntityId;
use regalloc2 as ra2;

fn class(class: RegClass) -> ra2::RegClass {
    match class {
        RegClass::Int => ra2::RegClass::Int,
        RegClass::Float => ra2::RegClass::Float,
    }
}

fn preg(reg: PReg) -> ra2::PReg {
    ra2::PReg::new(usize::from(reg.number()), class(reg.class()))
}

/// How virtual registers are numbered for regalloc2.
///
/// It merges block arguments with parameters in the order of the arguments' numbers, and gives up a merge
/// only after 200 ranges that lie *before* the parameter. Selection runs backwards and numbers likewise: a
/// variable that lives through thousands of blocks would be merged from its end into one bundle without
/// limit, each merge looking through all that was merged before. Counted from the other end, merges run
/// forwards, and bundles stay small.
#[derive(Clone, Copy)]
struct Numbering {
    last: Option<usize>,
}

impl Numbering {
    fn of(problem: &Problem<'_>) -> Self {
        let count = problem.vreg_count as usize;
        Self { last: (count > FORWARD_FROM).then(|| count - 1) }
    }
    fn vreg(self, reg: VReg) -> ra2::VReg {
        let index = self.last.map_or(reg.index(), |last| last - reg.index());
        ra2::VReg::new(index, class(reg.class()))
    }
}

/// With fewer registers than this, the numbers stay as they are.
const FORWARD_FROM: usize = 1000;

fn preg_set(set: PRegSet) -> ra2::PRegSet {
    set.iter().fold(ra2::PRegSet::empty(), |all, reg| all.with(preg(reg)))
}

fn operand(operand: &Operand, numbering: Numbering) -> ra2::Operand {
    let constraint = match operand.constraint {
        Constraint::Any => ra2::OperandConstraint::Any,
        Constraint::Reg => ra2::OperandConstraint::Reg,
        Constraint::Stack => ra2::OperandConstraint::Stack,
        Constraint::Fixed(reg) => ra2::OperandConstraint::FixedReg(preg(reg)),
        Constraint::Reuse(index) => ra2::OperandConstraint::Reuse(usize::from(index)),
        Constraint::FixedNonallocatable(reg) => return ra2::Operand::fixed_nonallocatable(preg(reg)),
    };
    let kind = match operand.kind {
        OperandKind::Use => ra2::OperandKind::Use,
        OperandKind::Def => ra2::OperandKind::Def,
    };
    let pos = match operand.pos {
        OperandPos::Early => ra2::OperandPos::Early,
        OperandPos::Late => ra2::OperandPos::Late,
    };
    ra2::Operand::new(numbering.vreg(operand.vreg), constraint, kind, pos)
}

fn machine(env: &MachineEnv) -> ra2::MachineEnv {
    let sets = |sets: [PRegSet; 2]| [preg_set(sets[0]), preg_set(sets[1]), ra2::PRegSet::empty()];
    ra2::MachineEnv {
        preferred_regs_by_class: sets(env.preferred),
        non_preferred_regs_by_class: sets(env.non_preferred),
        scratch_by_class: [env.scratch[0].map(preg), env.scratch[1].map(preg), None],
        fixed_stack_slots: Vec::new(),
    }
}

/// The arrays of a problem in regalloc2's types.
#[derive(Default)]
struct Arrays {
    operands: Vec<ra2::Operand>,
    clobber_sets: Vec<ra2::PRegSet>,
    succs: Vec<ra2::Block>,
    preds: Vec<ra2::Block>,
    params: Vec<ra2::VReg>,
    args: Vec<ra2::VReg>,
}

fn refill<'a, T: 'a, U>(to: &mut Vec<U>, from: &'a [T], convert: impl Fn(&T) -> U) {
    to.clear();
    to.extend(from.iter().map(convert));
}

impl Arrays {
    fn fill(&mut self, problem: &Problem<'_>) {
        let block = |b: &crate::Block| ra2::Block::new(b.index());
        let numbering = Numbering::of(problem);
        refill(&mut self.operands, problem.operands, |o| operand(o, numbering));
        refill(&mut self.clobber_sets, problem.clobber_sets, |set| preg_set(*set));
        refill(&mut self.succs, problem.succs, block);
        refill(&mut self.preds, problem.preds, block);
        refill(&mut self.params, problem.params, |v| numbering.vreg(*v));
        refill(&mut self.args, problem.args, |v| numbering.vreg(*v));
    }
}

/// A problem as regalloc2 asks for it.
struct View<'a> {
    problem: &'a Problem<'a>,
    arrays: &'a Arrays,
}

fn start<T>(items: &[T], index: usize, end: impl Fn(&T) -> u32) -> usize {
    if index == 0 { 0 } else { end(&items[index - 1]) as usize }
}

impl ra2::Function for View<'_> {
    fn num_insts(&self) -> usize {
        self.problem.insts.len()
    }
    fn num_blocks(&self) -> usize {
        self.problem.blocks.len()
    }
    fn entry_block(&self) -> ra2::Block {
        ra2::Block::new(0)
    }
    fn block_insns(&self, block: ra2::Block) -> ra2::InstRange {
        let range = self.problem.block_insts(crate::Block::from_index(block.index()));
        ra2::InstRange::new(ra2::Inst::new(range.start), ra2::Inst::new(range.end))
    }
    fn block_succs(&self, block: ra2::Block) -> &[ra2::Block] {
        let range = self.problem.succ_range(crate::Block::from_index(block.index()));
        &self.arrays.succs[range]
    }
    fn block_preds(&self, block: ra2::Block) -> &[ra2::Block] {
        let (blocks, index) = (self.problem.blocks, block.index());
        &self.arrays.preds[start(blocks, index, |b| b.preds_end)..blocks[index].preds_end as usize]
    }
    fn block_params(&self, block: ra2::Block) -> &[ra2::VReg] {
        let (blocks, index) = (self.problem.blocks, block.index());
        &self.arrays.params[start(blocks, index, |b| b.params_end)..blocks[index].params_end as usize]
    }
    fn is_ret(&self, inst: ra2::Inst) -> bool {
        self.problem.insts[inst.index()].kind == InstKind::Ret
    }
    fn is_branch(&self, inst: ra2::Inst) -> bool {
        self.problem.insts[inst.index()].kind == InstKind::Branch
    }
    fn branch_blockparams(&self, block: ra2::Block, _: ra2::Inst, succ: usize) -> &[ra2::VReg] {
        let (blocks, ends) = (self.problem.blocks, self.problem.arg_ends);
        let edge = start(blocks, block.index(), |b| b.succs_end) + succ;
        &self.arrays.args[start(ends, edge, |end| *end)..ends[edge] as usize]
    }
    fn inst_operands(&self, inst: ra2::Inst) -> &[ra2::Operand] {
        &self.arrays.operands[self.problem.operand_range(inst.index())]
    }
    fn inst_clobbers(&self, inst: ra2::Inst) -> ra2::PRegSet {
        self.arrays.clobber_sets[self.problem.insts[inst.index()].clobbers as usize]
    }
    fn num_vregs(&self) -> usize {
        self.problem.vreg_count as usize
    }
    fn spillslot_size(&self, _: ra2::RegClass) -> usize {
        1
    }
}

fn place(alloc: ra2::Allocation) -> Alloc {
    match (alloc.as_reg(), alloc.as_stack()) {
        (Some(reg), _) if reg.class() == ra2::RegClass::Float => {
            Alloc::Reg(PReg::new(reg.hw_enc() as u8, RegClass::Float))
        }
        (Some(reg), _) => Alloc::Reg(PReg::new(reg.hw_enc() as u8, RegClass::Int)),
        (None, slot) => Alloc::Stack(slot.map_or(0, |s| s.index() as u32)),
    }
}

fn edit((point, edit): &(ra2::ProgPoint, ra2::Edit)) -> Edit {
    let ra2::Edit::Move { from, to } = edit;
    let pos = match point.pos() {
        ra2::InstPosition::Before => EditPos::Before,
        ra2::InstPosition::After => EditPos::After,
    };
    Edit { inst: Inst::from_index(point.inst().index()), pos, from: place(*from), to: place(*to) }
}

fn solve(output: &ra2::Output, solution: &mut Solution) {
    solution.spill_slots = output.num_spillslots as u32;
    refill(&mut solution.allocs, &output.allocs, |a| place(*a));
    solution.edits.clear();
    solution.edits.extend(output.edits.iter().map(edit).filter(|e| e.from != e.to));
}

fn run(
    algorithm: ra2::Algorithm,
    arrays: &mut Arrays,
    ctx: &mut ra2::Ctx,
    (problem, env): (&Problem<'_>, &MachineEnv),
    solution: &mut Solution,
) -> Result<(), AllocError> {
    arrays.fill(problem);
    let view = View { problem, arrays };
    let options = ra2::RegallocOptions { verbose_log: false, validate_ssa: false, algorithm };
    let output =
        ra2::run_with_ctx(&view, &machine(env), &options, ctx).map_err(|e| AllocError(format!("{e:?}")))?;
    solve(output, solution);
    Ok(())
}

/// The backtracking allocator: good code, 400 to 2,500 ns an instruction. Keeps its memory.
#[derive(Default)]
pub struct Backtracking {
    arrays: Arrays,
    ctx: ra2::Ctx,
}

/// The one-pass allocator: 60 to 120 ns an instruction; spills everything that lives across a block edge.
#[derive(Default)]
pub struct Fast {
    arrays: Arrays,
    ctx: ra2::Ctx,
}

impl Allocator for Backtracking {
    fn name(&self) -> &'static str {
        "backtracking"
    }
    fn allocate(
        &mut self,
        problem: &Problem<'_>,
        env: &MachineEnv,
        solution: &mut Solution,
    ) -> Result<(), AllocError> {
        run(ra2::Algorithm::Ion, &mut self.arrays, &mut self.ctx, (problem, env), solution)
    }
}

impl Allocator for Fast {
    fn name(&self) -> &'static str {
        "fast"
    }
    fn allocate(
        &mut self,
        problem: &Problem<'_>,
        env: &MachineEnv,
        solution: &mut Solution,
    ) -> Result<(), AllocError> {
        run(ra2::Algorithm::Fastalloc, &mut self.arrays, &mut self.ctx, (problem, env), solution)
    }
}
