//! Reference pages, written from tables: the opcodes (`docs/opcodes.md`), and the helpers of the runtime.

use crate::interp::Limits;
use crate::rt;
use crate::{Class, Effects, Format, OpInfo, Opcode, Region, Rule, TrapCode, TyRule, Type};
use std::fmt::Write;

const HEAD: &str = "# The opcodes of the IR

Written by `pyexec-cg --list opcodes` from the table in `ir/src/opcode.rs`; a test compares.

`T` is the controlling type, written after the dot (`iadd.i64`); opcodes without types are written without one. Operand types:
`int<T` is an integer narrower than `T`, `int>T` a wider one, `other` the type of the other kind with the same width. Effects:
*commutes*: the first two operands may be swapped; *traps*: may stop the program; *reads*, *writes*: memory; *calls*: may do
anything that a function may; *ends*: ends a block. What reads and writes (atomics and `fence`) does so with memory of all
regions, as far as order goes. How instructions are written: [ir-grammar.md](ir-grammar.md).

| opcode | `T` | operands | results | effects | written | meaning |
|---|---|---|---|---|---|---|
";

/// The page as Markdown: a table of the opcodes, then regions, trap codes, the verifier's rules and the
/// interpreter's limits.
pub fn reference_page() -> String {
    let mut page = String::from(HEAD);
    for op in Opcode::ALL {
        row(&mut page, *op, op.info());
    }
    page.push_str("\n## Regions\n\n");
    page.push_str("Accesses of two different regions never touch the same byte, except that `unknown` may touch any.\n\n");
    for region in Region::ALL {
        line(&mut page, region.name(), region.doc());
    }
    page.push_str("\n## Trap codes\n\n");
    for code in TrapCode::ALL {
        line(&mut page, code.name(), code.doc());
    }
    page.push_str("\n## What the verifier demands\n\n");
    for rule in Rule::ALL {
        line(&mut page, rule.name(), rule.doc());
    }
    let limits = Limits::default();
    let (depth, stack) = (limits.depth, limits.stack_bytes >> 20);
    let memory = limits.memory_bytes >> 20;
    page.push_str("\n## Limits of the interpreter\n\n");
    let _ = writeln!(
        page,
        "Unless told otherwise: {depth} calls deep, {stack} MiB of stack, {memory} MiB of memory, no limit of steps."
    );
    page
}

const HELPERS_HEAD: &str = "# The helpers of the runtime

Functions that compiled code calls, from the table in `ir/src/rt.rs`; the implementation is `runtime/src/helpers` and
`runtime/src/big`. Effects: *pure*: equal arguments give equal results; *state*: reads or writes the runtime's state;
*raises*: as state, and may leave an exception in `pyexec_error`.

Kinds: `str` travels as address and length; `ptr` is the address of room for the result. A `word` is an exact integer: odd
for a small one, `value << 1 | 1`, else opaque. A `slot` is a word that ends, or 0: what the variable of the result held. If
the helper raises, it does not end.

| helper | operands | result | effect | meaning |
|---|---|---|---|---|
";

/// The helpers as Markdown.
pub fn helpers_page() -> String {
    let mut page = String::from(HELPERS_HEAD);
    for helper in rt::HELPERS {
        let kind = |kind: &rt::Kind| format!("{kind:?}").to_lowercase();
        let operands: Vec<String> = helper.params.iter().map(kind).collect();
        let result = helper.result.as_ref().map(kind).unwrap_or_default();
        let effect = format!("{:?}", helper.effect).to_lowercase();
        let (name, operands, doc) = (helper.name, operands.join(", "), helper.doc.replace('|', "\\|"));
        let _ = writeln!(page, "| `{name}` | {operands} | {result} | {effect} | {doc} |");
    }
    page
}

fn line(page: &mut String, name: &str, doc: &str) {
    // Writing to a `String` does not fail.
    let _ = writeln!(page, "- `{name}`: {doc}");
}

fn row(page: &mut String, op: Opcode, info: &OpInfo) {
    let types = if info.class == Class::NoType { String::new() } else { types(info.class) };
    let list = |rules: &[TyRule]| rules.iter().map(|rule| rule_name(*rule)).collect::<Vec<_>>().join(", ");
    let (operands, results) = (list(info.operands), list(info.results));
    let (effects, doc) = (effects(info.effects), info.doc);
    let (more_operands, more_results) = match info.format {
        Format::Ret => ("values", ""),
        Format::Call | Format::CallIndirect => ("arguments", "results"),
        Format::TailCall | Format::TailCallIndirect => ("arguments", ""),
        _ => ("", ""),
    };
    let join = |fixed: String, more: &str| match (fixed.is_empty(), more.is_empty()) {
        (_, true) => fixed,
        (true, false) => format!("{more}..."),
        (false, false) => format!("{fixed}, {more}..."),
    };
    let (operands, results) = (join(operands, more_operands), join(results, more_results));
    let example = example(op, info);
    let _ = writeln!(page, "| `{op}` | {types} | {operands} | {results} | {effects} | `{example}` | {doc} |");
}

fn types(class: Class) -> String {
    match class {
        Class::Any => "any".into(),
        Class::Int => "any integer".into(),
        _ => class.types().map(Type::name).collect::<Vec<_>>().join(" "),
    }
}

fn rule_name(rule: TyRule) -> &'static str {
    match rule {
        TyRule::T => "T",
        TyRule::I8 => "i8",
        TyRule::I64 => "i64",
        TyRule::I128 => "i128",
        TyRule::F32 => "f32",
        TyRule::F64 => "f64",
        TyRule::Narrower => "int<T",
        TyRule::Wider => "int>T",
        TyRule::I32OrI64 => "i32 or i64",
        TyRule::AnyFloat => "f32 or f64",
        TyRule::SameWidthOther => "other",
    }
}

fn effects(effects: Effects) -> String {
    if effects.has(Effects::CALLS) {
        return if effects.has(Effects::ENDS) { "calls, ends".into() } else { "calls".into() };
    }
    let names = [
        (Effects::COMMUTES, "commutes"),
        (Effects::TRAPS, "traps"),
        (Effects::READS, "reads"),
        (Effects::WRITES, "writes"),
        (Effects::ENDS, "ends"),
    ];
    let names = names.into_iter().filter(|(flag, _)| effects.has(*flag)).map(|(_, name)| name);
    names.collect::<Vec<_>>().join(", ")
}

/// How an instruction of this row looks.
fn example(op: Opcode, info: &OpInfo) -> String {
    let name = if op.has_type() { format!("{op}.{}", info.default_type()) } else { op.to_string() };
    let values = |count: usize, from: usize| {
        (from..from + count).map(|i| format!("v{i}")).collect::<Vec<_>>().join(", ")
    };
    let results = info.results.len();
    let operands = match info.format {
        Format::Plain => values(info.operands.len(), results),
        Format::IntConst => "-5".into(),
        Format::FloatConst => "0x3fc00000".into(),
        Format::Load => "array v1+8".into(),
        Format::Store => "array v1, v2+8".into(),
        Format::Atomic => {
            let last = results + info.operands.len() - 1;
            let separate = if last > results { ", " } else { "" };
            format!("array {}{separate}v{last}+8", values(last - results, results))
        }
        Format::SlotAddr => "s0+8".into(),
        Format::GlobalAddr => "@g+8".into(),
        Format::FuncAddr => "@f".into(),
        Format::Jump => "b1(v0)".into(),
        Format::BrIf => "v0, b1(v1), b2".into(),
        Format::BrTable => "v0, b9(v1), [b1, b2(v2)]".into(),
        Format::Ret => "v0, v1".into(),
        Format::Trap => "div_zero".into(),
        Format::TrapIf => "v0, div_zero".into(),
        Format::Call => "@f(v1, v2)".into(),
        Format::CallIndirect => "sig0 v1(v2)".into(),
        Format::TailCall => "@f(v0, v1)".into(),
        Format::TailCallIndirect => "sig0 v0(v1)".into(),
    };
    let calls = matches!(info.format, Format::Call | Format::CallIndirect);
    let left = values(if calls { 1 } else { results }, 0);
    let equals = if left.is_empty() { "" } else { " = " };
    format!("{left}{equals}{name} {operands}").trim_end().to_string()
}
