//! `print`, f-strings, and conversions to text.
//!
//! Text made at run time is never a value: it is a list of parts that whoever shows it writes one after
//! the other.

use super::Infer;
use super::ops::push_literal;
use crate::hir::{Block, Expr, ExprKind, Part, Print, Spec};
use crate::known::Known;
use crate::types::Type;
use pyexec_base::Span;
use ruff_python_ast as ast;
use ruff_python_ast::{ConversionFlag, FStringPart, InterpolatedStringElement};

impl<'a> Infer<'a> {
    /// A call of `print`; what must be computed before goes to `out`.
    pub(super) fn print(&mut self, node: &'a ast::ExprCall, out: &mut Block) -> Print {
        let mut args = Vec::new();
        for arg in &node.arguments.args {
            if arg.is_starred_expr() {
                let at = self.span(arg);
                self.unsupported(
                    "U0219",
                    at,
                    "`*` arguments are not compiled",
                    "pass every argument by itself",
                );
                continue;
            }
            let mut parts = Vec::new();
            self.display_parts(arg, false, &mut parts);
            args.push(parts);
        }
        let mut print = Print { parts: Vec::new(), stderr: false, flush: false };
        let (mut sep, mut end) = (vec![Part::Lit(" ".into())], vec![Part::Lit("\n".into())]);
        for keyword in &node.arguments.keywords {
            match keyword.arg.as_deref() {
                Some("sep") => sep = self.separator(&keyword.value, sep, out),
                Some("end") => end = self.separator(&keyword.value, end, out),
                Some("file") => print.stderr = self.is_stderr(&keyword.value),
                Some("flush") => print.flush = self.is_flush(&keyword.value),
                _ => {
                    let at = self.span(keyword);
                    self.error("E0304", at, "print() takes sep, end, file and flush");
                }
            }
        }
        for (index, arg) in args.into_iter().enumerate() {
            if index > 0 {
                sep.iter().for_each(|part| append(&mut print.parts, part.clone()));
            }
            arg.into_iter().for_each(|part| append(&mut print.parts, part));
        }
        end.into_iter().for_each(|part| append(&mut print.parts, part));
        print
    }

    /// `sep` or `end`: text, or None for the default.
    fn separator(&mut self, value: &'a ast::Expr, default: Vec<Part>, out: &mut Block) -> Vec<Part> {
        let value = self.expr(value);
        match value.ty {
            Type::None => default,
            Type::Str => {
                let value = self.keep(value, out);
                let mut parts = Vec::new();
                self.text_parts(value, &mut parts);
                parts
            }
            Type::Unknown => default,
            _ => {
                let message = format!("sep and end must be a text known in advance, not {}", value.ty);
                self.unsupported("U0314", value.span, message, "");
                default
            }
        }
    }

    fn is_stderr(&mut self, value: &'a ast::Expr) -> bool {
        match self.known_callee(value) {
            Some(Known::Stream { stderr }) => stderr,
            _ if value.is_none_literal_expr() => false,
            _ => {
                let at = self.span(value);
                self.unsupported("U0315", at, "print() writes to sys.stdout or sys.stderr only", "");
                false
            }
        }
    }

    fn is_flush(&mut self, value: &'a ast::Expr) -> bool {
        let flush = self.cond(value);
        if flush.as_bool().is_none() && !flush.ty.is_unknown() {
            self.unsupported("U0316", flush.span, "flush must be True or False", "");
        }
        flush.as_bool() == Some(true)
    }

    /// The parts that show an expression. A choice between values of different types is fine here.
    pub(super) fn display_parts(&mut self, expr: &'a ast::Expr, repr: bool, parts: &mut Vec<Part>) {
        let ast::Expr::If(node) = expr else {
            let value = self.expr(expr);
            return self.value_part(value, repr, parts);
        };
        let cond = self.cond(&node.test);
        let mark = self.fx.flow.mark();
        let (mut then, mut orelse) = (Vec::new(), Vec::new());
        self.display_parts(&node.body, repr, &mut then);
        let first = self.fx.flow.undo(mark);
        self.display_parts(&node.orelse, repr, &mut orelse);
        let second = self.fx.flow.undo(mark);
        self.fx.flow.join(&[first, second]);
        match cond.as_bool() {
            Some(holds) => (if holds { then } else { orelse }).into_iter().for_each(|p| append(parts, p)),
            None => parts.push(Part::Cond(cond, then, orelse)),
        }
    }

    /// Appends the parts that show a value.
    pub(super) fn value_part(&mut self, value: Expr, repr: bool, parts: &mut Vec<Part>) {
        match (&value.ty, &value.kind) {
            (Type::Unknown, _) => {}
            (Type::Text, _) if repr => {
                self.unsupported("U0317", value.span, "repr() of text made at run time is not compiled", "");
            }
            (Type::Str, ExprKind::Str(_)) if repr => {
                parts.push(Part::Value { value, repr, spec: Spec::None })
            }
            (Type::Str | Type::Text, _) if !repr => self.text_parts(value, parts),
            (ty, _) if ty.has_buffer() => {
                let help = "print its items";
                self.unsupported("U0319", value.span, "the text of a buffer is not compiled", help);
            }
            (Type::Int, ExprKind::Int(int)) => push_literal(parts, &int.to_string()),
            (Type::Bool, ExprKind::Bool(value)) => push_literal(parts, if *value { "True" } else { "False" }),
            (Type::None, ExprKind::None) => push_literal(parts, "None"),
            _ => parts.push(Part::Value { value, repr, spec: Spec::None }),
        }
    }

    // ---- f-strings ----

    pub(super) fn fstring(&mut self, node: &'a ast::ExprFString, span: Span) -> Expr {
        let mut parts = Vec::new();
        for part in node.value.iter() {
            match part {
                FStringPart::Literal(literal) => push_literal(&mut parts, &literal.value),
                FStringPart::FString(fstring) => self.elements(&fstring.elements, &mut parts),
            }
        }
        match &parts[..] {
            [] => self.text_literal("", span),
            [Part::Lit(only)] => self.text_literal(only, span),
            _ => Expr::new(ExprKind::Text(parts), Type::Text, span),
        }
    }

    fn elements(&mut self, elements: &'a ast::InterpolatedStringElements, parts: &mut Vec<Part>) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => push_literal(parts, &literal.value),
                InterpolatedStringElement::Interpolation(element) => self.interpolation(element, parts),
            }
        }
    }

    fn interpolation(&mut self, element: &'a ast::InterpolatedElement, parts: &mut Vec<Part>) {
        if let Some(debug) = &element.debug_text {
            push_literal(parts, debug.as_str());
        }
        let shown_as_repr = element.debug_text.is_some() && element.format_spec.is_none();
        let repr = match element.conversion {
            ConversionFlag::Repr | ConversionFlag::Ascii => true,
            ConversionFlag::Str => false,
            ConversionFlag::None => shown_as_repr,
        };
        let Some(spec) = &element.format_spec else {
            return self.display_parts(&element.expression, repr, parts);
        };
        let value = self.expr(&element.expression);
        let mut spec_parts = Vec::new();
        self.elements(&spec.elements, &mut spec_parts);
        let spec = match <[Part; 1]>::try_from(spec_parts) {
            Ok([Part::Lit(spec)]) => Spec::Lit(spec),
            Ok([only]) => Spec::Parts(vec![only]),
            Err(many) if many.is_empty() => return self.value_part(value, repr, parts),
            Err(many) => Spec::Parts(many),
        };
        let converted = repr || element.conversion == ConversionFlag::Str;
        let (spec, converted) = match &spec {
            Spec::Lit(text) if converted && matches!(value.ty, Type::Int | Type::Float) => {
                match as_text_spec(text) {
                    Some(text) => (Spec::Lit(text.into()), false),
                    None => (spec, true),
                }
            }
            _ => (spec, converted),
        };
        if self.check_spec(&value, &spec, converted) {
            parts.push(Part::Value { value, repr, spec });
        }
    }

    /// Whether a value of this type can be formatted by a specification.
    fn check_spec(&mut self, value: &Expr, spec: &Spec, converted: bool) -> bool {
        let computed = matches!(spec, Spec::Parts(_));
        let message = match &value.ty {
            Type::Unknown => return false,
            ty if converted && *ty != Type::Str => format!("a conversion and a format of {ty}"),
            Type::Str if converted => "a conversion and a format of str".to_owned(),
            Type::Int | Type::Float | Type::Str => return true,
            Type::Bool | Type::Complex | Type::Sized(_) if !computed => return true,
            Type::None | Type::Tuple(_) => {
                let message = format!("unsupported format string passed to {}.__format__", value.ty);
                self.error("E0212", value.span, message);
                return false;
            }
            ty => format!("this format of {ty}"),
        };
        self.unsupported("U0318", value.span, format!("{message} is not compiled"), "");
        false
    }

    /// `str(x)`, `repr(x)`, `format(x, spec)`, `bin(x)`, `oct(x)`, `hex(x)`.
    pub(super) fn text_call(&mut self, known: Known, node: &'a ast::ExprCall, span: Span) -> Expr {
        if known == Known::Str && node.arguments.is_empty() {
            return self.text_literal("", span);
        }
        let Some(mut args) = self.plain_arguments(known, node, span) else { return self.bad(span) };
        let spec = if args.len() == 2 && known == Known::Format { args.pop() } else { None };
        let (Some(value), true) = (args.pop(), args.is_empty()) else {
            self.error("E0304", span, "wrong number of arguments");
            return self.bad(span);
        };
        if value.ty.is_unknown() || value.ty == Type::Str && known == Known::Str {
            return value;
        }
        let mut parts = Vec::new();
        let letter = match known {
            Known::Bin => Some("#b"),
            Known::Oct => Some("#o"),
            Known::Hex => Some("#x"),
            _ => None,
        };
        match (letter, spec.map(|s| s.kind)) {
            (Some(_), _) if !value.ty.is_integral() => {
                return self.type_error("bin(), oct() or hex()", &value, span);
            }
            (Some(letter), _) => {
                let value = self.widen(value, &Type::Int);
                parts.push(Part::Value { value, repr: false, spec: Spec::Lit(letter.into()) });
            }
            (None, Some(ExprKind::Str(spec))) if !spec.is_empty() => {
                let spec = Spec::Lit(spec);
                if !self.check_spec(&value, &spec, false) {
                    return self.bad(span);
                }
                parts.push(Part::Value { value, repr: false, spec });
            }
            (None, Some(ExprKind::Str(_)) | None) => self.value_part(value, known == Known::Repr, &mut parts),
            (None, Some(_)) => {
                self.unsupported(
                    "U0318",
                    span,
                    "format() is only compiled with a literal format",
                    "use an f-string",
                );
                return self.bad(span);
            }
        }
        Expr::new(ExprKind::Text(parts), Type::Text, span)
    }
}

/// The format of a number that does what a format of its text does: `>8` is the same, but text is aligned
/// to the left unless told otherwise. Formats that cut or fill with zeros have no counterpart.
fn as_text_spec(spec: &str) -> Option<String> {
    let spec = spec.strip_suffix('s').unwrap_or(spec);
    let is_align = |c: char| "<>^".contains(c);
    let mut chars = spec.chars();
    let (align, width) = match (chars.next(), chars.next()) {
        (Some(_), Some(align)) if is_align(align) => spec.split_at(spec.len() - chars.as_str().len()),
        (Some(align), _) if is_align(align) => spec.split_at(1),
        _ => ("<", spec),
    };
    let plain = !width.starts_with('0') && width.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| format!("{align}{width}"))
}

/// Appends a part, melting known text with known text before it.
fn append(parts: &mut Vec<Part>, part: Part) {
    match part {
        Part::Lit(text) => push_literal(parts, &text),
        other => parts.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::as_text_spec;

    #[test]
    fn only_padding_carries_over_to_numbers() {
        let table =
            [("8", Some("<8")), (">8", Some(">8")), ("*^8s", Some("*^8")), ("s", Some("<")), ("", Some("<"))];
        for (spec, expected) in table {
            assert_eq!(as_text_spec(spec).as_deref(), expected, "{spec}");
        }
        for spec in ["08", ".2", "+8", "=8", "8d"] {
            assert_eq!(as_text_spec(spec), None, "{spec}");
        }
    }
}
