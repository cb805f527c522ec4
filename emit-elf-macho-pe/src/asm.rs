//! Assembly files for GNU as: functions as the target lists them, and data around them.
//!
//! Assembling the text gives the same code and data as the object file; only order and names of sections may
//! differ.

use crate::{Machine, Object};
use pyexec_ir::{DataTarget, Global, Linkage};
use std::fmt::Write;

/// The text of the file. `listing` gives the text of one function.
pub fn write_assembly(
    object: &Object<'_>,
    header: &str,
    listing: &dyn Fn(&pyexec_codegen::CodeBlob) -> String,
) -> String {
    let mut out = header.to_owned();
    for (id, blob) in object.code {
        visibility(&mut out, &blob.name, object.module.funcs[*id].linkage);
        out.push_str(&listing(blob));
        out.push('\n');
    }
    if object.machine == Machine::X86_64 {
        // AT&T syntax, because there no name can be mistaken for a register.
        out.push_str("    .att_syntax prefix\n");
    }
    for id in object.used_globals().iter() {
        data(&mut out, object, &object.module.globals[id]);
    }
    out.push_str("    .section .note.GNU-stack,\"\",@progbits\n");
    out
}

fn visibility(out: &mut String, name: &str, linkage: Linkage) {
    let directive = match linkage {
        Linkage::Export => ".globl",
        Linkage::Weak => ".weak",
        Linkage::Local | Linkage::Import => return,
    };
    let _ = writeln!(out, "    {directive} {}", spelled(name));
}

fn data(out: &mut String, object: &Object<'_>, global: &Global) {
    if global.linkage == Linkage::Import {
        return;
    }
    let zero = global.relocs.is_empty() && global.init.iter().all(|b| *b == 0);
    let section = match (global.thread_local, global.writable, zero) {
        (true, _, true) => ".section .tbss,\"awT\",@nobits",
        (true, _, false) => ".section .tdata,\"awT\",@progbits",
        (_, true, true) => ".bss",
        (_, true, false) => ".data",
        (_, false, _) if global.relocs.is_empty() => ".section .rodata",
        _ => ".section .data.rel.ro,\"aw\",@progbits",
    };
    let name = spelled(&global.name);
    let _ = writeln!(out, "    {section}\n    .p2align {}", global.align.max(1).trailing_zeros());
    visibility(out, &global.name, global.linkage);
    let _ = writeln!(out, "    .type {name}, @object\n    .size {name}, {}\n{name}:", global.size);
    if zero {
        let _ = writeln!(out, "    .zero {}", global.size);
    } else {
        contents(out, object, global);
    }
}

fn contents(out: &mut String, object: &Object<'_>, global: &Global) {
    let mut bytes = global.init.clone();
    bytes.resize(global.size as usize, 0);
    let mut at = 0;
    for reloc in &global.relocs {
        byte_lines(out, object.machine, &bytes[at..reloc.offset as usize]);
        let module = object.module;
        let name = match reloc.target {
            DataTarget::Func(id) => &module.funcs[id].name,
            DataTarget::Global(id) => &module.globals[id].name,
        };
        let _ = writeln!(out, "    .quad {}{:+}", spelled(name), reloc.addend);
        at = reloc.offset as usize + 8;
    }
    byte_lines(out, object.machine, &bytes[at..]);
}

fn byte_lines(out: &mut String, machine: Machine, bytes: &[u8]) {
    // What begins a comment in GNU as; to the end of the line.
    let comment = match machine {
        Machine::X86_64 => "#",
        Machine::Aarch64 => "//",
    };
    for chunk in bytes.chunks(16) {
        let numbers: Vec<_> = chunk.iter().map(u8::to_string).collect();
        let readable: String =
            chunk.iter().map(|b| if (0x20..0x7f).contains(b) { *b as char } else { '.' }).collect();
        let _ = writeln!(out, "    .byte {}    {comment} {readable}", numbers.join(", "));
    }
}

fn spelled(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    if name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
