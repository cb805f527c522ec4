//! Prints the time of each stage: `cargo test --release --test timing -- --ignored --nocapture`.

use pyexec_codegen::{CompileOptions, Observer, Stage, Target};
use pyexec_ir::{Builder, CallConv, Func, Linkage, Module, Opcode, Signature, Type, Value};
use pyexec_isa_x86_64::encode::{Address, emit};
use pyexec_isa_x86_64::inst::{MInst, Op, Width};
use pyexec_isa_x86_64::{CpuFeatures, X86Target, regs};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

#[derive(Default)]
struct Times(BTreeMap<Stage, Duration>);

impl Observer for Times {
    fn wants(&self, _: Stage) -> bool {
        false
    }
    fn artifact(&mut self, _: Stage, _: &str, _: &dyn std::fmt::Display) {}
    fn elapsed(&mut self, stage: Stage, time: Duration) {
        *self.0.entry(stage).or_default() += time;
    }
    fn times(&self) -> bool {
        true
    }
}

fn straight(length: usize) -> Module {
    let mut module = Module::new();
    let sig = Signature::new(CallConv::Fast, &[Type::I64; 6], &[Type::I64]);
    let mut func = Func::new("f", sig, Linkage::Export);
    let entry = func.add_block();
    let mut pool: Vec<Value> = (0..6).map(|_| func.add_param(entry, Type::I64)).collect();
    let mut b = Builder::new(&mut func, entry);
    let mut state = 1u64;
    let ops = [Opcode::Iadd, Opcode::Isub, Opcode::Imul, Opcode::Bxor, Opcode::Band, Opcode::Smin];
    for _ in 0..length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = |shift: u32| pool[pool.len() - 1 - (state >> shift) as usize % 6];
        let value = b.plain(ops[(state >> 60) as usize % 6], &[pick(20), pick(40)]);
        pool.push(value);
    }
    let last = pool[pool.len() - 1];
    b.ret(&[last]);
    module.funcs.push(func);
    module
}

#[test]
#[ignore = "measures"]
fn stages() {
    let target = X86Target::new(CpuFeatures::V3);
    for level in [0, 1] {
        let mut compiler = target.compiler(CompileOptions { opt_level: level, check: false });
        for length in [100, 1000, 10_000, 100_000] {
            let module = straight(length);
            let id = module.funcs.ids().next().expect("one");
            let (mut times, rounds) = (Times::default(), 200_000 / length + 1);
            let mut bytes = 0;
            for _ in 0..rounds {
                bytes = compiler.compile(&module, id, &(), &mut times).expect("compiles").bytes.len();
            }
            let per = |d: &Duration| d.as_nanos() as f64 / (rounds * length) as f64;
            let list: Vec<String> = times.0.iter().map(|(s, d)| format!("{s:?} {:.0}", per(d))).collect();
            println!("level {level}, {length}: ns per IR instruction: {}; {bytes} bytes", list.join(", "));
        }
    }
}

#[test]
#[ignore = "measures"]
fn encoder() {
    let ops = [Op::AddRm, Op::MovRm, Op::Lea, Op::CmpMi, Op::MovMr, Op::Addsd, Op::ImulRm];
    let mut insts = Vec::new();
    for n in 0..1000u64 {
        let op = ops[(n * 7919 % 7) as usize];
        let (a, b) = ((n % 16) as u8, (n / 16 % 16) as u8);
        let class =
            if op == Op::Addsd { pyexec_regalloc::RegClass::Float } else { pyexec_regalloc::RegClass::Int };
        let reg = |r| pyexec_codegen::Reg::from_preg(pyexec_regalloc::PReg::new(r, class));
        let mem = pyexec_isa_x86_64::inst::Amode::reg(regs::RSP_REG, 8);
        let inst = MInst::new(op, Width::B64).dst(reg(a)).src(reg(a)).imm(n as i64);
        insts.push(if matches!(op, Op::Lea | Op::MovMr) { inst.rm(mem) } else { inst.rm(reg(b)) });
    }
    let address = Address { base: Some(4), disp: 8, ..Address::default() };
    let (mut least, mut total) = (f64::MAX, 0);
    for _ in 0..4000 {
        let start = Instant::now();
        for inst in &insts {
            total += emit(std::hint::black_box(inst), &address).len();
        }
        least = least.min(start.elapsed().as_nanos() as f64 / 1e3);
    }
    let ns = least;
    println!("{ns:.1} ns an instruction, {total} bytes");
}
