//! `build` of functions that call the runtime: linked with its archive, the answers are CPython's.

mod common;
use common::{Folder, Ran, have};
use std::path::PathBuf;

const MODULE: &str = "\
import math


def sine(x: float) -> float:
    return math.sin(x)


def rounded(x: float, n: int) -> float:
    return round(x, n)


def power(a: int, b: int) -> int:
    return a ** b


def quotient(a: complex, b: complex) -> complex:
    return a / b


def show(n: int) -> None:
    print(\"n is\", n, n / 3)


def refuse(n: int) -> int:
    if n > 2:
        raise ValueError(f\"{n} is more than {2:>3}\")
    return n


def caught(n: int) -> int:
    try:
        return refuse(n)
    except ValueError as e:
        print(\"caught:\", e)
        return -1
";

const CALLS: &str = "\
show(7)
print(repr(sine(0.5)), repr(rounded(2.675, 2)), repr(rounded(1234.5, -2)), power(3, 39))
print(quotient(1 + 2j, 3 - 4j))
print(caught(9), caught(1))
for call in (lambda: sine(float('inf')), lambda: refuse(3), lambda: quotient(1j, 0j)):
    try:
        call()
    except Exception as e:
        print(type(e).__name__, e.__traceback__.tb_next.tb_next.tb_lineno, e)
";

const CALLER: &str = r#"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "helpers.h"

static void raised(const char *name) {
    struct pyexec_error *e = pyexec_error_state();
    printf("%s %d %.*s\n", name, e->lines[0], (int)e->message_length, e->message);
}

static void *other(void *count) {
    for (int i = 0; i < 2000; i++) {
        refuse(3 + i % 5);
        struct pyexec_error *e = pyexec_error_state();
        if (e->kind == PYEXEC_VALUE_ERROR && e->message[0] == '3' + i % 5) ++*(int *)count;
    }
    return NULL;
}

int main(void) {
    printf("before\n");
    show(7);
    printf("%.17g %.17g %.1f %ld\n", sine(0.5), rounded(2.675, 2), rounded(1234.5, -2), (long)power(3, 39));
    struct quotient_result q = quotient(1, 2, 3, -4);
    printf("(%.17g%+.17gj)\n", q.real, q.imag);
    long nine = caught(9);
    printf("%ld %ld %d\n", nine, (long)caught(1), pyexec_error_state()->kind);
    sine(1.0 / 0.0);
    raised("ValueError");
    refuse(3);
    raised("ValueError");
    quotient(0, 1, 0, 0);
    raised("ZeroDivisionError");
    power(10, 19);
    printf("%d ", pyexec_error_state()->kind == PYEXEC_OVERFLOW_ERROR);
    raised("OverflowError");
    int counts[2] = {0, 0};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, other, &counts[i]);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    printf("%d %d\n", counts[0], counts[1]);
    raised("OverflowError");
    return 0;
}
"#;

/// What CPython 3.13 says to the calls; [`cpython_says_so`] holds it against the one that is installed.
const PYTHON: &str = "\
n is 7 2.3333333333333335
0.479425538604203 2.67 1200.0 4052555153018976267
(-0.2+0.4j)
caught: 9 is more than   2
-1 1
ValueError 5 math domain error
ValueError 26 3 is more than   2
ZeroDivisionError 17 complex division by zero
";

/// The same as C spells it: with as many digits as it takes, and what Python's `int` would never say.
fn said() -> String {
    let overflow = "OverflowError 13 Python int too large to convert to C long\n";
    let c = PYTHON
        .replace("0.479425538604203 2.67 ", "0.47942553860420301 2.6699999999999999 ")
        .replace("(-0.2+0.4j)", "(-0.20000000000000001+0.40000000000000002j)")
        .replace("-1 1\n", "-1 1 0\n");
    format!("before\n{c}1 {overflow}2000 2000\n{overflow}")
}

/// The archive that was built with the program.
fn archive() -> PathBuf {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_pyexec-cg"));
    let folder = program.parent().expect("a folder").join("deps");
    let ours = |p: &PathBuf| {
        let name = p.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("libpyexec_runtime") && name.ends_with(".a")
    };
    let entries = std::fs::read_dir(folder).expect("lists").map(|e| e.expect("entry").path());
    let newest =
        entries.filter(ours).max_by_key(|p| p.metadata().and_then(|m| m.modified()).expect("a time"));
    newest.expect("cargo builds the runtime as an archive too")
}

const STRICT: &[&str] = &["-Wall", "-Wextra", "-Werror", "main.c", "-o"];

#[test]
fn a_shared_library_holds_what_it_needs() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("helpers.py", MODULE);
    folder.run(&["build", "helpers.py"]).ok();
    folder.write("main.c", CALLER);
    let flags = ["shared", "-L.", "-lhelpers", "-lpthread", "-Wl,-rpath,$ORIGIN"];
    folder.tool("gcc", &[STRICT, &flags].concat());
    assert_eq!(folder.tool("./shared", &[]), said());
    let size = folder.read("libhelpers.so").len();
    assert!(size < 1 << 20, "libhelpers.so has {size} bytes");
    if have("nm") {
        let names = folder.tool("nm", &["-D", "--defined-only", "libhelpers.so"]);
        assert!(!names.contains("pyexec_math_sin") && names.contains(" sine"), "{names}");
    }
}

#[test]
fn an_object_is_linked_with_the_archive() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("helpers.py", MODULE);
    folder.run(&["build", "helpers.py", "-o", "helpers.o", "-o", "helpers.h"]).ok();
    assert!(folder.text("helpers.h").contains("libpyexec_runtime.a"), "the header tells what is needed");
    folder.write("main.c", CALLER);
    let archive = archive();
    let archive = archive.to_str().expect("UTF-8");
    let flags = ["static", "helpers.o", archive, "-Wl,--gc-sections", "-lm", "-lpthread", "-ldl"];
    folder.tool("gcc", &[STRICT, &flags].concat());
    assert_eq!(folder.tool("./static", &[]), said());
}

#[test]
fn objects_that_cannot_raise_print_too() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("p.py", "def p(n: int) -> None:\n    print(n)\n");
    folder.run(&["build", "p.py"]).ok();
    folder.write(
        "main.c",
        "#include <stdio.h>\n#include \"p.h\"\nint main(void) { printf(\"1 \"); p(2); printf(\"3\\n\"); return 0; }\n",
    );
    folder.tool("gcc", &[STRICT, &["main", "-L.", "-lp", "-Wl,-rpath,$ORIGIN"]].concat());
    assert_eq!(folder.tool("./main", &[]), "1 2\n3\n");
}

#[test]
fn libraries_of_one_program_share_the_error_state() {
    if !have("gcc") {
        return;
    }
    let folder =
        Folder::with("a.py", "import math\n\ndef a(x: float) -> float:\n    return math.sqrt(math.log(x))\n");
    folder.write("b.py", "def b(x: int) -> int:\n    print(\"b\", x)\n    return x ** x\n");
    folder.run(&["build", "a.py"]).ok();
    folder.run(&["build", "b.py"]).ok();
    folder.write("main.c", TWO_LIBRARIES);
    folder.tool("gcc", &[STRICT, &["main", "-L.", "-la", "-lb", "-Wl,-rpath,$ORIGIN"]].concat());
    assert_eq!(folder.tool("./main", &[]), "21 4\nb 99\n7 3\nb 3\n27 0\n");
}

/// The cell that guards the clearing of error states is set by whoever raises, be it compiled code or a helper.
#[test]
fn what_was_raised_is_cleared_by_the_next_call() {
    if !have("gcc") {
        return;
    }
    let by_helper = "import math\n\ndef f(x: float) -> float:\n    return math.log(x)\n";
    let by_code = "def f(x: int) -> int:\n    return 1 // x\n";
    let with_text = "def f(x: int) -> int:\n    if x < 0:\n        raise ValueError(f\"{x} is negative\")\n    return x\n";
    for (program, bad, good) in [(by_helper, "-1", "4"), (by_code, "0", "1"), (with_text, "-5", "5")] {
        let folder = Folder::with("e.py", program);
        folder.run(&["build", "e.py"]).ok();
        let main = format!(
            "#include <stdio.h>\n#include \"e.h\"\nextern int pyexec_error_seen;\nint main(void) {{\n  \
             f({good});\n  printf(\"%d %d\\n\", pyexec_error_seen, pyexec_error_state()->kind);\n  \
             f({bad});\n  printf(\"%d %d\\n\", pyexec_error_seen, pyexec_error_state()->kind != 0);\n  \
             f({good});\n  printf(\"%d %d\\n\", pyexec_error_seen, pyexec_error_state()->kind);\n  return 0;\n}}\n"
        );
        folder.write("main.c", main);
        folder.tool("gcc", &[STRICT, &["main", "-L.", "-le", "-Wl,-rpath,$ORIGIN"]].concat());
        assert_eq!(folder.tool("./main", &[]), "0 0\n1 1\n1 0\n", "{program}");
    }
}

const TWO_LIBRARIES: &str = r#"
#include <stdio.h>
#include "a.h"
#include "b.h"

int main(void) {
    struct pyexec_error *e = pyexec_error_state();
    a(-1);
    printf("%d %d\n", e->kind, e->lines[0]);
    b(99);
    printf("%d %d\n", e->kind, e->lines[0]);
    long cube = b(3);
    printf("%ld %d\n", cube, e->kind);
    return 0;
}
"#;

#[test]
fn cpython_says_so() {
    // A launcher of Pythons may be there without the Python; other versions have other messages.
    let is_it = |p: &&str| {
        let version = std::process::Command::new(p).arg("--version").output();
        version.is_ok_and(|v| v.stdout.starts_with(b"Python 3.13"))
    };
    let Some(python) = ["python3.13", "python3"].into_iter().find(is_it) else {
        common::skip("no python3.13");
        return;
    };
    let folder = Folder::with("helpers.py", format!("{MODULE}\n\n{CALLS}"));
    assert_eq!(folder.tool(python, &["helpers.py"]), PYTHON);
}

#[test]
fn a_program_without_its_archive_tells_what_is_missing() {
    let folder = Folder::with("p.py", "def f(x: int) -> None:\n    print(x)\n");
    // Nothing lies beside a copy.
    let alone = folder.path().join("alone");
    std::fs::create_dir(&alone).expect("a folder");
    let copy = alone.join("pyexec-cg");
    std::fs::copy(env!("CARGO_BIN_EXE_pyexec-cg"), &copy).expect("copies");
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(&copy);
        command.args(args).current_dir(folder.path());
        // A process that another test starts meanwhile may still hold the copy open for writing.
        let mut tries = 0..100;
        let output = loop {
            match command.output() {
                Err(busy)
                    if busy.kind() == std::io::ErrorKind::ExecutableFileBusy && tries.next().is_some() =>
                {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                output => break output,
            }
        };
        Ran::of(output.expect("starts"), args)
    };
    run(&["build", "p.py", "-o", "libp.so"]).fails(3, &["p.py:2:", "pyexec_out_i64", "libpyexec_runtime.a"]);
    run(&["build", "p.py"]).fails(3, &["p.py:2:"]);
    assert_eq!(folder.names(), ["alone", "p.py"], "all or nothing");
    run(&["build", "p.py", "-o", "p.o"]).ok();
}
