//! One hole: the bytes that a relocation of some kind has at some place for some address. Pure functions of
//! numbers, so that every kind can be tested on every machine.
//!
//! ```text
//!  b, bl  | op   | imm26: distance / 4                                    |
//!  adrp   |1|immlo|1 0 0 0 0| immhi: distance in pages of 4 KiB    |  Rd  |
//!  add    |  op  | shift 0 | imm12: low bits            |  Rn    |  Rd    |
//!  ldr    |  op  |           imm12: low bits / 8        |  Rn    |  Rt    |
//! ```
//! Sources: "ELF for the x86-64", table of relocation types; "ELF for the Arm 64-bit Architecture", 5.7 (the checks
//! too: a call reaches 2^27 bytes both ways, `adrp` 2^32); Arm ARM C6.2 for the fields.

use pyexec_codegen::RelocKind;

/// Why a field cannot hold what it should.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unfit {
    /// The address is too far from the place.
    TooFar,
    /// The address is not a multiple of what the field counts in.
    Misaligned,
    /// No field of code in memory: data of threads.
    Kind,
}

/// Writes the field of `kind` that lies at address `place`, so that it refers to address `target`: of the symbol
/// with addend, of the way station, or of the cell with the symbol's address, whichever the kind wants.
pub(crate) fn write(kind: RelocKind, field: &mut [u8], place: u64, target: u64) -> Result<(), Unfit> {
    let distance = target.wrapping_sub(place) as i64;
    match kind {
        RelocKind::Abs64 => field.copy_from_slice(&target.to_le_bytes()),
        RelocKind::X86PcRel32 | RelocKind::X86Call | RelocKind::X86GotPcRel => {
            let distance = i32::try_from(distance).map_err(|_| Unfit::TooFar)?;
            field.copy_from_slice(&distance.to_le_bytes());
        }
        RelocKind::A64Call => insert(field, 0, 26, signed(scaled(distance, 2)?, 26)?),
        RelocKind::A64Page | RelocKind::A64GotPage => {
            let pages = signed((target >> 12).wrapping_sub(place >> 12) as i64, 21)?;
            insert(field, 29, 2, pages);
            insert(field, 5, 19, pages >> 2);
        }
        RelocKind::A64AddLow12 => insert(field, 10, 12, low12(target) as u32),
        RelocKind::A64GotLow12 => insert(field, 10, 12, scaled(low12(target), 3)? as u32),
        RelocKind::X86TlsGd
        | RelocKind::A64TlsPage
        | RelocKind::A64TlsLoadLow12
        | RelocKind::A64TlsAddLow12
        | RelocKind::A64TlsCall
        | RelocKind::A64TlvPage
        | RelocKind::A64TlvLow12
        | RelocKind::A64SecRelHigh12
        | RelocKind::A64SecRelLow12 => return Err(Unfit::Kind),
    }
    Ok(())
}

fn low12(address: u64) -> i64 {
    (address & 0xfff) as i64
}

/// A number in units of 2^`log2`.
fn scaled(number: i64, log2: u32) -> Result<i64, Unfit> {
    if number.trailing_zeros() >= log2 { Ok(number >> log2) } else { Err(Unfit::Misaligned) }
}

/// A number as `bits` bits in two's complement.
fn signed(number: i64, bits: u32) -> Result<u32, Unfit> {
    let limit = 1i64 << (bits - 1);
    if (-limit..limit).contains(&number) { Ok(number as u32) } else { Err(Unfit::TooFar) }
}

/// Replaces `len` bits of a little-endian instruction word from bit `at` on by the low bits of `value`.
fn insert(field: &mut [u8], at: u32, len: u32, value: u32) {
    let mask = ((1u32 << len) - 1) << at;
    let word = field.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    field.copy_from_slice(&(word & !mask | value << at & mask).to_le_bytes());
}
