//! `pyexec-fuzz --minutes N [--target NAME|all] [--seed S]`: random programs until the time is up.
//!
//! Stops at the first failure of a target, prints it with its seed, and writes what shows it to a file.
//! `cargo xtask fuzz` builds and starts it.
#![forbid(unsafe_code)]

use pyexec_fuzz::aarch64::Disagreement;
use pyexec_fuzz::cpython::Oracle;
use pyexec_fuzz::{aarch64, ir, python};
use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A failure: what to show, and a file name with contents that show it again.
struct Found {
    message: String,
    file: Option<(String, String)>,
}

/// One kind of fuzzing: its name, and what it does with so many seeds from one on.
struct Target {
    name: &'static str,
    seeds: u64,
    run: fn(u64) -> Option<Found>,
}

const TARGETS: &[Target] = &[
    Target { name: "ir", seeds: 1, run: run_ir },
    Target { name: "aarch64", seeds: aarch64::BATCH, run: run_aarch64 },
    Target { name: "python", seeds: 1, run: run_python },
    Target { name: "parser", seeds: 1, run: run_parser },
];

thread_local! {
    static ORACLE: RefCell<Option<Oracle>> = const { RefCell::new(None) };
}

fn run_python(seed: u64) -> Option<Found> {
    ORACLE.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Oracle::start();
        }
        let Some(oracle) = slot else {
            return Some(Found { message: "no CPython to compare with".into(), file: None });
        };
        let found = python::check(oracle, seed)
            .and_then(|found| found.map(|difference| python::shrink(oracle, difference)).transpose());
        match found {
            Ok(found) => found.map(|difference| {
                let message = format!("{} disagrees with CPython", difference.way);
                Found { message, file: Some((format!("fuzz-python-{seed}.py"), difference.to_string())) }
            }),
            Err(error) => Some(Found { message: format!("CPython ended: {error}"), file: None }),
        }
    })
}

fn run_ir(seed: u64) -> Option<Found> {
    let found = ir::check(seed)?;
    let message = format!("the machine disagrees with the interpreter\n{}", found.message);
    Some(Found { message, file: Some((format!("fuzz-ir-{seed}.pir"), found.to_string())) })
}

fn run_aarch64(first: u64) -> Option<Found> {
    match aarch64::check(first) {
        Ok(found) => found.map(|Disagreement { seed, module, message }| Found {
            file: Some((format!("fuzz-aarch64-{seed}.pir"), format!("; {message}\n{module}"))),
            message,
        }),
        Err(error) => Some(Found { message: error, file: None }),
    }
}

/// A panic ends the process with its own message.
fn run_parser(seed: u64) -> Option<Found> {
    ir::check_parser(seed);
    python::check_damaged(seed);
    None
}

struct Config {
    time: Duration,
    seed: u64,
    targets: Vec<&'static Target>,
}

fn config(mut args: impl Iterator<Item = String>) -> Result<Config, String> {
    let mut config = Config { time: Duration::from_secs(60), seed: 0, targets: TARGETS.iter().collect() };
    while let Some(option) = args.next() {
        let value = args.next().ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--minutes" => {
                let minutes: f64 = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
                let time = Duration::try_from_secs_f64(minutes * 60.0);
                config.time = time.map_err(|_| format!("`{value}` is not a length of time"))?;
            }
            "--seed" => config.seed = value.parse().map_err(|_| format!("`{value}` is not a number"))?,
            "--target" if value == "all" => {}
            "--target" => config.targets.retain(|target| target.name == value),
            _ => return Err(format!("unknown option {option}")),
        }
    }
    if config.targets.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        return Err(format!("unknown target; there are: {}, all", names.join(", ")));
    }
    Ok(config)
}

fn main() -> ExitCode {
    let config = match config(std::env::args().skip(1)) {
        Ok(config) => config,
        Err(message) => {
            eprintln!("pyexec-fuzz: {message}");
            return ExitCode::from(2);
        }
    };
    let mut config = config;
    // Asked for by name it fails; among all it is left out, and said to be.
    if config.targets.len() > 1
        && let Some(tool) = aarch64::missing_tool()
    {
        println!("aarch64: SKIPPED: {tool} not found");
        config.targets.retain(|target| target.name != "aarch64");
    }
    let share = config.time / config.targets.len() as u32;
    let failed = config.targets.iter().filter(|target| !fuzz(target, config.seed, share)).count();
    ExitCode::from(u8::from(failed > 0))
}

/// Runs one target until the time is up or something is found. False if something is.
fn fuzz(target: &Target, first: u64, time: Duration) -> bool {
    let start = Instant::now();
    let mut seed = first;
    while start.elapsed() < time {
        if let Some(found) = (target.run)(seed) {
            println!("{}: seed {seed}: {}", target.name, found.message);
            found.file.into_iter().for_each(|(name, text)| save(&name, &text));
            return false;
        }
        seed += target.seeds;
    }
    println!(
        "{}: {} programs, seeds {first} to {}, no failure",
        target.name,
        seed - first,
        seed.saturating_sub(1)
    );
    true
}

fn save(name: &str, text: &str) {
    let path = PathBuf::from("target").join(name);
    match std::fs::create_dir_all("target").and_then(|()| std::fs::write(&path, text)) {
        Ok(()) => println!("written to {}", path.display()),
        Err(error) => println!("{} cannot be written: {error}\n{text}", path.display()),
    }
}
