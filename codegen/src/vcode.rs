//! Machine instructions over virtual registers, in flat arrays.
//!
//! Blocks are numbered in reverse postorder, as the allocator wants them; `layout` says in which order
//! they are emitted. Critical edges have been split. [`MachInst::visit_operands`] is the one place that
//! knows an instruction's registers: it reports them to the allocator, and later the same call writes the
//! chosen registers in their place, so the encoder only sees physical ones.

use crate::Reg;
use pyexec_base::{EntityId, Loc};
use pyexec_regalloc::{
    Block as MachBlock, Constraint, InstKind, OperandKind, OperandPos, PReg, PRegSet, ProblemBuf,
};
use std::fmt;

/// Meets the registers of an instruction, in a fixed order.
///
/// Registers that are already physical (`rsp`) and the rare [`Reg::NONE`] may be shown too: the former
/// count as operands for [`reuse_def`](Self::reuse_def), the latter do not.
pub trait OperandVisitor {
    /// One operand.
    fn operand(&mut self, reg: &mut Reg, constraint: Constraint, kind: OperandKind, pos: OperandPos);

    /// Read, in a register; a result may share it.
    fn reg_use(&mut self, reg: &mut Reg) {
        self.operand(reg, Constraint::Reg, OperandKind::Use, OperandPos::Early);
    }
    /// Read, in a register that no result shares.
    fn late_use(&mut self, reg: &mut Reg) {
        self.operand(reg, Constraint::Reg, OperandKind::Use, OperandPos::Late);
    }
    /// Read, in a register or directly in a spill slot; see [`Reg::spill`].
    fn any_use(&mut self, reg: &mut Reg) {
        self.operand(reg, Constraint::Any, OperandKind::Use, OperandPos::Early);
    }
    /// Read, in this register.
    fn fixed_use(&mut self, reg: &mut Reg, preg: PReg) {
        self.operand(reg, Constraint::Fixed(preg), OperandKind::Use, OperandPos::Early);
    }
    /// Written, in a register that may be one of the inputs'.
    fn reg_def(&mut self, reg: &mut Reg) {
        self.operand(reg, Constraint::Reg, OperandKind::Def, OperandPos::Late);
    }
    /// Written before all inputs have been read: a register of its own. Also for temporaries.
    fn early_def(&mut self, reg: &mut Reg) {
        self.operand(reg, Constraint::Reg, OperandKind::Def, OperandPos::Early);
    }
    /// Written, in a register or directly in a spill slot.
    fn any_def(&mut self, reg: &mut Reg) {
        self.operand(reg, Constraint::Any, OperandKind::Def, OperandPos::Late);
    }
    /// Written, in this register.
    fn fixed_def(&mut self, reg: &mut Reg, preg: PReg) {
        self.operand(reg, Constraint::Fixed(preg), OperandKind::Def, OperandPos::Late);
    }
    /// Written, in the register of the operand visited as number `input` (from 0): a [`reg_use`](Self::reg_use).
    fn reuse_def(&mut self, reg: &mut Reg, input: u8) {
        self.operand(reg, Constraint::Reuse(input), OperandKind::Def, OperandPos::Late);
    }
}

/// A machine instruction of one target. Small and cheap to copy.
pub trait MachInst: Clone + fmt::Debug + Send + 'static {
    /// Shows all registers, always in the same order.
    fn visit_operands<V: OperandVisitor>(&mut self, visitor: &mut V);
    /// Registers destroyed beside the definitions. Must hold neither a fixed definition nor a fixed late
    /// use of the same instruction.
    fn clobbers(&self) -> PRegSet {
        PRegSet::EMPTY
    }
    /// What it means for control flow. Every block ends in exactly one `Branch` or `Ret`.
    fn kind(&self) -> InstKind;
    /// The target, if this is an unconditional jump that does nothing else.
    fn jump_target(&self) -> Option<MachBlock>;
    /// Destination and source, if this copies a whole register and does nothing else.
    fn as_move(&self) -> Option<(Reg, Reg)>;
    /// Writes the instruction as a person reads it, with registers as [`Reg`] prints them.
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What is known of a block.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct BlockFlags {
    /// Expected not to run: emitted last.
    pub cold: bool,
    /// The target of an edge from a later block: worth aligning.
    pub loop_head: bool,
}

/// A function of machine instructions.
#[derive(Clone, Debug)]
pub struct VCode<I> {
    /// The instructions, block after block.
    pub insts: Vec<I>,
    /// Where each instruction comes from.
    pub locs: Vec<Loc>,
    /// For each block.
    pub flags: Vec<BlockFlags>,
    /// The order of emission; the entry first.
    pub layout: Vec<MachBlock>,
    /// Control flow and operands as the allocator sees them.
    pub problem: ProblemBuf,
}

impl<I> Default for VCode<I> {
    fn default() -> Self {
        Self {
            insts: Vec::new(),
            locs: Vec::new(),
            flags: Vec::new(),
            layout: Vec::new(),
            problem: ProblemBuf::default(),
        }
    }
}

impl<I: MachInst> VCode<I> {
    /// Empties it and keeps the memory.
    pub fn clear(&mut self) {
        self.insts.clear();
        self.locs.clear();
        self.flags.clear();
        self.layout.clear();
        self.problem.clear();
    }
    /// The instructions of a block.
    pub fn block(&self, block: MachBlock) -> &[I] {
        &self.insts[self.problem.view().block_insts(block)]
    }
    /// How many blocks there are.
    pub fn block_count(&self) -> usize {
        self.problem.blocks.len()
    }
    /// All blocks, in the allocator's order.
    pub fn blocks(&self) -> impl Iterator<Item = MachBlock> + use<I> {
        (0..self.problem.blocks.len()).map(MachBlock::from_index)
    }
}
