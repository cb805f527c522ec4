//! Typed buffers from outside: C and ctypes pass memory as address and length, and nothing leaks.

mod common;
use common::{Folder, have, skip};

const SOURCE: &str = "\
from pyexec import float64, int64, uint8


def dot(a: float64[:], b: float64[:]) -> float:
    s = 0.0
    for x, y in zip(a, b):
        s += x * y
    return s


def scale(a: float64[:, :], by: float) -> None:
    rows, columns = a.shape
    for i in range(rows):
        for j in range(columns):
            a[i, j] *= by


def at(a: int64[:], i: int) -> int:
    return a[i]


def count(text: \"uint8[:]\", what: int) -> int:
    return sum(1 for c in text if c == what)


def last(a: int64[:]) -> tuple[int, float]:
    return a[-1], float(a[0]) * 0.5
";

const CALLER: &str = r#"
#include <stdio.h>
#include "buffers.h"

int main(void) {
    double a[] = {1, 2, 3}, b[] = {4, 5, 6, 7}, m[2][3] = {{1, 2, 3}, {4, 5, 6}};
    int64_t n[] = {10, 20, 30};
    uint8_t text[] = "banana";
    printf("%g\n", dot(a, 3, b, 4));
    scale(&m[0][0], 2, 3, 0.5);
    printf("%g %g\n", m[0][0], m[1][2]);
    printf("%lld %lld\n", (long long)at(n, 3, 2), (long long)at(n, 3, -3));
    at(n, 3, 3);
    struct pyexec_error *e = pyexec_error_state();
    printf("%d %d %.*s\n", e->kind == PYEXEC_INDEX_ERROR, e->lines[0], (int)e->message_length, e->message);
    printf("%lld\n", (long long)count(text, 6, 'a'));
    struct last_result r = last(n, 3);
    printf("%lld %g\n", (long long)r.item0, r.item1);
    return 0;
}
"#;

const SAID: &str = "32\n0.5 3\n30 10\n1 19 index out of bounds on dimension 1\n3\n30 5\n";

#[test]
fn c_passes_address_and_length() {
    if !have("gcc") {
        return;
    }
    let folder = Folder::with("buffers.py", SOURCE);
    folder.write("main.c", CALLER);
    folder.run(&["build", "buffers.py"]).ok();
    let header = folder.text("buffers.h");
    for line in [
        "double dot(double *a, int64_t a_length, double *b, int64_t b_length);",
        "void scale(double *a, int64_t a_rows, int64_t a_columns, double by);",
        "int64_t count(uint8_t *text, int64_t text_length, int64_t what);",
    ] {
        assert!(header.contains(line), "{line:?} is missing in\n{header}");
    }
    for level in ["-O0", "-O2"] {
        folder.run(&["build", "--ints", "checked", level, "buffers.py", "-o", "buffers.o"]).ok();
        folder.tool("gcc", &["-Wall", "-Wextra", "-Werror", "main.c", "-o", "main", "buffers.o"]);
        assert_eq!(folder.tool("./main", &[]), SAID, "{level}");
    }
}

#[test]
fn ctypes_passes_arrays() {
    let folder = Folder::with("buffers.py", SOURCE);
    if !have("python3") || !have("gcc") {
        return;
    }
    folder.run(&["build", "buffers.py", "-o", "libbuffers.so"]).ok();
    folder.write(
        "call.py",
        "import array, ctypes\n\
         lib = ctypes.CDLL('./libbuffers.so')\n\
         lib.dot.restype = ctypes.c_double\n\
         a = array.array('d', [1.5, 2.0])\n\
         p = ctypes.c_void_p(a.buffer_info()[0])\n\
         print(lib.dot(p, ctypes.c_int64(2), p, ctypes.c_int64(2)))\n\
         n = (ctypes.c_int64 * 3)(7, 8, 9)\n\
         lib.at.restype = ctypes.c_int64\n\
         print(lib.at(n, ctypes.c_int64(3), ctypes.c_int64(-1)))\n",
    );
    assert_eq!(folder.tool("python3", &["call.py"]), "6.25\n9\n");
}

#[test]
fn what_returns_a_buffer_is_not_exported_and_is_told() {
    let source = "from pyexec import float64, zeros\ndef make(n: int) -> float64[:]:\n    return zeros(n)\n";
    let folder = Folder::with("make.py", source);
    let ran = folder.run(&["build", "make.py", "-o", "make.h"]);
    assert!(ran.stderr.contains("W0002") && ran.stderr.contains("it returns a buffer"), "{ran:#?}");
    assert!(!folder.text("make.h").contains("make("));
}

/// A million calls that make buffers, return them, or fail with them: the memory stays as it was.
#[test]
fn nothing_leaks() {
    let source = "\
from pyexec import int64, zeros
def make(n: int) -> int64[:]:
    scratch, result = zeros(n), zeros(n, int64)
    result[n - 1] = n
    return result[1:]
def fail(n: int, i: int) -> int:
    a = zeros(n)
    a[i] = 1.0
    return make(n)[-1]
total = 0
for k in range(1000000):
    try:
        total += fail(100, k % 128)
    except IndexError:
        total += 1
print(total)
";
    let folder = Folder::with("leak.py", source);
    let Ok(limit) = std::process::Command::new("sh").args(["-c", "ulimit -v 400000"]).status() else {
        return skip("no shell");
    };
    assert!(limit.success());
    // A leak would need 2.4 GB.
    let program = env!("CARGO_BIN_EXE_pyexec-cg");
    let command = format!("ulimit -v 400000; exec '{program}' run -O2 leak.py");
    assert_eq!(folder.tool("sh", &["-c", &command]), "78345136\n");
}
