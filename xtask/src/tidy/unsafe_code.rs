//! Unsafe code: forbidden by attribute in every crate but those that meet the machine or foreign code, and
//! there each block, implementation and foreign block says above it, in a `SAFETY:` comment, why it is sound.

use super::Violation;
use super::source::Source;
use std::path::{Path, PathBuf};

/// The crates that may use it.
const ALLOWED: &[&str] = &["runtime", "python", "capi"];
const ATTRIBUTE: &str = "#![forbid(unsafe_code)]";
/// How far above the word its comment may start.
const REACH: usize = 8;

pub fn check(root: &Path, members: &[String], sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in members.iter().filter(|m| !ALLOWED.contains(&m.as_str())) {
        violations.extend(check_roots(root, member));
    }
    for source in sources {
        violations.extend(check_source(source));
    }
    violations
}

/// Every crate root of a member must forbid unsafe code.
fn check_roots(root: &Path, member: &str) -> Vec<Violation> {
    let files = ["src/lib.rs", "src/main.rs"].map(|f| PathBuf::from(member).join(f));
    let lacks = |f: &&PathBuf| std::fs::read_to_string(root.join(f)).is_ok_and(|t| !t.contains(ATTRIBUTE));
    files
        .iter()
        .filter(lacks)
        .map(|f| Violation::new(f, 1, format!("the crate root lacks {ATTRIBUTE}")))
        .collect()
}

/// Each use of the word in code: out of place, or without its reason.
fn check_source(source: &Source) -> Vec<Violation> {
    let allowed = ALLOWED.contains(&source.member.as_str());
    let mut violations = Vec::new();
    for (line, text) in source.code.iter().enumerate() {
        let Some(rest) = after_unsafe(text) else { continue };
        if !allowed {
            violations.push(Violation::new(
                &source.path,
                line + 1,
                "unsafe code outside runtime, python and capi",
            ));
        } else if needs_reason(rest, source.code.get(line + 1)) && !has_reason(source, line) {
            violations.push(Violation::new(
                &source.path,
                line + 1,
                "unsafe code without a `SAFETY:` comment",
            ));
        }
    }
    violations
}

/// What follows the word `unsafe`, unless it is part of a longer word or of an attribute.
fn after_unsafe(text: &str) -> Option<&str> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (at, _) = text.match_indices("unsafe").find(|(at, w)| {
        !text[..*at].ends_with(word) && !text[at + w.len()..].starts_with(|c: char| word(c) || c == '(')
    })?;
    Some(text[at + "unsafe".len()..].trim_start())
}

/// A block, an implementation or a block of foreign items; a function or a function type has its own docs.
fn needs_reason(rest: &str, next: Option<&String>) -> bool {
    let foreign = rest.starts_with("extern") && rest.ends_with('{') && !rest.contains("fn ");
    let block =
        rest.starts_with('{') || (rest.is_empty() && next.is_some_and(|n| n.trim_start().starts_with('{')));
    block || rest.starts_with("impl") || foreign
}

/// Whether a reason is given just above, or at the end of the line.
fn has_reason(source: &Source, line: usize) -> bool {
    source.comments[line.saturating_sub(REACH)..=line].iter().any(|c| c.contains("SAFETY:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(member: &str, text: &str) -> usize {
        check_source(&Source::from_text(Path::new("x/src/lib.rs"), member, text)).len()
    }

    #[test]
    fn unsafe_is_for_three_crates_and_needs_a_reason() {
        assert_eq!(count("opt", "fn f() { unsafe { g() } }"), 1);
        assert_eq!(count("runtime", "fn f() { unsafe { g() } }"), 1);
        assert_eq!(count("runtime", "// SAFETY: g has no conditions.\nfn f() { unsafe { g() } }"), 0);
        assert_eq!(
            count("runtime", "pub unsafe fn f();\n#[unsafe(no_mangle)]\ntype F = unsafe extern \"C\" fn ();"),
            0
        );
        assert_eq!(count("opt", "#![forbid(unsafe_code)]\n// unsafe\nlet s = \"unsafe\";"), 0);
    }
}
