//! What is known of two unknowns: `a <= b + k`.
//!
//! ```text
//! b1(v2: i64):                  on both edges into b1 it is known that what they pass is less than v1, so
//!     v3 = ult.i64 v2, v1       v2 < v1 holds in b1; v2 is not negative, so v3 is 1
//! ```
//!
//! A comparison that dominates a point is a fact about its left operand. Facts about what all edges into a block
//! pass are facts about the parameter. Proofs go from fact to fact and through additions of constants that do not
//! wrap, a few steps deep (R. Bodik, R. Gupta, V. Sarkar, "ABCD: Eliminating Array Bounds Checks on Demand",
//! PLDI 2000, with facts scoped by the dominator tree in place of extended SSA).
//!
//! What is assumed of parameters must be inductive, as intervals must: `walk` checks it.

use super::walk::{Analysis, Phase};
use pyexec_base::EntityId;
use pyexec_ir::{Block, Opcode, Type, Value};

/// How many steps a proof may take, and how many facts and candidates a value may have.
const STEPS: u32 = 4;
const FACTS: usize = 6;
const CANDIDATES: usize = 4;
/// Distances beyond this are of no use.
const FAR: i128 = 1 << 70;

/// The value is at most `other + distance`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fact {
    pub other: Value,
    pub distance: i128,
}

/// Facts of the present point, and of parameters between walks.
#[derive(Default)]
pub(super) struct Relations {
    /// By value; grows and shrinks with the scope.
    facts: Vec<Vec<Fact>>,
    /// By parameter: what may hold because it does on one edge; never shrinks, so that bits stay valid.
    candidates: Vec<Vec<Fact>>,
    /// By parameter: which candidates are taken to hold.
    held: Vec<u8>,
}

impl Relations {
    pub fn new(values: usize) -> Self {
        Self { facts: vec![Vec::new(); values], candidates: vec![Vec::new(); values], held: vec![0; values] }
    }
    /// Drops the last fact of a value.
    pub fn forget_last(&mut self, value: Value) {
        if let Some(facts) = self.facts.get_mut(value.index()) {
            facts.pop();
        }
    }
}

impl Analysis<'_> {
    /// Notes what a comparison that holds says.
    pub(super) fn relate(&mut self, op: Opcode, a: Value, b: Value) {
        match op {
            Opcode::Slt => self.add_fact(a, b, -1),
            Opcode::Sle => self.add_fact(a, b, 0),
            Opcode::Sgt => self.add_fact(b, a, -1),
            Opcode::Sge => self.add_fact(b, a, 0),
            Opcode::Ult | Opcode::Ule if self.range(b).is_natural() => {
                self.add_fact(a, b, -i128::from(op == Opcode::Ult));
            }
            Opcode::Ugt | Opcode::Uge if self.range(a).is_natural() => {
                self.add_fact(b, a, -i128::from(op == Opcode::Ugt));
            }
            Opcode::Eq => {
                self.add_fact(a, b, 0);
                self.add_fact(b, a, 0);
            }
            _ => {}
        }
    }

    fn add_fact(&mut self, value: Value, other: Value, distance: i128) {
        let (value, other) = (self.func.resolve(value), self.func.resolve(other));
        let of_constants = self.func.const_bits(value).is_some() || self.func.const_bits(other).is_some();
        let known = self.relations.facts.get(value.index()).is_none_or(|facts| facts.len() >= FACTS);
        if of_constants || known || self.func.ty(value) != Type::I64 {
            return;
        }
        self.relations.facts[value.index()].push(Fact { other, distance });
        self.note_fact(value);
    }

    /// Whether a comparison of 64-bit numbers is decided by what is known of both together.
    pub(super) fn decide(&self, op: Opcode, a: Value, b: Value) -> Option<bool> {
        let (a, b) = (self.func.resolve(a), self.func.resolve(b));
        let less = |x, y, strict| self.proves(x, y, -i128::from(strict), STEPS);
        let signed = |x, y, strict: bool| match (less(x, y, strict), less(y, x, !strict)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        // From zero to a number that is greater as signed: also as unsigned.
        let natural = self.range(a).is_natural() && self.range(b).is_natural();
        let above = |x: Value, y: Value, strict| self.range(x).is_natural() && less(x, y, strict);
        match op {
            Opcode::Slt => signed(a, b, true),
            Opcode::Sle => signed(a, b, false),
            Opcode::Sgt => signed(b, a, true),
            Opcode::Sge => signed(b, a, false),
            Opcode::Ult if natural => signed(a, b, true),
            Opcode::Ule if natural => signed(a, b, false),
            Opcode::Ugt if natural => signed(b, a, true),
            Opcode::Uge if natural => signed(b, a, false),
            Opcode::Ult | Opcode::Ule => above(a, b, op == Opcode::Ult).then_some(true),
            Opcode::Ugt | Opcode::Uge => above(b, a, op == Opcode::Ugt).then_some(true),
            Opcode::Eq | Opcode::Ne if less(a, b, true) || less(b, a, true) => Some(op == Opcode::Ne),
            _ => None,
        }
    }

    /// Whether `a <= b + distance` is known.
    fn proves(&self, a: Value, b: Value, distance: i128, steps: u32) -> bool {
        let (x, y) = (self.range(a), self.range(b));
        if a == b && distance >= 0 || !x.is_empty() && !y.is_empty() && x.hi - y.lo <= distance {
            return true;
        }
        let Some(steps) = steps.checked_sub(1).filter(|_| distance.abs() < FAR) else { return false };
        let facts = self.relations.facts.get(a.index());
        facts.into_iter().flatten().any(|f| self.proves(f.other, b, distance - f.distance, steps))
            || self.offset(a).is_some_and(|(base, by)| self.proves(base, b, distance - by, steps))
            || self.offset(b).is_some_and(|(base, by)| self.proves(a, base, distance + by, steps))
    }

    /// The value as another one and a constant, if that sum does not wrap.
    fn offset(&self, value: Value) -> Option<(Value, i128)> {
        let (inst, 0) = self.definition(value)? else { return None };
        let data = self.func.inst(inst);
        let &[a, b] = self.func.args(inst) else { return None };
        let (a, b) = (self.func.resolve(a), self.func.resolve(b));
        let exact = super::interval::exact(data.op, self.range(a), self.range(b))?;
        if data.ty != Type::I64 || !exact.fits(Type::I64) {
            return None;
        }
        let constant = |v: Value| self.func.const_bits(v).map(|bits| pyexec_ir::signed(Type::I64, bits));
        match data.op {
            Opcode::Iadd | Opcode::SaddOverflow => match (constant(a), constant(b)) {
                (None, Some(by)) => Some((a, by)),
                (Some(by), None) => Some((b, by)),
                _ => None,
            },
            Opcode::Isub | Opcode::SsubOverflow => constant(b).map(|by| (a, -by)),
            _ => None,
        }
    }

    // ---- Parameters ----

    /// Which candidates of the parameters of `target` hold for what an edge passes. The scope is that of the edge.
    pub(super) fn proved_on_edge(&mut self, target: Block, args: &[Value]) -> Vec<u8> {
        let params = self.func.block(target).params.clone();
        params.iter().zip(args).map(|(param, arg)| self.proved_of(target, *param, *arg)).collect()
    }

    fn proved_of(&mut self, target: Block, param: Value, arg: Value) -> u8 {
        if self.func.ty(param) != Type::I64 || param.index() >= self.relations.candidates.len() {
            return 0;
        }
        let arg = self.func.resolve(arg);
        let facts = self.relations.facts.get(arg.index()).cloned().unwrap_or_default();
        for fact in facts {
            let known = &self.relations.candidates[param.index()];
            let fresh = known.len() < CANDIDATES && !known.contains(&fact);
            // The other one must be the same at the target: it is not, if each round of a loop makes it anew.
            if fresh && self.is_made_before(fact.other, target) {
                self.relations.candidates[param.index()].push(fact);
            }
        }
        let candidates = self.relations.candidates[param.index()].iter().enumerate();
        let holds = |fact: &Fact| self.proves(arg, fact.other, fact.distance, STEPS);
        candidates.fold(0, |bits, (at, fact)| if holds(fact) { bits | 1 << at } else { bits })
    }

    fn is_made_before(&self, value: Value, target: Block) -> bool {
        let block = self.made_in.get(value.index()).copied().flatten();
        block.is_some_and(|block| self.dom.strictly_dominates(block, target))
    }

    /// Takes what holds on all edges as known of a parameter. True if that is not what was assumed.
    pub(super) fn hold(&mut self, param: Value, arriving: u8, phase: Phase) -> bool {
        let Some(held) = self.relations.held.get_mut(param.index()) else { return false };
        let mut broken = false;
        match phase {
            Phase::Grow(_) | Phase::Narrow => *held = arriving,
            Phase::Check | Phase::Rewrite => broken = *held & !arriving != 0,
        }
        let held = *held;
        let candidates = self.relations.candidates[param.index()].clone();
        for (_, fact) in candidates.into_iter().enumerate().filter(|(at, _)| held >> at & 1 == 1) {
            self.add_fact(param, fact.other, fact.distance);
        }
        broken
    }
}
