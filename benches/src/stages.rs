//! Compiling a module and saying how long each stage took.

use pyexec_codegen::{CompileOptions, FuncCompiler, Observer, Stage};
use pyexec_driver::{Failure, Language, Options, Session, Watch, host_target, pipeline};
use pyexec_ir::{FuncId, Module};
use pyexec_opt::OptLevel;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the stages took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Times {
    /// Text to IR; nothing for a module that was made as IR.
    pub front: Duration,
    /// All passes.
    pub optimize: Duration,
    /// Instruction selection.
    pub select: Duration,
    /// Register allocation.
    pub allocate: Duration,
    /// Rewriting and encoding.
    pub encode: Duration,
}

impl Times {
    /// All stages.
    pub fn total(&self) -> Duration {
        self.front + self.optimize + self.select + self.allocate + self.encode
    }
    /// The stages in order.
    pub fn stages(&self) -> [Duration; 5] {
        [self.front, self.optimize, self.select, self.allocate, self.encode]
    }
}

impl Observer for Times {
    fn wants(&self, _: Stage) -> bool {
        false
    }
    fn artifact(&mut self, _: Stage, _: &str, _: &dyn fmt::Display) {}
    fn elapsed(&mut self, stage: Stage, time: Duration) {
        match stage {
            Stage::Lower => self.select += time,
            Stage::Allocate => self.allocate += time,
            Stage::Rewrite | Stage::Encode => self.encode += time,
        }
    }
    fn times(&self) -> bool {
        true
    }
}

/// A compiler for this machine at level 0 or 2, its checks off.
pub struct Pipeline {
    level: u8,
    compiler: Box<dyn FuncCompiler>,
}

impl Pipeline {
    /// A compiler with empty memory.
    pub fn new(level: u8) -> Result<Self, Failure> {
        let target = host_target()?.make(Some("native"))?;
        let compiler = target.compiler(CompileOptions { opt_level: level, check: false });
        Ok(Self { level, compiler })
    }

    /// Optimizes a module.
    pub fn optimize(&self, module: &mut Module) {
        let level = if self.level == 0 { OptLevel::O0 } else { OptLevel::O2 };
        pyexec_opt::optimize(module, level, &mut |_, _| {});
    }

    /// Compiles every function of an optimized module; returns the bytes of code.
    pub fn generate(&mut self, module: &Module, times: &mut Times) -> Result<usize, String> {
        let bodies: Vec<FuncId> =
            module.funcs.iter().filter(|(_, f)| !f.is_import()).map(|(id, _)| id).collect();
        let mut bytes = 0;
        for id in bodies {
            let blob = self.compiler.compile(module, id, &(), times).map_err(|e| e.to_string())?;
            bytes += blob.bytes.len();
        }
        Ok(bytes)
    }

    /// All of it.
    pub fn compile(&mut self, module: &mut Module) -> Result<Times, String> {
        let mut times = Times::default();
        let start = Instant::now();
        self.optimize(module);
        times.optimize = start.elapsed();
        self.generate(module, &mut times)?;
        Ok(times)
    }
}

/// How many instructions the functions of a module have.
pub fn instructions(module: &Module) -> usize {
    module.funcs.values().map(pyexec_ir::Func::live_inst_count).sum()
}

/// A Python program as IR, and how long that took.
pub fn front(text: &str) -> Result<(Module, Duration), Failure> {
    let options = Options { verify: false, ..Options::host()? };
    let mut session = Session::new(options);
    let start = Instant::now();
    let input = session.add(Path::new("bench.py"), "bench.py".into(), text.to_owned())?;
    debug_assert!(input.language == Language::Python);
    let unit = pipeline::lowered(&session, &input, pipeline::Purpose::Run, &mut Watch::nobody())?;
    Ok((unit.module, start.elapsed()))
}
