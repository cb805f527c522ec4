//! Bad input gets a message with file, line and column, the right exit status, and nothing half-written.

use pyexec_tests::{Ran, pyexec_cg, run};
use std::path::{Path, PathBuf};

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("pyexec-bad-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a scratch folder");
        Self(dir)
    }
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("a scratch file");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn compile(args: &[&str], file: &Path) -> Ran {
    let all = args.iter().copied().chain([file.to_str().expect("UTF-8 path")]);
    run(pyexec_cg(), all, b"").expect("the compiler starts")
}

/// Source, exit status, and what the message must hold; `f.py:LINE:COL` is the place.
const PROGRAMS: &[(&str, i32, &[&str])] = &[
    ("def f(:\n  pass\n", 1, &["f.py:1:7"]),
    ("x = (1 + \n", 1, &["f.py:"]),
    ("print(y)\n", 1, &["f.py:1:7", "y"]),
    ("def f(a: int) -> int:\n    return b\nf(1)\n", 1, &["f.py:2:12", "b"]),
    ("def f(a: int) -> int:\n    return a + 'x'\nf(1)\n", 1, &["f.py:2"]),
    ("def f(a: int) -> int:\n    return 1.5\nprint(f(1))\n", 1, &["f.py:2"]),
    ("def f(a: int) -> int:\n    return a\nf()\n", 1, &["f.py:3"]),
    ("def f(a: int) -> int:\n    return a\nf(1, 2)\n", 1, &["f.py:3"]),
    ("def f(a: int) -> int:\n    return a\nf(b=2)\n", 1, &["f.py:3", "b"]),
    ("return 1\n", 1, &["f.py:1:1"]),
    ("break\n", 1, &["f.py:1:1"]),
    ("def f(a, a):\n    pass\n", 1, &["f.py:1"]),
    ("import numpy\n", 3, &["f.py:1", "numpy"]),
    ("class A:\n    pass\n", 3, &["f.py:1:1", "class"]),
    ("x = [1, 2]\nprint(x)\n", 3, &["f.py:1:5", "list"]),
    ("x = {1: 2}\n", 3, &["f.py:1:5", "dict"]),
    ("x = lambda: 1\n", 3, &["f.py:1:5", "lambda"]),
    ("def g():\n    yield 1\n", 3, &["f.py:2:5", "yield"]),
    ("async def g():\n    pass\n", 3, &["f.py:1:1", "async"]),
    ("with open('x') as f:\n    pass\n", 3, &["f.py:1:6", "with"]),
    ("import sys\nx = sys.argv[0] + 'b'\nprint(x)\n", 3, &["f.py:2"]),
    (
        "def f(n: int) -> int:\n    if n: x = 1\n    else: x = 2.5\n    return int(x)\nf(1)\n",
        3,
        &["f.py:4", "x"],
    ),
    ("def f(*args):\n    pass\n", 3, &["f.py:1", "*args"]),
];

#[test]
fn faulty_programs_are_refused_with_their_place() {
    let scratch = Scratch::new("programs");
    let mut failures = Vec::new();
    for (source, status, needles) in PROGRAMS {
        let file = scratch.file("f.py", source.as_bytes());
        let ran = compile(&["run"], &file);
        let named = needles.iter().all(|needle| ran.stderr.contains(needle));
        if ran.status != Some(*status) || !named || !ran.stdout.is_empty() || ran.stderr.contains("panicked")
        {
            failures.push(format!("{source:?} wants {status} {needles:?}, got {ran:#?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn unreadable_input_is_named() {
    let scratch = Scratch::new("unreadable");
    let cases: [(&str, Option<&[u8]>, i32); 4] = [
        ("missing.py", None, 74),
        ("latin.py", Some(b"x = '\xe9'\n"), 1),
        ("nul.py", Some(b"x = 1\0\n"), 1),
        ("bad.pir", Some(b"\xff\xfe"), 1),
    ];
    for (name, bytes, status) in cases {
        let path = bytes.map_or(scratch.0.join(name), |b| scratch.file(name, b));
        let ran = compile(&["run"], &path);
        assert_eq!(ran.status, Some(status), "{name}: {ran:?}");
        assert!(ran.stderr.contains(name) && !ran.stderr.contains("panicked"), "{name}: {ran:?}");
    }
    assert_eq!(compile(&["run"], &scratch.0).status, Some(74), "a folder is not a program");
}

#[test]
fn deep_nesting_and_long_functions_end_well() {
    let scratch = Scratch::new("deep");
    let deep = [
        format!("x = {}1{}\nprint(x)\n", "(".repeat(2000), ")".repeat(2000)),
        format!("x = {}1\nprint(x)\n", "-".repeat(5000)),
        format!("x = {}1\nprint(x)\n", "1 + ".repeat(5000)),
        format!("x = {}True\nprint(x)\n", "not ".repeat(5000)),
        (0..90).map(|i| format!("{}if True:\n", " ".repeat(i))).collect::<String>()
            + &" ".repeat(90)
            + "print(1)\n",
        "[".repeat(100_000),
        "x = 1 if True else ".repeat(3000) + "2\n",
    ];
    for source in deep {
        let ran = compile(&["run"], &scratch.file("f.py", source.as_bytes()));
        let head: String = source.chars().take(30).collect();
        assert!(matches!(ran.status, Some(0 | 1 | 3)), "{head}: {:?}", (ran.status, &ran.stderr.get(..300)));
        assert!(!ran.stderr.contains("panicked"), "{head}");
        assert!(ran.status == Some(0) || ran.stderr.contains("f.py:"), "{head}: {}", ran.stderr);
    }
    let body: String = (0..20_000).map(|i| format!("    x = (x * 3 + {i}) % 1000003\n")).collect();
    let long = format!("def f(x: int) -> int:\n{body}    return x\nprint(f(1))\n");
    let ran = compile(&["run", "-O1"], &scratch.file("long.py", long.as_bytes()));
    let expected = (0..20_000i64).fold(1i64, |x, i| (x * 3 + i) % 1_000_003);
    assert_eq!((ran.status, ran.stdout), (Some(0), format!("{expected}\n")), "{}", ran.stderr);
}

#[test]
fn malformed_ir_is_refused_with_its_place_and_all_violations() {
    let scratch = Scratch::new("pir");
    for source in
        ["func", "func fast local @f(i64) -> (i64) {\nb0(v0: i64):\n  ret v9\n}\n", "@@@", "{", "\0"]
    {
        let ran = compile(&["cat"], &scratch.file("f.pir", source.as_bytes()));
        assert_eq!(ran.status, Some(1), "{source:?}: {ran:?}");
        assert!(ran.stderr.contains("f.pir:"), "{source:?}: {ran:?}");
    }
    let twice = "func fast local @f(i64, f64) -> (i64) {\nb0(v0: i64, v1: f64):\n  v2 = iadd.i64 v0, v1\n  v3 = fadd.f64 v1, v0\n  ret v1\n}\n";
    let ran = compile(&["cat"], &scratch.file("f.pir", twice.as_bytes()));
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.matches("error").count() >= 3, "all violations are reported: {}", ran.stderr);
}

#[test]
fn an_unwritable_output_leaves_the_old_file() {
    let scratch = Scratch::new("output");
    let good = scratch.file("f.py", b"def f(a: int) -> int:\n    return a + 1\n");
    let bad = scratch.file("g.py", b"def f(a: int) -> int:\n    return a + b\n");
    let old = scratch.file("out.o", b"old");
    let out = old.to_str().expect("UTF-8 path");
    assert_eq!(compile(&["build", "-o", out], &bad).status, Some(1));
    assert_eq!(std::fs::read(&old).ok().as_deref(), Some(&b"old"[..]));
    let missing = scratch.0.join("no/such/folder/x.o");
    let ran = compile(&["build", "-o", missing.to_str().expect("UTF-8 path")], &good);
    assert_eq!(ran.status, Some(74), "{ran:?}");
    assert!(ran.stderr.contains("x.o"), "{ran:?}");
    assert_eq!(compile(&["build", "-o", out], &good).status, Some(0));
    assert_eq!(std::fs::read(&old).ok().map(|b| b[..4].to_vec()), Some(b"\x7fELF".to_vec()));
}

#[test]
fn wrong_usage_exits_with_2() {
    for args in
        [&["run"][..], &["run", "-O7", "x.py"], &["--emit", "nonsense", "x.py"], &["frobnicate", "--wat"]]
    {
        let ran = run(pyexec_cg(), args, b"").expect("the compiler starts");
        assert_eq!(ran.status, Some(2), "{args:?}: {ran:?}");
    }
    let ran =
        run(pyexec_cg(), ["build", "--target", "x86_64-linux", "x.py"], b"").expect("the compiler starts");
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("x86_64-unknown-linux-gnu"), "suggests a triple: {}", ran.stderr);
}
