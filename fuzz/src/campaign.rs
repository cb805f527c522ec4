//! Many seeds, several processes at a time, until the time is up or enough is found.
//!
//! Seed `n` is the same program whatever the number of jobs, and the lanes it takes depend on `n` alone; so
//! `--seed N --programs 1` repeats any finding.

use crate::child::Service;
use crate::compare::{Difference, Judge, Runner, Verdict, Workers};
use crate::corpus::Corpus;
use crate::cpython::{Mode, Oracle};
use crate::lanes::{self, Lane};
use crate::python_gen::{self, GenOptions};
use crate::report::{Finding, Report, Tally};
use crate::{aarch64, compare, shrink};
use pyexec_driver::Failure;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long one failure is made smaller.
const SHRINKING: Duration = Duration::from_secs(90);
/// Integers beyond 64 bits are counted in one of so many programs.
const COUNTED: u64 = 32;
/// The other CPython is asked about one of so many programs.
const SECOND: u64 = 4;
/// New features are looked for in one of so many programs.
const FEATURES: u64 = 16;

/// What is fuzzed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// Random Python against CPython.
    Python,
    /// Random IR: machine code against the interpreter.
    Ir,
    /// Random IR on the emulated AArch64.
    Aarch64,
    /// Damaged text against the parsers.
    Parser,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 4] = [Target::Python, Target::Ir, Target::Aarch64, Target::Parser];

    /// How many seeds share a question.
    const fn batch(self) -> u64 {
        match self {
            Target::Aarch64 => aarch64::BATCH,
            _ => 1,
        }
    }

    /// The name on the command line and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Target::Python => "python",
            Target::Ir => "ir",
            Target::Aarch64 => "aarch64",
            Target::Parser => "parser",
        }
    }
}

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In this order, each for its share of the time.
    pub targets: Vec<Target>,
    /// The first seed.
    pub seed: u64,
    /// So many programs a target at most.
    pub programs: Option<u64>,
    /// So long at most, all targets together.
    pub time: Option<Duration>,
    /// Processes at a time.
    pub jobs: usize,
    /// Programs to try first, and where findings are kept.
    pub corpus: Option<PathBuf>,
    /// Whether integers beyond 64 bits must be exact.
    pub exact: bool,
    /// Stop after so many findings.
    pub failures: usize,
    /// The reference, and perhaps another CPython.
    pub pythons: Vec<String>,
    /// The command that starts a worker.
    pub worker: Vec<String>,
    /// The command that starts one on the emulated AArch64.
    pub emulated: Option<Vec<String>>,
}

/// Who wants to know how it goes. Called by several threads.
pub trait Listener: Sync {
    /// A target begins.
    fn begins(&self, target: Target);
    /// So many programs are done.
    fn progress(&self, done: u64, found: usize);
    /// Something is wrong, and is being made smaller.
    fn shrinking(&self, lane: &str, seed: Option<u64>);
    /// Something is wrong.
    fn found(&self, finding: &Finding);
}

/// What the threads of one target share.
struct Shared<'a> {
    plan: &'a Plan,
    listener: &'a dyn Listener,
    target: Target,
    deadline: Option<Instant>,
    next: AtomicU64,
    stop: AtomicBool,
    replays: Mutex<Vec<(PathBuf, String)>>,
    tally: Mutex<Tally>,
    findings: Mutex<Vec<Finding>>,
    known: Mutex<BTreeSet<String>>,
    corpus: Option<&'a Mutex<Corpus>>,
    /// What made it impossible to go on.
    failed: Mutex<Option<Failure>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a campaign.
///
/// # Errors
/// If a CPython is missing, or the corpus cannot be written.
pub fn run(plan: &Plan, listener: &dyn Listener) -> Result<Report, Failure> {
    let mut report = Report { seed: plan.seed, jobs: plan.jobs, exact: plan.exact, ..Report::default() };
    if plan.targets.contains(&Target::Python) {
        for name in &plan.pythons {
            let oracle = start_oracle(name)?;
            report.oracles.push((oracle.version.clone(), name.clone()));
        }
    }
    let corpus = plan.corpus.as_deref().map(Corpus::open).transpose()?.map(Mutex::new);
    for target in &plan.targets {
        listener.begins(*target);
        let share = plan.time.map(|time| time / plan.targets.len() as u32);
        let left = plan.failures.saturating_sub(report.findings.len());
        let (tally, findings) = run_target(plan, *target, share, left, corpus.as_ref(), listener)?;
        report.tallies.insert(target.name(), tally);
        report.findings.extend(findings);
        if report.findings.len() >= plan.failures {
            break;
        }
    }
    Ok(report)
}

fn start_oracle(name: &str) -> Result<Oracle, Failure> {
    Oracle::start(name).map_err(|_| Failure::Io {
        path: name.into(),
        message: "is no CPython that can be started".into(),
        help: Some("name a CPython by --python PATH".into()),
    })
}

fn run_target(
    plan: &Plan,
    target: Target,
    share: Option<Duration>,
    left: usize,
    corpus: Option<&Mutex<Corpus>>,
    listener: &dyn Listener,
) -> Result<(Tally, Vec<Finding>), Failure> {
    let begin = Instant::now();
    let mut replays =
        corpus.filter(|_| target == Target::Python).map(|c| lock(c).programs()).unwrap_or_default();
    replays.reverse();
    let shared = Shared {
        plan,
        listener,
        target,
        deadline: share.map(|share| begin + share),
        next: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        replays: Mutex::new(replays),
        tally: Mutex::default(),
        findings: Mutex::default(),
        known: Mutex::default(),
        corpus,
        failed: Mutex::default(),
    };
    std::thread::scope(|scope| {
        for _ in 0..plan.jobs.max(1) {
            scope.spawn(|| {
                if let Err(failure) = shared.work(left) {
                    shared.stop.store(true, Ordering::Relaxed);
                    lock(&shared.failed).get_or_insert(failure);
                }
            });
        }
    });
    if let Some(failure) = lock(&shared.failed).take() {
        return Err(failure);
    }
    let mut tally = std::mem::take(&mut *lock(&shared.tally));
    tally.seconds = begin.elapsed().as_secs_f64();
    let mut findings = std::mem::take(&mut *lock(&shared.findings));
    findings.sort_by_key(|finding| finding.seed);
    Ok((tally, findings))
}

impl Shared<'_> {
    /// What one thread does.
    fn work(&self, most: usize) -> Result<(), Failure> {
        match self.target {
            Target::Python => self.python(most),
            Target::Ir | Target::Aarch64 | Target::Parser => self.simple(most),
        }
    }

    /// The number of the next program; nothing when it is time to end.
    fn take_number(&self) -> Option<u64> {
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late || self.stop.load(Ordering::Relaxed) {
            return None;
        }
        let number = self.next.fetch_add(self.target.batch(), Ordering::Relaxed);
        (self.plan.programs.is_none_or(|most| number < most)).then_some(number)
    }

    fn counted(&self, count: impl FnOnce(&mut Tally)) {
        let mut tally = lock(&self.tally);
        count(&mut tally);
        let done = tally.programs + tally.replayed;
        drop(tally);
        self.listener.progress(done, lock(&self.findings).len());
    }

    /// Keeps a finding, unless the same is known.
    fn add(&self, mut finding: Finding, most: usize) -> Result<(), Failure> {
        let mut findings = lock(&self.findings);
        if findings.len() >= most
            || findings.iter().any(|f| f.source == finding.source && !f.source.is_empty())
        {
            return Ok(());
        }
        if let Some(corpus) = self.corpus {
            let extension = if matches!(self.target, Target::Ir | Target::Aarch64) { "pir" } else { "py" };
            let name = match finding.seed {
                Some(seed) => format!("{}-{seed}.{extension}", finding.target),
                None => format!("{}-again-{}.{extension}", finding.target, findings.len()),
            };
            let kept = lock(corpus).keep_failing(&name, &finding.source, &finding.details)?;
            finding.file = Some(kept);
        }
        self.listener.found(&finding);
        findings.push(finding);
        if findings.len() >= most {
            self.stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    // ---- Python ----

    fn judge(&self) -> Result<Judge<Workers>, Failure> {
        let mut oracles = self.plan.pythons.iter().map(|name| start_oracle(name));
        let Some(oracle) = oracles.next().transpose()? else {
            return Err(Failure::Usage("there is no CPython to compare with".into()));
        };
        let second = oracles.next().transpose()?;
        let host = Service::new(self.plan.worker.clone());
        let emulated = self.plan.emulated.clone().map(Service::new);
        Ok(Judge {
            oracle,
            second,
            runner: Workers { host, emulated },
            exact: self.plan.exact,
            ask_second: true,
        })
    }

    fn python(&self, most: usize) -> Result<(), Failure> {
        let mut judge = self.judge()?;
        while !self.stop.load(Ordering::Relaxed) {
            let Some((path, source)) = lock(&self.replays).pop() else { break };
            let all = lanes::lanes_for(0, self.plan.emulated.is_some());
            let verdict = judge.judge(&source, &all, true);
            self.learn(&mut judge, None, &source)?;
            self.counted(|tally| tally.replayed += 1);
            self.settle(&mut judge, None, verdict, most).map_err(|failure| at(&path, failure))?;
        }
        while let Some(number) = self.take_number() {
            let seed = self.plan.seed + number;
            let source = program(seed, self.plan.exact);
            let lanes = lanes::lanes_for(seed, self.plan.emulated.is_some());
            judge.ask_second = seed.is_multiple_of(SECOND);
            let verdict = judge.judge(&source, &lanes, lanes::is_verified(seed));
            let wide = match seed.is_multiple_of(COUNTED) {
                true => judge.oracle.run_counting(&source, Mode::Counting).ok().map(|(_, wide)| wide > 0),
                false => None,
            };
            if seed.is_multiple_of(FEATURES) {
                self.learn(&mut judge, Some(seed), &source)?;
            }
            self.counted(|tally| tell(tally, &verdict, &lanes, wide));
            self.settle(&mut judge, Some(seed), verdict, most)?;
        }
        Ok(())
    }

    /// Keeps a program that uses something that none used before.
    fn learn(&self, judge: &mut Judge<Workers>, seed: Option<u64>, source: &str) -> Result<(), Failure> {
        let Some(corpus) = self.corpus else { return Ok(()) };
        let question = json!({ "ask": "features", "source": source });
        let Ok(Value::Array(features)) = judge.runner.host.ask(&question, compare::PATIENCE) else {
            return Ok(());
        };
        let mut known = lock(&self.known);
        let before = known.len();
        known.extend(features.iter().filter_map(|f| f.as_str().map(String::from)));
        match seed {
            Some(seed) if known.len() > before => lock(corpus).keep_interesting(seed, source),
            _ => Ok(()),
        }
    }

    fn settle(
        &self,
        judge: &mut Judge<Workers>,
        seed: Option<u64>,
        verdict: Verdict,
        most: usize,
    ) -> Result<(), Failure> {
        let Verdict::Found(found) = verdict else { return Ok(()) };
        self.listener.shrinking(&found.lane, seed);
        let small = shrink::shrink(judge, *found, SHRINKING);
        self.add(python_finding(seed, self.plan.exact, &small), most)
    }

    // ---- IR and parsers ----

    fn simple(&self, most: usize) -> Result<(), Failure> {
        let mut worker = Service::new(self.plan.worker.clone());
        while let Some(number) = self.take_number() {
            let seed = self.plan.seed + number;
            let question = json!({ "ask": self.target.name(), "seed": seed });
            let found = match worker.ask(&question, 4 * compare::PATIENCE) {
                Ok(Value::Null) => None,
                Ok(found) => {
                    let text = |key: &str| found[key].as_str().unwrap_or_default().to_string();
                    Some(("differs", text("message"), text("text")))
                }
                Err(lost) => Some(("crashed", format!("{lost:?}"), String::new())),
            };
            self.counted(|tally| tally.programs += self.target.batch());
            if let Some((kind, message, source)) = found {
                self.add(self.simple_finding(seed, kind, &message, source), most)?;
            }
        }
        Ok(())
    }

    fn simple_finding(&self, seed: u64, kind: &str, message: &str, source: String) -> Finding {
        let first = message.lines().next().unwrap_or_default();
        Finding {
            target: self.target.name(),
            seed: Some(seed),
            lane: String::new(),
            kind: kind.into(),
            message: format!("{}: seed {seed}: {kind}: {first}", self.target.name()),
            source,
            details: message.to_string(),
            file: None,
        }
    }
}

fn at(path: &std::path::Path, failure: Failure) -> Failure {
    match failure {
        Failure::Usage(message) => Failure::Usage(format!("{}: {message}", path.display())),
        other => other,
    }
}

fn tell(tally: &mut Tally, verdict: &Verdict, lanes: &[&Lane], wide: Option<bool>) {
    tally.programs += 1;
    tally.counted += u64::from(wide.is_some());
    tally.wide += u64::from(wide == Some(true));
    match verdict {
        Verdict::Agrees(outcome) => {
            let class = outcome.ended.split([':', ' ']).next().unwrap_or_default();
            Tally::count(&mut tally.ended, class);
            lanes.iter().for_each(|lane| Tally::count(&mut tally.lanes, lane.name));
        }
        Verdict::Skipped(reason) => Tally::count(&mut tally.skipped, reason),
        Verdict::Found(_) => {}
    }
}

/// A finding whose source is ready to be a test of the run suite.
fn python_finding(seed: Option<u64>, exact: bool, found: &Difference) -> Finding {
    let exact = if exact { "" } else { " --no-exact" };
    let origin = seed
        .map_or("the corpus".to_string(), |seed| format!("pyexec-cg fuzz{exact} --seed {seed} --programs 1"));
    let kind = found.kind.name();
    let header = format!("\"\"\"Found by {origin}: {} {kind}.\"\"\"\n", found.lane);
    Finding {
        target: Target::Python.name(),
        seed,
        lane: found.lane.clone(),
        kind: kind.into(),
        message: format!("python: {origin}: {} {kind}: {}", found.lane, first_difference(found)),
        source: format!("{header}{}", found.source),
        details: found.to_string(),
        file: None,
    }
}

/// The first line that is not as it should be.
fn first_difference(found: &Difference) -> String {
    let lines = |o: &crate::cpython::Outcome| -> Vec<String> {
        o.printed.lines().chain(o.said.lines()).chain([o.ended.as_str()]).map(String::from).collect()
    };
    let (expected, got) = (lines(&found.expected), lines(&found.got));
    let at = expected.iter().zip(&got).position(|(a, b)| a != b).unwrap_or(expected.len().min(got.len()));
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(nothing)".into());
    format!("expected `{}`, got `{}`", line(&expected), line(&got))
}

/// About so many statements have programs: small ones are quick, large ones have more to go wrong together.
const SIZES: [usize; 4] = [6, 10, 18, 32];

/// The program of a seed.
pub fn program(seed: u64, exact: bool) -> String {
    // Not the last bits of the seed: they choose the lanes, and every lane is to see every size.
    let size = SIZES[(seed / 64 % SIZES.len() as u64) as usize];
    python_gen::program(seed, GenOptions { size, exact })
}

/// The first difference among these seeds, found without workers: for tests.
pub fn check_in_process(oracle: Oracle, seeds: impl Iterator<Item = u64>, exact: bool) -> Option<Difference> {
    let mut judge = Judge { oracle, second: None, runner: compare::InProcess, exact, ask_second: false };
    check_with(&mut judge, seeds)
}

fn check_with<R: Runner>(judge: &mut Judge<R>, mut seeds: impl Iterator<Item = u64>) -> Option<Difference> {
    seeds.find_map(|seed| {
        let source = program(seed, judge.exact);
        match judge.judge(&source, &lanes::lanes_for(seed, false), lanes::is_verified(seed)) {
            Verdict::Found(found) => Some(*found),
            _ => None,
        }
    })
}
