//! What lowered code takes from outside: helpers, the error state, text, cells; and the private functions
//! that fill the error state.
//!
//! `py.raise(kind, message, length, traceback index)` begins an exception; `py.trace(index)` adds the frame
//! that an exception passes through, as long as there is room.

use super::func::Fx;
use super::{Lower, repr};
use crate::hir::{Expr, ExprKind, GlobalId};
use pyexec_base::EntityId;
use pyexec_ir::rt::{self, Kind};
use pyexec_ir::{
    self as ir, Builder, CallConv, DataReloc, DataTarget, Func, Global, Linkage, Region, Signature, Type,
    Value,
};
use std::sync::Arc;

impl Lower<'_> {
    /// A helper of the runtime, declared on first use.
    pub(super) fn helper(&mut self, name: &'static str) -> (ir::FuncId, Option<Type>) {
        let helper = rt::helper(name).expect("invariant: the front end names helpers of the table");
        let result = helper.result.map(|kind| kind_types(kind)[0]);
        if let Some(id) = self.helpers.get(name) {
            return (*id, result);
        }
        let params: Vec<Type> = helper.params.iter().flat_map(|kind| kind_types(*kind)).copied().collect();
        let results: Vec<Type> = result.into_iter().collect();
        let id = self.module.import(name, Signature::new(CallConv::C, &params, &results));
        self.helpers.insert(name, id);
        (id, result)
    }

    /// A global of the runtime, declared on first use.
    pub(super) fn import_global(&mut self, name: &'static str, size: u32) -> ir::GlobalId {
        if let Some(id) = self.imports.get(name) {
            return *id;
        }
        let id = self.module.globals.push(Global::import(name, size, 8));
        self.imports.insert(name, id);
        id
    }

    pub(super) fn error_state(&mut self) -> ir::GlobalId {
        self.import_global(rt::ERROR_SYMBOL, rt::ERROR_SIZE)
    }

    /// The bytes of a text.
    pub(super) fn text(&mut self, text: &str) -> ir::GlobalId {
        if let Some(id) = self.strings.get(text) {
            return *id;
        }
        let name = format!("str.{}", self.strings.len());
        let id = self.module.globals.push(Global::constant(name, text.as_bytes()));
        self.strings.insert(Arc::from(text), id);
        id
    }

    /// The memory of a module-level variable (see `globals.rs`).
    pub(super) fn cell(&mut self, global: GlobalId) -> ir::GlobalId {
        if let Some(id) = self.cells[global.index()] {
            return id;
        }
        let hir = &self.hir.globals[global];
        let parts = repr::width(&hir.ty) + usize::from(hir.flagged) + repr::ints(&hir.ty);
        let size = 8 * parts as u32;
        let mut data = Global::zeroed(format!("var.{}", hir.name), size.max(8), 8);
        if let Some(init) = hir.init.as_ref().filter(|init| init.ty == hir.ty) {
            self.literal_data(init, &mut data);
            if hir.flagged {
                data.init.extend(1u64.to_le_bytes());
            }
        }
        let id = self.module.globals.push(data);
        self.cells[global.index()] = Some(id);
        id
    }

    /// Appends a literal as it lies in a cell.
    fn literal_data(&mut self, literal: &Expr, data: &mut Global) {
        match &literal.kind {
            ExprKind::Int(value) => data.init.extend(value.to_le_bytes()),
            ExprKind::Bool(value) => data.init.extend(u64::from(*value).to_le_bytes()),
            ExprKind::Float(value) => data.init.extend(value.to_bits().to_le_bytes()),
            ExprKind::Complex(re, im) => {
                data.init.extend(re.to_bits().to_le_bytes());
                data.init.extend(im.to_bits().to_le_bytes());
            }
            ExprKind::Str(text) => {
                let target = DataTarget::Global(self.text(text));
                data.relocs.push(DataReloc { offset: data.init.len() as u32, target, addend: 0 });
                data.init.extend(0u64.to_le_bytes());
                data.init.extend((text.len() as u64).to_le_bytes());
            }
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.literal_data(item, data)),
            _ => {}
        }
    }

    /// `py.raise`, made on first use.
    pub(super) fn raise_function(&mut self) -> ir::FuncId {
        if let Some(id) = self.private.get("py.raise") {
            return *id;
        }
        let error = self.error_state();
        let params = [Type::I32, Type::I64, Type::I64, Type::I32];
        let mut func = Func::new("py.raise", Signature::new(CallConv::Fast, &params, &[]), Linkage::Local);
        func.cold = true;
        let entry = func.add_block();
        let [kind, message, length, index] = params.map(|ty| func.add_param(entry, ty));
        let mut b = Builder::new(&mut func, entry);
        let address = b.global_addr(error, 0);
        let one = b.iconst(Type::I32, 1);
        b.store(Region::Global, kind, address, rt::ERROR_KIND);
        b.store(Region::Global, one, address, rt::ERROR_TRACE_LEN);
        b.store(Region::Global, message, address, rt::ERROR_MESSAGE);
        b.store(Region::Global, length, address, rt::ERROR_MESSAGE_LEN);
        b.store(Region::Global, index, address, rt::ERROR_TRACE);
        let here = b.iconst(Type::I64, 0);
        b.store(Region::Global, here, address, rt::ERROR_ORIGIN);
        b.ret(&[]);
        let id = self.module.funcs.push(func);
        self.private.insert("py.raise", id);
        id
    }

    /// `py.trace`, made on first use.
    pub(super) fn trace_function(&mut self) -> ir::FuncId {
        if let Some(id) = self.private.get("py.trace") {
            return *id;
        }
        let error = self.error_state();
        let mut func =
            Func::new("py.trace", Signature::new(CallConv::Fast, &[Type::I32], &[]), Linkage::Local);
        func.cold = true;
        let entry = func.add_block();
        let index = func.add_param(entry, Type::I32);
        let (room, done) = (func.add_block(), func.add_block());
        let mut b = Builder::new(&mut func, entry);
        let address = b.global_addr(error, 0);
        let len = b.load(Type::I32, Region::Global, address, rt::ERROR_TRACE_LEN);
        let one = b.iconst(Type::I32, 1);
        let longer = b.iadd(len, one);
        b.store(Region::Global, longer, address, rt::ERROR_TRACE_LEN);
        let capacity = b.iconst(Type::I32, i64::from(rt::ERROR_TRACE_CAPACITY));
        let fits = b.ult(len, capacity);
        b.br_if(fits, (room, &[]), (done, &[]));
        b.switch_to(room);
        let wide = b.zext(Type::I64, len);
        let two = b.iconst(Type::I64, 2);
        let offset = b.shl(wide, two);
        let slot = b.iadd(address, offset);
        b.store(Region::Global, index, slot, rt::ERROR_TRACE);
        b.jump(done, &[]);
        b.switch_to(done);
        b.ret(&[]);
        let id = self.module.funcs.push(func);
        self.private.insert("py.trace", id);
        id
    }
}

/// The IR types of a helper's parameter.
fn kind_types(kind: Kind) -> &'static [Type] {
    match kind {
        Kind::I64 | Kind::Ptr | Kind::Word | Kind::Slot => &[Type::I64],
        Kind::I32 => &[Type::I32],
        Kind::Bool => &[Type::I8],
        Kind::F64 => &[Type::F64],
        Kind::Str => &[Type::I64, Type::I64],
    }
}

impl Fx<'_, '_> {
    /// Calls a helper that raises nothing.
    pub(super) fn helper(&mut self, name: &'static str, args: &[Value]) -> Option<Value> {
        let (callee, result) = self.lower.helper(name);
        let results: Vec<Type> = result.into_iter().collect();
        let inst = self.b().call(callee, &results, args);
        self.func.first_result(inst)
    }

    /// As [`helper`](Self::helper), for one that has a result.
    pub(super) fn helper_value(&mut self, name: &'static str, args: &[Value]) -> Value {
        self.helper(name, args).expect("invariant: the helper has a result")
    }

    /// Address and length of a text.
    pub(super) fn text_value(&mut self, text: &str) -> [Value; 2] {
        let global = self.lower.text(text);
        let address = self.b().global_addr(global, 0);
        let length = self.b().iconst(Type::I64, text.len() as i64);
        [address, length]
    }
}
