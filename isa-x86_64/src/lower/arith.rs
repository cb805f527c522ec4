//! Integer arithmetic and logic up to 64 bits.
//!
//! Types below 32 bits are computed at 32: the low bits come out the same, and nothing is lost to
//! partial registers. Additions become `lea` where an operand lives on (two-address `add` would need a
//! copy) or where there is a scaled or constant part to add for nothing.

use super::Cx;
use super::memory::{scale_of, scaled};
use super::operand::{
    AND, Alu, OR, SUB, XOR, const_reg, imm32, int, mi_to, order_commutative, put, rm, rm_to, unary, unary_to,
    use_rm_wide, wide_width, width,
};
use super::wide;
use crate::inst::{Amode, Base, MInst, Op, Width, zero_extend_32};
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, Type, Value};

/// `dst = &mem` at the width of the sum.
fn lea(cx: &mut Cx<'_>, width: Width, dst: Reg, mem: Amode) {
    put(cx, MInst::new(Op::Lea, width).dst(dst).rm(mem));
}

/// Sums.
pub fn iadd(cx: &mut Cx<'_>, inst: Inst) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (a, b) = if imm32(cx, a).is_some() { (b, a) } else { (a, b) };
    let dst = cx.def_result(inst);
    if let Some(imm) = imm32(cx, b) {
        return add_constant(cx, dst, a, imm as i32);
    }
    let width = wide_width(cx.func.ty(a));
    let has_scale = |cx: &Cx<'_>, v: Value| scale_of(cx, v).is_some() && cx.used_once(v);
    let (a, b) = if has_scale(cx, a) { (b, a) } else { (a, b) };
    if has_scale(cx, b) {
        // x + y * scale, x + c + y * scale
        let (base, disp) = constant_part(cx, a);
        let (index, shift) = scaled(cx, b);
        let base = cx.use_value(base);
        return lea(cx, width, dst, Amode::indexed(base, index, shift, disp));
    }
    let (a, b) = order_commutative(cx, a, b);
    if cx.is_needed(a) && cx.is_needed(b) {
        // Both live on: a third register without a copy.
        let (base, index) = (cx.use_value(a), cx.use_value(b));
        return lea(cx, width, dst, Amode::indexed(base, index, 0, 0));
    }
    let src = cx.use_value(a);
    let other = use_rm_wide(cx, b);
    rm_to(cx, Op::AddRm, width, dst, src, other);
}

/// `x + c` for nobody else: `x` and `c`.
fn constant_part(cx: &Cx<'_>, value: Value) -> (Value, i32) {
    let part = || {
        let add = cx.mergeable(value).filter(|i| cx.func.inst(*i).op == Opcode::Iadd)?;
        Some((cx.arg(add, 0), imm32(cx, cx.arg(add, 1))? as i32))
    };
    part().unwrap_or((value, 0))
}

fn add_constant(cx: &mut Cx<'_>, dst: Reg, a: Value, imm: i32) {
    let width = wide_width(cx.func.ty(a));
    let merged = cx.mergeable(a).map(|i| (i, cx.func.inst(i).op));
    match merged {
        // x + y + c
        Some((add, Opcode::Iadd)) if imm32(cx, cx.arg(add, 1)).is_none() => {
            let (index, shift) = scaled(cx, cx.arg(add, 1));
            let base = cx.use_value(cx.arg(add, 0));
            lea(cx, width, dst, Amode::indexed(base, index, shift, imm));
        }
        // x * scale + c
        Some((_, Opcode::Shl)) if scale_of(cx, a).is_some_and(|s| s.1 > 1) => {
            let (index, shift) = scaled(cx, a);
            lea(cx, width, dst, Amode { index, shift, ..Amode::new(Base::None, imm) });
        }
        _ if cx.is_needed(a) => {
            let base = cx.use_value(a);
            lea(cx, width, dst, Amode::reg(base, imm));
        }
        _ => {
            let src = cx.use_value(a);
            mi_to(cx, Op::AddMi, width, dst, src, imm.into());
        }
    }
}

/// Differences.
pub fn isub(cx: &mut Cx<'_>, inst: Inst) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let dst = cx.def_result(inst);
    if let Some(imm) = imm32(cx, b).and_then(|imm| i32::try_from(-imm).ok()) {
        return add_constant(cx, dst, a, imm);
    }
    let width = wide_width(cx.func.ty(a));
    if cx.const_bits(a) == Some(0) {
        let src = cx.use_value(b);
        return unary_to(cx, Op::Neg, width, dst, src);
    }
    let src = cx.use_value(a);
    let other = use_rm_wide(cx, b);
    rm_to(cx, SUB.rm, width, dst, src, other);
}

/// And, or, exclusive or.
pub fn logic(cx: &mut Cx<'_>, inst: Inst) {
    let op = cx.func.inst(inst).op;
    let alu = match op {
        Opcode::Band => AND,
        Opcode::Bor => OR,
        _ => XOR,
    };
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (a, b) = if cx.const_bits(a).is_some() { (b, a) } else { (a, b) };
    let dst = cx.def_result(inst);
    if let Some(bits) = cx.const_bits(b)
        && logic_constant(cx, op, alu, dst, a, bits as u64)
    {
        return;
    }
    if op == Opcode::Band && and_not(cx, dst, a, b) {
        return;
    }
    let width = wide_width(cx.func.ty(a));
    let (a, b) = order_commutative(cx, a, b);
    let src = cx.use_value(a);
    let other = use_rm_wide(cx, b);
    rm_to(cx, alu.rm, width, dst, src, other);
}

/// A constant operand; false if it needs a register.
fn logic_constant(cx: &mut Cx<'_>, op: Opcode, alu: Alu, dst: Reg, a: Value, bits: u64) -> bool {
    let ty = cx.func.ty(a);
    let width = wide_width(ty);
    let signed = (bits << (64 - ty.bits())) as i64 >> (64 - ty.bits());
    match (op, bits) {
        // The low byte, word, half: a move that extends.
        (Opcode::Band, 0xff) => {
            let src = cx.use_value(a);
            unary_to(cx, Op::MovzxB, Width::B32, dst, src);
        }
        (Opcode::Band, 0xffff) => {
            let src = cx.use_value(a);
            unary_to(cx, Op::MovzxW, Width::B32, dst, src);
        }
        (Opcode::Band, 0xffff_ffff) if ty == Type::I64 => {
            let src = cx.use_value(a);
            put(cx, zero_extend_32(dst, src));
        }
        // A mask without upper half: the 32-bit form clears it anyway.
        (Opcode::Band, 0..=0xffff_ffff) => {
            let src = cx.use_value(a);
            mi_to(cx, alu.mi, Width::B32, dst, src, bits as i32 as i64);
        }
        (Opcode::Bxor, _) if signed == -1 => {
            let src = cx.use_value(a);
            unary_to(cx, Op::Not, width, dst, src);
        }
        _ if i32::try_from(signed).is_ok() => {
            let src = cx.use_value(a);
            mi_to(cx, alu.mi, width, dst, src, signed);
        }
        _ => return false,
    }
    true
}

/// `x & !y` where there is one instruction for it.
fn and_not(cx: &mut Cx<'_>, dst: Reg, a: Value, b: Value) -> bool {
    if !cx.isa.cpu().bmi1 {
        return false;
    }
    let is_not = |cx: &Cx<'_>, v: Value| cx.mergeable(v).filter(|i| cx.func.inst(*i).op == Opcode::Bnot);
    let found = is_not(cx, b).map(|i| (a, i)).or_else(|| is_not(cx, a).map(|i| (b, i)));
    let Some((plain, not)) = found else { return false };
    let inverted = cx.use_value(cx.arg(not, 0));
    let plain = cx.use_value(plain);
    let width = wide_width(cx.func.ty(a));
    put(cx, MInst::new(Op::Andn, width).dst(dst).src(inverted).rm(plain));
    true
}

/// Negation and complement.
pub fn negate(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    if data.ty == Type::I128 {
        return wide::unary(cx, inst);
    }
    let dst = cx.def_result(inst);
    let src = cx.use_value(cx.arg(inst, 0));
    let op = if data.op == Opcode::Ineg { Op::Neg } else { Op::Not };
    unary_to(cx, op, wide_width(data.ty), dst, src);
}

/// Low half of the product.
pub fn imul(cx: &mut Cx<'_>, inst: Inst) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (a, b) = if cx.const_bits(a).is_some() { (b, a) } else { (a, b) };
    let dst = cx.def_result(inst);
    if let Some(by) = cx.const_int(b) {
        return multiply_constant(cx, dst, a, b, by);
    }
    let width = wide_width(cx.func.ty(a));
    let (a, b) = order_commutative(cx, a, b);
    let src = cx.use_value(a);
    let other = use_rm_wide(cx, b);
    rm_to(cx, Op::ImulRm, width, dst, src, other);
}

/// Powers of two by shift, 3 5 9 by lea, else imul with an immediate.
fn multiply_constant(cx: &mut Cx<'_>, dst: Reg, a: Value, b: Value, by: i64) {
    let ty = cx.func.ty(a);
    let width = wide_width(ty);
    match by {
        -1 => {
            let src = cx.use_value(a);
            unary_to(cx, Op::Neg, width, dst, src);
        }
        3 | 5 | 9 => {
            let src = cx.use_value(a);
            let shift = (by - 1).trailing_zeros() as u8;
            lea(cx, width, dst, Amode::indexed(src, src, shift, 0));
        }
        _ if by > 0 && by.count_ones() == 1 => {
            let src = cx.use_value(a);
            mi_to(cx, Op::ShlMi, width, dst, src, by.trailing_zeros().into());
        }
        _ if i32::try_from(by).is_ok() => {
            let src = use_rm_wide(cx, a);
            put(cx, MInst::new(Op::ImulRmi, width).dst(dst).rm(src).imm(by));
        }
        _ => {
            let (src, other) = (cx.use_value(a), cx.use_value(b));
            rm_to(cx, Op::ImulRm, width, dst, src, other);
        }
    }
}

/// A value of at most 64 bits widened to a register of `to` bits.
pub fn extend(cx: &mut Cx<'_>, value: Value, signed: bool, to: Width) -> Reg {
    let ty = cx.func.ty(value);
    if let Some(int) = cx.const_int(value) {
        return const_reg(cx, if signed { int } else { int & ty.mask() as i64 });
    }
    let src = cx.use_value(value);
    extend_reg(cx, src, width(ty), signed, to)
}

/// The low bits of a register widened to a register of `to` bits.
pub fn extend_reg(cx: &mut Cx<'_>, src: Reg, from: Width, signed: bool, to: Width) -> Reg {
    if from >= to {
        return src;
    }
    match (from, signed) {
        (Width::B8, false) => unary(cx, Op::MovzxB, Width::B32, src),
        (Width::B16, false) => unary(cx, Op::MovzxW, Width::B32, src),
        (_, false) => unary(cx, Op::MovRm, Width::B32, src),
        (Width::B8, true) => unary(cx, Op::MovsxB, to.at_least_32(), src),
        (Width::B16, true) => unary(cx, Op::MovsxW, to.at_least_32(), src),
        (_, true) => unary(cx, Op::Movsxd, Width::B64, src),
    }
}

/// High half of the product: one-operand multiplication at 64 bits, else a wider product.
pub fn multiply_high(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let signed = data.op == Opcode::Smulhi;
    let dst = cx.def_result(inst);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    if data.ty == Type::I64 {
        let (a, b) = (cx.use_value(a), cx.use_value(b));
        let low = int(cx);
        let op = if signed { Op::Imul } else { Op::Mul };
        return put(cx, MInst::new(op, Width::B64).dst(low).dst2(dst).src(a).rm(b));
    }
    let wide = if data.ty == Type::I32 { Width::B64 } else { Width::B32 };
    let (x, y) = (extend(cx, a, signed, wide), extend(cx, b, signed, wide));
    let product = rm(cx, Op::ImulRm, wide, x, y);
    let shift = if signed { Op::SarMi } else { Op::ShrMi };
    mi_to(cx, shift, wide, dst, product, data.ty.bits().into());
}
