//! Instances of functions: one for each list of argument types a function is called with.

use super::{Fx, Infer, finished};
use crate::hir::{self, Block, FuncId, Function, Place};
use crate::infer::flow::VarState;
use crate::resolve::DefId;
use crate::types::Type;
use pyexec_base::{Diagnostic, EntityVec, Span};
use ruff_python_ast::{Expr, Stmt};
use std::collections::{BTreeMap, VecDeque};

/// A function and the types of its arguments.
pub(super) type Key = (u32, Vec<Type>);

/// How many instances one function may have: recursion on ever larger tuples has no end.
const MAX_INSTANCES: usize = 100;
/// How many values one argument may hold.
const MAX_ARGUMENT: usize = 200;
/// How deep instances are inferred on the spot; beyond, the result waits for the next round.
const MAX_DEPTH: usize = 1000;

#[derive(PartialEq)]
enum State {
    Waiting,
    Active,
    Done,
}

struct Slot {
    def: DefId,
    args: Vec<Type>,
    /// Which instance of its function it is, from 1.
    ordinal: usize,
    state: State,
    /// The result as far as it is known.
    result: Type,
    /// The annotation, if the arguments have exactly the annotated types.
    trusted: bool,
    exported: bool,
    function: Option<Function>,
}

/// All instances of a round.
#[derive(Default)]
pub(super) struct Instances {
    slots: EntityVec<FuncId, Slot>,
    keys: BTreeMap<Key, FuncId>,
    counts: BTreeMap<DefId, usize>,
    queue: VecDeque<FuncId>,
    depth: usize,
    main: Option<Function>,
}

impl Instances {
    /// The functions, `main` last.
    pub(super) fn into_functions(self) -> (EntityVec<FuncId, Function>, Option<FuncId>) {
        let mut functions: EntityVec<FuncId, Function> = EntityVec::new();
        for slot in self.slots.values() {
            let empty = finished(Fx::default(), String::new(), String::new(), Span::default());
            functions.push(slot.function.clone().unwrap_or(empty));
        }
        let main = self.main.map(|main| functions.push(main));
        (functions, main)
    }
}

impl<'a> Infer<'a> {
    /// The instance for these argument types, and its result as far as it is known.
    pub(super) fn instance(&mut self, def: DefId, args: Vec<Type>, at: Span) -> Option<(FuncId, Type)> {
        let key = (def.as_u32(), args);
        if let Some(id) = self.instances.keys.get(&key).copied() {
            let result = self.instances.slots[id].result.clone();
            self.unsettled |= result.is_unknown();
            return Some((id, result));
        }
        let count = self.instances.counts.entry(def).or_default();
        *count += 1;
        if *count > MAX_INSTANCES || !key.1.iter().all(|ty| ty.is_small(MAX_ARGUMENT)) {
            self.too_many_instances(def, at);
            return None;
        }
        Some(self.new_instance(def, key))
    }

    fn too_many_instances(&mut self, def: DefId, at: Span) {
        let name = &self.scope.defs[def].node.name;
        let message =
            format!("`{name}` is called with more than {MAX_INSTANCES} different lists of argument types");
        self.unsupported("U0401", at, message, "annotate its parameters, and pass values of these types");
    }

    fn new_instance(&mut self, def: DefId, key: Key) -> (FuncId, Type) {
        let declared = self.declared_result(def).filter(|_| self.params_match(def, &key.1));
        let assumed = self.assumed.results.get(&key).cloned();
        let result = declared.clone().or(assumed).unwrap_or(Type::Unknown);
        let id = self.instances.slots.push(Slot {
            def,
            args: key.1.clone(),
            ordinal: self.instances.counts.get(&def).copied().unwrap_or(1),
            state: State::Waiting,
            result: result.clone(),
            trusted: declared.is_some(),
            exported: false,
            function: None,
        });
        self.instances.keys.insert(key, id);
        if result.is_unknown() && self.instances.depth < MAX_DEPTH {
            self.infer_instance(id);
        } else {
            self.unsettled |= result.is_unknown();
            self.instances.queue.push_back(id);
        }
        (id, self.instances.slots[id].result.clone())
    }

    fn params_match(&mut self, def: DefId, args: &[Type]) -> bool {
        let declared = self.declared_params(def, false);
        declared.iter().zip(args).all(|(declared, actual)| declared.as_ref() == Some(actual))
    }

    /// The annotated types of the parameters; what is wrong with them is reported if asked for.
    pub(super) fn declared_params(&mut self, def: DefId, report: bool) -> Vec<Option<Type>> {
        let node = self.scope.defs[def].node;
        let before = self.diagnostics.len();
        let types = node
            .parameters
            .iter_non_variadic_params()
            .map(|p| p.parameter.annotation.as_deref().and_then(|a| self.annotation(a)))
            .collect();
        if !report {
            self.diagnostics.truncate(before);
        }
        types
    }

    fn declared_result(&mut self, def: DefId) -> Option<Type> {
        let before = self.diagnostics.len();
        let ty = self.scope.defs[def].node.returns.as_deref().and_then(|a| self.annotation(a));
        self.diagnostics.truncate(before);
        ty
    }

    /// Infers every function that is waiting.
    pub(super) fn drain_queue(&mut self) {
        while let Some(id) = self.instances.queue.pop_front() {
            if self.instances.slots[id].state == State::Waiting {
                self.infer_instance(id);
            }
        }
    }

    /// Makes an instance with the annotated types of every function whose parameters are all annotated.
    pub(super) fn infer_exports(&mut self) {
        for def in self.scope.defs.ids() {
            let types = self.declared_params(def, true);
            self.warn_of_missing(def, &types);
            if let Some(types) = types.into_iter().collect::<Option<Vec<Type>>>() {
                let at = self.scope.defs[def].span;
                if let Some((id, result)) = self.instance(def, types, at) {
                    if result.has_buffer() {
                        self.warn_of_buffer(def);
                        continue;
                    }
                    self.instances.slots[id].exported = true;
                    if let Some(function) = &mut self.instances.slots[id].function {
                        function.exported = true;
                    }
                }
            }
        }
    }

    /// In a library, a function without annotations is missing.
    fn warn_of_missing(&mut self, def: DefId, types: &[Option<Type>]) {
        let node = self.scope.defs[def].node;
        let mut params = node.parameters.iter_non_variadic_params().zip(types);
        let Some((param, _)) = params.find(|(_, ty)| ty.is_none()).filter(|_| self.options.exports) else {
            return;
        };
        if param.parameter.annotation.is_none() {
            let at = self.span(&param.parameter);
            let message = format!("`{}` is not exported: its parameter has no annotation", node.name);
            self.diagnostics
                .push(Diagnostic::warning("W0001", at, message).help("annotate it: `x: int`, for example"));
        }
    }

    /// Nobody would free what C got.
    fn warn_of_buffer(&mut self, def: DefId) {
        if self.options.exports {
            let node = self.scope.defs[def].node;
            let message = format!("`{}` is not exported: it returns a buffer", node.name);
            let diagnostic = Diagnostic::warning("W0002", self.scope.defs[def].span, message);
            self.diagnostics.push(diagnostic.help("write to a buffer that the caller passes"));
        }
    }

    fn infer_instance(&mut self, id: FuncId) {
        let def = self.instances.slots[id].def;
        let node = self.scope.defs[def].node;
        self.instances.slots[id].state = State::Active;
        self.instances.depth += 1;
        let fresh = Fx { def: Some(def), ..Fx::default() };
        let outer = std::mem::replace(&mut self.fx, fresh);
        self.fx.flow.reachable = true;
        self.check_signature(node);
        let args = self.instances.slots[id].args.clone();
        let mut body = Block::new();
        let params = self.bind_params(def, &args, &mut body);
        self.block(&node.body, &mut body);
        let result = self.result_type(def);
        let exact = self.instances.slots[id].trusted;
        self.settle(id, def, result, exact);
        let fx = std::mem::replace(&mut self.fx, outer);
        let symbol = match self.instances.slots[id].ordinal {
            1 => format!("py.{}", node.name),
            ordinal => format!("py.{}.{ordinal}", node.name),
        };
        let mut function = finished(fx, node.name.to_string(), symbol, self.scope.defs[def].span);
        function.params = params;
        function.body = body;
        function.result = self.instances.slots[id].result.clone();
        function.doc = docstring(&node.body);
        function.exported = self.instances.slots[id].exported;
        self.instances.slots[id].function = Some(function);
        self.instances.slots[id].state = State::Done;
        self.instances.depth -= 1;
    }

    /// Parameters become locals; a parameter with a sized annotation converts what it gets.
    fn bind_params(&mut self, def: DefId, args: &[Type], body: &mut Block) -> Vec<hir::LocalId> {
        let declared = self.declared_params(def, false);
        let node = self.scope.defs[def].node;
        let mut params = Vec::new();
        for ((param, declared), actual) in node.parameters.iter_non_variadic_params().zip(declared).zip(args)
        {
            let text = param.parameter.name.as_str();
            let span = self.span(&param.parameter);
            let name = self.name_id(text);
            let local = self.local_for(name, text, actual);
            params.push(local);
            let place = Place::Local(local);
            self.fx.flow.set(name, VarState::Bound { place, ty: actual.clone(), maybe: false, def: span });
            match declared {
                Some(declared @ Type::Sized(_)) if declared != *actual => {
                    let value = hir::Expr::new(hir::ExprKind::Local(local, false), actual.clone(), span);
                    let value = self.adapt_to(value, &declared);
                    self.fx.declared.insert(name, (declared, span));
                    self.assign_name(text, span, value, body);
                }
                Some(declared) => _ = self.fx.declared.insert(name, (declared, span)),
                None => {}
            }
        }
        params
    }

    /// The result type: that of the return statements, and None where the end is reached.
    fn result_type(&mut self, def: DefId) -> Type {
        if self.fx.flow.reachable {
            let at = self.scope.defs[def].span;
            match &self.fx.returned {
                Some((ty, span)) if *ty != Type::None && !ty.is_unknown() => {
                    let (ty, span) = (ty.clone(), *span);
                    let message = format!("this function returns {ty} on one path and None on another");
                    self.diagnostics.push(
                        Diagnostic::unsupported("U0402", at, message)
                            .label(span, format!("returns {ty} here"))
                            .help("end every path with a return of the same type, or with raise"),
                    );
                }
                Some((ty, _)) if !ty.is_unknown() => {}
                _ => return Type::None,
            }
        }
        // A function that never returns has no result; None is as good as any.
        self.fx.returned.clone().map_or(Type::None, |(ty, _)| ty)
    }

    /// Compares the inferred result with what was declared and assumed.
    fn settle(&mut self, id: FuncId, def: DefId, result: Type, exact: bool) {
        let node = self.scope.defs[def].node;
        if let (Some(declared), Some(returns)) = (self.declared_result(def), node.returns.as_deref()) {
            let fits = if exact { result == declared } else { result.is_accepted_as(&declared) };
            let never = self.fx.returned.is_none() && !self.fx.flow.reachable;
            if !fits && !never && !result.is_unknown() {
                self.wrong_result(&declared, &result, returns);
            }
        }
        let slot = &mut self.instances.slots[id];
        if !slot.trusted && slot.result != result {
            slot.result = result.clone();
            self.unsettled = true;
        }
        let key = (slot.def.as_u32(), slot.args.clone());
        if !result.is_unknown() {
            self.learned.results.insert(key, result);
        }
    }

    fn wrong_result(&mut self, declared: &Type, result: &Type, returns: &Expr) {
        let at = self.fx.returned.as_ref().map_or(self.span(returns), |(_, span)| *span);
        let message = format!("this function is declared to return {declared}, but returns {result}");
        let diagnostic = if result.is_accepted_as(declared) {
            let help = format!("return a {declared}: `{}`", conversion_hint(declared));
            Diagnostic::unsupported("U0403", at, message).help(help)
        } else {
            Diagnostic::error("E0202", at, message)
        };
        self.diagnostics.push(diagnostic.label(self.span(returns), "declared here"));
    }

    /// Infers the module's own code.
    pub(super) fn infer_main(&mut self) {
        self.fx = Fx::default();
        self.fx.flow.reachable = true;
        let mut body = Block::new();
        let ast = self.ast;
        self.block(&ast.module.body, &mut body);
        let fx = std::mem::take(&mut self.fx);
        let span = Span::new(ast.start, ast.start);
        let mut main = finished(fx, "<module>".to_owned(), "__main__".to_owned(), span);
        main.body = body;
        main.doc = docstring(&ast.module.body);
        self.instances.main = Some(main);
    }

    /// After the last round nothing may be unknown.
    pub(super) fn report_unknown_results(&mut self) {
        let unknown: Vec<(DefId, Span)> = self
            .instances
            .slots
            .values()
            .filter(|s| s.result.is_unknown())
            .map(|s| (s.def, self.scope.defs[s.def].span))
            .collect();
        for (def, at) in unknown {
            let name = &self.scope.defs[def].node.name;
            let message = format!("the result type of `{name}` cannot be inferred");
            self.unsupported("U0404", at, message, "annotate it: `-> int`, for example");
        }
        let untyped: Vec<String> =
            self.globals.values().filter(|g| g.ty.is_unknown()).map(|g| g.name.clone()).collect();
        for name in untyped {
            let at = self.scope.bindings.get(name.as_str()).map_or(Span::default(), |(_, span)| *span);
            let message = format!("the type of the module variable `{name}` cannot be inferred");
            self.unsupported("U0405", at, message, "assign a value to it at the top of the module");
        }
    }
}

/// How to make a value of a type, as a hint.
pub(super) fn conversion_hint(ty: &Type) -> String {
    match ty {
        Type::Float => "write 0.0 for 0, or float(...)".to_owned(),
        Type::Int => "int(...)".to_owned(),
        Type::Bool => "bool(...)".to_owned(),
        Type::Complex => "complex(...)".to_owned(),
        other => other.to_string(),
    }
}

/// The docstring of a body.
fn docstring(body: &[Stmt]) -> Option<String> {
    let Some(Stmt::Expr(first)) = body.first() else { return None };
    let Expr::StringLiteral(text) = &*first.value else { return None };
    Some(text.value.to_str().to_owned())
}
