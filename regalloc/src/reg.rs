//! Registers, real and virtual, as every target counts them.

use std::fmt;

/// A bank of registers that do not hold each other's values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RegClass {
    /// General purpose.
    Int = 0,
    /// Floating point and vector.
    Float = 1,
}

/// A physical register: class and the number the hardware encodes (0..=63).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PReg(u8);

impl PReg {
    /// The register `number` (below 64) of `class`.
    pub const fn new(number: u8, class: RegClass) -> Self {
        assert!(number < 64, "a class has 64 registers at most");
        Self((class as u8) << 6 | number)
    }
    /// The number as the hardware encodes it.
    pub const fn number(self) -> u8 {
        self.0 & 63
    }
    /// Its class.
    pub const fn class(self) -> RegClass {
        if self.0 & 64 == 0 { RegClass::Int } else { RegClass::Float }
    }
    /// Dense over both classes, below 128.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
    /// The inverse of [`index`](Self::index).
    pub const fn from_index(index: usize) -> Self {
        assert!(index < 128, "128 registers at most");
        Self(index as u8)
    }
}

impl fmt::Display for PReg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.class() == RegClass::Int { 'p' } else { 'f' };
        write!(f, "{prefix}{}", self.number())
    }
}

impl fmt::Debug for PReg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A virtual register: dense index and class.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VReg(u32);

impl VReg {
    /// No virtual register.
    pub const NONE: VReg = VReg(u32::MAX);

    /// The virtual register `index` (below 2^21, regalloc2's limit).
    pub const fn new(index: u32, class: RegClass) -> Self {
        Self(index << 1 | class as u32)
    }
    /// Its dense index.
    pub const fn index(self) -> usize {
        (self.0 >> 1) as usize
    }
    /// Its class.
    pub const fn class(self) -> RegClass {
        if self.0 & 1 == 0 { RegClass::Int } else { RegClass::Float }
    }
}

impl fmt::Display for VReg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = if self.class() == RegClass::Int { "" } else { "f" };
        write!(f, "vr{}{suffix}", self.index())
    }
}

impl fmt::Debug for VReg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of physical registers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PRegSet([u64; 2]);

impl PRegSet {
    /// No register.
    pub const EMPTY: PRegSet = PRegSet([0; 2]);
    /// With one more register.
    #[must_use]
    pub const fn with(mut self, reg: PReg) -> Self {
        self.0[reg.index() / 64] |= 1 << (reg.index() % 64);
        self
    }
    /// Without one register.
    #[must_use]
    pub const fn without(mut self, reg: PReg) -> Self {
        self.0[reg.index() / 64] &= !(1 << (reg.index() % 64));
        self
    }
    /// Adds a register.
    pub fn insert(&mut self, reg: PReg) {
        *self = self.with(reg);
    }
    /// Removes a register.
    pub fn remove(&mut self, reg: PReg) {
        *self = self.without(reg);
    }
    /// Whether `reg` is in the set.
    pub const fn contains(self, reg: PReg) -> bool {
        self.0[reg.index() / 64] >> (reg.index() % 64) & 1 == 1
    }
    /// All registers of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }
    /// The registers of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self([self.0[0] & other.0[0], self.0[1] & other.0[1]])
    }
    /// The registers of this set that are not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self([self.0[0] & !other.0[0], self.0[1] & !other.0[1]])
    }
    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0[0] | self.0[1] == 0
    }
    /// How many there are.
    pub const fn len(self) -> usize {
        (self.0[0].count_ones() + self.0[1].count_ones()) as usize
    }
    /// The registers, ascending.
    pub fn iter(self) -> impl Iterator<Item = PReg> {
        let mut words = self.0;
        std::iter::from_fn(move || {
            let word = usize::from(words[0] == 0);
            let bit = words[word].trailing_zeros() as usize;
            words[word] &= words[word].wrapping_sub(1);
            (bit < 64).then(|| PReg::from_index(64 * word + bit))
        })
    }
}

impl FromIterator<PReg> for PRegSet {
    fn from_iter<I: IntoIterator<Item = PReg>>(iter: I) -> Self {
        iter.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for PRegSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
