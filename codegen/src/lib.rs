//! What every target shares: virtual-register code, ABI, frames, code buffer and the code blob.
//!
//! This crate knows no machine's instructions and nothing of Python.
#![forbid(unsafe_code)]

pub mod abi;
pub mod blob;
pub mod buffer;
pub mod calls;
mod compile;
mod emit;
mod error;
pub mod frame;
mod hoist;
pub mod isa;
mod lower;
mod lower_ctx;
mod observe;
pub mod order;
mod print;
pub mod reciprocal;
mod reg;
mod relax;
mod rewrite;
pub mod vcode;

pub use blob::{CodeBlob, Guards, Reloc, RelocKind, SymbolRef, UnwindOp};
pub use buffer::{Branch, BranchForm, CodeBuffer, Fixup, Label};
pub use compile::{CompileOptions, Compiler};
pub use error::{CodegenError, CodegenErrorKind};
pub use isa::{EmitCx, FuncCompiler, Isa, KnownClobbers, Namer, Target};
pub use lower_ctx::{LowerCx, ValueRegs};
pub use observe::{Observer, Stage};
pub use pyexec_regalloc::Block as MachBlock;
pub use reg::Reg;
pub use relax::FinishError;
pub use vcode::{MachInst, OperandVisitor, VCode};
