//! Binding names: assignments, unpacking, annotations on locals.

use super::flow::VarState;
use super::{Infer, instance::conversion_hint};
use crate::hir::{Block, Expr, ExprKind, Place, Stmt, StmtKind};
use crate::types::Type;
use pyexec_base::{Diagnostic, Span};
use ruff_python_ast as ast;

impl<'a> Infer<'a> {
    /// `targets = value`.
    pub(super) fn assign(&mut self, node: &'a ast::StmtAssign, out: &mut Block) {
        let value = self.expr(&node.value);
        if let [target] = &node.targets[..] {
            return self.assign_target(target, value, out);
        }
        let value = self.keep(value, out);
        for target in &node.targets {
            self.assign_target(target, value.clone(), out);
        }
    }

    /// Makes a value cheap to use several times.
    pub(super) fn keep(&mut self, value: Expr, out: &mut Block) -> Expr {
        if matches!(
            value.kind,
            ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Bool(_)
                | ExprKind::None
                | ExprKind::Str(_)
                | ExprKind::Bad
        ) || !value.ty.is_storable()
        {
            return value;
        }
        let (ty, span) = (value.ty.clone(), value.span);
        let local = self.temp("t", ty.clone());
        out.push(Stmt { kind: StmtKind::Assign(Place::Local(local), value), span });
        Expr::new(ExprKind::Local(local, false), ty, span)
    }

    /// Binds a value to a target of any shape.
    pub(super) fn assign_target(&mut self, target: &'a ast::Expr, value: Expr, out: &mut Block) {
        let span = self.span(target);
        match target {
            ast::Expr::Name(name) => self.assign_name(name.id.as_str(), span, value, out),
            ast::Expr::Tuple(tuple) => self.unpack(&tuple.elts, span, value, out),
            ast::Expr::List(list) => self.unpack(&list.elts, span, value, out),
            ast::Expr::Starred(_) => {
                self.unsupported("U0303", span, "starred targets are not compiled", "name every item");
            }
            ast::Expr::Attribute(_) => {
                self.unsupported("U0304", span, "assigning to attributes is not compiled", "")
            }
            ast::Expr::Subscript(node) => self.assign_item(node, span, value, out),
            _ => self.error("E0106", span, "this cannot be assigned to"),
        }
    }

    /// `container[index] = value`.
    fn assign_item(&mut self, node: &'a ast::ExprSubscript, span: Span, value: Expr, out: &mut Block) {
        let value = self.keep(value, out);
        let container = self.expr(&node.value);
        match container.ty {
            Type::Buffer(buffer) => self.store_item(buffer, container, &node.slice, value, span, out),
            Type::Unknown => {}
            _ => {
                let help = "tuples cannot be changed, and lists and dicts are not compiled yet";
                let message = format!("assigning to items of {} is not compiled", container.ty);
                self.unsupported("U0305", span, message, help);
            }
        }
    }

    fn unpack(&mut self, targets: &'a [ast::Expr], span: Span, value: Expr, out: &mut Block) {
        if let Some(starred) = targets.iter().find(|t| t.is_starred_expr()) {
            let at = self.span(starred);
            return self.unsupported("U0303", at, "starred targets are not compiled", "name every item");
        }
        let Type::Tuple(types) = value.ty.clone() else {
            if value.ty != Type::Unknown {
                let message = format!("a value of type {} cannot be unpacked", value.ty);
                self.unsupported("U0306", span, message, "only tuples can be unpacked");
            }
            // Cascades are worse than silence: the names count as bound.
            for target in targets {
                let bad = self.bad(span);
                self.assign_target(target, bad, out);
            }
            return;
        };
        if types.len() != targets.len() {
            let message = format!("{} values are unpacked into {} targets", types.len(), targets.len());
            return self.error("E0203", span, message);
        }
        let items: Vec<Expr> = match value.kind {
            ExprKind::Tuple(items) => items.into_iter().map(|item| self.keep(item, out)).collect(),
            _ => {
                let whole = self.keep(value, out);
                let item = |(i, ty): (usize, &Type)| {
                    Expr::new(ExprKind::Item(Box::new(whole.clone()), i), ty.clone(), whole.span)
                };
                types.iter().enumerate().map(item).collect()
            }
        };
        for (target, item) in targets.iter().zip(items) {
            self.assign_target(target, item, out);
        }
    }

    /// Binds a value to a name.
    pub(super) fn assign_name(&mut self, name: &'a str, span: Span, value: Expr, out: &mut Block) {
        let at = value.span;
        if let Some((place, value)) = self.bind_name(name, span, value) {
            let span = Span::new(span.lo, at.hi.max(span.hi));
            out.push(Stmt { kind: StmtKind::Assign(place, value), span });
        }
    }

    /// Notes that a name is bound; the place, and the value as the place takes it.
    pub(super) fn bind_name(&mut self, name: &'a str, span: Span, value: Expr) -> Option<(Place, Expr)> {
        if !value.ty.is_storable() {
            let help = "hand it to print or raise directly; strings made at run time are not compiled yet";
            self.unsupported("U0307", value.span, "text made at run time cannot be kept in a variable", help);
            let bad = self.bad(value.span);
            return self.bind_name(name, span, bad);
        }
        if !self.is_local(name) || (self.fx.def.is_none() && self.scope.shared.contains(name)) {
            return self.bind_cell(name, span, value);
        }
        let id = self.name_id(name);
        let value = match self.fx.declared.get(&id).cloned() {
            Some((declared, at)) => self.check_declared(name, value, &declared, at),
            None => value,
        };
        let local = self.local_for(id, name, &value.ty);
        let place = Place::Local(local);
        self.fx.flow.set(id, VarState::Bound { place, ty: value.ty.clone(), maybe: false, def: span });
        Some((place, value))
    }

    fn bind_cell(&mut self, name: &'a str, span: Span, value: Expr) -> Option<(Place, Expr)> {
        if self.fx.def.is_some() && value.ty.has_buffer() {
            let help = "bind it at the top level of the module, or return it: buffers made in a function end with it";
            self.unsupported("U0320", span, "a function cannot keep a buffer in a module variable", help);
            return None;
        }
        let cell = self.cell(name);
        let known = self.globals[cell].ty.clone();
        if known.is_unknown() {
            self.globals[cell].ty = value.ty.clone();
        } else if known != value.ty && !value.ty.is_unknown() {
            self.cell_conflict(name, &known, &value.ty, span);
        }
        if !value.ty.is_unknown() {
            let first = (value.ty.clone(), span);
            self.learned.globals.entry(name.to_owned()).or_insert(first);
        }
        if self.fx.def.is_none() {
            let id = self.name_id(name);
            let ty = self.globals[cell].ty.clone();
            let state = VarState::Bound { place: Place::Global(cell), ty, maybe: false, def: span };
            self.fx.flow.set(id, state);
        }
        Some((Place::Global(cell), value))
    }

    fn cell_conflict(&mut self, name: &str, known: &Type, new: &Type, span: Span) {
        let first = self.learned.globals.get(name).or(self.assumed.globals.get(name)).map(|(_, s)| *s);
        let message = format!("module variable `{name}` holds {known}, but is given {new} here");
        let diagnostic = Diagnostic::unsupported("U0308", span, message)
            .help("functions use this variable, so it can have only one type");
        self.diagnostics.push(match first {
            Some(first) => diagnostic.label(first, format!("{known} from here")),
            None => diagnostic,
        });
    }

    /// A value for a variable whose type was declared.
    fn check_declared(&mut self, name: &str, value: Expr, declared: &Type, at: Span) -> Expr {
        if value.ty == *declared || value.ty.is_unknown() {
            return value;
        }
        if matches!(declared, Type::Sized(_)) && (value.ty.is_number() || matches!(value.ty, Type::Sized(_)))
        {
            return self.adapt_to(value, declared);
        }
        let is_view = value.ty.is_accepted_as(declared) && matches!(declared, Type::Buffer(_));
        if is_view || self.fx.def.is_some() && value.ty.is_accepted_as(declared) && self.is_parameter(name) {
            // A parameter may have got an int for its float; it goes on as what it is.
            return value;
        }
        let message = format!("`{name}` is declared {declared}, but is given {}", value.ty);
        let diagnostic = if value.ty.is_accepted_as(declared) {
            let help = format!("make it a {declared}: {}", conversion_hint(declared));
            Diagnostic::unsupported("U0309", value.span, message).help(help)
        } else {
            Diagnostic::error("E0204", value.span, message)
        };
        self.diagnostics.push(diagnostic.label(at, "declared here"));
        self.bad(value.span)
    }

    fn is_parameter(&self, name: &str) -> bool {
        self.fx.def.is_some_and(|def| self.scope.defs[def].names.parameters.contains(&name))
    }

    /// `name: annotation = value`.
    pub(super) fn annotated(&mut self, node: &'a ast::StmtAnnAssign, out: &mut Block) {
        let declared = if is_bare_final(&node.annotation) { None } else { self.annotation(&node.annotation) };
        let at = self.span(&*node.annotation);
        if let (ast::Expr::Name(name), Some(declared)) = (&*node.target, declared) {
            let name = name.id.as_str();
            if self.is_local(name) {
                let id = self.name_id(name);
                match self.fx.declared.get(&id) {
                    Some((old, first)) if *old != declared => {
                        let first = *first;
                        let message = format!("`{name}` is declared with two types");
                        self.diagnostics.push(
                            Diagnostic::unsupported("U0310", at, message).label(first, "first declared here"),
                        );
                    }
                    _ => _ = self.fx.declared.insert(id, (declared, at)),
                }
            }
        }
        let Some(value) = &node.value else { return };
        let value = self.expr(value);
        let value = self.check_annotated_cell(node, value, at);
        self.assign_target(&node.target, value, out);
    }

    /// The declared type of a cell is checked here, because cells skip the check of locals.
    fn check_annotated_cell(&mut self, node: &'a ast::StmtAnnAssign, value: Expr, at: Span) -> Expr {
        let ast::Expr::Name(name) = &*node.target else { return value };
        let name = name.id.as_str();
        if self.fx.def.is_some() || !self.scope.shared.contains(name) {
            return value;
        }
        let id = self.name_id(name);
        match self.fx.declared.get(&id).cloned() {
            Some((declared, _)) => self.check_declared(name, value, &declared, at),
            None => value,
        }
    }
}

fn is_bare_final(annotation: &ast::Expr) -> bool {
    matches!(annotation, ast::Expr::Name(name) if name.id.as_str() == "Final")
}
