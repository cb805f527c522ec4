//! What an instruction's operands are: widths, conditions, shifts, extensions, memory operands.

use crate::regs;
use pyexec_codegen::Reg;
use pyexec_regalloc::RegClass;
use std::fmt;

/// How many bits an instruction works on: w or x registers, s or d registers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Width {
    /// 32 bits: the upper half of a general register becomes zero.
    W32,
    /// 64 bits.
    W64,
}

impl Width {
    /// Both.
    pub const ALL: [Width; 2] = [Width::W32, Width::W64];

    /// In bits.
    pub const fn bits(self) -> u32 {
        match self {
            Width::W32 => 32,
            Width::W64 => 64,
        }
    }
    /// In bytes.
    pub const fn bytes(self) -> u32 {
        self.bits() / 8
    }
    /// The narrower one that holds `bits` bits, at most 64.
    pub const fn for_bits(bits: u32) -> Self {
        if bits <= 32 { Width::W32 } else { Width::W64 }
    }
}

/// A condition on the flags, by its number (Arm ARM C1.2.4, table C1-1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Cc {
    Eq = 0,
    Ne = 1,
    Hs = 2,
    Lo = 3,
    Mi = 4,
    Pl = 5,
    Vs = 6,
    Vc = 7,
    Hi = 8,
    Ls = 9,
    Ge = 10,
    Lt = 11,
    Gt = 12,
    Le = 13,
    Al = 14,
    Nv = 15,
}

impl Cc {
    /// All sixteen by number.
    #[rustfmt::skip]
    pub const ALL: [Cc; 16] = [
        Cc::Eq, Cc::Ne, Cc::Hs, Cc::Lo, Cc::Mi, Cc::Pl, Cc::Vs, Cc::Vc,
        Cc::Hi, Cc::Ls, Cc::Ge, Cc::Lt, Cc::Gt, Cc::Le, Cc::Al, Cc::Nv,
    ];
    /// The condition that holds exactly when this one does not. (`al` and `nv` both hold always.)
    #[must_use]
    pub const fn negate(self) -> Self {
        Cc::ALL[self as usize ^ 1]
    }
    /// The condition after exchanging the operands of an integer comparison.
    #[must_use]
    pub const fn swap(self) -> Self {
        match self {
            Cc::Hs => Cc::Ls,
            Cc::Ls => Cc::Hs,
            Cc::Lo => Cc::Hi,
            Cc::Hi => Cc::Lo,
            Cc::Ge => Cc::Le,
            Cc::Le => Cc::Ge,
            Cc::Lt => Cc::Gt,
            Cc::Gt => Cc::Lt,
            other => other,
        }
    }
    /// As assembly spells it.
    pub const fn name(self) -> &'static str {
        const NAMES: [&str; 16] =
            ["eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"];
        NAMES[self as usize]
    }
    /// The condition with this number (modulo 16).
    pub const fn from_number(number: u8) -> Self {
        Cc::ALL[(number & 15) as usize]
    }
}

/// What happens to a shifted register operand, by its number (Arm ARM C6.1.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Shift {
    Lsl = 0,
    Lsr = 1,
    Asr = 2,
    Ror = 3,
}

/// How a narrower register operand is widened, by its number (Arm ARM C6.1.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Extend {
    Uxtb = 0,
    Uxth = 1,
    Uxtw = 2,
    Uxtx = 3,
    Sxtb = 4,
    Sxth = 5,
    Sxtw = 6,
    Sxtx = 7,
}

impl Extend {
    /// The extension from a width of 8, 16, 32 or 64 bits.
    pub const fn from(bits: u32, signed: bool) -> Self {
        match (bits, signed) {
            (0..=8, false) => Extend::Uxtb,
            (9..=16, false) => Extend::Uxth,
            (17..=32, false) => Extend::Uxtw,
            (_, false) => Extend::Uxtx,
            (0..=8, true) => Extend::Sxtb,
            (9..=16, true) => Extend::Sxth,
            (17..=32, true) => Extend::Sxtw,
            (_, true) => Extend::Sxtx,
        }
    }
}

/// The names of shifts, by number.
pub const SHIFT_NAMES: [&str; 4] = ["lsl", "lsr", "asr", "ror"];
/// The names of extensions, by number.
pub const EXTEND_NAMES: [&str; 8] = ["uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"];

/// Where a memory operand's address starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// A register.
    Reg(Reg),
    /// A stack slot of the function; becomes sp + offset when the frame is laid out.
    Slot(u32),
    /// The area where the caller put our stack arguments.
    Incoming,
    /// The area where we put stack arguments of our calls (lowest part of the frame).
    Outgoing,
    /// A spill slot of the register allocator.
    Spill(u32),
}

/// A memory operand: base + displacement, or base + extended index, scaled by the access or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amode {
    /// Where it starts.
    pub base: Base,
    /// Index register, or [`Reg::NONE`].
    pub index: Reg,
    /// How the index is widened: `Uxtx` (plain 64 bits), `Uxtw` or `Sxtw`.
    pub extend: Extend,
    /// Whether the index counts elements of the access's size.
    pub scaled: bool,
    /// Constant part; may go with an index only if the base is not a register.
    pub disp: i32,
}

impl Amode {
    /// Base with displacement.
    pub const fn new(base: Base, disp: i32) -> Self {
        Self { base, index: Reg::NONE, extend: Extend::Uxtx, scaled: false, disp }
    }
    /// A register with displacement.
    pub const fn reg(base: Reg, disp: i32) -> Self {
        Self::new(Base::Reg(base), disp)
    }
    /// The displacement moved by `delta`, unless it leaves 32 bits.
    pub fn offset(self, delta: i64) -> Option<Self> {
        let disp = i32::try_from(i64::from(self.disp) + delta).ok()?;
        Some(Self { disp, ..self })
    }
}

/// A register at a width: `w0`, or `vr5:32` before allocation.
pub(crate) fn reg_text(reg: Reg, width: Width) -> String {
    match reg.preg() {
        Some(p) => regs::name(p, width),
        None if width == Width::W64 => format!("{reg:?}"),
        None => format!("{reg:?}:32"),
    }
}

impl fmt::Display for Amode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        match self.base {
            Base::Reg(r) => f.write_str(&reg_text(r, Width::W64))?,
            Base::Slot(n) => write!(f, "ss{n}")?,
            Base::Incoming => f.write_str("incoming")?,
            Base::Outgoing => f.write_str("outgoing")?,
            Base::Spill(n) => write!(f, "spill{n}")?,
        }
        if !self.index.is_none() {
            let width = if self.extend == Extend::Uxtx { Width::W64 } else { Width::W32 };
            write!(f, ", {}", reg_text(self.index, width))?;
            write!(f, ", {}", EXTEND_NAMES[self.extend as usize])?;
            if self.scaled {
                f.write_str(" #s")?;
            }
        }
        if self.disp != 0 {
            write!(f, ", #{}", self.disp)?;
        }
        f.write_str("]")
    }
}

/// What a conditional branch tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Test {
    /// The flags.
    Flags(Cc),
    /// Whether a register is zero, or is not.
    Zero {
        /// Which.
        reg: Reg,
        /// How much of it.
        width: Width,
        /// Whether the test holds for zero.
        zero: bool,
    },
    /// Whether a bit is set, or is clear.
    Bit {
        /// Of this register.
        reg: Reg,
        /// Counted from the lowest.
        bit: u8,
        /// Whether the test holds for 1.
        set: bool,
    },
}

impl Test {
    /// The test that holds exactly when this one does not.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Test::Flags(cc) => Test::Flags(cc.negate()),
            Test::Zero { reg, width, zero } => Test::Zero { reg, width, zero: !zero },
            Test::Bit { reg, bit, set } => Test::Bit { reg, bit, set: !set },
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Flags(cc) => f.write_str(cc.name()),
            Test::Zero { reg, width, zero } => {
                write!(f, "{}:{}", if *zero { "z" } else { "nz" }, reg_text(*reg, *width))
            }
            Test::Bit { reg, bit, set } => {
                write!(f, "{}:{}.{bit}", if *set { "b" } else { "nb" }, reg_text(*reg, Width::W64))
            }
        }
    }
}

/// The class of registers that an access loads or stores.
pub const fn class_of(float: bool) -> RegClass {
    if float { RegClass::Float } else { RegClass::Int }
}
