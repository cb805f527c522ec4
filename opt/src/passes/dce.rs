//! Dead code elimination.
//!
//! **What.** Removes instructions whose results nobody needs, block parameters likewise, and the overflow
//! check of arithmetic whose flag nobody reads.
//!
//! ```text
//! b1(v1: i64, v2: i64):                  b1(v1: i64):
//!   v3, v4 = sadd_overflow.i64 v1, v1      v3 = iadd.i64 v1, v1
//!   v5 = imul.i64 v2, v1           =>      br_if v3', b1(v3), b2
//!   br_if v3', b1(v3, v5), b2
//! ```
//!
//! **Invariants.** In and out: valid IR. The entry's parameters are the signature's and stay. Endless
//! loops stay: control flow is not touched.
//!
//! **Algorithm.** Mark and sweep from the instructions with effects and the terminators; an argument of a
//! branch is needed only if the parameter is. So cycles of values that only feed themselves die, too.
//! (Cytron et al., TOPLAS 1991, section 7.1, without control dependence.) Linear.
//!
//! **Leaves to others.** Unreachable blocks (`cfg`), dead stores, dead functions (`strip`).

use crate::Facts;
use crate::edit::{edge_args, make_op, result, set_edge};
use pyexec_base::{BitSet, EntityId};
use pyexec_ir::{Block, Cfg, Func, Inst, Opcode, Value, ValueDef};

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    let cfg = Cfg::new(func);
    let live = mark(func, facts, &cfg);
    sweep_params(func, &cfg, &live);
    for block in func.layout.clone() {
        sweep_block(func, facts, block, &live);
    }
    func.resolve_aliases();
}

struct Marker<'a> {
    func: &'a Func,
    live: BitSet<Value>,
    work: Vec<Value>,
}

impl Marker<'_> {
    fn need(&mut self, value: Value) {
        if self.live.insert(value) {
            self.work.push(value);
        }
    }
    fn need_operands(&mut self, inst: Inst) {
        let func = self.func;
        func.args(inst).iter().for_each(|v| self.need(*v));
    }
}

fn mark(func: &Func, facts: &Facts, cfg: &Cfg) -> BitSet<Value> {
    let mut marker = Marker { func, live: BitSet::with_capacity(func.value_count()), work: Vec::new() };
    for block in &func.layout {
        let insts = &func.block(*block).insts;
        facts.count(insts.len());
        insts.iter().filter(|i| !facts.is_removable(func, **i)).for_each(|i| marker.need_operands(*i));
    }
    while let Some(value) = marker.work.pop() {
        match func.def(value) {
            ValueDef::Result(inst, _) => marker.need_operands(inst),
            ValueDef::Param(block, index) => {
                for edge in cfg.preds(block) {
                    marker.need(edge_args(func, *edge)[index as usize]);
                }
            }
            ValueDef::Alias(target) => marker.need(target),
        }
    }
    marker.live
}

fn sweep_params(func: &mut Func, cfg: &Cfg, live: &BitSet<Value>) {
    for block in func.layout.clone().into_iter().skip(1) {
        let keep: Vec<bool> = func.block(block).params.iter().map(|p| live.contains(*p)).collect();
        drop_params(func, cfg, block, &keep);
    }
}

/// Removes the parameters without `keep`, and their arguments on every edge.
pub(crate) fn drop_params(func: &mut Func, cfg: &Cfg, block: Block, keep: &[bool]) {
    if keep.iter().all(|k| *k) {
        return;
    }
    for edge in cfg.preds(block) {
        let args = edge_args(func, *edge).iter().zip(keep).filter(|(_, k)| **k).map(|(v, _)| *v);
        let args: Vec<Value> = args.collect();
        set_edge(func, *edge, block, &args);
    }
    func.retain_params(block, |index| keep[index]);
}

fn sweep_block(func: &mut Func, facts: &Facts, block: Block, live: &BitSet<Value>) {
    let mut insts = std::mem::take(&mut func.block_mut(block).insts);
    insts.retain(|inst| {
        let needed = func.results(*inst).any(|v| live.contains(v));
        needed || !facts.is_removable(func, *inst)
    });
    for inst in &mut insts {
        *inst = unchecked(func, *inst, live);
    }
    func.block_mut(block).insts = insts;
}

/// Checked arithmetic without its check, if nobody reads the flag.
fn unchecked(func: &mut Func, inst: Inst, live: &BitSet<Value>) -> Inst {
    let data = *func.inst(inst);
    let Some(op) = wrapping(data.op) else { return inst };
    let (value, flag) = match func.results(inst).collect::<Vec<_>>()[..] {
        [value, flag] => (value, flag),
        _ => return inst,
    };
    if flag.index() < func.value_count() && live.contains(flag) {
        return inst;
    }
    let args = func.args(inst).to_vec();
    let plain = make_op(func, op, data.ty, &args, data.loc);
    let plain_value = result(func, plain);
    func.alias(value, plain_value);
    plain
}

/// The opcode with the same first result and no flag.
pub(crate) fn wrapping(op: Opcode) -> Option<Opcode> {
    match op {
        Opcode::SaddOverflow | Opcode::UaddOverflow => Some(Opcode::Iadd),
        Opcode::SsubOverflow | Opcode::UsubOverflow => Some(Opcode::Isub),
        Opcode::SmulOverflow | Opcode::UmulOverflow => Some(Opcode::Imul),
        _ => None,
    }
}
