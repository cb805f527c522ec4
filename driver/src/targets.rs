//! The targets, one line each.

use crate::Failure;
use pyexec_codegen::Target;
use pyexec_emit_elf_macho_pe::{Format, Machine};
use pyexec_isa_aarch64 as aarch64;
use pyexec_isa_x86_64 as x86_64;
use pyexec_runtime::EntryCode;

/// A machine with a system.
#[derive(Clone, Copy)]
pub struct TargetRow {
    /// The triple by which it is listed.
    pub triple: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// The machine in object files.
    pub machine: Machine,
    /// The format of object files.
    pub format: Format,
    /// What comes before the functions in an assembly file.
    pub asm_header: &'static str,
    /// Processors by name, for the list.
    pub cpus: &'static [&'static str],
    /// Whether this program can run its code.
    pub is_host: bool,
    /// The way from this process into its code.
    pub entry: fn() -> EntryCode,
    make: fn(&str) -> Result<Box<dyn Target>, String>,
}

/// Every target.
#[rustfmt::skip]
pub const TARGETS: &[TargetRow] = &[
    TargetRow { triple: "x86_64-unknown-linux-gnu", aliases: &["x86_64-linux-gnu", "x86_64-pc-linux-gnu"], machine: Machine::X86_64, format: Format::Elf, asm_header: x86_64::print::FILE_HEADER, cpus: &["x86-64", "x86-64-v2", "x86-64-v3", "native"], is_host: cfg!(all(target_arch = "x86_64", target_os = "linux")), entry: x86_64_entry, make: x86_64_target },
    TargetRow { triple: "aarch64-unknown-linux-gnu", aliases: &["aarch64-linux-gnu"], machine: Machine::Aarch64, format: Format::Elf, asm_header: aarch64::print::FILE_HEADER, cpus: &aarch64::CPU_NAMES, is_host: cfg!(all(target_arch = "aarch64", target_os = "linux")), entry: aarch64_entry, make: aarch64_target },
    // Not yet hosts: the runtime's memory is Linux's.
    TargetRow { triple: "aarch64-apple-darwin", aliases: &["arm64-apple-darwin", "aarch64-apple-macosx", "arm64-apple-macosx"], machine: Machine::Aarch64, format: Format::MachO, asm_header: aarch64::print::FILE_HEADER, cpus: &aarch64::CPU_NAMES, is_host: false, entry: aarch64_entry, make: apple_target },
    TargetRow { triple: "aarch64-pc-windows-msvc", aliases: &["arm64-pc-windows-msvc", "aarch64-windows-msvc"], machine: Machine::Aarch64, format: Format::Coff, asm_header: aarch64::print::FILE_HEADER, cpus: &aarch64::CPU_NAMES, is_host: false, entry: aarch64_entry, make: windows_target },
];

fn x86_64_entry() -> EntryCode {
    let stubs = x86_64::stubs::stubs();
    // rdi, rsi, rdx by their hardware numbers.
    let arguments = [7, 6, 2].map(x86_64::stubs::int_offset);
    let image_size = x86_64::stubs::IMAGE_SIZE;
    EntryCode { code: stubs.code, enter: stubs.enter, recover: stubs.recover, image_size, arguments }
}

fn x86_64_target(cpu: &str) -> Result<Box<dyn Target>, String> {
    x86_64::X86Target::for_cpu(cpu).map(|target| Box::new(target) as Box<dyn Target>)
}

fn aarch64_entry() -> EntryCode {
    let stubs = aarch64::stubs::stubs();
    let arguments = [0, 1, 2].map(aarch64::stubs::int_offset);
    let image_size = aarch64::stubs::IMAGE_SIZE;
    EntryCode { code: stubs.code, enter: stubs.enter, recover: stubs.recover, image_size, arguments }
}

fn aarch64_for(cpu: &str, system: aarch64::System) -> Result<Box<dyn Target>, String> {
    aarch64::A64Target::for_system(cpu, system).map(|target| Box::new(target) as Box<dyn Target>)
}

fn aarch64_target(cpu: &str) -> Result<Box<dyn Target>, String> {
    aarch64_for(cpu, aarch64::System::Linux)
}

fn apple_target(cpu: &str) -> Result<Box<dyn Target>, String> {
    aarch64_for(cpu, aarch64::System::Apple)
}

fn windows_target(cpu: &str) -> Result<Box<dyn Target>, String> {
    aarch64_for(cpu, aarch64::System::Windows)
}

impl TargetRow {
    /// The target for code, for a processor: by default the one that runs everywhere.
    pub fn make(&self, cpu: Option<&str>) -> Result<Box<dyn Target>, Failure> {
        (self.make)(cpu.unwrap_or(self.cpus[0])).map_err(|unknown| {
            Failure::Usage(format!(
                "target {} has no processor `{unknown}`; known are {}",
                self.triple,
                self.cpus.join(", ")
            ))
        })
    }
}

/// The target of this machine.
pub fn host() -> Result<&'static TargetRow, Failure> {
    TARGETS.iter().find(|t| t.is_host).ok_or_else(|| {
        Failure::Usage("there is no target for this machine yet; name another one by --target".into())
    })
}

/// The target with this name.
pub fn find(triple: &str) -> Result<&'static TargetRow, Failure> {
    let known = TARGETS.iter().find(|t| t.triple == triple || t.aliases.contains(&triple));
    known.ok_or_else(|| Failure::Usage(unknown(triple)))
}

fn unknown(triple: &str) -> String {
    let nearest = TARGETS.iter().min_by_key(|t| distance(triple, t.triple)).map_or("none", |t| t.triple);
    match triple.parse::<target_lexicon::Triple>() {
        Ok(_) => format!("there is no target `{triple}` yet; did you mean `{nearest}`? See --list targets"),
        Err(error) => format!("`{triple}` is no target triple ({error}); did you mean `{nearest}`?"),
    }
}

/// Levenshtein's distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    // A name of unreasonable length is not near anything.
    for (i, x) in a.chars().take(200).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_others_suggested() {
        assert!(find("x86_64-linux-gnu").is_ok());
        let message = find("x86_64-unknwon-linux-gnu").map(|t| t.triple).expect_err("misspelled").to_string();
        assert!(message.contains("did you mean `x86_64-unknown-linux-gnu`"), "{message}");
        assert!(find("").is_err() && find(&"é".repeat(10_000)).is_err());
    }

    #[test]
    fn distances_are_levenshteins() {
        assert_eq!((distance("kitten", "sitting"), distance("", "ab"), distance("ab", "ab")), (3, 2, 0));
    }
}
