//! Calling conventions: System V and Windows x64 as tables, with places worked out by hand from the
//! documents (psABI 1.0 section 3.2.3; Microsoft's "x64 calling convention").

use pyexec_codegen::abi::{
    AggregateClass, AggregatePart, AggregateParts, ArgLoc, Assignment, ConvDesc, VariadicRule, assign,
};
use pyexec_ir::{Aggregate, CallConv, Param, Signature, Type};
use pyexec_regalloc::{PReg, PRegSet, RegClass};

const fn int(number: u8) -> PReg {
    PReg::new(number, RegClass::Int)
}
const fn float(number: u8) -> PReg {
    PReg::new(number, RegClass::Float)
}

fn by_size(aggregate: &Aggregate) -> AggregateClass {
    let class = |half: u32| {
        let mut fields = aggregate.fields.iter().filter(|(at, _)| at / 8 == half);
        let any = fields.clone().next().is_some();
        let all_float = fields.all(|(_, ty)| ty.is_float());
        any.then_some(if all_float { RegClass::Float } else { RegClass::Int })
    };
    if aggregate.size > 16 { AggregateClass::Memory } else { AggregateClass::Regs([class(0), class(1)]) }
}

fn address(_: &Aggregate) -> AggregateClass {
    AggregateClass::Address
}

static SYSTEM_V: ConvDesc = ConvDesc {
    name: "system_v",
    int_args: &[int(7), int(6), int(2), int(1), int(8), int(9)],
    float_args: &[float(0), float(1), float(2), float(3), float(4), float(5), float(6), float(7)],
    by_position: false,
    int_results: &[int(0), int(2)],
    float_results: &[float(0), float(1)],
    stack_results: false,
    callee_saved: PRegSet::EMPTY,
    caller_saved: PRegSet::EMPTY,
    stack_align: 16,
    shadow_space: 0,
    split_i128: false,
    in_order: false,
    even_pairs: false,
    packed_stack: false,
    extends_narrow: false,
    variadic: VariadicRule::CountFloats(int(0)),
    classify: by_size,
    classify_result: by_size,
    result_area_returned: Some(int(0)),
    result_area_reg: None,
};

static WIN64: ConvDesc = ConvDesc {
    name: "win64",
    int_args: &[int(1), int(2), int(8), int(9)],
    float_args: &[float(0), float(1), float(2), float(3)],
    by_position: true,
    shadow_space: 32,
    variadic: VariadicRule::SameAsFixed,
    classify: address,
    ..SYSTEM_V
};

fn sig(params: &[Type], results: &[Type]) -> Signature {
    Signature::new(CallConv::C, params, results)
}

fn places(desc: &ConvDesc, sig: &Signature, extra: &[Type]) -> Assignment {
    let mut out = Assignment::default();
    assign(desc, sig, extra, &mut out).expect("has places");
    out
}

use ArgLoc::{Pair, Reg, Stack};
use Type::{F32, F64, I8, I32, I64, I128};

#[test]
fn classes_count_separately() {
    let got = places(&SYSTEM_V, &sig(&[I32, F64, I8, F32], &[I64, F64]), &[]);
    assert_eq!(got.args, [Reg(int(7)), Reg(float(0)), Reg(int(6)), Reg(float(1))]);
    assert_eq!(got.results, [Reg(int(0)), Reg(float(0))]);
    assert_eq!((got.stack_bytes, got.float_regs), (0, 2));
}

#[test]
fn arguments_beyond_the_registers() {
    let got = places(&SYSTEM_V, &sig(&[I64; 9], &[]), &[]);
    assert_eq!(got.args[5..], [Reg(int(9)), Stack(0), Stack(8), Stack(16)]);
    assert_eq!((got.arg_bytes, got.stack_bytes), (24, 32));
}

#[test]
fn wide_integers_are_never_split() {
    let got = places(&SYSTEM_V, &sig(&[I64, I64, I64, I64, I64, I128, I64, I64, I128], &[I128]), &[]);
    assert_eq!(got.args[5], Stack(0), "one register is left, two are needed");
    assert_eq!(got.args[6..], [Reg(int(9)), Stack(16), Stack(32)]);
    assert_eq!(got.results, [Pair(int(0), int(2))]);
}

#[test]
fn positions_count_on_windows() {
    let got = places(&WIN64, &sig(&[I64, F64, I32, F32, F64, I64], &[F64]), &[]);
    assert_eq!(got.args[..4], [Reg(int(1)), Reg(float(1)), Reg(int(8)), Reg(float(3))]);
    assert_eq!(got.args[4..], [Stack(32), Stack(40)]);
    assert_eq!((got.arg_bytes, got.stack_bytes), (48, 48));
    assert_eq!(places(&WIN64, &sig(&[], &[]), &[]).stack_bytes, 32, "the shadow space is always there");
    assert!(assign(&WIN64, &sig(&[I128], &[]), &[], &mut Assignment::default()).is_err());
}

#[test]
fn results_beyond_the_registers() {
    let mut out = Assignment::default();
    assert!(assign(&SYSTEM_V, &sig(&[], &[I64, I64, I64]), &[], &mut out).is_err());
    let fast = ConvDesc { stack_results: true, ..SYSTEM_V };
    let got = places(&fast, &sig(&[I64; 7], &[I64, I64, I8, I128, F64]), &[]);
    assert_eq!(got.results, [Reg(int(0)), Reg(int(2)), Stack(16), Stack(32), Reg(float(0))]);
    assert_eq!((got.arg_bytes, got.result_offset, got.stack_bytes), (8, 16, 48));
}

#[test]
fn unnamed_arguments() {
    let got = places(&SYSTEM_V, &sig(&[I64], &[I32]), &[F64, I32, F64]);
    assert_eq!(got.args, [Reg(int(7)), Reg(float(0)), Reg(int(6)), Reg(float(1))]);
    assert_eq!(got.float_regs, 2);
    let apple = ConvDesc { variadic: VariadicRule::AllOnStack, ..SYSTEM_V };
    let got = places(&apple, &sig(&[I64], &[I32]), &[F64, I32]);
    assert_eq!(got.args, [Reg(int(7)), Stack(0), Stack(8)]);
}

fn aggregate(size: u32, fields: &[(u32, Type)]) -> Aggregate {
    Aggregate { size, align: 8, fields: fields.to_vec() }
}

#[test]
fn aggregates() {
    let mixed = aggregate(16, &[(0, F64), (8, I32)]);
    let large = aggregate(24, &[(0, I64), (8, I64), (16, I64)]);
    let mut signature = sig(&[I64; 5], &[]);
    signature.params.extend([Param::ByValue(mixed.clone()), Param::ByValue(mixed.clone())]);
    signature.params.push(Param::ByValue(large.clone()));
    let got = places(&SYSTEM_V, &signature, &[]);
    let part = |reg, offset, size| Some(AggregatePart { reg, offset, size });
    assert_eq!(got.args[5], ArgLoc::Parts([part(float(0), 0, 8), part(int(9), 8, 8), None, None]));
    assert_eq!(got.args[6..], [ArgLoc::StackCopy(0, 16), ArgLoc::StackCopy(16, 24)]);
    // A part that fell back to memory gives its float register back.
    assert_eq!(got.float_regs, 1);

    signature.params = vec![Param::ResultArea(large), Param::Value(I64)];
    let got = places(&SYSTEM_V, &signature, &[]);
    assert_eq!(got.args, [ArgLoc::ResultArea(int(7)), Reg(int(6))]);
    signature.params[0] = Param::ResultArea(mixed.clone());
    let got = places(&SYSTEM_V, &signature, &[]);
    assert_eq!(got.args[0], ArgLoc::ResultParts([part(float(0), 0, 8), part(int(0), 8, 8), None, None]));
    assert_eq!(got.args[1], Reg(int(7)), "no argument is taken for it");

    signature.params = vec![Param::ByValue(mixed), Param::Value(F64)];
    let got = places(&WIN64, &signature, &[]);
    assert_eq!(got.args, [ArgLoc::ByAddress(Box::new(Reg(int(1)))), Reg(float(1))]);
}

static ARM_INTS: [PReg; 8] = [int(0), int(1), int(2), int(3), int(4), int(5), int(6), int(7)];

fn arm_classes(aggregate: &Aggregate) -> AggregateClass {
    match aggregate.fields.first() {
        Some((_, ty)) if ty.is_float() => AggregateClass::Floats(*ty, aggregate.fields.len() as u32),
        _ if aggregate.size > 16 => AggregateClass::Address,
        _ if aggregate.size > 8 => AggregateClass::Regs([Some(RegClass::Int); 2]),
        _ => AggregateClass::Regs([Some(RegClass::Int), None]),
    }
}

static ARM: ConvDesc = ConvDesc {
    int_args: &ARM_INTS,
    in_order: true,
    even_pairs: true,
    variadic: VariadicRule::SameAsFixed,
    classify: arm_classes,
    classify_result: arm_classes,
    ..SYSTEM_V
};

/// Apple, "Writing ARM64 code for Apple platforms", "Pass arguments to functions correctly": arguments on the
/// stack take their own size and alignment, pairs begin at any register, unnamed ones take 8 bytes each.
#[test]
fn apple_packs_the_stack() {
    let apple = ConvDesc {
        even_pairs: false,
        packed_stack: true,
        extends_narrow: true,
        variadic: VariadicRule::AllOnStack,
        ..ARM.clone()
    };
    let mut signature = sig(&[I64, I128, I64, I64, I64, I64, I64], &[]);
    signature.params.extend([I8, Type::I16, I8, I32, I8, I64].map(Param::Value));
    signature.variadic = true;
    let got = places(&apple, &signature, &[I32, F64]);
    assert_eq!(got.args[1], Pair(int(1), int(2)));
    assert_eq!(got.args[7..13], [Stack(0), Stack(2), Stack(4), Stack(8), Stack(12), Stack(16)]);
    assert_eq!(got.args[13..], [Stack(24), Stack(32)]);
    // Three floats behind a byte, after the float registers: 12 bytes from the next multiple of 4.
    let floats = Aggregate { size: 12, align: 4, fields: vec![(0, F32), (4, F32), (8, F32)] };
    let bytes = Aggregate { size: 3, align: 1, fields: vec![(0, I8), (1, I8), (2, I8)] };
    let mut signature = sig(&[F64; 8], &[]);
    signature.params.extend([Param::Value(F32), Param::ByValue(floats), Param::Value(F32)]);
    signature.params.extend(std::iter::repeat_n(Param::Value(I64), 8));
    signature.params.extend([Param::Value(I8), Param::ByValue(bytes), Param::Value(I8)]);
    let got = places(&apple, &signature, &[]);
    assert_eq!(got.args[8..11], [Stack(0), ArgLoc::StackCopy(4, 12), Stack(16)]);
    assert_eq!(got.args[19..], [Stack(20), ArgLoc::StackCopy(24, 3), Stack(32)]);
}

/// Microsoft, "Overview of ARM64 ABI conventions", "Addendum: Variadic functions": as if all arguments lay on an
/// imaginary stack whose first 64 bytes are then loaded into x0 to x7; no float registers, aggregates of floats
/// like any others.
#[test]
fn windows_on_arm_loads_an_imaginary_stack() {
    let windows = ConvDesc { variadic: VariadicRule::Integers, ..ARM.clone() };
    let three = Aggregate { size: 12, align: 4, fields: vec![(0, F32), (4, F32), (8, F32)] };
    let four = Aggregate { size: 32, align: 8, fields: vec![(0, F64), (8, F64), (16, F64), (24, F64)] };
    let pair = aggregate(16, &[(0, I64), (8, F64)]);
    let mut signature = sig(&[I64, F64, I128], &[]);
    signature.params.extend([
        Param::ByValue(three.clone()),
        Param::ByValue(four),
        Param::ByValue(pair.clone()),
    ]);
    signature.variadic = true;
    let part = |reg, offset, size| Some(AggregatePart { reg: int(reg), offset, size });
    let got = places(&windows, &signature, &[F64, I32]);
    assert_eq!(got.args[..3], [Reg(int(0)), Reg(int(1)), Pair(int(2), int(3))]);
    assert_eq!(got.args[3], ArgLoc::Parts([part(4, 0, 8), part(5, 8, 4), None, None]));
    assert_eq!(got.args[4], ArgLoc::ByAddress(Box::new(Reg(int(6)))));
    // The 64th byte is in the middle of the pair.
    assert_eq!(got.args[5..], [ArgLoc::Split(int(7), 0, 8), Stack(8), Stack(16)]);
    // Without dots everything is as ever.
    signature.variadic = false;
    let got = places(&windows, &signature, &[]);
    assert_eq!(got.args[1], Reg(float(0)));
    assert_eq!(got.args[5], ArgLoc::Parts([part(4, 0, 8), part(5, 8, 8), None, None]));
}

/// AAPCS64's kind of counting: homogeneous floats, aligned pairs, nothing back-filled.
#[test]
fn registers_given_out_in_order() {
    let aapcs = ConvDesc {
        in_order: true,
        even_pairs: true,
        classify: arm_classes,
        classify_result: arm_classes,
        ..SYSTEM_V
    };
    let floats =
        |n: u32| Aggregate { size: 4 * n, align: 4, fields: (0..n).map(|i| (4 * i, Type::F32)).collect() };
    let mut sig = Signature::new(CallConv::C, &[Type::I64, Type::I128], &[]);
    sig.params.extend([Param::ByValue(floats(3)), Param::ByValue(floats(4)), Param::ByValue(floats(2))]);
    sig.params.extend([Type::F32, Type::I128, Type::I64].map(Param::Value));
    let mut got = Assignment::default();
    assign(&aapcs, &sig, &[], &mut got).expect("everything has a place");
    // The pair skips a register. Two floats find one register, so both are on the stack, and no float
    // after them is in a register.
    let aggregate = |first: u8, n: u32| {
        let mut parts = AggregateParts::default();
        for (i, part) in (0..n).zip(&mut parts) {
            *part = Some(AggregatePart { reg: float(first + i as u8), offset: 4 * i, size: 4 });
        }
        ArgLoc::Parts(parts)
    };
    let ints = SYSTEM_V.int_args;
    assert_eq!(got.args[1], ArgLoc::Pair(ints[2], ints[3]));
    assert_eq!(got.args[2], aggregate(0, 3));
    assert_eq!(got.args[3], aggregate(3, 4));
    assert_eq!(got.args[4..6], [ArgLoc::StackCopy(0, 8), ArgLoc::Stack(8)]);
    assert_eq!(got.args[6..], [ArgLoc::Pair(ints[4], ints[5]), ArgLoc::Stack(16)]);
}
