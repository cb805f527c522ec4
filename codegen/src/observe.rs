//! The hook after every stage of compiling a function.

use std::fmt;
use std::time::Duration;

/// The stages, and the artefact each of them leaves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// Selection; leaves VCode over virtual registers (`.vc`).
    Lower,
    /// Register allocation; leaves problem and solution (`.ra`).
    Allocate,
    /// Rewriting; leaves VCode over physical registers (`.vc`).
    Rewrite,
    /// Encoding; leaves the blob.
    Encode,
}

/// Watches the stages.
pub trait Observer {
    /// Whether [`artifact`](Self::artifact) is wanted for this stage: printing is not free.
    fn wants(&self, stage: Stage) -> bool;
    /// What a stage has left, printable.
    fn artifact(&mut self, stage: Stage, func: &str, text: &dyn fmt::Display);
    /// How long a stage took. Called only if [`times`](Self::times).
    fn elapsed(&mut self, stage: Stage, time: Duration);
    /// Whether to look at the clock.
    fn times(&self) -> bool {
        false
    }
}

/// Watches nothing.
impl Observer for () {
    fn wants(&self, _: Stage) -> bool {
        false
    }
    fn artifact(&mut self, _: Stage, _: &str, _: &dyn fmt::Display) {}
    fn elapsed(&mut self, _: Stage, _: Duration) {}
}
