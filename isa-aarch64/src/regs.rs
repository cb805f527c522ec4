//! The register files: numbering as the hardware encodes it, names by width, and who may be allocated.
//!
//! Arm ARM (DDI 0487) B1.2.1; roles by AAPCS64 (IHI 0055) 6.1.1 and 6.1.2. Register number 31 is the
//! zero register or the stack pointer, by instruction; here they are two registers, so that nobody
//! mistakes one for the other.
//!
//! ```text
//! x0..x15   caller-saved, allocated        v0..v7, v16..v30   caller-saved, allocated
//! x16 x17   ours within one expansion      v8..v15            callee-saved (low halves), allocated
//! x18       the platform's                 v31                the allocator's for moves
//! x19..x28  callee-saved, allocated
//! x29 x30   frame record
//! ```

use crate::inst::Width;
use pyexec_codegen::Reg;
use pyexec_regalloc::{PReg, PRegSet, RegClass};

/// x0 and following, for ABI tables.
pub const fn x(number: u8) -> PReg {
    PReg::new(number, RegClass::Int)
}
/// v0 and following, for ABI tables.
pub const fn v(number: u8) -> PReg {
    PReg::new(number, RegClass::Float)
}

/// Where the address of a result area travels.
pub const X8: PReg = x(8);
/// The callee of an indirect tail call: no argument register, not callee-saved.
pub const X15: PReg = x(15);
/// First intra-procedure-call scratch register: addresses that do not fit an instruction.
pub const IP0: PReg = x(16);
/// Second one: the allocator's moves, and second temporaries of expansions.
pub const IP1: PReg = x(17);
/// The frame pointer.
pub const FP: PReg = x(29);
/// The link register.
pub const LR: PReg = x(30);
/// The zero register.
pub const ZR: PReg = x(31);
/// The stack pointer: encoded as 31, where the instruction takes it.
pub const SP: PReg = x(32);

/// The zero register as an operand.
pub const ZR_REG: Reg = Reg::from_preg(ZR);
/// The stack pointer as an operand.
pub const SP_REG: Reg = Reg::from_preg(SP);
/// The first scratch register as an operand.
pub const IP0_REG: Reg = Reg::from_preg(IP0);
/// Windows' block of the thread; no one's elsewhere.
pub const PLATFORM_REG: Reg = Reg::from_preg(x(18));
/// The second scratch register as an operand.
pub const IP1_REG: Reg = Reg::from_preg(IP1);

const fn range(mut set: PRegSet, class: RegClass, from: u8, to: u8) -> PRegSet {
    let mut n = from;
    while n <= to {
        set = set.with(PReg::new(n, class));
        n += 1;
    }
    set
}

/// Caller-saved integer registers that are allocated.
pub const CALLER_SAVED_INT: PRegSet = range(PRegSet::EMPTY, RegClass::Int, 0, 15);
/// Callee-saved integer registers that are allocated.
pub const CALLEE_SAVED_INT: PRegSet = range(PRegSet::EMPTY, RegClass::Int, 19, 28);
/// Caller-saved float registers that are allocated.
pub const CALLER_SAVED_FLOAT: PRegSet =
    range(range(PRegSet::EMPTY, RegClass::Float, 0, 7), RegClass::Float, 16, 30);
/// Callee-saved float registers: their low 64 bits are, which is all that our values have.
pub const CALLEE_SAVED_FLOAT: PRegSet = range(PRegSet::EMPTY, RegClass::Float, 8, 15);
/// The float register of the allocator's moves.
pub const FLOAT_SCRATCH: PReg = v(31);

/// Every callee-saved register.
pub const CALLEE_SAVED: PRegSet = CALLEE_SAVED_INT.union(CALLEE_SAVED_FLOAT);
/// All caller-saved registers: what an unknown callee may change.
pub const CALLER_SAVED: PRegSet =
    CALLER_SAVED_INT.union(CALLER_SAVED_FLOAT).with(IP0).with(IP1).with(LR).with(FLOAT_SCRATCH);

/// The name of a general register at a width.
pub fn int_name(number: u8, width: Width) -> String {
    let wide = width == Width::W64;
    match number {
        31 => if wide { "xzr" } else { "wzr" }.to_string(),
        32 => if wide { "sp" } else { "wsp" }.to_string(),
        n => format!("{}{n}", if wide { 'x' } else { 'w' }),
    }
}

/// The name of a register at a width: `w3`, `x3`, `s3`, `d3`.
pub fn name(reg: PReg, width: Width) -> String {
    match (reg.class(), width) {
        (RegClass::Int, _) => int_name(reg.number(), width),
        (RegClass::Float, Width::W32) => format!("s{}", reg.number()),
        (RegClass::Float, Width::W64) => format!("d{}", reg.number()),
    }
}
