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
//! cycle of calls is never inlined into others: it has a stack check, and it would not end. Cold calls, cold
//! functions and functions that others may replace are not inlined either.
//! A `ret` whose status is known goes where the caller's check of the status would have gone. A tail call of a
//! cold block becomes a call, a check of its own, and a jump to where the caller goes on.
//!
//! A small function that calls itself takes its own body in place of these calls, a few levels deep: most
//! calls of a recursion are near its leaves. The copies drop the stack check, as they share the frame that has
//! passed it:
//!
//! ```text
//! func @f: check the stack          func @f: check the stack
//!          v1 = call @f(v0)    =>            body with call @f in place of v1
//! ```
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
    /// The greatest cost of a function with its own body in place of calls of itself.
    unrolled: usize,
}

/// How many levels of a recursion become one function at most.
const LEVELS: usize = 3;

const NORMAL: Limits = Limits { cost: 40, cost_if_single: 200, growth: 4, slack: 400, unrolled: 160 };
const LARGE: Limits = Limits { cost: 120, cost_if_single: 600, growth: 8, slack: 1500, unrolled: 400 };

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
        if graph.is_recursive(id) {
            unroll_recursion(&mut caller, id, limits, facts);
        } else {
            costs[id] = cost(&caller, false);
        }
        module.funcs[id] = caller;
    }
}

/// What a body would add to a caller; `None` if it cannot be inlined at all. `same_frame`: the caller is itself.
fn cost(func: &Func, same_frame: bool) -> Option<usize> {
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
                Opcode::StackPtr if !same_frame => return None,
                Opcode::TailCall if func.block(*block).cold => 0,
                Opcode::TailCall | Opcode::TailCallIndirect => return None,
                Opcode::Iconst | Opcode::Fconst | Opcode::Jump | Opcode::Ret => 0,
                _ if func.block(*block).cold => 0,
                Opcode::Call | Opcode::CallIndirect => 3,
                _ => 1,
            };
        }
    }
    Some(cost)
}

/// Puts the body of a function in place of the calls of itself, as often as it stays small.
fn unroll_recursion(func: &mut Func, id: FuncId, limits: &Limits, facts: &Facts) {
    let Some(cost) = cost(func, true) else { return };
    let body = func.clone();
    let mut total = cost;
    for _ in 0..LEVELS {
        let calls = func.layout.iter().map(|b| own_calls(func, *b, id)).sum::<usize>();
        if calls == 0 || total + calls * cost > limits.unrolled {
            break;
        }
        total += calls * cost;
        facts.count(func.live_inst_count());
        let counts = use_counts(func);
        let mut left = usize::MAX;
        for block in func.layout.clone() {
            if own_calls(func, block, id) > 0 {
                let wanted = |func: &Func, inst: Inst| is_own_call(func, inst, id).then_some(&body);
                inline_in_block(func, block, (&mut left, &counts), true, &wanted);
            }
        }
        func.resolve_aliases();
    }
}

fn is_own_call(func: &Func, inst: Inst, id: FuncId) -> bool {
    let data = func.inst(inst);
    data.op == Opcode::Call && data.imm == Imm::Func(id)
}

/// The calls of the function itself in a block, unless the block is cold.
fn own_calls(func: &Func, block: Block, id: FuncId) -> usize {
    let data = func.block(block);
    let calls = data.insts.iter().filter(|i| is_own_call(func, **i, id));
    if data.cold { 0 } else { calls.count() }
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
            costs[callee].filter(|cost| *cost <= limit).map(|_| &module.funcs[callee])
        };
        inline_in_block(caller, block, (&mut left, &counts), false, &wanted);
    }
    caller.resolve_aliases();
}

/// Replaces the calls of a block for which `wanted` gives a body, as far as `left` goes. `same_frame`: the body
/// is the caller's own.
fn inline_in_block<'a>(
    caller: &mut Func,
    block: Block,
    (left, counts): (&mut usize, &[u32]),
    same_frame: bool,
    wanted: &dyn Fn(&Func, Inst) -> Option<&'a Func>,
) {
    let insts = std::mem::take(&mut caller.block_mut(block).insts);
    let mut at = block;
    for (index, inst) in insts.iter().copied().enumerate() {
        match wanted(caller, inst).filter(|callee| callee.live_inst_count() <= *left) {
            Some(callee) => {
                *left -= callee.live_inst_count();
                let check = insts.get(index + 1).filter(|next| is_status_check(caller, inst, **next, counts));
                at = Copier::new(caller, callee, same_frame).inline(at, inst, check.copied());
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
