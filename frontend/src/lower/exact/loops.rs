//! Loops over ranges of integers of any size.
//!
//! ```text
//! left = count(start, stop, step); item = start
//! head: left == 0? -> ended         (the fast body's loops arrive in the body, with item, left and step)
//!       target = item; body
//! next: item += step; left -= 1; -> head
//! ```

use crate::hir::{BinaryOp, ForRange, Stmt};
use crate::lower::func::Fx;
use crate::lower::points::{Part, address};
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use pyexec_ir::{self as ir, Value};

impl<'m> Fx<'m, '_> {
    pub(in crate::lower) fn exact_range(&mut self, stmt: &'m Stmt, node: &'m ForRange) {
        let span = stmt.span;
        let (start, stop, step) = (self.one(&node.start), self.one(&node.stop), self.one(&node.step));
        let truth = self.word_truth(step);
        let zero = self.b().iconst(ir::Type::I8, 0);
        let none = self.b().eq(truth, zero);
        self.raise_if(none, Exc::ValueError, "range() arg 3 must not be zero", node.step.span);
        let [item, left, distance] = std::array::from_fn(|_| self.exact_var(ir::Type::I64, true));
        for (part, var) in [(Part::Item, item), (Part::Left, left), (Part::Step, distance)] {
            let hidden = self.hidden(address(stmt), part);
            self.name_hidden(hidden, var);
        }
        let count = self.word_op("pyexec_big_range_count", &[start, stop, step], span);
        let (first, by) =
            if node.reversed { self.from_the_end(start, count, step, span) } else { (start, step) };
        self.store_vars(&[item, left, distance], &[first, count, by]);

        let (exit, mut ended) = (self.label(), self.label());
        let head = self.loop_head(Vec::new());
        let remaining = self.load_var(left);
        let more = self.word_truth(remaining);
        let mut into = self.label();
        self.branch(more, &mut into, &mut ended);
        self.bind(into);
        let next = self.label();
        let now = self.load_var(item);
        self.assign(node.target, &[now]);
        let exit = self.body(&node.body, (exit, next), None, |fx| {
            let now = fx.load_var(item);
            let by = fx.known_step(node, span).unwrap_or_else(|| fx.load_var(distance));
            fx.word_op_into(item, "pyexec_big_add", &[now, by], span);
            let remaining = fx.load_var(left);
            let one = fx.word_literal(1, span);
            fx.word_op_into(left, "pyexec_big_sub", &[remaining, one], span);
            fx.jump_back(&head);
        });
        self.loop_end(exit, ended, &node.orelse);
    }

    /// A step that is a constant does not travel.
    fn known_step(&mut self, node: &ForRange, span: Span) -> Option<Value> {
        let step = node.step.as_int()?;
        let step = if node.reversed { step.checked_neg()? } else { step };
        Some(self.word_literal(step, span))
    }

    /// The last item of a range and the way back.
    fn from_the_end(&mut self, start: Value, count: Value, step: Value, span: Span) -> (Value, Value) {
        let one = self.word_literal(1, span);
        let before = self.word_binary(BinaryOp::Sub, count, one, span);
        let distance = self.word_binary(BinaryOp::Mul, before, step, span);
        let last = self.word_binary(BinaryOp::Add, start, distance, span);
        (last, self.word_op("pyexec_big_neg", &[step], span))
    }
}
