//! What every target shares: virtual-register code, ABI, frames, code buffer and the code blob.
//!
//! This crate knows no machine's instructions and nothing of Python.
#![forbid(unsafe_code)]

pub mod abi;
pub mod blob;
pub mod buffer;
mod compile;
mod error;
pub mod frame;
pub mod isa;
mod lower_ctx;
mod observe;
pub mod order;
mod reg;
pub mod vcode;

pub use blob::{CodeBlob, Reloc, RelocKind, SymbolRef, UnwindOp};
pub use buffer::{CodeBuffer, Fixup, Label};
pub use compile::CompileOptions;
pub use error::{CodegenError, CodegenErrorKind};
pub use isa::{EmitCx, FuncCompiler, Isa, KnownClobbers, Namer, Target};
pub use lower_ctx::{LowerCx, ValueRegs};
pub use observe::{Observer, Stage};
pub use pyexec_regalloc::Block as MachBlock;
pub use reg::Reg;
pub use vcode::{MachInst, OperandVisitor, VCode};
