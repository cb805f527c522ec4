//! Generated functions for measuring the compiler: as many instructions as asked, of three shapes.
#![forbid(unsafe_code)]

#[cfg(feature = "cranelift")]
pub mod cranelift_peer;
pub mod python;
pub mod stages;

use pyexec_ir::{Builder, CallConv, Func, Linkage, Module, Signature, Type, Value};

/// The form of the control flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// One block.
    Straight,
    /// `if` after `if`, both sides computing something.
    Diamonds,
    /// Loop after loop, each with a few instructions in its body.
    Loops,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Shape; 3] = [Shape::Straight, Shape::Diamonds, Shape::Loops];
    /// Its name in the tables.
    pub const fn name(self) -> &'static str {
        match self {
            Shape::Straight => "straight",
            Shape::Diamonds => "diamonds",
            Shape::Loops => "loops",
        }
    }
}

/// How many values are kept alive beside each other: enough to need most registers, not all.
const LIVE: usize = 8;

struct Source {
    state: u32,
}

impl Source {
    /// A small linear congruential generator: the mix of opcodes must not depend on anything else.
    fn next(&mut self, limit: u32) -> usize {
        self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.state >> 16) as usize % limit as usize
    }
}

/// A module with one exported function `f(i64, i64) -> i64` of about `size` instructions.
pub fn module(shape: Shape, size: usize) -> Module {
    let sig = Signature::new(CallConv::Fast, &[Type::I64, Type::I64], &[Type::I64]);
    let mut func = Func::new("f", sig, Linkage::Export);
    let entry = func.add_block();
    let (a, b) = (func.add_param(entry, Type::I64), func.add_param(entry, Type::I64));
    let mut builder = Builder::new(&mut func, entry);
    let mut values: Vec<Value> = (0..LIVE as i64).map(|i| builder.iconst(Type::I64, 3 * i + 1)).collect();
    values[0] = a;
    values[1] = b;
    let mut source = Source { state: 1 };
    while builder.func.inst_count() < size {
        match shape {
            Shape::Straight => step(&mut builder, &mut values, &mut source),
            Shape::Diamonds => diamond(&mut builder, &mut values, &mut source),
            Shape::Loops => counted_loop(&mut builder, &mut values, &mut source),
        }
    }
    let sum = values.clone().into_iter().reduce(|x, y| builder.iadd(x, y)).unwrap_or(a);
    builder.ret(&[sum]);
    let mut module = Module::new();
    module.funcs.push(func);
    module
}

/// A few instructions that replace one of the values.
fn step(b: &mut Builder<'_>, values: &mut [Value], source: &mut Source) {
    let first = source.next(LIVE as u32);
    let second = (first + 1 + source.next(LIVE as u32 - 1)) % LIVE;
    let (x, y) = (values[first], values[second]);
    let result = match source.next(9) {
        0 | 1 => b.iadd(x, y),
        2 => b.isub(x, y),
        3 => {
            let one = b.iconst(Type::I64, 1);
            let odd = b.bor(y, one);
            b.imul(x, odd)
        }
        4 => b.bxor(x, y),
        // Masks, shifts and even factors alone would leave known zeros after some thousand steps.
        5 => {
            let masked = b.band(x, y);
            b.isub(y, masked)
        }
        6 => {
            let by = b.iconst(Type::I64, 7);
            let shifted = b.lshr(x, by);
            b.bxor(shifted, y)
        }
        7 => {
            let less = b.slt(x, y);
            b.select(less, x, y)
        }
        _ => {
            let constant = b.iconst(Type::I64, 12345);
            b.iadd(x, constant)
        }
    };
    values[source.next(LIVE as u32)] = result;
}

fn diamond(b: &mut Builder<'_>, values: &mut [Value], source: &mut Source) {
    let (then, other, join) = (b.func.add_block(), b.func.add_block(), b.func.add_block());
    let slot = source.next(LIVE as u32);
    let cond = b.slt(values[slot], values[(slot + 1) % LIVE]);
    b.br_if(cond, (then, &[]), (other, &[]));
    let mut sides = [then, other].map(|block| {
        b.switch_to(block);
        let mut own = values.to_vec();
        (0..4).for_each(|_| step(b, &mut own, source));
        b.jump(join, &[own[slot]]);
        own[slot]
    });
    sides[0] = b.func.add_param(join, Type::I64);
    values[slot] = sides[0];
    b.switch_to(join);
}

fn counted_loop(b: &mut Builder<'_>, values: &mut [Value], source: &mut Source) {
    let (head, done) = (b.func.add_block(), b.func.add_block());
    let slot = source.next(LIVE as u32);
    let zero = b.iconst(Type::I64, 0);
    b.jump(head, &[zero, values[slot]]);
    let (i, carried) = (b.func.add_param(head, Type::I64), b.func.add_param(head, Type::I64));
    b.switch_to(head);
    let mut own = values.to_vec();
    own[slot] = carried;
    (0..6).for_each(|_| step(b, &mut own, source));
    let one = b.iconst(Type::I64, 1);
    let next = b.iadd(i, one);
    let limit = b.iconst(Type::I64, 10);
    let more = b.slt(next, limit);
    b.br_if(more, (head, &[next, own[slot]]), (done, &[own[slot]]));
    values[slot] = b.func.add_param(done, Type::I64);
    b.switch_to(done);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_about_the_size_asked_for() {
        for shape in Shape::ALL {
            for size in [10, 1_000, 10_000] {
                let module = module(shape, size);
                let made: usize = module.funcs.values().map(Func::live_inst_count).sum();
                assert!((size..size + 80).contains(&made), "{shape:?} {size}: {made}");
            }
        }
    }
}
