//! Assembly text of finished code: what GNU as, and for Apple and Windows clang's, turns back into the same
//! words.
//!
//! ```text
//! 94000000 + relocation to g            bl g
//! b4000040                              cbz x0, .Lf.10
//! 5c000041                              ldr d1, .Lf.18
//! ```
//! Our own decoder reads the words by the instruction table; this file puts symbols and labels where
//! there are relocations and distances, and prints the constants behind the code.

use crate::System;
use crate::encode::{SHIFTED, decode};
use crate::inst::{Arg, MInst, Op, spell};
use pyexec_codegen::{CodeBlob, Reloc, RelocKind, SymbolRef};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What comes once before all functions.
pub const FILE_HEADER: &str = "    .text\n    .arch_extension lse\n";

/// How a listing is spelled.
struct Spelling<'a> {
    system: System,
    /// The linker name of a symbol, as the source has it.
    name_of: &'a dyn Fn(SymbolRef) -> String,
    /// What labels of this function begin with.
    local: String,
}

impl Spelling<'_> {
    /// Apple's names have an underscore before them.
    fn symbol(&self, name: &str) -> String {
        if self.system == System::Apple { quoted(&format!("_{name}")) } else { quoted(name) }
    }

    /// An operand that the linker fills in: operator, symbol and distance.
    fn operand(&self, reloc: &Reloc) -> String {
        let symbol = self.symbol(&(self.name_of)(reloc.symbol));
        let addend = if reloc.addend == 0 { String::new() } else { format!("{:+}", reloc.addend) };
        match self.system {
            System::Apple => format!("{symbol}{}{addend}", apple_operator(reloc.kind)),
            System::Linux | System::Windows => format!("{}{symbol}{addend}", gnu_operator(reloc.kind)),
        }
    }
}

fn gnu_operator(kind: RelocKind) -> &'static str {
    match kind {
        RelocKind::A64GotPage => ":got:",
        RelocKind::A64TlsPage => ":tlsdesc:",
        RelocKind::A64AddLow12 => ":lo12:",
        RelocKind::A64GotLow12 => ":got_lo12:",
        RelocKind::A64TlsLoadLow12 | RelocKind::A64TlsAddLow12 => ":tlsdesc_lo12:",
        RelocKind::A64SecRelHigh12 => ":secrel_hi12:",
        RelocKind::A64SecRelLow12 => ":secrel_lo12:",
        _ => "",
    }
}

fn apple_operator(kind: RelocKind) -> &'static str {
    match kind {
        RelocKind::A64Page => "@PAGE",
        RelocKind::A64AddLow12 => "@PAGEOFF",
        RelocKind::A64GotPage => "@GOTPAGE",
        RelocKind::A64GotLow12 => "@GOTPAGEOFF",
        RelocKind::A64TlvPage => "@TLVPPAGE",
        RelocKind::A64TlvLow12 => "@TLVPPAGEOFF",
        _ => "",
    }
}

/// One function: label, instructions, constants. `name_of` gives the name of a symbol in C, and `global` says
/// whether others see the function.
pub fn print(system: System, blob: &CodeBlob, name_of: &dyn Fn(SymbolRef) -> String, global: bool) -> String {
    let prefix = if system == System::Apple { "L" } else { ".L" };
    let spelling = Spelling { system, name_of, local: format!("{prefix}{}.", plain_name(&blob.name)) };
    let targets = branch_targets(blob);
    let relocs: BTreeMap<u32, Reloc> = blob.relocs.iter().map(|r| (r.offset, *r)).collect();
    let mut out = String::new();
    let label = spelling.symbol(&blob.name);
    if global {
        let _ = writeln!(out, "    .globl {label}");
    }
    let _ = writeln!(out, "    .p2align {}, 0", blob.align.max(4).trailing_zeros());
    match system {
        System::Linux => drop(writeln!(out, "    .type {label}, @function")),
        // External, a function.
        System::Windows => drop(writeln!(out, "    .def {label}\n    .scl 2\n    .type 32\n    .endef")),
        System::Apple => {}
    }
    let _ = writeln!(out, "{label}:");
    for (at, word) in words(blob) {
        if targets.contains(&at) {
            let _ = writeln!(out, "{}{at:x}:", spelling.local);
        }
        let _ = writeln!(out, "    {}", line(at, word, relocs.get(&at), &spelling));
    }
    constants(&mut out, blob, &relocs, &spelling, &targets);
    if system == System::Linux {
        let _ = writeln!(out, "    .size {label}, .-{label}");
    }
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
fn line(at: u32, word: u32, reloc: Option<&Reloc>, spelling: &Spelling<'_>) -> String {
    // Zero has no shift where it is not for the linker, so our decoder knows none.
    let is_high = reloc.is_some_and(|r| r.kind == RelocKind::A64SecRelHigh12);
    let Some(inst) = decode(if is_high { word & !SHIFTED } else { word }) else {
        return format!(".inst {word:#010x}");
    };
    if let Some(reloc) = reloc {
        return relocated(&inst, reloc.kind, &spelling.operand(reloc));
    }
    let text = spell(&inst);
    match (distance(&inst), text.rfind('.')) {
        (Some(by), Some(dot)) => {
            let target = i64::from(at) + by;
            format!("{}{}{target:x}", &text[..dot], spelling.local)
        }
        _ => text,
    }
}

/// The instruction with the operand that the linker fills in.
fn relocated(inst: &MInst, kind: RelocKind, operand: &str) -> String {
    let text = spell(inst);
    if kind == RelocKind::A64TlsCall {
        return format!(".tlsdesccall {operand}\n    {text}");
    }
    let low = !matches!(
        kind,
        RelocKind::A64Call
            | RelocKind::A64Page
            | RelocKind::A64GotPage
            | RelocKind::A64TlsPage
            | RelocKind::A64TlvPage
    );
    match (low, inst.op) {
        (true, Op::LdrU) => format!("{}, {operand}]", text.trim_end_matches(']')),
        (true, _) => format!("{}{operand}", text.rsplit_once('#').map_or(text.as_str(), |(head, _)| head)),
        (false, _) => format!("{}{operand}", text.rfind(".+").map_or(text.as_str(), |dot| &text[..dot])),
    }
}

/// The bytes behind the code, eight a line, with labels where code names them.
fn constants(
    out: &mut String,
    blob: &CodeBlob,
    relocs: &BTreeMap<u32, Reloc>,
    spelling: &Spelling<'_>,
    targets: &BTreeSet<u32>,
) {
    let end = blob.bytes.len() as u32;
    let mut at = blob.code_len;
    while at < end {
        if targets.contains(&at) {
            let _ = writeln!(out, "{}{at:x}:", spelling.local);
        }
        if let Some(reloc) = relocs.get(&at) {
            let _ = writeln!(out, "    .quad {}", spelling.operand(reloc));
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
