//! What is known of each variable at the current program point.
//!
//! The state of all variables is one vector with a trail of old values. A branch is run, its changes are
//! taken out as a delta, and the trail is undone; deltas of branches that meet are joined. The cost of a
//! branch is the number of variables it changes, not the number that exist.

use crate::hir::Place;
use crate::types::Type;
use pyexec_base::{EntityId, EntityVec, Span, entity_id};

entity_id! {
    /// A variable name of the function being inferred.
    pub struct NameId("n");
}

/// What is known of a variable.
#[derive(Clone, Debug)]
pub enum VarState {
    /// Nothing is bound to it.
    Unbound,
    /// It holds a value of one type.
    Bound {
        /// Where the value is.
        place: Place,
        /// Its type.
        ty: Type,
        /// On some path it is unbound.
        maybe: bool,
        /// One place where it was bound.
        def: Span,
    },
    /// Paths meet on which it holds values of different types.
    Conflict(Box<[(Type, Span); 2]>),
}

impl VarState {
    /// Equal but for where the variable was bound.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (VarState::Unbound, VarState::Unbound) | (VarState::Conflict(_), VarState::Conflict(_)) => true,
            (VarState::Bound { ty: a, maybe: m, .. }, VarState::Bound { ty: b, maybe: n, .. }) => {
                a == b && m == n
            }
            _ => false,
        }
    }

    /// The state where two paths meet.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        use VarState::*;
        match (self, other) {
            (Conflict(_), _) | (Unbound, Unbound) => self.clone(),
            (_, Conflict(_)) => other.clone(),
            (Unbound, Bound { place, ty, def, .. }) | (Bound { place, ty, def, .. }, Unbound) => {
                Bound { place: *place, ty: ty.clone(), maybe: true, def: *def }
            }
            (Bound { place, ty, maybe, def }, Bound { place: place2, ty: ty2, maybe: maybe2, def: def2 }) => {
                let maybe = *maybe || *maybe2;
                if ty == ty2 || ty2.is_unknown() {
                    Bound { place: *place, ty: ty.clone(), maybe, def: *def }
                } else if ty.is_unknown() {
                    Bound { place: *place2, ty: ty2.clone(), maybe, def: *def2 }
                } else {
                    Conflict(Box::new([(ty.clone(), *def), (ty2.clone(), *def2)]))
                }
            }
        }
    }
}

/// What a branch changed, and whether its end is reached.
#[derive(Clone, Debug)]
pub struct Delta {
    /// Whether control comes out of the branch here.
    pub reachable: bool,
    /// Changed variables, each once.
    pub changes: Vec<(NameId, VarState)>,
}

/// The state of all variables.
#[derive(Debug, Default)]
pub struct Flow {
    vars: EntityVec<NameId, VarState>,
    trail: Vec<(NameId, VarState)>,
    stamps: EntityVec<NameId, u32>,
    stamp: u32,
    /// Whether the current point is reached.
    pub reachable: bool,
    /// Every state given to a variable while someone listens: an exception may leave from any of them.
    log: Vec<(NameId, VarState)>,
    listeners: usize,
}

/// A point to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Flow {
    /// A new variable, unbound.
    pub fn add(&mut self) -> NameId {
        self.stamps.push(0);
        self.vars.push(VarState::Unbound)
    }

    /// What is known of a variable.
    pub fn get(&self, name: NameId) -> &VarState {
        &self.vars[name]
    }

    /// Sets what is known of a variable.
    pub fn set(&mut self, name: NameId, state: VarState) {
        if self.listeners > 0 {
            self.log.push((name, state.clone()));
        }
        let old = std::mem::replace(&mut self.vars[name], state);
        self.trail.push((name, old));
    }

    /// Remembers the current point.
    pub fn mark(&self) -> Mark {
        Mark(self.trail.len())
    }

    /// What changed since the mark; the state stays.
    pub fn changes(&mut self, since: Mark) -> Delta {
        self.stamp += 1;
        let mut changes = Vec::new();
        for (name, _) in &self.trail[since.0..] {
            if self.stamps[*name] != self.stamp {
                self.stamps[*name] = self.stamp;
                changes.push((*name, self.vars[*name].clone()));
            }
        }
        Delta { reachable: self.reachable, changes }
    }

    /// Goes back to the mark; the result says what was different.
    pub fn undo(&mut self, mark: Mark) -> Delta {
        let delta = self.changes(mark);
        while self.trail.len() > mark.0 {
            if let Some((name, old)) = self.trail.pop() {
                self.vars[name] = old;
            }
        }
        self.reachable = true;
        delta
    }

    /// Continues where the branches meet. All were taken relative to the present state.
    pub fn join(&mut self, deltas: &[Delta]) {
        let live: Vec<&Delta> = deltas.iter().filter(|d| d.reachable).collect();
        self.reachable = !live.is_empty();
        match live[..] {
            [] => {}
            [only] => only.changes.iter().for_each(|(name, state)| self.set(*name, state.clone())),
            _ => self.join_several(&live),
        }
    }

    fn join_several(&mut self, live: &[&Delta]) {
        let mut all: Vec<(NameId, usize, &VarState)> = Vec::new();
        for (branch, delta) in live.iter().enumerate() {
            all.extend(delta.changes.iter().map(|(name, state)| (*name, branch, state)));
        }
        all.sort_by_key(|(name, branch, _)| (name.index(), *branch));
        let mut rest = &all[..];
        while let [(name, _, first), ..] = rest {
            let same = rest.iter().take_while(|(other, ..)| other == name).count();
            let (group, after) = rest.split_at(same);
            let mut state = (*first).clone();
            group[1..].iter().for_each(|(_, _, other)| state = state.join(other));
            // A branch that left the variable alone brings its present state.
            if group.len() < live.len() {
                state = self.vars[*name].join(&state);
            }
            self.set(*name, state);
            rest = after;
        }
    }

    /// Starts to record every state; returns where the record begins.
    pub fn listen(&mut self) -> usize {
        self.listeners += 1;
        self.log.len()
    }

    /// Stops, and says in which states an exception may have left, relative to `mark`, to which the
    /// caller has gone back.
    pub fn heard(&mut self, since: usize) -> Delta {
        self.listeners -= 1;
        let mut states: Vec<(NameId, VarState)> = Vec::new();
        let mut order: Vec<usize> = (since..self.log.len()).collect();
        order.sort_by_key(|i| self.log[*i].0);
        for i in order {
            let (name, state) = &self.log[i];
            match states.last_mut() {
                Some((last, joined)) if last == name => *joined = joined.join(state),
                _ => states.push((*name, self.vars[*name].join(state))),
            }
        }
        if self.listeners == 0 {
            self.log.clear();
        }
        Delta { reachable: true, changes: states }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hir::LocalId;

    fn bound(ty: Type) -> VarState {
        VarState::Bound { place: Place::Local(LocalId::new(0)), ty, maybe: false, def: Span::new(0, 1) }
    }

    #[test]
    fn a_branch_that_does_not_bind_makes_the_variable_doubtful() {
        let mut flow = Flow { reachable: true, ..Flow::default() };
        let x = flow.add();
        let mark = flow.mark();
        flow.set(x, bound(Type::Int));
        let then = flow.undo(mark);
        assert!(matches!(flow.get(x), VarState::Unbound));
        let none = flow.changes(mark);
        flow.join(&[then, none]);
        assert!(matches!(flow.get(x), VarState::Bound { maybe: true, .. }));
    }

    #[test]
    fn different_types_conflict_only_where_both_paths_arrive() {
        let mut flow = Flow { reachable: true, ..Flow::default() };
        let x = flow.add();
        let mark = flow.mark();
        flow.set(x, bound(Type::Int));
        let a = flow.undo(mark);
        flow.set(x, bound(Type::Float));
        flow.reachable = false;
        let dead = flow.undo(mark);
        flow.join(&[a.clone(), dead]);
        assert!(matches!(flow.get(x), VarState::Bound { ty: Type::Int, maybe: false, .. }));
        flow.set(x, bound(Type::Float));
        let b = flow.undo(mark);
        flow.join(&[a, b]);
        assert!(matches!(flow.get(x), VarState::Conflict(_)));
    }
}
