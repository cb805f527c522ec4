//! Module-level variables.
//!
//! ```text
//! cell:  scalars, 8 bytes each | flag "is bound" (if anyone asks) | a word for each int
//! ```
//!
//! An `int` that does not fit in 64 bits is the marker `i64::MIN` with its word beside; with an empty word the marker
//! stands for itself. So a fast body reads one value and compares it; only exact bodies look at words.

use super::func::Fx;
use super::repr;
use crate::hir::{self, GlobalId};
use pyexec_base::{Loc, Span};
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Region, Value};

/// Says "see the word".
const MARKER: i64 = i64::MIN;

/// Where in a variable's memory the words of its `int`s lie: nonzero where one is beyond 64 bits.
pub fn words_of_variable(variable: &hir::Global) -> std::ops::Range<usize> {
    let start = 8 * (repr::width(&variable.ty) + usize::from(variable.flagged));
    start..start + 8 * repr::ints(&variable.ty)
}

impl<'m> Fx<'m, '_> {
    pub(super) fn read_global(&mut self, global: GlobalId, checked: bool, span: Span) -> Vec<Value> {
        let cell = self.lower.cell(global);
        let hir = &self.lower.hir.globals[global];
        let scalars = repr::scalars(&hir.ty);
        let address = self.b().global_addr(cell, 0);
        if checked {
            let message = format!("name '{}' is not defined", hir.name);
            let flag = self.b().load(ir::Type::I8, Region::Global, address, 8 * scalars.len() as i32);
            self.raise_unless(flag, Exc::NameError, &message, span);
        }
        let mut word = self.words_offset(global);
        let mut values = Vec::new();
        for (index, (ty, is_int)) in scalars.into_iter().enumerate() {
            let address = self.b().global_addr(cell, 0);
            let value = self.b().load(ty, Region::Global, address, 8 * index as i32);
            values.push(match is_int {
                true => self.read_int(value, address, word, span),
                false => value,
            });
            word += 8 * i32::from(is_int);
        }
        values
    }

    fn words_offset(&self, global: GlobalId) -> i32 {
        words_of_variable(&self.lower.hir.globals[global]).start as i32
    }

    fn read_int(&mut self, value: Value, address: Value, word: i32, span: Span) -> Value {
        if self.exact.is_none() {
            self.leave_if_marker(value, span);
            return value;
        }
        let slot = self.exact_var(ir::Type::I64, true);
        let word = self.b().load(ir::Type::I64, Region::Global, address, word);
        let marker = self.b().iconst(ir::Type::I64, MARKER);
        let zero = self.b().iconst(ir::Type::I64, 0);
        let (is_marker, has_word) = (self.b().eq(value, marker), self.b().ne(word, zero));
        let is_word = self.b().band(is_marker, has_word);
        let (mut large, mut small, mut end) = (self.label(), self.label(), self.label());
        self.branch(is_word, &mut large, &mut small);
        self.bind(large);
        self.store_vars(&[slot], &[word]);
        self.jump(&mut end);
        self.bind(small);
        let plain = self.word_of(value, span);
        self.store_vars(&[slot], &[plain]);
        self.jump(&mut end);
        self.bind(end);
        self.load_var(slot)
    }

    fn leave_if_marker(&mut self, value: Value, span: Span) {
        if self.lower.has_exact && self.ranges.get(&self.func, value).contains(MARKER) {
            let marker = self.b().iconst(ir::Type::I64, MARKER);
            let is_marker = self.b().eq(value, marker);
            self.leave_if(is_marker, span);
        }
    }

    pub(super) fn write_global(&mut self, global: GlobalId, values: &[Value]) {
        let scalars = repr::scalars(&self.lower.hir.globals[global].ty);
        let span = span_of(self.loc);
        if self.exact.is_none() {
            // Before anything is written: the exact body begins the statement anew.
            for (value, _) in values.iter().zip(&scalars).filter(|(_, (_, is_int))| *is_int) {
                self.leave_if_marker(*value, span);
            }
        }
        let cell = self.lower.cell(global);
        let address = self.b().global_addr(cell, 0);
        let mut word = self.words_offset(global);
        for (index, (value, (_, is_int))) in values.iter().zip(&scalars).enumerate() {
            let offset = 8 * index as i32;
            match *is_int && self.exact.is_some() {
                true => self.write_int(*value, cell, (offset, word)),
                false => {
                    self.b().store(Region::Global, *value, address, offset);
                }
            }
            word += 8 * i32::from(*is_int);
        }
        if self.lower.hir.globals[global].flagged {
            let address = self.b().global_addr(cell, 0);
            let one = self.b().iconst(ir::Type::I8, 1);
            self.b().store(Region::Global, one, address, 8 * values.len() as i32);
        }
    }

    /// Writes a word: as a machine integer if it is one.
    fn write_int(&mut self, value: Value, cell: ir::GlobalId, (offset, word): (i32, i32)) {
        let fits = self.helper_value("pyexec_big_fits", &[value]);
        let low = self.helper_value("pyexec_big_low", &[value]);
        let address = self.b().global_addr(cell, 0);
        let old = self.b().load(ir::Type::I64, Region::Global, address, word);
        let mut b = self.b();
        let (zero, marker) = (b.iconst(ir::Type::I64, 0), b.iconst(ir::Type::I64, MARKER));
        let is_plain = b.ne(fits, zero);
        let plain = b.select(is_plain, low, marker);
        let kept = b.select(is_plain, zero, value);
        let kept = self.helper_value("pyexec_big_keep", &[kept, old]);
        let address = self.b().global_addr(cell, 0);
        self.b().store(Region::Global, plain, address, offset);
        self.b().store(Region::Global, kept, address, word);
    }
}

fn span_of(loc: Loc) -> Span {
    let at = loc.offset().unwrap_or(0);
    Span::new(at, at)
}
