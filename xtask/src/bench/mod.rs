//! `bench`: run times of the kernels in `benches/kernels`, each written twice, in Python and in C.
//!
//! What is compared: `gcc -O2` of the C program, `pyexec-cg run` of the Python one at -O2 and -O0, CPython,
//! and Numba if it can be imported, and any other compiler that `--peer NAME=PROGRAM` names (run as `PROGRAM
//! kernel.py SIZE`, so a driver for Cranelift can be put there). A kernel states two sizes in a comment `#
//! bench: small=N large=M`: native code is timed at the large one; CPython against us at the small one,
//! because it would take minutes at the other.
//!
//! How: processor time (user and system) of the whole process by the shell's `time`, which other work on the
//! machine disturbs far less than wall-clock time; the runs of the programs are interleaved, and each takes
//! its smallest. From the times at the small size, that of an empty program is subtracted, which leaves
//! neither the start of the interpreter nor ours in the ratio. Numba is timed inside the process, at its
//! second call. All programs of a kernel must print the same at the small size; a kernel whose outputs differ
//! fails the run.

mod aarch64;
mod exactness;
mod measure;
mod table;

use crate::{Args, Failure, Outcome, repo, tools};
use measure::{Program, best, fastest_interleaved};
use std::path::{Path, PathBuf};
use table::{Row, Table};

/// One kernel.
struct Kernel {
    name: String,
    python: PathBuf,
    c: PathBuf,
    small: String,
    large: String,
}

/// How often a program at the small size is run within one measurement: native code takes milliseconds there.
const REPEAT: u32 = 10;

/// What all kernels share.
struct Setup {
    out: PathBuf,
    compiler: PathBuf,
    python: Option<tools::Python>,
    numba: bool,
    /// Another compiler: its name and program.
    peer: Option<(String, PathBuf)>,
    runs: u64,
    /// Seconds of an empty program: ours, CPython's.
    start: (f64, f64),
}

pub fn command(args: &mut Args) -> Outcome {
    if args.flag("--exactness") {
        return exactness::command(args);
    }
    let wanted = args.value("--kernels")?;
    let runs = args.number("--runs", 3)?.max(1);
    let peer = args.value("--peer")?.map(|text| peer(&text)).transpose()?;
    let (no_python, save) = (args.flag("--no-python"), args.flag("--save"));
    let aarch64 = args.flag("--aarch64");
    args.finish()?;
    let root = repo::root()?;
    let kernels = select(kernels(&root.join("benches/kernels"))?, wanted.as_deref())?;
    if aarch64 {
        return Ok(aarch64::command(&root, &kernels)?);
    }
    let setup = Setup { peer, ..prepare(&root, runs, no_python)? };
    let mut table = Table::new(&setup.facts(), setup.peer.as_ref().map(|(name, _)| name.as_str()));
    for kernel in &kernels {
        eprintln!("{} ...", kernel.name);
        table.rows.push(match measure_kernel(kernel, &setup) {
            Ok(row) => row,
            Err(message) => Row::failed(&kernel.name, message),
        });
    }
    let text = table.to_text();
    print!("{text}");
    if save {
        let page = root.join("docs/bench.md");
        std::fs::write(&page, table.to_markdown()).map_err(|e| format!("{}: {e}", page.display()))?;
    }
    Ok(table.rows.iter().all(|row| row.failure.is_none()))
}

/// Reads `NAME=PROGRAM`.
fn peer(text: &str) -> Result<(String, PathBuf), Failure> {
    match text.split_once('=') {
        Some((name, program)) if !name.is_empty() && !program.is_empty() => Ok((name.into(), program.into())),
        _ => Err(Failure::Usage(format!("--peer: `{text}` is not NAME=PROGRAM"))),
    }
}

/// All kernels, by name. A Python file without its sizes is an error, not a kernel left out.
fn kernels(folder: &Path) -> Result<Vec<Kernel>, String> {
    python_files(folder)?.iter().map(|p| read_kernel(p)).collect()
}

/// The Python files of a folder, by name.
fn python_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "py"));
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn read_kernel(python: &Path) -> Result<Kernel, String> {
    let text = std::fs::read_to_string(python).map_err(|e| format!("{}: {e}", python.display()))?;
    let sizes = text.lines().find_map(|l| l.strip_prefix("# bench: ")).and_then(sizes);
    let (small, large) =
        sizes.ok_or_else(|| format!("{}: no `# bench: small=N large=M`", python.display()))?;
    let name = stem(python);
    Ok(Kernel { name, python: python.to_path_buf(), c: python.with_extension("c"), small, large })
}

/// The two sizes of `small=N large=M`, kept as text: they are only ever arguments.
fn sizes(text: &str) -> Option<(String, String)> {
    let value = |key: &str| text.split_whitespace().find_map(|w| w.strip_prefix(key)).map(str::to_string);
    Some((value("small=")?, value("large=")?))
}

/// The kernels that were asked for; a name that no kernel has is wrong usage.
fn select(all: Vec<Kernel>, wanted: Option<&str>) -> Result<Vec<Kernel>, Failure> {
    let Some(wanted) = wanted else { return Ok(all) };
    let names: Vec<&str> = wanted.split(',').map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|n| !all.iter().any(|k| k.name == **n)) {
        let known: Vec<&str> = all.iter().map(|k| k.name.as_str()).collect();
        return Err(Failure::Usage(format!("--kernels: `{unknown}` is none of {}", known.join(", "))));
    }
    Ok(all.into_iter().filter(|k| names.contains(&k.name.as_str())).collect())
}

/// Builds the compiler, finds the interpreters, and times an empty program with both.
fn prepare(root: &Path, runs: u64, no_python: bool) -> Result<Setup, String> {
    let compiler = repo::build_release(root, "pyexec-cli")?.join("pyexec-cg");
    let out = repo::target(root).join("bench");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let python = if no_python { None } else { tools::python() };
    let numba = python.as_ref().is_some_and(|p| measure::imports(&p.path, "numba"));
    let empty = out.join("empty.py");
    std::fs::write(&empty, "print(0)\n").map_err(|e| format!("{}: {e}", empty.display()))?;
    let ours = best(&Program::ours(&compiler, "-O2", &empty, None), runs, REPEAT)?;
    let theirs = match &python {
        Some(p) => best(&Program::python(&p.path, &empty, None), runs, REPEAT)?,
        None => 0.0,
    };
    Ok(Setup { out, compiler, python, numba, runs, peer: None, start: (ours, theirs) })
}

impl Setup {
    /// The lines above the table: what was measured with what, and what was not.
    fn facts(&self) -> Vec<String> {
        let mut facts = vec![format!("processor: {}; {}", measure::processor(), measure::gcc_version())];
        match &self.python {
            Some(p) => facts.push(format!("CPython {}.{}", p.version.0, p.version.1)),
            None => facts.push("CPython: not measured (no interpreter, or --no-python)".into()),
        }
        if !self.numba {
            facts.push("Numba: not measured (it cannot be imported)".into());
        }
        match &self.peer {
            Some((name, program)) => facts.push(format!("{name}: {}", program.display())),
            None => facts.push("Cranelift: not measured (no --peer)".into()),
        }
        facts.push(format!("an empty program: {:.1} ms with pyexec-cg run", self.start.0 * 1e3));
        facts
    }
}

/// One row. Outputs are compared first: the time of a wrong answer is of no interest.
fn measure_kernel(kernel: &Kernel, setup: &Setup) -> Result<Row, String> {
    let binary = setup.out.join(&kernel.name);
    measure::compile_c(&kernel.c, &binary)?;
    let native = |size: &str| {
        vec![
            Program::new(&binary, &[size]),
            Program::ours(&setup.compiler, "-O2", &kernel.python, Some(size)),
            Program::ours(&setup.compiler, "-O0", &kernel.python, Some(size)),
        ]
    };
    let mut at_small = native(&kernel.small);
    if let Some(p) = &setup.python {
        at_small.push(Program::python(&p.path, &kernel.python, Some(&kernel.small)));
    }
    same_output(&at_small.iter().collect::<Vec<_>>())?;
    same_output(&native(&kernel.large).iter().take(2).collect::<Vec<_>>())?;
    let mut at_large = native(&kernel.large);
    if let Some((_, program)) = &setup.peer {
        at_large.push(Program::new(program, &[&kernel.python.to_string_lossy(), &kernel.large]));
        same_output(&[&at_large[0], &at_large[3]])?;
    }
    let times = fastest_interleaved(&at_large, setup.runs)?;
    let mut row = Row::new(&kernel.name, times[0], times[1], times[2]);
    row.peer = times.get(3).copied();
    if let [_, ours, _, python] = &at_small[..] {
        let ours = best(ours, setup.runs, REPEAT)? - setup.start.0;
        let python = best(python, 1, 1)? - setup.start.1;
        // Below a tenth of a millisecond the difference of two starts is noise.
        row.cpython_over_ours = Some(python / ours.max(1e-4));
    }
    if let (true, Some(p)) = (setup.numba, &setup.python) {
        row.numba = measure::numba(&p.path, &kernel.python, &kernel.large);
    }
    Ok(row)
}

/// Runs every program once; all must succeed and print the same.
fn same_output(programs: &[&Program]) -> Result<(), String> {
    let mut first: Option<String> = None;
    for program in programs {
        let text = program.output()?;
        match &first {
            None => first = Some(text),
            Some(expected) if *expected == text => {}
            Some(expected) => {
                return Err(format!(
                    "{program} printed {:?}, the first program {:?}",
                    text.trim(),
                    expected.trim()
                ));
            }
        }
    }
    Ok(())
}
