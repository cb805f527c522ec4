//! Annotations: from expression to type.

use super::Infer;
use crate::known::Known;
use crate::resolve::Binding;
use crate::types::Type;
use ruff_python_ast::{Expr, ExprSubscript};

impl<'a> Infer<'a> {
    /// The type an annotation names; what it cannot name is reported.
    pub(super) fn annotation(&mut self, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::NoneLiteral(_) => Some(Type::None),
            Expr::Name(name) => self.annotation_name(name.id.as_str(), expr),
            Expr::StringLiteral(text) => self.annotation_name(text.value.to_str().trim(), expr),
            Expr::Attribute(attribute) => self.annotation_attribute(attribute),
            Expr::Subscript(subscript) => self.annotation_subscript(subscript),
            Expr::BinOp(_) => self.bad_annotation(expr, "union types are not compiled"),
            _ => self.bad_annotation(expr, "this annotation names no type that is compiled"),
        }
    }

    fn bad_annotation(&mut self, expr: &Expr, message: &str) -> Option<Type> {
        let help = "int, float, bool, complex, str, None, tuple[...] of these, and the sized types of pyexec";
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
            None if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                self.bad_annotation(expr, "an annotation in quotes can only be a name here")
            }
            None => {
                let span = self.span(expr);
                self.error("E0101", span, format!("name `{name}` is not defined"));
                None
            }
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
}
