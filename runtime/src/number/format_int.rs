//! `format(int, spec)` and `format(bool, spec)`.

use super::format_float::by_spec as float_by_spec;
use super::format_spec::{Align, Defaults, Spec};
use super::layout::{Parts, layout};
use crate::Raise;
use pyexec_ir::rt::Exc;

/// `format(value, spec)` for an `int`.
///
/// # Errors
/// As CPython.
pub fn format_int(value: i128, spec: &str) -> Result<String, Raise> {
    if spec.is_empty() { Ok(value.to_string()) } else { by_spec(value, spec, "int") }
}

/// `format(value, spec)` for a `bool`: an `int`, except without a spec.
///
/// # Errors
/// As CPython.
pub fn format_bool(value: bool, spec: &str) -> Result<String, Raise> {
    if spec.is_empty() {
        return Ok(if value { "True" } else { "False" }.to_owned());
    }
    by_spec(i128::from(value), spec, "bool")
}

fn by_spec(value: i128, text: &str, type_name: &'static str) -> Result<String, Raise> {
    let spec = Spec::parse(text, Defaults { type_name, align: Align::Right, kind: Some('d') })?;
    match spec.kind {
        Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => integral(value, &spec),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => float_by_spec(value as f64, &spec),
        _ => spec.unknown_code(type_name),
    }
}

fn integral(value: i128, spec: &Spec) -> Result<String, Raise> {
    if spec.precision.is_some() {
        return Err(Raise::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(Raise::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    spec.check_size()?;
    if spec.kind == Some('c') {
        return character(value, spec);
    }
    let size = value.unsigned_abs();
    let (prefix, digits) = match spec.kind {
        Some('b') => ("0b", format!("{size:b}")),
        Some('o') => ("0o", format!("{size:o}")),
        Some('x') => ("0x", format!("{size:x}")),
        Some('X') => ("0X", format!("{size:X}")),
        _ => ("", size.to_string()),
    };
    let prefix = if spec.alternate { prefix } else { "" };
    Ok(layout(Parts { negative: value < 0, prefix, digits: &digits, rest: "" }, spec))
}

fn character(value: i128, spec: &Spec) -> Result<String, Raise> {
    if spec.sign.is_some() {
        return Err(Raise::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(Raise::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    if i64::try_from(value).is_err() {
        return Err(Raise::overflow("Python int too large to convert to C long"));
    }
    let code = u32::try_from(value).ok().filter(|code| *code < 0x11_0000);
    let code = code.ok_or_else(|| Raise::overflow("%c arg not in range(0x110000)"))?;
    // A lone surrogate is a str in Python, but no UTF-8: it could not be printed there either.
    let surrogate = || Raise::new(Exc::UnicodeError, "surrogates not allowed");
    let text = char::from_u32(code).ok_or_else(surrogate)?.to_string();
    Ok(layout(Parts { negative: false, prefix: "", digits: "", rest: &text }, spec))
}
