//! Tracebacks as CPython prints them.
//!
//! ```text
//! Traceback (most recent call last):
//!   File "f.py", line 9, in <module>
//!     print(f(0))
//!   [Previous line repeated 61 more times]
//! ValueError: bad
//! ```

use crate::exception::Exception;
use std::fmt::Write;

/// One entry: where a call, or the raise, was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The file as it was named to the compiler.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// The function's name, or `<module>`.
    pub function: String,
    /// The source line; shown without indentation.
    pub source: Option<String>,
}

/// Equal frames in a row are shown so many times.
const SHOWN: usize = 3;

/// What stands between an exception and what it was raised from.
const CAUSE: &str = "\nThe above exception was the direct cause of the following exception:\n\n";
/// What stands between an exception and what was being handled when it was raised.
const CONTEXT: &str = "\nDuring handling of the above exception, another exception occurred:\n\n";

/// The whole text; `lookup` knows the module's traceback table.
pub fn render(exception: &Exception, mut lookup: impl FnMut(i32) -> Option<Frame>) -> String {
    let mut chain = vec![(exception, "")];
    let mut last = exception;
    loop {
        let (before, link) = match (&last.links.cause, &last.links.context) {
            (Some(cause), _) => (cause, CAUSE),
            (None, Some(context)) if !last.links.suppresses_context => (context, CONTEXT),
            _ => break,
        };
        last = before;
        chain.push((before, link));
    }
    // The first came first; what stands behind it says how the next one is connected.
    chain.iter().rev().map(|(exception, link)| render_one(exception, &mut lookup) + link).collect()
}

fn render_one(exception: &Exception, lookup: &mut impl FnMut(i32) -> Option<Frame>) -> String {
    let frames: Vec<Frame> = exception.trace.iter().rev().filter_map(|index| lookup(*index)).collect();
    let mut text = String::new();
    if !frames.is_empty() {
        text.push_str("Traceback (most recent call last):\n");
    }
    let lost = exception.trace_len.saturating_sub(exception.trace.len());
    if lost > 0 {
        let _ = writeln!(text, "  [{lost} outer calls not recorded]");
    }
    for run in frames.chunk_by(|a, b| a == b) {
        push_run(&mut text, run);
    }
    text.push_str(&exception.last_line());
    text.push('\n');
    text
}

fn push_run(text: &mut String, run: &[Frame]) {
    for frame in run.iter().take(SHOWN) {
        let Frame { file, line, function, .. } = frame;
        let _ = writeln!(text, "  File \"{file}\", line {line}, in {function}");
        if let Some(source) = frame.source.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            let _ = writeln!(text, "    {source}");
        }
    }
    let more = run.len().saturating_sub(SHOWN);
    if more > 0 {
        let plural = if more > 1 { "s" } else { "" };
        let _ = writeln!(text, "  [Previous line repeated {more} more time{plural}]");
    }
}
