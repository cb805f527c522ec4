//! What instruction selection works with: values, virtual registers, and what may be merged.
//!
//! ```text
//!   IR, visited upwards          machine code
//!   v3 = load.i64 v1+8           (nothing: sunk)
//!   v4 = iadd.i64 v2, v3         lea/add vr4, [vr1 + 8]
//!   ret v4                       mov rax, vr4; ret
//! ```
//!
//! Blocks are visited from last to first and their instructions upwards, so when an instruction is
//! selected it is known whether anyone asked for its results. Selecting an instruction, the target asks
//! for operands: as a register ([`LowerCx::use_value`]), which marks the value as needed; as a constant
//! ([`LowerCx::const_bits`]); or by looking through its definition and merging it, which does not. An
//! instruction that nobody asked for and that has no effect of its own is skipped.
//!
//! Invariants: machine instructions of one IR instruction are emitted in forward order. A load is sunk
//! only below instructions that do not write memory ("colours"), and only into its single use. Constants
//! and addresses are recomputed at each use, so they never occupy a register for long, but for a few that
//! are computed in front of loops (`hoist.rs`).
//!
//! The technique is Cranelift's (C. Fallin, "A New Backend for Cranelift, Part 1", 2020). What it
//! leaves to others: block order and edge splitting are `order.rs`, patterns are the targets'.

use crate::Reg;
use crate::abi::{Assignment, ConvDesc};
use crate::error::{CodegenError, CodegenErrorKind};
use crate::frame::FrameNeeds;
use crate::hoist::{Constant, Hoisting};
use crate::isa::{Isa, KnownClobbers};
use crate::order::BlockOrder;
use crate::vcode::VCode;
use pyexec_base::{EntityId, Loc};
use pyexec_ir::{Effects, Func, FuncId, Inst, Module, Opcode, Type, Value};
use pyexec_regalloc::{PRegSet, RegClass, VReg};

/// The registers of one value: one, or two for an `i128` (low half, high half).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ValueRegs([Reg; 2]);

impl ValueRegs {
    pub(crate) const UNSEEN: ValueRegs = ValueRegs([Reg::NONE; 2]);

    /// One register.
    pub const fn one(reg: Reg) -> Self {
        Self([reg, Reg::NONE])
    }
    /// Low half and high half.
    pub const fn two(low: Reg, high: Reg) -> Self {
        Self([low, high])
    }
    /// The only register.
    pub fn only(self) -> Reg {
        debug_assert!(self.0[1].is_none(), "an i128 has two registers");
        self.0[0]
    }
    /// The register, or the low half.
    pub const fn low(self) -> Reg {
        self.0[0]
    }
    /// The high half of an `i128`.
    pub fn high(self) -> Reg {
        debug_assert!(!self.0[1].is_none(), "only an i128 has a high half");
        self.0[1]
    }
    /// The registers.
    pub fn iter(self) -> impl Iterator<Item = Reg> {
        self.0.into_iter().filter(|r| !r.is_none())
    }
}

/// How often a value is used, as far as it matters.
const USED_ONCE: u8 = 1;
const USED_OFTEN: u8 = 2;
/// How far [`LowerCx::can_move_here`] looks.
const MOVE_DISTANCE: usize = 24;

/// Tables by value and instruction. Reused from function to function.
#[derive(Clone, Debug, Default)]
pub(crate) struct LowerTables {
    /// By value.
    pub regs: Vec<ValueRegs>,
    /// By value: how many uses the IR has, counting up to [`USED_OFTEN`].
    pub uses: Vec<u8>,
    /// By value: whether a register was asked for.
    pub needed: Vec<bool>,
    /// By instruction: how many instructions that write memory precede it.
    pub colours: Vec<u32>,
    /// By instruction: merged into another one.
    pub sunk: Vec<bool>,
    /// By instruction: the block it is in.
    pub block_of: Vec<u32>,
    /// Arguments of all edges, and for each edge its range there.
    pub args: Vec<VReg>,
    pub arg_ranges: Vec<(u32, u32)>,
    /// For each machine block, visited backwards: where its instructions end in the reversed list.
    pub ends: Vec<u32>,
}

/// Selection of one function, seen from one of its instructions.
pub struct LowerCx<'a, I: Isa> {
    /// The target.
    pub isa: &'a I,
    /// The module.
    pub module: &'a Module,
    /// The function.
    pub func: &'a Func,
    /// What the frame must hold. `outgoing` and `calls` are the target's to raise; see
    /// [`needs_outgoing`](Self::needs_outgoing).
    pub frame: &'a mut FrameNeeds,
    /// A scratch assignment for call sites: take it, fill it, put it back.
    pub assignment: Assignment,
    pub(crate) known: &'a dyn KnownClobbers,
    pub(crate) vcode: &'a mut VCode<I::Inst>,
    pub(crate) order: &'a BlockOrder,
    pub(crate) tables: &'a mut LowerTables,
    pub(crate) hoisting: &'a mut Hoisting,
    /// Machine instructions of the current IR instruction, forward.
    pub(crate) pending: &'a mut Vec<I::Inst>,
    pub(crate) loc: Loc,
    pub(crate) current: Option<Inst>,
    /// Where the current instruction is in its block's list.
    pub(crate) position: usize,
    pub(crate) block: u32,
}

impl<'a, I: Isa> LowerCx<'a, I> {
    // ---- Emitting ----

    /// Appends a machine instruction.
    #[inline]
    pub fn emit(&mut self, inst: I::Inst) {
        self.pending.push(inst);
    }
    /// How much has been emitted for the current IR instruction.
    pub fn mark(&self) -> usize {
        self.pending.len()
    }
    /// Takes back what has been emitted since a mark. What it asked for stays asked for.
    pub fn drop_since(&mut self, mark: usize) {
        self.pending.truncate(mark);
    }
    /// A new virtual register.
    #[inline]
    pub fn new_reg(&mut self, class: RegClass) -> Reg {
        let index = self.vcode.problem.vreg_count;
        self.vcode.problem.vreg_count = index + 1;
        Reg::from_vreg(VReg::new(index, class))
    }
    /// New virtual registers for a value of this type.
    pub fn new_regs(&mut self, ty: Type) -> ValueRegs {
        let class = if ty.is_float() { RegClass::Float } else { RegClass::Int };
        let low = self.new_reg(class);
        if ty == Type::I128 { ValueRegs::two(low, self.new_reg(class)) } else { ValueRegs::one(low) }
    }
    /// The stack area of a call must have at least this many bytes; also notes that there is a call.
    pub fn needs_outgoing(&mut self, bytes: u32) {
        self.frame.calls = true;
        self.frame.outgoing = self.frame.outgoing.max(bytes);
    }

    // ---- Operands and results ----

    /// A value's registers, to be read here. Constants and addresses are computed into new ones.
    pub fn use_values(&mut self, value: Value) -> ValueRegs {
        if let Some(inst) = self.constant_inst(value) {
            return self.hoisted_constant(inst, value).unwrap_or_else(|| self.constant_here(inst, value));
        }
        self.tables.needed[value.index()] = true;
        self.regs_of(value)
    }
    pub(crate) fn constant_here(&mut self, inst: Inst, value: Value) -> ValueRegs {
        let (isa, to) = (self.isa, self.new_regs(self.func.ty(value)));
        isa.lower_constant(self, inst, to);
        to
    }
    /// A constant computed at the end of a block further up, the same for all that ask.
    pub(crate) fn shared_constant(&mut self, home: u32, inst: Inst, value: Value) -> ValueRegs {
        let ty = self.func.ty(value);
        if ty == Type::I128 {
            return self.constant_here(inst, value);
        }
        let class = if ty.is_float() { RegClass::Float } else { RegClass::Int };
        let constant = Constant::Inst(inst);
        self.hoisting.promised(home, constant).unwrap_or_else(|| {
            let regs = ValueRegs::one(self.new_reg(class));
            self.hoisting.promise(home, constant, class, regs);
            regs
        })
    }
    fn hoisted_constant(&mut self, inst: Inst, value: Value) -> Option<ValueRegs> {
        let ty = self.func.ty(value);
        let class = if ty.is_float() { RegClass::Float } else { RegClass::Int };
        if ty == Type::I128 || !self.isa.is_worth_hoisting(self, inst) {
            return None;
        }
        self.hoisted(Constant::Inst(inst), class)
    }
    /// A register that holds a number throughout the loop around the current instruction, to be read here;
    /// `None` outside of loops, or if the loop holds enough constants already.
    pub fn hoisted_number(&mut self, number: i64) -> Option<Reg> {
        self.hoisted(Constant::Number(number), RegClass::Int).map(ValueRegs::only)
    }
    fn hoisted(&mut self, constant: Constant, class: RegClass) -> Option<ValueRegs> {
        let home = self.hoisting.home(self.block).filter(|_| !self.order.flags[self.block as usize].cold)?;
        if let Some(regs) = self.hoisting.promised(home, constant) {
            return Some(regs);
        }
        if self.hoisting.count(home, class) >= self.isa.hoist_limits()[class as usize] {
            return None;
        }
        let regs = ValueRegs::one(self.new_reg(class));
        self.hoisting.promise(home, constant, class, regs);
        Some(regs)
    }
    /// The register of a value that is not an `i128`, to be read here.
    pub fn use_value(&mut self, value: Value) -> Reg {
        self.use_values(value).only()
    }
    /// A value's registers, to be written here.
    pub fn def_values(&mut self, value: Value) -> ValueRegs {
        self.regs_of(value)
    }
    /// The register of a value that is not an `i128`, to be written here.
    pub fn def_value(&mut self, value: Value) -> Reg {
        self.regs_of(value).only()
    }
    /// The register of the first result of an instruction, to be written here.
    pub fn def_result(&mut self, inst: Inst) -> Reg {
        let value = self.func.first_result(inst).expect("invariant: the opcode has a result");
        self.def_value(value)
    }
    fn regs_of(&mut self, value: Value) -> ValueRegs {
        let known = self.tables.regs[value.index()];
        if known != ValueRegs::UNSEEN {
            return known;
        }
        let regs = self.new_regs(self.func.ty(value));
        self.tables.regs[value.index()] = regs;
        regs
    }
    /// Whether anyone below asked for the value's register.
    pub fn is_needed(&self, value: Value) -> bool {
        self.tables.needed[value.index()]
    }
    /// An operand of an instruction.
    pub fn arg(&self, inst: Inst, index: usize) -> Value {
        self.func.args(inst)[index]
    }
    /// The parameters of the entry block.
    pub fn entry_params(&self) -> &'a [Value] {
        self.func.entry().map_or(&[], |block| &self.func.block(block).params)
    }

    // ---- Looking through definitions ----

    /// The bits of a constant, cut to its type.
    pub fn const_bits(&self, value: Value) -> Option<u128> {
        self.func.const_bits(value)
    }
    /// An integer constant, sign-extended.
    pub fn const_int(&self, value: Value) -> Option<i64> {
        let bits = self.func.const_bits(value)?;
        let ty = self.func.ty(value);
        if ty.is_float() {
            return None;
        }
        let shift = 128 - ty.bits();
        i64::try_from((bits << shift) as i128 >> shift).ok()
    }
    /// The instruction that defines the value, if its opcode is `op`. Its operands may be used here in
    /// its stead, whoever else uses it.
    pub fn def_as(&self, value: Value, op: Opcode) -> Option<Inst> {
        self.func.def_inst(value).filter(|i| self.func.inst(*i).op == op)
    }
    /// Whether the value has one use in the whole function.
    pub fn used_once(&self, value: Value) -> bool {
        self.tables.uses[value.index()] == USED_ONCE
    }
    /// The pure instruction in the same block that computes the value for nobody else: doing its work
    /// here instead costs nothing.
    pub fn mergeable(&self, value: Value) -> Option<Inst> {
        let inst = self.func.def_inst(value)?;
        let pure = self.func.inst(inst).op.effects().speculable();
        (pure && self.used_once(value) && self.in_this_block(inst)).then_some(inst)
    }
    /// The load that computes the value for nobody else and may as well be done by the current
    /// instruction: same block, and no write in between. Call [`sink`](Self::sink) when doing so. If the
    /// value is not an operand of the current instruction itself, every instruction in between must have
    /// been [`mergeable`](Self::mergeable), else the load would be done twice.
    pub fn sinkable_load(&self, value: Value) -> Option<Inst> {
        let inst = self.func.def_inst(value)?;
        let effects = self.func.inst(inst).op.effects();
        let is_load = effects.has(Effects::READS) && effects.removable();
        let here = self.current?;
        let same_colour = || self.tables.colours[inst.index()] == self.tables.colours[here.index()];
        (is_load && self.used_once(value) && self.in_this_block(inst) && same_colour()).then_some(inst)
    }
    /// The instruction above the current one in its block: the next to be selected, unless nobody needs it.
    pub fn above(&self) -> Option<Inst> {
        let block = self.order.origins[self.block as usize].block()?;
        let index = self.position.checked_sub(1)?;
        self.func.block(block).insts.get(index).copied()
    }
    /// Whether `inst`, a pure instruction (perhaps with several results), can be done here in its stead:
    /// it is a little above in the same block and nothing in between uses its results. Call
    /// [`sink`](Self::sink) when doing so, and define all its results.
    pub fn can_move_here(&self, inst: Inst) -> bool {
        let func = self.func;
        if !func.inst(inst).op.effects().speculable() || !self.in_this_block(inst) {
            return false;
        }
        let Some(block) = self.order.origins[self.block as usize].block() else { return false };
        let above = func.block(block).insts[..self.position].iter().rev().take(MOVE_DISTANCE);
        for &between in above {
            if between == inst {
                return true;
            }
            if func.args(between).iter().any(|a| func.def_inst(*a) == Some(inst)) {
                return false;
            }
        }
        false
    }
    /// `inst` is done by the current instruction and is not selected again. (A load is, if someone above
    /// asks for its register all the same.)
    pub fn sink(&mut self, inst: Inst) {
        self.tables.sunk[inst.index()] = true;
    }
    fn in_this_block(&self, inst: Inst) -> bool {
        self.tables.block_of[inst.index()] == self.block
    }
    fn constant_inst(&self, value: Value) -> Option<Inst> {
        let inst = self.func.def_inst(value)?;
        is_constant(self.func.inst(inst).op).then_some(inst)
    }

    // ---- Calls ----

    /// What a call of `func` clobbers, if more is known than its convention says.
    pub fn known_clobbers(&self, func: FuncId) -> Option<PRegSet> {
        self.known.clobbers_of(func)
    }
    /// The convention of the function being compiled.
    pub fn own_conv(&self) -> &'a ConvDesc {
        self.isa.conv(self.func.sig.conv)
    }

    // ---- Errors ----

    /// The target cannot do the instruction.
    pub fn unsupported(&self, op: Option<Opcode>, why: impl Into<String>) -> CodegenError {
        self.error(CodegenErrorKind::Unsupported(op, why.into()))
    }
    /// An error at the current instruction.
    pub fn error(&self, kind: CodegenErrorKind) -> CodegenError {
        CodegenError { func: self.func.name.clone(), loc: self.loc, kind }
    }
}

/// Whether results of this opcode are recomputed at each use.
pub(crate) fn is_constant(op: Opcode) -> bool {
    use Opcode::*;
    matches!(op, Iconst | Fconst | StackAddr | GlobalAddr | FuncAddr)
}

impl LowerTables {
    /// Empties the tables and makes them large enough for `func`.
    pub fn reset(&mut self, func: &Func, order: &BlockOrder) {
        fn refill<T: Clone>(table: &mut Vec<T>, item: T, len: usize) {
            table.clear();
            table.resize(len, item);
        }
        refill(&mut self.regs, ValueRegs::UNSEEN, func.value_count());
        refill(&mut self.uses, 0, func.value_count());
        refill(&mut self.needed, false, func.value_count());
        refill(&mut self.colours, 0, func.inst_count());
        refill(&mut self.sunk, false, func.inst_count());
        refill(&mut self.block_of, u32::MAX, func.inst_count());
        refill(&mut self.arg_ranges, (0, 0), order.all_succs().len());
        self.args.clear();
        self.ends.clear();
    }

    /// Counts uses and colours the instructions, in one walk over the reachable blocks.
    pub fn scan(&mut self, func: &Func, order: &BlockOrder) {
        let mut colour = 0;
        for (index, origin) in order.origins.iter().enumerate() {
            let Some(block) = origin.block() else { continue };
            colour += 1;
            for &inst in &func.block(block).insts {
                self.block_of[inst.index()] = index as u32;
                self.colours[inst.index()] = colour;
                let effects = func.inst(inst).op.effects();
                colour += u32::from(effects.has(Effects::WRITES));
                let uses = &mut self.uses;
                func.for_each_use(inst, |v| uses[v.index()] = (uses[v.index()] + 1).min(USED_OFTEN));
            }
        }
    }
}
