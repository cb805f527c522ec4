//! Simulated memory: objects with gaps between them.
//!
//! ```text
//! bit 63..60   59..32          31..0
//! 0            object + 1      offset       globals and what the host allocates
//! 2            0               function*16  functions: nothing can be read or written there
//! 4            object          offset       stack slots of the frames that are alive
//! 6            stack pointer, downward: only to be compared, no memory is there
//! ```
//!
//! No object is larger than 1 GiB, so an address that leaves its object, even by the largest offset, is
//! in no object. An object that ended leaves its number to the next one.

use crate::{FuncId, TrapCode};
use pyexec_base::EntityId;

const STACK: u64 = 4 << 60;
const FUNCTIONS: u64 = 2 << 60;
/// The stack pointer before the first call.
pub(super) const STACK_TOP: u64 = 6 << 60;
/// The largest object.
const LARGEST: usize = 1 << 30;

struct Object {
    bytes: Vec<u8>,
    writable: bool,
}

/// The memory of a running program.
pub struct Memory {
    objects: Vec<Object>,
    free: Vec<u32>,
    stack: Vec<Object>,
    /// Buffers of ended stack objects, kept for the next ones.
    spare: Vec<Vec<u8>>,
    used: usize,
    limit: usize,
}

impl Memory {
    pub(super) fn new(limit: usize) -> Self {
        Self { objects: Vec::new(), free: Vec::new(), stack: Vec::new(), spare: Vec::new(), used: 0, limit }
    }

    /// A new object of zeros that lives until it is freed; none if the limit is reached.
    pub fn allocate(&mut self, size: usize) -> Option<u64> {
        let fits = size <= LARGEST && self.used + size <= self.limit;
        if fits { Some(self.add(vec![0; size], true)) } else { None }
    }
    /// A new object with these bytes that lives until it is freed. The host's own bytes are not limited.
    pub fn allocate_bytes(&mut self, bytes: &[u8]) -> u64 {
        self.add(bytes.to_vec(), true)
    }
    fn add(&mut self, bytes: Vec<u8>, writable: bool) -> u64 {
        self.used += bytes.len();
        let object = Object { bytes, writable };
        let index = match self.free.pop() {
            Some(index) => {
                self.objects[index as usize] = object;
                index as usize
            }
            None => {
                self.objects.push(object);
                self.objects.len() - 1
            }
        };
        (index as u64 + 1) << 32
    }
    /// Ends an object that was allocated; any other address is left alone.
    pub fn free(&mut self, address: u64) {
        let index = (address >> 32).wrapping_sub(1) as usize;
        if let Some(object) = self.objects.get_mut(index).filter(|object| !object.bytes.is_empty()) {
            self.used -= object.bytes.len();
            object.bytes = Vec::new();
            self.free.push(index as u32);
        }
    }
    pub(super) fn make_read_only(&mut self, address: u64) {
        self.objects[(address >> 32) as usize - 1].writable = false;
    }

    /// The bytes at an address; the trap `memory` if they are not all in one object.
    pub fn read(&self, address: u64, len: usize) -> Result<&[u8], TrapCode> {
        if len == 0 {
            return Ok(&[]);
        }
        let offset = address as u32 as usize;
        let object = match address >> 60 {
            0 => self.objects.get((address >> 32).wrapping_sub(1) as usize),
            4 => self.stack.get(((address ^ STACK) >> 32) as usize),
            _ => None,
        };
        object.and_then(|o| o.bytes.get(offset..offset.checked_add(len)?)).ok_or(TrapCode::Memory)
    }
    fn bytes_mut(&mut self, address: u64, len: usize) -> Result<&mut [u8], TrapCode> {
        let offset = address as u32 as usize;
        let object = match address >> 60 {
            0 => self.objects.get_mut((address >> 32).wrapping_sub(1) as usize),
            4 => self.stack.get_mut(((address ^ STACK) >> 32) as usize),
            _ => None,
        };
        let object = object.filter(|o| o.writable).ok_or(TrapCode::Memory)?;
        object.bytes.get_mut(offset..offset.saturating_add(len)).ok_or(TrapCode::Memory)
    }
    /// Writes bytes at an address; the trap `memory` if they do not all go to one writable object.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), TrapCode> {
        if !bytes.is_empty() {
            self.bytes_mut(address, bytes.len())?.copy_from_slice(bytes);
        }
        Ok(())
    }
    /// Reads a little-endian integer of up to 16 bytes.
    pub fn read_int(&self, address: u64, bytes: usize) -> Result<u128, TrapCode> {
        let source = self.read(address, bytes)?;
        // The two common sizes get code of their own: a copy of known length is one load.
        if let Ok(eight) = <[u8; 8]>::try_from(source) {
            return Ok(u64::from_le_bytes(eight).into());
        }
        let mut buffer = [0; 16];
        buffer.get_mut(..bytes).ok_or(TrapCode::Memory)?.copy_from_slice(source);
        Ok(u128::from_le_bytes(buffer))
    }
    /// Writes the low bytes of an integer, little-endian.
    pub fn write_int(&mut self, address: u64, bytes: usize, value: u128) -> Result<(), TrapCode> {
        let value = value.to_le_bytes();
        self.write(address, value.get(..bytes).ok_or(TrapCode::Memory)?)
    }

    // ---- The stack ----

    pub(super) fn stack_objects(&self) -> usize {
        self.stack.len()
    }
    /// A new stack object of zeros.
    pub(super) fn push_stack(&mut self, size: usize) -> u64 {
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.resize(size, 0);
        self.stack.push(Object { bytes, writable: true });
        STACK | (self.stack.len() as u64 - 1) << 32
    }
    pub(super) fn stack_address(object: usize) -> u64 {
        STACK | (object as u64) << 32
    }
    /// Ends the stack objects from number `count` on.
    pub(super) fn pop_stack(&mut self, count: usize) {
        while self.stack.len() > count {
            self.spare.extend(self.stack.pop().map(|object| object.bytes));
        }
    }
}

/// The address of a function: a number that no memory access and no other function has.
pub(super) fn func_address(func: FuncId) -> u64 {
    FUNCTIONS | (func.index() as u64) << 4
}
/// The function at an address, if it exists.
pub(super) fn func_at(address: u64, count: usize) -> Option<FuncId> {
    let index = (address ^ FUNCTIONS) >> 4;
    let exact = address & 15 == 0 && index < count as u64;
    exact.then(|| FuncId::from_index(index as usize))
}
