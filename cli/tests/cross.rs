//! Objects for another machine: linked by its C compiler, run under its emulator.

mod common;

use common::{Folder, have};

const GCC: &str = "aarch64-linux-gnu-gcc";
const QEMU: &str = "qemu-aarch64";

const SOURCE: &str = r#"
def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def mean(a: float, b: float, c: int) -> float:
    return (a + b) / c


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)
"#;

const DRIVER: &str = r#"
#include <stdio.h>
#include "f.h"
int main(void) {
    printf("%lld %lld\\n", (long long)gcd(1071, 462), (long long)fib(20));
    printf("%.3f\\n", mean(1.5, 2.5, 3));
    mean(1.0, 2.0, 0);
    printf("%d\\n", pyexec_error_state()->kind);
    return 0;
}
"#;

#[test]
fn aarch64_objects_run_under_the_emulator() {
    if !have(GCC) || !have(QEMU) {
        return;
    }
    for level in ["-O0", "-O2"] {
        let folder = Folder::with("f.py", SOURCE);
        folder.write("main.c", DRIVER.replace("\\\\", "\\"));
        for output in ["f.o", "f.h"] {
            folder.run(&["build", level, "--target", "aarch64-unknown-linux-gnu", "-o", output, "f.py"]).ok();
        }
        folder.tool(GCC, &["-static", "-o", "main", "main.c", "f.o", "-lm"]);
        // 8 is ZeroDivisionError.
        assert_eq!(folder.tool(QEMU, &["./main"]), "21 6765\n1.333\n8\n", "{level}");
    }
}

#[test]
fn what_needs_the_machine_itself_is_refused() {
    let folder = Folder::with("f.py", SOURCE);
    let target = ["--target", "aarch64-unknown-linux-gnu"];
    folder.run(&["run", target[0], target[1], "f.py"]).fails(2, &["aarch64-unknown-linux-gnu"]);
    folder.run(&["build", target[0], target[1], "-o", "f.so", "f.py"]).fails(2, &["build an object"]);
}
