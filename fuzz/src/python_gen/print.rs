//! What programs print.

use super::consts::{FLOAT_SPECS, INT_SPECS};
use super::{Gen, Ty};

impl Gen {
    pub(super) fn print(&mut self, indent: usize) {
        let ty = *self.rng.pick(Ty::ALL);
        let depth = 1 + self.rng.below(2);
        let value = self.expr(ty, depth).text;
        let text = match (ty, self.rng.below(6)) {
            (Ty::Int, 0) => format!("print(f\"{{{value}:{}}}\")", self.rng.pick(INT_SPECS)),
            (Ty::Float, 0 | 1) => format!("print(f\"{{{value}:{}}}\")", self.rng.pick(FLOAT_SPECS)),
            (Ty::Int, 1) => {
                format!("print({}({value}))", self.rng.pick(&["hex", "bin", "oct", "str", "repr"]))
            }
            (Ty::Complex, 0) => {
                format!("print(f\"{{{value}:{}}}\")", self.rng.pick(&[".2f", ".3e", "g", ""]))
            }
            (_, 2) => format!("print({value}, {}, sep=\"|\")", self.variable(Ty::Int).text),
            (Ty::Int | Ty::Float, 3) => {
                let other = self.variable(Ty::Int).text;
                format!("print(f\"<{{{value}!r:>30}}> {{{other}}} {{{other} + 1:,}}\")")
            }
            _ => format!("print({value})"),
        };
        // Quotes of the same kind do not nest before 3.12.
        let text = if text.contains("f\"") && text.matches('"').count() > 2 {
            format!("print({value})")
        } else {
            text
        };
        self.line(indent, &text);
    }
}
