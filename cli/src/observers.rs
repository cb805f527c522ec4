//! `--time-passes` and `--print-changed`.

use pyexec_driver::{Artifact, Observer, StageId};
use std::fmt::Write;
use std::time::Duration;

/// Adds up the time of each stage.
#[derive(Default)]
pub struct Timer {
    /// In the order in which stages first ended.
    stages: Vec<(StageId, Duration, u64)>,
}

impl Timer {
    /// The table: time, share, how often, stage.
    pub fn table(&self) -> String {
        // The time of a pass is part of `optimize`'s only where the sum is taken here.
        let total: Duration = self.stages.iter().map(|s| s.1).sum();
        let mut out = String::from("      time  share      runs  stage\n");
        for (stage, time, runs) in &self.stages {
            let share = 100.0 * time.as_secs_f64() / total.as_secs_f64().max(f64::MIN_POSITIVE);
            let indent = if matches!(stage, StageId::Pass(_)) { "  " } else { "" };
            let _ =
                writeln!(out, "{}  {share:4.1} %  {runs:8}  {indent}{}", milliseconds(*time), stage.verb());
        }
        let _ = writeln!(out, "{}  100. %            total", milliseconds(total));
        out
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:7.3} ms", time.as_secs_f64() * 1e3)
}

impl Observer for Timer {
    fn wants(&self, _: StageId) -> bool {
        false
    }
    fn stage(&mut self, _: StageId, _: &Artifact<'_>) {}
    fn times(&self) -> bool {
        true
    }
    fn elapsed(&mut self, stage: StageId, time: Duration) {
        match self.stages.iter_mut().find(|s| s.0 == stage) {
            Some(known) => (known.1, known.2) = (known.1 + time, known.2 + 1),
            None => self.stages.push((stage, time, 1)),
        }
    }
}

/// Gathers the IR after every pass that changed it.
#[derive(Default)]
pub struct Changes {
    last: String,
    text: String,
}

impl Changes {
    /// What changed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Observer for Changes {
    fn wants(&self, stage: StageId) -> bool {
        matches!(stage, StageId::Ir | StageId::Pass(_))
    }
    fn stage(&mut self, stage: StageId, artifact: &Artifact<'_>) {
        let now = artifact.text();
        if now == self.last {
            let _ = writeln!(self.text, "; ---- {}: nothing changed", stage.verb());
        } else {
            let _ = write!(self.text, "; ---- after {}\n{now}", stage.verb());
            self.last = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_one_stage_add_up() {
        let mut timer = Timer::default();
        timer.elapsed(StageId::Ast, Duration::from_millis(1));
        timer.elapsed(StageId::VCode, Duration::from_millis(1));
        timer.elapsed(StageId::VCode, Duration::from_millis(2));
        let table = timer.table();
        assert!(table.contains("3.000 ms  75.0 %         2  select"), "{table}");
        assert!(table.contains("4.000 ms  100. %            total"), "{table}");
    }
}
