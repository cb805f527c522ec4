//! The rules that a problem must keep, so that no allocator panics or miscompiles.
//!
//! Structure:
//! - `S1` Arrays fit together: ends ascend and stay in range; clobber set 0 is empty.
//! - `S2` Every block ends in its only branch or return; only branches have successors, and at least one.
//! - `S3` `preds` lists exactly the edges that `succs` lists.
//! - `S4` Every edge carries as many arguments as its target has parameters.
//! - `S5` Every virtual register has one definition, which comes before its uses (dominates them), and
//!   one class.
//! - `S6` A block comes after its immediate dominator.
//! - `S7` The machine's register sets are disjoint and in their class; scratch registers are in none.
//! - `S8` A reuse is a late definition that names an early use of its class, in any register, named once.
//!
//! Traps of regalloc2 0.15.2, each found by trying:
//! - `T1` A reused operand must not be in a fixed register: the constraint is silently broken.
//! - `T2` Block arguments have the class of their parameters: a move between classes comes out.
//! - `T3` No critical edges; and a branch to a block with several predecessors has no operands. (The
//!   entry counts as having one predecessor more.)
//! - `T4` The entry has no parameters: their value would be garbage.
//! - `T5` Fixed registers are allocatable, and `FixedNonallocatable` ones are not: the allocator would
//!   write to `rsp`.
//! - `T6` A fixed definition or late use is not clobbered by the same instruction, and no two virtual
//!   registers are in one fixed register at the same time: panic.
//! - `T7` Positions: an early definition in a fixed register conflicts with early uses there, a late use
//!   with late definitions.
//! - `T8` No instruction asks for more registers than there are.
//! - `T9` What a branch defines (a temporary) is used nowhere else: panic.
//! - `T10` Every used register is defined, every block is reachable.
//! - `T11` At most 65,535 operands an instruction, reuse of one of the first 32 operands, registers
//!   below 2^21, no stack and register constraint on one register in one instruction.

use crate::dom::Dominators;
use crate::{
    Block, Constraint, InstKind, MachineEnv, Operand, OperandPos, PReg, PRegSet, Problem, RegClass, VReg,
};
use pyexec_base::EntityId;
use std::fmt;

/// The rules, in the order of the module's documentation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum Rule {
    S1,
    S2,
    S3,
    S4,
    S5,
    S6,
    S7,
    S8,
    T1,
    T2,
    T3,
    T4,
    T5,
    T6,
    T7,
    T8,
    T9,
    T10,
    T11,
}

/// One broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// Where and what.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.message)
    }
}

/// All violations; empty if the problem may be given to an allocator.
pub fn verify(problem: &Problem<'_>, env: &MachineEnv) -> Vec<Violation> {
    let mut verifier = Verifier { problem, env, found: Vec::new() };
    verifier.machine();
    verifier.arrays();
    if !verifier.found.is_empty() {
        return verifier.found;
    }
    for block in problem.block_ids() {
        verifier.block(block);
    }
    verifier.preds();
    if verifier.found.is_empty() {
        verifier.ssa();
    }
    for inst in 0..problem.insts.len() {
        verifier.inst(inst);
    }
    verifier.found
}

struct Verifier<'a> {
    problem: &'a Problem<'a>,
    env: &'a MachineEnv,
    found: Vec<Violation>,
}

impl Verifier<'_> {
    fn report(&mut self, rule: Rule, message: impl Into<String>) {
        // A few hundred broken rules tell no more than one.
        if self.found.len() < 200 {
            self.found.push(Violation { rule, message: message.into() });
        }
    }
    fn require(&mut self, holds: bool, rule: Rule, message: impl FnOnce() -> String) {
        if !holds {
            self.report(rule, message());
        }
    }

    fn machine(&mut self) {
        for class in [RegClass::Int, RegClass::Float] {
            let (index, env) = (class as usize, self.env);
            let (preferred, other) = (env.preferred[index], env.non_preferred[index]);
            let all = preferred.union(other);
            let in_class = all.iter().all(|r| r.class() == class);
            self.require(in_class, Rule::S7, || format!("a register of {class:?} is of another class"));
            self.require(preferred.intersection(other).is_empty(), Rule::S7, || {
                format!("a {class:?} register is both preferred and not")
            });
            let scratch = env.scratch[index];
            let apart = scratch.is_none_or(|s| s.class() == class && !all.contains(s));
            self.require(apart, Rule::S7, || format!("the {class:?} scratch register is allocatable"));
        }
    }

    /// The rule that the accessors of `Problem` rely on.
    fn arrays(&mut self) {
        let p = self.problem;
        let fits = |ends: &mut dyn Iterator<Item = u32>, len: usize| {
            let ends: Vec<u32> = ends.collect();
            ends.is_sorted() && ends.last().map_or(0, |end| *end as usize) == len
        };
        let checks = [
            ("instructions", fits(&mut p.blocks.iter().map(|b| b.insts_end), p.insts.len())),
            ("successors", fits(&mut p.blocks.iter().map(|b| b.succs_end), p.succs.len())),
            ("predecessors", fits(&mut p.blocks.iter().map(|b| b.preds_end), p.preds.len())),
            ("parameters", fits(&mut p.blocks.iter().map(|b| b.params_end), p.params.len())),
            ("operands", fits(&mut p.insts.iter().map(|i| i.operands_end), p.operands.len())),
            ("arguments", fits(&mut p.arg_ends.iter().copied(), p.args.len())),
            ("arguments of successors", p.arg_ends.len() == p.succs.len()),
            ("blocks: there is none", !p.blocks.is_empty()),
            ("clobber sets: the first is not empty", p.clobber_sets.first() == Some(&PRegSet::EMPTY)),
            ("clobbers", p.insts.iter().all(|i| (i.clobbers as usize) < p.clobber_sets.len())),
            ("block ids", p.succs.iter().chain(p.preds).all(|b| b.index() < p.blocks.len())),
        ];
        for (what, holds) in checks {
            self.require(holds, Rule::S1, || format!("{what} do not fit"));
        }
        let mut vregs = p.operands.iter().filter(|o| !o.is_nonallocatable()).map(|o| o.vreg);
        let known = |v: &VReg| v.index() < p.vreg_count as usize && v.index() < 1 << 21;
        let all = vregs.all(|v| known(&v)) && p.params.iter().chain(p.args).all(known);
        self.require(all, Rule::T11, || "a virtual register is out of range".into());
    }

    fn block(&mut self, block: Block) {
        let p = self.problem;
        let insts = p.block_insts(block);
        let Some(last) = insts.clone().last() else {
            return self.report(Rule::S2, format!("{block} is empty"));
        };
        let early_end = insts.clone().take(insts.len() - 1).any(|i| p.insts[i].kind != InstKind::Normal);
        self.require(!early_end, Rule::S2, || format!("{block} has a branch or return before its end"));
        let succs = p.block_succs(block);
        let well_ended = match p.insts[last].kind {
            InstKind::Normal => false,
            InstKind::Branch => !succs.is_empty(),
            InstKind::Ret => succs.is_empty(),
        };
        self.require(well_ended, Rule::S2, || format!("{block} does not end as its successors ask"));
        for edge in p.succ_range(block) {
            self.edge(block, edge);
        }
        let shared = succs.iter().any(|s| self.pred_count(*s) > 1);
        self.require(!shared || p.inst_operands(last).is_empty(), Rule::T3, || {
            format!("i{last} has operands and branches to a block with several predecessors")
        });
        self.require(block.index() != 0 || p.block_params(block).is_empty(), Rule::T4, || {
            "the entry has parameters".into()
        });
    }

    fn pred_count(&self, block: Block) -> usize {
        self.problem.block_preds(block).len() + usize::from(block.index() == 0)
    }

    fn edge(&mut self, from: Block, edge: usize) {
        let p = self.problem;
        let to = p.succs[edge];
        let critical = p.block_succs(from).len() > 1 && self.pred_count(to) > 1;
        self.require(!critical, Rule::T3, || format!("the edge {from} -> {to} is critical"));
        let (args, params) = (p.edge_args(edge), p.block_params(to));
        self.require(args.len() == params.len(), Rule::S4, || {
            format!("the edge {from} -> {to} carries {} arguments, not {}", args.len(), params.len())
        });
        for (arg, param) in args.iter().zip(params) {
            self.require(arg.class() == param.class(), Rule::T2, || {
                format!("the edge {from} -> {to} passes {arg} for {param}")
            });
        }
    }

    fn preds(&mut self) {
        let p = self.problem;
        let mut by_succs: Vec<(Block, Block)> =
            p.block_ids().flat_map(|b| p.block_succs(b).iter().map(move |s| (*s, b))).collect();
        let mut by_preds: Vec<(Block, Block)> =
            p.block_ids().flat_map(|b| p.block_preds(b).iter().map(move |q| (b, *q))).collect();
        by_succs.sort_unstable();
        by_preds.sort_unstable();
        self.require(by_succs == by_preds, Rule::S3, || "predecessors and successors differ".into());
    }

    /// S5, S6, T9, T10. Definitions are numbered by instruction; a parameter by the block's first, minus
    /// nothing: it precedes all instructions of its block.
    fn ssa(&mut self) {
        let p = self.problem;
        let dom = Dominators::new(p);
        let mut defs: Vec<Option<Def>> = vec![None; p.vreg_count as usize];
        for block in p.block_ids() {
            let reachable = dom.is_reachable(block);
            self.require(reachable, Rule::T10, || format!("{block} is unreachable"));
            let ordered = dom.idom(block).is_none_or(|idom| idom < block);
            self.require(ordered, Rule::S6, || format!("{block} comes before its dominator"));
            for param in p.block_params(block) {
                self.define(&mut defs, *param, Def { block, inst: None, branch: false, vreg: *param });
            }
            for inst in p.block_insts(block) {
                let branch = p.insts[inst].kind == InstKind::Branch;
                for operand in p.inst_operands(inst).iter().filter(|o| o.is_def()) {
                    let def = Def { block, inst: Some(inst), branch, vreg: operand.vreg };
                    self.define(&mut defs, operand.vreg, def);
                }
            }
        }
        for block in p.block_ids() {
            let insts = p.block_insts(block);
            for inst in insts.clone() {
                let uses = p.inst_operands(inst).iter().filter(|o| o.is_use() && !o.is_nonallocatable());
                for operand in uses {
                    self.used(&dom, &defs, operand.vreg, block, inst);
                }
            }
            for edge in p.succ_range(block) {
                for arg in p.edge_args(edge) {
                    self.used(&dom, &defs, *arg, block, insts.end);
                }
            }
        }
    }

    fn define(&mut self, defs: &mut [Option<Def>], vreg: VReg, def: Def) {
        if defs[vreg.index()].replace(def).is_some() {
            self.report(Rule::S5, format!("{vreg} is defined twice"));
        }
    }

    fn used(&mut self, dom: &Dominators, defs: &[Option<Def>], vreg: VReg, block: Block, at: usize) {
        let Some(def) = defs[vreg.index()] else {
            return self.report(Rule::T10, format!("{vreg} is used in {block} but never defined"));
        };
        self.require(def.vreg == vreg, Rule::S5, || format!("{vreg} and {} are one register", def.vreg));
        let before = if def.block == block {
            def.inst.is_none_or(|inst| inst < at)
        } else {
            dom.dominates(def.block, block)
        };
        self.require(before, Rule::S5, || format!("{vreg} is used in {block} before its definition"));
        self.require(!def.branch, Rule::T9, || format!("{vreg}, defined by a branch, is used in {block}"));
    }

    fn inst(&mut self, inst: usize) {
        let operands = self.problem.inst_operands(inst);
        self.require(operands.len() <= 65_535, Rule::T11, || format!("i{inst} has too many operands"));
        let clobbers = self.problem.inst_clobbers(inst);
        let allocatable = self.env.allocatable();
        for (index, operand) in operands.iter().enumerate() {
            self.operand(inst, index, operand, allocatable, clobbers);
        }
        self.fixed(inst, operands);
        self.stack(inst, operands);
        for class in [RegClass::Int, RegClass::Float] {
            self.pressure(inst, class, clobbers.intersection(allocatable));
        }
    }

    fn operand(
        &mut self,
        inst: usize,
        index: usize,
        operand: &Operand,
        allocatable: PRegSet,
        clobbers: PRegSet,
    ) {
        match operand.constraint {
            Constraint::Fixed(reg) => {
                let fits = allocatable.contains(reg) && reg.class() == operand.vreg.class();
                self.require(fits, Rule::T5, || format!("i{inst}: {} cannot be in {reg}", operand.vreg));
                let late = operand.is_def() || operand.pos == OperandPos::Late;
                self.require(!(late && clobbers.contains(reg)), Rule::T6, || {
                    format!("i{inst}: {} is in {reg}, which is clobbered", operand.vreg)
                });
            }
            Constraint::FixedNonallocatable(reg) => {
                let fits = operand.is_use() && !allocatable.contains(reg);
                self.require(fits, Rule::T5, || format!("i{inst}: {reg} is allocatable"));
            }
            Constraint::Reuse(of) => self.reuse(inst, index, operand, usize::from(of)),
            Constraint::Any | Constraint::Reg | Constraint::Stack => {}
        }
    }

    fn reuse(&mut self, inst: usize, index: usize, operand: &Operand, of: usize) {
        self.require(of < 32, Rule::T11, || format!("i{inst}: reuse of operand {of}"));
        let operands = self.problem.inst_operands(inst);
        let Some(input) = operands.get(of) else {
            return self.report(Rule::S8, format!("i{inst}: there is no operand {of} to reuse"));
        };
        let shape = operand.is_def()
            && operand.pos == OperandPos::Late
            && input.is_use()
            && input.pos == OperandPos::Early
            && !input.is_nonallocatable()
            && input.vreg.class() == operand.vreg.class();
        self.require(shape, Rule::S8, || format!("i{inst}: operand {index} cannot reuse operand {of}"));
        let again = operands[..index].iter().any(|o| o.constraint == operand.constraint);
        self.require(!again, Rule::S8, || format!("i{inst}: operand {of} is reused twice"));
        self.require(input.fixed().is_none(), Rule::T1, || {
            format!("i{inst}: the reused operand {of} is fixed")
        });
        let in_reg = input.fixed().is_some() || input.constraint == Constraint::Reg;
        self.require(in_reg, Rule::S8, || format!("i{inst}: the reused operand {of} is not in a register"));
    }

    /// T6 and T7: who is in a fixed register when.
    fn fixed(&mut self, inst: usize, operands: &[Operand]) {
        for (index, a) in operands.iter().enumerate() {
            let Some(reg) = a.fixed() else { continue };
            for b in operands[..index].iter().filter(|b| b.fixed() == Some(reg)) {
                let (early, late) = (span(a), span(b));
                let overlap = (early.0 && late.0) || (early.1 && late.1);
                let same_use = a.vreg == b.vreg && a.is_use() && b.is_use();
                if !overlap || same_use {
                    continue;
                }
                let rule = if a.pos == b.pos && a.kind == b.kind { Rule::T6 } else { Rule::T7 };
                self.report(rule, format!("i{inst}: {} and {} are both in {reg}", b.vreg, a.vreg));
            }
        }
    }

    fn stack(&mut self, inst: usize, operands: &[Operand]) {
        for a in operands.iter().filter(|o| o.constraint == Constraint::Stack) {
            let clash = operands
                .iter()
                .any(|b| b.vreg == a.vreg && !matches!(b.constraint, Constraint::Stack | Constraint::Any));
            self.require(!clash, Rule::T11, || format!("i{inst}: {} in stack and register", a.vreg));
        }
    }

    /// T8: counts registers that are taken before and after the instruction's work. A reuse is counted
    /// at both sides beside its input, since a copy may be needed.
    fn pressure(&mut self, inst: usize, class: RegClass, clobbers: PRegSet) {
        let env = self.env;
        let available = env.preferred[class as usize].union(env.non_preferred[class as usize]).len();
        for late in [false, true] {
            let mut fixed = if late { clobbers } else { PRegSet::EMPTY };
            let mut any: Vec<VReg> = Vec::new();
            for operand in self.problem.inst_operands(inst).iter().filter(|o| !o.is_nonallocatable()) {
                let (at_early, at_late) = span(operand);
                let here = if late { at_late } else { at_early };
                match operand.constraint {
                    _ if !here || operand.vreg.class() != class => {}
                    Constraint::Fixed(reg) => fixed.insert(reg),
                    Constraint::Reg | Constraint::Reuse(_) if !any.contains(&operand.vreg) => {
                        any.push(operand.vreg);
                    }
                    _ => {}
                }
            }
            let of_class = fixed.iter().filter(|r: &PReg| r.class() == class).count();
            self.require(of_class + any.len() <= available, Rule::T8, || {
                format!("i{inst} needs {} {class:?} registers of {available}", of_class + any.len())
            });
        }
    }
}

#[derive(Clone, Copy)]
struct Def {
    block: Block,
    /// `None` for a parameter.
    inst: Option<usize>,
    branch: bool,
    vreg: VReg,
}

/// Whether the operand's register is taken at the early and at the late point.
fn span(operand: &Operand) -> (bool, bool) {
    match (operand.constraint, operand.is_def(), operand.pos) {
        (Constraint::Reuse(_), ..) => (true, true),
        (_, false, OperandPos::Early) => (true, false),
        (_, true, OperandPos::Late) => (false, true),
        (_, false, OperandPos::Late) | (_, true, OperandPos::Early) => (true, true),
    }
}
