//! One file a command, and what they share.

pub mod build;
pub mod cat;
pub mod fuzz;
pub mod list;
pub mod meta;
pub mod run;

use crate::args::{CompileArgs, Ints};
use crate::emit::{EmitSpec, Emitter};
use crate::messages::Messages;
use crate::observers::{Changes, Timer};
use crate::output;
use pyexec_base::SourceMap;
use pyexec_driver::{
    Exit, Failure, Observer, Options, Session, StageId, Watch, exit, find_target, host_target,
};
use std::io::Write;

/// The exit status of something that says nothing about sources.
pub fn status(result: Result<(), Failure>) -> u8 {
    match result {
        Ok(()) => exit::OK,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            failure.exit_code()
        }
    }
}

/// Runs a job on a session; tells what went wrong.
pub fn with_session(
    args: &CompileArgs,
    job: impl FnOnce(&mut Session, &Messages) -> Result<Exit, Failure>,
) -> u8 {
    let messages = Messages::new(&args.messages);
    let mut session = match options(args) {
        Ok(options) => Session::new(options),
        Err(failure) => return tell(&messages, &failure, &SourceMap::new()),
    };
    match job(&mut session, &messages) {
        Ok(Exit(status)) => status,
        Err(failure) => tell(&messages, &failure, &session.sources),
    }
}

fn tell(messages: &Messages, failure: &Failure, sources: &SourceMap) -> u8 {
    messages.failure(failure, sources);
    failure.exit_code()
}

fn options(args: &CompileArgs) -> Result<Options, Failure> {
    let target = args.target.as_deref().map_or_else(host_target, find_target)?;
    // An unknown processor is told before anything is read.
    target.make(args.cpu.as_deref())?;
    let verify = args.verify || cfg!(debug_assertions);
    Ok(Options {
        target,
        cpu: args.cpu.clone(),
        opt_level: args.opt_level,
        exact_ints: args.ints == Ints::Exact,
        verify,
    })
}

/// Runs a job under the observers that the arguments ask for, and writes what they saw, also after a
/// failure: the stages before it are what one wants to look at then.
pub fn observed<T>(
    args: &CompileArgs,
    stem: &str,
    job: impl FnOnce(&mut Watch<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let specs: Vec<_> = args.emit.iter().map(|spec| with_path(spec, stem)).collect();
    let (mut emitter, mut timer, mut changes) = (Emitter::new(&specs), Timer::default(), Changes::default());
    let mut observers: Vec<&mut dyn Observer> = Vec::new();
    if !specs.is_empty() {
        observers.push(&mut emitter);
    }
    if args.time_passes {
        observers.push(&mut timer);
    }
    if args.print_changed {
        observers.push(&mut changes);
    }
    let result = job(&mut Watch::new(observers));
    let written =
        write_emitted(emitter, result.is_ok()).and_then(|()| output::print(changes.text().as_bytes()));
    if args.time_passes {
        // As with every message, nobody may be reading.
        let _ = write!(std::io::stderr(), "{}", timer.table());
    }
    let value = result?;
    written.map(|()| value)
}

/// Objects are not for terminals: without a path they go to the name that `build` would give them.
fn with_path(spec: &EmitSpec, stem: &str) -> EmitSpec {
    let path = (spec.stage == StageId::Obj).then(|| format!("{stem}.o").into());
    EmitSpec { stage: spec.stage, path: spec.path.clone().or(path) }
}

fn write_emitted(emitter: Emitter, whole: bool) -> Result<(), Failure> {
    let emitted = emitter.finish();
    let several = emitted.iter().filter(|(s, _)| s.path.is_none()).count() > 1;
    for (spec, bytes) in emitted {
        match spec.path {
            // No half-written files.
            Some(_) if !whole => {}
            Some(path) => pyexec_driver::write_file(&path, &bytes)?,
            None if several => {
                output::print(format!("; ---- {}\n", spec.stage.name()).as_bytes())?;
                output::print(&bytes)?;
            }
            None => output::print(&bytes)?,
        }
    }
    Ok(())
}

/// The name that outputs of an input get: its own without folder and extension.
pub fn stem(path: &std::path::Path) -> String {
    match path.file_stem() {
        Some(stem) if stem != "-" => stem.to_string_lossy().into_owned(),
        _ => "stdin".to_owned(),
    }
}
