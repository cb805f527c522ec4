//! `fuzz`: builds the fuzzer in release mode and hands the options on to it.

use crate::{Args, Failure, Outcome, repo};
use std::process::Command;

const TARGETS: &[&str] = &["ir", "aarch64", "python", "parser", "all"];

/// Options are checked here, before the build, so that a slip of the pen costs no minutes.
pub fn command(args: &mut Args) -> Outcome {
    let minutes = args.value("--minutes")?.unwrap_or_else(|| "1".into());
    if !minutes.parse::<f64>().is_ok_and(|m| m > 0.0) {
        return Err(Failure::Usage(format!("--minutes: `{minutes}` is not a positive number")));
    }
    let seed = args.value("--seed")?;
    if let Some(text) = &seed
        && text.parse::<u64>().is_err()
    {
        return Err(Failure::Usage(format!("--seed: `{text}` is not a number")));
    }
    let target = args.value("--target")?.unwrap_or_else(|| "all".into());
    if !TARGETS.contains(&target.as_str()) {
        return Err(Failure::Usage(format!("--target: `{target}` is none of {}", TARGETS.join(", "))));
    }
    args.finish()?;
    let root = repo::root()?;
    let fuzzer = repo::build_release(&root, "pyexec-fuzz")?.join("pyexec-fuzz");
    let mut run = Command::new(&fuzzer);
    run.current_dir(&root).args(["--minutes", &minutes, "--target", &target]);
    if let Some(seed) = &seed {
        run.args(["--seed", seed]);
    }
    let status = run.status().map_err(|e| format!("cannot run {}: {e}", fuzzer.display()))?;
    Ok(status.success())
}
