//! Compiled code in this process, with the runtime around it.

use crate::{Failure, TargetRow};
use pyexec_base::Diagnostic;
use pyexec_codegen::CodeBlob;
use pyexec_ir::{FuncId, Module, Signature};
use pyexec_runtime::{CallError, CodeHandle, Gate, LinkError, Session, State, Val, link};
use std::path::Path;

/// A module in memory, ready to be called.
pub struct Native {
    gate: Gate,
    code: CodeHandle,
    runtime: Session,
}

impl Native {
    /// Links compiled functions. `signatures` are those by which they will be called. Imports are the runtime's,
    /// unless `others` knows them.
    pub fn link(
        row: &TargetRow,
        (module, code): (&Module, &[(FuncId, CodeBlob)]),
        signatures: impl IntoIterator<Item = Signature>,
        runtime: Session,
        others: &dyn Fn(&str) -> Option<u64>,
    ) -> Result<Self, Failure> {
        let code = link(module, code, &mut |symbol| others(symbol).or_else(|| runtime.resolve(symbol)));
        let code = code.map_err(|error| cannot_link(&error))?;
        let target = row.make(None)?;
        let stub = |sig: Signature| match target.entry_stub(&sig) {
            Ok(blob) => Ok((sig, blob)),
            Err(error) => Err(Failure::from(error.diagnostic(target.name()))),
        };
        let stubs = signatures.into_iter().map(stub).collect::<Result<Vec<_>, _>>()?;
        let gate = Gate::new(&(row.entry)(), &stubs).map_err(|error| cannot_link(&error))?;
        Ok(Self { gate, code, runtime })
    }

    /// Calls a function.
    pub fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, CallError> {
        self.runtime.call(&self.gate, &self.code, name, args)
    }
    /// Where a function is.
    pub fn address(&self, name: &str) -> Option<u64> {
        self.code.address(name)
    }
    /// What helpers see.
    pub fn state(&mut self) -> &mut State {
        &mut self.runtime.state
    }
    /// What helpers leave behind.
    pub fn into_state(self) -> State {
        self.runtime.state
    }
}

fn cannot_link(error: &LinkError) -> Failure {
    match error {
        LinkError::Memory(_) => Failure::io(Path::new("memory"), error.to_string()),
        _ => Diagnostic::error_nowhere("E0921", format!("cannot link: {error}")).into(),
    }
}
