//! Calls of functions of the file, signatures, default values.

use super::Infer;
use crate::hir::{Block, Expr, ExprKind, Global, Place, Stmt, StmtKind};
use crate::known::Known;
use crate::resolve::{Binding, DefId};
use crate::types::Type;
use pyexec_base::{Diagnostic, Span};
use ruff_python_ast as ast;

impl<'a> Infer<'a> {
    pub(super) fn call(&mut self, node: &'a ast::ExprCall, span: Span) -> Expr {
        if let Some(known) = self.known_callee(&node.func) {
            return self.known_call(known, node, span);
        }
        match &*node.func {
            ast::Expr::Name(name) => self.call_name(name.id.as_str(), node, span),
            ast::Expr::Attribute(attribute) => match self.module_member(attribute) {
                Some(Err(diagnostic)) => {
                    self.diagnostics.push(*diagnostic);
                    self.bad(span)
                }
                _ => self.method(attribute, node, span),
            },
            _ => {
                let at = self.span(&*node.func);
                self.unsupported("U0218", at, "only functions called by name are compiled", "");
                self.bad(span)
            }
        }
    }

    /// What a callee is, if the compiler knows it.
    pub(super) fn known_callee(&self, func: &'a ast::Expr) -> Option<Known> {
        match func {
            ast::Expr::Name(name) => self.known(name.id.as_str()),
            ast::Expr::Attribute(attribute) => self.module_member(attribute)?.ok(),
            _ => None,
        }
    }

    fn call_name(&mut self, name: &'a str, node: &'a ast::ExprCall, span: Span) -> Expr {
        let at = self.span(&*node.func);
        if !self.is_local(name)
            && let Some(Binding::Def(def)) = self.meaning(name)
        {
            return self.call_def(def, node, span);
        }
        if !self.is_local(name)
            && let Some(Binding::Class(class)) = self.meaning(name)
        {
            return self.call_class(class, node, span);
        }
        let callee = self.read_name(name, at);
        if !callee.ty.is_unknown() {
            self.error("E0210", at, format!("a value of type {} cannot be called", callee.ty));
        }
        self.bad(span)
    }

    fn call_def(&mut self, def: DefId, node: &'a ast::ExprCall, span: Span) -> Expr {
        let callee = self.scope.defs[def].node;
        if self.fx.def.is_none() && !self.defined.contains(&def) {
            let at = self.scope.defs[def].span;
            let message = format!("`{}` is called before it is defined", callee.name);
            self.diagnostics.push(Diagnostic::error("E0303", span, message).label(at, "defined here"));
            return self.bad(span);
        }
        let Some(args) = self.arguments(def, node, span) else { return self.bad(span) };
        let count = callee.parameters.iter_non_variadic_params().count();
        let mut types = vec![Type::Unknown; count];
        for (index, arg) in &args {
            types[*index] = arg.ty.clone();
            if matches!(arg.ty, Type::Text | Type::Exc) {
                let help = "pass the values it is made of";
                let message = format!("passing a value of type {} is not compiled", arg.ty);
                self.unsupported("U0307", arg.span, message, help);
                return self.bad(span);
            }
        }
        if types.iter().any(Type::is_unknown) || !self.arguments_fit(def, &args) {
            return self.bad(span);
        }
        match self.instance(def, types, span) {
            Some((id, result)) => Expr::new(ExprKind::Call(id, args), result, span),
            None => self.bad(span),
        }
    }

    /// Checks the types of arguments against the annotations.
    fn arguments_fit(&mut self, def: DefId, args: &[(usize, Expr)]) -> bool {
        let declared = self.declared_params(def, false);
        let callee = self.scope.defs[def].node;
        let mut fit = true;
        for (index, arg) in args {
            let Some(declared) = &declared[*index] else { continue };
            let is_scalar = arg.ty.is_number() || matches!(arg.ty, Type::Sized(_));
            if arg.ty.is_accepted_as(declared) || matches!(declared, Type::Sized(_)) && is_scalar {
                continue;
            }
            let Some(param) = callee.parameters.iter_non_variadic_params().nth(*index) else { continue };
            let label = self.span(&param.parameter);
            let message =
                format!("parameter `{}` is declared {declared}, but gets {}", param.parameter.name, arg.ty);
            self.diagnostics
                .push(Diagnostic::error("E0201", arg.span, message).label(label, "declared here"));
            fit = false;
        }
        fit
    }

    /// Matches arguments with parameters: (parameter, value) in the order of evaluation, defaults last.
    fn arguments(&mut self, def: DefId, node: &'a ast::ExprCall, span: Span) -> Option<Vec<(usize, Expr)>> {
        let callee = self.scope.defs[def].node;
        let parameters = &callee.parameters;
        let names: Vec<&'a str> =
            parameters.iter_non_variadic_params().map(|p| p.parameter.name.as_str()).collect();
        let positional = parameters.posonlyargs.len() + parameters.args.len();
        let mut args: Vec<(usize, Expr)> = Vec::new();
        if let Some(starred) = node.arguments.args.iter().find(|a| a.is_starred_expr()) {
            let at = self.span(starred);
            self.unsupported(
                "U0219",
                at,
                "`*` and `**` arguments are not compiled",
                "pass every argument by itself",
            );
            return None;
        }
        if node.arguments.args.len() > positional {
            let given = node.arguments.args.len();
            let message =
                format!("{}() takes {positional} positional arguments but {given} were given", callee.name);
            self.call_error(def, span, message);
            return None;
        }
        for (index, arg) in node.arguments.args.iter().enumerate() {
            args.push((index, self.expr(arg)));
        }
        for keyword in &node.arguments.keywords {
            let index = self.keyword_index(def, keyword, &names, &args)?;
            args.push((index, self.expr(&keyword.value)));
        }
        for (index, name) in names.iter().enumerate() {
            if args.iter().all(|(i, _)| *i != index) {
                let value = self.default_of(def, index, name, span)?;
                args.push((index, value));
            }
        }
        Some(args)
    }

    fn keyword_index(
        &mut self,
        def: DefId,
        keyword: &'a ast::Keyword,
        names: &[&'a str],
        args: &[(usize, Expr)],
    ) -> Option<usize> {
        let at = self.span(keyword);
        let callee = self.scope.defs[def].node;
        let Some(name) = &keyword.arg else {
            self.unsupported(
                "U0219",
                at,
                "`*` and `**` arguments are not compiled",
                "pass every argument by itself",
            );
            return None;
        };
        let positional_only = callee.parameters.posonlyargs.len();
        let index = names.iter().position(|n| *n == name.as_str()).filter(|i| *i >= positional_only);
        let Some(index) = index else {
            let message = format!("{}() got an unexpected keyword argument '{name}'", callee.name);
            self.call_error(def, at, message);
            return None;
        };
        if args.iter().any(|(i, _)| *i == index) {
            let message = format!("{}() got multiple values for argument '{name}'", callee.name);
            self.call_error(def, at, message);
            return None;
        }
        Some(index)
    }

    fn call_error(&mut self, def: DefId, at: Span, message: String) {
        let label = self.scope.defs[def].span;
        self.diagnostics.push(Diagnostic::error("E0304", at, message).label(label, "defined here"));
    }

    fn default_of(&mut self, def: DefId, index: usize, name: &str, span: Span) -> Option<Expr> {
        if let Some(value) = self.defaults.get(&(def, index)) {
            return Some(Expr { span, ..value.clone() });
        }
        let callee = self.scope.defs[def].node;
        let has_default =
            callee.parameters.iter_non_variadic_params().nth(index).is_some_and(|p| p.default.is_some());
        let message = match has_default {
            true => format!("{}() may be called before its `def` is reached", callee.name),
            false => format!("{}() missing required argument: '{name}'", callee.name),
        };
        self.call_error(def, span, message);
        None
    }

    /// Default values are computed once, where the `def` is: literals are kept, the rest goes to cells.
    pub(super) fn default_values(
        &mut self,
        def: DefId,
        node: &'a ast::StmtFunctionDef,
        span: Span,
        out: &mut Block,
    ) {
        for (index, param) in node.parameters.iter_non_variadic_params().enumerate() {
            let Some(default) = &param.default else { continue };
            let value = self.expr(default);
            if !value.ty.is_storable() {
                self.unsupported("U0307", value.span, "text made at run time cannot be a default value", "");
                continue;
            }
            if is_literal(&value) {
                self.defaults.insert((def, index), value);
                continue;
            }
            let name = format!("{}.{}", node.name, param.parameter.name);
            let ty = value.ty.clone();
            let at = value.span;
            let cell =
                self.globals.push(Global { name, ty: ty.clone(), flagged: false, init: None, span: at });
            let read = Expr::new(ExprKind::Global(cell, false), ty, value.span);
            self.defaults.insert((def, index), read);
            out.push(Stmt { kind: StmtKind::Assign(Place::Global(cell), value), span });
        }
    }

    /// Reports what a signature has that is not compiled.
    pub(super) fn check_signature(&mut self, node: &'a ast::StmtFunctionDef) {
        if let Some(decorator) = node.decorator_list.first() {
            let at = self.span(decorator);
            self.unsupported("U0408", at, "decorators are not compiled", "remove it");
        }
        if node.is_async {
            let at = self.span(&node.name);
            self.unsupported("U0409", at, format!("the async function `{}` is not compiled", node.name), "");
        }
        if let Some(params) = &node.type_params {
            let at = self.span(&**params);
            let help = "leave parameters without annotation: each call is compiled for its argument types";
            self.unsupported("U0410", at, "type parameters are not compiled", help);
        }
        let (vararg, kwarg) = (&node.parameters.vararg, &node.parameters.kwarg);
        for (param, stars) in [(vararg, "*"), (kwarg, "**")] {
            if let Some(param) = param {
                let at = self.span(&**param);
                let message = format!("the parameter `{stars}{}` is not compiled", param.name);
                self.unsupported("U0411", at, message, "name every parameter");
            }
        }
    }

    // ---- Methods ----

    fn method(&mut self, attribute: &'a ast::ExprAttribute, node: &'a ast::ExprCall, span: Span) -> Expr {
        use crate::hir::Builtin;
        let value = self.expr(&attribute.value);
        if value.ty.is_unknown() {
            return value;
        }
        if attribute.attr.as_str() == "_replace"
            && let Type::Tuple(tuple) = &value.ty
            && let Some(named) = tuple.named.clone()
        {
            return self.replace_fields(value, &named, node, span);
        }
        let args = node.arguments.args.len() + node.arguments.keywords.len();
        let (builtin, ty) = match (attribute.attr.as_str(), &value.ty) {
            ("conjugate", Type::Complex) => (Builtin::Conjugate, Type::Complex),
            ("is_integer", Type::Float) => (Builtin::IsInteger, Type::Bool),
            ("bit_length", Type::Int) => (Builtin::BitLength, Type::Int),
            ("bit_count", Type::Int) => (Builtin::BitCount, Type::Int),
            (method, Type::Str | Type::Text) => {
                let help = match method {
                    "format" => "use an f-string: f\"{x:.2f}\" instead of \"{:.2f}\".format(x)",
                    _ => "strings made at run time are not compiled yet",
                };
                let message = format!("the string method `{method}` is not compiled");
                self.unsupported("U0220", span, message, help);
                return self.bad(span);
            }
            (method, ty) => {
                let message = format!("the method `{method}` of {ty} is not compiled");
                self.unsupported("U0220", span, message, "");
                return self.bad(span);
            }
        };
        if args > 0 {
            let message = format!("{}() takes no arguments", attribute.attr);
            self.error("E0304", span, message);
            return self.bad(span);
        }
        Expr::new(ExprKind::Builtin(builtin, vec![value]), ty, span)
    }
}

/// Whether an expression is a constant that can be repeated anywhere.
pub(super) fn is_literal(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Bool(_) | ExprKind::Complex(..) => true,
        ExprKind::Str(_) | ExprKind::None => true,
        ExprKind::Tuple(items) => items.iter().all(is_literal),
        _ => false,
    }
}
