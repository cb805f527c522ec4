//! The steps that make a function or a module smaller. They keep it well formed, or the verifier says so.

use crate::{
    Block, Cfg, DataTarget, Func, FuncId, GlobalId, Imm, Inst, Module, Opcode, SigId, Slot, Type, Value,
};
use pyexec_base::{BitSet, EntityId, EntityVec, Loc};
use std::collections::BTreeMap;

/// A zero of this type, in no block yet.
fn zero(func: &mut Func, ty: Type) -> (Inst, Value) {
    let (op, imm) =
        if ty.is_float() { (Opcode::Fconst, Imm::Bits(0)) } else { (Opcode::Iconst, Imm::Int(0)) };
    let inst = func.make_inst(op, ty, imm, &[], &[], &[ty], Loc::UNKNOWN);
    (inst, func.first_result(inst).expect("invariant: a constant has a result"))
}

/// Cuts a block at a position and returns zeros there.
pub(super) fn end_with_return(func: &mut Func, block: Block, at: usize) {
    let results = func.sig.results.clone();
    let (insts, values): (Vec<Inst>, Vec<Value>) = results.into_iter().map(|ty| zero(func, ty)).unzip();
    let ret = func.make_inst(Opcode::Ret, Type::I64, Imm::None, &values, &[], &[], Loc::UNKNOWN);
    let list = &mut func.block_mut(block).insts;
    list.truncate(at);
    list.extend(insts);
    list.push(ret);
}

/// A branch becomes a jump to one of its targets.
pub(super) fn take_one_way(func: &mut Func, block: Block, target: usize) -> bool {
    let Some(&call) = func.successors(block).get(target) else { return false };
    let jump = func.make_inst(Opcode::Jump, Type::I64, Imm::None, &[], &[call], &[], Loc::UNKNOWN);
    let list = &mut func.block_mut(block).insts;
    list.pop();
    list.push(jump);
    true
}

/// The instructions number `start` to `start + count`, counted over the layout, become zeros; those
/// without results, or with unused ones, go. Terminators and used constants stay. False if nothing
/// changed.
pub(super) fn neutralize(func: &mut Func, start: usize, count: usize) -> bool {
    let uses = count_uses(func);
    let mut number = 0;
    let mut changed = false;
    for block in func.layout.clone() {
        let mut list = Vec::new();
        for inst in func.block(block).insts.clone() {
            let chosen = (start..start + count).contains(&number);
            number += 1;
            let op = func.inst(inst).op;
            let unused = func.results(inst).all(|v| uses[v] == 0);
            let constant = op == Opcode::Iconst || op == Opcode::Fconst;
            if !chosen || op.is_terminator() || (constant && !unused) {
                list.push(inst);
                continue;
            }
            changed = true;
            for value in func.results(inst).filter(|_| !unused) {
                let (constant, new) = zero(func, func.ty(value));
                func.alias(value, new);
                list.push(constant);
            }
        }
        func.block_mut(block).insts = list;
    }
    changed
}

fn count_uses(func: &Func) -> EntityVec<Value, u32> {
    let mut uses = EntityVec::filled(0, func.value_count());
    for inst in func.layout.iter().flat_map(|b| &func.block(*b).insts) {
        func.for_each_use(*inst, |value| uses[value] += 1);
    }
    uses
}

/// A block parameter becomes a zero.
pub(super) fn drop_param(func: &mut Func, block: Block, index: usize) -> bool {
    let Some(&param) = func.block(block).params.get(index) else { return false };
    let (constant, new) = zero(func, func.ty(param));
    func.retain_params(block, |i| i != index);
    func.alias(param, new);
    func.block_mut(block).insts.insert(0, constant);
    for from in func.layout.clone() {
        let Some(inst) = func.terminator(from) else { continue };
        let mut calls = func.targets(inst).to_vec();
        for call in calls.iter_mut().filter(|call| call.block == block) {
            let mut args = func.block_call_args(*call).to_vec();
            args.remove(index);
            *call = func.make_block_call(block, &args);
        }
        func.set_targets(inst, &calls);
    }
    true
}

/// Takes unreachable blocks out of the layout.
pub(super) fn remove_unreachable(func: &mut Func) {
    let cfg = Cfg::new(func);
    func.layout.retain(|block| cfg.is_reachable(*block));
}

/// A block that only one jump reaches is appended to the block of that jump.
pub(super) fn merge_blocks(func: &mut Func) {
    for block in func.layout.clone() {
        while func.layout.contains(&block) {
            let (Some(jump), [call]) = (func.terminator(block), func.successors(block)) else { break };
            let (call, cfg) = (*call, Cfg::new(func));
            let mergeable = func.inst(jump).op == Opcode::Jump && cfg.preds(call.block).len() == 1;
            if !mergeable || call.block == block || func.entry() == Some(call.block) {
                break;
            }
            let args = func.block_call_args(call).to_vec();
            let next = std::mem::take(func.block_mut(call.block));
            for (param, arg) in next.params.iter().zip(args) {
                func.alias(*param, arg);
            }
            let list = &mut func.block_mut(block).insts;
            list.pop();
            list.extend(next.insts);
            func.layout.retain(|b| *b != call.block);
        }
    }
    func.resolve_aliases();
}

/// Removes instructions without effects whose results nobody uses, last first.
pub(super) fn remove_unused(func: &mut Func) {
    let mut uses = count_uses(func);
    let insts: Vec<Inst> = func.layout.iter().flat_map(|b| func.block(*b).insts.clone()).collect();
    let mut gone: BitSet<Inst> = BitSet::new();
    // Uses mostly stand below definitions; what is missed goes in the next round.
    for &inst in insts.iter().rev() {
        let unused = func.results(inst).all(|v| uses[v] == 0);
        if unused && func.inst(inst).op.effects().removable() {
            gone.insert(inst);
            func.for_each_use(inst, |value| uses[value] -= 1);
        }
    }
    for block in func.layout.clone() {
        func.block_mut(block).insts.retain(|inst| !gone.contains(*inst));
    }
}

/// Calls `each` for every immediate of the module.
fn for_each_imm(module: &mut Module, mut each: impl FnMut(&mut Imm)) {
    for func in module.funcs.values_mut() {
        let insts: Vec<Inst> = func.layout.iter().flat_map(|b| func.block(*b).insts.clone()).collect();
        for inst in insts {
            each(&mut func.inst_mut(inst).imm);
        }
    }
}

/// The module without a function that no instruction names; relocations that name it go too.
pub(super) fn without_func(module: &Module, gone: FuncId) -> Option<Module> {
    let mut new = module.clone();
    let mut named = false;
    let renumber = |id: FuncId| if id > gone { FuncId::new(id.as_u32() - 1) } else { id };
    for_each_imm(&mut new, |imm| {
        if let Imm::Func(id) = imm {
            named |= *id == gone;
            *id = renumber(*id);
        }
    });
    if named {
        return None;
    }
    for global in new.globals.values_mut() {
        global.relocs.retain(|reloc| reloc.target != DataTarget::Func(gone));
        for reloc in &mut global.relocs {
            if let DataTarget::Func(id) = &mut reloc.target {
                *id = renumber(*id);
            }
        }
    }
    new.funcs = new.funcs.iter().filter(|(id, _)| *id != gone).map(|(_, f)| f.clone()).collect();
    Some(new)
}

/// The entities that are kept, by their old ids.
fn kept<K: EntityId>(count: usize, used: &BitSet<K>) -> BTreeMap<K, K> {
    let old = (0..count).map(K::from_index).filter(|id| used.contains(*id));
    old.enumerate().map(|(new, old)| (old, K::from_index(new))).collect()
}

/// The module without signatures and slots that nothing names, and without such globals: all of them, or
/// only one.
pub(super) fn without_unused_data(module: &Module, only: Option<GlobalId>) -> Module {
    let mut new = module.clone();
    let (mut globals, mut sigs) = (BitSet::<GlobalId>::new(), BitSet::<SigId>::new());
    for_each_imm(&mut new, |imm| match imm {
        Imm::Global(id, _) => drop_bool(globals.insert(*id)),
        Imm::Sig(id) => drop_bool(sigs.insert(*id)),
        _ => {}
    });
    for reloc in module.globals.values().flat_map(|g| &g.relocs) {
        if let DataTarget::Global(id) = reloc.target {
            globals.insert(id);
        }
    }
    for id in module.globals.ids().filter(|id| only.is_some_and(|only| only != *id)) {
        globals.insert(id);
    }
    let (global_ids, sig_ids) = (kept(module.globals.len(), &globals), kept(module.sigs.len(), &sigs));
    for_each_imm(&mut new, |imm| match imm {
        Imm::Global(id, _) => *id = global_ids[id],
        Imm::Sig(id) => *id = sig_ids[id],
        _ => {}
    });
    new.globals = global_ids.keys().map(|id| module.globals[*id].clone()).collect();
    for reloc in new.globals.values_mut().flat_map(|g| &mut g.relocs) {
        if let DataTarget::Global(id) = &mut reloc.target {
            *id = global_ids[id];
        }
    }
    new.sigs = sig_ids.keys().map(|id| module.sigs[*id].clone()).collect();
    new.funcs.values_mut().for_each(drop_slots);
    new
}

fn drop_bool(_: bool) {}

fn drop_slots(func: &mut Func) {
    let insts: Vec<Inst> = func.layout.iter().flat_map(|b| func.block(*b).insts.clone()).collect();
    let named = insts.iter().filter_map(|inst| match func.inst(*inst).imm {
        Imm::Slot(slot, _) => Some(slot),
        _ => None,
    });
    let ids: BTreeMap<Slot, Slot> = kept(func.slots.len(), &named.collect());
    for inst in insts {
        if let Imm::Slot(slot, _) = &mut func.inst_mut(inst).imm {
            *slot = ids[slot];
        }
    }
    func.slots = ids.keys().map(|slot| func.slots[*slot]).collect();
}
