//! Turns a function into a flat list of steps for the interpreter.
//!
//! ```text
//! b0(v3: i64):                    registers: v3 -> 0, v7 -> 1
//!   v7 = iadd.i64 v3, v3     =>   0: Eval { iadd, args [0, 0], out 1 }
//!   jump b1(v7)                   1: Jump { to 2, moves [(1, 2)] }
//! ```
//!
//! Values are numbered densely in the order of the text, so the entry's parameters are the first
//! registers and the results of one instruction are neighbours.

use super::memory::func_address;
use crate::eval::EvalFn;
use crate::{BlockCall, Format, Func, FuncId, Imm, Inst, Opcode, Param, SigId, TrapCode, Type, Value};
use pyexec_base::{EntityId, EntityVec, Loc};

/// A register: an index above the frame's base.
pub(super) type Reg = u32;
/// A range in [`Code::pool`].
pub(super) type Span = (u32, u32);

/// Where a branch goes and which registers it copies: pairs of source and destination in the pool.
#[derive(Clone, Copy)]
pub(super) struct Edge {
    pub(super) to: u32,
    pub(super) moves: Span,
}

#[derive(Clone, Copy)]
pub(super) enum Callee {
    Direct(FuncId),
    Indirect(Reg, SigId),
}

/// One step.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Const {
        out: Reg,
        bits: u128,
    },
    Eval {
        eval: EvalFn,
        ty: Type,
        from: Type,
        args: [Reg; 3],
        out: Reg,
        masks: &'static [crate::TyRule],
    },
    /// Sign-extends from `sign_bits` if nonzero.
    Load {
        out: Reg,
        address: Reg,
        offset: i32,
        bytes: u8,
        sign_bits: u8,
        ty: Type,
    },
    Store {
        value: Reg,
        address: Reg,
        offset: i32,
        bytes: u8,
    },
    /// The meaning of an atomic opcode, on what memory holds and up to two values.
    Atomic {
        meaning: EvalFn,
        ty: Type,
        values: [Reg; 2],
        address: Reg,
        offset: i32,
        /// Where what was there goes, if anywhere.
        out: Option<Reg>,
        /// Whether it stores.
        stores: bool,
    },
    /// Does nothing: there is one thread.
    Fence,
    SlotAddr {
        out: Reg,
        slot: u32,
        offset: i32,
    },
    GlobalAddr {
        out: Reg,
        global: u32,
        offset: i32,
    },
    StackPtr {
        out: Reg,
    },
    Jump(Edge),
    BrIf {
        cond: Reg,
        then: Edge,
        other: Edge,
    },
    /// The edges are in [`Code::edges`]: first the default, then one for each index.
    BrTable {
        index: Reg,
        first: u32,
        count: u32,
    },
    Ret(Span),
    Trap(TrapCode),
    TrapIf {
        cond: Reg,
        code: TrapCode,
    },
    Call {
        callee: Callee,
        args: Span,
        out: Reg,
    },
    TailCall {
        callee: Callee,
        args: Span,
    },
}

/// One function in flat form.
#[derive(Default)]
pub(super) struct Code {
    pub(super) steps: Vec<Step>,
    pub(super) locs: Vec<Loc>,
    pub(super) pool: Vec<Reg>,
    pub(super) edges: Vec<Edge>,
    /// How many registers a frame has.
    pub(super) regs: usize,
    /// Sizes of the stack slots.
    pub(super) slots: Vec<usize>,
    /// Parameters that are copies of the caller's objects, with their sizes.
    pub(super) copies: Vec<(usize, usize)>,
    /// What a frame takes from the simulated stack.
    pub(super) frame_bytes: u64,
}

impl Code {
    /// The flat form of a function with a body.
    pub(super) fn new(func: &Func) -> Self {
        let mut decoder = Decoder {
            func,
            regs: EntityVec::filled(0, func.value_count()),
            starts: vec![0; func.block_count()],
            code: Code::empty(func),
        };
        decoder.number();
        for &block in &func.layout {
            for &inst in &func.block(block).insts {
                let step = decoder.step(inst);
                decoder.code.steps.push(step);
                decoder.code.locs.push(func.inst(inst).loc);
            }
        }
        decoder.code
    }

    fn empty(func: &Func) -> Self {
        let slots: Vec<usize> = func.slots.values().map(|s| s.size as usize).collect();
        let mut copies = Vec::new();
        for (index, param) in func.sig.params.iter().enumerate() {
            if let Param::ByValue(layout) = param {
                copies.push((index, layout.size as usize));
            }
        }
        let sizes = slots.iter().chain(copies.iter().map(|(_, size)| size));
        // Objects cost something even if they are empty: so their number is bounded too.
        let frame_bytes = sizes.map(|size| *size as u64 + 32).sum::<u64>() + 64;
        Self { slots, copies, frame_bytes, ..Self::default() }
    }

    pub(super) fn list(&self, span: Span) -> &[Reg] {
        &self.pool[span.0 as usize..span.1 as usize]
    }
}

struct Decoder<'a> {
    func: &'a Func,
    regs: EntityVec<Value, Reg>,
    /// The first step of each block, by its index.
    starts: Vec<u32>,
    code: Code,
}

impl Decoder<'_> {
    fn number(&mut self) {
        let (mut reg, mut step) = (0, 0);
        for &block in &self.func.layout {
            let data = self.func.block(block);
            self.starts[block.index()] = step;
            step += data.insts.len() as u32;
            let results = data.insts.iter().flat_map(|inst| self.func.results(*inst));
            for value in data.params.iter().copied().chain(results) {
                self.regs[value] = reg;
                reg += 1;
            }
        }
        self.code.regs = reg as usize;
        self.code.frame_bytes = (self.code.frame_bytes + 8 * u64::from(reg)).next_multiple_of(16);
    }

    fn reg(&self, value: Value) -> Reg {
        self.regs[self.func.resolve(value)]
    }
    fn list(&mut self, values: &[Value]) -> Span {
        let start = self.code.pool.len() as u32;
        for value in values {
            self.code.pool.push(self.reg(*value));
        }
        (start, self.code.pool.len() as u32)
    }
    fn edge(&mut self, call: BlockCall) -> Edge {
        let start = self.code.pool.len() as u32;
        let args = self.func.block_call_args(call);
        for (arg, param) in args.iter().zip(&self.func.block(call.block).params) {
            let pair = [self.reg(*arg), self.regs[*param]];
            self.code.pool.extend(pair);
        }
        Edge { to: self.starts[call.block.index()], moves: (start, self.code.pool.len() as u32) }
    }

    fn step(&mut self, inst: Inst) -> Step {
        let func = self.func;
        let data = func.inst(inst);
        let out = func.first_result(inst).map_or(0, |v| self.regs[v]);
        let values = func.args(inst);
        let arg = |n: usize| values.get(n).map_or(0, |v| self.reg(*v));
        match (data.op.format(), data.imm) {
            (Format::Plain, _) if data.op.is_scalar() => self.eval_step(inst, out),
            (Format::IntConst, Imm::Int(int)) => {
                Step::Const { out, bits: int as i128 as u128 & data.ty.mask() }
            }
            (Format::FloatConst, Imm::Bits(bits)) => Step::Const { out, bits: bits.into() },
            (Format::Load, Imm::Mem(offset, _)) => {
                let (bytes, signed) = data.op.access(data.ty).unwrap_or((0, false));
                let sign_bits = if signed { bytes * 8 } else { 0 };
                Step::Load { out, address: arg(0), offset, bytes, sign_bits, ty: data.ty }
            }
            (Format::Store, Imm::Mem(offset, _)) => {
                let (bytes, _) = data.op.access(data.ty).unwrap_or((0, false));
                Step::Store { value: arg(0), address: arg(1), offset, bytes }
            }
            (Format::Atomic, Imm::Mem(offset, _)) => self.atomic_step(inst, offset),
            (Format::SlotAddr, Imm::Slot(slot, offset)) => {
                Step::SlotAddr { out, slot: slot.as_u32(), offset }
            }
            (Format::GlobalAddr, Imm::Global(id, offset)) => {
                Step::GlobalAddr { out, global: id.as_u32(), offset }
            }
            (Format::FuncAddr, Imm::Func(id)) => Step::Const { out, bits: func_address(id).into() },
            (Format::Trap, Imm::Trap(code)) => Step::Trap(code),
            (Format::TrapIf, Imm::Trap(code)) => Step::TrapIf { cond: arg(0), code },
            (Format::Call | Format::CallIndirect | Format::TailCall | Format::TailCallIndirect, imm) => {
                self.call_step(data.op.format(), imm, values, out)
            }
            (Format::Plain, _) if data.op == Opcode::Fence => Step::Fence,
            (Format::Plain, _) => Step::StackPtr { out },
            _ => self.control_step(inst),
        }
    }

    fn eval_step(&mut self, inst: Inst, out: Reg) -> Step {
        let data = self.func.inst(inst);
        let values = self.func.args(inst);
        let mut args = [0; 3];
        for (reg, value) in args.iter_mut().zip(values) {
            *reg = self.reg(*value);
        }
        let from = values.first().map_or(data.ty, |v| self.func.ty(*v));
        Step::Eval { eval: data.op.meaning(), ty: data.ty, from, args, out, masks: data.op.info().results }
    }

    fn atomic_step(&self, inst: Inst, offset: i32) -> Step {
        let data = self.func.inst(inst);
        let mut regs = self.func.args(inst).iter().rev().map(|v| self.reg(*v));
        let address = regs.next().unwrap_or(0);
        let mut values = [0; 2];
        // What is left are the values, last first.
        for (reg, index) in regs.zip((0..data.op.info().operands.len() - 1).rev()) {
            values[index] = reg;
        }
        let out = self.func.first_result(inst).map(|v| self.regs[v]);
        let (meaning, stores) = (data.op.meaning(), data.op != Opcode::AtomicLoad);
        Step::Atomic { meaning, ty: data.ty, values, address, offset, out, stores }
    }

    fn call_step(&mut self, format: Format, imm: Imm, values: &[Value], out: Reg) -> Step {
        let (callee, args) = match (imm, values.split_first()) {
            (Imm::Func(id), _) => (Callee::Direct(id), values),
            (Imm::Sig(sig), Some((callee, rest))) => (Callee::Indirect(self.reg(*callee), sig), rest),
            _ => return Step::Trap(TrapCode::BadSignature),
        };
        let args = self.list(args);
        match format {
            Format::TailCall | Format::TailCallIndirect => Step::TailCall { callee, args },
            _ => Step::Call { callee, args, out },
        }
    }

    fn control_step(&mut self, inst: Inst) -> Step {
        let func = self.func;
        let cond = func.args(inst).first().map_or(0, |v| self.reg(*v));
        match (func.inst(inst).op, func.targets(inst)) {
            (Opcode::Ret, _) => Step::Ret(self.list(func.args(inst))),
            (Opcode::Jump, [target]) => Step::Jump(self.edge(*target)),
            (Opcode::BrIf, [then, other]) => {
                Step::BrIf { cond, then: self.edge(*then), other: self.edge(*other) }
            }
            (_, targets) => {
                let first = self.code.edges.len() as u32;
                for target in targets {
                    let edge = self.edge(*target);
                    self.code.edges.push(edge);
                }
                Step::BrTable { index: cond, first, count: targets.len() as u32 }
            }
        }
    }
}
