//! Functions that do one atomic instruction each, in every surrounding that selection treats differently, with what
//! the interpreter says of them: for the tests of the targets.
//!
//! ```text
//! @f(values..., content, index) -> (old, values..., four words)
//!   slot of 32 bytes = content, content + 1, ...
//!   old = atomic_op.T slot + 8 ...
//! ```
#![allow(dead_code)]

use pyexec_ir::interp::{Interp, Limits, NoHost};
use pyexec_ir::{
    Builder, CallConv, Format, Func, FuncId, Linkage, Module, Opcode, Region, Signature, SlotData, Type,
    Value,
};

/// How the address is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The slot itself.
    Slot,
    /// The slot and an index.
    Indexed,
    /// A pointer that nothing is known of, and an offset.
    Pointer,
}

/// What the values are, and what becomes of the result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Plain,
    /// The values are returned, too.
    LiveOn,
    /// Nobody wants the result.
    Unused,
    /// The first value is a constant.
    Const(i64),
    /// The first value is a constant, and nobody wants the result.
    ConstUnused(i64),
    /// All values are the first one.
    Same,
}

#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub op: Opcode,
    pub ty: Type,
    pub place: Place,
    pub shape: Shape,
}

impl Case {
    fn value_count(&self) -> usize {
        self.op.info().operands.len() - 1
    }
    /// The values that are parameters.
    fn given(&self) -> usize {
        match self.shape {
            Shape::Const(_) | Shape::ConstUnused(_) => self.value_count() - 1,
            Shape::Same => 1,
            _ => self.value_count(),
        }
    }
    fn gives(&self) -> bool {
        !self.op.info().results.is_empty() && !matches!(self.shape, Shape::Unused | Shape::ConstUnused(_))
    }
    pub fn params(&self) -> Vec<Type> {
        [vec![self.ty; self.given()], vec![Type::I64; 2]].concat()
    }
    pub fn results(&self) -> Vec<Type> {
        let old = usize::from(self.gives());
        let lives = if self.shape == Shape::LiveOn { self.given() } else { 0 };
        [vec![self.ty; old + lives], vec![Type::I64; 4]].concat()
    }
}

fn shapes(op: Opcode, ty: Type) -> Vec<Shape> {
    let values = op.info().operands.len() - 1;
    let mut all = vec![Shape::Plain];
    if !op.info().results.is_empty() {
        all.push(Shape::Unused);
    }
    if values > 0 {
        let constants = [0, 1, -1, 5, 127, -128, 0x1234_5678_9abc_def0, i64::MIN];
        let constants = constants.into_iter().map(|c| c << (64 - ty.bits()) >> (64 - ty.bits()));
        all.extend(constants.clone().map(Shape::Const));
        all.extend(constants.map(Shape::ConstUnused));
        all.push(Shape::LiveOn);
    }
    if values > 1 {
        all.push(Shape::Same);
    }
    all
}

/// Every opcode with every type in every surrounding.
pub fn cases() -> Vec<Case> {
    let mut list = Vec::new();
    for &op in Opcode::ALL.iter().filter(|op| op.format() == Format::Atomic) {
        for ty in op.info().class.types() {
            for shape in shapes(op, ty) {
                let places = [Place::Slot, Place::Indexed, Place::Pointer];
                list.extend(places.map(|place| Case { op, ty, place, shape }));
            }
        }
    }
    list
}

fn address(b: &mut Builder<'_>, place: Place, base: Value, index: Value, cell: Value) -> Value {
    match place {
        Place::Slot => base,
        Place::Indexed => b.iadd(base, index),
        Place::Pointer => {
            // Through memory, so that it is in a register.
            b.store(Region::Stack, base, cell, 0);
            b.load(Type::I64, Region::Stack, cell, 0)
        }
    }
}

fn build(case: &Case, name: String) -> Func {
    let sig = Signature::new(CallConv::Fast, &case.params(), &case.results());
    let mut func = Func::new(name, sig, Linkage::Export);
    let entry = func.add_block();
    let params: Vec<Value> = case.params().iter().map(|ty| func.add_param(entry, *ty)).collect();
    let slots = [32, 8].map(|size| func.slots.push(SlotData { size, align: 8 }));
    let (given, rest) = params.split_at(case.given());
    let mut b = Builder::new(&mut func, entry);
    let [base, cell] = slots.map(|slot| b.stack_addr(slot, 0));
    for word in 0..4 {
        let more = b.iconst(Type::I64, word);
        let content = b.iadd(rest[0], more);
        b.store(Region::Stack, content, base, 8 * word as i32);
    }
    let values: Vec<Value> = match case.shape {
        Shape::Const(c) | Shape::ConstUnused(c) => {
            [b.iconst(case.ty, c)].into_iter().chain(given.iter().copied()).collect()
        }
        Shape::Same => vec![given[0]; case.value_count()],
        _ => given.to_vec(),
    };
    let address = address(&mut b, case.place, base, rest[1], cell);
    let old = b.atomic(case.op, case.ty, Region::Stack, &values, (address, 8 + case.ty.bytes() as i32 % 8));
    let mut results: Vec<Value> = old.filter(|_| case.gives()).into_iter().collect();
    if case.shape == Shape::LiveOn {
        results.extend(given);
    }
    for word in 0..4 {
        results.push(b.load(Type::I64, Region::Stack, base, 8 * word));
    }
    b.ret(&results);
    func
}

/// A function for each case.
pub fn module(cases: &[Case]) -> Module {
    let mut module = Module::new();
    for (index, case) in cases.iter().enumerate() {
        module.funcs.push(build(case, format!("f{index}")));
    }
    let violations = pyexec_ir::verify(&module);
    assert!(violations.is_empty(), "{}", violations[0]);
    module
}

fn interesting(ty: Type, next: &mut dyn FnMut() -> u64) -> u128 {
    let (mask, bits) = (ty.mask(), u128::from(next()));
    let edges = [0, 1, mask, mask >> 1, (mask >> 1) + 1, 2, mask - 1, bits & mask];
    edges[(next() >> 33) as usize % edges.len()]
}

/// Arguments; the values are often what memory holds.
pub fn arguments(case: &Case, next: &mut dyn FnMut() -> u64) -> Vec<u128> {
    let mut args: Vec<u128> = (0..case.given()).map(|_| interesting(case.ty, next)).collect();
    let content = interesting(Type::I64, next) & 0xffff_ffff_ffff_fff0;
    let index = match case.place {
        Place::Indexed => 8 * (next() % 2),
        _ => 0,
    };
    if let (Some(first), true) = (args.first_mut(), next() & 1 == 1) {
        let (word, shift) = (content + 1 + u128::from(index / 8), 8 * (case.ty.bytes() % 8));
        *first = (word >> shift) & case.ty.mask();
    }
    args.extend([content, index.into()]);
    args
}

/// Argument cells: bits above a narrow type are anything.
pub fn cells(case: &Case, args: &[u128], junk: u64) -> Vec<u64> {
    let above = |ty: Type| if ty.bits() < 64 { junk << ty.bits() } else { 0 };
    case.params().iter().zip(args).map(|(ty, bits)| *bits as u64 | above(*ty)).collect()
}

/// What the interpreter says.
pub fn expected(interp: &mut Interp<'_>, func: FuncId, args: &[u128]) -> Vec<u64> {
    let results = interp.call(func, args, &mut NoHost).expect("it does not stop");
    results.into_iter().map(|bits| bits as u64).collect()
}

/// A module in the interpreter.
pub fn interpreter(module: &Module) -> Interp<'_> {
    Interp::new(module, Limits::default()).expect("small")
}
