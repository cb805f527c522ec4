//! The ways into an exact body.
//!
//! ```text
//! @py.f.resume(point, i0, i1, ..., f0, ...):
//!     empty all slots; br_table point, stub0, stub1, ...
//! stub1:                         stores what is alive at its point: i0 as x (made a word), f0 as y
//!     jump the point's block
//! @py.f.exact(words...):         tail: call @py.f.resume(0, words...)
//! ```
//!
//! Each way out of the fast body passes the values that are alive at its point: integers, bits of smaller values and
//! addresses in the `i` parameters, floats in the `f` parameters. All ways out share one signature, so
//! those that pass less fill up with anything.

use super::live::live_in;
use super::{ExactEntry, Passed, put};
use crate::lower::env::Var;
use crate::lower::func::{Fx, Left, lower_again};
use crate::lower::points::{Cell, Form, Hidden, Leave, Point, Taken};
use crate::lower::repr;
use pyexec_base::EntityId;
use pyexec_ir::{self as ir, Block, Builder, Func, Linkage, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One value of one way in: where it goes, and how it looks.
struct Travel {
    var: Var,
    ty: ir::Type,
    form: Form,
}

/// What all ways in pass, by point, in order.
type Ways = BTreeMap<Point, Vec<(Cell, Travel)>>;

impl<'m> Fx<'m, '_> {
    /// Marks the present place as a point at which the fast body may have left.
    pub(in crate::lower) fn resume_here(&mut self, point: &Point) {
        let wanted = self.exact.as_ref().is_some_and(|e| e.points.get(point) == Some(&None));
        if !wanted {
            return;
        }
        let block = self.func.add_detached_block();
        if self.reachable {
            self.b().jump(block, &[]);
        }
        self.enter(block);
        if let Some(exact) = &mut self.exact {
            exact.points.insert(point.clone(), Some(block));
        }
    }

    /// Notes that a hidden part of the state is this variable.
    pub(in crate::lower) fn name_hidden(&mut self, hidden: Hidden, var: Var) {
        if let Some(exact) = &mut self.exact {
            exact.hidden.insert(hidden, var);
        }
    }

    /// Makes the ways in, and puts all parts in their places.
    pub(super) fn finish_exactly(
        mut self,
        entry: Block,
        start: Block,
        entries: ExactEntry,
        mut left: Option<Left>,
    ) {
        let is_open = |left: &Left| matches!(left.points.taken, Taken::None);
        if left.as_ref().is_some_and(is_open) {
            let alive = self.alive_at_points();
            left = lower_again(self.lower, self.id, Taken::Alive(alive));
        }
        let ways = self.ways(left.as_ref().map_or(&[], |left| &left.points.leaves));
        let counts = self.counts(&ways);
        let mut targets = vec![(None, start)];
        if let Some(exact) = &self.exact {
            let bound =
                exact.points.iter().filter_map(|(point, block)| Some((Some(point.clone()), (*block)?)));
            targets.extend(bound);
        }
        self.dispatch(entry, &targets, &ways, counts);
        if let Some(left) = left {
            self.close(left, &targets, &ways, counts, entries);
        }
        self.entry_by_words(entries, counts);
        if let Some(exact) = &self.exact {
            let (words, plain) = (exact.words, exact.plain);
            let (word_size, plain_size) = (8 * exact.word_count.max(1), 8 * exact.plain_count.max(1));
            self.func.slots[words].size = word_size;
            self.func.slots[plain].size = plain_size;
        }
        put(self.lower, entries.resume, self.func);
    }

    /// The locals alive at each point.
    fn alive_at_points(&self) -> BTreeMap<Point, BTreeSet<Var>> {
        let Some(exact) = &self.exact else { return BTreeMap::new() };
        let live = live_in(&self.func, exact);
        let locals: Vec<Var> =
            self.hir.locals.iter().map(|(id, _)| id).flat_map(|id| self.local_vars(id)).collect();
        let flags = self.hir.locals.iter().map(|(id, _)| id).filter_map(|id| self.flag(id));
        let most = locals.into_iter().chain(flags).max().map_or(0, |last| last + 1);
        let bound = exact.points.iter().filter_map(|(point, block)| Some((point, (*block)?)));
        let alive = |block| live.get(&block).into_iter().flatten().copied().take_while(|var| *var < most);
        bound.map(|(point, block)| (point.clone(), alive(block).collect())).collect()
    }

    /// What has to travel to each point.
    fn ways(&self, leaves: &[Leave]) -> Ways {
        let Some(exact) = &self.exact else { return Ways::new() };
        let live = live_in(&self.func, exact);
        let mut passed: Ways = Ways::new();
        let mut seen = Passed::new();
        for leave in leaves {
            let Some(Some(block)) = exact.points.get(&leave.point) else { continue };
            let alive = &live[block];
            for (cell, _, form) in &leave.values {
                let var = match cell {
                    Cell::Local(var) => Some(*var),
                    Cell::Hidden(hidden) => exact.hidden.get(hidden).copied(),
                };
                // A word has to be taken, since nobody else would end it.
                let Some(var) = var.filter(|var| *form == Form::Word || alive.contains(var)) else {
                    continue;
                };
                if seen.entry(leave.point.clone()).or_default().insert(cell.clone()) {
                    let travel = Travel { var, ty: exact.places[var as usize].ty, form: *form };
                    passed.entry(leave.point.clone()).or_default().push((cell.clone(), travel));
                }
            }
        }
        passed
    }

    /// How many `i` and `f` parameters there are.
    fn counts(&self, ways: &Ways) -> (usize, usize) {
        let params: Vec<ir::Type> =
            self.hir.params.iter().flat_map(|p| repr::flatten(&self.hir.locals[*p].ty)).collect();
        let count = |types: &mut dyn Iterator<Item = ir::Type>| {
            types.fold((0, 0), |(i, f), ty| if ty == ir::Type::F64 { (i, f + 1) } else { (i + 1, f) })
        };
        let mut most = count(&mut params.into_iter());
        for way in ways.values() {
            let (i, f) = count(&mut way.iter().map(|(_, travel)| travel.ty));
            most = (most.0.max(i), most.1.max(f));
        }
        most
    }

    /// The entry: parameters, empty slots, and a stub for each way in.
    fn dispatch(
        &mut self,
        entry: Block,
        targets: &[(Option<Point>, Block)],
        ways: &Ways,
        counts: (usize, usize),
    ) {
        let point = self.func.add_param(entry, ir::Type::I64);
        let ints: Vec<Value> = (0..counts.0).map(|_| self.func.add_param(entry, ir::Type::I64)).collect();
        let floats: Vec<Value> = (0..counts.1).map(|_| self.func.add_param(entry, ir::Type::F64)).collect();
        self.func.sig.params = std::iter::repeat_n(ir::Type::I64, 1 + counts.0)
            .chain(std::iter::repeat_n(ir::Type::F64, counts.1))
            .map(ir::Param::Value)
            .collect();
        (self.block, self.reachable) = (entry, true);
        self.clear_frame();
        let stubs: Vec<Block> = targets.iter().map(|_| self.func.add_detached_block()).collect();
        let calls: Vec<ir::BlockCall> = stubs.iter().map(|b| self.func.make_block_call(*b, &[])).collect();
        match calls.split_first() {
            Some((only, [])) => {
                let block = only.block;
                self.b().jump(block, &[]);
            }
            Some((first, _)) => self.b().br_table(point, *first, &calls),
            None => {}
        }
        for ((point, target), stub) in targets.iter().zip(stubs) {
            self.enter(stub);
            let (mut ints, mut floats) = (ints.iter(), floats.iter());
            let mut next = |ty| if ty == ir::Type::F64 { floats.next() } else { ints.next() }.copied();
            match point {
                None => {
                    let vars: Vec<Var> = self.hir.params.iter().flat_map(|p| self.local_vars(*p)).collect();
                    for var in vars {
                        let ty = self.env.ty(var);
                        if let Some(value) = next(ty) {
                            let value = self.narrowed(value, ty);
                            self.fill(var, value);
                        }
                    }
                    self.note_params_bound();
                }
                Some(point) => {
                    for (_, travel) in ways.get(point).into_iter().flatten() {
                        if let Some(value) = next(travel.ty) {
                            self.arrive_at(travel, value);
                        }
                    }
                }
            }
            self.b().jump(*target, &[]);
        }
        self.dead();
    }

    /// Parameters that may be unbound later are bound at the start.
    fn note_params_bound(&mut self) {
        for param in &self.hir.params {
            if let Some(flag) = self.flag(*param) {
                let one = self.b().iconst(ir::Type::I8, 1);
                self.fill(flag, one);
            }
        }
    }

    fn arrive_at(&mut self, travel: &Travel, value: Value) {
        let zero = self.b().iconst(ir::Type::I64, 0);
        let is_word = self.exact.as_ref().is_some_and(|e| e.places[travel.var as usize].is_word);
        let value = match (is_word, travel.form) {
            (true, Form::Plain) => self.helper_value("pyexec_big_from_i64", &[value, zero]),
            (true, Form::Unsigned) => self.helper_value("pyexec_big_from_u64", &[value, zero]),
            (true, Form::Word) => value,
            (false, _) => self.narrowed(value, travel.ty),
        };
        self.fill(travel.var, value);
    }

    /// A value that travelled as 64 bits as what it is.
    fn narrowed(&mut self, value: Value, ty: ir::Type) -> Value {
        match ty {
            ir::Type::I64 | ir::Type::F64 => value,
            ir::Type::F32 => {
                let bits = self.b().trunc(ir::Type::I32, value);
                self.b().bitcast(ir::Type::F32, bits)
            }
            ty => self.b().trunc(ty, value),
        }
    }

    /// Fills the blocks of the fast body that leave.
    fn close(
        &mut self,
        left: Left,
        targets: &[(Option<Point>, Block)],
        ways: &Ways,
        counts: (usize, usize),
        entries: ExactEntry,
    ) {
        let Left { mut func, points } = left;
        let results = self.func.sig.results.clone();
        let numbers = targets.iter().enumerate().filter_map(|(n, (point, _))| Some((point.as_ref()?, n)));
        let numbers: BTreeMap<&Point, usize> = numbers.collect();
        for leave in &points.leaves {
            let number = numbers.get(&leave.point).copied();
            let number = number.expect("invariant: both bodies have the same statements");
            let way = ways.get(&leave.point).map_or(&[][..], |way| way);
            let args = leave_args(&mut func, leave, way, number, counts);
            let mut b = Builder::new(&mut func, leave.block);
            b.set_loc(leave.loc);
            let inst = b.call(entries.resume, &results, &args);
            let values: Vec<Value> = b.func.results(inst).collect();
            b.ret(&values);
        }
        let place = self.lower.funcs[self.id.index()].expect("invariant: a fast body was lowered");
        put(self.lower, place, func);
    }

    /// `@exact`: the way in by words, with the signature of the fast body.
    fn entry_by_words(&mut self, entries: ExactEntry, counts: (usize, usize)) {
        let shell = &self.lower.module.funcs[entries.entry];
        let mut func = Func::new(shell.name.clone(), shell.sig.clone(), Linkage::Local);
        func.cold = true;
        let entry = func.add_block();
        let types: Vec<ir::Type> = func.sig.params.iter().map(|p| p.ty()).collect();
        let params: Vec<Value> = types.into_iter().map(|ty| func.add_param(entry, ty)).collect();
        let args = arguments(&mut func, entry, 0, &params, counts);
        let results: Vec<ir::Type> = func.sig.results.to_vec();
        let mut b = Builder::new(&mut func, entry);
        b.set_loc(self.hir.span.loc());
        let inst = b.call(entries.resume, &results, &args);
        let values: Vec<Value> = b.func.results(inst).collect();
        b.ret(&values);
        self.lower.module.funcs[entries.entry] = func;
    }
}

/// What a way out passes.
fn leave_args(
    func: &mut Func,
    leave: &Leave,
    way: &[(Cell, Travel)],
    number: usize,
    counts: (usize, usize),
) -> Vec<Value> {
    let mut values: Vec<Value> = leave.values.iter().map(|(_, value, _)| *value).collect();
    for (index, from) in &leave.distances {
        let mut b = Builder::new(func, leave.block);
        b.set_loc(leave.loc);
        values[*index] = b.isub(values[*index], *from);
    }
    let find = |cell: &Cell| leave.values.iter().position(|(other, ..)| other == cell);
    let mut passed = Vec::new();
    for (cell, travel) in way {
        let nothing = |func: &mut Func| zero(func, leave.block, travel.ty);
        passed.push(find(cell).map_or_else(|| nothing(func), |index| values[index]));
    }
    arguments(func, leave.block, number, &passed, counts)
}

/// What stands for a value that one of several ways to a point does not have.
fn zero(func: &mut Func, block: Block, ty: ir::Type) -> Value {
    let mut b = Builder::new(func, block);
    match ty {
        ir::Type::F32 => b.f32const(0.0),
        ir::Type::F64 => b.f64const(0.0),
        ty => b.iconst(ty, 0),
    }
}

/// The arguments of `@resume`: the point, and values sorted by where they travel, filled up.
fn arguments(
    func: &mut Func,
    block: Block,
    number: usize,
    values: &[Value],
    counts: (usize, usize),
) -> Vec<Value> {
    let (mut ints, mut floats) = (Vec::new(), Vec::new());
    let mut b = Builder::new(func, block);
    ints.push(b.iconst(ir::Type::I64, number as i64));
    for value in values {
        match b.func.ty(*value) {
            ir::Type::F64 => floats.push(*value),
            ir::Type::I64 => ints.push(*value),
            ir::Type::F32 => {
                let bits = b.bitcast(ir::Type::I32, *value);
                ints.push(b.zext(ir::Type::I64, bits));
            }
            _ => ints.push(b.zext(ir::Type::I64, *value)),
        }
    }
    while ints.len() < 1 + counts.0 {
        ints.push(ints[0]);
    }
    while floats.len() < counts.1 {
        floats.push(b.f64const(0.0));
    }
    ints.extend(floats);
    ints
}
