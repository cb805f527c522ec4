//! `format(int, spec)` and `format(bool, spec)`.

use super::format_float::by_spec as float_by_spec;
use super::format_spec::{Align, Defaults, Spec};
use super::layout::{Parts, layout};
use super::parse_int::MAX_DIGITS;
use crate::Raise;
use pyexec_ir::rt::Exc;

/// An integer of any size, as far as text needs it.
pub(crate) trait Whole {
    /// Below 0.
    fn is_negative(&self) -> bool;
    /// The absolute value in lower case, or nothing if it has more than [`MAX_DIGITS`] decimal digits.
    fn digits(&self, radix: u8) -> Option<String>;
    /// The nearest float, if it is finite.
    fn to_f64(&self) -> Option<f64>;
    /// The value if it fits.
    fn to_i64(&self) -> Option<i64>;
}

impl Whole for i128 {
    fn is_negative(&self) -> bool {
        *self < 0
    }
    fn digits(&self, radix: u8) -> Option<String> {
        let size = self.unsigned_abs();
        Some(match radix {
            2 => format!("{size:b}"),
            8 => format!("{size:o}"),
            16 => format!("{size:x}"),
            _ => size.to_string(),
        })
    }
    fn to_f64(&self) -> Option<f64> {
        Some(*self as f64)
    }
    fn to_i64(&self) -> Option<i64> {
        i64::try_from(*self).ok()
    }
}

/// `format(value, spec)` for an `int`.
///
/// # Errors
/// As CPython.
pub fn format_int(value: i128, spec: &str) -> Result<String, Raise> {
    format_whole(&value, spec, "int")
}

/// `format(value, spec)` for a `bool`: an `int`, except without a spec.
///
/// # Errors
/// As CPython.
pub fn format_bool(value: bool, spec: &str) -> Result<String, Raise> {
    if spec.is_empty() {
        return Ok(if value { "True" } else { "False" }.to_owned());
    }
    format_whole(&i128::from(value), spec, "bool")
}

/// `format(value, spec)` for integers of all sizes.
pub(crate) fn format_whole(value: &dyn Whole, text: &str, type_name: &'static str) -> Result<String, Raise> {
    if text.is_empty() {
        let digits = digits(value, 10)?;
        return Ok(if value.is_negative() { format!("-{digits}") } else { digits });
    }
    let spec = Spec::parse(text, Defaults { type_name, align: Align::Right, kind: Some('d') })?;
    match spec.kind {
        Some('b' | 'c' | 'd' | 'o' | 'x' | 'X' | 'n') => integral(value, &spec),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => {
            let nearest = value.to_f64();
            float_by_spec(nearest.ok_or_else(|| Raise::overflow("int too large to convert to float"))?, &spec)
        }
        _ => spec.unknown_code(type_name),
    }
}

/// The digits, unless they are more than `int` may show in decimal.
fn digits(value: &dyn Whole, radix: u8) -> Result<String, Raise> {
    let digits = value.digits(radix).filter(|digits| radix != 10 || digits.len() <= MAX_DIGITS);
    digits.ok_or_else(|| {
        Raise::value(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        ))
    })
}

fn integral(value: &dyn Whole, spec: &Spec) -> Result<String, Raise> {
    if spec.precision.is_some() {
        return Err(Raise::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(Raise::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    spec.check_size()?;
    let (prefix, radix) = match spec.kind {
        Some('b') => ("0b", 2),
        Some('o') => ("0o", 8),
        Some('x') => ("0x", 16),
        Some('X') => ("0X", 16),
        Some('c') => return character(value, spec),
        _ => ("", 10),
    };
    let mut digits = digits(value, radix)?;
    if spec.kind == Some('X') {
        digits.make_ascii_uppercase();
    }
    let prefix = if spec.alternate { prefix } else { "" };
    Ok(layout(Parts { negative: value.is_negative(), prefix, digits: &digits, rest: "" }, spec))
}

fn character(value: &dyn Whole, spec: &Spec) -> Result<String, Raise> {
    if spec.sign.is_some() {
        return Err(Raise::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(Raise::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let code = value.to_i64();
    let code = code.ok_or_else(|| Raise::overflow("Python int too large to convert to C long"))?;
    let code = u32::try_from(code).ok().filter(|code| *code < 0x11_0000);
    let code = code.ok_or_else(|| Raise::overflow("%c arg not in range(0x110000)"))?;
    // A lone surrogate is a str in Python, but no UTF-8: it could not be printed there either.
    let surrogate = || Raise::new(Exc::UnicodeError, "surrogates not allowed");
    let text = char::from_u32(code).ok_or_else(surrogate)?.to_string();
    Ok(layout(Parts { negative: false, prefix: "", digits: "", rest: &text }, spec))
}
