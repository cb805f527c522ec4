//! Random numeric Python programs that end, print what they compute, and catch what they raise.
//!
//! Every program is valid and fully typed for the native lane: parameters are annotated, every variable
//! keeps one type. Loops are bounded, functions call only earlier ones, so a program takes a bounded
//! number of steps. Integer results may pass 64 bits: the comparison knows (see `differential.rs`).

use crate::rng::Rng;
use std::fmt::Write;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ty {
    Int,
    Float,
    Bool,
}

impl Ty {
    const ALL: [Ty; 3] = [Ty::Int, Ty::Float, Ty::Bool];
    fn name(self) -> &'static str {
        match self {
            Ty::Int => "int",
            Ty::Float => "float",
            Ty::Bool => "bool",
        }
    }
}

const INTS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "-13",
    "64",
    "255",
    "1000003",
    "2147483647",
    "-2147483648",
    "2147483648",
    "4294967295",
    "4294967296",
    "4611686018427387904",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775807",
    "0x7f",
    "0b1011",
    "-5",
    "12345",
];
const FLOATS: &[&str] = &[
    "0.0",
    "-0.0",
    "1.0",
    "-1.5",
    "0.1",
    "2.5",
    "3.5",
    "1e16",
    "1e22",
    "1e-5",
    "123456.789",
    "5e-324",
    "1.7e308",
    "9007199254740992.0",
    "9.2e18",
    "-9.3e18",
    "0.3",
    "1e300",
    "float('inf')",
    "float('-inf')",
    "float('nan')",
];

struct Function {
    name: String,
    params: Vec<Ty>,
    result: Ty,
}

struct Var {
    name: String,
    ty: Ty,
    assignable: bool,
}

struct Gen {
    rng: Rng,
    out: String,
    functions: Vec<Function>,
    vars: Vec<Var>,
    fresh: usize,
    loops: usize,
    in_breakable: bool,
    budget: usize,
}

/// A program of about `size` statements.
pub fn program(seed: u64, size: usize) -> String {
    let rng = Rng::new(seed);
    let mut generator = Gen {
        rng,
        out: String::from("import math\n\n"),
        functions: Vec::new(),
        vars: Vec::new(),
        fresh: 0,
        loops: 0,
        in_breakable: false,
        budget: size,
    };
    generator.all();
    generator.out
}

impl Gen {
    fn all(&mut self) {
        for index in 0..1 + self.rng.below(3) {
            self.function(index);
        }
        for index in 0..self.functions.len() {
            for _ in 0..2 {
                self.driver_call(index);
            }
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", indent * 4);
    }

    fn function(&mut self, index: usize) {
        let params: Vec<Ty> = (0..1 + self.rng.below(3)).map(|_| *self.rng.pick(&Ty::ALL)).collect();
        let result = *self.rng.pick(&Ty::ALL);
        let name = format!("f{index}");
        let list: Vec<String> =
            params.iter().enumerate().map(|(i, t)| format!("p{i}: {}", t.name())).collect();
        self.line(0, &format!("def {name}({}) -> {}:", list.join(", "), result.name()));
        self.vars = params
            .iter()
            .enumerate()
            .map(|(i, ty)| Var { name: format!("p{i}"), ty: *ty, assignable: true })
            .collect();
        let statements = 2 + self.rng.below(4);
        self.block(1, statements, result);
        let value = self.expr(result, 3);
        self.line(1, &format!("return {value}"));
        self.line(0, "");
        self.functions.push(Function { name, params, result });
    }

    fn driver_call(&mut self, index: usize) {
        self.vars.clear();
        let params = self.functions[index].params.clone();
        let args: Vec<String> = params.iter().map(|ty| self.literal(*ty)).collect();
        let call = format!("{}({})", self.functions[index].name, args.join(", "));
        self.line(0, "try:");
        self.line(1, &format!("print({call})"));
        for exception in ["ZeroDivisionError", "OverflowError", "ValueError"] {
            self.line(0, &format!("except {exception} as e:"));
            self.line(1, &format!("print(\"{exception}\", e)"));
        }
    }

    // ---- Statements ----

    fn block(&mut self, indent: usize, count: usize, result: Ty) {
        let known = self.vars.len();
        for _ in 0..count.max(1) {
            self.statement(indent, result);
        }
        self.vars.truncate(known);
    }

    fn statement(&mut self, indent: usize, result: Ty) {
        self.budget = self.budget.saturating_sub(1);
        let deep = indent > 3 || self.budget == 0;
        match self.rng.below(if deep { 6 } else { 13 }) {
            0 | 1 => self.declare(indent),
            2 | 3 => self.assign(indent),
            4 => self.augment(indent),
            5 => self.print(indent),
            6 | 7 => self.branch(indent, result),
            8 | 9 => self.for_loop(indent, result),
            10 => self.while_loop(indent, result),
            11 => self.try_block(indent, result),
            _ => self.leave(indent, result),
        }
    }

    fn declare(&mut self, indent: usize) {
        let ty = *self.rng.pick(&Ty::ALL);
        let value = self.expr(ty, 3);
        self.fresh += 1;
        let name = format!("v{}", self.fresh);
        self.line(indent, &format!("{name} = {value}"));
        self.vars.push(Var { name, ty, assignable: true });
    }

    fn target(&mut self) -> Option<(String, Ty)> {
        let choices: Vec<usize> = (0..self.vars.len()).filter(|i| self.vars[*i].assignable).collect();
        if choices.is_empty() {
            return None;
        }
        let var = &self.vars[*self.rng.pick(&choices)];
        Some((var.name.clone(), var.ty))
    }

    fn assign(&mut self, indent: usize) {
        let Some((name, ty)) = self.target() else { return self.declare(indent) };
        let value = self.expr(ty, 3);
        self.line(indent, &format!("{name} = {value}"));
    }

    fn augment(&mut self, indent: usize) {
        let Some((name, ty)) = self.target() else { return self.declare(indent) };
        let operators: &[&str] = match ty {
            Ty::Int => &["+=", "-=", "*=", "//=", "%=", "&=", "|=", "^="],
            Ty::Float => &["+=", "-=", "*=", "/=", "//=", "%="],
            Ty::Bool => &["&=", "|=", "^="],
        };
        let operator = *self.rng.pick(operators);
        let value = self.expr(ty, 2);
        self.line(indent, &format!("{name} {operator} {value}"));
    }

    fn print(&mut self, indent: usize) {
        let ty = *self.rng.pick(&Ty::ALL);
        let value = self.expr(ty, 2);
        let text = match (ty, self.rng.below(4)) {
            (Ty::Float, 0) => {
                format!("print(f\"{{{value}:.{}{}}}\")", self.rng.below(8), self.rng.pick(&["f", "e", "g"]))
            }
            (Ty::Int, 0) => format!(
                "print(f\"{{{value}:{}}}\")",
                self.rng.pick(&["d", "x", "08d", ",", "+d", "b", ">12"])
            ),
            (_, 1) => format!("print({value}, {}, sep=\"|\")", self.variable(Ty::Int)),
            _ => format!("print({value})"),
        };
        self.line(indent, &text);
    }

    fn branch(&mut self, indent: usize, result: Ty) {
        let cond = self.expr(Ty::Bool, 3);
        self.line(indent, &format!("if {cond}:"));
        self.nested(indent + 1, result);
        if self.rng.one_in(3) {
            let cond = self.expr(Ty::Bool, 2);
            self.line(indent, &format!("elif {cond}:"));
            self.nested(indent + 1, result);
        }
        if self.rng.one_in(2) {
            self.line(indent, "else:");
            self.nested(indent + 1, result);
        }
    }

    fn nested(&mut self, indent: usize, result: Ty) {
        let count = 1 + self.rng.below(3);
        self.block(indent, count, result);
    }

    fn looped(&mut self, indent: usize, result: Ty) {
        self.loops += 1;
        let outer = std::mem::replace(&mut self.in_breakable, true);
        self.nested(indent, result);
        self.in_breakable = outer;
        self.loops -= 1;
    }

    fn for_loop(&mut self, indent: usize, result: Ty) {
        if self.loops >= 2 {
            return self.assign(indent);
        }
        self.fresh += 1;
        let name = format!("i{}", self.fresh);
        let range = match self.rng.below(4) {
            0 => format!("range({})", self.rng.below(7)),
            1 => format!("range({}, {})", -3 + self.rng.below(6) as i32, self.rng.below(6)),
            2 => format!("range({}, {}, {})", self.rng.below(9), -2, self.rng.pick(&["-1", "-2", "-3"])),
            _ => format!("range({} % 6)", self.variable(Ty::Int)),
        };
        self.line(indent, &format!("for {name} in {range}:"));
        let known = self.vars.len();
        self.vars.push(Var { name, ty: Ty::Int, assignable: false });
        self.looped(indent + 1, result);
        self.vars.truncate(known);
        if self.rng.one_in(4) {
            self.line(indent, "else:");
            self.nested(indent + 1, result);
        }
    }

    fn while_loop(&mut self, indent: usize, result: Ty) {
        if self.loops >= 2 {
            return self.assign(indent);
        }
        self.fresh += 1;
        let name = format!("w{}", self.fresh);
        let times = self.rng.below(6);
        self.line(indent, &format!("{name} = {times}"));
        let cond = self.expr(Ty::Bool, 1);
        let more = if self.rng.one_in(2) { format!(" and {cond}") } else { String::new() };
        self.line(indent, &format!("while {name} > 0{more}:"));
        self.line(indent + 1, &format!("{name} -= 1"));
        let known = self.vars.len();
        self.vars.push(Var { name, ty: Ty::Int, assignable: false });
        self.looped(indent + 1, result);
        self.vars.truncate(known);
    }

    fn try_block(&mut self, indent: usize, result: Ty) {
        self.line(indent, "try:");
        self.nested(indent + 1, result);
        let exceptions =
            ["ZeroDivisionError", "OverflowError", "(ValueError, ZeroDivisionError)", "ArithmeticError"];
        let finally = self.rng.one_in(3);
        if !finally || self.rng.one_in(2) {
            let exception = *self.rng.pick(&exceptions);
            self.line(indent, &format!("except {exception} as e:"));
            self.line(indent + 1, "print(\"caught\", e)");
            self.nested(indent + 1, result);
        }
        if finally {
            self.line(indent, "finally:");
            self.line(indent + 1, &format!("print(\"finally {}\")", self.fresh));
        }
    }

    fn leave(&mut self, indent: usize, result: Ty) {
        let cond = self.expr(Ty::Bool, 2);
        self.line(indent, &format!("if {cond}:"));
        match self.rng.below(3) {
            0 if self.in_breakable => self.line(indent + 1, "break"),
            1 if self.in_breakable => self.line(indent + 1, "continue"),
            _ => {
                let value = self.expr(result, 2);
                self.line(indent + 1, &format!("return {value}"));
            }
        }
    }

    // ---- Expressions ----

    fn literal(&mut self, ty: Ty) -> String {
        match ty {
            Ty::Int => self.rng.pick(INTS).to_string(),
            Ty::Float => self.rng.pick(FLOATS).to_string(),
            Ty::Bool => self.rng.pick(&["True", "False"]).to_string(),
        }
    }

    fn variable(&mut self, ty: Ty) -> String {
        let names: Vec<&str> = self.vars.iter().filter(|v| v.ty == ty).map(|v| v.name.as_str()).collect();
        if names.is_empty() { self.literal(ty) } else { self.rng.pick(&names).to_string() }
    }

    fn expr(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 {
            return if self.rng.one_in(4) { self.parenthesised(ty) } else { self.variable(ty) };
        }
        if self.rng.one_in(12) {
            let (a, b, c) =
                (self.expr(ty, depth - 1), self.expr(Ty::Bool, depth - 1), self.expr(ty, depth - 1));
            return format!("({a} if {b} else {c})");
        }
        if self.loops == 0
            && self.rng.one_in(10)
            && let Some(call) = self.call(ty, depth - 1)
        {
            return call;
        }
        match ty {
            Ty::Int => self.int(depth - 1),
            Ty::Float => self.float(depth - 1),
            Ty::Bool => self.bool(depth - 1),
        }
    }

    fn parenthesised(&mut self, ty: Ty) -> String {
        let text = self.literal(ty);
        if text.starts_with('-') { format!("({text})") } else { text }
    }

    fn call(&mut self, ty: Ty, depth: usize) -> Option<String> {
        let choices: Vec<usize> =
            (0..self.functions.len()).filter(|i| self.functions[*i].result == ty).collect();
        if choices.is_empty() {
            return None;
        }
        let index = *self.rng.pick(&choices);
        let params = self.functions[index].params.clone();
        let args: Vec<String> = params.into_iter().map(|p| self.expr(p, depth.min(1))).collect();
        Some(format!("{}({})", self.functions[index].name, args.join(", ")))
    }

    fn int(&mut self, depth: usize) -> String {
        let a = self.expr(Ty::Int, depth);
        match self.rng.below(16) {
            0..=6 => {
                let operator = *self.rng.pick(&["+", "-", "*", "//", "%", "&", "|", "^"]);
                let b = self.expr(Ty::Int, depth);
                format!("({a} {operator} {b})")
            }
            7 => format!("({a} >> ({} & 63))", self.variable(Ty::Int)),
            8 => format!("(({a} & 0xffff) << ({} & 15))", self.variable(Ty::Int)),
            9 => format!("(({a} % 1000) ** {})", self.rng.below(5)),
            10 => format!("abs({a})"),
            11 => {
                let function = *self.rng.pick(&["min", "max"]);
                format!("{function}({a}, {})", self.expr(Ty::Int, depth))
            }
            12 => format!("(-{a})"),
            13 => format!("(~{a})"),
            14 => format!("int({})", self.expr(Ty::Float, depth)),
            _ => format!("({a} // {})", self.rng.pick(&["1", "2", "3", "7", "-2", "10", "64", "-7"])),
        }
    }

    fn float(&mut self, depth: usize) -> String {
        let a = self.expr(Ty::Float, depth);
        match self.rng.below(14) {
            0..=5 => {
                let operator = *self.rng.pick(&["+", "-", "*", "/", "//", "%"]);
                let b = self.expr(Ty::Float, depth);
                format!("({a} {operator} {b})")
            }
            6 => format!("({} / {})", self.expr(Ty::Int, depth), self.expr(Ty::Int, depth)),
            7 => format!("({a} * {})", self.variable(Ty::Int)),
            8 => format!("float({})", self.expr(Ty::Int, depth)),
            9 => format!("math.sqrt(abs({a}))"),
            10 => format!("abs({a})"),
            11 => format!("round({a}, {})", self.rng.below(4)),
            12 => format!("(-{a})"),
            _ => format!("({a} + {})", self.variable(Ty::Bool)),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        let operators = ["<", "<=", ">", ">=", "==", "!="];
        let (p, q) = (*self.rng.pick(&operators), *self.rng.pick(&operators));
        match self.rng.below(8) {
            0 | 1 => format!("({} {p} {})", self.expr(Ty::Int, depth), self.expr(Ty::Int, depth)),
            2 => format!("({} {p} {})", self.expr(Ty::Float, depth), self.expr(Ty::Float, depth)),
            3 => format!("({} {p} {})", self.expr(Ty::Int, depth), self.expr(Ty::Float, depth)),
            4 => format!(
                "({} {p} {} {q} {})",
                self.expr(Ty::Int, depth),
                self.expr(Ty::Int, depth),
                self.expr(Ty::Float, depth)
            ),
            5 => format!("(not {})", self.expr(Ty::Bool, depth)),
            _ => {
                let operator = *self.rng.pick(&["and", "or"]);
                format!("({} {operator} {})", self.expr(Ty::Bool, depth), self.expr(Ty::Bool, depth))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn equal_seeds_give_equal_programs() {
        assert_eq!(super::program(7, 30), super::program(7, 30));
        assert_ne!(super::program(7, 30), super::program(8, 30));
    }
}
