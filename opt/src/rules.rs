//! Algebraic rules: what one instruction may be replaced by, looking two operations deep.
//!
//! One rule an arm, one file a family of opcodes. A rule has a name and gives an [`Expr`]; it must hold
//! for every value of every operand. `tests/rules.rs` finds all terms of depth two on which a rule fires and
//! compares both sides through `Opcode::eval`: for all 65,536 pairs of 8-bit operands where types allow.
//!
//! Direction. Every rule makes the term smaller, or cheaper, or nearer to the one canonical form: constants
//! on the right, `iadd` for `isub` of a constant, shifts for powers of two. No rule undoes another.

mod arith;
mod bits;
mod checked;
mod compare;
mod convert;
mod float;
mod select;

pub(crate) use compare::{inverse, mirrored};

use pyexec_ir::{Func, Inst, Opcode, Type, Value, ValueDef};

/// What replaces a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A value that exists.
    Old(Value),
    /// A constant of this type, zero-extended bits.
    Bits(Type, u128),
    /// A new instruction: opcode, controlling type, operands.
    New(Opcode, Type, Vec<Expr>),
}

/// A rule that fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The rule.
    pub rule: &'static str,
    /// What the results become, in order; or one [`Expr::New`] for all of them.
    pub results: Vec<Expr>,
}

/// What an operand is, as far as rules look.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A constant, zero-extended.
    K(u128),
    /// The first result of an operation with its first two operands (the first twice if it has one).
    Op(Opcode, Value, Value),
    /// Anything else.
    Other,
}

/// A function as the rules see it.
#[derive(Clone, Copy)]
pub(crate) struct View<'f>(pub &'f Func);

impl View<'_> {
    pub fn ty(&self, value: Value) -> Type {
        self.0.ty(value)
    }
    pub fn k(&self, value: Value) -> Option<u128> {
        self.0.const_bits(value)
    }
    pub fn shape(&self, value: Value) -> Shape {
        if let Some(bits) = self.k(value) {
            return Shape::K(bits);
        }
        let ValueDef::Result(inst, 0) = self.0.def(value) else { return Shape::Other };
        match (self.0.inst(inst).op, self.0.args(inst)) {
            (op, &[a]) if op.is_scalar() => Shape::Op(op, a, a),
            (op, &[a, b]) if op.is_scalar() => Shape::Op(op, a, b),
            _ => Shape::Other,
        }
    }
    /// Whether a value is the quotient of these two.
    pub fn is_quotient(&self, op: Opcode, value: Value, (a, b): (Value, Value)) -> bool {
        matches!(self.shape(value), Shape::Op(o, x, y) if (o, x, y) == (op, a, b))
    }
    /// Whether the value is always 0 or 1.
    pub fn is_bool(&self, value: Value) -> bool {
        self.is_bool_within(value, 4)
    }
    fn is_bool_within(&self, value: Value, depth: u32) -> bool {
        if let Some(bits) = self.k(value) {
            return bits <= 1;
        }
        let ValueDef::Result(inst, index) = self.0.def(value) else { return false };
        let (op, args) = (self.0.inst(inst).op, self.0.args(inst));
        let all = |args: &[Value]| depth > 0 && args.iter().all(|a| self.is_bool_within(*a, depth - 1));
        match op {
            _ if is_compare(op) => true,
            _ if is_checked(op) => index == 1,
            Opcode::Band | Opcode::Bor | Opcode::Bxor | Opcode::Zext => all(args),
            Opcode::Select => all(&args[1..]),
            _ => false,
        }
    }
}

/// Whether the opcode gives 0 or 1.
pub(crate) fn is_compare(op: Opcode) -> bool {
    (op >= Opcode::Eq && op <= Opcode::Uge) || (op >= Opcode::Feq && op <= Opcode::Funo)
}
/// Whether the opcode gives a wrapped result and an overflow flag.
pub(crate) fn is_checked(op: Opcode) -> bool {
    op >= Opcode::SaddOverflow && op <= Opcode::UmulOverflow
}

// ---- Making results ----

fn keep(rule: &'static str, value: Value) -> Option<Hit> {
    Some(Hit { rule, results: vec![Expr::Old(value)] })
}
fn bits(rule: &'static str, ty: Type, bits: u128) -> Option<Hit> {
    Some(Hit { rule, results: vec![Expr::Bits(ty, bits & ty.mask())] })
}
fn flag(rule: &'static str, holds: bool) -> Option<Hit> {
    bits(rule, Type::I8, holds as u128)
}
fn make<const N: usize>(rule: &'static str, op: Opcode, ty: Type, args: [Expr; N]) -> Option<Hit> {
    Some(Hit { rule, results: vec![Expr::New(op, ty, args.into())] })
}
fn old(value: Value) -> Expr {
    Expr::Old(value)
}
fn int(ty: Type, bits: u128) -> Expr {
    Expr::Bits(ty, bits & ty.mask())
}
fn new<const N: usize>(op: Opcode, ty: Type, args: [Expr; N]) -> Expr {
    Expr::New(op, ty, args.into())
}
/// The exponent, if `bits` is a power of two.
fn log2(bits: u128) -> Option<u128> {
    bits.is_power_of_two().then(|| bits.trailing_zeros() as u128)
}

/// The replacement of a scalar instruction by the first rule that applies.
pub fn apply(func: &Func, inst: Inst) -> Option<Hit> {
    let data = func.inst(inst);
    if !data.op.is_scalar() {
        return None;
    }
    let (view, op, ty, args) = (View(func), data.op, data.ty, func.args(inst));
    let hit = fold(view, op, ty, args).or_else(|| match *args {
        [a] => unary(view, op, ty, a),
        [a, b] => binary(view, op, ty, a, b),
        [a, b, c] => select::select(view, op, ty, a, b, c),
        _ => None,
    });
    hit.filter(|hit| hit.results.iter().all(is_writable))
}

/// Whether all constants of a term can be written as instructions.
fn is_writable(expr: &Expr) -> bool {
    match expr {
        Expr::Old(_) => true,
        Expr::Bits(ty, bits) => writable(*ty, *bits),
        Expr::New(_, _, args) => args.iter().all(is_writable),
    }
}

/// Evaluates an instruction whose operands are all constant. What traps stays; so does an arithmetic NaN,
/// whose bits are not ours to choose; so does what `iconst` cannot write.
fn fold(view: View, op: Opcode, ty: Type, args: &[Value]) -> Option<Hit> {
    let mut operands = [0; 3];
    for (slot, arg) in operands.iter_mut().zip(args) {
        *slot = view.k(*arg)?;
    }
    let from = args.first().map_or(ty, |a| view.ty(*a));
    let out = op.eval(ty, from, &operands[..args.len()]).ok()?;
    let results = op.info().results.iter().zip(out).map(|(rule, bits)| Expr::Bits(rule.result(ty), bits));
    let results: Vec<Expr> = results.collect();
    results.iter().all(|r| matches!(r, Expr::Bits(ty, b) if writable(*ty, *b))).then_some(())?;
    (!results.is_empty()).then_some(Hit { rule: "fold", results })
}

/// Whether a constant instruction can carry these bits, and the bits are defined.
pub(crate) fn writable(ty: Type, bits: u128) -> bool {
    match ty {
        Type::I128 => i64::try_from(bits as i128).is_ok(),
        Type::F32 => !f32::from_bits(bits as u32).is_nan(),
        Type::F64 => !f64::from_bits(bits as u64).is_nan(),
        _ => true,
    }
}

fn unary(view: View, op: Opcode, ty: Type, a: Value) -> Option<Hit> {
    let shape = view.shape(a);
    let families = [arith::unary, bits::unary, convert::unary, float::unary];
    families.iter().find_map(|family| family(view, op, ty, a, shape))
}

fn binary(view: View, op: Opcode, ty: Type, a: Value, b: Value) -> Option<Hit> {
    let (left, right) = (view.shape(a), view.shape(b));
    if let (Shape::K(_), false) = (left, matches!(right, Shape::K(_))) {
        let mirrored = compare::mirrored(op).or(op.effects().has(pyexec_ir::Effects::COMMUTES).then_some(op));
        if let Some(op) = mirrored {
            return make("constant_right", op, ty, [old(b), old(a)]);
        }
    }
    let families = [
        arith::binary,
        bits::logic,
        bits::shift,
        checked::binary,
        compare::binary,
        convert::binary,
        float::binary,
    ];
    families.iter().find_map(|family| family(view, op, ty, (a, left), (b, right)))
}
