//! What compiled Python stands on: numbers as text, the helpers it calls, exceptions and
//! tracebacks, output, code memory, linking and entry.
//!
//! This crate knows nothing of the front end or of optimisation. It takes code as blobs and calls it through an entry
//! stub that is bytes to it. Of machines it knows relocations, the jump that a far call goes through, caches and
//! signal frames.

mod aot;
mod big;
mod cache;
mod entry;
mod exception;
pub mod helpers;
mod link;
mod memory;
pub mod number;
mod output;
mod raise;
mod relocate;
mod session;
mod state;
pub mod traceback;
mod trap;

pub use entry::{CallError, EntryCode, Gate, Val};
pub use exception::{ErrorState, Exception, Message};
pub use link::{CodeHandle, LinkError, link};
pub use memory::{Part, Sealed, Unsealed};
pub use output::{Capture, Stream};
pub use pyexec_ir::rt::INT_OVERFLOW;
pub use raise::Raise;
pub use session::Session;
pub use state::State;
