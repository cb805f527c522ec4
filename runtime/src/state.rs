//! The state behind the helpers: the error state, pending text, saved exceptions, `sys.argv`, output.
//!
//! Compiled code reads and writes the error state directly (its address is the symbol
//! `pyexec_error`); under the interpreter it lies in simulated memory and is carried over around each
//! call ([`crate::helpers::call_host`]).

use crate::big::Heap;
use crate::exception::{Class, ErrorState, Exception, Links, Message};
use crate::output::Stream;
use crate::{Raise, exception::TRACE_CAPACITY};
use pyexec_ir::rt::{Exc, INT_OVERFLOW, NEEDS_EXACT};
use std::ptr::NonNull;

/// One item of `sys.argv`.
#[derive(Debug)]
struct Argument {
    text: Box<str>,
    address: u64,
}

/// Whose memory the addresses in the error state belong to.
#[derive(Debug)]
pub(crate) enum Addresses {
    /// The process.
    Native,
    /// A simulated memory. The text that the error state points to was copied here.
    Simulated(Option<String>),
}

/// Everything the helpers see.
#[derive(Debug)]
pub struct State {
    error: NonNull<ErrorState>,
    /// Whether the error state is ours to free.
    owns_error: bool,
    pub(crate) addresses: Addresses,
    /// The text of the pending exception if a helper raised it.
    message: Box<str>,
    /// Text being gathered: the line to print, and above it format specs being computed.
    pending: Vec<String>,
    saved: Vec<Option<Exception>>,
    /// Arguments of functions that take any number of floats.
    pub(crate) vectors: Vec<Vec<f64>>,
    /// Classes of the program that were raised.
    classes: Vec<Class>,
    /// Where exceptions get their identity.
    serial: i64,
    /// Cause and context of the pending exception, if this is the error state's `origin`.
    origin: i64,
    links: Links,
    /// The integers beyond 63 bits.
    pub(crate) heap: Heap,
    argv: Vec<Argument>,
    pub(crate) buffers: crate::helpers::buffers::Buffers,
    /// Standard output.
    pub stdout: Stream,
    /// Standard error.
    pub stderr: Stream,
}

// SAFETY: `error` is owned by this State alone (a Box taken apart); a State that moves to another
// thread takes it along. A State whose error state is a thread's own stays in that thread's storage.
unsafe impl Send for State {}

/// Address given to a helper's text under the interpreter, where host text has none.
const HOST_TEXT: i64 = -0x1000;

impl State {
    /// A fresh state that writes to these streams.
    pub fn new(stdout: Stream, stderr: Stream) -> Self {
        Self::of_thread(None, stdout, stderr)
    }

    /// A fresh state whose error state lies elsewhere, for as long as compiled code or helpers run.
    pub(crate) fn of_thread(error: Option<NonNull<ErrorState>>, stdout: Stream, stderr: Stream) -> Self {
        Self {
            error: error.unwrap_or_else(|| NonNull::from(Box::leak(Box::new(ErrorState::CLEAR)))),
            owns_error: error.is_none(),
            addresses: Addresses::Native,
            message: Box::default(),
            pending: vec![String::new()],
            saved: Vec::new(),
            vectors: Vec::new(),
            classes: Vec::new(),
            serial: 0,
            origin: 0,
            links: Links::default(),
            heap: Heap::default(),
            argv: Vec::new(),
            buffers: Default::default(),
            stdout,
            stderr,
        }
    }

    /// Address of the error state, for the symbol `pyexec_error`.
    pub fn error_address(&self) -> u64 {
        self.error.as_ptr() as u64
    }
    /// The error state.
    pub fn error(&self) -> &ErrorState {
        // SAFETY: allocated in `of_thread` and freed in `drop`, or its thread's own; compiled code, which also writes to it, does
        // not run while a helper or the host holds this reference.
        unsafe { self.error.as_ref() }
    }
    /// The error state, to be written to.
    pub fn error_mut(&mut self) -> &mut ErrorState {
        if !self.owns_error {
            crate::aot::note_error();
        }
        // SAFETY: as in `error`, and `&mut self` makes this the only Rust reference.
        unsafe { self.error.as_mut() }
    }

    /// Sets `sys.argv`. Addresses are those of the process.
    pub fn set_argv(&mut self, items: impl IntoIterator<Item = String>) {
        let argument = |text: Box<str>| Argument { address: text.as_ptr() as u64, text };
        self.argv = items.into_iter().map(|item| argument(item.into_boxed_str())).collect();
    }
    /// Sets `sys.argv` for the interpreter: each text and where it was put in simulated memory.
    pub fn set_simulated_argv(&mut self, items: impl IntoIterator<Item = (String, u64)>) {
        let argument = |(text, address): (String, u64)| Argument { text: text.into_boxed_str(), address };
        self.argv = items.into_iter().map(argument).collect();
    }
    pub(crate) fn argc(&self) -> i64 {
        self.argv.len() as i64
    }
    /// Address and length of an item; of an empty text if there is none.
    pub(crate) fn argument(&self, index: i64) -> (u64, i64) {
        let item = usize::try_from(index).ok().and_then(|i| self.argv.get(i));
        item.map_or((0, 0), |item| (item.address, item.text.len() as i64))
    }

    /// The text being gathered.
    pub(crate) fn pending(&mut self) -> &mut String {
        if self.pending.is_empty() {
            self.pending.push(String::new());
        }
        let top = self.pending.len() - 1;
        &mut self.pending[top]
    }
    /// Starts gathering a format spec.
    pub(crate) fn begin_spec(&mut self) {
        self.pending();
        self.pending.push(String::new());
    }
    /// The spec gathered since `begin_spec`.
    pub(crate) fn end_spec(&mut self) -> String {
        if self.pending.len() > 1 { self.pending.pop().unwrap_or_default() } else { String::new() }
    }
    /// Takes the text being gathered.
    pub(crate) fn take_pending(&mut self) -> String {
        std::mem::take(self.pending())
    }

    /// Makes an exception pending, without a traceback entry. What was gathered for output is void:
    /// Python evaluates everything before it prints anything.
    pub fn raise(&mut self, raise: Raise) {
        self.pending.truncate(1);
        self.pending().clear();
        if raise.leaves_for_exact() {
            let error = self.error_mut();
            (error.kind, error.trace_len) = (NEEDS_EXACT, 0);
            return;
        }
        let message = if raise.message.is_empty() { Message::None } else { Message::Text(raise.message) };
        self.set_pending(Exception::new(raise.kind, message, Vec::new(), 0));
    }

    /// Makes this exception pending.
    pub fn set_pending(&mut self, exception: Exception) {
        let (address, length) = match exception.message {
            Message::None => (0, 0),
            Message::Status(status) => (status, -1),
            Message::Text(text) => self.own_message(text),
        };
        let is_plain = exception.links == Links::default();
        self.serial += i64::from(!is_plain);
        self.origin = if is_plain { 0 } else { self.serial };
        self.links = exception.links;
        let origin = self.origin;
        let error = self.error_mut();
        error.origin = origin;
        error.kind = exception.class.map_or(exception.kind as i32, |class| class.number);
        error.message = address;
        error.message_len = length;
        error.trace_len = i32::try_from(exception.trace_len).unwrap_or(i32::MAX);
        let kept = exception.trace.len().min(TRACE_CAPACITY);
        error.trace[..kept].copy_from_slice(&exception.trace[..kept]);
    }

    fn own_message(&mut self, text: String) -> (i64, i64) {
        self.message = text.into_boxed_str();
        let address = match self.addresses {
            Addresses::Native => self.message.as_ptr() as i64,
            Addresses::Simulated(_) => HOST_TEXT,
        };
        (address, self.message.len() as i64)
    }

    /// Takes the pending exception out of the error state.
    pub fn take_exception(&mut self) -> Option<Exception> {
        let error = self.error();
        if error.kind == NEEDS_EXACT {
            self.error_mut().clear();
            let message = Message::Text(INT_OVERFLOW.to_owned());
            return Some(Exception::new(Exc::OverflowError, message, Vec::new(), 0));
        }
        let class = self.classes.iter().find(|class| class.number == error.kind).cloned();
        let kind = class.as_ref().map(|class| class.base).or_else(|| Exc::from_number(error.kind))?;
        let known = error.origin != 0 && error.origin == self.origin;
        let message = match (error.message, error.message_len) {
            (status, -1) => Message::Status(status),
            (0, _) => Message::None,
            (address, length) => Message::Text(self.text_at(address, length)),
        };
        let trace = error.kept_trace().to_vec();
        let trace_len = usize::try_from(error.trace_len).unwrap_or(0);
        self.error_mut().clear();
        let links = if known { std::mem::take(&mut self.links) } else { Links::default() };
        Some(Exception { kind, class, message, trace, trace_len, links })
    }

    fn text_at(&self, address: i64, length: i64) -> String {
        let length = usize::try_from(length).unwrap_or(0);
        match &self.addresses {
            Addresses::Native => {
                // SAFETY: the error state points to a literal of the module, which lives as long as
                // the code that just raised, or to `self.message`; the length is that of the text.
                let bytes = unsafe { std::slice::from_raw_parts(address as *const u8, length) };
                String::from_utf8_lossy(bytes).into_owned()
            }
            Addresses::Simulated(_) if address == HOST_TEXT => self.message.to_string(),
            Addresses::Simulated(text) => text.clone().unwrap_or_default(),
        }
    }

    /// Notes a class of the program.
    pub(crate) fn add_class(&mut self, number: i32, base: Exc, name: &str) {
        if self.classes.iter().all(|class| class.number != number) {
            self.classes.push(Class { number, base, name: name.into() });
        }
    }

    /// Keeps an exception; the handle is not 0.
    pub(crate) fn save(&mut self, mut exception: Exception) -> i64 {
        if exception.links.id == 0 {
            self.serial += 1;
            exception.links.id = self.serial as u64;
        }
        let free = self.saved.iter().position(Option::is_none).unwrap_or(self.saved.len());
        if free == self.saved.len() {
            self.saved.push(None);
        }
        self.saved[free] = Some(exception);
        free as i64 + 1
    }
    /// A saved exception.
    pub(crate) fn saved(&self, handle: i64) -> Option<&Exception> {
        self.saved.get(usize::try_from(handle).ok()?.checked_sub(1)?)?.as_ref()
    }
    pub(crate) fn saved_mut(&mut self, handle: i64) -> Option<&mut Exception> {
        self.saved.get_mut(usize::try_from(handle).ok()?.checked_sub(1)?)?.as_mut()
    }
    /// Ends a handle.
    pub(crate) fn release(&mut self, handle: i64) -> Option<Exception> {
        self.saved.get_mut(usize::try_from(handle).ok()?.checked_sub(1)?)?.take()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.stdout.flush();
        if self.owns_error {
            // SAFETY: made by Box::leak in `of_thread`, and nobody runs compiled code of a dropped State.
            drop(unsafe { Box::from_raw(self.error.as_ptr()) });
        }
    }
}
