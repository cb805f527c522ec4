//! Calls from exact bodies.
//!
//! ```text
//! all int arguments fit 64 bits?  --yes--> call @py.g         (plain arguments)  \
//!                                 --no---> call @py.g.exact   (words)            /--> status 0: results become words
//!                                                                                     status 2: they are words
//!                                                                                     status 1: raise
//! ```

use crate::hir::{Expr, FuncId};
use crate::lower::env::Var;
use crate::lower::func::Fx;
use crate::lower::repr;
use pyexec_base::{EntityId, Span};
use pyexec_ir::rt;
use pyexec_ir::{self as ir, Block, Value};

impl<'m> Fx<'m, '_> {
    /// A call of a function of the file.
    pub(super) fn exact_call(&mut self, callee: FuncId, args: &'m [(usize, Expr)], span: Span) -> Vec<Value> {
        let hir = self.lower.hir;
        let hir = &hir.functions[callee];
        if !self.reachable {
            return repr::flatten(&hir.result).into_iter().map(|ty| self.undefined(ty)).collect();
        }
        let mut by_param: Vec<Vec<Value>> = vec![Vec::new(); hir.params.len()];
        for (index, arg) in args {
            by_param[*index] = self.expr(arg);
        }
        let values = by_param.concat();
        let kinds: Vec<(ir::Type, bool)> =
            hir.params.iter().flat_map(|p| repr::scalars(&hir.locals[*p].ty)).collect();
        // What either call returns, and its status.
        let raw: Vec<Var> = repr::flatten(&hir.result).into_iter().map(|ty| self.new_var(ty)).collect();
        let status = self.new_var(ir::Type::I8);
        let after = self.func.add_detached_block();
        self.call_plainly(callee, &values, &kinds, (&raw, status), after);
        if self.reachable {
            self.call_with_words(callee, &values, &kinds, (&raw, status), after);
        }
        self.enter(after);
        self.take_results(&repr::scalars(&hir.result), (&raw, status), span)
    }

    /// Calls the fast body and goes to `after`; goes on where an argument does not fit.
    fn call_plainly(
        &mut self,
        callee: FuncId,
        values: &[Value],
        kinds: &[(ir::Type, bool)],
        into: (&[Var], Var),
        after: Block,
    ) {
        let Some(target) = self.lower.funcs[callee.index()] else { return };
        let mut fit: Option<Value> = None;
        for (value, _) in values.iter().zip(kinds).filter(|(_, (_, is_int))| *is_int) {
            let fits = self.helper_value("pyexec_big_fits", &[*value]);
            fit = Some(fit.map_or(fits, |fit| self.b().band(fit, fits)));
        }
        let large = fit.map(|fit| {
            let (plain, large) = (self.func.add_detached_block(), self.func.add_detached_block());
            let zero = self.b().iconst(ir::Type::I64, 0);
            let all_fit = self.b().ne(fit, zero);
            self.b().br_if(all_fit, (plain, &[]), (large, &[]));
            if self.reachable {
                self.enter(plain);
            }
            large
        });
        let mut plain = Vec::new();
        for (value, (_, is_int)) in values.iter().zip(kinds) {
            plain.push(if *is_int { self.helper_value("pyexec_big_low", &[*value]) } else { *value });
        }
        let has_status = self.lower.raises[callee.index()];
        self.call_into(target, &plain, into, has_status, after);
        match large {
            Some(large) if self.reachable => self.enter(large),
            _ => self.dead(),
        }
    }

    fn call_with_words(
        &mut self,
        callee: FuncId,
        values: &[Value],
        kinds: &[(ir::Type, bool)],
        into: (&[Var], Var),
        after: Block,
    ) {
        let entry = self.lower.exact_entry(callee).entry;
        let zero = self.b().iconst(ir::Type::I64, 0);
        let mut words = Vec::new();
        for (value, (_, is_int)) in values.iter().zip(kinds) {
            // The callee owns its arguments.
            words.push(match is_int {
                true => self.helper_value("pyexec_big_keep", &[*value, zero]),
                false => *value,
            });
        }
        self.call_into(entry, &words, into, true, after);
        self.dead();
    }

    /// Calls, keeps what comes back, and jumps.
    fn call_into(
        &mut self,
        target: ir::FuncId,
        args: &[Value],
        (raw, status): (&[Var], Var),
        has_status: bool,
        after: Block,
    ) {
        let mut types: Vec<ir::Type> = raw.iter().map(|var| self.env.ty(*var)).collect();
        if has_status {
            types.push(ir::Type::I8);
        }
        let inst = self.b().call(target, &types, args);
        let mut values: Vec<Value> = self.func.results(inst).collect();
        let ended = if has_status { values.pop() } else { None };
        let ended = ended.unwrap_or(self.undefined(ir::Type::I8));
        self.store_vars(raw, &values);
        self.store_vars(&[status], &[ended]);
        self.b().jump(after, &[]);
    }

    /// The results as the exact body has them.
    fn take_results(
        &mut self,
        kinds: &[(ir::Type, bool)],
        (raw, status): (&[Var], Var),
        span: Span,
    ) -> Vec<Value> {
        let ended = self.load_var(status);
        let one = self.b().iconst(ir::Type::I8, 1);
        let raised = self.b().eq(ended, one);
        self.check_status(raised, span);
        if !kinds.iter().any(|(_, is_int)| *is_int) {
            return self.get_vars(raw);
        }
        let out: Vec<Var> = kinds.iter().map(|(ty, is_int)| self.exact_var(*ty, *is_int)).collect();
        let [words, plain, done] = std::array::from_fn(|_| self.func.add_detached_block());
        let exact = self.b().iconst(ir::Type::I8, rt::STATUS_EXACT);
        let are_words = self.b().eq(ended, exact);
        self.b().br_if(are_words, (words, &[]), (plain, &[]));
        for (block, is_word) in [(words, true), (plain, false)] {
            self.enter(block);
            for ((var, from), (_, is_int)) in out.iter().zip(raw).zip(kinds) {
                let value = self.load_var(*from);
                match (is_int, is_word) {
                    (true, false) => _ = self.word_op_into(*var, "pyexec_big_from_i64", &[value], span),
                    (true, true) => self.own(*var, value),
                    (false, _) => self.store_vars(&[*var], &[value]),
                }
            }
            self.b().jump(done, &[]);
        }
        self.enter(done);
        self.get_vars(&out)
    }
}
