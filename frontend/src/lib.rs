//! Python source to IR: parse, resolve names, infer types, lower.
//!
//! ```text
//! source --parse--> ruff's syntax tree --resolve, infer--> typed HIR --lower--> ir::Module
//! ```
//!
//! This crate knows Python and nothing of machines. User faults are `Diagnostic`s; all that can be told at
//! once are reported together.
#![forbid(unsafe_code)]

mod dump;
pub mod hir;
mod infer;
pub mod known;
mod lower;
mod parse;
mod resolve;
mod stack;
pub mod support;
pub mod types;
mod walk;

pub use lower::{Lowered, words_of_variable};
pub use parse::Ast;
use pyexec_base::{Diagnostic, Severity, SourceMap};

/// What the driver may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether `__name__ == "__main__"` holds.
    pub run_as_main: bool,
    /// Whether functions with annotated parameters get a C entry each.
    pub exports: bool,
    /// Whether integers beyond 64 bits go on in exact bodies; else they raise OverflowError.
    pub exact_ints: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { run_as_main: true, exports: false, exact_ints: true }
    }
}

/// Parses one file of the map.
pub fn parse(sources: &SourceMap, file: usize) -> Result<Ast, Vec<Diagnostic>> {
    match sources.files().get(file) {
        Some(file) => stack::with_large_stack(file.text().len() > 1 << 16, || parse::parse(file)),
        None => Err(vec![Diagnostic::error_nowhere("E0004", "no such source file")]),
    }
}

/// Resolves names and infers types. Warnings come beside the module.
pub fn infer(ast: &Ast, options: &Options) -> Result<(hir::Module, Vec<Diagnostic>), Vec<Diagnostic>> {
    stack::with_large_stack(ast.needs_large_stack(), || {
        let mut diagnostics = Vec::new();
        let scope = resolve::resolve(ast, &mut diagnostics);
        let (module, found) = infer::infer(ast, &scope, options);
        diagnostics.extend(found);
        let broken = diagnostics.iter().any(|d| d.severity != Severity::Warning);
        if broken { Err(diagnostics) } else { Ok((module, diagnostics)) }
    })
}

/// Parses and infers one file: for `--emit hir` and for checking.
pub fn check(sources: &SourceMap, file: usize, options: &Options) -> Result<hir::Module, Vec<Diagnostic>> {
    let ast = parse(sources, file)?;
    infer(&ast, options).map(|(module, _)| module)
}

/// Lowers a typed module.
pub fn lower(module: &hir::Module, options: &Options) -> Result<Lowered, Vec<Diagnostic>> {
    stack::with_large_stack(module.is_large, || lower::lower(module, options))
}

/// All stages: source to IR.
pub fn compile(sources: &SourceMap, file: usize, options: &Options) -> Result<Lowered, Vec<Diagnostic>> {
    lower(&check(sources, file, options)?, options)
}

/// The syntax tree as text.
pub fn dump_ast(sources: &SourceMap, file: usize) -> Result<String, Vec<Diagnostic>> {
    let ast = parse(sources, file)?;
    Ok(stack::with_large_stack(true, || format!("{:#?}\n", ast.module.body)))
}
