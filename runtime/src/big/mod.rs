//! `int` without a limit: what the exact body of a function works with.
//!
//! ```text
//!   fast body:   v3, overflow = sadd_overflow v1, v2         an i64, checked
//!   exact body:  w3 = call @pyexec_big_add(w1, w2, old)      a word, see `word`
//! ```
//!
//! [`word`] says how a value travels and who owns it; the other modules are Python's operations on such words,
//! with CPython's exceptions. Small operands are computed in machine words, others by the crate `dashu-int`.
//! What would not fit into memory, over [`MAX_BITS`], is a `MemoryError` before it is tried.
//!
//! Left to others: which slot a word lives in and when its reference ends (the front end).

mod arith;
mod bits;
mod convert;
mod divide;
mod theory;
mod word;

pub(crate) use arith::{abs, add, mul, neg, pow, pow_mod, sub};
pub(crate) use bits::{and, bit_count, bit_length, invert, or, shl, shr, xor};
pub(crate) use convert::{
    ceil, clamp, cmp, cmp_f64, drop_word, fits, floor, from_f64, from_i64, from_u64, hash, keep, live, log,
    log2, log10, low, out, out_fmt, out_fmt_spec, parse, ratio_denominator, ratio_numerator, round_f64,
    to_f64,
};
pub(crate) use divide::{floordiv, modulo, range_count, round, truediv};
pub(crate) use theory::{comb, factorial, gcd, isqrt, lcm, perm};
pub(crate) use word::Heap;

use crate::Raise;

/// No result has more bits than this, a gigabyte of them.
const MAX_BITS: u64 = 1 << 33;

/// Refuses results that would not fit into memory.
fn check_bits(bits: u128) -> Result<(), Raise> {
    if bits > u128::from(MAX_BITS) { Err(Raise::memory()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Capture, State, Stream};

    fn state() -> State {
        State::new(Stream::capture(Capture::default()), Stream::capture(Capture::default()))
    }

    /// `x = (x * a + c) % m` a million times: four operations that each make and end an integer.
    #[test]
    fn a_million_operations_leave_nothing_behind() {
        let mut state = state();
        let state = &mut state;
        let [a, c] = [6_364_136_223_846_793_005, 1_442_695_040_888_963_407].map(|v| from_i64(state, v, 0));
        let m = parse(state, "618970019642690137449562111", 10, 0).expect("2**89 - 1");
        let (mut x, mut t, mut kept) = (keep(state, c, 0), 0, 0);
        for _ in 0..250_000 {
            t = mul(state, x, a, t).expect("no exception");
            t = add(state, t, c, t).expect("no exception");
            x = modulo(state, t, m, x).expect("no exception");
            kept = keep(state, x, kept);
            assert!(live(state) <= 6);
        }
        out(state, x).expect("few digits");
        // x = 1442695040888963407; for _ in range(250_000): x = (x * a + c) % m
        assert_eq!(state.take_pending(), "393801506351851718957194748");
        for word in [a, c, m, x, t, kept] {
            drop_word(state, word);
        }
        assert_eq!(live(state), 0);
    }

    /// The variable of `x = x // 0` keeps its value.
    #[test]
    fn an_exception_leaves_the_old_word() {
        let mut state = state();
        let x = from_i64(&mut state, i64::MIN, 0);
        for failing in [floordiv, modulo] {
            assert!(failing(&mut state, x, 1, x).is_err());
        }
        assert!(shl(&mut state, x, -1, x).is_err());
        assert!(pow(&mut state, x, i64::MAX, x).is_err());
        assert!(isqrt(&mut state, x, x).is_err());
        assert_eq!((low(&mut state, x), live(&mut state)), (i64::MIN, 1));
        drop_word(&mut state, x);
        assert_eq!(live(&mut state), 0);
    }
}
