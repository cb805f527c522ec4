//! The seam between compiled code and the runtime: exception numbers, the error state in memory, and
//! the table of helpers (name, signature, effects). Data only: the front end calls by this table, the
//! runtime implements it, and a test compares both.

/// How a helper's parameter or result travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One `i64`.
    I64,
    /// One `i32`.
    I32,
    /// One `i8` (0 or 1).
    Bool,
    /// One `f64`.
    F64,
    /// Text as two `i64`: address and length in bytes of valid UTF-8.
    Str,
    /// Address of caller-owned memory, one `i64`.
    Ptr,
    /// An exact integer, borrowed, one `i64`: see the helpers `big_*`.
    Word,
    /// An exact integer that ends, or 0 for an empty slot, one `i64`.
    Slot,
}

/// What a helper may do beside computing its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing: equal arguments give equal results; may be removed or merged.
    Pure,
    /// Reads or writes runtime state, but raises nothing.
    State,
    /// As `State`, and may set an exception: test `pyexec_error.kind` after the call.
    Raises,
}

/// One helper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Helper {
    /// The linker symbol.
    pub name: &'static str,
    /// Parameters in order.
    pub params: &'static [Kind],
    /// The result, if any.
    pub result: Option<Kind>,
    /// What it may do.
    pub effect: Effect,
    /// One sentence.
    pub doc: &'static str,
}

macro_rules! exceptions {
    ($($name:ident = $number:literal : $parent:ident;)*) => {
        /// Every exception class that native code can raise, by number. 0 means "none pending".
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(i32)]
        #[allow(clippy::enum_variant_names)]
        pub enum Exc { $(#[doc = concat!("Python's `", stringify!($name), "`.")] $name = $number,)* }

        impl Exc {
            /// All of them.
            pub const ALL: &'static [Exc] = &[$(Exc::$name,)*];
            /// The class name in Python.
            pub const fn name(self) -> &'static str {
                match self { $(Exc::$name => stringify!($name),)* }
            }
            /// The base class; `BaseException` is its own.
            pub const fn parent(self) -> Exc {
                match self { $(Exc::$name => Exc::$parent,)* }
            }
        }
    };
}

exceptions! {
    BaseException = 1: BaseException;
    SystemExit = 2: BaseException;
    KeyboardInterrupt = 3: BaseException;
    Exception = 4: BaseException;
    ArithmeticError = 5: Exception;
    FloatingPointError = 6: ArithmeticError;
    OverflowError = 7: ArithmeticError;
    ZeroDivisionError = 8: ArithmeticError;
    AssertionError = 9: Exception;
    LookupError = 10: Exception;
    IndexError = 11: LookupError;
    KeyError = 12: LookupError;
    MemoryError = 13: Exception;
    NameError = 14: Exception;
    UnboundLocalError = 15: NameError;
    RuntimeError = 16: Exception;
    RecursionError = 17: RuntimeError;
    NotImplementedError = 18: RuntimeError;
    StopIteration = 19: Exception;
    TypeError = 20: Exception;
    ValueError = 21: Exception;
    UnicodeError = 22: ValueError;
    AttributeError = 23: Exception;
    OSError = 24: Exception;
    EOFError = 25: Exception;
    ImportError = 26: Exception;
}

impl Exc {
    /// The exception with this number.
    pub fn from_number(number: i32) -> Option<Exc> {
        Self::ALL.iter().copied().find(|e| *e as i32 == number)
    }
    /// The exception class with this Python name.
    pub fn from_name(name: &str) -> Option<Exc> {
        Self::ALL.iter().copied().find(|e| e.name() == name)
    }
    /// Whether `self` is `base` or derives from it.
    pub fn is_subclass_of(self, base: Exc) -> bool {
        self == base || (self.parent() != self && self.parent().is_subclass_of(base))
    }
}

/// A pending "exception" that Python never sees: a helper of the fast body has a result beyond 64 bits, and the
/// exact body has to compute it. No class has this number.
pub const NEEDS_EXACT: i32 = -1;
/// What an `OverflowError` says where an `int` leaves 64 bits and no exact body can go on.
pub const INT_OVERFLOW: &str = "Python int too large to convert to C long";

/// What the hash of a tuple starts with: see `pyexec_hash_tuple_item`.
pub const HASH_TUPLE_START: i64 = 2_870_177_450_012_600_261;

/// The status of a function (its last result) whose `int` results are words, because one does not fit in 64 bits.
pub const STATUS_EXACT: i64 = 2;

/// The data symbol of the error state: a [`ERROR_SIZE`]-byte structure, zero at the start.
pub const ERROR_SYMBOL: &str = "pyexec_error";
/// `i32`: an [`Exc`] number, 0 when no exception is pending.
pub const ERROR_KIND: i32 = 0;
/// `i32`: how many frames the exception has passed; may exceed [`ERROR_TRACE_CAPACITY`].
pub const ERROR_TRACE_LEN: i32 = 4;
/// `i64`: address of the message (UTF-8), 0 if none. For `SystemExit` with length -1: the exit status.
pub const ERROR_MESSAGE: i32 = 8;
/// `i64`: length of the message in bytes, or -1 (see [`ERROR_MESSAGE`]).
pub const ERROR_MESSAGE_LEN: i32 = 16;
/// `[i32; ERROR_TRACE_CAPACITY]`: indices into the module's traceback table, innermost frame first.
pub const ERROR_TRACE: i32 = 24;
/// `i64`: 0 for an exception that was raised here and now; else the runtime knows more of it (its cause and context).
pub const ERROR_ORIGIN: i32 = ERROR_TRACE + 4 * ERROR_TRACE_CAPACITY;
/// How many frames are kept: the innermost ones.
pub const ERROR_TRACE_CAPACITY: i32 = 64;
/// Size of the error state in bytes.
pub const ERROR_SIZE: u32 = 24 + 4 * 64 + 8;
/// The data symbol (`i32`) that objects and libraries share: nonzero once an error state of any thread has been
/// written. Until then none needs to be cleared.
pub const ERROR_SEEN_SYMBOL: &str = "pyexec_error_seen";
/// The data symbol (`i64`) of the lowest stack address that compiled code may reach; 0 = no limit.
pub const STACK_LIMIT_SYMBOL: &str = "pyexec_stack_limit";

macro_rules! helpers {
    ($($effect:ident $name:ident($($param:ident),*) $(-> $result:ident)?; $doc:literal)*) => {
        /// Every helper, by name.
        pub const HELPERS: &[Helper] = &[$(Helper {
            name: concat!("pyexec_", stringify!($name)),
            params: &[$(Kind::$param),*],
            result: helpers!(@result $($result)?),
            effect: Effect::$effect,
            doc: $doc,
        },)*];
    };
    (@result) => { None };
    (@result $result:ident) => { Some(Kind::$result) };
}

helpers! {
    // Output. Pieces gather in a pending text; evaluation of arguments is over before the first piece,
    // so nothing can raise between the first piece and the end except a format helper.
    State out_str(Str); "Appends text."
    State out_i64(I64); "Appends a signed integer in decimal."
    State out_u64(I64); "Appends an unsigned integer in decimal."
    State out_f64(F64); "Appends a float as `repr` gives it."
    State out_f32(F64); "Appends a float32 (widened) with the shortest digits that give the same float32."
    State out_bool(Bool); "Appends `True` or `False`."
    State out_complex(F64, F64); "Appends a complex as `repr` gives it."
    State out_repr_str(Str); "Appends text as `repr` quotes it."
    State out_exc(I64); "Appends the message of a saved exception, as `str(e)` gives it."
    State out_repr_exc(I64); "Appends a saved exception as `repr(e)` gives it."
    Raises out_fmt_i64(I64, Str); "Appends an int by a format spec. ValueError as CPython's."
    Raises out_fmt_u64(I64, Str); "Appends an unsigned int by a format spec."
    Raises out_fmt_bool(Bool, Str); "Appends a bool by a format spec."
    Raises out_fmt_f64(F64, Str); "Appends a float by a format spec."
    Raises out_fmt_complex(F64, F64, Str); "Appends a complex by a format spec."
    Raises out_fmt_str(Str, Str); "Appends text (first) by a format spec (second)."
    Raises out_fmt_spec_i64(I64); "Pops the pending spec (see `out_spec_begin`) and appends an int by it."
    Raises out_fmt_spec_f64(F64); "Pops the pending spec and appends a float by it."
    Raises out_fmt_spec_str(Str); "Pops the pending spec and appends text by it."
    Raises out_fmt_spec_u64(I64); "Pops the pending spec and appends an unsigned int by it."
    Raises out_fmt_spec_bool(Bool); "Pops the pending spec and appends a bool by it."
    Raises out_fmt_spec_complex(F64, F64); "Pops the pending spec and appends a complex by it."
    State out_spec_begin(); "Starts gathering a computed format spec: pieces go to it until the next out_fmt_spec_*."
    State out_print(); "Moves the pending text to standard output."
    State out_print_stderr(); "Moves the pending text to standard error."
    State out_flush(); "Flushes standard output."
    State raise_pending(I32, I32); "Sets an exception (kind, traceback index) with the pending text as message."

    // Exceptions.
    State exc_save() -> I64; "Takes the pending exception out of the error state and returns a handle to it."
    State exc_restore(I64); "Makes a saved exception pending again and ends its handle."
    State exc_copy(I64) -> I64; "A second handle to the same saved exception."
    State exc_drop(I64); "Ends a handle."
    State exc_context(I64); "The pending exception was raised while this saved one was handled. Ends the handle."
    State exc_again(I64, I64); "A saved exception (first) is raised again while another (second) is handled: its old context goes."
    State exc_cause(I64); "The pending exception was raised `from` this saved one, or from None if the handle is 0."
    State exc_class(I64, I64, Str); "Makes a class of the program known: its number, that of its nearest built-in base, its name."

    // Buffers that compiled code makes, alive in the order in which they were made.
    Raises buffer_zeros(I64, I64, I64) -> I64; "Address of a new buffer of zeros: rows, columns, bytes of an item. ValueError if one is negative, MemoryError."
    State buffer_mark() -> I64; "How many buffers are alive."
    State buffer_keep(I64); "Says that the buffer which has this address in it or ends there stays at the next sweep."
    State buffer_sweep(I64); "Frees all but the first so many buffers, except those that were to be kept."

    // Text.
    Pure str_len(Str) -> I64; "How many characters the text has."
    Pure str_cmp(Str, Str) -> I64; "-1, 0 or 1 as Python orders text."
    State argc() -> I64; "How many items `sys.argv` has."
    State argv_ptr(I64) -> Ptr; "Address of an item of `sys.argv`; the index is in range."
    State argv_len(I64) -> I64; "Length in bytes of an item of `sys.argv`; the index is in range."
    Raises parse_int(Str, I64) -> I64; "`int(text, base)`; ValueError, or OverflowError beyond 64 bits."
    Raises parse_float(Str) -> F64; "`float(text)`; ValueError."

    // Arithmetic that is not one instruction.
    Raises int_pow(I64, I64) -> I64; "`a ** b` for b >= 0; OverflowError beyond 64 bits, ValueError if b < 0."
    Raises int_pow_mod(I64, I64, I64) -> I64; "`pow(a, b, m)` as Python defines it; ValueError, also if not invertible."
    Pure int_div_f64(I64, I64) -> F64; "`a / b` correctly rounded; b is not zero."
    Raises int_round(I64, I64) -> I64; "`round(a, ndigits)`; OverflowError beyond 64 bits."
    Pure int_cmp_f64(I64, F64) -> I64; "Exact comparison: -1, 0, 1, or 2 if unordered."
    Raises float_pow(F64, F64) -> F64; "`a ** b`; ZeroDivisionError, OverflowError; ValueError where Python would give a complex."
    Pure float_mod(F64, F64) -> F64; "`a % b` as Python defines it; b is not zero."
    Pure float_floordiv(F64, F64) -> F64; "`a // b` as Python defines it; b is not zero."
    Raises float_round(F64, I64) -> F64; "`round(x, ndigits)`: correctly rounded, half to even; OverflowError."
    Raises complex_pow(F64, F64, F64, F64, Ptr); "`a ** b`; writes two f64 to the address."
    Raises complex_div(F64, F64, F64, F64, Ptr); "`a / b`; writes two f64 to the address; ZeroDivisionError."
    Raises parse_complex(Str, Ptr); "`complex(text)`; writes two f64 to the address; ValueError."

    // math: CPython's functions with their exceptions.
    Raises math_acos(F64) -> F64; "`math.acos`." Raises math_acosh(F64) -> F64; "`math.acosh`."
    Raises math_asin(F64) -> F64; "`math.asin`." Raises math_asinh(F64) -> F64; "`math.asinh`."
    Raises math_atan(F64) -> F64; "`math.atan`." Raises math_atanh(F64) -> F64; "`math.atanh`."
    Pure math_atan2(F64, F64) -> F64; "`math.atan2`."
    Raises math_cbrt(F64) -> F64; "`math.cbrt`."
    Raises math_cos(F64) -> F64; "`math.cos`." Raises math_cosh(F64) -> F64; "`math.cosh`."
    Raises math_erf(F64) -> F64; "`math.erf`." Raises math_erfc(F64) -> F64; "`math.erfc`."
    Raises math_exp(F64) -> F64; "`math.exp`." Raises math_exp2(F64) -> F64; "`math.exp2`."
    Raises math_expm1(F64) -> F64; "`math.expm1`."
    Raises math_fmod(F64, F64) -> F64; "`math.fmod`."
    Raises math_gamma(F64) -> F64; "`math.gamma`." Raises math_lgamma(F64) -> F64; "`math.lgamma`."
    Pure math_hypot(F64, F64) -> F64; "`math.hypot` of two."
    Raises math_ldexp(F64, I64) -> F64; "`math.ldexp`."
    Raises math_log(F64) -> F64; "`math.log` of one." Raises math_log10(F64) -> F64; "`math.log10`."
    Raises math_log_int(I64) -> F64; "`math.log` of an int."
    Raises math_log1p(F64) -> F64; "`math.log1p`." Raises math_log2(F64) -> F64; "`math.log2`."
    Raises math_pow(F64, F64) -> F64; "`math.pow`."
    Raises math_remainder(F64, F64) -> F64; "`math.remainder`."
    Raises math_sin(F64) -> F64; "`math.sin`." Raises math_sinh(F64) -> F64; "`math.sinh`."
    Raises math_tan(F64) -> F64; "`math.tan`." Raises math_tanh(F64) -> F64; "`math.tanh`."
    Pure math_nextafter(F64, F64) -> F64; "`math.nextafter`."
    Pure math_ulp(F64) -> F64; "`math.ulp`."
    Pure math_frexp_mantissa(F64) -> F64; "`math.frexp(x)[0]`."
    Pure math_frexp_exponent(F64) -> I64; "`math.frexp(x)[1]`."
    Raises math_gcd(I64, I64) -> I64; "`math.gcd` of two; OverflowError beyond 64 bits."
    Raises math_lcm(I64, I64) -> I64; "`math.lcm` of two; OverflowError beyond 64 bits."
    Raises math_isqrt(I64) -> I64; "`math.isqrt`; ValueError."
    Raises math_factorial(I64) -> I64; "`math.factorial`; ValueError, OverflowError."
    Raises math_comb(I64, I64) -> I64; "`math.comb`; ValueError, OverflowError."
    Raises math_perm(I64, I64) -> I64; "`math.perm`; ValueError, OverflowError."
    State time_perf_counter() -> F64; "`time.perf_counter()`."
    State time_time() -> F64; "`time.time()`."

    // cmath: CPython's functions with their exceptions. Real and imaginary part; two f64 to the address.
    Raises cmath_acos(F64, F64, Ptr); "`cmath.acos`."
    Raises cmath_acosh(F64, F64, Ptr); "`cmath.acosh`."
    Raises cmath_asin(F64, F64, Ptr); "`cmath.asin`."
    Raises cmath_asinh(F64, F64, Ptr); "`cmath.asinh`."
    Raises cmath_atan(F64, F64, Ptr); "`cmath.atan`."
    Raises cmath_atanh(F64, F64, Ptr); "`cmath.atanh`."
    Raises cmath_cos(F64, F64, Ptr); "`cmath.cos`."
    Raises cmath_cosh(F64, F64, Ptr); "`cmath.cosh`."
    Raises cmath_exp(F64, F64, Ptr); "`cmath.exp`."
    Raises cmath_log(F64, F64, Ptr); "`cmath.log`."
    Raises cmath_log10(F64, F64, Ptr); "`cmath.log10`."
    Raises cmath_sin(F64, F64, Ptr); "`cmath.sin`."
    Raises cmath_sinh(F64, F64, Ptr); "`cmath.sinh`."
    Raises cmath_sqrt(F64, F64, Ptr); "`cmath.sqrt`."
    Raises cmath_tan(F64, F64, Ptr); "`cmath.tan`."
    Raises cmath_tanh(F64, F64, Ptr); "`cmath.tanh`."
    Raises cmath_log_base(F64, F64, F64, F64, Ptr); "`cmath.log` with a base."
    Raises cmath_polar(F64, F64, Ptr); "`cmath.polar`."
    Raises cmath_rect(F64, F64, Ptr); "`cmath.rect`."
    Raises cmath_phase(F64, F64) -> F64; "`cmath.phase`; OverflowError where the angle is too small for a float, as CPython."
    Raises complex_abs(F64, F64) -> F64; "`abs(z)`; OverflowError."

    // Methods of float; hash. A tuple's hash starts with HASH_TUPLE_START, takes each item, and ends.
    State out_float_hex(F64); "Appends `x.hex()`."
    Raises float_fromhex(Str) -> F64; "`float.fromhex(text)`; ValueError, OverflowError."
    Pure float_is_integer(F64) -> I64; "`x.is_integer()`: 0 or 1."
    Raises float_ratio_numerator(F64) -> I64; "`x.as_integer_ratio()[0]`; OverflowError, ValueError; may need the exact body."
    Raises float_ratio_denominator(F64) -> I64; "`x.as_integer_ratio()[1]`; as the numerator."
    Raises big_ratio_numerator(F64, Slot) -> Word; "`x.as_integer_ratio()[0]` as a word. Operands: x, old."
    Raises big_ratio_denominator(F64, Slot) -> Word; "`x.as_integer_ratio()[1]` as a word. Operands: x, old."
    Pure hash_int(I64) -> I64; "`hash(int)`, also of bool."
    Pure hash_float(F64) -> I64; "`hash(float)`; 0 for NaN."
    Pure hash_complex(F64, F64) -> I64; "`hash(complex)`."
    Pure hash_tuple_item(I64, I64) -> I64; "The state of a tuple's hash after an item. Operands: state, hash of the item."
    Pure hash_tuple_end(I64, I64) -> I64; "`hash(tuple)`. Operands: state, length."

    // math with any number of arguments: begin a vector, push the items, end it by one of the functions.
    State vector_begin(); "Begins a vector of floats; vectors nest."
    State vector_push(F64); "Appends an item to the innermost vector."
    State vector_drop(); "Ends the innermost vector without a result."
    State vector_hypot() -> F64; "Ends the vector: `math.hypot`; `math.dist`, if the items are differences."
    Raises vector_fsum() -> F64; "Ends the vector: `math.fsum`; OverflowError, ValueError."
    State vector_sumprod() -> F64; "Ends the vector: `math.sumprod`, the items having been pushed in pairs."
    Raises math_nextafter_steps(F64, F64, I64) -> F64; "`math.nextafter(x, y, steps=n)`; ValueError."
    Raises math_fma(F64, F64, F64) -> F64; "`math.fma`; ValueError, OverflowError."

    // Exact integers: words, each in a slot that owns one reference. 0 is an empty slot, odd is a small integer
    // `value << 1 | 1` (whatever fits 63 bits), other words are opaque. Operands are borrowed; `old` (the last
    // operand of what returns a word) is what the slot of the result held: it ends, and may be an operand too.
    // If an exception is raised, `old` does not end, and the result is to be ignored.
    State big_from_i64(I64, Slot) -> Word; "The word of a signed integer. Operands: value, old."
    State big_from_u64(I64, Slot) -> Word; "The word of an unsigned integer. Operands: value, old."
    State big_drop(Slot); "Ends a word; nothing for an empty slot."
    State big_keep(Slot, Slot) -> Word; "A new reference to a word; an empty slot stays empty. Operands: word, old."
    State big_live() -> I64; "How many integers beyond 63 bits are alive: for tests of leaks."
    State big_fits(Word) -> I64; "1 if the value fits 64 bits, else 0."
    State big_low(Word) -> I64; "The low 64 bits in two's complement: the value, if it fits."
    Raises big_add(Word, Word, Slot) -> Word; "`a + b`; MemoryError, as all that grows."
    Raises big_sub(Word, Word, Slot) -> Word; "`a - b`."
    Raises big_mul(Word, Word, Slot) -> Word; "`a * b`."
    State big_and(Word, Word, Slot) -> Word; "`a & b`."
    State big_or(Word, Word, Slot) -> Word; "`a | b`."
    State big_xor(Word, Word, Slot) -> Word; "`a ^ b`."
    State big_neg(Word, Slot) -> Word; "`-a`."
    State big_invert(Word, Slot) -> Word; "`~a`."
    State big_abs(Word, Slot) -> Word; "`abs(a)`."
    Raises big_floordiv(Word, Word, Slot) -> Word; "`a // b`; ZeroDivisionError."
    Raises big_mod(Word, Word, Slot) -> Word; "`a % b`; ZeroDivisionError."
    Raises big_shl(Word, Word, Slot) -> Word; "`a << b`; ValueError, OverflowError, MemoryError."
    Raises big_shr(Word, Word, Slot) -> Word; "`a >> b`; ValueError."
    State big_clamp(Word) -> I64; "The value, or the nearest one of 64 bits: for counts that are only large."
    Raises big_pow(Word, Word, Slot) -> Word; "`a ** b` for b >= 0; ValueError if b < 0."
    Raises big_pow_mod(Word, Word, Word, Slot) -> Word; "`pow(a, b, m)`; ValueError. Operands: a, b, m, old."
    Raises big_truediv(Word, Word) -> F64; "`a / b` correctly rounded; ZeroDivisionError, OverflowError."
    Raises big_to_f64(Word) -> F64; "`float(a)` correctly rounded; OverflowError."
    Raises big_from_f64(F64, Slot) -> Word; "`int(x)`, `math.trunc(x)`; ValueError, OverflowError."
    Raises big_floor(F64, Slot) -> Word; "`math.floor(x)`; as `big_from_f64`."
    Raises big_ceil(F64, Slot) -> Word; "`math.ceil(x)`; as `big_from_f64`."
    Raises big_round_f64(F64, Slot) -> Word; "`round(x)`; as `big_from_f64`."
    State big_round(Word, Word, Slot) -> Word; "`round(a, ndigits)`; all three are words."
    State big_cmp(Word, Word) -> I64; "-1, 0 or 1."
    State big_cmp_f64(Word, F64) -> I64; "Exact comparison: -1, 0, 1, or 2 if unordered."
    State big_bit_length(Word, Slot) -> Word; "`a.bit_length()`."
    State big_bit_count(Word, Slot) -> Word; "`a.bit_count()`."
    State big_gcd(Word, Word, Slot) -> Word; "`math.gcd` of two."
    Raises big_lcm(Word, Word, Slot) -> Word; "`math.lcm` of two; MemoryError."
    Raises big_isqrt(Word, Slot) -> Word; "`math.isqrt`; ValueError."
    Raises big_factorial(Word, Slot) -> Word; "`math.factorial`; ValueError, OverflowError, MemoryError."
    Raises big_comb(Word, Word, Slot) -> Word; "`math.comb`; as `big_factorial`."
    Raises big_perm(Word, Word, Slot) -> Word; "`math.perm`; as `big_factorial`."
    State big_hash(Word) -> I64; "`hash(a)`."
    State big_range_count(Word, Word, Word, Slot) -> Word; "How many items `range(start, stop, step)` has; step is not 0."
    Raises big_parse(Str, I64, Slot) -> Word; "`int(text, base)`; ValueError. The base is no word. Operands: text, base, old."
    Raises math_log_big(Word) -> F64; "`math.log` of an exact integer; ValueError."
    Raises math_log2_big(Word) -> F64; "`math.log2` of an exact integer; ValueError."
    Raises math_log10_big(Word) -> F64; "`math.log10` of an exact integer; ValueError."
    Raises out_big(Word); "Appends an exact integer in decimal; ValueError beyond 4300 digits."
    Raises out_fmt_big(Word, Str); "Appends an exact integer by a format spec."
    Raises out_fmt_spec_big(Word); "Pops the pending spec and appends an exact integer by it."
}

/// The helper with this symbol.
pub fn helper(symbol: &str) -> Option<&'static Helper> {
    HELPERS.iter().find(|h| h.name == symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_unique() {
        let mut names: Vec<_> = HELPERS.iter().map(|h| h.name).collect();
        names.sort_unstable();
        let total = names.len();
        names.dedup();
        assert_eq!(names.len(), total);
        assert!(Exc::ALL.iter().all(|e| Exc::from_number(*e as i32) == Some(*e)));
    }

    #[test]
    fn the_hierarchy_is_pythons() {
        assert!(Exc::ZeroDivisionError.is_subclass_of(Exc::ArithmeticError));
        assert!(Exc::UnicodeError.is_subclass_of(Exc::Exception));
        assert!(!Exc::SystemExit.is_subclass_of(Exc::Exception));
        assert_eq!(Exc::from_name("KeyError"), Some(Exc::KeyError));
    }
}
