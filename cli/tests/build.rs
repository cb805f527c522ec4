//! `build`: what is made is linked, loaded and called by C and C++ programs.

mod common;
use common::{Folder, have};

const MULTIPLY: &str = "\
def multiply(x: int, y: int) -> int:
    \"\"\"The product.\"\"\"
    return x * y
";

const SEVERAL: &str = "\
def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def half(x: float) -> float:
    return x / 2


def is_small(x: int) -> bool:
    return -10 < x < 10


def divide(a: int, b: int) -> int:
    return a // b


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def deep(n: int) -> int:
    return 1 + deep(n + 1) if n >= 0 else 0


def nothing(x: int) -> None:
    assert x > 0, \"x has to be positive\"
";

const CALLER: &str = r#"
#include <stdio.h>
#include <string.h>
#include "several.h"

static void show(const char *what) {
    struct pyexec_error *e = pyexec_error_state();
    printf("%s: %d line %d %.*s\n", what, e->kind, e->kind ? e->lines[0] : 0,
           e->kind ? (int)e->message_length : 0, e->kind ? e->message : "");
}

int main(void) {
    printf("%lld %.2f %d %d\n", (long long)gcd(1071, 462), half(3.0), is_small(3), is_small(30));
    printf("%lld\n", (long long)fib(20));
    divide(1, 0);
    show("divide");
    printf("%lld\n", (long long)divide(7, 2));
    show("again");
    deep(0);
    show("deep");
    nothing(-1);
    show("nothing");
    return 0;
}
"#;

const SAID: &str = "\
21 1.50 1 0
6765
divide: 8 line 16 integer division or modulo by zero
3
again: 0 line 0 
deep: 17 line 23 maximum recursion depth exceeded
nothing: 9 line 28 x has to be positive
";

#[test]
fn c_calls_a_shared_library_through_its_header() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("several.py", SEVERAL);
    folder.run(&["build", "--ints", "checked", "several.py"]).ok();
    assert_eq!(folder.names(), ["libseveral.so", "several.h", "several.o", "several.py"]);
    folder.write("main.c", CALLER);
    let flags =
        ["-Wall", "-Wextra", "-Werror", "main.c", "-o", "shared", "-L.", "-lseveral", "-Wl,-rpath,$ORIGIN"];
    folder.tool("gcc", &flags);
    assert_eq!(folder.tool("./shared", &[]), SAID);
    folder.tool("gcc", &["-Wall", "-Wextra", "-Werror", "main.c", "-o", "static", "several.o"]);
    assert_eq!(folder.tool("./static", &[]), SAID);
}

#[test]
fn every_level_and_assembly_give_the_same_answers() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("several.py", SEVERAL);
    folder.write("main.c", CALLER);
    for level in ["-O0", "-O1", "-O2", "-O3"] {
        folder
            .run(&["build", "--ints", "checked", level, "several.py", "-o", "several.o", "-o", "several.h"])
            .ok();
        folder.tool("gcc", &["main.c", "-o", "main", "several.o"]);
        assert_eq!(folder.tool("./main", &[]), SAID, "{level}");
        folder.run(&["build", "--ints", "checked", level, "several.py", "-o", "several.s"]).ok();
        folder.tool("gcc", &["main.c", "-o", "main", "several.s"]);
        assert_eq!(folder.tool("./main", &[]), SAID, "{level}, by way of assembly");
    }
}

#[test]
fn headers_compile_as_c_and_cpp() {
    let folder = Folder::with("several.py", SEVERAL);
    folder.run(&["build", "several.py", "-o", "several.h"]).ok();
    folder.write("u.c", "#include \"several.h\"\nint main(void) { return (int)gcd(2, 4); }\n");
    folder.write("u.cpp", "#include \"several.h\"\nint main() { return (int)gcd(2, 4); }\n");
    if have("gcc") {
        folder.tool("gcc", &["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-c", "u.c"]);
    }
    if have("g++") {
        folder.tool("g++", &["-Wall", "-Wextra", "-Werror", "-c", "u.cpp"]);
    }
}

#[test]
fn small_functions_make_small_files() {
    let folder = Folder::with("multiply.py", MULTIPLY);
    folder.run(&["build", "multiply.py"]).ok();
    let object = folder.read("multiply.o").len();
    assert!(object < 2048, "multiply.o has {object} bytes");
    let library = folder.read("libmultiply.so").len();
    assert!(library < 16 << 10, "libmultiply.so has {library} bytes");
    assert!(
        folder.text("multiply.h").contains("/** The product. */\nint64_t multiply(int64_t x, int64_t y);")
    );
    if have("readelf") {
        let dynamic = folder.tool("readelf", &["-d", "libmultiply.so"]);
        let needed = dynamic.lines().filter(|l| l.contains("(NEEDED)"));
        let strange: Vec<_> =
            needed.filter(|l| !["libc.so", "libm.so", "ld-linux"].iter().any(|n| l.contains(n))).collect();
        assert!(strange.is_empty(), "{strange:?}");
        let stack = folder.tool("readelf", &["-lW", "libmultiply.so"]);
        let stack = stack.lines().find(|l| l.contains("GNU_STACK")).expect("a stack header");
        assert!(!stack.contains("RWE"), "{stack}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (a, b) = (Folder::with("several.py", SEVERAL), Folder::with("several.py", SEVERAL));
    for folder in [&a, &b] {
        folder.run(&["build", "several.py"]).ok();
        folder.run(&["build", "several.py", "-o", "several.s", "-o", "several.pir"]).ok();
    }
    for name in a.names() {
        assert!(a.read(&name) == b.read(&name), "{name} differs");
    }
}

#[test]
fn several_inputs_make_one_library() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("a.py", "def one(x: int) -> int:\n    return x + 1\n");
    folder.write("b.py", "def two(x: int) -> int:\n    return x + 2\n");
    folder.run(&["build", "a.py", "b.py", "-o", "libab.so", "-o", "ab.h"]).ok();
    folder.write("main.c", "#include \"ab.h\"\nint main(void) { return (int)(one(10) + two(20)); }\n");
    folder.tool("gcc", &["-Werror", "main.c", "-o", "main", "-L.", "-lab", "-Wl,-rpath,$ORIGIN"]);
    let status = std::process::Command::new(folder.path().join("main")).status().expect("starts");
    assert_eq!(status.code(), Some(33));
    folder.run(&["build", "a.py", "b.py", "-o", "ab.o"]).fails(2, &["ab.o", "2 inputs"]);
}

#[test]
fn without_a_subcommand_it_builds() {
    let folder = Folder::with("multiply.py", MULTIPLY);
    folder.run(&["multiply.py", "-o", "m.o"]).ok();
    assert_eq!(&folder.read("m.o")[..4], b"\x7fELF");
}

#[test]
fn outputs_are_whole_or_not_there() {
    let folder = Folder::with("bad.py", "def f(x: int) -> int:\n    return y\n");
    folder.write("bad.o", "old");
    folder.run(&["build", "bad.py"]).fails(1, &["bad.py:2:12", "y"]);
    assert_eq!(folder.names(), ["bad.o", "bad.py"]);
    assert_eq!(folder.text("bad.o"), "old");
    folder.write("m.py", MULTIPLY);
    folder.run(&["build", "m.py", "-o", "no/such/folder/m.o"]).fails(74, &["no/such/folder"]);
    folder.run(&["build", "m.py", "-o", "bad.py/m.o"]).fails(74, &["bad.py"]);
    folder.run(&["build", "m.py", "-o", "."]).fails(2, &["does not say what to make"]);
    folder.run(&["build", "m.py", "--kind", "obj", "-o", "."]).fails(74, &["directory"]);
    folder.run(&["build", "m.py", "--kind", "obj", "-o", "/dev/null"]).ok();
    folder
        .run(&["build", "m.py", "--kind", "obj", "-o", "/dev/full"])
        .fails(74, &["/dev/full", "no space left"]);
    assert_eq!(folder.names(), ["bad.o", "bad.py", "m.py"]);
}

#[test]
fn a_missing_linker_is_told() {
    let folder = Folder::with("m.py", MULTIPLY);
    let output = folder.command(&["build", "m.py"]).env("CC", "no-such-compiler").output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(74), "{said}");
    assert!(said.contains("no-such-compiler") && said.contains("install"), "{said}");
}

#[test]
fn main_is_left_to_the_c_program() {
    if !have("gcc") {
        return;
    }
    let folder =
        Folder::with("m.py", "def main() -> None:\n    pass\n\n\ndef three() -> int:\n    return 3\n");
    let ran = folder.run(&["build", "m.py"]);
    assert!(ran.status == 0 && ran.stderr.contains("warning[W0900]"), "{ran:?}");
    folder.write("c.c", "#include \"m.h\"\nint main(void) { return three() != 3; }\n");
    folder.tool("gcc", &["-Werror", "c.c", "m.o", "-o", "c"]);
    folder.tool("./c", &[]);
}

#[test]
fn module_level_variables_have_their_values() {
    if !have("gcc") {
        return;
    }
    let program = "print(\"not shown\")\ncounter = 5\nscale = 0.5\nfor i in range(4):\n    scale += i\n\n\n\
                   def bump(n: int) -> float:\n    global counter\n    counter += n\n    return counter * scale\n";
    let folder = Folder::with("g.py", program);
    assert_eq!(folder.run(&["build", "g.py"]).ok(), "");
    folder.write("c.c", "#include \"g.h\"\n#include <stdio.h>\nint main(void) { printf(\"%g \", bump(1)); printf(\"%g\\n\", bump(2)); }\n");
    folder.tool("gcc", &["c.c", "-o", "c", "-L.", "-lg", "-Wl,-rpath,$ORIGIN"]);
    assert_eq!(folder.tool("./c", &[]), "39 52\n");
    let refused = |line: &str, parts: &[&str]| {
        folder.write("r.py", format!("import sys\nx = 1\n{line}\n\ndef f() -> int:\n    return x\n"));
        folder.run(&["build", "r.py"]).fails(3, parts);
    };
    refused("x = len(sys.argv)", &["pyexec_argc"]);
    refused("x = 1 // (x - 1)", &["r.py:3:", "ZeroDivisionError"]);
    refused("while x:\n    x = 3 - x", &["fuel"]);
}

#[test]
fn values_of_every_kind_cross_the_border() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("kinds.py", KINDS);
    folder.run(&["build", "kinds.py"]).ok();
    folder.write("c.c", KINDS_CALLER);
    folder.tool(
        "gcc",
        &["-Wall", "-Wextra", "-Werror", "c.c", "-o", "c", "-L.", "-lkinds", "-Wl,-rpath,$ORIGIN"],
    );
    let expected = "42 2.5\n0 1\n0 8\n-805 44 0 2.25\n-3 4\n4.5 3\n42 285 3\n1 0\n";
    assert_eq!(folder.tool("./c", &[]), expected);
}

const KINDS: &str = "\
from pyexec import int8, uint8, int16, int32, uint32, uint64, float32, complex64

LIMIT = 10
def limited(n: int) -> bool:
    return n < LIMIT


def pair(a: int, b: float) -> tuple[int, float]:
    return a + 1, b * 2


def flags(a: bool, b: bool) -> tuple[bool, bool]:
    return b, a


def mixed(a: bool, b: int) -> tuple[bool, int]:
    return not a, b + 1


def small(a: int8, b: uint8, c: int16) -> int32:
    return int32(a) + int32(b) + int32(c)


def wrap(a: uint8, b: uint8) -> uint8:
    return a + b


def wide(a: uint64) -> uint64:
    return a + uint64(1)


def single(x: float32) -> float32:
    return x * x


def square(z: complex) -> complex:
    \"\"\"Square of a complex number.\"\"\"
    return z * z


def swap(p: tuple[int, float]) -> tuple[float, int]:
    return p[1], p[0]


def double(int: int) -> int:
    return int * 2


def many(a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: float, i: float) -> float:
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9


def default(a: int, b: int = 5) -> int:
    return a + b
";

const KINDS_CALLER: &str = r#"
#include <stdio.h>
#include "kinds.h"

int main(void) {
    struct pair_result p = pair(41, 1.25);
    printf("%ld %g\n", (long)p.item0, p.item1);
    struct flags_result f = flags(true, false);
    printf("%d %d\n", f.item0, f.item1);
    struct mixed_result m = mixed(true, 7);
    printf("%d %ld\n", m.item0, (long)m.item1);
    printf("%d %d %lu %g\n", small(-5, 200, -1000), wrap(200, 100), (unsigned long)wide(UINT64_MAX), single(1.5f));
    struct square_result s = square(1, 2);
    printf("%g %g\n", s.real, s.imag);
    struct swap_result w = swap(3, 4.5);
    printf("%g %ld\n", w.item0, (long)w.item1);
    printf("%ld %g %ld\n", (long)double_(21), many(1, 2, 3, 4, 5, 6, 7, 8, 9), (long)default_(1, 2));
    printf("%d %d\n", limited(3), limited(30));
    return 0;
}
"#;
