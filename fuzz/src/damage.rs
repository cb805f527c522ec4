//! Damaged Python: whatever is wrong with a program must come back as diagnostics.

use crate::lanes;
use crate::python_gen::{self, GenOptions};
use crate::rng::Rng;
use pyexec_driver::Failure;

/// Compiles a damaged program. What the compiler says of a bug in itself (a panic, IR that its own verifier
/// refuses), and the program.
pub fn check(seed: u64) -> Option<(String, String)> {
    let mut rng = Rng::new(seed);
    let mut bytes = match seed % 4 {
        0 => (0..rng.below(60)).map(|_| rng.next_u64() as u8).collect(),
        _ => python_gen::program(seed, GenOptions { size: 10, exact: true }).into_bytes(),
    };
    for _ in 0..1 + rng.below(4) {
        damage(&mut bytes, &mut rng);
    }
    let source = String::from_utf8_lossy(&bytes).replace('\0', " ");
    match lanes::compile(&source) {
        Some(Failure::Internal(bug)) => Some((bug.to_string(), source)),
        _ => None,
    }
}

/// Fragments that are apt to be in the wrong place.
const FRAGMENTS: [&str; 20] = [
    "(", ")", ":", "=", "\n", "    ", "def ", "return ", "lambda: ", "[1]", "*", "**", "f\"{", "'", "if ",
    " else ", "None", "x: int", "try:\n", "1e999",
];

fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.below(bytes.len() + 1);
    match rng.below(4) {
        0 if at < bytes.len() => bytes[at] = rng.next_u64() as u8,
        1 => {
            let end = (at + rng.below(12)).min(bytes.len());
            bytes.drain(at..end);
        }
        2 => {
            let fragment = *rng.pick(&FRAGMENTS);
            bytes.splice(at..at, fragment.bytes());
        }
        _ => {
            // A piece from elsewhere: names out of scope, statements in the wrong place.
            let from = rng.below(bytes.len() + 1);
            let piece = bytes[from..(from + rng.below(40)).min(bytes.len())].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}
