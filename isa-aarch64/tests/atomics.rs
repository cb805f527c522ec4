//! Every atomic opcode, at every type, with every kind of address, operand and result, against the interpreter:
//! with FEAT_LSE, and without it on a processor that has none. Then threads that change the same memory.

#[path = "../../ir/tests/atomics/mod.rs"]
mod cases;
mod common;

use common::native::{Call, MACHINE, Outcome, compile, link, listing};
use common::{AS, Dir, GCC, QEMU, Rng, have};
use pyexec_base::EntityId;
use pyexec_ir::FuncId;
use pyexec_isa_aarch64::A64Target;
use std::path::Path;

fn run(name: &str, cpu: &str, emulated: &str, opt_level: u8) {
    let cases = cases::cases();
    let module = cases::module(&cases);
    let target = A64Target::for_cpu(cpu).expect("a name");
    let Some(mut native) = MACHINE.native(name, &target, &module, opt_level, "") else { return };
    native.cpu = Some(emulated.into());
    let mut interp = cases::interpreter(&module);
    let mut rng = Rng(0x1234_5678_9abc_def1);
    let (mut calls, mut wanted) = (Vec::new(), Vec::new());
    for (func, case) in cases.iter().enumerate() {
        for _ in 0..12 {
            let args = cases::arguments(case, &mut || rng.next());
            wanted.push(cases::expected(&mut interp, FuncId::from_index(func), &args));
            calls.push(Call {
                func,
                args: cases::cells(case, &args, rng.next()),
                results: case.results().len(),
            });
        }
    }
    let outcomes = native.run(&calls);
    for ((call, outcome), wanted) in calls.iter().zip(&outcomes).zip(wanted) {
        assert_eq!(
            outcome,
            &Outcome::Cells(wanted),
            "f{} {:?} {:x?}",
            call.func,
            cases[call.func],
            call.args
        );
    }
}

#[test]
fn the_processor_decides_what_is_used() {
    let module = cases::module(&cases::cases());
    for (cpu, once) in
        [("armv8-a", false), ("armv8-a,+lse", true), ("cortex-a76", true), ("apple-m1,-lse", false)]
    {
        let text = listing(&module, &compile(&A64Target::for_cpu(cpu).expect("a name"), &module, 1));
        let names = ["ldaddal", "ldclralb", "ldsetalh", "swpal", "casal", "lduminal"];
        assert_eq!(names.map(|name| text.contains(name)), [once; 6], "{cpu}");
        assert_eq!(["ldaxr", "stlxrb"].map(|name| text.contains(name)), [!once; 2], "{cpu}");
    }
    assert!(A64Target::for_cpu("armv8-a,+wat").is_err());
}

#[test]
fn at_once() {
    run("atomics-lse", "armv8.1-a", "max", 1);
    run("atomics-lse-fast", "armv8-a,+lse", "max", 0);
}

#[test]
fn by_loops() {
    run("atomics", "armv8-a", "cortex-a53", 1);
    run("atomics-fast", "neoverse-n1,-lse", "cortex-a53", 0);
}

const THREADS: &str = r#"
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
int64_t contend(int64_t *cells, int64_t thread, int64_t count);
int64_t turns(int64_t *cells, int64_t thread, int64_t count);
int64_t fenced_turns(int64_t *cells, int64_t thread, int64_t count);
enum { THREADS = 4, COUNT = 20000, TURNS = 500 };
static int64_t cells[16] __attribute__((aligned(64)));
static int64_t (*work)(int64_t *, int64_t, int64_t);
static int64_t count, wrong[THREADS];
static void *run(void *thread) { wrong[(intptr_t)thread] = work(cells, (intptr_t)thread, count); return 0; }
static void go(int64_t (*f)(int64_t *, int64_t, int64_t), int threads, int64_t n) {
  pthread_t ids[THREADS];
  for (int i = 0; i < 16; i++) cells[i] = 0;
  work = f; count = n;
  for (intptr_t i = 0; i < threads; i++) pthread_create(&ids[i], 0, run, (void *)i);
  for (int i = 0; i < threads; i++) { pthread_join(ids[i], 0); printf("%ld ", (long)wrong[i]); }
  for (int i = 0; i < 16; i++) printf("%ld ", (long)cells[i]);
  printf("\n");
}
int main(void) {
  go(contend, THREADS, COUNT);
  go(turns, 2, TURNS);
  go(fenced_turns, 2, TURNS);
}
"#;

/// Nothing that four threads do to the same cells is lost; see the program for what each cell shows.
#[test]
fn threads_agree() {
    if !have("atomics::threads_agree", &[AS, GCC, QEMU]) {
        return;
    }
    let text = include_str!("../../tests/atomics/contend.pir");
    let module = pyexec_ir::parse_module(text, 0).expect("it parses");
    assert_eq!(pyexec_ir::verify(&module), []);
    for (cpu, emulated) in [("armv8.1-a", "max"), ("armv8-a", "cortex-a53")] {
        for opt_level in [0, 1] {
            let blobs = compile(&A64Target::for_cpu(cpu).expect("a name"), &module, opt_level);
            let dir = Dir::new("threads");
            let source = dir.write("code.s", listing(&module, &blobs));
            common::run(AS, &[Path::new("-o"), &dir.path("code.o"), &source]);
            let program = link(&dir, THREADS, None);
            let output = common::run(QEMU, &[Path::new("-cpu"), Path::new(emulated), &program]);
            let said = String::from_utf8(output.stdout).expect("text");
            let numbers: Vec<Vec<i64>> = said
                .lines()
                .map(|line| line.split_whitespace().map(|n| n.parse().expect("a number")).collect())
                .collect();
            let contended = contended(4, 20_000);
            assert_eq!(numbers[0], [&[0; 4][..], &contended].concat(), "{cpu} -O{opt_level}");
            for turns in &numbers[1..] {
                assert_eq!(turns[..2], [0, 0], "{cpu} -O{opt_level}");
                assert_eq!(turns[2 + 3], 2 * 500, "{cpu} -O{opt_level}");
            }
        }
    }
}

/// What the cells hold after so many threads have done so many rounds.
fn contended(threads: i64, count: i64) -> Vec<i64> {
    let total = threads * count;
    let mut cells = vec![0; 16];
    cells[0] = total;
    cells[1] = -total;
    cells[2] = total & 0xff;
    cells[3] = total & 0xffff;
    cells[4] = total;
    cells[6] = total - 1;
    cells[7] = -total + 1;
    cells[8] = total;
    cells[9] = threads * (threads + 1) / 2;
    cells[10] = total - 1;
    cells
}
