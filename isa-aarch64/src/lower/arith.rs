//! Integer arithmetic and logic up to 64 bits.
//!
//! Types below 32 bits are computed at 32: the low bits come out the same. A product that only serves a
//! sum becomes a multiply-add; a shift or an extension that only serves an operand becomes part of it.

use super::Cx;
use super::operand::{
    ADD, AND, Alu, OR, SUB, Second, XOR, alu_to, asr, const_reg, copy_to, extract, extract_to, imm12, int,
    is_flexible, logical_imm, lsl_to, lsr, merge_op, put, rri, rrr, second, use_or_zero, width,
};
use super::wide;
use crate::inst::{MInst, Op, Shift, Width};
use crate::regs::ZR_REG;
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, Type, Value};

/// Sums.
pub fn iadd(cx: &mut Cx<'_>, inst: Inst) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (a, b) = if cx.const_bits(a).is_some() { (b, a) } else { (a, b) };
    let dst = cx.def_result(inst);
    let width = width(cx.func.ty(a));
    if let Some((imm, negated)) = imm12(cx, b) {
        let rn = cx.use_value(a);
        return rri(cx, if negated { Op::SubI } else { Op::AddI }, width, dst, rn, imm);
    }
    for (x, y) in [(a, b), (b, a)] {
        if let Some(mul) = merge_op(cx, y, Opcode::Imul) {
            return multiply_add(cx, Op::Madd, width, dst, mul, x);
        }
    }
    let swap = is_flexible(cx, a, true) && !is_flexible(cx, b, true);
    let (a, b) = if swap { (b, a) } else { (a, b) };
    let rm = second(cx, b, true);
    let rn = cx.use_value(a);
    alu_to(cx, ADD, width, dst, rn, rm);
}

/// `dst = acc + x * y` or `acc - x * y`.
fn multiply_add(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, mul: Inst, acc: Value) {
    let (x, y) = (cx.use_value(cx.arg(mul, 0)), cx.use_value(cx.arg(mul, 1)));
    let acc = use_or_zero(cx, acc);
    put_multiply(cx, op, width, dst, x, y, acc);
}

fn put_multiply(cx: &mut Cx<'_>, op: Op, width: Width, dst: Reg, x: Reg, y: Reg, acc: Reg) {
    cx.emit(MInst::new(op, width).rd(dst).rn(x).rm(y).ra(acc).into());
}

/// `new = x * y`, at this width.
pub fn multiply(cx: &mut Cx<'_>, width: Width, x: Reg, y: Reg) -> Reg {
    let dst = int(cx);
    multiply_to(cx, width, dst, x, y);
    dst
}

/// `dst = x * y`, at this width.
pub fn multiply_to(cx: &mut Cx<'_>, width: Width, dst: Reg, x: Reg, y: Reg) {
    put_multiply(cx, Op::Madd, width, dst, x, y, ZR_REG);
}

/// The 64-bit product of two 32-bit registers.
pub fn multiply_long(cx: &mut Cx<'_>, signed: bool, dst: Reg, x: Reg, y: Reg) {
    let op = if signed { Op::Smaddl } else { Op::Umaddl };
    put_multiply(cx, op, Width::W64, dst, x, y, ZR_REG);
}

/// Differences.
pub fn isub(cx: &mut Cx<'_>, inst: Inst) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let dst = cx.def_result(inst);
    let width = width(cx.func.ty(a));
    if let Some((imm, negated)) = imm12(cx, b) {
        let rn = cx.use_value(a);
        return rri(cx, if negated { Op::AddI } else { Op::SubI }, width, dst, rn, imm);
    }
    if let Some(mul) = merge_op(cx, b, Opcode::Imul) {
        return multiply_add(cx, Op::Msub, width, dst, mul, a);
    }
    // The zero register is no operand of the extended form: there it is the stack pointer.
    let zero = cx.const_bits(a) == Some(0);
    let rm = second(cx, b, !zero);
    let rn = use_or_zero(cx, a);
    alu_to(cx, SUB, width, dst, rn, rm);
}

/// The forms of and, or, exclusive or; with the second operand inverted.
fn logic_forms(op: Opcode) -> (Alu, Op) {
    match op {
        Opcode::Band => (AND, Op::Bic),
        Opcode::Bor => (OR, Op::Orn),
        _ => (XOR, Op::Eon),
    }
}

/// And, or, exclusive or.
pub fn logic(cx: &mut Cx<'_>, inst: Inst) {
    let (alu, inverted) = logic_forms(cx.func.inst(inst).op);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (a, b) = if cx.const_bits(a).is_some() { (b, a) } else { (a, b) };
    let dst = cx.def_result(inst);
    let ty = cx.func.ty(a);
    let width = width(ty);
    if let Some(bits) = cx.const_bits(b) {
        if alu.imm == Op::AndI && field(cx, width, dst, a, bits as u64) {
            return;
        }
        let rn = cx.use_value(a);
        return logic_constant(cx, alu, ty, dst, rn, bits as u64);
    }
    for (x, y) in [(a, b), (b, a)] {
        if let Some(not) = merge_op(cx, y, Opcode::Bnot) {
            let rm = second(cx, cx.arg(not, 0), false);
            let rn = cx.use_value(x);
            return alu_to(cx, Alu { reg: inverted, ..alu }, width, dst, rn, rm);
        }
    }
    let (a, b) = if is_flexible(cx, a, false) { (b, a) } else { (a, b) };
    let rm = second(cx, b, false);
    let rn = cx.use_value(a);
    alu_to(cx, alu, width, dst, rn, rm);
}

/// `(x << by) & mask` and `(x >> by) & mask` of low bits, as one bit-field move (Arm ARM C6.2.429).
fn field(cx: &mut Cx<'_>, width: Width, dst: Reg, shifted: Value, mask: u64) -> bool {
    let ty = cx.func.ty(shifted);
    let mask = mask & ty.mask() as u64;
    let len = mask.trailing_ones();
    let low = len > 0 && mask.checked_add(1).is_some_and(u64::is_power_of_two);
    let is_shift = |i: &Inst| matches!(cx.func.inst(*i).op, Opcode::Shl | Opcode::Lshr | Opcode::Ashr);
    let Some(shift) = cx.mergeable(shifted).filter(is_shift).filter(|_| low) else {
        return false;
    };
    let (x, by) = (cx.arg(shift, 0), cx.arg(shift, 1));
    let Some(by) = cx.const_bits(by).map(|by| (by % u128::from(ty.bits())) as u32) else { return false };
    match cx.func.inst(shift).op {
        Opcode::Shl if by > 0 && by < len => {
            let (rn, rotation) = (cx.use_value(x), width.bits() - by);
            let top = i64::from(len - by - 1);
            put(cx, MInst::new(Op::Ubfm, width).rd(dst).rn(rn).amt(rotation as u8).imm(top));
            true
        }
        _ if cx.func.inst(shift).op != Opcode::Shl && by + len <= ty.bits() => {
            let rn = cx.use_value(x);
            extract_to(cx, false, width, dst, rn, by, len);
            true
        }
        _ => false,
    }
}

fn logic_constant(cx: &mut Cx<'_>, alu: Alu, ty: Type, dst: Reg, rn: Reg, bits: u64) {
    let width = width(ty);
    let all = bits == ty.mask() as u64;
    match logical_imm(ty, bits) {
        Some(imm) => rri(cx, alu.imm, width, dst, rn, imm),
        None if all && alu.imm == Op::EorI => rrr(cx, Op::Orn, width, dst, ZR_REG, rn),
        None => {
            let rm = const_reg(cx, bits as i64);
            rrr(cx, alu.reg, width, dst, rn, rm);
        }
    }
}

/// Negation and complement.
pub fn negate(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    if data.ty == Type::I128 {
        return wide::unary(cx, inst);
    }
    let dst = cx.def_result(inst);
    let width = width(data.ty);
    let value = cx.arg(inst, 0);
    if data.op == Opcode::Ineg
        && let Some(mul) = merge_op(cx, value, Opcode::Imul)
    {
        let (x, y) = (cx.use_value(cx.arg(mul, 0)), cx.use_value(cx.arg(mul, 1)));
        return put_multiply(cx, Op::Msub, width, dst, x, y, ZR_REG);
    }
    let rm = second(cx, value, false);
    let op = if data.op == Opcode::Ineg { Op::Sub } else { Op::Orn };
    alu_to(cx, Alu { reg: op, ..OR }, width, dst, ZR_REG, rm);
}

/// Low half of the product.
pub fn imul(cx: &mut Cx<'_>, inst: Inst) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let (a, b) = if cx.const_bits(a).is_some() { (b, a) } else { (a, b) };
    let dst = cx.def_result(inst);
    let ty = cx.func.ty(a);
    if let Some(by) = cx.const_int(b)
        && multiply_constant(cx, dst, a, by)
    {
        return;
    }
    for op in [Opcode::Sext, Opcode::Zext] {
        let from_32 = |cx: &Cx<'_>, v: Value| {
            let source = cx.arg(cx.def_as(v, op).filter(|_| !cx.is_needed(v))?, 0);
            (cx.func.ty(source) == Type::I32).then_some(source)
        };
        if ty == Type::I64
            && let (Some(x), Some(y)) = (from_32(cx, a), from_32(cx, b))
        {
            let (x, y) = (cx.use_value(x), cx.use_value(y));
            return multiply_long(cx, op == Opcode::Sext, dst, x, y);
        }
    }
    let (x, y) = (cx.use_value(a), cx.use_value(b));
    put_multiply(cx, Op::Madd, width(ty), dst, x, y, ZR_REG);
}

/// Powers of two by shift, their neighbours above by shifted addition.
fn multiply_constant(cx: &mut Cx<'_>, dst: Reg, a: Value, by: i64) -> bool {
    let ty = cx.func.ty(a);
    let width = width(ty);
    let bits = (by as u64) & ty.mask() as u64;
    let log = |n: u64| n.is_power_of_two().then(|| n.trailing_zeros());
    if let Some(shift) = log(bits) {
        let src = cx.use_value(a);
        lsl_to(cx, width, dst, src, shift);
    } else if let Some(shift) = bits.checked_sub(1).and_then(log) {
        let src = cx.use_value(a);
        alu_to(cx, ADD, width, dst, src, Second::Reg(src, Shift::Lsl, shift as u8));
    } else if by == -1 {
        let src = cx.use_value(a);
        rrr(cx, Op::Sub, width, dst, ZR_REG, src);
    } else {
        return false;
    }
    true
}

/// Whether the bits of the register above a narrow integer are known to be zero: the instruction that
/// defines it has cleared them.
pub fn is_clean(cx: &Cx<'_>, value: Value) -> bool {
    use Opcode::*;
    let Some(inst) = cx.func.def_inst(value) else { return false };
    let (op, ty) = (cx.func.inst(inst).op, cx.func.ty(value));
    match op {
        Call => ty == Type::I8 && super::call::returns_clean_bytes(cx, inst),
        Load => ty.bits() < 64,
        Eq | Ne | Slt | Sle | Sgt | Sge | Ult | Ule | Ugt | Uge => true,
        Feq | Fne | Flt | Fle | Fgt | Fge | Ford | Funo => true,
        LoadU8 | LoadS8 | LoadU16 | LoadS16 => ty == Type::I32 || matches!(op, LoadU8 | LoadU16),
        // 32-bit instructions; nothing of these degrades to a copy.
        Iadd | Isub | Band | Bor | Bxor | Bnot | Ineg | Imul => ty == Type::I32,
        Clz | Ctz | Popcnt => true,
        _ => false,
    }
}

/// A value of at most 64 bits widened to a whole register of a width.
pub fn extend(cx: &mut Cx<'_>, value: Value, signed: bool, to: Width) -> Reg {
    let ty = cx.func.ty(value);
    if let Some(constant) = cx.const_int(value) {
        return const_reg(cx, if signed { constant } else { constant & ty.mask() as i64 });
    }
    let src = cx.use_value(value);
    if !signed && is_clean(cx, value) {
        return src;
    }
    extend_reg(cx, src, ty.bits(), signed, to)
}

/// The low bits of a register widened to a whole register of a width.
pub fn extend_reg(cx: &mut Cx<'_>, src: Reg, bits: u32, signed: bool, to: Width) -> Reg {
    if bits >= to.bits() {
        return src;
    }
    let dst = int(cx);
    extend_to(cx, dst, src, bits, signed, to);
    dst
}

/// As [`extend_reg`], into a register; copies if there is nothing to widen.
pub fn extend_to(cx: &mut Cx<'_>, dst: Reg, src: Reg, bits: u32, signed: bool, to: Width) {
    match (bits, signed) {
        _ if bits >= to.bits() => copy_to(cx, dst, src),
        // A 32-bit move clears what is above.
        (32, false) => rrr(cx, Op::Orr, Width::W32, dst, ZR_REG, src),
        (_, false) => super::operand::extract_to(cx, false, Width::W32, dst, src, 0, bits),
        (_, true) => super::operand::extract_to(cx, true, to, dst, src, 0, bits),
    }
}

/// High half of the product: its own instruction at 64 bits, else a wider product.
pub fn multiply_high(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let signed = data.op == Opcode::Smulhi;
    let dst = cx.def_result(inst);
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    match data.ty {
        Type::I64 => {
            let (a, b) = (cx.use_value(a), cx.use_value(b));
            rrr(cx, if signed { Op::Smulh } else { Op::Umulh }, Width::W64, dst, a, b);
        }
        Type::I32 => {
            let (a, b) = (cx.use_value(a), cx.use_value(b));
            let product = int(cx);
            multiply_long(cx, signed, product, a, b);
            let high = if signed { asr } else { lsr }(cx, Width::W64, product, 32);
            copy_to(cx, dst, high);
        }
        ty => {
            let (a, b) = (extend(cx, a, signed, Width::W32), extend(cx, b, signed, Width::W32));
            let product = multiply(cx, Width::W32, a, b);
            let high = extract(cx, signed, Width::W32, product, ty.bits(), ty.bits());
            copy_to(cx, dst, high);
        }
    }
}
