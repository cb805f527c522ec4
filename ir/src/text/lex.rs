//! Cuts one line of text into tokens.

use pyexec_base::{Diagnostic, Span};
use std::borrow::Cow;

/// How many errors of one text are reported.
pub(super) const MOST_ERRORS: usize = 100;

/// The result of reading something: what it is, or what is wrong with the line.
pub(super) type Parse<T> = Result<T, Box<Diagnostic>>;

/// Code of a diagnostic: the text does not follow the grammar.
pub(super) const SYNTAX: &str = "E0901";
/// A name that nothing defines.
pub(super) const UNKNOWN: &str = "E0902";
/// A name that is defined twice.
pub(super) const DUPLICATE: &str = "E0903";
/// A number that does not fit.
pub(super) const RANGE: &str = "E0904";
/// An instruction that does not fit what it names.
pub(super) const MISMATCH: &str = "E0905";

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Tok<'t> {
    /// Letters, digits, `_` and `.`; begins with a letter or `_`.
    Word(&'t str),
    /// `@name` or `@"name"`.
    Symbol(Cow<'t, str>),
    /// `@12`.
    Loc(&'t str),
    /// Digits, perhaps with `0x`, a fraction or an exponent.
    Number(&'t str),
    /// `"bytes"`.
    Text(Vec<u8>),
    /// One of `( ) [ ] { } , : = + -`, or `->` as `>`, or `...` as `.`.
    Punct(char),
    /// The end of the line.
    End,
    /// Nothing of the above, and why.
    Bad(&'static str),
}

impl Tok<'_> {
    fn describe(&self) -> String {
        match self {
            Tok::Word(word) => format!("`{}`", shorten(word)),
            Tok::Symbol(name) => format!("`@{}`", shorten(name)),
            Tok::Loc(digits) => format!("`@{}`", shorten(digits)),
            Tok::Number(digits) => format!("`{}`", shorten(digits)),
            Tok::Text(_) => "a quoted text".into(),
            Tok::Punct('>') => "`->`".into(),
            Tok::Punct('.') => "`...`".into(),
            Tok::Punct(c) => format!("`{c}`"),
            Tok::End => "the end of the line".into(),
            Tok::Bad(why) => (*why).into(),
        }
    }
}

/// Messages quote input; they stay short whatever the input.
pub(super) fn shorten(text: &str) -> String {
    if text.chars().count() <= 40 {
        text.into()
    } else {
        text.chars().take(37).chain("...".chars()).collect()
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b'$')
}
fn is_name_byte(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}
/// Whether a symbol is written without quotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.bytes().next().is_some_and(is_name_start) && name.bytes().all(is_name_byte)
}

/// The rest of one line, and the token before it.
pub(super) struct Line<'t> {
    text: &'t str,
    at: usize,
    base: u32,
    /// The current token.
    pub(super) tok: Tok<'t>,
    /// Where the current token stands.
    pub(super) span: Span,
}

impl<'t> Line<'t> {
    /// A line of text that begins at a global offset.
    pub(super) fn new(text: &'t str, base: u32) -> Self {
        let mut line = Self { text, at: 0, base, tok: Tok::End, span: Span::new(base, base) };
        line.advance();
        line
    }
    /// From the first byte of the line to its last.
    pub(super) fn whole(&self) -> Span {
        Span::new(self.base, self.base + self.text.trim_end().len() as u32)
    }
    fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.at + ahead).copied().unwrap_or(0)
    }
    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'t str {
        let rest = &self.text.as_bytes()[self.at..];
        let len = rest.iter().position(|b| !keep(*b)).unwrap_or(rest.len());
        self.at += len;
        // Only ASCII bytes are kept, so both ends are character boundaries.
        &self.text[self.at - len..self.at]
    }

    /// Goes to the next token.
    pub(super) fn advance(&mut self) {
        self.take_while(|b| matches!(b, b' ' | b'\t' | b'\r'));
        let start = self.at;
        self.tok = self.token();
        self.span = Span::new(self.base + start as u32, self.base + self.at as u32);
    }

    fn token(&mut self) -> Tok<'t> {
        match self.byte(0) {
            0 | b';' if self.at == self.text.len() || self.byte(0) == b';' => Tok::End,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                Tok::Word(self.take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')))
            }
            b'0'..=b'9' => self.number(),
            b'@' => self.symbol(),
            b'"' => self.quoted().map_or_else(Tok::Bad, Tok::Text),
            b'-' if self.byte(1) == b'>' => self.punct('>', 2),
            b'.' if self.byte(1) == b'.' && self.byte(2) == b'.' => self.punct('.', 3),
            c @ (b'(' | b')' | b'[' | b']' | b'{' | b'}' | b',' | b':' | b'=' | b'+' | b'-') => {
                self.punct(c as char, 1)
            }
            _ => {
                self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                Tok::Bad("a character that begins nothing")
            }
        }
    }

    fn punct(&mut self, c: char, len: usize) -> Tok<'t> {
        self.at += len;
        Tok::Punct(c)
    }

    fn number(&mut self) -> Tok<'t> {
        let start = self.at;
        self.take_while(|b| b.is_ascii_alphanumeric() || b == b'.');
        // A decimal exponent may have a sign; `0x1e-5` is a hexadecimal number and an offset.
        let digits = &self.text[start..self.at];
        if !digits.starts_with("0x") && digits.ends_with(['e', 'E']) && matches!(self.byte(0), b'+' | b'-') {
            self.at += 1;
            self.take_while(|b| b.is_ascii_digit());
        }
        Tok::Number(&self.text[start..self.at])
    }

    fn symbol(&mut self) -> Tok<'t> {
        self.at += 1;
        match self.byte(0) {
            b'0'..=b'9' => Tok::Loc(self.take_while(|b| b.is_ascii_digit())),
            b'"' => match self.quoted().map(String::from_utf8) {
                Ok(Ok(name)) => Tok::Symbol(Cow::Owned(name)),
                Ok(Err(_)) => Tok::Bad("a name that is not UTF-8"),
                Err(why) => Tok::Bad(why),
            },
            first if is_name_start(first) => Tok::Symbol(Cow::Borrowed(self.take_while(is_name_byte))),
            _ => Tok::Bad("`@` without a name"),
        }
    }

    fn quoted(&mut self) -> Result<Vec<u8>, &'static str> {
        self.at += 1;
        let mut bytes = Vec::new();
        while self.at < self.text.len() {
            let byte = self.byte(0);
            self.at += 1;
            match byte {
                b'"' => return Ok(bytes),
                b'\\' => bytes.push(self.escape().inspect_err(|_| self.at = self.text.len())?),
                _ => bytes.push(byte),
            }
        }
        Err("a text without closing `\"`")
    }

    fn escape(&mut self) -> Result<u8, &'static str> {
        let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
        let (len, byte) = match (self.byte(0), digit(self.byte(1)), digit(self.byte(2))) {
            (c @ (b'"' | b'\\'), ..) => (1, c),
            (b'x', Some(high), Some(low)) => (3, high << 4 | low),
            _ => return Err("an escape other than `\\\"`, `\\\\` and `\\x00`"),
        };
        self.at += len;
        Ok(byte)
    }

    // ---- What parsers ask for ----

    /// Whether the line, comment apart, ends in `{`. Looks only at the text: it may be wrong inside of
    /// quotes, which matters only for how well errors are told apart.
    pub(super) fn opens_body(&self) -> bool {
        let code = self.text.rsplit_once(';').map_or(self.text, |(code, _)| code);
        code.trim_end().ends_with('{') || self.text.trim_end().ends_with('{')
    }
    /// Whether the current token is a word such as `b12`: a block's name, as no opcode is called so.
    pub(super) fn starts_block(&self) -> bool {
        matches!(self.tok, Tok::Word(word) if id_number(word, "b").is_some())
    }

    /// An error at the current token: what was expected instead.
    pub(super) fn expected(&self, what: &str) -> Box<Diagnostic> {
        self.error(SYNTAX, format!("expected {what}, found {}", self.tok.describe()))
    }
    /// An error at the current token.
    pub(super) fn error(&self, code: &'static str, message: String) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(code, self.span, message))
    }
    /// Steps over a punctuation mark if it is there.
    pub(super) fn eat(&mut self, c: char) -> bool {
        let found = self.tok == Tok::Punct(c);
        if found {
            self.advance();
        }
        found
    }
    /// Steps over a word if it is there.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.tok == Tok::Word(word);
        if found {
            self.advance();
        }
        found
    }
    /// Steps over a punctuation mark.
    pub(super) fn expect(&mut self, c: char) -> Parse<()> {
        let shown = match c {
            '>' => "`->`".to_string(),
            _ => format!("`{c}`"),
        };
        if self.eat(c) { Ok(()) } else { Err(self.expected(&shown)) }
    }
    /// Steps over this word.
    pub(super) fn expect_word(&mut self, word: &str) -> Parse<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }
    /// One of the words that `find` knows.
    pub(super) fn named<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> Parse<T> {
        let found = match self.tok {
            Tok::Word(word) => find(word),
            _ => None,
        };
        let found = found.ok_or_else(|| self.expected(what))?;
        self.advance();
        Ok(found)
    }
    /// An id such as `v12`: the number after `prefix`.
    pub(super) fn id(&mut self, prefix: &str, what: &str) -> Parse<u32> {
        self.named(what, |word| id_number(word, prefix))
    }
    /// A symbol.
    pub(super) fn symbol_name(&mut self) -> Parse<Cow<'t, str>> {
        match std::mem::replace(&mut self.tok, Tok::End) {
            Tok::Symbol(name) => {
                self.advance();
                Ok(name)
            }
            other => {
                self.tok = other;
                Err(self.expected("a symbol such as `@name`"))
            }
        }
    }
    /// A whole number with an optional `-`, between two bounds.
    pub(super) fn integer(&mut self, min: i128, max: i128) -> Parse<i128> {
        let negative = self.eat('-');
        let Tok::Number(digits) = self.tok else { return Err(self.expected("a whole number")) };
        let value = whole_number(digits).map(|v| if negative { -v } else { v });
        let fits = value.filter(|v| (min..=max).contains(v));
        let fits = fits.ok_or_else(|| {
            self.error(
                RANGE,
                format!("expected a whole number from {min} to {max}, found {}", self.tok.describe()),
            )
        })?;
        self.advance();
        Ok(fits)
    }
    /// A `u32`.
    pub(super) fn u32(&mut self) -> Parse<u32> {
        Ok(self.integer(0, u32::MAX.into())? as u32)
    }
    /// `+8`, `-8` or nothing: an offset.
    pub(super) fn offset(&mut self, min: i64, max: i64) -> Parse<i64> {
        if self.eat('+') {
            return Ok(self.integer(0, max.into())? as i64);
        }
        if self.tok == Tok::Punct('-') { Ok(self.integer(min.into(), 0)? as i64) } else { Ok(0) }
    }
    /// `name 12`.
    pub(super) fn field(&mut self, name: &str) -> Parse<u32> {
        self.expect_word(name)?;
        self.u32()
    }
    /// Nothing more on the line.
    pub(super) fn end(&self) -> Parse<()> {
        if self.tok == Tok::End { Ok(()) } else { Err(self.expected("the end of the line")) }
    }
    /// Items between commas up to `close`, which is stepped over.
    pub(super) fn list<T>(
        &mut self,
        close: char,
        mut item: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<Vec<T>> {
        let mut items = Vec::new();
        if self.eat(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(close) {
                return Ok(items);
            }
            if !self.eat(',') {
                return Err(self.expected(&format!("`,` or `{close}`")));
            }
        }
    }
}

/// The number of an id, without leading zeros, so that each id has one spelling.
fn id_number(word: &str, prefix: &str) -> Option<u32> {
    let digits = word.strip_prefix(prefix)?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    if plain { digits.parse().ok() } else { None }
}

fn whole_number(digits: &str) -> Option<i128> {
    match digits.strip_prefix("0x") {
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => i128::from_str_radix(hex, 16).ok(),
        _ if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}
