//! Runs compiled functions natively: prints them as assembly, lets gcc assemble and link them with a driver
//! in C, and feeds the driver calls.
#![allow(dead_code)]

use pyexec_codegen::{CodeBlob, CompileOptions, SymbolRef, Target};
use pyexec_ir::{Module, TrapCode};
use pyexec_isa_x86_64::{CpuFeatures, X86Target, print};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// xorshift: deterministic, no dependency.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// A directory that goes away.
pub struct TempDir(pub PathBuf);

impl TempDir {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pyexec-isa-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("temporary directory");
        Self(path)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if std::env::var_os("KEEP_TEMP").is_none() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

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
  signal_at = (char *)c->uc_mcontext.gregs[REG_RIP] - (char *)current;
  siglongjmp(back, 1);
}
static void in(void *to, size_t size) { if (fread(to, 8, size, stdin) != size) exit(size ? 0 : 1); }
int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGILL, &action, 0); sigaction(SIGFPE, &action, 0);
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
    dir: TempDir,
    blobs: Vec<CodeBlob>,
}

pub fn compile(target: &X86Target, module: &Module, opt_level: u8) -> Vec<CodeBlob> {
    let mut compiler = target.compiler(CompileOptions { opt_level, check: true });
    let defined = module.funcs.iter().filter(|(_, f)| !f.is_import());
    defined
        .map(|(id, _)| {
            compiler
                .compile(module, id, &(), &mut ())
                .unwrap_or_else(|e| panic!("{e}\n{}", function_text(module, id.as_u32() as usize)))
        })
        .collect()
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

/// All functions as one assembly file.
pub fn listing(module: &Module, blobs: &[CodeBlob]) -> String {
    let mut text = String::from(print::FILE_HEADER);
    for blob in blobs {
        text.push_str(&print::print(blob, &namer(module), true));
    }
    text
}

pub fn run_tool(tool: &str, args: &[&std::ffi::OsStr]) -> bool {
    let Ok(output) = Command::new(tool).args(args).output() else {
        eprintln!("skipped: {tool} not found");
        return false;
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    true
}

/// Assembles a listing and compares the bytes of every function with its blob's.
pub fn check_assembled(dir: &Path, listing: &Path, blobs: &[CodeBlob]) -> bool {
    let (object, binary) = (dir.join("code.o"), dir.join("code.bin"));
    if !run_tool("as", &["-o".as_ref(), object.as_ref(), listing.as_ref()]) {
        return false;
    }
    let args: [&std::ffi::OsStr; 6] =
        ["-O".as_ref(), "binary".as_ref(), "-j".as_ref(), ".text".as_ref(), object.as_ref(), binary.as_ref()];
    run_tool("objcopy", &args);
    let bytes = std::fs::read(&binary).expect("objcopy wrote it");
    let mut at = 0;
    for blob in blobs {
        at = usize::next_multiple_of(at, blob.align as usize);
        let theirs = &bytes[at..(at + blob.bytes.len()).min(bytes.len())];
        let differ = theirs.iter().zip(&blob.bytes).position(|(a, b)| a != b);
        if let Some(d) = differ {
            let end = (d + 12).min(theirs.len());
            let (a, b) = (&blob.bytes[d..end], &theirs[d..end]);
            panic!("{} + {d}: ours {a:x?}, GNU as of our text {b:x?}", blob.name);
        }
        at += blob.bytes.len();
    }
    true
}

impl Native {
    /// Compiles and links; nothing where gcc is missing.
    pub fn new(name: &str, module: &Module, cpu: CpuFeatures, opt_level: u8, c: &str) -> Option<Native> {
        let target = X86Target::new(cpu);
        let blobs = compile(&target, module, opt_level);
        let dir = TempDir::new(name);
        let listing_path = dir.0.join("code.s");
        std::fs::write(&listing_path, listing(module, &blobs)).expect("write");
        if !check_assembled(&dir.0, &listing_path, &blobs) {
            return None;
        }
        let (stubs, driver) = (dir.0.join("stubs.s"), dir.0.join("driver.c"));
        std::fs::write(&stubs, stub_text(&target, module)).expect("write");
        std::fs::write(&driver, format!("{DRIVER}\n{c}")).expect("write");
        let (exe, object) = (dir.0.join("exe"), dir.0.join("code.o"));
        let linked = run_tool(
            "gcc",
            &[
                "-O1".as_ref(),
                "-w".as_ref(),
                "-o".as_ref(),
                exe.as_ref(),
                driver.as_ref(),
                object.as_ref(),
                stubs.as_ref(),
                "-lm".as_ref(),
            ],
        );
        linked.then_some(Native { dir, blobs })
    }

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
        let mut child = Command::new(self.dir.0.join("exe"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("run the driver");
        let mut stdin = child.stdin.take().expect("piped");
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("driver ends");
        let _ = writer.join();
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
fn stub_text(target: &X86Target, module: &Module) -> String {
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
