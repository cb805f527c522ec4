//! What is rewritten once intervals are known.

use super::interval::Interval;
use super::walk::Analysis;
use crate::edit::{become_const, become_jump, make_const, make_op, result, terminator};
use crate::passes::dce::wrapping;
use pyexec_ir::{Block, Inst, InstData, Opcode::*, Type, Value};

impl Analysis<'_> {
    /// Appends to `out` what an instruction becomes.
    pub(super) fn rewrite(&mut self, inst: Inst, out: &mut Vec<Inst>) {
        let data = *self.func.inst(inst);
        let results: Vec<Value> = self.func.results(inst).collect();
        match (results.as_slice(), data.op) {
            (&[value, flag], SaddOverflow | SsubOverflow | SmulOverflow) if self.is_zero(flag) => {
                self.drop_check(inst, value, flag, out);
            }
            (&[value], op)
                if op.is_scalar() && op.effects().speculable() && self.constant(value).is_some() =>
            {
                let bits = self.constant(value).unwrap_or(0) as u128 & result_type(&data).mask();
                become_const(self.func, inst, result_type(&data), bits);
                out.push(inst);
            }
            (&[value], Sdiv | Srem | Udiv | Urem) => self.cheaper_division(inst, value, out),
            (&[_], Sext) if self.range(self.func.args(inst)[0]).is_natural() => {
                self.func.inst_mut(inst).op = Zext;
                out.push(inst);
            }
            _ => out.push(inst),
        }
    }

    fn is_zero(&self, value: Value) -> bool {
        self.range(value).single() == Some(0)
    }
    fn constant(&self, value: Value) -> Option<i128> {
        let ty = self.func.ty(value);
        self.range(value).single().filter(|_| ty.is_int() && ty != Type::I128)
    }

    fn drop_check(&mut self, inst: Inst, value: Value, flag: Value, out: &mut Vec<Inst>) {
        let data = *self.func.inst(inst);
        let op = wrapping(data.op).unwrap_or(data.op);
        let args = self.func.args(inst).to_vec();
        let plain = make_op(self.func, op, data.ty, &args, data.loc);
        let zero = make_const(self.func, Type::I8, 0, data.loc);
        out.extend([plain, zero]);
        self.rename(value, plain);
        self.rename(flag, zero);
    }

    /// Makes `old` a name of the result of `inst`, with the same interval.
    fn rename(&mut self, old: Value, inst: Inst) {
        let new = result(self.func, inst);
        self.adopt(old, new);
        self.func.alias(old, new);
    }

    /// Division of naturals: by a power of two it is a shift, by other constants mostly shorter without
    /// signs, by anything else without the overflow of MIN / -1; of 32 bits it is quicker than of 64.
    fn cheaper_division(&mut self, inst: Inst, value: Value, out: &mut Vec<Inst>) {
        let data = *self.func.inst(inst);
        let (a, b) = (self.func.args(inst)[0], self.func.args(inst)[1]);
        let natural = self.range(a).is_natural() && self.range(b).is_natural();
        let small = Interval::new(0, u32::MAX as i128);
        let quick = self.func.const_bits(b).is_none_or(|by| is_quick_unsigned(by, data.ty));
        let unsigned = if matches!(data.op, Sdiv | Udiv) { Udiv } else { Urem };
        let constant = self.func.const_bits(b).is_some();
        match data.ty {
            Type::I128 => out.push(inst),
            Type::I64 if !constant && self.range(a).is_within(small) && self.range(b).is_within(small) => {
                let low = |v: Value, this: &mut Self, out: &mut Vec<Inst>| {
                    let inst = make_op(this.func, Trunc, Type::I32, &[v], data.loc);
                    out.push(inst);
                    result(this.func, inst)
                };
                let args = [low(a, self, out), low(b, self, out)];
                let narrow = make_op(self.func, unsigned, Type::I32, &args, data.loc);
                let narrow_result = result(self.func, narrow);
                let wide = make_op(self.func, Zext, Type::I64, &[narrow_result], data.loc);
                out.extend([narrow, wide]);
                self.rename(value, wide);
            }
            _ if natural && quick => {
                self.func.inst_mut(inst).op = unsigned;
                out.push(inst);
            }
            _ => out.push(inst),
        }
    }

    /// A branch of which only one edge can be taken.
    pub(super) fn rewrite_branch(&mut self, block: Block, live: &[u32]) {
        let inst = terminator(self.func, block);
        if let (&[only], BrIf) = (live, self.func.inst(inst).op) {
            let target = self.func.targets(inst)[only as usize];
            become_jump(self.func, inst, target);
        }
    }
}

/// Whether unsigned division by a constant is a product and a shift: some 2^(N+s) / by, rounded up, fits N bits
/// and is exact enough (Hacker's Delight, second edition, 10-9). Else the signed one is shorter.
fn is_quick_unsigned(by: u128, ty: Type) -> bool {
    let bits = ty.bits();
    let exact_enough = |s: u32| {
        let power = 1u128 << (bits + s);
        let multiplier = power.div_ceil(by);
        multiplier <= ty.mask() && multiplier * by - power <= 1 << s
    };
    bits <= 64 && by != 0 && (by.is_power_of_two() || (0..bits).any(exact_enough))
}

/// The type of the only result of a scalar instruction.
fn result_type(data: &InstData) -> Type {
    data.op.info().results.first().map_or(data.ty, |rule| rule.result(data.ty))
}
