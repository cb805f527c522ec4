//! The walks over the dominator tree that compute intervals.

use super::counter::{REACH, counters};
use super::interval::{Interval, binary, compare, unary};
use super::relation::Relations;
use crate::Facts;
use crate::rules::{is_checked, is_compare};
use pyexec_base::{BitSet, EntityId};
use pyexec_ir::{Block, Cfg, DomTree, Format, Func, Inst, Opcode, Type, Value, ValueDef};

/// The first growing walk that widens, and the first that knows no landmarks.
pub(super) const WIDEN_FROM: usize = 3;
const WIDEN_FULLY_FROM: usize = 12;
/// Where widening stops on its way up, and on its way down.
const LANDMARKS: &[i128] = &[0, 1, i32::MAX as i128];

/// What a walk does with the parameters of blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    /// Their intervals grow by what arrives.
    Grow(usize),
    /// Their intervals become what arrives.
    Narrow,
    /// What arrives must be inside of their intervals.
    Check,
    /// As `Check`; and instructions are rewritten.
    Rewrite,
}

/// What is undone when a scope ends.
enum Undo {
    /// The value had this interval.
    Range(Value, Interval),
    /// The last fact of the value is of the scope.
    Fact(Value),
}

pub(super) struct Analysis<'a> {
    pub func: &'a mut Func,
    facts: &'a Facts,
    cfg: &'a Cfg,
    pub dom: &'a DomTree,
    /// The interval of each value at the current point of the walk.
    range: Vec<Interval>,
    /// The intervals of block parameters between walks.
    params: Vec<Interval>,
    /// What each edge passes, and whether it can be taken; by edge number.
    passed: Vec<Vec<Interval>>,
    taken: Vec<bool>,
    /// The number of a block's first edge.
    first_edge: Vec<u32>,
    undo: Vec<Undo>,
    pub relations: Relations,
    /// Which candidates each edge proves; by edge number.
    proved: Vec<Vec<u8>>,
    /// The block that defines each value.
    pub made_in: Vec<Option<Block>>,
    /// Parameters that only ever move by one.
    counters: BitSet<Value>,
    /// The block being walked.
    here: Block,
    phase: Phase,
    changed: bool,
}

impl<'a> Analysis<'a> {
    pub fn new(func: &'a mut Func, facts: &'a Facts, cfg: &'a Cfg, dom: &'a DomTree) -> Self {
        let mut first_edge = vec![0; func.block_count()];
        let mut edges = 0;
        for block in cfg.rpo() {
            first_edge[block.index()] = edges;
            edges += cfg.succs(*block).len() as u32;
        }
        let values = func.value_count();
        Self {
            facts,
            cfg,
            dom,
            range: vec![Interval::EMPTY; values],
            params: vec![Interval::EMPTY; values],
            passed: vec![Vec::new(); edges as usize],
            taken: vec![false; edges as usize],
            first_edge,
            undo: Vec::new(),
            relations: Relations::new(values),
            proved: vec![Vec::new(); edges as usize],
            made_in: vec![None; values],
            counters: counters(func, cfg),
            here: Block::from_index(0),
            phase: Phase::Check,
            changed: false,
            func,
        }
    }

    /// One walk over the function; true if an interval changed, or (checking) is not inductive.
    pub fn walk(&mut self, phase: Phase) -> bool {
        (self.phase, self.changed) = (phase, false);
        let mut stack: Vec<(Option<Block>, usize)> =
            self.func.entry().map(|e| (Some(e), 0)).into_iter().collect();
        while let Some((block, mark)) = stack.pop() {
            let Some(block) = block else {
                self.rollback(mark);
                continue;
            };
            stack.push((None, self.undo.len()));
            if self.enter(block) {
                self.visit_insts(block);
                self.leave(block);
                stack.extend(self.dom.children(block).iter().rev().map(|c| (Some(*c), 0)));
            } else {
                self.forget(block);
            }
        }
        self.changed
    }

    pub fn rollback(&mut self, mark: usize) {
        for undo in self.undo.drain(mark..).rev() {
            match undo {
                Undo::Range(value, old) => self.range[value.index()] = old,
                Undo::Fact(value) => self.relations.forget_last(value),
            }
        }
    }

    /// The interval of a value here.
    pub fn range(&self, value: Value) -> Interval {
        let value = self.func.resolve(value);
        self.range.get(value.index()).copied().unwrap_or(Interval::full(self.func.ty(value)))
    }

    /// The interval of a value by number between walks; nothing if it is never made, or if it is a float.
    pub fn found(&self, index: usize) -> Option<(i128, i128)> {
        let range = self.range[index];
        (!range.is_empty()).then_some((range.lo, range.hi))
    }

    /// Narrows a value until the scope ends. False if nothing is left: this point is never reached.
    pub fn narrow(&mut self, value: Value, to: Interval) -> bool {
        let value = self.func.resolve(value);
        let Some(old) = self.range.get(value.index()).copied() else { return true };
        let new = old.meet(to);
        if new != old {
            self.undo.push(Undo::Range(value, old));
            self.range[value.index()] = new;
        }
        !new.is_empty()
    }

    /// A fact about the value was added: it holds until the scope ends.
    pub fn note_fact(&mut self, value: Value) {
        self.undo.push(Undo::Fact(value));
    }

    /// Gives a new value the interval of the one that it replaces.
    pub fn adopt(&mut self, old: Value, new: Value) {
        let range = self.range(old);
        while self.range.len() < self.func.value_count() {
            let ty = self.func.ty(Value::from_index(self.range.len()));
            self.range.push(Interval::full(ty));
        }
        self.range[new.index()] = range;
    }

    fn edge_number(&self, from: Block, index: u32) -> usize {
        (self.first_edge[from.index()] + index) as usize
    }

    /// Computes the parameters of a block; false if no edge into it can be taken.
    fn enter(&mut self, block: Block) -> bool {
        let params = self.func.block(block).params.clone();
        if Some(block) == self.func.entry() {
            for param in params {
                self.range[param.index()] = Interval::full(self.func.ty(param));
                self.made_in[param.index()] = Some(block);
            }
            return true;
        }
        let mut arriving = vec![Interval::EMPTY; params.len()];
        let mut proved = vec![u8::MAX; params.len()];
        let mut reached = false;
        for edge in self.cfg.preds(block).iter().filter(|e| self.cfg.is_reachable(e.from)) {
            let number = self.edge_number(edge.from, edge.index);
            if self.taken[number] {
                reached = true;
                let passed = self.passed[number].iter();
                arriving.iter_mut().zip(passed).for_each(|(all, one)| *all = all.join(*one));
                proved.iter_mut().zip(&self.proved[number]).for_each(|(all, one)| *all &= one);
            }
        }
        for (param, (arriving, proved)) in params.into_iter().zip(arriving.into_iter().zip(proved)) {
            self.made_in[param.index()] = Some(block);
            self.update_param(param, arriving);
            self.changed |= reached && self.hold(param, proved, self.phase);
        }
        reached && self.enter_branch(block)
    }

    fn update_param(&mut self, param: Value, arriving: Interval) {
        let (at, ty) = (param.index(), self.func.ty(param));
        let old = self.params[at];
        let arriving = if self.counters.contains(param) { arriving.meet(REACH) } else { arriving };
        let new = match self.phase {
            Phase::Grow(round) => widen(old, old.join(arriving), ty, round),
            Phase::Narrow => arriving.meet(old),
            Phase::Check | Phase::Rewrite => {
                self.changed |= !arriving.is_within(old);
                old
            }
        };
        self.changed |= new != old;
        self.params[at] = new;
        self.range[at] = new;
    }

    /// Narrows by the branch that alone leads here.
    fn enter_branch(&mut self, block: Block) -> bool {
        let &[edge] = self.cfg.preds(block) else { return true };
        self.assume_edge(edge.from, edge.index)
    }

    /// A block that is not reached takes no edge, and neither does what it dominates.
    fn forget(&mut self, block: Block) {
        let mut work = vec![block];
        while let Some(block) = work.pop() {
            for index in 0..self.cfg.succs(block).len() as u32 {
                let number = self.edge_number(block, index);
                self.changed |= self.taken[number];
                self.taken[number] = false;
            }
            work.extend(self.dom.children(block));
        }
    }

    fn visit_insts(&mut self, block: Block) {
        let insts = self.func.block(block).insts.clone();
        self.here = block;
        self.facts.count(insts.len());
        for inst in &insts {
            self.evaluate(*inst);
        }
        if self.phase == Phase::Rewrite {
            let mut out = Vec::with_capacity(insts.len());
            insts.into_iter().for_each(|inst| self.rewrite(inst, &mut out));
            self.func.block_mut(block).insts = out;
        }
    }

    /// Sets the intervals of an instruction's results.
    fn evaluate(&mut self, inst: Inst) {
        let (op, ty) = (self.func.inst(inst).op, self.func.inst(inst).ty);
        for (index, result) in self.func.results(inst).enumerate() {
            self.made_in[result.index()] = Some(self.here);
            let wide = self.func.ty(result) == Type::I128 || self.func.ty(result).is_float();
            self.range[result.index()] = match index {
                _ if wide => Interval::full(self.func.ty(result)),
                0 => self.first_result(inst, op, ty, result),
                1 if op == Opcode::UdivWide => self.rest_of_wide(inst),
                1 if is_checked(op) => self.overflow_flag(inst, op, ty),
                _ => Interval::full(self.func.ty(result)),
            };
        }
    }

    fn first_result(&self, inst: Inst, op: Opcode, ty: Type, result: Value) -> Interval {
        let full = Interval::full(self.func.ty(result));
        if let Some(bits) = self.func.const_bits(result) {
            return Interval::of_bits(ty, bits);
        }
        match op.format() {
            Format::Load => return loaded(op, ty),
            Format::Plain if is_compare(op) => return self.comparison(inst, op, ty),
            Format::Plain if !op.is_scalar() => return full,
            Format::Plain => {}
            _ => return full,
        }
        let args = self.func.args(inst);
        let narrow = |v: &Value| self.func.ty(*v).is_int() && self.func.ty(*v) != Type::I128;
        if !args.iter().all(narrow) {
            return full;
        }
        match *args {
            [a] => unary(op, ty, self.func.ty(a), self.range(a)),
            [a, b] => binary(op, ty, self.range(a), self.range(b)),
            [c, a, b] if op == Opcode::Select => self.chosen(c, a, b),
            _ => full,
        }
    }

    /// The remainder of 128 by 64 bits is less than the divisor.
    fn rest_of_wide(&self, inst: Inst) -> Interval {
        let by = self.range(self.func.args(inst)[2]);
        if by.is_natural() { Interval::new(0, (by.hi - 1).max(0)) } else { Interval::full(Type::I64) }
    }

    fn chosen(&self, c: Value, a: Value, b: Value) -> Interval {
        let c = self.range(c);
        match (c.contains(0), c.single()) {
            (false, _) => self.range(a),
            (_, Some(0)) => self.range(b),
            _ => self.range(a).join(self.range(b)),
        }
    }

    fn comparison(&self, inst: Inst, op: Opcode, ty: Type) -> Interval {
        let args = self.func.args(inst);
        if ty.is_float() || ty == Type::I128 {
            return Interval::BOOL;
        }
        let (a, b) = (args[0], args[1]);
        let decided = compare(op, ty, self.range(a), self.range(b));
        let decided = decided.or_else(|| (ty == Type::I64).then(|| self.decide(op, a, b))?);
        decided.map_or(Interval::BOOL, |holds| Interval::just(holds as i128))
    }

    fn overflow_flag(&self, inst: Inst, op: Opcode, ty: Type) -> Interval {
        let args = self.func.args(inst);
        if ty == Type::I128 {
            return Interval::BOOL;
        }
        let exact = super::interval::exact(op, self.range(args[0]), self.range(args[1]));
        match exact {
            Some(exact) if exact.fits(ty) => Interval::just(0),
            _ => Interval::BOOL,
        }
    }

    /// Computes what each edge of the block passes.
    fn leave(&mut self, block: Block) {
        let mut live = Vec::new();
        for index in 0..self.cfg.succs(block).len() as u32 {
            let mark = self.undo.len();
            let taken = self.assume_edge(block, index);
            let call = self.func.successors(block)[index as usize];
            let args = self.func.block_call_args(call).to_vec();
            let passed: Vec<Interval> = args.iter().map(|v| self.range(*v)).collect();
            let proved = self.proved_on_edge(call.block, &args);
            self.rollback(mark);
            let number = self.edge_number(block, index);
            self.proved[number] = proved;
            self.changed |= taken != self.taken[number];
            self.taken[number] = taken;
            self.passed[number] = passed;
            live.extend(taken.then_some(index));
        }
        if self.phase == Phase::Rewrite {
            self.rewrite_branch(block, &live);
        }
    }

    /// Narrows by what is known on an edge. False if it cannot be taken.
    fn assume_edge(&mut self, from: Block, index: u32) -> bool {
        let Some(inst) = self.func.terminator(from) else { return true };
        match self.func.inst(inst).op {
            Opcode::BrIf => self.assume(self.func.args(inst)[0], index == 0),
            _ => true,
        }
    }

    /// The instruction that defines a value, and which of its results the value is.
    pub fn definition(&self, value: Value) -> Option<(Inst, u32)> {
        match self.func.def(self.func.resolve(value)) {
            ValueDef::Result(inst, index) => Some((inst, index)),
            _ => None,
        }
    }
}

/// What a narrow load can give.
fn loaded(op: Opcode, ty: Type) -> Interval {
    let from = match op {
        Opcode::LoadU8 | Opcode::LoadS8 => Type::I8,
        Opcode::LoadU16 | Opcode::LoadS16 => Type::I16,
        Opcode::LoadU32 | Opcode::LoadS32 => Type::I32,
        _ => return Interval::full(ty),
    };
    match op {
        Opcode::LoadU8 | Opcode::LoadU16 | Opcode::LoadU32 => Interval::new(0, from.mask() as i128),
        _ => Interval::full(from),
    }
}

/// From round [`WIDEN_FROM`] on, an end that moves goes to the next of a few landmarks, so it moves seldom.
fn widen(old: Interval, new: Interval, ty: Type, round: usize) -> Interval {
    if round < WIDEN_FROM || old.is_empty() {
        return new;
    }
    let full = Interval::full(ty);
    let landmarks = if round >= WIDEN_FULLY_FROM { &[][..] } else { LANDMARKS };
    // The last landmark is where a variable that moves by one, and is compared before, stops without wrapping.
    let landmarks = landmarks.iter().copied().filter(|mark| *mark < full.hi);
    let above = landmarks.clone().chain([full.hi - 1]).find(|mark| *mark >= new.hi);
    let below = landmarks.map(|mark| -mark).chain([full.lo + 1]).find(|mark| *mark <= new.lo);
    Interval::new(
        if new.lo == old.lo { old.lo } else { below.unwrap_or(full.lo).max(full.lo) },
        if new.hi == old.hi { old.hi } else { above.unwrap_or(full.hi).min(full.hi) },
    )
}
