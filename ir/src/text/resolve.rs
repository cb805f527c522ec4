//! Looks names up and builds the module. Ids are numbered in the order of the text.

use super::lex::{DUPLICATE, MISMATCH, MOST_ERRORS, UNKNOWN, shorten};
use super::raw::{Name, RawBlock, RawFunc, RawGlobal, RawImm, RawInst, RawModule, RawTarget, SymbolRef};
use crate::builder::result_types;
use crate::{
    Block, BlockCall, DataReloc, DataTarget, Func, FuncId, Imm, Module, SigId, Slot, SlotData, Value,
};
use pyexec_base::{Diagnostic, EntityId, Span};
use std::collections::HashMap;

/// What a symbol names.
type Target = DataTarget;

/// The names of a module, and the errors found so far.
struct Scope {
    symbols: HashMap<String, Target>,
    sigs: HashMap<u32, SigId>,
    errors: Vec<Diagnostic>,
}

impl Scope {
    fn error(&mut self, code: &'static str, span: Span, message: String) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(Diagnostic::error(code, span, message));
        }
    }
    fn define_symbol(&mut self, name: &str, span: Span, target: Target) {
        if *self.symbols.entry(name.into()).or_insert(target) != target {
            self.error(DUPLICATE, span, format!("`@{}` is defined twice", shorten(name)));
        }
    }
    fn symbol(&mut self, symbol: &SymbolRef) -> Option<Target> {
        let found = self.symbols.get(&symbol.name).copied();
        if found.is_none() {
            self.error(UNKNOWN, symbol.span, format!("nothing defines `@{}`", shorten(&symbol.name)));
        }
        found
    }
}

/// The module that the text describes.
pub(super) fn resolve(raw: RawModule) -> Result<Module, Vec<Diagnostic>> {
    let mut scope = Scope { symbols: HashMap::new(), sigs: HashMap::new(), errors: Vec::new() };
    let mut module = Module::new();
    declare(&raw, &mut module, &mut scope);
    for (id, global) in module.globals.ids().zip(&raw.globals) {
        module.globals[id].relocs = relocs(global, &mut scope);
    }
    for (id, func) in module.funcs.ids().zip(&raw.funcs) {
        let mut body = Body::new(&module, &mut scope, module.funcs[id].clone());
        body.build(func);
        module.funcs[id] = body.func;
    }
    scope.errors.sort_by_key(|error| error.span);
    if scope.errors.is_empty() { Ok(module) } else { Err(scope.errors) }
}

fn declare(raw: &RawModule, module: &mut Module, scope: &mut Scope) {
    let mut known = HashMap::new();
    for sig in &raw.sigs {
        let id = *known.entry(&sig.sig).or_insert_with(|| module.sigs.push(sig.sig.clone()));
        if scope.sigs.insert(sig.name.number, id).is_some() {
            scope.error(DUPLICATE, sig.name.span, format!("sig{} is defined twice", sig.name.number));
        }
    }
    for raw in &raw.globals {
        let id = module.globals.push(raw.global.clone());
        scope.define_symbol(&raw.global.name, raw.span, Target::Global(id));
    }
    for raw in &raw.funcs {
        let mut func = Func::new(raw.name.name.clone(), raw.sig.clone(), raw.linkage);
        func.cold = raw.cold;
        let id = module.funcs.push(func);
        scope.define_symbol(&raw.name.name, raw.name.span, Target::Func(id));
    }
}

fn relocs(raw: &RawGlobal, scope: &mut Scope) -> Vec<DataReloc> {
    let resolved = raw.relocs.iter().filter_map(|(offset, symbol, addend)| {
        let target = scope.symbol(symbol)?;
        Some(DataReloc { offset: *offset, target, addend: *addend })
    });
    resolved.collect()
}

/// One function being built.
struct Body<'a> {
    module: &'a Module,
    scope: &'a mut Scope,
    func: Func,
    values: HashMap<u32, Value>,
    blocks: HashMap<u32, Block>,
    slots: HashMap<u32, Slot>,
}

impl<'a> Body<'a> {
    fn new(module: &'a Module, scope: &'a mut Scope, func: Func) -> Self {
        Self { module, scope, func, values: HashMap::new(), blocks: HashMap::new(), slots: HashMap::new() }
    }

    fn build(&mut self, raw: &RawFunc) {
        for slot in &raw.slots {
            let id = self.func.slots.push(SlotData { size: slot.size, align: slot.align });
            if self.slots.insert(slot.name.number, id).is_some() {
                self.twice("s", slot.name);
            }
        }
        self.number_values(raw);
        for block in &raw.blocks {
            let id = self.func.add_block();
            self.func.block_mut(id).cold = block.cold;
            if self.blocks.insert(block.name.number, id).is_some() {
                self.twice("b", block.name);
            }
        }
        for (index, block) in raw.blocks.iter().enumerate() {
            self.block(Block::from_index(index), block);
        }
    }

    /// Values may be used above their definition, so they get their ids before anything is built: in the
    /// order in which building will create them.
    fn number_values(&mut self, raw: &RawFunc) {
        let mut next = 0;
        for block in &raw.blocks {
            let params = block.params.iter().map(|(name, _)| *name);
            let results = block.insts.iter().flat_map(|inst| inst.results.iter().copied());
            for name in params.chain(results) {
                if self.values.insert(name.number, Value::new(next)).is_some() {
                    self.twice("v", name);
                }
                next += 1;
            }
        }
    }

    fn block(&mut self, block: Block, raw: &RawBlock) {
        for (_, ty) in &raw.params {
            self.func.add_param(block, *ty);
        }
        for inst in &raw.insts {
            self.inst(block, inst);
        }
    }

    fn inst(&mut self, block: Block, raw: &RawInst) {
        let imm = self.imm(raw);
        let args: Vec<Value> = raw.args.iter().map(|name| self.value(*name)).collect();
        let targets: Vec<BlockCall> = raw.targets.iter().map(|t| self.target(t)).collect();
        let results = match imm {
            Some(imm) => result_types(self.module, raw.op, raw.ty, imm),
            None => return,
        };
        if results.len() != raw.results.len() {
            let message =
                format!("`{}` has {} results, but {} are named", raw.op, results.len(), raw.results.len());
            self.scope.error(MISMATCH, raw.span, message);
        }
        let imm = imm.unwrap_or(Imm::None);
        let inst = self.func.make_inst(raw.op, raw.ty, imm, &args, &targets, &results, raw.loc);
        self.func.block_mut(block).insts.push(inst);
    }

    fn imm(&mut self, raw: &RawInst) -> Option<Imm> {
        Some(match &raw.imm {
            RawImm::None => Imm::None,
            RawImm::Int(int) => Imm::Int(*int),
            RawImm::Bits(bits) => Imm::Bits(*bits),
            RawImm::Mem(offset, region) => Imm::Mem(*offset, *region),
            RawImm::Slot(name, offset) => Imm::Slot(self.slot(*name)?, *offset),
            RawImm::Global(symbol, offset) => match self.scope.symbol(symbol)? {
                Target::Global(id) => Imm::Global(id, *offset),
                Target::Func(_) => return self.wrong_kind(symbol, "a function, not a global"),
            },
            RawImm::Func(symbol) => Imm::Func(self.callee(symbol)?),
            RawImm::Sig(name) => match self.scope.sigs.get(&name.number) {
                Some(sig) => Imm::Sig(*sig),
                None => return self.unknown("sig", *name),
            },
            RawImm::Trap(code) => Imm::Trap(*code),
        })
    }

    fn callee(&mut self, symbol: &SymbolRef) -> Option<FuncId> {
        match self.scope.symbol(symbol)? {
            Target::Func(id) => Some(id),
            Target::Global(_) => self.wrong_kind(symbol, "a global, not a function"),
        }
    }
    fn slot(&mut self, name: Name) -> Option<Slot> {
        let slot = self.slots.get(&name.number).copied();
        slot.or_else(|| self.unknown("s", name))
    }
    /// The value of this name; after an error any.
    fn value(&mut self, name: Name) -> Value {
        let value = self.values.get(&name.number).copied();
        value.or_else(|| self.unknown("v", name)).unwrap_or(Value::new(0))
    }
    fn target(&mut self, raw: &RawTarget) -> BlockCall {
        let block = self.blocks.get(&raw.block.number).copied();
        let block = block.or_else(|| self.unknown("b", raw.block)).unwrap_or(Block::new(0));
        let args: Vec<Value> = raw.args.iter().map(|name| self.value(*name)).collect();
        self.func.make_block_call(block, &args)
    }

    fn unknown<T>(&mut self, prefix: &str, name: Name) -> Option<T> {
        self.scope.error(UNKNOWN, name.span, format!("nothing defines {prefix}{}", name.number));
        None
    }
    fn twice(&mut self, prefix: &str, name: Name) {
        self.scope.error(DUPLICATE, name.span, format!("{prefix}{} is defined twice", name.number));
    }
    fn wrong_kind<T>(&mut self, symbol: &SymbolRef, kind: &str) -> Option<T> {
        self.scope.error(MISMATCH, symbol.span, format!("`@{}` is {kind}", shorten(&symbol.name)));
        None
    }
}
