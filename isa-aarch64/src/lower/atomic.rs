//! Atomic memory.
//!
//! ```text
//! v2 = atomic_load.T r v1            ldar  vr2, [vr1]
//! atomic_store.T r v2, v1            stlr  vr2, [vr1]
//! v3 = atomic_add.T r v2, v1         ldaddal vr2, vr3, [vr1]           with FEAT_LSE
//!                                    a loop of ldaxr and stlxr         without
//! v4 = atomic_cas.T r v2, v3, v1     casal vr4(=vr2), vr3, [vr1]       with FEAT_LSE
//! fence                              dmb   ish
//! ```
//! Order: a load-acquire is never done before an earlier store-release (Arm ARM B2.3.9, "RCsc"), so the two give all
//! atomic instructions one order; what reads and writes does both. The result always has a register of its
//! own: into the zero register, `ldaddal` would not acquire (Arm ARM C6.2, LDADD).

use super::Cx;
use super::memory::base_of;
use super::operand::{const_reg, int, put, rrr, use_or_zero, width};
use crate::inst::{Cc, Inst as Selected, MInst, Op, Update, Width};
use crate::regs::ZR_REG;
use pyexec_codegen::Reg;
use pyexec_ir::{Inst, Opcode, Type, Value};

/// The rows of one instruction for bytes, half words, and both words.
type Sizes = [Op; 3];

/// The logarithm of the bytes in memory.
fn log(cx: &Cx<'_>, inst: Inst) -> u8 {
    cx.func.inst(inst).ty.bytes().trailing_zeros() as u8
}

/// An instruction for the size of an access.
fn sized(cx: &Cx<'_>, inst: Inst, sizes: Sizes) -> MInst {
    match log(cx, inst) {
        log @ 0..=1 => MInst::new(sizes[usize::from(log)], Width::W64),
        2 => MInst::new(sizes[2], Width::W32),
        _ => MInst::new(sizes[2], Width::W64),
    }
}

/// `atomic_load`.
pub fn load(cx: &mut Cx<'_>, inst: Inst) {
    let (dst, base) = (cx.def_result(inst), base_of(cx, inst));
    let load = sized(cx, inst, [Op::LdarB, Op::LdarH, Op::Ldar]);
    put(cx, load.rd(dst).rn(base));
}

/// `atomic_store`.
pub fn store(cx: &mut Cx<'_>, inst: Inst) {
    let value = cx.arg(inst, 0);
    let (value, base) = (use_or_zero(cx, value), base_of(cx, inst));
    let store = sized(cx, inst, [Op::StlrB, Op::StlrH, Op::Stlr]);
    put(cx, store.rd(value).rn(base));
}

/// The instruction that does it at once, and the loop that does it otherwise.
fn choices(op: Opcode) -> (Sizes, Update) {
    use Opcode as O;
    match op {
        O::AtomicXchg => ([Op::SwpB, Op::SwpH, Op::Swp], Update::Replace),
        O::AtomicAdd => ([Op::LdaddB, Op::LdaddH, Op::Ldadd], Update::Alu(Op::Add)),
        O::AtomicSub => ([Op::LdaddB, Op::LdaddH, Op::Ldadd], Update::Alu(Op::Sub)),
        O::AtomicAnd => ([Op::LdclrB, Op::LdclrH, Op::Ldclr], Update::Alu(Op::And)),
        O::AtomicOr => ([Op::LdsetB, Op::LdsetH, Op::Ldset], Update::Alu(Op::Orr)),
        O::AtomicXor => ([Op::LdeorB, Op::LdeorH, Op::Ldeor], Update::Alu(Op::Eor)),
        O::AtomicSmin => ([Op::LdsminB, Op::LdsminH, Op::Ldsmin], Update::ReplaceIf(Cc::Gt, true)),
        O::AtomicSmax => ([Op::LdsmaxB, Op::LdsmaxH, Op::Ldsmax], Update::ReplaceIf(Cc::Lt, true)),
        O::AtomicUmin => ([Op::LduminB, Op::LduminH, Op::Ldumin], Update::ReplaceIf(Cc::Hi, false)),
        _ => ([Op::LdumaxB, Op::LdumaxH, Op::Ldumax], Update::ReplaceIf(Cc::Lo, false)),
    }
}

/// Everything that reads, changes and writes unconditionally.
pub fn update(cx: &mut Cx<'_>, inst: Inst) {
    let data = *cx.func.inst(inst);
    let (sizes, op) = choices(data.op);
    let (old, value) = (cx.def_result(inst), cx.arg(inst, 0));
    if cx.isa.features().lse {
        let operand = operand(cx, data.op, data.ty, value);
        let base = base_of(cx, inst);
        return put(cx, sized(cx, inst, sizes).rm(operand).rd(old).rn(base));
    }
    let (value, base, log) = (cx.use_value(value), base_of(cx, inst), log(cx, inst));
    cx.emit(Selected::AtomicLoop { op, log, base, value, old });
}

/// There is neither difference nor and: a sum with the negated operand, bits cleared by the inverted one.
fn operand(cx: &mut Cx<'_>, op: Opcode, ty: Type, value: Value) -> Reg {
    let inverse = match op {
        Opcode::AtomicSub => Op::Sub,
        Opcode::AtomicAnd => Op::Orn,
        _ => return use_or_zero(cx, value),
    };
    if let Some(constant) = cx.const_int(value) {
        return const_reg(cx, if inverse == Op::Sub { constant.wrapping_neg() } else { !constant });
    }
    let (dst, src) = (int(cx), cx.use_value(value));
    rrr(cx, inverse, width(ty), dst, ZR_REG, src);
    dst
}

/// `atomic_cas`.
pub fn compare_and_swap(cx: &mut Cx<'_>, inst: Inst) {
    let old = cx.def_result(inst);
    let (expected, new) = (cx.use_value(cx.arg(inst, 0)), cx.arg(inst, 1));
    if cx.isa.features().lse {
        let (new, base) = (use_or_zero(cx, new), base_of(cx, inst));
        let cas = sized(cx, inst, [Op::CasB, Op::CasH, Op::Cas]);
        return put(cx, cas.rm(old).ra(expected).rd(new).rn(base));
    }
    let (new, base, log) = (cx.use_value(new), base_of(cx, inst), log(cx, inst));
    cx.emit(Selected::CasLoop { log, base, expected, new, old });
}

/// `fence`.
pub fn fence(cx: &mut Cx<'_>) {
    put(cx, MInst::new(Op::Dmb, Width::W64));
}
