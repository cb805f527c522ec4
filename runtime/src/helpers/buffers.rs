//! Buffers that compiled code makes.
//!
//! ```text
//! alive:  [ a0 a1 | a2 a3 a4 ]     keep(an address in a3); sweep(2)   =>   [ a0 a1 | a3 ]
//! ```
//!
//! They are kept in the order in which they were made, so the buffers that a function has made are those above a
//! mark. An address keeps a buffer if it is in it or at its end, where empty views begin; should another buffer
//! begin there, that stays too until the next sweep.

use crate::{Raise, State};
use pyexec_ir::rt::Exc;
use std::alloc::{Layout, alloc_zeroed, dealloc};

/// Alignment of every buffer: what the widest vectors of a cache line want.
const ALIGN: usize = 64;

/// The buffers that are alive.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    alive: Vec<Buffer>,
    kept: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct Buffer {
    address: u64,
    size: u64,
    /// In the memory of the process, not of the interpreter.
    is_native: bool,
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // What lies in the interpreter's memory goes with that.
        self.alive.drain(..).filter(|buffer| buffer.is_native).for_each(|buffer| Process.free(&buffer));
    }
}

/// Where buffers come from.
pub(super) trait Heap {
    const IS_NATIVE: bool;
    /// New memory of zeros; the size is not 0.
    fn allocate(&mut self, size: u64) -> Option<u64>;
    fn free(&mut self, buffer: &Buffer);
}

/// The memory of the process.
pub(super) struct Process;

impl Process {
    fn layout(size: u64) -> Option<Layout> {
        Layout::from_size_align(usize::try_from(size).ok()?, ALIGN).ok()
    }
}

impl Heap for Process {
    const IS_NATIVE: bool = true;
    fn allocate(&mut self, size: u64) -> Option<u64> {
        // SAFETY: the size is not 0.
        let address = unsafe { alloc_zeroed(Self::layout(size)?) };
        (!address.is_null()).then_some(address as u64)
    }
    fn free(&mut self, buffer: &Buffer) {
        let Some(layout) = Self::layout(buffer.size) else { return };
        // SAFETY: it came from `allocate` with this layout, and leaves the list of those alive as it is freed.
        unsafe { dealloc(buffer.address as *mut u8, layout) }
    }
}

/// The memory of the interpreter.
pub(super) struct Simulated<'a>(pub &'a mut dyn super::HostMemory);

impl Heap for Simulated<'_> {
    const IS_NATIVE: bool = false;
    fn allocate(&mut self, size: u64) -> Option<u64> {
        self.0.allocate(size)
    }
    fn free(&mut self, buffer: &Buffer) {
        self.0.free(buffer.address);
    }
}

pub(super) fn zeros<H: Heap>(
    state: &mut State,
    heap: &mut H,
    rows: i64,
    columns: i64,
    size: i64,
) -> Result<i64, Raise> {
    if rows < 0 || columns < 0 {
        return Err(Raise::new(Exc::ValueError, "negative dimensions are not allowed"));
    }
    let bytes = rows.checked_mul(columns).and_then(|count| count.checked_mul(size));
    let memory = || Raise::new(Exc::MemoryError, "");
    // Even an empty buffer has an address of its own.
    let size = bytes.ok_or_else(memory)?.max(1) as u64;
    let address = heap.allocate(size).ok_or_else(memory)?;
    state.buffers.alive.push(Buffer { address, size, is_native: H::IS_NATIVE });
    Ok(address as i64)
}

pub(super) fn mark(state: &mut State) -> i64 {
    state.buffers.alive.len() as i64
}

pub(super) fn keep(state: &mut State, address: i64) {
    state.buffers.kept.push(address as u64);
}

pub(super) fn sweep<H: Heap>(state: &mut State, heap: &mut H, mark: i64) {
    let Buffers { alive, kept } = &mut state.buffers;
    let mut index = 0;
    alive.retain(|buffer| {
        let is_below = index < mark;
        index += 1;
        let within = |address: &u64| (buffer.address..=buffer.address + buffer.size).contains(address);
        let stays = is_below || kept.iter().any(within);
        if !stays {
            heap.free(buffer);
        }
        stays
    });
    kept.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Capture, Stream};

    #[test]
    fn a_sweep_frees_what_is_above_the_mark_and_not_kept() {
        let mut state = State::new(Stream::capture(Capture::default()), Stream::capture(Capture::default()));
        let make = |state: &mut State, n| zeros(state, &mut Process, n, 1, 8).expect("there is memory");
        let first = make(&mut state, 4);
        let [_, third] = [3, 5].map(|n| make(&mut state, n));
        keep(&mut state, third + 16);
        sweep(&mut state, &mut Process, 1);
        let alive: Vec<i64> = state.buffers.alive.iter().map(|b| b.address as i64).collect();
        assert_eq!(alive, [first, third]);
        sweep(&mut state, &mut Process, 1);
        assert_eq!(mark(&mut state), 1);
        let wrong = zeros(&mut state, &mut Process, -1, 1, 8).expect_err("negative");
        assert_eq!(wrong.kind, Exc::ValueError);
        let large = zeros(&mut state, &mut Process, i64::MAX, 2, 8).expect_err("too large");
        assert_eq!(large.kind, Exc::MemoryError);
    }
}
