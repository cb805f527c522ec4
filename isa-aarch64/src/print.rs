//! Assembly text of finished code: what GNU as turns back into the same words.
//!
//! ```text
//! 94000000 + relocation to g            bl g
//! b4000040                              cbz x0, .Lf.10
//! 5c000041                              ldr d1, .Lf.18
//! ```
//! Our own decoder reads the words by the instruction table; this file puts symbols and labels where
//! there are relocations and distances, and prints the constants behind the code.

use crate::encode::decode;
use crate::inst::{Arg, MInst, Op, spell};
use pyexec_codegen::{CodeBlob, Reloc, RelocKind, SymbolRef};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What comes once before all functions.
pub const FILE_HEADER: &str = "    .text\n    .arch_extension lse\n";

/// One function: label, instructions, constants. `name_of` gives the linker name of a symbol, and
/// `global` says whether others see the function.
pub fn print(blob: &CodeBlob, name_of: &dyn Fn(SymbolRef) -> String, global: bool) -> String {
    let local = format!(".L{}.", plain_name(&blob.name));
    let targets = branch_targets(blob);
    let relocs: BTreeMap<u32, Reloc> = blob.relocs.iter().map(|r| (r.offset, *r)).collect();
    let mut out = String::new();
    let label = quoted(&blob.name);
    if global {
        let _ = writeln!(out, "    .globl {label}");
    }
    let _ = writeln!(out, "    .p2align {}, 0", blob.align.max(4).trailing_zeros());
    let _ = writeln!(out, "    .type {label}, @function\n{label}:");
    for (at, word) in words(blob) {
        if targets.contains(&at) {
            let _ = writeln!(out, "{local}{at:x}:");
        }
        let _ = writeln!(out, "    {}", line(at, word, relocs.get(&at), name_of, &local));
    }
    constants(&mut out, blob, &relocs, name_of, &local, &targets);
    let _ = writeln!(out, "    .size {label}, .-{label}");
    out
}

fn words(blob: &CodeBlob) -> impl Iterator<Item = (u32, u32)> {
    let code = &blob.bytes[..blob.code_len as usize];
    let word = |c: &[u8]| c.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    code.chunks_exact(4).map(word).enumerate().map(|(index, word)| (4 * index as u32, word))
}

/// Where an instruction goes or looks, by its distance.
fn distance(inst: &MInst) -> Option<i64> {
    let last = inst.op.row().args.last()?;
    matches!(last, Arg::To26 | Arg::To19 | Arg::To14 | Arg::Adr).then_some(inst.imm)
}

/// Every offset that the function's own code names.
fn branch_targets(blob: &CodeBlob) -> BTreeSet<u32> {
    let relocated: BTreeSet<u32> = blob.relocs.iter().map(|r| r.offset).collect();
    let own = words(blob).filter(|(at, _)| !relocated.contains(at));
    let targets = own.filter_map(|(at, word)| {
        let to = i64::from(at) + distance(&decode(word)?)?;
        u32::try_from(to).ok()
    });
    targets.collect()
}

/// One instruction.
fn line(
    at: u32,
    word: u32,
    reloc: Option<&Reloc>,
    name_of: &dyn Fn(SymbolRef) -> String,
    local: &str,
) -> String {
    let Some(inst) = decode(word) else { return format!(".inst {word:#010x}") };
    if let Some(reloc) = reloc {
        return relocated(&inst, reloc, &name_of(reloc.symbol));
    }
    let text = spell(&inst);
    match (distance(&inst), text.rfind('.')) {
        (Some(by), Some(dot)) => {
            let target = i64::from(at) + by;
            format!("{}{local}{target:x}", &text[..dot])
        }
        _ => text,
    }
}

/// `symbol+8`.
fn with_addend(name: &str, addend: i64) -> String {
    let name = quoted(name);
    if addend == 0 { name } else { format!("{name}{addend:+}") }
}

/// The operand that the linker fills in.
fn relocated(inst: &MInst, reloc: &Reloc, name: &str) -> String {
    let symbol = with_addend(name, reloc.addend);
    let text = spell(inst);
    let (operator, low) = match reloc.kind {
        RelocKind::A64TlsCall => return format!(".tlsdesccall {symbol}\n    {text}"),
        RelocKind::A64Page => ("", false),
        RelocKind::A64GotPage => (":got:", false),
        RelocKind::A64TlsPage => (":tlsdesc:", false),
        RelocKind::A64AddLow12 => (":lo12:", true),
        RelocKind::A64GotLow12 => (":got_lo12:", true),
        RelocKind::A64TlsLoadLow12 | RelocKind::A64TlsAddLow12 => (":tlsdesc_lo12:", true),
        _ => ("", false),
    };
    let head = match (low, inst.op) {
        (true, Op::LdrU) => return format!("{}, {operator}{symbol}]", text.trim_end_matches(']')),
        (true, _) => text.rsplit_once('#').map_or(text.as_str(), |(head, _)| head),
        (false, _) => text.rfind(".+").map_or(text.as_str(), |dot| &text[..dot]),
    };
    format!("{head}{operator}{symbol}")
}

/// The bytes behind the code, eight a line, with labels where code names them.
fn constants(
    out: &mut String,
    blob: &CodeBlob,
    relocs: &BTreeMap<u32, Reloc>,
    name_of: &dyn Fn(SymbolRef) -> String,
    local: &str,
    targets: &BTreeSet<u32>,
) {
    let end = blob.bytes.len() as u32;
    let mut at = blob.code_len;
    while at < end {
        if targets.contains(&at) {
            let _ = writeln!(out, "{local}{at:x}:");
        }
        if let Some(reloc) = relocs.get(&at) {
            let _ = writeln!(out, "    .quad {}", with_addend(&name_of(reloc.symbol), reloc.addend));
            at += reloc.kind.size() as u32;
            continue;
        }
        let stop = (at + 1..end.min(at + 8)).find(|i| targets.contains(i) || relocs.contains_key(i));
        let stop = stop.unwrap_or(end.min(at + 8));
        let bytes: Vec<String> =
            blob.bytes[at as usize..stop as usize].iter().map(|b| format!("{b:#04x}")).collect();
        let _ = writeln!(out, "    .byte {}", bytes.join(", "));
        at = stop;
    }
}

fn is_plain(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(ok)
}

/// A name in quotes where it needs them. (GNU as 2.40 cannot read a quote or a backslash within an operand's
/// name, whichever way it is escaped: no listing can have such a name.)
fn quoted(name: &str) -> String {
    if is_plain(name) {
        name.to_string()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// A name that can be part of a label: other characters become `_`, and a hash tells such names apart.
fn plain_name(name: &str) -> String {
    if is_plain(name) {
        return name.to_string();
    }
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
    let clean: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("_{clean}.{hash:x}")
}
