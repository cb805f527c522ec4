//! The two conventions: System V, and `fast` between compiled functions.
//!
//! ```text
//!            integer arguments            float arguments  integer results        float results
//! System V   rdi rsi rdx rcx r8 r9        xmm0..7          rax rdx                xmm0 xmm1
//! fast       rdi rsi rdx rcx r8 r9 r10    xmm0..7          rax rdx rcx rsi rdi r8 xmm0..7
//!            rax
//! ```
//! Both save rbx rbp r12..r15 and no xmm register, so that either may call the other cheaply. r11 is left
//! free in both: stack probes and tail calls use it.
//!
//! Source: System V psABI AMD64 1.0, 3.2.1 (registers), 3.2.3 (parameter passing). The counting of
//! registers is `pyexec_codegen::abi`'s; here are the lists and the classification of aggregates.

use crate::regs::{
    CALLEE_SAVED, R8, R9, R10, RAX, RCX, RDI, RDX, RSI, XMM0, XMM1, XMM2, XMM3, XMM4, XMM5, XMM6, XMM7,
    caller_saved,
};
use pyexec_codegen::abi::{AggregateClass, ConvDesc, VariadicRule};
use pyexec_ir::{Aggregate, Type};
use pyexec_regalloc::RegClass;

/// System V.
pub const SYSTEM_V: ConvDesc = ConvDesc {
    name: "c",
    int_args: &[RDI, RSI, RDX, RCX, R8, R9],
    float_args: &[XMM0, XMM1, XMM2, XMM3, XMM4, XMM5, XMM6, XMM7],
    by_position: false,
    int_results: &[RAX, RDX],
    float_results: &[XMM0, XMM1],
    stack_results: false,
    callee_saved: CALLEE_SAVED,
    caller_saved: caller_saved(),
    stack_align: 16,
    shadow_space: 0,
    split_i128: false,
    in_order: false,
    even_pairs: false,
    packed_stack: false,
    extends_narrow: false,
    variadic: VariadicRule::CountFloats(RAX),
    classify,
    classify_result: classify,
    result_area_returned: Some(RAX),
    result_area_reg: None,
};

/// Ours, between compiled functions.
pub const FAST: ConvDesc = ConvDesc {
    name: "fast",
    int_args: &[RDI, RSI, RDX, RCX, R8, R9, R10, RAX],
    int_results: &[RAX, RDX, RCX, RSI, RDI, R8],
    float_results: &[XMM0, XMM1, XMM2, XMM3, XMM4, XMM5, XMM6, XMM7],
    stack_results: true,
    split_i128: true,
    variadic: VariadicRule::SameAsFixed,
    ..SYSTEM_V
};

/// psABI 3.2.3 "Classification": each eightbyte is INTEGER if any scalar in it is, else SSE; an
/// eightbyte of padding alone travels nowhere. More than two eightbytes, or a scalar off its natural
/// alignment, go to memory.
pub fn classify(layout: &Aggregate) -> AggregateClass {
    let unaligned = |(offset, ty): &(u32, Type)| !offset.is_multiple_of(ty.bytes());
    if layout.size > 16 || layout.fields.iter().any(unaligned) {
        return AggregateClass::Memory;
    }
    let mut classes = [None; 2];
    for (offset, ty) in &layout.fields {
        let class = if ty.is_float() { RegClass::Float } else { RegClass::Int };
        let last = (offset + ty.bytes() - 1) / 8;
        for part in classes.iter_mut().take(last as usize + 1).skip((offset / 8) as usize) {
            *part = if *part == Some(RegClass::Int) { *part } else { Some(class) };
        }
    }
    AggregateClass::Regs(classes)
}
