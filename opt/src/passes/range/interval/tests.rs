use super::*;
use crate::rules::{is_checked, is_compare};

const TY: Type = Type::I8;

/// Intervals whose ends are where things change.
fn samples() -> Vec<Interval> {
    let ends = [-128, -127, -9, -2, -1, 0, 1, 3, 8, 126, 127];
    let pairs = ends.iter().flat_map(|lo| ends.iter().map(move |hi| Interval::new(*lo, *hi)));
    pairs.filter(|x| !x.is_empty()).collect()
}

/// A few numbers of the interval: its ends, their neighbours, and those around zero.
fn members(x: Interval) -> Vec<i128> {
    let near = [x.lo, x.lo + 1, x.hi - 1, x.hi, -1, 0, 1, (x.lo + x.hi) / 2];
    near.into_iter().filter(|n| x.contains(*n)).collect()
}

fn bits(n: i128) -> u128 {
    n as u128 & TY.mask()
}

#[test]
fn binary_operations_stay_inside() {
    let ops: Vec<Opcode> = Opcode::ALL
        .iter()
        .copied()
        .filter(|op| op.is_scalar() && op.info().operands.len() == 2 && op.info().class.allows(TY))
        .filter(|op| !is_compare(*op))
        .collect();
    for &op in &ops {
        for a in samples() {
            for b in samples() {
                let bound = binary(op, TY, a, b);
                for (x, y) in members(a).into_iter().flat_map(|x| members(b).into_iter().map(move |y| (x, y)))
                {
                    let Ok([result, _]) = op.eval(TY, TY, &[bits(x), bits(y)]) else { continue };
                    assert!(bound.contains(signed(TY, result)), "{op} {x} {y}: {a:?} {b:?} -> {bound:?}");
                }
            }
        }
    }
    assert!(ops.len() > 20);
}

#[test]
fn comparisons_and_assumptions_hold() {
    for &op in Opcode::ALL.iter().filter(|op| is_compare(**op) && op.info().class.allows(TY)) {
        for a in samples() {
            for b in samples() {
                let (decided, (left, right)) = (compare(op, TY, a, b), assume(op, a, b));
                for (x, y) in members(a).into_iter().flat_map(|x| members(b).into_iter().map(move |y| (x, y)))
                {
                    let holds = op.eval(TY, TY, &[bits(x), bits(y)]).is_ok_and(|r| r[0] == 1);
                    assert!(decided.is_none_or(|d| d == holds), "{op} {x} {y}: {a:?} {b:?}");
                    assert!(!holds || (left.contains(x) && right.contains(y)), "{op} {x} {y}: {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn exact_arithmetic_bounds_its_operands() {
    for &op in Opcode::ALL.iter().filter(|op| is_checked(**op)) {
        for a in samples() {
            for b in samples() {
                let (left, right) = assume_exact(op, TY, a, b);
                for (x, y) in members(a).into_iter().flat_map(|x| members(b).into_iter().map(move |y| (x, y)))
                {
                    let exact = op.eval(TY, TY, &[bits(x), bits(y)]).is_ok_and(|r| r[1] == 0);
                    assert!(!exact || (left.contains(x) && right.contains(y)), "{op} {x} {y}: {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn unary_operations_stay_inside() {
    for a in samples() {
        for x in members(a) {
            for op in [Ineg, Bnot, Clz, Ctz, Popcnt] {
                let result = op.eval(TY, TY, &[bits(x)]).expect("no trap")[0];
                assert!(unary(op, TY, TY, a).contains(signed(TY, result)), "{op} {x}: {a:?}");
            }
            for op in [Zext, Sext] {
                let result = op.eval(Type::I16, TY, &[bits(x)]).expect("no trap")[0];
                assert!(unary(op, Type::I16, TY, a).contains(signed(Type::I16, result)), "{op} {x}: {a:?}");
            }
        }
    }
    let wide = [Interval::new(-128, 127), Interval::new(0, 128), Interval::new(-200, 3), Interval::just(300)];
    for a in wide {
        for x in [a.lo, a.hi] {
            let result = Trunc.eval(TY, Type::I16, &[x as u128 & 0xffff]).expect("no trap")[0];
            assert!(unary(Trunc, TY, Type::I16, a).contains(signed(TY, result)), "trunc {x}: {a:?}");
        }
    }
}
