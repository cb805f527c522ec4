//! Files that are made from others and kept under version control, so that tests work without the tool that
//! made them: what CPython prints for each example, and the reference pages that `pyexec-cg` prints.

use crate::{Args, Outcome, repo, tools};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One run of an example: a line of `examples/cases.txt`, or the default for a file without a line.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Case {
    file: String,
    args: Vec<String>,
    status: i32,
    /// The name under `examples/expected` of what it prints.
    expected: String,
}

/// Runs every case of every example with CPython 3.13 and records what it prints. A case that ends with
/// another status than the list says is an error, whether checking or writing: the list or the example is
/// wrong.
pub fn bless_examples(args: &mut Args) -> Outcome {
    let check = args.flag("--check");
    args.finish()?;
    let root = repo::root()?;
    let python = tools::reference_python()?;
    let folder = root.join("examples");
    let cases = cases(&folder)?;
    let mut fine = true;
    for case in &cases {
        let out = Command::new(&python.path)
            .current_dir(&folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(&case.file)
            .args(&case.args)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("cannot run {}: {e}", python.path.display()))?;
        if out.status.code() != Some(case.status) {
            let errors = String::from_utf8_lossy(&out.stderr);
            println!(
                "{} {:?}: {}, expected status {}\n{errors}",
                case.file, case.args, out.status, case.status
            );
            fine = false;
        }
        fine &= keep(&folder.join("expected").join(&case.expected), &out.stdout, check)?;
    }
    fine &= remove_stale(&folder.join("expected"), &cases, check)?;
    println!("{} runs of examples", cases.len());
    Ok(fine)
}

/// Writes a file if its content changes; when checking, says so instead.
fn keep(path: &Path, content: &[u8], check: bool) -> Result<bool, String> {
    if std::fs::read(path).is_ok_and(|old| old == content) {
        return Ok(true);
    }
    println!("{} {}", if check { "differs:" } else { "written:" }, path.display());
    if check {
        return Ok(false);
    }
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    }
    std::fs::write(path, content).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(true)
}

/// Removes recorded outputs that no case has any more.
fn remove_stale(folder: &Path, cases: &[Case], check: bool) -> Result<bool, String> {
    let wanted: BTreeSet<&str> = cases.iter().map(|c| c.expected.as_str()).collect();
    let mut fine = true;
    for path in listing(folder)? {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
        if !wanted.contains(name) {
            println!("no example has this output: {}", path.display());
            fine &= !check;
            if !check {
                std::fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            }
        }
    }
    Ok(fine)
}

/// The files of a folder, sorted.
fn listing(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect();
    paths.sort();
    Ok(paths)
}

/// All cases, in the order of the file names: those that the list gives, and one for each file it does not
/// name.
fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let list = folder.join("cases.txt");
    let text = std::fs::read_to_string(&list).map_err(|e| format!("{}: {e}", list.display()))?;
    let mut by_file = parse_cases(&text)?;
    let mut all = Vec::new();
    for path in listing(folder)?.iter().filter(|p| p.extension().is_some_and(|e| e == "py")) {
        let file = path.file_name().and_then(|n| n.to_str()).unwrap_or("").to_string();
        let runs = by_file.remove(&file).unwrap_or_else(|| vec![(Vec::new(), 0)]);
        for (k, (args, status)) in runs.into_iter().enumerate() {
            let stem = file.trim_end_matches(".py");
            let expected = if k == 0 { format!("{stem}.out") } else { format!("{stem}.{}.out", k + 1) };
            all.push(Case { file: file.clone(), args, status, expected });
        }
    }
    match by_file.keys().next() {
        Some(file) => Err(format!("examples/cases.txt names {file}, which does not exist")),
        None => Ok(all),
    }
}

/// For each file its runs: arguments and exit status.
type Runs = BTreeMap<String, Vec<(Vec<String>, i32)>>;

/// Reads lines `file | arguments | exit status`; `#` starts a comment line.
fn parse_cases(text: &str) -> Result<Runs, String> {
    let mut runs = Runs::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let (&[file, args, _], Some(status)) = (&parts[..], parts.last().and_then(|s| s.parse().ok())) else {
            return Err(format!("examples/cases.txt:{}: not `file | arguments | exit status`", number + 1));
        };
        let args = args.split_whitespace().map(str::to_string).collect();
        runs.entry(file.to_string()).or_default().push((args, status));
    }
    Ok(runs)
}

/// The pages, and the arguments of `pyexec-cg` that print them.
const PAGES: &[(&str, &[&str])] = &[("docs/opcodes.md", &["--list", "opcodes"])];

/// Prints the reference pages anew from the tables in the compiler, so that they cannot differ from it.
pub fn docs(args: &mut Args) -> Outcome {
    let check = args.flag("--check");
    args.finish()?;
    let root = repo::root()?;
    let compiler = repo::build_release(&root, "pyexec-cli")?.join("pyexec-cg");
    let mut fine = true;
    for (page, options) in PAGES {
        let out = Command::new(&compiler)
            .args(*options)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| format!("cannot run {}: {e}", compiler.display()))?;
        if !out.status.success() || out.stdout.is_empty() {
            return Err(format!("pyexec-cg {} printed no page ({})", options.join(" "), out.status).into());
        }
        fine &= keep(&root.join(page), &out.stdout, check)?;
    }
    Ok(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_lines_have_three_parts() {
        let runs = parse_cases("# comment\n\na.py | | 0\na.py | 1 // 2 | 1\n").unwrap();
        let words = |s: &str| s.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        assert_eq!(runs["a.py"], [(vec![], 0), (words("1 // 2"), 1)]);
        assert!(parse_cases("a.py | 0").is_err());
        assert!(parse_cases("a.py | x | y").is_err());
    }
}
