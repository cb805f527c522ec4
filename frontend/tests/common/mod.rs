//! What the tests share.

use pyexec_base::{Diagnostic, SourceMap};
use pyexec_frontend::{Lowered, Options, compile};

/// Compiles a text that is called `f.py`; the diagnostics come as one line each.
pub fn compiled(text: &str, options: &Options) -> Result<Lowered, Vec<String>> {
    let mut sources = SourceMap::new();
    let file = sources.add("f.py", text).expect("small");
    compile(&sources, file, options).map_err(|list| shown(&sources, &list))
}

fn shown(sources: &SourceMap, list: &[Diagnostic]) -> Vec<String> {
    list.iter().map(|d| d.one_line(sources)).collect()
}
