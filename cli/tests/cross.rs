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

#[test]
fn systems_without_an_object_format_get_assembly() {
    let folder = Folder::with("f.py", SOURCE);
    for triple in ["aarch64-apple-darwin", "aarch64-pc-windows-msvc"] {
        folder.run(&["build", "--target", triple, "-o", "f.o", "f.py"]).fails(2, &[triple, "-o NAME.s"]);
        folder.run(&["build", "--target", triple, "-o", "f.so", "f.py"]).fails(2, &[triple]);
        folder.run(&["run", "--target", triple, "f.py"]).fails(2, &[triple]);
        for stage in ["vcode", "ra", "asm"] {
            folder.run(&["build", "--target", triple, "--emit", stage, "-o", "f.pir", "f.py"]).ok();
        }
        folder.run(&["build", "--target", triple, "-o", "f.s", "f.py"]).ok();
        if have("clang") {
            let target = format!("--target={triple}");
            folder.tool("clang", &[&target, "-c", "-o", "f.obj", "f.s"]);
        }
    }
}

#[test]
fn aarch64_assembly_with_data_is_gnu_as_s() {
    if !have("aarch64-linux-gnu-as") || !have(GCC) || !have(QEMU) {
        return;
    }
    let folder = Folder::with("f.py", SOURCE);
    folder.write("main.c", DRIVER.replace("\\\\", "\\"));
    let target = ["--target", "aarch64-unknown-linux-gnu"];
    folder.run(&["build", target[0], target[1], "-o", "f.s", "-o", "f.h", "f.py"]).ok();
    folder.tool(GCC, &["-static", "-o", "main", "main.c", "f.s", "-lm"]);
    assert_eq!(folder.tool(QEMU, &["./main"]), "21 6765\n1.333\n8\n");
}

const FRAMES: &str = "\
func c import @look(i64) -> (i64)
func fast local @middle(i64) -> (i64) {
b0(v0: i64):
  v1 = call @look(v0)
  v2 = iadd.i64 v1, v0
  ret v2
}
func c export @outer(i64) -> (i64) {
  slot s0: size 64, align 8
b0(v0: i64):
  v1 = stack_addr s0
  store.i64 stack v0, v1
  v2 = call @middle(v0)
  v3 = load.i64 stack v1
  v4 = iadd.i64 v2, v3
  ret v4
}
";

/// Counts the frames up to `main` from within a call.
const LOOKER: &str = r#"
#include <unwind.h>
long outer(long);
static int frames, found;
int main(void);
static _Unwind_Reason_Code step(struct _Unwind_Context *c, void *p) {
    frames++;
    if (_Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(c)) == (void *)main) found = frames;
    return _URC_NO_REASON;
}
long look(long x) { _Unwind_Backtrace(step, 0); return x; }
int main(void) {
    if (outer(5) != 15) return 1;
    return found;
}
"#;

#[test]
fn signed_frames_are_unwound_and_noted() {
    if !have(GCC) || !have(QEMU) || !have("readelf") {
        return;
    }
    let cases = [("generic", ""), ("generic,+pac-ret", "PAC"), ("generic,+pac-ret,+bti", "BTI, PAC")];
    for (cpu, noted) in cases {
        let folder = Folder::with("f.pir", FRAMES);
        folder.write("main.c", LOOKER);
        let target = ["--target", "aarch64-unknown-linux-gnu", "--cpu", cpu];
        folder.run(&[&["build", "-O0"], &target[..], &["-o", "f.o", "f.pir"]].concat()).ok();
        let notes = folder.tool("readelf", &["-n", "f.o"]);
        let line = notes.lines().find_map(|l| l.split_once("AArch64 feature: "));
        assert_eq!(line.map_or("", |l| l.1.trim()), noted, "{cpu}: {notes}");
        folder.tool(GCC, &["-static", "-O1", "-fexceptions", "-o", "main", "main.c", "f.o"]);
        // look, middle, outer, main.
        let output = std::process::Command::new(QEMU)
            .args(["-cpu", "max", "./main"])
            .current_dir(folder.path())
            .output()
            .expect("run");
        assert_eq!(output.status.code(), Some(4), "{cpu}");
    }
}
