//! Compile time by size: nanoseconds an instruction of IR, by stage, as tables in Markdown.
//!
//! `cargo run --release -p pyexec-benches --bin scaling [-- LARGEST [SHAPE]]`; with `--features cranelift` Cranelift
//! compiles the same modules beside us. Each figure is the best of several runs.

use pyexec_benches::python::Source;
use pyexec_benches::stages::{Pipeline, Times, front, instructions};
use pyexec_benches::{Shape, module};
use pyexec_ir::Module;
use std::time::{Duration, Instant};

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];
/// What the largest size is compared with.
const REFERENCE: usize = 1_000;
/// A figure is measured again until this has gone by, three times at least and a hundred times at most.
const BUDGET: Duration = Duration::from_millis(400);

type Result<T> = std::result::Result<T, String>;

fn main() {
    let largest = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(100_000);
    let only = std::env::args().nth(2);
    for level in [0, 2] {
        if let Err(message) = table(level, largest, |name| only.as_ref().is_none_or(|o| o == name)) {
            eprintln!("scaling: {message}");
            std::process::exit(1);
        }
    }
}

/// What is compiled: a module, and how long the front end took to make it.
type Made = (Module, Duration);

fn table(level: u8, largest: usize, wanted: impl Fn(&str) -> bool) -> Result<()> {
    println!("\n### -O{level}\n");
    let peer = if cfg!(feature = "cranelift") { " Cranelift |" } else { "" };
    println!("| shape | instructions | front | optimize | select | allocate | encode | all |{peer}");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|{}", if peer.is_empty() { "" } else { "---:|" });
    let sizes = || SIZES.into_iter().filter(move |size| *size <= largest);
    for shape in Shape::ALL.into_iter().filter(|s| wanted(s.name())) {
        rows(level, shape.name(), sizes(), |size| Ok((module(shape, size), Duration::ZERO)))?;
    }
    for source in Source::ALL.into_iter().filter(|s| wanted(s.name())) {
        rows(level, source.name(), sizes().skip(1), |size| python(source, size))?;
    }
    Ok(())
}

/// A program with about `size` instructions.
fn python(source: Source, size: usize) -> Result<Made> {
    let lower = |count: usize| {
        front(&source.program(count)).map_err(|_| format!("{}: the front end refuses", source.name()))
    };
    let (few, many) = (instructions(&lower(10)?.0), instructions(&lower(110)?.0));
    let count = ((size + (many - few) / 10).saturating_sub(few) * 100 / (many - few)).max(1);
    let (module, first) = lower(count)?;
    let mut best = first;
    again(|| {
        best = best.min(lower(count)?.1);
        Ok(())
    })?;
    Ok((module, best))
}

fn rows(
    level: u8,
    name: &str,
    sizes: impl Iterator<Item = usize>,
    make: impl Fn(usize) -> Result<Made>,
) -> Result<()> {
    let (mut reference, mut last) = (None, 0.0);
    for size in sizes {
        let (module, front) = make(size)?;
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
        if size == REFERENCE {
            reference = Some(last);
        }
    }
    if let Some(reference) = reference {
        println!("| {name} | largest / {REFERENCE} | | | | | | **{:.2}** |", last / reference);
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
        if run >= 3 && start.elapsed() > BUDGET {
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
