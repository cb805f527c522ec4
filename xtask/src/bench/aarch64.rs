//! `bench --aarch64`: how much AArch64 code the kernels become, and how much of it is executed.
//!
//! What is compared, kernel by kernel: the object that `pyexec-cg build -O2` makes of the Python file; `gcc -O2`
//! of the C file; and `gcc -O2` with signed overflow checked (and trapped), which is nearer to what Python asks.
//! Three figures each:
//!
//! * instructions: those of `run` and of every function that it calls in the same object, but without what
//!   each object has once for errors ([`SUPPORT`]) and without padding;
//! * hot instructions: the same without what only errors reach, which here is all that follows a call of
//!   such a function or leads only there; so it compares code that runs;
//! * executed instructions, by qemu's plugin in `benches/qemu`: those at the small size less those at size 2,
//!   so that the start of the process does not count. Library functions do, on both sides.
//!
//! Outputs are compared; a kernel whose outputs differ fails the run.

mod listing;

use super::Kernel;
use crate::repo;
use listing::Listing;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const GCC: &str = "aarch64-linux-gnu-gcc";
const OBJDUMP: &str = "aarch64-linux-gnu-objdump";
const QEMU: &str = "qemu-aarch64";
const TARGET: &str = "aarch64-unknown-linux-gnu";
/// C with overflow checked: one branch to a trap each.
const CHECKED: &[&str] = &["-fsanitize=signed-integer-overflow", "-fsanitize-undefined-trap-on-error"];

/// What one compiler made of a kernel.
#[derive(Clone, Copy, Debug, Default)]
struct Made {
    instructions: usize,
    hot: usize,
    executed: u64,
}

struct Row {
    name: String,
    ours: Made,
    gcc: Made,
    checked: Made,
}

struct Setup {
    out: PathBuf,
    compiler: PathBuf,
    plugin: PathBuf,
    runtime: Option<PathBuf>,
}

/// Measures the kernels and prints the table; whether all could be measured.
pub fn command(root: &Path, kernels: &[Kernel]) -> Result<bool, String> {
    let setup = prepare(root)?;
    let (mut rows, mut failed) = (Vec::new(), false);
    for kernel in kernels {
        eprintln!("{} ...", kernel.name);
        match measure(kernel, &setup) {
            Ok(row) => rows.push(row),
            Err(message) => {
                failed = true;
                println!("{}: {message}", kernel.name);
            }
        }
    }
    print(&rows);
    Ok(!failed)
}

fn prepare(root: &Path) -> Result<Setup, String> {
    let compiler = repo::build_release(root, "pyexec-cli")?.join("pyexec-cg");
    let out = repo::target(root).join("bench-aarch64");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let plugin = out.join("count.so");
    let source = root.join("benches/qemu/count.c");
    tool("gcc", &["-O2", "-shared", "-fPIC", "-o", &text(&plugin), &text(&source)])?;
    // Kernels that call helpers need the runtime's archive for the other machine.
    let archive = repo::target(root).join(TARGET).join("release/libpyexec_runtime.a");
    let args = ["build", "--release", "--package", "pyexec-runtime", "--target", TARGET];
    let built = repo::cargo().current_dir(root).args(args).status().is_ok_and(|s| s.success());
    let runtime = (built && archive.exists()).then_some(archive);
    Ok(Setup { out, compiler, plugin, runtime })
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Runs a program that must succeed; its standard output.
fn tool(program: &str, args: &[&str]) -> Result<String, String> {
    let out = Command::new(program).args(args).stdin(Stdio::null()).output();
    let out = out.map_err(|e| format!("cannot run {program}: {e}"))?;
    match out.status.success() {
        true => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        false => Err(format!("{program}: {}", String::from_utf8_lossy(&out.stderr).trim())),
    }
}

fn measure(kernel: &Kernel, setup: &Setup) -> Result<Row, String> {
    let c = std::fs::read_to_string(&kernel.c).map_err(|e| format!("{}: {e}", kernel.c.display()))?;
    let returns = ["double", "int64_t"].into_iter().find(|ty| c.contains(&format!("static {ty} run(")));
    let returns = returns.ok_or("the C file has no `static ... run(`")?;
    let harness = setup.out.join("harness.c");
    std::fs::write(&harness, harness_text(returns)).map_err(|e| format!("{}: {e}", harness.display()))?;
    let object = setup.out.join(format!("{}.o", kernel.name));
    tool(
        &text(&setup.compiler),
        &["build", "-O2", "--target", TARGET, "-o", &text(&object), &text(&kernel.python)],
    )?;
    let (ours, expected) = figures(kernel, setup, &object)?;
    let (gcc, printed) = by_gcc(kernel, setup, &c, &[])?;
    let (checked, also) = by_gcc(kernel, setup, &c, CHECKED)?;
    if printed != expected || also != expected {
        return Err(format!("ours printed {expected:?}, gcc's {printed:?} and {also:?}"));
    }
    Ok(Row { name: kernel.name.clone(), ours, gcc, checked })
}

/// Prints what `run` returns, in a form in which nothing is rounded.
fn harness_text(returns: &str) -> String {
    let format = if returns == "double" { "%.17g" } else { "%lld" };
    let (value, cast) = (returns, if returns == "double" { "double" } else { "long long" });
    format!(
        "#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n{value} run(int64_t);\n\
         int main(int argc, char **argv) {{ (void)argc; printf(\"{format}\\n\", ({cast})run(strtoll(argv[1], 0, 10))); }}\n"
    )
}

/// The C kernel as a function that others call, like ours: `run` is global, `main` is in the way.
fn by_gcc(kernel: &Kernel, setup: &Setup, c: &str, flags: &[&str]) -> Result<(Made, String), String> {
    let folder = kernel.c.parent().ok_or("the kernel has no folder")?;
    let exported =
        c.replace("static double run(", "double run(").replace("static int64_t run(", "int64_t run(");
    let source = setup.out.join("kernel.c");
    std::fs::write(&source, exported).map_err(|e| format!("{}: {e}", source.display()))?;
    let object = setup.out.join("kernel.o");
    let include = format!("-I{}", folder.display());
    let mut args = vec!["-O2", "-c", "-Dmain=unused_main", "-ffp-contract=off", &include];
    args.extend(flags);
    let (from, to) = (text(&source), text(&object));
    args.extend(["-o", &to, &from]);
    tool(GCC, &args)?;
    figures(kernel, setup, &object)
}

/// Counts what is in an object, links it, counts what is executed; also what it prints.
fn figures(kernel: &Kernel, setup: &Setup, object: &Path) -> Result<(Made, String), String> {
    let listing = Listing::parse(&tool(OBJDUMP, &["-dr", "--no-show-raw-insn", &text(object)])?);
    let (instructions, hot) = listing.count("run");
    let binary = setup.out.join(format!("{}.exe", kernel.name));
    let mut args: Vec<String> = ["-O2", "-static", "-o"].map(String::from).to_vec();
    args.extend([text(&binary), text(&setup.out.join("harness.c")), text(object)]);
    args.extend(setup.runtime.iter().map(|p| text(p)));
    args.push("-lm".into());
    tool(GCC, &args.iter().map(String::as_str).collect::<Vec<_>>())?;
    let (start, _) = execute(setup, &binary, "2")?;
    let (all, printed) = execute(setup, &binary, &kernel.small)?;
    Ok((Made { instructions, hot, executed: all.saturating_sub(start) }, printed))
}

fn execute(setup: &Setup, binary: &Path, size: &str) -> Result<(u64, String), String> {
    let mut command = Command::new(QEMU);
    command.arg("-plugin").arg(&setup.plugin).arg(binary).arg(size).stdin(Stdio::null());
    let out = command.output().map_err(|e| format!("cannot run {QEMU}: {e}"))?;
    let errors = String::from_utf8_lossy(&out.stderr);
    let count = errors.lines().find_map(|l| l.strip_prefix("executed ")?.parse().ok());
    match count {
        Some(count) if out.status.success() => Ok((count, String::from_utf8_lossy(&out.stdout).into_owned())),
        _ => Err(format!(
            "{} {size} under {QEMU} ended with {}: {}",
            binary.display(),
            out.status,
            errors.trim()
        )),
    }
}

fn print(rows: &[Row]) {
    println!(
        "| kernel | all | hot | gcc | gcc checked | hot / gcc | hot / checked | executed / gcc | / checked |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    let ratios = |row: &Row| {
        let (hot, executed) = (row.ours.hot as f64, row.ours.executed as f64);
        [
            hot / row.gcc.hot as f64,
            hot / row.checked.hot as f64,
            executed / row.gcc.executed as f64,
            executed / row.checked.executed as f64,
        ]
    };
    for row in rows {
        let cells = ratios(row).map(|r| format!("{r:.2}")).join(" | ");
        let (ours, gcc, checked) = (row.ours, row.gcc.hot, row.checked.hot);
        println!("| {} | {} | {} | {gcc} | {checked} | {cells} |", row.name, ours.instructions, ours.hot);
    }
    let mean = |i: usize| (rows.iter().map(|r| ratios(r)[i].ln()).sum::<f64>() / rows.len() as f64).exp();
    let means: Vec<String> = (0..4).map(|i| format!("**{:.2}**", mean(i))).collect();
    println!("| **geometric mean** | | | | | {} |", means.join(" | "));
}
