//! `format(complex, spec)`: both parts by the same spec without padding, then padding around both.

use super::float_repr::{complex_repr, convert};
use super::format_float::style;
use super::format_spec::{Align, Defaults, Spec};
use super::layout::{Parts, layout, padding};
use crate::Raise;

/// `format(complex(re, im), spec)`.
///
/// # Errors
/// As CPython.
pub fn format_complex(re: f64, im: f64, text: &str) -> Result<String, Raise> {
    if text.is_empty() {
        return Ok(complex_repr(re, im));
    }
    let spec = Spec::parse(text, Defaults { type_name: "complex", align: Align::Right, kind: None })?;
    if !matches!(spec.kind, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')) {
        return spec.unknown_code("complex");
    }
    if spec.fill == '0' {
        return Err(Raise::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == Align::AfterSign {
        return Err(Raise::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    by_spec(re, im, &spec)
}

fn by_spec(re: f64, im: f64, spec: &Spec) -> Result<String, Raise> {
    let style = style(spec, false)?;
    let without_real = spec.kind.is_none() && re == 0.0 && re.is_sign_positive();
    let mut bare = Spec { width: None, fill: ' ', align: Align::Left, ..spec.clone() };
    let mut text = String::new();
    if !without_real {
        text.push_str(&layout(Parts::of_float(&convert(re, style)), &bare));
        bare.sign = Some('+');
    }
    text.push_str(&layout(Parts::of_float(&convert(im, style)), &bare));
    text.push('j');
    if spec.kind.is_none() && !without_real {
        text = format!("({text})");
    }
    let (left, right) = padding(text.len(), spec);
    let fill = |count| std::iter::repeat_n(spec.fill, count);
    Ok(fill(left).chain(text.chars()).chain(fill(right)).collect())
}
