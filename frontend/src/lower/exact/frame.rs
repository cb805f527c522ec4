//! The frame of an exact body: variables in memory, words in slots that own them, and the ways out.

use super::Place;
use crate::lower::env::Var;
use crate::lower::func::Fx;
use crate::lower::repr;
use pyexec_base::Span;
use pyexec_ir::{self as ir, Block, Region, Slot, Value};

impl Fx<'_, '_> {
    /// A new variable of the frame.
    pub(in crate::lower) fn exact_var(&mut self, ty: ir::Type, is_word: bool) -> Var {
        if !is_word {
            return self.new_var(ty);
        }
        if let Some(exact) = &mut self.exact {
            exact.add_word();
        }
        let value = self.undefined(ty);
        self.env.add(ty, value)
    }

    fn place(&self, var: Var) -> Option<(Place, Slot)> {
        let exact = self.exact.as_ref()?;
        let place = *exact.places.get(var as usize)?;
        Some((place, if place.is_word { exact.words } else { exact.plain }))
    }

    fn is_word(&self, var: Var) -> bool {
        self.place(var).is_some_and(|(place, _)| place.is_word)
    }

    fn note(&mut self, var: Var, is_write: bool) {
        let block = self.block;
        if let Some(exact) = &mut self.exact {
            exact.note(block, var, is_write);
        }
    }

    /// The value of a variable; of a word, the slot keeps it.
    pub(in crate::lower) fn load_var(&mut self, var: Var) -> Value {
        self.note(var, false);
        self.load_slot(var)
    }

    fn load_slot(&mut self, var: Var) -> Value {
        let Some((place, slot)) = self.place(var) else { return self.undefined(ir::Type::I64) };
        let address = self.b().stack_addr(slot, 8 * place.index as i32);
        self.b().load(place.ty, Region::Stack, address, 0)
    }

    fn store_slot(&mut self, var: Var, value: Value) {
        if let Some((place, slot)) = self.place(var) {
            let address = self.b().stack_addr(slot, 8 * place.index as i32);
            self.b().store(Region::Stack, value, address, 0);
        }
    }

    /// Gives variables values; words are kept by their new slots, too.
    pub(in crate::lower) fn store_vars(&mut self, vars: &[Var], values: &[Value]) {
        let words = vars.iter().filter(|var| self.is_word(**var)).count();
        // Several words may be each other's old values: all are kept before the first old one ends.
        let mut kept = values.to_vec();
        if words > 1 {
            let zero = self.b().iconst(ir::Type::I64, 0);
            for (var, value) in vars.iter().zip(&mut kept) {
                if self.is_word(*var) {
                    *value = self.helper_value("pyexec_big_keep", &[*value, zero]);
                }
            }
        }
        for (var, value) in vars.iter().zip(kept) {
            match (self.is_word(*var), words > 1) {
                (false, _) => self.store_slot(*var, value),
                (true, true) => {
                    let old = self.load_slot(*var);
                    self.helper("pyexec_big_drop", &[old]);
                    self.store_slot(*var, value);
                }
                (true, false) => {
                    let old = self.load_slot(*var);
                    let value = self.helper_value("pyexec_big_keep", &[value, old]);
                    self.store_slot(*var, value);
                }
            }
            self.note(*var, true);
        }
    }

    /// Gives a slot a word that it owns from now on.
    pub(in crate::lower) fn own(&mut self, var: Var, word: Value) {
        if self.is_word(var) {
            let old = self.load_slot(var);
            self.helper("pyexec_big_drop", &[old]);
        }
        self.store_slot(var, word);
        self.note(var, true);
    }

    /// As [`own`](Self::own), for a slot that is known to be empty.
    pub(super) fn fill(&mut self, var: Var, value: Value) {
        self.store_slot(var, value);
    }

    /// Calls a helper whose last operand is the old content of the slot that gets its result.
    pub(in crate::lower) fn word_op(&mut self, name: &'static str, args: &[Value], span: Span) -> Value {
        let slot = self.exact_var(ir::Type::I64, true);
        self.word_op_into(slot, name, args, span)
    }

    /// As [`word_op`](Self::word_op), with a slot.
    pub(super) fn word_op_into(
        &mut self,
        slot: Var,
        name: &'static str,
        args: &[Value],
        span: Span,
    ) -> Value {
        let old = self.load_slot(slot);
        let args: Vec<Value> = args.iter().copied().chain([old]).collect();
        let word = self.helper_value(name, &args);
        // If it raised, the slot keeps what it has.
        self.check_helper(name, span);
        self.store_slot(slot, word);
        self.note(slot, true);
        word
    }

    // ---- Ways out ----

    /// Ends the block by returning.
    pub(in crate::lower) fn return_exactly(&mut self, values: &[Value]) {
        let Some(exact) = &self.exact else { return };
        let (results, exit) = (exact.results.clone(), exact.exit);
        self.store_vars(&results, values);
        self.b().jump(exit, &[]);
        self.dead();
    }

    /// Ends the block by returning with an exception pending.
    pub(in crate::lower) fn return_raising_exactly(&mut self) {
        let Some(exact) = &self.exact else { return };
        let exit = exact.raising_exit;
        self.b().jump(exit, &[]);
        self.dead();
    }

    /// The blocks that all ways out lead to.
    pub(super) fn exits(&mut self) {
        let Some(exact) = &self.exact else { return };
        let (results, exit, raising) = (exact.results.clone(), exact.exit, exact.raising_exit);
        self.enter(exit);
        self.exit_with(&results);
        self.enter(raising);
        self.end_words();
        let types = repr::flatten(&self.hir.result);
        let values: Vec<Value> = types.into_iter().map(|ty| self.undefined(ty)).collect();
        self.ret(values, 1);
    }

    /// Continues in a block that jumps lead to.
    pub(in crate::lower) fn enter(&mut self, block: Block) {
        self.reachable = true;
        self.block = block;
        self.func.layout.push(block);
    }

    fn ret(&mut self, mut values: Vec<Value>, status: i64) {
        values.push(self.b().iconst(ir::Type::I8, status));
        self.b().ret(&values);
        self.dead();
    }

    /// Plain values if all fit, else words.
    fn exit_with(&mut self, results: &[Var]) {
        let values = self.get_vars(results);
        let words: Vec<bool> = results.iter().map(|var| self.is_word(*var)).collect();
        let mut fit: Option<Value> = None;
        for (value, _) in values.iter().zip(&words).filter(|(_, is_word)| **is_word) {
            let fits = self.helper_value("pyexec_big_fits", &[*value]);
            fit = Some(fit.map_or(fits, |fit| self.b().band(fit, fits)));
        }
        if let Some(fit) = fit {
            let (plain, large) = (self.func.add_detached_block(), self.func.add_detached_block());
            let zero = self.b().iconst(ir::Type::I64, 0);
            let all_fit = self.b().ne(fit, zero);
            self.b().br_if(all_fit, (plain, &[]), (large, &[]));
            self.enter(large);
            // The caller owns the words now.
            for (var, _) in results.iter().zip(&words).filter(|(_, is_word)| **is_word) {
                self.store_slot(*var, zero);
            }
            self.end_words();
            self.ret(values.clone(), pyexec_ir::rt::STATUS_EXACT);
            self.enter(plain);
        }
        let mut plain = Vec::new();
        for (value, is_word) in values.into_iter().zip(words) {
            plain.push(if is_word { self.helper_value("pyexec_big_low", &[value]) } else { value });
        }
        self.end_words();
        self.ret(plain, 0);
    }

    /// Ends every word of the frame.
    fn end_words(&mut self) {
        let Some((words, count)) = self.exact.as_ref().map(|e| (e.words, e.word_count)) else { return };
        self.for_each_place(words, count, |fx, address| {
            let word = fx.b().load(ir::Type::I64, Region::Stack, address, 0);
            fx.helper("pyexec_big_drop", &[word]);
        });
    }

    /// Makes every word slot empty, and everything else 0: flags say "not bound".
    pub(super) fn clear_frame(&mut self) {
        let Some(exact) = &self.exact else { return };
        for (slot, count) in [(exact.words, exact.word_count), (exact.plain, exact.plain_count)] {
            self.for_each_place(slot, count, |fx, address| {
                let zero = fx.b().iconst(ir::Type::I64, 0);
                fx.b().store(Region::Stack, zero, address, 0);
            });
        }
    }

    /// A loop over the addresses of a slot's places. Their number is final.
    fn for_each_place(&mut self, slot: Slot, count: u32, body: impl FnOnce(&mut Self, Value)) {
        if count == 0 {
            return;
        }
        let base = self.b().stack_addr(slot, 0);
        let (head, done) = (self.func.add_detached_block(), self.func.add_detached_block());
        let zero = self.b().iconst(ir::Type::I64, 0);
        self.b().jump(head, &[zero]);
        let offset = self.func.add_param(head, ir::Type::I64);
        self.enter(head);
        let address = self.b().iadd(base, offset);
        body(self, address);
        let step = self.b().iconst(ir::Type::I64, 8);
        let next = self.b().iadd(offset, step);
        let end = self.b().iconst(ir::Type::I64, 8 * i64::from(count));
        let more = self.b().ult(next, end);
        self.b().br_if(more, (head, &[next]), (done, &[]));
        self.enter(done);
    }
}
