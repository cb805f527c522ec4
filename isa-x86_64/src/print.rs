//! Assembly text of finished code: what GNU as turns back into the same bytes.
//!
//! ```text
//! e8 00 00 00 00 + relocation to g      call g@PLT
//! 74 12                                 je .Lf.20
//! f2 0f 10 05 .. .. .. ..               movsd xmm0, qword ptr [rip+.Lf.80]
//! ```
//! iced decodes and formats (Intel syntax); this file puts symbols and labels where the bytes have
//! relocations and addresses, and prints the constants behind the code. What the assembler would write
//! in a shorter way than we did is pinned by a `{disp32}` prefix or spelled as bytes.

use crate::regs;
use iced_x86::{
    Decoder, DecoderOptions, Formatter, FormatterOptions, Instruction, IntelFormatter, MemorySizeOptions,
    Mnemonic, OpKind, SymbolResolver, SymbolResult,
};
use pyexec_codegen::{CodeBlob, Reloc, RelocKind, SymbolRef};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What comes once before all functions.
pub const FILE_HEADER: &str = "    .intel_syntax noprefix\n    .text\n";

/// One function: label, instructions, constants. `name_of` gives the linker name of a symbol, and
/// `global` says whether others see the function.
pub fn print(blob: &CodeBlob, name_of: &dyn Fn(SymbolRef) -> String, global: bool) -> String {
    let local = format!(".L{}.", plain_name(&blob.name));
    let targets = branch_targets(blob);
    let mut names = Names::default();
    let relocs = blob.relocs.iter().map(|r| (r.offset, names.operand(*r, name_of))).collect();
    let symbols = Symbols { local: local.clone(), relocs, kinds: kinds(blob), targets: targets.clone() };
    let mut out = String::new();
    let label = names.label(&blob.name);
    if global {
        let _ = writeln!(out, "    .globl {label}");
    }
    let _ =
        writeln!(out, "    .p2align {}\n    .type {label}, @function", blob.align.max(1).trailing_zeros());
    out.push_str(&names.prelude);
    let _ = writeln!(out, "{label}:");
    instructions(&mut out, blob, symbols, &targets);
    constants(&mut out, blob, name_of, &mut Names::default(), &local, &targets);
    let _ = writeln!(out, "    .size {label}, .-{label}");
    out
}

fn kinds(blob: &CodeBlob) -> BTreeMap<u32, (RelocKind, i64)> {
    blob.relocs.iter().map(|r| (r.offset, (r.kind, r.addend))).collect()
}

fn decoder(blob: &CodeBlob) -> Decoder<'_> {
    Decoder::with_ip(64, &blob.bytes[..blob.code_len as usize], 0, DecoderOptions::NONE)
}

fn is_direct_branch(inst: &Instruction) -> bool {
    inst.op_count() == 1 && inst.op0_kind() == OpKind::NearBranch64
}

/// The first relocation inside an instruction.
fn reloc_in<'a, T>(relocs: &'a BTreeMap<u32, T>, inst: &Instruction) -> Option<(u32, &'a T)> {
    let (from, to) = (inst.ip() as u32, inst.next_ip() as u32);
    relocs.range(from..to).next().map(|(at, r)| (*at, r))
}

/// Every offset that the function's own code names.
fn branch_targets(blob: &CodeBlob) -> BTreeSet<u32> {
    let relocs = kinds(blob);
    let mut targets = BTreeSet::new();
    for inst in decoder(blob).iter().filter(|i| reloc_in(&relocs, i).is_none()) {
        if is_direct_branch(&inst) {
            targets.insert(inst.near_branch_target() as u32);
        } else if inst.is_ip_rel_memory_operand() {
            targets.insert(inst.ip_rel_memory_address() as u32);
        }
    }
    targets
}

/// Tells the formatter what an address is called.
struct Symbols {
    local: String,
    relocs: BTreeMap<u32, String>,
    kinds: BTreeMap<u32, (RelocKind, i64)>,
    targets: BTreeSet<u32>,
}

impl SymbolResolver for Symbols {
    fn symbol(
        &mut self,
        inst: &Instruction,
        _operand: u32,
        operand: Option<u32>,
        address: u64,
        _address_size: u32,
    ) -> Option<SymbolResult<'_>> {
        // The formatter also asks about immediates and displacements that happen to look like addresses.
        match inst.op_kind(operand?) {
            OpKind::NearBranch64 => {}
            OpKind::Memory if inst.is_ip_rel_memory_operand() => {}
            _ => return None,
        }
        if let Some((at, name)) = reloc_in(&self.relocs, inst) {
            // The field counts from the end of the instruction: the addend has that distance in it.
            let tail = inst.next_ip() as i64 - i64::from(at);
            let addend = self.kinds.get(&at).map_or(0, |k| k.1) + tail;
            return Some(SymbolResult::with_string(address.wrapping_sub(addend as u64), name.clone()));
        }
        let target = u32::try_from(address).ok().filter(|t| self.targets.contains(t))?;
        Some(SymbolResult::with_string(address, format!("{}{target:x}", self.local)))
    }
}

/// The spelling that both `as` and the round-trip tests read.
pub fn set_options(options: &mut FormatterOptions) {
    options.set_hex_prefix("0x");
    options.set_hex_suffix("");
    options.set_uppercase_hex(false);
    options.set_leading_zeros(false);
    options.set_branch_leading_zeros(false);
    options.set_space_after_operand_separator(true);
    options.set_signed_immediate_operands(true);
    options.set_memory_size_options(MemorySizeOptions::Always);
    options.set_rip_relative_addresses(true);
    options.set_show_branch_size(false);
    options.set_use_pseudo_ops(false);
}

fn instructions(out: &mut String, blob: &CodeBlob, symbols: Symbols, targets: &BTreeSet<u32>) {
    let local = symbols.local.clone();
    let relocs = symbols.kinds.clone();
    let mut formatter = IntelFormatter::with_options(Some(Box::new(symbols)), None);
    set_options(formatter.options_mut());
    let mut text = String::new();
    for inst in &mut decoder(blob) {
        let at = inst.ip() as u32;
        if targets.contains(&at) {
            let _ = writeln!(out, "{local}{at:x}:");
        }
        text.clear();
        formatter.format(&inst, &mut text);
        let bytes = &blob.bytes[at as usize..inst.next_ip() as usize];
        if inst.is_invalid() || inst.mnemonic() == Mnemonic::Nop && bytes.len() > 1 {
            let _ = writeln!(out, "    .byte {}    # {text}", byte_list(bytes));
        } else {
            let prefixes = padding_prefixes(bytes);
            if prefixes > 0 {
                let _ = writeln!(out, "    .byte {}", byte_list(&bytes[..prefixes]));
            }
            let pin = needs_long_form(&inst, reloc_in(&relocs, &inst).is_some());
            let _ = writeln!(out, "    {}{text}", if pin { "{disp32} " } else { "" });
        }
    }
}

/// The prefixes without meaning that pad the thread-local access sequence: the assembler would drop them.
fn padding_prefixes(bytes: &[u8]) -> usize {
    match bytes {
        [0x66, 0x48, 0x8d, ..] => 1,
        [0x66, 0x66, 0x48, 0xe8, ..] => 3,
        _ => 0,
    }
}

/// A branch that we left long although its target is near: the assembler would shorten it.
fn needs_long_form(inst: &Instruction, has_reloc: bool) -> bool {
    const SHORT_LEN: i64 = 2;
    let long_jump = is_direct_branch(inst) && inst.mnemonic() != Mnemonic::Call && inst.len() > 2;
    let distance = inst.near_branch_target() as i64 - (inst.ip() as i64 + SHORT_LEN);
    // With a margin: the assembler measures while other branches are still changing.
    long_jump && !has_reloc && (-144..=144).contains(&distance)
}

fn byte_list(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:#04x}")).collect::<Vec<_>>().join(", ")
}

/// The bytes behind the code, eight a line, with labels where code names them.
fn constants(
    out: &mut String,
    blob: &CodeBlob,
    name_of: &dyn Fn(SymbolRef) -> String,
    names: &mut Names,
    local: &str,
    targets: &BTreeSet<u32>,
) {
    let relocs: BTreeMap<u32, Reloc> = blob.relocs.iter().map(|r| (r.offset, *r)).collect();
    let end = blob.bytes.len() as u32;
    let mut at = blob.code_len;
    while at < end {
        if targets.contains(&at) {
            let _ = writeln!(out, "{local}{at:x}:");
        }
        if let Some(reloc) = relocs.get(&at) {
            let name = names.reference(&name_of(reloc.symbol));
            out.push_str(&std::mem::take(&mut names.prelude));
            let _ = writeln!(out, "    .quad {name}{:+}", reloc.addend);
            at += reloc.kind.size() as u32;
            continue;
        }
        let stop = (at + 1..end.min(at + 8)).find(|i| targets.contains(i) || relocs.contains_key(i));
        let stop = stop.unwrap_or(end.min(at + 8));
        let _ = writeln!(out, "    .byte {}", byte_list(&blob.bytes[at as usize..stop as usize]));
        at = stop;
    }
}

/// Spelling of symbols. Where the assembler would take a name for a register or an operator, an alias
/// is declared in AT&T syntax, which has no such trouble.
#[derive(Default)]
struct Names {
    prelude: String,
    aliases: u32,
}

impl Names {
    /// A name where a definition or directive wants it.
    fn label(&mut self, name: &str) -> String {
        if is_plain(name) { name.to_string() } else { quoted(name) }
    }

    /// A name inside of an operand.
    fn reference(&mut self, name: &str) -> String {
        if is_plain(name) && !is_reserved(name) {
            return name.to_string();
        }
        self.aliases += 1;
        let alias = format!(".Lalias{}.{}", self.aliases, plain_name(name));
        let _ = writeln!(
            self.prelude,
            "    .att_syntax prefix\n    .set {alias}, {}\n    .intel_syntax noprefix",
            quoted(name)
        );
        alias
    }

    /// A relocated operand.
    fn operand(&mut self, reloc: Reloc, name_of: &dyn Fn(SymbolRef) -> String) -> String {
        let name = self.reference(&name_of(reloc.symbol));
        match reloc.kind {
            RelocKind::X86Call => format!("{name}@PLT"),
            RelocKind::X86GotPcRel => format!("{name}@GOTPCREL"),
            RelocKind::X86TlsGd => format!("{name}@TLSGD"),
            _ => name,
        }
    }
}

fn is_plain(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$') || !c.is_ascii();
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(ok)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A name that can be part of a label: other characters become `_` and the length of the name follows.
fn plain_name(name: &str) -> String {
    if is_plain(name) {
        return name.to_string();
    }
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3));
    let clean: String = name.chars().map(|c| if is_plain(&c.to_string()) { c } else { '_' }).collect();
    format!("_{clean}.{hash:x}")
}

/// Names that Intel syntax takes for something else, in any case.
fn is_reserved(name: &str) -> bool {
    const WORDS: [&str; 40] = [
        "and", "or", "xor", "not", "mod", "shl", "shr", "eq", "ne", "lt", "le", "gt", "ge", "ptr", "offset",
        "byte", "word", "dword", "fword", "qword", "tbyte", "oword", "xmmword", "ymmword", "zmmword",
        "mmword", "near", "far", "short", "flat", "rip", "eip", "riz", "eiz", "st", "cs", "ds", "es", "fs",
        "gs",
    ];
    let lower = name.to_ascii_lowercase();
    let numbered = ["ss", "cr", "dr", "tr", "st", "mm", "xmm", "ymm", "zmm", "k", "bnd", "tmm", "r"];
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    WORDS.contains(&lower.as_str())
        || numbered.contains(&stem)
        || matches!(lower.as_str(), "ah" | "bh" | "ch" | "dh")
        || regs::is_register_name(&lower)
}
