//! From selected instructions to bytes in the code buffer: addresses resolved, pseudo-instructions
//! expanded, labels and relocations recorded.
//!
//! In: instructions whose registers are physical (or spill slots, where an operand may be memory).
//! Out: bytes. Expansions here need no register beyond those the instruction names.

pub mod emit;

pub use emit::{Address, Bytes, emit};

use crate::inst::{Amode, Base, CallInfo, Callee, Cc, Inst, MInst, Op, Rm, Update, Width};
use crate::regs::RSP;
use crate::symbols::{self, Libcall};
use crate::{X86_64, frame};
use pyexec_base::EntityId as _;
use pyexec_codegen::buffer::{Branch, BranchForm};
use pyexec_codegen::{EmitCx, Fixup, Label, MachBlock, Reg, RelocKind};
use pyexec_ir::{Slot, TrapCode};
use pyexec_regalloc::RegClass;

type Cx<'a> = EmitCx<'a, X86_64>;

/// How instructions refer to labels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum X86Fixup {
    /// One byte, counted from its end.
    Rel8,
    /// Four bytes, counted from the end of the instruction: this many bytes after the field's start.
    Rel32(u8),
}

impl Fixup for X86Fixup {
    fn patch(self, code: &mut [u8], at: usize, target: usize) -> bool {
        let from = |tail: u8| target as i64 - (at as i64 + i64::from(tail));
        match self {
            X86Fixup::Rel8 => {
                let distance = i8::try_from(from(1));
                code[at] = distance.unwrap_or(0) as u8;
                distance.is_ok()
            }
            X86Fixup::Rel32(tail) => {
                let distance = i32::try_from(from(tail));
                code[at..at + 4].copy_from_slice(&distance.unwrap_or(0).to_le_bytes());
                distance.is_ok()
            }
        }
    }
}

const fn form(bytes: [u8; 8], len: u8, field: u8, fixup: X86Fixup) -> BranchForm<X86Fixup> {
    BranchForm { bytes, len, field, fixup }
}

/// `jmp`: EB cb, E9 cd.
const JMP: Branch<X86Fixup> = Branch {
    long: form([0xe9, 0, 0, 0, 0, 0, 0, 0], 5, 1, X86Fixup::Rel32(4)),
    short: Some(form([0xeb, 0, 0, 0, 0, 0, 0, 0], 2, 1, X86Fixup::Rel8)),
    reach: (-128, 127),
};

/// `jcc`: 7x cb, 0F 8x cd.
pub fn jcc(cc: Cc) -> Branch<X86Fixup> {
    let cc = cc as u8;
    Branch {
        long: form([0x0f, 0x80 | cc, 0, 0, 0, 0, 0, 0], 6, 2, X86Fixup::Rel32(4)),
        short: Some(form([0x70 | cc, 0, 0, 0, 0, 0, 0, 0], 2, 1, X86Fixup::Rel8)),
        reach: (-128, 127),
    }
}

/// What a memory operand refers to beside registers.
enum Link {
    None,
    Pool(u8),
    Reloc(RelocKind, u32, i32),
}

fn resolve(mem: &Amode, cx: &Cx<'_>) -> (Address, Link) {
    let stack = |offset: i32| (Some(RSP.number()), offset.wrapping_add(mem.disp), Link::None);
    let (base, disp, link) = match mem.base {
        Base::None => (None, mem.disp, Link::None),
        Base::Reg(reg) => (Some(reg.number()), mem.disp, Link::None),
        Base::Slot(slot) => stack(cx.frame.slot(Slot::from_index(slot as usize))),
        Base::Incoming => stack(cx.frame.incoming(0)),
        Base::Outgoing => stack(0),
        Base::Spill(slot) => stack(cx.frame.spill(slot)),
        Base::Pool(bytes) => (None, 0, Link::Pool(bytes)),
        Base::Symbol(symbol) => (None, 0, Link::Reloc(RelocKind::X86PcRel32, symbol, mem.disp)),
        Base::Got(symbol) => (None, 0, Link::Reloc(RelocKind::X86GotPcRel, symbol, 0)),
    };
    let rip = !matches!(link, Link::None);
    let index = mem.index.preg().map(|r| r.number());
    (Address { base, index, shift: mem.shift, disp, rip }, link)
}

/// Appends one machine instruction.
pub fn put(cx: &mut Cx<'_>, inst: &MInst) {
    match inst.rm {
        Rm::Reg(reg) => match reg.spill() {
            None => put_bytes(cx, &emit(inst, &Address::default())),
            // The allocator left the operand in its slot.
            Some(slot) => {
                // movq from memory has a shorter row, which GNU as would choose for it: movsd.
                let quad = (inst.op, inst.width) == (Op::MovToX, Width::B64);
                let op = if quad { Op::MovsdLoad } else { inst.op };
                put(cx, &MInst { op, rm: Amode::new(Base::Spill(slot), 0).into(), ..*inst });
            }
        },
        Rm::Mem(mem) => {
            let (address, link) = resolve(&mem, cx);
            match link {
                Link::None => put_bytes(cx, &emit(inst, &address)),
                Link::Pool(bytes) => put_pooled(cx, inst, &address, bytes),
                Link::Reloc(kind, symbol, disp) => {
                    put_relocated(cx, &emit(inst, &address), kind, symbol, disp);
                }
            }
        }
    }
}

#[inline]
fn put_bytes(cx: &mut Cx<'_>, bytes: &Bytes) {
    cx.buf.put_word(bytes.word(), bytes.len());
}

/// The constant is the instruction's immediate: such instructions have no other.
fn put_pooled(cx: &mut Cx<'_>, inst: &MInst, address: &Address, size: u8) {
    let low = u128::from(inst.imm as u64);
    let label = cx.buf.constant(if size == 16 { low | low << 64 } else { low }, size);
    let bytes = emit(inst, address);
    put_labelled(cx, &bytes, label);
}

fn put_labelled(cx: &mut Cx<'_>, bytes: &Bytes, label: Label) {
    let start = cx.buf.offset();
    put_bytes(cx, bytes);
    if let Some((at, tail)) = bytes.rip_fixup() {
        cx.buf.fixup(start + at, label, X86Fixup::Rel32(tail as u8));
    }
}

fn put_relocated(cx: &mut Cx<'_>, bytes: &Bytes, kind: RelocKind, symbol: u32, disp: i32) {
    if let Some((at, tail)) = bytes.rip_fixup() {
        let all = bytes.to_vec();
        let (head, rest) = all.split_at(at as usize);
        cx.buf.put_slice(head);
        cx.buf.reloc(kind, symbols::decode(symbol), i64::from(disp) - i64::from(tail));
        cx.buf.put_slice(rest);
    }
}

/// Appends one selected instruction.
pub fn put_inst(cx: &mut Cx<'_>, inst: &Inst) {
    match inst {
        Inst::M(inst) => put(cx, inst),
        Inst::Mov { dst, src } => put_move(cx, *dst, *src),
        Inst::Const { dst, value } => put_const(cx, *dst, *value),
        Inst::XmmZero { dst } => {
            put(cx, &MInst::new(Op::Xorps, Width::B64).dst(*dst).src(*dst).rm(*dst));
        }
        Inst::Args(_) => {}
        Inst::Call(info) => put_call(cx, info, false),
        Inst::Ret(_) => {
            frame::epilogue(cx);
            put(cx, &MInst::new(Op::Ret, Width::B64));
            frame::after(cx);
        }
        Inst::TailCall(info) => {
            frame::epilogue(cx);
            put_call(cx, info, true);
            frame::after(cx);
        }
        Inst::Jmp(block) => put_jump(cx, *block),
        Inst::Jcc { any, then, other } => put_branch(cx, *any, *then, *other),
        Inst::JumpTable { index, table, offset, targets } => {
            put_jump_table(cx, *index, *table, *offset, targets);
        }
        Inst::Trap(code) => {
            cx.buf.trap(*code);
            put(cx, &MInst::new(Op::Ud2, Width::B64));
        }
        Inst::TrapIf { any, code } => {
            let label = cx.trap_label(*code);
            put_either(cx, *any, label);
        }
        Inst::DivGuard { width, dividend, divisor, temp } => {
            put_div_guard(cx, *width, *dividend, *divisor, *temp);
        }
        Inst::XmmSelect { cc, dst, other, .. } => {
            let done = cx.buf.label();
            cx.buf.branch(done, &jcc(cc.negate()));
            put_move(cx, *dst, *other);
            cx.buf.bind(done);
        }
        Inst::AtomicLoop { op, width, mem, value, old, temp } => {
            put_atomic_loop(cx, (*op, *width), mem, *value, *old, *temp);
        }
        // SDM: REP MOVSB, F3 A4. The direction flag is clear (psABI 3.2.1).
        Inst::CopyBytes { .. } => cx.buf.put_slice(&[0xf3, 0xa4]),
        Inst::TlsAddr { symbol, .. } => put_tls(cx, *symbol),
    }
}

/// A copy between registers, or a register and a spill slot.
pub fn put_move(cx: &mut Cx<'_>, dst: Reg, src: Reg) {
    if dst == src {
        return;
    }
    let slot = |n| Amode::new(Base::Spill(n), 0);
    let inst = |op| MInst::new(op, Width::B64);
    let float = dst.class().or(src.class()) == Some(RegClass::Float);
    let inst = match (dst.spill(), src.spill(), float) {
        (None, None, false) => inst(Op::MovRm).dst(dst).rm(src),
        (None, None, true) => inst(Op::Movaps).dst(dst).rm(src),
        (None, Some(n), false) => inst(Op::MovRm).dst(dst).rm(slot(n)),
        (None, Some(n), true) => inst(Op::MovsdLoad).dst(dst).rm(slot(n)),
        (Some(n), _, false) => inst(Op::MovMr).src(src).rm(slot(n)),
        (Some(n), _, true) => inst(Op::MovsdStore).src(src).rm(slot(n)),
    };
    put(cx, &inst);
}

/// The shortest of: xor (2-3 bytes), mov r32 (5-6), mov r64 sign-extended (7), movabs (10).
fn put_const(cx: &mut Cx<'_>, dst: Reg, value: i64) {
    let inst = if value == 0 {
        MInst::new(Op::XorRm, Width::B32).dst(dst).src(dst).rm(dst)
    } else if u32::try_from(value).is_ok() {
        MInst::new(Op::MovOi, Width::B32).dst(dst).imm(value)
    } else if i32::try_from(value).is_ok() {
        MInst::new(Op::MovMi, Width::B64).dst(dst).imm(value)
    } else {
        MInst::new(Op::MovOi, Width::B64).dst(dst).imm(value)
    };
    put(cx, &inst);
}

fn put_call(cx: &mut Cx<'_>, info: &CallInfo, tail: bool) {
    match info.callee {
        Callee::Symbol(symbol) => {
            cx.buf.put1(if tail { 0xe9 } else { 0xe8 });
            cx.buf.reloc(RelocKind::X86Call, symbols::decode(symbol), -4);
            cx.buf.put4(0);
        }
        Callee::Indirect(rm) => {
            put(cx, &MInst::new(if tail { Op::JmpM } else { Op::CallM }, Width::B64).rm(rm));
        }
    }
}

fn put_jump(cx: &mut Cx<'_>, block: MachBlock) {
    if !cx.is_next(block) {
        let label = cx.label(block);
        cx.buf.branch(label, &JMP);
    }
}

/// `any` jumps to `label` if one of the conditions holds.
fn put_either(cx: &mut Cx<'_>, any: [Cc; 2], label: Label) {
    cx.buf.branch(label, &jcc(any[0]));
    if any[1] != any[0] {
        cx.buf.branch(label, &jcc(any[1]));
    }
}

/// Two-way branch; what comes next decides the sense. Of two conditions, "neither" needs a detour:
///
/// ```text
/// any jumps to then (next: other)      any jumps to then (next: then)
///   jp then                              jp then
///   jne then                             je other        ; negation of jne
/// ```
fn put_branch(cx: &mut Cx<'_>, any: [Cc; 2], then: MachBlock, other: MachBlock) {
    let (then_label, other_label) = (cx.label(then), cx.label(other));
    if cx.is_next(then) {
        if any[0] != any[1] {
            cx.buf.branch(then_label, &jcc(any[0]));
        }
        return cx.buf.branch(other_label, &jcc(any[1].negate()));
    }
    put_either(cx, any, then_label);
    put_jump(cx, other);
}

/// ```text
/// cmp    index, count
/// jae    default
/// lea    table, [rip + targets]
/// movsxd offset, dword ptr [table + index * 4]
/// add    offset, table
/// jmp    offset
/// ```
fn put_jump_table(cx: &mut Cx<'_>, index: Reg, table: Reg, offset: Reg, targets: &[MachBlock]) {
    let (default, entries) = (targets[0], &targets[1..]);
    let default = cx.label(default);
    put(cx, &MInst::new(Op::CmpMi, Width::B64).rm(index).imm(entries.len() as i64));
    cx.buf.branch(default, &jcc(Cc::Ae));
    let label = cx.jump_table(entries);
    let lea = MInst::new(Op::Lea, Width::B64).dst(table).rm(Amode::new(Base::Pool(0), 0));
    let bytes = emit(&lea, &Address { rip: true, ..Address::default() });
    put_labelled(cx, &bytes, label);
    let entry = Amode::indexed(table, index, 2, 0);
    put(cx, &MInst::new(Op::Movsxd, Width::B64).dst(offset).rm(entry));
    put(cx, &MInst::new(Op::AddRm, Width::B64).dst(offset).src(offset).rm(table));
    put(cx, &MInst::new(Op::JmpM, Width::B64).rm(offset));
}

/// ```text
/// cmp  divisor, -1
/// jne  done
/// mov  temp, dividend
/// neg  temp            ; overflows for the least integer only
/// jo   trap
/// done:
/// ```
fn put_div_guard(cx: &mut Cx<'_>, width: Width, dividend: Reg, divisor: Reg, temp: Reg) {
    let trap = cx.trap_label(TrapCode::IntOverflow);
    let done = cx.buf.label();
    put(cx, &MInst::new(Op::CmpMi, width).rm(divisor).imm(-1));
    cx.buf.branch(done, &jcc(Cc::Ne));
    put(cx, &MInst::new(Op::MovRm, width.at_least_32()).dst(temp).rm(dividend));
    put(cx, &MInst::new(Op::Neg, width).dst(temp).rm(temp));
    cx.buf.branch(trap, &jcc(Cc::O));
    cx.buf.bind(done);
}

/// ```text
/// mov  old, [mem]
/// again:
/// mov  temp, old
/// and  temp, value                 cmp old, value ; cmovg temp, value
/// lock cmpxchg [mem], temp         ; loads old if memory has changed meanwhile
/// jne  again
/// ```
fn put_atomic_loop(
    cx: &mut Cx<'_>,
    (op, width): (Update, Width),
    mem: &Amode,
    value: Reg,
    old: Reg,
    temp: Reg,
) {
    let whole = width.at_least_32();
    let load = match width {
        Width::B8 => MInst::new(Op::MovzxB, whole),
        Width::B16 => MInst::new(Op::MovzxW, whole),
        _ => MInst::new(Op::MovRm, width),
    };
    put(cx, &load.dst(old).rm(*mem));
    let again = cx.buf.label();
    cx.buf.bind(again);
    put(cx, &MInst::new(Op::MovRm, whole).dst(temp).rm(old));
    match op {
        Update::Alu(op) => put(cx, &MInst::new(op, whole).dst(temp).src(temp).rm(value)),
        Update::ReplaceIf(cc) => {
            put(cx, &MInst::new(Op::CmpMr, width).src(value).rm(old));
            put(cx, &MInst::new(Op::Cmov, whole).dst(temp).src(temp).rm(value).cc(cc));
        }
    }
    put(cx, &MInst::new(Op::LockCmpxchg, width).dst(old).src(temp).src2(old).rm(*mem));
    cx.buf.branch(again, &jcc(Cc::Ne));
}

/// The general-dynamic sequence, with the padding that lets linkers relax it (psABI 11, "Linker
/// Optimization"): `66 lea rdi, [rip + x@tlsgd]; 66 66 48 call __tls_get_addr`.
fn put_tls(cx: &mut Cx<'_>, symbol: u32) {
    cx.buf.put_slice(&[0x66, 0x48, 0x8d, 0x3d]);
    cx.buf.reloc(RelocKind::X86TlsGd, symbols::decode(symbol), -4);
    cx.buf.put4(0);
    cx.buf.put_slice(&[0x66, 0x66, 0x48, 0xe8]);
    cx.buf.reloc(RelocKind::X86Call, symbols::decode(symbols::libcall(Libcall::TlsGetAddr)), -4);
    cx.buf.put4(0);
}

/// Fills with the recommended multi-byte no-operations (SDM vol. 2, NOP, table 4-12).
pub fn fill_nops(bytes: &mut [u8]) {
    const NOPS: [&[u8]; 9] = [
        &[0x90],
        &[0x66, 0x90],
        &[0x0f, 0x1f, 0x00],
        &[0x0f, 0x1f, 0x40, 0x00],
        &[0x0f, 0x1f, 0x44, 0x00, 0x00],
        &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
        &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
        &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
        &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    ];
    for chunk in bytes.chunks_mut(9) {
        chunk.copy_from_slice(NOPS[chunk.len() - 1]);
    }
}
