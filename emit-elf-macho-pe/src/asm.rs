//! Assembly files: functions as the target lists them, and data around them. For GNU as; those for Apple and
//! Windows for clang's.
//!
//! Assembling the text gives the same code and data as the object file; only order and names of sections may
//! differ.

use crate::{Format, Machine, Object};
use pyexec_ir::{DataTarget, Global, Linkage};
use std::fmt::Write;

/// The text of the file. `listing` gives the text of one function.
pub fn write_assembly(
    format: Format,
    object: &Object<'_>,
    header: &str,
    listing: &dyn Fn(&pyexec_codegen::CodeBlob) -> String,
) -> String {
    let mut file = File { format, object, out: header.to_owned() };
    for (id, blob) in object.code {
        file.visibility(&blob.name, object.module.funcs[*id].linkage);
        file.out.push_str(&listing(blob));
        file.out.push('\n');
    }
    if object.machine == Machine::X86_64 {
        // AT&T syntax, because there no name can be mistaken for a register.
        file.line(".att_syntax prefix");
    }
    for id in object.used_globals().iter() {
        file.data(&object.module.globals[id]);
    }
    if format == Format::Elf {
        if let Some(note) = object.property_note() {
            file.line(".section .note.gnu.property,\"a\",@note\n    .p2align 3");
            file.bytes(&note);
        }
        file.line(".section .note.GNU-stack,\"\",@progbits");
    }
    file.out
}

struct File<'a> {
    format: Format,
    object: &'a Object<'a>,
    out: String,
}

/// Where a global lives: by whether each thread has its own, it is written to, is all zero, has no addresses.
fn section(format: Format, global: &Global, zero: bool) -> &'static str {
    let plain = global.relocs.is_empty();
    match (format, global.thread_local, global.writable, zero) {
        (Format::Elf, true, _, true) => ".section .tbss,\"awT\",@nobits",
        (Format::Elf, true, _, false) => ".section .tdata,\"awT\",@progbits",
        (Format::Elf, _, false, _) if plain => ".section .rodata",
        (Format::Elf, _, false, _) => ".section .data.rel.ro,\"aw\",@progbits",
        (Format::MachO, true, _, _) => ".section __DATA,__thread_data,thread_local_regular",
        (Format::MachO, _, false, _) if plain => ".section __TEXT,__const",
        (Format::MachO, _, false, _) => ".section __DATA,__const",
        (Format::Coff, true, _, _) => ".section .tls$,\"dw\"",
        (Format::Coff, _, false, _) => ".section .rdata,\"dr\"",
        (Format::Elf | Format::Coff, _, true, true) => ".bss",
        (_, _, true, _) => ".data",
    }
}

impl File<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "    {text}");
    }

    fn visibility(&mut self, name: &str, linkage: Linkage) {
        let name = self.spelled(name);
        match (linkage, self.format) {
            (Linkage::Export, _) => self.line(&format!(".globl {name}")),
            (Linkage::Weak, Format::MachO) => {
                self.line(&format!(".globl {name}"));
                self.line(&format!(".weak_definition {name}"));
            }
            (Linkage::Weak, _) => self.line(&format!(".weak {name}")),
            (Linkage::Local | Linkage::Import, _) => {}
        }
    }

    fn data(&mut self, global: &Global) {
        if global.linkage == Linkage::Import {
            return;
        }
        let zero = global.relocs.is_empty() && global.init.iter().all(|b| *b == 0);
        self.line(section(self.format, global, zero));
        self.line(&format!(".p2align {}", global.align.max(1).trailing_zeros()));
        let name = self.spelled(&global.name);
        let is_described = self.format == Format::MachO && global.thread_local;
        if !is_described {
            self.visibility(&global.name, global.linkage);
        }
        if self.format == Format::Elf {
            self.line(&format!(".type {name}, @object\n    .size {name}, {}", global.size));
        }
        let label = if is_described { self.spelled(&initial(&global.name)) } else { name };
        let _ = writeln!(self.out, "{label}:");
        if zero {
            self.line(&format!(".zero {}", global.size));
        } else {
            self.contents(global);
        }
        if is_described {
            self.descriptor(global, &label);
        }
    }

    /// On Apple's systems a thread-local datum's name is that of three words: what finds a thread's copy, its
    /// own notes, and the initial bytes.
    fn descriptor(&mut self, global: &Global, initial: &str) {
        self.line(".section __DATA,__thread_vars,thread_local_variables");
        self.visibility(&global.name, global.linkage);
        let name = self.spelled(&global.name);
        let _ = writeln!(self.out, "{name}:\n    .quad __tlv_bootstrap\n    .quad 0\n    .quad {initial}");
    }

    fn contents(&mut self, global: &Global) {
        let mut bytes = global.init.clone();
        bytes.resize(global.size as usize, 0);
        let mut at = 0;
        for reloc in &global.relocs {
            self.bytes(&bytes[at..reloc.offset as usize]);
            let module = self.object.module;
            let name = match reloc.target {
                DataTarget::Func(id) => &module.funcs[id].name,
                DataTarget::Global(id) => &module.globals[id].name,
            };
            let place = format!(".quad {}{:+}", self.spelled(name), reloc.addend);
            self.line(&place);
            at = reloc.offset as usize + 8;
        }
        self.bytes(&bytes[at..]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        // What begins a comment for the assembler; to the end of the line.
        let comment = match self.object.machine {
            Machine::X86_64 => "#",
            Machine::Aarch64 => "//",
        };
        for chunk in bytes.chunks(16) {
            let numbers: Vec<_> = chunk.iter().map(u8::to_string).collect();
            let readable: String =
                chunk.iter().map(|b| if (0x20..0x7f).contains(b) { *b as char } else { '.' }).collect();
            self.line(&format!(".byte {}    {comment} {readable}", numbers.join(", ")));
        }
    }

    /// A name as this format has it, in quotes where it needs them.
    fn spelled(&self, name: &str) -> String {
        let name = if self.format == Format::MachO { format!("_{name}") } else { name.to_owned() };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
        if name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() {
            name
        } else {
            format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
        }
    }
}

/// The symbol of a thread-local datum's initial bytes.
fn initial(name: &str) -> String {
    format!("{name}$tlv$init")
}
