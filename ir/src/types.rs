//! The types of values: scalars a register can hold.

use std::fmt;
use std::str::FromStr;

/// The type of an SSA value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// 8-bit integer; also the result of comparisons (0 or 1).
    I8,
    /// 16-bit integer.
    I16,
    /// 32-bit integer.
    I32,
    /// 64-bit integer; also addresses on 64-bit targets.
    I64,
    /// 128-bit integer.
    I128,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

impl Type {
    /// Every type, in order.
    pub const ALL: [Type; 7] = [Type::I8, Type::I16, Type::I32, Type::I64, Type::I128, Type::F32, Type::F64];
    /// The integer types, narrow to wide.
    pub const INTS: [Type; 5] = [Type::I8, Type::I16, Type::I32, Type::I64, Type::I128];
    /// The float types, narrow to wide.
    pub const FLOATS: [Type; 2] = [Type::F32, Type::F64];

    /// Width in bits.
    pub const fn bits(self) -> u32 {
        match self {
            Type::I8 => 8,
            Type::I16 => 16,
            Type::I32 | Type::F32 => 32,
            Type::I64 | Type::F64 => 64,
            Type::I128 => 128,
        }
    }
    /// Width in bytes; also the natural alignment.
    pub const fn bytes(self) -> u32 {
        self.bits() / 8
    }
    /// Whether it is one of the integers.
    pub const fn is_int(self) -> bool {
        !self.is_float()
    }
    /// Whether it is one of the floats.
    pub const fn is_float(self) -> bool {
        matches!(self, Type::F32 | Type::F64)
    }
    /// All bits that a value of this type may have set.
    pub const fn mask(self) -> u128 {
        u128::MAX >> (128 - self.bits())
    }
    /// The name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Type::I8 => "i8",
            Type::I16 => "i16",
            Type::I32 => "i32",
            Type::I64 => "i64",
            Type::I128 => "i128",
            Type::F32 => "f32",
            Type::F64 => "f64",
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Type {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Type::ALL.into_iter().find(|t| t.name() == text).ok_or(())
    }
}
