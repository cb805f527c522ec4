//! Immediates with an encoding of their own: bit patterns, small floats, shifted twelve bits.
//!
//! ```text
//! N immr imms       element size    imms           a run of S+1 ones in each element, rotated right by R
//! 1 rrrrrr ssssss   64              Arm ARM, DecodeBitMasks (J1.3, shared/functions/vector)
//! 0 0rrrrr 0sssss   32
//! 0 00rrrr 10ssss   16  ...down to  0 00000r 11110s  for 2
//! ```

/// The field `N:immr:imms` of a bit pattern at this many bits (32 or 64), if it is one.
///
/// The pattern must be the repetition of an element of 2, 4, .. 64 bits that is a rotated run of ones.
pub fn encode_logical(value: u64, bits: u32) -> Option<u32> {
    let value = if bits == 32 { value & 0xffff_ffff | value << 32 } else { value };
    if value == 0 || value == u64::MAX {
        return None;
    }
    let mut size = 64;
    while size > 2 {
        let half = size / 2;
        let mask = (1u64 << half) - 1;
        if value & mask != value >> half & mask {
            break;
        }
        size = half;
    }
    let mask = u64::MAX >> (64 - size);
    let element = value & mask;
    let ones = element.count_ones();
    // Rotated left until the run begins at bit 0: by the zeros below it, or, if it wraps, past its upper part.
    let rotation = if element & 1 == 0 {
        element.trailing_zeros()
    } else {
        (size - (element << (64 - size)).leading_ones()) % size
    };
    let run = u64::MAX >> (64 - ones);
    if rotate_left(run, rotation, size) != element {
        return None;
    }
    let (n, immr) = (u32::from(size == 64), (size - rotation) % size);
    let imms = !(size * 2 - 1) & 0x3f | (ones - 1);
    Some(n << 12 | immr << 6 | imms)
}

fn rotate_left(element: u64, by: u32, size: u32) -> u64 {
    let mask = u64::MAX >> (64 - size);
    if by == 0 { element } else { (element << by | element >> (size - by)) & mask }
}

/// The pattern of a field `N:immr:imms`, as the manual's DecodeBitMasks computes it.
pub fn decode_logical(field: u32, bits: u32) -> Option<u64> {
    let (n, immr, imms) = (field >> 12 & 1, field >> 6 & 63, field & 63);
    if bits == 32 && n == 1 {
        return None;
    }
    // The highest set bit of N:NOT(imms) tells the element size.
    let selector = n << 6 | !imms & 63;
    let len = selector.checked_ilog2().filter(|len| *len >= 1)?;
    let size = 1u32 << len;
    let levels = size - 1;
    let (s, r) = (imms & levels, immr & levels);
    if s == levels {
        return None;
    }
    let run = u64::MAX >> (63 - s);
    let mask = u64::MAX >> (64 - size);
    let element = if r == 0 { run } else { (run >> r | run << (size - r)) & mask };
    let mut pattern = element;
    let mut filled = size;
    while filled < 64 {
        pattern |= pattern << filled;
        filled *= 2;
    }
    Some(if bits == 32 { pattern & 0xffff_ffff } else { pattern })
}

/// The 8 bits of a float (given as the bits of an `f64`): sign, 3 bits of exponent, 4 of fraction
/// (Arm ARM, VFPExpandImm). The same 256 numbers exist as singles and doubles.
pub fn encode_float(bits: u64) -> Option<u32> {
    let exponent = bits >> 54 & 0x1ff;
    // exponent = NOT(b) : b repeated 8 times : cd
    if bits & 0x0000_ffff_ffff_ffff != 0 || !matches!(exponent, 0x100 | 0x0ff) {
        return None;
    }
    Some(((bits >> 63) << 7 | (bits >> 48) & 0x7f) as u32)
}

/// The bits, as an `f64`, of an 8-bit float.
pub fn decode_float(field: u32) -> u64 {
    let field = u64::from(field);
    let exponent = if field & 0x40 == 0 { 0x100 } else { 0x0ff };
    (field >> 7 & 1) << 63 | exponent << 54 | (field & 0x3f) << 48
}

/// The field `sh:imm12` of a number below 2^12, or a multiple of 2^12 below 2^24.
pub fn encode_imm12(value: i64) -> Option<u32> {
    let value = u32::try_from(value).ok()?;
    match value {
        0..=0xfff => Some(value),
        _ if value & 0xfff == 0 && value < 1 << 24 => Some(1 << 12 | value >> 12),
        _ => None,
    }
}
