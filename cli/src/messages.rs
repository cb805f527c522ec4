//! Messages to the user, in three forms: for people, one line each, JSON.

use crate::args::{ColorWhen, MessageArgs, MessageFormat};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use pyexec_base::{Diagnostic, Severity, SourceFile, SourceMap, Span};
use pyexec_driver::{Bug, Failure};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

/// Writes messages to standard error.
pub struct Messages {
    format: MessageFormat,
    renderer: Renderer,
}

impl Messages {
    /// As the arguments want it.
    pub fn new(args: &MessageArgs) -> Self {
        let color = match args.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            // https://no-color.org: any value that is not empty.
            ColorWhen::Auto => {
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            }
        };
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        Self { format: args.message_format, renderer }
    }

    /// Tells why a job did not finish.
    pub fn failure(&self, failure: &Failure, sources: &SourceMap) {
        match failure {
            Failure::Program(all) => all.iter().for_each(|d| self.diagnostic(d, sources)),
            Failure::Usage(message) => self.plain("usage", message, None),
            Failure::Io { help, .. } => self.plain("io", &failure.to_string(), help.as_deref()),
            Failure::Internal(bug) => self.plain("internal", &bug.to_string(), Some(&replay_help(bug))),
        }
    }

    /// One diagnostic.
    pub fn diagnostic(&self, diagnostic: &Diagnostic, sources: &SourceMap) {
        let text = match self.format {
            MessageFormat::Short => diagnostic.one_line(sources),
            MessageFormat::Json => diagnostic_json(diagnostic, sources).to_string(),
            MessageFormat::Human => self.human(diagnostic, sources),
        };
        say(&text);
    }

    fn plain(&self, code: &str, message: &str, help: Option<&str>) {
        let text = match self.format {
            MessageFormat::Json => {
                json!({ "severity": "error", "code": code, "message": message, "help": help }).to_string()
            }
            MessageFormat::Short => format!("error: {message}"),
            MessageFormat::Human => {
                let title = Group::with_title(Level::ERROR.primary_title(message));
                let help = help.map(|h| Level::HELP.message(h));
                self.renderer.render(&[title.elements(help)])
            }
        };
        say(&text);
    }

    fn human(&self, diagnostic: &Diagnostic, sources: &SourceMap) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Unsupported => Level::ERROR.with_name("unsupported"),
        };
        let title = level.primary_title(&diagnostic.message).id(diagnostic.code);
        let file = diagnostic.span.and_then(|s| sources.file_at(s.lo));
        let snippet = file.map(|f| snippet(diagnostic, f));
        let help = diagnostic.help.as_ref().map(|h| Level::HELP.message(h));
        self.renderer.render(&[Group::with_title(title).elements(snippet).elements(help)])
    }
}

fn snippet<'a>(diagnostic: &'a Diagnostic, file: &'a SourceFile) -> Snippet<'a, Annotation<'a>> {
    let main = diagnostic.span.map(|s| AnnotationKind::Primary.span(local(s, file)));
    let here = |span: Span| (file.start()..=file.start() + file.text().len() as u32).contains(&span.lo);
    let labels = diagnostic.labels.iter().filter(|l| here(l.span));
    let labels = labels.map(|l| AnnotationKind::Context.span(local(l.span, file)).label(&l.text));
    Snippet::source(file.text()).path(file.name()).annotations(main).annotations(labels)
}

/// The span in the file's own offsets, on character borders and within the text.
fn local(span: Span, file: &SourceFile) -> std::ops::Range<usize> {
    let text = file.text();
    let inside = |offset: u32| {
        let at = (offset.saturating_sub(file.start()) as usize).min(text.len());
        (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
    };
    let lo = inside(span.lo);
    lo..inside(span.hi).max(lo)
}

fn diagnostic_json(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Unsupported => "unsupported",
    };
    let labels: Vec<_> = diagnostic
        .labels
        .iter()
        .map(|l| json!({ "text": l.text, "span": span_json(l.span, sources) }))
        .collect();
    json!({
        "severity": severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "span": diagnostic.span.map(|s| span_json(s, sources)),
        "labels": labels,
        "help": diagnostic.help,
    })
}

fn span_json(span: Span, sources: &SourceMap) -> Value {
    let (Some(lo), Some(hi)) = (sources.position(span.lo), sources.position(span.hi)) else {
        return Value::Null;
    };
    json!({
        "file": lo.file,
        "line": lo.line, "column": lo.column,
        "end_line": hi.line, "end_column": hi.column,
    })
}

fn replay_help(bug: &Bug) -> String {
    match &bug.replay {
        Some((path, command)) => {
            format!("the IR at the fault is in {}; to replay it, run\n{command}", path.display())
        }
        None => "this is a bug of the compiler; please report it with the input".into(),
    }
}

/// A message that nobody reads any more is no reason to fail.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(format: MessageFormat) -> Messages {
        Messages::new(&MessageArgs { message_format: format, color: ColorWhen::Never })
    }

    #[test]
    fn people_see_the_line_and_a_caret() {
        let mut sources = SourceMap::new();
        sources.add("é.py", "x = 1\ny = 'é' + z\n");
        let at = Span::new(17, 18);
        let diagnostic = Diagnostic::error("E0201", at, "name `z` is not defined").help("define it");
        let text = messages(MessageFormat::Human).human(&diagnostic, &sources);
        for part in ["error[E0201]: name `z` is not defined", "é.py:2:11", "y = 'é' + z", "help: define it"]
        {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
        let caret = text.lines().find(|l| l.contains('^')).expect("a caret line");
        let line = text.lines().find(|l| l.contains("+ z")).expect("the source line");
        let column = |s: &str, c: char| s.chars().position(|x| x == c);
        assert_eq!(column(caret, '^'), line.chars().position(|c| c == 'z'));
    }

    #[test]
    fn spans_out_of_the_text_are_cut() {
        let mut sources = SourceMap::new();
        sources.add("f.py", "é");
        let diagnostic = Diagnostic::error("E0001", Span::new(1, 99), "wrong");
        assert!(messages(MessageFormat::Human).human(&diagnostic, &sources).contains("wrong"));
        let json = diagnostic_json(&diagnostic, &sources);
        assert_eq!(json["span"]["line"], 1);
    }
}
