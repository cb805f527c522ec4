//! What clang makes of C for Apple's systems and Windows, as an ELF object: its assembly with the directives and
//! operators of Mach-O and COFF replaced. The instructions, and so the calling convention, stay.

use super::{Dir, run};
use pyexec_isa_aarch64::System;
use std::path::Path;

pub const CLANG: &str = "clang";

const APPLE: &str = "--target=arm64-apple-macosx11";
const WINDOWS: &str = "--target=aarch64-pc-windows-msvc";
const ELF: &str = "--target=aarch64-unknown-linux-gnu";

/// Compiles for a system and assembles for ours.
pub fn elf_object(system: System, dir: &Dir, c: &Path, object: &Path) {
    let text = dir.path("test.s");
    let target = if system == System::Apple { APPLE } else { WINDOWS };
    let flags = ["-S", "-O1", "-w", "-ffreestanding", "-mno-stack-arg-probe", "-fno-stack-protector"];
    let rest = ["-fno-asynchronous-unwind-tables", "-o"].map(Path::new);
    run(CLANG, &[&[Path::new(target)], &flags.map(Path::new)[..], &rest, &[&text, c]].concat());
    let theirs = std::fs::read_to_string(&text).expect("clang wrote it");
    let line = if system == System::Apple { from_mach_o } else { from_coff };
    let ours: String = theirs.lines().filter_map(line).map(|l| l + "\n").collect();
    let elf = dir.write("elf.s", ours);
    run(CLANG, &[Path::new(ELF), Path::new("-c"), Path::new("-o"), object, &elf]);
}

/// Assembles a listing for its own system, and reads the section of code, which is the first one.
pub fn assembled_text(system: System, dir: &Dir, listing: &Path) -> Vec<u8> {
    let object = dir.path("own.o");
    let target = if system == System::Apple { APPLE } else { WINDOWS };
    run(CLANG, &[Path::new(target), Path::new("-c"), Path::new("-o"), &object, listing]);
    let bytes = std::fs::read(object).expect("clang wrote it");
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
    // Mach-O: header of 32 bytes, a segment command of 72, its sections; COFF: header of 20 bytes, sections.
    let (name, size, start) = match system {
        System::Apple => (104, word(104 + 40), word(104 + 48)),
        _ => (20, word(20 + 16), word(20 + 20)),
    };
    let expected: &[u8] = if system == System::Apple { b"__text" } else { b".text" };
    assert!(bytes[name..].starts_with(expected), "code is the first section");
    bytes[start..start + size].to_vec()
}

/// `.section` by what is in it.
fn section(name: &str) -> String {
    let code = name.starts_with(".text") || name.starts_with("__TEXT,__text");
    if code { ".text".into() } else { ".section .rodata".into() }
}

/// Descriptions of symbols go; constants have names with an `@`.
fn from_coff(line: &str) -> Option<String> {
    let words = line.trim();
    let dropped = [".def", ".scl", ".type", ".endef", ".set", ".file", ".globl\t@", ".addrsig"];
    if dropped.iter().any(|d| words.starts_with(d)) {
        return None;
    }
    Some(match words.strip_prefix(".section") {
        Some(name) => section(name.trim_start()),
        None => line.replace('@', "_at_"),
    })
}

/// Names lose their underscore, `datum@PAGEOFF` becomes `:lo12:datum`, and a comment begins with a semicolon.
fn from_mach_o(line: &str) -> Option<String> {
    let line = line.split(';').next().unwrap_or_default();
    let words = line.trim();
    if [".build_version", ".subsections_via_symbols", ".loh"].iter().any(|d| words.starts_with(d)) {
        return None;
    }
    if let Some(name) = words.strip_prefix(".section") {
        return Some(section(name.trim_start()));
    }
    let mut out = String::new();
    for word in line.split_inclusive([' ', '\t', ',', ']']) {
        let mut chars = word.chars();
        let is_name = chars.next() == Some('_') && chars.next().is_some_and(|c| c.is_ascii_alphabetic());
        let word = if is_name { &word[1..] } else { word };
        out.push_str(&operator(word));
    }
    Some(out)
}

fn operator(word: &str) -> String {
    let Some((name, rest)) = word.split_once('@') else { return word.to_string() };
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (kind, rest) = rest.split_at(end);
    let operator = match kind {
        "PAGE" => "",
        "PAGEOFF" => ":lo12:",
        "GOTPAGE" => ":got:",
        "GOTPAGEOFF" => ":got_lo12:",
        other => panic!("an operator of Mach-O that is new: {other}"),
    };
    format!("{operator}{name}{rest}")
}
