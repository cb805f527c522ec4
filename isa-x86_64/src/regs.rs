//! The register files: numbering as the hardware encodes it, names by width, and who may be allocated.
//!
//! Intel SDM vol. 1, 3.4.1 (general-purpose registers) and 10.2.2 (XMM registers).
//! Frames are addressed from rsp and have a fixed size, so rbp is an ordinary callee-saved register.

use crate::inst::Width;
use pyexec_codegen::Reg;
use pyexec_regalloc::{PReg, PRegSet, RegClass};

macro_rules! registers {
    ($class:ident: $($name:ident = $number:literal),* $(,)?) => {
        $(#[doc = concat!("Hardware number ", stringify!($number), ".")]
        pub const $name: PReg = PReg::new($number, RegClass::$class);)*
    };
}

registers! { Int: RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7 }
registers! { Int: R8 = 8, R9 = 9, R10 = 10, R11 = 11, R12 = 12, R13 = 13, R14 = 14, R15 = 15 }
registers! { Float: XMM0 = 0, XMM1 = 1, XMM2 = 2, XMM3 = 3, XMM4 = 4, XMM5 = 5, XMM6 = 6, XMM7 = 7 }
registers! { Float: XMM8 = 8, XMM9 = 9, XMM10 = 10, XMM11 = 11, XMM12 = 12, XMM13 = 13, XMM14 = 14, XMM15 = 15 }

/// The stack pointer as an operand: never allocated.
pub const RSP_REG: Reg = Reg::from_preg(RSP);

/// xmm0 and following, for ABI tables.
pub const fn xmm(number: u8) -> PReg {
    PReg::new(number, RegClass::Float)
}

/// Caller-saved integer registers in the order the allocator should prefer them: those without a REX
/// prefix first, rcx and rdx late because shifts and divisions pin them.
pub const CALLER_SAVED_INT: [PReg; 9] = [RAX, RSI, RDI, RCX, RDX, R8, R9, R10, R11];

/// Callee-saved integer registers, those without a REX prefix first (psABI 3.2.1, figure 3.4).
pub const CALLEE_SAVED_INT: [PReg; 6] = [RBX, RBP, R14, R15, R12, R13];

/// Every callee-saved register: none of the xmm registers is.
pub const CALLEE_SAVED: PRegSet = PRegSet::EMPTY.with(RBX).with(RBP).with(R12).with(R13).with(R14).with(R15);

/// All caller-saved registers: what an unknown callee may change.
pub const fn caller_saved() -> PRegSet {
    let mut set = PRegSet::EMPTY;
    let mut i = 0;
    while i < CALLER_SAVED_INT.len() {
        set = set.with(CALLER_SAVED_INT[i]);
        i += 1;
    }
    let mut n = 0;
    while n < 16 {
        set = set.with(xmm(n));
        n += 1;
    }
    set
}

const NAMES_64: [&str; 16] = [
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
    "r15",
];
const NAMES_32: [&str; 16] = [
    "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "r8d", "r9d", "r10d", "r11d", "r12d", "r13d",
    "r14d", "r15d",
];
const NAMES_16: [&str; 16] = [
    "ax", "cx", "dx", "bx", "sp", "bp", "si", "di", "r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w",
    "r15w",
];
const NAMES_8: [&str; 16] = [
    "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", "r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b",
    "r15b",
];
const NAMES_XMM: [&str; 16] = [
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
    "xmm12", "xmm13", "xmm14", "xmm15",
];

/// The name of a register at a width; xmm registers have one name.
pub fn name(reg: PReg, width: Width) -> &'static str {
    let number = reg.number() as usize & 15;
    match (reg.class(), width) {
        (RegClass::Float, _) => NAMES_XMM[number],
        (RegClass::Int, Width::B8) => NAMES_8[number],
        (RegClass::Int, Width::B16) => NAMES_16[number],
        (RegClass::Int, Width::B32) => NAMES_32[number],
        (RegClass::Int, Width::B64) => NAMES_64[number],
    }
}

/// Whether a (lower-case) word names a general register at some width.
pub fn is_register_name(word: &str) -> bool {
    [NAMES_64, NAMES_32, NAMES_16, NAMES_8].iter().any(|names| names.contains(&word))
}
