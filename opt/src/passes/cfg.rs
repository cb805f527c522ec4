//! Simplification of the control-flow graph.
//!
//! **What.** Folds branches that always go one way, removes unreachable blocks and parameters that are
//! always the same value, skips blocks that only jump, merges straight lines, and turns small branches
//! without effects into `select`.
//!
//! ```text
//! b0: br_if v0, b1, b2            b0: v5 = select.i64 v0, v1, v2
//! b1: jump b3(v1)         =>          ret v5
//! b2: jump b3(v2)
//! b3(v5: i64): ret v5
//! ```
//!
//! **Invariants.** In and out: valid IR. No critical edge (from a block with several successors to one
//! with several predecessors) comes into being by skipping a block: the edge would be split again for
//! its moves. Cold blocks stay branches: speculating what hardly runs costs more than predicting it.
//!
//! **Algorithm.** Each rewrite is one linear walk; the graph is built anew after those that changed edges. The
//! sequence runs twice if it changed anything, because merged lines bring new diamonds. (Muchnick, chapter
//! 18.)
//!
//! **Leaves to others.** Conditions that are known from dominating branches (`gvn`, `range`), loop shapes
//! (`invert`), the order of blocks (`layout`).

use super::dce::drop_params;
use crate::Facts;
use crate::edit::{become_jump, become_op, edge_args, make_op, result, set_edge, use_counts};
use pyexec_base::{BitSet, EntityId};
use pyexec_ir::{Block, BlockCall, Cfg, Func, Imm, Inst, Opcode, Type, Value};

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    func.resolve_aliases();
    for _ in 0..2 {
        facts.count(func.live_inst_count());
        if !run_once(func, facts) {
            break;
        }
    }
}

/// All rewrites; whether any of them changed anything.
fn run_once(func: &mut Func, facts: &Facts) -> bool {
    let mut changed = fold_branches(func);
    let mut cfg = Cfg::new(func);
    if keep_reachable(func, &cfg) {
        cfg = Cfg::new(func);
        changed = true;
    }
    // Parameters go together with their arguments: no edge changes.
    changed |= redundant_params(func, &cfg, facts);
    if thread_jumps(func, &cfg) {
        remove_unreachable(func);
        cfg = Cfg::new(func);
        changed = true;
    }
    if select_diamonds(func, &cfg) {
        cfg = Cfg::new(func);
        changed = true;
    }
    changed | merge_lines(func, &cfg)
}

/// Removes unreachable blocks from the layout; whether there were any.
pub(crate) fn remove_unreachable(func: &mut Func) -> bool {
    let cfg = Cfg::new(func);
    keep_reachable(func, &cfg)
}

fn keep_reachable(func: &mut Func, cfg: &Cfg) -> bool {
    let before = func.layout.len();
    func.layout.retain(|b| cfg.is_reachable(*b));
    func.layout.len() < before
}

// ---- Branches that always go one way ----

fn fold_branches(func: &mut Func) -> bool {
    let mut changed = false;
    for block in func.layout.clone() {
        changed |= truncate_after_trap(func, block);
        let Some(inst) = func.terminator(block) else { continue };
        if let Some(target) = only_target(func, inst) {
            become_jump(func, inst, target);
            changed = true;
        }
    }
    changed
}

/// The target that a conditional terminator always takes.
fn only_target(func: &Func, inst: Inst) -> Option<BlockCall> {
    let targets = func.targets(inst);
    let op = func.inst(inst).op;
    if !matches!(op, Opcode::BrIf | Opcode::BrTable) {
        return None;
    }
    let same = |call: &BlockCall| {
        call.block == targets[0].block && func.block_call_args(*call) == func.block_call_args(targets[0])
    };
    if targets.iter().all(same) {
        return Some(targets[0]);
    }
    let bits = func.const_bits(func.args(inst)[0])?;
    match op {
        Opcode::BrIf => Some(targets[(bits == 0) as usize]),
        // The default comes first, then index 0, 1, ...
        _ => usize::try_from(bits)
            .ok()
            .and_then(|i| targets.get(i.checked_add(1)?))
            .or(targets.first())
            .copied(),
    }
}

/// A `trap_if` that always traps ends its block.
fn truncate_after_trap(func: &mut Func, block: Block) -> bool {
    let traps = |inst: &Inst| {
        let is_trap = func.inst(*inst).op == Opcode::TrapIf;
        is_trap && func.const_bits(func.args(*inst)[0]).is_some_and(|bits| bits != 0)
    };
    let Some(at) = func.block(block).insts.iter().position(traps) else { return false };
    func.block_mut(block).insts.truncate(at + 1);
    let inst = func.block(block).insts[at];
    let imm = func.inst(inst).imm;
    become_op(func, inst, Opcode::Trap, Type::I64, imm, &[]);
    true
}

// ---- Parameters that are always the same value ----

fn redundant_params(func: &mut Func, cfg: &Cfg, facts: &Facts) -> bool {
    let mut any = false;
    // A parameter that goes makes others redundant: mostly later ones in this order, so few rounds do.
    for _ in 0..3 {
        let mut changed = false;
        for &block in cfg.rpo().iter().skip(1) {
            let params = func.block(block).params.clone();
            facts.count(params.len() * cfg.preds(block).len());
            let same: Vec<Option<Value>> =
                params.iter().enumerate().map(|(i, p)| same_value(func, cfg, block, i, *p)).collect();
            for (param, value) in params.iter().zip(&same) {
                value.iter().for_each(|value| func.alias(*param, *value));
            }
            changed |= same.iter().any(Option::is_some);
            let keep: Vec<bool> = same.iter().map(Option::is_none).collect();
            drop_params(func, cfg, block, &keep);
        }
        any |= changed;
        if !changed {
            break;
        }
    }
    if any {
        func.resolve_aliases();
    }
    any
}

/// The one value that all edges pass for a parameter, the parameter itself apart.
fn same_value(func: &Func, cfg: &Cfg, block: Block, index: usize, param: Value) -> Option<Value> {
    let mut same = None;
    for edge in cfg.preds(block) {
        let value = func.resolve(edge_args(func, *edge)[index]);
        if value != param && *same.get_or_insert(value) != value {
            return None;
        }
    }
    same
}

// ---- Blocks that only jump ----

fn thread_jumps(func: &mut Func, cfg: &Cfg) -> bool {
    let jumps = |block: &Block| func.block(*block).insts.len() == 1;
    if !func.layout.iter().any(jumps) {
        return false;
    }
    let mut counts = use_counts(func);
    let mut changed = false;
    // Chains of such blocks: in postorder, the end of a chain is skipped before its beginning.
    for block in cfg.postorder().collect::<Vec<_>>() {
        let Some(jump) = only_jump(func, block, &counts) else { continue };
        let target = func.targets(jump)[0];
        if target.block == block || Some(block) == func.entry() {
            continue;
        }
        let merges = cfg.preds(target.block).len() > 1;
        for edge in cfg.preds(block) {
            let critical = merges && func.successors(edge.from).len() > 1;
            if !critical && func.successors(edge.from)[edge.index as usize].block == block {
                let args = through(func, block, edge_args(func, *edge), func.block_call_args(target));
                edge_args(func, *edge).iter().for_each(|v| counts[v.index()] -= 1);
                args.iter().for_each(|v| counts[v.index()] += 1);
                set_edge(func, *edge, target.block, &args);
                changed = true;
            }
        }
    }
    changed
}

/// The jump of a block that consists of it, if nobody else uses the block's parameters.
fn only_jump(func: &Func, block: Block, counts: &[u32]) -> Option<Inst> {
    let &[inst] = &func.block(block).insts[..] else { return None };
    if func.inst(inst).op != Opcode::Jump {
        return None;
    }
    let passed = func.block_call_args(func.targets(inst)[0]);
    let used_here = |p: &Value| passed.iter().filter(|v| *v == p).count() as u32;
    func.block(block).params.iter().all(|p| counts[p.index()] == used_here(p)).then_some(inst)
}

/// The values that reach the target of a jump block when it is entered with `entering`.
fn through(func: &Func, block: Block, entering: &[Value], passed: &[Value]) -> Vec<Value> {
    let params = &func.block(block).params;
    let map = |v: &Value| params.iter().position(|p| p == v).map_or(*v, |i| entering[i]);
    passed.iter().map(map).collect()
}

// ---- Straight lines ----

fn merge_lines(func: &mut Func, cfg: &Cfg) -> bool {
    let mut gone = BitSet::with_capacity(func.block_count());
    for &block in cfg.rpo() {
        if gone.contains(block) {
            continue;
        }
        while let Some(next) = mergeable(func, cfg, block) {
            absorb(func, block, next);
            gone.insert(next);
        }
    }
    let before = func.layout.len();
    func.layout.retain(|b| !gone.contains(*b));
    let changed = func.layout.len() < before;
    if changed {
        func.resolve_aliases();
    }
    changed
}

/// The only successor of `block`, if `block` is its only predecessor.
fn mergeable(func: &Func, cfg: &Cfg, block: Block) -> Option<Block> {
    let inst = func.terminator(block)?;
    let &[call] = func.targets(inst) else { return None };
    let is_jump = func.inst(inst).op == Opcode::Jump;
    let alone = cfg.preds(call.block).len() == 1 && call.block != block && Some(call.block) != func.entry();
    (is_jump && alone).then_some(call.block)
}

fn absorb(func: &mut Func, block: Block, next: Block) {
    let call = func.successors(block)[0];
    let args = func.block_call_args(call).to_vec();
    for (param, arg) in func.block(next).params.clone().into_iter().zip(args) {
        func.alias(param, arg);
    }
    let moved = std::mem::take(&mut func.block_mut(next).insts);
    func.block_mut(next).params.clear();
    let cold = func.block(next).cold;
    let data = func.block_mut(block);
    data.insts.pop();
    data.insts.extend(moved);
    // A block that cannot but go on to a cold one is cold.
    data.cold |= cold;
}

// ---- Branches without effects ----

/// How many instructions may be executed in vain, and how many selects may replace a branch.
const SPECULATED: usize = 3;
const SELECTS: usize = 2;

fn select_diamonds(func: &mut Func, cfg: &Cfg) -> bool {
    let mut changed = false;
    let mut gone = BitSet::with_capacity(func.block_count());
    for block in cfg.postorder().collect::<Vec<_>>() {
        if let Some(diamond) = find_diamond(func, cfg, block) {
            diamond.sides.iter().flatten().for_each(|side| {
                gone.insert(*side);
            });
            flatten(func, block, &diamond);
            changed = true;
        }
    }
    func.layout.retain(|b| !gone.contains(*b));
    changed
}

/// A branch whose two ways meet in `join` at once or after one block each.
struct Diamond {
    sides: [Option<Block>; 2],
    join: Block,
    args: [Vec<Value>; 2],
}

fn find_diamond(func: &Func, cfg: &Cfg, block: Block) -> Option<Diamond> {
    let inst = func.terminator(block)?;
    let &[then, other] = func.targets(inst) else { return None };
    if func.inst(inst).op != Opcode::BrIf {
        return None;
    }
    let (left, right) = (side(func, cfg, then), side(func, cfg, other));
    // Either way may go to the join directly.
    let ends = [(left, right), (left, None), (None, right), (None, None)];
    ends.into_iter().find_map(|(left, right)| {
        let end = |side: Option<Block>, call: BlockCall| side.map_or(call, |s| func.successors(s)[0]);
        let (a, b) = (end(left, then), end(right, other));
        let args = [func.block_call_args(a).to_vec(), func.block_call_args(b).to_vec()];
        let diamond = Diamond { sides: [left, right], join: a.block, args };
        (a.block == b.block && a.block != block && is_cheap(func, &diamond)).then_some(diamond)
    })
}

/// A block that only this edge enters, that has no effects and only goes on.
fn side(func: &Func, cfg: &Cfg, call: BlockCall) -> Option<Block> {
    let data = func.block(call.block);
    let (last, rest) = data.insts.split_last()?;
    let harmless = rest.iter().all(|i| is_cheap_op(func, *i));
    let alone = cfg.preds(call.block).len() == 1 && data.params.is_empty() && !data.cold;
    (func.inst(*last).op == Opcode::Jump && harmless && alone).then_some(call.block)
}

fn is_cheap_op(func: &Func, inst: Inst) -> bool {
    let data = func.inst(inst);
    let slow = matches!(data.op, Opcode::Imul | Opcode::Smulhi | Opcode::Umulhi | Opcode::Call);
    data.op.effects().speculable() && !slow && data.ty.is_int() && data.ty != Type::I128
}

fn is_cheap(func: &Func, diamond: &Diamond) -> bool {
    let sides = diamond.sides.iter().flatten();
    let real = |inst: &&Inst| func.inst(**inst).op != Opcode::Iconst;
    let speculated: usize = sides.map(|s| func.block(*s).insts.iter().filter(real).count() - 1).sum();
    let [a, b] = &diamond.args;
    let differing: Vec<Value> = a.iter().zip(b).filter(|(a, b)| a != b).map(|(a, _)| *a).collect();
    let selectable = |v: &Value| func.ty(*v).is_int() && func.ty(*v) != Type::I128;
    let cold = func.block(diamond.join).cold;
    !cold && speculated <= SPECULATED && differing.len() <= SELECTS && differing.iter().all(selectable)
}

fn flatten(func: &mut Func, block: Block, diamond: &Diamond) {
    let mut insts = std::mem::take(&mut func.block_mut(block).insts);
    let branch = insts.pop().expect("invariant: the block ends in a branch");
    for side in diamond.sides.into_iter().flatten() {
        let mut moved = std::mem::take(&mut func.block_mut(side).insts);
        moved.pop();
        insts.extend(moved);
    }
    let (cond, loc) = (func.args(branch)[0], func.inst(branch).loc);
    let mut args = Vec::with_capacity(diamond.args[0].len());
    for (a, b) in diamond.args[0].iter().zip(&diamond.args[1]) {
        if a == b {
            args.push(*a);
            continue;
        }
        let select = make_op(func, Opcode::Select, func.ty(*a), &[cond, *a, *b], loc);
        insts.push(select);
        args.push(result(func, select));
    }
    let target = func.make_block_call(diamond.join, &args);
    become_op(func, branch, Opcode::Jump, Type::I64, Imm::None, &[]);
    func.set_targets(branch, &[target]);
    insts.push(branch);
    func.block_mut(block).insts = insts;
}
