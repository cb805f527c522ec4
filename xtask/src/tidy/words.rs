//! Words that library code must not contain: ways to panic without saying which invariant broke, unfinished
//! work, and printing (a library returns values; the command line prints).

use super::Violation;
use super::source::Source;

/// Crates with a user interface, which print.
const PRINTING: &[&str] = &["cli", "fuzz", "xtask", "benches"];

/// Forbidden everywhere outside tests, with what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (".unwrap()", "return an error, or `expect(\"invariant: ...\")`"),
    ("todo!", "finish it"),
    ("unimplemented!", "return a diagnostic"),
    ("dbg!", "remove it"),
];

/// Forbidden in libraries.
const PRINTS: &[&str] = &["println!", "print!", "eprintln!", "eprint!"];

/// Every line of code outside tests, against both lists.
pub fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources {
        let prints = PRINTING.contains(&source.member.as_str()) || source.path.ends_with("build.rs");
        for (line, text) in source.code.iter().enumerate() {
            if source.is_test_line(line) {
                continue;
            }
            for (word, instead) in FORBIDDEN.iter().filter(|(word, _)| has_word(text, word)) {
                violations.push(Violation::new(&source.path, line + 1, format!("`{word}`: {instead}")));
            }
            for word in PRINTS.iter().filter(|word| !prints && has_word(text, word)) {
                violations.push(Violation::new(&source.path, line + 1, format!("`{word}` in a library")));
            }
        }
    }
    violations
}

/// Whether the text has the word, and not as the end of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| word.starts_with('.') || !text[..at].ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn count(member: &str, text: &str) -> usize {
        check(&[Source::from_text(Path::new("x/src/a.rs"), member, text)]).len()
    }

    #[test]
    fn words_count_in_code_outside_tests() {
        assert_eq!(count("opt", "let a = b.unwrap(); todo!();\neprintln!(\"x\");"), 3);
        assert_eq!(count("opt", "let a = b.unwrap_or(1); // .unwrap()\nlet s = \"todo!\";"), 0);
        assert_eq!(count("opt", "#[cfg(test)]\nmod tests {\n    fn f() { x.unwrap(); }\n}"), 0);
        assert_eq!(count("cli", "println!(\"x\");"), 0);
        assert_eq!(count("tests", "println!(\"x\".unwrap());"), 0);
    }
}
