//! The error state that compiled code and helpers share, and exceptions taken out of it.

use crate::number::str_repr;
use pyexec_ir::rt::{ERROR_SIZE, ERROR_TRACE_CAPACITY, Exc};

/// How many frames the error state keeps.
pub const TRACE_CAPACITY: usize = ERROR_TRACE_CAPACITY as usize;

/// The error state as it lies in memory; the layout is the one of `pyexec_ir::rt`.
#[repr(C)]
#[derive(Clone, Debug)]
pub struct ErrorState {
    /// An [`Exc`] number, or 0.
    pub kind: i32,
    /// How many frames were passed.
    pub trace_len: i32,
    /// Address of the text, 0 if none; a status if the length is -1.
    pub message: i64,
    /// Bytes of text, or -1.
    pub message_len: i64,
    /// Traceback indices, innermost first.
    pub trace: [i32; TRACE_CAPACITY],
    /// Not 0 if the state knows more of the exception.
    pub origin: i64,
}

const _: () = assert!(size_of::<ErrorState>() == ERROR_SIZE as usize);

impl ErrorState {
    /// Nothing pending.
    pub const CLEAR: ErrorState = ErrorState {
        kind: 0,
        trace_len: 0,
        message: 0,
        message_len: 0,
        trace: [0; TRACE_CAPACITY],
        origin: 0,
    };

    /// From its bytes in a simulated memory, little endian.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; ERROR_SIZE as usize] = bytes.try_into().ok()?;
        let i32_at = |at: usize| i32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let i64_at = |at: usize| i64::from(i32_at(at)) & 0xffff_ffff | i64::from(i32_at(at + 4)) << 32;
        let mut trace = [0; TRACE_CAPACITY];
        for (i, entry) in trace.iter_mut().enumerate() {
            *entry = i32_at(24 + 4 * i);
        }
        Some(Self {
            kind: i32_at(0),
            trace_len: i32_at(4),
            message: i64_at(8),
            message_len: i64_at(16),
            trace,
            origin: i64_at(24 + 4 * TRACE_CAPACITY),
        })
    }

    /// Its bytes in a simulated memory, little endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ERROR_SIZE as usize);
        bytes.extend(self.kind.to_le_bytes());
        bytes.extend(self.trace_len.to_le_bytes());
        bytes.extend(self.message.to_le_bytes());
        bytes.extend(self.message_len.to_le_bytes());
        self.trace.iter().for_each(|entry| bytes.extend(entry.to_le_bytes()));
        bytes.extend(self.origin.to_le_bytes());
        bytes
    }

    /// Nothing pending any more.
    pub(crate) fn clear(&mut self) {
        (self.kind, self.trace_len) = (0, 0);
    }

    /// The frames that were kept.
    pub fn kept_trace(&self) -> &[i32] {
        let kept = usize::try_from(self.trace_len).unwrap_or(0).min(TRACE_CAPACITY);
        &self.trace[..kept]
    }
}

/// What an exception was made with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Message {
    /// No argument.
    None,
    /// One text.
    Text(String),
    /// `SystemExit` with an int.
    Status(i64),
}

/// An exception class of the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Class {
    /// Its number, beyond those of Python's classes.
    pub number: i32,
    /// Its nearest base among Python's classes.
    pub base: Exc,
    /// Its name.
    pub name: std::sync::Arc<str>,
}

/// What else is known of an exception than what the error state holds.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Links {
    /// Tells exceptions apart; 0 if nobody has asked yet.
    pub id: u64,
    /// What it was raised from.
    pub cause: Option<Box<Exception>>,
    /// What was being handled when it was raised.
    pub context: Option<Box<Exception>>,
    /// `raise ... from`: the context is not shown.
    pub suppresses_context: bool,
}

/// How many exceptions one may bring along: handlers nest no deeper in any sane program.
const LONGEST_CHAIN: usize = 100;

/// An exception as a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// The class, or its nearest base among Python's classes.
    pub kind: Exc,
    /// The class, if it is one of the program.
    pub class: Option<Class>,
    /// The argument.
    pub message: Message,
    /// Traceback indices of the innermost frames, innermost first.
    pub trace: Vec<i32>,
    /// How many frames it passed in all.
    pub trace_len: usize,
    /// Cause and context.
    pub links: Links,
}

impl Exception {
    /// An exception that stands alone.
    pub fn new(kind: Exc, message: Message, trace: Vec<i32>, trace_len: usize) -> Self {
        Self { kind, class: None, message, trace, trace_len, links: Links::default() }
    }

    /// Notes what was being handled: at the end of the chain of contexts, unless it is in the chain already.
    pub fn raised_while(&mut self, handled: Exception) {
        let mut last = self;
        for _ in 0..LONGEST_CHAIN {
            if last.links.id == handled.links.id {
                return;
            }
            match &mut last.links.context {
                Some(context) => last = context,
                none => {
                    *none = Some(Box::new(handled));
                    return;
                }
            }
        }
    }

    /// The name of the class.
    pub fn class_name(&self) -> &str {
        self.class.as_ref().map_or(self.kind.name(), |class| &class.name)
    }

    /// `str(e)`.
    pub fn text(&self) -> String {
        match &self.message {
            Message::None => String::new(),
            Message::Text(text) => text.clone(),
            Message::Status(status) => status.to_string(),
        }
    }

    /// `repr(e)`.
    pub fn repr(&self) -> String {
        let name = self.class_name();
        match &self.message {
            Message::None => format!("{name}()"),
            // C library errors have two arguments, and `str` shows the pair.
            Message::Text(text) if text.starts_with("(34, '") => format!("{name}{text}"),
            // The text of a KeyError is the repr of its argument.
            Message::Text(text) if self.kind == Exc::KeyError => format!("{name}({text})"),
            Message::Text(text) => format!("{name}({})", str_repr(text)),
            Message::Status(status) => format!("{name}({status})"),
        }
    }

    /// The last line of a traceback.
    pub fn last_line(&self) -> String {
        let (name, text) = (self.class_name(), self.text());
        if text.is_empty() { name.to_owned() } else { format!("{name}: {text}") }
    }

    /// For `SystemExit`: the exit status, and what goes to standard error before.
    pub fn exit(&self) -> Option<(i32, Option<String>)> {
        if self.kind != Exc::SystemExit {
            return None;
        }
        Some(match &self.message {
            Message::None => (0, None),
            Message::Text(text) => (1, Some(format!("{text}\n"))),
            Message::Status(status) => ((*status & 0xff) as i32, None),
        })
    }
}
