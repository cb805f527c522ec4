//! A float as text by one of C's conversions or by `repr`, with CPython's flags.
//!
//! What it does: takes the digits of the value, decides between the positional and the exponent
//! form, and sets zeros and the point around them.
//!
//! Picture: digits "125", point -2 -> `0.00125`; digits "1", point 17 -> `1e+16`.
//!
//! Source: CPython's documentation of `PyOS_double_to_string`, and "Format Specification
//! Mini-Language" in the library reference.

use super::digits::{self, Digits};

/// The conversions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Code {
    Exponent,
    Fixed,
    General,
    Repr,
}

/// How to convert.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub code: Code,
    pub upper: bool,
    pub precision: usize,
    /// Keep the point and, in `g`, trailing zeros.
    pub alternate: bool,
    /// A finite value without exponent shows at least `.0`.
    pub dot_zero: bool,
    /// What rounds to zero has no sign.
    pub no_negative_zero: bool,
}

impl Style {
    /// As `repr(float)`.
    pub const REPR: Style = Style {
        code: Code::Repr,
        upper: false,
        precision: 0,
        alternate: false,
        dot_zero: true,
        no_negative_zero: false,
    };
}

/// The text of `x`.
pub(super) fn convert(x: f64, style: Style) -> String {
    let text = if x.is_finite() { finite(x, style) } else { special(x) };
    if style.upper { text.to_ascii_uppercase() } else { text }
}

fn special(x: f64) -> String {
    let text = match x {
        x if x.is_nan() => "nan",
        x if x > 0.0 => "inf",
        _ => "-inf",
    };
    text.to_owned()
}

fn finite(x: f64, style: Style) -> String {
    let digits = match style.code {
        Code::Repr => digits::shortest(x),
        Code::Exponent => digits::significant(x, style.precision + 1),
        Code::General => digits::significant(x, style.precision.max(1)),
        Code::Fixed => digits::fraction(x, style.precision),
    };
    let negative = x.is_sign_negative() && !(style.no_negative_zero && digits.is_zero());
    place(&digits, negative, style)
}

/// Sets sign, zeros, point and exponent around the digits.
fn place(digits: &Digits, negative: bool, style: Style) -> String {
    let mut point = i64::from(digits.point);
    let precision = style.precision as i64;
    let exponential = match style.code {
        Code::Exponent => true,
        Code::Fixed => false,
        Code::General => point <= -4 || point > precision.max(1) - i64::from(style.dot_zero),
        Code::Repr => point <= -4 || point > 16,
    };
    // How many digits are shown, counted like `point` from the first digit.
    let shown = match style.code {
        Code::Exponent => precision + 1,
        Code::Fixed => point + precision,
        Code::General if style.alternate => precision.max(1),
        Code::General | Code::Repr => digits.digits.len() as i64,
    };
    let exponent = point - 1;
    if exponential {
        point = 1;
    }
    let start = if point <= 0 { point - 1 } else { 0 };
    let end = shown.max(point + i64::from(!exponential && style.dot_zero));
    let mut text = String::with_capacity((end - start) as usize + 8);
    if negative {
        text.push('-');
    }
    push_digits(&mut text, digits, start..end, point);
    if !style.alternate && text.ends_with('.') {
        text.pop();
    }
    if exponential {
        text.push_str(&format!("e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
    }
    text
}

fn push_digits(text: &mut String, digits: &Digits, shown: std::ops::Range<i64>, point: i64) {
    let end = shown.end;
    for i in shown {
        if i == point {
            text.push('.');
        }
        text.push(char::from(digits.at(i)));
    }
    if point == end {
        text.push('.');
    }
}

/// `repr(x)`: the shortest text that reads back as `x`.
pub fn float_repr(x: f64) -> String {
    convert(x, Style::REPR)
}

/// As [`float_repr`], but shortest for a float32.
pub fn float32_repr(x: f32) -> String {
    if !x.is_finite() {
        return special(f64::from(x));
    }
    place(&digits::shortest_f32(x), x.is_sign_negative(), Style::REPR)
}

/// `repr(complex(re, im))`.
pub fn complex_repr(re: f64, im: f64) -> String {
    let plain = Style { dot_zero: false, ..Style::REPR };
    let imaginary = convert(im, plain);
    if re == 0.0 && re.is_sign_positive() {
        return format!("{imaginary}j");
    }
    let sign = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{imaginary}j)", convert(re, plain))
}
