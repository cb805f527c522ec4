//! What the tests of this crate share.
#![allow(dead_code)]

pub mod eval;
pub mod random;

use pyexec_ir::{Module, parse_module, verify};
use pyexec_opt::{Facts, OptLevel, passes};

/// The module in a text; panics with the diagnostics.
pub fn parse(text: &str) -> Module {
    parse_module(text, 0).unwrap_or_else(|faults| {
        let faults: Vec<String> = faults.iter().map(|f| format!("{:?}: {}", f.span, f.message)).collect();
        panic!("{}\n{text}", faults.join("\n"))
    })
}

/// Panics if the verifier objects.
pub fn check(module: &Module, after: &str) {
    let faults: Vec<String> = verify(module).iter().map(|v| v.describe(module)).collect();
    assert!(faults.is_empty(), "after {after}:\n{}\n{module}", faults.join("\n"));
}

/// Runs one pass.
pub fn run_pass(module: &mut Module, name: &str, level: OptLevel) {
    let facts = Facts::new(module, level);
    passes::by_name(name).unwrap_or_else(|| panic!("no pass {name}")).run(module, &facts);
}
