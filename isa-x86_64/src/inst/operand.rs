//! What an instruction's operands are: widths, condition codes, memory operands.

use crate::regs;
use pyexec_codegen::Reg;
use std::fmt::{self, Write as _};

/// How many bits an integer instruction works on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Width {
    /// 8 bits: the upper bits of the register stay.
    B8,
    /// 16 bits (prefix 66): the upper bits of the register stay.
    B16,
    /// 32 bits: the upper half of the register becomes zero.
    B32,
    /// 64 bits (REX.W).
    B64,
}

impl Width {
    /// Every width.
    pub const ALL: [Width; 4] = [Width::B8, Width::B16, Width::B32, Width::B64];

    /// In bits.
    pub const fn bits(self) -> u32 {
        8 << self as u32
    }
    /// In bytes.
    pub const fn bytes(self) -> u32 {
        1 << self as u32
    }
    /// The narrowest width that holds `bits` bits, at most 64.
    pub const fn for_bits(bits: u32) -> Self {
        match bits {
            0..=8 => Width::B8,
            9..=16 => Width::B16,
            17..=32 => Width::B32,
            _ => Width::B64,
        }
    }
    /// At least 32: registers are cheaper to use whole (no partial-register merges, no prefix).
    pub const fn at_least_32(self) -> Self {
        match self {
            Width::B64 => Width::B64,
            _ => Width::B32,
        }
    }
}

/// A condition on EFLAGS, by the number the opcode carries (SDM vol. 1, appendix B).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Cc {
    O = 0,
    No = 1,
    B = 2,
    Ae = 3,
    E = 4,
    Ne = 5,
    Be = 6,
    A = 7,
    S = 8,
    Ns = 9,
    P = 10,
    Np = 11,
    L = 12,
    Ge = 13,
    Le = 14,
    G = 15,
}

impl Cc {
    /// All sixteen by number.
    pub const ALL: [Cc; 16] = [
        Cc::O,
        Cc::No,
        Cc::B,
        Cc::Ae,
        Cc::E,
        Cc::Ne,
        Cc::Be,
        Cc::A,
        Cc::S,
        Cc::Ns,
        Cc::P,
        Cc::Np,
        Cc::L,
        Cc::Ge,
        Cc::Le,
        Cc::G,
    ];
    /// The condition that holds exactly when this one does not.
    #[must_use]
    pub const fn negate(self) -> Self {
        Cc::ALL[self as usize ^ 1]
    }
    /// The condition after exchanging the operands of the comparison.
    #[must_use]
    pub const fn swap(self) -> Self {
        match self {
            Cc::B => Cc::A,
            Cc::A => Cc::B,
            Cc::Ae => Cc::Be,
            Cc::Be => Cc::Ae,
            Cc::L => Cc::G,
            Cc::G => Cc::L,
            Cc::Le => Cc::Ge,
            Cc::Ge => Cc::Le,
            other => other,
        }
    }
    /// The suffix of jcc, setcc and cmovcc.
    pub const fn name(self) -> &'static str {
        const NAMES: [&str; 16] =
            ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];
        NAMES[self as usize]
    }
    /// The condition with this number (modulo 16).
    pub const fn from_number(number: i64) -> Self {
        Cc::ALL[(number & 15) as usize]
    }
}

/// Where a memory operand's address starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// Nothing: index and displacement only.
    None,
    /// A register.
    Reg(Reg),
    /// A stack slot of the function; becomes rsp + offset when the frame is laid out.
    Slot(u32),
    /// The area where the caller put our stack arguments.
    Incoming,
    /// The area where we put stack arguments of our calls (lowest part of the frame).
    Outgoing,
    /// A spill slot of the register allocator.
    Spill(u32),
    /// RIP-relative: a constant of 4, 8 or 16 bytes behind the code. Its low 64 bits are the
    /// instruction's `imm`; 16 bytes are those twice.
    Pool(u8),
    /// RIP-relative: a symbol through a relocation; see [`symbols`](crate::symbols).
    Symbol(u32),
    /// RIP-relative: the symbol's entry in the global offset table, which holds its address.
    Got(u32),
}

/// A memory operand: base + index * 2^shift + displacement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amode {
    /// Where it starts.
    pub base: Base,
    /// Scaled register, or [`Reg::NONE`]. Never rsp. Not with a RIP-relative base.
    pub index: Reg,
    /// Logarithm of the scale, 0 to 3.
    pub shift: u8,
    /// Constant part.
    pub disp: i32,
}

impl Amode {
    /// Base with displacement.
    pub const fn new(base: Base, disp: i32) -> Self {
        Self { base, index: Reg::NONE, shift: 0, disp }
    }
    /// A register with displacement.
    pub const fn reg(base: Reg, disp: i32) -> Self {
        Self::new(Base::Reg(base), disp)
    }
    /// A register plus a scaled one.
    pub const fn indexed(base: Reg, index: Reg, shift: u8, disp: i32) -> Self {
        Self { base: Base::Reg(base), index, shift, disp }
    }
    /// The displacement moved by `delta`, unless it leaves 32 bits.
    pub fn offset(self, delta: i64) -> Option<Self> {
        let disp = i32::try_from(i64::from(self.disp) + delta).ok()?;
        Some(Self { disp, ..self })
    }
}

/// The operand that ModRM.rm encodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rm {
    /// A register ([`Reg::NONE`] if the row has no such operand).
    Reg(Reg),
    /// Memory.
    Mem(Amode),
}

impl Rm {
    /// No operand.
    pub const NONE: Rm = Rm::Reg(Reg::NONE);

    /// Whether it is memory.
    pub const fn is_mem(self) -> bool {
        matches!(self, Rm::Mem(_))
    }
}

impl From<Reg> for Rm {
    fn from(reg: Reg) -> Self {
        Rm::Reg(reg)
    }
}

impl From<Amode> for Rm {
    fn from(mem: Amode) -> Self {
        Rm::Mem(mem)
    }
}

/// A register at a width: `eax`, or `vr5:32` before allocation.
pub(crate) fn write_reg(out: &mut String, reg: Reg, width: Width) {
    let _ = match reg.preg() {
        Some(p) => out.write_str(regs::name(p, width)),
        None if width == Width::B64 => write!(out, "{reg:?}"),
        None => write!(out, "{reg:?}:{}", width.bits()),
    };
}

impl fmt::Display for Amode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = String::new();
        match self.base {
            Base::None => {}
            Base::Reg(r) => write_reg(&mut parts, r, Width::B64),
            Base::Slot(n) => write!(parts, "ss{n}")?,
            Base::Incoming => parts.push_str("incoming"),
            Base::Outgoing => parts.push_str("outgoing"),
            Base::Spill(n) => write!(parts, "spill{n}")?,
            Base::Pool(bytes) => write!(parts, "rip+pool{bytes}")?,
            Base::Symbol(n) => write!(parts, "rip+sym{n}")?,
            Base::Got(n) => write!(parts, "rip+got{n}")?,
        }
        if !self.index.is_none() {
            if !parts.is_empty() {
                parts.push('+');
            }
            write_reg(&mut parts, self.index, Width::B64);
            if self.shift > 0 || parts.is_empty() || matches!(self.base, Base::None) {
                write!(parts, "*{}", 1 << self.shift)?;
            }
        }
        if self.disp != 0 || parts.is_empty() {
            let sign = if self.disp < 0 {
                "-"
            } else if parts.is_empty() {
                ""
            } else {
                "+"
            };
            parts.push_str(sign);
            parts.push_str(&hex_above_9(self.disp.unsigned_abs().into()));
        }
        write!(f, "[{parts}]")
    }
}

/// Decimal below 10, else hexadecimal, as the disassembler writes numbers.
pub(crate) fn hex_above_9(value: u64) -> String {
    if value < 10 { value.to_string() } else { format!("{value:#x}") }
}
