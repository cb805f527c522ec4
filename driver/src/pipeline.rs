//! The whole compiler on one screen.
//!
//! ```text
//!   text --parse--> ast --resolve, infer--> HIR --lower--> IR --optimize--> IR --generate--> blobs
//!   blobs --write--> object, assembly        (build.rs: header, shared library)
//!   blobs --link---> code in memory          (run.rs)
//! ```
//!
//! Each stage has one type before and one behind it, and tells the observers what it leaves.

use crate::generate::generate;
use crate::observe::{Artifact, StageId, Watch};
use crate::session::{Input, Language, Session};
use crate::{Failure, aot, blame, callgraph, exports, initialize};
use pyexec_base::Diagnostic;
use pyexec_codegen::{CodeBlob, SymbolRef, Target};
use pyexec_emit_elf_macho_pe as emit;
use pyexec_frontend as frontend;
use pyexec_ir::{self as ir, FuncId, Module, Violation};
use pyexec_opt as opt;

/// What the code is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To run at once, in this process: module-level code and what it calls.
    Run,
    /// To be linked: exported functions and what they call.
    Build,
}

/// A module with what the front end knows of it.
pub struct Unit {
    /// The IR.
    pub module: Module,
    /// What tracebacks name: function and global source offset, by index.
    pub traceback: Vec<(String, u32)>,
    /// What C may call.
    pub exports: Vec<emit::ExportedFunc>,
    /// Whether positions in the IR are positions in the session's sources.
    pub has_source: bool,
    /// What the user should know although all is well.
    pub warnings: Vec<Diagnostic>,
}

/// A module and its code.
pub struct Compiled {
    /// The module, optimized.
    pub unit: Unit,
    /// The code of every function that is wanted.
    pub code: Vec<(FuncId, CodeBlob)>,
}

/// Text to code.
pub fn compile(
    session: &Session,
    input: &Input,
    purpose: Purpose,
    watch: &mut Watch<'_>,
) -> Result<Compiled, Failure> {
    let unit = optimized(session, input, purpose, watch)?;
    let target = target(session, purpose)?;
    let mut roots = roots(&unit.module, input.language, purpose);
    if roots.is_empty() && [StageId::VCode, StageId::Ra, StageId::Asm].iter().any(|s| watch.wanted(*s)) {
        // Nothing is exported, so there is nothing to link; but somebody wants to see code.
        roots.extend(crate::run::entry(&unit.module));
    }
    let code = generate(&unit, &roots, target.as_ref(), &session.options, watch)?;
    let compiled = Compiled { unit, code };
    if watch.wanted(StageId::Asm) {
        watch.done(StageId::Asm, &Artifact::Asm(&listing(session, &compiled)?));
    }
    Ok(compiled)
}

/// Text to optimized IR.
pub fn optimized(
    session: &Session,
    input: &Input,
    purpose: Purpose,
    watch: &mut Watch<'_>,
) -> Result<Unit, Failure> {
    let mut unit = lowered(session, input, purpose, watch)?;
    optimize(&mut unit.module, session, watch)?;
    Ok(unit)
}

/// Text to IR.
pub fn lowered(
    session: &Session,
    input: &Input,
    purpose: Purpose,
    watch: &mut Watch<'_>,
) -> Result<Unit, Failure> {
    watch.start();
    let mut unit = match input.language {
        Language::Python => python(session, input, purpose, watch)?,
        Language::Ir => parse_ir(session, input)?,
    };
    if purpose == Purpose::Build && input.language == Language::Python {
        aot::prepare(&mut unit.module, |index| line(session, &unit.traceback, index));
    }
    watch.done(StageId::Ir, &Artifact::Module(&unit.module));
    // What we wrote ourselves is verified where verification is wanted; what others wrote, always.
    if input.language == Language::Python && !session.options.verify {
        return Ok(unit);
    }
    let violations = ir::verify(&unit.module);
    match (violations.is_empty(), input.language) {
        (true, _) => Ok(unit),
        (_, Language::Ir) => {
            let file = session.source(input);
            Err(blame::diagnostics(file.text(), file.start(), &unit.module, &violations).into())
        }
        (_, Language::Python) => Err(malformed("lower", &unit.module, &violations)),
    }
}

fn python(
    session: &Session,
    input: &Input,
    purpose: Purpose,
    watch: &mut Watch<'_>,
) -> Result<Unit, Failure> {
    let build = purpose == Purpose::Build;
    let exact_ints = session.options.exact_ints;
    let options = frontend::Options { run_as_main: !build, exports: build, exact_ints };
    let ast = frontend::parse(&session.sources, input.file())?;
    watch.done(StageId::Ast, &Artifact::Ast(&ast));
    let (mut hir, mut warnings) = frontend::infer(&ast, &options)?;
    watch.done(StageId::Hir, &Artifact::Hir(&hir));
    let mut lowered = frontend::lower(&hir, &options)?;
    if build {
        warnings.extend(exports::hide_main(&mut hir, &mut lowered.module));
        initialize::run(&mut lowered.module, &hir, &lowered.traceback)?;
    }
    let exports = exports::of_module(&hir, &lowered.module);
    warnings.extend((build && exports.is_empty()).then(exports::nothing));
    Ok(Unit { module: lowered.module, traceback: lowered.traceback, exports, has_source: true, warnings })
}

fn parse_ir(session: &Session, input: &Input) -> Result<Unit, Failure> {
    let file = session.source(input);
    let module = ir::parse_module(file.text(), file.start())?;
    Ok(Unit { module, traceback: Vec::new(), exports: Vec::new(), has_source: false, warnings: Vec::new() })
}

/// IR to better IR; with verification, the first pass that spoils the module is named.
fn optimize(module: &mut Module, session: &Session, watch: &mut Watch<'_>) -> Result<(), Failure> {
    let level = match session.options.opt_level {
        0 => opt::OptLevel::O0,
        1 => opt::OptLevel::O1,
        2 => opt::OptLevel::O2,
        _ => opt::OptLevel::O3,
    };
    let mut spoiled = None;
    opt::optimize(module, level, &mut |pass, module| {
        if spoiled.is_some() {
            return;
        }
        if session.options.verify {
            let violations = ir::verify(module);
            spoiled = (!violations.is_empty()).then(|| malformed(pass, module, &violations));
        }
        if spoiled.is_none() {
            watch.done(StageId::Pass(pass), &Artifact::Module(module));
        }
    });
    match spoiled {
        Some(failure) => Err(failure),
        None => {
            watch.done(StageId::Opt, &Artifact::Module(module));
            Ok(())
        }
    }
}

/// Code that runs here and now may use all that this processor has.
fn target(session: &Session, purpose: Purpose) -> Result<Box<dyn Target>, Failure> {
    let here = (purpose == Purpose::Run && session.options.target.is_host).then_some("native");
    session.options.target.make(session.options.cpu.as_deref().or(here))
}

/// The functions that are wanted whatever happens.
fn roots(module: &Module, language: Language, purpose: Purpose) -> Vec<FuncId> {
    match (purpose, language) {
        (Purpose::Run, _) => crate::run::entry(module).into_iter().collect(),
        (Purpose::Build, Language::Python) => callgraph::visible(module),
        // Who writes IR wants to see what becomes of it.
        (Purpose::Build, Language::Ir) => module.funcs.ids().collect(),
    }
}

fn line(session: &Session, traceback: &[(String, u32)], index: i64) -> i64 {
    let entry = usize::try_from(index).ok().and_then(|i| traceback.get(i));
    let position = entry.and_then(|(_, offset)| session.sources.position(*offset));
    position.map_or(0, |p| i64::from(p.line))
}

/// The compiler's own fault.
fn malformed(stage: &str, module: &Module, violations: &[Violation]) -> Failure {
    Failure::bug(stage, violations.iter().map(|v| v.describe(module)).collect())
}

/// The assembly file of a compiled module.
pub fn listing(session: &Session, compiled: &Compiled) -> Result<String, Failure> {
    let row = session.options.target;
    let target = row.make(session.options.cpu.as_deref())?;
    let module = &compiled.unit.module;
    let name_of = |symbol: SymbolRef| match symbol {
        SymbolRef::Func(id) => module.funcs[id].name.clone(),
        SymbolRef::Global(id) => module.globals[id].name.clone(),
        SymbolRef::Named(name) => name.to_owned(),
    };
    let object = emit::Object { machine: row.machine, module, code: &compiled.code };
    Ok(emit::write_assembly(row.format, &object, row.asm_header, &|blob| target.disassemble(blob, &name_of)))
}
