//! Sizes: no file over 600 lines, no function over 80; and the distribution of both.
//!
//! Test files and test modules are excepted, and so are tables: files in [`TABLES`], and functions that are
//! one flat `match`, which a comment line `// tidy: flat match` above them declares and [`is_flat`] verifies.

use super::Violation;
use super::source::{Source, block_end};

const FILE_LIMIT: usize = 600;
const FUNCTION_LIMIT: usize = 80;
const FLAT_MATCH: &str = "tidy: flat match";
/// An arm of a flat match has at most so many lines.
const ARM_LIMIT: usize = 3;

/// Files that may exceed the limit, each with the reason.
const TABLES: &[(&str, &str)] = &[
    ("ir/src/opcode.rs", "the one table of opcodes"),
    ("ir/src/opcodes.rs", "the one table of opcodes"),
    ("isa-x86_64/src/inst/table.rs", "the table of machine instructions"),
];

/// A function: its name, its first line (from 0) and how many lines it has.
pub struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Files and functions that are too large.
pub fn check(sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for source in sources.iter().filter(|s| !s.is_test) {
        let lines = own_lines(source);
        let excepted = TABLES.iter().any(|(path, _)| source.path.as_os_str() == *path);
        if lines > FILE_LIMIT && !excepted {
            let message = format!("file of {lines} lines without its tests, at most {FILE_LIMIT}");
            violations.push(Violation::new(&source.path, 1, message));
        }
        for function in functions(source) {
            if function.lines > FUNCTION_LIMIT && !is_flat(source, &function) {
                let Function { name, lines, line } = function;
                let message = format!("function `{name}` of {lines} lines, at most {FUNCTION_LIMIT}");
                violations.push(Violation::new(&source.path, line + 1, message));
            }
        }
    }
    violations
}

/// The lines of a file outside its test modules.
fn own_lines(source: &Source) -> usize {
    source.in_test.iter().filter(|t| !**t).count()
}

/// The functions of a file outside its tests. A function in a macro counts by what is written.
pub fn functions(source: &Source) -> Vec<Function> {
    let mut found = Vec::new();
    for (line, text) in source.code.iter().enumerate() {
        if source.is_test_line(line) {
            continue;
        }
        if let Some(name) = function_name(text)
            && let Some(end) = block_end(&source.code, line)
        {
            found.push(Function { name, line, lines: end - line + 1 });
        }
    }
    found
}

/// The name after the word `fn` in a line of code.
fn function_name(text: &str) -> Option<String> {
    let at = text.match_indices("fn ").find(|(at, _)| {
        !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_') && !text[..*at].contains('=')
    })?;
    let rest = text[at.0 + 3..].trim_start();
    let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Whether a function is declared to be a flat match, and is: no stretch between two arms' arrows, at the
/// depth of the outermost arms, is longer than an arm may be.
fn is_flat(source: &Source, function: &Function) -> bool {
    let declared = source.comments[..function.line]
        .iter()
        .zip(&source.code)
        .rev()
        .take_while(|(comment, code)| !comment.trim().is_empty() || code.trim_start().starts_with("#["))
        .any(|(comment, _)| comment.contains(FLAT_MATCH));
    if !declared {
        return false;
    }
    let body = &source.code[function.line..function.line + function.lines];
    let indent = |s: &String| s.len() - s.trim_start().len();
    let Some(depth) = body.iter().filter(|l| l.contains("=>")).map(indent).min() else { return false };
    let arms: Vec<usize> =
        (0..body.len()).filter(|i| body[*i].contains("=>") && indent(&body[*i]) == depth).collect();
    let used = |a: usize, b: usize| body[a..b].iter().filter(|l| !l.trim().is_empty()).count();
    arms.len() > 1 && arms.windows(2).all(|w| used(w[0], w[1]) <= ARM_LIMIT)
}

/// Prints half, nine in ten and the largest of files and functions. The aims are the house's: half of the
/// functions under 12 lines and nine in ten under 40, half of the files under 250.
pub fn print_distribution(sources: &[Source]) {
    let library = || sources.iter().filter(|s| !s.is_test);
    let mut files: Vec<(usize, String)> =
        library().map(|s| (own_lines(s), s.path.display().to_string())).collect();
    let mut all: Vec<(usize, String)> = Vec::new();
    for source in library() {
        let place = |f: &Function| format!("{}:{} {}", source.path.display(), f.line + 1, f.name);
        all.extend(functions(source).iter().map(|f| (f.lines, place(f))));
    }
    println!("sizes in lines         number  p50  p90  max");
    print_row("files (p50 < 250)", &mut files);
    print_row("functions (< 12, < 40)", &mut all);
}

/// One line of the distribution; the largest is named, for it is the one to look at.
fn print_row(what: &str, figures: &mut [(usize, String)]) {
    figures.sort();
    let Some((largest, place)) = figures.last() else { return };
    let at = |percent: usize| figures[(figures.len() - 1) * percent / 100].0;
    println!("{what:22} {:6} {:4} {:4} {largest:4}  ({place})", figures.len(), at(50), at(90));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn source(text: &str) -> Source {
        Source::from_text(Path::new("base/src/lib.rs"), "base", text)
    }

    #[test]
    fn functions_are_measured_to_their_closing_brace() {
        let text = "type F = fn (i32);\npub fn a(\n    x: [u8; 3],\n) -> u8 {\n    x[0]\n}\ntrait T { \n    fn b(&self);\n}\n";
        let found = functions(&source(text));
        assert_eq!(
            found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect::<Vec<_>>(),
            [("a", 1, 5)]
        );
    }

    #[test]
    fn long_functions_are_violations_unless_they_are_flat() {
        let long = |marker: &str, arm: &str| {
            let arms = format!("        {arm}\n").repeat(90);
            format!("{marker}\nfn f(x: u8) -> u8 {{\n    match x {{\n{arms}    }}\n}}\n")
        };
        assert_eq!(check(&[source(&long("", "1 => 2,"))]).len(), 1);
        assert_eq!(check(&[source(&long("// tidy: flat match", "1 => 2,"))]), []);
        let deep = long("// tidy: flat match", "1 => {\n    a();\n    b();\n    c();\n        }");
        assert_eq!(check(&[source(&deep)]).len(), 1);
    }

    #[test]
    fn long_files_are_violations_and_their_tests_do_not_count() {
        assert_eq!(check(&[source(&"//\n".repeat(601))]).len(), 1);
        let tests = format!("//\n#[cfg(test)]\nmod tests {{\n{}}}\n", "//\n".repeat(700));
        assert_eq!(check(&[source(&tests)]), []);
    }
}
