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

impl FrameLayout {
    /// Lays a frame out. `None` if it is larger than 1 GiB.
    pub fn compute(rules: &FrameRules, needs: &FrameNeeds) -> Option<Self> {
        let mut at = u64::from(needs.outgoing);
        let spill_base = at.next_multiple_of(8);
        at = spill_base + 8 * u64::from(needs.spill_slots);
        let mut slots = Vec::with_capacity(needs.slots.len());
        // Where there is no red zone the stack pointer moves, and stays aligned, in every function.
        let mut align = if needs.calls || rules.red_zone == 0 { rules.stack_align } else { 8 };
        for slot in &needs.slots {
            at = at.next_multiple_of(u64::from(slot.align.max(1)));
            slots.push(at as i32);
            at += u64::from(slot.size);
            align = align.max(slot.align);
        }
        let above = 8 * needs.saved.len() as u64 + u64::from(rules.fixed_bytes);
        let total = (at.next_multiple_of(8) + above).next_multiple_of(u64::from(align));
        if total > 1 << 30 {
            return None;
        }
        let local = total - above;
        let mut layout = Self {
            slots,
            spill_base: spill_base as i32,
            saved: needs.saved.clone(),
            local: local as u32,
            total: total as u32,
        };
        if !needs.calls && !needs.exact_sp && local <= u64::from(rules.red_zone) {
            layout.use_red_zone();
        }
        Some(layout)
    }

    /// Leaves the stack pointer where it is: everything keeps its address, so offsets become negative.
    fn use_red_zone(&mut self) {
        let local = self.local as i32;
        self.slots.iter_mut().for_each(|slot| *slot -= local);
        self.spill_base -= local;
        self.total -= self.local;
        self.local = 0;
    }
}
