//! Loops in which numbers grow beyond 64 bits and come back: what real programs do with integers.
//!
//! Each is a few lines over two or three variables; the parts that vary are constants, bounds, and whether other
//! statements stand among them, so that control leaves the fast body in the middle of every kind of statement.

use super::{Expr, Gen, LIMITS, Ty, Var};

impl Gen {
    pub(super) fn template(&mut self, indent: usize) {
        if self.loops >= 2 {
            return self.assign(indent);
        }
        let bits = *self.rng.pick(LIMITS);
        let (x, start) = (self.name("x"), self.expr_within(Ty::Int, 1, bits));
        self.line(indent, &format!("{x} = {}", start.text));
        let bits = bits.max(start.bits);
        let var = Var { name: x, ty: Ty::Int, bits, assignable: true };
        match self.rng.below(9) {
            0 => self.product(indent, &var),
            1 => self.fibonacci(indent, &var),
            2 => self.congruence(indent, &var),
            3 => self.shrinking(indent, &var),
            4 => self.horner(indent, &var),
            5 => self.hashing(indent, &var),
            6 => self.squaring(indent, &var),
            7 => self.collatz(indent, &var),
            _ => self.accumulate(indent, &var),
        }
        // What comes after it sees the result, and may rebind it.
        self.vars.push(var);
    }

    /// Something else in the loop, as often as not.
    fn among(&mut self, indent: usize, var: &Var) {
        let known = self.vars.len();
        self.vars.push(Var { assignable: false, ..var.clone() });
        match self.rng.below(6) {
            0 => self.statement(indent),
            1 => self.line(indent, &format!("print({})", var.name)),
            2 => self.leave(indent),
            3 => self.try_block(indent),
            _ => {}
        }
        self.vars.truncate(known);
    }

    fn counted(&mut self, indent: usize, most: usize, body: impl FnOnce(&mut Self, usize, &str)) {
        let name = self.name("i");
        let trips = self.trips().clamp(2, most as u64);
        let first = 1 + self.rng.below(3) as u64;
        self.line(indent, &format!("for {name} in range({first}, {}):", first + trips));
        let known = self.vars.len();
        self.vars.push(Var { name: name.clone(), ty: Ty::Int, bits: 8, assignable: false });
        self.looped(indent + 1, trips, |this, indent| body(this, indent, &name));
        self.vars.truncate(known);
        self.loop_else(indent);
    }

    /// Writes `x = value`, made so small that it fits.
    fn put(&mut self, indent: usize, var: &Var, value: &str, bits: u32) {
        let value = self.reduce(Expr::new(format!("({value})"), bits), var.bits);
        self.line(indent, &format!("{} = {}", var.name, value.text));
    }

    /// A factorial: x grows, is used, and is reduced after the loop only.
    fn product(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        self.counted(indent, 30, |this, indent, i| {
            this.among(indent, &Var { bits: var.bits + 240, ..var.clone() });
            this.line(indent, &format!("{x} *= {i} + 1"));
        });
        self.put(indent, var, x, var.bits + 240);
    }

    fn fibonacci(&mut self, indent: usize, var: &Var) {
        let (x, y) = (&var.name, self.name("y"));
        let start = self.int_constant(64).text;
        self.line(indent, &format!("{y} = {start}"));
        let wide = Var { bits: var.bits.max(64) + 40, ..var.clone() };
        self.counted(indent, 39, |this, indent, _| {
            this.line(indent, &format!("{x}, {y} = {y}, {x} + {y}"));
            this.among(indent, &wide);
        });
        self.put(indent, var, &format!("{x} - {y}"), wide.bits + 1);
    }

    /// A linear congruential generator.
    fn congruence(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        let factor = *self.rng.pick(&["6364136223846793005", "48271", "1103515245", "(2 ** 61 - 3)"]);
        self.counted(indent, 20, |this, indent, i| {
            this.put(indent, var, &format!("{x} * {factor} + {i}"), var.bits + 64);
            this.among(indent, var);
        });
    }

    /// x is made large and divided until it is small.
    fn shrinking(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        let power = 20 + self.rng.below(60);
        let wide = Var { bits: var.bits + 2 * power as u32, ..var.clone() };
        self.line(indent, &format!("{x} = ({x} | 1) * 3 ** {power}"));
        let divisor = *self.rng.pick(&["2 ** 20", "1000003", "7 ** 9", "10 ** 18"]);
        let step = *self.rng.pick(&["//=", "//="]);
        self.line(indent, &format!("while abs({x}) > 2 ** 40:"));
        let trips = u64::from(wide.bits) / 19;
        self.looped(indent + 1, trips, |this, indent| {
            this.line(indent, &format!("{x} {step} {divisor}"));
            this.among_safely(indent, &wide);
        });
    }

    /// As [`Self::among`], where `continue` would be no harm but the statement must not be heavy.
    fn among_safely(&mut self, indent: usize, var: &Var) {
        match self.rng.below(4) {
            0 => self.line(indent, &format!("print({0}, {0} % 97)", var.name)),
            1 => self.line(indent, &format!("print({0} / 3, {0} & 1)", var.name)),
            _ => {}
        }
    }

    fn horner(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        let total = self.name("t");
        self.line(indent, &format!("{total} = 0"));
        let terms = 4;
        self.counted(indent, terms, |this, indent, i| {
            this.line(indent, &format!("{total} = {total} * {x} + {i}"));
            this.among(indent, var);
        });
        let bits = (var.bits + 4) * (terms as u32 + 1);
        self.put(indent, var, &format!("{total} - {x}"), bits);
    }

    /// FNV and its like: the mask keeps 32 or 64 bits.
    fn hashing(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        let mask =
            *self.rng.pick(&["0xffffffff", "0xffffffffffffffff & 0x7fffffffffffffff", "(2 ** 64 - 1)"]);
        let prime = *self.rng.pick(&["16777619", "1099511628211", "31", "(2 ** 40 + 435)"]);
        self.counted(indent, 20, |this, indent, i| {
            this.line(indent, &format!("{x} = (({x} ^ {i}) * {prime}) & {mask}"));
            this.among(indent, &Var { bits: var.bits.max(64), ..var.clone() });
        });
        self.put(indent, var, x, var.bits.max(64));
    }

    fn squaring(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        self.counted(indent, 10, |this, indent, i| {
            this.put(indent, var, &format!("{x} * {x} + {i}"), 2 * var.bits + 1);
            this.among(indent, var);
        });
    }

    fn collatz(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        let wide = Var { bits: var.bits + 2 * 40, ..var.clone() };
        self.counted(indent, 39, |this, indent, _| {
            this.line(indent, &format!("{x} = {x} // 2 if {x} % 2 == 0 else 3 * {x} + 1"));
            this.among(indent, &wide);
        });
        self.put(indent, var, x, wide.bits);
    }

    /// Sums and differences that pass the limit slowly.
    fn accumulate(&mut self, indent: usize, var: &Var) {
        let x = &var.name;
        let step = self.int_constant(64).text;
        let operator = *self.rng.pick(&["+=", "-="]);
        let wide = Var { bits: var.bits.max(64) + 8, ..var.clone() };
        self.counted(indent, 39, |this, indent, i| {
            this.line(indent, &format!("{x} {operator} {step} - {i}"));
            this.among(indent, &wide);
        });
        self.put(indent, var, x, wide.bits);
    }
}
