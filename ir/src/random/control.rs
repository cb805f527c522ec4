//! Control flow of random functions: structured, apart from early returns and one irreducible shape.

use super::func::FuncGen;
use crate::{Block, TrapCode, Type, Value};

/// Loops inside of loops run at most this often in one call.
const MOST_TIMES: u64 = 200;
/// A loop runs at most this often.
const MOST_TRIPS: u64 = 5;
/// Constructs nest this deep.
const MOST_DEPTH: u32 = 4;

impl FuncGen<'_> {
    /// Statements until the instructions are used up.
    pub(super) fn body(&mut self, depth: u32) {
        while self.left > 0 {
            self.statement(depth);
        }
    }

    /// Some statements; what they define is available afterwards.
    fn some(&mut self, depth: u32) {
        for _ in 0..1 + self.rng().below(6) {
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: u32) {
        let nest = depth < MOST_DEPTH && self.left > 0;
        match self.rng().below(40) {
            0..3 if nest => self.if_else(depth + 1),
            3..5 if nest => self.count_down(depth + 1),
            5 if nest => self.while_loop(depth + 1),
            6 if nest => self.switch(depth + 1),
            7 if nest => self.irreducible(),
            8 => self.early_end(),
            9 => self.trap_if(),
            10 => self.stack_ptr(),
            11..14 => self.call(),
            14..19 if self.shared.options.memory => self.access(),
            19 if self.shared.options.memory => self.atomic(),
            20 if self.shared.options.memory => {
                let ty = self.shared.ty();
                let value = self.operand(ty);
                self.observe(value);
            }
            _ => self.scalar(),
        }
    }

    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        let before: Vec<usize> = self.pool.iter().map(Vec::len).collect();
        body(self);
        for (values, len) in self.pool.iter_mut().zip(before) {
            values.truncate(len);
        }
    }

    fn params(&mut self, block: Block, types: &[Type]) -> Vec<Value> {
        types.iter().map(|ty| self.func.add_param(block, *ty)).collect()
    }
    fn keep_all(&mut self, values: &[Value]) {
        values.iter().for_each(|v| self.keep(*v));
    }

    /// `block:` some statements, then to `join` with values of these types.
    fn arm(&mut self, block: Block, join: Block, types: &[Type], depth: u32) {
        self.block = block;
        self.scoped(|this| {
            this.some(depth);
            let values = this.operands(types);
            this.spend(1);
            this.builder().jump(join, &values);
        });
    }

    /// ```text
    /// c -> then -> join(..)
    ///  \-> else -/
    /// ```
    fn if_else(&mut self, depth: u32) {
        let cond = self.operand(Type::I8);
        let (then, other, join) = (self.new_block(), self.new_block(), self.new_block());
        let types = self.shared.types(3);
        self.spend(1);
        // Sometimes one arm is empty: then the branch passes the values itself.
        if self.rng().chance(1, 3) {
            let values = self.operands(&types);
            self.builder().br_if(cond, (then, &[]), (join, &values));
            self.func.layout.retain(|block| *block != other);
        } else {
            self.builder().br_if(cond, (then, &[]), (other, &[]));
            self.arm(other, join, &types, depth);
        }
        self.arm(then, join, &types, depth);
        self.block = join;
        let params = self.params(join, &types);
        self.keep_all(&params);
    }

    /// A branch table with shared targets.
    fn switch(&mut self, depth: u32) {
        let join = self.new_block();
        let types = self.shared.types(2);
        let index = self.operand(Type::I64);
        // Mostly in the range of the table.
        let mask = *self.rng().pick(&[3, 7, 7, -1]);
        let index = {
            let mut b = self.builder();
            let mask = b.iconst(Type::I64, mask);
            b.band(index, mask)
        };
        let direct = self.operands(&types);
        let arms: Vec<Block> = (0..1 + self.rng().below(4)).map(|_| self.new_block()).collect();
        let count = self.rng().below(8);
        self.spend(3);
        let mut calls = Vec::new();
        for _ in 0..=count {
            let to_join = self.rng().chance(1, 4);
            let arm = *self.rng().pick(&arms);
            calls.push(match to_join {
                true => self.func.make_block_call(join, &direct),
                false => self.func.make_block_call(arm, &[]),
            });
        }
        self.builder().br_table(index, calls[0], &calls[1..]);
        for arm in arms {
            self.arm(arm, join, &types, depth);
        }
        self.block = join;
        let params = self.params(join, &types);
        self.keep_all(&params);
    }

    /// How often a loop runs: an `i64` from 1 to [`MOST_TRIPS`].
    fn trips(&mut self) -> Value {
        let constant = 1 + self.rng().below(MOST_TRIPS) as i64;
        if self.rng().chance(1, 2) {
            return self.builder().iconst(Type::I64, constant);
        }
        let value = self.operand(Type::I64);
        let mut b = self.builder();
        let (mask, one) = (b.iconst(Type::I64, 3), b.iconst(Type::I64, 1));
        let low = b.band(value, mask);
        b.iadd(low, one)
    }

    /// Opens a loop: its header with a counter and carried values. Nothing if it would run too often.
    fn loop_header(&mut self) -> Option<(Value, Vec<Type>, Block)> {
        if self.times * MOST_TRIPS > MOST_TIMES {
            return None;
        }
        self.spend(6);
        let trips = self.trips();
        let types = self.shared.types(3);
        let mut values = vec![trips];
        values.extend(self.operands(&types));
        let header = self.new_block();
        self.builder().jump(header, &values);
        self.block = header;
        let counter = self.func.add_param(header, Type::I64);
        let params = self.params(header, &types);
        self.keep_all(&params);
        self.times *= MOST_TRIPS;
        Some((counter, types, header))
    }

    /// A loop with its test at the end: what it computes last is available after it.
    fn count_down(&mut self, depth: u32) {
        let Some((counter, types, header)) = self.loop_header() else { return };
        self.some(depth);
        let carried = self.operands(&types);
        self.spend(4);
        let exit = self.new_block();
        let mut b = self.builder();
        let one = b.iconst(Type::I64, 1);
        let next = b.isub(counter, one);
        let zero = b.iconst(Type::I64, 0);
        let more = b.ne(next, zero);
        let mut values = vec![next];
        values.extend(carried);
        b.br_if(more, (header, &values), (exit, &[]));
        self.block = exit;
        self.times /= MOST_TRIPS;
    }

    /// A loop with its test at the start, which may go on early or break.
    fn while_loop(&mut self, depth: u32) {
        let Some((counter, types, header)) = self.loop_header() else { return };
        let (body, exit) = (self.new_block(), self.new_block());
        self.spend(5);
        let mut b = self.builder();
        let (zero, one) = (b.iconst(Type::I64, 0), b.iconst(Type::I64, 1));
        let more = b.sgt(counter, zero);
        let next = b.isub(counter, one);
        b.br_if(more, (body, &[]), (exit, &[]));
        self.block = body;
        self.scoped(|this| {
            this.some(depth);
            let (cond, rest) = (this.operand(Type::I8), this.new_block());
            let mut values = vec![next];
            values.extend(this.operands(&types));
            match this.rng().below(3) {
                0 => this.builder().br_if(cond, (exit, &[]), (rest, &[])),
                1 => this.builder().br_if(cond, (header, &values), (rest, &[])),
                _ => this.builder().jump(rest, &[]),
            }
            this.block = rest;
            this.some(depth);
            let mut values = vec![next];
            values.extend(this.operands(&types));
            this.builder().jump(header, &values);
        });
        self.block = exit;
        self.times /= MOST_TRIPS;
    }

    /// ```text
    /// c -> x(n, a) <-> y(n, a)     a cycle with two entries; both may leave
    ///  \--------------^
    /// ```
    fn irreducible(&mut self) {
        if self.times * MOST_TRIPS > MOST_TIMES {
            return;
        }
        let cond = self.operand(Type::I8);
        let start = self.operand(Type::I64);
        let trips = self.trips();
        let (x, y, exit) = (self.new_block(), self.new_block(), self.new_block());
        self.spend(6);
        self.builder().br_if(cond, (x, &[trips, start]), (y, &[trips, start]));
        let result = self.func.add_param(exit, Type::I64);
        self.times *= MOST_TRIPS;
        for (from, to) in [(x, y), (y, x)] {
            self.block = from;
            let (counter, sum) = (self.func.add_param(from, Type::I64), self.func.add_param(from, Type::I64));
            let other = self.operand(Type::I64);
            self.spend(6);
            let mut b = self.builder();
            let (one, zero) = (b.iconst(Type::I64, 1), b.iconst(Type::I64, 0));
            let next = b.isub(counter, one);
            let more = b.sgt(next, zero);
            let sum = if from == x { b.iadd(sum, other) } else { b.bxor(sum, counter) };
            b.br_if(more, (to, &[next, sum]), (exit, &[sum]));
        }
        self.times /= MOST_TRIPS;
        self.block = exit;
        self.keep(result);
    }

    /// A condition that holds about never.
    fn rare(&mut self) -> Value {
        let value = self.operand(Type::I64);
        let number = self.rng().next() as i64;
        self.spend(2);
        let mut b = self.builder();
        let number = b.iconst(Type::I64, number);
        b.eq(value, number)
    }
    fn condition(&mut self) -> Value {
        if self.rng().chance(1, 2) { self.rare() } else { self.operand(Type::I8) }
    }

    /// A return, or rarely a trap, on some condition.
    fn early_end(&mut self) {
        // `entry` hashes at its end; it does not leave early.
        let entry = self.func.name == super::ENTRY;
        let traps = entry || self.rng().chance(1, 4);
        let cond = if traps { self.rare() } else { self.condition() };
        let (end, rest) = (self.new_block(), self.new_block());
        self.spend(1);
        self.builder().br_if(cond, (end, &[]), (rest, &[]));
        self.block = end;
        match traps {
            true => self.builder().trap(TrapCode::User0),
            false => self.ret(),
        }
        self.block = rest;
    }

    fn trap_if(&mut self) {
        let often = self.shared.options.traps && self.rng().chance(1, 8);
        let cond = if often { self.operand(Type::I8) } else { self.rare() };
        self.spend(1);
        self.builder().trap_if(cond, TrapCode::User1);
    }

    /// The stack pointer in a comparison that is never true.
    fn stack_ptr(&mut self) {
        self.spend(3);
        let mut b = self.builder();
        let (pointer, zero) = (b.stack_ptr(), b.iconst(Type::I64, 0));
        let never = b.ult(pointer, zero);
        self.keep(never);
    }
}
