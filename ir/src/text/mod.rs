//! The text form of modules, `.pir`: `docs/ir-grammar.md` is its grammar.
//!
//! Printing and parsing are inverse: `parse(print(m))` is `m` with its ids renumbered in the order of the
//! text, and printing that gives the same text again. A line holds one declaration, block header or
//! instruction; so an error spoils one line only, and all errors of a text are reported together.

mod inst;
mod lex;
mod parse;
mod print;
mod raw;
mod resolve;

pub use parse::parse_module;
pub use print::FuncDisplay;
