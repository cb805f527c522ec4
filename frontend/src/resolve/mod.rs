//! Name resolution of a module: which names are functions, imports, constants or variables, and which
//! variables live in cells because functions use them.
//!
//! Python decides at run time what a global name means. Here every module-level name must have one
//! meaning: one `def`, one import, or a variable. What is bound twice with different meanings is refused.

mod classes;
mod names;

use crate::known::{Known, KnownModule, builtin};
use crate::parse::Ast;
pub use classes::{Class, ClassKind, FIRST_EXCEPTION};
pub use names::{Names, collect};
use pyexec_base::{Diagnostic, EntityVec, Span, entity_id};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef, StmtImport, StmtImportFrom};
use std::collections::{BTreeMap, BTreeSet};

entity_id! {
    /// A function as it is written, before instances of it are made.
    pub struct DefId("d");
}

entity_id! {
    /// A class of the file.
    pub struct ClassId("c");
}

/// What a module-level name means.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Binding {
    /// A function of the file.
    Def(DefId),
    /// A class of the file.
    Class(ClassId),
    /// An imported module.
    Module(KnownModule),
    /// A name from an imported module.
    Known(Known),
    /// A variable.
    Variable,
}

/// A function as it is written.
#[derive(Debug)]
pub struct Def<'a> {
    /// The statement.
    pub node: &'a StmtFunctionDef,
    /// The names it binds, uses, and declares global.
    pub names: Names<'a>,
    /// The whole statement's place; the line of the name is in its header.
    pub span: Span,
}

/// The resolved module.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The functions in order.
    pub defs: EntityVec<DefId, Def<'a>>,
    /// The classes in order.
    pub classes: EntityVec<ClassId, Class<'a>>,
    /// Module-level names.
    pub bindings: BTreeMap<&'a str, (Binding, Span)>,
    /// Variables that some function uses: they live in cells.
    pub shared: BTreeSet<&'a str>,
    /// Variables that some function assigns.
    pub written: BTreeSet<&'a str>,
    /// Names bound by the module's own statements.
    pub module_names: Names<'a>,
}

impl<'a> Scope<'a> {
    /// The binding of a module-level or built-in name.
    pub fn lookup(&self, name: &str) -> Option<Binding> {
        match self.bindings.get(name) {
            Some((binding, _)) => Some(*binding),
            None => builtin(name).map(Binding::Known),
        }
    }
}

struct Resolver<'a, 'd> {
    ast: &'a Ast,
    scope: Scope<'a>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// Resolves a module; what is wrong goes to `diagnostics`.
pub fn resolve<'a>(ast: &'a Ast, diagnostics: &mut Vec<Diagnostic>) -> Scope<'a> {
    let scope = Scope {
        defs: EntityVec::new(),
        classes: EntityVec::new(),
        bindings: BTreeMap::new(),
        shared: BTreeSet::new(),
        written: BTreeSet::new(),
        module_names: collect(&ast.module.body, ast.start, diagnostics),
    };
    let mut resolver = Resolver { ast, scope, diagnostics };
    for stmt in &ast.module.body {
        resolver.top_level(stmt);
    }
    for import in resolver.scope.module_names.imports.clone() {
        resolver.import(import);
    }
    for stmt in &ast.module.body {
        resolver.class(stmt);
    }
    for (name, span) in resolver.scope.module_names.assigned.clone() {
        resolver.bind(name, Binding::Variable, span);
    }
    resolver.find_shared();
    resolver.scope
}

/// An import statement of either form.
#[derive(Clone, Copy, Debug)]
pub enum ImportStmt<'a> {
    /// `import a as b`.
    Plain(&'a StmtImport),
    /// `from a import b as c`.
    From(&'a StmtImportFrom),
}

impl<'a> Resolver<'a, '_> {
    fn top_level(&mut self, stmt: &'a Stmt) {
        let Stmt::FunctionDef(node) = stmt else { return };
        let mut names = collect(&node.body, self.ast.start, self.diagnostics);
        for parameter in node.parameters.iter_source_order() {
            let name = parameter.name();
            if names.parameters.contains(&name.as_str()) {
                let message = format!("parameter `{name}` appears twice");
                self.diagnostics.push(Diagnostic::error("E0104", self.ast.span(name), message));
            }
            names.parameters.push(name.as_str());
            names.assigned.entry(name.as_str()).or_insert(self.ast.span(name));
        }
        let span = self.ast.span(&node.name);
        let id = self.scope.defs.push(Def { node, names, span });
        self.bind(node.name.as_str(), Binding::Def(id), span);
    }

    fn import(&mut self, import: ImportStmt<'a>) {
        for (name, binding, span) in imported(import, self.ast, self.diagnostics) {
            self.bind(name, binding, span);
        }
    }

    fn bind(&mut self, name: &'a str, binding: Binding, span: Span) {
        let Some((old, first)) = self.scope.bindings.get(name) else {
            self.scope.bindings.insert(name, (binding, span));
            return;
        };
        if *old == binding && !matches!(binding, Binding::Def(_)) {
            return;
        }
        let first = *first;
        let (at, other) = if first.lo <= span.lo { (span, first) } else { (first, span) };
        self.diagnostics.push(
            Diagnostic::unsupported(
                "U0101",
                at,
                format!("`{name}` is bound a second time, to something else"),
            )
            .label(other, "first bound here")
            .help("give one of them another name"),
        );
    }

    /// A module variable is shared if a function reads it without binding it, or declares it global.
    fn find_shared(&mut self) {
        let variables: BTreeSet<&'a str> = self
            .scope
            .bindings
            .iter()
            .filter(|(_, (binding, _))| *binding == Binding::Variable)
            .map(|(name, _)| *name)
            .collect();
        let mut only_in_functions = Vec::new();
        for def in self.scope.defs.values() {
            for name in def.names.used.iter().filter(|n| !def.names.assigned.contains_key(**n)) {
                if variables.contains(name) {
                    self.scope.shared.insert(name);
                }
            }
            for (name, span) in &def.names.globals {
                self.scope.shared.insert(name);
                if def.names.written_globals.contains(name) {
                    self.scope.written.insert(name);
                }
                only_in_functions.push((*name, *span));
            }
        }
        for (name, span) in only_in_functions {
            match self.scope.bindings.get(name) {
                Some((Binding::Variable, _)) | None => self.bind(name, Binding::Variable, span),
                Some(_) if self.scope.written.contains(name) => self.bind(name, Binding::Variable, span),
                Some(_) => _ = self.scope.shared.remove(name),
            }
        }
    }
}

/// What an import statement binds: (name, meaning, place).
pub fn imported<'a>(
    import: ImportStmt<'a>,
    ast: &Ast,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(&'a str, Binding, Span)> {
    match import {
        ImportStmt::Plain(node) => node
            .names
            .iter()
            .filter_map(|alias| {
                let module = known_module(&alias.name, ast.span(alias), diagnostics)?;
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                Some((name.as_str(), Binding::Module(module), ast.span(alias)))
            })
            .collect(),
        ImportStmt::From(node) => imported_from(node, ast, diagnostics),
    }
}

fn imported_from<'a>(
    node: &'a StmtImportFrom,
    ast: &Ast,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(&'a str, Binding, Span)> {
    let span = ast.span(node);
    let name = node.module.as_ref().map_or("", |m| m.as_str());
    if node.level > 0 {
        diagnostics.push(Diagnostic::unsupported("U0102", span, "relative imports are not compiled"));
        return Vec::new();
    }
    let Some(module) = known_module(name, span, diagnostics) else { return Vec::new() };
    let mut out = Vec::new();
    for alias in &node.names {
        let at = ast.span(alias);
        let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        match module.member(&alias.name) {
            _ if alias.name.as_str() == "*" => diagnostics.push(
                Diagnostic::unsupported("U0103", at, format!("`from {name} import *` is not compiled"))
                    .help("name what you import"),
            ),
            Some(known) => out.push((bound, Binding::Known(known), at)),
            None => diagnostics.push(no_member(name, &alias.name, at)),
        }
    }
    out
}

/// The message for `math.nonsense`.
pub fn no_member(module: &str, member: &str, at: Span) -> Diagnostic {
    if module == "math" && crate::known::MATH_UNSUPPORTED.contains(&member) {
        return Diagnostic::unsupported(
            "U0104",
            at,
            format!("`math.{member}` works on iterables and is not compiled"),
        )
        .help("write a loop");
    }
    match module {
        "cmath" if crate::known::CMATH_UNSUPPORTED.contains(&member) => {
            Diagnostic::unsupported("U0104", at, format!("`cmath.{member}` is not compiled"))
        }
        "sys" | "time" | "collections" | "contextlib" => {
            Diagnostic::unsupported("U0104", at, format!("`{module}.{member}` is not compiled"))
        }
        _ => Diagnostic::error("E0103", at, format!("module `{module}` has no `{member}`")),
    }
}

fn known_module(name: &str, at: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<KnownModule> {
    let module = KnownModule::from_name(name);
    if module.is_none() {
        diagnostics.push(
            Diagnostic::unsupported("U0105", at, format!("module `{name}` is not compiled"))
                .help("math, cmath, sys, time, collections, contextlib, typing and pyexec can be imported"),
        );
    }
    module
}

/// Whether `left op right` is `__name__ == "__main__"`.
pub fn is_main_test_parts(left: &Expr, op: ruff_python_ast::CmpOp, right: &Expr) -> bool {
    let (Expr::Name(name), ruff_python_ast::CmpOp::Eq, Expr::StringLiteral(text)) = (left, op, right) else {
        return false;
    };
    name.id.as_str() == "__name__" && text.value.to_str() == "__main__"
}
