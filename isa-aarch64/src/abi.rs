//! The conventions: AAPCS64, what Apple and Windows made of it, and `fast` between compiled functions.
//!
//! ```text
//!            integer arguments  float arguments  integer results  float results
//! AAPCS64    x0..x7             v0..v7           x0 x1            v0..v3
//! fast       x0..x11            v0..v7           x0..x7           v0..v7
//!
//!                          AAPCS64             Apple                  Windows
//! scalars on the stack     8 bytes each        their own size         8 bytes each
//! i128 in registers        begins at an even   begins anywhere        begins at an even
//! i8, i16                  callee extends      caller extends         callee extends
//! unnamed arguments        as named ones       on the stack           as named ones
//! named ones beside them   as ever             as ever                in x0..x7, floats as bits
//! x18                      the platform's: reserved on both, and untouched by us everywhere
//! ```
//! All save x19..x28 and the low halves of v8..v15, so that each may call the other cheaply. x15 is
//! left free in all: it holds the callee of an indirect tail call.
//!
//! Source: Procedure Call Standard for the Arm 64-bit Architecture (IHI 0055), 6.1.1 (registers), 6.8.2
//! (parameter passing), 6.9 (results); Apple, "Writing ARM64 code for Apple platforms"; Microsoft, "Overview
//! of ARM64 ABI conventions" (parameter passing, "Variadic functions"). The counting is `pyexec_codegen::abi`'s; here are the lists and
//! the classification of aggregates.

use crate::regs::{CALLEE_SAVED, CALLER_SAVED_FLOAT, CALLER_SAVED_INT, X8, v, x};
use pyexec_codegen::abi::{AggregateClass, ConvDesc, VariadicRule};
use pyexec_ir::{Aggregate, Type};
use pyexec_regalloc::{PReg, RegClass};

/// Whose C code calls ours and is called by it, and whose assembler and linker read what we write.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum System {
    /// Linux, and whoever else keeps to AAPCS64 and ELF.
    #[default]
    Linux,
    /// macOS and its relatives; Mach-O.
    Apple,
    /// Windows; COFF.
    Windows,
}

const X: [PReg; 12] = [x(0), x(1), x(2), x(3), x(4), x(5), x(6), x(7), x(8), x(9), x(10), x(11)];
const V: [PReg; 8] = [v(0), v(1), v(2), v(3), v(4), v(5), v(6), v(7)];

/// AAPCS64.
pub const AAPCS64: ConvDesc = ConvDesc {
    name: "c",
    int_args: X.split_at(8).0,
    float_args: &V,
    by_position: false,
    int_results: X.split_at(2).0,
    float_results: V.split_at(4).0,
    stack_results: false,
    callee_saved: CALLEE_SAVED,
    caller_saved: CALLER_SAVED_INT.union(CALLER_SAVED_FLOAT),
    stack_align: 16,
    shadow_space: 0,
    split_i128: false,
    in_order: true,
    even_pairs: true,
    packed_stack: false,
    extends_narrow: false,
    variadic: VariadicRule::SameAsFixed,
    classify,
    classify_result: classify,
    result_area_returned: None,
    result_area_reg: Some(X8),
};

/// C on Apple's systems.
pub const APPLE: ConvDesc = ConvDesc {
    even_pairs: false,
    packed_stack: true,
    extends_narrow: true,
    variadic: VariadicRule::AllOnStack,
    ..AAPCS64
};

/// C on Windows.
pub const WINDOWS: ConvDesc = ConvDesc { variadic: VariadicRule::Integers, ..AAPCS64 };

/// Ours, between compiled functions.
pub const FAST: ConvDesc = ConvDesc {
    name: "fast",
    int_args: &X,
    int_results: X.split_at(8).0,
    float_results: &V,
    stack_results: true,
    split_i128: true,
    in_order: false,
    even_pairs: false,
    ..AAPCS64
};

/// One to four floats of one type and nothing else (5.10.5.1) take a float register each; up to 16 bytes
/// travel in general registers; larger ones as the address of a copy (B.4), and as results in memory.
pub fn classify(layout: &Aggregate) -> AggregateClass {
    if let Some((ty, count)) = homogeneous(layout) {
        return AggregateClass::Floats(ty, count);
    }
    let int = Some(RegClass::Int);
    match layout.size {
        0 => AggregateClass::Regs([None, None]),
        1..=8 => AggregateClass::Regs([int, None]),
        9..=16 => AggregateClass::Regs([int, int]),
        _ => AggregateClass::Address,
    }
}

fn homogeneous(layout: &Aggregate) -> Option<(Type, u32)> {
    let (_, ty) = *layout.fields.first()?;
    let count = layout.fields.len() as u32;
    let same = layout.fields.iter().all(|(_, t)| *t == ty);
    (ty.is_float() && same && count <= 4 && layout.size == count * ty.bytes()).then_some((ty, count))
}
