//! Python source to ruff's syntax tree. The only file that calls the parser.
//!
//! The tree is walked recursively afterwards, so its depth is bounded here: deeper than [`MAX_DEPTH`] is an
//! error. The depth of the tree is found with an explicit stack, and nesting of brackets and prefix
//! operators is bounded before the parser runs, so no input can exhaust the stack or the memory.

use pyexec_base::{Diagnostic, SourceFile, Span};
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::source_order::{self, SourceOrderVisitor};
use ruff_python_ast::{Expr, ModModule, Pattern, PySourceType, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions};
use ruff_text_size::{Ranged, TextRange};

/// How deep statements and expressions may nest.
pub const MAX_DEPTH: usize = 1000;
/// How deep brackets may nest, and how many prefix operators may follow one another.
const MAX_NESTING: usize = 4000;
/// How many syntax errors are reported of one file.
const MAX_ERRORS: usize = 20;

/// A parsed file.
#[derive(Debug)]
pub struct Ast {
    /// The tree.
    pub module: ModModule,
    /// The global offset of the file's first byte.
    pub start: u32,
    /// How deep the tree is: beyond a few hundred, work on it needs a large stack.
    pub depth: usize,
    /// Global offsets where lines begin.
    pub line_starts: Vec<u32>,
}

impl Ast {
    /// Whether the tree is so deep, or the functions so many (chains of calls nest inference), that work on
    /// it should not depend on the caller's stack.
    pub fn needs_large_stack(&self) -> bool {
        let functions = self.module.body.iter().filter(|s| s.is_function_def_stmt()).count();
        self.depth > crate::stack::SHALLOW || functions > crate::stack::FEW_FUNCTIONS
    }

    /// The global place of a node.
    pub fn span(&self, node: &impl Ranged) -> Span {
        span_at(self.start, node.range())
    }
}

pub(crate) fn span_at(start: u32, range: TextRange) -> Span {
    Span::new(start + u32::from(range.start()), start + u32::from(range.end()))
}

/// Parses one file; all syntax errors are reported.
pub fn parse(file: &SourceFile) -> Result<Ast, Vec<Diagnostic>> {
    if let Some(at) = file.text().find('\0') {
        let span = Span::new(file.start() + at as u32, file.start() + at as u32 + 1);
        return Err(vec![
            Diagnostic::error("E0002", span, "source code cannot contain null bytes")
                .help("save the file as UTF-8 text"),
        ]);
    }
    check_nesting(file)?;
    let options = ParseOptions::from(PySourceType::Python).with_target_version(PythonVersion::PY313);
    let parsed = ruff_python_parser::parse_unchecked(file.text(), options)
        .try_into_module()
        .ok_or_else(|| vec![Diagnostic::error_nowhere("E0001", "the file is not a module")])?;
    let errors = syntax_errors(file, &parsed);
    let module = parsed.into_syntax();
    let (depth, deepest) = depth_of(&module);
    if depth > MAX_DEPTH {
        let span = span_at(file.start(), deepest);
        // Dropping so deep a tree recurses too; it is leaked instead, once per run.
        std::mem::forget(module);
        return Err(vec![too_deep(span)]);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let breaks = file.text().bytes().enumerate().filter(|(_, b)| *b == b'\n');
    let line_starts = std::iter::once(0).chain(breaks.map(|(i, _)| i as u32 + 1));
    let line_starts = line_starts.map(|offset| file.start() + offset).collect();
    Ok(Ast { module, start: file.start(), depth, line_starts })
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("E0003", span, format!("this is nested too deeply (more than {MAX_DEPTH} levels)"))
        .help("split it into several statements or functions")
}

fn syntax_errors(file: &SourceFile, parsed: &ruff_python_parser::Parsed<ModModule>) -> Vec<Diagnostic> {
    let plain = parsed.errors().iter().map(|e| (e.error.to_string(), e.location));
    let versions = parsed.unsupported_syntax_errors().iter().map(|e| (e.to_string(), e.range));
    plain
        .chain(versions)
        .take(MAX_ERRORS)
        .map(|(message, range)| {
            let one_line = message.replace(['\n', '\r'], " ");
            Diagnostic::error("E0001", span_at(file.start(), range), format!("syntax error: {one_line}"))
        })
        .collect()
}

/// Refuses sources whose brackets or prefix operators nest so deeply that the parser itself would need
/// memory out of proportion. A cheap count that ignores strings and comments comes first; only if it is
/// alarming are the tokens counted.
fn check_nesting(file: &SourceFile) -> Result<(), Vec<Diagnostic>> {
    let (rough, at) = rough_nesting(file.text());
    if rough <= MAX_NESTING {
        return Ok(());
    }
    let mut lexer = ruff_python_parser::lexer::lex(file.text(), Mode::Module);
    // `prefixes` counts operators that directly follow one another; `chain` those that nest to the right
    // although operands stand between them.
    let (mut open, mut prefixes, mut chain) = (0usize, 0usize, 0usize);
    loop {
        use TokenKind::*;
        match lexer.next_token() {
            EndOfFile => return Ok(()),
            Lpar | Lsqb | Lbrace => open += 1,
            Rpar | Rsqb | Rbrace => open = open.saturating_sub(1),
            Minus | Plus | Tilde | Not | Await => prefixes += 1,
            Else | DoubleStar | Lambda => chain += 1,
            Comma => (prefixes, chain) = (0, 0),
            Newline => (open, prefixes, chain) = (0, 0, 0),
            _ => prefixes = 0,
        }
        if open + prefixes + chain > MAX_NESTING {
            return Err(vec![too_deep(Span::new(file.start() + at, file.start() + at + 1))]);
        }
    }
}

/// An upper bound of nesting within one line group, and where it first is alarming: opening brackets and
/// prefix operators since the last line without any.
fn rough_nesting(text: &str) -> (usize, u32) {
    let (mut most, mut since, mut offset) = ((0usize, 0u32), 0usize, 0u32);
    for line in text.split('\n') {
        let marks = line.bytes().filter(|b| b"([{-+~*:".contains(b)).count();
        let words =
            line.matches("not").count() + line.matches("else").count() + line.matches("await").count();
        since = if marks + words == 0 { 0 } else { since + marks + words };
        if most.0 <= MAX_NESTING && since > most.0 {
            most = (since, offset);
        }
        offset += line.len() as u32 + 1;
    }
    most
}

/// Collects the children of one node instead of descending.
#[derive(Default)]
struct Children<'a> {
    stmts: Vec<&'a Stmt>,
    exprs: Vec<&'a Expr>,
    patterns: Vec<&'a Pattern>,
}

impl<'a> SourceOrderVisitor<'a> for Children<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        self.stmts.push(stmt);
    }
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.exprs.push(expr);
    }
    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        self.patterns.push(pattern);
    }
}

enum Node<'a> {
    Stmt(&'a Stmt),
    Expr(&'a Expr),
    Pattern(&'a Pattern),
}

/// The depth of the tree, and where it is deepest.
fn depth_of(module: &ModModule) -> (usize, TextRange) {
    let mut work: Vec<(Node<'_>, usize)> = module.body.iter().map(|s| (Node::Stmt(s), 1)).collect();
    let mut deepest = (0, module.range());
    let mut children = Children::default();
    while let Some((node, depth)) = work.pop() {
        let range = match node {
            Node::Stmt(s) => (source_order::walk_stmt(&mut children, s), s.range()).1,
            Node::Expr(e) => (source_order::walk_expr(&mut children, e), e.range()).1,
            Node::Pattern(p) => (source_order::walk_pattern(&mut children, p), p.range()).1,
        };
        if depth > deepest.0 {
            deepest = (depth, range);
        }
        work.extend(children.stmts.drain(..).map(|s| (Node::Stmt(s), depth + 1)));
        work.extend(children.exprs.drain(..).map(|e| (Node::Expr(e), depth + 1)));
        work.extend(children.patterns.drain(..).map(|p| (Node::Pattern(p), depth + 1)));
    }
    deepest
}
