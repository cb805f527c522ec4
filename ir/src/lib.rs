//! The SSA intermediate representation: types, opcodes, functions, modules, their text and their meaning.
//!
//! Blocks have parameters instead of phi nodes. Meaning is bit-exact and the same on every target.
//! This crate knows nothing of machines; of Python it holds only the table of runtime helpers (`rt`).
#![forbid(unsafe_code)]

pub mod builder;
mod cfg;
mod compact;
mod dom;
mod eval;
mod func;
pub mod interp;
mod loops;
mod module;
mod opcode;
pub mod random;
mod reference;
pub mod rt;
mod shrink;
mod text;
mod trap;
mod types;
mod verify;

pub use builder::Builder;
pub use cfg::{Cfg, Edge};
pub use dom::{DomTree, InstOrder};
pub use eval::{EvalFn, Evaluated, int_max, int_min, signed};
pub use func::{
    Block, BlockCall, BlockData, Func, Imm, Inst, InstData, ListRef, Region, Slot, SlotData, Value, ValueDef,
};
pub use loops::{Loop, LoopData, Loops};
pub use module::{
    Aggregate, CallConv, DataReloc, DataTarget, FuncId, Global, GlobalId, Linkage, Module, Param, SigId,
    Signature,
};
pub use opcode::{Class, Effects, Format, OpInfo, Opcode, TyRule};
pub use reference::{helpers_page, reference_page};
pub use shrink::shrink;
pub use text::{FuncDisplay, parse_module};
pub use trap::TrapCode;
pub use types::Type;
pub use verify::{Rule, Violation, verify, verify_body, verify_func};
