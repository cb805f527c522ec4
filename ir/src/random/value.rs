//! Values of random functions: constants, operands, scalar instructions, memory accesses.

use super::func::FuncGen;
use super::{OBJECT, Rng};
use crate::{Class, Effects, Format, Opcode, Region, TyRule, Type, Value};

/// An integer that is likely to be at an edge of something.
pub(super) fn edge_int(rng: &mut Rng) -> i64 {
    let power = 1i64 << rng.below(64);
    match rng.below(8) {
        0 => 0,
        1 => -1,
        2 => power,
        3 => power.wrapping_sub(1),
        4 => power.wrapping_neg(),
        5 => *rng.pick(&[i64::MIN, i64::MAX, i32::MIN as i64, i32::MAX as i64, -128, 127, 255, 65535]),
        6 => rng.below(16) as i64,
        _ => rng.next() as i64,
    }
}

/// A float that is likely to be at an edge of something.
pub(super) fn edge_float(rng: &mut Rng) -> f64 {
    let edges =
        [0.0, 0.5, 1.0, 1.5, 2.5, f64::INFINITY, f64::NAN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e-320];
    let limits =
        [2f64.powi(31), 2f64.powi(32), 2f64.powi(63), 2f64.powi(64), 2f64.powi(53), f32::MAX.into(), 1e-45];
    let value = match rng.below(5) {
        0 | 1 => *rng.pick(&edges),
        2 => *rng.pick(&limits),
        3 => rng.below(2000) as f64 / 8.0,
        _ => f64::from_bits(rng.next()),
    };
    if rng.chance(1, 3) { -value } else { value }
}

impl FuncGen<'_> {
    /// A new constant of this type.
    pub(super) fn constant(&mut self, ty: Type) -> Value {
        let (int, float) = (edge_int(self.rng()), edge_float(self.rng()));
        let high = edge_int(self.rng());
        self.spend(3);
        let mut b = self.builder();
        match ty {
            Type::F32 => b.f32const(float as f32),
            Type::F64 => b.f64const(float),
            Type::I128 if high & 1 == 1 => {
                let (low, high) = (b.iconst(Type::I64, int), b.iconst(Type::I64, high));
                b.iconcat(low, high)
            }
            _ => b.iconst(ty, int),
        }
    }

    /// A value of this type: one at hand, or a constant.
    pub(super) fn operand(&mut self, ty: Type) -> Value {
        let count = self.pool[ty as usize].len() as u64;
        if count == 0 || self.rng().chance(1, 5) {
            return self.constant(ty);
        }
        // The younger a value, the likelier: chains become long, and old values live long.
        let back = self.rng().below(count).min(self.rng().below(count));
        self.pool[ty as usize][(count - 1 - back) as usize]
    }
    pub(super) fn operands(&mut self, types: &[Type]) -> Vec<Value> {
        types.iter().map(|ty| self.operand(*ty)).collect()
    }
    /// Makes a value available to what follows.
    pub(super) fn keep(&mut self, value: Value) {
        let ty = self.func.ty(value);
        self.pool[ty as usize].push(value);
    }

    fn operand_type(&mut self, rule: TyRule, ty: Type) -> Type {
        let wide = self.shared.options.wide;
        let fits = |t: &Type| rule.accepts(ty, *t) && (wide || *t != Type::I128);
        let types: Vec<Type> = Type::ALL.into_iter().filter(fits).collect();
        if types.is_empty() { ty } else { *self.rng().pick(&types) }
    }

    /// One scalar instruction: any row, any type.
    pub(super) fn scalar(&mut self) {
        let wide = self.shared.options.wide;
        let fits = |op: Opcode| op.is_scalar() && (wide || op.info().class != Class::OnlyI128);
        let op = loop {
            let op = *self.rng().pick(Opcode::ALL);
            if fits(op) {
                break op;
            }
        };
        let types: Vec<Type> = op.info().class.types().filter(|t| wide || *t != Type::I128).collect();
        let ty = *self.rng().pick(&types);
        if op == Opcode::Trunc && !wide && ty == Type::I64 {
            return;
        }
        let rules = op.info().operands;
        let mut args: Vec<Value> = Vec::new();
        for rule in rules {
            let from = self.operand_type(*rule, ty);
            args.push(self.operand(from));
        }
        self.guard(op, ty, &mut args);
        let results = {
            let mut b = self.builder();
            let inst = b.push(op, ty, crate::Imm::None, &args, &[]);
            b.func.results(inst)
        };
        self.spend(1);
        results.for_each(|value| self.keep(value));
    }

    /// Changes operands so that the instruction does not trap (nearly always) and its result depends on
    /// no arithmetic NaN's bits.
    fn guard(&mut self, op: Opcode, ty: Type, args: &mut [Value]) {
        match op {
            Opcode::Bitcast if self.func.ty(args[0]).is_float() => args[0] = self.canonical(args[0]),
            Opcode::Fcopysign => args[1] = self.canonical(args[1]),
            _ => {}
        }
        if !op.effects().has(Effects::TRAPS) || (self.shared.options.traps && self.rng().chance(1, 12)) {
            return;
        }
        self.spend(6);
        if op == Opcode::UdivWide {
            return self.guard_wide_division(args);
        }
        let ty = if args.len() == 1 { self.func.ty(args[0]) } else { ty };
        let mut b = self.builder();
        if ty.is_int() {
            // A divisor that is odd and positive is neither 0 nor -1.
            let (one, two) = (b.iconst(ty, 1), b.iconst(ty, 2));
            let low = b.lshr(args[1], two);
            args[1] = b.bor(low, one);
        } else {
            // A float from 0 to a million; comparison is false for NaN.
            let (limit, other) = match ty {
                Type::F32 => (b.f32const(1e6), b.f32const(2.75)),
                _ => (b.f64const(1e6), b.f64const(2.75)),
            };
            let positive = b.fabs(args[0]);
            let small = b.flt(positive, limit);
            args[0] = b.select(small, positive, other);
        }
    }

    /// The high half is made less than the divisor.
    fn guard_wide_division(&mut self, args: &mut [Value]) {
        let mut b = self.builder();
        let (one, top) = (b.iconst(Type::I64, 1), b.iconst(Type::I64, i64::MIN));
        args[1] = b.lshr(args[1], one);
        args[2] = b.bor(args[2], top);
    }

    /// The float, or one certain NaN for every NaN; integers as they are.
    pub(super) fn canonical(&mut self, value: Value) -> Value {
        let ty = self.func.ty(value);
        if ty.is_int() {
            return value;
        }
        self.spend(3);
        let mut b = self.builder();
        let number = b.feq(value, value);
        let nan = if ty == Type::F32 { b.f32const(f32::NAN) } else { b.f64const(f64::NAN) };
        b.select(number, value, nan)
    }

    /// The value as an `i64`, other bits dropped.
    fn as_i64(&mut self, value: Value) -> Value {
        let value = self.canonical(value);
        self.spend(3);
        let mut b = self.builder();
        match b.func.ty(value) {
            Type::I64 => value,
            Type::F64 => b.bitcast(Type::I64, value),
            Type::F32 => {
                let bits = b.bitcast(Type::I32, value);
                b.zext(Type::I64, bits)
            }
            Type::I128 => {
                let (low, high) = b.isplit(value);
                b.bxor(low, high)
            }
            _ => b.zext(Type::I64, value),
        }
    }

    /// Mixes a value into a hash.
    pub(super) fn mix(&mut self, hash: Value, value: Value) -> Value {
        let bits = self.as_i64(value);
        self.spend(5);
        let mut b = self.builder();
        let (factor, amount) = (b.iconst(Type::I64, 0x5851_f42d_4c95_7f2d), b.iconst(Type::I64, 23));
        let product = b.imul(hash, factor);
        let turned = b.rotl(product, amount);
        b.bxor(turned, bits)
    }

    /// Mixes a value into the hash in memory, so that nothing it depends on is dead.
    pub(super) fn observe(&mut self, value: Value) {
        let cell = self.shared.hash;
        self.spend(3);
        let mut b = self.builder();
        let address = b.global_addr(cell, 0);
        let old = b.load(Type::I64, Region::Header, address, 0);
        let new = self.mix(old, value);
        self.builder().store(Region::Header, new, address, 0);
    }

    // ---- Memory ----

    /// The address of an object, its region for this access, and whether it may be written.
    pub(super) fn object(&mut self) -> (Value, Region, bool) {
        self.spend(1);
        let slots = self.func.slots.len() as u64;
        let ptrs = self.ptrs.len() as u64;
        let globals = self.shared.objects.len() as u64;
        let choice = self.rng().below(2 * slots + ptrs + globals);
        let (address, region) = if choice < 2 * slots {
            (self.builder().stack_addr(crate::Slot::new((choice / 2) as u32), 0), Region::Stack)
        } else if choice < 2 * slots + ptrs {
            (self.ptrs[(choice - 2 * slots) as usize], Region::Unknown)
        } else {
            let (global, region) = self.shared.objects[(choice - 2 * slots - ptrs) as usize];
            (self.builder().global_addr(global, 0), region)
        };
        let writable = region != Region::Constant;
        let region = if self.rng().chance(1, 6) { Region::Unknown } else { region };
        (address, region, writable)
    }

    /// A load or a store inside of an object, aligned or not.
    pub(super) fn access(&mut self) {
        let (object, region, writable) = self.object();
        let store = writable && self.rng().chance(1, 2);
        let wide = self.shared.options.wide;
        let name = if store { "store" } else { "load" };
        let rows: Vec<Opcode> =
            Opcode::ALL.iter().copied().filter(|op| op.name().starts_with(name)).collect();
        let op = *self.rng().pick(&rows);
        let types: Vec<Type> = op.info().class.types().filter(|t| wide || *t != Type::I128).collect();
        let ty = *self.rng().pick(&types);
        let (bytes, _) = op.access(ty).unwrap_or((16, false));
        let (address, offset) = self.inside(object, u64::from(bytes));
        self.spend(1);
        if store {
            let value = self.operand(ty);
            let value = self.canonical(value);
            self.builder().store_op(op, region, value, address, offset);
        } else {
            let value = self.builder().load_op(op, ty, region, address, offset);
            self.keep(value);
        }
    }

    /// An atomic access inside of an object, aligned, or a fence.
    pub(super) fn atomic(&mut self) {
        let (object, region, writable) = self.object();
        let rows: Vec<Opcode> = Opcode::ALL
            .iter()
            .copied()
            .filter(|op| op.format() == Format::Atomic || *op == Opcode::Fence)
            .collect();
        let op = *self.rng().pick(&rows);
        self.spend(1);
        if op == Opcode::Fence || !writable {
            return self.builder().fence();
        }
        let types: Vec<Type> = op.info().class.types().collect();
        let ty = *self.rng().pick(&types);
        let values: Vec<Value> = op.info().operands[1..].iter().map(|_| self.operand(ty)).collect();
        let place = self.aligned(object, ty.bytes());
        let held = self.builder().atomic(op, ty, region, &values, place);
        held.into_iter().for_each(|value| self.keep(value));
    }

    /// An address and an offset in an object that are a multiple of the size together.
    fn aligned(&mut self, object: Value, bytes: u32) -> (Value, i32) {
        let offset = (self.rng().below(u64::from(OBJECT / 2 / bytes)) as u32 * bytes) as i32;
        if self.rng().chance(1, 2) {
            return (object, offset);
        }
        let index = self.operand(Type::I64);
        self.spend(3);
        let mut b = self.builder();
        let mask = b.iconst(Type::I64, 24);
        let low = b.band(index, mask);
        (b.iadd(object, low), offset)
    }

    /// An address and an offset in an object, with room for this many bytes.
    fn inside(&mut self, object: Value, bytes: u64) -> (Value, i32) {
        let room = u64::from(OBJECT) - bytes;
        if self.rng().chance(1, 2) {
            return (object, self.rng().below(room + 1) as i32);
        }
        // index & 31 is at most half; the scale keeps it there.
        let index = self.operand(Type::I64);
        let scale = self.rng().below(4);
        let offset = self.rng().below(room - 31 + 1) as i32;
        self.spend(5);
        let mut b = self.builder();
        let mask = b.iconst(Type::I64, 31 >> scale);
        let (low, amount) = (b.band(index, mask), b.iconst(Type::I64, scale as i64));
        let scaled = if scale == 0 { low } else { b.shl(low, amount) };
        // An offset may also be negative, from an address further on.
        let back = if offset & 1 == 1 { 40 } else { 0 };
        let base = b.iadd(object, scaled);
        let far = b.iconst(Type::I64, i64::from(back));
        let base = if back == 0 { base } else { b.iadd(base, far) };
        (base, offset - back)
    }
}
