//! `run`, `interp` and `cat`: output, arguments, exit status.

mod common;
use common::Folder;

#[test]
fn programs_get_their_arguments() {
    let program = "import sys\nprint(sys.argv[0], sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4])\n";
    let folder = Folder::with("p.py", program);
    for command in ["run", "interp"] {
        let said = folder.run(&[command, "-O1", "p.py", "-O0", "--emit", "ä", "--"]).ok();
        assert_eq!(said, "p.py -O0 --emit ä --\n", "{command}");
    }
    folder.run(&["run", "--wat", "p.py"]).fails(2, &["--wat"]);
}

#[test]
fn the_exit_status_is_the_programs() {
    let folder = Folder::with("p.py", "import sys\nprint('out')\nsys.exit(int(sys.argv[1]))\n");
    for (given, status) in [("0", 0), ("3", 3), ("70", 70), ("256", 0)] {
        let ran = folder.run(&["run", "p.py", given]);
        assert_eq!((ran.status, ran.stdout.as_str()), (status, "out\n"), "{ran:?}");
    }
    folder.write("t.py", "def f(n: int) -> int:\n    return 1 // n\n\nprint('before')\nprint(f(0))\n");
    let expected = "Traceback (most recent call last):\n  File \"t.py\", line 5, in <module>\n    print(f(0))\n  \
                    File \"t.py\", line 2, in f\n    return 1 // n\nZeroDivisionError: integer division or \
                    modulo by zero\n";
    for args in [["run", "-O0", "t.py"], ["run", "-O2", "t.py"], ["interp", "-O2", "t.py"]] {
        let ran = folder.run(&args);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, "before\n"), "{ran:?}");
        assert_eq!(without_carets(&ran.stderr), expected);
    }
}

/// CPython 3.11 and later underline a part of the line.
fn without_carets(text: &str) -> String {
    let is_underline = |l: &str| l.contains(['^', '~']) && l.chars().all(|c| matches!(c, ' ' | '^' | '~'));
    text.lines().filter(|l| !is_underline(l)).map(|l| format!("{l}\n")).collect()
}

#[test]
fn standard_input_is_a_file_too() {
    use std::io::Write;
    let folder = Folder::new();
    let mut command = folder.command(&["run", "-"]);
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    child.stdin.take().expect("piped").write_all(b"print(1 + 1)\n").expect("writes");
    assert_eq!(child.wait_with_output().expect("ends").stdout, b"2\n");
}

/// A reader that leaves ends the program, in compiled code as in the interpreter: no loop prints for ever.
#[test]
fn a_closed_pipe_ends_the_program() {
    use std::io::Read;
    // Long lines: only when the buffer is full does anything show.
    let folder = Folder::with("p.py", format!("while True:\n    print('{}')\n", "7".repeat(9999)));
    let import = "func c import @pyexec_out_i64(i64) -> ()\nfunc c import @pyexec_out_print() -> ()\n";
    let main = "func c local @main() -> () {\nb0:\n  v0 = iconst.i64 7\n  jump b1\nb1:\n  \
                call @pyexec_out_i64(v0)\n  call @pyexec_out_print()\n  jump b1\n}\n";
    folder.write("p.pir", &format!("{import}{main}"));
    let ways = [["run", "-O0"], ["run", "-O2"], ["interp", "-O2"]];
    for (file, way) in ["p.py", "p.pir"].into_iter().flat_map(|file| ways.map(|way| (file, way))) {
        let mut command = folder.command(&[way[0], way[1], file]);
        let piped = || std::process::Stdio::piped();
        let mut child = command.stdout(piped()).stderr(piped()).spawn().expect("starts");
        let mut first = [0];
        child.stdout.take().expect("piped").read_exact(&mut first).expect("reads");
        assert_eq!(&first, b"7", "{way:?} {file}");
        let ended = child.wait_with_output().expect("ends");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""), "{way:?} {file}");
    }
}

#[test]
fn empty_files_do_nothing() {
    let folder = Folder::with("e.py", "");
    folder.write("c.py", "# only a comment");
    folder.write("e.pir", "");
    for args in [["run", "e.py"], ["run", "c.py"], ["interp", "e.py"], ["build", "e.py"], ["cat", "e.pir"]] {
        assert_eq!(folder.run(&args).ok(), "", "{args:?}");
    }
}

const PIR: &str = "\
func c export @main() -> (i64) {
b0:
  v0 = iconst.i64 6
  v1 = iconst.i64 7
  v2 = imul.i64 v0, v1
  ret v2
}
";

#[test]
fn ir_files_run_and_build() {
    let folder = Folder::with("m.pir", PIR);
    assert_eq!(folder.run(&["run", "m.pir"]).ok(), "42\n");
    assert_eq!(folder.run(&["interp", "m.pir"]).ok(), "42\n");
    assert_eq!(folder.run(&["cat", "m.pir"]).ok().trim_start(), PIR);
    folder.run(&["build", "m.pir", "-o", "m.o"]).ok();
    folder.write("bad.pir", "func c export @main() -> (i64) {\nb0:\n  v0 = iconst.i32 6\n  ret v0\n}\n");
    folder.run(&["cat", "bad.pir"]).fails(1, &["bad.pir:4"]);
    folder.write("worse.pir", "func c export @main( -> (i64) {\n\nb0:\n  v0 = nosuch.i32 6\n}\n");
    folder.run(&["run", "worse.pir"]).fails(1, &["worse.pir:1:", "worse.pir:4:"]);
    folder.write("none.pir", "func c export @other() -> () {\nb0:\n  ret\n}\n");
    folder.run(&["run", "none.pir"]).fails(1, &["main"]);
}

#[test]
fn python_emitted_as_ir_still_runs() {
    let folder = Folder::with("p.py", "def f(n: int) -> int:\n    return n * n\n\nprint(f(9))\n");
    for stage in ["ir", "opt"] {
        folder.run(&["run", "--emit", &format!("{stage}=p.pir"), "p.py"]).ok();
        for command in ["run", "interp"] {
            assert_eq!(folder.run(&[command, "p.pir"]).ok(), "81\n", "{command} of {stage}");
        }
    }
}

#[test]
fn fuel_bounds_the_interpreter() {
    let folder = Folder::with("p.py", "while True:\n    pass\n");
    folder.run(&["interp", "--fuel", "1000", "p.py"]).fails(1, &["fuel"]);
}
