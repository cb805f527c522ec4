//! Types of everything: from the resolved syntax tree to the typed HIR.
//!
//! ```text
//! def half(x: int) -> float:      f1 half(x: int) -> float:
//!     y = x / 2              =>     y#float = (x / 2)
//!     return y                      return y
//! ```
//!
//! In: a resolved module. Out: [`hir::Module`]: every expression typed, every function an instance for one
//! list of argument types.
//!
//! Inference is a walk in program order that knows the type of every variable at each point (`flow.rs`);
//! loops are walked again while the back edge brings something new. A call needs the result type of its
//! callee: an annotation is trusted and verified; else the callee is inferred on the spot; inside a
//! recursion the result is unknown at first. A round ends when all instances are inferred; if a result or
//! the type of a global turned out other than assumed, there is another round with better assumptions.
//! Assumptions only grow from unknown to known, so the rounds end.
//!
//! Left to lowering: overflow checks, exceptions, everything about machine values.

mod annotation;
mod assign;
mod buffers;
mod builtins;
mod call;
mod classes;
mod compare;
mod constants;
mod expr;
mod flow;
mod instance;
mod iterate;
mod loops;
mod math;
mod name;
mod ops;
mod owned;
mod pattern;
mod reduce;
mod sized;
mod stmt;
mod text;
mod tries;
mod with;

use crate::hir::{self, Function, GlobalId, Local, LocalId};
use crate::parse::Ast;
use crate::resolve::{Binding, ClassKind, DefId, Scope};
use crate::types::Type;
use crate::{Options, known::Known};
use flow::{Delta, Flow, Mark, NameId, VarState};
use instance::{Instances, Key};
use pyexec_base::{Diagnostic, EntityVec, Span};
use ruff_text_size::Ranged;
use std::collections::{BTreeMap, BTreeSet};

/// How often the whole module is walked before inference gives up.
const MAX_ROUNDS: usize = 40;

/// What one round learns for the next.
#[derive(Clone, Default, PartialEq, Debug)]
struct Assumptions {
    /// Result types of instances.
    results: BTreeMap<Key, Type>,
    /// Types of module-level cells.
    globals: BTreeMap<String, (Type, Span)>,
}

/// The state of inference.
pub(crate) struct Infer<'a> {
    ast: &'a Ast,
    scope: &'a Scope<'a>,
    options: &'a Options,
    diagnostics: Vec<Diagnostic>,
    /// Something was used whose type was unknown or turned out otherwise.
    unsettled: bool,
    assumed: Assumptions,
    learned: Assumptions,
    instances: Instances,
    globals: EntityVec<GlobalId, hir::Global>,
    cells: BTreeMap<&'a str, GlobalId>,
    /// Module variables with one constant value.
    constants: BTreeMap<&'a str, hir::Expr>,
    /// Whether constants are being computed, before the module is walked.
    finding_constants: bool,
    /// Cells that are bound before any function can run, with the value if it is a literal.
    always_bound: BTreeMap<&'a str, Option<hir::Expr>>,
    /// Default values of parameters, known once the `def` was met.
    defaults: BTreeMap<(DefId, usize), hir::Expr>,
    /// Functions whose `def` the module's code has passed.
    defined: BTreeSet<DefId>,
    fx: Fx<'a>,
}

/// The state of inference that belongs to one function.
#[derive(Default)]
struct Fx<'a> {
    def: Option<DefId>,
    names: BTreeMap<&'a str, NameId>,
    declared: BTreeMap<NameId, (Type, Span)>,
    flow: Flow,
    locals: EntityVec<LocalId, Local>,
    local_of: BTreeMap<(NameId, Type), LocalId>,
    loops: Vec<LoopFrame>,
    /// What was found at the heads of loops, so that walking an outer loop again starts from there.
    heads: BTreeMap<u32, Vec<(NameId, VarState)>>,
    /// Variables read while nothing was bound to them.
    unbound_reads: Vec<NameId>,
    returned: Option<(Type, Span)>,
    /// How many `except` clauses are around.
    handlers: usize,
    /// Set when a bare `raise` is met.
    raises_again: bool,
    imports: BTreeMap<&'a str, Binding>,
    /// Targets of comprehensions: they hide variables of the same name.
    hidden: Vec<(&'a str, LocalId)>,
}

/// A loop around the current point.
struct LoopFrame {
    mark: Mark,
    breaks: Vec<Delta>,
    continues: Vec<Delta>,
}

/// Infers a whole module.
pub(crate) fn infer(ast: &Ast, scope: &Scope<'_>, options: &Options) -> (hir::Module, Vec<Diagnostic>) {
    let mut assumed = Assumptions::default();
    for round in 1.. {
        let mut infer = Infer::new(ast, scope, options, assumed);
        infer.module();
        let grown = infer.learned != infer.assumed;
        if !(infer.unsettled && grown && round < MAX_ROUNDS) {
            return infer.finish();
        }
        assumed = infer.learned;
    }
    unreachable_round()
}

fn unreachable_round() -> (hir::Module, Vec<Diagnostic>) {
    (hir::Module::default(), vec![Diagnostic::error_nowhere("E0100", "inference did not end")])
}

impl<'a> Infer<'a> {
    fn new(ast: &'a Ast, scope: &'a Scope<'a>, options: &'a Options, assumed: Assumptions) -> Self {
        Self {
            ast,
            scope,
            options,
            diagnostics: Vec::new(),
            unsettled: false,
            learned: Assumptions { results: assumed.results.clone(), globals: BTreeMap::new() },
            assumed,
            instances: Instances::default(),
            globals: EntityVec::new(),
            cells: BTreeMap::new(),
            constants: BTreeMap::new(),
            finding_constants: false,
            always_bound: BTreeMap::new(),
            defaults: BTreeMap::new(),
            defined: BTreeSet::new(),
            fx: Fx::default(),
        }
    }

    fn module(&mut self) {
        self.finding_constants = true;
        self.find_constants();
        self.finding_constants = false;
        self.infer_main();
        self.infer_exports();
        self.warn_of_lost_code();
        self.drain_queue();
    }

    fn finish(mut self) -> (hir::Module, Vec<Diagnostic>) {
        let broken = self.diagnostics.iter().any(|d| d.severity != pyexec_base::Severity::Warning);
        if !broken {
            self.report_unknown_results();
        }
        let mut seen = BTreeSet::new();
        self.diagnostics.retain(|d| seen.insert((d.code, d.span, d.message.clone())));
        // Blames in source order read best.
        self.diagnostics.sort_by_key(|d| d.span.map(|s| s.lo));
        let (functions, main) = self.instances.into_functions();
        let exceptions = self.scope.classes.values().filter_map(|class| match &class.kind {
            ClassKind::Exception(bases) => {
                Some(hir::ExceptionClass { name: class.name.to_owned(), bases: bases.clone() })
            }
            ClassKind::Named(_) => None,
        });
        let mut module = hir::Module {
            exceptions: exceptions.collect(),
            functions,
            globals: self.globals,
            main,
            line_starts: self.ast.line_starts.clone(),
            is_large: self.ast.needs_large_stack(),
        };
        owned::own(&mut module);
        (module, self.diagnostics)
    }

    fn span(&self, node: &impl Ranged) -> Span {
        self.ast.span(node)
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, span, message));
    }

    fn unsupported(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::unsupported(code, span, message);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn bad(&self, span: Span) -> hir::Expr {
        hir::Expr::new(hir::ExprKind::Bad, Type::Unknown, span)
    }

    // ---- Locals ----

    /// The local that holds values of this type for this variable.
    fn local_for(&mut self, name: NameId, text: &str, ty: &Type) -> LocalId {
        if let Some(local) = self.fx.local_of.get(&(name, ty.clone())) {
            return *local;
        }
        let local = self.fx.locals.push(Local { name: text.to_owned(), ty: ty.clone(), flagged: false });
        self.fx.local_of.insert((name, ty.clone()), local);
        local
    }

    /// A new local that no Python name refers to.
    fn temp(&mut self, text: &str, ty: Type) -> LocalId {
        self.fx.locals.push(Local { name: format!("%{text}"), ty, flagged: false })
    }

    fn name_id(&mut self, name: &'a str) -> NameId {
        if let Some(id) = self.fx.names.get(name) {
            return *id;
        }
        let id = self.fx.flow.add();
        self.fx.names.insert(name, id);
        id
    }

    /// Whether a bare name is a local variable of the function being inferred.
    fn is_local(&self, name: &str) -> bool {
        match self.fx.def {
            Some(def) => self.scope.defs[def].names.assigned.contains_key(name),
            None => matches!(self.scope.bindings.get(name), Some((Binding::Variable, _))),
        }
    }

    /// What a bare name means if it is not a local variable.
    fn meaning(&self, name: &str) -> Option<Binding> {
        self.fx.imports.get(name).copied().or_else(|| self.scope.lookup(name))
    }

    /// What a callee or a value names, if the compiler knows it.
    fn known(&self, name: &str) -> Option<Known> {
        if self.fx.hidden.iter().any(|(hidden, _)| *hidden == name) || self.is_local(name) {
            return None;
        }
        match self.meaning(name) {
            Some(Binding::Known(known)) => Some(known),
            _ => None,
        }
    }
}

/// A function under construction, taken out of the state.
fn finished(fx: Fx<'_>, name: String, symbol: String, span: Span) -> Function {
    Function {
        name,
        symbol,
        span,
        params: Vec::new(),
        result: Type::None,
        locals: fx.locals,
        body: Vec::new(),
        exported: false,
        doc: None,
    }
}
