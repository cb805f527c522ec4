//! Modules of IR, compiled into this process: for tests that compare machine code with the interpreter.

use pyexec_codegen::{CompileOptions, FuncCompiler, KnownClobbers};
use pyexec_driver::host_target;
use pyexec_ir::{FuncId, Linkage, Module, Signature};
use pyexec_regalloc::PRegSet;
use pyexec_runtime::{CallError, Capture, Session, State, Stream, Val};

/// A module in memory, ready to be called.
pub struct Native {
    linked: pyexec_driver::Native,
    /// What the program prints.
    pub output: Capture,
}

impl Native {
    /// Compiles every function of a module at a level of the back end and links it.
    pub fn new(module: &Module, level: u8) -> Result<Self, String> {
        Self::with_units(module, level, &[])
    }

    /// The same for a module that imports functions of units that are linked already.
    pub fn with_units(module: &Module, level: u8, units: &[&Native]) -> Result<Self, String> {
        let row = host_target().map_err(|e| e.to_string())?;
        let target = row.make(None).map_err(|e| e.to_string())?;
        let mut compiler = target.compiler(CompileOptions { opt_level: level, check: true });
        let mut known: Vec<Option<PRegSet>> = vec![None; module.funcs.len()];
        let mut code = Vec::new();
        for (id, func) in module.funcs.iter().filter(|(_, f)| !f.is_import()) {
            let blob = compile(&mut *compiler, module, id, &known)?;
            if func.linkage == Linkage::Local {
                known[id.as_u32() as usize] = Some(blob.clobbers);
            }
            code.push((id, blob));
        }
        let mut sigs: Vec<Signature> = Vec::new();
        for (id, _) in &code {
            let sig = &module.funcs[*id].sig;
            // Those that cannot be called from outside are called by the others.
            if !sigs.contains(sig) && target.entry_stub(sig).is_ok() {
                sigs.push(sig.clone());
            }
        }
        let output = Capture::default();
        let session = Session::new(Stream::capture(output.clone()), Stream::capture(Capture::default()));
        let of_units = |name: &str| units.iter().find_map(|unit| unit.linked.address(name));
        let linked = pyexec_driver::Native::link(row, (module, &code), sigs, session, &of_units);
        Ok(Self { linked: linked.map_err(|e| e.to_string())?, output })
    }

    /// What helpers see.
    pub fn state(&mut self) -> &mut State {
        self.linked.state()
    }
    /// Calls a function.
    pub fn call(&mut self, name: &str, args: &[Val]) -> Result<Vec<Val>, CallError> {
        self.linked.call(name, args)
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
