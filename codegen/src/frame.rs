//! The stack frame: what lies where, relative to the stack pointer in the body of the function.
//!
//! ```text
//!   higher addresses
//!   | incoming stack arguments   |  incoming(0)
//!   | return address, saved fp   |  FrameRules::fixed_bytes
//!   | callee-saved registers     |  saved
//!   | stack slots                |  slot(s)
//!   | spill slots                |  spill(n)
//!   | outgoing arguments         |  0 = the stack pointer
//!   lower addresses
//! ```

use pyexec_ir::{Slot, SlotData};
use pyexec_regalloc::PReg;

/// What a target's frames have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameRules {
    /// Alignment of the stack pointer at calls: a power of two.
    pub stack_align: u32,
    /// Bytes between the callee-saved registers and the incoming arguments: return address, and the
    /// saved frame pointer if there is one.
    pub fixed_bytes: u32,
    /// Bytes below the stack pointer that a function without calls may use.
    pub red_zone: u32,
}

/// What one function needs of its frame.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FrameNeeds {
    /// The IR's stack slots, by id.
    pub slots: Vec<SlotData>,
    /// Spill slots of 8 bytes.
    pub spill_slots: u32,
    /// Size of the largest stack area of any call.
    pub outgoing: u32,
    /// Whether anything is called.
    pub calls: bool,
    /// Whether the stack pointer's value is read, so that it must be below the whole frame.
    pub exact_sp: bool,
    /// The callee-saved registers that the function writes, in the order in which they are pushed.
    pub saved: Vec<PReg>,
}

/// The offsets of everything in the frame.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct FrameLayout {
    pub(crate) slots: Vec<i32>,
    pub(crate) spill_base: i32,
    pub(crate) saved: Vec<PReg>,
    pub(crate) local: u32,
    pub(crate) total: u32,
}

impl FrameLayout {
    /// Bytes to subtract from the stack pointer after the callee-saved registers have been pushed.
    pub fn local_size(&self) -> u32 {
        self.local
    }
    /// Distance from the stack pointer in the body to the incoming arguments.
    pub fn total_size(&self) -> u32 {
        self.total
    }
    /// The callee-saved registers, in the order in which they are pushed: the first lies highest.
    pub fn saved(&self) -> &[PReg] {
        &self.saved
    }
    /// Offset from the stack pointer of a stack slot. May be negative (red zone).
    pub fn slot(&self, slot: Slot) -> i32 {
        self.slots[slot.as_u32() as usize]
    }
    /// Offset from the stack pointer of a spill slot. May be negative (red zone).
    pub fn spill(&self, slot: u32) -> i32 {
        self.spill_base + 8 * slot as i32
    }
    /// Offset from the stack pointer of the incoming stack area's byte `offset`.
    pub fn incoming(&self, offset: u32) -> i32 {
        (self.total + offset) as i32
    }
}
