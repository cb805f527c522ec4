//! Calls of functions of the file, and their entries for C.

use super::func::Fx;
use super::{Lower, repr};
use crate::hir::{Expr, FuncId};
use pyexec_base::{EntityId, Span};
use pyexec_ir::rt::{self, Exc};
use pyexec_ir::{Aggregate, Builder, CallConv, Func, Linkage, Param, Region, Signature, Type, Value};

impl<'m> Fx<'m, '_> {
    pub(super) fn call(&mut self, callee: FuncId, args: &'m [(usize, Expr)], span: Span) -> Vec<Value> {
        let into = std::mem::take(&mut self.points.into);
        let hir = &self.lower.hir.functions[callee];
        let mut by_param: Vec<Vec<Value>> = vec![Vec::new(); hir.params.len()];
        for (index, arg) in args {
            by_param[*index] = self.expr(arg);
        }
        let Some(target) = self.lower.funcs[callee.index()] else { return Vec::new() };
        let mut results = repr::flatten(&hir.result);
        let raises = self.lower.raises[callee.index()];
        if raises {
            results.push(Type::I8);
        }
        let inst = self.b().call(target, &results, &by_param.concat());
        let mut values: Vec<Value> = self.func.results(inst).collect();
        if raises && let Some(status) = values.pop() {
            match self.lower.may_be_exact(callee) {
                true => self.check_call(status, &values, &into, &hir.result, span),
                false => self.check_status(status, span),
            }
        }
        values
    }
}

impl Lower<'_> {
    /// The entry by which C calls a function: the plain name, C's convention, 0 where it raises.
    pub(super) fn entry_for_c(&mut self, id: FuncId) {
        let hir = &self.hir.functions[id];
        let Some(target) = self.funcs[id.index()] else { return };
        let params: Vec<Param> = hir.params.iter().flat_map(|p| repr::c_params(&hir.locals[*p].ty)).collect();
        let types: Vec<Type> = params.iter().map(Param::ty).collect();
        let results = repr::flatten(&hir.result);
        let area = (results.len() > 1).then(|| aggregate(&results));
        let mut sig = Signature::new(CallConv::C, &[], if area.is_some() { &[] } else { &results });
        sig.params = params;
        sig.signed_result = repr::is_signed(&hir.result);
        if let Some(area) = &area {
            sig.params.insert(0, Param::ResultArea(area.clone()));
        }
        let mut func = Func::new(hir.name.clone(), sig, Linkage::Export);
        let entry = func.add_block();
        let place = area.as_ref().map(|_| func.add_param(entry, Type::I64));
        let args: Vec<Value> = types.iter().map(|ty| func.add_param(entry, *ty)).collect();
        let may_be_exact = self.may_be_exact(id);
        let refusal = may_be_exact.then(|| self.refusal(id));
        let mut from_callee = results.clone();
        from_callee.extend(self.raises[id.index()].then_some(Type::I8));
        let mut b = Builder::new(&mut func, entry);
        b.set_loc(hir.span.loc());
        let inst = b.call(target, &from_callee, &args);
        let mut values: Vec<Value> = b.func.results(inst).collect();
        if self.raises[id.index()]
            && let Some(status) = values.pop()
        {
            if let Some(refusal) = &refusal {
                refuse_words(&mut b, status, &values, refusal);
            }
            zero_if_raised(&mut b, status, &mut values);
        }
        match (place, &area) {
            (Some(place), Some(area)) => {
                for (value, (offset, _)) in values.iter().zip(&area.fields) {
                    b.store(Region::Unknown, *value, place, *offset as i32);
                }
                b.ret(&[]);
            }
            _ => b.ret(&values),
        }
        self.module.funcs.push(func);
    }
}

/// What a C entry needs to refuse integers beyond 64 bits.
struct Refusal {
    /// Which results are `int`s.
    ints: Vec<bool>,
    drop: pyexec_ir::FuncId,
    raise: pyexec_ir::FuncId,
    /// The text of the error, its length, and the traceback entry.
    message: (pyexec_ir::GlobalId, i64),
    trace: i64,
}

impl Lower<'_> {
    fn refusal(&mut self, id: FuncId) -> Refusal {
        let hir = &self.hir.functions[id];
        Refusal {
            ints: repr::scalars(&hir.result).into_iter().map(|(_, is_int)| is_int).collect(),
            drop: self.helper("pyexec_big_drop").0,
            raise: self.raise_function(),
            message: (self.text(rt::INT_OVERFLOW), rt::INT_OVERFLOW.len() as i64),
            trace: self.trace(id, hir.span.loc()),
        }
    }
}

/// Integers beyond 64 bits raise OverflowError: C has no room for them.
fn refuse_words(b: &mut Builder<'_>, status: Value, values: &[Value], refusal: &Refusal) {
    let (refuse, done) = (b.func.add_block(), b.func.add_block());
    b.func.block_mut(refuse).cold = true;
    let exact = b.iconst(Type::I8, rt::STATUS_EXACT);
    let is_exact = b.eq(status, exact);
    b.br_if(is_exact, (refuse, &[]), (done, &[]));
    b.switch_to(refuse);
    for (value, _) in values.iter().zip(&refusal.ints).filter(|(_, is_int)| **is_int) {
        b.call(refusal.drop, &[], &[*value]);
    }
    let kind = b.iconst(Type::I32, Exc::OverflowError as i64);
    let message = b.global_addr(refusal.message.0, 0);
    let length = b.iconst(Type::I64, refusal.message.1);
    let trace = b.iconst(Type::I32, refusal.trace);
    b.call(refusal.raise, &[], &[kind, message, length, trace]);
    b.jump(done, &[]);
    b.switch_to(done);
}

/// A function that raised has undefined results; C gets zeros.
fn zero_if_raised(b: &mut Builder<'_>, status: Value, values: &mut [Value]) {
    for value in values {
        let ty = b.func.ty(*value);
        let zero = match ty {
            Type::F32 => b.f32const(0.0),
            Type::F64 => b.f64const(0.0),
            _ => b.iconst(ty, 0),
        };
        *value = b.select(status, zero, *value);
    }
}

/// The C struct of several results, in order.
fn aggregate(types: &[Type]) -> Aggregate {
    let mut fields = Vec::new();
    let (mut offset, mut align) = (0, 1);
    for ty in types {
        offset = u32::next_multiple_of(offset, ty.bytes());
        align = align.max(ty.bytes());
        fields.push((offset, *ty));
        offset += ty.bytes();
    }
    Aggregate { size: offset.next_multiple_of(align), align, fields }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_lie_as_in_a_c_struct() {
        let area = aggregate(&[Type::I8, Type::I64, Type::F32]);
        assert_eq!((area.size, area.align), (24, 8));
        assert_eq!(area.fields, [(0, Type::I8), (8, Type::I64), (16, Type::F32)]);
    }
}
