//! Functions of `math` that take any number of floats. Compiled code has no arrays to pass: it begins a vector,
//! pushes the items, and ends the vector by the function. Vectors nest, as calls within arguments do.

use super::math::norm;
use crate::{Raise, State};

pub fn begin(state: &mut State) {
    state.vectors.push(Vec::new());
}
pub fn push(state: &mut State, x: f64) {
    if let Some(vector) = state.vectors.last_mut() {
        vector.push(x);
    }
}
fn end(state: &mut State) -> Vec<f64> {
    state.vectors.pop().unwrap_or_default()
}

/// Forgets a vector: an exception came up between its items.
pub fn drop(state: &mut State) {
    end(state);
}

/// `math.hypot`; `math.dist` if the items are differences.
pub fn hypot(state: &mut State) -> f64 {
    norm(&end(state))
}

/// `math.fsum`.
pub fn fsum(state: &mut State) -> Result<f64, Raise> {
    let mut partials = Partials::default();
    end(state).into_iter().try_for_each(|x| partials.add(x))?;
    partials.total()
}

/// A sum without any loss: partial sums that do not overlap, the least one first.
/// Source: J. R. Shewchuk, "Adaptive precision floating-point arithmetic" (1997).
#[derive(Default)]
struct Partials {
    parts: Vec<f64>,
    /// Sums of what is not finite, and of infinities only.
    special: f64,
    infinite: f64,
}

impl Partials {
    fn add(&mut self, item: f64) -> Result<(), Raise> {
        let mut x = item;
        let mut kept = 0;
        for i in 0..self.parts.len() {
            let mut y = self.parts[i];
            if x.abs() < y.abs() {
                (x, y) = (y, x);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                self.parts[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.parts.truncate(kept);
        if x.is_finite() {
            if x != 0.0 {
                self.parts.push(x);
            }
            return Ok(());
        }
        if item.is_finite() {
            return Err(Raise::overflow("intermediate overflow in fsum"));
        }
        if item.is_infinite() {
            self.infinite += item;
        }
        self.special += item;
        self.parts.clear();
        Ok(())
    }

    fn total(mut self) -> Result<f64, Raise> {
        if self.special != 0.0 {
            return if self.infinite.is_nan() {
                Err(Raise::value("-inf + inf in fsum"))
            } else {
                Ok(self.special)
            };
        }
        let mut high = self.parts.pop().unwrap_or(0.0);
        let mut low = 0.0;
        while let Some(y) = self.parts.pop() {
            let x = high;
            high = x + y;
            low = y - (high - x);
            if low != 0.0 {
                break;
            }
        }
        // Half way between two floats, the rest decides on which side the sum lies.
        if let Some(rest) = self.parts.last()
            && (low < 0.0 && *rest < 0.0 || low > 0.0 && *rest > 0.0)
        {
            let twice = low * 2.0;
            let x = high + twice;
            if twice == x - high {
                high = x;
            }
        }
        Ok(high)
    }
}

/// `math.sumprod` of floats, whose items were pushed in pairs: in triple the precision of a float.
/// Source: T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product" (2005).
pub fn sumprod(state: &mut State) -> f64 {
    let items = end(state);
    let mut pairs = items.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let mut total = [0.0; 3];
    while let Some((p, q)) = pairs.next() {
        let next = add_product(total, p, q);
        if !next[0].is_finite() {
            // From here on as `sum` of products would.
            let start = rounded(total) + p * q;
            return pairs.fold(start, |sum, (p, q)| sum + p * q);
        }
        total = next;
    }
    rounded(total)
}

/// A sum and its rounding error.
fn two_sum(a: f64, b: f64) -> [f64; 2] {
    let sum = a + b;
    let part = sum - a;
    [sum, (a - (sum - part)) + (b - part)]
}

fn add_product([high, low, least]: [f64; 3], p: f64, q: f64) -> [f64; 3] {
    let product = p * q;
    let lost = p.mul_add(q, -product);
    let sum = two_sum(high, product);
    let first = two_sum(low, lost);
    let second = two_sum(first[0], sum[1]);
    [sum[0], second[0], least + first[1] + second[1]]
}

fn rounded([high, low, least]: [f64; 3]) -> f64 {
    let last = two_sum(low, high);
    last[0] + (least + last[1])
}
