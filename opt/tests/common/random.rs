//! Random structured functions: nested loops, branches, checked arithmetic, memory, divisions.

use pyexec_ir::{
    Block, Builder, CallConv, Func, FuncId, Global, GlobalId, Linkage, Module, Opcode, Region, Signature,
    TrapCode, Type, Value,
};

/// A small generator of numbers (Marsaglia's xorshift).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const TYPES: [Type; 4] = [Type::I8, Type::I16, Type::I32, Type::I64];
pub const PARAMS: [Type; 6] = [Type::I64, Type::I64, Type::I64, Type::I8, Type::I32, Type::I16];
const MEMORY: [Region; 3] = [Region::Global, Region::Array, Region::Unknown];

pub struct Gen<'f, 'r> {
    b: Builder<'f>,
    rng: &'r mut Rng,
    /// Values that may be used here.
    scope: Vec<Value>,
    /// Where errors go: takes an i64.
    error: Block,
    globals: Vec<GlobalId>,
    callees: Vec<FuncId>,
    /// What was compared.
    pairs: Vec<(Value, Value)>,
    budget: usize,
    /// Targets of `break` with their parameter types.
    breaks: Vec<(Block, Vec<Type>)>,
}

/// A module with a function `f` and two that it may call.
pub fn module(rng: &mut Rng, size: usize) -> Module {
    let mut module = Module::new();
    let globals: Vec<GlobalId> =
        (0..3).map(|i| module.globals.push(Global::zeroed(format!("g{i}"), 64, 8))).collect();
    let mut callees = Vec::new();
    for name in ["h0", "h1"] {
        let budget = 3 + rng.below(15);
        let func = function(rng, name, &globals, &callees, (budget, 1));
        callees.push(module.funcs.push(func));
    }
    let func = function(rng, "f", &globals, &callees, (size, 3));
    module.funcs.push(func);
    module
}

fn function(
    rng: &mut Rng,
    name: &str,
    globals: &[GlobalId],
    callees: &[FuncId],
    (budget, depth): (usize, u32),
) -> Func {
    let sig = Signature::new(CallConv::Fast, &PARAMS, &[Type::I64, Type::I8]);
    let linkage = if name == "f" { Linkage::Export } else { Linkage::Local };
    let mut func = Func::new(name, sig, linkage);
    let entry = func.add_block();
    let scope: Vec<Value> = PARAMS.iter().map(|ty| func.add_param(entry, *ty)).collect();
    let error = func.add_block();
    func.block_mut(error).cold = rng.chance(70);
    let value = func.add_param(error, Type::I64);
    let mut b = Builder::new(&mut func, error);
    let one = b.iconst(Type::I8, 1);
    b.ret(&[value, one]);
    b.switch_to(entry);
    let (globals, callees) = (globals.to_vec(), callees.to_vec());
    let mut g = Gen { b, rng, scope, error, globals, callees, budget, pairs: Vec::new(), breaks: Vec::new() };
    g.body(depth);
    if !g.b.is_terminated() {
        let result = g.value(Type::I64);
        let zero = g.b.iconst(Type::I8, 0);
        g.b.ret(&[result, zero]);
    }
    func
}

impl Gen<'_, '_> {
    fn constant(&mut self, ty: Type) -> Value {
        let small = [0, 1, 2, 3, 4, 5, 7, 8, 16, -1, -2, 10, 100, 127, 255];
        let n = match self.rng.below(10) {
            0 => i64::MAX,
            1 => i64::MIN,
            2 => self.rng.next() as i64,
            _ => self.rng.pick(&small),
        };
        self.b.iconst(ty, n)
    }

    fn value(&mut self, ty: Type) -> Value {
        let fitting: Vec<Value> = self.scope.iter().copied().filter(|v| self.b.func.ty(*v) == ty).collect();
        if fitting.is_empty() || self.rng.chance(20) {
            return self.constant(ty);
        }
        // Recent values more often: terms get deep.
        let recent = fitting.len().min(6);
        match self.rng.chance(70) {
            true => fitting[fitting.len() - 1 - self.rng.below(recent)],
            false => self.rng.pick(&fitting),
        }
    }

    fn any_type(&mut self) -> Type {
        if self.rng.chance(60) { Type::I64 } else { self.rng.pick(&TYPES) }
    }

    fn add(&mut self, value: Value) {
        self.scope.push(value);
    }

    fn condition(&mut self) -> Value {
        let ops = [
            Opcode::Eq,
            Opcode::Ne,
            Opcode::Slt,
            Opcode::Sle,
            Opcode::Sgt,
            Opcode::Sge,
            Opcode::Ult,
            Opcode::Uge,
        ];
        let (a, b) = self.pair();
        let op = self.rng.pick(&ops);
        let c = self.b.plain(op, &[a, b]);
        match self.rng.below(8) {
            0 => self.value(Type::I8),
            1 => {
                let zero = self.b.iconst(Type::I8, 0);
                self.b.eq(c, zero)
            }
            2 => {
                let (ty, op) = (self.any_type(), self.rng.pick(&ops));
                let (a, b) = (self.value(ty), self.value(ty));
                let d = self.b.plain(op, &[a, b]);
                let op = self.rng.pick(&[Opcode::Band, Opcode::Bor, Opcode::Bxor]);
                self.b.plain(op, &[c, d])
            }
            _ => c,
        }
    }

    /// Two values to compare; often two that were compared before, perhaps moved by a constant.
    fn pair(&mut self) -> (Value, Value) {
        let known = self.pairs.iter().rev().find(|(a, b)| self.scope.contains(a) && self.scope.contains(b));
        if let Some(&(a, b)) = known.filter(|_| self.rng.chance(30)) {
            let ty = self.b.func.ty(a);
            let by = self.b.iconst(ty, self.rng.below(3) as i64 - 1);
            return match self.rng.below(4) {
                0 => (self.b.iadd(a, by), b),
                1 => (b, a),
                2 => (a, self.b.isub(b, by)),
                _ => (a, b),
            };
        }
        let ty = self.any_type();
        let pair = (self.value(ty), self.value(ty));
        self.pairs.push(pair);
        pair
    }

    fn plain(&mut self) {
        let ops = [
            Opcode::Iadd,
            Opcode::Isub,
            Opcode::Imul,
            Opcode::Ineg,
            Opcode::Band,
            Opcode::Bor,
            Opcode::Bxor,
            Opcode::Bnot,
            Opcode::Shl,
            Opcode::Lshr,
            Opcode::Ashr,
            Opcode::Rotl,
            Opcode::Rotr,
            Opcode::Smin,
            Opcode::Umax,
            Opcode::Select,
            Opcode::Popcnt,
            Opcode::Iadd,
            Opcode::Isub,
        ];
        let (op, ty) = (self.rng.pick(&ops), self.any_type());
        let args: Vec<Value> = match op {
            Opcode::Select => vec![self.condition(), self.value(ty), self.value(ty)],
            _ => (0..op.info().operands.len()).map(|_| self.value(ty)).collect(),
        };
        let inst = self.b.push(op, ty, pyexec_ir::Imm::None, &args, &[]);
        let result = self.b.func.first_result(inst).expect("a result");
        self.add(result);
    }

    fn convert(&mut self) {
        let (from, to) = (self.any_type(), self.any_type());
        let value = self.value(from);
        let op = match from.bits().cmp(&to.bits()) {
            std::cmp::Ordering::Less => self.rng.pick(&[Opcode::Zext, Opcode::Sext]),
            std::cmp::Ordering::Greater => Opcode::Trunc,
            std::cmp::Ordering::Equal => return,
        };
        let result = self.b.convert(op, to, value);
        self.add(result);
    }

    fn compare(&mut self) {
        let c = self.condition();
        self.add(c);
    }

    /// Checked arithmetic: the flag is branched on, mostly, or used as a value.
    fn checked(&mut self) {
        let ops = [
            Opcode::SaddOverflow,
            Opcode::SsubOverflow,
            Opcode::SmulOverflow,
            Opcode::UaddOverflow,
            Opcode::UsubOverflow,
        ];
        let (op, ty) = (self.rng.pick(&ops), self.any_type());
        let (a, b) = (self.value(ty), self.value(ty));
        let (value, flag) = self.b.plain2(op, &[a, b]);
        if self.rng.chance(80) {
            self.leave_if(flag);
        } else {
            self.add(flag);
        }
        self.add(value);
    }

    fn leave_if(&mut self, flag: Value) {
        let next = self.b.func.add_block();
        let (error, value) = (self.error, self.value(Type::I64));
        self.b.br_if(flag, (error, &[value]), (next, &[]));
        self.b.switch_to(next);
    }

    fn divide(&mut self) {
        if self.rng.chance(20) {
            return self.divide_wide();
        }
        let ty = self.any_type();
        let (a, b) = (self.value(ty), self.value(ty));
        if self.rng.chance(85) {
            let zero = self.b.iconst(ty, 0);
            let is_zero = self.b.eq(b, zero);
            self.leave_if(is_zero);
        }
        let op = self.rng.pick(&[Opcode::Sdiv, Opcode::Srem, Opcode::Udiv, Opcode::Urem]);
        let result = self.b.plain(op, &[a, b]);
        self.add(result);
    }

    /// 128 by 64 bits, mostly where it does not trap.
    fn divide_wide(&mut self) {
        let [low, high, by] = [(); 3].map(|()| self.value(Type::I64));
        if self.rng.chance(90) {
            let wrong = self.b.uge(high, by);
            self.leave_if(wrong);
        }
        let (quotient, rest) = self.b.plain2(Opcode::UdivWide, &[low, high, by]);
        self.add(quotient);
        self.add(rest);
    }

    fn memory(&mut self) {
        let (which, ty, slot) = (self.rng.below(3), self.any_type(), self.rng.below(4) as i32 * 8);
        let (global, region) = (self.globals[which], MEMORY[which]);
        // Accesses to the third one go through an address that passes do not recognise.
        let address = self.b.global_addr(global, 0);
        let region = if self.rng.chance(10) { Region::Unknown } else { region };
        if self.rng.chance(50) {
            let value = self.value(ty);
            self.b.store(region, value, address, slot);
        } else {
            let value = self.b.load(ty, region, address, slot);
            self.add(value);
        }
    }

    fn call(&mut self) {
        let callee = self.rng.pick(&self.callees);
        let args = self.values(&PARAMS);
        let call = self.b.call(callee, &[Type::I64, Type::I8], &args);
        let results: Vec<Value> = self.b.func.results(call).collect();
        self.leave_if(results[1]);
        self.add(results[0]);
    }

    fn trap_if(&mut self) {
        let c = self.condition();
        self.b.trap_if(c, TrapCode::User0);
    }

    fn body(&mut self, depth: u32) {
        let statements = 2 + self.rng.below(7);
        for _ in 0..statements {
            if self.b.is_terminated() || self.budget == 0 {
                return;
            }
            self.budget -= 1;
            match self.rng.below(20) {
                0..=4 => self.plain(),
                5..=8 => self.checked(),
                9 => self.convert(),
                10 => self.compare(),
                11 if self.rng.chance(40) && !self.callees.is_empty() => self.call(),
                11 => self.divide(),
                12 | 13 => self.memory(),
                14 if self.rng.chance(20) => self.trap_if(),
                14 if !self.breaks.is_empty() => self.break_if(),
                15 | 16 if depth > 0 => self.branch(depth),
                17 if depth > 0 => self.switch(depth),
                18 | 19 if depth > 0 => self.count_loop(depth),
                _ => self.plain(),
            }
        }
    }

    /// Types of the values that a join or a loop carries.
    fn carried(&mut self) -> Vec<Type> {
        (0..self.rng.below(4)).map(|_| self.any_type()).collect()
    }
    fn values(&mut self, types: &[Type]) -> Vec<Value> {
        types.iter().map(|ty| self.value(*ty)).collect()
    }
    fn start(&mut self, block: Block, types: &[Type]) {
        self.b.switch_to(block);
        for ty in types {
            let param = self.b.func.add_param(block, *ty);
            self.scope.push(param);
        }
    }

    fn break_if(&mut self) {
        let (target, types) = self.breaks[self.breaks.len() - 1].clone();
        let (c, args, next) = (self.condition(), self.values(&types), self.b.func.add_block());
        self.b.br_if(c, (target, &args), (next, &[]));
        self.b.switch_to(next);
    }

    fn branch(&mut self, depth: u32) {
        let (types, c) = (self.carried(), self.condition());
        let join = self.b.func.add_block();
        let scope = self.scope.len();
        let then = self.b.func.add_block();
        let other = if self.rng.chance(60) { Some(self.b.func.add_block()) } else { None };
        let direct = self.values(&types);
        match other {
            Some(other) => self.b.br_if(c, (then, &[]), (other, &[])),
            None => self.b.br_if(c, (then, &[]), (join, &direct)),
        }
        for side in std::iter::once(then).chain(other) {
            self.b.switch_to(side);
            self.body(depth - 1);
            if !self.b.is_terminated() {
                let args = self.values(&types);
                self.b.jump(join, &args);
            }
            self.scope.truncate(scope);
        }
        self.start(join, &types);
    }

    fn switch(&mut self, depth: u32) {
        let (types, index) = (self.carried(), self.value(Type::I64));
        let join = self.b.func.add_block();
        let scope = self.scope.len();
        let sides: Vec<Block> = (0..1 + self.rng.below(3)).map(|_| self.b.func.add_block()).collect();
        let direct = self.values(&types);
        let default = self.b.func.make_block_call(join, &direct);
        let calls: Vec<_> = sides.iter().map(|s| self.b.func.make_block_call(*s, &[])).collect();
        self.b.br_table(index, default, &calls);
        for side in sides {
            self.b.switch_to(side);
            self.body(depth - 1);
            if !self.b.is_terminated() {
                let args = self.values(&types);
                self.b.jump(join, &args);
            }
            self.scope.truncate(scope);
        }
        self.start(join, &types);
    }

    /// `for i in range(start, stop, step)` with the test at the top or at the bottom.
    fn count_loop(&mut self, depth: u32) {
        let mut types = vec![Type::I64];
        types.extend(self.carried());
        let out = self.carried();
        let (header, body, exit) =
            (self.b.func.add_block(), self.b.func.add_block(), self.b.func.add_block());
        let scope = self.scope.len();
        let mut first = self.values(&types);
        first[0] = self.b.iconst(Type::I64, 0);
        let stop = match self.rng.chance(50) {
            true => self.b.iconst(Type::I64, 7),
            false => self.value(Type::I64),
        };
        self.b.jump(header, &first);
        self.start(header, &types);
        let i = self.scope[scope];
        if self.rng.chance(30) {
            self.plain();
        }
        let top = self.rng.chance(80);
        let op = self.rng.pick(&[Opcode::Slt, Opcode::Slt, Opcode::Ne, Opcode::Sle, Opcode::Ult]);
        if top {
            let c = self.b.plain(op, &[i, stop]);
            let args = self.values(&out);
            self.b.br_if(c, (body, &[]), (exit, &args));
        } else {
            self.b.jump(body, &[]);
        }
        self.b.switch_to(body);
        self.breaks.push((exit, out.clone()));
        self.body(depth - 1);
        self.breaks.pop();
        if !self.b.is_terminated() {
            self.close_loop(header, exit, (&types, &out), (i, stop, top));
        }
        self.scope.truncate(scope);
        self.start(exit, &out);
    }

    fn close_loop(
        &mut self,
        header: Block,
        exit: Block,
        (types, out): (&[Type], &[Type]),
        (i, stop, top): (Value, Value, bool),
    ) {
        let step = self.b.iconst(Type::I64, 1);
        let (next, flag) = self.b.sadd_overflow(i, step);
        self.leave_if(flag);
        let mut args = self.values(types);
        args[0] = next;
        if top {
            return self.b.jump(header, &args);
        }
        let c = self.b.slt(next, stop);
        let leaving = self.values(out);
        self.b.br_if(c, (header, &args), (exit, &leaving));
    }
}
