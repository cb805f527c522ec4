//! Raising: sites, and the way out of what is around them.
//!
//! A site is a branch to a cold block that begins the exception and leaves: to the innermost guard, else
//! out of the function. Sites outside of any guard depend on no variable, so equal ones share one block.

use super::env::Label;
use super::func::{Context, Fx};
use crate::hir::{Part, Raise};
use pyexec_base::Span;
use pyexec_ir::rt::{self, Effect, Exc};
use pyexec_ir::{Block, Region, Type, Value};

impl<'m> Fx<'m, '_> {
    /// Raises if the condition holds.
    pub(super) fn raise_if(&mut self, cond: Value, exc: Exc, message: &str, span: Span) {
        match self.func.const_bits(cond) {
            Some(0) => {}
            Some(_) => self.raise_now(exc, message, span),
            None => {
                let site = self.raise_site(exc, message, span);
                self.branch_to_site(cond, site);
            }
        }
    }

    /// Ends the block by raising.
    pub(super) fn raise_now(&mut self, exc: Exc, message: &str, span: Span) {
        self.begin(exc, Some(message), span);
        self.leave();
    }

    /// Branches to a cold block, and goes on here if the condition does not hold.
    pub(super) fn branch_to_site(&mut self, cond: Value, site: Block) {
        let next = self.func.add_detached_block();
        self.b().br_if(cond, (site, &[]), (next, &[]));
        self.go_on(next);
    }

    /// A block that raises.
    fn raise_site(&mut self, exc: Exc, message: &str, span: Span) -> Block {
        let index = self.lower.trace(self.id, span.loc());
        let key = (exc, message.to_owned(), index);
        let shared = !self.is_guarded() && self.reachable;
        if let Some(block) = self.raise_sites.get(&key).filter(|_| shared) {
            return *block;
        }
        let block = self.aside(|fx| fx.raise_now(exc, message, span));
        if shared {
            self.raise_sites.insert(key, block);
        }
        block
    }

    /// Builds a cold block of its own, and comes back.
    pub(super) fn aside(&mut self, build: impl FnOnce(&mut Self)) -> Block {
        let block = self.func.add_detached_block();
        self.func.block_mut(block).cold = true;
        let (here, reachable) = (self.block, self.reachable);
        self.go_on(block);
        build(self);
        (self.block, self.reachable) = (here, reachable);
        block
    }

    fn is_guarded(&self) -> bool {
        self.contexts.iter().any(|c| matches!(c, Context::Guard(_) | Context::Saved(..)))
    }

    /// Fills the error state.
    fn begin(&mut self, exc: Exc, message: Option<&str>, span: Span) {
        let index = self.lower.trace(self.id, span.loc());
        let [address, length] = match message {
            Some(text) if !text.is_empty() => self.text_value(text),
            _ => [self.b().iconst(Type::I64, 0); 2],
        };
        self.begin_with(exc, address, length, index);
    }

    fn begin_with(&mut self, exc: Exc, message: Value, length: Value, index: i64) {
        let kind = self.b().iconst(Type::I32, exc as i64);
        let index = self.b().iconst(Type::I32, index);
        let raise = self.lower.raise_function();
        self.b().call(raise, &[], &[kind, message, length, index]);
    }

    /// Ends the block with the pending exception: to the innermost guard, else out of the function.
    pub(super) fn leave(&mut self) {
        let guard = self.contexts.iter().rposition(|c| matches!(c, Context::Guard(_) | Context::Saved(..)));
        match guard {
            None => self.return_raising(),
            Some(index) => self.with_label(index, |fx, label| fx.jump(label)),
        }
    }

    /// Works on the label of a guard, which is part of the state itself.
    fn with_label(&mut self, index: usize, work: impl FnOnce(&mut Self, &mut Label)) {
        let mut context = std::mem::replace(&mut self.contexts[index], Context::Finally(&NOTHING));
        if let Context::Guard(label) | Context::Saved(_, label, _) = &mut context {
            work(self, label);
        }
        self.contexts[index] = context;
    }

    /// After a call that may have raised: `status` is nonzero if an exception is pending.
    pub(super) fn check_status(&mut self, status: Value, span: Span) {
        let site = self.pass_site(span);
        self.branch_to_site(status, site);
    }

    /// A block that passes the pending exception on.
    pub(super) fn pass_site(&mut self, span: Span) -> Block {
        let index = self.lower.trace(self.id, span.loc());
        let shared = !self.is_guarded() && self.reachable;
        let known = self.pass_sites.get(&index).copied().filter(|_| shared);
        let site = known.unwrap_or_else(|| {
            self.aside(|fx| {
                fx.add_trace(index);
                fx.leave();
            })
        });
        if shared {
            self.pass_sites.insert(index, site);
        }
        site
    }

    fn add_trace(&mut self, index: i64) {
        let index = self.b().iconst(Type::I32, index);
        let trace = self.lower.trace_function();
        self.b().call(trace, &[], &[index]);
    }

    /// Calls a helper, and checks the error state if it may have raised.
    pub(super) fn checked_helper(&mut self, name: &'static str, args: &[Value], span: Span) -> Option<Value> {
        let result = self.helper(name, args);
        self.check_helper(name, span);
        result
    }

    /// Checks the error state after a helper that may have raised.
    pub(super) fn check_helper(&mut self, name: &'static str, span: Span) {
        if rt::helper(name).is_some_and(|h| h.effect == Effect::Raises) {
            let kind = self.pending_kind();
            let zero = self.b().iconst(Type::I32, 0);
            let raised = self.b().ne(kind, zero);
            match leaves_for_exact(name) {
                true => self.check_exactness(kind, raised, span),
                false => self.check_status(raised, span),
            }
        }
    }

    /// The number of the pending exception, or 0.
    pub(super) fn pending_kind(&mut self) -> Value {
        let error = self.lower.error_state();
        let address = self.b().global_addr(error, 0);
        self.b().load(Type::I32, Region::Global, address, rt::ERROR_KIND)
    }

    /// Makes the pending exception forgotten.
    pub(super) fn clear_pending(&mut self) {
        let error = self.lower.error_state();
        let address = self.b().global_addr(error, 0);
        let zero = self.b().iconst(Type::I32, 0);
        self.b().store(Region::Global, zero, address, rt::ERROR_KIND);
        self.b().store(Region::Global, zero, address, rt::ERROR_TRACE_LEN);
    }

    // ---- Statements ----

    pub(super) fn raise(&mut self, raise: &'m Raise, span: Span) {
        match raise {
            Raise::New(exc, None) => {
                self.begin(*exc, None, span);
                self.leave();
            }
            Raise::New(exc, Some(parts)) => self.raise_text(*exc, parts, span),
            Raise::Own(class, parts) => self.raise_own(*class, parts.as_deref().unwrap_or_default(), span),
            Raise::From(inner, cause) => self.raise_from(inner, cause.as_ref(), span),
            Raise::Caught(value) => {
                let handle = self.one(value);
                let copy = self.helper_value("pyexec_exc_copy", &[handle]);
                if let Some(var) = self.innermost_saved() {
                    let handled = self.get(var);
                    self.helper("pyexec_exc_again", &[copy, handled]);
                }
                self.helper("pyexec_exc_restore", &[copy]);
                let index = self.lower.trace(self.id, span.loc());
                self.add_trace(index);
                self.leave();
            }
            Raise::Again => self.raise_again(),
            Raise::Exit(status) => self.exit(status, span),
        }
    }

    /// Raises with a message that may have to be put together.
    pub(super) fn raise_text(&mut self, exc: Exc, parts: &'m [Part], span: Span) {
        match parts {
            [] => self.begin(exc, None, span),
            [Part::Lit(text)] => self.begin(exc, Some(text), span),
            _ => {
                let prepared = self.prepare(parts);
                self.emit_parts(&prepared, span);
                let kind = self.b().iconst(Type::I32, exc as i64);
                let index = self.lower.trace(self.id, span.loc());
                let index = self.b().iconst(Type::I32, index);
                self.helper("pyexec_raise_pending", &[kind, index]);
            }
        }
        self.leave();
    }

    /// The variable of the exception that is being handled here.
    fn innermost_saved(&self) -> Option<super::env::Var> {
        self.contexts.iter().rev().find_map(|c| match c {
            Context::Saved(var, ..) => Some(*var),
            _ => None,
        })
    }

    /// `raise` without an operand: the innermost saved exception, with the traceback it has.
    fn raise_again(&mut self) {
        if let Some(var) = self.innermost_saved() {
            let handle = self.get(var);
            let copy = self.helper_value("pyexec_exc_copy", &[handle]);
            self.helper("pyexec_exc_restore", &[copy]);
        }
        self.leave();
    }

    /// `sys.exit`: a status, or a text for standard error and status 1.
    fn exit(&mut self, status: &'m crate::hir::Expr, span: Span) {
        use crate::types::Type as Ty;
        let index = self.lower.trace(self.id, span.loc());
        match (&status.ty, &status.kind) {
            (Ty::Text, crate::hir::ExprKind::Text(parts)) => {
                return self.raise_text(Exc::SystemExit, parts, span);
            }
            (Ty::Str, _) => {
                let text = self.expr(status);
                self.begin_with(Exc::SystemExit, text[0], text[1], index);
            }
            _ => {
                let code = match status.ty {
                    Ty::Int if self.exact.is_some() => {
                        let word = self.one(status);
                        self.helper_value("pyexec_big_low", &[word])
                    }
                    Ty::Int => self.one(status),
                    _ => self.b().iconst(Type::I64, 0),
                };
                let marker = self.b().iconst(Type::I64, -1);
                self.begin_with(Exc::SystemExit, code, marker, index);
            }
        }
        self.leave();
    }
}

/// Whether a helper may find that its result does not fit in 64 bits.
fn leaves_for_exact(name: &str) -> bool {
    const HELPERS: [&str; 9] = [
        "int_pow",
        "int_round",
        "parse_int",
        "math_gcd",
        "math_lcm",
        "math_isqrt",
        "math_factorial",
        "math_comb",
        "math_perm",
    ];
    name.strip_prefix("pyexec_").is_some_and(|name| HELPERS.contains(&name))
}

/// What stands for a context while its label is worked on.
static NOTHING: crate::hir::Block = Vec::new();
