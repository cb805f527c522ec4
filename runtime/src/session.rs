//! A session: what compiled code needs around it while it runs on a thread.

use crate::entry::{CallError, Gate, Val};
use crate::exception::{Exception, Message};
use crate::helpers;
use crate::link::CodeHandle;
use crate::output::Stream;
use crate::state::State;
use pyexec_ir::Type;
use pyexec_ir::rt::{ERROR_SYMBOL, Exc, STACK_LIMIT_SYMBOL};
use std::ffi::CString;

/// Stack that is kept for helpers and signal handlers below the limit of compiled code, in bytes.
const RESERVE: u64 = 256 << 10;

/// State of the helpers and the data symbols of the runtime. One thread at a time.
#[derive(Debug)]
pub struct Session {
    /// What helpers see.
    pub state: State,
    stack_limit: Box<u64>,
}

impl Session {
    /// A session that writes to these streams.
    pub fn new(stdout: Stream, stderr: Stream) -> Self {
        Self { state: State::new(stdout, stderr), stack_limit: Box::new(0) }
    }

    /// The address of a symbol that compiled code imports: the runtime's own data and helpers, what code
    /// generators call (`__divti3`, `fma`), then any function of the process.
    pub fn resolve(&self, symbol: &str) -> Option<u64> {
        match symbol {
            ERROR_SYMBOL => Some(self.state.error_address()),
            STACK_LIMIT_SYMBOL => Some(&raw const *self.stack_limit as u64),
            _ => helpers::address(symbol).or_else(|| builtin(symbol)).or_else(|| process(symbol)),
        }
    }

    /// Calls a function; helpers that it calls see this session's state, and recursion is bounded by the current
    /// thread's stack.
    ///
    /// # Errors
    /// See [`CallError`]. A Python exception is not an error here: the function's status says so, and
    /// [`State::take_exception`] tells which. If standard output fails (its reader has gone, the disk is full), a
    /// function with a status ends as if it had raised `SystemExit(1)`, so that nothing prints for ever.
    pub fn call(
        &mut self,
        gate: &Gate,
        code: &CodeHandle,
        name: &str,
        args: &[Val],
    ) -> Result<Vec<Val>, CallError> {
        *self.stack_limit = stack_bottom().map_or(0, |bottom| bottom + RESERVE);
        match helpers::with_state(&mut self.state, || code.call(gate, name, args)) {
            Err(CallError::Output) => self.unheard(code, name),
            result => result,
        }
    }

    /// What a call returns that was given up since nobody hears the program.
    fn unheard(&mut self, code: &CodeHandle, name: &str) -> Result<Vec<Val>, CallError> {
        let results = code.signature(name).map_or(&[][..], |sig| &sig.results);
        let Some((Type::I8, before)) = results.split_last() else { return Err(CallError::Output) };
        let mut values: Vec<Val> = before.iter().map(|ty| Val::new(*ty, 0)).collect();
        values.push(Val::new(Type::I8, 1));
        let (kind, message) = (Exc::SystemExit, Message::Status(1));
        self.state.set_pending(Exception::new(kind, message, Vec::new(), 0));
        Ok(values)
    }
}

/// The lowest address of this thread's stack, guard pages not counted.
fn stack_bottom() -> Option<u64> {
    // SAFETY: the attribute object is initialised by pthread_getattr_np, read while it is, and destroyed once.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let (mut bottom, mut size) = (std::ptr::null_mut(), 0);
        let failed = libc::pthread_attr_getstack(&attributes, &mut bottom, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        (failed == 0).then_some(bottom as u64)
    }
}

// SAFETY: signatures of <math.h>; only their addresses are taken.
#[link(name = "m")]
unsafe extern "C" {
    // Names that the compiler's own library does not have, whose functions do without the instruction.
    #[cfg_attr(all(target_os = "linux", target_env = "gnu"), link_name = "fmaf64")]
    fn fma(x: f64, y: f64, z: f64) -> f64;
    #[cfg_attr(all(target_os = "linux", target_env = "gnu"), link_name = "fmaf32")]
    fn fmaf(x: f32, y: f32, z: f32) -> f32;
}
// SAFETY: functions of the compiler's own library, linked into every Rust program; only their addresses
// are taken.
unsafe extern "C" {
    fn __divti3(a: i128, b: i128) -> i128;
    fn __modti3(a: i128, b: i128) -> i128;
    fn __udivti3(a: u128, b: u128) -> u128;
    fn __umodti3(a: u128, b: u128) -> u128;
}

/// What code generators call although no program names it.
fn builtin(symbol: &str) -> Option<u64> {
    let address = match symbol {
        "__divti3" => __divti3 as *const (),
        "__modti3" => __modti3 as *const (),
        "__udivti3" => __udivti3 as *const (),
        "__umodti3" => __umodti3 as *const (),
        "fma" => fma as *const (),
        "fmaf" => fmaf as *const (),
        _ => return None,
    };
    Some(address as u64)
}

/// A function or datum of the libraries that this process has loaded.
fn process(symbol: &str) -> Option<u64> {
    let name = CString::new(symbol).ok()?;
    // SAFETY: a look-up by a terminated name, which changes nothing.
    let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!address.is_null()).then_some(address as u64)
}
