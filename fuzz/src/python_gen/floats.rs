//! Expressions of floats, bools and complex numbers.

use super::consts::{BINARY, UNARY};
use super::{Expr, Gen, Ty};

const COMPARISONS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];

impl Gen {
    pub(super) fn float(&mut self, depth: usize) -> Expr {
        let a = self.expr(Ty::Float, depth).text;
        let text = match self.rng.below(20) {
            0..=5 => {
                let operator = *self.rng.pick(&["+", "-", "*", "/", "//", "%"]);
                let b = self.expr(Ty::Float, depth).text;
                format!("({a} {operator} {b})")
            }
            6 | 7 => {
                let b = self.expr(Ty::Int, depth);
                let b = self.nonzero(b).text;
                format!("({} / {b})", self.expr(Ty::Int, depth).text)
            }
            8 => {
                let operator = *self.rng.pick(&["+", "-", "*", "/", "//", "%"]);
                format!("({a} {operator} {})", self.expr(Ty::Int, depth).text)
            }
            9 => {
                let operator = *self.rng.pick(&["+", "-", "*", "%"]);
                format!("({} {operator} {a})", self.expr(Ty::Int, depth).text)
            }
            10 => format!("float({})", self.expr(Ty::Int, depth).text),
            11 => format!("(abs({a}) ** {})", self.rng.pick(&["0.5", "2", "-1.5", "3.0", "0", "1.0e3"])),
            12 => format!("({} ** {})", self.variable(Ty::Int).text, self.rng.pick(&["-1", "-2", "-3"])),
            13 => self.math_call(&a, depth),
            14 => format!("round({a}, {})", self.rng.below(6) as i32 - 2),
            15 => format!("{}({a}, {})", self.rng.pick(&["min", "max"]), self.variable(Ty::Float).text),
            16 => self.float_odd(&a, depth),
            17 => format!("({a} + {})", self.variable(Ty::Bool).text),
            18 => format!("(-{a})"),
            _ => format!("abs({a})"),
        };
        Expr::new(text, 0)
    }

    fn math_call(&mut self, a: &str, depth: usize) -> String {
        match self.rng.below(6) {
            0 => format!("math.{}({a}, {})", self.rng.pick(BINARY), self.expr(Ty::Float, depth).text),
            1 => format!("math.ldexp({a}, {} % 80 - 40)", self.variable(Ty::Int).text),
            2 => format!(
                "math.{}(abs({}) + 1)",
                self.rng.pick(&["log", "log2", "log10"]),
                self.variable(Ty::Int).text
            ),
            3 => format!("math.sqrt(abs({}))", self.expr(Ty::Int, depth).text),
            _ => format!("math.{}({a})", self.rng.pick(UNARY)),
        }
    }

    fn float_odd(&mut self, a: &str, depth: usize) -> String {
        match self.rng.below(6) {
            0 => format!("{}.{}", self.variable(Ty::Complex).text, self.rng.pick(&["real", "imag"])),
            1 => format!("abs({})", self.expr(Ty::Complex, depth).text),
            2 => format!("divmod({a}, {})[{}]", self.variable(Ty::Float).text, self.rng.below(2)),
            3 => format!("math.frexp({a})[0]"),
            4 => format!("math.modf({a})[{}]", self.rng.below(2)),
            _ => format!("sum(({a}, {}, 0.1))", self.variable(Ty::Float).text),
        }
    }

    pub(super) fn bool(&mut self, depth: usize) -> String {
        let (p, q) = (*self.rng.pick(&COMPARISONS), *self.rng.pick(&COMPARISONS));
        match self.rng.below(14) {
            0..=3 => format!("({} {p} {})", self.expr(Ty::Int, depth).text, self.expr(Ty::Int, depth).text),
            4 => format!("({} {p} {})", self.expr(Ty::Float, depth).text, self.expr(Ty::Float, depth).text),
            5 => format!("({} {p} {})", self.expr(Ty::Int, depth).text, self.expr(Ty::Float, depth).text),
            6 => {
                let (a, b) = (self.expr(Ty::Int, depth).text, self.expr(Ty::Int, depth).text);
                format!("({a} {p} {b} {q} {})", self.expr(Ty::Float, depth).text)
            }
            7 => format!("(not {})", self.expr(Ty::Bool, depth).text),
            8 => self.predicate(depth),
            9 => format!(
                "({} in ({}, 1, 2 ** 64))",
                self.expr(Ty::Int, depth).text,
                self.variable(Ty::Int).text
            ),
            10 => {
                let operator = *self.rng.pick(&["==", "!="]);
                format!(
                    "({} {operator} {})",
                    self.expr(Ty::Complex, depth).text,
                    self.variable(Ty::Complex).text
                )
            }
            11 => {
                let operator = *self.rng.pick(&["&", "|", "^"]);
                format!("({} {operator} {})", self.expr(Ty::Bool, depth).text, self.variable(Ty::Bool).text)
            }
            _ => {
                let operator = *self.rng.pick(&["and", "or"]);
                format!(
                    "({} {operator} {})",
                    self.expr(Ty::Bool, depth).text,
                    self.expr(Ty::Bool, depth).text
                )
            }
        }
    }

    fn predicate(&mut self, depth: usize) -> String {
        match self.rng.below(6) {
            0 => format!(
                "math.{}({})",
                self.rng.pick(&["isnan", "isinf", "isfinite"]),
                self.expr(Ty::Float, depth).text
            ),
            1 => format!("({}).is_integer()", self.expr(Ty::Float, depth).text),
            2 => format!("bool({})", self.expr(Ty::Int, depth).text),
            3 => format!("bool({})", self.expr(Ty::Float, depth).text),
            4 => {
                let name = self.name("k");
                let function = *self.rng.pick(&["any", "all"]);
                let bound = self.variable(Ty::Int).text;
                format!("{function}({bound} >> {name} & 1 == 1 for {name} in range(4))")
            }
            _ => format!(
                "math.isclose({}, {})",
                self.variable(Ty::Float).text,
                self.expr(Ty::Float, depth).text
            ),
        }
    }

    pub(super) fn complex(&mut self, depth: usize) -> String {
        let a = self.expr(Ty::Complex, depth).text;
        match self.rng.below(10) {
            0..=3 => {
                let operator = *self.rng.pick(&["+", "-", "*", "*", "/"]);
                format!("({a} {operator} {})", self.expr(Ty::Complex, depth).text)
            }
            4 => {
                format!("({a} {} {})", self.rng.pick(&["+", "-", "*", "/"]), self.expr(Ty::Float, depth).text)
            }
            5 => format!("({} {} {a})", self.expr(Ty::Int, depth).text, self.rng.pick(&["+", "-", "*"])),
            6 => format!("({a}).conjugate()"),
            7 => format!("(-{a})"),
            _ => format!("complex({}, {})", self.expr(Ty::Float, depth).text, self.variable(Ty::Float).text),
        }
    }
}
