//! Integer operators, lowered and interpreted, against the same in 128 bits: exact, or an exception.

mod common;

use common::compiled;
use proptest::prelude::*;
use pyexec_frontend::Options;
use pyexec_ir::interp::{Interp, Limits, NoHost};
use pyexec_ir::rt::{self, Exc};

/// What a function of two ints gives: the value, or the number of the exception.
fn run(expression: &str, a: i64, b: i64) -> Result<i64, i32> {
    let source = format!("def f(a: int, b: int) -> int:\n    return {expression}\n");
    let options = Options { run_as_main: false, exports: true, ..Options::default() };
    let lowered = compiled(&source, &options).expect("compiles");
    let func = lowered.module.func_by_name("f").expect("exported");
    let mut interp = Interp::new(&lowered.module, Limits::default()).expect("starts");
    let results = interp.call(func, &[a as u64 as u128, b as u64 as u128], &mut NoHost).expect("runs");
    let kind = interp
        .global_address(rt::ERROR_SYMBOL)
        .map_or(0, |address| interp.memory.read_int(address, 4).expect("the error state") as i32);
    if kind == 0 { Ok(results[0] as i64) } else { Err(kind) }
}

fn narrow(value: Option<i128>) -> Result<i64, i32> {
    value.and_then(|v| i64::try_from(v).ok()).ok_or(Exc::OverflowError as i32)
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

fn modulo(a: i128, b: i128) -> i128 {
    a - floor_div(a, b) * b
}

fn expected(operator: &str, a: i64, b: i64) -> Result<i64, i32> {
    let (x, y) = (i128::from(a), i128::from(b));
    match operator {
        "+" => narrow(Some(x + y)),
        "-" => narrow(Some(x - y)),
        "*" => narrow(Some(x * y)),
        "//" | "%" if y == 0 => Err(Exc::ZeroDivisionError as i32),
        "//" => narrow(Some(floor_div(x, y))),
        "%" => narrow(Some(modulo(x, y))),
        "<<" | ">>" if y < 0 => Err(Exc::ValueError as i32),
        ">>" => Ok(a >> b.min(63)),
        "<<" if x == 0 => Ok(0),
        "<<" => narrow((y < 64).then(|| x << y)),
        "&" => Ok(a & b),
        "|" => Ok(a | b),
        _ => Ok(a ^ b),
    }
}

const OPERATORS: [&str; 10] = ["+", "-", "*", "//", "%", "<<", ">>", "&", "|", "^"];

/// Integers near the places where something changes, as well as any.
fn int() -> impl Strategy<Value = i64> {
    let edges =
        [0, 1, -1, 2, -2, 7, -7, 62, 63, 64, 65, i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 32];
    prop_oneof![proptest::sample::select(edges.to_vec()), any::<i64>(), -100..100i64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn operators_on_variables_are_exact(a in int(), b in int()) {
        for operator in OPERATORS {
            let found = run(&format!("a {operator} b"), a, b);
            prop_assert_eq!(found, expected(operator, a, b), "{} {} {}", a, operator, b);
        }
    }

    #[test]
    fn operators_with_a_constant_are_exact(a in int(), b in int()) {
        // The least integer has no literal of its own.
        prop_assume!(b != i64::MIN);
        for operator in OPERATORS {
            let found = run(&format!("a {operator} ({b})"), a, b);
            prop_assert_eq!(found, expected(operator, a, b), "{} {} ({})", a, operator, b);
        }
    }

    #[test]
    fn wide_dividends_and_masked_values_are_exact(a in int(), b in int(), m in int()) {
        prop_assume!(m != i64::MIN);
        let product = i128::from(a) * i128::from(b) + 12345;
        let found = run(&format!("(a * b + 12345) % ({m})"), a, b);
        let exact = match m {
            0 => Err(Exc::ZeroDivisionError as i32),
            _ => narrow(Some(modulo(product, i128::from(m)))),
        };
        prop_assert_eq!(found, exact);
        let found = run("(a * b - (a << 5) ^ ~b) & 0xFFFFFFFFFF", a, b);
        let low = (i128::from(a) * i128::from(b) - (i128::from(a) << 5)) ^ !i128::from(b);
        prop_assert_eq!(found, Ok((low & 0xFF_FFFF_FFFF) as i64));
    }

    #[test]
    fn ranges_run_as_often_as_they_should(start in -20..20i64, stop in -20..20i64, step in -5..5i64) {
        prop_assume!(step != 0);
        let source = format!("sum(1 for _ in range(a, b, {step}))");
        let length = run(&source, start, stop).expect("no exception");
        let distance = if step > 0 { stop - start } else { start - stop };
        prop_assert_eq!(length, if distance <= 0 { 0 } else { (distance - 1) / step.abs() + 1 });
    }
}

#[test]
fn ranges_at_the_ends_of_the_integers_stop() {
    let (max, min) = (i64::MAX, i64::MIN);
    assert_eq!(run("sum(1 for _ in range(a, b, 7))", max - 20, max), Ok(3));
    assert_eq!(run("sum(1 for _ in range(a, b))", max - 3, max), Ok(3));
    assert_eq!(run("sum(1 for _ in range(a, b, -3))", min + 5, min), Ok(2));
    assert_eq!(run("sum(1 for _ in range(a, b, 9223372036854775807))", min, max), Ok(3));
    assert_eq!(run("sum(i for i in reversed(range(a, b, 4)))", 1, 10), Ok(15));
}
