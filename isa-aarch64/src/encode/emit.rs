//! One machine instruction to its word and back, by its row. Whatever does not fit its field is an
//! error, never a different instruction.

use super::immediate::{decode_float, decode_logical, encode_float, encode_imm12, encode_logical};
use crate::inst::table::{Bits, candidates};
use crate::inst::{Arg, MInst, Row, Width};
use crate::regs;
use pyexec_codegen::Reg;
use pyexec_regalloc::{PReg, RegClass};
use std::fmt;

/// An operand that its field cannot express.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EncodeError {
    /// The instruction.
    pub inst: MInst,
    /// The operand.
    pub arg: Arg,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: operand {:?} does not fit", self.inst, self.arg)
    }
}

impl std::error::Error for EncodeError {}

/// The word of an instruction whose registers are physical.
///
/// # Errors
/// If an operand does not fit its field.
pub fn encode(inst: &MInst) -> Result<u32, EncodeError> {
    let row = inst.op.row();
    let mut word = row.word | row.bits.word(inst.width == Width::W64);
    for &arg in row.args {
        match operand(arg, inst) {
            Some(bits) => word |= bits,
            None => return Err(EncodeError { inst: *inst, arg }),
        }
    }
    Ok(word)
}

/// A register field; `sp` says what 31 means here.
fn reg(reg: Reg, class: RegClass, sp: bool) -> Option<u32> {
    let preg = reg.preg().filter(|p| p.class() == class)?;
    match preg.number() {
        n @ 0..=30 => Some(n.into()),
        31 if class == RegClass::Float || !sp => Some(31),
        32 if sp => Some(31),
        _ => None,
    }
}

fn int(r: Reg) -> Option<u32> {
    reg(r, RegClass::Int, false)
}
fn float(r: Reg) -> Option<u32> {
    reg(r, RegClass::Float, false)
}
/// A base register.
fn base(r: Reg) -> Option<u32> {
    Some(reg(r, RegClass::Int, true)? << 5)
}

/// A signed number of `len` bits.
fn signed(value: i64, len: u32) -> Option<u32> {
    let limit = 1i64 << (len - 1);
    (-limit..limit).contains(&value).then_some(value as u32 & ((1u64 << len) - 1) as u32)
}
/// An unsigned number of `len` bits.
fn unsigned(value: i64, len: u32) -> Option<u32> {
    (0..1i64 << len).contains(&value).then_some(value as u32)
}
/// A signed multiple of 2^`scale`, divided by it.
fn scaled(value: i64, scale: u32, len: u32) -> Option<u32> {
    if value & ((1 << scale) - 1) == 0 { signed(value >> scale, len) } else { None }
}

fn access_scale(scale: u8, width: Width) -> u32 {
    match scale {
        9 => width.bytes().trailing_zeros(),
        other => other.into(),
    }
}

/// The bits of one operand.
#[inline]
fn operand(arg: Arg, inst: &MInst) -> Option<u32> {
    use Arg::*;
    let width = inst.width;
    let amt = u32::from(inst.amt);
    Some(match arg {
        Rd | Xd | Wd | Rbit => int(inst.rd)?,
        RpD => reg(inst.rd, RegClass::Int, true)?,
        Fd | Sd | Dd | Bd | Vd => float(inst.rd)?,
        Rn | Xn | Wn => int(inst.rn)? << 5,
        RpN | At => base(inst.rn)?,
        Fn | Sn | Dn | Vn => float(inst.rn)? << 5,
        Rm | Xm | Wm => int(inst.rm)? << 16,
        Fm | Vm => float(inst.rm)? << 16,
        Ra | Xa => int(inst.ra)? << 10,
        Fa | Da => float(inst.ra)? << 10,
        Imm12 => encode_imm12(inst.imm)? << 10,
        Log => encode_logical(inst.imm as u64, width.bits())? << 10,
        Mov16 if amt & 15 == 0 && amt < width.bits() => unsigned(inst.imm, 16)? << 5 | (amt / 16) << 21,
        ImmR if amt < width.bits() => amt << 16,
        ImmS => unsigned(inst.imm, width.bits().trailing_zeros())? << 10,
        Log3 | Ari2 => shifted(arg, inst)?,
        Ext if inst.amt <= 4 && inst.sel < 8 => int(inst.rm)? << 16 | u32::from(inst.sel) << 13 | amt << 10,
        Cond if inst.sel < 16 => u32::from(inst.sel) << 12,
        CondB if inst.sel < 16 => inst.sel.into(),
        Nzcv if amt < 16 => amt,
        Imm5 => unsigned(inst.imm, 5)? << 16,
        Imm16 => unsigned(inst.imm, 16)? << 5,
        Imm16L => unsigned(inst.imm, 16)?,
        Imm7 => unsigned(inst.imm, 7)? << 5,
        Float8 => encode_float(inst.imm as u64)? << 13,
        FZero | IZero | Tpidr | Ish => 0,
        Bit if amt < 64 => (amt & 31) << 19 | (amt >> 5) << 31,
        Mem(_) | Mem9 | Pre9 | Post9 | MemX(_) | MemP | PreP | PostP => memory(arg, inst)?,
        To26 => scaled(inst.imm, 2, 26)?,
        To19 => scaled(inst.imm, 2, 19)? << 5,
        To14 => scaled(inst.imm, 2, 14)? << 5,
        Adr => split(signed(inst.imm, 21)?),
        Page => split(scaled(inst.imm, 12, 21)?),
        Mov16 | ImmR | Ext | Cond | CondB | Nzcv | Bit => return None,
    })
}

/// `immhi:immlo` of adr and adrp.
fn split(imm: u32) -> u32 {
    (imm & 3) << 29 | (imm >> 2) << 5
}

fn shifted(arg: Arg, inst: &MInst) -> Option<u32> {
    let (kind, amount) = (u32::from(inst.sel), u32::from(inst.amt));
    let kinds = if arg == Arg::Log3 { 4 } else { 3 };
    (kind < kinds && amount < inst.width.bits()).then_some(int(inst.rm)? << 16 | kind << 22 | amount << 10)
}

fn memory(arg: Arg, inst: &MInst) -> Option<u32> {
    let field = match arg {
        Arg::Mem(scale) => {
            let scale = access_scale(scale, inst.width);
            let units = inst.imm >> scale;
            if units << scale != inst.imm {
                return None;
            }
            unsigned(units, 12)? << 10
        }
        Arg::MemX(_) => {
            // Only the 32- and 64-bit extensions exist; `amt` says whether to scale.
            if !matches!(inst.sel, 2 | 3 | 6 | 7) || inst.amt > 1 {
                return None;
            }
            int(inst.rm)? << 16 | u32::from(inst.sel) << 13 | u32::from(inst.amt) << 12
        }
        Arg::Mem9 | Arg::Pre9 | Arg::Post9 => signed(inst.imm, 9)? << 12,
        _ => scaled(inst.imm, 3, 7)? << 15,
    };
    Some(base(inst.rn)? | field)
}

// ---- Decoding ----

/// The instruction of a word, if a row of the table has it.
pub fn decode(word: u32) -> Option<MInst> {
    candidates(word).find_map(|(row, wide)| decode_as(row, wide, word))
}

fn decode_as(row: &'static Row, wide: bool, word: u32) -> Option<MInst> {
    let width = if wide || row.bits == Bits::No { Width::W64 } else { Width::W32 };
    let mut inst = MInst::new(row.op, width);
    for &arg in row.args {
        read(arg, &mut inst, word)?;
    }
    // What a field has no use for (reserved shifts, sizes) does not come back.
    (encode(&inst) == Ok(word)).then_some(inst)
}

fn bits(word: u32, low: u32, len: u32) -> u32 {
    word >> low & ((1u64 << len) - 1) as u32
}
fn signed_bits(word: u32, low: u32, len: u32) -> i64 {
    i64::from((bits(word, low, len) << (32 - len)) as i32 >> (32 - len))
}
fn int_reg(word: u32, low: u32, sp: bool) -> Reg {
    match (bits(word, low, 5), sp) {
        (31, true) => regs::SP_REG,
        (n, _) => PReg::new(n as u8, RegClass::Int).into(),
    }
}
fn float_reg(word: u32, low: u32) -> Reg {
    PReg::new(bits(word, low, 5) as u8, RegClass::Float).into()
}

/// Fills in one operand. `None` if the field holds something that does not exist.
fn read(arg: Arg, inst: &mut MInst, word: u32) -> Option<()> {
    use Arg::*;
    let width = inst.width;
    match arg {
        Rd | Xd | Wd | Rbit => inst.rd = int_reg(word, 0, false),
        RpD => inst.rd = int_reg(word, 0, true),
        Fd | Sd | Dd | Bd | Vd => inst.rd = float_reg(word, 0),
        Rn | Xn | Wn => inst.rn = int_reg(word, 5, false),
        RpN | At => inst.rn = int_reg(word, 5, true),
        Fn | Sn | Dn | Vn => inst.rn = float_reg(word, 5),
        Rm | Xm | Wm => inst.rm = int_reg(word, 16, false),
        Fm | Vm => inst.rm = float_reg(word, 16),
        Ra | Xa => inst.ra = int_reg(word, 10, false),
        Fa | Da => inst.ra = float_reg(word, 10),
        Imm12 => inst.imm = i64::from(bits(word, 10, 12)) << (12 * bits(word, 22, 1)),
        Log => inst.imm = decode_logical(bits(word, 10, 13), width.bits())? as i64,
        Mov16 => {
            inst.imm = bits(word, 5, 16).into();
            inst.amt = 16 * bits(word, 21, 2) as u8;
        }
        ImmR => inst.amt = bits(word, 16, 6) as u8,
        ImmS => inst.imm = bits(word, 10, 6).into(),
        Log3 | Ari2 => {
            inst.rm = int_reg(word, 16, false);
            (inst.sel, inst.amt) = (bits(word, 22, 2) as u8, bits(word, 10, 6) as u8);
        }
        Ext => {
            inst.rm = int_reg(word, 16, false);
            (inst.sel, inst.amt) = (bits(word, 13, 3) as u8, bits(word, 10, 3) as u8);
        }
        Cond => inst.sel = bits(word, 12, 4) as u8,
        CondB => inst.sel = bits(word, 0, 4) as u8,
        Nzcv => inst.amt = bits(word, 0, 4) as u8,
        Imm5 => inst.imm = bits(word, 16, 5).into(),
        Imm16 => inst.imm = bits(word, 5, 16).into(),
        Imm16L => inst.imm = bits(word, 0, 16).into(),
        Imm7 => inst.imm = bits(word, 5, 7).into(),
        Float8 => inst.imm = decode_float(bits(word, 13, 8)) as i64,
        FZero | IZero | Tpidr | Ish => {}
        Bit => inst.amt = (bits(word, 19, 5) | bits(word, 31, 1) << 5) as u8,
        Mem(_) | Mem9 | Pre9 | Post9 | MemX(_) | MemP | PreP | PostP => read_memory(arg, inst, word),
        To26 => inst.imm = signed_bits(word, 0, 26) << 2,
        To19 => inst.imm = signed_bits(word, 5, 19) << 2,
        To14 => inst.imm = signed_bits(word, 5, 14) << 2,
        Adr => inst.imm = signed_bits(word, 5, 19) << 2 | i64::from(bits(word, 29, 2)),
        Page => inst.imm = (signed_bits(word, 5, 19) << 2 | i64::from(bits(word, 29, 2))) << 12,
    }
    Some(())
}

fn read_memory(arg: Arg, inst: &mut MInst, word: u32) {
    inst.rn = int_reg(word, 5, true);
    match arg {
        Arg::Mem(scale) => {
            inst.imm = i64::from(bits(word, 10, 12)) << access_scale(scale, inst.width);
        }
        Arg::MemX(_) => {
            inst.rm = int_reg(word, 16, false);
            (inst.sel, inst.amt) = (bits(word, 13, 3) as u8, bits(word, 12, 1) as u8);
        }
        Arg::Mem9 | Arg::Pre9 | Arg::Post9 => inst.imm = signed_bits(word, 12, 9),
        _ => inst.imm = signed_bits(word, 15, 7) << 3,
    }
}
