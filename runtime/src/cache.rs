//! Instructions that were written as data: when the processor sees them.
//!
//! x86-64 keeps its caches coherent. AArch64 does not: written lines have to be cleaned to where both caches meet,
//! what the instruction cache has of them thrown away, and each processor that runs them must drop what it has
//! fetched ahead (Arm ARM B2.4.4; the sequence is that of K13.5.2). A JIT elsewhere than Linux would call the
//! system instead.

use std::ops::Range;

/// Makes what was written to these addresses visible to instruction fetch, on every processor of this process. A
/// thread that runs it for the first time calls [`synchronize`] before.
#[cfg(target_arch = "aarch64")]
pub(crate) fn publish(addresses: Range<u64>) {
    let kind: u64;
    // SAFETY: a read of the cache type register, which Linux allows to programs or emulates.
    unsafe { std::arch::asm!("mrs {}, ctr_el0", out(reg) kind, options(nomem, nostack, preserves_flags)) };
    let sizes = line_sizes(kind);
    // SAFETY: maintenance by address of mapped, readable memory changes no data.
    unsafe {
        for line in lines(&addresses, sizes.data) {
            std::arch::asm!("dc cvau, {}", in(reg) line, options(nostack, preserves_flags));
        }
        std::arch::asm!("dsb ish", options(nostack, preserves_flags));
        for line in lines(&addresses, sizes.instructions) {
            std::arch::asm!("ic ivau, {}", in(reg) line, options(nostack, preserves_flags));
        }
        std::arch::asm!("dsb ish", options(nostack, preserves_flags));
    }
    synchronize();
}

/// Makes what was written to these addresses visible to instruction fetch: it already is.
#[cfg(not(target_arch = "aarch64"))]
pub(crate) fn publish(_addresses: Range<u64>) {}

/// Makes this processor forget what it fetched before other processors published code.
#[inline]
pub(crate) fn synchronize() {
    #[cfg(target_arch = "aarch64")]
    // SAFETY: refetches instructions, and does nothing else.
    unsafe {
        std::arch::asm!("isb", options(nostack, preserves_flags))
    };
}

/// Bytes of the smallest cache lines of this machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg(any(test, target_arch = "aarch64"))]
struct LineSizes {
    data: u64,
    instructions: u64,
}

/// What CTR_EL0 says (Arm ARM D24.2.34): DminLine in bits 19:16, IminLine in 3:0, logarithms of 4-byte words.
#[cfg(any(test, target_arch = "aarch64"))]
fn line_sizes(ctr: u64) -> LineSizes {
    LineSizes { data: 4 << (ctr >> 16 & 15), instructions: 4 << (ctr & 15) }
}

/// The first address of every line that has any of these bytes.
#[cfg(any(test, target_arch = "aarch64"))]
fn lines(addresses: &Range<u64>, size: u64) -> impl Iterator<Item = u64> + use<> {
    let first = addresses.start & !(size - 1);
    (first..addresses.end).step_by(size as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_sizes_are_read_from_their_fields() {
        // Cortex-A72: 64 bytes both; Cortex-A53: the same by other bits; made up: 16 and 128.
        assert_eq!(line_sizes(0x8444_c004), LineSizes { data: 64, instructions: 64 });
        assert_eq!(line_sizes(0x8005_0002), LineSizes { data: 128, instructions: 16 });
    }

    #[test]
    fn every_touched_line_is_named_once() {
        let named = |from, to| lines(&(from..to), 64).collect::<Vec<_>>();
        assert_eq!(named(128, 256), [128, 192]);
        assert_eq!(named(191, 193), [128, 192]);
        assert_eq!(named(64, 64), [0; 0]);
    }
}
