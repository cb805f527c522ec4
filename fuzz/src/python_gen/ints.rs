//! Integer expressions, each with the bits that its value has at most.

use super::consts::{INTS, MODULI, WIDE};
use super::{Expr, Gen, Ty, WIDEST};

impl Gen {
    /// An integer without variables that has at most so many bits.
    pub(super) fn int_constant(&mut self, bits: u32) -> Expr {
        if bits >= 64 && self.rng.one_in(3) {
            let fitting: Vec<&(&str, u32)> = WIDE.iter().filter(|(_, b)| *b <= bits).collect();
            if !fitting.is_empty() {
                let (text, bits) = **self.rng.pick(&fitting);
                return if text.starts_with("2 **") || text.starts_with('(') && text.ends_with(')') {
                    Expr::new(text, bits)
                } else {
                    Expr::new(format!("({text})"), bits)
                };
            }
        }
        if bits < 63 {
            return Expr::new(self.rng.below(1 << bits.min(8)).to_string(), bits.min(8));
        }
        Expr::new(*self.rng.pick(INTS), 63)
    }

    /// A value with at most so many bits, from one that may have more.
    pub(super) fn reduce(&mut self, value: Expr, bits: u32) -> Expr {
        if value.bits <= bits {
            return value;
        }
        let Expr { text, bits: from } = value;
        if bits < 7 {
            return Expr::new(format!("({text} & {})", (1 << bits) - 1), bits);
        }
        let fitting: Vec<&(&str, u32)> = MODULI.iter().filter(|(_, b)| *b <= bits).collect();
        // The bits are a bound that values seldom reach: shifting by the excess mostly leaves nothing.
        match self.rng.below(16) {
            // One bit is the sign's: -1 >> n is -1.
            0 => Expr::new(format!("({text} >> {})", from - bits), bits),
            1 => Expr::new(format!("({text} // (1 << {}))", from - bits + 1), bits),
            2..=5 => Expr::new(format!("({text} & ((1 << {bits}) - 1))"), bits),
            6 if bits >= 64 => Expr::new(format!("({text} & 0x7fffffffffffffff)"), 63),
            _ if fitting.is_empty() => Expr::new(format!("({text} & 63)"), 6),
            _ => {
                // The largest modulus that fits is the most interesting one.
                let last = fitting.len() - 1;
                let (modulus, bits) = *fitting[last - self.rng.below(fitting.len().min(4))];
                Expr::new(format!("({text} % {modulus})"), bits)
            }
        }
    }

    /// A divisor: mostly one that is not zero.
    pub(super) fn nonzero(&mut self, value: Expr) -> Expr {
        match self.rng.below(8) {
            0 | 1 => value,
            2..=4 => {
                let (text, bits) = *self.rng.pick(MODULI);
                Expr::new(text, bits)
            }
            5 => Expr::new(*self.rng.pick(&["2", "3", "-2", "7", "-7", "10", "-1", "64", "-1000003"]), 20),
            _ => Expr::new(format!("({} | 1)", value.text), value.bits.max(1)),
        }
    }

    /// How far to shift: the expression, and how much it is at most.
    fn shift_count(&mut self) -> (String, u32) {
        let most = *self.rng.pick(&[3, 8, 16, 31, 63, 64, 65, 100, 130]);
        match self.rng.below(8) {
            0..=3 => (most.to_string(), most),
            4 => (format!("({} & {})", self.variable(Ty::Int).text, 63), 63),
            // Sometimes negative: that raises.
            5 => (format!("({} % 9 - 1)", self.variable(Ty::Int).text), 8),
            _ => (format!("({} % {})", self.variable(Ty::Int).text, most + 1), most),
        }
    }

    pub(super) fn int(&mut self, depth: usize) -> Expr {
        let made = match self.rng.below(20) {
            0..=9 => self.int_binary(depth),
            10 => self.shifted(depth),
            11 => self.int_power(depth),
            12 | 13 => self.int_unary(depth),
            14 | 15 => self.int_function(depth),
            16 => self.int_from_float(depth),
            17 => self.int_from_tuple(depth),
            18 => self.int_sum(depth),
            _ => self.int_odd(depth),
        };
        if made.bits > WIDEST { self.reduce(made, 2000) } else { made }
    }

    fn int_binary(&mut self, depth: usize) -> Expr {
        let (a, mut b) = (self.expr(Ty::Int, depth), self.expr(Ty::Int, depth));
        let operator = *self.rng.pick(&["+", "+", "-", "-", "*", "*", "*", "//", "%", "&", "|", "^"]);
        let bits = match operator {
            "*" => a.bits + b.bits,
            "//" | "%" => {
                b = self.nonzero(b);
                if operator == "//" { a.bits + 1 } else { b.bits }
            }
            "&" | "|" | "^" => a.bits.max(b.bits),
            _ => a.bits.max(b.bits) + 1,
        };
        Expr::new(format!("({} {operator} {})", a.text, b.text), bits)
    }

    fn shifted(&mut self, depth: usize) -> Expr {
        let value = self.expr(Ty::Int, depth);
        let (count, most) = self.shift_count();
        match self.rng.one_in(2) {
            true => Expr::new(format!("({} << {count})", value.text), value.bits + most),
            false => Expr::new(format!("({} >> {count})", value.text), value.bits),
        }
    }

    fn int_power(&mut self, depth: usize) -> Expr {
        let base = self.expr(Ty::Int, depth);
        match self.rng.below(5) {
            0 | 1 => {
                let exponent = self.rng.below(5) as u32;
                Expr::new(format!("({} ** {exponent})", base.text), (base.bits * exponent).max(1))
            }
            2 => {
                let exponent = self.variable(Ty::Int).text;
                Expr::new(format!("(({} % 11 - 3) ** ({exponent} % 40))", base.text), 3 * 40)
            }
            3 => Expr::new(format!("(2 ** ({} % 140))", base.text), 140),
            _ => self.power_with_modulus(base),
        }
    }

    fn power_with_modulus(&mut self, base: Expr) -> Expr {
        let exponent = match self.rng.below(4) {
            0 => "65537".to_string(),
            1 => "-1".to_string(),
            2 => format!("({} % 50)", self.variable(Ty::Int).text),
            _ => format!("({} & 0xffffffff)", self.variable(Ty::Int).text),
        };
        let modulus = self.variable(Ty::Int);
        let modulus = self.nonzero(modulus);
        Expr::new(format!("pow({}, {exponent}, {})", base.text, modulus.text), modulus.bits)
    }

    fn int_unary(&mut self, depth: usize) -> Expr {
        let a = self.expr(Ty::Int, depth);
        match self.rng.below(6) {
            0 | 1 => Expr::new(format!("(-{})", a.text), a.bits + 1),
            2 => Expr::new(format!("(~{})", a.text), a.bits + 1),
            3 => Expr::new(format!("(+{})", a.text), a.bits),
            4 => Expr::new(format!("round({}, -{})", a.text, self.rng.below(5)), a.bits + 4),
            _ => Expr::new(format!("abs({})", a.text), a.bits + 1),
        }
    }

    fn int_function(&mut self, depth: usize) -> Expr {
        let (a, b) = (self.expr(Ty::Int, depth), self.expr(Ty::Int, depth));
        let (bits, both) = (a.bits.max(b.bits), a.bits + b.bits);
        let (x, y) = (a.text, b.text);
        match self.rng.below(13) {
            0 => Expr::new(format!("min({x}, {y})"), bits),
            1 => Expr::new(format!("max({x}, {y})"), bits),
            2 => Expr::new(format!("max({x}, {y}, 2 ** 63 - 1)"), bits.max(64)),
            3 => Expr::new(format!("math.gcd({x}, {y})"), bits + 1),
            4 => Expr::new(format!("math.lcm({x}, {y})"), both),
            5 => Expr::new(format!("math.isqrt(abs({x}))"), a.bits / 2 + 1),
            6 => Expr::new(format!("math.factorial({x} % 40)"), 160),
            7 => Expr::new(format!("math.comb({x} % 90, {y} % 50)"), 90),
            8 => Expr::new(format!("math.perm({x} % 40, {y} % 20)"), 110),
            9 | 10 => Expr::new(format!("({x}).bit_length()"), 13),
            11 => Expr::new(format!("({x}).bit_count()"), 13),
            _ => Expr::new(format!("divmod({x}, {y} | 1)[{}]", self.rng.below(2)), bits + 1),
        }
    }

    fn int_from_float(&mut self, depth: usize) -> Expr {
        let value = self.expr(Ty::Float, depth).text;
        let function = *self.rng.pick(&["int", "int", "round", "math.floor", "math.ceil", "math.trunc"]);
        Expr::new(format!("{function}({value})"), 1025)
    }

    fn int_from_tuple(&mut self, depth: usize) -> Expr {
        let tuples: Vec<(String, Ty, u32)> = self
            .vars
            .iter()
            .filter(|v| matches!(v.ty, Ty::Pair | Ty::Mixed))
            .map(|v| (v.name.clone(), v.ty, v.bits))
            .collect();
        if tuples.is_empty() {
            let (a, b) = (self.expr(Ty::Int, depth), self.expr(Ty::Int, depth));
            return Expr::new(format!("({}, {})[{}]", a.text, b.text, self.rng.below(2)), a.bits.max(b.bits));
        }
        let (name, ty, bits) = self.rng.pick(&tuples).clone();
        let index = if ty == Ty::Pair { self.rng.below(2) } else { 0 };
        Expr::new(format!("{name}[{index}]"), bits)
    }

    /// `sum`, `max` of a generator or a tuple.
    fn int_sum(&mut self, depth: usize) -> Expr {
        let a = self.expr(Ty::Int, depth);
        if self.rng.one_in(2) || !self.afford(10) {
            let b = self.variable(Ty::Int);
            return Expr::new(format!("sum(({}, {}, {}))", a.text, b.text, b.text), a.bits.max(b.bits) + 2);
        }
        let name = self.name("k");
        let a = self.variable(Ty::Int);
        let (function, more) = *self.rng.pick(&[("sum", 4), ("max", 0), ("min", 0)]);
        let term = match self.rng.below(3) {
            0 => Expr::new(format!("{} * {name}", a.text), a.bits + 4),
            1 => Expr::new(format!("{name} ** 3 - {}", a.text), a.bits.max(12) + 1),
            _ => Expr::new(format!("({} >> {name}) + {name}", a.text), a.bits + 1),
        };
        let count = 1 + self.rng.below(9);
        Expr::new(format!("{function}({} for {name} in range({count}))", term.text), term.bits + more)
    }

    fn int_odd(&mut self, depth: usize) -> Expr {
        match self.rng.below(4) {
            0 => {
                let (a, b) = (self.expr(Ty::Bool, depth).text, self.variable(Ty::Int));
                Expr::new(format!("({a} * {})", b.text), b.bits)
            }
            1 => Expr::new(format!("int({})", self.expr(Ty::Bool, depth).text), 1),
            2 => {
                let texts = [
                    ("int(\"9223372036854775807\")", 63),
                    ("int(\"18446744073709551616\")", 65),
                    ("int(\"-9223372036854775809\")", 64),
                    ("int(\"ffffffffffffffffffff\", 16)", 80),
                    ("int(\" -77 \")", 7),
                    ("int(\"1_000\", 0)", 10),
                ];
                let (text, bits) = *self.rng.pick(&texts);
                Expr::new(text, bits)
            }
            _ => {
                let (a, b) = (self.variable(Ty::Int), self.expr(Ty::Bool, depth).text);
                Expr::new(format!("({} + {b})", a.text), a.bits + 1)
            }
        }
    }
}
