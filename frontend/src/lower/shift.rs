//! Shifts of `int`: negative counts raise, bits that would be lost raise, large counts are fine on the right.

use super::func::Fx;
use super::ranges::{Range, constant};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{Type, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn int_shift_right(&mut self, a: Value, count: Value, span: Span) -> Value {
        let range = self.ranges.get(&self.func, a);
        let amount = self.shift_amount(count, span);
        let value = self.b().ashr(a, amount);
        let range = match constant(&self.func, amount) {
            Some(by @ 0..=63) => Range { min: range.min >> by, max: range.max >> by },
            // Toward zero or minus one.
            _ => Range { min: range.min.min(0), max: range.max.max(-1) },
        };
        self.ranges.set(value, range);
        value
    }

    pub(super) fn int_shift_left(&mut self, a: Value, count: Value, span: Span) -> Value {
        let range = self.ranges.get(&self.func, a);
        let known = constant(&self.func, count);
        let amount = self.shift_amount(count, span);
        let value = self.b().shl(a, amount);
        if let Some(by) = known.filter(|by| (0..63).contains(by)) {
            let factor = Range { min: 1 << by, max: 1 << by };
            if let Some(range) = range.mul(factor) {
                self.ranges.set(value, range);
                return value;
            }
        }
        // The shift was exact if shifting back gives the old value.
        let back = self.b().ashr(value, amount);
        let mut lost = self.b().ne(back, a);
        if known.is_none_or(|by| by > 63) {
            // Counts beyond 63 were cut to 63, which would be fine for -1.
            let mut b = self.b();
            let last = b.iconst(Type::I64, 63);
            let zero = b.iconst(Type::I64, 0);
            let beyond = b.sgt(count, last);
            let some = b.ne(a, zero);
            let gone = b.band(beyond, some);
            lost = b.bor(lost, gone);
        }
        self.leave_if(lost, span);
        value
    }

    /// The count, checked, and at most 63: shifting further right changes nothing.
    fn shift_amount(&mut self, count: Value, span: Span) -> Value {
        let range = self.ranges.get(&self.func, count);
        if range.min < 0 {
            let zero = self.b().iconst(Type::I64, 0);
            let negative = match constant(&self.func, count) {
                Some(_) => self.b().iconst(Type::I8, 1),
                None => self.b().slt(count, zero),
            };
            self.raise_if(negative, Exc::ValueError, "negative shift count", span);
        }
        if range.max <= 63 {
            return count;
        }
        let last = self.b().iconst(Type::I64, 63);
        if range.min > 63 { last } else { self.b().smin(count, last) }
    }
}
