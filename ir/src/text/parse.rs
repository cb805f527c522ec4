//! Reads a text: declarations, function headers, blocks.

use super::inst::{block, id, instruction, symbol, value};
use super::lex::{Line, MOST_ERRORS, Parse, SYNTAX, Tok};
use super::raw::{Head, Name, RawBlock, RawFunc, RawGlobal, RawModule, RawSig, RawSlot};
use super::resolve::resolve;
use crate::{Aggregate, CallConv, Global, Linkage, Module, Param, Signature, Type};
use pyexec_base::{Diagnostic, Span};

/// Reads a module. `base` is the global offset of the text's first byte: spans count from it.
///
/// All errors of the text are returned together, in order, at most 100. A module that is returned obeys
/// the grammar and names only what exists; whether its types fit is for the verifier to say.
pub fn parse_module(text: &str, base: u32) -> Result<Module, Vec<Diagnostic>> {
    if text.len() as u64 + u64::from(base) >= u64::from(u32::MAX) {
        return Err(vec![Diagnostic::error_nowhere(SYNTAX, "the text is longer than 4 GiB")]);
    }
    let mut parser = Parser { module: RawModule::default(), body: None, errors: Vec::new() };
    let mut at = base;
    for text in text.split_inclusive('\n') {
        parser.line(Line::new(text.trim_end_matches('\n'), at));
        at += text.len() as u32;
    }
    parser.finish(at);
    if parser.errors.is_empty() {
        return resolve(parser.module);
    }
    // Names are looked up only in a text without syntax errors: a line that was skipped may define them.
    Err(parser.errors)
}

struct Parser {
    module: RawModule,
    /// The function whose body is being read.
    body: Option<RawFunc>,
    errors: Vec<Diagnostic>,
}

impl Parser {
    fn line(&mut self, line: Line<'_>) {
        if line.tok == Tok::End || self.errors.len() >= MOST_ERRORS {
            return;
        }
        let result = match self.body.take() {
            None => self.declaration(line),
            Some(func) => self.body_line(func, line),
        };
        self.errors.extend(result.err().map(|e| *e));
    }

    fn finish(&mut self, end: u32) {
        if self.body.is_some() && self.errors.len() < MOST_ERRORS {
            let message = "the text ends inside of a function: expected `}`";
            self.errors.push(Diagnostic::error(SYNTAX, Span::new(end, end), message));
        }
    }

    fn declaration(&mut self, mut line: Line<'_>) -> Parse<()> {
        if line.eat_word("func") {
            return self.func(line);
        }
        if line.eat_word("global") {
            let global = global(&mut line)?;
            line.end()?;
            self.module.globals.push(global);
            return Ok(());
        }
        let name = id(&mut line, "sig", "`func`, `global` or a signature such as `sig0`")?;
        line.expect('=')?;
        let conv = convention(&mut line)?;
        let sig = signature(&mut line, conv)?;
        line.end()?;
        self.module.sigs.push(RawSig { name, sig });
        Ok(())
    }

    fn func(&mut self, mut line: Line<'_>) -> Parse<()> {
        match func_header(&mut line) {
            Ok((func, true)) => self.body = Some(func),
            Ok((func, false)) => self.module.funcs.push(func),
            Err(error) => {
                // If it looks like a header, what follows is a body: else every line of it were an error.
                self.body = line.opens_body().then(placeholder);
                return Err(error);
            }
        }
        Ok(())
    }

    fn body_line(&mut self, mut func: RawFunc, mut line: Line<'_>) -> Parse<()> {
        if line.eat('}') {
            self.module.funcs.push(func);
            return line.end();
        }
        let result = body_item(&mut func, &mut line);
        self.body = Some(func);
        result
    }
}

/// Holds the body of a function with a broken header; the text has an error, so nobody sees it.
fn placeholder() -> RawFunc {
    let name = super::raw::SymbolRef { name: String::new(), span: Span::default() };
    let sig = Signature::new(CallConv::Fast, &[], &[]);
    RawFunc { name, sig, linkage: Linkage::Local, cold: false, slots: Vec::new(), blocks: Vec::new() }
}

/// The function, and whether a body follows.
fn func_header(line: &mut Line<'_>) -> Parse<(RawFunc, bool)> {
    let head = Head { conv: convention(line)?, linkage: linkage(line)?, cold: line.eat_word("cold") };
    let name = symbol(line)?;
    let sig = signature(line, head.conv)?;
    let opens = line.eat('{');
    line.end()?;
    let func =
        RawFunc { name, sig, linkage: head.linkage, cold: head.cold, slots: Vec::new(), blocks: Vec::new() };
    Ok((func, opens))
}

fn body_item(func: &mut RawFunc, line: &mut Line<'_>) -> Parse<()> {
    if line.eat_word("slot") {
        func.slots.push(slot(line)?);
        return line.end();
    }
    let cold = line.eat_word("cold");
    if cold || line.starts_block() {
        // The block is entered into the list even if its header is wrong, so that its lines have a home.
        let name = block(line)?;
        func.blocks.push(RawBlock { name, params: Vec::new(), cold, insts: Vec::new() });
        let params = block_params(line)?;
        func.blocks.last_mut().expect("invariant: pushed above").params = params;
        return Ok(());
    }
    let inst = instruction(line)?;
    let Some(block) = func.blocks.last_mut() else {
        return Err(Box::new(Diagnostic::error(SYNTAX, inst.span, "an instruction before the first block")));
    };
    block.insts.push(inst);
    Ok(())
}

/// `(v0: i64, v1: f64):` or `:`.
fn block_params(line: &mut Line<'_>) -> Parse<Vec<(Name, Type)>> {
    let param = |line: &mut Line<'_>| {
        let name = value(line)?;
        line.expect(':')?;
        Ok((name, ty(line)?))
    };
    let params = if line.eat('(') { line.list(')', param)? } else { Vec::new() };
    line.expect(':')?;
    line.end()?;
    Ok(params)
}

/// `s0: size 16, align 8`.
fn slot(line: &mut Line<'_>) -> Parse<RawSlot> {
    let name = id(line, "s", "a slot such as `s0`")?;
    line.expect(':')?;
    let (size, align) = size_align(line)?;
    Ok(RawSlot { name, size, align })
}

fn size_align(line: &mut Line<'_>) -> Parse<(u32, u32)> {
    let size = line.field("size")?;
    line.expect(',')?;
    Ok((size, line.field("align")?))
}

/// `local data thread @name: size 8, align 8 = "bytes" relocs [0: @f+4]`.
fn global(line: &mut Line<'_>) -> Parse<RawGlobal> {
    let linkage = linkage(line)?;
    let writable = line.eat_word("data");
    if !writable {
        line.expect_word("const")?;
    }
    let thread_local = line.eat_word("thread");
    let span = line.span;
    let name = line.symbol_name()?.into_owned();
    line.expect(':')?;
    let (size, align) = size_align(line)?;
    let init = if line.eat('=') { quoted(line)? } else { Vec::new() };
    let mut relocs = Vec::new();
    if line.eat_word("relocs") {
        line.expect('[')?;
        relocs = line.list(']', |line| {
            let offset = line.u32()?;
            line.expect(':')?;
            Ok((offset, symbol(line)?, line.offset(i64::MIN, i64::MAX)?))
        })?;
    }
    let global = Global { name, linkage, size, align, writable, thread_local, init, relocs: Vec::new() };
    Ok(RawGlobal { span, global, relocs })
}

fn quoted(line: &mut Line<'_>) -> Parse<Vec<u8>> {
    if !matches!(line.tok, Tok::Text(_)) {
        return Err(line.expected("a quoted text"));
    }
    let text = std::mem::replace(&mut line.tok, Tok::End);
    line.advance();
    match text {
        Tok::Text(bytes) => Ok(bytes),
        _ => Ok(Vec::new()),
    }
}

fn convention(line: &mut Line<'_>) -> Parse<CallConv> {
    line.named("a convention (`c` or `fast`)", |w| CallConv::ALL.into_iter().find(|c| c.name() == w))
}
fn linkage(line: &mut Line<'_>) -> Parse<Linkage> {
    let what = "a linkage (`import`, `local`, `export` or `weak`)";
    line.named(what, |w| Linkage::ALL.into_iter().find(|l| l.name() == w))
}
fn ty(line: &mut Line<'_>) -> Parse<Type> {
    line.named("a type", |w| w.parse().ok())
}

/// `(i64, byval(size 8, align 4, i32 at 0), ...) -> (f64)`.
fn signature(line: &mut Line<'_>, conv: CallConv) -> Parse<Signature> {
    line.expect('(')?;
    let params = line.list(')', |line| if line.eat('.') { Ok(None) } else { Ok(Some(param(line)?)) })?;
    let fixed = params.iter().position(Option::is_none);
    if fixed.is_some_and(|at| at + 1 < params.len()) {
        return Err(line.error(SYNTAX, "`...` is the last parameter".into()));
    }
    line.expect('>')?;
    line.expect('(')?;
    let results = line.list(')', |line| Ok((ty(line)?, line.eat_word("signed"))))?;
    if results.iter().skip(1).any(|(_, signed)| *signed) {
        return Err(line.error(SYNTAX, "only the first result may be `signed`".into()));
    }
    let signed_result = results.first().is_some_and(|r| r.1);
    let params = params.into_iter().flatten().collect();
    let results = results.into_iter().map(|r| r.0).collect();
    Ok(Signature { conv, params, results, signed_result, variadic: fixed.is_some() })
}

fn param(line: &mut Line<'_>) -> Parse<Param> {
    let by_value = line.eat_word("byval");
    if by_value || line.eat_word("result") {
        line.expect('(')?;
        let layout = aggregate(line)?;
        return Ok(if by_value { Param::ByValue(layout) } else { Param::ResultArea(layout) });
    }
    let what = "a type, `byval(...)`, `result(...)` or `...`";
    let ty = line.named(what, |w| w.parse().ok())?;
    Ok(if line.eat_word("signed") { Param::Signed(ty) } else { Param::Value(ty) })
}

/// `size 16, align 8, i64 at 0, f64 at 8)`.
fn aggregate(line: &mut Line<'_>) -> Parse<Aggregate> {
    let (size, align) = size_align(line)?;
    let mut fields = Vec::new();
    while !line.eat(')') {
        line.expect(',')?;
        let ty = ty(line)?;
        fields.push((line.field("at")?, ty));
    }
    Ok(Aggregate { size, align, fields })
}
