//! Classes of the file that compiled code knows: namedtuples and exceptions.
//!
//! ```text
//! Point = namedtuple("Point", "x y")          class TooLarge(ValueError):
//! class Point(NamedTuple):                        pass
//!     x: int
//!     y: int = 0
//! ```
//!
//! Other classes get no binding; they are refused where they are met.

use super::{Binding, Resolver};
use crate::known::Known;
use pyexec_base::Span;
use pyexec_ir::rt::Exc;
use ruff_python_ast::{Arguments, Expr, Stmt, StmtClassDef};

/// A class of the file.
#[derive(Debug)]
pub struct Class<'a> {
    /// The name.
    pub name: &'a str,
    /// The place of the name.
    pub span: Span,
    /// What it is.
    pub kind: ClassKind<'a>,
}

/// What a class is.
#[derive(Debug)]
pub enum ClassKind<'a> {
    /// A namedtuple.
    Named(Vec<Field<'a>>),
    /// An exception: its number among those of the file, and the numbers of all its bases, itself first.
    Exception(Vec<i32>),
}

/// A field of a namedtuple.
#[derive(Debug)]
pub struct Field<'a> {
    /// The name.
    pub name: &'a str,
    /// The declared type.
    pub annotation: Option<&'a Expr>,
    /// The default value.
    pub default: Option<&'a Expr>,
}

/// Number of the first exception class of a file. Those of Python are below.
pub const FIRST_EXCEPTION: i32 = 1000;

impl<'a> Resolver<'a, '_> {
    /// Binds the name of a class that is known.
    pub(super) fn class(&mut self, stmt: &'a Stmt) {
        let (name, span, kind) = match stmt {
            Stmt::ClassDef(node) => (node.name.as_str(), self.ast.span(&node.name), self.class_kind(node)),
            Stmt::Assign(node) => {
                let ([Expr::Name(name)], Expr::Call(call)) = (&node.targets[..], &*node.value) else {
                    return;
                };
                if self.known(&call.func) != Some(Known::Namedtuple) {
                    return;
                }
                let span = self.ast.span(name);
                (name.id.as_str(), span, fields_of_call(&call.arguments).map(ClassKind::Named))
            }
            _ => return,
        };
        let Some(kind) = kind else { return };
        self.scope.module_names.assigned.remove(name);
        let id = self.scope.classes.push(Class { name, span, kind });
        self.bind(name, Binding::Class(id), span);
    }

    fn known(&self, expr: &Expr) -> Option<Known> {
        match expr {
            Expr::Name(name) => match self.scope.lookup(name.id.as_str())? {
                Binding::Known(known) => Some(known),
                _ => None,
            },
            Expr::Attribute(attribute) => {
                let Expr::Name(module) = &*attribute.value else { return None };
                match self.scope.lookup(module.id.as_str())? {
                    Binding::Module(module) => module.member(attribute.attr.as_str()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn class_kind(&mut self, node: &'a StmtClassDef) -> Option<ClassKind<'a>> {
        let arguments: &Arguments = node.arguments.as_deref()?;
        let plain =
            arguments.keywords.is_empty() && node.decorator_list.is_empty() && node.type_params.is_none();
        let ([base], true) = (&*arguments.args, plain) else { return None };
        match self.known(base) {
            Some(Known::NamedTuple) => fields_of_body(&node.body).map(ClassKind::Named),
            Some(Known::Exc(exc)) if is_empty(&node.body) => self.exception(bases(exc)),
            None if is_empty(&node.body) => {
                let Expr::Name(name) = base else { return None };
                let Some(Binding::Class(id)) = self.scope.lookup(name.id.as_str()) else { return None };
                match &self.scope.classes[id].kind {
                    ClassKind::Exception(bases) => {
                        let bases = bases.clone();
                        self.exception(bases)
                    }
                    ClassKind::Named(_) => None,
                }
            }
            _ => None,
        }
    }

    fn exception(&self, mut bases: Vec<i32>) -> Option<ClassKind<'a>> {
        let count = self.scope.classes.values().filter(|c| matches!(c.kind, ClassKind::Exception(_))).count();
        bases.insert(0, FIRST_EXCEPTION + i32::try_from(count).ok()?);
        Some(ClassKind::Exception(bases))
    }
}

/// Numbers of a built-in exception and all its bases.
fn bases(exc: Exc) -> Vec<i32> {
    let mut bases = vec![exc as i32];
    let mut now = exc;
    while now.parent() != now {
        now = now.parent();
        bases.push(now as i32);
    }
    bases
}

/// `namedtuple("Point", "x y")`, `namedtuple("Point", ["x", "y"], defaults=(0,))`.
fn fields_of_call(arguments: &Arguments) -> Option<Vec<Field<'_>>> {
    let [Expr::StringLiteral(_), fields] = &*arguments.args else { return None };
    let names: Vec<&str> = match fields {
        Expr::StringLiteral(text) => {
            text.value.to_str().split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty()).collect()
        }
        Expr::List(list) => strings(&list.elts)?,
        Expr::Tuple(tuple) => strings(&tuple.elts)?,
        _ => return None,
    };
    let defaults: &[Expr] = match &*arguments.keywords {
        [] => &[],
        [keyword] if keyword.arg.as_deref() == Some("defaults") => match &keyword.value {
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            _ => return None,
        },
        _ => return None,
    };
    let without = names.len().checked_sub(defaults.len())?;
    let default = |i: usize| i.checked_sub(without).and_then(|i| defaults.get(i));
    let fields =
        names.iter().enumerate().map(|(i, name)| Field { name, annotation: None, default: default(i) });
    let fields: Vec<Field<'_>> = fields.collect();
    are_fields(&fields).then_some(fields)
}

fn strings(items: &[Expr]) -> Option<Vec<&str>> {
    items.iter().map(|e| e.as_string_literal_expr().map(|text| text.value.to_str())).collect()
}

/// The annotated names of a class of `NamedTuple`; nothing else may be in it but a docstring.
fn fields_of_body(body: &[Stmt]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    for stmt in body {
        match stmt {
            Stmt::AnnAssign(node) => {
                let Expr::Name(name) = &*node.target else { return None };
                let (annotation, default) = (Some(&*node.annotation), node.value.as_deref());
                fields.push(Field { name: name.id.as_str(), annotation, default });
            }
            other if is_empty(std::slice::from_ref(other)) => {}
            _ => return None,
        }
    }
    are_fields(&fields).then_some(fields)
}

/// Names that can be fields, each once; those with defaults last.
fn are_fields(fields: &[Field<'_>]) -> bool {
    let good = |name: &str| {
        let mut chars = name.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let first_default = fields.iter().position(|f| f.default.is_some()).unwrap_or(fields.len());
    fields.iter().enumerate().all(|(i, f)| {
        good(f.name)
            && fields[..i].iter().all(|g| g.name != f.name)
            && f.default.is_some() == (i >= first_default)
    })
}

/// Whether a body does nothing: `pass`, `...`, a docstring.
fn is_empty(body: &[Stmt]) -> bool {
    body.iter().all(|stmt| match stmt {
        Stmt::Pass(_) => true,
        Stmt::Expr(node) => matches!(&*node.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)),
        _ => false,
    })
}
