//! Which processors can be named, and what may be asked for beside. Selection uses the Armv8.0 baseline
//! alone: the IR has nothing yet for which a later extension has an instruction that we would use.

/// The processors that may be named; all of them get the same code.
pub const NAMES: [&str; 8] =
    ["generic", "native", "armv8-a", "cortex-a53", "cortex-a72", "cortex-a76", "neoverse-n1", "apple-m1"];

/// What code shall have beside its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Features {
    /// `bti`: landing pads, so that indirect branches reach nothing else (Arm ARM D8.4.6). Older
    /// processors take the pads for no-operations.
    pub bti: bool,
}

impl Features {
    /// A processor's name, then `+feature` and `-feature`, separated by commas.
    ///
    /// # Errors
    /// The part that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut features = Self::default();
        for part in text.split(',') {
            match part {
                "+bti" => features.bti = true,
                "-bti" => features.bti = false,
                name if NAMES.contains(&name) => features = Self::default(),
                other => return Err(other.to_string()),
            }
        }
        Ok(features)
    }
}
