//! The machine instructions: one table, one row a form, in the terms of the manual.
//!
//! Arm Architecture Reference Manual for A-profile (DDI 0487), C4.1 (encoding index), C6.2 (base
//! instructions), C7.2 (floating point and SIMD); the section is the instruction's page. From the row
//! come the encoder, the decoder, the operand roles that register allocation sees, the printer and the
//! round-trip fuzz. To add an instruction, add a row; nothing else knows the list.
//!
//! Columns:
//! * the word with every field zero (and the narrow form of the width);
//! * `width`: which bits tell 32 from 64 (see [`Bits`]);
//! * `role` of the register in bits 0..4: `W` written, `R` read, `M` modified (tied to `ra`), `P` written
//!   together with `ra` (load pair), `N` none;
//! * the operands in the order in which assembly writes them (see [`Arg`]).

use std::sync::LazyLock;

/// What differs between the 32-bit and the 64-bit form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bits {
    /// There is one form.
    No,
    /// Bit 31 (sf) is set at 64 bits.
    Sf,
    /// Bits 31 (sf) and 22 (N) are set at 64 bits.
    SfN,
    /// Bit 22 (ftype) is set for doubles.
    Ft,
    /// Bit 30 (size) is set at 64 bits.
    Sz,
    /// Bit 22 (opc) is set at 32 bits: signed loads.
    Opc,
}

impl Bits {
    /// The bits of one form: `wide` for 64 bits.
    pub const fn word(self, wide: bool) -> u32 {
        match (self, wide) {
            (Bits::Sf, true) => 1 << 31,
            (Bits::SfN, true) => 1 << 31 | 1 << 22,
            (Bits::Ft, true) | (Bits::Opc, false) => 1 << 22,
            (Bits::Sz, true) => 1 << 30,
            _ => 0,
        }
    }
}

/// Role of the register in bits 0..4.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Written.
    W,
    /// Read.
    R,
    /// Read and written; before allocation the old value is in `ra`.
    M,
    /// Written, and so is `ra`.
    P,
    /// There is none.
    N,
    /// Read; the register in bits 16..20 is read and written, and before allocation its old value is in `ra`.
    C,
    /// Read; the register in bits 16..20 is written and shared with no operand.
    S,
}

/// One operand as assembly writes it, and where it sits in the word.
///
/// Names: `d n m a` are the register fields at bits 0, 5, 16, 10; the letter before says which registers:
/// `R` general of the row's width, `X` and `W` of a fixed one, `Rp` and `Xp` where 31 is the stack
/// pointer, `F` float of the row's width, `S D B` of a fixed one, `V` the eight bytes of a vector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Arg {
    Rd,
    Rn,
    Rm,
    Ra,
    Xd,
    Xn,
    Xm,
    Xa,
    Wd,
    Wn,
    Wm,
    RpD,
    RpN,
    Fd,
    Fn,
    Fm,
    Fa,
    Sd,
    Sn,
    Dd,
    Dn,
    Da,
    Bd,
    Vd,
    Vn,
    Vm,
    /// 12 bits, perhaps shifted left by 12.
    Imm12,
    /// A bit pattern that repeats (Arm ARM, DecodeBitMasks).
    Log,
    /// 16 bits and a shift by a multiple of 16.
    Mov16,
    /// The rotation of a bit-field move: `amt`.
    ImmR,
    /// The highest bit of a bit-field move, or the lowest of an extraction.
    ImmS,
    /// `m`, shifted by any kind.
    Log3,
    /// `m`, shifted by any kind but rotation.
    Ari2,
    /// `m`, extended and shifted left by up to 4.
    Ext,
    /// A condition at bits 12..15.
    Cond,
    /// A condition at bits 0..3; part of the mnemonic.
    CondB,
    /// Flags at bits 0..3: `amt`.
    Nzcv,
    /// 5 bits at 16..20.
    Imm5,
    /// 16 bits at 5..20.
    Imm16,
    /// 16 bits at 0..15.
    Imm16L,
    /// 7 bits at 5..11.
    Imm7,
    /// A float of 8 bits at 13..20.
    Float8,
    /// The constant zero.
    FZero,
    /// `#0` of movi.
    IZero,
    /// The thread pointer.
    Tpidr,
    /// `[n]`.
    At,
    /// The inner shareable domain: all processors that run threads of ours.
    Ish,
    /// `[n, #imm]`, unsigned, in units of this logarithm; 9 stands for 2 or 3 by the row's width.
    Mem(u8),
    /// `[n, #imm]`, signed bytes.
    Mem9,
    /// `[n, #imm]!`, signed bytes.
    Pre9,
    /// `[n], #imm`, signed bytes.
    Post9,
    /// `[n, m, extend #s]`: the index may be scaled by this logarithm.
    MemX(u8),
    /// `[n, #imm]` of a pair of 8 bytes.
    MemP,
    /// `[n, #imm]!` of a pair of 8 bytes.
    PreP,
    /// `[n], #imm` of a pair of 8 bytes.
    PostP,
    /// Distance in words: 26 bits.
    To26,
    /// Distance in words: 19 bits at 5.
    To19,
    /// Distance in words: 14 bits at 5.
    To14,
    /// The register `d`, w or x by the number of the bit.
    Rbit,
    /// The number of a bit: `amt`, bits 19..23 and 31.
    Bit,
    /// Distance in bytes: 21 bits.
    Adr,
    /// Distance in pages: 21 bits.
    Page,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    /// Which.
    pub op: Op,
    /// The mnemonic.
    pub mnemonic: &'static str,
    /// The page in the Arm ARM.
    pub section: &'static str,
    /// The word with every field zero.
    pub word: u32,
    /// How 32 and 64 bits differ.
    pub bits: Bits,
    /// Role of the register in bits 0..4.
    pub role: Role,
    /// The operands.
    pub args: &'static [Arg],
}

impl Row {
    /// Whether there are two widths.
    pub fn has_widths(&self) -> bool {
        self.bits != Bits::No
    }
    /// The bits that are the same in all instructions of this row at one width.
    pub fn fixed_mask(&self) -> u32 {
        !self.args.iter().fold(0, |mask, arg| mask | arg.mask())
    }
}

const fn field(low: u32, len: u32) -> u32 {
    (((1u64 << len) - 1) << low) as u32
}

impl Arg {
    /// The bits of the word that the operand fills.
    pub const fn mask(self) -> u32 {
        use Arg::*;
        match self {
            Rd | Xd | Wd | RpD | Fd | Sd | Dd | Bd | Vd | Rbit => field(0, 5),
            Rn | Xn | Wn | RpN | Fn | Sn | Dn | Vn => field(5, 5),
            Rm | Xm | Wm | Fm | Vm => field(16, 5),
            Ra | Xa | Fa | Da => field(10, 5),
            Imm12 | Log => field(10, 13),
            Mov16 => field(5, 18),
            ImmR => field(16, 6),
            ImmS => field(10, 6),
            Log3 | Ari2 => field(10, 6) | field(16, 5) | field(22, 2),
            Ext => field(10, 6) | field(16, 5),
            Cond => field(12, 4),
            CondB | Nzcv => field(0, 4),
            Imm5 => field(16, 5),
            Imm16 => field(5, 16),
            Imm16L => field(0, 16),
            Imm7 => field(5, 7),
            Float8 => field(13, 8),
            FZero | IZero | Tpidr | Ish => 0,
            At => field(5, 5),
            Mem(_) => field(5, 17),
            Mem9 | Pre9 | Post9 => field(5, 5) | field(12, 9),
            MemX(_) => field(5, 5) | field(12, 9),
            MemP | PreP | PostP => field(5, 5) | field(15, 7),
            To26 => field(0, 26),
            To19 => field(5, 19),
            To14 => field(5, 14),
            Bit => field(19, 5) | 1 << 31,
            Adr | Page => field(5, 19) | field(29, 2),
        }
    }
}

macro_rules! instructions {
    ($($op:ident $mnemonic:literal $section:literal $word:literal $bits:ident $role:ident [$($arg:expr),*];)*) => {
        /// The rows by name.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub enum Op { $($op,)* }

        /// The table.
        pub static ROWS: &[Row] = {
            use Arg::*;
            &[$(Row {
                op: Op::$op,
                mnemonic: $mnemonic,
                section: $section,
                word: $word,
                bits: Bits::$bits,
                role: Role::$role,
                args: &[$($arg),*],
            },)*]
        };
    };
}

#[rustfmt::skip]
instructions! {
    // Data processing, immediate (C4.1.93).
    Adr    "adr"    "C6.2.11"  0x1000_0000 No  W [Xd, Adr];
    Adrp   "adrp"   "C6.2.12"  0x9000_0000 No  W [Xd, Page];
    AddI   "add"    "C6.2.5"   0x1100_0000 Sf  W [RpD, RpN, Imm12];
    AddsI  "adds"   "C6.2.9"   0x3100_0000 Sf  W [Rd, RpN, Imm12];
    SubI   "sub"    "C6.2.399" 0x5100_0000 Sf  W [RpD, RpN, Imm12];
    SubsI  "subs"   "C6.2.406" 0x7100_0000 Sf  W [Rd, RpN, Imm12];
    AndI   "and"    "C6.2.13"  0x1200_0000 Sf  W [RpD, Rn, Log];
    OrrI   "orr"    "C6.2.262" 0x3200_0000 Sf  W [RpD, Rn, Log];
    EorI   "eor"    "C6.2.117" 0x5200_0000 Sf  W [RpD, Rn, Log];
    AndsI  "ands"   "C6.2.15"  0x7200_0000 Sf  W [Rd, Rn, Log];
    Movn   "movn"   "C6.2.245" 0x1280_0000 Sf  W [Rd, Mov16];
    Movz   "movz"   "C6.2.246" 0x5280_0000 Sf  W [Rd, Mov16];
    Movk   "movk"   "C6.2.244" 0x7280_0000 Sf  M [Rd, Mov16];
    Sbfm   "sbfm"   "C6.2.308" 0x1300_0000 SfN W [Rd, Rn, ImmR, ImmS];
    Bfm    "bfm"    "C6.2.32"  0x3300_0000 SfN M [Rd, Rn, ImmR, ImmS];
    Ubfm   "ubfm"   "C6.2.429" 0x5300_0000 SfN W [Rd, Rn, ImmR, ImmS];
    Extr   "extr"   "C6.2.122" 0x1380_0000 SfN W [Rd, Rn, Rm, ImmS];
    // Branches, exceptions, system (C4.1.94).
    BCond  "b."     "C6.2.26"  0x5400_0000 No  N [CondB, To19];
    B      "b"      "C6.2.25"  0x1400_0000 No  N [To26];
    Bl     "bl"     "C6.2.34"  0x9400_0000 No  N [To26];
    Cbz    "cbz"    "C6.2.47"  0x3400_0000 Sf  R [Rd, To19];
    Cbnz   "cbnz"   "C6.2.46"  0x3500_0000 Sf  R [Rd, To19];
    Tbz    "tbz"    "C6.2.425" 0x3600_0000 No  R [Rbit, Bit, To14];
    Tbnz   "tbnz"   "C6.2.424" 0x3700_0000 No  R [Rbit, Bit, To14];
    Br     "br"     "C6.2.37"  0xd61f_0000 No  N [Xn];
    Blr    "blr"    "C6.2.35"  0xd63f_0000 No  N [Xn];
    Ret    "ret"    "C6.2.292" 0xd65f_0000 No  N [Xn];
    Brk    "brk"    "C6.2.40"  0xd420_0000 No  N [Imm16];
    Udf    "udf"    "C6.2.441" 0x0000_0000 No  N [Imm16L];
    Hint   "hint"   "C6.2.126" 0xd503_201f No  N [Imm7];
    MrsTls "mrs"    "C6.2.247" 0xd53b_d040 No  W [Xd, Tpidr];
    // Loads and stores (C4.1.95): scaled offset, byte offset, register offset, literal, pairs.
    StrbU  "strb"   "C6.2.373" 0x3900_0000 No  R [Wd, Mem(0)];
    LdrbU  "ldrb"   "C6.2.193" 0x3940_0000 No  W [Wd, Mem(0)];
    LdrsbU "ldrsb"  "C6.2.197" 0x3980_0000 Opc W [Rd, Mem(0)];
    StrhU  "strh"   "C6.2.375" 0x7900_0000 No  R [Wd, Mem(1)];
    LdrhU  "ldrh"   "C6.2.195" 0x7940_0000 No  W [Wd, Mem(1)];
    LdrshU "ldrsh"  "C6.2.199" 0x7980_0000 Opc W [Rd, Mem(1)];
    StrU   "str"    "C6.2.371" 0xb900_0000 Sz  R [Rd, Mem(9)];
    LdrU   "ldr"    "C6.2.190" 0xb940_0000 Sz  W [Rd, Mem(9)];
    LdrswU "ldrsw"  "C6.2.201" 0xb980_0000 No  W [Xd, Mem(2)];
    FStrU  "str"    "C7.2.362" 0xbd00_0000 Sz  R [Fd, Mem(9)];
    FLdrU  "ldr"    "C7.2.216" 0xbd40_0000 Sz  W [Fd, Mem(9)];
    Sturb  "sturb"  "C6.2.385" 0x3800_0000 No  R [Wd, Mem9];
    Ldurb  "ldurb"  "C6.2.216" 0x3840_0000 No  W [Wd, Mem9];
    Ldursb "ldursb" "C6.2.218" 0x3880_0000 Opc W [Rd, Mem9];
    Sturh  "sturh"  "C6.2.386" 0x7800_0000 No  R [Wd, Mem9];
    Ldurh  "ldurh"  "C6.2.217" 0x7840_0000 No  W [Wd, Mem9];
    Ldursh "ldursh" "C6.2.219" 0x7880_0000 Opc W [Rd, Mem9];
    Stur   "stur"   "C6.2.384" 0xb800_0000 Sz  R [Rd, Mem9];
    Ldur   "ldur"   "C6.2.215" 0xb840_0000 Sz  W [Rd, Mem9];
    Ldursw "ldursw" "C6.2.220" 0xb880_0000 No  W [Xd, Mem9];
    FStur  "stur"   "C7.2.364" 0xbc00_0000 Sz  R [Fd, Mem9];
    FLdur  "ldur"   "C7.2.219" 0xbc40_0000 Sz  W [Fd, Mem9];
    StrPost "str"   "C6.2.371" 0xb800_0400 Sz  R [Rd, Post9];
    LdrPost "ldr"   "C6.2.190" 0xb840_0400 Sz  W [Rd, Post9];
    StrPre "str"    "C6.2.371" 0xb800_0c00 Sz  R [Rd, Pre9];
    LdrPre "ldr"    "C6.2.190" 0xb840_0c00 Sz  W [Rd, Pre9];
    StrbR  "strb"   "C6.2.374" 0x3820_0800 No  R [Wd, MemX(0)];
    LdrbR  "ldrb"   "C6.2.194" 0x3860_0800 No  W [Wd, MemX(0)];
    LdrsbR "ldrsb"  "C6.2.198" 0x38a0_0800 Opc W [Rd, MemX(0)];
    StrhR  "strh"   "C6.2.376" 0x7820_0800 No  R [Wd, MemX(1)];
    LdrhR  "ldrh"   "C6.2.196" 0x7860_0800 No  W [Wd, MemX(1)];
    LdrshR "ldrsh"  "C6.2.200" 0x78a0_0800 Opc W [Rd, MemX(1)];
    StrR   "str"    "C6.2.372" 0xb820_0800 Sz  R [Rd, MemX(9)];
    LdrR   "ldr"    "C6.2.192" 0xb860_0800 Sz  W [Rd, MemX(9)];
    LdrswR "ldrsw"  "C6.2.203" 0xb8a0_0800 No  W [Xd, MemX(2)];
    FStrR  "str"    "C7.2.363" 0xbc20_0800 Sz  R [Fd, MemX(9)];
    FLdrR  "ldr"    "C7.2.218" 0xbc60_0800 Sz  W [Fd, MemX(9)];
    LdrLit "ldr"    "C6.2.191" 0x1800_0000 Sz  W [Rd, To19];
    FLdrLit "ldr"   "C7.2.217" 0x1c00_0000 Sz  W [Fd, To19];
    Stp    "stp"    "C6.2.368" 0xa900_0000 No  R [Xd, Xa, MemP];
    Ldp    "ldp"    "C6.2.188" 0xa940_0000 No  P [Xd, Xa, MemP];
    StpPre "stp"    "C6.2.368" 0xa980_0000 No  R [Xd, Xa, PreP];
    LdpPre "ldp"    "C6.2.188" 0xa9c0_0000 No  P [Xd, Xa, PreP];
    StpPost "stp"   "C6.2.368" 0xa880_0000 No  R [Xd, Xa, PostP];
    LdpPost "ldp"   "C6.2.188" 0xa8c0_0000 No  P [Xd, Xa, PostP];
    FStp   "stp"    "C7.2.361" 0x6d00_0000 No  R [Dd, Da, MemP];
    FLdp   "ldp"    "C7.2.215" 0x6d40_0000 No  P [Dd, Da, MemP];
    // Atomic (C4.1.95): exclusive, ordered, and with FEAT_LSE at once. C6.2 has them by name.
    LdaddB   "ldaddalb" "C6.2" 0x38e0_0000 No W [Wm, Wd, At];
    LdaddH   "ldaddalh" "C6.2" 0x78e0_0000 No W [Wm, Wd, At];
    Ldadd    "ldaddal" "C6.2" 0xb8e0_0000 Sz W [Rm, Rd, At];
    LdclrB   "ldclralb" "C6.2" 0x38e0_1000 No W [Wm, Wd, At];
    LdclrH   "ldclralh" "C6.2" 0x78e0_1000 No W [Wm, Wd, At];
    Ldclr    "ldclral" "C6.2" 0xb8e0_1000 Sz W [Rm, Rd, At];
    LdeorB   "ldeoralb" "C6.2" 0x38e0_2000 No W [Wm, Wd, At];
    LdeorH   "ldeoralh" "C6.2" 0x78e0_2000 No W [Wm, Wd, At];
    Ldeor    "ldeoral" "C6.2" 0xb8e0_2000 Sz W [Rm, Rd, At];
    LdsetB   "ldsetalb" "C6.2" 0x38e0_3000 No W [Wm, Wd, At];
    LdsetH   "ldsetalh" "C6.2" 0x78e0_3000 No W [Wm, Wd, At];
    Ldset    "ldsetal" "C6.2" 0xb8e0_3000 Sz W [Rm, Rd, At];
    LdsmaxB  "ldsmaxalb" "C6.2" 0x38e0_4000 No W [Wm, Wd, At];
    LdsmaxH  "ldsmaxalh" "C6.2" 0x78e0_4000 No W [Wm, Wd, At];
    Ldsmax   "ldsmaxal" "C6.2" 0xb8e0_4000 Sz W [Rm, Rd, At];
    LdsminB  "ldsminalb" "C6.2" 0x38e0_5000 No W [Wm, Wd, At];
    LdsminH  "ldsminalh" "C6.2" 0x78e0_5000 No W [Wm, Wd, At];
    Ldsmin   "ldsminal" "C6.2" 0xb8e0_5000 Sz W [Rm, Rd, At];
    LdumaxB  "ldumaxalb" "C6.2" 0x38e0_6000 No W [Wm, Wd, At];
    LdumaxH  "ldumaxalh" "C6.2" 0x78e0_6000 No W [Wm, Wd, At];
    Ldumax   "ldumaxal" "C6.2" 0xb8e0_6000 Sz W [Rm, Rd, At];
    LduminB  "lduminalb" "C6.2" 0x38e0_7000 No W [Wm, Wd, At];
    LduminH  "lduminalh" "C6.2" 0x78e0_7000 No W [Wm, Wd, At];
    Ldumin   "lduminal" "C6.2" 0xb8e0_7000 Sz W [Rm, Rd, At];
    SwpB     "swpalb" "C6.2" 0x38e0_8000 No W [Wm, Wd, At];
    SwpH     "swpalh" "C6.2" 0x78e0_8000 No W [Wm, Wd, At];
    Swp      "swpal" "C6.2" 0xb8e0_8000 Sz W [Rm, Rd, At];
    CasB     "casalb" "C6.2" 0x08e0_fc00 No C [Wm, Wd, At];
    CasH     "casalh" "C6.2" 0x48e0_fc00 No C [Wm, Wd, At];
    Cas      "casal" "C6.2" 0x88e0_fc00 Sz C [Rm, Rd, At];
    LdarB    "ldarb" "C6.2" 0x08df_fc00 No W [Wd, At];
    LdarH    "ldarh" "C6.2" 0x48df_fc00 No W [Wd, At];
    Ldar     "ldar" "C6.2" 0x88df_fc00 Sz W [Rd, At];
    StlrB    "stlrb" "C6.2" 0x089f_fc00 No R [Wd, At];
    StlrH    "stlrh" "C6.2" 0x489f_fc00 No R [Wd, At];
    Stlr     "stlr" "C6.2" 0x889f_fc00 Sz R [Rd, At];
    LdaxrB   "ldaxrb" "C6.2" 0x085f_fc00 No W [Wd, At];
    LdaxrH   "ldaxrh" "C6.2" 0x485f_fc00 No W [Wd, At];
    Ldaxr    "ldaxr" "C6.2" 0x885f_fc00 Sz W [Rd, At];
    StlxrB   "stlxrb" "C6.2" 0x0800_fc00 No S [Wm, Wd, At];
    StlxrH   "stlxrh" "C6.2" 0x4800_fc00 No S [Wm, Wd, At];
    Stlxr    "stlxr" "C6.2" 0x8800_fc00 Sz S [Wm, Rd, At];
    Dmb      "dmb" "C6.2" 0xd503_3bbf No N [Ish];
    // Data processing, register (C4.1.96).
    And    "and"    "C6.2.14"  0x0a00_0000 Sf  W [Rd, Rn, Log3];
    Bic    "bic"    "C6.2.33"  0x0a20_0000 Sf  W [Rd, Rn, Log3];
    Orr    "orr"    "C6.2.263" 0x2a00_0000 Sf  W [Rd, Rn, Log3];
    Orn    "orn"    "C6.2.261" 0x2a20_0000 Sf  W [Rd, Rn, Log3];
    Eor    "eor"    "C6.2.118" 0x4a00_0000 Sf  W [Rd, Rn, Log3];
    Eon    "eon"    "C6.2.116" 0x4a20_0000 Sf  W [Rd, Rn, Log3];
    Ands   "ands"   "C6.2.16"  0x6a00_0000 Sf  W [Rd, Rn, Log3];
    Bics   "bics"   "C6.2.36"  0x6a20_0000 Sf  W [Rd, Rn, Log3];
    Add    "add"    "C6.2.6"   0x0b00_0000 Sf  W [Rd, Rn, Ari2];
    Adds   "adds"   "C6.2.10"  0x2b00_0000 Sf  W [Rd, Rn, Ari2];
    Sub    "sub"    "C6.2.400" 0x4b00_0000 Sf  W [Rd, Rn, Ari2];
    Subs   "subs"   "C6.2.407" 0x6b00_0000 Sf  W [Rd, Rn, Ari2];
    AddX   "add"    "C6.2.4"   0x0b20_0000 Sf  W [RpD, RpN, Ext];
    AddsX  "adds"   "C6.2.8"   0x2b20_0000 Sf  W [Rd, RpN, Ext];
    SubX   "sub"    "C6.2.398" 0x4b20_0000 Sf  W [RpD, RpN, Ext];
    SubsX  "subs"   "C6.2.405" 0x6b20_0000 Sf  W [Rd, RpN, Ext];
    Adc    "adc"    "C6.2.1"   0x1a00_0000 Sf  W [Rd, Rn, Rm];
    Adcs   "adcs"   "C6.2.2"   0x3a00_0000 Sf  W [Rd, Rn, Rm];
    Sbc    "sbc"    "C6.2.304" 0x5a00_0000 Sf  W [Rd, Rn, Rm];
    Sbcs   "sbcs"   "C6.2.305" 0x7a00_0000 Sf  W [Rd, Rn, Rm];
    CcmnR  "ccmn"   "C6.2.49"  0x3a40_0000 Sf  N [Rn, Rm, Nzcv, Cond];
    CcmpR  "ccmp"   "C6.2.51"  0x7a40_0000 Sf  N [Rn, Rm, Nzcv, Cond];
    CcmnI  "ccmn"   "C6.2.48"  0x3a40_0800 Sf  N [Rn, Imm5, Nzcv, Cond];
    CcmpI  "ccmp"   "C6.2.50"  0x7a40_0800 Sf  N [Rn, Imm5, Nzcv, Cond];
    Csel   "csel"   "C6.2.103" 0x1a80_0000 Sf  W [Rd, Rn, Rm, Cond];
    Csinc  "csinc"  "C6.2.106" 0x1a80_0400 Sf  W [Rd, Rn, Rm, Cond];
    Csinv  "csinv"  "C6.2.107" 0x5a80_0000 Sf  W [Rd, Rn, Rm, Cond];
    Csneg  "csneg"  "C6.2.108" 0x5a80_0400 Sf  W [Rd, Rn, Rm, Cond];
    Madd   "madd"   "C6.2.239" 0x1b00_0000 Sf  W [Rd, Rn, Rm, Ra];
    Msub   "msub"   "C6.2.254" 0x1b00_8000 Sf  W [Rd, Rn, Rm, Ra];
    Smaddl "smaddl" "C6.2.329" 0x9b20_0000 No  W [Xd, Wn, Wm, Xa];
    Smsubl "smsubl" "C6.2.335" 0x9b20_8000 No  W [Xd, Wn, Wm, Xa];
    Umaddl "umaddl" "C6.2.442" 0x9ba0_0000 No  W [Xd, Wn, Wm, Xa];
    Umsubl "umsubl" "C6.2.448" 0x9ba0_8000 No  W [Xd, Wn, Wm, Xa];
    Smulh  "smulh"  "C6.2.336" 0x9b40_7c00 No  W [Xd, Xn, Xm];
    Umulh  "umulh"  "C6.2.449" 0x9bc0_7c00 No  W [Xd, Xn, Xm];
    Udiv   "udiv"   "C6.2.440" 0x1ac0_0800 Sf  W [Rd, Rn, Rm];
    Sdiv   "sdiv"   "C6.2.311" 0x1ac0_0c00 Sf  W [Rd, Rn, Rm];
    Lslv   "lslv"   "C6.2.234" 0x1ac0_2000 Sf  W [Rd, Rn, Rm];
    Lsrv   "lsrv"   "C6.2.237" 0x1ac0_2400 Sf  W [Rd, Rn, Rm];
    Asrv   "asrv"   "C6.2.19"  0x1ac0_2800 Sf  W [Rd, Rn, Rm];
    Rorv   "rorv"   "C6.2.303" 0x1ac0_2c00 Sf  W [Rd, Rn, Rm];
    Rbit   "rbit"   "C6.2.289" 0x5ac0_0000 Sf  W [Rd, Rn];
    Rev16  "rev16"  "C6.2.297" 0x5ac0_0400 Sf  W [Rd, Rn];
    RevW   "rev"    "C6.2.296" 0x5ac0_0800 No  W [Wd, Wn];
    RevX   "rev"    "C6.2.296" 0xdac0_0c00 No  W [Xd, Xn];
    Clz    "clz"    "C6.2.84"  0x5ac0_1000 Sf  W [Rd, Rn];
    Cls    "cls"    "C6.2.83"  0x5ac0_1400 Sf  W [Rd, Rn];
    // Floating point (C4.1.97).
    Fmov   "fmov"   "C7.2.162" 0x1e20_4000 Ft  W [Fd, Fn];
    FmovI  "fmov"   "C7.2.164" 0x1e20_1000 Ft  W [Fd, Float8];
    FmovSW "fmov"   "C7.2.163" 0x1e27_0000 No  W [Sd, Wn];
    FmovWS "fmov"   "C7.2.163" 0x1e26_0000 No  W [Wd, Sn];
    FmovDX "fmov"   "C7.2.163" 0x9e67_0000 No  W [Dd, Xn];
    FmovXD "fmov"   "C7.2.163" 0x9e66_0000 No  W [Xd, Dn];
    Fabs   "fabs"   "C7.2.44"  0x1e20_c000 Ft  W [Fd, Fn];
    Fneg   "fneg"   "C7.2.172" 0x1e21_4000 Ft  W [Fd, Fn];
    Fsqrt  "fsqrt"  "C7.2.200" 0x1e21_c000 Ft  W [Fd, Fn];
    FcvtDS "fcvt"   "C7.2.68"  0x1e22_c000 No  W [Dd, Sn];
    FcvtSD "fcvt"   "C7.2.68"  0x1e62_4000 No  W [Sd, Dn];
    Frintn "frintn" "C7.2.186" 0x1e24_4000 Ft  W [Fd, Fn];
    Frintp "frintp" "C7.2.188" 0x1e24_c000 Ft  W [Fd, Fn];
    Frintm "frintm" "C7.2.184" 0x1e25_4000 Ft  W [Fd, Fn];
    Frintz "frintz" "C7.2.192" 0x1e25_c000 Ft  W [Fd, Fn];
    Fmul   "fmul"   "C7.2.167" 0x1e20_0800 Ft  W [Fd, Fn, Fm];
    Fdiv   "fdiv"   "C7.2.98"  0x1e20_1800 Ft  W [Fd, Fn, Fm];
    Fadd   "fadd"   "C7.2.50"  0x1e20_2800 Ft  W [Fd, Fn, Fm];
    Fsub   "fsub"   "C7.2.202" 0x1e20_3800 Ft  W [Fd, Fn, Fm];
    Fmax   "fmax"   "C7.2.102" 0x1e20_4800 Ft  W [Fd, Fn, Fm];
    Fmin   "fmin"   "C7.2.112" 0x1e20_5800 Ft  W [Fd, Fn, Fm];
    Fnmul  "fnmul"  "C7.2.175" 0x1e20_8800 Ft  W [Fd, Fn, Fm];
    Fmadd  "fmadd"  "C7.2.100" 0x1f00_0000 Ft  W [Fd, Fn, Fm, Fa];
    Fmsub  "fmsub"  "C7.2.166" 0x1f00_8000 Ft  W [Fd, Fn, Fm, Fa];
    Fnmadd "fnmadd" "C7.2.173" 0x1f20_0000 Ft  W [Fd, Fn, Fm, Fa];
    Fnmsub "fnmsub" "C7.2.174" 0x1f20_8000 Ft  W [Fd, Fn, Fm, Fa];
    Fcmp   "fcmp"   "C7.2.66"  0x1e20_2000 Ft  N [Fn, Fm];
    FcmpZ  "fcmp"   "C7.2.66"  0x1e20_2008 Ft  N [Fn, FZero];
    Fccmp  "fccmp"  "C7.2.54"  0x1e20_0400 Ft  N [Fn, Fm, Nzcv, Cond];
    Fcsel  "fcsel"  "C7.2.67"  0x1e20_0c00 Ft  W [Fd, Fn, Fm, Cond];
    ScvtfS "scvtf"  "C7.2.275" 0x1e22_0000 Sf  W [Sd, Rn];
    ScvtfD "scvtf"  "C7.2.275" 0x1e62_0000 Sf  W [Dd, Rn];
    UcvtfS "ucvtf"  "C7.2.399" 0x1e23_0000 Sf  W [Sd, Rn];
    UcvtfD "ucvtf"  "C7.2.399" 0x1e63_0000 Sf  W [Dd, Rn];
    FcvtzsS "fcvtzs" "C7.2.91" 0x1e38_0000 Sf  W [Rd, Sn];
    FcvtzsD "fcvtzs" "C7.2.91" 0x1e78_0000 Sf  W [Rd, Dn];
    FcvtzuS "fcvtzu" "C7.2.95" 0x1e39_0000 Sf  W [Rd, Sn];
    FcvtzuD "fcvtzu" "C7.2.95" 0x1e79_0000 Sf  W [Rd, Dn];
    // SIMD, eight bytes.
    Cnt    "cnt"    "C7.2.39"  0x0e20_5800 No  W [Vd, Vn];
    Addv   "addv"   "C7.2.6"   0x0e31_b800 No  W [Bd, Vn];
    MoviZ  "movi"   "C7.2.231" 0x2f00_e400 No  W [Dd, IZero];
    Bit    "bit"    "C7.2.25"  0x2ea0_1c00 No  M [Vd, Vn, Vm];
    Bif    "bif"    "C7.2.24"  0x2ee0_1c00 No  M [Vd, Vn, Vm];
    Bsl    "bsl"    "C7.2.27"  0x2e60_1c00 No  M [Vd, Vn, Vm];
}

impl Op {
    /// The facts of this row.
    #[inline]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

/// Rows with word and mask of each width, for decoding.
static PATTERNS: LazyLock<Vec<(u32, u32, &'static Row, bool)>> = LazyLock::new(|| {
    let forms = |row: &'static Row| {
        let mask = row.fixed_mask();
        let widths = if row.has_widths() { [false, true].as_slice() } else { &[true] };
        widths.iter().map(move |wide| (mask, row.word | row.bits.word(*wide), row, *wide))
    };
    ROWS.iter().flat_map(forms).collect()
});

/// The rows that a word may be an instance of, and whether at 64 bits.
pub fn candidates(word: u32) -> impl Iterator<Item = (&'static Row, bool)> {
    PATTERNS.iter().filter(move |p| word & p.0 == p.1).map(|p| (p.2, p.3))
}
