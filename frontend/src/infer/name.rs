//! Reading names.

use super::flow::VarState;
use super::{Infer, NameId};
use crate::hir::{Expr, ExprKind, Global, GlobalId, Place};
use crate::known::Known;
use crate::resolve::Binding;
use crate::types::Type;
use pyexec_base::{Diagnostic, Span};

impl<'a> Infer<'a> {
    /// The value of a name.
    pub(super) fn read_name(&mut self, name: &'a str, span: Span) -> Expr {
        if let Some((_, local)) = self.fx.hidden.iter().rev().find(|(hidden, _)| *hidden == name) {
            let ty = self.fx.locals[*local].ty.clone();
            return Expr::new(ExprKind::Local(*local, false), ty, span);
        }
        if self.is_local(name) {
            return self.read_variable(name, span);
        }
        match self.meaning(name) {
            Some(Binding::Variable) => self.read_cell(name, span),
            Some(Binding::Known(known)) => self.read_known(known, name, span),
            Some(Binding::Def(_)) => {
                let message = format!("the function `{name}` is used as a value");
                self.unsupported("U0201", span, message, "functions can only be called by name");
                self.bad(span)
            }
            Some(Binding::Class(_)) => {
                let message = format!("the class `{name}` is used as a value");
                self.unsupported("U0201", span, message, "call it directly");
                self.bad(span)
            }
            Some(Binding::Module(_)) => {
                self.unsupported("U0202", span, format!("the module `{name}` is used as a value"), "");
                self.bad(span)
            }
            None if name == "__name__" => self.text_literal("__main__", span),
            None => self.undefined(name, span),
        }
    }

    fn undefined(&mut self, name: &str, span: Span) -> Expr {
        let near = self.similar_name(name);
        let diagnostic = Diagnostic::error("E0101", span, format!("name `{name}` is not defined"));
        self.diagnostics.push(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic,
        });
        self.bad(span)
    }

    fn similar_name(&self, name: &str) -> Option<&'a str> {
        let locals = self.fx.names.keys().copied();
        let globals = self.scope.bindings.keys().copied();
        locals.chain(globals).find(|candidate| *candidate != name && is_near(name, candidate))
    }

    fn read_known(&mut self, known: Known, name: &str, span: Span) -> Expr {
        match known {
            Known::FloatConst(value) => Expr::new(ExprKind::Float(value), Type::Float, span),
            Known::IntConst(value) => Expr::new(ExprKind::Int(value), Type::Int, span),
            Known::Argv => {
                let help = "use len(sys.argv), sys.argv[i], or `\"x\" in sys.argv` written as a loop";
                self.unsupported("U0203", span, "sys.argv as a whole list is not compiled", help);
                self.bad(span)
            }
            _ => {
                self.unsupported("U0201", span, format!("`{name}` is used as a value"), "call it directly");
                self.bad(span)
            }
        }
    }

    /// A variable of the function being inferred (or of the module, in the module's code).
    fn read_variable(&mut self, name: &'a str, span: Span) -> Expr {
        if self.finding_constants
            && let Some(constant) = self.constants.get(name)
        {
            return Expr { span, ..constant.clone() };
        }
        let id = self.name_id(name);
        match self.fx.flow.get(id).clone() {
            VarState::Bound { ty, place: _, maybe, .. } if self.constants.contains_key(name) && !maybe => {
                let mut constant = self.constants[name].clone();
                constant.span = span;
                debug_assert_eq!(constant.ty, ty);
                constant
            }
            // Bound by nothing but itself, around a loop: `while w > 0: w -= 1`.
            VarState::Bound { ty, .. }
                if ty.is_unknown() && !self.unsettled && self.diagnostics.is_empty() =>
            {
                self.never_bound(name, span)
            }
            VarState::Bound { place, ty, maybe, .. } => self.read_place(place, ty, maybe, span),
            VarState::Conflict(both) => self.conflict(name, &both, span),
            VarState::Unbound => self.read_unbound(name, id, span),
        }
    }

    fn read_place(&mut self, place: Place, ty: Type, maybe: bool, span: Span) -> Expr {
        let kind = match place {
            Place::Local(local) => {
                self.fx.locals[local].flagged |= maybe;
                ExprKind::Local(local, maybe)
            }
            Place::Global(global) => {
                self.globals[global].flagged |= maybe;
                ExprKind::Global(global, maybe)
            }
        };
        Expr::new(kind, ty, span)
    }

    fn read_unbound(&mut self, name: &'a str, id: NameId, span: Span) -> Expr {
        self.fx.unbound_reads.push(id);
        if self.fx.def.is_none() && self.scope.written.contains(name) {
            // Some function may have bound it.
            return self.read_cell(name, span);
        }
        self.never_bound(name, span)
    }

    fn never_bound(&mut self, name: &str, span: Span) -> Expr {
        self.error("E0102", span, format!("variable `{name}` is read before anything is bound to it"));
        self.bad(span)
    }

    fn conflict(&mut self, name: &str, both: &[(Type, Span); 2], span: Span) -> Expr {
        let [(a, at_a), (b, at_b)] = both;
        let message = format!("variable `{name}` may be {a} or {b} here");
        self.diagnostics.push(
            Diagnostic::unsupported("U0302", span, message)
                .label(*at_a, format!("{a} from here"))
                .label(*at_b, format!("{b} from here"))
                .help(match_help(a, b)),
        );
        self.bad(span)
    }

    /// A module variable that lives in a cell.
    pub(super) fn read_cell(&mut self, name: &'a str, span: Span) -> Expr {
        if let Some(constant) = self.constants.get(name) {
            return Expr { span, ..constant.clone() };
        }
        let cell = self.cell(name);
        let ty = self.globals[cell].ty.clone();
        self.unsettled |= ty.is_unknown();
        let checked = !self.always_bound.contains_key(name);
        self.read_place(Place::Global(cell), ty, checked, span)
    }

    /// The cell of a module variable.
    pub(super) fn cell(&mut self, name: &'a str) -> GlobalId {
        if let Some(cell) = self.cells.get(name) {
            return *cell;
        }
        let ty = self.assumed.globals.get(name).map_or(Type::Unknown, |(ty, _)| ty.clone());
        let init = self.always_bound.get(name).cloned().flatten();
        let span = self.scope.bindings.get(name).map_or(Span::default(), |(_, span)| *span);
        let cell = self.globals.push(Global { name: name.to_owned(), ty, flagged: false, init, span });
        self.cells.insert(name, cell);
        cell
    }

    /// A text literal.
    pub(super) fn text_literal(&self, text: &str, span: Span) -> Expr {
        Expr::new(ExprKind::Str(text.into()), Type::Str, span)
    }
}

/// What to do about two types for one variable.
pub(super) fn match_help(a: &Type, b: &Type) -> &'static str {
    match (a, b) {
        (Type::Int, Type::Float) | (Type::Float, Type::Int) => {
            "use one type throughout: write 0.0 for 0, 1.0 for 1"
        }
        (Type::Int, Type::Bool) | (Type::Bool, Type::Int) => {
            "use one type throughout: True and False, or 1 and 0"
        }
        (Type::Buffer(a), Type::Buffer(b)) if a.item == b.item && a.rank == b.rank => {
            "a slice with a step is of a type of its own: use another variable for it"
        }
        (Type::None, _) | (_, Type::None) => "begin with a value of the later type instead of None",
        _ => "use one type throughout, or two variables",
    }
}

/// Whether two names differ by one letter more, less, other, or two swapped.
fn is_near(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < 3 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[front..a.len() - back], &b[front..b.len() - back]);
    rest_a.len().max(rest_b.len()) <= 1 || matches!((rest_a, rest_b), ([p, q], [r, s]) if p == s && q == r)
}
