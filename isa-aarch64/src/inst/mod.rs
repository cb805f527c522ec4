//! The machine instruction: one uniform record, whose meaning is its row of the table.

pub mod operand;
mod pseudo;
pub mod table;
mod text;

pub use operand::{Amode, Base, Cc, Extend, Shift, Test, Width};
pub use pseudo::{Access, CallInfo, Callee, Inst, Path, Pinned, Update};
pub use table::{Arg, Bits, Op, ROWS, Role, Row};
pub use text::{plain, spell};

use pyexec_codegen::Reg;

/// One machine instruction. Which fields count says the row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MInst {
    /// The row.
    pub op: Op,
    /// 32 or 64 bits; [`Width::W64`] where the row has one form.
    pub width: Width,
    /// Condition, shift or extension, by its number.
    pub sel: u8,
    /// Amount of a shift, rotation of a bit field, number of a bit, or flags.
    pub amt: u8,
    /// Bits 0..4: the result, or what is stored or tested.
    pub rd: Reg,
    /// Bits 5..9.
    pub rn: Reg,
    /// Bits 16..20.
    pub rm: Reg,
    /// Bits 10..14; for rows that modify `rd`, its old value.
    pub ra: Reg,
    /// Immediate; distances and offsets in bytes, floats as the bits of an `f64`.
    pub imm: i64,
}

impl MInst {
    /// An instruction without operands yet.
    pub const fn new(op: Op, width: Width) -> Self {
        const NO: Reg = Reg::NONE;
        Self { op, width, sel: 0, amt: 0, rd: NO, rn: NO, rm: NO, ra: NO, imm: 0 }
    }
    /// With a result.
    #[must_use]
    pub const fn rd(mut self, reg: Reg) -> Self {
        self.rd = reg;
        self
    }
    /// With a first operand.
    #[must_use]
    pub const fn rn(mut self, reg: Reg) -> Self {
        self.rn = reg;
        self
    }
    /// With a second operand.
    #[must_use]
    pub const fn rm(mut self, reg: Reg) -> Self {
        self.rm = reg;
        self
    }
    /// With a third operand, a second register of a pair, or the old value of the result.
    #[must_use]
    pub const fn ra(mut self, reg: Reg) -> Self {
        self.ra = reg;
        self
    }
    /// With an immediate.
    #[must_use]
    pub const fn imm(mut self, imm: i64) -> Self {
        self.imm = imm;
        self
    }
    /// With an amount.
    #[must_use]
    pub const fn amt(mut self, amt: u8) -> Self {
        self.amt = amt;
        self
    }
    /// With a condition.
    #[must_use]
    pub const fn cc(mut self, cc: Cc) -> Self {
        self.sel = cc as u8;
        self
    }
    /// With the second operand shifted.
    #[must_use]
    pub const fn shift(mut self, shift: Shift, amount: u8) -> Self {
        self.sel = shift as u8;
        self.amt = amount;
        self
    }
    /// With the second operand extended, then shifted left.
    #[must_use]
    pub const fn extend(mut self, extend: Extend, amount: u8) -> Self {
        self.sel = extend as u8;
        self.amt = amount;
        self
    }
}
