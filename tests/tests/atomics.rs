//! Threads that change the same memory by compiled code: nothing is lost, and a lock made of loads and stores alone
//! locks. See `tests/atomics/contend.pir` for what each cell shows.

use pyexec_opt::{OptLevel, optimize};
use pyexec_runtime::Val;
use pyexec_tests::native::Native;
use std::sync::Barrier;
use std::sync::atomic::{AtomicI64, Ordering};

const TEXT: &str = include_str!("../atomics/contend.pir");

/// Runs a function of the program in this many threads on one piece of memory: what they return, and the cells.
fn threads(name: &str, level: u8, optimized: bool, threads: i64, count: i64) -> (Vec<i64>, Vec<i64>) {
    let mut module = pyexec_ir::parse_module(TEXT, 0).expect("it parses");
    assert_eq!(pyexec_ir::verify(&module), [], "well formed");
    if optimized {
        optimize(&mut module, OptLevel::O2, &mut |_, _| {});
    }
    let cells: [AtomicI64; 16] = Default::default();
    let start = Barrier::new(threads as usize);
    let work = |thread: i64| {
        // Each thread has its own copy of the code: what they share is memory.
        let mut native = Native::new(&module, level).expect("it links");
        start.wait();
        let args = [cells.as_ptr() as i64, thread, count].map(Val::i64);
        native.call(name, &args).expect("no trap")[0].bits as i64
    };
    let work = &work;
    let returned = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|thread| scope.spawn(move || work(thread))).collect();
        all.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    (returned, cells.iter().map(|cell| cell.load(Ordering::SeqCst)).collect())
}

#[test]
fn nothing_is_lost() {
    let count = 30_000;
    for (level, optimized) in [(0, false), (2, false), (2, true)] {
        let (wrong, cells) = threads("contend", level, optimized, 4, count);
        assert_eq!(wrong, [0; 4], "level {level}, optimized: {optimized}");
        let total = 4 * count;
        let narrow = [total & 0xff, total & 0xffff];
        let mut wanted =
            vec![total, -total, narrow[0], narrow[1], total, 0, total - 1, 1 - total, total, 10, total - 1];
        wanted.resize(16, 0);
        assert_eq!(cells, wanted, "level {level}, optimized: {optimized}");
    }
}

#[test]
fn stores_are_seen_before_later_loads() {
    for name in ["turns", "fenced_turns"] {
        for (level, optimized) in [(0, false), (2, true)] {
            let (_, cells) = threads(name, level, optimized, 2, 1000);
            assert_eq!(cells[3], 2000, "{name}, level {level}, optimized: {optimized}");
        }
    }
}

/// The optimiser neither removes atomic accesses nor moves others across them.
#[test]
fn the_optimiser_keeps_the_order() {
    let text = "func c export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = load.i64 array v0
  v3 = atomic_load.i64 header v1
  v4 = load.i64 array v0
  store.i64 array v4, v0+8
  fence
  v5 = load.i64 array v0+8
  v6 = atomic_load.i64 header v1
  v7 = load.i64 stack v0+16
  atomic_store.i64 header v7, v1
  v8 = load.i64 stack v0+16
  v9 = iadd.i64 v2, v4
  v10 = iadd.i64 v5, v8
  v11 = iadd.i64 v9, v10
  ret v11
}
";
    let mut module = pyexec_ir::parse_module(text, 0).expect("it parses");
    optimize(&mut module, OptLevel::O2, &mut |_, _| {});
    let after = module.to_string();
    let count = |what: &str| after.matches(what).count();
    assert_eq!((count(" load."), count("atomic_load"), count("fence")), (5, 2, 1), "{after}");
}
