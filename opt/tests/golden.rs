//! Golden tests: `golden/<passes>/<name>.pir`. A file begins with comments that say what it shows, then
//! comes the module before, then a line `; ==>`, then the module after. The folder names the passes that
//! run, joined by `+`, or a level (`O2`). `PYEXEC_BLESS=1` writes what comes out.

mod common;

use common::{check, parse, run_pass};
use pyexec_opt::{OptLevel, optimize};
use std::path::{Path, PathBuf};

const ARROW: &str = "; ==>\n";

fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut folders = entries(&root);
    folders.retain(|f| f.is_dir());
    let mut files: Vec<PathBuf> = folders.iter().flat_map(|f| entries(f)).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "pir"));
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).expect("a folder");
    let mut entries: Vec<PathBuf> = read.map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    entries
}

fn transform(text: &str, what: &str) -> String {
    let mut module = parse(text);
    check(&module, "parsing");
    let level = [("O1", OptLevel::O1), ("O2", OptLevel::O2), ("O3", OptLevel::O3)];
    match level.into_iter().find(|(name, _)| *name == what) {
        Some((_, level)) => optimize(&mut module, level, &mut |pass, module| check(module, pass)),
        None => what.split('+').for_each(|pass| {
            run_pass(&mut module, pass, OptLevel::O2);
            check(&module, pass);
        }),
    }
    module.compacted().to_string()
}

#[test]
fn files_are_as_they_should_be() {
    let bless = std::env::var_os("PYEXEC_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a text");
        let (before, after) = text.split_once(ARROW).unwrap_or((&text, ""));
        let folder = path.parent().and_then(|p| p.file_name()).and_then(|n| n.to_str()).expect("a name");
        let actual = transform(before, folder);
        if bless && actual != after {
            std::fs::write(&path, format!("{before}{ARROW}{actual}")).expect("written");
        } else if actual != after {
            wrong.push(format!("{}:\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(files().len() >= 8);
}
