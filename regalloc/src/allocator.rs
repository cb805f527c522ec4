//! Who answers: the interface of register allocators, and regalloc2's two behind it.

use crate::{MachineEnv, Problem, Solution};
use std::fmt;

/// Why there is no solution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllocError(
    /// What the allocator said.
    pub String,
);

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "register allocation failed: {}", self.0)
    }
}

impl std::error::Error for AllocError {}

/// Answers problems, one after another, and may keep memory between them.
pub trait Allocator {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// Fills `solution`.
    ///
    /// # Errors
    /// If an instruction asks for more registers than there are. A problem that breaks a rule of
    /// [`verify`](crate::verify()) may get any answer, or none.
    fn allocate(
        &mut self,
        problem: &Problem<'_>,
        env: &MachineEnv,
        solution: &mut Solution,
    ) -> Result<(), AllocError>;
}
