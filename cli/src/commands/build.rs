//! `build`: outputs by their names, by `--kind`, or all three that a C program needs.

use super::{observed, stem, with_session};
use crate::args::{BuildArgs, Kind};
use pyexec_base::Diagnostic;
use pyexec_driver::{Exit, Failure, Output, OutputKind, build};
use std::path::Path;

/// Warnings of what a C program will not find: functions that are not exported, module-level code.
const OF_LIBRARIES: [&str; 4] = ["W0001", "W0002", "W0900", "W0901"];

/// Runs the command.
pub fn run(args: &BuildArgs) -> u8 {
    with_session(&args.compile, |session, messages| {
        let Some(first) = args.files.first() else {
            return Err(Failure::Usage("no input file: name a Python or .pir file (see --help)".into()));
        };
        let outputs = outputs(args, &stem(first))?;
        let inputs = args.files.iter().map(|f| session.load(f)).collect::<Result<Vec<_>, _>>()?;
        refuse_overwriting(args, &outputs)?;
        let warnings = observed(&args.compile, &stem(first), |w| build(session, &inputs, &outputs, w))?;
        // Who only looks at stages links nothing.
        let wanted = |w: &&Diagnostic| !outputs.is_empty() || !OF_LIBRARIES.contains(&w.code);
        warnings.iter().filter(wanted).for_each(|w| messages.diagnostic(w, &session.sources));
        Ok(Exit::OK)
    })
}

fn outputs(args: &BuildArgs, stem: &str) -> Result<Vec<Output>, Failure> {
    let kinds: Vec<_> = args.kind.iter().map(|k| output_kind(*k)).collect();
    match (args.output.as_slice(), kinds.as_slice()) {
        ([], []) if !args.compile.emit.is_empty() => Ok(Vec::new()),
        ([], []) => Ok(default_outputs(args, stem)),
        ([], kinds) => Ok(kinds.iter().map(|k| default_output(*k, stem)).collect()),
        ([path], [kind]) => Ok(vec![Output { kind: *kind, path: path.clone() }]),
        (paths, []) => paths.iter().map(|p| by_name(p)).collect(),
        _ => {
            Err(Failure::Usage("with several outputs, their names say their kinds: leave out --kind".into()))
        }
    }
}

/// An object for each input; library and header for all.
fn default_outputs(args: &BuildArgs, stem: &str) -> Vec<Output> {
    let mut kinds = vec![OutputKind::Library, OutputKind::Header];
    if args.files.len() == 1 {
        kinds.insert(0, OutputKind::Object);
    }
    kinds.into_iter().map(|k| default_output(k, stem)).collect()
}

fn default_output(kind: OutputKind, stem: &str) -> Output {
    Output { kind, path: kind.default_path(stem) }
}

fn by_name(path: &Path) -> Result<Output, Failure> {
    let kind = OutputKind::of_path(path).ok_or_else(|| {
        Failure::Usage(format!(
            "the name {} does not say what to make: use .o, .so, .h, .s or .pir, or --kind",
            path.display()
        ))
    })?;
    Ok(Output { kind, path: path.to_owned() })
}

fn output_kind(kind: Kind) -> OutputKind {
    match kind {
        Kind::Obj => OutputKind::Object,
        Kind::Lib => OutputKind::Library,
        Kind::Header => OutputKind::Header,
        Kind::Asm => OutputKind::Assembly,
        Kind::Ir => OutputKind::Ir,
    }
}

/// An output must not replace an input (`build --kind ir f.pir`).
fn refuse_overwriting(args: &BuildArgs, outputs: &[Output]) -> Result<(), Failure> {
    let inputs: Vec<_> = args.files.iter().filter_map(|f| std::fs::canonicalize(f).ok()).collect();
    let hit = outputs.iter().find(|o| std::fs::canonicalize(&o.path).is_ok_and(|p| inputs.contains(&p)));
    match hit {
        Some(output) => Err(Failure::Usage(format!(
            "the output {} is the input too; name another by -o",
            output.path.display()
        ))),
        None => Ok(()),
    }
}
