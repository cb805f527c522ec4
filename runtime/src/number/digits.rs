//! Decimal digits of a binary float: shortest, to so many significant places, or to so many places
//! behind the point. All correctly rounded, ties to even, of the exact binary value.
//!
//! Picture: 0.00125 -> digits "125", point -2, meaning 0.125 * 10^-2.
//!
//! Source of the conventions: D. Gay, "Correctly rounded binary-decimal and decimal-binary
//! conversions" (1990), modes 0, 2 and 3. The digits come from the standard library, which
//! implements Grisu with Dragon4 behind it.

/// Digits without trailing zeros; the value is `0.digits * 10^point`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Digits {
    pub digits: Vec<u8>,
    pub point: i32,
}

/// No f64 has more significant decimal digits than 767; more places are zeros.
const MAX_SIGNIFICANT: usize = 770;
/// No f64 has more places behind the point than 1,074.
const MAX_FRACTION: usize = 1_080;

impl Digits {
    fn zero() -> Self {
        Self { digits: vec![b'0'], point: 1 }
    }
    /// The digit at place `i`, counting from the first; zeros all around.
    pub fn at(&self, i: i64) -> u8 {
        usize::try_from(i).ok().and_then(|i| self.digits.get(i)).copied().unwrap_or(b'0')
    }
    /// Whether the value is, or was rounded to, zero.
    pub fn is_zero(&self) -> bool {
        self.digits.iter().all(|d| *d == b'0')
    }
}

/// From `d.ddde±x`, sign ignored.
fn from_scientific(text: &str) -> Digits {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    while digits.len() > 1 && digits.ends_with(b"0") {
        digits.pop();
    }
    if digits == b"0" {
        return Digits::zero();
    }
    Digits { digits, point: exponent.parse::<i32>().unwrap_or(0) + 1 }
}

/// The fewest digits that read back as the same f64, nearest to it among those; of two equally near
/// the one with an even last digit, where the standard library takes the greater.
pub(super) fn shortest(x: f64) -> Digits {
    let found = from_scientific(&format!("{x:e}"));
    // A tie takes 17 digits in full, so one of its neighbours has 16.
    if found.digits.len() < 16 || found.digits.last().is_none_or(|d| d % 2 == 0) {
        return found;
    }
    let nearest = format!("{x:.*e}", found.digits.len() - 1);
    if nearest.parse() == Ok(x) { from_scientific(&nearest) } else { found }
}

/// The fewest digits that read back as the same f32.
pub(super) fn shortest_f32(x: f32) -> Digits {
    from_scientific(&format!("{x:e}"))
}

/// `count` (at least 1) significant digits.
pub(super) fn significant(x: f64, count: usize) -> Digits {
    let places = count.clamp(1, MAX_SIGNIFICANT) - 1;
    from_scientific(&format!("{x:.places$e}"))
}

/// `places` behind the point. What rounds to zero has no digits at all.
pub(super) fn fraction(x: f64, places: usize) -> Digits {
    if x == 0.0 {
        return Digits::zero();
    }
    let text = format!("{:.*}", places.min(MAX_FRACTION), x.abs());
    let whole = text.split('.').next().map_or(0, str::len);
    let mut digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    while digits.ends_with(b"0") {
        digits.pop();
    }
    let leading = digits.iter().take_while(|d| **d == b'0').count();
    digits.drain(..leading);
    let point = if digits.is_empty() { -(places as i64) } else { whole as i64 - leading as i64 };
    Digits { digits, point: point as i32 }
}

/// Rounded to a multiple of `10^power`, `power > 0`.
pub(super) fn multiple_of_power(x: f64, power: i32) -> Digits {
    let exact = significant(x, MAX_SIGNIFICANT);
    let keep = exact.point - power;
    if keep > 0 {
        return significant(x, keep as usize);
    }
    // Nothing is kept: one unit of 10^power if the value is above half of it; a tie goes to 0.
    let half = exact.digits[0] == b'5' && exact.digits.len() == 1;
    if keep == 0 && exact.digits[0] >= b'5' && !half {
        Digits { digits: vec![b'1'], point: power + 1 }
    } else {
        Digits::zero()
    }
}
