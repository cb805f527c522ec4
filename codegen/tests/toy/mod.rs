//! A toy target: integers only, six registers, a byte code. It exercises everything that is shared:
//! selection with merging and sinking, conventions, spilling, edges, frames, branches, tables, calls.

pub mod machine;

use pyexec_codegen::abi::{AggregateClass, ArgLoc, Assignment, ConvDesc, VariadicRule, assign};
use pyexec_codegen::frame::FrameRules;
use pyexec_codegen::vcode::OperandVisitor;
use pyexec_codegen::{
    Branch, BranchForm, CodeBuffer, CodegenError, EmitCx, Fixup, Isa, Label, LowerCx, MachBlock, MachInst,
    Reg, RelocKind, SymbolRef, UnwindOp, ValueRegs,
};
use pyexec_ir::{self as ir, CallConv, FuncId, Imm, Opcode, TrapCode};
use pyexec_regalloc::{InstKind, MachineEnv, PReg, PRegSet, RegClass};

pub const fn r(number: u8) -> PReg {
    PReg::new(number, RegClass::Int)
}

const CALLER_SAVED: PRegSet = PRegSet::EMPTY.with(r(0)).with(r(1)).with(r(2)).with(r(3));
const CALLEE_SAVED: PRegSet = PRegSet::EMPTY.with(r(4)).with(r(5));
/// Not allocated: moves between spill slots go through it.
pub const SP: PReg = r(7);

static CONV: ConvDesc = ConvDesc {
    name: "toy",
    int_args: &[r(0), r(1), r(2)],
    float_args: &[],
    by_position: false,
    int_results: &[r(0), r(1)],
    float_results: &[],
    stack_results: true,
    callee_saved: CALLEE_SAVED,
    caller_saved: CALLER_SAVED,
    stack_align: 16,
    shadow_space: 0,
    split_i128: false,
    in_order: false,
    even_pairs: false,
    packed_stack: false,
    extends_narrow: false,
    variadic: VariadicRule::SameAsFixed,
    classify: |_| AggregateClass::Memory,
    classify_result: |_| AggregateClass::Memory,
    result_area_returned: None,
    result_area_reg: None,
};

/// Instructions. `Alu` computes what the IR's opcode computes on `i64`.
#[derive(Clone, Debug)]
pub enum Inst {
    /// Defines registers at function entry.
    Args(Vec<(Reg, PReg)>),
    Const(Reg, i64),
    Alu(Opcode, Reg, Reg, Reg),
    /// First operand and result in one register; the second may be in memory.
    AluReuse(Opcode, Reg, Reg, Reg),
    /// `op d, a, [b + offset]`: a sunk load.
    AluLoad(Opcode, Reg, Reg, Reg, i32),
    Select(Reg, Reg, Reg, Reg),
    Move(Reg, Reg),
    Load(Reg, Reg, i32),
    Store(Reg, Reg, i32),
    LoadIncoming(Reg, u32),
    StoreIncoming(Reg, u32),
    LoadOutgoing(Reg, u32),
    StoreOutgoing(Reg, u32),
    SlotAddr(Reg, ir::Slot, i32),
    Call(FuncId, Box<CallRegs>),
    Ret(Vec<(Reg, PReg)>),
    Jump(MachBlock),
    BranchIf(Reg, MachBlock, MachBlock),
    /// Compare and branch: a merged comparison.
    BranchCmp(Opcode, Reg, Reg, MachBlock, MachBlock),
    /// Index, temporary, targets (default first).
    Table(Reg, Reg, Vec<MachBlock>),
    Trap(TrapCode),
    TrapIf(Reg, TrapCode),
}

#[derive(Clone, Debug)]
pub struct CallRegs {
    uses: Vec<(Reg, PReg)>,
    defs: Vec<(Reg, PReg)>,
    clobbers: PRegSet,
}

impl MachInst for Inst {
    fn visit_operands<V: OperandVisitor>(&mut self, v: &mut V) {
        match self {
            Inst::Args(defs) => defs.iter_mut().for_each(|(reg, preg)| v.fixed_def(reg, *preg)),
            Inst::Ret(uses) => uses.iter_mut().for_each(|(reg, preg)| v.fixed_use(reg, *preg)),
            Inst::Const(d, _)
            | Inst::SlotAddr(d, ..)
            | Inst::LoadIncoming(d, _)
            | Inst::LoadOutgoing(d, _) => {
                v.reg_def(d);
            }
            Inst::Alu(_, d, a, b) => {
                v.reg_use(a);
                v.reg_use(b);
                v.reg_def(d);
            }
            Inst::AluReuse(_, d, a, b) => {
                // A register that is never allocated counts in the numbering.
                v.reg_use(&mut Reg::from_preg(SP));
                v.reg_use(a);
                v.any_use(b);
                v.reuse_def(d, 1);
            }
            Inst::AluLoad(_, d, a, b, _) => {
                v.reg_use(a);
                v.reg_use(b);
                v.reg_def(d);
            }
            Inst::Select(d, c, a, b) => {
                v.reg_use(c);
                v.reg_use(a);
                v.reg_use(b);
                v.reg_def(d);
            }
            Inst::Move(to, from) => {
                v.reg_use(from);
                v.reg_def(to);
            }
            Inst::Load(d, a, _) => {
                v.reg_use(a);
                v.reg_def(d);
            }
            Inst::Store(s, a, _) | Inst::BranchCmp(_, s, a, ..) => {
                v.reg_use(s);
                v.reg_use(a);
            }
            Inst::StoreIncoming(s, _)
            | Inst::StoreOutgoing(s, _)
            | Inst::BranchIf(s, ..)
            | Inst::TrapIf(s, _) => {
                v.reg_use(s);
            }
            Inst::Call(_, regs) => {
                regs.uses.iter_mut().for_each(|(reg, preg)| v.fixed_use(reg, *preg));
                regs.defs.iter_mut().for_each(|(reg, preg)| v.fixed_def(reg, *preg));
            }
            Inst::Table(index, temp, _) => {
                v.reg_use(index);
                v.early_def(temp);
            }
            Inst::Jump(_) | Inst::Trap(_) => {}
        }
    }
    fn clobbers(&self) -> PRegSet {
        match self {
            Inst::Call(_, regs) => regs.clobbers,
            _ => PRegSet::EMPTY,
        }
    }
    fn kind(&self) -> InstKind {
        match self {
            Inst::Ret(_) | Inst::Trap(_) => InstKind::Ret,
            Inst::Jump(_) | Inst::BranchIf(..) | Inst::BranchCmp(..) | Inst::Table(..) => InstKind::Branch,
            _ => InstKind::Normal,
        }
    }
    fn jump_target(&self) -> Option<MachBlock> {
        if let Inst::Jump(to) = self { Some(*to) } else { None }
    }
    fn as_move(&self) -> Option<(Reg, Reg)> {
        if let Inst::Move(to, from) = self { Some((*to, *from)) } else { None }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Field {
    Rel8,
    Rel32,
}

impl Fixup for Field {
    fn patch(self, code: &mut [u8], at: usize, target: usize) -> bool {
        let distance = |size: usize| target as i64 - (at + size) as i64;
        match self {
            Field::Rel8 => i8::try_from(distance(1)).map(|d| code[at] = d as u8).is_ok(),
            Field::Rel32 => {
                code[at..at + 4].copy_from_slice(&(distance(4) as i32).to_le_bytes());
                true
            }
        }
    }
}

/// The byte code's numbers; see `machine.rs`. Short branches are the long ones plus 0x80.
pub mod op {
    pub const CONST: u8 = 1;
    pub const ALU: u8 = 2;
    pub const MOVE: u8 = 3;
    pub const LOAD: u8 = 4;
    pub const STORE: u8 = 5;
    pub const SELECT: u8 = 6;
    pub const ADD_SP: u8 = 7;
    pub const PUSH: u8 = 8;
    pub const POP: u8 = 9;
    pub const CALL: u8 = 10;
    pub const RET: u8 = 11;
    pub const JUMP: u8 = 12;
    pub const BRANCH: u8 = 13;
    pub const TABLE: u8 = 14;
    pub const TRAP: u8 = 15;
    pub const NOP: u8 = 16;
    pub const LEA: u8 = 17;
}

pub struct Toy {
    env: MachineEnv,
}

impl Toy {
    pub fn new() -> Self {
        let none = PRegSet::EMPTY;
        let env = MachineEnv {
            preferred: [CALLER_SAVED, none],
            non_preferred: [CALLEE_SAVED, none],
            scratch: [Some(r(6)), None],
        };
        Self { env }
    }
}

type Cx<'a> = LowerCx<'a, Toy>;

impl Isa for Toy {
    type Inst = Inst;
    type Fixup = Field;

    fn machine_env(&self) -> &MachineEnv {
        &self.env
    }
    fn conv(&self, _: CallConv) -> &ConvDesc {
        &CONV
    }
    fn frame_rules(&self) -> FrameRules {
        FrameRules { stack_align: 16, fixed_bytes: 8, red_zone: 64 }
    }
    fn dwarf_reg(&self, reg: PReg) -> u16 {
        reg.number().into()
    }

    fn lower_entry(&self, cx: &mut Cx<'_>) -> Result<(), CodegenError> {
        let mut places = Assignment::default();
        assign(&CONV, &cx.func.sig, &[], &mut places).map_err(|e| cx.unsupported(None, e))?;
        let params: Vec<ir::Value> = cx.entry_params().to_vec();
        let mut in_regs = Vec::new();
        for (value, place) in params.iter().zip(&places.args) {
            if let (ArgLoc::Reg(preg), true) = (place, cx.is_needed(*value)) {
                in_regs.push((cx.def_value(*value), *preg));
            }
        }
        cx.emit(Inst::Args(in_regs));
        for (value, place) in params.iter().zip(&places.args) {
            if let (ArgLoc::Stack(offset), true) = (place, cx.is_needed(*value)) {
                let to = cx.def_value(*value);
                cx.emit(Inst::LoadIncoming(to, *offset));
            }
        }
        Ok(())
    }

    fn lower_inst(&self, cx: &mut Cx<'_>, inst: ir::Inst) -> Result<(), CodegenError> {
        let data = *cx.func.inst(inst);
        let args = cx.func.args(inst).to_vec();
        match (data.op, data.imm) {
            (Opcode::Load, Imm::Mem(offset, _)) => {
                let (address, to) = (cx.use_value(args[0]), cx.def_result(inst));
                cx.emit(Inst::Load(to, address, offset));
            }
            (Opcode::Store, Imm::Mem(offset, _)) => {
                let (value, address) = (cx.use_value(args[0]), cx.use_value(args[1]));
                cx.emit(Inst::Store(value, address, offset));
            }
            (Opcode::Select, _) => {
                let regs: Vec<Reg> = args.iter().map(|a| cx.use_value(*a)).collect();
                let to = cx.def_result(inst);
                cx.emit(Inst::Select(to, regs[0], regs[1], regs[2]));
            }
            (Opcode::TrapIf, Imm::Trap(code)) => {
                let reg = cx.use_value(args[0]);
                cx.emit(Inst::TrapIf(reg, code));
            }
            (Opcode::Call, Imm::Func(callee)) => call(cx, inst, callee)?,
            (op, _) if op.info().operands.len() == 2 && op.info().results.len() == 1 => alu(cx, inst, op),
            (op, _) => return Err(cx.unsupported(Some(op), "the toy has no such instruction")),
        }
        Ok(())
    }

    fn lower_terminator(
        &self,
        cx: &mut Cx<'_>,
        inst: ir::Inst,
        targets: &[MachBlock],
    ) -> Result<(), CodegenError> {
        let data = *cx.func.inst(inst);
        match (data.op, data.imm) {
            (Opcode::Jump, _) => cx.emit(Inst::Jump(targets[0])),
            (Opcode::BrIf, _) => branch(cx, inst, targets),
            (Opcode::BrTable, _) => {
                let index = cx.use_value(cx.arg(inst, 0));
                let temp = cx.new_reg(RegClass::Int);
                cx.emit(Inst::Table(index, temp, targets.to_vec()));
            }
            (Opcode::Ret, _) => ret(cx, inst)?,
            (Opcode::Trap, Imm::Trap(code)) => cx.emit(Inst::Trap(code)),
            (op, _) => return Err(cx.unsupported(Some(op), "the toy has no such terminator")),
        }
        Ok(())
    }

    fn lower_constant(&self, cx: &mut Cx<'_>, inst: ir::Inst, to: ValueRegs) {
        match cx.func.inst(inst).imm {
            Imm::Int(value) => cx.emit(Inst::Const(to.only(), value)),
            Imm::Slot(slot, offset) => cx.emit(Inst::SlotAddr(to.only(), slot, offset)),
            _ => cx.emit(Inst::Const(to.only(), 0)),
        }
    }
    fn gen_jump(&self, to: MachBlock) -> Inst {
        Inst::Jump(to)
    }
    fn gen_move(&self, to: Reg, from: Reg) -> Inst {
        Inst::Move(to, from)
    }

    fn emit_prologue(&self, cx: &mut EmitCx<'_, Self>) {
        for reg in cx.frame.saved() {
            cx.buf.put_slice(&[op::PUSH, reg.number()]);
        }
        add_sp(cx, -(cx.frame.local_size() as i32));
        cx.buf.unwind(UnwindOp::CfaOffset(cx.frame.total_size() as i32));
    }
    fn emit(&self, inst: &Inst, cx: &mut EmitCx<'_, Self>) {
        emit(inst, cx);
    }
    fn emit_trap(&self, buf: &mut CodeBuffer<Field>) {
        buf.put1(op::TRAP);
    }
    fn fill_padding(&self, bytes: &mut [u8]) {
        bytes.fill(op::NOP);
    }
}

fn alu(cx: &mut Cx<'_>, inst: ir::Inst, op: Opcode) {
    let (a, b) = (cx.arg(inst, 0), cx.arg(inst, 1));
    let load = cx.sinkable_load(b).map(|load| (load, cx.func.inst(load).imm));
    if let Some((load, Imm::Mem(offset, _))) = load {
        cx.sink(load);
        let (a, base) = (cx.use_value(a), cx.use_value(cx.arg(load, 0)));
        let to = cx.def_result(inst);
        return cx.emit(Inst::AluLoad(op, to, a, base, offset));
    }
    let (a, b, to) = (cx.use_value(a), cx.use_value(b), cx.def_result(inst));
    let reuse = matches!(op, Opcode::Iadd | Opcode::Isub | Opcode::Bxor);
    cx.emit(if reuse { Inst::AluReuse(op, to, a, b) } else { Inst::Alu(op, to, a, b) });
}

fn branch(cx: &mut Cx<'_>, inst: ir::Inst, targets: &[MachBlock]) {
    let condition = cx.arg(inst, 0);
    let compare = cx.mergeable(condition).filter(|i| cx.func.args(*i).len() == 2);
    // With operands, a branch must not lead to a block with several predecessors; edges are split, so
    // any two-way branch may have them.
    if let Some(compare) = compare {
        let op = cx.func.inst(compare).op;
        let (a, b) = (cx.use_value(cx.arg(compare, 0)), cx.use_value(cx.arg(compare, 1)));
        return cx.emit(Inst::BranchCmp(op, a, b, targets[0], targets[1]));
    }
    let reg = cx.use_value(condition);
    cx.emit(Inst::BranchIf(reg, targets[0], targets[1]));
}

fn ret(cx: &mut Cx<'_>, inst: ir::Inst) -> Result<(), CodegenError> {
    let mut places = std::mem::take(&mut cx.assignment);
    assign(&CONV, &cx.func.sig, &[], &mut places).map_err(|e| cx.unsupported(None, e))?;
    let mut in_regs = Vec::new();
    for (value, place) in cx.func.args(inst).iter().zip(&places.results) {
        let reg = cx.use_value(*value);
        match place {
            ArgLoc::Reg(preg) => in_regs.push((reg, *preg)),
            ArgLoc::Stack(offset) => cx.emit(Inst::StoreIncoming(reg, *offset)),
            _ => return Err(cx.unsupported(None, "a result that is no integer")),
        }
    }
    cx.assignment = places;
    cx.emit(Inst::Ret(in_regs));
    Ok(())
}

fn call(cx: &mut Cx<'_>, inst: ir::Inst, callee: FuncId) -> Result<(), CodegenError> {
    let mut places = Assignment::default();
    assign(&CONV, &cx.module.funcs[callee].sig, &[], &mut places).map_err(|e| cx.unsupported(None, e))?;
    cx.needs_outgoing(places.stack_bytes);
    let clobbers = cx.known_clobbers(callee).unwrap_or(CALLER_SAVED);
    let mut regs = CallRegs { uses: Vec::new(), defs: Vec::new(), clobbers };
    for (value, place) in cx.func.args(inst).iter().zip(&places.args) {
        let reg = cx.use_value(*value);
        match place {
            ArgLoc::Reg(preg) => regs.uses.push((reg, *preg)),
            ArgLoc::Stack(offset) => cx.emit(Inst::StoreOutgoing(reg, *offset)),
            _ => return Err(cx.unsupported(None, "an argument that is no integer")),
        }
    }
    let results: Vec<ir::Value> = cx.func.results(inst).collect();
    let mut loads = Vec::new();
    for (value, place) in results.iter().zip(&places.results) {
        let reg = cx.def_value(*value);
        match place {
            ArgLoc::Reg(preg) => {
                regs.clobbers.remove(*preg);
                regs.defs.push((reg, *preg));
            }
            ArgLoc::Stack(offset) => loads.push(Inst::LoadOutgoing(reg, *offset)),
            _ => return Err(cx.unsupported(None, "a result that is no integer")),
        }
    }
    cx.emit(Inst::Call(callee, Box::new(regs)));
    loads.into_iter().for_each(|load| cx.emit(load));
    Ok(())
}

// ---- Encoding ----

fn n(reg: Reg) -> u8 {
    reg.number()
}

fn memory(cx: &mut EmitCx<'_, Toy>, op: u8, reg: u8, base: u8, offset: i32) {
    cx.buf.put_slice(&[op, reg, base]);
    cx.buf.put4(offset as u32);
}

fn add_sp(cx: &mut EmitCx<'_, Toy>, amount: i32) {
    if amount != 0 {
        cx.buf.put1(op::ADD_SP);
        cx.buf.put4(amount as u32);
    }
}

fn form(bytes: &[u8], fixup: Field, size: u8) -> BranchForm<Field> {
    let len = bytes.len() as u8 + size;
    let mut all = [0; 8];
    all[..bytes.len()].copy_from_slice(bytes);
    BranchForm { bytes: all, len, field: bytes.len() as u8, fixup }
}

fn jump_bytes(cx: &mut EmitCx<'_, Toy>, bytes: &[u8], label: Label) {
    let mut short = bytes.to_vec();
    short[0] |= 0x80;
    let branch = Branch {
        long: form(bytes, Field::Rel32, 4),
        short: Some(form(&short, Field::Rel8, 1)),
        reach: (-128, 127),
    };
    cx.buf.branch(label, &branch);
}

fn jump(cx: &mut EmitCx<'_, Toy>, to: MachBlock) {
    if !cx.is_next(to) {
        let label = cx.label(to);
        jump_bytes(cx, &[op::JUMP], label);
    }
}

/// `if a op b goto to` (`sense` 1), or unless (0).
fn branch_bytes(cx: &mut EmitCx<'_, Toy>, sense: u8, code: Opcode, (a, b): (u8, u8), label: Label) {
    jump_bytes(cx, &[op::BRANCH, sense, code as u8, a << 4 | b], label);
}

fn two_way(cx: &mut EmitCx<'_, Toy>, code: Opcode, regs: (u8, u8), (yes, no): (MachBlock, MachBlock)) {
    let (yes_label, no_label) = (cx.label(yes), cx.label(no));
    if cx.is_next(yes) {
        return branch_bytes(cx, 0, code, regs, no_label);
    }
    branch_bytes(cx, 1, code, regs, yes_label);
    jump(cx, no);
}

fn copy(cx: &mut EmitCx<'_, Toy>, to: Reg, from: Reg) {
    match (to.spill(), from.spill()) {
        (None, None) => cx.buf.put_slice(&[op::MOVE, n(to), n(from)]),
        (None, Some(slot)) => memory(cx, op::LOAD, n(to), n(SP.into()), cx.frame.spill(slot)),
        (Some(slot), None) => memory(cx, op::STORE, n(from), n(SP.into()), cx.frame.spill(slot)),
        (Some(_), Some(_)) => panic!("no machine does that"),
    }
}

fn emit(inst: &Inst, cx: &mut EmitCx<'_, Toy>) {
    let sp = SP.number();
    match inst {
        Inst::Args(_) => {}
        Inst::Const(d, value) => {
            cx.buf.put_slice(&[op::CONST, n(*d)]);
            cx.buf.put8(*value as u64);
        }
        Inst::Alu(code, d, a, b) => cx.buf.put_slice(&[op::ALU, *code as u8, n(*d), n(*a), n(*b)]),
        Inst::AluReuse(code, d, a, b) => {
            assert_eq!(d, a, "a reuse is in one register");
            let b = scratch_if_spilled(cx, *b);
            cx.buf.put_slice(&[op::ALU, *code as u8, n(*d), n(*a), b]);
        }
        Inst::AluLoad(code, d, a, b, offset) => {
            memory(cx, op::LOAD, 6, n(*b), *offset);
            cx.buf.put_slice(&[op::ALU, *code as u8, n(*d), n(*a), 6]);
        }
        Inst::Select(d, c, a, b) => cx.buf.put_slice(&[op::SELECT, n(*d), n(*c), n(*a), n(*b)]),
        Inst::Move(to, from) => copy(cx, *to, *from),
        Inst::Load(d, a, offset) => memory(cx, op::LOAD, n(*d), n(*a), *offset),
        Inst::Store(s, a, offset) => memory(cx, op::STORE, n(*s), n(*a), *offset),
        Inst::LoadIncoming(d, offset) => memory(cx, op::LOAD, n(*d), sp, cx.frame.incoming(*offset)),
        Inst::StoreIncoming(s, offset) => memory(cx, op::STORE, n(*s), sp, cx.frame.incoming(*offset)),
        Inst::LoadOutgoing(d, offset) => memory(cx, op::LOAD, n(*d), sp, *offset as i32),
        Inst::StoreOutgoing(s, offset) => memory(cx, op::STORE, n(*s), sp, *offset as i32),
        Inst::SlotAddr(d, slot, offset) => memory(cx, op::LEA, n(*d), sp, cx.frame.slot(*slot) + offset),
        Inst::Call(callee, _) => {
            cx.buf.put1(op::CALL);
            cx.buf.reloc(RelocKind::X86Call, SymbolRef::Func(*callee), 0);
            cx.buf.put4(0);
        }
        Inst::Ret(_) => {
            add_sp(cx, cx.frame.local_size() as i32);
            for reg in cx.frame.saved().iter().rev() {
                cx.buf.put_slice(&[op::POP, reg.number()]);
            }
            cx.buf.put1(op::RET);
        }
        Inst::Jump(to) => jump(cx, *to),
        Inst::BranchIf(c, yes, no) => two_way(cx, Opcode::Bor, (n(*c), n(*c)), (*yes, *no)),
        Inst::BranchCmp(code, a, b, yes, no) => two_way(cx, *code, (n(*a), n(*b)), (*yes, *no)),
        Inst::Table(index, _, targets) => {
            let table = cx.jump_table(targets);
            cx.buf.put_slice(&[op::TABLE, n(*index), targets.len() as u8 - 1]);
            let at = cx.buf.offset();
            cx.buf.put4(0);
            cx.buf.fixup(at, table, Field::Rel32);
        }
        Inst::Trap(code) => {
            cx.buf.trap(*code);
            cx.buf.put1(op::TRAP);
        }
        Inst::TrapIf(c, code) => {
            let label = cx.trap_label(*code);
            branch_bytes(cx, 1, Opcode::Bor, (n(*c), n(*c)), label);
        }
    }
}

fn scratch_if_spilled(cx: &mut EmitCx<'_, Toy>, reg: Reg) -> u8 {
    let Some(slot) = reg.spill() else { return n(reg) };
    memory(cx, op::LOAD, 6, SP.number(), cx.frame.spill(slot));
    6
}
