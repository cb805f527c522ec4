//! Bytes of one machine instruction, from its row.
//!
//! ```text
//! [66|F3|F2] [REX 0100WRXB | VEX] [0F [38|3A]] opcode [ModRM mod:2 reg:3 rm:3] [SIB s:2 i:3 b:3] [disp 8|32] [imm]
//! ```
//! Intel SDM vol. 2, chapter 2: 2.1 (format), 2.2.1 (REX), 2.3 (VEX).
//!
//! In: a row, register numbers, a memory operand whose base is a register, nothing, or rip.
//! Out: the bytes, and where a RIP-relative displacement sits, for whoever knows the target.
//! Invariant: the shortest form, and among equals the one GNU as picks, so that printed assembly
//! assembles to the same bytes: register to register by the store form (01, 89), immediates as a
//! signed byte where they fit, the accumulator's own opcode (05, A9) where that is shorter.

use crate::inst::table::{En, Imm, Map, Pfx, Row, Slot, widths};
use crate::inst::{MInst, Rm, Width};
use pyexec_codegen::Reg;

/// The bytes of one instruction, put together in registers: up to 8 bytes of prefixes, opcode, ModRM and
/// SIB in `head`, then displacement and immediate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bytes {
    head: u64,
    tail: u64,
    head_len: u8,
    tail_len: u8,
    /// Where a RIP-relative disp32 begins, or 0: no instruction has one at its start.
    rip_at: u8,
}

impl Bytes {
    #[inline(always)]
    fn push(&mut self, byte: u8) {
        self.head |= u64::from(byte) << (8 * u32::from(self.head_len));
        self.head_len += 1;
    }
    #[inline(always)]
    fn push_escape(&mut self, bytes: u16) {
        self.head |= u64::from(bytes) << (8 * u32::from(self.head_len));
        self.head_len += 2;
    }
    /// Appends to the tail: displacement or immediate.
    #[inline(always)]
    fn push_le(&mut self, value: i64, bytes: u8) {
        let mask = if bytes >= 8 { u64::MAX } else { (1 << (8 * u32::from(bytes))) - 1 };
        self.tail |= (value as u64 & mask) << (8 * u32::from(self.tail_len));
        self.tail_len += bytes;
    }
    /// The bytes as a little-endian number.
    #[inline(always)]
    pub fn word(&self) -> u128 {
        u128::from(self.head) | u128::from(self.tail) << (8 * u32::from(self.head_len))
    }
    /// How many bytes.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        usize::from(self.head_len + self.tail_len)
    }
    /// The bytes, for those who are in no hurry.
    pub fn to_vec(&self) -> Vec<u8> {
        self.word().to_le_bytes()[..self.len()].to_vec()
    }
    /// Where a RIP-relative displacement begins, and how many bytes follow its start up to the end of
    /// the instruction: the displacement counts from there.
    pub fn rip_fixup(&self) -> Option<(u32, i32)> {
        (self.rip_at != 0).then(|| (self.rip_at.into(), self.len() as i32 - i32::from(self.rip_at)))
    }
}

/// A memory operand with its base resolved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Address {
    /// Hardware number of the base register.
    pub base: Option<u8>,
    /// Hardware number of the index register.
    pub index: Option<u8>,
    /// Logarithm of the scale.
    pub shift: u8,
    /// Constant part; ignored where `rip` is set.
    pub disp: i32,
    /// Relative to rip, through a fix-up.
    pub rip: bool,
}

/// What ModRM.rm encodes.
#[derive(Clone, Copy, Debug)]
enum Target<'a> {
    Reg(u8),
    Mem(&'a Address),
}

impl Target<'_> {
    /// REX.X and REX.B.
    #[inline]
    fn rex_xb(self) -> u8 {
        match self {
            Target::Reg(r) => r >> 3,
            Target::Mem(a) => (a.index.unwrap_or(0) >> 3) << 1 | a.base.unwrap_or(0) >> 3,
        }
    }
}

/// Encodes one instruction whose registers are physical. `address` stands for its memory operand.
pub fn emit(inst: &MInst, address: &Address) -> Bytes {
    let row = inst.op.row();
    let mut out = Bytes::default();
    match row.en {
        En::Zo => {
            plain(&mut out, row, inst.width, 0);
            if row.digit != 0 {
                mod_rm(&mut out, row.digit, Target::Reg(0));
            }
        }
        En::D => {
            plain(&mut out, row, inst.width, 0);
            out.push_le(inst.imm, 4);
        }
        En::I => immediate_only(&mut out, row, inst.imm),
        En::O | En::Oi => in_opcode(&mut out, row, inst),
        // Sign-extended to 64 bits (C7) is the one form that beats the register-in-opcode form.
        En::Mi if row.opcode == 0xc7 && inst.width != Width::B64 && !inst.rm.is_mem() => {
            move_immediate(&mut out, inst);
        }
        En::Rvm | En::Rmv => vex(&mut out, row, inst, address),
        _ if matches!(row.map, Map::V38 | Map::V3a) => vex(&mut out, row, inst, address),
        _ => mod_rm_form(&mut out, row, inst, address),
    }
    out
}

/// The register that ModRM.reg names: the destination if it is written, else the source.
#[inline(always)]
fn reg_field(row: &Row, inst: &MInst) -> u8 {
    match row.reg {
        Slot::No => row.digit,
        slot if slot.writes() => inst.dst.number(),
        _ => inst.src.number(),
    }
}

/// What ModRM.rm names: a written register is the destination (tied to `rm` if also read).
#[inline(always)]
fn rm_field<'a>(row: &Row, inst: &MInst, address: &'a Address) -> Target<'a> {
    match inst.rm {
        Rm::Mem(_) => Target::Mem(address),
        Rm::Reg(_) if row.rm.writes() => Target::Reg(inst.dst.number()),
        Rm::Reg(r) => Target::Reg(r.number()),
    }
}

#[inline]
fn mod_rm_form(out: &mut Bytes, row: &Row, inst: &MInst, address: &Address) {
    let mut reg = reg_field(row, inst);
    let mut target = rm_field(row, inst, address);
    let mut opcode = row.opcode;
    if let (En::Rm, Map::M0, Target::Reg(rm), false) = (row.en, row.map, target, opcode == 0x63) {
        // GNU as writes register to register with the store form, whose opcode is 2 less.
        (reg, target, opcode) = (rm, Target::Reg(reg), opcode - 2);
    }
    if inst.width == Width::B8 && row.widths & widths::BWDQ == widths::BWDQ {
        opcode &= !1;
    }
    if row.imm != Imm::No {
        return with_immediate(out, row, inst, (opcode, reg, target));
    }
    with_mod_rm(out, row, inst.width, (opcode, reg, target));
}

/// Prefixes, opcode, ModRM.
#[inline(always)]
fn with_mod_rm(out: &mut Bytes, row: &Row, width: Width, (opcode, reg, target): (u8, u8, Target<'_>)) {
    // Only rows of bytes can need a REX prefix for its own sake.
    let force = (width == Width::B8 || matches!(row.rm, Slot::Br | Slot::Bw)) && {
        needs_byte_rex(row.reg, width, reg)
            || matches!(target, Target::Reg(r) if needs_byte_rex(row.rm, width, r))
    };
    prefixes(out, row, width, (reg >> 3) << 2 | target.rex_xb(), force);
    escape(out, row.map);
    out.push(opcode);
    mod_rm(out, reg, target);
}

fn with_immediate(out: &mut Bytes, row: &Row, inst: &MInst, (mut opcode, reg, target): (u8, u8, Target<'_>)) {
    let (imm, imm_bytes) = immediate(row, inst, &mut opcode);
    let full = imm_bytes == full_immediate(inst.width);
    match (accumulator_opcode(row, opcode), target) {
        (Some(short), Target::Reg(0)) if full && row.en == En::Mi => {
            prefixes(out, row, inst.width, 0, false);
            out.push(short);
        }
        _ => with_mod_rm(out, row, inst.width, (opcode, reg, target)),
    }
    out.push_le(imm, imm_bytes);
}

/// How many bytes an immediate of an operand of this width has: 32 bits stand for 64, sign-extended.
#[inline]
const fn full_immediate(width: Width) -> u8 {
    match width {
        Width::B8 => 1,
        Width::B16 => 2,
        _ => 4,
    }
}

/// spl, bpl, sil, dil exist only with a REX prefix: without it their numbers mean ah, ch, dh, bh.
#[inline]
fn needs_byte_rex(slot: Slot, width: Width, reg: u8) -> bool {
    reg >= 4 && slot != Slot::No && !slot.is_xmm() && slot.width(width) == Width::B8
}

/// The opcode that has al/ax/eax/rax as its implied operand: ALU `05 + 8n`, test `A9`.
#[inline]
fn accumulator_opcode(row: &Row, opcode: u8) -> Option<u8> {
    match (opcode, row.imm) {
        (0x80 | 0x81, _) => Some(row.digit << 3 | 4 | opcode & 1),
        (0xf6 | 0xf7, Imm::If) => Some(0xa8 | opcode & 1),
        _ => None,
    }
}

/// Value and size of the immediate; may switch `opcode` to a shorter form.
#[inline]
fn immediate(row: &Row, inst: &MInst, opcode: &mut u8) -> (i64, u8) {
    let full = full_immediate(inst.width);
    match row.imm {
        Imm::No => (0, 0),
        Imm::Cc => {
            *opcode |= inst.imm as u8 & 15;
            (0, 0)
        }
        Imm::Ib => (inst.imm, 1),
        Imm::Sh if inst.imm == 1 => {
            *opcode |= 0x10;
            (0, 0)
        }
        Imm::Sh => (inst.imm, 1),
        Imm::Iz if full > 1 && fits_byte(inst.imm, inst.width) => {
            *opcode |= 2;
            (inst.imm, 1)
        }
        Imm::Iz | Imm::If => (inst.imm, full),
    }
}

/// Whether the immediate, taken at the operand's width, is a sign-extended byte.
#[inline]
fn fits_byte(imm: i64, width: Width) -> bool {
    let up = 64 - width.bits();
    i8::try_from(imm << up >> up).is_ok()
}

/// Prefix 66, mandatory prefix and REX, in that order. `rxb`: REX.R, X, B. `force`: REX even if empty.
#[inline(always)]
fn prefixes(out: &mut Bytes, row: &Row, width: Width, rxb: u8, force: bool) {
    if width == Width::B16 && row.widths & (1 << Width::B16 as u8) != 0 {
        out.push(0x66);
    }
    match row.pfx {
        Pfx::Np => {}
        Pfx::P66 => out.push(0x66),
        Pfx::F3 => out.push(0xf3),
        Pfx::F2 => out.push(0xf2),
        Pfx::Lock => out.push(0xf0),
    }
    let wide = width == Width::B64 && row.widths & widths::Q != 0;
    if rxb != 0 || wide || force {
        out.push(0x40 | u8::from(wide) << 3 | rxb);
    }
}

#[inline(always)]
fn escape(out: &mut Bytes, map: Map) {
    match map {
        Map::M0 | Map::V38 | Map::V3a => {}
        Map::M0f => out.push(0x0f),
        Map::M38 => out.push_escape(0x380f),
        Map::M3a => out.push_escape(0x3a0f),
    }
}

/// ModRM, SIB and displacement. SDM vol. 2, tables 2-2 and 2-3, and their notes.
#[inline(always)]
fn mod_rm(out: &mut Bytes, reg: u8, target: Target<'_>) {
    let reg = (reg & 7) << 3;
    match target {
        Target::Reg(rm) => out.push(0xc0 | reg | rm & 7),
        Target::Mem(address) => memory(out, reg, address),
    }
}

fn memory(out: &mut Bytes, reg: u8, address: &Address) {
    if address.rip {
        out.push(reg | 5);
        out.rip_at = out.head_len;
        return out.push_le(0, 4);
    }
    let Some(base) = address.base else {
        // mod 00, base 101 in a SIB byte: no base, disp32. Index 100: none.
        out.push(reg | 4);
        out.push(address.shift << 6 | (address.index.unwrap_or(4) & 7) << 3 | 5);
        return out.push_le(address.disp.into(), 4);
    };
    // rbp and r13 as base with mod 00 mean something else: they always carry a displacement.
    let (mode, size) = match address.disp {
        0 if base & 7 != 5 => (0x00, 0),
        -128..=127 => (0x40, 1),
        _ => (0x80, 4),
    };
    match address.index {
        Some(index) => {
            out.push(mode | reg | 4);
            out.push(address.shift << 6 | (index & 7) << 3 | base & 7);
        }
        // rsp and r12 as base need a SIB byte: their number in rm announces one.
        None if base & 7 == 4 => {
            out.push(mode | reg | 4);
            out.push(0x24);
        }
        None => out.push(mode | reg | base & 7),
    }
    out.push_le(address.disp.into(), size);
}

fn plain(out: &mut Bytes, row: &Row, width: Width, rxb: u8) {
    prefixes(out, row, width, rxb, false);
    escape(out, row.map);
    out.push(row.opcode);
}

fn immediate_only(out: &mut Bytes, row: &Row, imm: i64) {
    let short = i8::try_from(imm).is_ok();
    out.push(row.opcode | u8::from(short) << 1);
    out.push_le(imm, if short { 1 } else { 4 });
}

/// The register number in the low three bits of the opcode: push, pop, bswap, mov with immediate.
fn in_opcode(out: &mut Bytes, row: &Row, inst: &MInst) {
    let reg = if row.reg.writes() { inst.dst.number() } else { inst.src.number() };
    prefixes(out, row, inst.width, reg >> 3, false);
    escape(out, row.map);
    out.push(row.opcode | reg & 7);
    if row.en == En::Oi {
        out.push_le(inst.imm, if inst.width == Width::B64 { 8 } else { 4 });
    }
}

/// `mov reg, imm` below 64 bits: B0 + r for bytes, B8 + r above. SDM: MOV, Op/En OI.
fn move_immediate(out: &mut Bytes, inst: &MInst) {
    let (row, reg) = (inst.op.row(), inst.dst.number());
    prefixes(out, row, inst.width, reg >> 3, needs_byte_rex(row.rm, inst.width, reg));
    out.push(if inst.width == Width::B8 { 0xb0 } else { 0xb8 } | reg & 7);
    out.push_le(inst.imm, full_immediate(inst.width));
}

/// Three-byte VEX (C4), 128-bit or scalar: `C4 | ~R ~X ~B mmmmm | W ~vvvv L pp` (SDM vol. 2, 2.3.5).
fn vex(out: &mut Bytes, row: &Row, inst: &MInst, address: &Address) {
    let (reg, target) = (reg_field(row, inst), rm_field(row, inst, address));
    let third = match row.en {
        En::Rvm if row.reg.reads() => inst.src2,
        En::Rvm | En::Rmv => inst.src,
        _ => Reg::NONE,
    };
    let vvvv = third.preg().map_or(0, |r| r.number());
    let rxb = (reg >> 3) << 2 | target.rex_xb();
    let map = if row.map == Map::V38 { 2 } else { 3 };
    out.push(0xc4);
    out.push((rxb << 5 ^ 0xe0) | map);
    let wide = inst.width == Width::B64;
    out.push(u8::from(wide) << 7 | (vvvv ^ 15) << 3 | row.pfx as u8);
    out.push(row.opcode);
    mod_rm(out, reg, target);
    if row.imm == Imm::Ib {
        out.push_le(inst.imm, 1);
    }
}
