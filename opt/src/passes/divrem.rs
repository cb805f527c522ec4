//! Remainders next to quotients.
//!
//! **What.** Computes a remainder from the quotient where the function needs the quotient of the same
//! operands anyway.
//!
//! ```text
//! v2 = srem.i64 v0, v1        v2' = sdiv.i64 v0, v1
//! v3 = sdiv.i64 v0, v1   =>   v4 = imul.i64 v2', v1
//!                             v2 = isub.i64 v0, v4
//!                             v3 = sdiv.i64 v0, v1      equal to v2': `gvn` removes it
//! ```
//!
//! **Invariants.** In and out: valid IR. A quotient traps exactly where the remainder does.
//!
//! **Algorithm.** One walk collects the operands of all quotients, one rewrites the remainders. Linear in
//! expectation. (Hacker's Delight, second edition, chapter 10: the remainder costs a product more.)
//!
//! **Leaves to others.** Merging the quotients (`gvn`, which must follow); all of this backwards
//! (`simplify`, which must not: ranges are known of remainders, not of such differences).

use crate::Facts;
use crate::edit::{become_op, make_op, result};
use crate::hash::FastMap;
use pyexec_ir::{Func, Imm, Inst, Opcode, Type, Value};

/// The pass.
pub(crate) fn run(func: &mut Func, facts: &Facts) {
    facts.count(func.live_inst_count());
    let quotients = quotients(func);
    if quotients.is_empty() {
        return;
    }
    for block in func.layout.clone() {
        let insts = std::mem::take(&mut func.block_mut(block).insts);
        let mut out = Vec::with_capacity(insts.len());
        for inst in insts {
            expand(func, inst, &quotients, &mut out);
            out.push(inst);
        }
        func.block_mut(block).insts = out;
    }
}

type Key = (Opcode, Type, Value, Value);

fn key(func: &Func, inst: Inst) -> Option<Key> {
    let data = func.inst(inst);
    let op = match data.op {
        Opcode::Sdiv | Opcode::Srem => Opcode::Sdiv,
        Opcode::Udiv | Opcode::Urem => Opcode::Udiv,
        _ => return None,
    };
    Some((op, data.ty, func.args(inst)[0], func.args(inst)[1]))
}

fn quotients(func: &Func) -> FastMap<Key, ()> {
    let insts = func.layout.iter().flat_map(|b| &func.block(*b).insts);
    let divisions = insts.filter(|i| matches!(func.inst(**i).op, Opcode::Sdiv | Opcode::Udiv));
    divisions.filter_map(|i| key(func, *i)).map(|key| (key, ())).collect()
}

fn expand(func: &mut Func, inst: Inst, quotients: &FastMap<Key, ()>, out: &mut Vec<Inst>) {
    let is_remainder = matches!(func.inst(inst).op, Opcode::Srem | Opcode::Urem);
    let found = key(func, inst).filter(|key| is_remainder && quotients.contains_key(key));
    let Some((op, ty, a, b)) = found else { return };
    let loc = func.inst(inst).loc;
    let quotient = make_op(func, op, ty, &[a, b], loc);
    let product = make_op(func, Opcode::Imul, ty, &[result(func, quotient), b], loc);
    out.extend([quotient, product]);
    let product = result(func, product);
    become_op(func, inst, Opcode::Isub, ty, Imm::None, &[a, product]);
}
