//! Which processors can be named, and what may be asked for beside. Selection uses the Armv8.0 baseline
//! and, where the processor has it, FEAT_LSE.

/// The processors that may be named, and whether they have FEAT_LSE.
const CPUS: [(&str, bool); 9] = [
    ("generic", false),
    ("native", false),
    ("armv8-a", false),
    ("armv8.1-a", true),
    ("cortex-a53", false),
    ("cortex-a72", false),
    ("cortex-a76", true),
    ("neoverse-n1", true),
    ("apple-m1", true),
];

/// The processors that may be named.
pub const NAMES: [&str; CPUS.len()] = {
    let mut names = [""; CPUS.len()];
    let mut index = 0;
    while index < CPUS.len() {
        names[index] = CPUS[index].0;
        index += 1;
    }
    names
};

/// What code shall have beside its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Features {
    /// `bti`: landing pads, so that indirect branches reach nothing else (Arm ARM D8.4.6). Older
    /// processors take the pads for no-operations.
    pub bti: bool,
    /// `lse`: atomic instructions that read, change and write at once (FEAT_LSE, Arm ARM A2.2.2). Older
    /// processors do not know them.
    pub lse: bool,
    /// `pac-ret`: return addresses are signed while they are in memory (Arm ARM D8.9), by instructions that
    /// older processors take for no-operations as well.
    pub pac_ret: bool,
}

impl Features {
    /// A processor's name, then `+feature` and `-feature`, separated by commas.
    ///
    /// # Errors
    /// The part that is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut features = Self::default();
        for part in text.split(',') {
            let on = part.starts_with('+');
            match part.strip_prefix(['+', '-']) {
                Some("bti") => features.bti = on,
                Some("lse") => features.lse = on,
                Some("pac-ret") => features.pac_ret = on,
                _ => features = Self::of_cpu(part).ok_or_else(|| part.to_string())?,
            }
        }
        Ok(features)
    }

    fn of_cpu(name: &str) -> Option<Self> {
        let (_, lse) = CPUS.iter().find(|(known, _)| *known == name)?;
        Some(Self { lse: *lse || name == "native" && host_has_lse(), ..Self::default() })
    }
}

#[cfg(target_arch = "aarch64")]
fn host_has_lse() -> bool {
    std::arch::is_aarch64_feature_detected!("lse")
}
/// Code for another machine than this one: `native` says nothing.
#[cfg(not(target_arch = "aarch64"))]
fn host_has_lse() -> bool {
    false
}
