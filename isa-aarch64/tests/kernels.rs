//! Kernels in IR against the same ones in C through gcc -O2: the same answers under qemu, and about as many
//! instructions. The IR is what a good middle end would leave, without unrolling.

mod common;

use common::native::{can_run, check_assembled, compile, listing};
use common::{Dir, GCC, OBJDUMP, QEMU, have, run};
use pyexec_isa_aarch64::A64Target;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const IR: &str = include_str!("kernels/kernels.pir");
const C: &str = include_str!("kernels/kernels.c");

const MAIN: &str = r#"
#include <stdio.h>
typedef long long i64; typedef unsigned long long u64;
#define BOTH(ret, name, params) ret name params; ret c_##name params;
BOTH(i64, fib, (i64)) BOTH(i64, sum, (i64 *, i64)) BOTH(double, dot, (double *, double *, i64))
BOTH(u64, gcd, (u64, u64)) BOTH(i64, collatz, (i64)) BOTH(i64, sieve, (char *, i64))
BOTH(double, horner, (double *, i64, double)) BOTH(u64, hash, (unsigned char *, i64))
BOTH(u64, digits, (u64)) BOTH(i64, clamp, (i64, i64, i64))
#define SAME(name, ...) if (name(__VA_ARGS__) != c_##name(__VA_ARGS__)) { puts(#name); return 1; }
int main(void) {
  i64 a[50]; double x[50], y[50]; static char s[2][2000];
  for (int i = 0; i < 50; i++) { a[i] = i * i - 77; x[i] = i / 7.0; y[i] = 3.0 - i * 0.31; }
  for (int n = 0; n <= 50; n += 7) {
    SAME(sum, a, n) SAME(dot, x, y, n) SAME(horner, x, n, 1.01) SAME(hash, (unsigned char *)a, n)
    SAME(fib, n / 4) SAME(gcd, n * 12, 18 + n) SAME(collatz, n + 1) SAME(digits, (u64)n * 123456789123ull)
    SAME(clamp, n, 10, 30)
  }
  SAME(collatz, 0x7ffffffffffffff1ll) SAME(digits, ~0ull)
  if (sieve(s[0], 2000) != c_sieve(s[1], 2000)) { puts("sieve"); return 1; }
  return 0;
}
"#;

/// Instructions of each function in an object file.
fn counts(object: &Path) -> BTreeMap<String, usize> {
    let listing = run(OBJDUMP, &[Path::new("-d"), object]).stdout;
    let (mut all, mut name) = (BTreeMap::new(), String::new());
    for line in String::from_utf8_lossy(&listing).lines() {
        if let Some(label) = line.strip_suffix(">:").and_then(|l| l.split('<').nth(1)) {
            name = label.trim_start_matches("c_").to_string();
        } else if line.contains(":\t")
            && !line.contains("\tnop")
            && !line.contains("\tudf")
            && !line.contains(".word")
        {
            *all.entry(name.clone()).or_default() += 1;
        }
    }
    all
}

#[test]
fn same_answers_and_about_as_many_instructions_as_gcc() {
    let module = pyexec_ir::parse_module(IR, 0).unwrap_or_else(|e| panic!("{e:#?}"));
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    let blobs = compile(&A64Target::default(), &module, 1);
    if !can_run("kernels") || !have("kernels", &[OBJDUMP]) {
        return;
    }
    let dir = Dir::new("kernels");
    let asm = dir.write("code.s", listing(&module, &blobs));
    check_assembled(&dir, &asm, &blobs);
    // Theirs get a prefix, so that both can be in one program.
    let names = counts(&dir.path("code.o"));
    let prefix: String = names.keys().map(|n| format!("#define {n} c_{n}\n")).collect();
    let (c, theirs) = (dir.write("theirs.c", prefix + C), dir.path("theirs.o"));
    // The same work: no vectors, no second copies of loops or functions.
    let flags = ["-O2", "-fno-tree-vectorize", "-ffp-contract=off", "-fno-inline", "-c", "-o"];
    let flags = flags.map(Path::new);
    run(GCC, &[&flags[..], &[theirs.as_path(), c.as_path()]].concat());
    let (main, exe) = (dir.write("main.c", MAIN), dir.path("exe"));
    run(GCC, &[Path::new("-static"), Path::new("-o"), &exe, &main, &theirs, &dir.path("code.o")]);
    let output = Command::new(QEMU).arg(&exe).output().expect("run");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let theirs = counts(&theirs);
    let ratios: Vec<(String, f64)> = names
        .iter()
        .map(|(n, ours)| (format!("{n} {ours}:{}", theirs[n]), *ours as f64 / theirs[n] as f64))
        .collect();
    let geomean = (ratios.iter().map(|(_, r)| r.ln()).sum::<f64>() / ratios.len() as f64).exp();
    println!("static instructions, ours : gcc -O2, geomean {geomean:.3}: {ratios:.2?}");
    assert!(geomean < 1.15, "{geomean:.3}: {ratios:.2?}");
}
