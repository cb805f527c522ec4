//! Register allocation as data: a [`Problem`] goes in, a [`Solution`] comes out.
//!
//! This crate knows nothing of IR or of any machine's instructions.
#![forbid(unsafe_code)]

mod allocator;
mod check;
mod dom;
mod operand;
mod problem;
mod ra2;
pub mod random;
mod reg;
mod solution;
pub mod text;
mod verify;

pub use allocator::{AllocError, Allocator};
pub use check::check;
pub use operand::{Alloc, Constraint, Operand, OperandKind, OperandPos};
pub use problem::{Block, BlockInfo, Inst, InstInfo, InstKind, MachineEnv, Problem, ProblemBuf};
pub use ra2::{Backtracking, Fast};
pub use reg::{PReg, PRegSet, RegClass, VReg};
pub use solution::{Edit, EditPos, Solution};
pub use verify::{Rule, Violation, verify};
