//! Which processors can be named. Selection uses the Armv8.0 baseline alone: the IR has nothing yet for
//! which a later extension has an instruction that we would use.

/// The processors that may be named; all of them get the same code.
pub const NAMES: [&str; 8] =
    ["generic", "native", "armv8-a", "cortex-a53", "cortex-a72", "cortex-a76", "neoverse-n1", "apple-m1"];

/// Whether there is a processor of this name.
///
/// # Errors
/// The name, if not.
pub fn check(name: &str) -> Result<(), String> {
    if NAMES.contains(&name) { Ok(()) } else { Err(name.to_string()) }
}
