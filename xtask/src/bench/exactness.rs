//! `bench --exactness`: what exact integers cost, and wide arithmetic beside C.
//!
//! Each file of `benches/exactness` is a template: `INT` stands for the integer type. It is compiled twice by
//! us, once with `int`, which is exact, and once with `int64`, which wraps; both variants take turns in one
//! run, and the ratio is of their medians. A second table has the kernels of `benches/kernels` whose inner
//! results need more than 64 bits, beside C with `unsigned __int128`.

use super::measure::{Program, compile_c, gcc_version, medians_interleaved, processor};
use super::table::geometric_mean;
use super::{Args, Outcome, repo, same_output};
use std::path::{Path, PathBuf};

/// The kernels with wide inner results.
const WIDE: &[&str] = &["lcg31", "lcg61", "modpow62"];
/// What exactness may cost over all kernels, and how fast wide kernels are to be beside C.
const GOALS: &str = "goals: exact / wrapping 1.10 (loops over ranges, array sums 1.03); C / ours 0.80";

/// Two times in seconds and their ratio.
struct Row {
    name: String,
    first: f64,
    second: f64,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.first / self.second
    }
}

pub fn command(args: &mut Args) -> Outcome {
    let wanted = args.value("--kernels")?;
    let runs = args.number("--runs", 7)?.max(1);
    args.finish()?;
    let root = repo::root()?;
    let compiler = repo::build_release(&root, "pyexec-cli")?.join("pyexec-cg");
    let out = repo::target(&root).join("bench");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|w| w.split(',').any(|w| w.trim() == name));
    let mut rows = Vec::new();
    for template in super::python_files(&root.join("benches/exactness"))? {
        if is_wanted(&super::stem(&template)) {
            rows.push(exact_and_wrapping(&template, &compiler, &out, runs)?);
        }
    }
    let mut wide = Vec::new();
    for name in WIDE.iter().filter(|name| is_wanted(name)) {
        wide.push(c_and_ours(&root.join("benches/kernels"), name, &compiler, &out, runs)?);
    }
    println!("processor: {}; {}; medians of {runs} runs\n{GOALS}\n", processor(), gcc_version());
    print(["kernel", "int ms", "int64 ms", "exact/wrapping"], &rows);
    println!();
    print(["kernel", "C ms", "ours ms", "C/ours"], &wide);
    Ok(true)
}

/// The two variants of a template.
fn exact_and_wrapping(template: &Path, compiler: &Path, out: &Path, runs: u64) -> Result<Row, String> {
    let name = super::stem(template);
    eprintln!("{name} ...");
    let text = std::fs::read_to_string(template).map_err(|e| format!("{}: {e}", template.display()))?;
    let size = text.lines().find_map(|l| l.strip_prefix("# bench: size="));
    let size = size.ok_or_else(|| format!("{}: no `# bench: size=N`", template.display()))?;
    let variant = |ty: &str| -> Result<Program, String> {
        let path: PathBuf = out.join(format!("{name}-{ty}.py"));
        let text = text.replace("INT", ty);
        let text = match ty {
            "int64" => text.replace("\nimport sys\n", "\nimport sys\nfrom pyexec import int64\n"),
            _ => text,
        };
        std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Program::ours(compiler, "-O2", &path, Some(size)))
    };
    let programs = [variant("int")?, variant("int64")?];
    same_output(&[&programs[0], &programs[1]])?;
    row(name, &programs, runs)
}

fn c_and_ours(folder: &Path, name: &str, compiler: &Path, out: &Path, runs: u64) -> Result<Row, String> {
    eprintln!("{name} ...");
    let kernel = super::read_kernel(&folder.join(format!("{name}.py")))?;
    let binary = out.join(name);
    compile_c(&kernel.c, &binary)?;
    let c = Program::new(&binary, &[&kernel.large]);
    let programs = [c, Program::ours(compiler, "-O2", &kernel.python, Some(&kernel.large))];
    same_output(&[&programs[0], &programs[1]])?;
    row(name.to_string(), &programs, runs)
}

fn row(name: String, programs: &[Program], runs: u64) -> Result<Row, String> {
    let times = medians_interleaved(programs, runs)?;
    Ok(Row { name, first: times[0], second: times[1] })
}

fn print(headings: [&str; 4], rows: &[Row]) {
    println!(
        "| {} | {} | {} | {} |\n|---|---:|---:|---:|",
        headings[0], headings[1], headings[2], headings[3]
    );
    for row in rows {
        let (first, second) = (row.first * 1e3, row.second * 1e3);
        println!("| {} | {first:.0} | {second:.0} | {:.2} |", row.name, row.ratio());
    }
    let ratios: Vec<f64> = rows.iter().map(Row::ratio).collect();
    if let Some(mean) = geometric_mean(&ratios) {
        println!("| **geometric mean** | | | **{mean:.2}** |");
    }
}
