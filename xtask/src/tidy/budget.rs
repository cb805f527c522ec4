//! Lines per crate against a budget: what one person can read. Tests are counted apart and have no limit.
//! The share of comment lines is shown beside it (the aim is 15 to 20 in a hundred).

use super::Violation;
use super::source::Source;

/// Lines of code and comments, tests not counted, that a crate may have. Raising one is a decision: say why
/// in the commit.
const BUDGETS: &[(&str, usize)] = &[
    ("base", 1_500),
    ("ir", 7_500),
    ("regalloc", 3_500),
    ("codegen", 5_000),
    ("opt", 9_000),
    ("isa-x86_64", 9_000),
    ("isa-aarch64", 9_000),
    ("emit-elf-macho-pe", 5_000),
    ("frontend", 16_000),
    ("runtime", 8_000),
    ("driver", 3_000),
    ("cli", 3_500),
    ("python", 8_000),
    ("capi", 4_000),
    ("fuzz", 4_000),
    ("xtask", 3_500),
    ("benches", 2_000),
];

/// Lines that are not blank. A line with code and a comment is code.
#[derive(Default)]
struct Lines {
    code: usize,
    comments: usize,
    tests: usize,
}

/// Counts one crate.
fn count(member: &str, sources: &[Source]) -> Lines {
    let mut lines = Lines::default();
    for source in sources.iter().filter(|s| s.member == member) {
        for (number, (code, comment)) in source.code.iter().zip(&source.comments).enumerate() {
            match (code.trim().is_empty(), comment.trim().is_empty()) {
                (true, true) => {}
                _ if source.is_test_line(number) => lines.tests += 1,
                (true, false) => lines.comments += 1,
                (false, _) => lines.code += 1,
            }
        }
    }
    lines
}

fn budget(member: &str) -> Option<usize> {
    BUDGETS.iter().find(|(name, _)| *name == member).map(|(_, lines)| *lines)
}

/// Crates over their budget, or without one. The test crate has none: more tests are better.
pub fn check(members: &[String], sources: &[Source]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in members.iter().filter(|m| *m != "tests") {
        let lines = count(member, sources);
        let total = lines.code + lines.comments;
        match budget(member) {
            None => violations.push(Violation::new(member, 0, "this crate has no line budget: give it one")),
            Some(most) if total > most => {
                violations.push(Violation::new(member, 0, format!("{total} lines, the budget is {most}")));
            }
            Some(_) => {}
        }
    }
    violations
}

/// The table, with the sum of all crates.
pub fn print(members: &[String], sources: &[Source]) {
    println!("crate                lines  budget  comments   tests");
    let mut all = Lines::default();
    for member in members {
        let lines = count(member, sources);
        let most = budget(member).map_or_else(|| "-".to_string(), |b| b.to_string());
        print_row(member, &lines, &most);
        all.code += lines.code;
        all.comments += lines.comments;
        all.tests += lines.tests;
    }
    print_row("all", &all, "");
}

fn print_row(name: &str, lines: &Lines, budget: &str) {
    let total = lines.code + lines.comments;
    let share = 100.0 * lines.comments as f64 / total.max(1) as f64;
    println!("{name:18} {total:7} {budget:>7} {share:8.1}% {:7}", lines.tests);
}
