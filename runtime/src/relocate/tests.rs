//! Every kind of relocation against what GNU ld writes: recorded values on any machine, random ones where the
//! cross tools are.

use super::field::{Unfit, write};
use super::{STUB_SIZE, Stations, apply, stub};
use crate::link::LinkError;
use crate::memory::{Part, Unsealed};
use RelocKind::*;
use pyexec_codegen::{Reloc, RelocKind, SymbolRef};
use std::io::Write as _;
use std::process::Command;

fn written(kind: RelocKind, before: u32, place: u64, target: u64) -> Result<u32, Unfit> {
    let mut bytes = before.to_le_bytes();
    write(kind, &mut bytes, place, target).map(|()| u32::from_le_bytes(bytes))
}

const BL: u32 = 0x9400_0000;
const B: u32 = 0x1400_0000;
const ADRP_X3: u32 = 0x9000_0003;

/// Made by GNU ld 2.40 for both machines: kind, word with an empty field, place, target, result.
#[rustfmt::skip]
const RECORDED: &[(RelocKind, u32, u64, u64, u32)] = &[
    (A64Call, BL, 0x1000_0000, 0x17ff_fffc, 0x95ff_ffff),
    (A64Call, BL, 0x1000_0004, 0x0800_0004, 0x9600_0000),
    (A64Call, B, 0x1000_0008, 0x17ff_fffc, 0x15ff_fffd),
    (A64Page, ADRP_X3, 0x1000_000c, 0x1_0fff_f678, 0xf07f_ffe3),
    (A64GotPage, ADRP_X3, 0x1000_000c, 0x1_0fff_f678, 0xf07f_ffe3),
    (A64AddLow12, 0x9100_0063, 0x1000_0010, 0x1_0fff_f678, 0x9119_e063),
    (A64GotLow12, 0xf940_0064, 0x1000_0014, 0x1_0fff_f678, 0xf943_3c64),
    (A64Page, 0x9000_001d, 0x1000_0018, 0x2010, 0xd0f8_001d),
    (A64AddLow12, 0x9100_0020, 0x1000_001c, 0x2010, 0x9100_4020),
    (X86PcRel32, 0, 0x40_1001, 0x40_2000 - 4, 0x0000_0ffb),
    (X86Call, 0, 0x40_1006, 0x40_0000 - 4, 0xffff_eff6),
];

#[test]
fn fields_are_what_gnu_ld_writes() {
    for &(kind, before, place, target, expected) in RECORDED {
        let word = written(kind, before, place, target).expect("in reach");
        assert_eq!(word, expected, "{kind:?} at {place:#x} for {target:#x}: {word:#010x}");
        // A field that was filled before is overwritten, not mixed.
        assert_eq!(written(kind, expected, place, target), Ok(expected), "{kind:?}");
    }
    let mut field = [0; 8];
    assert_eq!(write(Abs64, &mut field, 5, 0x0123_4567_89ab_cdef), Ok(()));
    assert_eq!(field, [0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01]);
}

#[test]
fn each_kind_reaches_as_far_as_its_field_and_no_further() {
    const P: u64 = 0x40_0000_0000;
    let result = |kind, target| written(kind, 0, P, target).map(|_| ());
    let reach = |kind, least: u64, most: u64, step: u64| {
        for inside in [P - least, P + most] {
            assert_eq!(result(kind, inside), Ok(()), "{kind:?} {inside:#x}");
        }
        for outside in [P - least - step, P + most + step] {
            assert_eq!(result(kind, outside), Err(Unfit::TooFar), "{kind:?} {outside:#x}");
        }
    };
    reach(A64Call, 1 << 27, (1 << 27) - 4, 4);
    for kind in [A64Page, A64GotPage] {
        reach(kind, 1 << 32, (1 << 32) - 4096, 4096);
        // Any byte of the last page.
        assert_eq!(result(kind, P + (1 << 32) - 1), Ok(()));
    }
    for kind in [X86PcRel32, X86Call, X86GotPcRel] {
        reach(kind, 1 << 31, (1 << 31) - 1, 1);
    }
    // What has no distance reaches everything.
    assert_eq!((result(A64AddLow12, u64::MAX), result(A64GotLow12, 8)), (Ok(()), Ok(())));
}

#[test]
fn what_cannot_be_written_is_refused() {
    assert_eq!(written(A64Call, BL, 0x1000, 0x2002), Err(Unfit::Misaligned));
    assert_eq!(written(A64GotLow12, 0, 0, 0x1004), Err(Unfit::Misaligned));
    for kind in [X86TlsGd, A64TlsPage, A64TlsLoadLow12, A64TlsAddLow12, A64TlsCall] {
        assert_eq!(written(kind, 0, 0, 0), Err(Unfit::Kind));
    }
}

#[test]
fn stubs_jump_through_the_address() {
    // adrp x16, 0x20001000; ldr x16, [x16, #0x678]; br x16 (GNU as and ld), then udf.
    let words = [0xd008_0010u32, 0xf943_3e10, 0xd61f_0200, 0];
    let a64: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    assert_eq!(stub(A64Call, 0x1000_0ffc, 0x2000_2678).map(|b| b.to_vec()), Ok(a64));
    let x86 = stub(X86Call, 0x1000, 0x2000).expect("in reach");
    assert_eq!(x86[..7], [0xff, 0x25, 0xfa, 0x0f, 0, 0, 0xcc]);
    assert_eq!(stub(A64Call, 0, 1 << 40), Err(Unfit::TooFar));
}

/// The address where the `b` or `bl` at an address goes.
fn destination(memory: &mut Unsealed, offset: usize) -> u64 {
    let at = memory.address(Part::Code, offset);
    let word = word_at(memory, offset);
    at.wrapping_add_signed(i64::from((word << 6) as i32 >> 4))
}

fn word_at(memory: &mut Unsealed, offset: usize) -> u32 {
    let bytes = &memory.bytes(Part::Code)[offset..offset + 4];
    u32::from_le_bytes(bytes.try_into().expect("four bytes"))
}

fn call(offset: u32) -> Reloc {
    Reloc { offset, kind: A64Call, symbol: SymbolRef::Named("f"), addend: 0 }
}

#[test]
fn far_calls_share_a_stub_in_each_group() {
    let mut memory = Unsealed::new(0x3000, 0x1000, 0).expect("memory");
    let (near, far) = (memory.address(Part::Code, 0x800), 0x1234_5678_9abc_def0);
    let mut stations = Stations::new(0);
    stations.begin_group(0x1000);
    for (offset, symbol) in [(0, near), (4, far), (8, far), (12, far + 8)] {
        apply(&mut memory, &mut stations, 0, &call(offset), symbol).expect("applied");
    }
    stations.begin_group(0x2000);
    apply(&mut memory, &mut stations, 16, &call(0), far).expect("applied");
    let origin = memory.address(Part::Code, 0);
    let reached: Vec<u64> =
        [0, 4, 8, 12, 16].iter().map(|at| destination(&mut memory, *at) - origin).collect();
    assert_eq!(reached, [0x800, 0x1000, 0x1000, 0x1000 + STUB_SIZE as u64, 0x2000]);
    // Both groups go through one address.
    assert_eq!(memory.bytes(Part::Constant)[..24], [far, far + 8, 0].map(u64::to_le_bytes).concat());
}

#[test]
fn loads_from_the_got_find_the_address() {
    let mut memory = Unsealed::new(0x2000, 0x1000, 0).expect("memory");
    let mut stations = Stations::new(0x10);
    for (offset, kind) in [(0, A64GotPage), (4, A64GotLow12)] {
        let reloc = Reloc { offset, kind, symbol: SymbolRef::Named("d"), addend: 0 };
        apply(&mut memory, &mut stations, 0x1008, &reloc, 0xfeed).expect("applied");
    }
    let slot = memory.address(Part::Constant, 0x10);
    let (page, low) = (word_at(&mut memory, 0x1008), word_at(&mut memory, 0x100c));
    assert_eq!(Ok(page), written(A64GotPage, 0, memory.address(Part::Code, 0x1008), slot));
    assert_eq!(low >> 10, (slot as u32 & 0xfff) / 8);
    assert_eq!(memory.bytes(Part::Constant)[0x10..0x18], 0xfeed_u64.to_le_bytes());
    let thread = Reloc { offset: 0, kind: A64TlsCall, symbol: SymbolRef::Named("t"), addend: 0 };
    let refused = apply(&mut memory, &mut stations, 0, &thread, 0);
    assert!(matches!(refused, Err(LinkError::Kind(A64TlsCall))), "{refused:?}");
}

const TOOLS: [&str; 3] = ["aarch64-linux-gnu-as", "aarch64-linux-gnu-ld", "aarch64-linux-gnu-objcopy"];

fn have_tools(test: &str) -> bool {
    let missing = TOOLS.iter().find(|t| Command::new(t).arg("--version").output().is_err());
    let Some(missing) = missing else { return true };
    if let Some(log) = std::env::var_os("PYEXEC_SKIPPED_LOG")
        && let Ok(mut log) = std::fs::OpenOptions::new().append(true).create(true).open(log)
    {
        let _ = writeln!(log, "{test}: {missing} not found");
    }
    false
}

fn tool(folder: &std::path::Path, program: &str, args: &[String]) {
    let output = Command::new(program).args(args).current_dir(folder).output().expect("the tool starts");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// One instruction with a field: its kind, its text, the word with the field empty, and the unit of its target.
const FIELDS: [(RelocKind, &str, u32, u64); 4] = [
    (A64Call, "bl ", BL, 4),
    (A64Page, "adrp x3, ", ADRP_X3, 1),
    (A64AddLow12, "add x3, x7, :lo12:", 0x9100_00e3, 1),
    (A64GotLow12, "ldr x3, [x7, :lo12:", 0xf940_00e3, 8),
];

#[test]
fn random_fields_are_what_gnu_ld_writes() {
    if !have_tools("random_fields_are_what_gnu_ld_writes") {
        return;
    }
    const TEXT: u64 = 0x7_0000_0000;
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let (mut asm, mut ld) = (String::from(".text\n"), vec![format!("-Ttext={TEXT:#x}")]);
    let mut expected = Vec::new();
    for index in 0..400 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let (kind, text, word, unit) = FIELDS[index % FIELDS.len()];
        // Distances of all sizes, up to what the field reaches.
        let reach = if kind == A64Call { 26 } else { 31 };
        let distance = (random as i64) >> (63 - reach + (random >> 32) % reach);
        let place = TEXT + 4 * index as u64;
        let target = TEXT.wrapping_add_signed(distance) / unit * unit;
        let close = if text.contains('[') { "]" } else { "" };
        asm.push_str(&format!("{text}t{index}{close}\n"));
        ld.push(format!("--defsym=t{index}={target:#x}"));
        expected.push(written(kind, word, place, target).expect("in reach"));
    }
    let folder = std::env::temp_dir().join(format!("pyexec-relocate-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("a.s"), asm).expect("written");
    let words = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
    tool(&folder, TOOLS[0], &words("a.s -o a.o"));
    ld.extend(words("-e 0 a.o -o a.out"));
    tool(&folder, TOOLS[1], &ld);
    tool(&folder, TOOLS[2], &words("-O binary -j .text a.out a.bin"));
    let bytes = std::fs::read(folder.join("a.bin")).expect("objcopy wrote it");
    std::fs::remove_dir_all(&folder).expect("removed");
    let theirs = bytes.chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().expect("four bytes")));
    let theirs: Vec<u32> = theirs.collect();
    assert_eq!(theirs.len(), expected.len(), "no veneers were needed");
    for (index, (ours, theirs)) in expected.iter().zip(theirs).enumerate() {
        assert_eq!(*ours, theirs, "case {index}: {ours:#010x}, ld says {theirs:#010x}");
    }
}
