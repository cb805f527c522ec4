//! Copying a body into a caller.

use crate::edit::{become_jump, copy_inst, make_jump};
use pyexec_base::{EntityId, EntityVec};
use pyexec_ir::{Block, BlockCall, Cfg, Func, Imm, Inst, Opcode, Slot, Value};

pub(super) struct Copier<'a> {
    caller: &'a mut Func,
    callee: &'a Func,
    /// The copies of the callee's values, blocks and slots.
    values: Vec<Value>,
    blocks: EntityVec<Block, Option<Block>>,
    first_slot: usize,
    /// Whether the callee is the caller itself: its frame has passed the check of the stack.
    same_frame: bool,
}

impl<'a> Copier<'a> {
    pub fn new(caller: &'a mut Func, callee: &'a Func, same_frame: bool) -> Self {
        let first_slot = caller.slots.len();
        for slot in callee.slots.values() {
            caller.slots.push(*slot);
        }
        let values = callee.value_count();
        let blocks = EntityVec::filled(None, callee.block_count());
        Self { caller, callee, values: vec![Value::new(u32::MAX); values], blocks, first_slot, same_frame }
    }

    /// Puts the body in place of `call`, which would be the next instruction of `block`. Returns the block
    /// where the caller goes on. `check` is the caller's branch on the status, if the body may take it.
    pub fn inline(mut self, block: Block, call: Inst, check: Option<Inst>) -> Block {
        let after = self.caller.add_block();
        for result in self.caller.results(call).collect::<Vec<_>>() {
            let ty = self.caller.ty(result);
            let param = self.caller.add_param(after, ty);
            self.caller.alias(result, param);
        }
        let cfg = Cfg::new(self.callee);
        cfg.rpo().iter().for_each(|b| self.copy_header(*b));
        let entry = cfg.rpo().first().and_then(|b| self.blocks[*b]);
        let args = self.caller.args(call).to_vec();
        let loc = self.caller.inst(call).loc;
        let jump = make_jump(self.caller, entry.unwrap_or(after), &args, loc);
        self.caller.block_mut(block).insts.push(jump);
        // A block comes after those that dominate it, so operands are copied before their users.
        let mut all_fine = true;
        for from in cfg.rpo() {
            all_fine &= self.copy_block(*from, after, check);
        }
        if let Some(check) = check.filter(|_| all_fine) {
            let next = self.caller.targets(check)[1];
            become_jump(self.caller, check, next);
        }
        after
    }

    fn copy_header(&mut self, from: Block) {
        let to = self.caller.add_block();
        self.blocks[from] = Some(to);
        self.caller.block_mut(to).cold = self.callee.block(from).cold;
        for param in &self.callee.block(from).params {
            let copy = self.caller.add_param(to, self.callee.ty(*param));
            self.values[param.index()] = copy;
        }
    }

    /// False if the status that the block returns, if it returns, is unknown.
    fn copy_block(&mut self, from: Block, after: Block, check: Option<Inst>) -> bool {
        let Some(to) = self.blocks[from] else { return true };
        let mut known = true;
        for &inst in &self.callee.block(from).insts {
            let copy = match self.callee.inst(inst).op {
                Opcode::Ret => {
                    let status = self.callee.args(inst).last().and_then(|v| self.callee.const_bits(*v));
                    known = status.is_some();
                    self.copy_return(inst, after, check.filter(|_| status.is_some_and(|bits| bits != 0)))
                }
                Opcode::TailCall => {
                    known &= check.is_some();
                    self.copy_tail_call(inst, to, after, check)
                }
                _ => self.copy_inst(inst),
            };
            self.caller.block_mut(to).insts.push(copy);
        }
        known
    }

    /// A jump to where the caller goes on, or, if the check would fail, to where that leads.
    fn copy_return(&mut self, inst: Inst, after: Block, failed: Option<Inst>) -> Inst {
        let loc = self.callee.inst(inst).loc;
        if let Some(check) = failed {
            let target = self.caller.targets(check)[0];
            let args = self.caller.block_call_args(target).to_vec();
            return make_jump(self.caller, target.block, &args, loc);
        }
        let args: Vec<Value> = self.callee.args(inst).iter().map(|v| self.values[v.index()]).collect();
        make_jump(self.caller, after, &args, loc)
    }

    /// A tail call returns to the caller now. With `check` that is what follows, else the caller's own.
    fn copy_tail_call(&mut self, inst: Inst, to: Block, after: Block, check: Option<Inst>) -> Inst {
        let data = *self.callee.inst(inst);
        let args: Vec<Value> = self.callee.args(inst).iter().map(|v| self.values[v.index()]).collect();
        let types = &self.callee.sig.results;
        let call = self.caller.make_inst(Opcode::Call, data.ty, data.imm, &args, &[], types, data.loc);
        self.caller.block_mut(to).insts.push(call);
        let results: Vec<Value> = self.caller.results(call).collect();
        let (Some(check), Some(status)) = (check, results.last()) else {
            return make_jump(self.caller, after, &results, data.loc);
        };
        let failed = self.caller.targets(check)[0];
        let args = self.caller.block_call_args(failed).to_vec();
        let failed = self.caller.make_block_call(failed.block, &args);
        let fine = self.caller.make_block_call(after, &results);
        let ty = self.caller.inst(check).ty;
        self.caller.make_inst(Opcode::BrIf, ty, Imm::None, &[*status], &[failed, fine], &[], data.loc)
    }

    /// Whether a branch is the check of the stack, which goes on at its second target.
    fn is_stack_check(&self, inst: Inst) -> bool {
        let func = self.callee;
        let below = |v: Value| func.def_inst(v).filter(|i| func.inst(*i).op == Opcode::Ult);
        let is_pointer = |v: Value| func.def_inst(v).is_some_and(|i| func.inst(i).op == Opcode::StackPtr);
        func.inst(inst).op == Opcode::BrIf
            && below(func.args(inst)[0]).is_some_and(|i| is_pointer(func.args(i)[0]))
    }

    fn copy_inst(&mut self, inst: Inst) -> Inst {
        let values = &self.values;
        let copy = copy_inst(self.callee, inst, self.caller, &|v| values[v.index()]);
        for (old, new) in self.callee.results(inst).zip(self.caller.results(copy)) {
            self.values[old.index()] = new;
        }
        if let Imm::Slot(slot, offset) = self.callee.inst(inst).imm {
            self.caller.inst_mut(copy).imm =
                Imm::Slot(Slot::from_index(self.first_slot + slot.index()), offset);
        }
        let targets: Vec<BlockCall> = self.caller.targets(copy).to_vec();
        let moved = targets
            .into_iter()
            .map(|call| BlockCall { block: self.blocks[call.block].unwrap_or(call.block), ..call });
        let moved: Vec<BlockCall> = moved.collect();
        self.caller.targets_mut(copy).copy_from_slice(&moved);
        if self.same_frame && self.is_stack_check(inst) {
            become_jump(self.caller, copy, moved[1]);
        }
        copy
    }
}
