//! `--emit STAGE[=PATH]`: an observer that writes stages of the one pipeline run.

use pyexec_driver::{Artifact, Observer, StageId};
use std::path::PathBuf;
use std::str::FromStr;

/// One request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmitSpec {
    /// Which stage.
    pub stage: StageId,
    /// Where to; standard output if nothing is said.
    pub path: Option<PathBuf>,
}

impl FromStr for EmitSpec {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((_, "")) => return Err("a path has to follow `=`".into()),
            Some((name, path)) => (name, Some(PathBuf::from(path))),
            None => (text, None),
        };
        let stage = StageId::EMITTED.iter().copied().find(|s| s.name() == name);
        let stage = stage.ok_or_else(|| {
            let known: Vec<_> = StageId::EMITTED.iter().map(|s| s.name()).collect();
            format!("there is no stage `{name}`; stages are {}", known.join(", "))
        })?;
        Ok(Self { stage, path })
    }
}

/// Gathers the text of the wanted stages; they are written when the run is over, so that a failed run
/// leaves no half of a file.
#[derive(Default)]
pub struct Emitter {
    wanted: Vec<(EmitSpec, Vec<u8>)>,
}

impl Emitter {
    /// For these requests.
    pub fn new(specs: &[EmitSpec]) -> Self {
        Self { wanted: specs.iter().map(|s| (s.clone(), Vec::new())).collect() }
    }

    /// What was gathered, in the order of the requests.
    pub fn finish(self) -> Vec<(EmitSpec, Vec<u8>)> {
        self.wanted
    }
}

impl Observer for Emitter {
    fn wants(&self, stage: StageId) -> bool {
        self.wanted.iter().any(|(s, _)| s.stage == stage)
    }
    fn stage(&mut self, stage: StageId, artifact: &Artifact<'_>) {
        for (_, bytes) in self.wanted.iter_mut().filter(|(s, _)| s.stage == stage) {
            match artifact {
                // The form of allocations has no place for the function's name.
                Artifact::Func(name, text) if stage == StageId::Ra => {
                    bytes.extend_from_slice(format!("; {name}\n{text}").as_bytes());
                }
                Artifact::Object(object) => bytes.extend_from_slice(object),
                _ => bytes.extend_from_slice(artifact.text().as_bytes()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_a_stage_and_perhaps_a_path() {
        let parsed: EmitSpec = "asm=out.s".parse().expect("parses");
        assert_eq!(parsed, EmitSpec { stage: StageId::Asm, path: Some("out.s".into()) });
        assert!("asm=".parse::<EmitSpec>().is_err());
        let message = "machine".parse::<EmitSpec>().expect_err("no such stage");
        assert!(message.contains("ast, hir, ir, opt, vcode, ra, asm, obj"), "{message}");
    }
}
