//! Modules of IR, compiled into this process: for tests that compare machine code with the interpreter.

use pyexec_codegen::{CompileOptions, FuncCompiler, KnownClobbers};
use pyexec_driver::host_target;
use pyexec_ir::{FuncId, Linkage, Module, Signature};
use pyexec_regalloc::PRegSet;
use pyexec_runtime::{CallError, Capture, CodeHandle, Gate, Session, Stream, Val, link};

/// A module in memory, ready to be called.
pub struct Native {
    /// What helpers see.
    pub session: Session,
    /// What the program prints.
    pub output: Capture,
    gate: Gate,
    code: CodeHandle,
}

impl Native {
    /// Compiles every function of a module at a level of the back end and links it.
    pub fn new(module: &Module, level: u8) -> Result<Self, String> {
        Self::with_units(module, level, &[])
    }

    /// The same for a module that imports functions of units that are linked already.
    pub fn with_units(module: &Module, level: u8, units: &[&Native]) -> Result<Self, String> {
        let host = host_target().map_err(|e| e.to_string())?;
        let target = host.make(None).map_err(|e| e.to_string())?;
        let mut compiler = target.compiler(CompileOptions { opt_level: level, check: true });
        let mut known: Vec<Option<PRegSet>> = vec![None; module.funcs.len()];
        let mut code = Vec::new();
        let defined: Vec<FuncId> =
            module.funcs.iter().filter(|(_, f)| !f.is_import()).map(|(id, _)| id).collect();
        for id in defined {
            let blob = compile(&mut *compiler, module, id, &known)?;
            if module.funcs[id].linkage == Linkage::Local {
                known[id.as_u32() as usize] = Some(blob.clobbers);
            }
            code.push((id, blob));
        }
        let output = Capture::default();
        let session = Session::new(Stream::capture(output.clone()), Stream::capture(Capture::default()));
        let mut sigs: Vec<Signature> = Vec::new();
        for (id, _) in &code {
            let sig = &module.funcs[*id].sig;
            if !sigs.contains(sig) {
                sigs.push(sig.clone());
            }
        }
        let with_stub =
            sigs.into_iter().filter_map(|sig| target.entry_stub(&sig).ok().map(|blob| (sig, blob)));
        let gate = Gate::new(&(host.entry)(), &with_stub.collect::<Vec<_>>()).map_err(|e| e.to_string())?;
        let of_units = |name: &str| units.iter().find_map(|unit| unit.code.address(name));
        let mut resolve = |name: &str| of_units(name).or_else(|| session.resolve(name));
        let code = link(module, &code, &mut resolve).map_err(|e| e.to_string())?;
        Ok(Self { session, output, gate, code })
    }

    /// Calls a function.
    pub fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, CallError> {
        self.session.call(&self.gate, &self.code, name, args)
    }
}

fn compile(
    compiler: &mut dyn FuncCompiler,
    module: &Module,
    id: FuncId,
    known: &dyn KnownClobbers,
) -> Result<pyexec_codegen::CodeBlob, String> {
    compiler.compile(module, id, known, &mut ()).map_err(|e| format!("{}: {e}", module.funcs[id].name))
}
