//! The target as the driver holds it.

use crate::{CpuFeatures, X86_64, entry, print};
use pyexec_codegen::{CodeBlob, CodegenError, CompileOptions, Compiler, FuncCompiler, Namer, Target};
use pyexec_ir::Signature;
use std::sync::Arc;

/// x86-64 Linux with its register file and a processor's features.
#[derive(Clone, Debug)]
pub struct X86Target {
    isa: Arc<X86_64>,
}

impl X86Target {
    /// Code for processors with these features.
    pub fn new(cpu: CpuFeatures) -> Self {
        Self { isa: Arc::new(X86_64::new(cpu)) }
    }
    /// By the processor's name; see [`CpuFeatures::parse`].
    ///
    /// # Errors
    /// The part of the name that is not known.
    pub fn for_cpu(name: &str) -> Result<Self, String> {
        CpuFeatures::parse(name).map(Self::new)
    }
}

impl Target for X86Target {
    fn name(&self) -> &'static str {
        "x86-64"
    }
    fn triple(&self) -> String {
        "x86_64-unknown-linux-gnu".into()
    }
    fn pointer_bytes(&self) -> u32 {
        8
    }
    fn default_cpu(&self) -> &'static str {
        "x86-64"
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
