//! The target as the driver holds it.

use crate::{AArch64, Features, entry, print};
use pyexec_codegen::{CodeBlob, CodegenError, CompileOptions, Compiler, FuncCompiler, Namer, Target};
use pyexec_ir::Signature;
use std::sync::Arc;

/// AArch64 Linux.
#[derive(Clone, Debug, Default)]
pub struct A64Target {
    isa: Arc<AArch64>,
}

impl A64Target {
    /// Code with these features.
    pub fn new(features: Features) -> Self {
        Self { isa: Arc::new(AArch64::new(features)) }
    }
    /// By the processor's name; see [`Features::parse`].
    ///
    /// # Errors
    /// The part of the name that is not known.
    pub fn for_cpu(name: &str) -> Result<Self, String> {
        Features::parse(name).map(Self::new)
    }
}

impl Target for A64Target {
    fn name(&self) -> &'static str {
        "aarch64"
    }
    fn triple(&self) -> String {
        "aarch64-unknown-linux-gnu".into()
    }
    fn pointer_bytes(&self) -> u32 {
        8
    }
    fn default_cpu(&self) -> &'static str {
        "generic"
    }
    fn compiler(&self, options: CompileOptions) -> Box<dyn FuncCompiler> {
        Box::new(Compiler::new(Arc::clone(&self.isa), options))
    }
    fn disassemble(&self, blob: &CodeBlob, names: Namer<'_>) -> String {
        print::print(blob, names, false)
    }
    fn entry_stub(&self, sig: &Signature) -> Result<CodeBlob, CodegenError> {
        entry::entry_stub(&self.isa, sig)
    }
}
