//! Puts the parts of a formatted number together: padding, sign, prefix, grouped digits, the rest.
//!
//! ```text
//! | left padding | sign | prefix | padding of '=' | grouped digits | point and rest | right padding |
//! ```

use super::format_spec::{Align, Grouping, Spec};

/// A number in parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub negative: bool,
    /// `0x` and its like.
    pub prefix: &'a str,
    /// Digits before the point.
    pub digits: &'a str,
    /// Point, fraction, exponent, `%`; or all of it if there are no digits.
    pub rest: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits the text of a float, e.g. `-12.5e+10%`.
    pub fn of_float(text: &'a str) -> Self {
        let (negative, body) = text.strip_prefix('-').map_or((false, text), |body| (true, body));
        let count = body.bytes().take_while(u8::is_ascii_digit).count();
        Self { negative, prefix: "", digits: &body[..count], rest: &body[count..] }
    }
}

/// The characters that `width` lacks, as padding on the left and on the right.
pub(super) fn padding(length: usize, spec: &Spec) -> (usize, usize) {
    let lack = spec.width.unwrap_or(0).saturating_sub(length);
    match spec.align {
        Align::Left => (0, lack),
        Align::Center => (lack / 2, lack - lack / 2),
        Align::Right | Align::AfterSign => (lack, 0),
    }
}

/// The whole text.
pub(super) fn layout(parts: Parts<'_>, spec: &Spec) -> String {
    let sign = match (parts.negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    };
    let fixed = sign.len() + parts.prefix.len() + parts.rest.chars().count();
    // Zeros in front of digits take separators like digits do.
    let zero_filled = spec.fill == '0' && spec.align == Align::AfterSign;
    let least = if zero_filled { spec.width.unwrap_or(0).saturating_sub(fixed) } else { 0 };
    let digits =
        if parts.digits.is_empty() { String::new() } else { group(parts.digits, least, spec.grouping) };
    let (left, right) = padding(fixed + digits.len(), spec);
    let inner = spec.align == Align::AfterSign;
    let mut text = String::with_capacity(fixed + digits.len() + left + right);
    let pad = |text: &mut String, count| text.extend(std::iter::repeat_n(spec.fill, count));
    pad(&mut text, if inner { 0 } else { left });
    text.push_str(sign);
    text.push_str(parts.prefix);
    pad(&mut text, if inner { left } else { 0 });
    text.push_str(&digits);
    text.push_str(parts.rest);
    pad(&mut text, right);
    text
}

/// Digits with separators, filled with zeros to at least `least` characters: a separator is never
/// first, so a filled number may be one character wider than asked.
fn group(digits: &str, least: usize, grouping: Option<Grouping>) -> String {
    let Some(Grouping { separator, size }) = grouping else {
        return format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
    };
    let mut reversed = String::with_capacity(digits.len().max(least) * 4 / 3 + 1);
    let mut source = digits.bytes().rev();
    let mut in_group = 0;
    loop {
        let digit = source.next();
        if digit.is_none() && reversed.len() >= least {
            break;
        }
        if in_group == size {
            reversed.push(separator);
            in_group = 0;
        }
        reversed.push(digit.map_or('0', char::from));
        in_group += 1;
    }
    reversed.chars().rev().collect()
}
