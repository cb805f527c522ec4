//! Bad input of every kind: a message that names the place, and the right exit status.

mod common;
use common::{Folder, have};

#[test]
fn files_that_are_no_source() {
    let folder = Folder::with("utf8.py", b"x = 1\ny = '\xff'\n");
    folder.write("nul.py", b"x = 1\n\0");
    folder.run(&["run", "none.py"]).fails(74, &["none.py: no such file"]);
    folder.run(&["run", "."]).fails(74, &[".: is a directory"]);
    folder.run(&["run", "utf8.py"]).fails(1, &["utf8.py:2:6", "not UTF-8: byte 0xff at offset 11"]);
    folder.run(&["run", "nul.py"]).fails(1, &["nul.py:2:1", "null bytes"]);
    folder.run(&["build", "none.py", "-o", "x.o"]).fails(74, &["none.py: no such file"]);
    let huge = std::fs::File::create(folder.path().join("huge.py")).expect("creates");
    huge.set_len(5 << 30).expect("a sparse file");
    folder.run(&["run", "huge.py"]).fails(74, &["huge.py: is too large"]);
}

#[test]
fn wrong_command_lines() {
    let folder = Folder::with("p.py", "print(1)\n");
    folder.run(&[]).fails(2, &["Usage"]);
    folder.run(&["run"]).fails(2, &["Usage"]);
    folder.run(&["run", "-O7", "p.py"]).fails(2, &["7"]);
    folder.run(&["build", "p.py", "--emit", "machine"]).fails(2, &["ast, hir, ir, opt, vcode, ra, asm, obj"]);
    folder
        .run(&["build", "--target", "x86_64-unknwon-linux-gnu", "p.py"])
        .fails(2, &["did you mean `x86_64-unknown-linux-gnu`"]);
    folder.run(&["build", "--cpu", "pentium", "p.py"]).fails(2, &["pentium", "x86-64-v3"]);
    folder.run(&["build", "-o", "x.xyz", "p.py"]).fails(2, &["x.xyz"]);
    folder.run(&["build", "-o", "x.o"]).fails(2, &["no input file"]);
    folder.run(&["--no-such-option"]).fails(2, &["--no-such-option"]);
}

#[test]
fn diagnostics_have_place_line_and_caret() {
    let folder = Folder::with("e.py", "def f(x: int) -> int:\n    return x + undefined_name\n");
    let ran = folder.run(&["build", "e.py"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    for part in ["error[", "e.py:2:16", "return x + undefined_name", "^^^^"] {
        assert!(ran.stderr.contains(part), "{part:?} is missing in\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains('\x1b'), "no colour without a terminal");
    let colored = folder.run(&["build", "--color", "always", "e.py"]);
    assert!(colored.stderr.contains('\x1b'));
    let json = folder.run(&["build", "--message-format", "json", "e.py"]);
    let value: serde_json::Value =
        serde_json::from_str(json.stderr.lines().next().expect("a line")).expect("JSON");
    assert_eq!((&value["severity"], &value["span"]["line"]), (&"error".into(), &2.into()), "{value}");
    let short = folder.run(&["build", "--message-format", "short", "e.py"]);
    assert!(short.stderr.starts_with("e.py:2:16: error["), "{}", short.stderr);
}

#[test]
fn syntax_errors_and_unsupported_constructs() {
    let folder = Folder::with("s.py", "def f(:\n    pass\n");
    folder.run(&["run", "s.py"]).fails(1, &["s.py:1:"]);
    folder.write("u.py", "class C:\n    pass\n");
    folder.run(&["run", "u.py"]).fails(3, &["unsupported[", "u.py:1:1"]);
    folder.write("deep.py", format!("x = {}1{}\n", "(".repeat(2000), ")".repeat(2000)));
    let ran = folder.run(&["run", "deep.py"]);
    assert!([0, 1].contains(&ran.status), "{ran:?}");
    folder.write("deeper.py", format!("x = {}1{}\n", "(".repeat(200_000), ")".repeat(200_000)));
    folder.run(&["run", "deeper.py"]).fails(1, &["deeper.py:1:"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    if !have("sh") {
        return;
    }
    let folder = Folder::with("p.py", "for i in range(100000):\n    print(i)\n");
    let binary = env!("CARGO_BIN_EXE_pyexec-cg");
    for command in ["run p.py", "--list opcodes", "--emit ir p.py"] {
        let script = format!("{{ '{binary}' {command}; echo $? >&2; }} | head -n 1 >/dev/null");
        let output = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output()
            .expect("starts");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "0\n", "{command}");
    }
}
