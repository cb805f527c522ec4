//! Programs as command lines, and how long they take.

use std::path::Path;
use std::process::{Command, Stdio};

/// A command line.
pub struct Program {
    words: Vec<String>,
}

impl std::fmt::Display for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.words.join(" "))
    }
}

/// The shell's `time` writes user and system time in seconds to a third channel; the program's own output is
/// thrown away. `$0` is how often to repeat.
const SCRIPT: &str = r#"TIMEFORMAT="%3U %3S"; n=$0
time for ((i = 0; i < n; i++)); do "$@" > /dev/null 2> /dev/null || exit 99; done"#;

impl Program {
    pub fn new(program: &Path, args: &[&str]) -> Program {
        let program = program.to_string_lossy().into_owned();
        Program { words: std::iter::once(program).chain(args.iter().map(|a| a.to_string())).collect() }
    }

    /// A Python file compiled and run by us.
    pub fn ours(compiler: &Path, level: &str, file: &Path, size: Option<&str>) -> Program {
        let file = file.to_string_lossy();
        let args = ["run", level, &file];
        Program::new(compiler, &args.into_iter().chain(size).collect::<Vec<_>>())
    }

    /// A Python file run by CPython.
    pub fn python(python: &Path, file: &Path, size: Option<&str>) -> Program {
        let file = file.to_string_lossy();
        Program::new(python, &std::iter::once(&*file).chain(size).collect::<Vec<_>>())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::null());
        command
    }

    /// What it prints; an error if it fails.
    pub fn output(&self) -> Result<String, String> {
        let out = self.command().output().map_err(|e| format!("cannot run {self}: {e}"))?;
        if !out.status.success() {
            let errors = String::from_utf8_lossy(&out.stderr).lines().take(8).collect::<Vec<_>>().join("\n");
            return Err(format!("{self} ended with {}\n{errors}", out.status));
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Processor time of one run in seconds, on average over `repeat` runs.
    fn seconds(&self, repeat: u32) -> Result<f64, String> {
        let out = Command::new("bash")
            .args(["-c", SCRIPT, &repeat.to_string()])
            .args(&self.words)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("times are taken by bash, which cannot be run: {e}"))?;
        let text = String::from_utf8_lossy(&out.stderr);
        let times: Vec<f64> =
            text.split_whitespace().filter_map(|w| w.replace(',', ".").parse().ok()).collect();
        match times[..] {
            [user, system] if out.status.success() => Ok((user + system) / f64::from(repeat)),
            _ => Err(format!("{self} failed when timed: {}", text.trim())),
        }
    }
}

/// The smallest of several measurements.
pub fn best(program: &Program, runs: u64, repeat: u32) -> Result<f64, String> {
    let mut least = f64::INFINITY;
    for _ in 0..runs {
        least = least.min(program.seconds(repeat)?);
    }
    Ok(least)
}

/// The smallest time of each program; the programs take turns, so that a slow moment meets all of them.
pub fn fastest_interleaved(programs: &[Program], runs: u64) -> Result<Vec<f64>, String> {
    let mut least = vec![f64::INFINITY; programs.len()];
    for _ in 0..runs {
        for (time, program) in least.iter_mut().zip(programs) {
            *time = time.min(program.seconds(1)?);
        }
    }
    Ok(least)
}

/// The median time of each program; the programs take turns.
pub fn medians_interleaved(programs: &[Program], runs: u64) -> Result<Vec<f64>, String> {
    let mut times = vec![Vec::new(); programs.len()];
    for _ in 0..runs {
        for (times, program) in times.iter_mut().zip(programs) {
            times.push(program.seconds(1)?);
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    Ok(times.into_iter().map(median).collect())
}

/// Compiles a kernel as any C program is: no machine flags, no fast-math.
pub fn compile_c(file: &Path, binary: &Path) -> Result<(), String> {
    let out = Command::new("gcc")
        .args(["-O2", "-o"])
        .arg(binary)
        .arg(file)
        .arg("-lm")
        .output()
        .map_err(|e| format!("cannot run gcc: {e}"))?;
    match out.status.success() {
        true => Ok(()),
        false => Err(format!("gcc: {}", String::from_utf8_lossy(&out.stderr).trim())),
    }
}

/// Whether an interpreter has a module.
pub fn imports(python: &Path, module: &str) -> bool {
    let mut command = Command::new(python);
    command.args(["-c", &format!("import {module}")]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|s| s.success())
}

/// Decorates every function of the kernel with `njit`, calls `run` twice and times the second call.
const NUMBA: &str = r#"
import ast, sys, time
path, size = sys.argv[1], int(sys.argv[2])
tree = ast.parse(open(path).read())
tree.body = [s for s in tree.body if isinstance(s, (ast.FunctionDef, ast.Import, ast.ImportFrom))]
for s in tree.body:
    if isinstance(s, ast.FunctionDef):
        s.decorator_list.append(ast.Name("njit", ast.Load()))
        s.returns = None
        for a in s.args.args:
            a.annotation = None
import numba
scope = {"njit": numba.njit}
exec(compile(ast.fix_missing_locations(tree), path, "exec"), scope)
scope["run"](2)
start = time.process_time()
scope["run"](size)
print(time.process_time() - start)
"#;

/// Seconds that Numba's code takes; nothing if it cannot compile the kernel.
pub fn numba(python: &Path, kernel: &Path, size: &str) -> Option<f64> {
    let out = Command::new(python).args(["-c", NUMBA]).arg(kernel).arg(size).output().ok()?;
    String::from_utf8_lossy(&out.stdout).trim().parse().ok()
}

/// The processor's name for the head of the table: ratios differ between machines.
pub fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|l| l.starts_with("model name")).and_then(|l| l.split(": ").nth(1));
    model.unwrap_or("unknown").to_string()
}

/// The compiler that we are compared with.
pub fn gcc_version() -> String {
    let out = Command::new("gcc").arg("-dumpfullversion").output();
    out.map_or_else(|_| "no gcc".into(), |o| format!("gcc {}", String::from_utf8_lossy(&o.stdout).trim()))
}
