//! When the compiler itself is at fault: catch it, find the last good module, write it down with the one
//! command that replays the fault.
//!
//! Compilation is a function of its input, so nothing is kept for this while all goes well: after a fault the
//! same job runs once more with an observer that remembers the text of each module on the way.

use crate::failure::Bug;
use crate::observe::{Artifact, Observer, StageId, Watch};
use crate::session::{Input, Session};
use crate::{Failure, files};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What the last panic said. Of the process, not of a thread: stages may work on a stack of their own.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics of this program quiet: [`Job::guarded`] and [`last_panic`] tell what they said.
pub fn install_panic_hook() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        let text = said(info.payload()).unwrap_or("panic").to_owned() + &place;
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }));
}

/// What the last panic said, once.
pub fn last_panic() -> Option<String> {
    LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn said(payload: &dyn Any) -> Option<&str> {
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// A job that only compiles, and what is needed to do it again.
pub struct Job<'a> {
    /// The file that it compiles.
    pub input: &'a Path,
    /// The options it does so with, as on the command line.
    pub flags: String,
    /// Where a replay file goes: the working folder, since the input's may not be writable.
    pub folder: &'a Path,
}

impl<'a> Job<'a> {
    /// For an input of a session.
    pub fn new(session: &Session, input: &'a Input) -> Self {
        Self { input: &input.path, flags: session.options.flags(), folder: Path::new("") }
    }

    /// Does it. A panic, or a bug that a stage reports, leaves a replay file.
    pub fn guarded<T>(
        &self,
        watch: &mut Watch<'_>,
        job: impl Fn(&mut Watch<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        match caught(&job, watch) {
            Err(Failure::Internal(bug)) => Err(Failure::Internal(self.with_replay(bug, &job))),
            other => other,
        }
    }

    fn with_replay<T>(&self, mut bug: Bug, job: &impl Fn(&mut Watch<'_>) -> Result<T, Failure>) -> Bug {
        let mut recorder = Recorder::default();
        // It fails again; what counts is what the recorder saw before.
        let _ = caught(job, &mut Watch::new(vec![&mut recorder]));
        let Some((stage, text)) = recorder.last else {
            return bug;
        };
        bug.details.push(format!("the module in the replay file is that after `{}`", stage.name()));
        let path = self.replay_path();
        let command =
            format!("pyexec-cg build {} --verify --kind obj -o /dev/null {}", self.flags, path.display());
        let note = format!("; {}\n; replay: {command}\n", bug.to_string().replace('\n', "\n; "));
        if files::write_file(&path, (note + &text).as_bytes()).is_ok() {
            bug.replay = Some((path, command));
        }
        bug
    }

    fn replay_path(&self) -> PathBuf {
        let stem = self.input.file_stem().map_or_else(|| "input".into(), |s| s.to_string_lossy());
        self.folder.join(format!("{}.pyexec-replay.pir", stem.trim_end_matches(".pyexec-replay")))
    }
}

fn caught<T>(
    job: &impl Fn(&mut Watch<'_>) -> Result<T, Failure>,
    watch: &mut Watch<'_>,
) -> Result<T, Failure> {
    let result = panic::catch_unwind(AssertUnwindSafe(|| job(watch)));
    result.unwrap_or_else(|payload| {
        let text = last_panic().or_else(|| said(&*payload).map(str::to_owned));
        Err(Failure::bug("the compiler", vec![text.unwrap_or_else(|| "panic".to_owned())]))
    })
}

/// Remembers the last module that a stage left, and which stage that was.
#[derive(Default)]
struct Recorder {
    last: Option<(StageId, String)>,
}

impl Observer for Recorder {
    fn wants(&self, stage: StageId) -> bool {
        matches!(stage, StageId::Ir | StageId::Pass(_) | StageId::Opt)
    }
    fn stage(&mut self, stage: StageId, artifact: &Artifact<'_>) {
        if let Artifact::Module(_) = artifact {
            self.last = Some((stage, artifact.text()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_leaves_the_last_good_module_and_the_command_to_replay_it() {
        let folder = std::env::temp_dir().join(format!("pyexec-bug-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let job = Job { input: Path::new("some/f.py"), flags: "-O2".into(), folder: &folder };
        let text = "func c export @f() -> () {\nb0:\n  ret\n}\n";
        let module = pyexec_ir::parse_module(text, 0).expect("parses");
        let result: Result<(), _> = job.guarded(&mut Watch::nobody(), |watch| {
            watch.done(StageId::Pass("dce"), &Artifact::Module(&module));
            panic!("on purpose")
        });
        let Err(Failure::Internal(bug)) = result else { panic!("{result:?}") };
        assert!(bug.to_string().contains("on purpose") && bug.to_string().contains("`dce`"), "{bug}");
        let (path, command) = bug.replay.expect("a replay file");
        assert_eq!(path, folder.join("f.pyexec-replay.pir"));
        let written = std::fs::read_to_string(&path).expect("written");
        assert!(written.contains(&command) && written.contains("on purpose"), "{written}");
        assert_eq!(pyexec_ir::parse_module(&written, 0).expect("parses").funcs.len(), 1);
        std::fs::remove_dir_all(&folder).expect("cleans up");
    }
}
