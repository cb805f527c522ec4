//! Inlining.
//!
//! **What.** Replaces calls of small functions by their bodies.
//!
//! ```text
//! b0: v2, v3 = call @f(v0)               b0: jump b2(v0)
//!     br_if v3, b1, b4                   b2(v5: i64):          body of f
//!                                 =>         ...
//!                                            jump b3(v6, v7)   its ret
//!                                        b3(v2: i64, v3: i8): br_if v3, b1, b4
//! ```
//!
//! **Invariants.** In and out: valid IR. Copied instructions keep their source positions. A function on a
//! cycle of calls is never inlined: it has a stack check, and it would not end. Cold calls, cold functions
//! and functions that others may replace are not inlined either.
//! A `ret` whose status is known goes where the caller's check of the status would have gone.
//!
//! **Algorithm.** Strongly connected components of the call graph (Tarjan 1972) give an order with callees
//! before callers, so a body is final when it is copied. The cost of a function is the number of its
//! instructions that are not cold. Each caller may grow by a bounded factor: linear.
//!
//! **Leaves to others.** What the arguments make foldable (`simplify`, `range`), merging the blocks (`cfg`).

mod copy;
mod graph;

use crate::edit::use_counts;
use crate::{Facts, OptLevel};
use copy::Copier;
use graph::CallGraph;
use pyexec_base::{EntityId, EntityVec};
use pyexec_ir::{Block, CallConv, Func, FuncId, Imm, Inst, Linkage, Module, Opcode, Param};

/// What may be inlined at a level.
struct Limits {
    /// The greatest cost of a function.
    cost: usize,
    /// The same for a function that is called from one place only.
    cost_if_single: usize,
    /// How many times its size a caller may reach, and by how much it may grow anyway.
    growth: usize,
    slack: usize,
}

const NORMAL: Limits = Limits { cost: 40, cost_if_single: 200, growth: 4, slack: 400 };
const LARGE: Limits = Limits { cost: 120, cost_if_single: 600, growth: 8, slack: 1500 };

/// The pass.
pub(crate) fn run(module: &mut Module, facts: &Facts) {
    let limits = if facts.level >= OptLevel::O3 { &LARGE } else { &NORMAL };
    let graph = CallGraph::new(module);
    let mut costs: EntityVec<FuncId, Option<usize>> = EntityVec::filled(None, module.funcs.len());
    for &id in graph.bottom_up() {
        let name = module.funcs[id].name.clone();
        let empty = Func::new(name, module.funcs[id].sig.clone(), Linkage::Local);
        let mut caller = std::mem::replace(&mut module.funcs[id], empty);
        facts.count(caller.live_inst_count());
        inline_calls(&mut caller, id, module, &graph, &costs, limits);
        costs[id] = cost(&caller).filter(|_| !graph.is_recursive(id));
        module.funcs[id] = caller;
    }
}

/// What a body would add to a caller; `None` if it cannot be inlined at all.
fn cost(func: &Func) -> Option<usize> {
    let replaceable = func.linkage == Linkage::Weak && func.sig.conv == CallConv::C;
    if func.is_import()
        || func.cold
        || func.sig.variadic
        || replaceable
        || !func.sig.params.iter().all(Param::is_scalar)
    {
        return None;
    }
    let mut cost = 0;
    for block in &func.layout {
        for inst in &func.block(*block).insts {
            cost += match func.inst(*inst).op {
                // A frame of its own is what these are about.
                Opcode::StackPtr | Opcode::TailCall | Opcode::TailCallIndirect => return None,
                Opcode::Iconst | Opcode::Fconst | Opcode::Jump | Opcode::Ret => 0,
                _ if func.block(*block).cold => 0,
                Opcode::Call | Opcode::CallIndirect => 3,
                _ => 1,
            };
        }
    }
    Some(cost)
}

fn inline_calls(
    caller: &mut Func,
    id: FuncId,
    module: &Module,
    graph: &CallGraph,
    costs: &EntityVec<FuncId, Option<usize>>,
    limits: &Limits,
) {
    let before = caller.live_inst_count();
    let counts = use_counts(caller);
    let mut left = before * (limits.growth - 1) + limits.slack;
    for block in caller.layout.clone() {
        if caller.block(block).cold || caller.cold {
            continue;
        }
        let wanted = |caller: &Func, inst: Inst| {
            let data = caller.inst(inst);
            let callee = match (data.op, data.imm) {
                (Opcode::Call, Imm::Func(callee)) if callee != id => callee,
                _ => return None,
            };
            let single = graph.calls(callee) == 1 && module.funcs[callee].linkage == Linkage::Local;
            let limit = if single { limits.cost_if_single } else { limits.cost };
            costs[callee].filter(|cost| *cost <= limit).map(|_| callee)
        };
        inline_in_block(caller, block, module, (&mut left, &counts), &wanted);
    }
    caller.resolve_aliases();
}

fn inline_in_block(
    caller: &mut Func,
    block: Block,
    module: &Module,
    (left, counts): (&mut usize, &[u32]),
    wanted: &dyn Fn(&Func, Inst) -> Option<FuncId>,
) {
    let insts = std::mem::take(&mut caller.block_mut(block).insts);
    let mut at = block;
    for (index, inst) in insts.iter().copied().enumerate() {
        let callee = wanted(caller, inst).map(|id| &module.funcs[id]);
        match callee.filter(|callee| callee.live_inst_count() <= *left) {
            Some(callee) => {
                *left -= callee.live_inst_count();
                let check = insts.get(index + 1).filter(|next| is_status_check(caller, inst, **next, counts));
                at = Copier::new(caller, callee).inline(at, inst, check.copied());
            }
            None => caller.block_mut(at).insts.push(inst),
        }
    }
}

/// Whether `next` is a branch on the last result of `call`, nobody else looks at that result, and the way
/// of failure ends there without the other results: then a `ret` with a known status needs no branch.
fn is_status_check(caller: &Func, call: Inst, next: Inst, counts: &[u32]) -> bool {
    let Some(status) = caller.results(call).next_back() else { return false };
    if caller.inst(next).op != Opcode::BrIf || caller.args(next)[0] != status {
        return false;
    }
    let failed = caller.targets(next)[0];
    let mut clean = caller.block_call_args(failed).iter().all(|v| caller.def_inst(*v) != Some(call));
    for inst in &caller.block(failed.block).insts {
        caller.for_each_use(*inst, |v| clean &= caller.def_inst(v) != Some(call));
    }
    let ends = caller.terminator(failed.block).is_some() && caller.successors(failed.block).is_empty();
    clean && ends && counts.get(status.index()) == Some(&1)
}
