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
}

impl<'a> Copier<'a> {
    pub fn new(caller: &'a mut Func, callee: &'a Func) -> Self {
        let first_slot = caller.slots.len();
        for slot in callee.slots.values() {
            caller.slots.push(*slot);
        }
        let values = callee.value_count();
        let blocks = EntityVec::filled(None, callee.block_count());
        Self { caller, callee, values: vec![Value::new(u32::MAX); values], blocks, first_slot }
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
        copy
    }
}
