//! The format-spec mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
//!
//! Source: "Format Specification Mini-Language", CPython 3.13 library reference; error texts as
//! CPython words them.

use super::text::decimal_value;
use crate::Raise;

/// Where the padding goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// `<`
    Left,
    /// `>`
    Right,
    /// `^`
    Center,
    /// `=`: between sign and digits.
    AfterSign,
}

impl Align {
    fn from_char(c: char) -> Option<Self> {
        match c {
            '<' => Some(Self::Left),
            '>' => Some(Self::Right),
            '^' => Some(Self::Center),
            '=' => Some(Self::AfterSign),
            _ => None,
        }
    }
}

/// The separator between groups of digits, and the size of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grouping {
    /// `,` or `_`.
    pub separator: char,
    /// 3 digits, or 4 in bases 2, 8 and 16.
    pub size: usize,
}

/// A parsed spec.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The padding character.
    pub fill: char,
    /// Where it goes.
    pub align: Align,
    /// `+`, `-` or space, if given.
    pub sign: Option<char>,
    /// `z`
    pub no_negative_zero: bool,
    /// `#`
    pub alternate: bool,
    /// The least number of characters.
    pub width: Option<usize>,
    /// `,` or `_`
    pub grouping: Option<Grouping>,
    /// After the point.
    pub precision: Option<usize>,
    /// The presentation type; `None` where the type of the value has no default.
    pub kind: Option<char>,
}

/// What differs by the type of the value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defaults {
    pub type_name: &'static str,
    pub align: Align,
    pub kind: Option<char>,
}

/// Wider fields than this are not built: a MemoryError, as CPython gives some way further up.
const MAX_FIELD: usize = 1 << 30;

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }
    fn peek_second(&self) -> Option<char> {
        self.rest.chars().nth(1)
    }
    fn advance(&mut self) {
        self.rest = &self.rest[self.peek().map_or(0, char::len_utf8)..];
    }
    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.advance();
        }
        found
    }
    fn integer(&mut self) -> Result<Option<usize>, Raise> {
        let mut value: Option<i64> = None;
        while let Some(digit) = self.peek().and_then(decimal_value) {
            let grown = value.unwrap_or(0).checked_mul(10).and_then(|v| v.checked_add(i64::from(digit)));
            value = Some(grown.ok_or_else(|| Raise::value("Too many decimal digits in format string"))?);
            self.advance();
        }
        Ok(value.map(|v| v as usize))
    }
}

impl Spec {
    pub(super) fn parse(text: &str, defaults: Defaults) -> Result<Spec, Raise> {
        let mut reader = Reader { rest: text };
        let mut spec = Self::flags(&mut reader, defaults);
        spec.width = reader.integer()?;
        let separator = separator(&mut reader)?;
        if reader.take('.') {
            let precision = reader.integer()?;
            spec.precision =
                Some(precision.ok_or_else(|| Raise::value("Format specifier missing precision"))?);
        }
        if reader.peek_second().is_some() {
            let name = defaults.type_name;
            return Err(Raise::value(format!(
                "Invalid format specifier '{text}' for object of type '{name}'"
            )));
        }
        spec.kind = reader.peek().or(defaults.kind);
        spec.grouping = separator.map(|s| grouping(s, spec.kind)).transpose()?;
        Ok(spec)
    }

    /// Everything before the width.
    fn flags(reader: &mut Reader<'_>, defaults: Defaults) -> Spec {
        let mut fill = None;
        let mut align = None;
        if let Some(found) = reader.peek_second().and_then(Align::from_char) {
            fill = reader.peek();
            align = Some(found);
            reader.advance();
            reader.advance();
        } else if let Some(found) = reader.peek().and_then(Align::from_char) {
            align = Some(found);
            reader.advance();
        }
        let sign = reader.peek().filter(|c| matches!(c, '+' | '-' | ' '));
        if sign.is_some() {
            reader.advance();
        }
        let no_negative_zero = reader.take('z');
        let alternate = reader.take('#');
        if fill.is_none() && reader.take('0') {
            fill = Some('0');
            if align.is_none() && defaults.align == Align::Right {
                align = Some(Align::AfterSign);
            }
        }
        Spec {
            fill: fill.unwrap_or(' '),
            align: align.unwrap_or(defaults.align),
            sign,
            no_negative_zero,
            alternate,
            width: None,
            grouping: None,
            precision: None,
            kind: None,
        }
    }

    /// Refuses what would not fit into memory.
    pub(super) fn check_size(&self) -> Result<(), Raise> {
        let large = self.width.max(self.precision).is_some_and(|n| n > MAX_FIELD);
        if large { Err(Raise::memory()) } else { Ok(()) }
    }

    pub(super) fn unknown_code<T>(&self, type_name: &str) -> Result<T, Raise> {
        let code = show_code(self.kind.unwrap_or('\0'));
        Err(Raise::value(format!("Unknown format code '{code}' for object of type '{type_name}'")))
    }
}

/// A code as messages show it: itself if it is printable ASCII.
fn show_code(code: char) -> String {
    if (' '..='\u{7f}').contains(&code) && code != ' ' {
        code.to_string()
    } else {
        format!("\\x{:x}", u32::from(code))
    }
}

fn separator(reader: &mut Reader<'_>) -> Result<Option<char>, Raise> {
    let both = || Err(Raise::value("Cannot specify both ',' and '_'."));
    if reader.take(',') {
        return if reader.peek() == Some('_') { both() } else { Ok(Some(',')) };
    }
    if reader.take('_') {
        return if reader.peek() == Some(',') { both() } else { Ok(Some('_')) };
    }
    Ok(None)
}

fn grouping(separator: char, kind: Option<char>) -> Result<Grouping, Raise> {
    match kind {
        None | Some('d' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F') => Ok(Grouping { separator, size: 3 }),
        Some('b' | 'o' | 'x' | 'X') if separator == '_' => Ok(Grouping { separator, size: 4 }),
        Some(code) => Err(Raise::value(format!("Cannot specify '{separator}' with '{}'.", show_code(code)))),
    }
}
