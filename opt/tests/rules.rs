//! Every algebraic rule, proved by brute force.
//!
//! All terms of depth two over 8-bit variables x and y, wider values made of them, and constants are
//! offered to the rules. Wherever one fires, both sides are evaluated through `Opcode::eval`: for all
//! 65,536 pairs the first times that a rule fires, for pairs of boundary values after that; terms with one
//! variable always for all 256 values. Float rules are checked on all pairs of special values. Finally,
//! every rule named in the sources must have fired.

use pyexec_base::{EntityId, Loc};
use pyexec_ir::{CallConv, Func, Imm, Inst, Linkage, Opcode, Signature, TrapCode, Type, Value, ValueDef};
use pyexec_opt::rules::{Expr, apply};
use std::collections::BTreeMap;

const BOUNDARY: [u128; 9] = [0, 1, 2, 7, 100, 127, 128, 200, 255];
/// How often each rule is checked on every pair.
const THOROUGH: usize = 1;
/// How often each rule is checked whenever it fires; then every eighth time.
const OFTEN: usize = 40;
/// The operations that rules look for in operands; others never match.
const LOOKED_AT: [Opcode; 16] = [
    Opcode::Iadd,
    Opcode::Isub,
    Opcode::Imul,
    Opcode::Smin,
    Opcode::Umax,
    Opcode::Band,
    Opcode::Bor,
    Opcode::Bxor,
    Opcode::Shl,
    Opcode::Lshr,
    Opcode::Ashr,
    Opcode::Rotl,
    Opcode::Eq,
    Opcode::Ne,
    Opcode::Slt,
    Opcode::Uge,
];

struct Bench {
    func: Func,
    vars: [Value; 2],
    fired: BTreeMap<&'static str, usize>,
}

/// Bits of up to two results.
type Outcome = Result<[u128; 2], TrapCode>;

impl Bench {
    fn new(ty: Type) -> Self {
        let sig = Signature::new(CallConv::Fast, &[ty, ty], &[]);
        let mut func = Func::new("rules", sig, Linkage::Local);
        let entry = func.add_block();
        let vars = [func.add_param(entry, ty), func.add_param(entry, ty)];
        Self { func, vars, fired: BTreeMap::new() }
    }

    fn make(&mut self, op: Opcode, ty: Type, args: &[Value]) -> Inst {
        let results: Vec<Type> = op.info().results.iter().map(|r| r.result(ty)).collect();
        self.func.make_inst(op, ty, Imm::None, args, &[], &results, Loc::UNKNOWN)
    }
    fn term(&mut self, op: Opcode, ty: Type, args: &[Value]) -> Value {
        let inst = self.make(op, ty, args);
        self.func.first_result(inst).expect("a result")
    }
    fn int(&mut self, ty: Type, n: i64) -> Value {
        let inst = self.func.make_inst(Opcode::Iconst, ty, Imm::Int(n), &[], &[], &[ty], Loc::UNKNOWN);
        self.func.first_result(inst).expect("a result")
    }
    fn float(&mut self, ty: Type, bits: u64) -> Value {
        let inst = self.func.make_inst(Opcode::Fconst, ty, Imm::Bits(bits), &[], &[], &[ty], Loc::UNKNOWN);
        self.func.first_result(inst).expect("a result")
    }

    fn eval(&self, value: Value, input: [u128; 2]) -> Result<u128, TrapCode> {
        if let Some(bits) = self.func.const_bits(value) {
            return Ok(bits);
        }
        match self.func.def(value) {
            ValueDef::Param(_, index) => Ok(input[index as usize]),
            ValueDef::Result(inst, index) => Ok(self.eval_inst(inst, input)?[index as usize]),
            ValueDef::Alias(_) => unreachable!("terms have no aliases"),
        }
    }
    fn eval_inst(&self, inst: Inst, input: [u128; 2]) -> Outcome {
        let (data, args) = (self.func.inst(inst), self.func.args(inst));
        let from = args.first().map_or(data.ty, |v| self.func.ty(*v));
        let mut bits = [0; 3];
        for (slot, arg) in bits.iter_mut().zip(args) {
            *slot = self.eval(*arg, input)?;
        }
        data.op.eval(data.ty, from, &bits[..args.len()])
    }
    fn expr_type(&self, expr: &Expr) -> Type {
        match expr {
            Expr::Old(value) => self.func.ty(*value),
            Expr::Bits(ty, _) => *ty,
            Expr::New(op, ty, _) => op.info().results[0].result(*ty),
        }
    }
    fn eval_expr(&self, expr: &Expr, input: [u128; 2]) -> Outcome {
        match expr {
            Expr::Old(value) => Ok([self.eval(*value, input)?, 0]),
            Expr::Bits(_, bits) => Ok([*bits, 0]),
            Expr::New(op, ty, args) => {
                let from = args.first().map_or(*ty, |a| self.expr_type(a));
                let mut bits = [0; 3];
                for (slot, arg) in bits.iter_mut().zip(args) {
                    *slot = self.eval_expr(arg, input)?[0];
                }
                op.eval(*ty, from, &bits[..args.len()])
            }
        }
    }

    fn uses(&self, value: Value, var: Value) -> bool {
        value == var
            || self.func.def_inst(value).is_some_and(|i| self.func.args(i).iter().any(|a| self.uses(*a, var)))
    }

    /// The inputs for a term: everything if it is cheap or if the rule is new, else boundary values.
    fn inputs(&self, inst: Inst, thorough: bool) -> Vec<[u128; 2]> {
        let used = self.vars.map(|var| self.func.args(inst).iter().any(|a| self.uses(*a, var)));
        let all: Vec<u128> = (0..256).collect();
        let several = if thorough { &all[..] } else { &BOUNDARY[..] };
        let (left, right): (&[u128], &[u128]) = match used {
            [true, true] => (several, several),
            [true, false] => (&all, &[0]),
            [false, true] => (&[0], &all),
            [false, false] => (&[0], &[0]),
        };
        left.iter().flat_map(|x| right.iter().map(move |y| [*x, *y])).collect()
    }

    fn check(&mut self, inst: Inst) {
        let Some(hit) = apply(&self.func, inst) else { return };
        let count = self.fired.entry(hit.rule).or_default();
        *count += 1;
        let thorough = *count <= THOROUGH;
        if *count > OFTEN && !count.is_multiple_of(8) {
            return;
        }
        for input in self.inputs(inst, thorough) {
            self.check_input(inst, &hit, input);
        }
    }

    fn check_input(&self, inst: Inst, hit: &pyexec_opt::rules::Hit, input: [u128; 2]) {
        // An operand that traps does so whatever becomes of the instruction.
        if self.func.args(inst).iter().any(|a| self.eval(*a, input).is_err()) {
            return;
        }
        let expected = self.eval_inst(inst, input);
        let actual = match &hit.results[..] {
            [a, b] => self.eval_expr(a, input).and_then(|a| Ok([a[0], self.eval_expr(b, input)?[0]])),
            exprs => self.eval_expr(&exprs[0], input),
        };
        if expected == actual {
            return;
        }
        let ty = self.func.ty(self.func.results(inst).next().expect("a result"));
        let same = both_nan(ty, &expected, &actual, hit.rule);
        let data = self.func.inst(inst);
        assert!(
            same,
            "{}: {}.{} {:?} at {input:?}: {expected:?}, {actual:?}, {hit:?}",
            hit.rule,
            data.op,
            data.ty,
            self.func.args(inst).iter().map(|a| self.show(*a)).collect::<Vec<_>>()
        );
    }

    fn show(&self, value: Value) -> String {
        if let Some(bits) = self.func.const_bits(value) {
            return format!("{bits:#x}");
        }
        match self.func.def_inst(value) {
            None => ["x", "y"][value.index()].to_owned(),
            Some(inst) => {
                let args: Vec<String> = self.func.args(inst).iter().map(|a| self.show(*a)).collect();
                format!("{}.{}({})", self.func.inst(inst).op, self.func.inst(inst).ty, args.join(", "))
            }
        }
    }
}

/// The bits of an arithmetic NaN are free; those that sign operations give are not.
fn both_nan(ty: Type, a: &Outcome, b: &Outcome, rule: &str) -> bool {
    let is_nan = |r: &Outcome| {
        r.as_ref().is_ok_and(|bits| match ty {
            Type::F32 => f32::from_bits(bits[0] as u32).is_nan(),
            Type::F64 => f64::from_bits(bits[0] as u64).is_nan(),
            _ => false,
        })
    };
    let arithmetic = ["times_one", "minus_zero", "divide_by_power", "signs_cancel", "constant_right"];
    arithmetic.contains(&rule) && is_nan(a) && is_nan(b)
}

fn scalar_ops(arity: usize) -> impl Iterator<Item = Opcode> {
    let scalar = move |op: &Opcode| op.is_scalar() && op.info().operands.len() == arity;
    Opcode::ALL.iter().copied().filter(scalar)
}
fn int_ops(arity: usize, ty: Type) -> Vec<Opcode> {
    let same =
        |op: &Opcode| op.info().operands.iter().all(|r| r.accepts(ty, ty)) && op.info().class.allows(ty);
    scalar_ops(arity).filter(same).collect()
}

/// Offers all terms over the leaves, at one integer type.
fn offer(bench: &mut Bench, ty: Type, vars: &[Value], constants: &[i64]) {
    let constants: Vec<Value> = constants.iter().map(|n| bench.int(ty, *n)).collect();
    let leaves: Vec<Value> = vars.iter().chain(&constants).copied().collect();
    let unary: Vec<Value> = int_ops(1, ty)
        .into_iter()
        .flat_map(|op| vars.iter().map(move |v| (op, *v)))
        .map(|(op, v)| bench.term(op, ty, &[v]))
        .collect();
    for op in int_ops(2, ty) {
        for (a, b) in pairs(&leaves, &leaves) {
            let inst = bench.make(op, ty, &[a, b]);
            bench.check(inst);
        }
        for (a, b) in pairs(&unary, &unary) {
            let inst = bench.make(op, ty, &[a, b]);
            bench.check(inst);
        }
    }
    let few: Vec<Value> = vars.iter().chain(&constants[3..6]).copied().collect();
    let mut inner = unary;
    for op in LOOKED_AT {
        let terms = pairs(&few, &few).filter(|(a, b)| vars.contains(a) || vars.contains(b));
        inner.extend(terms.map(|(a, b)| bench.term(op, ty, &[a, b])).collect::<Vec<_>>());
    }
    for &a in &inner {
        for op in int_ops(1, ty) {
            let inst = bench.make(op, ty, &[a]);
            bench.check(inst);
        }
        for op in int_ops(2, ty) {
            for &b in &leaves {
                let inst = bench.make(op, ty, &[a, b]);
                bench.check(inst);
                // A constant on the left only ever goes right.
                if vars.contains(&b) || op == Opcode::Isub {
                    let inst = bench.make(op, ty, &[b, a]);
                    bench.check(inst);
                }
            }
        }
    }
}

fn pairs(a: &[Value], b: &[Value]) -> impl Iterator<Item = (Value, Value)> {
    a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b)))
}

fn integers() -> Bench {
    let mut bench = Bench::new(Type::I8);
    let [x, y] = bench.vars;
    for op in [Opcode::Sdiv, Opcode::Udiv] {
        let quotient = bench.term(op, Type::I8, &[x, y]);
        let product = bench.term(Opcode::Imul, Type::I8, &[quotient, y]);
        let inst = bench.make(Opcode::Isub, Type::I8, &[x, product]);
        bench.check(inst);
    }
    offer(&mut bench, Type::I8, &[x, y], &[0, -128, 127, 1, -1, 7, 2, 8]);
    bench
}

/// Conditions and choices between them.
fn selections() -> Bench {
    let mut bench = Bench::new(Type::I8);
    let [x, y] = bench.vars;
    let ty = Type::I8;
    let constants = [0, 1, 5, -1].map(|n| bench.int(ty, n));
    let compares: Vec<Opcode> =
        int_ops(2, ty).into_iter().filter(|op| *op >= Opcode::Eq && *op <= Opcode::Uge).collect();
    let mut conditions = vec![x, constants[0], constants[2]];
    for op in compares {
        for (a, b) in [(x, y), (y, x), (x, constants[0]), (x, constants[2])] {
            conditions.push(bench.term(op, ty, &[a, b]));
        }
    }
    let checked = bench.make(Opcode::SaddOverflow, ty, &[x, y]);
    conditions.extend(bench.func.results(checked).nth(1));
    let flags = conditions.clone();
    for &c in &flags {
        conditions.push(bench.term(Opcode::Eq, ty, &[c, constants[0]]));
        conditions.push(bench.term(Opcode::Bxor, ty, &[c, constants[1]]));
    }
    let arms: Vec<Value> = [x, y].into_iter().chain(constants).chain(flags[3..7].iter().copied()).collect();
    for &c in &conditions {
        for &a in &arms {
            for &b in &arms {
                let inst = bench.make(Opcode::Select, ty, &[c, a, b]);
                bench.check(inst);
            }
        }
        let wide = [1, 0].map(|n| bench.int(Type::I32, n));
        let select = bench.make(Opcode::Select, Type::I32, &[c, wide[0], wide[1]]);
        bench.check(select);
        for op in [Opcode::Zext, Opcode::Sext] {
            let inst = bench.make(op, Type::I64, &[c]);
            bench.check(inst);
        }
        for op in [Opcode::Eq, Opcode::Ne, Opcode::Bxor, Opcode::Band, Opcode::Bor] {
            for k in constants {
                let inst = bench.make(op, ty, &[c, k]);
                bench.check(inst);
            }
        }
    }
    bench
}

/// Widths above 8 bits, made of x and y: 16-bit values take every value.
fn widths() -> Bench {
    let mut bench = Bench::new(Type::I8);
    let [x, y] = bench.vars;
    let (wide, eight) = (Type::I16, 8);
    let (zx, zy) = (bench.term(Opcode::Zext, wide, &[x]), bench.term(Opcode::Zext, wide, &[y]));
    let (sx, sy) = (bench.term(Opcode::Sext, wide, &[x]), bench.term(Opcode::Sext, wide, &[y]));
    let eight = bench.int(wide, eight);
    let high = bench.term(Opcode::Shl, wide, &[zx, eight]);
    let w = bench.term(Opcode::Bor, wide, &[high, zy]);
    let constants: Vec<Value> =
        [0, 1, 255, 256, -1, 0x7fff, -0x8000].into_iter().map(|n| bench.int(wide, n)).collect();
    let values: Vec<Value> = [w, zx, zy, sx, sy].into_iter().chain(constants).collect();
    let mut inner = values.clone();
    for op in int_ops(2, wide) {
        for &a in &values[..5] {
            for &b in &values {
                let inst = bench.make(op, wide, &[a, b]);
                bench.check(inst);
                if op == Opcode::Band {
                    inner.extend(bench.func.first_result(inst));
                }
            }
        }
    }
    let mut terms = Vec::new();
    for &a in &inner {
        for ty in [Type::I32, Type::I64, Type::I128] {
            terms.extend([Opcode::Zext, Opcode::Sext].map(|op| bench.term(op, ty, &[a])));
        }
        terms.push(bench.term(Opcode::Trunc, Type::I8, &[a]));
    }
    let again: Vec<Value> = terms.iter().chain(&inner).copied().collect();
    for &a in &again {
        for op in [Opcode::Zext, Opcode::Sext, Opcode::Trunc, Opcode::UintToFloat] {
            for ty in Type::ALL {
                let from = bench.func.ty(a);
                if op.info().class.allows(ty) && op.info().operands[0].accepts(ty, from) {
                    let inst = bench.make(op, ty, &[a]);
                    bench.check(inst);
                }
            }
        }
    }
    halves(&mut bench, x, y);
    bench
}

fn halves(bench: &mut Bench, x: Value, y: Value) {
    let (a, b) = (bench.term(Opcode::Sext, Type::I64, &[x]), bench.term(Opcode::Zext, Type::I64, &[y]));
    let zero = bench.int(Type::I64, 0);
    let pair = bench.term(Opcode::Iconcat, Type::I128, &[a, b]);
    let split = bench.make(Opcode::Isplit, Type::I128, &[pair]);
    let parts: Vec<Value> = bench.func.results(split).collect();
    let bits = bench.term(Opcode::Bitcast, Type::F64, &[a]);
    let swapped = bench.term(Opcode::Bswap, Type::I64, &[a]);
    let half = bench.term(Opcode::Sext, Type::I32, &[x]);
    let natural = bench.term(Opcode::Zext, Type::I64, &[half]);
    let narrow = bench.term(Opcode::Trunc, Type::I32, &[a]);
    let insts = [
        split,
        bench.make(Opcode::Iconcat, Type::I128, &parts),
        bench.make(Opcode::Iconcat, Type::I128, &[parts[1], parts[0]]),
        bench.make(Opcode::Iconcat, Type::I128, &[a, zero]),
        bench.make(Opcode::Trunc, Type::I64, &[pair]),
        bench.make(Opcode::Trunc, Type::I32, &[pair]),
        bench.make(Opcode::Bitcast, Type::I64, &[bits]),
        bench.make(Opcode::Bswap, Type::I64, &[swapped]),
        bench.make(Opcode::UintToFloat, Type::F64, &[natural]),
        bench.make(Opcode::Trunc, Type::I16, &[narrow]),
    ];
    insts.into_iter().for_each(|inst| bench.check(inst));
    for n in [0, 1] {
        let n = bench.int(Type::I128, n);
        for op in int_ops(2, Type::I128) {
            let inst = bench.make(op, Type::I128, &[pair, n]);
            bench.check(inst);
        }
    }
}

// ---- Floats ----

fn specials(ty: Type) -> Vec<u128> {
    let numbers =
        [0.0, 1.0, 2.0, 0.5, 3.0, 1e30, f64::INFINITY, 1.5e-38, 1e-45, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    let of = |x: f64| match ty {
        Type::F32 => (x as f32).to_bits() as u128,
        _ => x.to_bits() as u128,
    };
    let sign = 1u128 << (ty.bits() - 1);
    // A quiet and a signalling NaN with payloads.
    let nans = match ty {
        Type::F32 => [0x7fc0_0001, 0x7f80_0001],
        _ => [0x7ff8_0000_0000_0001, 0x7ff0_0000_0000_0001],
    };
    numbers.into_iter().map(of).chain(nans).flat_map(|bits| [bits, bits | sign]).collect()
}

fn floats(ty: Type) -> Bench {
    let mut bench = Bench::new(ty);
    let [x, y] = bench.vars;
    let specials = specials(ty);
    let constants: Vec<Value> = specials.iter().map(|bits| bench.float(ty, *bits as u64)).collect();
    let (ops, unary) = (int_ops(2, ty), int_ops(1, ty));
    let mut inner = vec![x, y];
    inner.extend(
        unary
            .iter()
            .flat_map(|op| [x, y].map(|v| (*op, v)))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|(op, v)| bench.term(op, ty, &[v])),
    );
    for &op in ops.iter().filter(|op| op.info().results[0].result(ty) == ty) {
        inner.push(bench.term(op, ty, &[x, y]));
    }
    let mut insts = Vec::new();
    for &a in &inner {
        insts.extend(unary.iter().map(|op| bench.make(*op, ty, &[a])).collect::<Vec<_>>());
        for &b in inner.iter().chain(&constants) {
            insts.extend(ops.iter().map(|op| bench.make(*op, ty, &[a, b])).collect::<Vec<_>>());
            insts.push(bench.make(Opcode::Fsub, ty, &[b, a]));
        }
        if ty == Type::F32 {
            let wide = bench.term(Opcode::Fpromote, Type::F64, &[a]);
            insts.push(bench.make(Opcode::Fdemote, Type::F32, &[wide]));
        }
    }
    for inst in insts {
        let Some(hit) = apply(&bench.func, inst) else { continue };
        let count = bench.fired.entry(hit.rule).or_default();
        *count += 1;
        if *count > OFTEN {
            continue;
        }
        for &a in &specials {
            for &b in &specials {
                bench.check_input(inst, &hit, [a, b]);
            }
        }
    }
    bench
}

/// The names of all rules in the sources: the string that follows each way to make a [`Hit`].
fn rule_names() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the rules") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text");
        for piece in text.split(['(', ' ']).filter(|p| p.starts_with('"')) {
            names.extend(piece[1..].split('"').next().map(str::to_owned));
        }
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn every_rule_holds_and_fires() {
    let floats = std::thread::spawn(|| [floats(Type::F32), floats(Type::F64)].map(|b| b.fired));
    let fired = [integers(), selections(), widths()].map(|b| b.fired);
    let all = fired.into_iter().chain(floats.join().expect("float rules hold"));
    let fired: Vec<&str> = all.flat_map(|b| b.into_keys()).collect();
    let names = rule_names();
    let silent: Vec<&String> = names.iter().filter(|n| !fired.contains(&n.as_str())).collect();
    assert!(silent.is_empty(), "rules that no term reaches: {silent:?}");
    assert!(names.len() > 120, "{}", names.len());
}
