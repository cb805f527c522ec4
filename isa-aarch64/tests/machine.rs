//! What only this machine has: branches that do not reach, offsets that do not fit, symbols in two parts;
//! functions large enough to need them, run under qemu.

mod common;

use common::native::{Call, Outcome, check_assembled, compile, function_text, link, listing, native};
use common::{Dir, QEMU, Rng};
use pyexec_ir::{
    Builder, CallConv, Func, Global, Linkage, Module, Opcode, Region, Signature, SlotData, TrapCode, Type,
};
use pyexec_isa_aarch64::A64Target;
use pyexec_isa_aarch64::encode::decode;
use pyexec_isa_aarch64::inst::Op;
use std::process::Command;

fn function(name: &str, params: &[Type], results: &[Type]) -> Func {
    Func::new(name, Signature::new(CallConv::Fast, params, results), Linkage::Export)
}

/// `if <condition kind> { many stores; 1 } else { 2 }`, looping back once, with a trap behind it all.
fn far_branches(name: &str, stores: usize, kind: usize) -> Func {
    let mut func = function(name, &[Type::I64, Type::I64], &[Type::I64]);
    let slot = func.slots.push(SlotData { size: 64, align: 16 });
    let entry = func.add_block();
    let (x, y) = (func.add_param(entry, Type::I64), func.add_param(entry, Type::I64));
    let mut b = Builder::new(&mut func, entry);
    let head = b.func.add_block();
    let turn = b.func.add_param(head, Type::I64);
    let (long, short, again, out) =
        (b.func.add_block(), b.func.add_block(), b.func.add_block(), b.func.add_block());
    let zero = b.iconst(Type::I64, 0);
    b.jump(head, &[zero]);
    b.switch_to(head);
    let seven = b.iconst(Type::I64, 7);
    let is_seven = b.plain(Opcode::Eq, &[y, seven]);
    b.trap_if(is_seven, TrapCode::User1);
    let bit = b.iconst(Type::I64, 4);
    let cond = match kind {
        0 => b.plain(Opcode::Slt, &[x, y]),
        1 => b.plain(Opcode::Ne, &[x, zero]),
        _ => {
            let masked = b.plain(Opcode::Band, &[x, bit]);
            b.plain(Opcode::Ne, &[masked, zero])
        }
    };
    b.br_if(cond, (long, &[]), (short, &[]));
    b.switch_to(long);
    let address = b.stack_addr(slot, 0);
    let mut rng = Rng(0x1357_9bdf_0246_8ace);
    for i in 0..stores {
        let value = b.iconst(Type::I64, rng.next() as i64);
        b.store(Region::Stack, value, address, 8 * (i % 8) as i32);
    }
    let one = b.iconst(Type::I64, 1);
    let next = b.plain(Opcode::Iadd, &[turn, one]);
    let go_on = b.plain(Opcode::Slt, &[next, bit]);
    b.br_if(go_on, (again, &[]), (out, &[]));
    b.switch_to(again);
    b.jump(head, &[next]);
    b.switch_to(short);
    let minus = b.iconst(Type::I64, -1);
    b.ret(&[minus]);
    b.switch_to(out);
    let last = b.load(Type::I64, Region::Stack, address, 56);
    b.ret(&[last]);
    func
}

/// The value that the last slot holds after that many stores.
fn last_store(stores: usize) -> u64 {
    let mut rng = Rng(0x1357_9bdf_0246_8ace);
    let values: Vec<u64> = (0..stores).map(|_| rng.next()).collect();
    values[(stores / 8) * 8 - 1]
}

/// How many instructions of these rows a function has.
fn count(bytes: &[u8], ops: &[Op]) -> usize {
    let word = |c: &[u8]| u32::from_le_bytes([c[0], c[1], c[2], c[3]]);
    bytes.chunks_exact(4).filter(|c| decode(word(c)).is_some_and(|i| ops.contains(&i.op))).count()
}

fn check_far(name: &str, stores: usize, least_bytes: usize) {
    let mut module = Module::new();
    for kind in 0..3 {
        module.funcs.push(far_branches(&format!("far{kind}"), stores, kind));
    }
    let Some(native) = native(name, &module, 0, "") else { return };
    let inputs = [(1u64, 9u64), (9, 1), (0, 9), (4, 4), (4, 9), (3, 7)];
    let mut calls = Vec::new();
    for func in 0..3 {
        assert!(native.blob(func).bytes.len() > least_bytes, "{}", native.blob(func).bytes.len());
        assert!(count(&native.blob(func).bytes, &[Op::B]) > 0);
        calls.extend(inputs.map(|(x, y)| Call { func, args: vec![x, y], results: 1 }));
    }
    for (call, outcome) in calls.iter().zip(native.run(&calls)) {
        let (x, y) = (call.args[0], call.args[1]);
        let taken = [x < y, x != 0, x & 4 != 0][call.func];
        let want = match (y, taken) {
            (7, _) => Outcome::Trap(TrapCode::User1),
            (_, true) => Outcome::Cells(vec![last_store(stores)]),
            (_, false) => Outcome::Cells(vec![u64::MAX]),
        };
        assert_eq!(outcome, want, "far{} of {x}, {y}", call.func);
    }
}

#[test]
fn beyond_32_kib() {
    check_far("range-14", 3_000, 40_000);
}

/// `tbz` just within its reach and just beyond: the short form as long as it reaches, in both directions.
#[test]
fn at_the_edge_of_32_kib() {
    let mut seen = [false; 2];
    // Five words a store of a constant that has no shorter form: sizes around 8192 words.
    for stores in 1620..=1650 {
        let mut module = Module::new();
        module.funcs.push(far_branches("edge", stores, 2));
        let blob = &compile(&A64Target::default(), &module, 0)[0];
        let word = |c: &[u8]| u32::from_le_bytes([c[0], c[1], c[2], c[3]]);
        let insts = blob.bytes.chunks_exact(4).map(|c| decode(word(c)));
        let tests: Vec<i64> =
            insts.flatten().filter(|i| matches!(i.op, Op::Tbz | Op::Tbnz)).map(|i| i.imm).collect();
        assert_eq!(tests.len(), 1, "{tests:?}");
        seen[usize::from(tests[0] == 8)] = true;
        // A branch that goes around another one is there because that one's target was out of reach.
        assert!(tests[0] == 8 || tests[0] > 32_000, "{tests:?}");
    }
    assert_eq!(seen, [true; 2], "both sides of the edge");
}

#[test]
fn beyond_1_mib() {
    check_far("range-19", 56_000, 1 << 20);
}

#[test]
fn large_frames_and_offsets() {
    let mut module = Module::new();
    let sizes = [16u32, 480, 500, 4_000, 5_000, 33_000, 70_000, 1_000_000];
    for size in sizes {
        let mut func = function(&format!("frame{size}"), &[Type::I64], &[Type::I64]);
        let below = func.slots.push(SlotData { size, align: 16 });
        let above = func.slots.push(SlotData { size: 32, align: 16 });
        let entry = func.add_block();
        let x = func.add_param(entry, Type::I64);
        let mut b = Builder::new(&mut func, entry);
        let (low, high) = (b.stack_addr(below, 0), b.stack_addr(above, 0));
        let (end, odd) = (b.stack_addr(below, size as i32 - 8), b.stack_addr(above, 3));
        b.store(Region::Stack, x, low, 0);
        b.store(Region::Stack, x, end, 0);
        b.store(Region::Stack, x, high, 24);
        b.store(Region::Stack, x, odd, 0);
        let wide = b.plain(Opcode::Iconcat, &[x, x]);
        b.store(Region::Stack, wide, high, 0);
        let far = b.load(Type::I64, Region::Stack, low, size as i32 - 8);
        let index = b.iconst(Type::I64, 3);
        let shifted = b.plain(Opcode::Shl, &[x, index]);
        let masked_by = b.iconst(Type::I64, 8);
        let offset = b.plain(Opcode::Band, &[shifted, masked_by]);
        let place = b.plain(Opcode::Iadd, &[high, offset]);
        let loaded = b.load(Type::I64, Region::Stack, place, 0);
        let back = b.load(Type::I128, Region::Stack, high, 0);
        let (low_half, high_half) = b.plain2(Opcode::Isplit, &[back]);
        let mut sum = b.plain(Opcode::Iadd, &[far, loaded]);
        for value in [low_half, high_half] {
            sum = b.plain(Opcode::Iadd, &[sum, value]);
        }
        b.ret(&[sum]);
        module.funcs.push(func);
    }
    for opt_level in [0, 2] {
        let Some(native) = native(&format!("frames{opt_level}"), &module, opt_level, "") else { return };
        let call = |func| Call { func, args: vec![0x0123_4567_89ab_cdef], results: 1 };
        let calls: Vec<Call> = (0..sizes.len()).map(call).collect();
        for (call, outcome) in calls.iter().zip(native.run(&calls)) {
            let want = 0x0123_4567_89ab_cdef_u64.wrapping_mul(4);
            let text = function_text(&module, call.func);
            assert_eq!(outcome, Outcome::Cells(vec![want]), "{text}");
        }
    }
}

/// Data and functions of others through the global offset table, thread-local data by descriptor,
/// addresses of functions, indirect calls.
#[test]
fn symbols_of_every_kind() {
    let mut module = Module::new();
    let theirs = module.globals.push(Global::import("theirs", 16, 8));
    let per_thread =
        module.globals.push(Global { thread_local: true, ..Global::import("per_thread", 16, 8) });
    let sig = Signature::new(CallConv::C, &[Type::I64], &[Type::I64]);
    let twice = module.import("twice", sig.clone());
    let sig_id = module.intern_sig(sig.clone());
    let mut func = Func::new("probe", sig, Linkage::Export);
    let entry = func.add_block();
    let x = func.add_param(entry, Type::I64);
    let mut b = Builder::new(&mut func, entry);
    let data = b.global_addr(theirs, 8);
    let from_data = b.load(Type::I64, Region::Global, data, 0);
    let tls = b.global_addr(per_thread, 8);
    let from_tls = b.load(Type::I64, Region::Global, tls, 0);
    let bumped = b.plain(Opcode::Iadd, &[from_tls, x]);
    b.store(Region::Global, bumped, tls, 0);
    let callee = b.func_addr(twice);
    let call = b.call_indirect(sig_id, &[Type::I64], callee, &[from_data]);
    let doubled = b.func.results(call).next().expect("a result");
    let sum = b.plain(Opcode::Iadd, &[doubled, bumped]);
    let sum = b.plain(Opcode::Iadd, &[sum, x]);
    b.ret(&[sum]);
    module.funcs.push(func);
    let blobs = compile(&A64Target::default(), &module, 2);
    if !common::native::can_run("symbols") {
        return;
    }
    let dir = Dir::new("symbols");
    let asm = dir.write("code.s", listing(&module, &blobs));
    check_assembled(&dir, &asm, &blobs);
    let c = "#include <pthread.h>\nlong theirs[2] = {1, 100}; __thread long per_thread[2] = {2, 3000};\n\
        long twice(long x) { return 2 * x; }\nlong probe(long);\n\
        static void *other(void *p) { *(long *)p = probe(7); return p; }\n\
        int main(void) { pthread_t t; long r; if (probe(5) != 200 + 3005 + 5) return 1;\n\
        if (probe(5) != 200 + 3010 + 5) return 2; pthread_create(&t, 0, other, &r); pthread_join(t, 0);\n\
        return r == 200 + 3007 + 7 ? 0 : 3; }\n";
    let exe = link(&dir, c, None);
    let output = Command::new(QEMU).arg(&exe).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
}

/// Loads and stores of every type with every kind of offset: scaled, in bytes, in two steps, in a register.
#[test]
fn offsets_of_every_size() {
    const OFFSETS: [i32; 24] = [
        0,
        1,
        8,
        255,
        256,
        257,
        -1,
        -8,
        -256,
        -257,
        504,
        512,
        4095,
        4096,
        4104,
        16380,
        32760,
        32768,
        65520,
        0x12_3450,
        0xff_fff8,
        0x100_0000,
        i32::MAX - 15,
        i32::MIN,
    ];
    let mut module = Module::new();
    let data = module.globals.push(Global { linkage: Linkage::Export, ..Global::zeroed("buffer", 64, 16) });
    let mut cases = Vec::new();
    for ty in Type::ALL {
        for offset in OFFSETS {
            // The address less the offset comes in, so that it cancels.
            let mut func = function(&format!("o{}", cases.len()), &[Type::I64, ty], &[ty, ty]);
            let entry = func.add_block();
            let (less, value) = (func.add_param(entry, Type::I64), func.add_param(entry, ty));
            let mut b = Builder::new(&mut func, entry);
            let global = b.global_addr(data, 16);
            let base = b.plain(Opcode::Iadd, &[global, less]);
            b.store(Region::Global, value, base, offset);
            let back = b.load(ty, Region::Global, base, offset);
            let direct = b.load(ty, Region::Global, global, 0);
            b.ret(&[back, direct]);
            module.funcs.push(func);
            cases.push((ty, offset));
        }
    }
    let c = "unsigned char buffer[64] __attribute__((aligned(16)));";
    let Some(native) = native("offsets", &module, 1, c) else { return };
    let value = 0x0123_4567_89ab_cdef_u64;
    let cells = |ty: Type| match ty {
        Type::I128 => vec![value, !value],
        ty => vec![value & ty.mask() as u64],
    };
    let call = |(func, (ty, offset)): (usize, &(Type, i32))| {
        let args = [vec![i64::from(*offset).wrapping_neg() as u64], cells(*ty)].concat();
        Call { func, args, results: 2 * cells(*ty).len() }
    };
    let calls: Vec<Call> = cases.iter().enumerate().map(call).collect();
    for ((ty, offset), outcome) in cases.iter().zip(native.run(&calls)) {
        assert_eq!(outcome, Outcome::Cells([cells(*ty), cells(*ty)].concat()), "{ty} at {offset}");
    }
}

/// A function with a jump table in memory where every indirect branch must land on a pad.
#[test]
fn landing_pads_where_they_are_required() {
    let mut module = Module::new();
    let mut func =
        Func::new("choose", Signature::new(CallConv::C, &[Type::I64], &[Type::I64]), Linkage::Export);
    let entry = func.add_block();
    let x = func.add_param(entry, Type::I64);
    let mut b = Builder::new(&mut func, entry);
    let blocks: Vec<_> = (0..5).map(|_| b.func.add_block()).collect();
    let targets: Vec<_> = blocks.iter().map(|block| b.func.make_block_call(*block, &[])).collect();
    b.br_table(x, targets[0], &targets[1..]);
    for (block, answer) in blocks.into_iter().zip([-1, 10, 20, 30, 40]) {
        b.switch_to(block);
        let answer = b.iconst(Type::I64, answer);
        b.ret(&[answer]);
    }
    module.funcs.push(func);
    if !common::native::can_run("landing pads") {
        return;
    }
    for (cpu, expected) in [("generic,+bti", Some(0)), ("generic", None)] {
        let target = A64Target::for_cpu(cpu).expect("a processor");
        let blob = &compile(&target, &module, 2)[0];
        assert!(blob.relocs.is_empty());
        let dir = Dir::new(if expected.is_some() { "pads" } else { "no-pads" });
        let bytes: Vec<String> = blob.bytes.iter().map(u8::to_string).collect();
        let c = format!(
            "#include <string.h>\n#include <sys/mman.h>\nstatic unsigned char code[] = {{{}}};\nint main(void) {{\n\
             void *m = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);\n\
             memcpy(m, code, sizeof code); __builtin___clear_cache(m, (char *)m + sizeof code);\n\
             if (mprotect(m, 4096, PROT_READ | PROT_EXEC | 0x10)) return 9;\n\
             long (*choose)(long) = m; long want[] = {{10, 20, 30, 40, -1, -1}};\n\
             for (int i = 0; i < 6; i++) if (choose(i) != want[i]) return 1;\nreturn choose(-1) != -1; }}\n",
            bytes.join(",")
        );
        let (c, exe) = (dir.write("t.c", c), dir.path("t"));
        common::run(common::GCC, &["-static".as_ref(), "-o".as_ref(), exe.as_path(), c.as_path()]);
        let output = Command::new(QEMU).args(["-cpu", "max"]).arg(&exe).output().expect("run");
        assert_eq!(output.status.code(), expected, "{cpu}");
    }
}

/// `outer` calls `inner` through a function that needs a frame and through one that leaves by a tail call.
fn frames() -> Module {
    let text = "\
sig0 = fast (i64) -> (i64)
func c import @inner(i64) -> (i64)
func fast local @plain(i64) -> (i64) {
b0(v0: i64):
  v1 = call @inner(v0)
  v2 = iadd.i64 v1, v0
  ret v2
}
func fast local @tail(i64) -> (i64) {
b0(v0: i64):
  v1 = call @inner(v0)
  v2 = func_addr @plain
  v3 = iconst.i64 0
  v4 = eq.i64 v1, v3
  br_if v4, b1, b2
b1:
  tail_call @plain(v1)
b2:
  tail_call_indirect sig0 v2(v1)
}
func c export @outer(i64) -> (i64) {
b0(v0: i64):
  v1 = call @tail(v0)
  v2 = iconst.i64 1
  v3 = iadd.i64 v1, v2
  ret v3
}
";
    let module = pyexec_ir::parse_module(text, 0).expect("parses");
    assert_eq!(pyexec_ir::verify(&module), []);
    module
}

/// Return addresses in memory are signed (their upper bits are not an address's), a spoilt one faults, and
/// code that is not signed would not notice.
#[test]
fn signed_return_addresses() {
    let module = frames();
    let sign = count(&compile(&A64Target::default(), &module, 2)[0].bytes, &[Op::Hint]);
    assert_eq!(sign, 0);
    if !common::native::can_run("signed return addresses") {
        return;
    }
    let c = "#include <stdlib.h>\nlong outer(long); static int spoil, signed_ones, seen;\n\
        long inner(long x) { unsigned long *record = __builtin_frame_address(0);\n\
        volatile unsigned long *callers = (void *)*record; seen++;\n\
        signed_ones += callers[1] >> 48 != 0; if (spoil) callers[1] ^= 4; return x + 1; }\n\
        int main(int n, char **v) { spoil = n > 1; if (outer(5) != 6 + 7 + 1 || seen != 2) return 1;\n\
        return signed_ones == EXPECTED ? 0 : 2; }\n";
    for (cpu, expected) in [("generic,+pac-ret", 2), ("generic,+pac-ret,+bti", 2), ("generic", 0)] {
        let target = A64Target::for_cpu(cpu).expect("a processor");
        for level in [0, 2] {
            let blobs = compile(&target, &module, level);
            let dir = Dir::new("signed");
            let asm = dir.write("code.s", listing(&module, &blobs));
            check_assembled(&dir, &asm, &blobs);
            let exe = link(&dir, &c.replace("EXPECTED", &expected.to_string()), None);
            // A signature has seven bits there, and keys are random: one in 128 is zero, or right by chance.
            let run = |args: &[&str]| -> Vec<Option<i32>> {
                let mut command = Command::new(QEMU);
                command.args(["-cpu", "max"]).arg(&exe).args(args);
                (0..5).map(|_| command.output().expect("run").status.code()).collect()
            };
            let honest = run(&[]);
            let fine = honest.contains(&Some(0)) && !honest.contains(&Some(1)) && !honest.contains(&None);
            assert!(fine, "{cpu} -O{level}: {honest:?}");
            if expected > 0 {
                assert!(run(&["spoil"]).contains(&None), "a spoilt address faults");
            }
        }
    }
}
