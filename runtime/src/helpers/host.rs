//! The interpreter's side of a call: its memory, arguments one after another, the error state carried over.

use super::arith;
use crate::State;
use crate::exception::ErrorState;
use crate::state::Addresses;
use pyexec_ir::rt::ERROR_SIZE;

/// The memory of the interpreter as helpers see it.
pub trait HostMemory {
    /// Bytes at an address, if all of them exist.
    fn read(&self, address: u64, length: u64) -> Option<&[u8]>;
    /// Writes bytes; false if some do not exist.
    fn write(&mut self, address: u64, bytes: &[u8]) -> bool;
    /// New memory of zeros; by default there is no room.
    fn allocate(&mut self, _length: u64) -> Option<u64> {
        None
    }
    /// Ends memory that was allocated.
    fn free(&mut self, _address: u64) {}
}

/// Why a call by name failed: a mistake of the caller, not of the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HostError {
    /// No helper has this symbol.
    Unknown(String),
    /// Too few arguments.
    Arity,
    /// An address that is not in memory.
    Memory(u64),
    /// Not an exact integer, or one that has ended.
    Word(i64),
}

/// Arguments of a call by name, taken one after another.
pub(super) struct HostArgs<'a> {
    pub bits: std::slice::Iter<'a, u128>,
    pub memory: &'a mut dyn HostMemory,
}

impl HostArgs<'_> {
    pub fn next(&mut self) -> Result<u128, HostError> {
        self.bits.next().copied().ok_or(HostError::Arity)
    }
    /// A word, looked up before anything follows it.
    pub fn word(&mut self, state: &State, may_be_empty: bool) -> Result<i64, HostError> {
        let word = self.next()? as i64;
        if state.heap.knows(word, may_be_empty) { Ok(word) } else { Err(HostError::Word(word)) }
    }
    pub fn text(&mut self) -> Result<String, HostError> {
        let (address, length) = (self.next()? as u64, self.next()? as u64);
        if length == 0 {
            return Ok(String::new());
        }
        let bytes = self.memory.read(address, length).ok_or(HostError::Memory(address))?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }
    pub fn store(&mut self, address: u64, value: arith::Complex) -> Result<(), HostError> {
        let mut bytes = value[0].to_le_bytes().to_vec();
        bytes.extend(value[1].to_le_bytes());
        if self.memory.write(address, &bytes) { Ok(()) } else { Err(HostError::Memory(address)) }
    }
}

/// Reads the error state at an address of simulated memory into `state`, whose
/// [`take_exception`](State::take_exception) then takes it as if native code had left it.
///
/// # Errors
/// If there is no such memory.
pub fn load_error(state: &mut State, error: u64, memory: &dyn HostMemory) -> Result<(), HostError> {
    let bytes = memory.read(error, ERROR_SIZE.into()).ok_or(HostError::Memory(error))?;
    let pending = ErrorState::from_bytes(bytes).ok_or(HostError::Memory(error))?;
    state.addresses = Addresses::Simulated(message(&pending, memory));
    *state.error_mut() = pending;
    Ok(())
}

/// The text that a pending exception's message points to, if it lies in simulated memory.
fn message(error: &ErrorState, memory: &dyn HostMemory) -> Option<String> {
    let length = u64::try_from(error.message_len).ok().filter(|_| error.message > 0)?;
    memory.read(error.message as u64, length).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}
