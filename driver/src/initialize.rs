//! Module-level variables of objects and libraries: computed now, because nobody runs the module's code later.
//!
//! ```text
//!   counter = 5                      global local data @var.counter: size 8 = "\x05\0\0\0\0\0\0\0"
//!   def bump(n: int) -> int: ...  => func c export @bump(i64) -> (i64) ...
//! ```
//!
//! In: a module as the front end makes it. Out: the same, with the cells that exported functions use holding what
//! module-level code leaves in them. Only if there are such cells is that code run, in the interpreter; what it
//! prints is not shown, since importing is not running. Code whose result is not the same every time (arguments,
//! clocks), that raises, that takes too long, or that stores addresses is refused.

use crate::Failure;
use crate::callgraph;
use crate::run::{End, entry};
use crate::simulate::{Simulation, interpreter};
use pyexec_base::{BitSet, Diagnostic, Span};
use pyexec_frontend::{hir, types::Type, words_of_variable};
use pyexec_ir::{CallConv, Func, FuncId, Global, GlobalId, Imm, Linkage, Module};
use pyexec_runtime::{Capture, State, Stream};

/// Steps of the interpreter: a fraction of a second.
const FUEL: u64 = 10_000_000;
/// Helpers whose answer is another one tomorrow.
const INPUTS: &[&str] = &["pyexec_argc", "pyexec_argv", "pyexec_time"];

/// Runs module-level code if exported functions need what it computes.
pub fn run(module: &mut Module, hir: &hir::Module, traceback: &[(String, u32)]) -> Result<(), Failure> {
    let exported: Vec<_> = module.funcs.iter().filter(|(_, f)| is_exported(f)).map(|(id, _)| id).collect();
    let mut cells = cells(module, &exported);
    let Some(main) = entry(module) else { return Ok(()) };
    let written = self::cells(module, &[main]);
    cells.retain(|cell| written.contains(cell));
    if cells.is_empty() {
        return Ok(());
    }
    for cell in &cells {
        check_type(&module.globals[*cell], hir)?;
    }
    let values = values(module, main, &cells, hir, traceback)?;
    for (cell, bytes) in cells.into_iter().zip(values) {
        check_size(&module.globals[cell], &bytes, hir)?;
        module.globals[cell].init = bytes;
    }
    Ok(())
}

fn is_exported(func: &Func) -> bool {
    func.linkage == Linkage::Export && func.sig.conv == CallConv::C
}

/// The variables that these functions reach.
fn cells(module: &Module, roots: &[FuncId]) -> Vec<GlobalId> {
    let mut found = BitSet::new();
    for id in callgraph::postorder(module, roots) {
        let func = &module.funcs[id];
        for inst in func.layout.iter().flat_map(|b| &func.block(*b).insts) {
            if let Imm::Global(global, _) = func.inst(*inst).imm {
                found.insert(global);
            }
        }
    }
    let is_cell = |g: &Global| g.writable && g.linkage == Linkage::Local && !g.thread_local;
    found.iter().filter(|id| is_cell(&module.globals[*id])).collect()
}

/// Text is an address, and addresses of now mean nothing later.
fn check_type(cell: &Global, hir: &hir::Module) -> Result<(), Failure> {
    let same_name = |g: &&hir::Global| cell.name.strip_prefix("var.") == Some(g.name.as_str());
    match hir.globals.values().filter(same_name).find(|g| has_text(&g.ty) || g.ty.has_buffer()) {
        Some(variable) => {
            let name = &variable.name;
            let what = if variable.ty.has_buffer() { "a buffer" } else { "text" };
            Err(refused(hir, None, format!("the module-level variable `{name}` holds {what}")))
        }
        None => Ok(()),
    }
}

/// An integer beyond 64 bits is an address, too.
fn check_size(cell: &Global, bytes: &[u8], hir: &hir::Module) -> Result<(), Failure> {
    let same_name = |g: &&hir::Global| cell.name.strip_prefix("var.") == Some(g.name.as_str());
    let Some(variable) = hir.globals.values().find(same_name) else { return Ok(()) };
    let words = words_of_variable(variable);
    match bytes.iter().skip(words.start).take(words.len()).any(|byte| *byte != 0) {
        true => {
            let name = &variable.name;
            Err(refused(hir, None, format!("the module-level variable `{name}` holds an int beyond 64 bits")))
        }
        false => Ok(()),
    }
}

fn has_text(ty: &Type) -> bool {
    match ty {
        Type::Str | Type::Text | Type::Exc => true,
        Type::Tuple(items) => items.iter().any(has_text),
        _ => false,
    }
}

/// What module-level code leaves in the cells.
fn values(
    module: &Module,
    main: FuncId,
    cells: &[GlobalId],
    hir: &hir::Module,
    traceback: &[(String, u32)],
) -> Result<Vec<Vec<u8>>, Failure> {
    let stopped = |why: String| refused(hir, None, format!("module-level code cannot be run now: {why}"));
    let interp = interpreter(module, FUEL).map_err(|stop| stopped(stop.to_string()))?;
    let silent = || Stream::capture(Capture::default());
    let mut simulation = Simulation::new(interp, State::new(silent(), silent()), &[]);
    simulation.refuse(INPUTS);
    match simulation.call(module, main, true) {
        End::Values(_) => {}
        End::Raised(exception) => {
            let outermost = exception.trace.last().and_then(|i| traceback.get(usize::try_from(*i).ok()?));
            let message = format!("module-level code raises {}", exception.last_line());
            return Err(refused(hir, outermost.map(|(_, offset)| *offset), message));
        }
        End::Trap(code, loc) => {
            return Err(refused(hir, loc.offset(), format!("module-level code stops: trap {code}")));
        }
        End::Stopped(why) => return Err(stopped(why)),
        End::Unheard => return Err(stopped("standard output cannot be written".into())),
    }
    let bytes = |cell: &GlobalId| simulation.contents(&module.globals[*cell]).map(trimmed);
    let bytes: Option<Vec<_>> = cells.iter().map(bytes).collect();
    bytes.ok_or_else(|| Failure::bug("initialize", vec!["a variable is not in memory".into()]))
}

/// Without the zeros at its end, which are implied.
fn trimmed(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    bytes[..end].to_vec()
}

fn refused(hir: &hir::Module, offset: Option<u32>, why: String) -> Failure {
    let main = hir.main.map_or(0, |main| hir.functions[main].span.lo);
    let at = offset.unwrap_or(main);
    Diagnostic::unsupported("U0901", Span::new(at, at + 1), why)
        .help("exported functions use module-level variables, so the code that sets them is run when they are built; use constants or parameters instead")
        .into()
}
