//! Statements without exceptions.

use super::{Expr, Gen, LIMITS, Ty, Var};

impl Gen {
    pub(super) fn block(&mut self, indent: usize, count: usize) {
        let known = self.vars.len();
        for _ in 0..count.max(1) {
            self.statement(indent);
        }
        self.vars.truncate(known);
    }

    pub(super) fn nested(&mut self, indent: usize) {
        let count = 1 + self.rng.below(3);
        self.block(indent, count);
    }

    pub(super) fn statement(&mut self, indent: usize) {
        self.budget = self.budget.saturating_sub(1);
        // What a statement costs is counted even where it makes no choice.
        self.afford(1);
        let deep = indent > 4 || self.budget == 0;
        match self.rng.below(if deep { 12 } else { 24 }) {
            0..=2 => self.declare(indent),
            3 | 4 => self.assign(indent),
            5..=7 => self.aug_assign(indent),
            8 | 9 => self.print(indent),
            10 => self.unpack(indent),
            11 => self.leave(indent),
            12 | 13 => self.branch(indent),
            14 | 15 => self.for_loop(indent),
            16 => self.while_loop(indent),
            17..=19 => self.try_block(indent),
            20 | 21 => self.template(indent),
            22 => self.walrus(indent),
            _ => self.odd(indent),
        }
    }

    fn declare(&mut self, indent: usize) {
        let ty = *self.rng.pick(Ty::ALL);
        let bits = *self.rng.pick(LIMITS);
        let depth = 1 + self.rng.below(3);
        let value = self.expr_within(ty, depth, bits);
        let name = self.name("v");
        let annotated = self.rng.one_in(8);
        let annotation = if annotated { format!(": {}", ty.name()) } else { String::new() };
        self.line(indent, &format!("{name}{annotation} = {}", value.text));
        self.vars.push(Var { name, ty, bits: bits.max(value.bits), assignable: true });
    }

    /// A variable that may be rebound here.
    pub(super) fn target(&mut self, types: &[Ty]) -> Option<Var> {
        let fitting: Vec<Var> =
            self.vars.iter().filter(|v| v.assignable && types.contains(&v.ty)).cloned().collect();
        if fitting.is_empty() { None } else { Some(self.rng.pick(&fitting).clone()) }
    }

    pub(super) fn assign(&mut self, indent: usize) {
        let Some(var) = self.target(&[Ty::Int, Ty::Float, Ty::Bool, Ty::Complex, Ty::Pair, Ty::Mixed]) else {
            return self.declare(indent);
        };
        let depth = 1 + self.rng.below(3);
        let value = self.expr_within(var.ty, depth, var.bits);
        self.line(indent, &format!("{} = {}", var.name, value.text));
    }

    fn aug_assign(&mut self, indent: usize) {
        let Some(var) = self.target(&[Ty::Int, Ty::Int, Ty::Float, Ty::Bool, Ty::Complex]) else {
            return self.declare(indent);
        };
        let (operators, ty): (&[&str], Ty) = match var.ty {
            Ty::Int => return self.aug_assign_int(indent, &var),
            Ty::Float => (&["+=", "-=", "*=", "/=", "//=", "%="], *self.rng.pick(&[Ty::Float, Ty::Int])),
            Ty::Bool => (&["&=", "|=", "^="], Ty::Bool),
            _ => (&["+=", "-=", "*=", "/="], *self.rng.pick(&[Ty::Complex, Ty::Float])),
        };
        let operator = *self.rng.pick(operators);
        let value = self.expr(ty, 2).text;
        self.line(indent, &format!("{} {operator} {value}", var.name));
    }

    /// `x *= y` may make x too large: then it is made smaller in the next line, so that it is large between.
    fn aug_assign_int(&mut self, indent: usize, var: &Var) {
        let operator = *self
            .rng
            .pick(&["+=", "+=", "-=", "*=", "*=", "*=", "//=", "%=", "&=", "|=", "^=", "<<=", ">>="]);
        let value = self.expr_within(Ty::Int, 2, 1500);
        let name = &var.name;
        let value = match operator {
            "//=" | "%=" => self.nonzero(value),
            "<<=" | ">>=" => Expr::new(format!("{} & 63", value.text), 6),
            _ => value,
        };
        self.line(indent, &format!("{name} {operator} {}", value.text));
        let bits = match operator {
            "*=" => var.bits + value.bits,
            "<<=" => var.bits + 64,
            "%=" => value.bits,
            ">>=" => var.bits,
            _ => var.bits.max(value.bits) + 1,
        };
        if bits > var.bits {
            if self.rng.one_in(4) {
                self.line(indent, &format!("print({name})"));
            }
            let smaller = self.reduce(Expr::new(name.clone(), bits), var.bits);
            let smaller = smaller.text;
            self.line(indent, &format!("{name} = {smaller}"));
        }
    }

    /// Several targets: swaps, Fibonacci steps, tuples taken apart.
    fn unpack(&mut self, indent: usize) {
        let (Some(a), Some(b)) = (self.target(&[Ty::Int]), self.target(&[Ty::Int])) else {
            return self.declare(indent);
        };
        let (x, y) = (&a.name, &b.name);
        match self.rng.below(5) {
            0 if a.bits == b.bits => self.line(indent, &format!("{x}, {y} = {y}, {x}")),
            1 => {
                let pair = self.expr_within(Ty::Pair, 2, a.bits.min(b.bits)).text;
                self.line(indent, &format!("{x}, {y} = {pair}"));
            }
            2 => {
                let value = self.expr_within(Ty::Int, 2, a.bits.min(b.bits)).text;
                self.line(indent, &format!("{x} = {y} = {value}"));
            }
            3 => {
                let (p, q) = (self.name("v"), self.name("v"));
                let value = self.expr(Ty::Mixed, 2);
                self.line(indent, &format!("{p}, {q} = {}", value.text));
                self.vars.push(Var { name: p, ty: Ty::Int, bits: value.bits, assignable: false });
                self.vars.push(Var { name: q, ty: Ty::Float, bits: 0, assignable: true });
            }
            _ => {
                let sum = Expr::new(format!("({x} + {y})"), a.bits.max(b.bits) + 1);
                let (first, second) =
                    (self.reduce(Expr::new(y.clone(), b.bits), a.bits), self.reduce(sum, b.bits));
                self.line(indent, &format!("{x}, {y} = {}, {}", first.text, second.text));
            }
        }
    }

    fn walrus(&mut self, indent: usize) {
        let name = self.name("w");
        let value = self.expr_within(Ty::Int, 2, 300);
        let operator = *self.rng.pick(&["<", ">", "==", "!="]);
        let other = self.variable(Ty::Int).text;
        self.line(indent, &format!("if ({name} := {}) {operator} {other}:", value.text));
        let known = self.vars.len();
        self.vars.push(Var { name: name.clone(), ty: Ty::Int, bits: 300, assignable: false });
        self.nested(indent + 1);
        self.vars.truncate(known);
        self.line(indent, &format!("print({name})"));
    }

    fn branch(&mut self, indent: usize) {
        let cond = self.expr(Ty::Bool, 3).text;
        self.line(indent, &format!("if {cond}:"));
        self.nested(indent + 1);
        if self.rng.one_in(3) {
            let cond = self.expr(Ty::Bool, 2).text;
            self.line(indent, &format!("elif {cond}:"));
            self.nested(indent + 1);
        }
        if self.rng.one_in(2) {
            self.line(indent, "else:");
            self.nested(indent + 1);
        }
    }

    /// A body that runs so often at most.
    pub(super) fn looped(&mut self, indent: usize, times: u64, body: impl FnOnce(&mut Self, usize)) {
        let outer = std::mem::replace(&mut self.in_breakable, true);
        let weight = self.weight;
        self.weight *= times.max(1);
        self.loops += 1;
        body(self, indent);
        self.loops -= 1;
        self.weight = weight;
        self.in_breakable = outer;
    }

    /// How often a loop may run here.
    pub(super) fn trips(&mut self) -> u64 {
        let most = [40, 8, 4, 2][self.loops.min(3)];
        (self.rng.below(most) as u64).min(STEPS_LEFT.saturating_sub(self.cost) / self.weight.max(1) / 4)
    }

    fn for_loop(&mut self, indent: usize) {
        if self.loops >= 3 {
            return self.assign(indent);
        }
        let trips = self.trips();
        let name = self.name("i");
        let (head, bits) = self.iterable(&name, trips);
        self.line(indent, &head);
        let known = self.vars.len();
        self.vars.push(Var { name, ty: Ty::Int, bits, assignable: false });
        self.looped(indent + 1, trips.max(4), Self::nested);
        self.vars.truncate(known);
        self.loop_else(indent);
    }

    /// The head of a `for` that runs at most so often (or 4 times), and the bits of its variable.
    fn iterable(&mut self, name: &str, trips: u64) -> (String, u32) {
        match self.rng.below(8) {
            0..=2 => (format!("for {name} in range({trips}):"), 8),
            3 => {
                let (a, b) = (self.rng.below(9) as i64 - 4, trips as i64);
                (format!("for {name} in range({a}, {}):", a + b), 8)
            }
            4 => {
                let step = -1 - self.rng.below(3) as i64;
                (format!("for {name} in range({}, 0, {step}):", trips as i64), 8)
            }
            5 => (format!("for {name} in range({} % {}):", self.variable(Ty::Int).text, trips + 1), 8),
            6 => {
                let (a, b) = (self.expr_within(Ty::Int, 1, 300).text, self.int_constant(70).text);
                (format!("for {name} in ({a}, {b}, 7):"), 300)
            }
            // Ends of the ranges of machine integers.
            _ => {
                let top = *self.rng.pick(&["9223372036854775807", "4611686018427387904", "2147483648"]);
                let count = trips.min(5);
                (format!("for {name} in range({top} - {count}, {top}):"), 63)
            }
        }
    }

    pub(super) fn loop_else(&mut self, indent: usize) {
        if self.rng.one_in(4) {
            self.line(indent, "else:");
            self.nested(indent + 1);
        }
    }

    fn while_loop(&mut self, indent: usize) {
        if self.loops >= 3 {
            return self.assign(indent);
        }
        let name = self.name("w");
        let times = self.trips();
        self.line(indent, &format!("{name} = {times}"));
        let cond = self.expr(Ty::Bool, 1).text;
        let more = if self.rng.one_in(2) { format!(" and {cond}") } else { String::new() };
        self.line(indent, &format!("while {name} > 0{more}:"));
        self.line(indent + 1, &format!("{name} -= 1"));
        let known = self.vars.len();
        self.vars.push(Var { name, ty: Ty::Int, bits: 8, assignable: false });
        self.looped(indent + 1, times, Self::nested);
        self.vars.truncate(known);
        self.loop_else(indent);
    }

    /// Ways out: break, continue, return.
    pub(super) fn leave(&mut self, indent: usize) {
        let cond = self.expr(Ty::Bool, 2).text;
        if !self.in_function && !self.in_breakable {
            return self.print(indent);
        }
        self.line(indent, &format!("if {cond}:"));
        match self.rng.below(3) {
            0 if self.in_breakable => self.line(indent + 1, "break"),
            1 if self.in_breakable => self.line(indent + 1, "continue"),
            _ if self.in_function => self.return_value(indent + 1),
            _ => self.line(indent + 1, "break"),
        }
    }

    pub(super) fn return_value(&mut self, indent: usize) {
        let (ty, bits) = self.result;
        let depth = 1 + self.rng.below(3);
        let value = self.expr_within(ty, depth, bits);
        self.line(indent, &format!("return {}", value.text));
    }

    fn odd(&mut self, indent: usize) {
        match self.rng.below(4) {
            0 => self.matching(indent),
            1 => {
                let cond = self.expr(Ty::Bool, 2).text;
                let value = self.variable(Ty::Int).text;
                self.line(indent, &format!("assert {cond} or {value} != 3, f\"not {{{value}}}\""));
            }
            2 => self.raise(indent),
            _ => self.leave(indent),
        }
    }

    fn matching(&mut self, indent: usize) {
        let value = self.expr(Ty::Int, 2).text;
        self.line(indent, &format!("match {value}:"));
        for case in ["0 | 1", "9223372036854775807", "-1"] {
            if self.rng.one_in(2) {
                self.line(indent + 1, &format!("case {case}:"));
                self.nested(indent + 2);
            }
        }
        let name = self.name("m");
        if self.rng.one_in(2) {
            self.line(indent + 1, &format!("case {name} if {name} > 2 ** 62:"));
            self.line(indent + 2, &format!("print(\"large\", {name})"));
        }
        self.line(indent + 1, "case _:");
        self.nested(indent + 2);
    }
}

/// See [`Gen::trips`].
const STEPS_LEFT: u64 = super::STEPS;
