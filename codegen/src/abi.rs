//! Calling conventions as data: where arguments and results travel.
//!
//! ```text
//!   caller's frame                               callee's view
//!   | ...                       |
//!   | results beyond registers  |  <- result_offset
//!   | stack arguments           |  <- 0 = the first byte above the return address
//!   | return address (x86)      |
//! ```
//!
//! A target describes each of its conventions by a [`ConvDesc`]; [`assign`] does the counting. Offsets
//! in the stack area count from its lowest byte: the stack pointer at the call instruction for the
//! caller, the first byte above the return address for the callee.

use pyexec_ir::{Aggregate, Param, Signature, Type};
use pyexec_regalloc::{PReg, PRegSet, RegClass};

/// Part of an aggregate that travels in one register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AggregatePart {
    /// The register.
    pub reg: PReg,
    /// Which bytes of the aggregate: the offset of the first one.
    pub offset: u32,
    /// How many bytes (1..=8).
    pub size: u32,
}

/// The parts of an aggregate that travels in registers: at most four.
pub type AggregateParts = [Option<AggregatePart>; 4];

/// Where an argument or result travels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArgLoc {
    /// In a register of its class.
    Reg(PReg),
    /// An `i128`: low half, high half.
    Pair(PReg, PReg),
    /// In the stack area: 8 bytes or, for an `i128`, 16, of which those above the type's width are
    /// unspecified. With [`ConvDesc::packed_stack`] only the type's own bytes.
    Stack(u32),
    /// An aggregate by value, in one to four registers.
    Parts(AggregateParts),
    /// An aggregate by value, copied to the stack area: offset and size in bytes.
    StackCopy(u32, u32),
    /// An aggregate by value, its first 8 bytes in a register and the rest copied to the stack area: offset
    /// and size. (Arguments of variadic functions under [`VariadicRule::Integers`] alone.)
    Split(PReg, u32, u32),
    /// An aggregate by value: the address of a copy that the caller made, itself at a place.
    ByAddress(Box<ArgLoc>),
    /// The area for an aggregate result: its address is passed in this register, and returned in
    /// [`ConvDesc::result_area_returned`].
    ResultArea(PReg),
    /// The area for an aggregate result that comes back in registers: no argument at all.
    ResultParts(AggregateParts),
}

/// How an aggregate of a given layout is passed: the target's classification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AggregateClass {
    /// In memory of the stack area.
    Memory,
    /// One class for each eight bytes.
    Regs([Option<RegClass>; 2]),
    /// One float register for each of up to four floats of this type: nothing else is in the aggregate.
    Floats(Type, u32),
    /// As the address of a copy.
    Address,
}

/// Where the arguments of a call of a variadic function go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VariadicRule {
    /// As if they were fixed parameters.
    SameAsFixed,
    /// As if fixed, and this register holds (at least) the number of float registers used.
    CountFloats(PReg),
    /// All unnamed ones on the stack, 8 bytes each.
    AllOnStack,
    /// All arguments, the named ones as well, lie side by side in general registers and go on on the stack:
    /// floats as their bits, aggregates without regard to what is in them (Windows on Arm).
    Integers,
}

/// One calling convention of one target.
#[derive(Clone, Debug)]
pub struct ConvDesc {
    /// The name in text.
    pub name: &'static str,
    /// Registers of integer arguments, in order.
    pub int_args: &'static [PReg],
    /// Registers of float arguments, in order.
    pub float_args: &'static [PReg],
    /// Whether the n-th argument uses the n-th register of its class (Windows x64), instead of each
    /// class counting for itself.
    pub by_position: bool,
    /// Registers of integer results, in order.
    pub int_results: &'static [PReg],
    /// Registers of float results, in order.
    pub float_results: &'static [PReg],
    /// Whether results that find no register travel in the stack area, above the arguments. Without,
    /// such a signature is refused.
    pub stack_results: bool,
    /// The caller's value survives a call.
    pub callee_saved: PRegSet,
    /// Destroyed by a call.
    pub caller_saved: PRegSet,
    /// Alignment of the stack pointer at a call instruction.
    pub stack_align: u32,
    /// Bytes at the bottom of the stack area that belong to the callee (Windows x64: 32).
    pub shadow_space: u32,
    /// Whether an `i128` may be half in registers and starts at any register; else it takes two
    /// consecutive registers or 16-byte aligned stack.
    pub split_i128: bool,
    /// Whether registers are given out strictly in order: what does not fit into those left of its class
    /// closes the class for all that follow (AAPCS64 6.8.2, C.3 and C.12 to C.14).
    pub in_order: bool,
    /// Whether what is aligned to 16 bytes begins at an even register (AAPCS64 6.8.2, C.10).
    pub even_pairs: bool,
    /// Whether scalars and aggregates of floats take no more of the stack than their size and alignment, and
    /// not whole multiples of 8 bytes (Apple).
    pub packed_stack: bool,
    /// Whether whoever passes an integer below 32 bits extends it to 32 (Apple); see [`Param::Signed`].
    pub extends_narrow: bool,
    /// Where unnamed arguments go.
    pub variadic: VariadicRule,
    /// How aggregates are passed.
    pub classify: fn(&Aggregate) -> AggregateClass,
    /// How aggregate results are passed.
    pub classify_result: fn(&Aggregate) -> AggregateClass,
    /// The register in which the address of a result area comes back.
    pub result_area_returned: Option<PReg>,
    /// The register in which the address of a result area is passed if it is not the first argument.
    pub result_area_reg: Option<PReg>,
}

/// Where everything of one call travels. Reused from call to call.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Assignment {
    /// One place a parameter (then one an unnamed argument).
    pub args: Vec<ArgLoc>,
    /// One place a result.
    pub results: Vec<ArgLoc>,
    /// Size of the arguments in the stack area, shadow space included.
    pub arg_bytes: u32,
    /// Where the results in the stack area begin.
    pub result_offset: u32,
    /// Size of the whole stack area: a multiple of the stack alignment.
    pub stack_bytes: u32,
    /// How many float argument registers are taken.
    pub float_regs: u32,
}

/// Why a signature cannot be called by a convention.
pub type AbiError = &'static str;

/// Decides where everything of a call travels. `extra` are the types of unnamed arguments.
///
/// # Errors
/// If the convention has no place for an argument or result.
pub fn assign(
    desc: &ConvDesc,
    sig: &Signature,
    extra: &[Type],
    out: &mut Assignment,
) -> Result<(), AbiError> {
    out.args.clear();
    out.results.clear();
    let bits_only = sig.variadic && desc.variadic == VariadicRule::Integers;
    let mut counter = Counter { desc, ints: 0, floats: 0, bytes: desc.shadow_space, bits_only };
    for param in &sig.params {
        let place = match param {
            Param::Value(ty) | Param::Signed(ty) => counter.scalar(*ty)?,
            Param::ByValue(aggregate) => counter.aggregate(aggregate)?,
            Param::ResultArea(aggregate) => counter.result_area(aggregate)?,
        };
        out.args.push(place);
    }
    for ty in extra {
        let place = match desc.variadic {
            VariadicRule::AllOnStack => ArgLoc::Stack(counter.slot(ty.bytes())),
            _ => counter.scalar(*ty)?,
        };
        out.args.push(place);
    }
    out.float_regs = counter.floats.min(desc.float_args.len()) as u32;
    out.arg_bytes = counter.bytes;
    out.result_offset = counter.bytes.next_multiple_of(16);
    counter.bytes = out.result_offset;
    assign_results(desc, &sig.results, &mut counter, &mut out.results)?;
    // Without results in memory the gap that aligned them is not needed.
    let used = if counter.bytes == out.result_offset { out.arg_bytes } else { counter.bytes };
    out.stack_bytes = used.next_multiple_of(desc.stack_align);
    Ok(())
}

fn assign_results(
    desc: &ConvDesc,
    results: &[Type],
    counter: &mut Counter<'_>,
    out: &mut Vec<ArgLoc>,
) -> Result<(), AbiError> {
    let (mut ints, mut floats) = (desc.int_results, desc.float_results);
    for ty in results {
        let place = match (ty.is_float(), ty, ints, floats) {
            (true, _, _, [reg, rest @ ..]) => {
                floats = rest;
                ArgLoc::Reg(*reg)
            }
            (false, Type::I128, [low, high, rest @ ..], _) => {
                ints = rest;
                ArgLoc::Pair(*low, *high)
            }
            (false, Type::I8 | Type::I16 | Type::I32 | Type::I64, [reg, rest @ ..], _) => {
                ints = rest;
                ArgLoc::Reg(*reg)
            }
            _ if desc.stack_results => ArgLoc::Stack(counter.slot(ty.bytes())),
            _ => return Err("more results than the convention has registers for"),
        };
        out.push(place);
    }
    Ok(())
}

/// Counts the registers and stack bytes that arguments take.
struct Counter<'a> {
    desc: &'a ConvDesc,
    ints: usize,
    floats: usize,
    bytes: u32,
    /// Arguments are only their bits; see [`VariadicRule::Integers`].
    bits_only: bool,
}

impl Counter<'_> {
    /// The next registers of a class, if that many are left. By position, both classes count together.
    fn regs<const N: usize>(&mut self, class: RegClass) -> Option<[PReg; N]> {
        let (list, next) = match class {
            RegClass::Int => (self.desc.int_args, &mut self.ints),
            RegClass::Float => (self.desc.float_args, &mut self.floats),
        };
        let Some(regs) = list.get(*next..*next + N).and_then(|l| l.try_into().ok()) else {
            self.close(class);
            return None;
        };
        *next += N;
        if self.desc.by_position {
            self.ints = self.ints.max(self.floats);
            self.floats = self.ints;
        }
        Some(regs)
    }

    /// Registers of this class are used up, if the convention gives them out in order.
    fn close(&mut self, class: RegClass) {
        match class {
            _ if !self.desc.in_order => {}
            RegClass::Int => self.ints = self.desc.int_args.len(),
            RegClass::Float => self.floats = self.desc.float_args.len(),
        }
    }

    /// The next general register is even, if the convention cares.
    fn align_to_even(&mut self) {
        if self.desc.even_pairs {
            self.ints = self.ints.next_multiple_of(2);
        }
    }

    fn stack(&mut self, size: u32, align: u32) -> u32 {
        let offset = self.bytes.next_multiple_of(align);
        self.bytes = offset + size;
        offset
    }

    /// Whole multiples of 8 bytes for a scalar.
    fn slot(&mut self, size: u32) -> u32 {
        let size = size.next_multiple_of(8);
        self.stack(size, size)
    }

    fn scalar(&mut self, ty: Type) -> Result<ArgLoc, AbiError> {
        if ty == Type::I128 {
            return self.wide();
        }
        let float = ty.is_float() && !self.bits_only;
        Ok(match self.regs::<1>(if float { RegClass::Float } else { RegClass::Int }) {
            Some([reg]) => ArgLoc::Reg(reg),
            None if self.desc.packed_stack => ArgLoc::Stack(self.stack(ty.bytes(), ty.bytes())),
            None => ArgLoc::Stack(self.slot(ty.bytes())),
        })
    }

    fn wide(&mut self) -> Result<ArgLoc, AbiError> {
        if self.desc.by_position {
            return Err("a 128-bit integer has no place in this convention");
        }
        if !self.desc.split_i128 {
            self.align_to_even();
        }
        Ok(match self.regs::<2>(RegClass::Int) {
            Some([low, high]) => ArgLoc::Pair(low, high),
            None => ArgLoc::Stack(self.stack(16, 16)),
        })
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Result<ArgLoc, AbiError> {
        let class = (self.desc.classify)(aggregate);
        if let (AggregateClass::Floats(..) | AggregateClass::Regs(_), true) = (class, self.bits_only) {
            return self.bits(aggregate);
        }
        match class {
            AggregateClass::Memory => Ok(self.copied(aggregate)),
            AggregateClass::Address => self.address(),
            AggregateClass::Regs(classes) => Ok(match self.parts(aggregate, classes) {
                Some(parts) => ArgLoc::Parts(parts),
                None => self.copied(aggregate),
            }),
            AggregateClass::Floats(ty, count) => Ok(match self.floats(ty, count) {
                Some(parts) => ArgLoc::Parts(parts),
                None if self.desc.packed_stack => {
                    ArgLoc::StackCopy(self.stack(aggregate.size, aggregate.align), aggregate.size)
                }
                None => self.copied(aggregate),
            }),
        }
    }

    fn address(&mut self) -> Result<ArgLoc, AbiError> {
        Ok(ArgLoc::ByAddress(Box::new(self.scalar(Type::I64)?)))
    }

    /// Up to 16 bytes whatever is in them, in the registers that are left and on the stack behind them.
    fn bits(&mut self, aggregate: &Aggregate) -> Result<ArgLoc, AbiError> {
        let int = Some(RegClass::Int);
        let classes = match aggregate.size {
            0..=8 => [int, None],
            9..=16 => [int, int],
            _ => return self.address(),
        };
        let left = self.desc.int_args.get(self.ints..).unwrap_or_default();
        if let ([last], 9..=16, ..16) = (left, aggregate.size, aggregate.align) {
            self.ints += 1;
            return Ok(ArgLoc::Split(*last, self.stack(8, 8), aggregate.size - 8));
        }
        Ok(self.parts(aggregate, classes).map_or_else(|| self.copied(aggregate), ArgLoc::Parts))
    }

    /// A float register for each member, or none.
    fn floats(&mut self, ty: Type, count: u32) -> Option<AggregateParts> {
        let regs = self.desc.float_args.get(self.floats..self.floats + count as usize);
        let Some(regs) = regs else {
            self.close(RegClass::Float);
            return None;
        };
        self.floats += regs.len();
        Some(float_parts(regs, ty))
    }

    fn copied(&mut self, aggregate: &Aggregate) -> ArgLoc {
        let offset = self.bytes.next_multiple_of(aggregate.align.max(8));
        self.bytes = offset + aggregate.size.next_multiple_of(8);
        ArgLoc::StackCopy(offset, aggregate.size)
    }

    /// Registers for all parts, or for none.
    fn parts(&mut self, aggregate: &Aggregate, classes: [Option<RegClass>; 2]) -> Option<AggregateParts> {
        if aggregate.align >= 16 {
            self.align_to_even();
        }
        let before = (self.ints, self.floats);
        let mut parts = AggregateParts::default();
        for (index, class) in classes.into_iter().enumerate() {
            let Some(class) = class else { continue };
            let Some([reg]) = self.regs::<1>(class) else {
                (self.ints, self.floats) = before;
                self.close(class);
                return None;
            };
            parts[index] = Some(part(aggregate, index as u32, reg));
        }
        Some(parts)
    }

    fn result_area(&mut self, aggregate: &Aggregate) -> Result<ArgLoc, AbiError> {
        match (self.desc.classify_result)(aggregate) {
            AggregateClass::Regs(classes) => {
                return result_parts(self.desc, aggregate, classes).map(ArgLoc::ResultParts);
            }
            AggregateClass::Floats(ty, count) => {
                let regs = self.desc.float_results.get(..count as usize);
                let regs = regs.ok_or("an aggregate result needs more registers than the convention has")?;
                return Ok(ArgLoc::ResultParts(float_parts(regs, ty)));
            }
            AggregateClass::Memory | AggregateClass::Address => {}
        }
        if let Some(reg) = self.desc.result_area_reg {
            return Ok(ArgLoc::ResultArea(reg));
        }
        match self.regs::<1>(RegClass::Int) {
            Some([reg]) => Ok(ArgLoc::ResultArea(reg)),
            None => Err("no register for the address of the result"),
        }
    }
}

fn part(aggregate: &Aggregate, index: u32, reg: PReg) -> AggregatePart {
    let offset = 8 * index;
    AggregatePart { reg, offset, size: (aggregate.size - offset).min(8) }
}

/// One float of this type in each register.
fn float_parts(regs: &[PReg], ty: Type) -> AggregateParts {
    let mut parts = AggregateParts::default();
    for ((part, reg), index) in parts.iter_mut().zip(regs).zip(0..) {
        *part = Some(AggregatePart { reg: *reg, offset: index * ty.bytes(), size: ty.bytes() });
    }
    parts
}

fn result_parts(
    desc: &ConvDesc,
    aggregate: &Aggregate,
    classes: [Option<RegClass>; 2],
) -> Result<AggregateParts, AbiError> {
    let (mut ints, mut floats) = (desc.int_results.iter(), desc.float_results.iter());
    let mut parts = AggregateParts::default();
    for (index, class) in classes.into_iter().enumerate() {
        let reg = match class {
            None => continue,
            Some(RegClass::Int) => ints.next(),
            Some(RegClass::Float) => floats.next(),
        };
        let reg = reg.ok_or("an aggregate result needs more registers than the convention has")?;
        parts[index] = Some(part(aggregate, index as u32, *reg));
    }
    Ok(parts)
}
