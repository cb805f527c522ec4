//! Exceptions: raised, caught, passed on, with clean-up.

use super::consts::{CAUGHT, RAISED};
use super::{Gen, Ty};

impl Gen {
    pub(super) fn try_block(&mut self, indent: usize) {
        self.line(indent, "try:");
        self.nested(indent + 1);
        let finally = self.rng.one_in(3);
        let handlers = if finally { self.rng.below(3) } else { 1 + self.rng.below(2) };
        let first = self.rng.below(CAUGHT.len());
        for handler in 0..handlers {
            // Two different ones; the second may be shadowed by the first.
            self.handler(indent, CAUGHT[(first + handler * 3) % CAUGHT.len()]);
        }
        if handlers > 0 && self.rng.one_in(3) {
            self.line(indent, "else:");
            self.nested(indent + 1);
        }
        if finally {
            self.finally(indent);
        }
    }

    fn handler(&mut self, indent: usize, class: &str) {
        let bare = self.exact && self.rng.one_in(5);
        if bare {
            self.line(indent, &format!("except {class}:"));
            self.line(indent + 1, "print(\"caught\")");
        } else {
            // The text tells where an overflow of ours is reported: see `compare.rs`.
            self.line(indent, &format!("except {class} as e:"));
            self.line(indent + 1, "print(\"caught\", e)");
        }
        let outer = std::mem::replace(&mut self.in_handler, true);
        self.nested(indent + 1);
        self.in_handler = outer;
        if self.rng.one_in(5) {
            self.line(indent + 1, "raise");
        }
    }

    /// What runs in any case. A way out of it swallows the exception, and with it an overflow of ours.
    fn finally(&mut self, indent: usize) {
        self.line(indent, "finally:");
        let number = self.fresh;
        self.line(indent + 1, &format!("print(\"finally {number}\")"));
        let outer = (self.in_breakable, self.in_function, self.in_handler);
        self.in_handler = false;
        if !self.exact {
            // Neither break nor return; loops inside have their own.
            (self.in_breakable, self.in_function) = (false, false);
        }
        if self.exact || self.rng.one_in(2) {
            let count = 1 + self.rng.below(2);
            if self.exact {
                self.block(indent + 1, count);
            } else {
                self.line(indent + 1, "pass");
            }
        }
        (self.in_breakable, self.in_function, self.in_handler) = outer;
    }

    pub(super) fn raise(&mut self, indent: usize) {
        let class = *self.rng.pick(RAISED);
        let (cond, value) = (self.expr(Ty::Bool, 1).text, self.variable(Ty::Int).text);
        self.line(indent, &format!("if {cond}:"));
        // The text of a KeyError is the repr of its argument, which is not compiled for text made at run time.
        let formatted = if class == "KeyError" { "LookupError" } else { class };
        match self.rng.below(5) {
            0 if self.in_handler => self.line(indent + 1, "raise"),
            1 => self.line(indent + 1, &format!("raise {class}")),
            2 => self.line(indent + 1, &format!("raise {class}(\"text\")")),
            3 if self.in_handler => {
                self.line(indent + 1, &format!("raise {formatted}(f\"again {{{value}}}\")"))
            }
            _ => self.line(indent + 1, &format!("raise {formatted}(f\"with {{{value}}}\")")),
        }
    }
}
