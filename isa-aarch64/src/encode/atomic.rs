//! Loops of exclusive accesses: atomic instructions of processors without FEAT_LSE.
//!
//! ```text
//! again: ldaxr old, [base]
//!        add   x16, old, value        cmp old, value ; csel x16, value, old, gt
//!        stlxr w17, x16, [base]       ; 0: nobody else wrote in between
//!        cbnz  w17, again
//! ```
//! In: `old` shares no register with an operand, since it is written first. Between the two accesses there is
//! no other one, and no more than a few instructions: so the loop makes progress (Arm ARM B2.17.5).

use super::{Cx, put, test_branch};
use crate::inst::{Cc, Extend, MInst, Op, Test, Update, Width};
use crate::regs::{IP0_REG, IP1_REG, ZR_REG};
use pyexec_codegen::Reg;

const W: Width = Width::W32;

/// Load and store for a size, and the width of their register.
const fn exclusive(log: u8) -> (Op, Op, Width) {
    match log {
        0 => (Op::LdaxrB, Op::StlxrB, Width::W64),
        1 => (Op::LdaxrH, Op::StlxrH, Width::W64),
        2 => (Op::Ldaxr, Op::Stlxr, Width::W32),
        _ => (Op::Ldaxr, Op::Stlxr, Width::W64),
    }
}

/// The width at which a value of this size is computed with.
const fn width(log: u8) -> Width {
    if log == 3 { Width::W64 } else { Width::W32 }
}

/// Sets the flags by comparing `old`, above which there are zeros, with the operand.
fn compare(cx: &mut Cx<'_>, log: u8, signed: bool, old: Reg, value: Reg) {
    let whole = log >= 2;
    if whole {
        return put(cx, &MInst::new(Op::Subs, width(log)).rd(ZR_REG).rn(old).rm(value));
    }
    let mut left = old;
    if signed {
        left = IP0_REG;
        put(cx, &MInst::new(Op::Sbfm, W).rd(left).rn(old).imm((8 << log) - 1));
    }
    let extend = Extend::from(8 << log, signed);
    put(cx, &MInst::new(Op::SubsX, W).rd(ZR_REG).rn(left).rm(value).extend(extend, 0));
}

fn retry(cx: &mut Cx<'_>, again: pyexec_codegen::Label) {
    cx.buf.branch(again, &test_branch(Test::Zero { reg: IP1_REG, width: W, zero: false }));
}

/// Reads, changes, writes.
pub fn put_loop(cx: &mut Cx<'_>, op: Update, log: u8, (base, value): (Reg, Reg), old: Reg) {
    let (load, store, access) = exclusive(log);
    let again = cx.buf.label();
    cx.buf.bind(again);
    put(cx, &MInst::new(load, access).rd(old).rn(base));
    let mut new = IP0_REG;
    match op {
        Update::Replace => new = value,
        Update::Alu(op) => put(cx, &MInst::new(op, width(log)).rd(new).rn(old).rm(value)),
        Update::ReplaceIf(cc, signed) => {
            compare(cx, log, signed, old, value);
            put(cx, &MInst::new(Op::Csel, width(log)).rd(new).rn(value).rm(old).cc(cc));
        }
    }
    put(cx, &MInst::new(store, access).rm(IP1_REG).rd(new).rn(base));
    retry(cx, again);
}

/// Reads, compares, perhaps writes.
pub fn put_cas_loop(cx: &mut Cx<'_>, log: u8, base: Reg, (expected, new): (Reg, Reg), old: Reg) {
    let (load, store, access) = exclusive(log);
    let (again, done) = (cx.buf.label(), cx.buf.label());
    cx.buf.bind(again);
    put(cx, &MInst::new(load, access).rd(old).rn(base));
    compare(cx, log, false, old, expected);
    cx.buf.branch(done, &test_branch(Test::Flags(Cc::Ne)));
    put(cx, &MInst::new(store, access).rm(IP1_REG).rd(new).rn(base));
    retry(cx, again);
    cx.buf.bind(done);
}
