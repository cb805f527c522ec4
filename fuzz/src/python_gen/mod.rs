//! Random numeric Python programs that end, print what they compute, and catch most of what they raise.
//!
//! ```text
//!   g0 = 2 ** 62                         globals, rebound by functions
//!   def f0(p0: int, p1: float = 0.5)     functions: plain, recursive, untyped, with tuples
//!   def f1(...)                          calls only earlier ones, or itself with a smaller first argument
//!   print(f1(...))                       calls with edge constants, guarded or (at the end) not
//! ```
//!
//! Invariants of a program:
//! - it is valid, and typed so that the native lane takes it: parameters are annotated, a variable keeps its type,
//!   and is read only where it is bound;
//! - it takes a bounded number of steps: every statement counts with the trip counts of its loops and with what
//!   it calls ([`Gen::afford`]);
//! - its integers are bounded: every expression knows how many bits its value has at most, every variable,
//!   parameter, global and result has a limit, and what might pass it is reduced ([`ints`]).
//!
//! Integers leave 64 bits and come back everywhere: the limits are from 31 to 2500 bits, constants lie about the
//! edges, and [`templates`] has the loops in which numbers grow.

mod consts;
mod floats;
mod ints;
mod print;
mod stmts;
mod templates;
mod tries;

use crate::rng::Rng;
use std::fmt::Write;

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct GenOptions {
    /// About so many statements.
    pub size: usize,
    /// Programs whose meaning depends on where an overflow raises: for a compiler that is exact.
    pub exact: bool,
}

/// A type of a variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ty {
    Int,
    Float,
    Bool,
    Complex,
    /// `tuple[int, int]`.
    Pair,
    /// `tuple[int, float]`.
    Mixed,
}

impl Ty {
    /// Integers are what matters most.
    const USUAL: &'static [Ty] = &[Ty::Int, Ty::Int, Ty::Int, Ty::Int, Ty::Float, Ty::Float, Ty::Bool];
    const ALL: &'static [Ty] = &[
        Ty::Int,
        Ty::Int,
        Ty::Int,
        Ty::Int,
        Ty::Int,
        Ty::Float,
        Ty::Float,
        Ty::Bool,
        Ty::Complex,
        Ty::Pair,
        Ty::Mixed,
    ];

    const fn name(self) -> &'static str {
        match self {
            Ty::Int => "int",
            Ty::Float => "float",
            Ty::Bool => "bool",
            Ty::Complex => "complex",
            Ty::Pair => "tuple[int, int]",
            Ty::Mixed => "tuple[int, float]",
        }
    }
}

/// An expression and how many bits its integers have at most.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    text: String,
    bits: u32,
}

impl Expr {
    fn new(text: impl Into<String>, bits: u32) -> Self {
        Self { text: text.into(), bits }
    }
}

#[derive(Clone)]
struct Var {
    name: String,
    ty: Ty,
    /// How many bits its integers have at most.
    bits: u32,
    assignable: bool,
}

#[derive(Clone)]
struct Function {
    name: String,
    params: Vec<Var>,
    /// How many of the last parameters have defaults.
    defaults: usize,
    result: Ty,
    bits: u32,
    /// About how many statements a call takes.
    cost: u64,
    /// The first argument is the depth, and may be so much.
    depth: Option<u32>,
}

/// Limits of the bits of variables.
const LIMITS: &[u32] = &[64, 64, 70, 90, 130, 130, 200, 300, 600, 1200, 2500];
/// No intermediate result has more.
const WIDEST: u32 = 6000;
/// Statements that a program may take.
const STEPS: u64 = 30_000;

struct Gen {
    rng: Rng,
    exact: bool,
    out: String,
    functions: Vec<Function>,
    globals: Vec<Var>,
    vars: Vec<Var>,
    fresh: usize,
    /// Statements left to write.
    budget: usize,
    /// How often the statement at hand runs in a call of its function.
    weight: u64,
    /// What a call of the function at hand takes.
    cost: u64,
    loops: usize,
    /// Whether break and continue belong to a loop, and are not in a place where they are forbidden.
    in_breakable: bool,
    result: (Ty, u32),
    in_function: bool,
    /// In a handler: a bare `raise` may stand here.
    in_handler: bool,
}

/// The program of a seed.
pub fn program(seed: u64, options: GenOptions) -> String {
    let mut generator = Gen {
        rng: Rng::new(seed),
        exact: options.exact,
        out: String::from("import math\n\n"),
        functions: Vec::new(),
        globals: Vec::new(),
        vars: Vec::new(),
        fresh: 0,
        budget: options.size,
        weight: 1,
        cost: 0,
        loops: 0,
        in_breakable: false,
        result: (Ty::Int, 64),
        in_function: false,
        in_handler: false,
    };
    generator.all();
    generator.out
}

impl Gen {
    fn all(&mut self) {
        for index in 0..self.rng.below(3) {
            self.global(index);
        }
        if self.rng.one_in(3) {
            self.untyped();
        }
        for index in 0..1 + self.rng.below(3) {
            match self.rng.below(4) {
                0 => self.recursive(index),
                _ => self.function(index),
            }
        }
        for index in 0..self.functions.len() {
            for _ in 0..1 + self.rng.below(2) {
                self.guarded_call(index);
            }
        }
        if self.rng.one_in(3) {
            self.module_code();
        }
        self.show_globals();
        if self.rng.one_in(5) {
            let index = self.rng.below(self.functions.len());
            let call = self.call_with_constants(index);
            self.line(0, &format!("print({call})"));
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:1$}{text}", "", indent * 4);
    }

    fn name(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }

    fn global(&mut self, index: usize) {
        let ty = *self.rng.pick(&[Ty::Int, Ty::Int, Ty::Int, Ty::Float, Ty::Bool]);
        let bits = *self.rng.pick(LIMITS);
        let value = self.constant(ty, bits);
        let name = format!("g{index}");
        self.line(0, &format!("{name} = {}", value.text));
        self.globals.push(Var { name, ty, bits: bits.max(value.bits), assignable: true });
    }

    /// A function without annotations: it is compiled anew for every type of its argument.
    fn untyped(&mut self) {
        let body =
            *self.rng.pick(&["x * x", "x * 3 + 1", "x - 1 if x > 1 else x + 1", "abs(x) + x", "-x // 2 - x"]);
        self.line(0, "def generic(x):");
        self.line(1, &format!("return {body}"));
        self.line(0, "");
        for (ty, bits) in [(Ty::Int, 64), (Ty::Int, 1000), (Ty::Float, 0)] {
            let params = vec![Var { name: "x".into(), ty, bits, assignable: false }];
            let name = "generic".to_string();
            let (result, bits) = (ty, 2 * bits + 3);
            self.functions.push(Function { name, params, defaults: 0, result, bits, cost: 1, depth: None });
        }
    }

    fn begin_function(&mut self, params: &[Var], result: (Ty, u32)) {
        self.vars = params.to_vec();
        self.vars.iter_mut().for_each(|v| v.assignable = true);
        (self.weight, self.cost, self.loops, self.result) = (1, 1, 0, result);
        (self.in_breakable, self.in_function, self.in_handler) = (false, true, false);
        let rebound: Vec<Var> = self.globals.clone().into_iter().filter(|_| self.rng.one_in(2)).collect();
        for mut global in self.globals.clone() {
            let is_rebound = rebound.iter().any(|r| r.name == global.name);
            if is_rebound {
                self.line(1, &format!("global {}", global.name));
            }
            global.assignable = is_rebound;
            self.vars.push(global);
        }
    }

    fn params(&mut self, types: &[Ty]) -> Vec<Var> {
        let limits: &[u32] = &[63, 64, 64, 66, 130, 300, 1000];
        (0..1 + self.rng.below(3))
            .map(|i| {
                let (ty, bits) = (*self.rng.pick(types), *self.rng.pick(limits));
                Var { name: format!("p{i}"), ty, bits, assignable: true }
            })
            .collect()
    }

    fn function(&mut self, index: usize) {
        let params = self.params(Ty::ALL);
        let result = (*self.rng.pick(Ty::ALL), *self.rng.pick(LIMITS));
        let name = format!("f{index}");
        let defaults = self.signature(&name, &params, result.0);
        self.begin_function(&params, result);
        if self.rng.one_in(3) {
            self.template(1);
        }
        let statements = 2 + self.rng.below(4);
        self.block(1, statements);
        self.return_value(1);
        self.line(0, "");
        let (result, bits) = result;
        let cost = self.cost;
        self.functions.push(Function { name, params, defaults, result, bits, cost, depth: None });
    }

    /// Writes the `def` line; how many parameters have defaults.
    fn signature(&mut self, name: &str, params: &[Var], result: Ty) -> usize {
        let defaults = if self.rng.one_in(3) { self.rng.below(params.len() + 1) } else { 0 };
        let mut list = Vec::new();
        for (i, param) in params.iter().enumerate() {
            let simple = !matches!(param.ty, Ty::Pair | Ty::Mixed);
            let value = (i + defaults >= params.len()).then(|| self.constant(param.ty, param.bits).text);
            let value = value.map(|v| if simple || v.starts_with('(') { v } else { format!("({v})") });
            let value = value.map(|v| format!(" = {v}")).unwrap_or_default();
            list.push(format!("{}: {}{value}", param.name, param.ty.name()));
        }
        self.line(0, &format!("def {name}({}) -> {}:", list.join(", "), result.name()));
        defaults
    }

    /// A function that calls itself with a smaller first argument.
    fn recursive(&mut self, index: usize) {
        let name = format!("f{index}");
        let twice = self.rng.one_in(3);
        let depth = if twice { 5 } else { 20 };
        let mut params = vec![Var { name: "n".into(), ty: Ty::Int, bits: 6, assignable: false }];
        params.extend(self.params(Ty::USUAL));
        let result =
            (*self.rng.pick(&[Ty::Int, Ty::Int, Ty::Int, Ty::Float, Ty::Pair]), *self.rng.pick(LIMITS));
        self.signature_plain(&name, &params, result.0);
        self.begin_function(&params, result);
        if let Some(n) = self.vars.first_mut() {
            n.assignable = false;
        }
        self.line(1, "if n <= 0:");
        self.return_value(2);
        self.block(1, 1);
        let own =
            Function { name, params, defaults: 0, result: result.0, bits: result.1, cost: 1, depth: None };
        self.recurse(&own);
        if twice {
            self.recurse(&own);
        }
        self.block(1, 1);
        self.return_value(1);
        self.line(0, "");
        let calls = if twice { 1 << depth } else { u64::from(depth) };
        self.functions.push(Function { cost: self.cost * calls, depth: Some(depth), ..own });
    }

    fn signature_plain(&mut self, name: &str, params: &[Var], result: Ty) {
        let list: Vec<String> = params.iter().map(|p| format!("{}: {}", p.name, p.ty.name())).collect();
        self.line(0, &format!("def {name}({}) -> {}:", list.join(", "), result.name()));
    }

    /// `r = f(n - 1, ...)`, sometimes guarded.
    fn recurse(&mut self, own: &Function) {
        let args: Vec<String> =
            own.params[1..].iter().map(|p| self.expr_within(p.ty, 2, p.bits).text).collect();
        let args = ["n - 1".to_string()].into_iter().chain(args).collect::<Vec<_>>().join(", ");
        let name = self.name("r");
        if self.rng.one_in(4) {
            let value = self.constant(own.result, own.bits);
            self.line(1, "try:");
            self.line(2, &format!("{name} = {}({args})", own.name));
            self.line(1, "except ArithmeticError as e:");
            self.line(2, "print(\"deep\", e)");
            self.line(2, &format!("{name} = {}", value.text));
        } else {
            self.line(1, &format!("{name} = {}({args})", own.name));
        }
        self.vars.push(Var { name, ty: own.result, bits: own.bits, assignable: true });
    }

    // ---- Module code ----

    fn call_with_constants(&mut self, index: usize) -> String {
        self.vars.clear();
        let function = self.functions[index].clone();
        let given = function.params.len() - if self.rng.one_in(2) { function.defaults } else { 0 };
        let mut args = Vec::new();
        for (i, param) in function.params.iter().take(given).enumerate() {
            let value = match (i, function.depth) {
                (0, Some(depth)) => self.rng.below(depth as usize + 1).to_string(),
                _ => self.constant(param.ty, param.bits).text,
            };
            let keyword = i + 1 == given && function.name != "generic" && self.rng.one_in(5);
            args.push(if keyword { format!("{}={value}", param.name) } else { value });
        }
        format!("{}({})", function.name, args.join(", "))
    }

    fn guarded_call(&mut self, index: usize) {
        (self.in_function, self.weight) = (false, 1);
        let call = self.call_with_constants(index);
        self.line(0, "try:");
        self.line(1, &format!("print({call})"));
        for exception in ["ZeroDivisionError", "OverflowError", "ValueError", "Exception"] {
            self.line(0, &format!("except {exception} as e:"));
            self.line(1, &format!("print(\"{exception}\", e)"));
        }
    }

    /// Statements at module level: their variables are globals.
    fn module_code(&mut self) {
        self.vars = self.globals.clone();
        (self.weight, self.cost, self.loops) = (1, 0, 0);
        (self.in_function, self.in_breakable, self.in_handler) = (false, false, false);
        self.line(0, "try:");
        self.line(1, "print(\"module\")");
        if self.rng.one_in(2) {
            self.template(1);
        }
        self.block(1, 2);
        self.line(0, "except Exception as e:");
        self.line(1, "print(\"module\", e)");
    }

    fn show_globals(&mut self) {
        let names: Vec<String> = self.globals.iter().map(|g| g.name.clone()).collect();
        if !names.is_empty() {
            self.line(0, &format!("print({})", names.join(", ")));
        }
    }

    // ---- Costs ----

    /// Whether something that takes so long may stand here; it is accounted for then.
    fn afford(&mut self, cost: u64) -> bool {
        let all = self.cost.saturating_add(self.weight.saturating_mul(cost));
        let fits = all <= STEPS;
        if fits {
            self.cost = all;
        }
        fits
    }

    // ---- Expressions of any type ----

    /// A value without variables.
    fn constant(&mut self, ty: Ty, bits: u32) -> Expr {
        match ty {
            Ty::Int => self.int_constant(bits),
            Ty::Float => Expr::new(*self.rng.pick(consts::FLOATS), 0),
            Ty::Bool => Expr::new(*self.rng.pick(&["True", "False"]), 0),
            Ty::Complex => Expr::new(*self.rng.pick(consts::COMPLEXES), 0),
            Ty::Pair | Ty::Mixed => {
                let a = self.int_constant(bits);
                let b = if ty == Ty::Pair { self.int_constant(bits) } else { self.constant(Ty::Float, 0) };
                Expr::new(format!("({}, {})", a.text, b.text), a.bits.max(b.bits))
            }
        }
    }

    /// A variable of the type, or a constant.
    fn variable(&mut self, ty: Ty) -> Expr {
        let fitting: Vec<&Var> = self.vars.iter().filter(|v| v.ty == ty).collect();
        if fitting.is_empty() {
            let text = self.constant(ty, 64);
            let safe = !text.text.starts_with('-');
            return if safe { text } else { Expr::new(format!("({})", text.text), text.bits) };
        }
        let var = *self.rng.pick(&fitting);
        Expr::new(var.name.clone(), var.bits)
    }

    fn expr(&mut self, ty: Ty, depth: usize) -> Expr {
        if depth == 0 {
            return match self.rng.below(4) {
                0 => {
                    let value = self.constant(ty, 70);
                    let plain =
                        value.text.starts_with('(') || value.text.chars().all(|c| c.is_ascii_alphanumeric());
                    if plain { value } else { Expr::new(format!("({})", value.text), value.bits) }
                }
                _ => self.variable(ty),
            };
        }
        if self.rng.one_in(14) {
            return self.choice(ty, depth);
        }
        if self.rng.one_in(8)
            && let Some(call) = self.call(ty, depth)
        {
            return call;
        }
        match ty {
            Ty::Int => self.int(depth - 1),
            Ty::Float => self.float(depth - 1),
            Ty::Bool => Expr::new(self.bool(depth - 1), 0),
            Ty::Complex => Expr::new(self.complex(depth - 1), 0),
            Ty::Pair | Ty::Mixed => self.tuple(ty, depth - 1),
        }
    }

    fn choice(&mut self, ty: Ty, depth: usize) -> Expr {
        let (a, b) = (self.expr(ty, depth - 1), self.expr(ty, depth - 1));
        let cond = self.expr(Ty::Bool, depth - 1);
        Expr::new(format!("({} if {} else {})", a.text, cond.text, b.text), a.bits.max(b.bits))
    }

    fn tuple(&mut self, ty: Ty, depth: usize) -> Expr {
        let (a, b) = (self.expr(Ty::Int, depth), self.expr(Ty::Int, depth));
        if ty == Ty::Mixed {
            let float = self.expr(Ty::Float, depth);
            return Expr::new(format!("({}, {})", a.text, float.text), a.bits);
        }
        if self.rng.one_in(4) {
            let divisor = self.nonzero(b);
            return Expr::new(format!("divmod({}, {})", a.text, divisor.text), a.bits.max(divisor.bits) + 1);
        }
        Expr::new(format!("({}, {})", a.text, b.text), a.bits.max(b.bits))
    }

    /// An expression whose integers have at most so many bits.
    fn expr_within(&mut self, ty: Ty, depth: usize, bits: u32) -> Expr {
        let value = self.expr(ty, depth);
        match ty {
            _ if value.bits <= bits => value,
            Ty::Int => self.reduce(value, bits),
            Ty::Pair => {
                let (a, b) = (self.expr(Ty::Int, depth), self.expr(Ty::Int, depth));
                let (a, b) = (self.reduce(a, bits), self.reduce(b, bits));
                Expr::new(format!("({}, {})", a.text, b.text), bits)
            }
            Ty::Mixed => {
                let a = self.expr(Ty::Int, depth);
                let (a, b) = (self.reduce(a, bits), self.variable(Ty::Float));
                Expr::new(format!("({}, {})", a.text, b.text), bits)
            }
            _ => value,
        }
    }

    /// A call of an earlier function, if there is one with this result that can be afforded.
    fn call(&mut self, ty: Ty, depth: usize) -> Option<Expr> {
        let fitting: Vec<Function> = self.functions.iter().filter(|f| f.result == ty).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let function = self.rng.pick(&fitting).clone();
        if !self.afford(function.cost) {
            return None;
        }
        let mut args = Vec::new();
        for (i, param) in function.params.iter().enumerate() {
            args.push(match (i, function.depth) {
                (0, Some(depth)) => format!("{} % {}", self.variable(Ty::Int).text, depth + 1),
                _ => self.expr_within(param.ty, (depth - 1).min(1), param.bits).text,
            });
        }
        Some(Expr::new(format!("{}({})", function.name, args.join(", ")), function.bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: GenOptions = GenOptions { size: 40, exact: true };

    #[test]
    fn equal_seeds_give_equal_programs() {
        assert_eq!(program(7, OPTIONS), program(7, OPTIONS));
        assert_ne!(program(7, OPTIONS), program(8, OPTIONS));
    }

    #[test]
    fn every_type_and_statement_comes_up() {
        let all: String = (0..200).map(|seed| program(seed, OPTIONS)).collect();
        let wanted = [
            "while ",
            "for ",
            "try:",
            "finally:",
            "except ",
            "raise",
            "break",
            "continue",
            "global ",
            ":=",
            "match ",
            "complex",
            "math.",
            "<<",
            "**",
            "//",
            "divmod(",
            "tuple[int, int]",
            "pow(",
            "assert ",
            "else:",
        ];
        for word in wanted {
            assert!(all.contains(word), "{word:?} never comes up");
        }
    }
}
