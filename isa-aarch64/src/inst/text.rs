//! An instruction as text, as GNU tools spell it. Before allocation registers are `vr5`; after it the
//! text is assembly.
//!
//! [`plain`] is the instruction under its own name (what `objdump -M no-aliases` prints); [`spell`] uses
//! the aliases that people write: `cmp w0, w1` for `subs wzr, w0, w1`. Both assemble to the same word.

use super::operand::{EXTEND_NAMES, SHIFT_NAMES, reg_text};
use super::{Arg, Cc, MInst, Op, Width};
use crate::regs::{LR, SP, ZR};
use pyexec_codegen::Reg;
use std::fmt;

const W: Width = Width::W32;
const X: Width = Width::W64;

fn vector(reg: Reg) -> String {
    match reg.preg() {
        Some(p) => format!("v{}.8b", p.number()),
        None => format!("{reg:?}.8b"),
    }
}

fn byte(reg: Reg) -> String {
    reg.preg().map_or_else(|| format!("{reg:?}:8"), |p| format!("b{}", p.number()))
}

/// A distance from the instruction.
fn distance(imm: i64) -> String {
    if imm < 0 { format!(".-{}", imm.unsigned_abs()) } else { format!(".+{imm}") }
}

fn shifted(inst: &MInst) -> String {
    let reg = reg_text(inst.rm, inst.width);
    if inst.sel == 0 && inst.amt == 0 {
        return reg;
    }
    format!("{reg}, {} #{}", SHIFT_NAMES[usize::from(inst.sel & 3)], inst.amt)
}

fn extended(inst: &MInst) -> String {
    let wide = inst.width == X && inst.sel & 3 == 3;
    let reg = reg_text(inst.rm, if wide { X } else { W });
    let has_sp = [inst.rd, inst.rn].iter().any(|r| r.preg() == Some(SP));
    // With the stack pointer, extension from the full width is written as a shift.
    let plain = has_sp && inst.sel == if inst.width == X { 3 } else { 2 };
    let name = if plain { "lsl" } else { EXTEND_NAMES[usize::from(inst.sel & 7)] };
    match inst.amt {
        0 if plain => reg,
        0 => format!("{reg}, {name}"),
        amount => format!("{reg}, {name} #{amount}"),
    }
}

fn offset(inst: &MInst) -> String {
    let base = reg_text(inst.rn, X);
    if inst.imm == 0 { format!("[{base}]") } else { format!("[{base}, #{}]", inst.imm) }
}

fn indexed(inst: &MInst, scale: u8) -> String {
    let index = reg_text(inst.rm, if inst.sel & 1 == 1 { X } else { W });
    let base = reg_text(inst.rn, X);
    let scale = if scale == 9 { inst.width.bytes().trailing_zeros() } else { scale.into() };
    match (inst.sel, inst.amt) {
        (3, 0) => format!("[{base}, {index}]"),
        (3, _) => format!("[{base}, {index}, lsl #{scale}]"),
        (sel, 0) => format!("[{base}, {index}, {}]", EXTEND_NAMES[usize::from(sel & 7)]),
        (sel, _) => format!("[{base}, {index}, {} #{scale}]", EXTEND_NAMES[usize::from(sel & 7)]),
    }
}

fn argument(arg: Arg, inst: &MInst) -> String {
    use Arg::*;
    let width = inst.width;
    match arg {
        Rd | RpD | Fd => reg_text(inst.rd, width),
        Xd | Dd => reg_text(inst.rd, X),
        Wd | Sd => reg_text(inst.rd, W),
        Rn | RpN | Fn => reg_text(inst.rn, width),
        Xn | Dn => reg_text(inst.rn, X),
        Wn | Sn => reg_text(inst.rn, W),
        Rm | Fm => reg_text(inst.rm, width),
        Xm => reg_text(inst.rm, X),
        Wm => reg_text(inst.rm, W),
        Ra | Fa => reg_text(inst.ra, width),
        Xa | Da => reg_text(inst.ra, X),
        Vd => vector(inst.rd),
        Vn => vector(inst.rn),
        Vm => vector(inst.rm),
        Bd => byte(inst.rd),
        Rbit => reg_text(inst.rd, if inst.amt < 32 { W } else { X }),
        Imm12 if inst.imm > 0xfff => format!("#{}, lsl #12", inst.imm >> 12),
        Mov16 if inst.amt > 0 => format!("#{}, lsl #{}", inst.imm, inst.amt),
        Log => format!("#{:#x}", inst.imm as u64 & if width == W { 0xffff_ffff } else { u64::MAX }),
        Imm12 | Mov16 | ImmS | Imm5 | Imm16 | Imm16L | Imm7 => format!("#{}", inst.imm),
        ImmR | Nzcv | Bit => format!("#{}", inst.amt),
        Log3 | Ari2 => shifted(inst),
        Ext => extended(inst),
        Cond | CondB => Cc::from_number(inst.sel).name().to_string(),
        Float8 => format!("#{:.18e}", f64::from_bits(inst.imm as u64)),
        FZero => "#0.0".to_string(),
        IZero => "#0".to_string(),
        Tpidr => "tpidr_el0".to_string(),
        At => format!("[{}]", reg_text(inst.rn, X)),
        Ish => "ish".to_string(),
        Mem(_) | Mem9 | MemP => offset(inst),
        Pre9 | PreP => format!("[{}, #{}]!", reg_text(inst.rn, X), inst.imm),
        Post9 | PostP => format!("[{}], #{}", reg_text(inst.rn, X), inst.imm),
        MemX(scale) => indexed(inst, scale),
        To26 | To19 | To14 | Adr | Page => distance(inst.imm),
    }
}

/// The instruction under its own name.
pub fn plain(inst: &MInst) -> String {
    let row = inst.op.row();
    match inst.op {
        Op::BCond => return format!("b.{} {}", Cc::from_number(inst.sel).name(), distance(inst.imm)),
        Op::Ret if inst.rn.preg() == Some(LR) => return "ret".to_string(),
        _ => {}
    }
    let args: Vec<String> = row.args.iter().map(|arg| argument(*arg, inst)).collect();
    format!("{} {}", row.mnemonic, args.join(", "))
}

fn is_zr(reg: Reg) -> bool {
    reg.preg() == Some(ZR)
}

/// The operands in assembly order, apart from one.
fn without(inst: &MInst, skip: usize) -> String {
    let args = inst.op.row().args.iter().enumerate().filter(|(i, _)| *i != skip);
    args.map(|(_, arg)| argument(*arg, inst)).collect::<Vec<_>>().join(", ")
}

/// The alias that says it best, or the instruction itself.
pub fn spell(inst: &MInst) -> String {
    let alias = compare_alias(inst).or_else(|| zero_alias(inst)).or_else(|| field_alias(inst));
    alias.or_else(|| other_alias(inst)).unwrap_or_else(|| plain(inst))
}

/// Flags only: the result goes nowhere.
fn compare_alias(inst: &MInst) -> Option<String> {
    let name = match inst.op {
        Op::Subs | Op::SubsI | Op::SubsX => "cmp",
        Op::Adds | Op::AddsI | Op::AddsX => "cmn",
        Op::Ands | Op::AndsI => "tst",
        _ => return None,
    };
    is_zr(inst.rd).then(|| format!("{name} {}", without(inst, 0)))
}

/// One operand is the zero register.
fn zero_alias(inst: &MInst) -> Option<String> {
    let plain_rm = inst.sel == 0 && inst.amt == 0;
    let (name, skip) = match inst.op {
        Op::Orr if is_zr(inst.rn) && plain_rm => ("mov", 1),
        Op::Orn if is_zr(inst.rn) => ("mvn", 1),
        Op::Sub if is_zr(inst.rn) => ("neg", 1),
        Op::Subs if is_zr(inst.rn) => ("negs", 1),
        Op::Madd if is_zr(inst.ra) => ("mul", 3),
        Op::Msub if is_zr(inst.ra) => ("mneg", 3),
        Op::Smaddl if is_zr(inst.ra) => ("smull", 3),
        Op::Umaddl if is_zr(inst.ra) => ("umull", 3),
        _ => return None,
    };
    Some(format!("{name} {}", without(inst, skip)))
}

/// Bit-field moves by what they do.
fn field_alias(inst: &MInst) -> Option<String> {
    let (r, s) = (i64::from(inst.amt), inst.imm);
    let (bits, width) = (i64::from(inst.width.bits()), inst.width);
    let (d, n) = (reg_text(inst.rd, width), reg_text(inst.rn, width));
    let extension = |name: &str| Some(format!("{name} {d}, {}", reg_text(inst.rn, W)));
    match inst.op {
        Op::Ubfm if s == bits - 1 => Some(format!("lsr {d}, {n}, #{r}")),
        Op::Ubfm if s + 1 == r => Some(format!("lsl {d}, {n}, #{}", bits - r)),
        Op::Ubfm if (r, s, width) == (0, 7, W) => extension("uxtb"),
        Op::Ubfm if (r, s, width) == (0, 15, W) => extension("uxth"),
        Op::Sbfm if s == bits - 1 => Some(format!("asr {d}, {n}, #{r}")),
        Op::Sbfm if (r, s) == (0, 7) => extension("sxtb"),
        Op::Sbfm if (r, s) == (0, 15) => extension("sxth"),
        Op::Sbfm if (r, s, width) == (0, 31, X) => extension("sxtw"),
        Op::Ubfm | Op::Sbfm | Op::Bfm if !d.starts_with("vr") => {
            let names = match inst.op {
                Op::Ubfm => ["ubfx", "ubfiz"],
                Op::Sbfm => ["sbfx", "sbfiz"],
                _ => ["bfxil", "bfi"],
            };
            Some(match s >= r {
                true => format!("{} {d}, {n}, #{r}, #{}", names[0], s - r + 1),
                false => format!("{} {d}, {n}, #{}, #{}", names[1], bits - r, s + 1),
            })
        }
        Op::Extr if inst.rn == inst.rm => Some(format!("ror {d}, {n}, #{s}")),
        _ => None,
    }
}

fn other_alias(inst: &MInst) -> Option<String> {
    let d = || reg_text(inst.rd, inst.width);
    let cc = || Cc::from_number(inst.sel).negate().name();
    let set = inst.sel < 14 && is_zr(inst.rn) && is_zr(inst.rm);
    match (inst.op, inst.imm) {
        (Op::Csinc, _) if set => Some(format!("cset {}, {}", d(), cc())),
        (Op::Csinv, _) if set => Some(format!("csetm {}, {}", d(), cc())),
        (Op::Lslv | Op::Lsrv | Op::Asrv | Op::Rorv, _) => {
            Some(format!("{} {}", &inst.op.row().mnemonic[..3], without(inst, 9)))
        }
        (Op::AddI, 0) if [inst.rd, inst.rn].iter().any(|r| r.preg() == Some(SP)) => {
            Some(format!("mov {}", without(inst, 2)))
        }
        (Op::Movz, imm) if imm != 0 || inst.amt == 0 => {
            Some(format!("mov {}, #{}", d(), (imm as u64) << inst.amt))
        }
        (Op::Hint, 0) => Some("nop".to_string()),
        (Op::Hint, 34) => Some("bti c".to_string()),
        _ => None,
    }
}

impl fmt::Display for MInst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&spell(self))?;
        // Before allocation a modified register shows its old value.
        let tied = match self.op.row().role {
            super::Role::M => self.ra != self.rd && !self.ra.is_none(),
            super::Role::C => self.ra != self.rm && !self.ra.is_none(),
            _ => false,
        };
        if tied { write!(f, "    ; = {:?}", self.ra) } else { Ok(()) }
    }
}
