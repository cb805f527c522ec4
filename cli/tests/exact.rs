//! Integers beyond 64 bits, seen from outside: memory stays flat, C is told, and nothing wraps.

mod common;

use common::{Folder, have};

/// Numbers of 4 KB each, on every way out: returned, raised, kept in globals and tuples, passed as arguments.
const SOURCE: &str = "\
kept = 1
def through(x: int, y: int) -> tuple[int, bool]:
    return x + y, x > y
def f(a: int, b: int) -> int:
    global kept
    big = a << 32000
    pair = (big * 3, a)
    kept = big + b
    try:
        low, more = through(pair[0], big)
        if b == 7:
            raise ValueError('seven')
        return low % 1000
    except ValueError as e:
        again = big * big
        if again > low:
            raise RuntimeError('again')
        return 0
    finally:
        last = big - b
total = 0
for i in range(COUNT):
    try:
        total += f(i, i % 8)
    except RuntimeError as e:
        total -= 1
print(total % 1000 >= 0, kept.bit_length())
";

#[test]
fn memory_stays_flat() {
    if cfg!(not(unix)) || !have("sh") {
        return;
    }
    let folder = Folder::with("leak.py", SOURCE.replace("COUNT", "100_000"));
    let program = env!("CARGO_BIN_EXE_pyexec-cg");
    for level in ["-O0", "-O2"] {
        // One number lost in each call would need 400 MB.
        let command = format!("ulimit -v 300000; exec '{program}' run {level} leak.py");
        assert_eq!(folder.tool("sh", &["-c", &command]), "True 32017\n", "{level}");
    }
}

#[test]
fn what_c_cannot_hold_is_an_error_of_the_call() {
    if !have("gcc") {
        return;
    }
    let source = "\
def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def power(a: int, b: int, m: int) -> int:
    return a * a * a * a // b % m
def loop(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
";
    let caller = "\
#include <stdio.h>
#include \"m.h\"
static void show(int64_t value) {
    struct pyexec_error *error = pyexec_error_state();
    if (error->kind) printf(\"%.*s\\n\", (int)error->message_length, error->message);
    else printf(\"%lld\\n\", (long long)value);
}
int main(void) {
    show(fib(20));
    show(loop(92));
    show(loop(93));
    show(power(1LL << 40, 1LL << 62, 1000));
    show(power(3, 1, 1000));
    return 0;
}
";
    let folder = Folder::with("m.py", source);
    folder.write("main.c", caller);
    let exact = "6765\n7540113804746346429\nPython int too large to convert to C long\n344\n81\n";
    folder.run(&["build", "--ints", "exact", "m.py", "-o", "libm_.so", "-o", "m.h"]).ok();
    folder.tool("gcc", &["main.c", "-o", "main", "-L.", "-lm_", "-Wl,-rpath,$ORIGIN"]);
    assert_eq!(folder.tool("./main", &[]), exact);
}
