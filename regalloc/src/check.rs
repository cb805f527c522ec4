//! The symbolic checker: does a solution keep every value where its uses look for it?
//!
//! ```text
//!   i0: vr1 = .. in p0          p0: {vr1}
//!   move p0 -> slot0            p0: {vr1}  slot0: {vr1}
//!   i1: clobbers p0             p0: {}     slot0: {vr1}
//!   i2: use vr1 in p0           error: p0 does not hold vr1
//! ```
//!
//! In: a verified problem and any solution. Out: every fault. It knows nothing of how the solution was
//! found. Algorithm: forward dataflow; the state says for each place which virtual registers' values it
//! holds for certain, and states of predecessors are intersected. Definitions empty the place, moves
//! copy sets, an edge adds a parameter wherever its argument is (J. Rideau, X. Leroy, "Validating
//! Register Allocation and Spilling", 2010; regalloc2's checker works alike).

use crate::{
    Alloc, Block, Constraint, Edit, EditPos, MachineEnv, Operand, OperandPos, PReg, PRegSet, Problem,
    Solution, VReg,
};
use pyexec_base::EntityId;
use std::collections::BTreeSet;
use std::rc::Rc;

/// All faults of a solution; empty if it is right.
pub fn check(problem: &Problem<'_>, env: &MachineEnv, solution: &Solution) -> Vec<String> {
    let mut checker = Checker::new(problem, env, solution);
    checker.shape();
    if checker.faults.is_empty() {
        let entries = checker.fix_point();
        checker.reporting = true;
        for (index, entry) in entries.into_iter().enumerate() {
            let Some(mut state) = entry else { continue };
            checker.block(Block::from_index(index), &mut state);
        }
    }
    checker.faults
}

/// The registers whose value a place holds, sorted; `None` if there is none. Shared, since states are
/// copied far more often than places change.
type Held = Option<Rc<[VReg]>>;

/// For each place, what it holds.
type State = Vec<Held>;

fn holds(held: &Held, vreg: VReg) -> bool {
    held.as_ref().is_some_and(|set| set.contains(&vreg))
}

fn held(mut vregs: Vec<VReg>) -> Held {
    vregs.sort_unstable();
    vregs.dedup();
    (!vregs.is_empty()).then(|| vregs.into())
}

struct Checker<'a> {
    problem: &'a Problem<'a>,
    env: &'a MachineEnv,
    solution: &'a Solution,
    /// For each instruction: where its edits end.
    edit_ends: Vec<usize>,
    reporting: bool,
    faults: Vec<String>,
}

fn place(alloc: Alloc) -> usize {
    match alloc {
        Alloc::Reg(reg) => reg.index(),
        Alloc::Stack(slot) => 128 + slot as usize,
    }
}

impl<'a> Checker<'a> {
    fn new(problem: &'a Problem<'a>, env: &'a MachineEnv, solution: &'a Solution) -> Self {
        let mut edit_ends = vec![0; problem.insts.len()];
        let mut next = 0;
        for (inst, end) in edit_ends.iter_mut().enumerate() {
            while solution.edits.get(next).is_some_and(|e| e.inst.index() <= inst) {
                next += 1;
            }
            *end = next;
        }
        Self { problem, env, solution, edit_ends, reporting: false, faults: Vec::new() }
    }

    fn fault(&mut self, text: String) {
        if self.reporting && self.faults.len() < 100 {
            self.faults.push(text);
        }
    }

    /// What must hold before places can be looked up.
    fn shape(&mut self) {
        self.reporting = true;
        let (problem, solution) = (self.problem, self.solution);
        if solution.allocs.len() != problem.operands.len() {
            self.fault(format!("{} places for {} operands", solution.allocs.len(), problem.operands.len()));
        }
        let in_frame = |a: &Alloc| !matches!(a, Alloc::Stack(slot) if *slot >= solution.spill_slots);
        if !solution.allocs.iter().all(in_frame)
            || !solution.edits.iter().all(|e| in_frame(&e.from) && in_frame(&e.to))
        {
            self.fault("a spill slot is outside of the frame".into());
        }
        if !solution.edits.is_sorted_by_key(|e| (e.inst, e.pos)) {
            self.fault("the edits are not in order".into());
        }
        for edit in &solution.edits {
            self.edit_shape(edit);
        }
        self.reporting = false;
    }

    fn edit_shape(&mut self, edit: &Edit) {
        let (from, to) = (edit.from.class(), edit.to.class());
        let both = from.is_some() && to.is_some() && from != to;
        if both || (from.is_none() && to.is_none()) {
            self.fault(format!("{}: no machine moves {} to {}", edit.inst, edit.from, edit.to));
        }
        if let Some(reg) = edit.to.reg().filter(|r| !self.may_write(*r)) {
            self.fault(format!("{}: moves into {reg}, which is not to be written", edit.inst));
        }
    }

    fn may_write(&self, reg: PReg) -> bool {
        self.env.allocatable().contains(reg) || self.env.scratch.contains(&Some(reg))
    }

    fn fix_point(&mut self) -> Vec<Option<State>> {
        let places = 128 + self.solution.spill_slots as usize;
        let mut entries: Vec<Option<State>> = vec![None; self.problem.blocks.len()];
        entries[0] = Some(vec![None; places]);
        // Blocks come after their dominators, so taking the first one first sees most of them once or twice.
        let mut work = BTreeSet::from([Block::new(0)]);
        while let Some(block) = work.pop_first() {
            let Some(mut state) = entries[block.index()].clone() else { continue };
            self.block(block, &mut state);
            for edge in self.problem.succ_range(block) {
                let succ = self.problem.succs[edge];
                let incoming = self.cross(edge, succ, &state);
                if join(&mut entries[succ.index()], incoming) {
                    work.insert(succ);
                }
            }
        }
        entries
    }

    /// The state after the parallel assignment of an edge's arguments to the parameters.
    fn cross(&self, edge: usize, succ: Block, state: &State) -> State {
        let (args, params) = (self.problem.edge_args(edge), self.problem.block_params(succ));
        if params.is_empty() {
            return state.clone();
        }
        let cross_place = |place: &Held| {
            let before = place.as_deref()?;
            if !before.iter().any(|v| params.contains(v) || args.contains(v)) {
                return place.clone();
            }
            let mut now: Vec<VReg> = before.iter().copied().filter(|v| !params.contains(v)).collect();
            now.extend(args.iter().zip(params).filter(|(a, _)| before.contains(a)).map(|(_, p)| *p));
            held(now)
        };
        state.iter().map(cross_place).collect()
    }

    fn block(&mut self, block: Block, state: &mut State) {
        for inst in self.problem.block_insts(block) {
            let start = if inst == 0 { 0 } else { self.edit_ends[inst - 1] };
            let edits = &self.solution.edits[start..self.edit_ends[inst]];
            let (before, after) = edits.split_at(edits.partition_point(|e| e.pos == EditPos::Before));
            before.iter().for_each(|e| apply(e, state));
            self.inst(inst, state);
            after.iter().for_each(|e| apply(e, state));
        }
    }

    fn inst(&mut self, inst: usize, state: &mut State) {
        let range = self.problem.operand_range(inst);
        let (operands, allocs) = (&self.problem.operands[range.clone()], &self.solution.allocs[range]);
        for (operand, alloc) in operands.iter().zip(allocs).filter(|(o, _)| !o.is_nonallocatable()) {
            if operand.is_use() && !holds(&state[place(*alloc)], operand.vreg) {
                self.fault(format!("i{inst}: {alloc} does not hold {}", operand.vreg));
            }
        }
        let clobbers = self.problem.inst_clobbers(inst);
        if self.reporting {
            self.constraints(inst, operands, allocs);
            self.overlaps(inst, operands, allocs, clobbers);
        }
        for reg in clobbers.iter() {
            state[reg.index()] = None;
        }
        for (operand, alloc) in operands.iter().zip(allocs).filter(|(o, _)| o.is_def()) {
            // In a loop, other places may hold the register's value of the round before.
            forget(state, operand.vreg);
            state[place(*alloc)] = Some(Rc::from([operand.vreg]));
        }
    }

    fn constraints(&mut self, inst: usize, operands: &[Operand], allocs: &[Alloc]) {
        for (operand, alloc) in operands.iter().zip(allocs) {
            let kept = match operand.constraint {
                Constraint::Any => true,
                Constraint::Reg => alloc.reg().is_some(),
                Constraint::Stack => alloc.reg().is_none(),
                Constraint::Fixed(reg) | Constraint::FixedNonallocatable(reg) => alloc.reg() == Some(reg),
                Constraint::Reuse(input) => allocs.get(usize::from(input)) == Some(alloc),
            };
            let class =
                operand.is_nonallocatable() || alloc.class().is_none_or(|c| c == operand.vreg.class());
            let writable = operand.is_nonallocatable() || alloc.reg().is_none_or(|r| self.may_write(r));
            if !(kept && class && writable) {
                self.fault(format!("i{inst}: {alloc} is not where {operand:?} may be"));
            }
        }
    }

    /// No definition overwrites what is still to be read, or another definition, or is clobbered.
    fn overlaps(&mut self, inst: usize, operands: &[Operand], allocs: &[Alloc], clobbers: PRegSet) {
        let pairs: Vec<(&Operand, Alloc)> =
            operands.iter().zip(allocs.iter().copied()).filter(|(o, _)| !o.is_nonallocatable()).collect();
        for (index, (a, at)) in pairs.iter().enumerate() {
            let survives = a.is_def() || a.pos == OperandPos::Late;
            if survives && at.reg().is_some_and(|r| clobbers.contains(r)) {
                self.fault(format!("i{inst}: {} in {at} is clobbered", a.vreg));
            }
            for (b, _) in pairs[..index].iter().filter(|(_, other)| other == at) {
                if conflict(a, b) {
                    self.fault(format!("i{inst}: {} and {} are both in {at}", b.vreg, a.vreg));
                }
            }
        }
    }
}

/// Whether two operands in one place disturb each other.
fn conflict(a: &Operand, b: &Operand) -> bool {
    match (a.is_def(), b.is_def()) {
        (false, false) => false,
        (true, true) => true,
        (true, false) => a.pos == OperandPos::Early || b.pos == OperandPos::Late,
        (false, true) => b.pos == OperandPos::Early || a.pos == OperandPos::Late,
    }
}

fn apply(edit: &Edit, state: &mut State) {
    state[place(edit.to)] = state[place(edit.from)].clone();
}

/// Intersects; returns whether anything changed.
fn join(entry: &mut Option<State>, incoming: State) -> bool {
    let Some(known) = entry else {
        *entry = Some(incoming);
        return true;
    };
    let mut changed = false;
    for (place, other) in known.iter_mut().zip(&incoming) {
        let Some(before) = place.as_ref().filter(|_| place != other) else { continue };
        let both: Vec<VReg> = before.iter().copied().filter(|v| holds(other, *v)).collect();
        if both.len() != before.len() {
            *place = held(both);
            changed = true;
        }
    }
    changed
}

/// Takes a register out of every place.
fn forget(state: &mut State, vreg: VReg) {
    for place in state {
        let Some(before) = place.as_ref().filter(|_| holds(place, vreg)) else { continue };
        *place = held(before.iter().copied().filter(|v| *v != vreg).collect());
    }
}
