//! Removes what building left over: block parameters that nothing needs, and constants that nothing uses.
//!
//! A parameter is needed if an instruction uses it as an operand, or a branch passes it to a parameter that
//! is needed. In: a finished function. Out: the same, smaller. Linear.

use pyexec_base::EntityId;
use pyexec_ir::{BlockCall, Func, Opcode, Value, ValueDef};

pub(super) fn prune(func: &mut Func) {
    let needed = needed_values(func);
    drop_params(func, &needed);
    for block in func.layout.clone() {
        let mut insts = std::mem::take(&mut func.block_mut(block).insts);
        insts.retain(|inst| {
            let is_const = matches!(func.inst(*inst).op, Opcode::Iconst | Opcode::Fconst);
            !is_const || func.results(*inst).any(|v| needed[v.index()])
        });
        func.block_mut(block).insts = insts;
    }
}

/// Takes blocks that nothing leads to out of the layout.
pub(super) fn drop_unreachable(func: &mut Func) {
    let mut seen = vec![false; func.block_count()];
    let mut work: Vec<_> = func.entry().into_iter().collect();
    while let Some(block) = work.pop() {
        if !std::mem::replace(&mut seen[block.index()], true) {
            work.extend(func.successors(block).iter().map(|call| call.block));
        }
    }
    func.layout.retain(|block| seen[block.index()]);
}

/// By value: whether anything needs it.
fn needed_values(func: &Func) -> Vec<bool> {
    let mut needed = vec![false; func.value_count()];
    let mut work: Vec<Value> = Vec::new();
    // What each branch passes, by the parameter it is passed to.
    let mut passed: Vec<Vec<Value>> = vec![Vec::new(); func.value_count()];
    for block in &func.layout {
        for inst in &func.block(*block).insts {
            work.extend_from_slice(func.args(*inst));
            for call in func.targets(*inst) {
                let params = &func.block(call.block).params;
                for (param, value) in params.iter().zip(func.block_call_args(*call)) {
                    passed[param.index()].push(*value);
                }
            }
        }
    }
    while let Some(value) = work.pop() {
        if std::mem::replace(&mut needed[value.index()], true) {
            continue;
        }
        if let ValueDef::Param(..) = func.def(value) {
            work.append(&mut passed[value.index()]);
        }
    }
    needed
}

fn drop_params(func: &mut Func, needed: &[bool]) {
    let entry = func.entry();
    let mut keep: Vec<Option<Vec<bool>>> = vec![None; func.block_count()];
    for block in func.layout.clone() {
        let params = &func.block(block).params;
        let kept: Vec<bool> = params.iter().map(|p| needed[p.index()]).collect();
        if Some(block) != entry && kept.contains(&false) {
            func.retain_params(block, |i| kept[i]);
            keep[block.index()] = Some(kept);
        }
    }
    for block in func.layout.clone() {
        let Some(inst) = func.terminator(block) else { continue };
        let targets: Vec<BlockCall> = func.targets(inst).to_vec();
        for (index, call) in targets.into_iter().enumerate() {
            if let Some(kept) = &keep[call.block.index()] {
                let args = func.block_call_args(call).iter().zip(kept).filter(|(_, keep)| **keep);
                let args: Vec<Value> = args.map(|(value, _)| *value).collect();
                let call = func.make_block_call(call.block, &args);
                func.targets_mut(inst)[index] = call;
            }
        }
    }
}
