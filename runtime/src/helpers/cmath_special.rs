//! What `cmath` functions give where a part is infinite or no number: rows by the real part, columns by the
//! imaginary one, each of `-inf, negative, -0, 0, positive, inf, nan`.
//!
//! A cell is two letters, real and imaginary part: `0 1 I p c b a` are 0, 1, infinity, π, ¾π, ½π, ¼π, and
//! `z m J P C B A` their negatives; `N` is no number, `!!` a domain error, `..` never looked up.
//!
//! Source: C99, annex G.6, as CPython answers.

use super::arith::Complex;
use super::math::domain;
use crate::Raise;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// Seven rows of seven cells.
pub(super) type Table = [&'static str; 7];

/// The row or column of a part.
fn index(x: f64) -> usize {
    match x {
        f64::NEG_INFINITY => 0,
        f64::INFINITY => 5,
        x if x.is_nan() => 6,
        x if x < 0.0 => 1,
        x if x > 0.0 => 4,
        x => {
            if x.is_sign_negative() {
                2
            } else {
                3
            }
        }
    }
}

fn value(letter: u8) -> Option<f64> {
    let size = match letter.to_ascii_lowercase() {
        b'0' | b'z' => 0.0,
        b'1' | b'm' => 1.0,
        b'i' | b'j' => f64::INFINITY,
        b'p' => PI,
        b'c' => 3.0 * FRAC_PI_4,
        b'b' => FRAC_PI_2,
        b'a' => FRAC_PI_4,
        b'n' => return Some(f64::NAN),
        _ => return None,
    };
    Some(if b"zmJPCBA".contains(&letter) { -size } else { size })
}

/// The cell of an argument.
pub(super) fn look_up(table: &Table, z: Complex) -> Result<Complex, Raise> {
    let cell = &table[index(z[0])].as_bytes()[3 * index(z[1])..];
    match (value(cell[0]), value(cell[1])) {
        (Some(re), Some(im)) => Ok([re, im]),
        _ => Err(domain()),
    }
}

pub(super) const ACOS: Table = [
    "cI pI pI pJ pJ cJ NI",
    "bI .. .. .. .. bJ NN",
    "bI .. .. .. .. bJ bN",
    "bI .. .. .. .. bJ bN",
    "bI .. .. .. .. bJ NN",
    "aI 0I 0I 0J 0J aJ NI",
    "NI NN NN NN NN NJ NN",
];
pub(super) const ACOSH: Table = [
    "IC IP IP Ip Ip Ic IN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IA Iz Iz I0 I0 Ia IN",
    "IN NN NN NN NN IN NN",
];
pub(super) const ASINH: Table = [
    "JA Jz Jz J0 J0 Ja JN",
    "JB .. .. .. .. Jb NN",
    "JB .. .. .. .. Jb NN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IA Iz Iz I0 I0 Ia IN",
    "IN NN Nz N0 NN IN NN",
];
pub(super) const ATANH: Table = [
    "zB zB zB zb zb zb zN",
    "zB .. .. .. .. zb NN",
    "zB .. .. .. .. zb zN",
    "0B .. .. .. .. 0b 0N",
    "0B .. .. .. .. 0b NN",
    "0B 0B 0B 0b 0b 0b 0N",
    "0B NN NN NN NN 0b NN",
];
pub(super) const COSH: Table = [
    "!! II I0 Iz IJ !! IN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! N0",
    "!! .. .. .. .. !! N0",
    "!! .. .. .. .. !! NN",
    "!! IJ Iz I0 II !! IN",
    "NN NN N0 N0 NN NN NN",
];
pub(super) const EXP: Table = [
    "00 0z 0z 00 00 00 00",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! IJ Iz I0 II !! IN",
    "NN NN Nz N0 NN NN NN",
];
pub(super) const LOG: Table = [
    "IC IP IP Ip Ip Ic IN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IB .. .. .. .. Ib NN",
    "IA Iz Iz I0 I0 Ia IN",
    "IN NN NN NN NN IN NN",
];
pub(super) const SINH: Table = [
    "!! JJ Jz J0 JI !! IN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! 0N",
    "!! .. .. .. .. !! 0N",
    "!! .. .. .. .. !! NN",
    "!! IJ Iz I0 II !! IN",
    "NN NN Nz N0 NN NN NN",
];
pub(super) const SQRT: Table = [
    "IJ 0J 0J 0I 0I II NI",
    "IJ .. .. .. .. II NN",
    "IJ .. .. .. .. II NN",
    "IJ .. .. .. .. II NN",
    "IJ .. .. .. .. II NN",
    "IJ Iz Iz I0 I0 II IN",
    "IJ NN NN NN NN II NN",
];
pub(super) const TANH: Table = [
    "m0 mz mz m0 m0 m0 m0",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "!! .. .. .. .. !! NN",
    "10 1z 1z 10 10 10 10",
    "NN NN Nz N0 NN NN NN",
];
pub(super) const RECT: Table = [
    "!! JI J0 Jz JJ !! IN",
    "!! .. .. .. .. !! NN",
    "00 .. .. .. .. 00 00",
    "00 .. .. .. .. 00 00",
    "!! .. .. .. .. !! NN",
    "!! IJ Iz I0 II !! IN",
    "NN NN N0 N0 NN NN NN",
];
