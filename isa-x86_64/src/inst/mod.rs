//! The machine instruction: one uniform record, whose meaning is its row of the table.

pub mod operand;
mod pseudo;
pub mod table;
mod text;

pub use operand::{Amode, Base, Cc, Rm, Width};
pub use pseudo::{CallInfo, Callee, Inst, Pinned, Update, zero_extend_32};
pub use table::{Cpu, En, Fixed, Fl, Imm, Op, ROWS, Row, Slot};

use pyexec_codegen::Reg;

/// One machine instruction. Which fields count, and how, says the row:
///
/// ```text
/// row's operand      register field     in ModRM
/// reg  read          src                reg
/// reg  written       dst                reg
/// reg  modified      dst, tied to src   reg
/// rm   read          rm                 rm
/// rm   written       dst (or memory rm) rm
/// rm   modified      dst, tied to rm    rm      (or memory rm, changed in place)
/// ```
/// `dst2` and `src2` are second results and operands: rdx of mul and div, VEX.vvvv of fused
/// multiply-add. "Tied" means: the same register after allocation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MInst {
    /// The row.
    pub op: Op,
    /// Operand width; [`Width::B64`] where the row has none.
    pub width: Width,
    /// Result.
    pub dst: Reg,
    /// Second result.
    pub dst2: Reg,
    /// Register operand.
    pub src: Reg,
    /// Second register operand.
    pub src2: Reg,
    /// Register or memory operand.
    pub rm: Rm,
    /// Immediate, or condition code.
    pub imm: i64,
}

impl MInst {
    /// An instruction without operands yet.
    pub const fn new(op: Op, width: Width) -> Self {
        const NO: Reg = Reg::NONE;
        Self { op, width, dst: NO, dst2: NO, src: NO, src2: NO, rm: Rm::NONE, imm: 0 }
    }
    /// With a result.
    #[must_use]
    pub const fn dst(mut self, dst: Reg) -> Self {
        self.dst = dst;
        self
    }
    /// With a second result.
    #[must_use]
    pub const fn dst2(mut self, dst2: Reg) -> Self {
        self.dst2 = dst2;
        self
    }
    /// With a register operand.
    #[must_use]
    pub const fn src(mut self, src: Reg) -> Self {
        self.src = src;
        self
    }
    /// With a second register operand.
    #[must_use]
    pub const fn src2(mut self, src2: Reg) -> Self {
        self.src2 = src2;
        self
    }
    /// With a register or memory operand.
    #[must_use]
    pub fn rm(mut self, rm: impl Into<Rm>) -> Self {
        self.rm = rm.into();
        self
    }
    /// With an immediate.
    #[must_use]
    pub const fn imm(mut self, imm: i64) -> Self {
        self.imm = imm;
        self
    }
    /// With a condition.
    #[must_use]
    pub const fn cc(self, cc: Cc) -> Self {
        self.imm(cc as i64)
    }
}
