//! Ring 1: one file a case, the expectation in the same file.
//!
//! The first line says what to run, as a comment: `# emit: ir -O0`. Lines that begin with `#>` (in `.pir`
//! files `;>`) hold what is expected. `PYEXEC_BLESS=1 cargo test -p pyexec-tests --test golden` writes them anew.

use pyexec_tests::{files, pyexec_cg, run};
use std::path::Path;

const STAGES: [&str; 5] = ["hir", "ir", "opt", "vcode", "asm"];

struct Golden<'a> {
    /// `#` or `;`.
    mark: char,
    args: Vec<&'a str>,
    source: String,
    expected: String,
}

fn read<'a>(text: &'a str, path: &Path) -> Golden<'a> {
    let mark = if path.extension().is_some_and(|e| e == "py") { '#' } else { ';' };
    let first = text.lines().next().unwrap_or("");
    let command = first.strip_prefix(mark).and_then(|l| l.trim().strip_prefix("emit:"));
    let args = command.unwrap_or_else(|| panic!("{path:?}: the first line says `{mark} emit: STAGE`"));
    let prefix = format!("{mark}>");
    let (mut source, mut expected) = (String::new(), String::new());
    for line in text.lines() {
        match line.strip_prefix(&prefix) {
            Some(line) => expected += &format!("{}\n", line.strip_prefix(' ').unwrap_or(line)),
            None => source += &format!("{line}\n"),
        }
    }
    Golden { mark, args: args.split_whitespace().collect(), source, expected }
}

/// What the stage prints; the path of the file is not part of it.
fn produce(golden: &Golden<'_>, path: &Path) -> String {
    let path = path.to_str().expect("UTF-8 path");
    let args = ["--emit"].into_iter().chain(golden.args.iter().copied()).chain([path]);
    let ran = run(pyexec_cg(), args, b"").expect("the compiler starts");
    assert_eq!(ran.status, Some(0), "{path}: {}", ran.stderr);
    let lines = ran.stdout.lines().map(|l| format!("{}\n", l.replace(path, "FILE").trim_end()));
    lines.collect()
}

fn bless(golden: &Golden<'_>, path: &Path, produced: &str) {
    let mark = golden.mark;
    let expected: String =
        produced.lines().map(|l| format!("{mark}> {l}").trim_end().to_string() + "\n").collect();
    std::fs::write(path, format!("{}{expected}", golden.source)).expect("the golden file can be written");
}

#[test]
fn stages_print_what_their_golden_files_say() {
    let (mut seen, mut failures) = (0, Vec::new());
    for stage in STAGES {
        let folder = format!("tests/golden/{stage}");
        for path in files(&folder, "py").into_iter().chain(files(&folder, "pir")) {
            let text = std::fs::read_to_string(&path).expect("a golden file is UTF-8");
            let golden = read(&text, &path);
            let produced = produce(&golden, &path);
            seen += 1;
            if std::env::var_os("PYEXEC_BLESS").is_some() {
                bless(&golden, &path, &produced);
            } else if produced != golden.expected {
                failures.push(format!("{path:?}\nexpected\n{}\nproduced\n{produced}", golden.expected));
            }
        }
    }
    assert!(seen >= 10, "only {seen} golden files found");
    assert!(failures.is_empty(), "{} differences:\n{}", failures.len(), failures.join("\n"));
}
