//! Counters: variables that only ever move by one.
//!
//! ```text
//! b1(v2: i64):                                v2 = 0 at first
//!     v3, v4 = sadd_overflow.i64 v2, 1        v3 goes back to b1 as v2, perhaps by way of other blocks
//! ```
//!
//! Such a variable starts at a constant and needs 2**62 additions, executed one by one, to come further than 2**62
//! from it. That takes more than ten years on any machine that there is (2**62 cycles at 10 GHz), so the
//! additions do not overflow. No pass may turn a loop of additions into one multiplication after this was used.
//!
//! **Algorithm.** Strongly connected components would tell exactly; here a set is refined: all parameters of
//! type `i64` are candidates, and one is dropped if something arrives that is neither a small constant nor a
//! candidate plus or minus one or zero. The rounds are bounded.

use super::interval::Interval;
use pyexec_base::BitSet;
use pyexec_ir::{Cfg, Func, Opcode, Type, Value, ValueDef, signed};

/// How far constants may be from zero.
const NEAR: i128 = 1 << 32;
/// How far a counter can come.
pub(super) const REACH: Interval = Interval { lo: -(1 << 62), hi: 1 << 62 };
const ROUNDS: usize = 8;
/// How many additions are followed from one parameter to the next.
const STEPS: usize = 8;

/// The parameters that are counters.
pub(super) fn counters(func: &Func, cfg: &Cfg) -> BitSet<Value> {
    let mut set: BitSet<Value> = BitSet::with_capacity(func.value_count());
    for block in cfg.rpo().iter().filter(|b| Some(**b) != func.entry()) {
        for param in func.block(*block).params.iter().filter(|p| func.ty(**p) == Type::I64) {
            set.insert(*param);
        }
    }
    for _ in 0..ROUNDS {
        let wrong = wrong(func, cfg, &set);
        if wrong.is_empty() {
            return set;
        }
        wrong.into_iter().for_each(|param| _ = set.remove(param));
    }
    BitSet::with_capacity(0)
}

/// The members of the set that take anything but counters.
fn wrong(func: &Func, cfg: &Cfg, set: &BitSet<Value>) -> Vec<Value> {
    let mut wrong = Vec::new();
    for block in cfg.rpo() {
        for index in 0..cfg.succs(*block).len() {
            let call = func.successors(*block)[index];
            let params = &func.block(call.block).params;
            for (param, arg) in params.iter().zip(func.block_call_args(call)) {
                if set.contains(*param) && !counts(func, set, func.resolve(*arg)) {
                    wrong.push(*param);
                }
            }
        }
    }
    wrong
}

/// Whether a value is a counter of the set, moved by at most a few ones, or a small constant.
fn counts(func: &Func, set: &BitSet<Value>, mut value: Value) -> bool {
    for _ in 0..STEPS {
        if let Some(bits) = func.const_bits(value) {
            return signed(Type::I64, bits).abs() <= NEAR;
        }
        match func.def(value) {
            ValueDef::Param(..) => return set.contains(value),
            ValueDef::Result(inst, 0) => {
                let data = func.inst(inst);
                let sum = matches!(data.op, Opcode::Iadd | Opcode::SaddOverflow);
                if !sum && !matches!(data.op, Opcode::Isub | Opcode::SsubOverflow) {
                    return false;
                }
                let (a, b) = (func.resolve(func.args(inst)[0]), func.resolve(func.args(inst)[1]));
                value = match (is_step(func, a), is_step(func, b)) {
                    (_, true) => a,
                    (true, _) if sum => b,
                    _ => return false,
                };
            }
            _ => return false,
        }
    }
    false
}

/// 0, 1 or -1: a constant, or a condition as a number.
fn is_step(func: &Func, value: Value) -> bool {
    if let Some(bits) = func.const_bits(value) {
        return signed(Type::I64, bits).abs() <= 1;
    }
    match func.def(value) {
        ValueDef::Result(inst, 0) if func.inst(inst).op == Opcode::Zext => {
            let flag = func.resolve(func.args(inst)[0]);
            matches!(func.def(flag), ValueDef::Result(inst, 0) if crate::rules::is_compare(func.inst(inst).op))
        }
        _ => false,
    }
}
