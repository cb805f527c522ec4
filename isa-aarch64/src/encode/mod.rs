//! From selected instructions to words in the code buffer: addresses resolved, pseudo-instructions
//! expanded, labels and relocations recorded.
//!
//! In: instructions whose registers are physical. Out: words. Expansions use x16 for addresses and
//! constants that fit no instruction, and x17 beside it; neither outlives its expansion.
//!
//! A conditional branch that may not reach is a branch around a plain one:
//!
//! ```text
//! near                far
//! cbz x0, target      cbnz x0, .+8 ; b target
//! ```

mod atomic;
pub mod emit;
pub mod immediate;

pub use emit::{EncodeError, decode, encode};

use crate::inst::{
    Access, Amode, Base, CallInfo, Callee, Cc, Extend, Inst, MInst, Op, Path, Shift, Test, Width,
};
use crate::regs::{IP0_REG, IP1_REG, LR, SP_REG, ZR_REG};
use crate::{AArch64, frame, symbols};
use immediate::{encode_float, encode_imm12, encode_logical};
use pyexec_base::EntityId as _;
use pyexec_codegen::buffer::{Branch, BranchForm};
use pyexec_codegen::{EmitCx, Fixup, MachBlock, Reg, RelocKind};
use pyexec_ir::Slot;
use pyexec_regalloc::RegClass;

type Cx<'a> = EmitCx<'a, AArch64>;

const X: Width = Width::W64;

/// How instructions refer to labels: the field of the word at the offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum A64Fixup {
    /// `b`: 26 bits of words.
    To26,
    /// `b.cond`, `cbz`, literal loads: 19 bits of words.
    To19,
    /// `tbz`: 14 bits of words.
    To14,
    /// `adr`: 21 bits of bytes.
    Adr,
}

impl Fixup for A64Fixup {
    fn patch(self, code: &mut [u8], at: usize, target: usize) -> bool {
        let distance = target as i64 - at as i64;
        let (bits, low, scale) = match self {
            A64Fixup::To26 => (26, 0, 2),
            A64Fixup::To19 => (19, 5, 2),
            A64Fixup::To14 => (14, 5, 2),
            A64Fixup::Adr => (21, 5, 0),
        };
        let units = distance >> scale;
        let limit = 1i64 << (bits - 1);
        if !(-limit..limit).contains(&units) {
            return false;
        }
        let field = units as u32 & ((1 << bits) - 1);
        let field = match self {
            A64Fixup::Adr => (field & 3) << 29 | (field >> 2) << 5,
            _ => field << low,
        };
        let word = &mut code[at..at + 4];
        for (byte, bits) in word.iter_mut().zip(field.to_le_bytes()) {
            *byte |= bits;
        }
        true
    }
}

fn bytes_of(words: [u32; 2]) -> [u8; 8] {
    (u64::from(words[0]) | u64::from(words[1]) << 32).to_le_bytes()
}

/// The word of an instruction that selection or an expansion here has made to fit.
fn word(inst: &MInst) -> u32 {
    match encode(inst) {
        Ok(word) => word,
        Err(error) => unreachable!("invariant: operands are checked before: {error}"),
    }
}

/// `b`.
fn jump() -> Branch<A64Fixup> {
    let long = BranchForm {
        bytes: bytes_of([word(&MInst::new(Op::B, X)), 0]),
        len: 4,
        field: 0,
        fixup: A64Fixup::To26,
    };
    Branch { long, short: None, reach: (0, 0) }
}

/// A branch that has a reach, and its opposite: `skip` goes over one instruction.
fn either(near: &MInst, skip: &MInst, fixup: A64Fixup) -> Branch<A64Fixup> {
    let limit = if fixup == A64Fixup::To14 { 1 << 15 } else { 1 << 20 };
    let skip = word(&MInst { imm: 8, ..*skip });
    Branch {
        long: BranchForm {
            bytes: bytes_of([skip, word(&MInst::new(Op::B, X))]),
            len: 8,
            field: 4,
            fixup: A64Fixup::To26,
        },
        short: Some(BranchForm { bytes: bytes_of([word(near), 0]), len: 4, field: 0, fixup }),
        // Counted from the end of the instruction, the field from its beginning.
        reach: (-limit, limit - 8),
    }
}

/// `b.cc`.
pub fn conditional(cc: Cc) -> Branch<A64Fixup> {
    let branch = |cc| MInst::new(Op::BCond, X).cc(cc);
    either(&branch(cc), &branch(cc.negate()), A64Fixup::To19)
}

/// The branch that is taken if the test holds.
pub(super) fn test_branch(test: Test) -> Branch<A64Fixup> {
    match test {
        Test::Flags(cc) => conditional(cc),
        Test::Zero { reg, width, zero } => {
            let branch = |zero| MInst::new(if zero { Op::Cbz } else { Op::Cbnz }, width).rd(reg);
            either(&branch(zero), &branch(!zero), A64Fixup::To19)
        }
        Test::Bit { reg, bit, set } => {
            let branch = |set| MInst::new(if set { Op::Tbnz } else { Op::Tbz }, X).rd(reg).amt(bit);
            either(&branch(set), &branch(!set), A64Fixup::To14)
        }
    }
}

/// Appends one machine instruction.
#[inline]
pub fn put(cx: &mut Cx<'_>, inst: &MInst) {
    cx.buf.put4(word(inst));
}

/// Appends one selected instruction.
pub fn put_inst(isa: &AArch64, cx: &mut Cx<'_>, inst: &Inst) {
    match inst {
        Inst::M(inst) => put(cx, inst),
        Inst::Mov { dst, src } => put_move(cx, *dst, *src),
        Inst::Const { dst, value } => put_const(cx, *dst, *value),
        Inst::FloatConst { dst, width, bits } => put_float_const(cx, *dst, *width, *bits),
        Inst::Mem { access, reg, mem } => put_access(cx, *access, *reg, mem),
        Inst::Pair { load, low, high, mem } => put_pair(cx, *load, *low, *high, mem),
        Inst::Lea { dst, mem } => {
            let (base, offset) = resolve(mem, cx);
            put_add(cx, *dst, base, offset);
        }
        Inst::SymbolAddr { dst, symbol, offset, by } => put_symbol(cx, *dst, *symbol, *offset, *by),
        Inst::SectionOffset { dst, base, symbol } => put_section_offset(cx, *dst, *base, *symbol),
        Inst::Args(_) => {}
        Inst::Call(info) => put_call(cx, info),
        Inst::Ret(_) => {
            frame::epilogue(isa, cx);
            put(cx, &MInst::new(Op::Ret, X).rn(LR.into()));
            frame::after(cx);
        }
        Inst::TailCall(info) => {
            frame::epilogue(isa, cx);
            put_tail_call(cx, info);
            frame::after(cx);
        }
        Inst::Jmp(block) => put_jump(cx, *block),
        Inst::Br { test, then, other } => put_branch(cx, *test, *then, *other),
        Inst::JumpTable { index, targets } => put_jump_table(isa, cx, *index, targets),
        Inst::Trap(code) => {
            cx.buf.trap(*code);
            cx.buf.put4(TRAP);
        }
        Inst::TrapIf { test, code } => {
            let label = cx.trap_label(*code);
            cx.buf.branch(label, &test_branch(*test));
        }
        Inst::AtomicLoop { op, log, base, value, old } => {
            atomic::put_loop(cx, *op, *log, (*base, *value), *old);
        }
        Inst::CasLoop { log, base, expected, new, old } => {
            atomic::put_cas_loop(cx, *log, *base, (*expected, *new), *old);
        }
        Inst::TlsAddr { dst, symbol } => put_tls(cx, *dst, *symbol),
    }
}

/// `udf #1`: undefined for ever, and not the all-zero word that data has.
pub const TRAP: u32 = 1;
/// `nop`.
pub const NOP: u32 = 0xd503_201f;

/// A copy between registers, or a register and a spill slot.
pub fn put_move(cx: &mut Cx<'_>, dst: Reg, src: Reg) {
    if dst == src {
        return;
    }
    let slot = |n| Amode::new(Base::Spill(n), 0);
    let float = dst.class().or(src.class()) == Some(RegClass::Float);
    match (dst.spill(), src.spill(), float) {
        (None, None, false) => put(cx, &MInst::new(Op::Orr, X).rd(dst).rn(ZR_REG).rm(src)),
        (None, None, true) => put(cx, &MInst::new(Op::Fmov, X).rd(dst).rn(src)),
        (None, Some(n), false) => put_access(cx, Access::LOAD64, dst, &slot(n)),
        (None, Some(n), true) => put_access(cx, Access::LOAD_F64, dst, &slot(n)),
        (Some(n), _, false) => put_access(cx, Access::STORE64, src, &slot(n)),
        (Some(n), _, true) => put_access(cx, Access::STORE_F64, src, &slot(n)),
    }
}

// ---- Constants ----

/// The instructions that make a constant, at most four.
pub struct ConstPlan {
    insts: [Option<MInst>; 4],
}

impl ConstPlan {
    /// How many.
    pub fn len(&self) -> usize {
        self.insts.iter().flatten().count()
    }
    /// Whether there are none: never.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The fewest of: one `movz`, `movn` or `orr`; `orr` and one `movk`; `movz` or `movn` and a `movk` for every
/// other 16 bits.
pub fn plan_const(dst: Reg, value: i64) -> ConstPlan {
    let bits = value as u64;
    let (width, count) = if bits >> 32 == 0 { (Width::W32, 2) } else { (X, 4) };
    let piece = |index: u8| (bits >> (16 * index)) as u16;
    let differ = |fill: u16| (0..count).filter(move |i| piece(*i) != fill);
    let (zeros, ones) = (differ(0).count(), differ(0xffff).count());
    let mut insts = [None; 4];
    let least = zeros.min(ones);
    let repeated = if least > 1 { repeated_pattern(bits, width, least) } else { None };
    if let Some((pattern, index)) = repeated {
        insts[0] = Some(MInst::new(Op::OrrI, width).rd(dst).rn(ZR_REG).imm(pattern as i64));
        insts[1] = index.map(|index| keep(dst, width, index, piece(index)));
        return ConstPlan { insts };
    }
    let (op, fill) = if ones < zeros { (Op::Movn, 0xffff) } else { (Op::Movz, 0) };
    let mut all = differ(fill);
    let first = all.next().unwrap_or(0);
    let imm = i64::from(piece(first) ^ fill);
    insts[0] = Some(MInst::new(op, width).rd(dst).imm(imm).amt(16 * first));
    for (inst, index) in insts.iter_mut().skip(1).zip(all) {
        *inst = Some(keep(dst, width, index, piece(index)));
    }
    ConstPlan { insts }
}

/// `movk`: 16 bits replaced, the others kept.
fn keep(dst: Reg, width: Width, index: u8, piece: u16) -> MInst {
    MInst::new(Op::Movk, width).rd(dst).ra(dst).imm(piece.into()).amt(16 * index)
}

/// A bit pattern that is the constant, or differs from it in 16 bits alone (where `movk` pays: it saves one
/// of `least` instructions).
fn repeated_pattern(bits: u64, width: Width, least: usize) -> Option<(u64, Option<u8>)> {
    let is_pattern = |bits: u64| encode_logical(bits, width.bits()).is_some();
    if is_pattern(bits) {
        return Some((bits, None));
    }
    let replaced = |index: u8, from: u8| {
        let piece = bits >> (16 * from) & 0xffff;
        bits & !(0xffff << (16 * index)) | piece << (16 * index)
    };
    let pairs = (0..4u8).flat_map(|index| (0..4).map(move |from| (index, from)));
    let mut pairs = pairs.filter(|(index, from)| index != from && least > 2);
    pairs.find(|(i, f)| is_pattern(replaced(*i, *f))).map(|(i, f)| (replaced(i, f), Some(i)))
}

/// A constant into a general register.
pub fn put_const(cx: &mut Cx<'_>, dst: Reg, value: i64) {
    for inst in plan_const(dst, value).insts.iter().flatten() {
        put(cx, inst);
    }
}

/// `movi` for zero, `fmov` for small floats, by way of x16 if that is one instruction more, else a load
/// from behind the code.
fn put_float_const(cx: &mut Cx<'_>, dst: Reg, width: Width, bits: u64) {
    if bits == 0 {
        return put(cx, &MInst::new(Op::MoviZ, X).rd(dst));
    }
    let as_double = if width == X { bits } else { f64::from(f32::from_bits(bits as u32)).to_bits() };
    if encode_float(as_double).is_some() {
        return put(cx, &MInst::new(Op::FmovI, width).rd(dst).imm(as_double as i64));
    }
    if plan_const(IP0_REG, bits as i64).len() == 1 {
        put_const(cx, IP0_REG, bits as i64);
        let op = if width == X { Op::FmovDX } else { Op::FmovSW };
        return put(cx, &MInst::new(op, X).rd(dst).rn(IP0_REG));
    }
    let label = cx.buf.constant(bits.into(), width.bytes() as u8);
    let at = cx.buf.offset();
    put(cx, &MInst::new(Op::FLdrLit, width).rd(dst));
    cx.buf.fixup(at, label, A64Fixup::To19);
}

// ---- Addresses ----

/// The register and the distance from it.
fn resolve(mem: &Amode, cx: &Cx<'_>) -> (Reg, i64) {
    let disp = i64::from(mem.disp);
    match mem.base {
        Base::Reg(reg) => (reg, disp),
        Base::Slot(slot) => (SP_REG, disp + i64::from(cx.frame.slot(Slot::from_index(slot as usize)))),
        Base::Incoming => (SP_REG, disp + i64::from(cx.frame.incoming(0))),
        Base::Outgoing => (SP_REG, disp),
        Base::Spill(slot) => (SP_REG, disp + i64::from(cx.frame.spill(slot))),
    }
}

/// `dst = base + offset`; either may be the stack pointer. Spoils x16 where the offset has more than 24
/// bits. When the stack pointer moves, it never passes what it is to become.
pub fn put_add(cx: &mut Cx<'_>, dst: Reg, base: Reg, offset: i64) {
    let op = if offset < 0 { Op::SubI } else { Op::AddI };
    let size = offset.unsigned_abs() as i64;
    let step = |rd, rn, imm| MInst::new(op, X).rd(rd).rn(rn).imm(imm);
    if offset == 0 && dst == base {
        return;
    }
    if offset == 0 && dst != SP_REG && base != SP_REG {
        return put_move(cx, dst, base);
    }
    if encode_imm12(size).is_some() {
        return put(cx, &step(dst, base, size));
    }
    if size < 1 << 24 {
        put(cx, &step(dst, base, size & !0xfff));
        return put(cx, &step(dst, dst, size & 0xfff));
    }
    put_const(cx, IP0_REG, offset);
    put(cx, &MInst::new(Op::AddX, X).rd(dst).rn(base).rm(IP0_REG).extend(Extend::Uxtx, 0));
}

/// A load or store by the shortest of its forms.
fn put_access(cx: &mut Cx<'_>, access: Access, reg: Reg, mem: &Amode) {
    let (base, offset) = resolve(mem, cx);
    if !mem.index.is_none() {
        let base = if offset == 0 {
            base
        } else {
            put_add(cx, IP0_REG, base, offset);
            IP0_REG
        };
        let inst = MInst::new(access.indexed, access.width).rd(reg).rn(base).rm(mem.index);
        return put(cx, &inst.extend(mem.extend, mem.scaled.into()));
    }
    if let Some(inst) = offset_form(access, reg, base, offset) {
        return put(cx, &inst);
    }
    // The upper part of the offset into x16, the rest in the access.
    let low = offset & 0xfff;
    match offset_form(access, reg, IP0_REG, low).filter(|_| (0..1 << 24).contains(&offset)) {
        Some(inst) => {
            put_add(cx, IP0_REG, base, offset - low);
            put(cx, &inst);
        }
        None => {
            put_add(cx, IP0_REG, base, offset);
            put(cx, &MInst::new(access.scaled, access.width).rd(reg).rn(IP0_REG));
        }
    }
}

fn offset_form(access: Access, reg: Reg, base: Reg, offset: i64) -> Option<MInst> {
    let inst = |op| MInst::new(op, access.width).rd(reg).rn(base).imm(offset);
    let units = offset >> access.log;
    if units << access.log == offset && (0..1 << 12).contains(&units) {
        return Some(inst(access.scaled));
    }
    (-256..256).contains(&offset).then(|| inst(access.unscaled))
}

fn put_pair(cx: &mut Cx<'_>, load: bool, low: Reg, high: Reg, mem: &Amode) {
    let (mut base, mut offset) = resolve(mem, cx);
    if offset % 8 != 0 || !(-512..512).contains(&offset) {
        put_add(cx, IP0_REG, base, offset);
        (base, offset) = (IP0_REG, 0);
    }
    let op = if load { Op::Ldp } else { Op::Stp };
    put(cx, &MInst::new(op, X).rd(low).ra(high).rn(base).imm(offset));
}

/// ```text
/// adrp dst, symbol ; add dst, dst, :lo12:symbol            in the same loaded object
/// adrp dst, :got:symbol ; ldr dst, [dst, :got_lo12:symbol] elsewhere
/// ```
fn put_symbol(cx: &mut Cx<'_>, dst: Reg, symbol: u32, offset: i32, by: Path) {
    let name = symbols::decode(symbol);
    let (page, low) = match by {
        Path::Near => (RelocKind::A64Page, RelocKind::A64AddLow12),
        Path::Got => (RelocKind::A64GotPage, RelocKind::A64GotLow12),
        Path::Thread => (RelocKind::A64TlvPage, RelocKind::A64TlvLow12),
    };
    let near = by == Path::Near;
    let addend = if near { offset.into() } else { 0 };
    cx.buf.reloc(page, name, addend);
    put(cx, &MInst::new(Op::Adrp, X).rd(dst));
    cx.buf.reloc(low, name, addend);
    if near {
        put(cx, &MInst::new(Op::AddI, X).rd(dst).rn(dst));
    } else {
        put(cx, &MInst::new(Op::LdrU, X).rd(dst).rn(dst));
        put_add(cx, dst, dst, offset.into());
    }
}

/// "Shifted by 12", of an immediate that the linker fills in (Arm ARM C6.2.5).
pub const SHIFTED: u32 = 1 << 22;

/// `add dst, base, :secrel_hi12:datum ; add dst, dst, :secrel_lo12:datum`.
fn put_section_offset(cx: &mut Cx<'_>, dst: Reg, base: Reg, symbol: u32) {
    let name = symbols::decode(symbol);
    cx.buf.reloc(RelocKind::A64SecRelHigh12, name, 0);
    cx.buf.put4(word(&MInst::new(Op::AddI, X).rd(dst).rn(base)) | SHIFTED);
    cx.buf.reloc(RelocKind::A64SecRelLow12, name, 0);
    put(cx, &MInst::new(Op::AddI, X).rd(dst).rn(dst));
}

/// The descriptor sequence (ELF for the Arm 64-bit Architecture, "TLS descriptors"), which linkers relax:
/// the resolver takes the descriptor in x0 and returns the datum's distance from the thread pointer.
fn put_tls(cx: &mut Cx<'_>, dst: Reg, symbol: u32) {
    let name = symbols::decode(symbol);
    let (x0, x1) = (Reg::from(crate::regs::x(0)), Reg::from(crate::regs::x(1)));
    cx.buf.reloc(RelocKind::A64TlsPage, name, 0);
    put(cx, &MInst::new(Op::Adrp, X).rd(x0));
    cx.buf.reloc(RelocKind::A64TlsLoadLow12, name, 0);
    put(cx, &MInst::new(Op::LdrU, X).rd(x1).rn(x0));
    cx.buf.reloc(RelocKind::A64TlsAddLow12, name, 0);
    put(cx, &MInst::new(Op::AddI, X).rd(x0).rn(x0));
    cx.buf.reloc(RelocKind::A64TlsCall, name, 0);
    put(cx, &MInst::new(Op::Blr, X).rn(x1));
    put(cx, &MInst::new(Op::MrsTls, X).rd(x1));
    put(cx, &MInst::new(Op::Add, X).rd(dst).rn(x1).rm(x0));
}

// ---- Control ----

fn put_call(cx: &mut Cx<'_>, info: &CallInfo) {
    match info.callee {
        Callee::Symbol(symbol) => {
            cx.buf.reloc(RelocKind::A64Call, symbols::decode(symbol), 0);
            put(cx, &MInst::new(Op::Bl, X));
        }
        Callee::Indirect(reg) => put(cx, &MInst::new(Op::Blr, X).rn(reg)),
    }
}

/// A jump through x16 may land where a call may.
fn put_tail_call(cx: &mut Cx<'_>, info: &CallInfo) {
    match info.callee {
        Callee::Symbol(symbol) => {
            cx.buf.reloc(RelocKind::A64Call, symbols::decode(symbol), 0);
            put(cx, &MInst::new(Op::B, X));
        }
        Callee::Indirect(reg) => {
            put_move(cx, IP0_REG, reg);
            put(cx, &MInst::new(Op::Br, X).rn(IP0_REG));
        }
    }
}

fn put_jump(cx: &mut Cx<'_>, block: MachBlock) {
    if !cx.is_next(block) {
        let label = cx.label(block);
        cx.buf.branch(label, &jump());
    }
}

/// Two-way branch; what comes next decides the sense.
fn put_branch(cx: &mut Cx<'_>, test: Test, then: MachBlock, other: MachBlock) {
    let (then_label, other_label) = (cx.label(then), cx.label(other));
    if cx.is_next(then) && !cx.is_next(other) {
        return cx.buf.branch(other_label, &test_branch(test.negate()));
    }
    cx.buf.branch(then_label, &test_branch(test));
    put_jump(cx, other);
}

/// ```text
/// cmp   index, #count ; b.hs default
/// adr   x16, targets
/// ldrsw x17, [x16, index, lsl #2]
/// add   x16, x16, x17
/// br    x16
/// ```
/// With landing pads the table leads to one pad for each target, `bti c; b target`.
fn put_jump_table(isa: &AArch64, cx: &mut Cx<'_>, index: Reg, targets: &[MachBlock]) {
    let Some((default, table)) = targets.split_first() else { return };
    let count = table.len() as i64;
    if encode_imm12(count).is_some() {
        put(cx, &MInst::new(Op::SubsI, X).rd(ZR_REG).rn(index).imm(count));
    } else {
        put_const(cx, IP0_REG, count);
        put(cx, &MInst::new(Op::Subs, X).rd(ZR_REG).rn(index).rm(IP0_REG));
    }
    let default = cx.label(*default);
    cx.buf.branch(default, &conditional(Cc::Hs));
    let pads: Vec<_> =
        if isa.features().bti { table.iter().map(|_| cx.buf.label()).collect() } else { Vec::new() };
    let label = if pads.is_empty() { cx.jump_table(table) } else { cx.buf.jump_table(&pads) };
    let at = cx.buf.offset();
    put(cx, &MInst::new(Op::Adr, X).rd(IP0_REG));
    cx.buf.fixup(at, label, A64Fixup::Adr);
    let load = MInst::new(Op::LdrswR, X).rd(IP1_REG).rn(IP0_REG).rm(index);
    put(cx, &load.extend(Extend::Uxtx, 1));
    put(cx, &MInst::new(Op::Add, X).rd(IP0_REG).rn(IP0_REG).rm(IP1_REG).shift(Shift::Lsl, 0));
    put(cx, &MInst::new(Op::Br, X).rn(IP0_REG));
    for (pad, target) in pads.into_iter().zip(table) {
        cx.buf.bind(pad);
        put(cx, &frame::LANDING_PAD);
        let target = cx.label(*target);
        cx.buf.branch(target, &jump());
    }
}

/// Fills with no-operations.
pub fn fill_nops(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(4) {
        let nop = NOP.to_le_bytes();
        chunk.copy_from_slice(&nop[..chunk.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::immediate::decode_logical;
    use crate::regs::x;

    /// What the instructions of a plan leave in the register.
    fn result(plan: &ConstPlan) -> u64 {
        plan.insts.iter().flatten().fold(0, |old, inst| {
            let piece = (inst.imm as u64) << inst.amt;
            let mask = if inst.width == X { u64::MAX } else { 0xffff_ffff };
            let new = match inst.op {
                Op::Movz => piece,
                Op::Movn => !piece,
                Op::OrrI => inst.imm as u64,
                _ => old & !(0xffff << inst.amt) | piece,
            };
            new & mask
        })
    }

    #[test]
    fn constants_are_what_they_say_by_few_instructions() {
        let dst = Reg::from(x(0));
        let mut rng = 0x9e37_79b9_7f4a_7c15_u64;
        let mut step = || {
            rng ^= rng << 13;
            rng ^= rng >> 7;
            rng ^= rng << 17;
            rng
        };
        for n in 0..200_000 {
            let (a, b) = (step(), step());
            let value = match n % 5 {
                0 => a >> (b % 64),
                1 => !(a >> (b % 64)),
                2 => decode_logical(a as u32 & 0x1fff, 64).unwrap_or(a),
                3 => {
                    decode_logical(a as u32 & 0x1fff, 64).unwrap_or(a) & !(0xffff << (16 * (b % 4))) | b >> 60
                }
                _ => a,
            };
            let plan = plan_const(dst, value as i64);
            assert_eq!(result(&plan), value, "{value:#x}");
            assert!(plan.insts.iter().flatten().all(|i| encode(i).is_ok()), "{value:#x}");
        }
        for (value, most) in
            [(0, 1), (-1, 1), (0xffff_0000, 1), (0xcccc_cccc_cccc_cccd_u64 as i64, 2), (0x1_0000_0001, 1)]
        {
            assert!(plan_const(dst, value).len() <= most, "{value:#x}");
        }
    }
}
