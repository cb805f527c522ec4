//! The opcode table: one row an opcode; everything else about opcodes is derived from it.
//!
//! ```text
//! name Variant [class of T] (operands) -> (results) Format EFFECTS "doc" => meaning;
//! ```
//!
//! `T` is the controlling type, written after the dot in text (`iadd.i64`). The meaning is a function of
//! `T`, the type of the first operand, and the operands' bits (zero-extended to 128); it returns the bits
//! of the results, which are cut to their types. Rows with `none` touch memory or control; the
//! interpreter gives them their meaning. Derived here: enum, facts, `eval`. Derived elsewhere from the
//! same rows: builder (`builder.rs`), printer and parser (`text/`), verifier, interpreter, random
//! generator, reference page.

use crate::Type;
use crate::eval::*;
use std::cmp::Ordering::{Equal, Greater, Less};
use std::fmt;

/// Which types `T` may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// `i8 i16 i32 i64 i128`.
    Int,
    /// `i16 i32 i64 i128`: what has a narrower integer below it, or bytes to swap.
    Int16Up,
    /// `i8 i16 i32 i64`: what has a wider integer above it.
    Int64Down,
    /// `i32 i64`.
    Int32Or64,
    /// `i32 i64 f32 f64`: what has a counterpart of the other kind with the same width.
    Bits32Or64,
    /// `f32 f64`.
    Float,
    /// Every type.
    Any,
    /// Only `i64`: addresses.
    OnlyI64,
    /// Only `i128`.
    OnlyI128,
    /// Only `f32`.
    OnlyF32,
    /// Only `f64`.
    OnlyF64,
    /// The opcode has no controlling type; it is printed without a suffix.
    NoType,
}

impl Class {
    /// Whether `T` may be `ty`.
    pub fn allows(self, ty: Type) -> bool {
        use Type::*;
        match self {
            Class::Int => ty.is_int(),
            Class::Int16Up => matches!(ty, I16 | I32 | I64 | I128),
            Class::Int64Down => matches!(ty, I8 | I16 | I32 | I64),
            Class::Int32Or64 => matches!(ty, I32 | I64),
            Class::Bits32Or64 => matches!(ty, I32 | I64 | F32 | F64),
            Class::Float => ty.is_float(),
            Class::Any => true,
            Class::OnlyI64 | Class::NoType => ty == I64,
            Class::OnlyI128 => ty == I128,
            Class::OnlyF32 => ty == F32,
            Class::OnlyF64 => ty == F64,
        }
    }

    /// The types that `T` may be; for [`Class::NoType`] the placeholder `i64`.
    pub fn types(self) -> impl Iterator<Item = Type> {
        Type::ALL.into_iter().filter(move |t| self.allows(*t))
    }
}

/// The type of one operand or result, given `T`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TyRule {
    /// `T` itself.
    T,
    /// `i8`: a condition or a flag.
    I8,
    /// `i64`: an address, or half of an `i128`.
    I64,
    /// `i128`.
    I128,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// An integer narrower than `T`.
    Narrower,
    /// An integer wider than `T`.
    Wider,
    /// `i32` or `i64`.
    I32OrI64,
    /// `f32` or `f64`.
    AnyFloat,
    /// The type of the other kind (integer or float) with the width of `T`.
    SameWidthOther,
}

impl TyRule {
    /// Whether an operand of type `actual` fits this rule when the controlling type is `ty`.
    pub fn accepts(self, ty: Type, actual: Type) -> bool {
        match self {
            TyRule::T => actual == ty,
            TyRule::I8 => actual == Type::I8,
            TyRule::I64 => actual == Type::I64,
            TyRule::I128 => actual == Type::I128,
            TyRule::F32 => actual == Type::F32,
            TyRule::F64 => actual == Type::F64,
            TyRule::Narrower => actual.is_int() && actual.bits() < ty.bits(),
            TyRule::Wider => actual.is_int() && actual.bits() > ty.bits(),
            TyRule::I32OrI64 => matches!(actual, Type::I32 | Type::I64),
            TyRule::AnyFloat => actual.is_float(),
            TyRule::SameWidthOther => actual.is_int() != ty.is_int() && actual.bits() == ty.bits(),
        }
    }

    /// The type of a result under this rule; results only use rules that determine one type.
    pub fn result(self, ty: Type) -> Type {
        match self {
            TyRule::I8 => Type::I8,
            TyRule::I64 => Type::I64,
            TyRule::I128 => Type::I128,
            TyRule::F32 => Type::F32,
            TyRule::F64 => Type::F64,
            _ => ty,
        }
    }
}

/// What an instruction carries beside its operands, and so how it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `op.T v1, v2`: only operands.
    Plain,
    /// `iconst.T -5`: `Imm::Int`, sign-extended to `T`.
    IntConst,
    /// `fconst.T 0x3ff0000000000000`: `Imm::Bits`.
    FloatConst,
    /// `load.T region v1+8`: operands (address); `Imm::Mem`.
    Load,
    /// `store.T region v2, v1+8`: operands (value, address); `Imm::Mem`.
    Store,
    /// `atomic_cas.T region v2, v3, v1+8`: operands (values..., address); `Imm::Mem`. The row's meaning is a
    /// function of what memory holds and the values; it gives the result and what memory holds then.
    Atomic,
    /// `stack_addr s0+8`: `Imm::Slot`.
    SlotAddr,
    /// `global_addr @g+8`: `Imm::Global`.
    GlobalAddr,
    /// `func_addr @f`: `Imm::Func`.
    FuncAddr,
    /// `jump b1(v2)`: one target.
    Jump,
    /// `br_if v1, b1(v2), b3`: taken if nonzero, else the second target.
    BrIf,
    /// `br_table v1, b9(v2), [b1, b2(v3)]`: default target first, then one for each index 0, 1, ...
    BrTable,
    /// `ret v1, v2`.
    Ret,
    /// `trap code`: `Imm::Trap`.
    Trap,
    /// `trap_if v1, code`: `Imm::Trap`; traps if nonzero.
    TrapIf,
    /// `call @f(v1, v2)`: `Imm::Func`.
    Call,
    /// `call_indirect sig0 v9(v1, v2)`: operands (callee, arguments...); `Imm::Sig`.
    CallIndirect,
    /// `tail_call @f(v1)`: a terminator; `Imm::Func`.
    TailCall,
    /// `tail_call_indirect sig0 v9(v1)`: a terminator; `Imm::Sig`.
    TailCallIndirect,
}

/// What an instruction does beside computing its results: a set of flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Effects(u8);

impl Effects {
    /// None: may be removed, merged, moved.
    pub const PURE: Effects = Effects(0);
    /// The first two operands may be swapped.
    pub const COMMUTES: Effects = Effects(1);
    /// May trap: must not be executed where it was not.
    pub const TRAPS: Effects = Effects(2);
    /// Reads memory.
    pub const READS: Effects = Effects(4);
    /// Writes memory.
    pub const WRITES: Effects = Effects(8);
    /// Calls: may do anything a function may.
    pub const CALLS: Effects = Effects(16 | 8 | 4 | 2);
    /// Ends a block.
    pub const ENDS: Effects = Effects(32);
    /// Reads and writes memory in an order with what other threads do: no access of any region moves
    /// across it.
    pub const ATOMIC: Effects = Effects(8 | 4);

    /// All flags of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Effects(self.0 | other.0)
    }
    /// Whether all flags of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Whether an instruction with unused results may be removed: no trap, no write, no end of block.
    /// (A load is removable: memory errors are not behaviour that the language defines.)
    pub const fn removable(self) -> bool {
        self.0 & (2 | 8 | 16 | 32) == 0
    }
    /// Whether equal instructions with equal operands give equal results at any time.
    pub const fn idempotent(self) -> bool {
        self.0 & (4 | 8 | 16 | 32) == 0
    }
    /// Whether it may be executed early although it might not have been executed at all.
    pub const fn speculable(self) -> bool {
        self.0 & !1 == 0
    }
}

/// The facts of one row.
#[derive(Debug)]
pub struct OpInfo {
    /// Its name in text.
    pub name: &'static str,
    /// One or two sentences of meaning.
    pub doc: &'static str,
    /// Which types `T` may be.
    pub class: Class,
    /// The fixed operands.
    pub operands: &'static [TyRule],
    /// The fixed results.
    pub results: &'static [TyRule],
    /// What else it carries.
    pub format: Format,
    /// What it does beside its results.
    pub effects: Effects,
}

impl OpInfo {
    /// The controlling type to write where no operand tells it and the class leaves one choice.
    pub fn default_type(&self) -> Type {
        self.class.types().next().unwrap_or(Type::I64)
    }
}

/// Hands the whole table to the macro `$then`.
#[macro_export]
macro_rules! opcode_table {
    ($then:ident) => { $then! {
// Constants.
iconst Iconst [Int] () -> (T) IntConst PURE "An integer constant, sign-extended from 64 bits." => none;
fconst Fconst [Float] () -> (T) FloatConst PURE "A float constant, given by its bits." => none;

// Integer arithmetic: wraps.
iadd Iadd [Int] (T, T) -> (T) Plain COMMUTES "Sum." => |_, _, a| one(a[0].wrapping_add(a[1]));
isub Isub [Int] (T, T) -> (T) Plain PURE "Difference." => |_, _, a| one(a[0].wrapping_sub(a[1]));
imul Imul [Int] (T, T) -> (T) Plain COMMUTES "Low half of the product." => |_, _, a| one(a[0].wrapping_mul(a[1]));
ineg Ineg [Int] (T) -> (T) Plain PURE "Two's complement negation." => |_, _, a| one(a[0].wrapping_neg());
sdiv Sdiv [Int] (T, T) -> (T) Plain TRAPS "Signed quotient toward zero. Traps `div_zero`, and `int_overflow` on MIN / -1." => |t, _, a| sdiv(t, a[0], a[1]);
udiv Udiv [Int] (T, T) -> (T) Plain TRAPS "Unsigned quotient. Traps `div_zero`." => |_, _, a| udiv(a[0], a[1]);
srem Srem [Int] (T, T) -> (T) Plain TRAPS "Signed remainder with the sign of the dividend. Traps `div_zero`, and `int_overflow` on MIN % -1." => |t, _, a| srem(t, a[0], a[1]);
urem Urem [Int] (T, T) -> (T) Plain TRAPS "Unsigned remainder. Traps `div_zero`." => |_, _, a| urem(a[0], a[1]);
udiv_wide UdivWide [OnlyI64] (T, T, T) -> (T, T) Plain TRAPS "Quotient and remainder of 128 by 64 bits, unsigned: low half, high half, divisor. Traps `int_overflow` unless the high half is less than the divisor, for the quotient would not fit." => |_, _, a| udiv_wide(a);
smulhi Smulhi [Int64Down] (T, T) -> (T) Plain COMMUTES "High half of the signed product." => |t, _, a| one((signed(t, a[0]).wrapping_mul(signed(t, a[1])) >> t.bits()) as u128);
umulhi Umulhi [Int64Down] (T, T) -> (T) Plain COMMUTES "High half of the unsigned product." => |t, _, a| one(a[0].wrapping_mul(a[1]) >> t.bits());
smin Smin [Int] (T, T) -> (T) Plain COMMUTES "The lesser, signed." => |t, _, a| one(if signed(t, a[0]) < signed(t, a[1]) { a[0] } else { a[1] });
smax Smax [Int] (T, T) -> (T) Plain COMMUTES "The greater, signed." => |t, _, a| one(if signed(t, a[0]) > signed(t, a[1]) { a[0] } else { a[1] });
umin Umin [Int] (T, T) -> (T) Plain COMMUTES "The lesser, unsigned." => |_, _, a| one(a[0].min(a[1]));
umax Umax [Int] (T, T) -> (T) Plain COMMUTES "The greater, unsigned." => |_, _, a| one(a[0].max(a[1]));

// Checked arithmetic: the wrapped result, and 1 if the exact result does not fit.
sadd_overflow SaddOverflow [Int] (T, T) -> (T, I8) Plain COMMUTES "Sum, and whether it overflowed as signed." => |t, _, a| sadd_overflow(t, a[0], a[1]);
ssub_overflow SsubOverflow [Int] (T, T) -> (T, I8) Plain PURE "Difference, and whether it overflowed as signed." => |t, _, a| ssub_overflow(t, a[0], a[1]);
smul_overflow SmulOverflow [Int] (T, T) -> (T, I8) Plain COMMUTES "Product, and whether it overflowed as signed." => |t, _, a| smul_overflow(t, a[0], a[1]);
uadd_overflow UaddOverflow [Int] (T, T) -> (T, I8) Plain COMMUTES "Sum, and whether it overflowed as unsigned." => |t, _, a| uadd_overflow(t, a[0], a[1]);
usub_overflow UsubOverflow [Int] (T, T) -> (T, I8) Plain PURE "Difference, and whether it overflowed as unsigned." => |_, _, a| two(a[0].wrapping_sub(a[1]), (a[0] < a[1]) as u128);
umul_overflow UmulOverflow [Int] (T, T) -> (T, I8) Plain COMMUTES "Product, and whether it overflowed as unsigned." => |t, _, a| umul_overflow(t, a[0], a[1]);

// Bits. Shift and rotate amounts count modulo the width.
band Band [Int] (T, T) -> (T) Plain COMMUTES "Bitwise and." => |_, _, a| one(a[0] & a[1]);
bor Bor [Int] (T, T) -> (T) Plain COMMUTES "Bitwise or." => |_, _, a| one(a[0] | a[1]);
bxor Bxor [Int] (T, T) -> (T) Plain COMMUTES "Bitwise exclusive or." => |_, _, a| one(a[0] ^ a[1]);
bnot Bnot [Int] (T) -> (T) Plain PURE "Bitwise complement." => |_, _, a| one(!a[0]);
shl Shl [Int] (T, T) -> (T) Plain PURE "Shift left." => |t, _, a| one(a[0] << amount(t, a[1]));
lshr Lshr [Int] (T, T) -> (T) Plain PURE "Shift right, filling with zeros." => |t, _, a| one(a[0] >> amount(t, a[1]));
ashr Ashr [Int] (T, T) -> (T) Plain PURE "Shift right, filling with the sign." => |t, _, a| one((signed(t, a[0]) >> amount(t, a[1])) as u128);
rotl Rotl [Int] (T, T) -> (T) Plain PURE "Rotate left." => |t, _, a| one(rotl(t, a[0], amount(t, a[1])));
rotr Rotr [Int] (T, T) -> (T) Plain PURE "Rotate right." => |t, _, a| one(rotl(t, a[0], (t.bits() - amount(t, a[1])) % t.bits()));
clz Clz [Int] (T) -> (T) Plain PURE "Number of leading zero bits; the width for zero." => |t, _, a| one((a[0].leading_zeros() - (128 - t.bits())) as u128);
ctz Ctz [Int] (T) -> (T) Plain PURE "Number of trailing zero bits; the width for zero." => |t, _, a| one(a[0].trailing_zeros().min(t.bits()) as u128);
popcnt Popcnt [Int] (T) -> (T) Plain PURE "Number of one bits." => |_, _, a| one(a[0].count_ones() as u128);
bswap Bswap [Int16Up] (T) -> (T) Plain PURE "Bytes in reverse order." => |t, _, a| one(a[0].swap_bytes() >> (128 - t.bits()));

// Integer comparison: 1 if it holds, else 0.
eq Eq [Int] (T, T) -> (I8) Plain COMMUTES "Equal." => |_, _, a| flag(a[0] == a[1]);
ne Ne [Int] (T, T) -> (I8) Plain COMMUTES "Not equal." => |_, _, a| flag(a[0] != a[1]);
slt Slt [Int] (T, T) -> (I8) Plain PURE "Less, signed." => |t, _, a| flag(signed(t, a[0]) < signed(t, a[1]));
sle Sle [Int] (T, T) -> (I8) Plain PURE "Less or equal, signed." => |t, _, a| flag(signed(t, a[0]) <= signed(t, a[1]));
sgt Sgt [Int] (T, T) -> (I8) Plain PURE "Greater, signed." => |t, _, a| flag(signed(t, a[0]) > signed(t, a[1]));
sge Sge [Int] (T, T) -> (I8) Plain PURE "Greater or equal, signed." => |t, _, a| flag(signed(t, a[0]) >= signed(t, a[1]));
ult Ult [Int] (T, T) -> (I8) Plain PURE "Less, unsigned." => |_, _, a| flag(a[0] < a[1]);
ule Ule [Int] (T, T) -> (I8) Plain PURE "Less or equal, unsigned." => |_, _, a| flag(a[0] <= a[1]);
ugt Ugt [Int] (T, T) -> (I8) Plain PURE "Greater, unsigned." => |_, _, a| flag(a[0] > a[1]);
uge Uge [Int] (T, T) -> (I8) Plain PURE "Greater or equal, unsigned." => |_, _, a| flag(a[0] >= a[1]);

// Choice.
select Select [Any] (I8, T, T) -> (T) Plain PURE "The second operand if the first is nonzero, else the third." => |_, _, a| one(if a[0] != 0 { a[1] } else { a[2] });

// Floats: IEEE 754, round to nearest even, never contracted. An arithmetic NaN is some quiet NaN.
fadd Fadd [Float] (T, T) -> (T) Plain COMMUTES "Sum." => |t, _, a| float2(t, a, |x, y| x + y, |x, y| x + y);
fsub Fsub [Float] (T, T) -> (T) Plain PURE "Difference." => |t, _, a| float2(t, a, |x, y| x - y, |x, y| x - y);
fmul Fmul [Float] (T, T) -> (T) Plain COMMUTES "Product." => |t, _, a| float2(t, a, |x, y| x * y, |x, y| x * y);
fdiv Fdiv [Float] (T, T) -> (T) Plain PURE "Quotient." => |t, _, a| float2(t, a, |x, y| x / y, |x, y| x / y);
fmin Fmin [Float] (T, T) -> (T) Plain COMMUTES "The lesser; NaN if either is; -0 is less than +0." => |t, _, a| float2(t, a, fmin32, fmin64);
fmax Fmax [Float] (T, T) -> (T) Plain COMMUTES "The greater; NaN if either is; +0 is greater than -0." => |t, _, a| float2(t, a, fmax32, fmax64);
fma Fma [Float] (T, T, T) -> (T) Plain COMMUTES "First times second plus third, rounded once." => |t, _, a| fma(t, a);
fsqrt Fsqrt [Float] (T) -> (T) Plain PURE "Square root." => |t, _, a| float1(t, a, f32::sqrt, f64::sqrt);
fceil Fceil [Float] (T) -> (T) Plain PURE "Rounded up to an integer." => |t, _, a| float1(t, a, f32::ceil, f64::ceil);
ffloor Ffloor [Float] (T) -> (T) Plain PURE "Rounded down to an integer." => |t, _, a| float1(t, a, f32::floor, f64::floor);
ftrunc Ftrunc [Float] (T) -> (T) Plain PURE "Rounded toward zero to an integer." => |t, _, a| float1(t, a, f32::trunc, f64::trunc);
fnearest Fnearest [Float] (T) -> (T) Plain PURE "Rounded to the nearest integer, half to even." => |t, _, a| float1(t, a, f32::round_ties_even, f64::round_ties_even);
fneg Fneg [Float] (T) -> (T) Plain PURE "Sign bit flipped; NaN bits kept." => |t, _, a| one(a[0] ^ sign_bit(t));
fabs Fabs [Float] (T) -> (T) Plain PURE "Sign bit cleared; NaN bits kept." => |t, _, a| one(a[0] & !sign_bit(t));
fcopysign Fcopysign [Float] (T, T) -> (T) Plain PURE "Magnitude of the first, sign bit of the second." => |t, _, a| one(a[0] & !sign_bit(t) | a[1] & sign_bit(t));

// Float comparison: false if either is NaN, except `fne` and `funo`.
feq Feq [Float] (T, T) -> (I8) Plain COMMUTES "Equal." => |t, _, a| flag(fcmp(t, a) == Some(Equal));
fne Fne [Float] (T, T) -> (I8) Plain COMMUTES "Not equal, or unordered." => |t, _, a| flag(fcmp(t, a) != Some(Equal));
flt Flt [Float] (T, T) -> (I8) Plain PURE "Less." => |t, _, a| flag(fcmp(t, a) == Some(Less));
fle Fle [Float] (T, T) -> (I8) Plain PURE "Less or equal." => |t, _, a| flag(matches!(fcmp(t, a), Some(Less | Equal)));
fgt Fgt [Float] (T, T) -> (I8) Plain PURE "Greater." => |t, _, a| flag(fcmp(t, a) == Some(Greater));
fge Fge [Float] (T, T) -> (I8) Plain PURE "Greater or equal." => |t, _, a| flag(matches!(fcmp(t, a), Some(Greater | Equal)));
ford Ford [Float] (T, T) -> (I8) Plain COMMUTES "Neither is NaN." => |t, _, a| flag(fcmp(t, a).is_some());
funo Funo [Float] (T, T) -> (I8) Plain COMMUTES "Either is NaN." => |t, _, a| flag(fcmp(t, a).is_none());

// Conversions: T is the type of the result.
zext Zext [Int16Up] (Narrower) -> (T) Plain PURE "Widened with zeros." => |_, _, a| one(a[0]);
sext Sext [Int16Up] (Narrower) -> (T) Plain PURE "Widened with the sign." => |_, f, a| one(signed(f, a[0]) as u128);
trunc Trunc [Int64Down] (Wider) -> (T) Plain PURE "The low bits." => |_, _, a| one(a[0]);
fpromote Fpromote [OnlyF64] (F32) -> (T) Plain PURE "`f32` widened, exactly." => |_, _, a| one((f32::from_bits(a[0] as u32) as f64).to_bits() as u128);
fdemote Fdemote [OnlyF32] (F64) -> (T) Plain PURE "`f64` rounded to `f32`." => |_, _, a| one((f64::from_bits(a[0] as u64) as f32).to_bits() as u128);
sint_to_float SintToFloat [Float] (I32OrI64) -> (T) Plain PURE "Signed integer, rounded to nearest even." => |t, f, a| one(sint_to_float(t, signed(f, a[0])));
uint_to_float UintToFloat [Float] (I32OrI64) -> (T) Plain PURE "Unsigned integer, rounded to nearest even." => |t, _, a| one(uint_to_float(t, a[0]));
float_to_sint FloatToSint [Int32Or64] (AnyFloat) -> (T) Plain TRAPS "Toward zero, signed. Traps `bad_conversion` on NaN or out of range." => |t, f, a| float_to_int(f, a[0], int_min(t), int_max(t));
float_to_uint FloatToUint [Int32Or64] (AnyFloat) -> (T) Plain TRAPS "Toward zero, unsigned. Traps `bad_conversion` on NaN or out of range." => |t, f, a| float_to_int(f, a[0], 0, t.mask() as i128);
float_to_sint_sat FloatToSintSat [Int32Or64] (AnyFloat) -> (T) Plain PURE "Toward zero, signed; clamped to the range; NaN gives 0." => |t, f, a| one(float_to_int_sat(f, a[0], int_min(t), int_max(t)));
float_to_uint_sat FloatToUintSat [Int32Or64] (AnyFloat) -> (T) Plain PURE "Toward zero, unsigned; clamped to the range; NaN gives 0." => |t, f, a| one(float_to_int_sat(f, a[0], 0, t.mask() as i128));
bitcast Bitcast [Bits32Or64] (SameWidthOther) -> (T) Plain PURE "The same bits as the other kind: i32 and f32, i64 and f64." => |_, _, a| one(a[0]);
iconcat Iconcat [OnlyI128] (I64, I64) -> (T) Plain PURE "Low half, high half." => |_, _, a| one(a[0] | a[1] << 64);
isplit Isplit [OnlyI128] (T) -> (I64, I64) Plain PURE "Low half and high half." => |_, _, a| two(a[0], a[0] >> 64);

// Memory. The address is the operand plus the offset in the instruction.
load Load [Any] (I64) -> (T) Load READS "Loads a `T`." => none;
load_u8 LoadU8 [Int16Up] (I64) -> (T) Load READS "Loads 8 bits, widened with zeros." => none;
load_s8 LoadS8 [Int16Up] (I64) -> (T) Load READS "Loads 8 bits, widened with the sign." => none;
load_u16 LoadU16 [Int32Or64] (I64) -> (T) Load READS "Loads 16 bits, widened with zeros." => none;
load_s16 LoadS16 [Int32Or64] (I64) -> (T) Load READS "Loads 16 bits, widened with the sign." => none;
load_u32 LoadU32 [OnlyI64] (I64) -> (T) Load READS "Loads 32 bits, widened with zeros." => none;
load_s32 LoadS32 [OnlyI64] (I64) -> (T) Load READS "Loads 32 bits, widened with the sign." => none;
store Store [Any] (T, I64) -> () Store WRITES "Stores a `T`." => none;
store8 Store8 [Int16Up] (T, I64) -> () Store WRITES "Stores the low 8 bits." => none;
store16 Store16 [Int32Or64] (T, I64) -> () Store WRITES "Stores the low 16 bits." => none;
store32 Store32 [OnlyI64] (T, I64) -> () Store WRITES "Stores the low 32 bits." => none;
stack_addr StackAddr [NoType] () -> (I64) SlotAddr PURE "Address of a stack slot plus an offset." => none;
global_addr GlobalAddr [NoType] () -> (I64) GlobalAddr PURE "Address of a global plus an offset." => none;
func_addr FuncAddr [NoType] () -> (I64) FuncAddr PURE "Address of a function." => none;
stack_ptr StackPtr [NoType] () -> (I64) Plain READS "The stack pointer of this frame, to compare with a limit." => none;

// Atomic memory: what a thread does to it, all threads see at once, in one order of all atomic instructions
// (sequentially consistent). The address is a multiple of the size. The region says where the address is;
// the order is that of all regions.
atomic_load AtomicLoad [Int64Down] (I64) -> (T) Atomic ATOMIC "Loads a `T` at once." => |_, _, a| two(a[0], a[0]);
atomic_store AtomicStore [Int64Down] (T, I64) -> () Atomic ATOMIC "Stores a `T` at once." => |_, _, a| two(a[0], a[1]);
atomic_xchg AtomicXchg [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Stores a `T`; gives what was there." => |_, _, a| two(a[0], a[1]);
atomic_add AtomicAdd [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Adds to memory; gives what was there." => |_, _, a| two(a[0], a[0].wrapping_add(a[1]));
atomic_sub AtomicSub [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Subtracts from memory; gives what was there." => |_, _, a| two(a[0], a[0].wrapping_sub(a[1]));
atomic_and AtomicAnd [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Bitwise and with memory; gives what was there." => |_, _, a| two(a[0], a[0] & a[1]);
atomic_or AtomicOr [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Bitwise or with memory; gives what was there." => |_, _, a| two(a[0], a[0] | a[1]);
atomic_xor AtomicXor [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Bitwise exclusive or with memory; gives what was there." => |_, _, a| two(a[0], a[0] ^ a[1]);
atomic_smin AtomicSmin [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Leaves the lesser in memory, signed; gives what was there." => |t, _, a| two(a[0], if signed(t, a[0]) < signed(t, a[1]) { a[0] } else { a[1] });
atomic_smax AtomicSmax [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Leaves the greater in memory, signed; gives what was there." => |t, _, a| two(a[0], if signed(t, a[0]) > signed(t, a[1]) { a[0] } else { a[1] });
atomic_umin AtomicUmin [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Leaves the lesser in memory, unsigned; gives what was there." => |_, _, a| two(a[0], a[0].min(a[1]));
atomic_umax AtomicUmax [Int64Down] (T, I64) -> (T) Atomic ATOMIC "Leaves the greater in memory, unsigned; gives what was there." => |_, _, a| two(a[0], a[0].max(a[1]));
atomic_cas AtomicCas [Int64Down] (T, T, I64) -> (T) Atomic ATOMIC "Stores the second value if memory holds the first; gives what was there." => |_, _, a| two(a[0], if a[0] == a[1] { a[2] } else { a[0] });
fence Fence [NoType] () -> () Plain ATOMIC "Accesses before it, of all regions, are done before those after it." => none;

// Control.
jump Jump [NoType] () -> () Jump ENDS "Goes to a block." => none;
br_if BrIf [NoType] (I8) -> () BrIf ENDS "Goes to the first target if nonzero, else to the second." => none;
br_table BrTable [NoType] (I64) -> () BrTable ENDS "Goes to the target of this index, unsigned; to the default if there is none." => none;
ret Ret [NoType] () -> () Ret ENDS "Returns the operands." => none;
trap Trap [NoType] () -> () Trap ENDS_TRAPS "Stops with a code." => none;
trap_if TrapIf [NoType] (I8) -> () TrapIf TRAPS "Stops with a code if nonzero." => none;
call Call [NoType] () -> () Call CALLS "Calls a function; operands and results are those of its signature." => none;
call_indirect CallIndirect [NoType] (I64) -> () CallIndirect CALLS "Calls the function at an address." => none;
tail_call TailCall [NoType] () -> () TailCall ENDS_CALLS "Returns what a function returns, in the frame of the caller. Convention `fast` only; refused if the callee has more stack arguments than the caller." => none;
tail_call_indirect TailCallIndirect [NoType] (I64) -> () TailCallIndirect ENDS_CALLS "Returns what the function at an address returns, in the frame of the caller." => none;
    } };
}

const PURE: Effects = Effects::PURE;
const COMMUTES: Effects = Effects::COMMUTES;
const TRAPS: Effects = Effects::TRAPS;
const READS: Effects = Effects::READS;
const WRITES: Effects = Effects::WRITES;
const CALLS: Effects = Effects::CALLS;
const ENDS: Effects = Effects::ENDS;
const ATOMIC: Effects = Effects::ATOMIC;
const ENDS_TRAPS: Effects = Effects::ENDS.union(Effects::TRAPS);
const ENDS_CALLS: Effects = Effects::ENDS.union(Effects::CALLS);

macro_rules! define_opcodes {
    ($($name:ident $variant:ident [$class:ident] ($($operand:ident),*) -> ($($result:ident),*)
       $format:ident $effects:ident $doc:literal => $meaning:expr;)*) => {
        /// What an instruction does. See the table in this file.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Opcode { $(#[doc = $doc] $variant,)* }

        impl Opcode {
            /// Every opcode, in the order of the table.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$variant,)*];
        }

        static INFO: &[OpInfo] = &[$(OpInfo {
            name: stringify!($name),
            doc: $doc,
            class: Class::$class,
            operands: &[$(TyRule::$operand),*],
            results: &[$(TyRule::$result),*],
            format: Format::$format,
            effects: $effects,
        },)*];

        static MEANING: &[EvalFn] = &[$($meaning,)*];
    };
}

opcode_table!(define_opcodes);

impl Opcode {
    /// The facts of this opcode's row.
    pub fn info(self) -> &'static OpInfo {
        &INFO[self as usize]
    }
    /// Its name in text.
    pub fn name(self) -> &'static str {
        self.info().name
    }
    /// What it does beside its results.
    pub fn effects(self) -> Effects {
        self.info().effects
    }
    /// What else it carries.
    pub fn format(self) -> Format {
        self.info().format
    }
    /// Whether it is written with its controlling type.
    pub fn has_type(self) -> bool {
        self.info().class != Class::NoType
    }
    /// The function behind [`eval`](Self::eval), which does not cut results.
    pub(crate) fn meaning(self) -> EvalFn {
        MEANING[self as usize]
    }
    /// How many bytes a load, a store or an atomic instruction touches, and whether a load extends the sign.
    pub fn access(self, ty: Type) -> Option<(u8, bool)> {
        Some(match self {
            Opcode::Load | Opcode::Store => (ty.bytes() as u8, false),
            op if op.format() == Format::Atomic => (ty.bytes() as u8, false),
            Opcode::LoadU8 | Opcode::Store8 => (1, false),
            Opcode::LoadS8 => (1, true),
            Opcode::LoadU16 | Opcode::Store16 => (2, false),
            Opcode::LoadS16 => (2, true),
            Opcode::LoadU32 | Opcode::Store32 => (4, false),
            Opcode::LoadS32 => (4, true),
            _ => return None,
        })
    }
    /// Whether it ends a block.
    pub fn is_terminator(self) -> bool {
        self.effects().has(ENDS)
    }
    /// Whether [`eval`](Self::eval) gives its whole meaning: it touches neither memory nor control.
    pub fn is_scalar(self) -> bool {
        self.format() == Format::Plain && !self.effects().has(READS)
    }
    /// The opcode with this name.
    pub fn from_name(name: &str) -> Option<Opcode> {
        Opcode::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// The result bits of a scalar opcode, cut to their types, or the trap it ends in.
    ///
    /// `ty` is the controlling type and `from` the type of the first operand; `args` are zero-extended.
    pub fn eval(self, ty: Type, from: Type, args: &[u128]) -> Evaluated {
        let mut bits = MEANING[self as usize](ty, from, args)?;
        for (bits, rule) in bits.iter_mut().zip(self.info().results) {
            *bits &= rule.result(ty).mask();
        }
        Ok(bits)
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
