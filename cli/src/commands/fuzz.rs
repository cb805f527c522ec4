//! `fuzz`: random programs until the time is up, with progress, a corpus and a report.

use crate::args::{FuzzArgs, FuzzTarget};
use crate::messages::Messages;
use crate::output;
use indicatif::{ProgressBar, ProgressStyle};
use pyexec_base::SourceMap;
use pyexec_driver::{Failure, exit, write_file};
use pyexec_fuzz::aarch64;
use pyexec_fuzz::campaign::{self, Listener, Plan, Target};
use pyexec_fuzz::cpython::Oracle;
use pyexec_fuzz::report::{Finding, Report};
use pyexec_fuzz::worker::serve;
use std::io::{BufReader, stdin, stdout};
use std::path::Path;
use std::time::Duration;

/// The version whose answers and texts are the reference.
const REFERENCE: &str = "3.13";

/// The command that starts a worker.
const WORKER: &str = "fuzz-worker";
/// What runs it where it is for AArch64.
const EMULATOR: [&str; 3] = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"];

/// The process that compiles and runs programs for a campaign.
pub fn worker() -> u8 {
    match serve(BufReader::new(stdin()), stdout()) {
        Ok(()) => exit::OK,
        Err(_) => exit::IO,
    }
}

/// A campaign.
pub fn run(args: &FuzzArgs) -> u8 {
    match fuzz(args) {
        Ok(report) if report.findings.is_empty() => exit::OK,
        Ok(_) => exit::TEST,
        Err(failure) => {
            Messages::new(&args.messages).failure(&failure, &SourceMap::new());
            failure.exit_code()
        }
    }
}

fn fuzz(args: &FuzzArgs) -> Result<Report, Failure> {
    let plan = plan(args)?;
    if let Some(path) = &args.report {
        // Better now than after hours.
        write_file(path, b"{}\n")?;
    }
    let progress = Progress::new(&plan);
    let report = campaign::run(&plan, &progress)?;
    progress.bar.finish_and_clear();
    if let Some(path) = &args.report {
        let text = serde_json::to_string_pretty(&report.to_json()).unwrap_or_default();
        write_file(path, format!("{text}\n").as_bytes())?;
    }
    output::print(summary(&report).as_bytes())?;
    Ok(report)
}

fn plan(args: &FuzzArgs) -> Result<Plan, Failure> {
    let targets = match args.target {
        FuzzTarget::Python => vec![Target::Python],
        FuzzTarget::Ir => vec![Target::Ir],
        FuzzTarget::Parser => vec![Target::Parser],
        FuzzTarget::Aarch64 => vec![Target::Aarch64],
        FuzzTarget::All => Target::ALL.into_iter().filter(|t| missing_tool(*t).is_none()).collect(),
    };
    if let Some(tool) = targets.iter().find_map(|target| missing_tool(*target)) {
        return Err(Failure::io(Path::new(tool), "is not installed; target aarch64 needs it"));
    }
    let pythons = if targets.contains(&Target::Python) { pythons(args)? } else { Vec::new() };
    let program = std::env::current_exe().map_err(|e| Failure::os(Path::new("pyexec-cg"), "found", &e))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let default_time = args.programs.is_none().then(|| Duration::from_secs(60));
    Ok(Plan {
        targets,
        seed: args.seed,
        programs: args.programs,
        time: args.minutes.or(default_time),
        jobs: args.jobs.map_or(cores, usize::from),
        corpus: args.corpus.clone(),
        exact: !args.no_exact,
        failures: args.failures.into(),
        pythons,
        worker: vec![program.display().to_string(), WORKER.into()],
        emulated: args.aarch64.as_deref().map(emulated).transpose()?,
    })
}

/// What a target needs and is not there.
fn missing_tool(target: Target) -> Option<&'static str> {
    if target == Target::Aarch64 { aarch64::missing_tool() } else { None }
}

/// The worker as an AArch64 program.
fn emulated(compiler: &Path) -> Result<Vec<String>, Failure> {
    if !compiler.is_file() {
        return Err(Failure::io(compiler, "is no pyexec-cg for AArch64: no such file"));
    }
    let command = EMULATOR.iter().map(|word| word.to_string());
    Ok(command.chain([compiler.display().to_string(), WORKER.into()]).collect())
}

/// The reference, and a second CPython if there is one.
fn pythons(args: &FuzzArgs) -> Result<Vec<String>, Failure> {
    if let [reference, ..] = &args.python[..] {
        let oracle = Oracle::first(std::slice::from_ref(reference));
        return match oracle.filter(|oracle| oracle.is(REFERENCE)) {
            Some(_) => Ok(args.python.iter().take(2).cloned().collect()),
            None => Err(no_reference(reference)),
        };
    }
    let Some(oracle) = Oracle::reference().filter(|oracle| oracle.is(REFERENCE)) else {
        return Err(no_reference("python3.13"));
    };
    let second = Oracle::first(&["python3.11".into()]).map(|oracle| oracle.command.clone());
    Ok([oracle.command.clone()].into_iter().chain(second).collect())
}

fn no_reference(name: &str) -> Failure {
    Failure::Io {
        path: name.into(),
        message: format!("is no CPython {REFERENCE}, which is what compiled Python is compared with"),
        help: Some("name one by --python PATH or the variable PYEXEC_PYTHON".into()),
    }
}

/// A bar on standard error; on anything but a terminal, it draws nothing.
struct Progress {
    bar: ProgressBar,
    programs: Option<u64>,
}

impl Progress {
    fn new(plan: &Plan) -> Self {
        let bar = plan.programs.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        let known = "{prefix} {wide_bar} {pos}/{len} ({per_sec}, {eta}) {msg}";
        let unknown = "{prefix} {spinner} {pos} programs ({per_sec}, {elapsed}) {msg}";
        let template = if plan.programs.is_some() { known } else { unknown };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, programs: plan.programs }
    }
}

impl Listener for Progress {
    fn begins(&self, target: Target) {
        self.bar.reset();
        self.bar.set_length(self.programs.unwrap_or(0));
        self.bar.set_prefix(target.name());
    }
    fn progress(&self, done: u64, found: usize) {
        self.bar.set_position(done);
        if found > 0 {
            self.bar.set_message(format!("{found} found"));
        }
    }
    fn shrinking(&self, lane: &str, seed: Option<u64>) {
        let seed = seed.map_or("the corpus".to_string(), |seed| format!("seed {seed}"));
        self.bar.println(format!("{lane} differs at {seed}; making it smaller"));
    }
    fn found(&self, finding: &Finding) {
        self.bar.println(finding.message.clone());
    }
}

fn summary(report: &Report) -> String {
    let mut text = String::new();
    for (name, tally) in &report.tallies {
        let skipped: u64 = tally.skipped.values().sum();
        let rate = tally.programs as f64 / tally.seconds.max(0.001);
        text += &format!(
            "{name}: {} programs from seed {} in {:.1} s ({rate:.0}/s)",
            tally.programs, report.seed, tally.seconds
        );
        if tally.replayed > 0 {
            text += &format!(", {} replayed", tally.replayed);
        }
        if skipped > 0 {
            let reasons: Vec<String> = tally.skipped.iter().map(|(why, n)| format!("{n} {why}")).collect();
            text += &format!(", {skipped} skipped ({})", reasons.join(", "));
        }
        if tally.counted > 0 {
            text += &format!(", {} % beyond 64 bits", 100 * tally.wide / tally.counted);
        }
        text += "\n";
    }
    for finding in &report.findings {
        text += &format!("\n{}\n", finding.message);
        text += &match &finding.file {
            Some(file) => format!("written to {}\n", file.display()),
            None => format!("{}\n{}\n", finding.source, commented(&finding.details)),
        };
    }
    text += if report.findings.is_empty() { "no failure\n" } else { "" };
    text
}

fn commented(details: &str) -> String {
    details.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}
