//! The one hook: after every stage and pass, each observer sees what the stage left.
//!
//! `--emit`, `--time-passes`, `--print-changed` and golden tests are observers; no stage prints anything.

use pyexec_codegen as codegen;
use pyexec_frontend::{Ast, hir};
use pyexec_ir::Module;
use std::fmt;
use std::time::{Duration, Instant};

/// A stage, by what it leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StageId {
    /// parse: ruff's syntax tree.
    Ast,
    /// resolve and infer: the typed HIR.
    Hir,
    /// lower: IR as the front end makes it.
    Ir,
    /// One pass of the optimizer.
    Pass(&'static str),
    /// optimize: IR after all passes.
    Opt,
    /// select: machine instructions over virtual registers.
    VCode,
    /// allocate: the problem and its solution.
    Ra,
    /// rewrite: machine instructions over physical registers.
    Rewrite,
    /// encode: the listing.
    Asm,
    /// write: the object file.
    Obj,
    /// link: code in memory, or a shared library.
    Link,
}

impl StageId {
    /// The stages that `--emit` knows.
    pub const EMITTED: &'static [StageId] = &[
        StageId::Ast,
        StageId::Hir,
        StageId::Ir,
        StageId::Opt,
        StageId::VCode,
        StageId::Ra,
        StageId::Asm,
        StageId::Obj,
    ];

    /// What is left behind, as `--emit` names it.
    pub const fn name(self) -> &'static str {
        match self {
            StageId::Ast => "ast",
            StageId::Hir => "hir",
            StageId::Ir => "ir",
            StageId::Pass(name) => name,
            StageId::Opt => "opt",
            StageId::VCode => "vcode",
            StageId::Ra => "ra",
            StageId::Rewrite => "rewrite",
            StageId::Asm => "asm",
            StageId::Obj => "obj",
            StageId::Link => "link",
        }
    }

    /// What is done, as `--time-passes` names it.
    pub const fn verb(self) -> &'static str {
        match self {
            StageId::Ast => "parse",
            StageId::Hir => "infer",
            StageId::Ir => "lower",
            StageId::Pass(name) => name,
            StageId::Opt => "optimize",
            StageId::VCode => "select",
            StageId::Ra => "allocate",
            StageId::Rewrite => "rewrite",
            StageId::Asm => "encode",
            StageId::Obj => "write",
            StageId::Link => "link",
        }
    }
}

/// What a stage left.
#[derive(Clone, Copy)]
pub enum Artifact<'a> {
    /// The syntax tree.
    Ast(&'a Ast),
    /// The typed HIR.
    Hir(&'a hir::Module),
    /// IR.
    Module(&'a Module),
    /// Something of one function, in its text form.
    Func(&'a str, &'a dyn fmt::Display),
    /// The listing of everything, as an assembler reads it.
    Asm(&'a dyn fmt::Display),
    /// A file.
    Object(&'a [u8]),
}

impl Artifact<'_> {
    /// The text form.
    pub fn text(&self) -> String {
        match self {
            Artifact::Ast(ast) => format!("{:#?}\n", ast.module.body),
            Artifact::Hir(module) => module.to_string(),
            Artifact::Module(module) => module.to_string(),
            Artifact::Func(_, text) | Artifact::Asm(text) => text.to_string(),
            Artifact::Object(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// Watches a run of the pipeline.
pub trait Observer {
    /// Whether [`stage`](Self::stage) is wanted for this stage: printing is not free.
    fn wants(&self, stage: StageId) -> bool;
    /// What a stage has left.
    fn stage(&mut self, stage: StageId, artifact: &Artifact<'_>);
    /// Whether to look at the clock.
    fn times(&self) -> bool {
        false
    }
    /// How long a stage took; for stages of functions, once a function.
    fn elapsed(&mut self, _stage: StageId, _time: Duration) {}
}

/// All observers of a run, as one.
#[derive(Default)]
pub struct Watch<'o> {
    observers: Vec<&'o mut dyn Observer>,
    times: bool,
    since: Option<Instant>,
}

impl<'o> Watch<'o> {
    /// Nobody watches.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// These watch.
    pub fn new(observers: Vec<&'o mut dyn Observer>) -> Self {
        let times = observers.iter().any(|o| o.times());
        Self { observers, times, since: None }
    }

    /// A stage begins now; [`done`](Self::done) ends it.
    pub fn start(&mut self) {
        self.since = self.times.then(Instant::now);
    }

    /// A stage has ended and left this.
    pub fn done(&mut self, stage: StageId, artifact: &Artifact<'_>) {
        if let Some(since) = self.since {
            self.tell_time(stage, since.elapsed());
        }
        for observer in self.observers.iter_mut().filter(|o| o.wants(stage)) {
            observer.stage(stage, artifact);
        }
        // What observers do is no stage's time.
        self.start();
    }

    /// Whether anybody wants what this stage leaves.
    pub fn wanted(&self, stage: StageId) -> bool {
        self.observers.iter().any(|o| o.wants(stage))
    }

    fn tell_time(&mut self, stage: StageId, time: Duration) {
        self.observers.iter_mut().for_each(|o| o.elapsed(stage, time));
    }
}

/// The stages of one function, as the shared code generator reports them.
impl codegen::Observer for Watch<'_> {
    fn wants(&self, stage: codegen::Stage) -> bool {
        // The listing is that of the whole module, made when all functions are encoded.
        stage != codegen::Stage::Encode && self.wanted(stage_of(stage))
    }
    fn artifact(&mut self, stage: codegen::Stage, func: &str, text: &dyn fmt::Display) {
        let stage = stage_of(stage);
        for observer in self.observers.iter_mut().filter(|o| o.wants(stage)) {
            observer.stage(stage, &Artifact::Func(func, text));
        }
    }
    fn elapsed(&mut self, stage: codegen::Stage, time: Duration) {
        self.tell_time(stage_of(stage), time);
    }
    fn times(&self) -> bool {
        self.times
    }
}

fn stage_of(stage: codegen::Stage) -> StageId {
    match stage {
        codegen::Stage::Lower => StageId::VCode,
        codegen::Stage::Allocate => StageId::Ra,
        codegen::Stage::Rewrite => StageId::Rewrite,
        codegen::Stage::Encode => StageId::Asm,
    }
}
