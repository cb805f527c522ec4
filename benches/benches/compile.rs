//! Compile time by stage, shape and size: `cargo bench -p pyexec-benches --bench compile`.
//!
//! Groups are `stage/level`; for the same figures as one table see the program `scaling`.

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};
use pyexec_benches::stages::{Pipeline, Times, instructions};
use pyexec_benches::{Shape, module};
use pyexec_ir::Module;
use std::time::Duration;

const SIZES: [usize; 5] = [10, 100, 1_000, 10_000, 100_000];

/// What a group measures, given a compiler and a module: the time of one stage.
type Stage = fn(&mut Pipeline, &mut Module) -> Duration;

const STAGES: [(&str, Stage); 5] = [
    ("optimize", |pipeline, module| all(pipeline, module).optimize),
    ("select", |pipeline, module| all(pipeline, module).select),
    ("allocate", |pipeline, module| all(pipeline, module).allocate),
    ("encode", |pipeline, module| all(pipeline, module).encode),
    ("whole", |pipeline, module| all(pipeline, module).total()),
];

fn all(pipeline: &mut Pipeline, module: &mut Module) -> Times {
    pipeline.compile(module).expect("generated modules compile")
}

/// Every shape and size through one stage.
fn stage(criterion: &mut Criterion, level: u8, (name, stage): (&str, Stage)) {
    let mut group = criterion.benchmark_group(format!("{name}/O{level}"));
    group.sampling_mode(SamplingMode::Flat);
    let mut pipeline = Pipeline::new(level).expect("there is a target for this machine");
    for shape in Shape::ALL {
        for size in SIZES {
            let original = module(shape, size);
            group.throughput(Throughput::Elements(instructions(&original) as u64));
            group.bench_function(BenchmarkId::new(shape.name(), size), |bencher| {
                bencher.iter_custom(|rounds| {
                    (0..rounds).map(|_| stage(&mut pipeline, &mut original.clone())).sum()
                });
            });
        }
    }
    group.finish();
}

#[cfg(feature = "cranelift")]
fn peer(criterion: &mut Criterion, level: u8) {
    use criterion::BatchSize;
    use pyexec_benches::cranelift_peer::Peer;
    let mut group = criterion.benchmark_group(format!("cranelift/O{level}"));
    group.sampling_mode(SamplingMode::Flat);
    for shape in Shape::ALL {
        for size in SIZES {
            let original = module(shape, size);
            group.throughput(Throughput::Elements(instructions(&original) as u64));
            group.bench_function(BenchmarkId::new(shape.name(), size), |bencher| {
                let new = || Peer::new(level > 0, |_| None).expect("Cranelift knows this machine");
                bencher.iter_batched(
                    new,
                    |mut peer| peer.compile(&original).expect("Cranelift compiles it"),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(20))
        .measurement_time(Duration::from_millis(150))
        .configure_from_args();
    for level in [0, 2] {
        STAGES.into_iter().for_each(|row| stage(&mut criterion, level, row));
        #[cfg(feature = "cranelift")]
        peer(&mut criterion, level);
    }
    criterion.final_summary();
}
