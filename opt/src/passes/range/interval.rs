//! Intervals of signed integers, and what operations do to them.
//!
//! Every function here is an upper bound: if the operands are in their intervals, the result is in the
//! answer. The tests prove it at 8 bits by brute force through `Opcode::eval`.

use pyexec_ir::{Opcode, Opcode::*, Type, int_max, int_min, signed};

/// The numbers from `lo` to `hi`; none if `lo > hi`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Interval {
    pub lo: i128,
    pub hi: i128,
}

impl Interval {
    /// No number.
    pub const EMPTY: Interval = Interval { lo: 1, hi: 0 };
    /// 0 and 1.
    pub const BOOL: Interval = Interval { lo: 0, hi: 1 };

    pub fn new(lo: i128, hi: i128) -> Self {
        Interval { lo, hi }
    }
    /// One number.
    pub fn just(n: i128) -> Self {
        Interval { lo: n, hi: n }
    }
    /// Every number of a type. Floats get that of the integer of their width: it is never looked at.
    pub fn full(ty: Type) -> Self {
        Interval { lo: int_min(ty), hi: int_max(ty) }
    }
    pub fn of_bits(ty: Type, bits: u128) -> Self {
        Interval::just(signed(ty, bits))
    }
    pub fn is_empty(self) -> bool {
        self.lo > self.hi
    }
    /// The number, if there is only one.
    pub fn single(self) -> Option<i128> {
        (self.lo == self.hi).then_some(self.lo)
    }
    pub fn contains(self, n: i128) -> bool {
        self.lo <= n && n <= self.hi
    }
    pub fn is_within(self, other: Self) -> bool {
        self.is_empty() || (other.lo <= self.lo && self.hi <= other.hi)
    }
    pub fn fits(self, ty: Type) -> bool {
        self.is_within(Interval::full(ty))
    }
    pub fn join(self, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (_, true) => self,
            _ => Interval::new(self.lo.min(other.lo), self.hi.max(other.hi)),
        }
    }
    pub fn meet(self, other: Self) -> Self {
        let both = Interval::new(self.lo.max(other.lo), self.hi.min(other.hi));
        if both.is_empty() { Interval::EMPTY } else { both }
    }
    /// Without one number, if that is at an end.
    pub fn without(self, n: i128) -> Self {
        let lo = if self.lo == n { n.saturating_add(1) } else { self.lo };
        let hi = if self.hi == n { n.saturating_sub(1) } else { self.hi };
        Interval::new(lo, hi).meet(self)
    }
    pub fn is_natural(self) -> bool {
        self.lo >= 0
    }
    /// The same bits read as unsigned numbers of the type.
    fn unsigned(self, ty: Type) -> Self {
        let shift = ty.mask() as i128 + 1;
        match (self.lo >= 0, self.hi < 0) {
            (true, _) => self,
            (_, true) => Interval::new(self.lo + shift, self.hi + shift),
            _ => Interval::new(0, ty.mask() as i128),
        }
    }
    /// The greatest distance from zero.
    fn magnitude(self) -> i128 {
        self.lo.abs().max(self.hi.abs())
    }

    // ---- Exact arithmetic on up to 64 bits: no overflow in 128 ----

    pub fn add(self, o: Self) -> Self {
        Interval::new(self.lo + o.lo, self.hi + o.hi)
    }
    pub fn sub(self, o: Self) -> Self {
        Interval::new(self.lo - o.hi, self.hi - o.lo)
    }
    pub fn mul(self, o: Self) -> Self {
        corners(self, o, |x, y| x * y)
    }
}

/// The bounds of a function that is monotonic in each operand.
fn corners(a: Interval, b: Interval, f: impl Fn(i128, i128) -> i128) -> Interval {
    let all = [f(a.lo, b.lo), f(a.lo, b.hi), f(a.hi, b.lo), f(a.hi, b.hi)];
    let lo = all.iter().fold(all[0], |m, x| m.min(*x));
    Interval::new(lo, all.iter().fold(all[0], |m, x| m.max(*x)))
}

/// The least 2^k - 1 that is not less than `n`.
fn fill(n: i128) -> i128 {
    if n <= 0 { 0 } else { i128::MAX >> (n.leading_zeros() - 1) }
}

/// The interval of the exact result of checked or wrapping arithmetic.
pub(crate) fn exact(op: Opcode, a: Interval, b: Interval) -> Option<Interval> {
    Some(match op {
        Iadd | SaddOverflow => a.add(b),
        Isub | SsubOverflow => a.sub(b),
        Imul | SmulOverflow => a.mul(b),
        _ => return None,
    })
}

/// The result of a binary operation on type `ty` of at most 64 bits. Neither operand is empty.
pub(crate) fn binary(op: Opcode, ty: Type, a: Interval, b: Interval) -> Interval {
    let full = Interval::full(ty);
    let within = |x: Interval| if x.fits(ty) { x } else { full };
    if let Some(exact) = exact(op, a, b) {
        return within(exact);
    }
    match op {
        Sdiv => within(sdiv(ty, a, b)),
        Srem => srem(a, b).unwrap_or(full),
        Udiv => udiv(ty, a, b),
        Urem => urem(ty, a, b),
        Smin => Interval::new(a.lo.min(b.lo), a.hi.min(b.hi)),
        Smax => Interval::new(a.lo.max(b.lo), a.hi.max(b.hi)),
        Umin | Umax => unsigned_extremum(op, ty, a, b),
        Band | Bor | Bxor => logic(op, ty, a, b),
        Shl | Lshr | Ashr => shift(op, ty, a, b),
        _ => full,
    }
}

fn sdiv(ty: Type, a: Interval, b: Interval) -> Interval {
    match b.lo > 0 || b.hi < 0 {
        true => corners(a, b, |x, y| x / y).meet(Interval::full(ty)),
        // The divisor is not zero, so the quotient is no greater than the dividend. MIN / -1 traps.
        false => Interval::new(-a.magnitude(), a.magnitude()).meet(Interval::full(ty)),
    }
}

fn srem(a: Interval, b: Interval) -> Option<Interval> {
    let most = b.magnitude() - 1;
    let lo = if a.lo < 0 { a.lo.max(-most) } else { 0 };
    let hi = if a.hi > 0 { a.hi.min(most) } else { 0 };
    (most >= 0).then_some(Interval::new(lo, hi))
}

/// An interval of unsigned numbers as one of signed numbers with the same bits.
fn from_unsigned(ty: Type, x: Interval) -> Interval {
    if x.hi <= int_max(ty) { x } else { Interval::full(ty) }
}

fn udiv(ty: Type, a: Interval, b: Interval) -> Interval {
    let (a, b) = (a.unsigned(ty), b.unsigned(ty));
    from_unsigned(ty, Interval::new(a.lo / b.hi.max(1), a.hi / b.lo.max(1)))
}

fn urem(ty: Type, a: Interval, b: Interval) -> Interval {
    let (a, b) = (a.unsigned(ty), b.unsigned(ty));
    from_unsigned(ty, Interval::new(0, a.hi.min((b.hi - 1).max(0))))
}

fn unsigned_extremum(op: Opcode, ty: Type, a: Interval, b: Interval) -> Interval {
    let (a, b) = (a.unsigned(ty), b.unsigned(ty));
    from_unsigned(
        ty,
        match op {
            Umin => Interval::new(a.lo.min(b.lo), a.hi.min(b.hi)),
            _ => Interval::new(a.lo.max(b.lo), a.hi.max(b.hi)),
        },
    )
}

fn logic(op: Opcode, ty: Type, a: Interval, b: Interval) -> Interval {
    match (op, a.is_natural(), b.is_natural()) {
        (Band, true, true) => Interval::new(0, a.hi.min(b.hi)),
        (Band, true, false) => Interval::new(0, a.hi),
        (Band, false, true) => Interval::new(0, b.hi),
        (Bor, true, true) => Interval::new(a.lo.max(b.lo), fill(a.hi.max(b.hi))),
        (Bxor, true, true) => Interval::new(0, fill(a.hi.max(b.hi))),
        _ => Interval::full(ty),
    }
}

fn shift(op: Opcode, ty: Type, a: Interval, b: Interval) -> Interval {
    let full = Interval::full(ty);
    let amount = b.single().map(|n| n.rem_euclid(ty.bits() as i128) as u32);
    match (op, amount) {
        (Shl, Some(n)) => {
            let exact = a.mul(Interval::just(1 << n));
            if exact.fits(ty) { exact } else { full }
        }
        (Lshr, Some(n)) => {
            let a = a.unsigned(ty);
            from_unsigned(ty, Interval::new(a.lo >> n, a.hi >> n))
        }
        (Lshr, None) if a.is_natural() => Interval::new(0, a.hi),
        (Ashr, Some(n)) => Interval::new(a.lo >> n, a.hi >> n),
        (Ashr, None) => Interval::new(a.lo.min(0), a.hi.max(-1)),
        _ => full,
    }
}

/// The result of a unary operation or conversion to `ty` of a number of type `from`.
pub(crate) fn unary(op: Opcode, ty: Type, from: Type, a: Interval) -> Interval {
    let full = Interval::full(ty);
    let within = |x: Interval| if x.fits(ty) { x } else { full };
    match op {
        Ineg => within(Interval::new(-a.hi, -a.lo)),
        Bnot => Interval::new(-a.hi - 1, -a.lo - 1),
        Zext => a.unsigned(from),
        Sext => a,
        Trunc => within(a),
        Clz | Ctz | Popcnt => Interval::new(0, ty.bits() as i128),
        _ => full,
    }
}

/// Whether a comparison of numbers of type `ty` holds for all operands, or for none.
pub(crate) fn compare(op: Opcode, ty: Type, a: Interval, b: Interval) -> Option<bool> {
    let (ua, ub) = (a.unsigned(ty), b.unsigned(ty));
    match op {
        Eq if a.meet(b).is_empty() => Some(false),
        Eq => (a.single().is_some() && a == b).then_some(true),
        Ne => compare(Eq, ty, a, b).map(|holds| !holds),
        Slt => less(a, b),
        Sgt => less(b, a),
        Sge => less(a, b).map(|holds| !holds),
        Sle => less(b, a).map(|holds| !holds),
        Ult => less(ua, ub),
        Ugt => less(ub, ua),
        Uge => less(ua, ub).map(|holds| !holds),
        Ule => less(ub, ua).map(|holds| !holds),
        _ => None,
    }
}

fn less(a: Interval, b: Interval) -> Option<bool> {
    match (a.hi < b.lo, a.lo >= b.hi) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// What remains of the operands' intervals if the comparison holds.
pub(crate) fn assume(op: Opcode, a: Interval, b: Interval) -> (Interval, Interval) {
    let below = |hi: i128| Interval::new(i128::MIN, hi);
    let above = |lo: i128| Interval::new(lo, i128::MAX);
    let swapped = |op| {
        let (b, a) = assume(op, b, a);
        (a, b)
    };
    match op {
        Eq => (a.meet(b), a.meet(b)),
        Ne => (b.single().map_or(a, |n| a.without(n)), a.single().map_or(b, |n| b.without(n))),
        Slt => (a.meet(below(b.hi - 1)), b.meet(above(a.lo + 1))),
        Sle => (a.meet(below(b.hi)), b.meet(above(a.lo))),
        // Unsigned less than a natural number: natural itself.
        Ult if b.is_natural() => (a.meet(Interval::new(0, b.hi - 1)), b.meet(above(a.lo.max(0) + 1))),
        Ule if b.is_natural() => (a.meet(Interval::new(0, b.hi)), b.meet(above(a.lo.max(0)))),
        Sgt => swapped(Slt),
        Sge => swapped(Sle),
        Ugt => swapped(Ult),
        Uge => swapped(Ule),
        _ => (a, b),
    }
}

/// What remains of the operands of checked arithmetic that did not overflow.
pub(crate) fn assume_exact(op: Opcode, ty: Type, a: Interval, b: Interval) -> (Interval, Interval) {
    let full = Interval::full(ty);
    match op {
        SaddOverflow => (a.meet(full.sub(b)), b.meet(full.sub(a))),
        SsubOverflow => (a.meet(full.add(b)), b.meet(a.sub(full))),
        SmulOverflow => (a.meet(factor(full, b)), b.meet(factor(full, a))),
        _ => (a, b),
    }
}

/// What a number may be whose product with one of `by` is in `product`.
fn factor(product: Interval, by: Interval) -> Interval {
    let least = match (by.lo > 0, by.hi < 0) {
        (true, _) => by.lo,
        (_, true) => -by.hi,
        _ => return Interval::new(i128::MIN, i128::MAX),
    };
    // |x| * least <= |x * by| <= 2^(width-1)
    Interval::new(product.lo / least, -(product.lo / least))
}

#[cfg(test)]
mod tests;
