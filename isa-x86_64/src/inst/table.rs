//! The machine instructions: one table, one row a form, in the columns of the manual.
//!
//! Intel SDM vol. 2 (325383), chapters 3 to 5; each row is one line of an instruction's opcode table.
//! From the row come the encoder, the operand roles that register allocation sees, the printer and
//! the round-trip fuzz. To add an instruction, add a row; nothing else knows the list.
//!
//! Columns:
//! * `en`: the manual's "Op/En": which operand sits in ModRM.reg, ModRM.rm, the opcode, VEX.vvvv.
//! * `width`: the operand widths that exist. 16 bits add prefix 66, 64 bits REX.W, 8 bits clear bit 0
//!   of the opcode. `X`: no width (SSE); `N`: 64 bits without REX.W.
//! * `pfx`, `map`, `opcode`, `/n`: mandatory prefix, opcode map, opcode byte, ModRM.reg extension.
//! * `reg`, `rm`: class and role of the two ModRM operands. Class: `G` general of the row's width, `B` byte,
//!   `H` 16-bit, `L` 32-bit; `X` xmm, of which a memory operand is 16 bytes, `S` 4 bytes, `D` 8 bytes.
//!   Role: `r` read, `w` written, `m` modified (two-address), `a` memory only.
//! * `fixed`: operands that the hardware pins to a register (see [`Fixed`]).
//! * `imm`: the immediate. `eflags`: what happens to the status flags. `cpu`: what the CPU must have.

use super::Width;

/// Operand encoding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum En {
    /// reg <- reg op rm.
    Rm,
    /// rm <- rm op reg.
    Mr,
    /// rm with an immediate.
    Mi,
    /// rm alone.
    M,
    /// reg <- rm op immediate.
    Rmi,
    /// rm <- rm, reg, immediate.
    Mri,
    /// The register in the low opcode bits.
    O,
    /// The register in the low opcode bits, and an immediate as wide as the operand.
    Oi,
    /// No explicit operand. A digit stands in a ModRM byte of its own.
    Zo,
    /// An immediate alone.
    I,
    /// A 32-bit displacement from the end of the instruction.
    D,
    /// VEX: reg, vvvv, rm.
    Rvm,
    /// VEX: reg, rm, vvvv.
    Rmv,
}

/// Mandatory prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pfx {
    /// None.
    Np = 0,
    /// 66.
    P66 = 1,
    /// F3.
    F3 = 2,
    /// F2.
    F2 = 3,
    /// F0: the instruction holds its memory against all other processors (SDM vol. 3, 9.1).
    Lock = 4,
}

/// Opcode map: the escape bytes before the opcode; `V..` are VEX-encoded (128-bit, W by width).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Map {
    /// One-byte opcodes.
    M0,
    /// 0F.
    M0f,
    /// 0F 38.
    M38,
    /// 0F 3A.
    M3a,
    /// VEX, map 0F 38.
    V38,
    /// VEX, map 0F 3A.
    V3a,
}

/// Class and role of an operand; the letters are explained at the top.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Slot {
    /// No operand.
    No,
    Gr,
    Gw,
    Gm,
    Ga,
    Br,
    Bw,
    Hr,
    Lr,
    Xr,
    Xw,
    Xm,
    Xa,
    Sr,
    Sa,
    Dr,
    Da,
}

impl Slot {
    /// Whether a register here is read.
    pub const fn reads(self) -> bool {
        use Slot::{Br, Dr, Gm, Gr, Hr, Lr, Sr, Xm, Xr};
        matches!(self, Gr | Gm | Br | Hr | Lr | Xr | Xm | Sr | Dr)
    }
    /// Whether a register here is written.
    pub const fn writes(self) -> bool {
        matches!(self, Slot::Gw | Slot::Gm | Slot::Bw | Slot::Xw | Slot::Xm)
    }
    /// Whether the operand must be memory.
    pub const fn memory_only(self) -> bool {
        matches!(self, Slot::Ga | Slot::Xa | Slot::Sa | Slot::Da)
    }
    /// Whether it is an xmm register (or its memory).
    pub const fn is_xmm(self) -> bool {
        use Slot::{Da, Dr, Sa, Sr, Xa, Xm, Xr, Xw};
        matches!(self, Xr | Xw | Xm | Xa | Sr | Sa | Dr | Da)
    }
    /// The width of a general register here, where the row's is `width`.
    pub const fn width(self, width: Width) -> Width {
        match self {
            Slot::Br | Slot::Bw => Width::B8,
            Slot::Hr => Width::B16,
            Slot::Lr => Width::B32,
            _ => width,
        }
    }
    /// How many bytes a memory operand here has.
    pub const fn memory_bytes(self, width: Width) -> u32 {
        match self {
            Slot::Sr | Slot::Sa => 4,
            Slot::Dr | Slot::Da => 8,
            Slot::Xr | Slot::Xw | Slot::Xm | Slot::Xa => 16,
            other => other.width(width).bytes(),
        }
    }
}

/// Operands pinned by the hardware, in the fields of [`MInst`](super::MInst).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fixed {
    /// None.
    No,
    /// `src` is rcx (cl): the shift count. For `Mr` rows, `src2`.
    Cl,
    /// `src` rax; `dst` rax and `dst2` rdx: the double-width product.
    Mul,
    /// `src` rax, `src2` rdx; `dst` rax (quotient), `dst2` rdx (remainder).
    Div,
    /// `src` rax; `dst` rdx: sign extension.
    Ext,
    /// `src2` rax; `dst` rax: what is compared with memory, and what memory held.
    Cas,
}

/// The immediate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Imm {
    /// None.
    No,
    /// As wide as the operand, 32 bits sign-extended at most; a signed byte where that fits (83, 6B, 6A).
    Iz,
    /// As wide as the operand, no byte form (C7, F7).
    If,
    /// One byte.
    Ib,
    /// One byte; 1 has its own opcode (D1).
    Sh,
    /// A condition code, in the low opcode bits.
    Cc,
}

/// Status flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fl {
    /// Neither read nor written.
    No,
    /// Written (or left undefined).
    W,
    /// Read.
    R,
    /// Read, then written.
    Rw,
}

/// What the CPU must have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cpu {
    /// x86-64 baseline: SSE2.
    Base,
    /// CPUID.1:ECX.19.
    Sse41,
    /// CPUID.1:ECX.23.
    Popcnt,
    /// CPUID.80000001H:ECX.5.
    Lzcnt,
    /// CPUID.7:EBX.3.
    Bmi1,
    /// CPUID.7:EBX.8.
    Bmi2,
    /// CPUID.1:ECX.12.
    Fma,
}

/// The widths a row has, as a bit set by [`Width`]; 0 where width does not apply.
pub mod widths {
    #![allow(missing_docs)]
    pub const BWDQ: u8 = 0b1111;
    pub const WDQ: u8 = 0b1110;
    pub const DQ: u8 = 0b1100;
    pub const D: u8 = 0b0100;
    pub const Q: u8 = 0b1000;
    pub const X: u8 = 0;
    /// 64 bits by default.
    pub const N: u8 = 0b1_0000;
}

/// One row.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Row {
    pub op: Op,
    pub mnemonic: &'static str,
    pub en: En,
    pub widths: u8,
    pub pfx: Pfx,
    pub map: Map,
    pub opcode: u8,
    pub digit: u8,
    pub reg: Slot,
    pub rm: Slot,
    pub fixed: Fixed,
    pub imm: Imm,
    pub flags: Fl,
    pub cpu: Cpu,
}

impl Row {
    /// Whether the row exists at this width.
    pub const fn has_width(&self, width: Width) -> bool {
        match self.widths {
            widths::X | widths::N => matches!(width, Width::B64),
            set => set >> (width as u8) & 1 == 1,
        }
    }
}

macro_rules! rows {
    ($($op:ident $mn:literal $en:ident $w:ident $pfx:ident $map:ident $opc:literal $digit:literal
       $reg:ident $rm:ident $fixed:ident $imm:ident $fl:ident $cpu:ident;)*) => {
        /// A form of a machine instruction: an index into [`ROWS`].
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum Op { $($op,)* }

        /// The table.
        pub static ROWS: &[Row] = &[$(Row {
            op: Op::$op, mnemonic: $mn, en: En::$en, widths: widths::$w, pfx: Pfx::$pfx, map: Map::$map,
            opcode: $opc, digit: $digit, reg: Slot::$reg, rm: Slot::$rm, fixed: Fixed::$fixed,
            imm: Imm::$imm, flags: Fl::$fl, cpu: Cpu::$cpu,
        },)*];
    };
}

impl Op {
    /// The row of this form.
    #[inline]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

#[rustfmt::skip]
rows! {
//  op          mnemonic      en  width pfx  map  opc   n  reg rm  fix  imm fl  cpu
    // Integer arithmetic. SDM: ADD OR ADC SBB AND SUB XOR CMP TEST
    AddRm       "add"         Rm  BWDQ  Np   M0   0x03  0  Gm  Gr  No   No  W   Base;
    AddMr       "add"         Mr  BWDQ  Np   M0   0x01  0  Gr  Gm  No   No  W   Base;
    AddMi       "add"         Mi  BWDQ  Np   M0   0x81  0  No  Gm  No   Iz  W   Base;
    OrRm        "or"          Rm  BWDQ  Np   M0   0x0b  0  Gm  Gr  No   No  W   Base;
    OrMr        "or"          Mr  BWDQ  Np   M0   0x09  0  Gr  Gm  No   No  W   Base;
    OrMi        "or"          Mi  BWDQ  Np   M0   0x81  1  No  Gm  No   Iz  W   Base;
    AdcRm       "adc"         Rm  BWDQ  Np   M0   0x13  0  Gm  Gr  No   No  Rw  Base;
    AdcMr       "adc"         Mr  BWDQ  Np   M0   0x11  0  Gr  Gm  No   No  Rw  Base;
    AdcMi       "adc"         Mi  BWDQ  Np   M0   0x81  2  No  Gm  No   Iz  Rw  Base;
    SbbRm       "sbb"         Rm  BWDQ  Np   M0   0x1b  0  Gm  Gr  No   No  Rw  Base;
    SbbMr       "sbb"         Mr  BWDQ  Np   M0   0x19  0  Gr  Gm  No   No  Rw  Base;
    SbbMi       "sbb"         Mi  BWDQ  Np   M0   0x81  3  No  Gm  No   Iz  Rw  Base;
    AndRm       "and"         Rm  BWDQ  Np   M0   0x23  0  Gm  Gr  No   No  W   Base;
    AndMr       "and"         Mr  BWDQ  Np   M0   0x21  0  Gr  Gm  No   No  W   Base;
    AndMi       "and"         Mi  BWDQ  Np   M0   0x81  4  No  Gm  No   Iz  W   Base;
    SubRm       "sub"         Rm  BWDQ  Np   M0   0x2b  0  Gm  Gr  No   No  W   Base;
    SubMr       "sub"         Mr  BWDQ  Np   M0   0x29  0  Gr  Gm  No   No  W   Base;
    SubMi       "sub"         Mi  BWDQ  Np   M0   0x81  5  No  Gm  No   Iz  W   Base;
    XorRm       "xor"         Rm  BWDQ  Np   M0   0x33  0  Gm  Gr  No   No  W   Base;
    XorMr       "xor"         Mr  BWDQ  Np   M0   0x31  0  Gr  Gm  No   No  W   Base;
    XorMi       "xor"         Mi  BWDQ  Np   M0   0x81  6  No  Gm  No   Iz  W   Base;
    CmpRm       "cmp"         Rm  BWDQ  Np   M0   0x3b  0  Gr  Gr  No   No  W   Base;
    CmpMr       "cmp"         Mr  BWDQ  Np   M0   0x39  0  Gr  Gr  No   No  W   Base;
    CmpMi       "cmp"         Mi  BWDQ  Np   M0   0x81  7  No  Gr  No   Iz  W   Base;
    TestMr      "test"        Mr  BWDQ  Np   M0   0x85  0  Gr  Gr  No   No  W   Base;
    TestMi      "test"        Mi  BWDQ  Np   M0   0xf7  0  No  Gr  No   If  W   Base;
    Not         "not"         M   BWDQ  Np   M0   0xf7  2  No  Gm  No   No  No  Base;
    Neg         "neg"         M   BWDQ  Np   M0   0xf7  3  No  Gm  No   No  W   Base;
    Inc         "inc"         M   BWDQ  Np   M0   0xff  0  No  Gm  No   No  W   Base;
    Dec         "dec"         M   BWDQ  Np   M0   0xff  1  No  Gm  No   No  W   Base;
    // SDM: MUL IMUL DIV IDIV CWD/CDQ/CQO
    ImulRm      "imul"        Rm  WDQ   Np   M0f  0xaf  0  Gm  Gr  No   No  W   Base;
    ImulRmi     "imul"        Rmi WDQ   Np   M0   0x69  0  Gw  Gr  No   Iz  W   Base;
    Mul         "mul"         M   WDQ   Np   M0   0xf7  4  No  Gr  Mul  No  W   Base;
    Imul        "imul"        M   WDQ   Np   M0   0xf7  5  No  Gr  Mul  No  W   Base;
    Div         "div"         M   WDQ   Np   M0   0xf7  6  No  Gr  Div  No  W   Base;
    Idiv        "idiv"        M   WDQ   Np   M0   0xf7  7  No  Gr  Div  No  W   Base;
    SignExtend  "c"           Zo  WDQ   Np   M0   0x99  0  No  No  Ext  No  No  Base;
    // SDM: SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD, SARX/SHLX/SHRX, RORX, ANDN
    RolMi       "rol"         Mi  BWDQ  Np   M0   0xc1  0  No  Gm  No   Sh  W   Base;
    RorMi       "ror"         Mi  BWDQ  Np   M0   0xc1  1  No  Gm  No   Sh  W   Base;
    ShlMi       "shl"         Mi  BWDQ  Np   M0   0xc1  4  No  Gm  No   Sh  W   Base;
    ShrMi       "shr"         Mi  BWDQ  Np   M0   0xc1  5  No  Gm  No   Sh  W   Base;
    SarMi       "sar"         Mi  BWDQ  Np   M0   0xc1  7  No  Gm  No   Sh  W   Base;
    RolMc       "rol"         M   BWDQ  Np   M0   0xd3  0  No  Gm  Cl   No  W   Base;
    RorMc       "ror"         M   BWDQ  Np   M0   0xd3  1  No  Gm  Cl   No  W   Base;
    ShlMc       "shl"         M   BWDQ  Np   M0   0xd3  4  No  Gm  Cl   No  W   Base;
    ShrMc       "shr"         M   BWDQ  Np   M0   0xd3  5  No  Gm  Cl   No  W   Base;
    SarMc       "sar"         M   BWDQ  Np   M0   0xd3  7  No  Gm  Cl   No  W   Base;
    ShldMri     "shld"        Mri DQ    Np   M0f  0xa4  0  Gr  Gm  No   Ib  W   Base;
    ShrdMri     "shrd"        Mri DQ    Np   M0f  0xac  0  Gr  Gm  No   Ib  W   Base;
    ShldMrc     "shld"        Mr  DQ    Np   M0f  0xa5  0  Gr  Gm  Cl   No  W   Base;
    ShrdMrc     "shrd"        Mr  DQ    Np   M0f  0xad  0  Gr  Gm  Cl   No  W   Base;
    Shlx        "shlx"        Rmv DQ    P66  V38  0xf7  0  Gw  Gr  No   No  No  Bmi2;
    Sarx        "sarx"        Rmv DQ    F3   V38  0xf7  0  Gw  Gr  No   No  No  Bmi2;
    Shrx        "shrx"        Rmv DQ    F2   V38  0xf7  0  Gw  Gr  No   No  No  Bmi2;
    Rorx        "rorx"        Rmi DQ    F2   V3a  0xf0  0  Gw  Gr  No   Ib  No  Bmi2;
    Andn        "andn"        Rvm DQ    Np   V38  0xf2  0  Gw  Gr  No   No  W   Bmi1;
    // SDM: BT BSF BSR TZCNT LZCNT POPCNT BSWAP
    BtMr        "bt"          Mr  WDQ   Np   M0f  0xa3  0  Gr  Gr  No   No  W   Base;
    BtMi        "bt"          Mi  WDQ   Np   M0f  0xba  4  No  Gr  No   Ib  W   Base;
    Bsf         "bsf"         Rm  WDQ   Np   M0f  0xbc  0  Gm  Gr  No   No  W   Base;
    Bsr         "bsr"         Rm  WDQ   Np   M0f  0xbd  0  Gm  Gr  No   No  W   Base;
    Tzcnt       "tzcnt"       Rm  WDQ   F3   M0f  0xbc  0  Gw  Gr  No   No  W   Bmi1;
    Lzcnt       "lzcnt"       Rm  WDQ   F3   M0f  0xbd  0  Gw  Gr  No   No  W   Lzcnt;
    Popcnt      "popcnt"      Rm  WDQ   F3   M0f  0xb8  0  Gw  Gr  No   No  W   Popcnt;
    Bswap       "bswap"       O   DQ    Np   M0f  0xc8  0  Gm  No  No   No  No  Base;
    // Moves. SDM: MOV MOVZX MOVSX/MOVSXD LEA XCHG CMOVcc SETcc PUSH POP
    MovRm       "mov"         Rm  BWDQ  Np   M0   0x8b  0  Gw  Gr  No   No  No  Base;
    MovMr       "mov"         Mr  BWDQ  Np   M0   0x89  0  Gr  Gw  No   No  No  Base;
    MovMi       "mov"         Mi  BWDQ  Np   M0   0xc7  0  No  Gw  No   If  No  Base;
    MovOi       "mov"         Oi  DQ    Np   M0   0xb8  0  Gw  No  No   If  No  Base;
    MovzxB      "movzx"       Rm  D     Np   M0f  0xb6  0  Gw  Br  No   No  No  Base;
    MovzxW      "movzx"       Rm  D     Np   M0f  0xb7  0  Gw  Hr  No   No  No  Base;
    MovsxB      "movsx"       Rm  WDQ   Np   M0f  0xbe  0  Gw  Br  No   No  No  Base;
    MovsxW      "movsx"       Rm  DQ    Np   M0f  0xbf  0  Gw  Hr  No   No  No  Base;
    Movsxd      "movsxd"      Rm  Q     Np   M0   0x63  0  Gw  Lr  No   No  No  Base;
    Lea         "lea"         Rm  DQ    Np   M0   0x8d  0  Gw  Ga  No   No  No  Base;
    XchgMr      "xchg"        Mr  BWDQ  Np   M0   0x87  0  Gm  Ga  No   No  No  Base;
    // Atomic. SDM: LOCK XADD CMPXCHG MFENCE; xchg with memory locks by itself
    LockAdd     "lock add"    Mr  BWDQ  Lock M0   0x01  0  Gr  Ga  No   No  W   Base;
    LockAddI    "lock add"    Mi  BWDQ  Lock M0   0x81  0  No  Ga  No   Iz  W   Base;
    LockOr      "lock or"     Mr  BWDQ  Lock M0   0x09  0  Gr  Ga  No   No  W   Base;
    LockOrI     "lock or"     Mi  BWDQ  Lock M0   0x81  1  No  Ga  No   Iz  W   Base;
    LockAnd     "lock and"    Mr  BWDQ  Lock M0   0x21  0  Gr  Ga  No   No  W   Base;
    LockAndI    "lock and"    Mi  BWDQ  Lock M0   0x81  4  No  Ga  No   Iz  W   Base;
    LockSub     "lock sub"    Mr  BWDQ  Lock M0   0x29  0  Gr  Ga  No   No  W   Base;
    LockSubI    "lock sub"    Mi  BWDQ  Lock M0   0x81  5  No  Ga  No   Iz  W   Base;
    LockXor     "lock xor"    Mr  BWDQ  Lock M0   0x31  0  Gr  Ga  No   No  W   Base;
    LockXorI    "lock xor"    Mi  BWDQ  Lock M0   0x81  6  No  Ga  No   Iz  W   Base;
    LockXadd    "lock xadd"   Mr  BWDQ  Lock M0f  0xc1  0  Gm  Ga  No   No  W   Base;
    LockCmpxchg "lock cmpxchg" Mr BWDQ  Lock M0f  0xb1  0  Gr  Ga  Cas  No  W   Base;
    Mfence      "mfence"      Zo  N     Np   M0f  0xae  6  No  No  No   No  No  Base;
    Cmov        "cmov"        Rm  WDQ   Np   M0f  0x40  0  Gm  Gr  No   Cc  R   Base;
    Set         "set"         M   X     Np   M0f  0x90  0  No  Bw  No   Cc  R   Base;
    Push        "push"        O   N     Np   M0   0x50  0  Gr  No  No   No  No  Base;
    Pop         "pop"         O   N     Np   M0   0x58  0  Gw  No  No   No  No  Base;
    PushI       "push"        I   N     Np   M0   0x68  0  No  No  No   Iz  No  Base;
    // Control. SDM: CALL JMP Jcc RET UD INT3 NOP
    CallD       "call"        D   N     Np   M0   0xe8  0  No  No  No   If  W   Base;
    CallM       "call"        M   N     Np   M0   0xff  2  No  Gr  No   No  W   Base;
    JmpD        "jmp"         D   N     Np   M0   0xe9  0  No  No  No   If  No  Base;
    JmpM        "jmp"         M   N     Np   M0   0xff  4  No  Gr  No   No  No  Base;
    Ret         "ret"         Zo  N     Np   M0   0xc3  0  No  No  No   No  No  Base;
    Ud2         "ud2"         Zo  N     Np   M0f  0x0b  0  No  No  No   No  No  Base;
    Int3        "int3"        Zo  N     Np   M0   0xcc  0  No  No  No   No  No  Base;
    Nop         "nop"         Zo  N     Np   M0   0x90  0  No  No  No   No  No  Base;
    // SSE moves. SDM: MOVSS MOVSD MOVAPS MOVUPS MOVD/MOVQ
    MovssLoad   "movss"       Rm  X     F3   M0f  0x10  0  Xw  Sa  No   No  No  Base;
    MovssStore  "movss"       Mr  X     F3   M0f  0x11  0  Xr  Sa  No   No  No  Base;
    MovsdLoad   "movsd"       Rm  X     F2   M0f  0x10  0  Xw  Da  No   No  No  Base;
    MovsdStore  "movsd"       Mr  X     F2   M0f  0x11  0  Xr  Da  No   No  No  Base;
    Movaps      "movaps"      Rm  X     Np   M0f  0x28  0  Xw  Xr  No   No  No  Base;
    MovapsStore "movaps"      Mr  X     Np   M0f  0x29  0  Xr  Xa  No   No  No  Base;
    Movups      "movups"      Rm  X     Np   M0f  0x10  0  Xw  Xa  No   No  No  Base;
    MovupsStore "movups"      Mr  X     Np   M0f  0x11  0  Xr  Xa  No   No  No  Base;
    MovToX      "mov"         Rm  DQ    P66  M0f  0x6e  0  Xw  Gr  No   No  No  Base;
    MovFromX    "mov"         Mr  DQ    P66  M0f  0x7e  0  Xr  Gw  No   No  No  Base;
    // SSE arithmetic. The unwritten lanes of the result come from the old value: modified, not written.
    Addss       "addss"       Rm  X     F3   M0f  0x58  0  Xm  Sr  No   No  No  Base;
    Addsd       "addsd"       Rm  X     F2   M0f  0x58  0  Xm  Dr  No   No  No  Base;
    Mulss       "mulss"       Rm  X     F3   M0f  0x59  0  Xm  Sr  No   No  No  Base;
    Mulsd       "mulsd"       Rm  X     F2   M0f  0x59  0  Xm  Dr  No   No  No  Base;
    Subss       "subss"       Rm  X     F3   M0f  0x5c  0  Xm  Sr  No   No  No  Base;
    Subsd       "subsd"       Rm  X     F2   M0f  0x5c  0  Xm  Dr  No   No  No  Base;
    Minss       "minss"       Rm  X     F3   M0f  0x5d  0  Xm  Sr  No   No  No  Base;
    Minsd       "minsd"       Rm  X     F2   M0f  0x5d  0  Xm  Dr  No   No  No  Base;
    Divss       "divss"       Rm  X     F3   M0f  0x5e  0  Xm  Sr  No   No  No  Base;
    Divsd       "divsd"       Rm  X     F2   M0f  0x5e  0  Xm  Dr  No   No  No  Base;
    Maxss       "maxss"       Rm  X     F3   M0f  0x5f  0  Xm  Sr  No   No  No  Base;
    Maxsd       "maxsd"       Rm  X     F2   M0f  0x5f  0  Xm  Dr  No   No  No  Base;
    Sqrtss      "sqrtss"      Rm  X     F3   M0f  0x51  0  Xm  Sr  No   No  No  Base;
    Sqrtsd      "sqrtsd"      Rm  X     F2   M0f  0x51  0  Xm  Dr  No   No  No  Base;
    Cmpss       "cmpss"       Rmi X     F3   M0f  0xc2  0  Xm  Sr  No   Ib  No  Base;
    Cmpsd       "cmpsd"       Rmi X     F2   M0f  0xc2  0  Xm  Dr  No   Ib  No  Base;
    Ucomiss     "ucomiss"     Rm  X     Np   M0f  0x2e  0  Xr  Sr  No   No  W   Base;
    Ucomisd     "ucomisd"     Rm  X     P66  M0f  0x2e  0  Xr  Dr  No   No  W   Base;
    Roundss     "roundss"     Rmi X     P66  M3a  0x0a  0  Xm  Sr  No   Ib  No  Sse41;
    Roundsd     "roundsd"     Rmi X     P66  M3a  0x0b  0  Xm  Dr  No   Ib  No  Sse41;
    Fmaddss     "vfmadd231ss" Rvm D     P66  V38  0xb9  0  Xm  Sr  No   No  No  Fma;
    Fmaddsd     "vfmadd231sd" Rvm Q     P66  V38  0xb9  0  Xm  Dr  No   No  No  Fma;
    // SSE conversions. SDM: CVTSI2SS CVTSI2SD CVTTSS2SI CVTTSD2SI CVTSS2SD CVTSD2SS
    Cvtsi2ss    "cvtsi2ss"    Rm  DQ    F3   M0f  0x2a  0  Xm  Gr  No   No  No  Base;
    Cvtsi2sd    "cvtsi2sd"    Rm  DQ    F2   M0f  0x2a  0  Xm  Gr  No   No  No  Base;
    Cvttss2si   "cvttss2si"   Rm  DQ    F3   M0f  0x2c  0  Gw  Sr  No   No  No  Base;
    Cvttsd2si   "cvttsd2si"   Rm  DQ    F2   M0f  0x2c  0  Gw  Dr  No   No  No  Base;
    Cvtss2sd    "cvtss2sd"    Rm  X     F3   M0f  0x5a  0  Xm  Sr  No   No  No  Base;
    Cvtsd2ss    "cvtsd2ss"    Rm  X     F2   M0f  0x5a  0  Xm  Dr  No   No  No  Base;
    // SSE bits: memory operands are 16 bytes, aligned.
    Andps       "andps"       Rm  X     Np   M0f  0x54  0  Xm  Xr  No   No  No  Base;
    Andnps      "andnps"      Rm  X     Np   M0f  0x55  0  Xm  Xr  No   No  No  Base;
    Orps        "orps"        Rm  X     Np   M0f  0x56  0  Xm  Xr  No   No  No  Base;
    Xorps       "xorps"       Rm  X     Np   M0f  0x57  0  Xm  Xr  No   No  No  Base;
    Andpd       "andpd"       Rm  X     P66  M0f  0x54  0  Xm  Xr  No   No  No  Base;
    Andnpd      "andnpd"      Rm  X     P66  M0f  0x55  0  Xm  Xr  No   No  No  Base;
    Orpd        "orpd"        Rm  X     P66  M0f  0x56  0  Xm  Xr  No   No  No  Base;
    Xorpd       "xorpd"       Rm  X     P66  M0f  0x57  0  Xm  Xr  No   No  No  Base;
    Pxor        "pxor"        Rm  X     P66  M0f  0xef  0  Xm  Xr  No   No  No  Base;
}
