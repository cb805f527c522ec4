//! Every row of the opcode table: its run against its meaning, its meaning against an independent one,
//! its page.

use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::random::Rng;
use pyexec_ir::{
    Builder, CallConv, Func, Imm, Linkage, Module, Opcode, Signature, Type, reference_page, verify,
};
use std::collections::BTreeSet;

#[test]
fn the_reference_page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/opcodes.md");
    let page = reference_page();
    if std::env::var_os("PYEXEC_BLESS").is_some() {
        std::fs::write(path, &page).expect("writable");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == page, "docs/opcodes.md is not current: run with PYEXEC_BLESS=1");
}

/// The examples of the page are instructions of the grammar.
#[test]
fn the_pages_examples_parse() {
    for op in Opcode::ALL {
        let page = reference_page();
        let row = page.lines().find(|l| l.starts_with(&format!("| `{op}` |"))).expect("a row");
        let example = row.split(" | ").nth(5).expect("a column").trim_matches('`').to_string();
        let text = format!(
            "sig0 = fast (i64) -> (i64)\nglobal local data @g: size 16, align 8\nfunc fast import @f(i64, i64) -> (i64)\n\
            func fast local @t() -> () {{\nslot s0: size 16, align 8\nb0:\n{example}\nb1:\nb2:\nb9:\nv3 = iconst.i8 0\nv4 = iconst.i8 0\nb3(v10: i8, v11: i8, v12: i8):\nret\n}}"
        );
        let text = match example.split_once(" = ") {
            Some((left, _)) => {
                (0..5).filter(|i| !left.split(", ").any(|v| v == format!("v{i}"))).fold(text, define)
            }
            None => (0..5).fold(text, define),
        };
        let parsed = pyexec_ir::parse_module(&text, 0);
        assert!(parsed.is_ok(), "{example}: {parsed:#?}\n{text}");
    }
}
fn define(text: String, value: u32) -> String {
    if text.contains(&format!("v{value} = iconst.i8 0")) {
        text
    } else {
        text.replace("b9:\n", &format!("b9:\nv{value} = iconst.i8 0\n"))
    }
}

/// Types of the first operand for which the row makes sense.
fn from_types(op: Opcode, ty: Type) -> Vec<Type> {
    let rule = op.info().operands[0];
    Type::ALL.into_iter().filter(|from| rule.accepts(ty, *from)).collect()
}

fn interesting(rng: &mut Rng, ty: Type) -> u128 {
    let power = 1u128 << rng.below(u64::from(ty.bits()));
    let floats: [u128; 8] = match ty {
        Type::F32 => [0.0f32, -0.0, 1.5, f32::NAN, f32::INFINITY, -2147483648.0, 16777217.0, 1e-45]
            .map(|x| x.to_bits().into()),
        Type::F64 => [0.0f64, -0.0, 2.5, f64::NAN, -1e300, 9223372036854775808.0, -0.5, 5e-324]
            .map(|x| x.to_bits().into()),
        _ => [0, 1, u128::MAX, power, power - 1, power.wrapping_neg(), 100, 2],
    };
    let random = u128::from(rng.next()) << 64 | u128::from(rng.next());
    let bits = if rng.chance(2, 3) { *rng.pick(&floats) } else { random };
    bits & ty.mask()
}

/// A function of one scalar instruction.
fn single(op: Opcode, ty: Type, from: Type) -> Module {
    let operands: Vec<Type> = op
        .info()
        .operands
        .iter()
        .enumerate()
        .map(|(i, rule)| if i == 0 { from } else { rule.result(ty) })
        .collect();
    let results: Vec<Type> = op.info().results.iter().map(|rule| rule.result(ty)).collect();
    let mut func = Func::new("f", Signature::new(CallConv::Fast, &operands, &results), Linkage::Local);
    let block = func.add_block();
    let params: Vec<_> = operands.iter().map(|ty| func.add_param(block, *ty)).collect();
    let mut b = Builder::new(&mut func, block);
    let inst = b.push(op, ty, Imm::None, &params, &[]);
    let values: Vec<_> = b.func.results(inst).collect();
    b.ret(&values);
    let mut module = Module::new();
    module.funcs.push(func);
    module
}

#[test]
fn every_scalar_row_runs_as_it_evaluates() {
    let mut rng = Rng::new(1);
    for op in Opcode::ALL.iter().copied().filter(|op| op.is_scalar()) {
        for ty in op.info().class.types() {
            for from in from_types(op, ty) {
                let module = single(op, ty, from);
                assert_eq!(verify(&module), [], "{op}.{ty} from {from}");
                let f = module.func_by_name("f").expect("f");
                let operands: Vec<Type> = module.funcs[f].sig.params.iter().map(|p| p.ty()).collect();
                let mut interp = Interp::new(&module, Limits::default()).expect("no globals");
                for _ in 0..20 {
                    let args: Vec<u128> = operands.iter().map(|ty| interesting(&mut rng, *ty)).collect();
                    let run = interp.call(f, &args, &mut NoHost);
                    let expected = op.eval(ty, from, &args);
                    let results = op.info().results.len();
                    match (run, expected) {
                        (Ok(run), Ok(expected)) => {
                            assert_eq!(run, expected[..results], "{op}.{ty} {args:x?}")
                        }
                        (Err(Stop::Trap(code, _)), Err(expected)) => {
                            assert_eq!(code, expected, "{op}.{ty} {args:x?}")
                        }
                        (run, expected) => panic!("{op}.{ty} {args:x?}: {run:?}, {expected:?}"),
                    }
                }
            }
        }
    }
}

/// What a row means for the native `i64`, `u64` or `f64`, written a second time with Rust's own types.
fn natively(op: Opcode, a: &[u128]) -> Option<[u128; 2]> {
    let (x, y) = (a[0] as i64, a.get(1).copied().unwrap_or(0) as i64);
    let (ux, uy) = (x as u64, y as u64);
    let int = |v: i64| Some([v as u64 as u128, 0]);
    let flag = |holds: bool| Some([holds as u128, 0]);
    let pair = |(v, o): (i64, bool)| Some([v as u64 as u128, o as u128]);
    let upair = |(v, o): (u64, bool)| Some([v as u128, o as u128]);
    let div = |v: Option<i64>| v.map(|v| [v as u64 as u128, 0]);
    match op {
        Opcode::Iadd => int(x.wrapping_add(y)),
        Opcode::Isub => int(x.wrapping_sub(y)),
        Opcode::Imul => int(x.wrapping_mul(y)),
        Opcode::Ineg => int(x.wrapping_neg()),
        Opcode::Smulhi => int(((i128::from(x) * i128::from(y)) >> 64) as i64),
        Opcode::Umulhi => int(((u128::from(ux) * u128::from(uy)) >> 64) as i64),
        Opcode::Sdiv => div(x.checked_div(y)),
        Opcode::Srem => div(x.checked_rem(y)),
        Opcode::Udiv => div(ux.checked_div(uy).map(|v| v as i64)),
        Opcode::Urem => div(ux.checked_rem(uy).map(|v| v as i64)),
        Opcode::SaddOverflow => pair(x.overflowing_add(y)),
        Opcode::SsubOverflow => pair(x.overflowing_sub(y)),
        Opcode::SmulOverflow => pair(x.overflowing_mul(y)),
        Opcode::UaddOverflow => upair(ux.overflowing_add(uy)),
        Opcode::UsubOverflow => upair(ux.overflowing_sub(uy)),
        Opcode::UmulOverflow => upair(ux.overflowing_mul(uy)),
        Opcode::Smin => int(x.min(y)),
        Opcode::Smax => int(x.max(y)),
        Opcode::Umin => int(ux.min(uy) as i64),
        Opcode::Umax => int(ux.max(uy) as i64),
        Opcode::Band => int(x & y),
        Opcode::Bor => int(x | y),
        Opcode::Bxor => int(x ^ y),
        Opcode::Bnot => int(!x),
        Opcode::Shl => int(x.wrapping_shl(y as u32)),
        Opcode::Lshr => int(ux.wrapping_shr(y as u32) as i64),
        Opcode::Ashr => int(x.wrapping_shr(y as u32)),
        Opcode::Rotl => int(x.rotate_left(y as u32 % 64)),
        Opcode::Rotr => int(x.rotate_right(y as u32 % 64)),
        Opcode::Clz => int(x.leading_zeros().into()),
        Opcode::Ctz => int(x.trailing_zeros().into()),
        Opcode::Popcnt => int(x.count_ones().into()),
        Opcode::Bswap => int(x.swap_bytes()),
        Opcode::Eq => flag(x == y),
        Opcode::Ne => flag(x != y),
        Opcode::Slt => flag(x < y),
        Opcode::Sle => flag(x <= y),
        Opcode::Sgt => flag(x > y),
        Opcode::Sge => flag(x >= y),
        Opcode::Ult => flag(ux < uy),
        Opcode::Ule => flag(ux <= uy),
        Opcode::Ugt => flag(ux > uy),
        Opcode::Uge => flag(ux >= uy),
        _ => None,
    }
}

#[test]
fn integer_rows_mean_what_rusts_own_integers_mean() {
    let mut rng = Rng::new(2);
    let mut rows = BTreeSet::new();
    for op in Opcode::ALL.iter().copied().filter(|op| op.is_scalar() && op.info().class.allows(Type::I64)) {
        for _ in 0..500 {
            let args: Vec<u128> =
                op.info().operands.iter().map(|_| interesting(&mut rng, Type::I64)).collect();
            if let Some(expected) = natively(op, &args) {
                assert_eq!(op.eval(Type::I64, Type::I64, &args), Ok(expected), "{op} {args:x?}");
                rows.insert(op);
            }
        }
    }
    assert_eq!(rows.len(), 43, "{rows:?}");
}

/// The narrow and wide types agree with `i64` where the values fit both.
#[test]
fn integer_rows_agree_between_widths() {
    let mut rng = Rng::new(3);
    let same = [
        Opcode::Iadd,
        Opcode::Isub,
        Opcode::Imul,
        Opcode::Sdiv,
        Opcode::Srem,
        Opcode::Smin,
        Opcode::Smax,
        Opcode::Slt,
        Opcode::Eq,
        Opcode::Sge,
        Opcode::Band,
        Opcode::Bor,
        Opcode::Bxor,
    ];
    for op in same {
        for narrow in [Type::I8, Type::I16, Type::I32] {
            for _ in 0..200 {
                let args: Vec<u128> = (0..2).map(|_| interesting(&mut rng, narrow)).collect();
                let widened = |ty: Type| {
                    args.iter().map(|a| pyexec_ir::signed(narrow, *a) as u128 & ty.mask()).collect::<Vec<_>>()
                };
                let results = [Type::I64, Type::I128]
                    .map(|ty| op.eval(ty, ty, &widened(ty)).map(|r| r[0] & narrow.mask()));
                let here = op.eval(narrow, narrow, &args).map(|r| r[0]);
                // Only the narrow type overflows.
                if here != Err(pyexec_ir::TrapCode::IntOverflow) {
                    assert_eq!([here, here], results, "{op}.{narrow} {args:x?}");
                }
            }
        }
    }
}

#[test]
fn float_rows_keep_their_promises() {
    let eval = |op: Opcode, args: &[f64]| {
        let bits: Vec<u128> = args.iter().map(|x| x.to_bits().into()).collect();
        op.eval(Type::F64, Type::F64, &bits).map(|r| r[0])
    };
    let float = |op: Opcode, args: &[f64]| f64::from_bits(eval(op, args).expect("no trap") as u64);
    assert!(float(Opcode::Fmin, &[f64::NAN, 1.0]).is_nan() && float(Opcode::Fmax, &[1.0, f64::NAN]).is_nan());
    assert!(
        float(Opcode::Fmin, &[0.0, -0.0]).is_sign_negative()
            && float(Opcode::Fmax, &[-0.0, 0.0]).is_sign_positive()
    );
    assert_eq!(float(Opcode::Fnearest, &[2.5]), 2.0);
    assert_eq!(float(Opcode::Fma, &[1e16, 1e16, -1e32]), 1e16f64.mul_add(1e16, -1e32));
    assert_eq!(eval(Opcode::Feq, &[f64::NAN, f64::NAN]), Ok(0));
    assert_eq!(eval(Opcode::Fne, &[f64::NAN, f64::NAN]), Ok(1));
    let convert = |op: Opcode, ty: Type, x: f64| op.eval(ty, Type::F64, &[x.to_bits().into()]).map(|r| r[0]);
    let bad = Err(pyexec_ir::TrapCode::BadConversion);
    for x in [f64::NAN, f64::INFINITY, 9223372036854775808.0, -9223372036854777856.0] {
        assert_eq!(convert(Opcode::FloatToSint, Type::I64, x), bad, "{x}");
    }
    assert_eq!(convert(Opcode::FloatToSint, Type::I64, -9223372036854775808.0), Ok(1 << 63));
    assert_eq!(convert(Opcode::FloatToSint, Type::I32, -2147483648.9), Ok(1 << 31));
    assert_eq!(convert(Opcode::FloatToSint, Type::I32, 2147483648.0), bad);
    assert_eq!(convert(Opcode::FloatToUint, Type::I32, -0.9), Ok(0));
    assert_eq!(convert(Opcode::FloatToUint, Type::I32, -1.0), bad);
    assert_eq!(convert(Opcode::FloatToUint, Type::I64, 18446744073709549568.0), Ok(18446744073709549568));
    assert_eq!(convert(Opcode::FloatToUint, Type::I64, 18446744073709551616.0), bad);
    for x in [0.0, 1e9, -1e9, 1e300, -1e300, f64::NAN, f64::NEG_INFINITY, 3.99] {
        assert_eq!(convert(Opcode::FloatToSintSat, Type::I32, x), Ok((x as i32) as u32 as u128), "{x}");
        assert_eq!(convert(Opcode::FloatToUintSat, Type::I64, x), Ok((x as u64).into()), "{x}");
    }
}

/// Rows that touch memory or control: the body of `fast (i64) -> (i64)` (`v0` is 10), and what it gives.
const BODIES: &[(Opcode, &str, u128)] = &[
    (Opcode::Iconst, "v1 = iconst.i64 -1\nret v1", u64::MAX as u128),
    (Opcode::Fconst, "v1 = fconst.f64 2.0\nv2 = float_to_sint.i64 v1\nret v2", 2),
    (Opcode::Load, "v1 = global_addr @g\nv2 = load.i64 global v1+8\nret v2", 0x8887_8685_8483_8281),
    (Opcode::LoadU8, "v1 = global_addr @g\nv2 = load_u8.i64 global v1+9\nret v2", 0x82),
    (Opcode::LoadS8, "v1 = global_addr @g\nv2 = load_s8.i64 global v1+9\nret v2", 0xffff_ffff_ffff_ff82),
    (Opcode::LoadU16, "v1 = global_addr @g\nv2 = load_u16.i64 global v1+9\nret v2", 0x8382),
    (Opcode::LoadS16, "v1 = global_addr @g\nv2 = load_s16.i64 global v1+9\nret v2", 0xffff_ffff_ffff_8382),
    (Opcode::LoadU32, "v1 = global_addr @g\nv2 = load_u32.i64 global v1+9\nret v2", 0x8584_8382),
    (Opcode::LoadS32, "v1 = global_addr @g\nv2 = load_s32.i64 global v1+9\nret v2", 0xffff_ffff_8584_8382),
    (
        Opcode::Store,
        "v1 = global_addr @g\nstore.i64 global v0, v1+9\nv2 = load.i64 global v1+8\nret v2",
        0x0a81,
    ),
    (
        Opcode::Store8,
        "v1 = global_addr @g\nstore8.i64 global v0, v1+9\nv2 = load_u32.i64 global v1+8\nret v2",
        0x8483_0a81,
    ),
    (
        Opcode::Store16,
        "v1 = global_addr @g\nstore16.i64 global v0, v1+9\nv2 = load_u32.i64 global v1+8\nret v2",
        0x8400_0a81,
    ),
    (
        Opcode::Store32,
        "v1 = global_addr @g\nstore32.i64 global v0, v1+9\nv2 = load.i64 global v1+8\nret v2",
        0x8887_8600_0000_0a81,
    ),
    (Opcode::StackAddr, "v1 = stack_addr s0\nv2 = stack_addr s0+7\nv3 = isub.i64 v2, v1\nret v3", 7),
    (Opcode::GlobalAddr, "v1 = global_addr @g-3\nv2 = global_addr @g\nv3 = isub.i64 v2, v1\nret v3", 3),
    (
        Opcode::FuncAddr,
        "v1 = func_addr @twice\nv2 = func_addr @t\nv3 = ne.i64 v1, v2\nv4 = zext.i64 v3\nret v4",
        1,
    ),
    (Opcode::StackPtr, "v1 = stack_ptr\nv2 = isub.i64 v1, v1\nret v2", 0),
    (
        Opcode::AtomicLoad,
        "v1 = global_addr @g\nv2 = atomic_load.i32 global v1+8\nv3 = zext.i64 v2\nret v3",
        0x84838281,
    ),
    (
        Opcode::AtomicStore,
        "v1 = global_addr @g\natomic_store.i64 global v0, v1+8\nv2 = load.i64 global v1+8\nret v2",
        0xa,
    ),
    (
        Opcode::AtomicXchg,
        "v1 = global_addr @g\nv2 = atomic_xchg.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nv4 = bxor.i64 v2, v3\nret v4",
        0x888786858483828b,
    ),
    (
        Opcode::AtomicAdd,
        "v1 = global_addr @g\nv2 = atomic_add.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nv4 = bxor.i64 v2, v3\nret v4",
        0xa,
    ),
    (
        Opcode::AtomicSub,
        "v1 = global_addr @g\nv2 = atomic_sub.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0x8887868584838277,
    ),
    (
        Opcode::AtomicAnd,
        "v1 = global_addr @g\nv2 = atomic_and.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0x0,
    ),
    (
        Opcode::AtomicOr,
        "v1 = global_addr @g\nv2 = atomic_or.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0x888786858483828b,
    ),
    (
        Opcode::AtomicXor,
        "v1 = global_addr @g\nv2 = atomic_xor.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0x888786858483828b,
    ),
    (
        Opcode::AtomicSmin,
        "v1 = global_addr @g\nv2 = atomic_smin.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0x8887868584838281,
    ),
    (
        Opcode::AtomicSmax,
        "v1 = global_addr @g\nv2 = atomic_smax.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0xa,
    ),
    (
        Opcode::AtomicUmin,
        "v1 = global_addr @g\nv2 = atomic_umin.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0xa,
    ),
    (
        Opcode::AtomicUmax,
        "v1 = global_addr @g\nv2 = atomic_umax.i64 global v0, v1+8\nv3 = load.i64 global v1+8\nret v3",
        0x8887868584838281,
    ),
    (
        Opcode::AtomicCas,
        "v1 = global_addr @g\nv2 = load.i64 global v1+8\nv3 = atomic_cas.i64 global v2, v0, v1+8\nv4 = load.i64 global v1+8\nv5 = bxor.i64 v3, v4\nret v5",
        0x888786858483828b,
    ),
    (Opcode::Fence, "fence\nret v0", 10),
    (Opcode::Jump, "jump b1(v0)\nb1(v1: i64):\nret v1", 10),
    (Opcode::BrIf, "v1 = iconst.i8 2\nbr_if v1, b1, b2\nb1:\nret v0\nb2:\nv2 = iconst.i64 0\nret v2", 10),
    (Opcode::BrTable, "v1 = iconst.i64 1\nbr_table v1, b1(v0), [b1(v0), b1(v1)]\nb1(v2: i64):\nret v2", 1),
    (Opcode::Ret, "ret v0", 10),
    (Opcode::TrapIf, "v1 = iconst.i8 0\ntrap_if v1, user0\nret v0", 10),
    (Opcode::Trap, "v1 = iconst.i8 1\nbr_if v1, b1, b2\nb1:\nret v0\nb2:\ntrap user0", 10),
    (Opcode::Call, "v1 = call @twice(v0)\nret v1", 20),
    (Opcode::CallIndirect, "v1 = func_addr @twice\nv2 = call_indirect sig0 v1(v0)\nret v2", 20),
    (Opcode::TailCall, "tail_call @twice(v0)", 20),
    (Opcode::TailCallIndirect, "v1 = func_addr @twice\ntail_call_indirect sig0 v1(v0)", 20),
];

#[test]
fn every_row_has_a_run_test() {
    let mut rows: BTreeSet<Opcode> = Opcode::ALL.iter().copied().filter(|op| op.is_scalar()).collect();
    for (op, body, expected) in BODIES {
        let text = format!(
            "sig0 = fast (i64) -> (i64)\nglobal local data @g: size 17, align 1 = \"........\\x81\\x82\\x83\\x84\\x85\\x86\\x87\\x88\"\n\
             func fast local @twice(i64) -> (i64) {{\nb0(v0: i64):\nv1 = iadd.i64 v0, v0\nret v1\n}}\n\
             func fast local @t(i64) -> (i64) {{\nslot s0: size 8, align 8\nb0(v0: i64):\n{body}\n}}"
        );
        let module = pyexec_ir::parse_module(&text, 0).unwrap_or_else(|e| panic!("{text}\n{e:#?}"));
        assert_eq!(verify(&module), [], "{text}");
        assert!(body.contains(op.name()), "{op}");
        let mut interp = Interp::new(&module, Limits::default()).expect("small");
        let result = interp.call(module.func_by_name("t").expect("t"), &[10], &mut NoHost);
        assert_eq!(result, Ok(vec![*expected]), "{body}");
        rows.insert(*op);
    }
    assert!(rows.iter().eq(Opcode::ALL), "some row has no run test");
}
