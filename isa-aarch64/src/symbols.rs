//! Symbols as an instruction names them: one word, so that a memory operand stays small.

use pyexec_base::EntityId;
use pyexec_codegen::SymbolRef;
use pyexec_ir::{FuncId, GlobalId};

macro_rules! libcalls {
    ($($variant:ident $name:literal;)*) => {
        /// A symbol of the C library or of the compiler's runtime: functions that stand for an operation
        /// without an instruction, and what thread-local data needs.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Libcall { $(#[doc = concat!("`", $name, "`.")] $variant,)* }

        const LIBCALL_NAMES: &[&str] = &[$($name,)*];
    };
}

libcalls! {
    DivS128 "__divti3";
    DivU128 "__udivti3";
    RemS128 "__modti3";
    RemU128 "__umodti3";
    TlsIndex "_tls_index";
}

const FUNC: u32 = 0;
const GLOBAL: u32 = 1 << 30;
const LIBCALL: u32 = 2 << 30;
const KIND: u32 = 3 << 30;

/// A function of the module.
pub fn func(id: FuncId) -> u32 {
    FUNC | id.as_u32()
}
/// A piece of data of the module.
pub fn global(id: GlobalId) -> u32 {
    GLOBAL | id.as_u32()
}
/// A library symbol.
pub fn libcall(call: Libcall) -> u32 {
    LIBCALL | call as u32
}
/// What the word stands for.
pub fn decode(symbol: u32) -> SymbolRef {
    let index = (symbol & !KIND) as usize;
    match symbol & KIND {
        FUNC => SymbolRef::Func(FuncId::from_index(index)),
        GLOBAL => SymbolRef::Global(GlobalId::from_index(index)),
        _ => SymbolRef::Named(LIBCALL_NAMES[index]),
    }
}
