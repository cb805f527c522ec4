//! Programs: what a file becomes when it is to run, natively or in the interpreter, and how it ends.

use crate::bug::Job;
use crate::observe::{Artifact, StageId, Watch};
use crate::pipeline::{self, Compiled, Purpose, Unit};
use crate::session::{Exit, Input, Session};
use crate::{Failure, Native, build, simulate};
use pyexec_base::{Diagnostic, Loc, Span};
use pyexec_ir::{FuncId, Module, TrapCode, Type};
use pyexec_runtime::{self as runtime, CallError, Exception, Stream, Val, traceback};
use std::path::Path;

/// Where a Python program begins: module-level code.
const PYTHON_ENTRY: &str = "__main__";
/// Where a program in IR begins.
const IR_ENTRY: &str = "main";

/// A program that is ready to run.
pub struct Program {
    unit: Unit,
    machine: Machine,
    argv: Vec<String>,
}

enum Machine {
    /// Code in memory.
    Native(Box<Native>),
    /// The interpreter, with so much fuel.
    Simulated { fuel: u64, state: Box<runtime::State> },
}

/// How a program left its entry function.
pub enum End {
    /// It returned these values.
    Values(Vec<Val>),
    /// With this exception pending.
    Raised(Exception),
    /// By a trap.
    Trap(TrapCode, Loc),
    /// Because of something that only the interpreter says, such as a limit.
    Stopped(String),
    /// Because standard output cannot be written any more.
    Unheard,
}

/// The entry function of a module.
pub fn entry(module: &Module) -> Option<FuncId> {
    let find = |name| module.func_by_name(name).filter(|id| !module.funcs[*id].is_import());
    find(PYTHON_ENTRY).or_else(|| find(IR_ENTRY))
}

/// Compiles and links a program. `argv` is the whole of `sys.argv`.
pub fn load_program(
    session: &Session,
    input: &Input,
    argv: Vec<String>,
    watch: &mut Watch<'_>,
) -> Result<Program, Failure> {
    let target = session.options.target;
    if !target.is_host {
        return Err(Failure::Usage(format!("code for {} cannot run here; use `interp`", target.triple)));
    }
    let compiled = Job::new(session, input).guarded(watch, |w| {
        let compiled = pipeline::compile(session, input, Purpose::Run, w)?;
        check_entry(&compiled.unit.module)?;
        Ok(compiled)
    })?;
    if watch.wanted(StageId::Obj) {
        let bytes = build::object(session, &compiled)?;
        watch.done(StageId::Obj, &Artifact::Object(&bytes));
    }
    watch.start();
    let machine = link(session, &compiled, &argv)?;
    watch.done(StageId::Link, &Artifact::Object(&[]));
    Ok(Program { unit: compiled.unit, machine, argv })
}

/// A program for the interpreter, which takes the same IR as the code generator would.
pub fn load_simulation(
    session: &Session,
    input: &Input,
    argv: Vec<String>,
    fuel: Option<u64>,
    watch: &mut Watch<'_>,
) -> Result<Program, Failure> {
    let unit = Job::new(session, input).guarded(watch, |w| {
        let unit = pipeline::optimized(session, input, Purpose::Run, w)?;
        check_entry(&unit.module)?;
        Ok(unit)
    })?;
    let state = runtime::State::new(Stream::stdout(), Stream::stderr());
    let machine = Machine::Simulated { fuel: fuel.unwrap_or(u64::MAX), state: Box::new(state) };
    Ok(Program { unit, machine, argv })
}

/// A module without any function does nothing; one with functions has to say where to begin.
fn check_entry(module: &Module) -> Result<(), Failure> {
    let Some(id) = entry(module) else {
        return match module.funcs.is_empty() {
            true => Ok(()),
            false => Err(no_entry("there is no function @main to begin with").into()),
        };
    };
    let func = &module.funcs[id];
    if func.sig.params.is_empty() { Ok(()) } else { Err(no_entry("@main takes no arguments").into()) }
}

fn no_entry(message: &str) -> Diagnostic {
    Diagnostic::error_nowhere("E0920", message).help("a .pir file runs from `func ... @main() -> (...)`")
}

fn link(session: &Session, compiled: &Compiled, argv: &[String]) -> Result<Machine, Failure> {
    let module = &compiled.unit.module;
    let mut runtime = runtime::Session::new(Stream::stdout(), Stream::stderr());
    runtime.state.set_argv(argv.iter().cloned());
    let signature = entry(module).map(|id| module.funcs[id].sig.clone());
    let linked =
        Native::link(session.options.target, (module, &compiled.code), signature, runtime, &|_| None)?;
    Ok(Machine::Native(Box::new(linked)))
}

impl Program {
    /// What the user should know although all is well.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.unit.warnings
    }

    /// Sends what the program says elsewhere than to the streams of this process.
    pub fn redirect(&mut self, stdout: Stream, stderr: Stream) {
        let state = match &mut self.machine {
            Machine::Native(native) => native.state(),
            Machine::Simulated { state, .. } => state.as_mut(),
        };
        (state.stdout, state.stderr) = (stdout, stderr);
    }

    /// Runs it to its end; what it says goes to the streams of this process, unless redirected.
    pub fn run(self, session: &Session) -> Result<Exit, Failure> {
        let Program { unit, machine, argv } = self;
        let Some(id) = entry(&unit.module) else { return Ok(Exit::OK) };
        let is_python = unit.module.funcs[id].name == PYTHON_ENTRY;
        let (end, mut state) = match machine {
            Machine::Native(mut native) => {
                let end = call(&mut native, &unit.module.funcs[id].name, is_python)?;
                (end, native.into_state())
            }
            Machine::Simulated { fuel, state } => {
                simulate::run(&unit.module, id, *state, &argv, fuel, is_python)
            }
        };
        let exit = finish(session, &unit, end, &mut state, is_python);
        check_streams(&mut state)?;
        exit
    }
}

fn call(native: &mut Native, name: &str, is_python: bool) -> Result<End, Failure> {
    match native.call(name, &[]) {
        // Given up: if it could say so, it pretends to have raised SystemExit.
        Ok(_) if native.state().stdout.error().is_some() => Ok(End::Unheard),
        Ok(values) => Ok(end(values, native.state(), is_python)),
        Err(CallError::Trap(code, loc)) => Ok(End::Trap(code, loc)),
        Err(CallError::Output) => Ok(End::Unheard),
        Err(error) => Err(Failure::bug("entry", vec![error.to_string()])),
    }
}

/// The result of module-level code, if it has one, is its status.
pub fn end(values: Vec<Val>, state: &mut runtime::State, is_python: bool) -> End {
    let failed = is_python && values.last().is_some_and(|status| status.bits != 0);
    match failed.then(|| state.take_exception()).flatten() {
        Some(exception) => End::Raised(exception),
        None => End::Values(values),
    }
}

fn finish(
    session: &Session,
    unit: &Unit,
    end: End,
    state: &mut runtime::State,
    is_python: bool,
) -> Result<Exit, Failure> {
    match end {
        End::Values(values) => {
            let shown = values.iter().filter(|_| !is_python);
            shown.for_each(|value| state.stdout.write(&format!("{}\n", show(*value))));
            Ok(Exit::OK)
        }
        End::Raised(exception) => {
            state.stdout.flush();
            if let Some((status, text)) = exception.exit() {
                state.stderr.write(text.as_deref().unwrap_or(""));
                return Ok(Exit(status as u8));
            }
            let text = traceback::render(&exception, |index| frame(session, unit, index));
            state.stderr.write(&text);
            Ok(Exit(crate::exit::PROGRAM))
        }
        End::Trap(code, loc) => {
            state.stdout.flush();
            let mut diagnostic =
                Diagnostic::error_nowhere("E0922", format!("the program stopped: trap {code}"));
            diagnostic.span = loc.offset().filter(|_| unit.has_source).map(|at| Span::new(at, at + 1));
            Err(diagnostic.into())
        }
        End::Stopped(why) => {
            state.stdout.flush();
            Err(Diagnostic::error_nowhere("E0923", format!("the program stopped: {why}")).into())
        }
        // Quietly: `check_streams` tells of a full disk, and a reader that left needs no telling.
        End::Unheard => Ok(Exit::OK),
    }
}

fn show(value: Val) -> String {
    match value.ty {
        Type::F64 => runtime::number::float_repr(value.as_f64()),
        Type::F32 => runtime::number::float32_repr(f32::from_bits(value.bits as u32)),
        ty => pyexec_ir::signed(ty, value.bits).to_string(),
    }
}

fn frame(session: &Session, unit: &Unit, index: i32) -> Option<traceback::Frame> {
    let (function, offset) = unit.traceback.get(usize::try_from(index).ok()?)?;
    let file = session.sources.file_at(*offset)?;
    let position = session.sources.position(*offset)?;
    Some(traceback::Frame {
        file: position.file.to_owned(),
        line: position.line,
        function: function.clone(),
        source: Some(file.line_text(position.line).to_owned()),
    })
}

/// A reader that has gone away is not the program's failure; a full disk is.
fn check_streams(state: &mut runtime::State) -> Result<(), Failure> {
    state.stdout.flush();
    state.stderr.flush();
    match state.stdout.error() {
        Some(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::os(Path::new("standard output"), "written", error))
        }
        _ => Ok(()),
    }
}
