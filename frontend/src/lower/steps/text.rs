//! Pieces of text whose values have effects: the values are evaluated before.

use super::{Effects, Steps, is_literal};
use crate::hir::*;
use crate::walk;

/// Whether evaluating text does anything.
pub(super) fn have_effect(parts: &[Part]) -> bool {
    let mut found = Effects::default();
    walk::parts(parts, &mut found);
    found.any
}

impl Steps {
    /// The same text, its values free of effects; what they do is done here.
    pub(super) fn parts(&mut self, parts: &[Part]) -> Vec<Part> {
        if have_effect(parts) { self.kept_parts(parts) } else { parts.to_vec() }
    }

    /// The same text, with every value evaluated here.
    fn kept_parts(&mut self, parts: &[Part]) -> Vec<Part> {
        parts.iter().map(|part| self.kept_part(part)).collect()
    }

    fn kept_part(&mut self, part: &Part) -> Part {
        match part {
            Part::Lit(_) => part.clone(),
            Part::Value { value, repr, spec } => {
                let value = self.kept(value);
                let spec = match spec {
                    Spec::Parts(parts) => Spec::Parts(self.kept_parts(parts)),
                    known => known.clone(),
                };
                Part::Value { value, repr: *repr, spec }
            }
            Part::Cond(cond, a, b) => {
                let cond = self.kept(cond);
                let (then, a) = self.aside(|steps| steps.kept_parts(a));
                let (orelse, b) = self.aside(|steps| steps.kept_parts(b));
                let span = cond.span;
                if !(then.is_empty() && orelse.is_empty()) {
                    self.push(StmtKind::If(vec![(cond.clone(), then)], orelse), span);
                }
                Part::Cond(cond, a, b)
            }
            Part::Repeat(parts, count) => {
                let parts = self.kept_parts(parts);
                Part::Repeat(parts, self.kept(count))
            }
        }
    }

    fn kept(&mut self, value: &Expr) -> Expr {
        let value = self.pure(value);
        match is_literal(&value) || !value.ty.is_storable() {
            true => value,
            false => self.keep(value),
        }
    }
}
