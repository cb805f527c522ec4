//! Prologue, epilogue, stack probes, and the unwinding rules that go with them.
//!
//! ```text
//! push rbx                 ; CFA = rsp + 16
//! push r14                 ; CFA = rsp + 24
//! test [rsp - 4096], eax   ; frames over a page: every page is touched in order, so that the guard
//! sub rsp, 5000            ;   page cannot be jumped over. CFA = rsp + 5024
//! ...
//! add rsp, 5000
//! pop r14
//! pop rbx
//! ret
//! ```
//! rbp is an ordinary register: everything is addressed from rsp, which stays where the prologue puts
//! it. A function that needs no frame has neither prologue nor epilogue. Tests and compares of the probes
//! spoil the flags, which carry nothing at that point; the probe loop restores the register it counts in,
//! so that it need not be among what the function clobbers.

use crate::X86_64;
use crate::encode::put;
use crate::inst::{Amode, Cc, MInst, Op, Width};
use crate::regs::{R11, RAX, RSP_REG};
use pyexec_codegen::frame::FrameLayout;
use pyexec_codegen::{EmitCx, Isa as _, Reg, UnwindOp};
use pyexec_regalloc::PReg;

/// Below this distance between two touched addresses no guard page is missed.
const PAGE: u32 = 4096;
/// Up to this many pages are probed by straight code.
const UNROLLED_PAGES: u32 = 8;

fn push(reg: PReg) -> MInst {
    MInst::new(Op::Push, Width::B64).src(Reg::from_preg(reg))
}

fn pop(reg: PReg) -> MInst {
    MInst::new(Op::Pop, Width::B64).dst(Reg::from_preg(reg))
}

fn adjust(op: Op, by: u32) -> MInst {
    MInst::new(op, Width::B64).dst(RSP_REG).rm(RSP_REG).imm(by.into())
}

fn touch(address: Amode) -> MInst {
    MInst::new(Op::TestMr, Width::B32).src(Reg::from_preg(RAX)).rm(address)
}

/// Saves registers and takes the frame.
pub fn prologue(isa: &X86_64, cx: &mut EmitCx<'_, X86_64>) {
    let frame: &FrameLayout = cx.frame;
    let mut cfa = 8;
    for &reg in frame.saved() {
        put(cx, &push(reg));
        cfa += 8;
        cx.buf.unwind(UnwindOp::CfaOffset(cfa));
        cx.buf.unwind(UnwindOp::Saved(isa.dwarf_reg(reg), -cfa));
    }
    let local = frame.local_size();
    if local >= PAGE {
        probe(cx, local, cfa);
    }
    if local > 0 {
        put(cx, &adjust(Op::SubMi, local));
        cx.buf.unwind(UnwindOp::CfaOffset(cfa + local as i32));
    }
}

/// Touches every page of the next `local` bytes below rsp.
fn probe(cx: &mut EmitCx<'_, X86_64>, local: u32, body: i32) {
    let pages = local / PAGE;
    if pages <= UNROLLED_PAGES {
        for page in 1..=pages {
            put(cx, &touch(Amode::reg(RSP_REG, -((page * PAGE) as i32))));
        }
        return;
    }
    let r11 = Reg::from_preg(R11);
    let page = i64::from(PAGE);
    put(cx, &push(R11));
    cx.buf.unwind(UnwindOp::CfaOffset(body + 8));
    put(cx, &MInst::new(Op::MovMi, Width::B64).dst(r11).imm(-page));
    let again = cx.buf.label();
    cx.buf.bind(again);
    put(cx, &touch(Amode::indexed(RSP_REG, r11, 0, 0)));
    put(cx, &MInst::new(Op::SubMi, Width::B64).dst(r11).rm(r11).imm(page));
    put(cx, &MInst::new(Op::CmpMi, Width::B64).rm(r11).imm(-i64::from(pages) * page));
    cx.buf.branch(again, &crate::encode::jcc(Cc::Ge));
    put(cx, &pop(R11));
    cx.buf.unwind(UnwindOp::CfaOffset(body));
}

/// Gives the frame back and restores registers: before `ret` or a jump that leaves the function.
/// `after` must follow the leaving instruction.
pub fn epilogue(cx: &mut EmitCx<'_, X86_64>) {
    if is_empty(cx.frame) {
        return;
    }
    cx.buf.unwind(UnwindOp::RememberState);
    let frame: &FrameLayout = cx.frame;
    let mut cfa = 8 + 8 * frame.saved().len() as i32;
    if frame.local_size() > 0 {
        put(cx, &adjust(Op::AddMi, frame.local_size()));
        cx.buf.unwind(UnwindOp::CfaOffset(cfa));
    }
    for &reg in frame.saved().iter().rev() {
        put(cx, &pop(reg));
        cfa -= 8;
        cx.buf.unwind(UnwindOp::CfaOffset(cfa));
    }
}

/// The rules of the body hold again, for the code behind a return in the middle.
pub fn after(cx: &mut EmitCx<'_, X86_64>) {
    if !is_empty(cx.frame) {
        cx.buf.unwind(UnwindOp::RestoreState);
    }
}

fn is_empty(frame: &FrameLayout) -> bool {
    frame.saved().is_empty() && frame.local_size() == 0
}
