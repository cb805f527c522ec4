//! Register allocation as data: a [`Problem`] goes in, a [`Solution`] comes out.
//!
//! This crate knows nothing of IR or of any machine's instructions.
#![forbid(unsafe_code)]

mod allocator;
mod operand;
mod problem;
mod reg;
mod solution;

pub use allocator::{AllocError, Allocator};
pub use operand::{Alloc, Constraint, Operand, OperandKind, OperandPos};
pub use problem::{Block, BlockInfo, Inst, InstInfo, InstKind, MachineEnv, Problem, ProblemBuf};
pub use reg::{PReg, PRegSet, RegClass, VReg};
pub use solution::{Edit, EditPos, Solution};
