//! Comparisons and what depends on them: flags to a branch, a choice, a trap, or a value.
//!
//! ```text
//! v3 = slt.i64 v1, v2 ; br_if v3, b1, b2            cmp vr1, vr2 ; jl b1, b2
//! v5 = band.i32 v1, 8 ; v6 = eq.i32 v5, 0 ; ...     test vr1, 8 ; je
//! v3, v4 = sadd_overflow.i64 v1, v2 ; br_if v4 ...  add vr3(=vr1), vr2 ; jo
//! v3 = feq.f64 v1, v2 ; br_if v3, b1, b2            ucomisd vr1, vr2 ; jp|jne b2, b1
//! ```
//! A condition is at most two condition codes, of which any or all must hold: only float equality needs
//! two (SDM, UCOMISD: equal sets ZF, and so does unordered, with PF).

use super::operand::{cmov_to, imm32, int, put, rm_to, sunk_load, use_float_rm, use_rm, wide_width, width};
use super::{Cx, checked, wide};
use crate::inst::{Cc, Inst as Selected, MInst, Op, Rm, Width};
use pyexec_codegen::{MachBlock, Reg};
use pyexec_ir::{Imm, Inst, Opcode, TrapCode, Type, Value, ValueDef};

/// What to test in the flags.
#[derive(Clone, Copy, Debug)]
pub struct Cond {
    a: Cc,
    b: Cc,
    /// Whether both must hold; else any.
    all: bool,
}

impl Cond {
    /// One condition code.
    pub const fn one(cc: Cc) -> Self {
        Self { a: cc, b: cc, all: false }
    }
    const fn any(a: Cc, b: Cc) -> Self {
        Self { a, b, all: false }
    }
    const fn all(a: Cc, b: Cc) -> Self {
        Self { a, b, all: true }
    }
    fn is_one(self) -> bool {
        self.a == self.b
    }
    fn negate(self) -> Self {
        Self { a: self.a.negate(), b: self.b.negate(), all: !self.all && !self.is_one() }
    }
}

/// The condition code of an integer comparison.
fn int_cc(op: Opcode) -> Option<Cc> {
    Some(match op {
        Opcode::Eq => Cc::E,
        Opcode::Ne => Cc::Ne,
        Opcode::Slt => Cc::L,
        Opcode::Sle => Cc::Le,
        Opcode::Sgt => Cc::G,
        Opcode::Sge => Cc::Ge,
        Opcode::Ult => Cc::B,
        Opcode::Ule => Cc::Be,
        Opcode::Ugt => Cc::A,
        Opcode::Uge => Cc::Ae,
        _ => return None,
    })
}

/// Sets the flags by an integer comparison.
fn compare_ints(cx: &mut Cx<'_>, cc: Cc, a: Value, b: Value) -> Cond {
    if cx.func.ty(a) == Type::I128 {
        return Cond::one(wide::compare(cx, cc, a, b));
    }
    let (a, b, cc) = if cx.const_bits(a).is_some() { (b, a, cc.swap()) } else { (a, b, cc) };
    let width = width(cx.func.ty(a));
    match imm32(cx, b) {
        Some(0) => compare_zero(cx, a, width),
        Some(imm) => {
            let a = use_rm(cx, a);
            put(cx, MInst::new(Op::CmpMi, width).rm(a).imm(imm));
        }
        None if cx.sinkable_load(b).is_none() && cx.sinkable_load(a).is_some() => {
            let (a, b) = (use_rm(cx, a), cx.use_value(b));
            let op = if a.is_mem() { Op::CmpMr } else { Op::CmpRm };
            let (a, b, cc) = match a {
                Rm::Reg(a) => (b.into(), a, cc),
                Rm::Mem(_) => (a, b, cc),
            };
            put(cx, MInst::new(op, width).src(b).rm(a));
            return Cond::one(cc);
        }
        None => {
            let (b, a) = (use_rm(cx, b), cx.use_value(a));
            put(cx, MInst::new(Op::CmpRm, width).src(a).rm(b));
        }
    }
    Cond::one(cc)
}

/// Sets the flags by a comparison with zero.
fn compare_zero(cx: &mut Cx<'_>, a: Value, width: Width) {
    // x & y compared with 0
    if let Some(and) = cx.mergeable(a).filter(|i| cx.func.inst(*i).op == Opcode::Band) {
        let (x, y) = (cx.arg(and, 0), cx.arg(and, 1));
        return match imm32(cx, y) {
            Some(imm) => {
                let x = use_rm(cx, x);
                put(cx, MInst::new(Op::TestMi, width).rm(x).imm(imm));
            }
            None => {
                let (x, y) = (cx.use_value(x), cx.use_value(y));
                put(cx, MInst::new(Op::TestMr, width).src(x).rm(y));
            }
        };
    }
    match sunk_load(cx, a, Opcode::Load) {
        Some(mem) => put(cx, MInst::new(Op::CmpMi, width).rm(mem)),
        None => {
            let a = cx.use_value(a);
            put(cx, MInst::new(Op::TestMr, width).src(a).rm(a));
        }
    }
}

/// Sets the flags by a float comparison; nothing if `op` is none. The operands of "less" are exchanged:
/// the "above" conditions are false for unordered, the "below" conditions true.
fn compare_floats(cx: &mut Cx<'_>, op: Opcode, a: Value, b: Value) -> Option<Cond> {
    let (swap, cond) = match op {
        Opcode::Feq => (false, Cond::all(Cc::E, Cc::Np)),
        Opcode::Fne => (false, Cond::any(Cc::P, Cc::Ne)),
        Opcode::Flt => (true, Cond::one(Cc::A)),
        Opcode::Fle => (true, Cond::one(Cc::Ae)),
        Opcode::Fgt => (false, Cond::one(Cc::A)),
        Opcode::Fge => (false, Cond::one(Cc::Ae)),
        Opcode::Ford => (false, Cond::one(Cc::Np)),
        Opcode::Funo => (false, Cond::one(Cc::P)),
        _ => return None,
    };
    let (a, b) = if swap { (b, a) } else { (a, b) };
    let op = if cx.func.ty(a) == Type::F32 { Op::Ucomiss } else { Op::Ucomisd };
    let (rm, bits) = use_float_rm(cx, b);
    let a = cx.use_value(a);
    put(cx, MInst::new(op, Width::B64).src(a).rm(rm).imm(bits));
    Some(cond)
}

/// Sets the flags by a comparison instruction.
fn compare(cx: &mut Cx<'_>, inst: Inst) -> Option<Cond> {
    let op = cx.func.inst(inst).op;
    let args = cx.func.args(inst);
    let (&a, &b) = (args.first()?, args.get(1)?);
    match int_cc(op) {
        Some(cc) => Some(compare_ints(cx, cc, a, b)),
        None => compare_floats(cx, op, a, b),
    }
}

/// `x` for `x == 0` and `x ^ 1` where `x` is itself a comparison.
fn negated_operand(cx: &Cx<'_>, inst: Inst) -> Option<Value> {
    let is_compare = |v: Value| {
        let op = cx.func.inst(cx.func.def_inst(v)?).op;
        (int_cc(op).is_some() || op.info().name.starts_with('f')).then_some(())
    };
    let data = cx.func.inst(inst);
    let (args, zero_or_one) = (cx.func.args(inst), if data.op == Opcode::Eq { 0 } else { 1 });
    if !matches!(data.op, Opcode::Eq | Opcode::Bxor) || cx.const_bits(args[1]) != Some(zero_or_one) {
        return None;
    }
    (cx.func.ty(args[0]) == Type::I8 && is_compare(args[0]).is_some()).then_some(args[0])
}

/// Sets the flags by whether an `i8` is nonzero, merging what computes it.
pub fn condition(cx: &mut Cx<'_>, value: Value) -> Cond {
    let def = match cx.func.def(value) {
        ValueDef::Result(inst, index) if !cx.is_needed(value) => Some((inst, index)),
        _ => None,
    };
    match def {
        Some((inst, 1)) if checked::is_checked(cx, inst) && cx.can_move_here(inst) => {
            cx.sink(inst);
            return checked::with_flags(cx, inst);
        }
        Some((inst, 0)) => {
            if let Some(inner) = negated_operand(cx, inst) {
                return condition(cx, inner).negate();
            }
            if let Some(cond) = compare(cx, inst) {
                return cond;
            }
        }
        _ => {}
    }
    compare_zero(cx, value, Width::B8);
    Cond::one(Cc::Ne)
}

/// 0 or 1 from the flags. Does not change them.
pub fn set_to(cx: &mut Cx<'_>, dst: Reg, cond: Cond) {
    let set = |cx: &mut Cx<'_>, dst: Reg, cc: Cc| put(cx, MInst::new(Op::Set, Width::B64).dst(dst).cc(cc));
    if cond.is_one() {
        return set(cx, dst, cond.a);
    }
    let (x, y) = (int(cx), int(cx));
    set(cx, x, cond.a);
    set(cx, y, cond.b);
    rm_to(cx, if cond.all { Op::AndRm } else { Op::OrRm }, Width::B32, dst, x, y);
}

/// A comparison whose result is wanted as a value.
pub fn compare_to_value(cx: &mut Cx<'_>, inst: Inst) {
    let dst = cx.def_result(inst);
    if let Some(cond) = compare(cx, inst) {
        set_to(cx, dst, cond);
    }
}

/// Two-way branch.
pub fn branch(cx: &mut Cx<'_>, inst: Inst, then: MachBlock, other: MachBlock) {
    let cond = condition(cx, cx.arg(inst, 0));
    // "All hold" is "not any of the opposites".
    let (cond, then, other) = if cond.all { (cond.negate(), other, then) } else { (cond, then, other) };
    cx.emit(Selected::Jcc { any: [cond.a, cond.b], then, other });
}

/// Multi-way branch: the first target is the default.
pub fn br_table(cx: &mut Cx<'_>, inst: Inst, targets: &[MachBlock]) {
    if targets.len() == 1 {
        return cx.emit(Selected::Jmp(targets[0]));
    }
    let index = cx.use_value(cx.arg(inst, 0));
    let (table, offset) = (int(cx), int(cx));
    cx.emit(Selected::JumpTable { index, table, offset, targets: targets.into() });
}

/// A conditional trap.
pub fn trap_if(cx: &mut Cx<'_>, inst: Inst) {
    let Imm::Trap(code) = cx.func.inst(inst).imm else { return };
    let cond = condition(cx, cx.arg(inst, 0));
    trap_on(cx, cond, code);
}

/// Traps if the condition holds.
pub fn trap_on(cx: &mut Cx<'_>, cond: Cond, code: TrapCode) {
    if !cond.all {
        return cx.emit(Selected::TrapIf { any: [cond.a, cond.b], code });
    }
    let flag = int(cx);
    set_to(cx, flag, cond);
    put(cx, MInst::new(Op::TestMr, Width::B8).src(flag).rm(flag));
    cx.emit(Selected::TrapIf { any: [Cc::Ne; 2], code });
}

/// `dst = if cond { yes } else { no }`, one register of either class.
fn choose(cx: &mut Cx<'_>, cond: Cond, ty: Type, dst: Reg, yes: Reg, no: Reg) {
    let (cond, yes, no) = if cond.all { (cond.negate(), no, yes) } else { (cond, yes, no) };
    let step = |cx: &mut Cx<'_>, cc: Cc, dst: Reg, no: Reg| {
        if ty.is_float() {
            cx.emit(Selected::XmmSelect { cc, dst, same: no, other: yes });
        } else {
            cmov_to(cx, cc, wide_width(ty), dst, yes, no);
        }
    };
    if cond.is_one() {
        return step(cx, cond.a, dst, no);
    }
    let first = if ty.is_float() { super::operand::xmm(cx) } else { int(cx) };
    step(cx, cond.a, first, no);
    step(cx, cond.b, dst, first);
}

/// A choice between two values.
pub fn select(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let result = cx.func.first_result(inst).expect("invariant: select has a result");
    // Before the flags are set: constants may need an xor.
    let (yes, no) = (cx.use_values(cx.arg(inst, 1)), cx.use_values(cx.arg(inst, 2)));
    let dst = cx.def_values(result);
    let cond = condition(cx, cx.arg(inst, 0));
    choose(cx, cond, ty, dst.low(), yes.low(), no.low());
    if ty == Type::I128 {
        choose(cx, cond, ty, dst.high(), yes.high(), no.high());
    }
}

/// Integer minimum and maximum.
pub fn min_max(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let cc = match data.op {
        Opcode::Smin => Cc::L,
        Opcode::Smax => Cc::G,
        Opcode::Umin => Cc::B,
        _ => Cc::A,
    };
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let result = cx.func.first_result(inst).expect("invariant: a minimum has a result");
    let (x, y, dst) = (cx.use_values(a), cx.use_values(b), cx.def_values(result));
    if data.ty == Type::I128 {
        let cc = wide::compare_regs(cx, cc, x, y);
        cmov_to(cx, cc, Width::B64, dst.low(), x.low(), y.low());
        return cmov_to(cx, cc, Width::B64, dst.high(), x.high(), y.high());
    }
    put(cx, MInst::new(Op::CmpRm, width(data.ty)).src(x.only()).rm(y.only()));
    cmov_to(cx, cc, wide_width(data.ty), dst.only(), x.only(), y.only());
}
