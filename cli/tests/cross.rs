//! Objects for another machine: linked by its C compiler, run under its emulator.

mod common;

use common::{Folder, have, skip};

const GCC: &str = "aarch64-linux-gnu-gcc";
const QEMU: &str = "qemu-aarch64";
const TARGET: &str = "aarch64-unknown-linux-gnu";

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
    printf("%lld %lld\n", (long long)gcd(1071, 462), (long long)fib(20));
    printf("%.3f\n", mean(1.5, 2.5, 3));
    mean(1.0, 2.0, 0);
    printf("%d\n", pyexec_error_state()->kind);
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
        folder.write("main.c", DRIVER);
        for output in ["f.o", "f.h"] {
            folder.run(&["build", "--ints", "checked", level, "--target", TARGET, "-o", output, "f.py"]).ok();
        }
        folder.tool(GCC, &["-static", "-o", "main", "main.c", "f.o", "-lm"]);
        // 8 is ZeroDivisionError.
        assert_eq!(folder.tool(QEMU, &["./main"]), "21 6765\n1.333\n8\n", "{level}");
    }
}

/// A program in C against a shared library for the other machine; what it prints under the emulator.
fn with_library(folder: &Folder, level: &str) -> String {
    folder
        .run(&["build", "--ints", "checked", level, "--target", TARGET, "-o", "libf.so", "-o", "f.h", "f.py"])
        .ok();
    let library = folder.read("libf.so");
    // Offset 18 is the machine: EM_AARCH64.
    assert_eq!(library[18], 183, "a library for another machine");
    folder.tool(GCC, &["-o", "main", "main.c", "-L.", "-lf", "-Wl,-rpath,$ORIGIN"]);
    folder.tool(QEMU, &["-L", "/usr/aarch64-linux-gnu", "./main"])
}

#[test]
fn aarch64_libraries_are_linked_by_its_compiler() {
    if !have(GCC) || !have(QEMU) {
        return;
    }
    for level in ["-O0", "-O2"] {
        let folder = Folder::with("f.py", SOURCE);
        folder.write("main.c", DRIVER);
        assert_eq!(with_library(&folder, level), "21 6765\n1.333\n8\n", "{level}");
    }
}

const HELPED: &str = r#"
import math


def show(n: int) -> None:
    print("n is", n, n / 3, f"{n:>5}|")


def sine(x: float) -> float:
    return math.sin(x)


def refuse(n: int) -> int:
    if n > 2:
        raise ValueError(f"{n} is more than {2:>3}")
    return n
"#;

const HELPED_DRIVER: &str = r#"
#include <stdio.h>
#include "f.h"
int main(void) {
    show(7);
    printf("%.17g\n", sine(0.5));
    refuse(3);
    struct pyexec_error *error = pyexec_error_state();
    printf("%.*s\n", (int)error->message_length, error->message);
    return 0;
}
"#;

#[test]
fn aarch64_libraries_hold_the_helpers_that_they_call() {
    if !have(GCC) || !have(QEMU) {
        return;
    }
    if std::env::var_os("PYEXEC_CG_AARCH64").is_none() {
        return skip("no archive of helpers for AArch64: `cargo xtask test` builds one where it can");
    }
    for level in ["-O0", "-O2"] {
        let folder = Folder::with("f.py", HELPED);
        folder.write("main.c", HELPED_DRIVER);
        let expected = "n is 7 2.3333333333333335     7|\n0.47942553860420301\n3 is more than   2\n";
        assert_eq!(with_library(&folder, level), expected, "{level}");
    }
}

#[test]
fn what_cannot_be_made_here_is_refused() {
    let folder = Folder::with("f.py", SOURCE);
    folder.run(&["run", "--target", TARGET, "f.py"]).fails(2, &[TARGET]);
    let mut build = folder.command(&["build", "--ints", "checked", "--target", TARGET, "-o", "f.so", "f.py"]);
    let ran = build.env("CC_aarch64_unknown_linux_gnu", "no-such-compiler").output().expect("starts");
    let parts = ["no-such-compiler", "apt install gcc-aarch64-linux-gnu", "CC_aarch64_unknown_linux_gnu"];
    common::Ran::of(ran, &["build"]).fails(74, &parts);
    assert!(!folder.names().contains(&"f.so".to_owned()), "nothing is left");
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
    folder.run(&["build", "--ints", "checked", target[0], target[1], "-o", "f.s", "-o", "f.h", "f.py"]).ok();
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
