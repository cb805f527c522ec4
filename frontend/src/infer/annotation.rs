//! Annotations: from expression to type.

use super::Infer;
use crate::known::Known;
use crate::resolve::Binding;
use crate::types::{Buffer, Item, Type};
use ruff_python_ast::{Expr, ExprSubscript};

/// How long an annotation in quotes may be, in bytes.
const MAX_QUOTED: usize = 200;

impl<'a> Infer<'a> {
    /// The type an annotation names; what it cannot name is reported.
    pub(super) fn annotation(&mut self, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::NoneLiteral(_) => Some(Type::None),
            Expr::Name(name) => self.annotation_name(name.id.as_str(), expr),
            Expr::StringLiteral(text) => self.annotation_in_quotes(text.value.to_str(), expr),
            Expr::Attribute(attribute) => self.annotation_attribute(attribute),
            Expr::Subscript(subscript) => self.annotation_subscript(subscript),
            Expr::BinOp(_) => self.bad_annotation(expr, "union types are not compiled"),
            _ => self.bad_annotation(expr, "this annotation names no type that is compiled"),
        }
    }

    /// A short text is parsed; places within it are not known, so what is wrong is reported of the whole.
    fn annotation_in_quotes(&mut self, text: &str, expr: &Expr) -> Option<Type> {
        let name = text.trim();
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return self.annotation_name(name, expr);
        }
        let parsed = match text.len() <= MAX_QUOTED {
            true => ruff_python_parser::parse_expression(name).ok(),
            false => None,
        };
        let before = self.diagnostics.len();
        let ty = parsed.and_then(|parsed| self.annotation(&parsed.into_syntax().body));
        if ty.is_none() {
            self.diagnostics.truncate(before);
            return self.bad_annotation(expr, "this annotation in quotes names no type that is compiled");
        }
        ty
    }

    pub(super) fn bad_annotation(&mut self, expr: &Expr, message: &str) -> Option<Type> {
        let help = "int, float, bool, complex, str, None, tuple[...] of these, the sized types of pyexec, and \
                    buffers of them: float64[:], int32[:, :]";
        let span = self.span(expr);
        self.unsupported("U0301", span, message, help);
        None
    }

    fn annotation_attribute(&mut self, attribute: &ruff_python_ast::ExprAttribute) -> Option<Type> {
        let whole = Expr::Attribute(attribute.clone());
        if let Expr::Name(name) = &*attribute.value
            && let Some(Binding::Module(module)) = self.scope.lookup(name.id.as_str())
            && let Some(known) = module.member(attribute.attr.as_str())
        {
            return self.annotation_known(known, attribute.attr.as_str(), &whole);
        }
        self.bad_annotation(&whole, "this annotation names no type that is compiled")
    }

    fn annotation_name(&mut self, name: &str, expr: &Expr) -> Option<Type> {
        match self.scope.lookup(name) {
            Some(Binding::Known(known)) => self.annotation_known(known, name, expr),
            None if name == "None" => Some(Type::None),
            None => {
                let span = self.span(expr);
                self.error("E0101", span, format!("name `{name}` is not defined"));
                None
            }
            Some(Binding::Class(class)) => self.annotation_class(class, expr),
            Some(_) => self.bad_annotation(expr, &format!("`{name}` is not a type")),
        }
    }

    fn annotation_known(&mut self, known: Known, name: &str, expr: &Expr) -> Option<Type> {
        match known {
            Known::Int => Some(Type::Int),
            Known::Float => Some(Type::Float),
            Known::Bool => Some(Type::Bool),
            Known::Complex => Some(Type::Complex),
            Known::Str => Some(Type::Str),
            Known::Sized(sized) => Some(Type::Sized(sized)),
            _ => self.bad_annotation(expr, &format!("the type `{name}` is not compiled")),
        }
    }

    fn annotation_subscript(&mut self, subscript: &ExprSubscript) -> Option<Type> {
        let whole = Expr::Subscript(subscript.clone());
        if let Some(rank) = dimensions(&subscript.slice) {
            return self.annotation_buffer(subscript, rank, &whole);
        }
        let name = match &*subscript.value {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        match name {
            "tuple" | "Tuple" => {}
            "Final" | "Annotated" => {
                let first = match &*subscript.slice {
                    Expr::Tuple(tuple) => tuple.elts.first().cloned(),
                    other => Some(other.clone()),
                };
                return first.and_then(|e| self.annotation(&e));
            }
            _ => return self.bad_annotation(&whole, &format!("the type `{name}[...]` is not compiled")),
        }
        let items = match &*subscript.slice {
            Expr::Tuple(tuple) => tuple.elts.as_slice(),
            other => std::slice::from_ref(other),
        };
        if let [_, Expr::EllipsisLiteral(_)] = items {
            return self.bad_annotation(&whole, "tuples of any length are not compiled");
        }
        let types: Option<Vec<Type>> = items.iter().map(|item| self.annotation(item)).collect();
        types.map(Type::tuple)
    }

    /// `float64[:]` and the like.
    fn annotation_buffer(&mut self, subscript: &ExprSubscript, rank: usize, whole: &Expr) -> Option<Type> {
        let item = match &*subscript.value {
            Expr::Name(name) => match self.scope.lookup(name.id.as_str()) {
                Some(Binding::Known(known)) => buffer_item(known, name.id.as_str()),
                _ => None,
            },
            Expr::Attribute(attribute) => match self.annotation_attribute(attribute)? {
                Type::Sized(sized) => buffer_item(Known::Sized(sized), ""),
                Type::Float => Some(Item::Float64),
                Type::Bool => Some(Item::Bool),
                _ => None,
            },
            _ => None,
        };
        match (item, u8::try_from(rank)) {
            (Some(item), Ok(rank @ 1..=2)) => Some(Type::Buffer(Buffer { item, rank, strided: false })),
            (Some(_), _) => {
                self.bad_annotation(whole, "buffers of more than two dimensions are not compiled")
            }
            (None, _) => {
                self.bad_annotation(whole, "buffers hold the sized types of pyexec: float64[:], uint8[:]")
            }
        }
    }
}

/// How many dimensions `[:]` or `[:, :]` has, if it is one of these.
fn dimensions(slice: &Expr) -> Option<usize> {
    let whole =
        |e: &Expr| matches!(e, Expr::Slice(s) if s.lower.is_none() && s.upper.is_none() && s.step.is_none());
    match slice {
        Expr::Tuple(tuple) if !tuple.elts.is_empty() && tuple.elts.iter().all(whole) => {
            Some(tuple.elts.len())
        }
        other if whole(other) => Some(1),
        _ => None,
    }
}

/// What a buffer of these holds. `float[:]` is no Python: only the sized types can be subscripted.
pub(super) fn buffer_item(known: Known, name: &str) -> Option<Item> {
    match known {
        Known::Sized(crate::types::Sized::Complex64) => None,
        Known::Sized(sized) => Some(Item::Sized(sized)),
        Known::Float if name != "float" => Some(Item::Float64),
        Known::Bool if name != "bool" => Some(Item::Bool),
        _ => None,
    }
}
