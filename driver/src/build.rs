//! Files for others to use: objects, shared libraries, headers, assembly, IR.

use crate::bug::Job;
use crate::observe::{Artifact, StageId, Watch};
use crate::pipeline::{self, Compiled, Purpose};
use crate::session::{Input, Session};
use crate::targets::TargetRow;
use crate::{Failure, files, link};
use pyexec_base::{Diagnostic, Loc, Span};
use pyexec_codegen::{CodeBlob, Reloc, SymbolRef};
use pyexec_emit_elf_macho_pe::{self as emit, Header};
use pyexec_ir::{Linkage, Module, rt};
use std::path::{Path, PathBuf};

/// What a file is to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputKind {
    /// A relocatable object.
    Object,
    /// A shared library.
    Library,
    /// A C header.
    Header,
    /// Assembly.
    Assembly,
    /// Optimized IR.
    Ir,
}

impl OutputKind {
    /// What a file's name asks for.
    pub fn of_path(path: &Path) -> Option<Self> {
        Some(match path.extension()?.to_str()? {
            "o" => OutputKind::Object,
            "so" => OutputKind::Library,
            "h" => OutputKind::Header,
            "s" => OutputKind::Assembly,
            "pir" => OutputKind::Ir,
            _ => return None,
        })
    }

    /// The name of the file for an input named `stem`, in the working folder.
    pub fn default_path(self, stem: &str) -> PathBuf {
        PathBuf::from(match self {
            OutputKind::Object => format!("{stem}.o"),
            OutputKind::Library => format!("lib{stem}.so"),
            OutputKind::Header => format!("{stem}.h"),
            OutputKind::Assembly => format!("{stem}.s"),
            OutputKind::Ir => format!("{stem}.pir"),
        })
    }

    /// Whether one file can hold what several inputs give.
    fn merges(self) -> bool {
        matches!(self, OutputKind::Library | OutputKind::Header)
    }
}

/// A file to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// What it holds.
    pub kind: OutputKind,
    /// Where.
    pub path: PathBuf,
}

/// Compiles the inputs once and writes the outputs; nothing is written unless all inputs compile. Returns
/// warnings.
pub fn build(
    session: &Session,
    inputs: &[Input],
    outputs: &[Output],
    watch: &mut Watch<'_>,
) -> Result<Vec<Diagnostic>, Failure> {
    check_request(inputs, outputs)?;
    let mut done = Vec::new();
    for input in inputs {
        let job = Job::new(session, input);
        let compiled = job.guarded(watch, |w| pipeline::compile(session, input, Purpose::Build, w))?;
        done.push((input, compiled));
    }
    let objects = objects(session, &done, outputs, watch)?;
    // Libraries first: they are what can still fail.
    let (libraries, others): (Vec<_>, Vec<_>) = outputs.iter().partition(|o| o.kind == OutputKind::Library);
    for output in libraries.into_iter().chain(others) {
        write(session, &done, &objects, output)?;
    }
    watch.done(StageId::Link, &Artifact::Object(&[]));
    Ok(done.into_iter().flat_map(|(_, c)| c.unit.warnings).collect())
}

fn check_request(inputs: &[Input], outputs: &[Output]) -> Result<(), Failure> {
    if let Some(output) = outputs.iter().find(|o| inputs.len() > 1 && !o.kind.merges()) {
        return Err(Failure::Usage(format!(
            "{} can hold only one of the {} inputs; name one input, or build a library (.so)",
            output.path.display(),
            inputs.len()
        )));
    }
    outputs.iter().try_for_each(|o| files::check_writable(&o.path))
}

/// The object of each input, if anybody needs it.
fn objects(
    session: &Session,
    done: &[(&Input, Compiled)],
    outputs: &[Output],
    watch: &mut Watch<'_>,
) -> Result<Vec<Vec<u8>>, Failure> {
    let needed = outputs.iter().any(|o| matches!(o.kind, OutputKind::Object | OutputKind::Library));
    if !needed && !watch.wanted(StageId::Obj) {
        return Ok(Vec::new());
    }
    let target = session.options.target;
    if !target.format.has_writer() {
        let (triple, format) = (target.triple, target.format.name());
        return Err(Failure::Usage(format!(
            "for {triple} there is no object file yet (its format is {format}); write assembly (-o NAME.s) and have \
             clang assemble it"
        )));
    }
    let mut objects = Vec::new();
    for (_, compiled) in done {
        watch.start();
        let bytes = object(session, compiled)?;
        watch.done(StageId::Obj, &Artifact::Object(&bytes));
        objects.push(bytes);
    }
    Ok(objects)
}

/// The object file of a compiled module.
pub fn object(session: &Session, compiled: &Compiled) -> Result<Vec<u8>, Failure> {
    let target = session.options.target;
    let object =
        emit::Object { machine: target.machine, module: &compiled.unit.module, code: &compiled.code };
    emit::write_object(target.format, &object).map_err(|e| Failure::bug("write", vec![e.to_string()]))
}

fn write(
    session: &Session,
    done: &[(&Input, Compiled)],
    objects: &[Vec<u8>],
    output: &Output,
) -> Result<(), Failure> {
    match (output.kind, done) {
        (OutputKind::Object, _) => files::write_file(&output.path, &objects.concat()),
        (OutputKind::Library, _) => library(session, done, objects, &output.path),
        (OutputKind::Header, _) => {
            files::write_file(&output.path, header(session, done, &output.path).as_bytes())
        }
        (OutputKind::Assembly, [(_, one)]) => {
            files::write_file(&output.path, pipeline::listing(session, one)?.as_bytes())
        }
        (OutputKind::Ir, [(_, one)]) => {
            files::write_file(&output.path, one.unit.module.to_string().as_bytes())
        }
        _ => Err(Failure::Usage(format!("{} needs exactly one input", output.path.display()))),
    }
}

fn header(session: &Session, done: &[(&Input, Compiled)], path: &Path) -> String {
    let stem = path.file_stem().map_or_else(|| "module".into(), |s| s.to_string_lossy().into_owned());
    let text = emit::write_header(&Header {
        stem,
        sources: done.iter().map(|(input, _)| session.source(input).name().to_owned()).collect(),
        funcs: done.iter().flat_map(|(_, c)| c.unit.exports.clone()).collect(),
    });
    if done.iter().all(|(_, c)| helper_uses(c, session.options.target).is_empty()) {
        return text;
    }
    // Said first, since a linker that misses our helpers says only their names.
    format!(
        "/* These functions call pyexec-cg's runtime. The shared library holds it; a program that is linked with\n   \
         the object needs {} (beside pyexec-cg) and -lm -lpthread -ldl behind it. */\n{text}",
        link::RUNTIME_ARCHIVE
    )
}

fn library(
    session: &Session,
    done: &[(&Input, Compiled)],
    objects: &[Vec<u8>],
    path: &Path,
) -> Result<(), Failure> {
    let target = session.options.target;
    if target.format != emit::Format::Elf {
        let message = format!("a shared library cannot be linked for {} yet", target.triple);
        return Err(Failure::Usage(message + "; build an object (.o)"));
    }
    let archive = link::runtime_archive(target);
    let helpers: Vec<_> = done.iter().flat_map(|(_, c)| helper_uses(c, target)).collect();
    if archive.is_none() && !helpers.is_empty() {
        return Err(Failure::Program(helpers));
    }
    let folder = TemporaryFolder::new()?;
    let mut paths = Vec::new();
    for (index, bytes) in objects.iter().enumerate() {
        let file = folder.0.join(format!("{index}.o"));
        std::fs::write(&file, bytes).map_err(|e| Failure::os(&file, "written", &e))?;
        paths.push(file);
    }
    link::shared_library(target, &paths, archive.as_deref().filter(|_| !helpers.is_empty()), path)
}

/// One diagnostic for each runtime helper that the code calls, at its first use.
fn helper_uses(compiled: &Compiled, target: &TargetRow) -> Vec<Diagnostic> {
    let module = &compiled.unit.module;
    let mut seen: Vec<&str> = Vec::new();
    let mut uses = Vec::new();
    for (_, blob) in &compiled.code {
        for reloc in &blob.relocs {
            let Some(name) = helper_name(module, reloc) else { continue };
            if !seen.contains(&name) {
                seen.push(name);
                uses.push(needs_runtime(name, loc_at(blob, reloc.offset), target));
            }
        }
    }
    uses
}

fn helper_name<'m>(module: &'m Module, reloc: &Reloc) -> Option<&'m str> {
    let SymbolRef::Func(id) = reloc.symbol else { return None };
    let func = &module.funcs[id];
    (func.linkage == Linkage::Import && rt::helper(&func.name).is_some()).then_some(func.name.as_str())
}

/// Where the code at an offset comes from.
fn loc_at(blob: &CodeBlob, offset: u32) -> Loc {
    let after = blob.lines.partition_point(|(start, _)| *start <= offset);
    after.checked_sub(1).map_or(Loc::UNKNOWN, |i| blob.lines[i].1)
}

fn needs_runtime(helper: &str, loc: Loc, target: &TargetRow) -> Diagnostic {
    let what = rt::helper(helper).map_or("", |h| h.doc).trim_end_matches('.');
    let message = format!("a shared library cannot use this without our runtime: `{helper}` ({what})");
    let help = format!(
        "put {} {}, or build an object (.o) and link it with that archive",
        link::RUNTIME_ARCHIVE,
        link::archive_place(target)
    );
    let mut diagnostic = Diagnostic::unsupported("U0900", Span::new(0, 0), message).help(help);
    diagnostic.span = loc.offset().map(|at| Span::new(at, at + 1));
    diagnostic
}

/// Removed with all that is in it.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Result<Self, Failure> {
        let base = std::env::temp_dir();
        for attempt in 0..100 {
            let path = base.join(format!("pyexec-{}-{attempt}", std::process::id()));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Failure::os(&path, "created", &error)),
            }
        }
        Err(Failure::io(&base, "is full of folders that we left behind"))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Nothing depends on it any more; a folder for temporary files is emptied by others too.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
