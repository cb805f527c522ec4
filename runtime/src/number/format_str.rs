//! `format(str, spec)`.

use super::format_spec::{Align, Defaults, Spec};
use super::layout::padding;
use crate::Raise;

/// `format(text, spec)`: padding and truncation, counted in characters.
///
/// # Errors
/// As CPython.
pub fn format_str(value: &str, text: &str) -> Result<String, Raise> {
    if text.is_empty() {
        return Ok(value.to_owned());
    }
    let spec = Spec::parse(text, Defaults { type_name: "str", align: Align::Left, kind: Some('s') })?;
    if spec.kind != Some('s') {
        return spec.unknown_code("str");
    }
    check(&spec)?;
    let count = value.chars().count().min(spec.precision.unwrap_or(usize::MAX));
    let (left, right) = padding(count, &spec);
    let fill = |count| std::iter::repeat_n(spec.fill, count);
    Ok(fill(left).chain(value.chars().take(count)).chain(fill(right)).collect())
}

fn check(spec: &Spec) -> Result<(), Raise> {
    let message = match spec {
        Spec { sign: Some(' '), .. } => "Space not allowed in string format specifier",
        Spec { sign: Some(_), .. } => "Sign not allowed in string format specifier",
        Spec { no_negative_zero: true, .. } => {
            "Negative zero coercion (z) not allowed in string format specifier"
        }
        Spec { alternate: true, .. } => "Alternate form (#) not allowed in string format specifier",
        Spec { align: Align::AfterSign, .. } => "'=' alignment not allowed in string format specifier",
        Spec { width: Some(width), .. } if *width > 1 << 30 => return Err(Raise::memory()),
        _ => return Ok(()),
    };
    Err(Raise::value(message))
}
