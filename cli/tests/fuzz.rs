//! `fuzz`: its exit statuses, its report, its corpus.

mod common;
use common::Folder;
use std::process::Command;

/// A CPython 3.13, if there is one; the fuzzer accepts no other as the reference.
fn reference() -> Option<String> {
    let named = std::env::var("PYEXEC_PYTHON").ok();
    let check = ["-c", "import sys; sys.exit(sys.version_info[:2] != (3, 13))"];
    let is_reference = |name: &String| Command::new(name).args(check).status().is_ok_and(|s| s.success());
    named.into_iter().chain(["python3.13", "python3"].map(String::from)).find(is_reference)
}

#[test]
fn random_ir_agrees_and_the_report_says_so() {
    let folder = Folder::new();
    let ran =
        folder.run(&["fuzz", "--target", "ir", "--programs", "6", "--seed", "40", "--report", "r.json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("ir: 6 programs from seed 40") && ran.stdout.contains("no failure"),
        "{ran:?}"
    );
    let report: serde_json::Value = serde_json::from_str(&folder.text("r.json")).expect("JSON");
    assert_eq!((&report["format"], &report["version"]), (&"pyexec-cg fuzz".into(), &1.into()));
    assert_eq!(report["targets"]["ir"]["programs"], 6);
    assert_eq!(report["failures"], serde_json::json!([]));
}

#[test]
fn what_is_missing_is_named() {
    let folder = Folder::with("file", "");
    let python = ["fuzz", "--target", "python", "--programs", "1"];
    let with = |more: &[&str]| folder.run(&[&python[..], more].concat());
    with(&["--python", "no-such-python"]).fails(74, &["no-such-python: is no CPython 3.13", "--python PATH"]);
    let ir = ["fuzz", "--target", "ir", "--programs", "1"];
    folder.run(&[&ir[..], &["--corpus", "file"]].concat()).fails(74, &["file"]);
    folder.run(&[&ir[..], &["--report", "none/r.json"]].concat()).fails(74, &["none/r.json"]);
    folder.run(&["fuzz", "--minutes", "soon"]).fails(2, &["soon", "not a number"]);
    folder.run(&["fuzz", "--minutes", "0"]).fails(2, &["no time at all"]);
    folder.run(&["fuzz", "--jobs", "0"]).fails(2, &["0"]);
    folder.run(&["fuzz", "--target", "cobol"]).fails(2, &["python", "parser"]);
}

#[test]
fn a_difference_becomes_a_small_test_in_the_corpus() {
    let Some(python) = reference() else {
        return common::skip("no CPython 3.13");
    };
    // Classes are not compiled: CPython runs this, we refuse it.
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("corpus")).expect("a folder");
    folder.write(
        "corpus/class.py",
        "x = 1\nfor i in range(3):\n    x += i\nprint(x)\n\n\nclass C:\n    pass\n",
    );
    let args = ["fuzz", "--target", "python", "--programs", "1", "--corpus", "corpus", "--python", &python];
    let ran = folder.run(&args);
    assert_eq!(ran.status, 4, "{ran:?}");
    assert!(ran.stdout.contains("refused") && ran.stdout.contains("corpus/failing/python-"), "{ran:?}");
    let small = folder.text("corpus/failing/python-again-0.py");
    assert!(small.contains("class C:") && !small.contains("for "), "{small}");
    assert!(folder.text("corpus/failing/python-again-0.txt").contains("class"));
}
