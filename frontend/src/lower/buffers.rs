//! Typed buffers: memory that somebody else owns, as a memoryview shows it.
//!
//! ```text
//! float64[:]       address, length               item i at address + 8 * i
//! float64[::step]  address, length, distance     item i at address + distance * i
//! float64[:, :]    address, rows, columns        item i, j at address + 8 * (i * columns + j)
//! ```
//!
//! A plain buffer and a slice with a step are two types, so that plain ones need no third register and no
//! multiplication. Lengths are never negative, and `length * distance` is within the address space, so address
//! arithmetic wraps nowhere. Texts of exceptions are those of `memoryview`.
//!
//! Checks that the range of the index rules out are not made (`ranges.rs`); the rest is left to the optimiser.

use super::func::Fx;
use super::ranges::Range;
use super::repr;
use crate::hir::{Builtin, Expr, Store};
use crate::types::{Buffer, Item, Type};
use pyexec_base::{EntityId, Span};
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Region, Value};

/// No buffer is longer: its bytes are fewer than 2**63.
const LONGEST: i64 = i64::MAX / 2;

impl<'m> Fx<'m, '_> {
    /// A built-in operation of buffers.
    pub(super) fn buffer_builtin(
        &mut self,
        builtin: Builtin,
        args: &'m [Expr],
        values: &[Vec<Value>],
        ty: &Type,
        span: Span,
    ) -> Vec<Value> {
        if builtin == Builtin::BufferMark {
            return vec![self.helper_value("pyexec_buffer_mark", &[])];
        }
        if builtin == Builtin::BufferNew {
            return self.new_buffer(ty, &values.concat(), span);
        }
        let Some((first, Type::Buffer(buffer))) = values.first().zip(args.first().map(|a| &a.ty)) else {
            return Vec::new();
        };
        let at: Vec<Value> = values[1..].concat();
        match builtin {
            Builtin::BufferLen(dimension) => vec![self.buffer_len(first, dimension)],
            Builtin::BufferIndex(dimension) => vec![self.buffer_index(first, dimension, at[0], span)],
            Builtin::BufferItem => self.buffer_item(*buffer, first, &at),
            Builtin::BufferRow => {
                let size = self.b().iconst(ir::Type::I64, buffer.item.bytes().into());
                let distance = self.b().imul(first[2], size);
                vec![self.address_of(first[0], distance, at[0]), first[2]]
            }
            Builtin::BufferSlice(given) => self.buffer_slice(*buffer, first, given, &at, span),
            _ => Vec::new(),
        }
    }

    fn buffer_len(&mut self, buffer: &[Value], dimension: u8) -> Value {
        let length = buffer[usize::from(dimension) + 1];
        self.ranges.refine(&self.func, length, Range { min: 0, max: LONGEST });
        length
    }

    /// The position that an index means.
    fn buffer_index(&mut self, buffer: &[Value], dimension: u8, index: Value, span: Span) -> Value {
        let length = self.buffer_len(buffer, dimension);
        let message = format!("index out of bounds on dimension {}", dimension + 1);
        if self.ranges.get(&self.func, index).is_nonnegative() {
            if !self.ranges.is_below(index, length) {
                let outside = self.b().uge(index, length);
                self.raise_if(outside, Exc::IndexError, &message, span);
            }
            return index;
        }
        let mut b = self.b();
        let zero = b.iconst(ir::Type::I64, 0);
        let negative = b.slt(index, zero);
        let from_back = b.iadd(index, length);
        let position = b.select(negative, from_back, index);
        let outside = b.uge(position, length);
        self.raise_if(outside, Exc::IndexError, &message, span);
        // What is noted of a value must hold wherever it is used: true of the position, not of the index.
        self.ranges.refine(&self.func, position, Range { min: 0, max: LONGEST });
        self.ranges.set_below(position, length);
        position
    }

    /// `base + distance * index`.
    fn address_of(&mut self, base: Value, distance: Value, index: Value) -> Value {
        let mut b = self.b();
        let offset = b.imul(index, distance);
        b.iadd(base, offset)
    }

    /// The address of an item.
    fn item_address(&mut self, buffer: Buffer, values: &[Value], at: &[Value]) -> Value {
        let size = self.b().iconst(ir::Type::I64, buffer.item.bytes().into());
        match (buffer.rank, buffer.strided) {
            (2, _) => {
                let before = self.b().imul(at[0], values[2]);
                let index = self.b().iadd(before, at[1]);
                self.address_of(values[0], size, index)
            }
            (_, true) => self.address_of(values[0], values[2], at[0]),
            _ => self.address_of(values[0], size, at[0]),
        }
    }

    fn buffer_item(&mut self, buffer: Buffer, values: &[Value], at: &[Value]) -> Vec<Value> {
        let address = self.item_address(buffer, values, at);
        let ty = repr::flatten(&buffer.item.stored());
        let value = self.b().load(ty[0], Region::Array, address, 0);
        if buffer.item != Item::Bool {
            return vec![value];
        }
        // Whoever made the memory may have written other bytes than 0 and 1.
        let zero = self.b().iconst(ir::Type::I8, 0);
        vec![self.b().ne(value, zero)]
    }

    /// `buffer[i] = value`.
    pub(super) fn store_item(&mut self, store: &'m Store) {
        let Type::Buffer(buffer) = store.buffer.ty else { return };
        let values = self.expr(&store.buffer);
        let at: Vec<Value> = store.positions.iter().map(|e| self.one(e)).collect();
        let value = self.one(&store.value);
        let address = self.item_address(buffer, &values, &at);
        self.b().store(Region::Array, value, address, 0);
    }

    /// `zeros(n)`: the runtime checks the lengths.
    fn new_buffer(&mut self, ty: &Type, lengths: &[Value], span: Span) -> Vec<Value> {
        let Type::Buffer(buffer) = ty else { return Vec::new() };
        let one = self.b().iconst(ir::Type::I64, 1);
        let size = self.b().iconst(ir::Type::I64, buffer.item.bytes().into());
        let args = [lengths[0], lengths.get(1).copied().unwrap_or(one), size];
        let address = self.checked_helper("pyexec_buffer_zeros", &args, span);
        let mut values: Vec<Value> = address.into_iter().collect();
        for length in lengths {
            // From here on it is not negative; elsewhere the same value may be.
            let zero = self.b().iconst(ir::Type::I64, 0);
            let checked = self.b().iadd(*length, zero);
            self.ranges.refine(&self.func, checked, Range { min: 0, max: LONGEST });
            self.ranges.set_same(checked, *length);
            values.push(checked);
        }
        values
    }

    // ---- Slices ----

    /// A view. Start and stop are brought into range as `slice.indices` does.
    fn buffer_slice(
        &mut self,
        buffer: Buffer,
        values: &[Value],
        given: [bool; 3],
        bounds: &[Value],
        span: Span,
    ) -> Vec<Value> {
        let mut bounds = bounds.iter().copied();
        let [start, stop, step] = given.map(|given| if given { bounds.next() } else { None });
        let length = self.buffer_len(values, 0);
        let size = self.b().iconst(ir::Type::I64, buffer.item.bytes().into());
        let distance = if buffer.strided { values[2] } else { size };
        if let Some(step) = step {
            return self.stepped_slice([values[0], length, distance], start, stop, step, span);
        }
        let zero = self.b().iconst(ir::Type::I64, 0);
        let from = start.map_or(zero, |start| self.clamped(start, length));
        let to = stop.map_or(length, |stop| self.clamped(stop, length));
        let mut b = self.b();
        let some = b.sgt(to, from);
        let between = b.isub(to, from);
        let count = b.select(some, between, zero);
        let address = self.address_of(values[0], distance, from);
        self.ranges.refine(&self.func, count, Range { min: 0, max: LONGEST });
        if buffer.strided { vec![address, count, distance] } else { vec![address, count] }
    }

    /// A bound of a slice without a step: from 0 to the length.
    fn clamped(&mut self, bound: Value, length: Value) -> Value {
        let zero = self.b().iconst(ir::Type::I64, 0);
        let mut bound = bound;
        if !self.ranges.get(&self.func, bound).is_nonnegative() {
            let mut b = self.b();
            let from_back = b.iadd(bound, length);
            let negative = b.slt(bound, zero);
            let at_least = b.smax(from_back, zero);
            bound = b.select(negative, at_least, bound);
        }
        self.b().smin(bound, length)
    }

    fn stepped_slice(
        &mut self,
        [address, length, distance]: [Value; 3],
        start: Option<Value>,
        stop: Option<Value>,
        step: Value,
        span: Span,
    ) -> Vec<Value> {
        let zero = self.b().iconst(ir::Type::I64, 0);
        let none = self.b().eq(step, zero);
        self.raise_if(none, Exc::ValueError, "slice step cannot be zero", span);
        // As CPython: a step of -2**63 is taken as -(2**63 - 1), whose negation exists.
        let lowest = self.b().iconst(ir::Type::I64, -i64::MAX);
        let step = self.b().smax(step, lowest);
        let mut b = self.b();
        let minus_one = b.iconst(ir::Type::I64, -1);
        let backward = b.slt(step, zero);
        // Where a bound may lie: 0 to length, or -1 to length - 1 for steps backward.
        let one_less = b.zext(ir::Type::I64, backward);
        let before_end = b.isub(length, one_less);
        let low = b.select(backward, minus_one, zero);
        let (first, last) = (b.select(backward, before_end, zero), b.select(backward, minus_one, length));
        let bound = |fx: &mut Self, given: Option<Value>, default: Value| {
            let Some(given) = given else { return default };
            let mut b = fx.b();
            let from_back = b.iadd(given, length);
            let negative = b.slt(given, zero);
            let given = b.select(negative, from_back, given);
            let given = b.smax(given, low);
            b.smin(given, before_end)
        };
        let (from, to) = (bound(self, start, first), bound(self, stop, last));
        let count = self.count(from, to, step, None);
        let mut b = self.b();
        // An empty view begins at the front: nothing is there to be pointed at.
        let empty = b.eq(count, zero);
        let from = b.select(empty, zero, from);
        let apart = b.imul(distance, step);
        let address = self.address_of(address, distance, from);
        self.ranges.refine(&self.func, count, Range { min: 0, max: LONGEST });
        vec![address, count, apart]
    }

    // ---- Ownership ----

    /// Frees what nothing holds: what is kept is told to the runtime, then the rest goes.
    pub(super) fn sweep(&mut self, mark: &'m Expr, kept: Option<&'m [Expr]>) {
        let mark = self.one(mark);
        let kept = match kept {
            Some(kept) => kept.iter().flat_map(|e| self.kept_by(e)).collect(),
            None => self.all_buffers(),
        };
        for address in kept {
            if self.func.const_bits(address) != Some(0) {
                self.helper("pyexec_buffer_keep", &[address]);
            }
        }
        self.helper("pyexec_buffer_sweep", &[mark]);
    }

    fn kept_by(&mut self, value: &'m Expr) -> Vec<Value> {
        let values = self.expr(value);
        repr::addresses(&value.ty).into_iter().map(|at| values[at]).collect()
    }

    /// The address of every buffer that a variable of this function holds; for the module's own code also of those
    /// in cells, which only it binds.
    fn all_buffers(&mut self) -> Vec<Value> {
        let mut found = Vec::new();
        for (id, local) in self.hir.locals.iter() {
            let values = self.local(id);
            found.extend(repr::addresses(&local.ty).into_iter().map(|at| values[at]));
        }
        if Some(self.id) == self.lower.hir.main {
            let hir = self.lower.hir;
            for (id, global) in hir.globals.iter() {
                for at in repr::addresses(&global.ty) {
                    let cell = self.lower.cell(id);
                    let address = self.b().global_addr(cell, 0);
                    let offset = 8 * at as i32;
                    found.push(self.b().load(ir::Type::I64, Region::Global, address, offset));
                }
            }
        }
        found.sort_by_key(|value| value.index());
        found.dedup();
        found
    }
}
