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

use pyexec_ir::Aggregate;
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

/// Where an argument or result travels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ArgLoc {
    /// In a register of its class.
    Reg(PReg),
    /// An `i128`: low half, high half.
    Pair(PReg, PReg),
    /// In the stack area: 8 bytes or, for an `i128`, 16. Bytes above the type's width are unspecified.
    Stack(u32),
    /// An aggregate by value, in one or two registers.
    Parts([Option<AggregatePart>; 2]),
    /// An aggregate by value, copied to the stack area: offset and size in bytes.
    StackCopy(u32, u32),
    /// An aggregate by value: the address of a copy that the caller made, itself at a place.
    ByAddress(Box<ArgLoc>),
    /// The area for an aggregate result: its address is passed in this register, and returned in
    /// [`ConvDesc::result_area_returned`].
    ResultArea(PReg),
    /// The area for an aggregate result that comes back in registers: no argument at all.
    ResultParts([Option<AggregatePart>; 2]),
}

/// How an aggregate of a given layout is passed: the target's classification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AggregateClass {
    /// In memory of the stack area.
    Memory,
    /// One class for each eight bytes.
    Regs([Option<RegClass>; 2]),
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
    /// All unnamed ones on the stack.
    AllOnStack,
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
