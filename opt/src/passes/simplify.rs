//! Algebraic rules and constant folding.
//!
//! **What.** Replaces every instruction by something cheaper wherever a rule of `rules/` applies: folds
//! constants through the opcodes' own meaning, brings constants to the right, merges chains.
//!
//! ```text
//! v2 = iconst.i64 4             v2 = iconst.i64 4
//! v3 = iadd.i64 v0, v2          v3 = iadd.i64 v0, v2
//! v4 = iadd.i64 v3, v2    =>    v5 = iconst.i64 8
//! v6 = eq.i64 v4, v4            v4 = iadd.i64 v0, v5
//! br_if v6, b1, b2              jump b1
//! ```
//!
//! **Invariants.** In and out: valid IR. New instructions stand right before the one they serve, with its
//! source position. Nothing is moved, so flags stay next to their branches.
//!
//! **Algorithm.** One walk in reverse postorder: operands are simple before their users are looked at,
//! and new terms are simplified as they are built. Each instruction is rewritten a bounded number of
//! times, so the walk is linear. (Muchnick, "Advanced Compiler Design and Implementation", section 12.3.)
//!
//! **Leaves to others.** What is dead now (`dce`), blocks that lost their edges (`cfg`), equal terms
//! (`gvn`), facts that hold only under a condition (`range`), division by constants that are no power of
//! two (instruction selection: it is a matter of the machine).

use crate::Facts;
use crate::edit::{become_const, become_jump, become_op, make_const, make_op, result};
use crate::rules::{self, Expr, Hit};
use pyexec_base::Loc;
use pyexec_ir::{Block, Cfg, Func, Imm, Inst, Opcode, Type, Value};

/// How often one instruction may be rewritten: more than any chain of rules needs.
const REWRITES: usize = 12;

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    for block in Cfg::new(func).rpo().to_vec() {
        simplify_block(func, facts, block);
    }
    func.resolve_aliases();
}

fn simplify_block(func: &mut Func, facts: &Facts, block: Block) {
    let insts = std::mem::take(&mut func.block_mut(block).insts);
    facts.count(insts.len());
    let mut walk = Walk { out: Vec::with_capacity(insts.len()), func };
    for inst in insts {
        walk.visit(inst);
    }
    let Walk { out, func } = walk;
    func.block_mut(block).insts = out;
}

struct Walk<'f> {
    func: &'f mut Func,
    out: Vec<Inst>,
}

impl Walk<'_> {
    /// Simplifies an instruction and appends what remains of it.
    fn visit(&mut self, inst: Inst) {
        let func = &mut *self.func;
        resolve_uses(func, inst);
        for _ in 0..REWRITES {
            match rules::apply(self.func, inst) {
                Some(hit) => {
                    if !self.realize(inst, &hit) {
                        return;
                    }
                }
                None if self.control(inst) => {}
                None => break,
            }
        }
        if !is_idle_trap(self.func, inst) {
            self.out.push(inst);
        }
    }

    /// Puts the replacement in place; false if the instruction itself is gone.
    fn realize(&mut self, inst: Inst, hit: &Hit) -> bool {
        let loc = self.func.inst(inst).loc;
        match &hit.results[..] {
            [Expr::New(op, ty, args)] => {
                let args: Vec<Value> = args.iter().map(|arg| self.build(arg, loc)).collect();
                become_op(self.func, inst, *op, *ty, Imm::None, &args);
                true
            }
            [Expr::Bits(ty, bits)] => {
                become_const(self.func, inst, *ty, *bits);
                true
            }
            exprs => {
                for (index, expr) in exprs.iter().enumerate() {
                    let value = self.build(expr, loc);
                    let old = self.func.results(inst).nth(index);
                    old.into_iter().for_each(|old| self.func.alias(old, value));
                }
                false
            }
        }
    }

    fn build(&mut self, expr: &Expr, loc: Loc) -> Value {
        match expr {
            Expr::Old(value) => self.func.resolve(*value),
            Expr::Bits(ty, bits) => {
                let inst = make_const(self.func, *ty, *bits, loc);
                self.out.push(inst);
                result(self.func, inst)
            }
            Expr::New(op, ty, args) => {
                let args: Vec<Value> = args.iter().map(|arg| self.build(arg, loc)).collect();
                let inst = make_op(self.func, *op, *ty, &args, loc);
                self.visit(inst);
                self.func.resolve(result(self.func, inst))
            }
        }
    }

    /// Branches on constants and on negations. True if something changed.
    fn control(&mut self, inst: Inst) -> bool {
        let func = &mut *self.func;
        if func.inst(inst).op != Opcode::BrIf {
            return false;
        }
        let cond = func.args(inst)[0];
        if let Some(bits) = func.const_bits(cond) {
            let target = func.targets(inst)[(bits == 0) as usize];
            become_jump(func, inst, target);
            return true;
        }
        match compared_with_zero(func, cond) {
            Some((x, equal)) => {
                func.args_mut(inst)[0] = x;
                if equal {
                    func.targets_mut(inst).swap(0, 1);
                }
                true
            }
            None => false,
        }
    }
}

/// The `i8` that a condition compares with zero, and whether for equality.
fn compared_with_zero(func: &Func, cond: Value) -> Option<(Value, bool)> {
    let inst = func.def_inst(cond)?;
    let data = func.inst(inst);
    let equal = match data.op {
        Opcode::Eq => true,
        Opcode::Ne => false,
        _ => return None,
    };
    let args = func.args(inst);
    (data.ty == Type::I8 && func.const_bits(args[1]) == Some(0)).then_some((args[0], equal))
}

/// Whether this is a `trap_if` that never traps.
fn is_idle_trap(func: &Func, inst: Inst) -> bool {
    func.inst(inst).op == Opcode::TrapIf && func.const_bits(func.args(inst)[0]) == Some(0)
}

fn resolve_uses(func: &mut Func, inst: Inst) {
    for index in 0..func.args(inst).len() {
        let value = func.resolve(func.args(inst)[index]);
        func.args_mut(inst)[index] = value;
    }
}
