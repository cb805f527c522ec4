//! `format(float, spec)`.

use super::float_repr::{Code, Style, convert, float_repr};
use super::format_spec::{Align, Defaults, Spec};
use super::layout::{Parts, layout};
use crate::Raise;

/// `format(x, spec)`.
///
/// # Errors
/// As CPython.
pub fn format_float(x: f64, text: &str) -> Result<String, Raise> {
    if text.is_empty() {
        return Ok(float_repr(x));
    }
    let spec = Spec::parse(text, Defaults { type_name: "float", align: Align::Right, kind: None })?;
    match spec.kind {
        None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') => by_spec(x, &spec),
        Some(_) => spec.unknown_code("float"),
    }
}

/// The conversion that a spec asks for. A complex shows no `.0`.
pub(super) fn style(spec: &Spec, dot_zero: bool) -> Result<Style, Raise> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(Raise::value("precision too big"));
    }
    spec.check_size()?;
    let code = match spec.kind {
        None if spec.precision.is_none() => Code::Repr,
        None | Some('g' | 'G' | 'n') => Code::General,
        Some('e' | 'E') => Code::Exponent,
        Some(_) => Code::Fixed,
    };
    Ok(Style {
        code,
        upper: matches!(spec.kind, Some('E' | 'F' | 'G')),
        precision: spec.precision.unwrap_or(if code == Code::Repr { 0 } else { 6 }),
        alternate: spec.alternate,
        dot_zero: dot_zero && spec.kind.is_none(),
        no_negative_zero: spec.no_negative_zero,
    })
}

pub(super) fn by_spec(x: f64, spec: &Spec) -> Result<String, Raise> {
    let percent = spec.kind == Some('%');
    let mut text = convert(if percent { x * 100.0 } else { x }, style(spec, true)?);
    if percent {
        text.push('%');
    }
    Ok(layout(Parts::of_float(&text), spec))
}
