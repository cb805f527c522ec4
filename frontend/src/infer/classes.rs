//! Namedtuples: tuples whose items have names.
//!
//! ```text
//! Point(1, y=2.5)      =>   (1, 2.5) of type Point[int, float]
//! p.y                  =>   p[1]
//! p._replace(x=0)      =>   (0, p[1])
//! ```
//!
//! A namedtuple has the types of the values it was made of, whatever was declared, as in Python; the declared types
//! are those of parameters and results that name the class.

use super::Infer;
use super::call::is_literal;
use crate::hir::{Block, Expr, ExprKind};
use crate::known::Known;
use crate::resolve::{Binding, ClassId, ClassKind};
use crate::types::{Named, Type};
use pyexec_base::{Diagnostic, Span};
use ruff_python_ast as ast;
use std::sync::Arc;

impl<'a> Infer<'a> {
    /// Whether an assignment makes a class that is known.
    pub(super) fn is_class(&self, node: &ast::StmtAssign) -> bool {
        let [ast::Expr::Name(name)] = &node.targets[..] else { return false };
        self.fx.def.is_none() && matches!(self.scope.lookup(name.id.as_str()), Some(Binding::Class(_)))
    }

    /// Whether a class statement makes a class that is known.
    pub(super) fn is_known_class(&self, node: &ast::StmtClassDef) -> bool {
        self.fx.def.is_none() && matches!(self.scope.lookup(node.name.as_str()), Some(Binding::Class(_)))
    }

    /// The type that a class stands for in an annotation.
    pub(super) fn annotation_class(&mut self, class: ClassId, expr: &ast::Expr) -> Option<Type> {
        let ClassKind::Named(fields) = &self.scope.classes[class].kind else {
            return self.bad_annotation(expr, "an exception class names no type of values");
        };
        if fields.iter().any(|f| f.annotation.is_none()) {
            return self.bad_annotation(
                expr,
                "the types of the fields are not known: use a class of typing.NamedTuple",
            );
        }
        let types: Option<Vec<Type>> =
            fields.iter().filter_map(|f| f.annotation).map(|a| self.annotation(a)).collect();
        let named = self.named(class);
        types.map(|types| Type::named(named, types))
    }

    fn named(&self, class: ClassId) -> Arc<Named> {
        let class = &self.scope.classes[class];
        let fields = match &class.kind {
            ClassKind::Named(fields) => fields.iter().map(|f| f.name.to_owned()).collect(),
            ClassKind::Exception(_) => Vec::new(),
        };
        Arc::new(Named { name: class.name.to_owned(), fields })
    }

    /// `Point(1, y=2)`.
    pub(super) fn call_class(&mut self, class: ClassId, node: &'a ast::ExprCall, span: Span) -> Expr {
        let scope = self.scope;
        let ClassKind::Named(fields) = &scope.classes[class].kind else {
            let message = format!("`{}(...)` is only compiled after `raise`", scope.classes[class].name);
            self.unsupported("U0223", span, message, "");
            return self.bad(span);
        };
        let names: Vec<&str> = fields.iter().map(|f| f.name).collect();
        let mut block = Block::new();
        let Some(mut values) = self.field_values(class, &names, node, span, &mut block) else {
            return self.bad(span);
        };
        for (value, field) in values.iter_mut().zip(fields) {
            if value.is_none() {
                let Some(default) = field.default else {
                    let message = format!(
                        "{}() missing required argument: '{}'",
                        scope.classes[class].name, field.name
                    );
                    self.class_error(class, span, message);
                    return self.bad(span);
                };
                let constant = self.expr(default);
                if !is_literal(&constant) {
                    self.unsupported(
                        "U0237",
                        constant.span,
                        "the default of a field has to be a literal",
                        "",
                    );
                    return self.bad(span);
                }
                *value = Some(Expr { span, ..constant });
            }
        }
        let named = self.named(class);
        self.made(block, named, values.into_iter().flatten().collect(), span)
    }

    /// A namedtuple of these values.
    fn made(&mut self, block: Block, named: Arc<Named>, values: Vec<Expr>, span: Span) -> Expr {
        let plain = self.tuple_checked(values, span);
        let Type::Tuple(types) = &plain.ty else { return plain };
        let ty = Type::named(named, types.iter().cloned());
        let tuple = Expr { ty: ty.clone(), ..plain };
        if block.is_empty() { tuple } else { Expr::new(ExprKind::Seq(block, Box::new(tuple)), ty, span) }
    }

    /// Arguments by field, in order of evaluation kept in `block` if that is not the order of the fields.
    fn field_values(
        &mut self,
        class: ClassId,
        names: &[&str],
        node: &'a ast::ExprCall,
        span: Span,
        block: &mut Block,
    ) -> Option<Vec<Option<Expr>>> {
        let name = self.scope.classes[class].name;
        let mut values: Vec<Option<Expr>> = vec![None; names.len()];
        if node.arguments.args.len() > names.len() {
            let given = node.arguments.args.len();
            let message =
                format!("{name}() takes {} positional arguments but {given} were given", names.len());
            self.class_error(class, span, message);
            return None;
        }
        for (index, arg) in node.arguments.args.iter().enumerate() {
            if arg.is_starred_expr() {
                let help = "pass every argument by itself";
                self.unsupported("U0219", span, "`*` and `**` arguments are not compiled", help);
                return None;
            }
            values[index] = Some(self.expr(arg));
        }
        self.keyword_values(name, names, node, &mut values, block)?;
        Some(values)
    }

    fn keyword_values(
        &mut self,
        name: &str,
        names: &[&str],
        node: &'a ast::ExprCall,
        values: &mut [Option<Expr>],
        block: &mut Block,
    ) -> Option<()> {
        if !node.arguments.keywords.is_empty() {
            for value in values.iter_mut().flatten() {
                *value = self.keep(value.clone(), block);
            }
        }
        for keyword in &node.arguments.keywords {
            let at = self.span(keyword);
            let Some(field) = keyword.arg.as_deref() else {
                self.unsupported(
                    "U0219",
                    at,
                    "`*` and `**` arguments are not compiled",
                    "pass every argument by itself",
                );
                return None;
            };
            let Some(index) = names.iter().position(|n| *n == field) else {
                self.error("E0304", at, format!("{name}() got an unexpected keyword argument '{field}'"));
                return None;
            };
            if values[index].is_some() {
                self.error("E0304", at, format!("{name}() got multiple values for argument '{field}'"));
                return None;
            }
            let value = self.expr(&keyword.value);
            values[index] = Some(self.keep(value, block));
        }
        Some(())
    }

    fn class_error(&mut self, class: ClassId, at: Span, message: String) {
        let label = self.scope.classes[class].span;
        self.diagnostics.push(Diagnostic::error("E0304", at, message).label(label, "defined here"));
    }

    /// `p.x`.
    pub(super) fn field(&mut self, value: &Expr, name: &str, span: Span) -> Option<Expr> {
        let Type::Tuple(types) = &value.ty else { return None };
        let named = types.named.as_ref()?;
        if name == "_fields" {
            let text = |field: &String| self.text_literal(field, span);
            let names: Vec<Expr> = named.fields.iter().map(text).collect();
            let names = self.tuple_of(names, span);
            return Some(self.after(value.clone(), names));
        }
        match named.fields.iter().position(|field| field == name) {
            Some(index) => {
                let ty = types[index].clone();
                Some(Expr::new(ExprKind::Item(Box::new(value.clone()), index), ty, span))
            }
            None => {
                let message = format!("`{}` has no field `{name}`", named.name);
                self.error("E0213", span, message);
                Some(self.bad(span))
            }
        }
    }

    /// `p._replace(x=0)`.
    pub(super) fn replace_fields(
        &mut self,
        value: Expr,
        named: &Arc<Named>,
        node: &'a ast::ExprCall,
        span: Span,
    ) -> Expr {
        let Type::Tuple(types) = value.ty.clone() else { return self.bad(span) };
        if !node.arguments.args.is_empty() {
            self.error("E0304", span, "_replace() takes keyword arguments only");
            return self.bad(span);
        }
        let mut block = Block::new();
        let whole = self.keep(value, &mut block);
        let names: Vec<&str> = named.fields.iter().map(String::as_str).collect();
        let mut values: Vec<Option<Expr>> = vec![None; names.len()];
        if self.keyword_values("_replace", &names, node, &mut values, &mut block).is_none() {
            return self.bad(span);
        }
        let old = |i: usize| Expr::new(ExprKind::Item(Box::new(whole.clone()), i), types[i].clone(), span);
        let values = values.into_iter().enumerate().map(|(i, v)| v.unwrap_or_else(|| old(i))).collect();
        self.made(block, named.clone(), values, span)
    }

    /// `isinstance` of a class of the file, or of `tuple`; nothing if it is another type.
    pub(super) fn is_instance_of_class(&mut self, ty: &Type, class: &'a ast::Expr) -> Option<bool> {
        let ast::Expr::Name(name) = class else { return None };
        match self.meaning(name.id.as_str())? {
            Binding::Class(class) => {
                let name = self.scope.classes[class].name;
                Some(matches!(ty, Type::Tuple(t) if t.named.as_ref().is_some_and(|n| n.name == name)))
            }
            Binding::Known(Known::Tuple) => Some(matches!(ty, Type::Tuple(_))),
            _ => None,
        }
    }
}
