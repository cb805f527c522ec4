//! Comparisons and what depends on them: a test to a branch, a choice, a trap, or a value.
//!
//! ```text
//! v3 = slt.i64 v1, v2 ; br_if v3, b1, b2            cmp vr1, vr2 ; b.lt b1, b2
//! v6 = eq.i64 v5, 0 ; br_if v6, b1, b2              cbz vr5, b1, b2
//! v5 = band.i32 v1, 8 ; v6 = ne.i32 v5, 0 ; br_if   tbnz vr1, #3
//! v6 = slt.i64 v5, 0 ; br_if v6, b1, b2             tbnz vr5, #63
//! v3, v4 = sadd_overflow.i64 v1, v2 ; br_if v4 ...  adds vr3, vr1, vr2 ; b.vs
//! v3 = flt.f64 v1, v2 ; br_if v3, b1, b2            fcmp vr1, vr2 ; b.mi b1, b2
//! ```
//! Every comparison, of floats too, is one condition with an opposite: an unordered comparison sets C and
//! V alone (Arm ARM, FPCompare), so `mi` and `ls` are "less" and "less or equal" that fail for NaN.

use super::arith::extend;
use super::operand::{
    ANDS, SUBS, alu_to, cmp, cmp_imm, csel_to, cset_to, extract_to, int, is_flexible, merge_op, put, rri,
    second, use_or_zero, width,
};
use super::{Cx, checked, wide};
use crate::encode::immediate::{encode_imm12, encode_logical};
use crate::inst::{Cc, Extend, Inst as Selected, MInst, Op, Test, Width};
use crate::regs::{SP_REG, ZR_REG};
use pyexec_codegen::{MachBlock, Reg};
use pyexec_ir::{Imm, Inst, Opcode, TrapCode, Type, Value, ValueDef};

/// The condition of an integer comparison, and whether it is one of signed numbers.
fn int_cc(op: Opcode) -> Option<(Cc, bool)> {
    Some(match op {
        Opcode::Eq => (Cc::Eq, false),
        Opcode::Ne => (Cc::Ne, false),
        Opcode::Slt => (Cc::Lt, true),
        Opcode::Sle => (Cc::Le, true),
        Opcode::Sgt => (Cc::Gt, true),
        Opcode::Sge => (Cc::Ge, true),
        Opcode::Ult => (Cc::Lo, false),
        Opcode::Ule => (Cc::Ls, false),
        Opcode::Ugt => (Cc::Hi, false),
        Opcode::Uge => (Cc::Hs, false),
        _ => return None,
    })
}

/// A comparison with zero that needs no flags.
fn zero_test(cx: &mut Cx<'_>, cc: Cc, a: Value) -> Option<Test> {
    let ty = cx.func.ty(a);
    let sign = ty.bits() as u8 - 1;
    match cc {
        Cc::Lt | Cc::Ge => Some(Test::Bit { reg: cx.use_value(a), bit: sign, set: cc == Cc::Lt }),
        Cc::Eq | Cc::Ne => Some(nonzero(cx, a, cc == Cc::Eq)),
        _ => None,
    }
}

/// Whether a value is zero, or not: a single bit of it, some bits, or all.
fn nonzero(cx: &mut Cx<'_>, value: Value, zero: bool) -> Test {
    let ty = cx.func.ty(value);
    let mask = ty.mask() as u64;
    if let Some(and) = merge_op(cx, value, Opcode::Band) {
        let (x, y) = (cx.arg(and, 0), cx.arg(and, 1));
        match cx.const_bits(y).map(|bits| bits as u64 & mask) {
            Some(bits) if bits.is_power_of_two() => {
                let reg = cx.use_value(x);
                return Test::Bit { reg, bit: bits.trailing_zeros() as u8, set: !zero };
            }
            Some(bits) if encode_logical(bits, width(ty).bits()).is_some() => {
                let reg = cx.use_value(x);
                rri(cx, Op::AndsI, width(ty), ZR_REG, reg, bits as i64);
                return Test::Flags(if zero { Cc::Eq } else { Cc::Ne });
            }
            None if ty.bits() >= 32 => {
                let rm = second(cx, y, false);
                let rn = cx.use_value(x);
                alu_to(cx, ANDS, width(ty), ZR_REG, rn, rm);
                return Test::Flags(if zero { Cc::Eq } else { Cc::Ne });
            }
            _ => {}
        }
    }
    let reg = cx.use_value(value);
    if ty.bits() >= 32 || super::arith::is_clean(cx, value) {
        return Test::Zero { reg, width: width(ty), zero };
    }
    rri(cx, Op::AndsI, Width::W32, ZR_REG, reg, mask as i64);
    Test::Flags(if zero { Cc::Eq } else { Cc::Ne })
}

/// Prepares an integer comparison.
fn compare_ints(cx: &mut Cx<'_>, (cc, signed): (Cc, bool), a: Value, b: Value) -> Test {
    let ty = cx.func.ty(a);
    if ty == Type::I128 {
        return Test::Flags(wide::compare(cx, cc, a, b));
    }
    let swap = cx.const_bits(a).is_some() || is_flexible(cx, a, true) && !is_flexible(cx, b, true);
    let (a, b, cc) = if swap { (b, a, cc.swap()) } else { (a, b, cc) };
    let width = width(ty);
    if let Some(constant) = cx.const_int(b) {
        if constant == 0
            && let Some(test) = zero_test(cx, cc, a)
        {
            return test;
        }
        let a = extend(cx, a, signed, width);
        // The register is compared whole: the constant is extended in the same way.
        let constant = if signed || ty.bits() >= 32 { constant } else { constant & ty.mask() as i64 };
        compare_constant(cx, width, a, constant, b);
        return Test::Flags(cc);
    }
    if ty.bits() < 32 {
        let a = extend(cx, a, signed, width);
        let b = cx.use_value(b);
        let extension = Extend::from(ty.bits(), signed);
        put(cx, MInst::new(Op::SubsX, width).rd(ZR_REG).rn(a).rm(b).extend(extension, 0));
        return Test::Flags(cc);
    }
    if let Some(sp) = sunk_stack_ptr(cx, a) {
        let b = cx.use_value(b);
        put(cx, MInst::new(Op::SubsX, width).rd(ZR_REG).rn(sp).rm(b).extend(Extend::Uxtx, 0));
        return Test::Flags(cc);
    }
    let rm = second(cx, b, true);
    let rn = cx.use_value(a);
    alu_to(cx, SUBS, width, ZR_REG, rn, rm);
    Test::Flags(cc)
}

/// The stack pointer itself, if that is what the value is and nobody else wants it.
fn sunk_stack_ptr(cx: &mut Cx<'_>, value: Value) -> Option<Reg> {
    let inst = cx.def_as(value, Opcode::StackPtr)?;
    let here = cx.sinkable_load(value)? == inst && !cx.is_needed(value);
    here.then(|| {
        cx.sink(inst);
        cx.frame.exact_sp = true;
        SP_REG
    })
}

/// Compares with a constant: as an immediate, negated by an addition, or in a register.
fn compare_constant(cx: &mut Cx<'_>, width: Width, a: Reg, constant: i64, value: Value) {
    if encode_imm12(constant).is_some() {
        return cmp_imm(cx, width, a, constant);
    }
    // a - c and a + -c set the same flags unless c is zero or the least integer.
    if let Some(negated) = constant.checked_neg().filter(|n| encode_imm12(*n).is_some()) {
        return rri(cx, Op::AddsI, width, ZR_REG, a, negated);
    }
    let exact = cx.func.ty(value).bits() >= 32;
    let b = if exact { use_or_zero(cx, value) } else { super::operand::const_reg(cx, constant) };
    cmp(cx, width, a, b);
}

/// Sets the flags by a float comparison.
fn compare_floats(cx: &mut Cx<'_>, op: Opcode, a: Value, b: Value) -> Option<Test> {
    let cc = match op {
        Opcode::Feq => Cc::Eq,
        Opcode::Fne => Cc::Ne,
        Opcode::Flt => Cc::Mi,
        Opcode::Fle => Cc::Ls,
        Opcode::Fgt => Cc::Gt,
        Opcode::Fge => Cc::Ge,
        Opcode::Ford => Cc::Vc,
        Opcode::Funo => Cc::Vs,
        _ => return None,
    };
    let width = width(cx.func.ty(a));
    let inst = if cx.const_bits(b) == Some(0) {
        MInst::new(Op::FcmpZ, width).rn(cx.use_value(a))
    } else {
        MInst::new(Op::Fcmp, width).rm(cx.use_value(b)).rn(cx.use_value(a))
    };
    put(cx, inst);
    Some(Test::Flags(cc))
}

/// Prepares a comparison instruction.
fn compare(cx: &mut Cx<'_>, inst: Inst) -> Option<Test> {
    let op = cx.func.inst(inst).op;
    let args = cx.func.args(inst);
    let (&a, &b) = (args.first()?, args.get(1)?);
    match int_cc(op) {
        Some(cc) => Some(compare_ints(cx, cc, a, b)),
        None => compare_floats(cx, op, a, b),
    }
}

fn is_compare(op: Opcode) -> bool {
    use Opcode::*;
    int_cc(op).is_some() || matches!(op, Feq | Fne | Flt | Fle | Fgt | Fge | Ford | Funo)
}

/// `x` for `x == 0` and `x ^ 1` where `x` is itself a comparison.
fn negated_operand(cx: &Cx<'_>, inst: Inst) -> Option<Value> {
    let data = cx.func.inst(inst);
    let args = cx.func.args(inst);
    let zero_or_one = if data.op == Opcode::Eq { 0 } else { 1 };
    if !matches!(data.op, Opcode::Eq | Opcode::Bxor) || cx.const_bits(args[1]) != Some(zero_or_one) {
        return None;
    }
    let inner = cx.func.inst(cx.func.def_inst(args[0])?).op;
    (cx.func.ty(args[0]) == Type::I8 && is_compare(inner)).then_some(args[0])
}

/// The test of whether an `i8` is nonzero, merging what computes it.
pub fn condition(cx: &mut Cx<'_>, value: Value) -> Test {
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
            if let Some(test) = compare(cx, inst) {
                return test;
            }
        }
        _ => {}
    }
    nonzero(cx, value, false)
}

/// The test as a condition on the flags.
pub fn flags(cx: &mut Cx<'_>, test: Test) -> Cc {
    match test {
        Test::Flags(cc) => cc,
        Test::Zero { reg, width, zero } => {
            cmp_imm(cx, width, reg, 0);
            if zero { Cc::Eq } else { Cc::Ne }
        }
        Test::Bit { reg, bit, set } => {
            rri(cx, Op::AndsI, Width::W64, ZR_REG, reg, 1 << bit);
            if set { Cc::Ne } else { Cc::Eq }
        }
    }
}

/// 0 or 1 from a test.
pub fn set_to(cx: &mut Cx<'_>, dst: Reg, test: Test) {
    match test {
        // The bit itself.
        Test::Bit { reg, bit, set: true } => {
            extract_to(cx, false, Width::for_bits(u32::from(bit) + 1), dst, reg, bit.into(), 1);
        }
        _ => {
            let cc = flags(cx, test);
            cset_to(cx, cc, dst);
        }
    }
}

/// A comparison whose result is wanted as a value.
pub fn compare_to_value(cx: &mut Cx<'_>, inst: Inst) {
    let dst = cx.def_result(inst);
    if let Some(test) = compare(cx, inst) {
        set_to(cx, dst, test);
    }
}

/// Two-way branch.
pub fn branch(cx: &mut Cx<'_>, inst: Inst, then: MachBlock, other: MachBlock) {
    let test = condition(cx, cx.arg(inst, 0));
    cx.emit(Selected::Br { test, then, other });
}

/// Multi-way branch: the first target is the default.
pub fn br_table(cx: &mut Cx<'_>, inst: Inst, targets: &[MachBlock]) {
    if targets.len() == 1 {
        return cx.emit(Selected::Jmp(targets[0]));
    }
    let index = cx.use_value(cx.arg(inst, 0));
    cx.emit(Selected::JumpTable { index, targets: targets.into() });
}

/// A conditional trap.
pub fn trap_if(cx: &mut Cx<'_>, inst: Inst) {
    let Imm::Trap(code) = cx.func.inst(inst).imm else { return };
    let test = condition(cx, cx.arg(inst, 0));
    trap_on(cx, test, code);
}

/// Traps if the test holds.
pub fn trap_on(cx: &mut Cx<'_>, test: Test, code: TrapCode) {
    cx.emit(Selected::TrapIf { test, code });
}

/// A choice between two values. Between the constants 1 and 0, -1 and 0 the condition itself is the value.
pub fn select(cx: &mut Cx<'_>, inst: Inst) {
    let ty = cx.func.inst(inst).ty;
    let result = cx.func.first_result(inst).expect("invariant: select has a result");
    let (yes, no) = (cx.arg(inst, 1), cx.arg(inst, 2));
    let dst = cx.def_values(result);
    if ty.is_float() {
        let (yes, no) = (cx.use_value(yes), cx.use_value(no));
        let cc = select_flags(cx, inst, false);
        return put(cx, MInst::new(Op::Fcsel, width(ty)).rd(dst.only()).rn(yes).rm(no).cc(cc));
    }
    if ty == Type::I128 {
        let (yes, no) = (cx.use_values(yes), cx.use_values(no));
        let test = condition(cx, cx.arg(inst, 0));
        let cc = flags(cx, test);
        csel_to(cx, cc, Width::W64, dst.low(), yes.low(), no.low());
        return csel_to(cx, cc, Width::W64, dst.high(), yes.high(), no.high());
    }
    select_int(cx, inst, ty, dst.only(), yes, no);
}

/// The condition of a choice, or its opposite. If the instruction above is another choice by the same comparison,
/// the flags are still those that it has tested: then nothing is emitted.
fn select_flags(cx: &mut Cx<'_>, inst: Inst, negate: bool) -> Cc {
    let cond = cx.arg(inst, 0);
    let shared = cx.above().filter(|above| leaves_flags(cx, *above, cond));
    let start = cx.mark();
    let test = condition(cx, cond);
    let cc = flags(cx, if negate { test.negate() } else { test });
    if shared.is_some() {
        cx.drop_since(start);
    }
    cc
}

/// Whether a choice that will be selected next, above, tests this comparison of registers or constants and
/// leaves the flags.
fn leaves_flags(cx: &Cx<'_>, above: Inst, cond: Value) -> bool {
    let data = cx.func.inst(above);
    let result = cx.func.first_result(above);
    let constants = [1, 2].map(|i| cx.func.args(above).get(i).is_some_and(|v| cx.const_bits(*v).is_some()));
    let plain = |inst: Inst| {
        let is_alone = |v: &Value| cx.func.ty(*v).bits() >= 32 && cx.mergeable(*v).is_none();
        is_compare(cx.func.inst(inst).op) && cx.func.args(inst).iter().all(is_alone)
    };
    data.op == Opcode::Select
        && cx.arg(above, 0) == cond
        && data.ty != Type::I128
        && constants != [true, true]
        && result.is_some_and(|r| cx.is_needed(r))
        && !cx.is_needed(cond)
        && cx.func.def_inst(cond).is_some_and(plain)
}

fn select_int(cx: &mut Cx<'_>, inst: Inst, ty: Type, dst: Reg, yes: Value, no: Value) {
    let (width, cond) = (width(ty), cx.arg(inst, 0));
    let constants = (cx.const_int(yes), cx.const_int(no));
    if let (Some(1), Some(0)) | (Some(0), Some(1)) = constants {
        let test = condition(cx, cond);
        return set_to(cx, dst, if constants.0 == Some(1) { test } else { test.negate() });
    }
    // One more than the other choice: csinc.
    let one_more = |cx: &Cx<'_>, v: Value| {
        let add = merge_op(cx, v, Opcode::Iadd)?;
        (cx.const_int(cx.arg(add, 1)) == Some(1)).then(|| cx.arg(add, 0))
    };
    let (op, yes, no, negate) = match (constants, one_more(cx, no), one_more(cx, yes)) {
        ((Some(-1), Some(0)), ..) => (Op::Csinv, no, no, true),
        ((Some(0), Some(-1)), ..) => (Op::Csinv, yes, yes, false),
        (_, Some(base), _) => (Op::Csinc, yes, base, false),
        (_, _, Some(base)) => (Op::Csinc, no, base, true),
        _ => (Op::Csel, yes, no, false),
    };
    let (yes, no) = (use_or_zero(cx, yes), use_or_zero(cx, no));
    let cc = select_flags(cx, inst, negate);
    put(cx, MInst::new(op, width).rd(dst).rn(yes).rm(no).cc(cc));
}

/// Integer minimum and maximum.
pub fn min_max(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (cc, signed) = match data.op {
        Opcode::Smin => (Cc::Lt, true),
        Opcode::Smax => (Cc::Gt, true),
        Opcode::Umin => (Cc::Lo, false),
        _ => (Cc::Hi, false),
    };
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let result = cx.func.first_result(inst).expect("invariant: a minimum has a result");
    let dst = cx.def_values(result);
    if data.ty == Type::I128 {
        let (x, y) = (cx.use_values(a), cx.use_values(b));
        let cc = wide::compare_regs(cx, cc, x, y);
        csel_to(cx, cc, Width::W64, dst.low(), x.low(), y.low());
        return csel_to(cx, cc, Width::W64, dst.high(), x.high(), y.high());
    }
    let width = width(data.ty);
    let (x, y) = (extend(cx, a, signed, width), extend(cx, b, signed, width));
    cmp(cx, width, x, y);
    csel_to(cx, cc, width, dst.only(), x, y);
}

/// A register with a test's 0 or 1.
pub fn set(cx: &mut Cx<'_>, test: Test) -> Reg {
    let dst = int(cx);
    set_to(cx, dst, test);
    dst
}
