//! Compile time by size: nanoseconds an instruction of IR, by stage, as tables in Markdown.
//!
//! `cargo run --release -p pyexec-benches --bin scaling [-- LARGEST]`; with `--features cranelift` Cranelift
//! compiles the same modules beside us. Each figure is the best of several runs.

use pyexec_benches::python::Source;
use pyexec_benches::stages::{Pipeline, Times, front, instructions};
use pyexec_benches::{Shape, module};
use pyexec_ir::Module;
use std::time::{Duration, Instant};

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// A figure is measured again until this has gone by, twice at least and a hundred times at most.
const BUDGET: Duration = Duration::from_millis(400);

type Result<T> = std::result::Result<T, String>;

fn main() {
    let largest = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(100_000);
    for level in [0, 2] {
        if let Err(message) = table(level, largest) {
            eprintln!("scaling: {message}");
            std::process::exit(1);
        }
    }
}

/// What is compiled: a module, and how long the front end took to make it.
type Made = (Module, Duration);

fn table(level: u8, largest: usize) -> Result<()> {
    println!("\n### -O{level}\n");
    let peer = if cfg!(feature = "cranelift") { " Cranelift |" } else { "" };
    println!("| shape | instructions | front | optimize | select | allocate | encode | all |{peer}");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|{}", if peer.is_empty() { "" } else { "---:|" });
    let sizes = || SIZES.into_iter().filter(move |size| *size <= largest);
    for shape in Shape::ALL {
        rows(level, shape.name(), sizes().map(|size| Ok((module(shape, size), Duration::ZERO))))?;
    }
    for source in Source::ALL {
        rows(level, source.name(), sizes().skip(1).map(|size| python(source, size)))?;
    }
    Ok(())
}

/// A program with about `size` instructions.
fn python(source: Source, size: usize) -> Result<Made> {
    let lower = |count: usize| {
        front(&source.program(count)).map_err(|_| format!("{}: the front end refuses", source.name()))
    };
    let (few, many) = (instructions(&lower(10)?.0), instructions(&lower(110)?.0));
    lower(size.saturating_sub(few) * 100 / (many - few) + 1)
}

fn rows(level: u8, name: &str, made: impl Iterator<Item = Result<Made>>) -> Result<()> {
    let mut thousand = None;
    let mut last = 0.0;
    for made in made {
        let (module, front) = made?;
        let count = instructions(&module);
        let times = Times { front, ..measure(level, &module)? };
        let per = |time: Duration| time.as_nanos() as f64 / count as f64;
        let stages: Vec<String> = times.stages().iter().map(|t| format!("{:.0}", per(*t))).collect();
        println!(
            "| {name} | {count} | {} | {:.0} |{}",
            stages.join(" | "),
            per(times.total()),
            peer(level, &module, count)?
        );
        last = per(times.total());
        if (500..5_000).contains(&count) {
            thousand = Some(last);
        }
    }
    if let Some(thousand) = thousand {
        println!("| {name} | largest / 1,000 | | | | | | **{:.2}** |", last / thousand);
    }
    Ok(())
}

/// The best run of each stage.
fn measure(level: u8, module: &Module) -> Result<Times> {
    let mut pipeline = Pipeline::new(level).map_err(|_| "no target for this machine".to_owned())?;
    let mut best = pipeline.compile(&mut module.clone())?;
    again(|| {
        let times = pipeline.compile(&mut module.clone())?;
        best.optimize = best.optimize.min(times.optimize);
        best.select = best.select.min(times.select);
        best.allocate = best.allocate.min(times.allocate);
        best.encode = best.encode.min(times.encode);
        Ok(())
    })?;
    Ok(best)
}

fn again(mut work: impl FnMut() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    for run in 0..100 {
        if run > 0 && start.elapsed() > BUDGET {
            break;
        }
        work()?;
    }
    Ok(())
}

#[cfg(not(feature = "cranelift"))]
fn peer(_: u8, _: &Module, _: usize) -> Result<String> {
    Ok(String::new())
}

/// Cranelift on the same module. It optimizes, selects, allocates and encodes; ours has been given IR too.
#[cfg(feature = "cranelift")]
fn peer(level: u8, module: &Module, count: usize) -> Result<String> {
    use pyexec_benches::cranelift_peer::Peer;
    let mut best: Option<Duration> = None;
    let one = || -> Result<Duration> {
        let mut peer = Peer::new(level > 0, |_| None)?;
        let start = Instant::now();
        peer.compile(module)?;
        Ok(start.elapsed())
    };
    let outcome = again(|| {
        let time = one()?;
        best = Some(best.map_or(time, |b| b.min(time)));
        Ok(())
    });
    // Python's modules import helpers that Cranelift would have to link: it is measured on the others.
    match (outcome, best) {
        (Ok(()), Some(time)) => Ok(format!(" {:.0} |", time.as_nanos() as f64 / count as f64)),
        _ => Ok(" - |".into()),
    }
}
