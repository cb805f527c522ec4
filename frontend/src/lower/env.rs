//! Variables in SSA form, built along the structure of the program.
//!
//! The environment maps every variable to its present value; a trail of old values lets a branch be undone.
//! A label is a place that several paths jump to: each jump notes which variables it changed since the label
//! was made. When the label is bound, variables on which the paths differ become block parameters, and the
//! jumps are given the values. Loop heads get a parameter for every variable that the loop assigns; those
//! that turn out dead are removed at the end (`prune.rs`).

use super::func::Fx;
use pyexec_ir::{Block, Inst, Type, Value};

/// A variable: one scalar of a local, a flag, or a temporary.
pub(super) type Var = u32;

/// A jump to a label.
struct Arrival {
    inst: Inst,
    target: usize,
    changes: Vec<(Var, Value)>,
}

/// A place that paths lead to.
pub(super) struct Label {
    pub block: Block,
    mark: usize,
    arrivals: Vec<Arrival>,
}

impl Label {
    /// Whether anything jumps here.
    pub(super) fn is_used(&self) -> bool {
        !self.arrivals.is_empty()
    }
}

/// The values of all variables.
#[derive(Default)]
pub(super) struct Env {
    values: Vec<Value>,
    types: Vec<Type>,
    trail: Vec<(Var, Value)>,
    /// The stretch of the trail in which each variable was last noted: once a stretch is enough.
    stamps: Vec<u32>,
    stretch: u32,
    seen: Vec<u32>,
    round: u32,
}

impl Env {
    pub(super) fn add(&mut self, ty: Type, value: Value) -> Var {
        self.values.push(value);
        self.types.push(ty);
        self.stamps.push(0);
        self.seen.push(0);
        (self.values.len() - 1) as Var
    }

    pub(super) fn get(&self, var: Var) -> Value {
        self.values[var as usize]
    }

    pub(super) fn ty(&self, var: Var) -> Type {
        self.types[var as usize]
    }

    pub(super) fn set(&mut self, var: Var, value: Value) {
        let old = std::mem::replace(&mut self.values[var as usize], value);
        if old != value && self.stamps[var as usize] != self.stretch {
            self.stamps[var as usize] = self.stretch;
            self.trail.push((var, old));
        }
    }

    fn mark(&mut self) -> usize {
        self.stretch += 1;
        self.trail.len()
    }

    fn undo(&mut self, mark: usize) {
        while self.trail.len() > mark {
            if let Some((var, old)) = self.trail.pop() {
                self.values[var as usize] = old;
            }
        }
        self.stretch += 1;
    }

    fn changes(&mut self, mark: usize) -> Vec<(Var, Value)> {
        self.round += 1;
        let mut out = Vec::new();
        for (var, _) in &self.trail[mark..] {
            if self.seen[*var as usize] != self.round {
                self.seen[*var as usize] = self.round;
                out.push((*var, self.values[*var as usize]));
            }
        }
        out
    }
}

impl Fx<'_, '_> {
    /// A new place to jump to, for paths that begin here.
    pub(super) fn label(&mut self) -> Label {
        Label { block: self.func.add_detached_block(), mark: self.env.mark(), arrivals: Vec::new() }
    }

    /// A new place for what is not expected to run.
    pub(super) fn cold_label(&mut self) -> Label {
        let label = self.label();
        self.func.block_mut(label.block).cold = true;
        label
    }

    /// Ends the block by going to a label.
    pub(super) fn jump(&mut self, label: &mut Label) {
        let block = label.block;
        self.b().jump(block, &[]);
        self.arrive(label, 0);
        self.dead();
    }

    /// Ends the block by a branch to two labels.
    pub(super) fn branch(&mut self, cond: Value, then: &mut Label, other: &mut Label) {
        let (a, b) = (then.block, other.block);
        self.b().br_if(cond, (a, &[]), (b, &[]));
        self.arrive(then, 0);
        self.arrive(other, 1);
        self.dead();
    }

    /// The present block has ended. Whatever is still lowered goes to a block that is thrown away.
    pub(super) fn dead(&mut self) {
        self.reachable = false;
        self.block = self.scrap;
    }

    /// Notes that the terminator just emitted leads to a label.
    pub(super) fn arrive(&mut self, label: &mut Label, target: usize) {
        if !self.reachable {
            return;
        }
        if let Some(inst) = self.func.terminator(self.block) {
            let changes = self.env.changes(label.mark);
            label.arrivals.push(Arrival { inst, target, changes });
        }
    }

    /// Continues in a block whose only predecessor is the present one.
    pub(super) fn go_on(&mut self, block: Block) {
        if self.reachable {
            self.block = block;
            self.func.layout.push(block);
        }
    }

    /// Continues at a label. What was done since the label was made is undone, except for what the jumps
    /// brought here.
    pub(super) fn bind(&mut self, label: Label) {
        self.env.undo(label.mark);
        self.block = label.block;
        self.reachable = !label.arrivals.is_empty();
        if !self.reachable {
            return self.dead();
        }
        self.func.layout.push(label.block);
        if let [only] = &label.arrivals[..] {
            only.changes.iter().for_each(|(var, value)| self.env.set(*var, *value));
            return;
        }
        self.merge(label.block, &label.arrivals);
    }

    fn merge(&mut self, block: Block, arrivals: &[Arrival]) {
        let mut all: Vec<(Var, usize, Value)> = Vec::new();
        for (index, arrival) in arrivals.iter().enumerate() {
            all.extend(arrival.changes.iter().map(|(var, value)| (*var, index, *value)));
        }
        all.sort_unstable_by_key(|(var, index, _)| (*var, *index));
        let mut passed: Vec<Vec<Value>> = vec![Vec::new(); arrivals.len()];
        let mut rest = &all[..];
        while let [(var, _, first), ..] = rest {
            let count = rest.iter().take_while(|(other, ..)| other == var).count();
            let (group, after) = rest.split_at(count);
            let base = self.env.get(*var);
            let all_same = group.iter().all(|(.., value)| value == first);
            if all_same && (count == arrivals.len() || *first == base) {
                self.env.set(*var, *first);
            } else {
                passed.iter_mut().for_each(|list| list.push(base));
                for (_, index, value) in group {
                    if let Some(last) = passed[*index].last_mut() {
                        *last = *value;
                    }
                }
                let ty = self.env.ty(*var);
                let param = self.func.add_param(block, ty);
                self.env.set(*var, param);
            }
            rest = after;
        }
        for (arrival, values) in arrivals.iter().zip(passed) {
            if !values.is_empty() {
                let call = self.func.make_block_call(block, &values);
                self.func.targets_mut(arrival.inst)[arrival.target] = call;
            }
        }
    }

    /// Begins a loop: a block with a parameter for each variable that the loop assigns.
    pub(super) fn loop_head(&mut self, vars: Vec<Var>) -> Head {
        let block = self.func.add_detached_block();
        // In an exact body variables lie in memory.
        let vars = if self.exact.is_some() { Vec::new() } else { vars };
        let values: Vec<Value> = vars.iter().map(|var| self.env.get(*var)).collect();
        self.b().jump(block, &values);
        self.go_on(block);
        for var in &vars {
            let ty = self.env.ty(*var);
            let param = self.func.add_param(block, ty);
            self.env.set(*var, param);
        }
        Head { block, vars }
    }

    /// Ends the block by going back to the head of a loop.
    pub(super) fn jump_back(&mut self, head: &Head) {
        let values: Vec<Value> = head.vars.iter().map(|var| self.env.get(*var)).collect();
        self.b().jump(head.block, &values);
        self.dead();
    }
}

/// The head of a loop.
pub(super) struct Head {
    block: Block,
    vars: Vec<Var>,
}
