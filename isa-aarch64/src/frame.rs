//! Prologue, epilogue, stack probes, and the unwinding rules that go with them.
//!
//! ```text
//! sub sp, sp, #64          ; CFA = sp + 64
//! stp x29, x30, [sp, #48]  ; the frame record is the highest pair
//! add x29, sp, #48
//! stp x20, x19, [sp, #32]
//! ...
//! ldp x20, x19, [sp, #32]
//! ldp x29, x30, [sp, #48]
//! add sp, sp, #64
//! ret
//! ```
//! A frame of saved registers alone is taken and given back by the last pair: `stp x20, x19, [sp, #-32]!`.
//! Everything in the body is addressed from sp, which stays where the prologue puts it. Functions that
//! call keep a frame record (AAPCS64 6.2.3), so that profilers can walk the stack. A frame that the pair
//! instructions cannot span is taken in two steps, the saved registers first. A function that needs no
//! frame has neither prologue nor epilogue.
//!
//! With signed return addresses `paciasp` comes first and `autiasp` last, where sp, which takes part in the
//! signature, is the same; functions that do not store the link register need neither. What follows `autiasp`
//! is a return or a jump to the callee of a tail call, for which the address is as our caller made it.

use crate::AArch64;
use crate::encode::{conditional, put, put_add, put_const};
use crate::inst::{Cc, Extend, MInst, Op, Width};
use crate::regs::{FP, IP0_REG, IP1_REG, LR, SP_REG, ZR_REG};
use pyexec_codegen::frame::FrameLayout;
use pyexec_codegen::{EmitCx, Isa as _, UnwindOp};
use pyexec_regalloc::{PReg, RegClass};

/// Below this distance between two touched addresses no guard page is missed.
const PAGE: u32 = 4096;
/// Up to this many pages are probed by straight code.
const UNROLLED_PAGES: u32 = 8;
/// What the offset of a pair spans.
const PAIR_SPAN: u32 = 504;

const X: Width = Width::W64;
/// `bti c`: where calls and jumps through x16 may land.
pub const LANDING_PAD: MInst = MInst::new(Op::Hint, X).imm(34);

/// `paciasp`: signs the link register. A landing pad for calls as well.
const SIGN: MInst = MInst::new(Op::Hint, X).imm(25);
/// `autiasp`: the link register as it was before, or an address that faults.
const AUTHENTICATE: MInst = MInst::new(Op::Hint, X).imm(29);

/// Whether the return address is stored, and signed before.
fn is_signed(isa: &AArch64, frame: &FrameLayout) -> bool {
    isa.features().pac_ret && frame.saved().contains(&LR)
}

/// The two steps by which the stack pointer moves; the second is often 0.
fn steps(total: u32, saved: usize) -> (u32, u32) {
    let area = (8 * saved as u32).next_multiple_of(16);
    if total <= PAIR_SPAN { (total, 0) } else { (area, total - area) }
}

/// Registers that are saved by one instruction: neighbours of one class.
fn groups(saved: &[PReg]) -> Vec<(usize, usize)> {
    let mut list = Vec::with_capacity(saved.len());
    let mut at = 0;
    while at < saved.len() {
        let pair = saved.get(at + 1).is_some_and(|next| next.class() == saved[at].class());
        list.push((at, 1 + usize::from(pair)));
        at += 1 + usize::from(pair);
    }
    list
}

/// Saves or restores one group; `top` is where the saved registers end, from sp.
fn transfer(saved: &[PReg], (at, count): (usize, usize), top: u32, load: bool) -> MInst {
    let offset = i64::from(top) - 8 * (at + count) as i64;
    let float = saved[at].class() == RegClass::Float;
    let op = match (load, count, float) {
        (false, 2, false) => Op::Stp,
        (true, 2, false) => Op::Ldp,
        (false, 2, true) => Op::FStp,
        (true, 2, true) => Op::FLdp,
        (false, _, false) => Op::StrU,
        (true, _, false) => Op::LdrU,
        (false, _, true) => Op::FStrU,
        (true, _, true) => Op::FLdrU,
    };
    let inst = MInst::new(op, X).rn(SP_REG).imm(offset).rd(saved[at + count - 1].into());
    if count == 2 { inst.ra(saved[at].into()) } else { inst }
}

/// Whether the frame holds nothing but saved registers: then one pair instruction moves sp as well. An odd
/// register's neighbour is padding, for which the zero register stands.
fn by_write_back(frame: &FrameLayout) -> Option<((usize, usize), MInst, MInst)> {
    let (total, saved) = (frame.total_size(), frame.saved());
    let group = *groups(saved).last()?;
    let int = saved[group.0].class() == RegClass::Int;
    if !int || total > PAIR_SPAN || frame.local_size() != 8 * (2 - group.1 as u32) {
        return None;
    }
    let high = saved[group.0].into();
    let low = if group.1 == 2 { saved[group.0 + 1].into() } else { ZR_REG };
    let inst = |op, by| MInst::new(op, X).rd(low).ra(high).rn(SP_REG).imm(by);
    Some((group, inst(Op::StpPre, -i64::from(total)), inst(Op::LdpPost, total.into())))
}

/// Saves registers and takes the frame.
pub fn prologue(isa: &AArch64, cx: &mut EmitCx<'_, AArch64>) {
    let frame = cx.frame;
    let (total, saved) = (frame.total_size(), frame.saved());
    if is_signed(isa, frame) {
        put(cx, &SIGN);
        cx.buf.unwind(UnwindOp::NegateRaState);
    } else if isa.features().bti {
        put(cx, &LANDING_PAD);
    }
    if total == 0 {
        return;
    }
    let (first, second) = steps(total, saved.len());
    if total >= PAGE {
        probe(cx, total);
    }
    let write_back = by_write_back(frame);
    match &write_back {
        Some((_, push, _)) => put(cx, push),
        None => put_add(cx, SP_REG, SP_REG, -i64::from(first)),
    }
    cx.buf.unwind(UnwindOp::CfaOffset(first as i32));
    for group in groups(saved) {
        if write_back.is_none_or(|(done, ..)| done != group) {
            put(cx, &transfer(saved, group, first, false));
        }
        for (index, reg) in saved.iter().enumerate().skip(group.0).take(group.1) {
            cx.buf.unwind(UnwindOp::Saved(isa.dwarf_reg(*reg), -8 * (index as i32 + 1)));
        }
        if saved[group.0] == LR {
            put_add(cx, FP.into(), SP_REG, i64::from(first) - 16);
        }
    }
    if second > 0 {
        put_add(cx, SP_REG, SP_REG, -i64::from(second));
        cx.buf.unwind(UnwindOp::CfaOffset(total as i32));
    }
}

/// Touches every page of the next `total` bytes below sp, the highest first.
///
/// ```text
/// mov  x17, #bytes ; sub x17, sp, x17 ; mov x16, sp
/// again: sub x16, x16, #4096 ; str xzr, [x16] ; cmp x16, x17 ; b.hi again
/// ```
fn probe(cx: &mut EmitCx<'_, AArch64>, total: u32) {
    let pages = total / PAGE;
    let touch = MInst::new(Op::StrU, X).rd(ZR_REG).rn(IP0_REG);
    if pages <= UNROLLED_PAGES {
        for page in 1..=pages {
            put_add(cx, IP0_REG, SP_REG, -i64::from(page * PAGE));
            put(cx, &touch);
        }
        return;
    }
    put_const(cx, IP1_REG, i64::from(pages * PAGE));
    put(cx, &MInst::new(Op::SubX, X).rd(IP1_REG).rn(SP_REG).rm(IP1_REG).extend(Extend::Uxtx, 0));
    put_add(cx, IP0_REG, SP_REG, 0);
    let again = cx.buf.label();
    cx.buf.bind(again);
    put_add(cx, IP0_REG, IP0_REG, -i64::from(PAGE));
    put(cx, &touch);
    put(cx, &MInst::new(Op::Subs, X).rd(ZR_REG).rn(IP0_REG).rm(IP1_REG));
    cx.buf.branch(again, &conditional(Cc::Hi));
}

/// Gives the frame back and restores registers: before `ret` or a jump that leaves the function.
/// `after` must follow the leaving instruction.
pub fn epilogue(isa: &AArch64, cx: &mut EmitCx<'_, AArch64>) {
    let frame = cx.frame;
    let (total, saved) = (frame.total_size(), frame.saved());
    if total == 0 {
        return;
    }
    cx.buf.unwind(UnwindOp::RememberState);
    let (first, second) = steps(total, saved.len());
    if second > 0 {
        put_add(cx, SP_REG, SP_REG, i64::from(second));
        cx.buf.unwind(UnwindOp::CfaOffset(first as i32));
    }
    let write_back = by_write_back(frame);
    for group in groups(saved) {
        if write_back.is_none_or(|(done, ..)| done != group) {
            put(cx, &transfer(saved, group, first, true));
        }
    }
    match &write_back {
        Some((.., pop)) => put(cx, pop),
        None => put_add(cx, SP_REG, SP_REG, i64::from(first)),
    }
    for reg in saved {
        cx.buf.unwind(UnwindOp::Restored(isa.dwarf_reg(*reg)));
    }
    cx.buf.unwind(UnwindOp::CfaOffset(0));
    if is_signed(isa, frame) {
        put(cx, &AUTHENTICATE);
        cx.buf.unwind(UnwindOp::NegateRaState);
    }
}

/// The rules of the body hold again, for the code behind a return in the middle.
pub fn after(cx: &mut EmitCx<'_, AArch64>) {
    if cx.frame.total_size() > 0 {
        cx.buf.unwind(UnwindOp::RestoreState);
    }
}

/// The registers of a frame record, in the order in which they are saved: the link register is the
/// higher one.
pub const RECORD: [PReg; 2] = [LR, FP];
