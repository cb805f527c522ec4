//! The target as the driver holds it.

use crate::{AArch64, cpu, entry, print};
use pyexec_codegen::{CodeBlob, CodegenError, CompileOptions, Compiler, FuncCompiler, Namer, Target};
use pyexec_ir::Signature;
use std::sync::Arc;

/// AArch64 Linux.
#[derive(Clone, Debug, Default)]
pub struct A64Target {
    isa: Arc<AArch64>,
}

impl A64Target {
    /// By the processor's name.
    ///
    /// # Errors
    /// The name, if there is no such processor.
    pub fn for_cpu(name: &str) -> Result<Self, String> {
        cpu::check(name)?;
        Ok(Self::default())
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
