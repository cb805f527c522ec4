//! Instruction selection: one function an opcode family, one arm a pattern.
//!
//! ```text
//! v3 = load.i64 array v1+8        (merged)
//! v4 = iadd.i64 v2, v3            add vr4(=vr2), qword ptr [vr1+8]
//! v5 = slt.i64 v4, v6             (merged)
//! br_if v5, b1, b2                cmp vr4, vr6 ; jl b1, b2
//! ```
//! In: verified IR, visited upwards (see `pyexec_codegen`'s `LowerCx`). Out: machine instructions over
//! virtual registers, each defined once. Invariants:
//! * Integers below 64 bits live in the low bits of a register; the bits above are anything. Whoever
//!   needs them extends.
//! * Nothing that writes the flags stands between an instruction that sets them and the one that tests
//!   them; since a constant may be made by `xor`, operands are fetched before flags are set.
//!
//! What it leaves to others: strength reduction that is the same on every target is `opt`'s; register
//! choice and moves are the allocator's; instruction forms (short immediates, spilled operands) are the
//! encoder's.

mod arith;
mod atomic;
mod bits;
mod call;
mod checked;
mod cond;
mod constant;
mod convert;
mod div;
mod float;
mod memory;
mod operand;
mod shift;
mod wide;

pub use constant::constant;

use crate::X86_64;
use crate::inst::Inst as MInstruction;
use pyexec_codegen::calls;
use pyexec_codegen::{CodegenError, LowerCx, MachBlock};
use pyexec_ir::{Imm, Inst, Opcode, Type};

pub(crate) type Cx<'a> = LowerCx<'a, X86_64>;

/// Selects an instruction that is not a terminator. Every opcode has its arm here.
pub fn inst(cx: &mut Cx<'_>, inst: Inst) -> Result<(), CodegenError> {
    use Opcode as O;
    let data = *cx.func.inst(inst);
    let wide = data.ty == Type::I128;
    match data.op {
        // Recomputed at each use; needed here only when something asks for the value itself.
        O::Iconst | O::Fconst | O::StackAddr | O::GlobalAddr | O::FuncAddr => {}
        O::StackPtr => memory::stack_ptr(cx, inst),
        O::Iadd if !wide => arith::iadd(cx, inst),
        O::Isub if !wide => arith::isub(cx, inst),
        O::Band | O::Bor | O::Bxor if !wide => arith::logic(cx, inst),
        O::Iadd | O::Isub | O::Band | O::Bor | O::Bxor => wide::binary(cx, inst),
        O::Imul if !wide => arith::imul(cx, inst),
        O::Imul => wide::multiply(cx, inst),
        O::Ineg | O::Bnot => arith::negate(cx, inst),
        O::Smulhi | O::Umulhi => arith::multiply_high(cx, inst),
        O::Sdiv | O::Udiv | O::Srem | O::Urem => div::divide(cx, inst),
        O::UdivWide => div::divide_long(cx, inst),
        O::Smin | O::Smax | O::Umin | O::Umax => cond::min_max(cx, inst),
        O::SaddOverflow | O::SsubOverflow | O::SmulOverflow => checked::lower(cx, inst),
        O::UaddOverflow | O::UsubOverflow | O::UmulOverflow => checked::lower(cx, inst),
        O::Shl | O::Lshr | O::Ashr | O::Rotl | O::Rotr if !wide => shift::narrow(cx, inst),
        O::Shl | O::Lshr | O::Ashr | O::Rotl | O::Rotr => shift::wide(cx, inst),
        O::Clz => bits::clz(cx, inst),
        O::Ctz => bits::ctz(cx, inst),
        O::Popcnt => bits::popcnt(cx, inst),
        O::Bswap => bits::bswap(cx, inst),
        O::Eq | O::Ne | O::Slt | O::Sle | O::Sgt | O::Sge | O::Ult | O::Ule | O::Ugt | O::Uge => {
            cond::compare_to_value(cx, inst);
        }
        O::Feq | O::Fne | O::Flt | O::Fle | O::Fgt | O::Fge | O::Ford | O::Funo => {
            cond::compare_to_value(cx, inst);
        }
        O::Select => cond::select(cx, inst),
        O::TrapIf => cond::trap_if(cx, inst),
        O::Fadd | O::Fsub | O::Fmul | O::Fdiv => float::binary(cx, inst),
        O::Fmin | O::Fmax => float::min_max(cx, inst),
        O::Fma => float::fma(cx, inst),
        O::Fsqrt => float::sqrt(cx, inst),
        O::Fceil | O::Ffloor | O::Ftrunc | O::Fnearest => float::round(cx, inst),
        O::Fneg | O::Fabs => float::sign(cx, inst),
        O::Fcopysign => float::copysign(cx, inst),
        O::Zext => convert::zext(cx, inst),
        O::Sext => convert::sext(cx, inst),
        O::Trunc | O::Bitcast => convert::reinterpret(cx, inst),
        O::Iconcat | O::Isplit => wide::split_and_concat(cx, inst),
        O::Fpromote | O::Fdemote => convert::resize(cx, inst),
        O::SintToFloat => convert::sint_to_float(cx, inst),
        O::UintToFloat => convert::uint_to_float(cx, inst),
        O::FloatToSint => convert::float_to_sint(cx, inst),
        O::FloatToUint => convert::float_to_uint(cx, inst),
        O::FloatToSintSat => convert::float_to_sint_sat(cx, inst),
        O::FloatToUintSat => convert::float_to_uint_sat(cx, inst),
        O::Load | O::LoadU8 | O::LoadS8 | O::LoadU16 | O::LoadS16 | O::LoadU32 | O::LoadS32 => {
            memory::load(cx, inst);
        }
        O::Store | O::Store8 | O::Store16 | O::Store32 => memory::store(cx, inst),
        O::AtomicLoad => memory::load(cx, inst),
        O::AtomicStore | O::AtomicXchg => atomic::exchange(cx, inst),
        O::AtomicAdd | O::AtomicSub => atomic::add(cx, inst),
        O::AtomicAnd | O::AtomicOr | O::AtomicXor => atomic::logic(cx, inst),
        O::AtomicSmin | O::AtomicSmax | O::AtomicUmin | O::AtomicUmax => atomic::min_max(cx, inst),
        O::AtomicCas => atomic::compare_and_swap(cx, inst),
        O::Fence => atomic::fence(cx),
        O::Call | O::CallIndirect => return calls::call(cx, inst),
        O::Jump | O::BrIf | O::BrTable | O::Ret | O::Trap | O::TailCall | O::TailCallIndirect => {
            return Err(cx.unsupported(Some(data.op), "a terminator in the middle of a block"));
        }
    }
    Ok(())
}

/// Selects a terminator.
pub fn terminator(cx: &mut Cx<'_>, inst: Inst, targets: &[MachBlock]) -> Result<(), CodegenError> {
    let data = *cx.func.inst(inst);
    match (data.op, data.imm) {
        (Opcode::Jump, _) => cx.emit(MInstruction::Jmp(targets[0])),
        (Opcode::BrIf, _) => cond::branch(cx, inst, targets[0], targets[1]),
        (Opcode::BrTable, _) => cond::br_table(cx, inst, targets),
        (Opcode::Ret, _) => calls::ret(cx, inst)?,
        (Opcode::Trap, Imm::Trap(code)) => cx.emit(MInstruction::Trap(code)),
        (Opcode::TailCall | Opcode::TailCallIndirect, _) => calls::tail_call(cx, inst)?,
        (op, _) => return Err(cx.unsupported(Some(op), "not a terminator")),
    }
    Ok(())
}
