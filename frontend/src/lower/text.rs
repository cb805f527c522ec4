//! `print`, messages: first everything is evaluated, then the pieces are written.
//!
//! ```text
//! print(f(), "-" if c else g())   =>   v0 = call f;  br_if c ... { v1 = call g }
//!                                      out_i64 v0; out_str " "; br_if c { out_str "-" } { out_i64 v1 }; ...
//! ```

use super::env::Var;
use super::func::Fx;
use super::repr;
use crate::hir::{Expr, Part, Print, Spec};
use crate::types::{Sized, Tuple, Type};
use pyexec_base::Span;
use pyexec_ir::{self as ir, Value};

/// A part whose values are computed.
pub(super) enum Prepared<'m> {
    Lit(&'m str),
    Value { vars: Vec<Var>, ty: &'m Type, repr: bool, spec: PreparedSpec<'m> },
    Cond(Var, Vec<Prepared<'m>>, Vec<Prepared<'m>>),
    Repeat(Vec<Prepared<'m>>, Var),
}

/// A format specification whose values are computed.
pub(super) enum PreparedSpec<'m> {
    None,
    Lit(&'m str),
    Parts(Vec<Prepared<'m>>),
}

impl<'m> Fx<'m, '_> {
    pub(super) fn print(&mut self, print: &'m Print, span: Span) {
        let prepared = self.prepare(&print.parts);
        self.emit_parts(&prepared, span);
        self.helper(if print.stderr { "pyexec_out_print_stderr" } else { "pyexec_out_print" }, &[]);
        if print.flush {
            self.helper("pyexec_out_flush", &[]);
        }
    }

    // ---- First: evaluate ----

    pub(super) fn prepare(&mut self, parts: &'m [Part]) -> Vec<Prepared<'m>> {
        parts.iter().map(|part| self.prepare_part(part)).collect()
    }

    fn prepare_part(&mut self, part: &'m Part) -> Prepared<'m> {
        match part {
            Part::Lit(text) => Prepared::Lit(text),
            Part::Value { value, repr, spec } => {
                let vars = self.kept(value);
                let spec = match spec {
                    Spec::None => PreparedSpec::None,
                    Spec::Lit(text) => PreparedSpec::Lit(text),
                    Spec::Parts(parts) => PreparedSpec::Parts(self.prepare(parts)),
                };
                Prepared::Value { vars, ty: &value.ty, repr: *repr, spec }
            }
            Part::Cond(cond, a, b) => self.prepare_cond(cond, a, b),
            Part::Repeat(parts, count) => {
                let prepared = self.prepare(parts);
                let value = self.plain_value(count).first().copied();
                let value = value.unwrap_or(self.undefined(ir::Type::I64));
                let var = self.new_var(ir::Type::I64);
                self.set(var, value);
                Prepared::Repeat(prepared, var)
            }
        }
    }

    /// Evaluates into variables, which survive joins.
    fn kept(&mut self, value: &'m Expr) -> Vec<Var> {
        let values = self.expr(value);
        let vars = self.new_vars(&value.ty);
        self.set_vars(&vars, &values);
        vars
    }

    fn prepare_cond(&mut self, cond: &'m Expr, a: &'m [Part], b: &'m [Part]) -> Prepared<'m> {
        let var = self.new_var(ir::Type::I8);
        let known = |parts: &[Part]| parts.iter().all(|p| matches!(p, Part::Lit(_)));
        if known(a) && known(b) {
            let value = self.one(cond);
            self.set(var, value);
            return Prepared::Cond(var, self.prepare(a), self.prepare(b));
        }
        let (mut yes, mut no, mut end) = (self.label(), self.label(), self.label());
        self.cond(cond, &mut yes, &mut no);
        let mut sides = Vec::new();
        for (label, parts, truth) in [(yes, a, 1), (no, b, 0)] {
            self.bind(label);
            let value = self.b().iconst(ir::Type::I8, truth);
            self.set(var, value);
            sides.push(self.prepare(parts));
            self.jump(&mut end);
        }
        self.bind(end);
        let no = sides.pop().unwrap_or_default();
        Prepared::Cond(var, sides.pop().unwrap_or_default(), no)
    }

    // ---- Then: write ----

    pub(super) fn emit_parts(&mut self, parts: &[Prepared<'m>], span: Span) {
        let mut pending = String::new();
        for part in parts {
            if let Prepared::Lit(text) = part {
                pending.push_str(text);
                continue;
            }
            self.emit_text(&std::mem::take(&mut pending));
            self.emit_part(part, span);
        }
        self.emit_text(&pending);
    }

    fn emit_text(&mut self, text: &str) {
        if !text.is_empty() {
            let value = self.text_value(text);
            self.helper("pyexec_out_str", &value);
        }
    }

    fn emit_part(&mut self, part: &Prepared<'m>, span: Span) {
        match part {
            Prepared::Lit(text) => self.emit_text(text),
            Prepared::Value { vars, ty, repr, spec } => {
                let values = self.get_vars(vars);
                match spec {
                    PreparedSpec::None => self.emit_value(ty, &values, *repr, span),
                    PreparedSpec::Lit(spec) => self.emit_formatted(ty, &values, spec, span),
                    PreparedSpec::Parts(parts) => {
                        self.helper("pyexec_out_spec_begin", &[]);
                        self.emit_parts(parts, span);
                        let name = match ty {
                            Type::Float => "pyexec_out_fmt_spec_f64",
                            Type::Str => "pyexec_out_fmt_spec_str",
                            Type::Int if self.exact.is_some() => "pyexec_out_fmt_spec_big",
                            _ => "pyexec_out_fmt_spec_i64",
                        };
                        self.checked_helper(name, &values, span);
                    }
                }
            }
            Prepared::Cond(var, a, b) => {
                let cond = self.get(*var);
                let (mut yes, mut no, mut end) = (self.label(), self.label(), self.label());
                self.branch(cond, &mut yes, &mut no);
                for (label, parts) in [(yes, a), (no, b)] {
                    self.bind(label);
                    self.emit_parts(parts, span);
                    self.jump(&mut end);
                }
                self.bind(end);
            }
            Prepared::Repeat(parts, count) => self.emit_repeated(parts, *count, span),
        }
    }

    fn emit_repeated(&mut self, parts: &[Prepared<'m>], count: Var, span: Span) {
        let left = self.new_var(ir::Type::I64);
        let value = self.get(count);
        self.set(left, value);
        let mut done = self.label();
        let head = self.loop_head(vec![left]);
        let remaining = self.get(left);
        let zero = self.b().iconst(ir::Type::I64, 0);
        let more = self.b().sgt(remaining, zero);
        let mut into = self.label();
        self.branch(more, &mut into, &mut done);
        self.bind(into);
        self.emit_parts(parts, span);
        let one = self.b().iconst(ir::Type::I64, 1);
        let fewer = self.b().isub(remaining, one);
        self.set(left, fewer);
        self.jump_back(&head);
        self.bind(done);
    }

    /// A value as `str` (or `repr`) shows it; within a tuple always as `repr`.
    fn emit_value(&mut self, ty: &Type, values: &[Value], repr: bool, span: Span) {
        match ty {
            Type::None => self.emit_text("None"),
            Type::Bool => _ = self.helper("pyexec_out_bool", values),
            Type::Int if self.exact.is_some() => _ = self.checked_helper("pyexec_out_big", values, span),
            Type::Int => _ = self.helper("pyexec_out_i64", values),
            Type::Float => _ = self.helper("pyexec_out_f64", values),
            Type::Complex => _ = self.helper("pyexec_out_complex", values),
            Type::Str => _ = self.helper(if repr { "pyexec_out_repr_str" } else { "pyexec_out_str" }, values),
            Type::Exc => _ = self.helper(if repr { "pyexec_out_repr_exc" } else { "pyexec_out_exc" }, values),
            Type::Sized(sized) => self.emit_sized(*sized, values, repr),
            Type::Tuple(items) => self.emit_tuple(items, values, span),
            // Buffers are refused: CPython shows an address.
            Type::Unknown | Type::Text | Type::Buffer(_) => {}
        }
    }

    fn emit_tuple(&mut self, items: &Tuple, values: &[Value], span: Span) {
        let named = items.named.as_deref();
        self.emit_text(&format!("{}(", named.map_or("", |named| &named.name)));
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.emit_text(", ");
            }
            if let Some(field) = named.and_then(|named| named.fields.get(index)) {
                self.emit_text(&format!("{field}="));
            }
            self.emit_value(item, &values[repr::item_range(items, index)], true, span);
        }
        self.emit_text(if items.len() == 1 && named.is_none() { ",)" } else { ")" });
    }

    /// NumPy 2 shows the type in `repr`: `np.int8(5)`.
    fn emit_sized(&mut self, sized: Sized, values: &[Value], repr: bool) {
        if repr {
            self.emit_text(&format!("np.{}(", sized.name()));
        }
        match sized {
            Sized::Float32 => {
                let wide = self.b().fpromote(ir::Type::F64, values[0]);
                self.helper("pyexec_out_f32", &[wide]);
            }
            Sized::Complex64 => {
                let wide: Vec<Value> = values.iter().map(|v| self.b().fpromote(ir::Type::F64, *v)).collect();
                self.helper("pyexec_out_complex", &wide);
            }
            _ => {
                let wide = self.sized_to_i64(sized, values[0]);
                self.helper(if sized.is_signed() { "pyexec_out_i64" } else { "pyexec_out_u64" }, &[wide]);
            }
        }
        if repr {
            self.emit_text(")");
        }
    }

    fn emit_formatted(&mut self, ty: &Type, values: &[Value], spec: &str, span: Span) {
        let (name, mut args) = match ty {
            Type::Bool => ("pyexec_out_fmt_bool", values.to_vec()),
            Type::Int if self.exact.is_some() => ("pyexec_out_fmt_big", values.to_vec()),
            Type::Float => ("pyexec_out_fmt_f64", values.to_vec()),
            Type::Complex => ("pyexec_out_fmt_complex", values.to_vec()),
            Type::Str => ("pyexec_out_fmt_str", values.to_vec()),
            Type::Sized(Sized::Float32) => {
                ("pyexec_out_fmt_f64", vec![self.double_of(Sized::Float32, values[0])])
            }
            Type::Sized(Sized::Complex64) => {
                let wide = values.iter().map(|v| self.double_of(Sized::Complex64, *v)).collect();
                ("pyexec_out_fmt_complex", wide)
            }
            Type::Sized(sized) => {
                let name = if sized.is_signed() { "pyexec_out_fmt_i64" } else { "pyexec_out_fmt_u64" };
                (name, vec![self.sized_to_i64(*sized, values[0])])
            }
            _ => ("pyexec_out_fmt_i64", values.to_vec()),
        };
        args.extend(self.text_value(spec));
        self.checked_helper(name, &args, span);
    }
}
