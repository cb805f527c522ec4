//! Random programs of loops, branches, tables, memory, calls and tail calls: native code against the
//! interpreter, call by call, with memory that lives on between the calls.

use super::Rng;
use super::native::{Call, Native, Outcome, function_text};
use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::{
    Builder, CallConv, Func, FuncId, Global, GlobalId, Imm, Linkage, Module, Opcode, Region, Signature,
    SlotData, TrapCode, TyRule, Type, Value,
};

const BUFFER: u32 = 128;

struct Generator<'a> {
    rng: &'a mut Rng,
    module: &'a Module,
    earlier: &'a [FuncId],
    buffers: [GlobalId; 2],
    /// Values that dominate the current place.
    pool: Vec<Value>,
    slot: pyexec_ir::Slot,
    conv: CallConv,
    results: Vec<Type>,
    budget: i32,
}

fn types(rng: &mut Rng, most: usize) -> Vec<Type> {
    let count = rng.below(most + 1);
    (0..count).map(|_| rng.pick(&Type::ALL)).collect()
}

impl Generator<'_> {
    fn constant(&mut self, b: &mut Builder<'_>, ty: Type) -> Value {
        match ty {
            Type::F32 => b.f32const(self.rng.pick(&[0.0, -0.0, 1.0, -2.5, 1e9, f32::INFINITY])),
            Type::F64 => b.f64const(self.rng.pick(&[0.0, -0.0, 1.0, 0.1, -3.75, 1e18, f64::NEG_INFINITY])),
            _ => {
                let wide = self.rng.next() as i64;
                let small = self.rng.below(20) as i64 - 4;
                b.iconst(ty, if self.rng.below(4) == 0 { wide } else { small })
            }
        }
    }

    fn value(&mut self, b: &mut Builder<'_>, ty: Type) -> Value {
        let fitting: Vec<Value> = self.pool.iter().copied().filter(|v| b.func.ty(*v) == ty).collect();
        if fitting.is_empty() || self.rng.below(6) == 0 {
            return self.constant(b, ty);
        }
        // Recent values, mostly: they are what selection merges.
        let recent = fitting.len().min(if self.rng.below(3) == 0 { 100 } else { 3 });
        fitting[fitting.len() - 1 - self.rng.below(recent)]
    }

    /// One NaN for all, because which quiet NaN arithmetic gives is not specified.
    fn keep(&mut self, b: &mut Builder<'_>, value: Value) {
        let ty = b.func.ty(value);
        if !ty.is_float() {
            return self.pool.push(value);
        }
        let nan = if ty == Type::F32 { b.f32const(f32::NAN) } else { b.f64const(f64::NAN) };
        let unordered = b.plain(Opcode::Funo, &[value, value]);
        let canonical = b.plain(Opcode::Select, &[unordered, nan, value]);
        self.pool.push(canonical);
    }

    fn scalar(&mut self, b: &mut Builder<'_>) {
        let op = loop {
            let op = self.rng.pick(Opcode::ALL);
            if op.is_scalar() && !op.info().results.is_empty() {
                break op;
            }
        };
        let all: Vec<Type> = op.info().class.types().collect();
        let ty = self.rng.pick(&all);
        let mut args = Vec::new();
        for rule in op.info().operands {
            let fitting: Vec<Type> = match rule {
                TyRule::T => vec![ty],
                _ => Type::ALL.into_iter().filter(|t| rule.accepts(ty, *t)).collect(),
            };
            let ty = self.rng.pick(&fitting);
            args.push(self.value(b, ty));
        }
        if matches!(op, Opcode::Sdiv | Opcode::Udiv | Opcode::Srem | Opcode::Urem) && self.rng.below(8) != 0 {
            let one = b.iconst(ty, 1);
            args[1] = b.plain(Opcode::Bor, &[args[1], one]);
        }
        if matches!(op, Opcode::FloatToSint | Opcode::FloatToUint) && self.rng.below(8) != 0 {
            return;
        }
        let inst = b.push(op, ty, Imm::None, &args, &[]);
        let results: Vec<Value> = b.func.results(inst).collect();
        results.into_iter().for_each(|r| self.keep(b, r));
    }

    /// An address with room for 16 bytes behind it, and the offset and region to use with it.
    fn address(&mut self, b: &mut Builder<'_>) -> (Value, i32, Region) {
        let which = self.rng.below(3);
        let (base, region) = match which {
            0 => (b.stack_addr(self.slot, 0), Region::Stack),
            n => (b.global_addr(self.buffers[n - 1], self.rng.below(2) as i32 * 8), Region::Unknown),
        };
        let region = if self.rng.below(2) == 0 { Region::Unknown } else { region };
        let index = self.value(b, Type::I64);
        let mask = b.iconst(Type::I64, 7);
        let index = b.plain(Opcode::Band, &[index, mask]);
        let (shift, offset) = (self.rng.below(4) as i64, self.rng.below(33) as i32);
        let by = b.iconst(Type::I64, shift);
        match self.rng.below(4) {
            0 => (base, offset, region),
            1 => {
                let at = b.plain(Opcode::Iadd, &[base, index]);
                (at, offset, region)
            }
            n => {
                let scaled = b.plain(Opcode::Shl, &[index, by]);
                let at = b.plain(Opcode::Iadd, &[base, scaled]);
                let more = b.iconst(Type::I64, 3);
                let at = if n == 2 { at } else { b.plain(Opcode::Iadd, &[at, more]) };
                (at, offset, region)
            }
        }
    }

    fn memory(&mut self, b: &mut Builder<'_>) {
        use Opcode::*;
        let (address, offset, region) = self.address(b);
        let op = self.rng.pick(&[
            Load, Load, Load, LoadU8, LoadS8, LoadU16, LoadS16, LoadU32, LoadS32, Store, Store, Store,
            Store8, Store16, Store32,
        ]);
        let all: Vec<Type> = op.info().class.types().collect();
        let ty = self.rng.pick(&all);
        if op.info().results.is_empty() {
            let value = self.value(b, ty);
            b.store_op(op, region, value, address, offset);
        } else {
            let value = b.load_op(op, ty, region, address, offset);
            match self.rng.below(3) {
                // load, operate, store back
                0 if op == Load && ty.is_int() => {
                    let other = self.value(b, ty);
                    let alu = self.rng.pick(&[Iadd, Isub, Band, Bor, Bxor]);
                    let sum = b.plain(alu, &[value, other]);
                    b.store(region, sum, address, offset);
                }
                _ => self.keep(b, value),
            }
        }
    }

    fn call(&mut self, b: &mut Builder<'_>) {
        if self.earlier.is_empty() {
            return;
        }
        let callee = self.rng.pick(self.earlier);
        let sig = &self.module.funcs[callee].sig;
        let args: Vec<Value> = sig.params.iter().map(|p| self.value(b, p.ty())).collect();
        let inst = if self.rng.below(3) == 0 {
            let address = b.func_addr(callee);
            let id = self.module.sigs.iter().find(|(_, s)| *s == sig).map(|(id, _)| id).expect("interned");
            b.call_indirect(id, &sig.results, address, &args)
        } else {
            b.call(callee, &sig.results, &args)
        };
        let results: Vec<Value> = b.func.results(inst).collect();
        results.into_iter().for_each(|r| self.keep(b, r));
    }

    /// Two or more arms that meet again with a value.
    fn branch(&mut self, b: &mut Builder<'_>, depth: u32) {
        let (meet, outer) = (b.func.add_block(), self.pool.clone());
        let tys = types(self.rng, 2);
        let params: Vec<Value> = tys.iter().map(|t| b.func.add_param(meet, *t)).collect();
        let arms: Vec<_> =
            (0..2 + self.rng.below(3) * self.rng.below(2)).map(|_| b.func.add_block()).collect();
        if arms.len() == 2 {
            let cond = self.value(b, Type::I8);
            if self.rng.below(3) == 0 {
                // A triangle: the edge to the meeting point is critical or carries values.
                let args: Vec<Value> = tys.iter().map(|t| self.value(b, *t)).collect();
                b.br_if(cond, (arms[0], &[]), (meet, &args));
                let dead = b.func.layout.iter().position(|x| *x == arms[1]).expect("there");
                b.func.layout.remove(dead);
            } else {
                b.br_if(cond, (arms[0], &[]), (arms[1], &[]));
            }
        } else {
            let index = self.value(b, Type::I64);
            let targets: Vec<_> = arms.iter().map(|a| b.func.make_block_call(*a, &[])).collect();
            b.br_table(index, targets[0], &targets);
        }
        for arm in arms.into_iter().filter(|a| b.func.layout.contains(a)).collect::<Vec<_>>() {
            b.switch_to(arm);
            self.pool.clone_from(&outer);
            self.statements(b, depth + 1);
            let args: Vec<Value> = tys.iter().map(|t| self.value(b, *t)).collect();
            b.jump(meet, &args);
        }
        b.switch_to(meet);
        self.pool = outer;
        self.pool.extend(params);
    }

    /// A loop of a few turns with carried values.
    fn repeat(&mut self, b: &mut Builder<'_>, depth: u32) {
        let (head, body, exit) = (b.func.add_block(), b.func.add_block(), b.func.add_block());
        let tys = types(self.rng, 3);
        let counter = b.func.add_param(head, Type::I64);
        let carried: Vec<Value> = tys.iter().map(|t| b.func.add_param(head, *t)).collect();
        let turns = b.iconst(Type::I64, 1 + self.rng.below(5) as i64);
        let mut args = vec![turns];
        args.extend(tys.iter().map(|t| self.value(b, *t)));
        b.jump(head, &args);
        b.switch_to(head);
        self.pool.push(counter);
        self.pool.extend(&carried);
        let outer = self.pool.clone();
        let zero = b.iconst(Type::I64, 0);
        let done = b.plain(Opcode::Eq, &[counter, zero]);
        b.br_if(done, (exit, &[]), (body, &[]));
        b.switch_to(body);
        self.statements(b, depth + 1);
        let one = b.iconst(Type::I64, 1);
        let mut next = vec![b.plain(Opcode::Isub, &[counter, one])];
        next.extend(tys.iter().map(|t| self.value(b, *t)));
        b.jump(head, &next);
        b.switch_to(exit);
        self.pool = outer;
    }

    fn statements(&mut self, b: &mut Builder<'_>, depth: u32) {
        for _ in 0..2 + self.rng.below(8) {
            self.budget -= 1;
            if self.budget < 0 {
                return;
            }
            match self.rng.below(20) {
                0..9 => self.scalar(b),
                9..14 => self.memory(b),
                14 if depth < 2 => self.call(b),
                15 | 16 if depth < 4 => self.branch(b, depth),
                17 if depth < 3 => self.repeat(b, depth),
                18 if self.rng.below(8) == 0 => {
                    let cond = self.value(b, Type::I8);
                    b.trap_if(cond, TrapCode::User0);
                }
                _ => self.scalar(b),
            }
        }
    }

    fn end(&mut self, b: &mut Builder<'_>) {
        let same = |f: &FuncId| {
            let sig = &self.module.funcs[*f].sig;
            sig.results == self.results && sig.conv == CallConv::Fast && sig.params.len() <= 4
        };
        let tail: Vec<FuncId> = self.earlier.iter().copied().filter(same).collect();
        if self.conv == CallConv::Fast && !tail.is_empty() {
            let callee = self.rng.pick(&tail);
            let params = &self.module.funcs[callee].sig.params;
            let args: Vec<Value> = params.iter().map(|p| self.value(b, p.ty())).collect();
            return b.tail_call(callee, &args);
        }
        let results: Vec<Value> = self.results.clone().iter().map(|t| self.value(b, *t)).collect();
        b.ret(&results);
    }
}

fn generate(rng: &mut Rng, functions: usize) -> Module {
    let mut module = Module::new();
    let zeroed = |name: &str, linkage| Global { linkage, ..Global::zeroed(name, BUFFER, 16) };
    let buffers = [
        module.globals.push(zeroed("near_buffer", Linkage::Local)),
        module.globals.push(zeroed("far_buffer", Linkage::Export)),
    ];
    let mut earlier = Vec::new();
    for n in 0..functions {
        let conv = if rng.below(4) == 0 { CallConv::C } else { CallConv::Fast };
        let params = types(rng, if conv == CallConv::C { 9 } else { 12 });
        let results = match conv {
            CallConv::C => types(rng, 1),
            CallConv::Fast if rng.below(2) == 0 => vec![Type::I64],
            CallConv::Fast => types(rng, 14),
        };
        let sig = Signature::new(conv, &params, &results);
        module.intern_sig(sig.clone());
        let mut func = Func::new(format!("f{n}"), sig, Linkage::Export);
        let entry = func.add_block();
        let pool: Vec<Value> = params.iter().map(|t| func.add_param(entry, *t)).collect();
        let slot = func.slots.push(SlotData { size: BUFFER, align: 16 });
        let mut b = Builder::new(&mut func, entry);
        let base = b.stack_addr(slot, 0);
        let zero = b.iconst(Type::I128, 0);
        (0..BUFFER as i32 / 16).for_each(|i| b.store(Region::Stack, zero, base, 16 * i));
        let budget = 60 + rng.below(60) as i32;
        let mut generator =
            Generator { rng, module: &module, earlier: &earlier, buffers, pool, slot, conv, results, budget };
        generator.statements(&mut b, 0);
        generator.end(&mut b);
        earlier.push(module.funcs.push(func));
    }
    module
}

/// Data of the module, for the linker.
fn data_text() -> &'static str {
    "__asm__(\".globl near_buffer, far_buffer\\n.bss\\n.balign 16\\nnear_buffer: .zero 128\\n\
     far_buffer: .zero 128\\n.text\");"
}

fn argument(rng: &mut Rng, ty: Type) -> u128 {
    let wide = u128::from(rng.next()) << 64 | u128::from(rng.next());
    match ty {
        Type::F64 => u128::from((rng.next() as i64 as f64 * 1e-12).to_bits()),
        Type::F32 => u128::from((rng.next() as i32 as f32 * 1e-5).to_bits()),
        ty if rng.below(2) == 0 => (rng.below(40) as i128 - 10) as u128 & ty.mask(),
        ty => wide & ty.mask(),
    }
}

fn to_cells(types: &[Type], values: &[u128]) -> Vec<u64> {
    let mut cells = Vec::new();
    for (ty, value) in types.iter().zip(values) {
        cells.push(*value as u64);
        if *ty == Type::I128 {
            cells.push((*value >> 64) as u64);
        }
    }
    cells
}

/// Compiles a random module, as `native` does, and runs it; its second argument is C for the program.
fn run(seed: u64, native: &dyn Fn(&Module, &str) -> Option<Native>) {
    let mut rng = Rng(seed);
    let module = generate(&mut rng, 60);
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    let Some(native) = native(&module, data_text()) else { return };
    let mut interp = Interp::new(&module, Limits::default()).expect("the module fits");
    let (mut calls, mut wanted) = (Vec::new(), Vec::new());
    for round in 0..12 {
        for (index, (id, func)) in module.funcs.iter().enumerate() {
            let params: Vec<Type> = func.sig.params.iter().map(|p| p.ty()).collect();
            let args: Vec<u128> = params.iter().map(|t| argument(&mut rng, *t)).collect();
            let want = match interp.call(id, &args, &mut NoHost) {
                Ok(values) => Outcome::Cells(to_cells(&func.sig.results, &values)),
                Err(Stop::Trap(code, _)) => Outcome::Trap(code),
                Err(other) => panic!("{other}"),
            };
            let results = func.sig.results.iter().map(|t| t.bytes().div_ceil(8) as usize).sum();
            calls.push(Call { func: index, args: to_cells(&params, &args), results });
            wanted.push((round, want));
        }
    }
    let trapped = wanted.iter().filter(|(_, want)| matches!(want, Outcome::Trap(_))).count();
    assert!(trapped * 10 < calls.len() * 9, "{trapped} of {} calls trap: too few tests", calls.len());
    let outcomes = native.run(&calls);
    for ((call, outcome), (round, want)) in calls.iter().zip(&outcomes).zip(&wanted) {
        let same = match (outcome, want) {
            // The trap may be in a function that this one calls: the driver only knows one address.
            (Outcome::Crash(4, _), Outcome::Trap(_)) => true,
            (ours, theirs) => ours == theirs,
        };
        assert!(
            same,
            "seed {seed:#x}, f{} in round {round} of {:x?}: got {outcome:x?}, not {want:x?}\n{}",
            call.func,
            call.args,
            function_text(&module, call.func)
        );
    }
}

/// Runs random programs: as many as `PROGRAM_SEEDS` says, or a few. `salt` makes them others.
pub fn check(salt: u64, native: &dyn Fn(&Module, &str) -> Option<Native>) {
    for seed in 1..=seeds() {
        run(seed.wrapping_mul(salt), native);
    }
}

fn seeds() -> u64 {
    std::env::var("PROGRAM_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(3)
}
