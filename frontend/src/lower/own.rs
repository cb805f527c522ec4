//! Exception classes of the file, and `raise ... from`.
//!
//! A class is a number, known to the runtime by name once it is raised; whether a handler takes it is decided by
//! numbers alone. A cause is noted on the way out: the exception is raised to a guard around nothing else.

use super::func::{Context, Fx};
use crate::hir::{Expr, Part, Raise};
use crate::resolve::FIRST_EXCEPTION;
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{Type, Value};

impl<'m> Fx<'m, '_> {
    /// Raises a new exception of a class of the file.
    pub(super) fn raise_own(&mut self, class: usize, message: &'m [Part], span: Span) {
        let hir = self.lower.hir;
        let Some(class) = hir.exceptions.get(class) else { return };
        let Some(number) = class.bases.first().copied() else { return };
        let base = class.bases.iter().find(|base| **base < FIRST_EXCEPTION).copied();
        let zero = self.b().iconst(Type::I64, 0);
        let text: Option<[Value; 2]> = match message {
            [] => Some([zero, zero]),
            [Part::Lit(text)] => Some(self.text_value(text)),
            _ => {
                let prepared = self.prepare(message);
                self.emit_parts(&prepared, span);
                None
            }
        };
        let name = self.text_value(&class.name);
        let numbers = [number, base.unwrap_or(Exc::Exception as i32)];
        let [wide, base] = numbers.map(|n| self.b().iconst(Type::I64, n.into()));
        self.helper("pyexec_exc_class", &[wide, base, name[0], name[1]]);
        let index = self.lower.trace(self.id, span.loc());
        let [number, index] = [number.into(), index].map(|n| self.b().iconst(Type::I32, n));
        match text {
            Some([address, length]) => {
                let raise = self.lower.raise_function();
                self.b().call(raise, &[], &[number, address, length, index]);
            }
            None => _ = self.helper("pyexec_raise_pending", &[number, index]),
        }
        self.leave();
    }

    /// `raise ... from cause`.
    pub(super) fn raise_from(&mut self, raise: &'m Raise, cause: Option<&'m Expr>, span: Span) {
        let handle = match cause {
            Some(cause) => self.one(cause),
            None => self.b().iconst(Type::I64, 0),
        };
        let guard = self.cold_label();
        self.contexts.push(Context::Guard(guard));
        self.raise(raise, span);
        if let Some(Context::Guard(guard)) = self.contexts.pop() {
            self.bind(guard);
            self.helper("pyexec_exc_cause", &[handle]);
            self.leave();
        }
    }
}
