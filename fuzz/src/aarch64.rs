//! Random IR on the second machine: the interpreter and AArch64 code at -O0 and -O2 give one answer.
//!
//! ```text
//!  seeds -> modules -> interpreter -> answers ---------------------------+
//!              |                                                         = ?
//!              +-> objects, entries renamed -> one program -> emulator --+
//! ```
//!
//! Starting the emulator takes longer than running a module, so many modules go into one program. A driver in C
//! calls each entry and prints what it returns, or the signal and where it was raised; the trap tables of the blobs
//! say which trap that is. Modules get names of their own in each object, and nothing of them is exported but the
//! entry.

use crate::ir::{STEPS, options, trapped};
use pyexec_codegen::CodeBlob;
use pyexec_driver::pipeline::{self, Purpose};
use pyexec_driver::{Options, Session, Watch, find_target, object};
use pyexec_ir::interp::{Interp, Limits, NoHost, Stop};
use pyexec_ir::random::{ENTRY, Rng, random_args, random_module};
use pyexec_ir::{Linkage, Module, shrink};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// The tools without which nothing runs.
pub const TOOLS: [&str; 3] = ["aarch64-linux-gnu-gcc", "aarch64-linux-gnu-nm", "qemu-aarch64"];
/// How many seeds share a program.
pub const BATCH: u64 = 24;
/// The levels that are compared with the interpreter.
const LEVELS: [u8; 2] = [0, 2];
/// How many candidates are tried when a module is made smaller: each is a program of its own.
const TRIES: u32 = 150;
/// ELF for the Arm 64-bit Architecture, 5.2.
const EM_AARCH64: u8 = 183;

/// What the driver runs before it looks at its table.
const DRIVER: &str = r#"
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#ifndef __aarch64__
#error another machine
#endif
typedef int64_t entry(int64_t, int64_t, double, double);
struct row { entry *call; uint64_t args[4]; };
static sigjmp_buf back;
static void handler(int number, siginfo_t *info, void *context) {
  printf("signal %d %llx\n", number, (unsigned long long)((ucontext_t *)context)->uc_mcontext.pc);
  siglongjmp(back, 1);
}
static void run(const struct row *row) {
  double x, y;
  memcpy(&x, &row->args[2], 8);
  memcpy(&y, &row->args[3], 8);
  if (!sigsetjmp(back, 1))
    printf("value %llx\n", (unsigned long long)row->call(row->args[0], row->args[1], x, y));
}
extern const struct row table[];
extern const int rows;
int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  int signals[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, 0);
  for (int i = 0; i < rows; i++) run(&table[i]);
  return 0;
}
"#;

/// The answer of a module: bits of the result, or how it stopped.
type Answer = Result<u64, String>;

/// A module that means something else to AArch64.
#[derive(Debug)]
pub struct Disagreement {
    /// Which seed drew it.
    pub seed: u64,
    /// The smallest module found.
    pub module: Module,
    /// What the interpreter says, and what the machine did.
    pub message: String,
}

/// The tool that is missing, if any.
pub fn missing_tool() -> Option<&'static str> {
    TOOLS.into_iter().find(|tool| Command::new(tool).arg("--version").output().is_err())
}

/// Draws [`BATCH`] modules and compares. Nothing if all agree.
///
/// # Errors
/// If a tool fails: the text says which, and how.
pub fn check(first: u64) -> Result<Option<Disagreement>, String> {
    let drawn: Vec<(u64, Module)> =
        (first..first + BATCH).map(|seed| (seed, random_module(seed, &options(seed)))).collect();
    for level in LEVELS {
        let Some((seed, message)) = differences(&drawn, level)?.into_iter().next() else { continue };
        let module =
            drawn.into_iter().find(|(s, _)| *s == seed).map(|(_, module)| module).unwrap_or_default();
        let mut differs = |m: &Module| {
            let alone = [(seed, m.clone())];
            differences(&alone, level).is_ok_and(|found| !found.is_empty())
        };
        let module = shrink(&module, TRIES, &mut differs);
        let message = format!("seed {seed} at -O{level}: {message}");
        return Ok(Some(Disagreement { seed, module, message }));
    }
    Ok(None)
}

/// The seeds whose modules differ at a level, and how.
fn differences(drawn: &[(u64, Module)], level: u8) -> Result<Vec<(u64, String)>, String> {
    let mut program = Program::new()?;
    let mut expected = Vec::new();
    for (seed, module) in drawn {
        let args = random_args(&mut Rng::new(*seed));
        let Some(answer) = interpreted(module, &args) else { continue };
        program.add(*seed, module, &args, level)?;
        expected.push((*seed, answer));
    }
    let answers = program.run()?;
    if answers.len() != expected.len() {
        return Err(format!("{} of {} modules answered", answers.len(), expected.len()));
    }
    let pairs = expected.into_iter().zip(answers).filter(|((_, wanted), got)| wanted != got);
    Ok(pairs
        .map(|((seed, wanted), got)| (seed, format!("interpreter: {wanted:?}; machine: {got:?}")))
        .collect())
}

/// The interpreter's answer; nothing if its limits do not suffice.
fn interpreted(module: &Module, args: &[u128]) -> Option<Answer> {
    let entry = module.func_by_name(ENTRY)?;
    let mut interp = Interp::new(module, Limits { fuel: 4 * STEPS, ..Limits::default() }).ok()?;
    match interp.call(entry, args, &mut NoHost) {
        Ok(answer) => Some(Ok(answer.first().copied().unwrap_or(0) as u64)),
        Err(Stop::Trap(code, _)) => Some(Err(trapped(code))),
        Err(_) => None,
    }
}

/// Modules on their way into one program for the emulator.
struct Program {
    folder: PathBuf,
    objects: Vec<PathBuf>,
    /// What the driver calls, as C.
    table: String,
    declarations: String,
    blobs: BTreeMap<String, CodeBlob>,
}

impl Program {
    fn new() -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("pyexec-fuzz-a64-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Self {
            folder,
            objects: Vec::new(),
            table: String::new(),
            declarations: String::new(),
            blobs: BTreeMap::new(),
        })
    }

    fn add(&mut self, seed: u64, module: &Module, args: &[u128; 4], level: u8) -> Result<(), String> {
        let mut module = module.clone();
        for id in module.funcs.ids().collect::<Vec<_>>() {
            let func = &mut module.funcs[id];
            func.linkage = if func.name == ENTRY { Linkage::Export } else { Linkage::Local };
            func.name = format!("{}_{seed}", func.name);
        }
        for id in module.globals.ids().collect::<Vec<_>>() {
            module.globals[id].linkage = Linkage::Local;
        }
        let target = find_target("aarch64-unknown-linux-gnu").map_err(|e| e.to_string())?;
        let options = Options { target, cpu: None, opt_level: level, exact_ints: true, verify: true };
        let mut session = Session::new(options);
        let name = format!("{seed}.pir");
        let input =
            session.add(Path::new(&name), name.clone(), module.to_string()).map_err(|e| e.to_string())?;
        let compiled = pipeline::compile(&session, &input, Purpose::Build, &mut Watch::nobody());
        let compiled = compiled.map_err(|e| format!("seed {seed} at -O{level}: {e:?}"))?;
        let path = self.folder.join(format!("{seed}.o"));
        std::fs::write(&path, object(&session, &compiled).map_err(|e| e.to_string())?)
            .map_err(|e| e.to_string())?;
        self.objects.push(path);
        self.blobs.extend(compiled.code.into_iter().map(|(_, blob)| (blob.name.clone(), blob)));
        let _ = writeln!(self.declarations, "entry {ENTRY}_{seed};");
        let [a, b, c, d] = args;
        let _ = writeln!(self.table, "{{{ENTRY}_{seed}, {{{a:#x}u, {b:#x}u, {c:#x}u, {d:#x}u}}}},");
        Ok(())
    }

    /// Links and runs; the answer of each module, in order.
    fn run(&self) -> Result<Vec<Answer>, String> {
        if self.objects.is_empty() {
            return Ok(Vec::new());
        }
        let (source, program) = (self.folder.join("driver.c"), self.folder.join("program"));
        let Self { declarations, table, .. } = self;
        let count = self.objects.len();
        let tables =
            format!("{declarations}const struct row table[] = {{\n{table}}};\nconst int rows = {count};\n");
        std::fs::write(&source, format!("{DRIVER}{tables}")).map_err(|e| e.to_string())?;
        let mut gcc = Command::new(TOOLS[0]);
        gcc.args(["-w", "-static", "-o"]).arg(&program).arg(&source).args(&self.objects).arg("-lm");
        output(&mut gcc)?;
        let bytes = std::fs::read(&program).map_err(|e| e.to_string())?;
        if bytes.get(18) != Some(&EM_AARCH64) {
            return Err("the program is not for AArch64".into());
        }
        let places = self.places(&output(Command::new(TOOLS[1]).arg(&program))?);
        let printed = output(Command::new(TOOLS[2]).arg(&program))?;
        Ok(printed.lines().map(|line| self.answer(line, &places)).collect())
    }

    /// Where our functions are, from `nm`'s lines `address kind name`.
    fn places<'b>(&'b self, symbols: &str) -> BTreeMap<u64, &'b CodeBlob> {
        let place = |line: &str| {
            let (address, rest) = line.split_once(' ')?;
            let blob = self.blobs.get(rest.split_once(' ')?.1)?;
            Some((u64::from_str_radix(address, 16).ok()?, blob))
        };
        symbols.lines().filter_map(place).collect()
    }

    fn answer(&self, line: &str, places: &BTreeMap<u64, &CodeBlob>) -> Answer {
        let number = |text: &str| u64::from_str_radix(text, 16).map_err(|_| line.to_owned());
        if let Some(bits) = line.strip_prefix("value ") {
            return Ok(number(bits)?);
        }
        let pc = number(line.rsplit(' ').next().unwrap_or_default())?;
        let trap = places.range(..=pc).next_back().and_then(|(start, blob)| {
            let offset = u32::try_from(pc - start).ok()?;
            blob.traps.iter().find(|(at, _)| *at == offset)
        });
        Err(trap.map_or_else(|| line.to_owned(), |(_, code)| trapped(*code)))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Nothing depends on it any more.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a tool prints.
fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|e| format!("{:?}: {e}", command.get_program()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match done.status.success() {
        true => Ok(text(&done.stdout)),
        false => Err(format!("{:?}: {}\n{}", command.get_program(), done.status, text(&done.stderr))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(body: &str) -> Module {
        let head =
            "func c export @entry(i64, i64, f64, f64) -> (i64) {\nb0(v0: i64, v1: i64, v2: f64, v3: f64):\n";
        pyexec_ir::parse_module(&format!("{head}{body}}}\n"), 0).expect("the IR parses")
    }

    #[test]
    fn results_traps_and_crashes_are_told_apart() {
        if missing_tool().is_some() {
            // The smoke test says so.
            return;
        }
        let bodies = [
            "  v4 = isub.i64 v0, v1\n  ret v4\n",
            "  v4 = bitcast.i64 v3\n  ret v4\n",
            "  v4 = sdiv.i64 v0, v1\n  ret v4\n",
            "  v4 = load.i64 unknown v1\n  ret v4\n",
        ];
        let mut program = Program::new().expect("a folder");
        for (seed, body) in (0..).zip(bodies) {
            program.add(seed, &entry(body), &[7, 0, 0, 0x7ff0_0000_0000_0001], 2).expect("compiles");
        }
        let answers = program.run().expect("runs");
        assert_eq!(answers[..3], [Ok(7), Ok(0x7ff0_0000_0000_0001), Err("trap div_zero".into())]);
        assert!(answers[3].as_ref().is_err_and(|how| how.starts_with("signal 11 ")), "{answers:?}");
    }
}
