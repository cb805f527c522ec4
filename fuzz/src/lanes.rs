//! Our ways of running a program: machine code at every level, and the interpreter.

use crate::cpython::Outcome;
use pyexec_driver::{Artifact, Exit, Failure, Observer, Options, Session, StageId, Watch, exit};
use pyexec_driver::{load_program, load_simulation};
use pyexec_ir::{Module, Opcode};
use pyexec_runtime::{Capture, Stream};
use std::collections::BTreeSet;
use std::path::Path;

/// One way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lane {
    /// What it is called in reports.
    pub name: &'static str,
    /// The level of optimization.
    pub level: u8,
    /// By the interpreter of our IR, not by the machine.
    pub simulated: bool,
    /// On the emulated AArch64, by a compiler that is an AArch64 program itself.
    pub emulated: bool,
    /// It takes part once in so many programs.
    pub every: u64,
}

/// All of them. Those that share most of their work with another one take part less often.
#[rustfmt::skip]
pub const LANES: &[Lane] = &[
    Lane { name: "-O0", level: 0, simulated: false, emulated: false, every: 1 },
    Lane { name: "-O2", level: 2, simulated: false, emulated: false, every: 1 },
    Lane { name: "interpreter", level: 0, simulated: true, emulated: false, every: 4 },
    Lane { name: "interpreter -O2", level: 2, simulated: true, emulated: false, every: 16 },
    Lane { name: "-O1", level: 1, simulated: false, emulated: false, every: 16 },
    Lane { name: "-O3", level: 3, simulated: false, emulated: false, every: 8 },
    Lane { name: "aarch64 -O0", level: 0, simulated: false, emulated: true, every: 32 },
    Lane { name: "aarch64 -O2", level: 2, simulated: false, emulated: true, every: 16 },
];

/// IR and register allocation are verified once in so many programs: it takes as long as compiling.
const VERIFIED: u64 = 32;
/// Instructions that the interpreter may take; programs of ours need a small part of it.
const FUEL: u64 = 50_000_000;
/// The file as it is named in tracebacks; the oracle calls it so as well.
const FILE: &str = "f.py";

/// How an outcome begins that is not the end of a program.
const REFUSED: &str = "refused: ";
const INTERNAL: &str = "internal error: ";

/// The lane with this name.
pub fn lane(name: &str) -> Option<&'static Lane> {
    LANES.iter().find(|lane| lane.name == name)
}

/// The lanes for the program with this number; those of the emulated machine if there is one.
pub fn lanes_for(number: u64, emulated: bool) -> Vec<&'static Lane> {
    LANES.iter().filter(|lane| number.is_multiple_of(lane.every) && (emulated || !lane.emulated)).collect()
}

/// Whether the program with this number is verified as well.
pub fn is_verified(number: u64) -> bool {
    number.is_multiple_of(VERIFIED)
}

/// Whether this tells that the program is not compiled.
pub fn is_refusal(outcome: &Outcome) -> bool {
    outcome.ended.starts_with(REFUSED)
}

/// Whether this tells of a bug that the compiler noticed by itself.
pub fn is_internal(outcome: &Outcome) -> bool {
    outcome.ended.starts_with(INTERNAL)
}

/// Compiles and runs a program in this process.
pub fn run(source: &str, lane: &Lane, verify: bool) -> Outcome {
    let (stdout, stderr) = (Capture::default(), Capture::default());
    let ended = start(source, lane, verify, &stdout, &stderr);
    let text = |capture: Capture| String::from_utf8_lossy(&capture.take()).into_owned();
    let (printed, said) = (text(stdout), text(stderr));
    let ended = match ended {
        Ok(Exit::OK) => "ok".to_string(),
        Ok(Exit(exit::PROGRAM)) if said.starts_with("Traceback ") || said.contains("\nTraceback ") => {
            said.lines().last().unwrap_or_default().to_string()
        }
        Ok(Exit(status)) => format!("exit {status}"),
        Err(failure) => told(&failure),
    };
    Outcome { ended, printed, said }
}

fn told(failure: &Failure) -> String {
    match failure {
        Failure::Program(messages) => {
            let stopped = messages.iter().find(|m| m.message.starts_with("the program stopped"));
            let first = stopped.or(messages.first()).map_or("", |m| m.message.as_str());
            if stopped.is_some() { first.to_string() } else { format!("{REFUSED}{first}") }
        }
        Failure::Internal(bug) => format!("{INTERNAL}{bug}"),
        other => format!("{INTERNAL}{other}"),
    }
}

fn session(source: &str, level: u8, verify: bool) -> Result<(Session, pyexec_driver::Input), Failure> {
    let mut session = Session::new(Options { opt_level: level, verify, ..Options::host()? });
    let input = session.add(Path::new(FILE), FILE.into(), source.into())?;
    Ok((session, input))
}

fn start(
    source: &str,
    lane: &Lane,
    verify: bool,
    stdout: &Capture,
    stderr: &Capture,
) -> Result<Exit, Failure> {
    let (session, input) = session(source, lane.level, verify)?;
    let (mut nobody, argv) = (Watch::nobody(), vec![FILE.to_string()]);
    let mut program = match lane.simulated {
        true => load_simulation(&session, &input, argv, Some(FUEL), &mut nobody)?,
        false => load_program(&session, &input, argv, &mut nobody)?,
    };
    program.redirect(Stream::capture(stdout.clone()), Stream::capture(stderr.clone()));
    program.run(&session)
}

/// Compiles a program; what is said of it, nothing if all is well. It does not run.
pub fn compile(source: &str) -> Option<Failure> {
    let load = || {
        let (session, input) = session(source, 2, true)?;
        load_program(&session, &input, vec![FILE.into()], &mut Watch::nobody()).map(|_| ())
    };
    load().err()
}

/// Which opcodes and helpers a program uses: programs with something new among them are worth keeping.
pub fn features(source: &str) -> BTreeSet<String> {
    let mut observer = Features::default();
    let load = |observer: &mut Features| {
        let (session, input) = session(source, 1, false)?;
        let mut watch = Watch::new(vec![observer]);
        load_simulation(&session, &input, vec![FILE.into()], Some(0), &mut watch).map(|_| ())
    };
    // What is not compiled has the features that it showed until then.
    let _ = load(&mut observer);
    observer.0
}

#[derive(Default)]
struct Features(BTreeSet<String>);

impl Observer for Features {
    fn wants(&self, stage: StageId) -> bool {
        stage == StageId::Opt
    }
    fn stage(&mut self, _: StageId, artifact: &Artifact<'_>) {
        if let Artifact::Module(module) = artifact {
            collect(module, &mut self.0);
        }
    }
}

/// Pairs of neighbours say more than single opcodes, and are still few.
fn collect(module: &Module, found: &mut BTreeSet<String>) {
    for (_, func) in module.funcs.iter() {
        if func.is_import() {
            found.insert(func.name.clone());
            continue;
        }
        let insts = func.layout.iter().flat_map(|block| &func.block(*block).insts);
        let opcodes: Vec<Opcode> = insts.map(|inst| func.inst(*inst).op).collect();
        found.extend(opcodes.windows(2).map(|pair| format!("{:?} {:?}", pair[0], pair[1])));
    }
}
