//! Atomic memory.
//!
//! ```text
//! v2 = atomic_load.T r v1              mov vr2, [vr1]
//! atomic_store.T r v2, v1              xchg [vr1], vr3(=vr2)            ; locks by itself
//! v3 = atomic_add.T r v2, v1           lock xadd [vr1], vr3(=vr2)
//! atomic_or.T r v2, v1 (v3 unused)     lock or [vr1], vr2
//! v3 = atomic_smin.T r v2, v1          a loop around lock cmpxchg
//! ```
//! Order: of two accesses a processor may only do a load before an earlier store to another place (SDM vol. 3,
//! 9.2.2), and locked instructions are no part of that either. So it is enough that stores are locked: then
//! all atomic instructions have one order (the mapping of P. Sewell et al., "x86-TSO", CACM 2010).

use super::Cx;
use super::memory::address_of;
use super::operand::{imm32, int, put, width};
use crate::inst::{Cc, Inst as Selected, MInst, Op, Update, Width};
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode};

/// The register for what was there, and whether anybody wants it.
fn held(cx: &mut Cx<'_>, inst: Inst) -> (Reg, bool) {
    match cx.func.first_result(inst) {
        Some(value) => (cx.def_value(value), cx.is_needed(value)),
        None => (int(cx), false),
    }
}

/// `atomic_store`, `atomic_xchg`.
pub fn exchange(cx: &mut Cx<'_>, inst: Inst) {
    let (old, _) = held(cx, inst);
    let value = cx.use_value(cx.arg(inst, 0));
    let mem = address_of(cx, inst);
    put(cx, MInst::new(Op::XchgMr, width(cx.func.inst(inst).ty)).dst(old).src(value).rm(mem));
}

/// The two forms of a locked instruction that gives no result.
fn locked(op: Opcode) -> (Op, Op) {
    match op {
        Opcode::AtomicAdd => (Op::LockAdd, Op::LockAddI),
        Opcode::AtomicSub => (Op::LockSub, Op::LockSubI),
        Opcode::AtomicAnd => (Op::LockAnd, Op::LockAndI),
        Opcode::AtomicOr => (Op::LockOr, Op::LockOrI),
        _ => (Op::LockXor, Op::LockXorI),
    }
}

fn without_result(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (mr, mi) = locked(data.op);
    let value = cx.arg(inst, 0);
    match imm32(cx, value) {
        Some(imm) => {
            let mem = address_of(cx, inst);
            put(cx, MInst::new(mi, width(data.ty)).rm(mem).imm(imm));
        }
        None => {
            let src = cx.use_value(value);
            let mem = address_of(cx, inst);
            put(cx, MInst::new(mr, width(data.ty)).src(src).rm(mem));
        }
    }
}

/// `atomic_add`, `atomic_sub`: the difference is a sum with the negated operand.
pub fn add(cx: &mut Cx<'_>, inst: Inst) {
    let (old, wanted) = held(cx, inst);
    if !wanted {
        return without_result(cx, inst);
    }
    let data = *cx.func.inst(inst);
    let mut value = cx.use_value(cx.arg(inst, 0));
    if data.op == Opcode::AtomicSub {
        let negated = int(cx);
        put(cx, MInst::new(Op::Neg, width(data.ty).at_least_32()).dst(negated).rm(value));
        value = negated;
    }
    let mem = address_of(cx, inst);
    put(cx, MInst::new(Op::LockXadd, width(data.ty)).dst(old).src(value).rm(mem));
}

/// `atomic_and`, `atomic_or`, `atomic_xor`.
pub fn logic(cx: &mut Cx<'_>, inst: Inst) {
    let (old, wanted) = held(cx, inst);
    if !wanted {
        return without_result(cx, inst);
    }
    let op = match cx.func.inst(inst).op {
        Opcode::AtomicAnd => Op::AndRm,
        Opcode::AtomicOr => Op::OrRm,
        _ => Op::XorRm,
    };
    update(cx, inst, Update::Alu(op), old);
}

/// `atomic_smin` and its kin.
pub fn min_max(cx: &mut Cx<'_>, inst: Inst) {
    let (old, _) = held(cx, inst);
    let cc = match cx.func.inst(inst).op {
        Opcode::AtomicSmin => Cc::G,
        Opcode::AtomicSmax => Cc::L,
        Opcode::AtomicUmin => Cc::A,
        _ => Cc::B,
    };
    update(cx, inst, Update::ReplaceIf(cc), old);
}

fn update(cx: &mut Cx<'_>, inst: Inst, op: Update, old: Reg) {
    let value = cx.use_value(cx.arg(inst, 0));
    let mem = address_of(cx, inst);
    let (width, temp) = (width(cx.func.inst(inst).ty), int(cx));
    cx.emit(Selected::AtomicLoop { op, width, mem, value, old, temp });
}

/// `atomic_cas`.
pub fn compare_and_swap(cx: &mut Cx<'_>, inst: Inst) {
    let (old, _) = held(cx, inst);
    let (expected, new) = (cx.use_value(cx.arg(inst, 0)), cx.use_value(cx.arg(inst, 1)));
    let mem = address_of(cx, inst);
    let cas = MInst::new(Op::LockCmpxchg, width(cx.func.inst(inst).ty));
    put(cx, cas.dst(old).src(new).src2(expected).rm(mem));
}

/// `fence`.
pub fn fence(cx: &mut Cx<'_>) {
    put(cx, MInst::new(Op::Mfence, Width::B64));
}
