//! What a campaign found, and its form as JSON. `docs/fuzz.md` documents the form; a change that is not an
//! addition raises [`FORMAT_VERSION`].

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The version of the form.
pub const FORMAT_VERSION: u32 = 1;

/// What happened to the programs of one target.
#[derive(Clone, Default, Debug)]
pub struct Tally {
    /// Programs from seeds.
    pub programs: u64,
    /// Programs from the corpus.
    pub replayed: u64,
    /// Programs of which nothing can be said, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Comparisons, by lane.
    pub lanes: BTreeMap<String, u64>,
    /// Programs by how they ended: `ok` or the class of the exception.
    pub ended: BTreeMap<String, u64>,
    /// Programs that were looked at for integers beyond 64 bits, and how many of these had some.
    pub counted: u64,
    /// See `counted`.
    pub wide: u64,
    /// How long it took.
    pub seconds: f64,
}

impl Tally {
    /// Adds one to a row.
    pub fn count(rows: &mut BTreeMap<String, u64>, name: &str) {
        *rows.entry(name.to_string()).or_default() += 1;
    }

    fn to_json(&self) -> Value {
        json!({
            "programs": self.programs, "replayed": self.replayed, "seconds": self.seconds,
            "skipped": self.skipped, "lanes": self.lanes, "ended": self.ended,
            "beyond_64_bits": { "of": self.counted, "programs": self.wide },
        })
    }
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The target that found it.
    pub target: &'static str,
    /// The seed; nothing if it was replayed.
    pub seed: Option<u64>,
    /// The lane, where there is one.
    pub lane: String,
    /// Which kind of wrong.
    pub kind: String,
    /// One line for people.
    pub message: String,
    /// The smallest program.
    pub source: String,
    /// What was expected and what was got.
    pub details: String,
    /// Where it was written.
    pub file: Option<PathBuf>,
}

impl Finding {
    fn to_json(&self) -> Value {
        json!({
            "target": self.target, "seed": self.seed, "lane": self.lane, "kind": self.kind,
            "message": self.message, "source": self.source, "details": self.details,
            "file": self.file.as_ref().map(|f| f.display().to_string()),
        })
    }
}

/// A whole campaign.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// The first seed.
    pub seed: u64,
    /// Processes at a time.
    pub jobs: usize,
    /// Whether integers beyond 64 bits had to be exact.
    pub exact: bool,
    /// The CPythons: version and command.
    pub oracles: Vec<(String, String)>,
    /// By target.
    pub tallies: BTreeMap<&'static str, Tally>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The form that is documented.
    pub fn to_json(&self) -> Value {
        let oracles =
            self.oracles.iter().map(|(version, command)| json!({ "version": version, "command": command }));
        json!({
            "format": "pyexec-cg fuzz",
            "version": FORMAT_VERSION,
            "compiler": env!("CARGO_PKG_VERSION"),
            "seed": self.seed, "jobs": self.jobs, "exact": self.exact,
            "oracles": oracles.collect::<Vec<_>>(),
            "targets": self.tallies.iter().map(|(name, tally)| (name.to_string(), tally.to_json())).collect::<serde_json::Map<_, _>>(),
            "failures": self.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
        })
    }
}
