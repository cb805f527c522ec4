//! What the user is told: a code, a place, a message, and what would help.

use crate::{SourceMap, Span};
use std::fmt::Write;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// Compilation cannot succeed.
    Error,
    /// Worth knowing; compilation goes on.
    Warning,
    /// Valid Python that this lane does not compile.
    Unsupported,
}

/// A further place with its own short text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// One message to the user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable code: `E0xxx` for errors, `U0xxx` for unsupported constructs, `W0xxx` for warnings.
    pub code: &'static str,
    /// The main place; `None` when no source is at fault.
    pub span: Option<Span>,
    /// One sentence, no full stop, no line break.
    pub message: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// What the user could do.
    pub help: Option<String>,
}

impl Diagnostic {
    fn new(severity: Severity, code: &'static str, span: Option<Span>, message: String) -> Self {
        Self { severity, code, span, message, labels: Vec::new(), help: None }
    }

    /// An error at a place.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, Some(span), message.into())
    }

    /// An error that no source line is to blame for.
    pub fn error_nowhere(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, None, message.into())
    }

    /// A construct that is valid Python, but not compiled.
    pub fn unsupported(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Unsupported, code, Some(span), message.into())
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, Some(span), message.into())
    }

    /// With a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// `file:line:column: error[E0001]: message` and a help line: the form without source text.
    pub fn one_line(&self, sources: &SourceMap) -> String {
        let mut out = String::new();
        if let Some(pos) = self.span.and_then(|s| sources.position(s.lo)) {
            let _ = write!(out, "{}:{}:{}: ", pos.file, pos.line, pos.column);
        }
        let kind = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Unsupported => "unsupported",
        };
        let _ = write!(out, "{kind}[{}]: {}", self.code, self.message);
        if let Some(help) = &self.help {
            let _ = write!(out, "\n  help: {help}");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_names_place_code_and_help() {
        let mut sources = SourceMap::new();
        sources.add("f.py", "a\nbad");
        let diagnostic = Diagnostic::error("E0001", Span::new(2, 5), "no such thing").help("try x");
        assert_eq!(diagnostic.one_line(&sources), "f.py:2:1: error[E0001]: no such thing\n  help: try x");
    }
}
