//! What is known of the range of integer values while a function is lowered: enough to leave out checks
//! that cannot fail. A value is known when it is built; nothing is known of what loops and joins bring.

use pyexec_ir::{Func, Value};
use std::collections::HashMap;

/// Least and greatest value, both possible as far as is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Range {
    pub min: i64,
    pub max: i64,
}

impl Range {
    /// Any 64-bit integer.
    pub const ALL: Range = Range { min: i64::MIN, max: i64::MAX };

    /// The range of exact results, if all fit in 64 bits.
    fn of(values: impl IntoIterator<Item = i128>) -> Option<Range> {
        let mut range: Option<(i128, i128)> = None;
        for value in values {
            let (min, max) = range.unwrap_or((value, value));
            range = Some((min.min(value), max.max(value)));
        }
        let (min, max) = range?;
        Some(Range { min: i64::try_from(min).ok()?, max: i64::try_from(max).ok()? })
    }

    /// Whether all values are at least 0.
    pub fn is_nonnegative(self) -> bool {
        self.min >= 0
    }

    /// Whether every value is a float exactly.
    pub fn is_exact_float(self) -> bool {
        self.min >= -(1 << 53) && self.max <= 1 << 53
    }

    /// Whether the value can be this one.
    pub fn contains(self, value: i64) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// The range of the sum, if it cannot overflow.
    pub fn add(self, other: Range) -> Option<Range> {
        Range::of([self.min as i128 + other.min as i128, self.max as i128 + other.max as i128])
    }

    /// The range of the difference, if it cannot overflow.
    pub fn sub(self, other: Range) -> Option<Range> {
        Range::of([self.min as i128 - other.max as i128, self.max as i128 - other.min as i128])
    }

    /// The range of the product, if it cannot overflow.
    pub fn mul(self, other: Range) -> Option<Range> {
        let product = |a: i64, b: i64| a as i128 * b as i128;
        Range::of([
            product(self.min, other.min),
            product(self.min, other.max),
            product(self.max, other.min),
            product(self.max, other.max),
        ])
    }
}

/// What is known of values. Looked up by key only, so the order of the table never shows.
#[derive(Default)]
pub(super) struct Ranges {
    known: HashMap<Value, Range>,
    /// Values that are less than another value wherever they are used.
    below: HashMap<Value, Value>,
    /// Values that equal another one.
    same: HashMap<Value, Value>,
}

impl Ranges {
    /// The range of a value.
    pub fn get(&self, func: &Func, value: Value) -> Range {
        if let Some(constant) = constant(func, value) {
            return Range { min: constant, max: constant };
        }
        self.known.get(&value).copied().unwrap_or(Range::ALL)
    }

    /// Notes the range of a value.
    pub fn set(&mut self, value: Value, range: Range) {
        if range != Range::ALL {
            self.known.insert(value, range);
        }
    }

    /// Notes a range beside what is known already.
    pub fn refine(&mut self, func: &Func, value: Value, range: Range) {
        let old = self.get(func, value);
        let both = Range { min: old.min.max(range.min), max: old.max.min(range.max) };
        // An empty range means code that is never reached; then anything is true.
        self.set(value, if both.min <= both.max { both } else { range });
    }

    /// Notes that a value is less than another.
    pub fn set_below(&mut self, value: Value, bound: Value) {
        self.below.insert(value, self.original(bound));
    }

    /// Notes that a new value equals another; more may be known of it than of the other.
    pub fn set_same(&mut self, new: Value, old: Value) {
        self.same.insert(new, self.original(old));
    }

    fn original(&self, value: Value) -> Value {
        self.same.get(&value).copied().unwrap_or(value)
    }

    /// Whether a value is known to be less than another.
    pub fn is_below(&self, value: Value, bound: Value) -> bool {
        self.below.get(&value) == Some(&self.original(bound))
    }
}

/// The value of an integer constant of 64 bits.
pub(super) fn constant(func: &Func, value: Value) -> Option<i64> {
    match func.ty(value) {
        pyexec_ir::Type::I64 => func.const_bits(value).map(|bits| bits as i64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn overflow_is_never_overlooked() {
        let small = Range { min: -3, max: 5 };
        assert_eq!(small.mul(small), Some(Range { min: -15, max: 25 }));
        assert_eq!(small.sub(small), Some(Range { min: -8, max: 8 }));
        let high = Range { min: 0, max: i64::MAX - 1 };
        assert!(high.add(Range { min: 1, max: 1 }).is_some());
        assert!(high.add(Range { min: 1, max: 2 }).is_none());
        assert!(Range::ALL.mul(Range { min: -1, max: -1 }).is_none());
    }
}
