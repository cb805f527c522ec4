//! Why a function cannot be compiled.

use pyexec_base::{Diagnostic, Loc, Span};
use pyexec_ir::Opcode;
use std::fmt;

/// Why a function cannot be compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodegenError {
    /// The function.
    pub func: String,
    /// The instruction's origin.
    pub loc: Loc,
    /// What is wrong.
    pub kind: CodegenErrorKind,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CodegenErrorKind {
    /// The target cannot do this, yet: opcode (if it is one instruction) and explanation.
    Unsupported(Option<Opcode>, String),
    /// The register allocator gave up.
    Allocation(String),
    /// A branch or the frame is larger than the target's instructions can express.
    TooLarge(String),
    /// The IR breaks a rule of its verifier.
    BadInput(String),
}

impl CodegenError {
    /// The same as a diagnostic for the user.
    pub fn diagnostic(&self, target: &str) -> Diagnostic {
        let message = format!("{} (target {target}, function `{}`)", self.kind, self.func);
        match (self.loc.offset(), &self.kind) {
            (Some(at), CodegenErrorKind::Unsupported(..)) => {
                Diagnostic::unsupported("C0001", Span::new(at, at + 1), message)
            }
            (Some(at), _) => Diagnostic::error("C0002", Span::new(at, at + 1), message),
            (None, _) => Diagnostic::error_nowhere("C0002", message),
        }
    }
}

impl fmt::Display for CodegenErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CodegenErrorKind::Unsupported(Some(op), why) => write!(f, "`{op}` is not supported: {why}"),
            CodegenErrorKind::Unsupported(None, why) => write!(f, "not supported: {why}"),
            CodegenErrorKind::Allocation(why) => f.write_str(why),
            CodegenErrorKind::TooLarge(why) => write!(f, "too large: {why}"),
            CodegenErrorKind::BadInput(why) => write!(f, "malformed IR: {why}"),
        }
    }
}

impl fmt::Display for CodegenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in function `{}`: {}", self.func, self.kind)
    }
}

impl std::error::Error for CodegenError {}
