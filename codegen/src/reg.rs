//! A register as machine instructions name it: virtual before allocation; physical, or a spill slot
//! where the operand allowed one, after.

use pyexec_regalloc::{Alloc, PReg, RegClass, VReg};
use std::fmt;

/// Virtual register, physical register or spill slot in one word.
///
/// ```text
///   31 30 29..............1  0
///   0  |  index of the vreg  | class
///   1  0  0 ... preg index (7 bits)
///   1  1  spill slot            (all ones: none)
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reg(u32);

const PHYSICAL: u32 = 1 << 31;
const SPILL: u32 = 3 << 30;

impl Reg {
    /// No register: an operand field that this form of an instruction does not use.
    pub const NONE: Reg = Reg(u32::MAX);

    /// A virtual register.
    pub const fn from_vreg(vreg: VReg) -> Self {
        Self((vreg.index() as u32) << 1 | vreg.class() as u32)
    }
    /// A physical register.
    pub const fn from_preg(preg: PReg) -> Self {
        Self(PHYSICAL | preg.index() as u32)
    }
    /// A spill slot: only where the operand's constraint was `Any` or `Stack`.
    pub const fn from_spill(slot: u32) -> Self {
        Self(SPILL | slot)
    }
    /// The place that the allocator chose.
    pub const fn from_alloc(alloc: Alloc) -> Self {
        match alloc {
            Alloc::Reg(reg) => Self::from_preg(reg),
            Alloc::Stack(slot) => Self::from_spill(slot),
        }
    }
    /// The spill slot, if it is one.
    pub const fn spill(self) -> Option<u32> {
        if self.is_none() || self.0 & SPILL != SPILL { None } else { Some(self.0 & !SPILL) }
    }
    /// Whether this is [`Reg::NONE`].
    pub const fn is_none(self) -> bool {
        self.0 == u32::MAX
    }
    /// The virtual register, if it is one.
    pub const fn vreg(self) -> Option<VReg> {
        if self.0 & PHYSICAL != 0 {
            return None;
        }
        let class = if self.0 & 1 == 0 { RegClass::Int } else { RegClass::Float };
        Some(VReg::new(self.0 >> 1, class))
    }
    /// The physical register, if it is one.
    pub const fn preg(self) -> Option<PReg> {
        if self.0 & SPILL != PHYSICAL { None } else { Some(PReg::from_index((self.0 & 127) as usize)) }
    }
    /// The class; `None` for [`Reg::NONE`] and spill slots.
    pub const fn class(self) -> Option<RegClass> {
        match (self.vreg(), self.preg()) {
            (Some(v), _) => Some(v.class()),
            (_, Some(p)) => Some(p.class()),
            _ => None,
        }
    }
    /// The hardware number of a physical register.
    ///
    /// # Panics
    /// If the register is virtual or none: allocation has not run.
    pub const fn number(self) -> u8 {
        self.preg().expect("invariant: registers are physical when encoded").number()
    }
}

impl From<VReg> for Reg {
    fn from(vreg: VReg) -> Self {
        Self::from_vreg(vreg)
    }
}

impl From<PReg> for Reg {
    fn from(preg: PReg) -> Self {
        Self::from_preg(preg)
    }
}

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.vreg(), self.preg()) {
            (Some(v), _) => fmt::Display::fmt(&v, f),
            (_, Some(p)) => fmt::Display::fmt(&p, f),
            _ => match self.spill() {
                Some(slot) => write!(f, "slot{slot}"),
                None => f.write_str("-"),
            },
        }
    }
}
