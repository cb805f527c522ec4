//! Modules: functions, globals, signatures and aggregate layouts.

use crate::{Func, Type};
use pyexec_base::{EntityVec, entity_id};

entity_id! {
    /// A function of a module, defined or imported.
    pub struct FuncId("fn");
}
entity_id! {
    /// A piece of data of a module.
    pub struct GlobalId("g");
}
entity_id! {
    /// A signature for indirect calls.
    pub struct SigId("sig");
}

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CallConv {
    /// The platform's C convention.
    C,
    /// Ours, between compiled functions: more argument and result registers; allows tail calls.
    Fast,
}

/// A C struct or array as the ABI sees it: only where its scalars lie.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Aggregate {
    /// Size in bytes, padding included.
    pub size: u32,
    /// Alignment in bytes.
    pub align: u32,
    /// Offset and type of every scalar, ascending. Two scalars never overlap.
    pub fields: Vec<(u32, Type)>,
}

/// One parameter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Param {
    /// A scalar.
    Value(Type),
    /// A narrow integer (`i8` or `i16`, `c` only) that is signed: under conventions whose caller widens
    /// narrow integers (Apple's), it extends this one with its sign, others with zeros.
    Signed(Type),
    /// An aggregate passed by value (`c` only). The argument, and the block parameter in the callee, is
    /// the address of an object: the caller's original, and the callee's own copy.
    ByValue(Aggregate),
    /// Where the callee's aggregate result goes (`c` only; first parameter at most; no other results).
    /// The caller passes the address of an object of this layout, which holds the result after the
    /// call; the callee stores its result at the address it gets before it returns.
    ResultArea(Aggregate),
}

impl Param {
    /// The type of the SSA value: aggregates travel as addresses.
    pub fn ty(&self) -> Type {
        match self {
            Param::Value(ty) | Param::Signed(ty) => *ty,
            Param::ByValue(_) | Param::ResultArea(_) => Type::I64,
        }
    }
    /// Whether it is a value, not an aggregate.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Param::Value(_) | Param::Signed(_))
    }
}

/// What a function takes and returns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Signature {
    /// The convention.
    pub conv: CallConv,
    /// The parameters; for a variadic function the fixed ones.
    pub params: Vec<Param>,
    /// The results.
    pub results: Vec<Type>,
    /// Whether the first result is a narrow integer with a sign; see [`Param::Signed`].
    pub signed_result: bool,
    /// Whether calls may pass more arguments (`c` imports only): integers as `i32`/`i64`, floats as `f64`.
    pub variadic: bool,
}

impl Signature {
    /// A signature of scalars.
    pub fn new(conv: CallConv, params: &[Type], results: &[Type]) -> Self {
        let params = params.iter().copied().map(Param::Value).collect();
        Self { conv, params, results: results.to_vec(), signed_result: false, variadic: false }
    }
}

/// Who defines and who sees a symbol.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Linkage {
    /// Defined elsewhere.
    Import,
    /// Defined here, seen only here.
    Local,
    /// Defined here, seen by all.
    Export,
    /// Defined here, seen by all; equal definitions of other objects are merged.
    Weak,
}

/// An address inside the bytes of a global.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataReloc {
    /// Where in the bytes; 8 bytes.
    pub offset: u32,
    /// Whose address.
    pub target: DataTarget,
    /// Added to the address.
    pub addend: i64,
}

/// What a [`DataReloc`] points to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataTarget {
    /// A function.
    Func(FuncId),
    /// A global.
    Global(GlobalId),
}

/// A piece of data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Global {
    /// The symbol.
    pub name: String,
    /// Who sees it.
    pub linkage: Linkage,
    /// Size in bytes.
    pub size: u32,
    /// Alignment in bytes, a power of two.
    pub align: u32,
    /// Whether code may write to it.
    pub writable: bool,
    /// Whether every thread has its own.
    pub thread_local: bool,
    /// The initial bytes; the rest is zero. Empty for imports.
    pub init: Vec<u8>,
    /// Addresses in the initial bytes.
    pub relocs: Vec<DataReloc>,
}

impl Global {
    /// Private read-only bytes.
    pub fn constant(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self {
            name: name.into(),
            linkage: Linkage::Local,
            size: bytes.len() as u32,
            align: 1,
            writable: false,
            thread_local: false,
            init: bytes.to_vec(),
            relocs: Vec::new(),
        }
    }
    /// Private zeroed memory.
    pub fn zeroed(name: impl Into<String>, size: u32, align: u32) -> Self {
        Self { size, align, writable: true, init: Vec::new(), ..Self::constant(name, &[]) }
    }
    /// A symbol that someone else defines.
    pub fn import(name: impl Into<String>, size: u32, align: u32) -> Self {
        Self { linkage: Linkage::Import, ..Self::zeroed(name, size, align) }
    }
}

/// A compilation unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// The functions; a function without blocks is an import.
    pub funcs: EntityVec<FuncId, Func>,
    /// The data.
    pub globals: EntityVec<GlobalId, Global>,
    /// Signatures of indirect calls; no two are equal.
    pub sigs: EntityVec<SigId, Signature>,
}

impl Module {
    /// An empty module.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a function that is defined elsewhere.
    pub fn import(&mut self, name: impl Into<String>, sig: Signature) -> FuncId {
        self.funcs.push(Func::new(name, sig, Linkage::Import))
    }

    /// The id of this signature, added if it is new.
    pub fn intern_sig(&mut self, sig: Signature) -> SigId {
        let known = self.sigs.iter().find(|(_, s)| **s == sig).map(|(id, _)| id);
        known.unwrap_or_else(|| self.sigs.push(sig))
    }

    /// The function with this name. Linear.
    pub fn func_by_name(&self, name: &str) -> Option<FuncId> {
        self.funcs.iter().find(|(_, f)| f.name == name).map(|(id, _)| id)
    }

    /// The global with this name. Linear.
    pub fn global_by_name(&self, name: &str) -> Option<GlobalId> {
        self.globals.iter().find(|(_, g)| g.name == name).map(|(id, _)| id)
    }
}
