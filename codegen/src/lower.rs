//! The walk of instruction selection over a function, and the flat arrays that come out.
//!
//! In: a function in SSA form and its machine blocks (`order.rs`). Out: VCode with the allocator's view of
//! it filled in. Blocks are visited from last to first, instructions upwards; machine instructions of one
//! IR instruction are emitted forwards and put into the list backwards, and the whole list is turned
//! round at the end. Parameters that nobody uses are dropped together with their arguments.

use crate::Reg;
use crate::abi::Assignment;
use crate::error::CodegenError;
use crate::frame::FrameNeeds;
use crate::hoist::{Constant, Hoisting};
use crate::isa::{Isa, KnownClobbers};
use crate::lower_ctx::{LowerCx, LowerTables};
use crate::order::{BlockOrder, Origin};
use crate::vcode::{MachInst, OperandVisitor, VCode};
use pyexec_base::{EntityId, Loc};
use pyexec_ir::{Block, BlockCall, Func, Inst, Module, Opcode, Value};
use pyexec_regalloc::{Block as MachBlock, Constraint, Operand, OperandKind, OperandPos, VReg};

/// The memory that selection uses again and again.
pub(crate) struct LowerScratch<I> {
    pub order: BlockOrder,
    pub tables: LowerTables,
    pub hoisting: Hoisting,
    pub pending: Vec<I>,
    pub assignment: Assignment,
}

impl<I> Default for LowerScratch<I> {
    fn default() -> Self {
        Self {
            order: BlockOrder::default(),
            tables: LowerTables::default(),
            hoisting: Hoisting::default(),
            pending: Vec::new(),
            assignment: Assignment::default(),
        }
    }
}

/// Selects instructions for a function; `hoist`: with constants in front of loops.
pub(crate) fn lower<I: Isa>(
    isa: &I,
    (module, func): (&Module, &Func),
    (known, hoist): (&dyn KnownClobbers, bool),
    scratch: &mut LowerScratch<I::Inst>,
    vcode: &mut VCode<I::Inst>,
    frame: &mut FrameNeeds,
) -> Result<(), CodegenError> {
    let LowerScratch { order, tables, hoisting, pending, assignment } = scratch;
    vcode.clear();
    order.compute(func);
    tables.reset(func, order);
    tables.scan(func, order);
    hoisting.clear();
    if hoist && isa.hoist_limits() != [0, 0] {
        hoisting.find_loops(func, order);
    }
    frame.reset(func);
    let mut cx = LowerCx {
        isa,
        module,
        func,
        frame,
        assignment: std::mem::take(assignment),
        known,
        vcode,
        order,
        tables,
        hoisting,
        pending,
        loc: Loc::UNKNOWN,
        current: None,
        position: 0,
        block: 0,
    };
    for block in (0..order.origins.len()).rev() {
        cx.lower_block(block)?;
    }
    *assignment = std::mem::take(&mut cx.assignment);
    vcode.insts.reverse();
    vcode.locs.reverse();
    collect(func, order, tables, vcode);
    Ok(())
}

impl FrameNeeds {
    fn reset(&mut self, func: &Func) {
        self.slots.clear();
        self.slots.extend(func.slots.values().copied());
        self.spill_slots = 0;
        self.outgoing = 0;
        self.calls = false;
        self.exact_sp = false;
        self.saved.clear();
    }
}

impl<I: Isa> LowerCx<'_, I> {
    fn lower_block(&mut self, index: usize) -> Result<(), CodegenError> {
        self.block = index as u32;
        match self.order.origins[index] {
            Origin::Block(block) => self.lower_ir_block(index, block)?,
            Origin::Edge(from, target) => {
                let to = self.order.succs(index)[0];
                let branch = self.func.terminator(from);
                self.loc = branch.map_or(Loc::UNKNOWN, |b| self.func.inst(b).loc);
                self.edge_args(self.order.succ_range(index).start, from, target as usize);
                let jump = self.isa.gen_jump(to);
                self.emit(jump);
                self.flush();
                self.keep_promises();
            }
        }
        let end = self.vcode.insts.len() as u32;
        self.tables.ends.push(end);
        Ok(())
    }

    fn lower_ir_block(&mut self, index: usize, block: Block) -> Result<(), CodegenError> {
        let (func, isa, order) = (self.func, self.isa, self.order);
        let insts = &func.block(block).insts;
        let Some((&terminator, others)) = insts.split_last() else { return Ok(()) };
        self.enter(terminator, others.len());
        let targets = order.succs(index);
        for (number, edge) in order.succ_range(index).enumerate() {
            if matches!(order.origins[targets[number].index()], Origin::Block(_)) {
                self.edge_args(edge, block, number);
            }
        }
        match (func.inst(terminator).op, targets) {
            // The index decides nothing, and as an operand it would forbid shared targets.
            (Opcode::BrTable, [only]) => self.emit(isa.gen_jump(*only)),
            _ => isa.lower_terminator(self, terminator, targets)?,
        }
        self.flush();
        self.keep_promises();
        for (position, &inst) in others.iter().enumerate().rev() {
            if self.is_wanted(inst) {
                self.enter(inst, position);
                isa.lower_inst(self, inst)?;
                self.flush();
            }
        }
        if index == 0 {
            self.loc = Loc::UNKNOWN;
            self.current = None;
            isa.lower_entry(self)?;
            self.flush();
        }
        Ok(())
    }

    /// Computes the constants of the loop behind this block.
    fn keep_promises(&mut self) {
        let isa = self.isa;
        while let Some(promise) = self.hoisting.take(self.block) {
            match promise.constant {
                Constant::Inst(inst) => isa.lower_constant(self, inst, promise.regs),
                Constant::Number(number) => isa.lower_number(self, number, promise.regs.only()),
            }
            self.flush();
        }
    }

    fn enter(&mut self, inst: Inst, position: usize) {
        self.current = Some(inst);
        self.position = position;
        self.loc = self.func.inst(inst).loc;
    }

    /// Whether an instruction has to be selected: it has an effect, or someone asked for a result that
    /// nobody else computes. Constants are computed at their uses.
    fn is_wanted(&self, inst: Inst) -> bool {
        let op = self.func.inst(inst).op;
        let effects = op.effects();
        let needed = || self.func.results(inst).any(|v| self.tables.needed[v.index()]);
        match self.tables.sunk[inst.index()] {
            // What moved down has defined its results there.
            true if effects.speculable() => false,
            // A load may be sunk into one user and asked for by another: then it is done twice.
            true => needed(),
            false => !effects.removable() || needed(),
        }
    }

    /// Puts the arguments of a branch target into registers, for the edge with this number.
    fn edge_args(&mut self, edge: usize, from: Block, target: usize) {
        let func = self.func;
        let call = func.successors(from)[target];
        let start = self.tables.args.len() as u32;
        let params = &func.block(call.block).params;
        for (arg, param) in func.block_call_args(call).iter().zip(params) {
            if self.tables.uses[param.index()] == 0 {
                continue;
            }
            // A constant goes straight into the parameter's register: nothing would be saved by a copy.
            let constant = func.def_inst(*arg).filter(|i| crate::lower_ctx::is_constant(func.inst(*i).op));
            let regs = match constant {
                Some(inst) => match self.guard(from, *arg) {
                    Some(guard) => self.shared_constant(guard, inst, *arg),
                    None => self.constant_here(inst, *arg),
                },
                None => self.use_values(*arg),
            };
            for reg in regs.iter() {
                let vreg = reg.vreg().expect("invariant: values are in virtual registers");
                self.tables.args.push(vreg);
            }
        }
        self.tables.arg_ranges[edge] = (start, self.tables.args.len() as u32);
    }

    /// The block that guards a loop, if both its ways pass the same constant, on an edge from it: then it is
    /// computed there, and the edge around the loop needs no block of its own.
    ///
    /// ```text
    ///   m0: br m1, m2                      m0: mov vr5, 0 ; br m1, m2
    ///   m1 (edge): jmp m9(0)         =>    m1 (edge): jmp m9(vr5)
    ///   m2: jmp m3(0, vr1)                 m2: jmp m3(vr5, vr1)
    /// ```
    fn guard(&self, from: Block, constant: Value) -> Option<u32> {
        let (func, order) = (self.func, self.order);
        let number = match order.origins[self.block as usize] {
            Origin::Edge(..) => order.number_of(from),
            Origin::Block(_) => self.hoisting.only_pred(self.block)?,
        };
        let ways = order.succs(number as usize);
        if !self.hoisting.has_loops() || ways.len() != 2 {
            return None;
        }
        let passed = |way: &MachBlock| match order.origins[way.index()] {
            Origin::Edge(of, target) => func.successors(of).get(target as usize),
            Origin::Block(block) => {
                func.successors(block).first().filter(|_| order.succs(way.index()).len() == 1)
            }
        };
        let uses = |call: &BlockCall| {
            let params = func.block(call.block).params.iter().map(|p| self.tables.uses[p.index()] != 0);
            func.block_call_args(*call).iter().zip(params).filter(|(_, used)| *used).map(|(v, _)| *v)
        };
        let has = |way: &MachBlock| passed(way).is_some_and(|call| uses(call).any(|v| v == constant));
        let alone = |way: &MachBlock| {
            let is_edge = matches!(order.origins[way.index()], Origin::Edge(..));
            is_edge && passed(way).is_some_and(|call| uses(call).eq([constant]))
        };
        let ours = ways.iter().any(|way| way.as_u32() == self.block);
        (ours && ways.iter().all(has) && ways.iter().any(alone)).then_some(number)
    }

    /// Moves the emitted instructions to the list, which runs backwards.
    fn flush(&mut self) {
        let count = self.pending.len();
        self.vcode.insts.extend(self.pending.drain(..).rev());
        self.vcode.locs.resize(self.vcode.locs.len() + count, self.loc);
    }
}

/// Fills in the allocator's view, forwards.
fn collect<I: MachInst>(func: &Func, order: &BlockOrder, tables: &mut LowerTables, vcode: &mut VCode<I>) {
    vcode.flags.clone_from(&order.flags);
    vcode.layout.clone_from(&order.layout);
    let total = vcode.insts.len();
    let count = order.origins.len();
    let mut next = 0;
    for block in 0..count {
        // Ends were noted backwards, in a list that has been turned round since.
        let reversed = count - 1 - block;
        let start = if reversed == 0 { 0 } else { tables.ends[reversed - 1] as usize };
        let end = total - start;
        collect_insts(vcode, next..end);
        next = end;
        collect_block(func, order, tables, vcode, block);
    }
    vcode.problem.compute_preds();
}

fn collect_insts<I: MachInst>(vcode: &mut VCode<I>, range: std::ops::Range<usize>) {
    let problem = &mut vcode.problem;
    for inst in &mut vcode.insts[range] {
        inst.visit_operands(&mut Collect { operands: &mut problem.operands });
        let (kind, clobbers) = (inst.kind(), inst.clobbers());
        problem.push_inst(kind, clobbers);
    }
}

fn collect_block<I>(
    func: &Func,
    order: &BlockOrder,
    tables: &mut LowerTables,
    vcode: &mut VCode<I>,
    block: usize,
) {
    let problem = &mut vcode.problem;
    for edge in order.succ_range(block) {
        let (start, end) = tables.arg_ranges[edge];
        problem.args.extend_from_slice(&tables.args[start as usize..end as usize]);
        problem.push_succ(order.all_succs()[edge]);
    }
    if let (Origin::Block(from), true) = (order.origins[block], block != 0) {
        for param in &func.block(from).params {
            if tables.uses[param.index()] == 0 {
                continue;
            }
            collect_param(func, tables, problem, *param);
        }
    }
    problem.end_block();
}

fn collect_param(
    func: &Func,
    tables: &mut LowerTables,
    problem: &mut pyexec_regalloc::ProblemBuf,
    param: pyexec_ir::Value,
) {
    let known = tables.regs[param.index()];
    let mut any = false;
    for reg in known.iter() {
        problem.params.extend(reg.vreg());
        any = true;
    }
    if any {
        return;
    }
    // Used in the IR, but nothing asked for it: its users have been skipped. It needs a place all the
    // same, since its arguments are there.
    let ty = func.ty(param);
    let class = if ty.is_float() { pyexec_regalloc::RegClass::Float } else { pyexec_regalloc::RegClass::Int };
    for _ in 0..if ty == pyexec_ir::Type::I128 { 2 } else { 1 } {
        problem.params.push(VReg::new(problem.vreg_count, class));
        problem.vreg_count += 1;
    }
}

/// Notes what instructions want of their registers.
struct Collect<'a> {
    operands: &'a mut Vec<Operand>,
}

impl OperandVisitor for Collect<'_> {
    #[inline]
    fn operand(&mut self, reg: &mut Reg, constraint: Constraint, kind: OperandKind, pos: OperandPos) {
        if let Some(vreg) = reg.vreg() {
            self.operands.push(Operand { vreg, constraint, kind, pos });
        } else if let Some(preg) = reg.preg() {
            self.operands.push(Operand::nonallocatable(preg));
        }
    }
}
