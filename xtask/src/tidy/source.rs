//! A Rust file seen as code and comments: the same text twice, once with comments and the insides of literals
//! blanked, once with everything but comments blanked. Rules then search plain text without being misled by
//! a word in a comment or a brace in a string.
//!
//! ```text
//! text      let s = "a // b"; // why
//! code      let s = "      ";
//! comments                    // why
//! ```

use std::path::{Path, PathBuf};

/// One Rust file of a member crate. `code` and `comments` are split into lines like the text itself.
pub struct Source {
    /// Relative to the root.
    pub path: PathBuf,
    /// The member folder it belongs to.
    pub member: String,
    /// Whether the whole file is test code.
    pub is_test: bool,
    pub code: Vec<String>,
    pub comments: Vec<String>,
    /// For each line, whether it is inside `#[cfg(test)] mod ... { }`.
    pub in_test: Vec<bool>,
}

impl Source {
    /// Reads a file; nothing if it is not a Rust file of a member.
    pub fn read(root: &Path, path: &Path, members: &[String]) -> Option<Source> {
        if path.extension()? != "rs" {
            return None;
        }
        let member = path.iter().next()?.to_str()?.to_string();
        if !members.contains(&member) {
            return None;
        }
        let text = String::from_utf8_lossy(&std::fs::read(root.join(path)).ok()?).into_owned();
        Some(Source::from_text(path, &member, &text))
    }

    pub fn from_text(path: &Path, member: &str, text: &str) -> Source {
        let (code, comments) = split(text);
        let lines = |s: String| s.lines().map(str::to_string).collect::<Vec<_>>();
        let (code, comments) = (lines(code), lines(comments));
        let is_test = member == "tests"
            || path.iter().any(|part| part == "tests" || part == "benches" && member != "benches")
            || path.file_name().is_some_and(|name| name == "tests.rs");
        let in_test = test_lines(&code);
        Source { path: path.to_path_buf(), member: member.to_string(), is_test, code, comments, in_test }
    }

    /// Whether a line (from 0) is test code.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.in_test.get(line).copied().unwrap_or(false)
    }
}

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    LineComment,
    /// How many `/*` are open.
    BlockComment(usize),
    /// A string; `Some(n)`: a raw one closed by a quote and n hashes.
    Text(Option<usize>),
}

/// Splits a text into its code and its comments; both keep every line break and every column.
fn split(text: &str) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut comments) = (String::with_capacity(text.len()), String::new());
    let (mut state, mut i) = (State::Code, 0);
    while i < chars.len() {
        let (next, taken, show) = step(&chars, i, state);
        for &c in &chars[i..i + taken] {
            let in_code = show == Show::Code || c == '\n';
            code.push(if in_code { c } else { ' ' });
            comments.push(if show == Show::Comment || c == '\n' { c } else { ' ' });
        }
        (state, i) = (next, i + taken);
    }
    (code, comments)
}

/// Which of the two texts shows some characters; neither shows the inside of a literal.
#[derive(Clone, Copy, PartialEq)]
enum Show {
    Code,
    Comment,
    Neither,
}

/// The state after the characters at `i`, how many were taken, and where they show.
fn step(chars: &[char], i: usize, state: State) -> (State, usize, Show) {
    let starts = |s: &str| s.chars().enumerate().all(|(k, c)| chars.get(i + k) == Some(&c));
    match state {
        State::LineComment if chars[i] == '\n' => (State::Code, 1, Show::Code),
        State::LineComment => (state, 1, Show::Comment),
        State::BlockComment(depth) if starts("/*") => (State::BlockComment(depth + 1), 2, Show::Comment),
        State::BlockComment(1) if starts("*/") => (State::Code, 2, Show::Comment),
        State::BlockComment(depth) if starts("*/") => (State::BlockComment(depth - 1), 2, Show::Comment),
        State::BlockComment(_) => (state, 1, Show::Comment),
        State::Text(None) if chars[i] == '\\' && i + 1 < chars.len() => (state, 2, Show::Neither),
        State::Text(None) if chars[i] == '"' => (State::Code, 1, Show::Code),
        State::Text(Some(n)) if chars[i] == '"' && hashes(chars, i + 1) >= n => {
            (State::Code, 1 + n, Show::Code)
        }
        State::Text(_) => (state, 1, Show::Neither),
        State::Code if starts("//") => (State::LineComment, 2, Show::Comment),
        State::Code if starts("/*") => (State::BlockComment(1), 2, Show::Comment),
        State::Code => step_code(chars, i),
    }
}

/// [`step`] in code, where no comment starts: literals, and all else.
fn step_code(chars: &[char], i: usize) -> (State, usize, Show) {
    let continues_word = i > 0 && (chars[i - 1].is_alphanumeric() || chars[i - 1] == '_');
    match chars[i] {
        '"' => (State::Text(None), 1, Show::Code),
        'r' if !continues_word || chars[i - 1] == 'b' || chars[i - 1] == 'c' => {
            let n = hashes(chars, i + 1);
            match chars.get(i + 1 + n) {
                Some('"') => (State::Text(Some(n)), 2 + n, Show::Code),
                _ => (State::Code, 1, Show::Code),
            }
        }
        '\'' => match char_literal(chars, i) {
            1 => (State::Code, 1, Show::Code),
            length => (State::Code, length, Show::Neither),
        },
        _ => (State::Code, 1, Show::Code),
    }
}

/// How many `#` stand from `i` on.
fn hashes(chars: &[char], i: usize) -> usize {
    chars[i.min(chars.len())..].iter().take_while(|c| **c == '#').count()
}

/// The length of the character literal at `i`, or 1 for the tick of a lifetime or label.
fn char_literal(chars: &[char], i: usize) -> usize {
    if chars.get(i + 1) == Some(&'\\') {
        let rest = &chars[i + 3..chars.len().max(i + 3)];
        return rest.iter().take(10).position(|c| *c == '\'').map_or(1, |end| end + 4);
    }
    if chars.get(i + 2) == Some(&'\'') { 3 } else { 1 }
}

/// Marks the lines of `#[cfg(test)]` modules and functions.
fn test_lines(code: &[String]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    let mut line = 0;
    while line < code.len() {
        if code[line].contains("#[cfg(test)]") || code[line].contains("#[cfg(all(test") {
            let end = block_end(code, line).unwrap_or(line);
            marks[line..=end].fill(true);
            line = end;
        }
        line += 1;
    }
    marks
}

/// The last line of the item that starts at `line`: where its braces close, or its `;` before any brace.
pub fn block_end(code: &[String], line: usize) -> Option<usize> {
    let (mut braces, mut others, mut opened) = (0usize, 0usize, false);
    for (number, text) in code.iter().enumerate().skip(line) {
        for c in text.chars() {
            match c {
                '{' => (braces, opened) = (braces + 1, true),
                '}' => braces = braces.saturating_sub(1),
                '(' | '[' => others += 1,
                ')' | ']' => others = others.saturating_sub(1),
                ';' if !opened && others == 0 => return None,
                _ => {}
            }
            if opened && braces == 0 {
                return Some(number);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_told_from_code() {
        let text =
            "let s = \"a // {b\"; // why {\nlet c = '{'; /* a /* b */ c */ let r: &'a str = r#\"x\"y\"#;\n";
        let (code, comments) = split(text);
        assert_eq!(code.len(), text.len());
        assert_eq!(code.lines().next().unwrap().trim_end(), "let s = \"       \";");
        assert!(comments.contains("// why {") && comments.contains("/* a /* b */ c */"));
        assert!(!code.contains('{') && code.contains("&'a str = r#\"   \"#;"), "{code}");
    }

    #[test]
    fn escaped_characters_end_where_they_should() {
        let (code, _) = split("a('\\'', '\\n', '\"', '\\u{1f600}') // x\nb");
        assert_eq!(code.replace(' ', ""), "a(,,,)\nb");
    }

    #[test]
    fn test_modules_are_marked() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod more;\n";
        let source = Source::from_text(Path::new("base/src/lib.rs"), "base", text);
        assert_eq!(source.in_test, [false, true, true, true, true, false, true, false]);
    }
}
