//! Reciprocals for division by constants.
//!
//! ```text
//! n / 10 at 32 bits  =  n * 0xcccccccd >> 35
//! ```
//! In: a divisor that is no power of two. Out: multiplier and shift such that every dividend of 32 or 64
//! bits is divided exactly. Source: T. Granlund, P. Montgomery, "Division by Invariant Integers using
//! Multiplication", 1994; H. Warren, "Hacker's Delight", 2nd ed., figures 10-1 and 10-2. Which
//! instructions multiply and shift is left to the targets.

/// How to divide unsigned numbers by a constant: `high = n * multiplier >> bits`, then either `high >> shift`
/// or, if `add`, `((n - high >> 1) + high) >> (shift - 1)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Magic {
    /// What to multiply by.
    pub multiplier: u64,
    /// Whether the true multiplier has one bit more.
    pub add: bool,
    /// How far to shift afterwards.
    pub shift: u32,
}

/// The least `p >= bits` and `m = ceil(2^p / d)` such that `floor(n * m / 2^p) == floor(n / d)` for every
/// `n` of `bits` bits: it is enough that `m * d - 2^p <= 2^(p - bits)`. `add` says that `m` has one bit more
/// than fits.
pub fn unsigned_magic(d: u64, bits: u32) -> Magic {
    let wide = u128::from(d);
    let mut shift = 0;
    loop {
        // 2^(bits + shift) / d, rounded up, without leaving 128 bits: the shift is at most `bits`.
        let power = 1u128.checked_shl(bits + shift).filter(|_| bits + shift < 128);
        let (quotient, rest) = match power {
            Some(power) => (power / wide, power % wide),
            None => (u128::MAX / wide, u128::MAX % wide + 1),
        };
        let error = wide - rest;
        if error <= 1u128 << shift {
            let multiplier = quotient + 1;
            let add = multiplier >> bits != 0;
            let kept = if bits == 32 { multiplier as u32 as u64 } else { multiplier as u64 };
            return Magic { multiplier: kept, add, shift };
        }
        shift += 1;
    }
}

/// Multiplier (sign-extended from `bits`) and shift for a signed divisor of magnitude at least 2 that is no
/// power of two. Hacker's Delight, figure 10-1, in wide arithmetic.
pub fn signed_magic(d: i64, bits: u32) -> (i64, u32) {
    let ad = u128::from(d.unsigned_abs());
    let half = 1u128 << (bits - 1);
    let t = half + u128::from(d < 0);
    // The largest dividend that leaves the remainder d - 1.
    let anc = t - 1 - t % ad;
    let mut p = bits - 1;
    loop {
        p += 1;
        let power = 1u128 << p;
        let delta = ad - power % ad;
        if power > anc * delta || p >= 127 {
            let multiplier = power / ad + 1;
            let signed = (multiplier as u64 as i64) << (64 - bits) >> (64 - bits);
            return (if d < 0 { signed.wrapping_neg() } else { signed }, p - bits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{signed_magic, unsigned_magic};

    fn divisors(bits: u32) -> impl Iterator<Item = u64> {
        let top = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
        let near = move |p: u32| (-3_i64..=3).map(move |k| (1u64 << p).wrapping_add(k as u64));
        (3..200u64).chain((2..bits).flat_map(near)).chain([top, top - 1, top / 3, top / 7 + 1, 1_000_000_007])
    }

    fn dividends(bits: u32, d: u64) -> Vec<u64> {
        let top = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
        let mut all = vec![0, 1, 2, d - 1, d, d.wrapping_add(1) & top, top, top - 1, top / 2, top / 2 + 1];
        all.extend([top / d * d, (top / d * d).wrapping_sub(1) & top, top / d, 0x1234_5678_9abc_def0 & top]);
        all
    }

    #[test]
    fn unsigned_reciprocals_divide_exactly() {
        for bits in [32, 64] {
            let top = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
            for d in divisors(bits).filter(|d| *d > 2 && *d <= top && !d.is_power_of_two()) {
                let magic = unsigned_magic(d, bits);
                for n in dividends(bits, d) {
                    let high = ((u128::from(n) * u128::from(magic.multiplier)) >> bits) as u64;
                    let quotient = if magic.add {
                        (((n - high) >> 1) + high) >> (magic.shift - 1)
                    } else {
                        high >> magic.shift
                    };
                    assert_eq!(quotient, n / d, "{n} / {d} at {bits} bits");
                }
            }
        }
    }

    #[test]
    fn signed_reciprocals_divide_exactly() {
        for bits in [32, 64] {
            let cut = |x: u64| (x as i64) << (64 - bits) >> (64 - bits);
            for d in divisors(bits).map(cut).flat_map(|d| [d, d.wrapping_neg()]) {
                if d.unsigned_abs() < 3 || d.unsigned_abs().is_power_of_two() {
                    continue;
                }
                let (multiplier, shift) = signed_magic(d, bits);
                for n in dividends(bits, d.unsigned_abs()).into_iter().map(cut) {
                    let mut q = cut(((i128::from(n) * i128::from(multiplier)) >> bits) as u64);
                    if d > 0 && multiplier < 0 {
                        q = cut(q.wrapping_add(n) as u64);
                    } else if d < 0 && multiplier > 0 {
                        q = cut(q.wrapping_sub(n) as u64);
                    }
                    q >>= shift;
                    q += i64::from(q < 0);
                    assert_eq!(q, cut(n.wrapping_div(d) as u64), "{n} / {d} at {bits} bits");
                }
            }
        }
    }
}
