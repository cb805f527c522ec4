//! The target as the driver holds it.

use crate::{AArch64, Features, System, entry, print};
use pyexec_codegen::{CodeBlob, CodegenError, CompileOptions, Compiler, FuncCompiler, Namer, Target};
use pyexec_ir::Signature;
use std::sync::Arc;

/// AArch64, on one of the systems.
#[derive(Clone, Debug, Default)]
pub struct A64Target {
    isa: Arc<AArch64>,
}

impl A64Target {
    /// Code with these features, for a system.
    pub fn new(features: Features, system: System) -> Self {
        Self { isa: Arc::new(AArch64::new(features, system)) }
    }
    /// For Linux, by the processor's name; see [`Features::parse`].
    ///
    /// # Errors
    /// The part of the name that is not known.
    pub fn for_cpu(name: &str) -> Result<Self, String> {
        Self::for_system(name, System::Linux)
    }
    /// By the processor's name, for a system.
    ///
    /// # Errors
    /// The part of the name that is not known.
    pub fn for_system(name: &str, system: System) -> Result<Self, String> {
        Features::parse(name).map(|features| Self::new(features, system))
    }
}

impl Target for A64Target {
    fn name(&self) -> &'static str {
        "aarch64"
    }
    fn triple(&self) -> String {
        match self.isa.system() {
            System::Linux => "aarch64-unknown-linux-gnu",
            System::Apple => "aarch64-apple-darwin",
            System::Windows => "aarch64-pc-windows-msvc",
        }
        .into()
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
        print::print(self.isa.system(), blob, names, false)
    }
    fn entry_stub(&self, sig: &Signature) -> Result<CodeBlob, CodegenError> {
        entry::entry_stub(&self.isa, sig)
    }
}
