//! Runs compiled functions: prints them as assembly, lets GNU's tools assemble and link them with a driver in
//! C, and feeds the driver calls.

use super::{Dir, have, run};
use pyexec_codegen::{CodeBlob, CompileOptions, SymbolRef, Target};
use pyexec_ir::{Module, TrapCode};
use pyexec_regalloc::PRegSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What became of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Cells(Vec<u64>),
    Trap(TrapCode),
    /// A signal that is no trap of ours: number and offset.
    Crash(u64, i64),
}

/// One call: which function, its argument cells, how many result cells.
pub struct Call {
    pub func: usize,
    pub args: Vec<u64>,
    pub results: usize,
}

const DRIVER: &str = r#"
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
typedef void stub(void *, const uint64_t *, uint64_t *);
extern void *targets[];
extern stub *stubs[];
static sigjmp_buf back;
static volatile uint64_t signal_number;
static volatile int64_t signal_at;
static void *current;
static void handler(int number, siginfo_t *info, void *context) {
  ucontext_t *c = context;
  signal_number = number;
  signal_at = (char *)c->uc_mcontext.PC - (char *)current;
  siglongjmp(back, 1);
}
static void in(void *to, size_t size) { if (fread(to, 8, size, stdin) != size) exit(size ? 0 : 1); }
int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGILL, &action, 0); sigaction(SIGTRAP, &action, 0); sigaction(SIGFPE, &action, 0);
  sigaction(SIGSEGV, &action, 0); sigaction(SIGBUS, &action, 0);
  uint64_t head[3], args[256], results[256];
  for (;;) {
    in(head, 3);
    if (head[1]) in(args, head[1]);
    uint64_t out[2] = {0, 0};
    current = targets[head[0]];
    if (sigsetjmp(back, 1) == 0) stubs[head[0]](current, args, results);
    else { out[0] = signal_number; out[1] = signal_at; }
    fwrite(out, 8, 2, stdout);
    fwrite(results, 8, head[2], stdout);
  }
}
"#;

/// Compiled functions of a module that has been linked with the driver.
pub struct Native {
    machine: &'static Machine,
    dir: Dir,
    blobs: Vec<CodeBlob>,
    /// The processor to emulate, unless it is one that has everything.
    pub cpu: Option<String>,
}

/// Compiles all functions in order; what each clobbers is known to those that call it later.
pub fn compile(target: &dyn Target, module: &Module, opt_level: u8) -> Vec<CodeBlob> {
    let mut compiler = target.compiler(CompileOptions { opt_level, check: true });
    let mut known: Vec<Option<PRegSet>> = vec![None; module.funcs.len()];
    let mut blobs = Vec::new();
    for (id, _) in module.funcs.iter().filter(|(_, f)| !f.is_import()) {
        let index = id.as_u32() as usize;
        let blob = compiler.compile(module, id, &known, &mut ());
        let blob = blob.unwrap_or_else(|e| panic!("{e}\n{}", function_text(module, index)));
        known[index] = Some(blob.clobbers);
        blobs.push(blob);
    }
    blobs
}

/// One function as text.
pub fn function_text(module: &Module, index: usize) -> String {
    module.funcs.values().nth(index).map_or(String::new(), |f| f.display(module).to_string())
}

pub fn namer(module: &Module) -> impl Fn(SymbolRef) -> String + '_ {
    |symbol| match symbol {
        SymbolRef::Func(id) => module.funcs[id].name.clone(),
        SymbolRef::Global(id) => module.globals[id].name.clone(),
        SymbolRef::Named(name) => name.to_string(),
    }
}

/// How code of a machine is assembled, linked and run here.
pub struct Machine {
    /// What comes before all functions in an assembly file.
    pub header: &'static str,
    /// GNU's assembler and objcopy, and gcc.
    pub tools: [&'static str; 3],
    /// What gcc is to be told.
    pub flags: &'static [&'static str],
    /// What runs programs of another machine than this one.
    pub emulator: Option<&'static str>,
    /// The program counter in a signal's machine context.
    pub pc: &'static str,
}

impl Machine {
    /// Whether code can be run.
    pub fn can_run(&self, test: &str) -> bool {
        let tools: Vec<&str> = self.tools.into_iter().chain(self.emulator).collect();
        have(test, &tools)
    }

    /// Runs a program; `cpu` is for the emulator.
    pub fn command(&self, program: &Path, cpu: Option<&str>) -> Command {
        let Some(emulator) = self.emulator else { return Command::new(program) };
        let mut command = Command::new(emulator);
        command.args(cpu.iter().flat_map(|cpu| ["-cpu", cpu])).arg(program);
        command
    }

    /// All functions as one assembly file.
    pub fn listing(&self, target: &dyn Target, module: &Module, blobs: &[CodeBlob]) -> String {
        let mut text = String::from(self.header);
        for blob in blobs {
            writeln!(text, "    .globl {}", quoted(&blob.name)).expect("write");
            text.push_str(&target.disassemble(blob, &namer(module)));
        }
        text
    }

    /// Assembles a listing and compares the bytes of every function with its blob's.
    pub fn check_assembled(&self, dir: &Dir, listing: &Path, blobs: &[CodeBlob]) {
        let (object, binary) = (dir.path("code.o"), dir.path("code.bin"));
        let [assembler, objcopy, _] = self.tools;
        run(assembler, &[Path::new("-o"), &object, listing]);
        let flags = ["-O", "binary", "-j", ".text"].map(Path::new);
        run(objcopy, &[&flags[..], &[object.as_path(), binary.as_path()]].concat());
        let bytes = std::fs::read(&binary).expect("objcopy wrote it");
        let mut at = 0;
        for blob in blobs {
            at = usize::next_multiple_of(at, blob.align as usize);
            let theirs = &bytes[at..(at + blob.bytes.len()).min(bytes.len())];
            if let Some(from) = theirs.iter().zip(&blob.bytes).position(|(a, b)| a != b) {
                let (a, b) = (&blob.bytes[from..], &theirs[from..]);
                let (a, b) = (&a[..a.len().min(12)], &b[..b.len().min(12)]);
                panic!("{} + {from}: ours {a:x?}, GNU as of our text {b:x?}", blob.name);
            }
            assert_eq!(theirs.len(), blob.bytes.len(), "{}", blob.name);
            at += blob.bytes.len();
        }
    }

    /// Links C text and the assembled listing into a program.
    pub fn link(&self, dir: &Dir, c: &str, stubs: Option<&str>) -> PathBuf {
        let (c_path, exe, object) = (dir.write("driver.c", c), dir.path("exe"), dir.path("code.o"));
        let mut args: Vec<&Path> = ["-O1", "-w"].iter().chain(self.flags).map(Path::new).collect();
        args.extend([Path::new("-o"), exe.as_path(), c_path.as_path(), object.as_path()]);
        let stubs = stubs.map(|text| dir.write("stubs.s", text));
        args.extend(stubs.as_deref());
        args.push(Path::new("-lm"));
        run(self.tools[2], &args);
        exe
    }

    /// Compiles and links; nothing where a tool is missing.
    pub fn native(
        &'static self,
        name: &str,
        target: &dyn Target,
        module: &Module,
        opt_level: u8,
        c: &str,
    ) -> Option<Native> {
        let blobs = compile(target, module, opt_level);
        if !self.can_run(name) {
            return None;
        }
        let dir = Dir::new(name);
        let listing_path = dir.write("code.s", self.listing(target, module, &blobs));
        self.check_assembled(&dir, &listing_path, &blobs);
        let driver = DRIVER.replace("PC -", &format!("{} -", self.pc));
        self.link(&dir, &format!("{driver}\n{c}"), Some(&stub_text(target, module)));
        Some(Native { machine: self, dir, blobs, cpu: None })
    }
}

/// A name as GNU as reads it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    let is_plain = !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(plain);
    if is_plain { name.into() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

impl Native {
    pub fn blob(&self, func: usize) -> &CodeBlob {
        &self.blobs[func]
    }

    pub fn run(&self, calls: &[Call]) -> Vec<Outcome> {
        let mut input = Vec::new();
        for call in calls {
            let head = [call.func as u64, call.args.len() as u64, call.results as u64];
            for cell in head.iter().chain(&call.args) {
                input.extend_from_slice(&cell.to_le_bytes());
            }
        }
        let input = std::fs::File::open(self.dir.write("input", input)).expect("just written");
        let mut driver = self.machine.command(&self.dir.path("exe"), self.cpu.as_deref());
        let output = driver.stdin(Stdio::from(input)).output().expect("run the driver");
        let cells: Vec<u64> = output
            .stdout
            .chunks_exact(8)
            .map(|b| u64::from_le_bytes(b.try_into().expect("eight bytes")))
            .collect();
        self.outcomes(calls, &cells)
    }

    fn outcomes(&self, calls: &[Call], cells: &[u64]) -> Vec<Outcome> {
        let mut at = 0;
        calls
            .iter()
            .map(|call| {
                assert!(
                    at + 2 + call.results <= cells.len(),
                    "the driver died in {}",
                    self.blobs[call.func].name
                );
                let (signal, offset) = (cells[at], cells[at + 1] as i64);
                let results = cells[at + 2..at + 2 + call.results].to_vec();
                at += 2 + call.results;
                let blob = &self.blobs[call.func];
                match blob.traps.iter().find(|t| i64::from(t.0) == offset) {
                    _ if signal == 0 => Outcome::Cells(results),
                    Some((_, code)) if signal == 4 => Outcome::Trap(*code),
                    _ => Outcome::Crash(signal, offset),
                }
            })
            .collect()
    }
}

/// Entry stubs as bytes, and the tables that the driver reads.
fn stub_text(target: &dyn Target, module: &Module) -> String {
    let mut text = String::from(".text\n");
    let mut targets = String::from(".section .data.rel.local,\"aw\"\n.globl targets, stubs\ntargets:\n");
    let mut table = String::from("stubs:\n");
    for (index, (_, func)) in module.funcs.iter().filter(|(_, f)| !f.is_import()).enumerate() {
        let bytes = target.entry_stub(&func.sig).map(|b| b.bytes).unwrap_or_default();
        let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
        writeln!(text, "stub{index}:\n.byte {}", list.join(",")).expect("write");
        writeln!(targets, ".quad {}", func.name).expect("write");
        writeln!(table, ".quad stub{index}").expect("write");
    }
    text + &targets + &table + ".section .note.GNU-stack,\"\",@progbits\n"
}
