//! An instruction as text: Intel syntax, as the table has it. Before allocation registers are `vr5`;
//! after it the text is assembly, spelled exactly as the disassembler spells the encoded bytes.

use super::operand::{hex_above_9, write_reg};
use super::table::{En, Fixed, Imm, Slot};
use super::{Cc, MInst, Op, Rm, Width};
use pyexec_codegen::Reg;
use std::fmt::{self, Write as _};

/// The mnemonic: some rows have one for each width or condition.
fn mnemonic(inst: &MInst) -> String {
    let row = inst.op.row();
    match inst.op {
        Op::Cmov | Op::Set => format!("{}{}", row.mnemonic, Cc::from_number(inst.imm).name()),
        Op::SignExtend => ["", "cwd", "cdq", "cqo"][inst.width as usize].to_string(),
        Op::MovToX | Op::MovFromX => if inst.width == Width::B64 { "movq" } else { "movd" }.to_string(),
        _ => row.mnemonic.to_string(),
    }
}

/// What stands before a memory operand of this many bytes.
fn size_name(bytes: u32) -> &'static str {
    match bytes {
        1 => "byte ptr ",
        2 => "word ptr ",
        4 => "dword ptr ",
        8 => "qword ptr ",
        _ => "xmmword ptr ",
    }
}

/// The immediate at the operand's width, signed: decimal below 10, else hexadecimal.
fn immediate(inst: &MInst) -> String {
    let bits =
        if inst.op.row().imm == Imm::Ib || inst.op.row().imm == Imm::Sh { 8 } else { inst.width.bits() };
    let value = inst.imm << (64 - bits) >> (64 - bits);
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", hex_above_9(value.unsigned_abs()))
}

struct Operands {
    text: String,
}

impl Operands {
    fn separate(&mut self) {
        self.text.push_str(if self.text.is_empty() { " " } else { ", " });
    }
    fn reg(&mut self, reg: Reg, width: Width) {
        if !reg.is_none() {
            self.separate();
            write_reg(&mut self.text, reg, width);
        }
    }
    fn rm(&mut self, inst: &MInst) {
        let row = inst.op.row();
        match inst.rm {
            Rm::Mem(mem) => {
                self.separate();
                if inst.op != Op::Lea {
                    self.text.push_str(size_name(row.rm.memory_bytes(inst.width)));
                }
                let _ = write!(self.text, "{mem}");
            }
            Rm::Reg(_) if row.rm == Slot::No => {}
            Rm::Reg(_) if row.rm.writes() => self.reg(inst.dst, row.rm.width(inst.width)),
            Rm::Reg(r) => self.reg(r, row.rm.width(inst.width)),
        }
    }
    fn reg_operand(&mut self, inst: &MInst) {
        let row = inst.op.row();
        match row.reg {
            Slot::No => {}
            slot if slot.writes() => self.reg(inst.dst, slot.width(inst.width)),
            slot => self.reg(inst.src, slot.width(inst.width)),
        }
    }
}

fn operands(inst: &MInst) -> String {
    let row = inst.op.row();
    let mut out = Operands { text: String::new() };
    match row.en {
        En::Mr | En::Mri => {
            out.rm(inst);
            out.reg_operand(inst);
        }
        En::Rvm => {
            out.reg_operand(inst);
            out.reg(if row.reg.reads() { inst.src2 } else { inst.src }, inst.width);
            out.rm(inst);
        }
        En::Rmv => {
            out.reg_operand(inst);
            out.rm(inst);
            out.reg(inst.src, inst.width);
        }
        _ => {
            out.reg_operand(inst);
            out.rm(inst);
        }
    }
    if row.fixed == Fixed::Cl {
        out.reg(if row.en == En::M { inst.src } else { inst.src2 }, Width::B8);
    }
    if !matches!(row.imm, Imm::No | Imm::Cc) {
        out.separate();
        out.text.push_str(&immediate(inst));
    }
    out.text
}

/// Before allocation a two-address operand shows what it is tied to: `add vr3(=vr1), vr2`.
fn tie(inst: &MInst) -> Option<Reg> {
    let row = inst.op.row();
    let tied = match (row.reg, row.rm, inst.rm) {
        (Slot::Gm | Slot::Xm, ..) => inst.src,
        (_, Slot::Gm, Rm::Reg(r)) => r,
        _ => return None,
    };
    (tied != inst.dst).then_some(tied)
}

impl fmt::Display for MInst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", mnemonic(self), operands(self))?;
        if let Some(tied) = tie(self) {
            write!(f, "    ; = {tied:?}")?;
        }
        let fixed = self.op.row().fixed;
        if self.dst.vreg().is_some() && matches!(fixed, Fixed::Mul | Fixed::Div | Fixed::Ext) {
            write!(f, "    ; {:?} {:?} <- {:?} {:?}", self.dst, self.dst2, self.src, self.src2)?;
        }
        Ok(())
    }
}
