//! Every helper of `pyexec_ir::rt::HELPERS`, written once and exposed twice: as a C function for native code, and
//! by name for the interpreter.
//!
//! A helper is a safe function over [`State`]. The table below names its parameters' kinds; from a row come both
//! shims. A test holds the table against `HELPERS`.

pub(crate) mod arith;
pub(crate) mod buffers;
mod cmath;
mod cmath_special;
pub(crate) mod float;
mod gamma;
mod host;
pub(crate) mod libm;
pub(crate) mod math;
mod text;
mod time;
mod vector;

use crate::{Raise, State, big};
use host::HostArgs;
pub use host::{HostError, HostMemory, load_error};
use pyexec_ir::rt::Kind;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ptr;
use std::sync::OnceLock;

thread_local! {
    static CURRENT: Cell<*mut State> = const { Cell::new(ptr::null_mut()) };
}

/// Ends the program that called a helper of output once there is nobody to write to: it could print for ever. The
/// interpreter's host asks [`Stream::error`](crate::Stream::error) instead.
macro_rules! leave_if_unheard {
    (out_print) => {
        leave_if_unheard!(out_flush)
    };
    (out_flush) => {
        if on_session(|state| state.stdout.error().is_some()) {
            // SAFETY: the only frame on the way is the shim's, which owns nothing but numbers.
            unsafe { crate::trap::leave() }
        }
    };
    ($other:ident) => {};
}

/// Makes `state` the one that helpers on this thread see while `body` runs.
pub(crate) fn with_state<R>(state: &mut State, body: impl FnOnce() -> R) -> R {
    let outer = CURRENT.replace(state);
    let result = body();
    CURRENT.set(outer);
    result
}

/// Runs a helper on the current state. Compiled code entered without a session, that of objects and libraries,
/// has the state of its thread.
fn on_current<R>(helper: impl FnOnce(&mut State) -> R) -> R {
    // SAFETY: a non-null pointer was set by `with_state`, whose `&mut` borrow lasts until compiled code has
    // returned; helpers do not call compiled code, so no second reference exists.
    match unsafe { CURRENT.get().as_mut() } {
        Some(state) => helper(state),
        None => crate::aot::on_thread(helper),
    }
}

/// Asks the state of the session, if compiled code was entered from one.
fn on_session(question: impl FnOnce(&State) -> bool) -> bool {
    // SAFETY: as in `on_current`.
    unsafe { CURRENT.get().as_ref() }.is_some_and(question)
}

/// Text as native code passes it: two integer registers.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawStr {
    address: i64,
    length: i64,
}

impl RawStr {
    fn text<'a>(self) -> &'a str {
        if self.length <= 0 {
            return "";
        }
        // SAFETY: compiled code passes literals of its module and items of `sys.argv`: valid UTF-8 that
        // outlives the call.
        unsafe {
            let bytes = std::slice::from_raw_parts(self.address as *const u8, self.length as usize);
            std::str::from_utf8_unchecked(bytes)
        }
    }
}

/// What a helper returns, for both worlds.
trait Answer {
    type Value: Default;
    fn value(self, state: &mut State) -> Self::Value;
}

macro_rules! plain_answers {
    ($($ty:ty)*) => { $(impl Answer for $ty {
        type Value = $ty;
        fn value(self, _: &mut State) -> $ty { self }
    })* };
}
plain_answers!(() i64 f64 arith::Complex);

impl<T: Answer> Answer for Result<T, Raise> {
    type Value = T::Value;
    fn value(self, state: &mut State) -> T::Value {
        match self {
            Ok(answer) => answer.value(state),
            Err(raise) => {
                state.raise(raise);
                T::Value::default()
            }
        }
    }
}

/// Bits of a result for the interpreter.
trait Bits {
    fn bits(self) -> Option<u128>;
}
impl Bits for () {
    fn bits(self) -> Option<u128> {
        None
    }
}
impl Bits for i64 {
    fn bits(self) -> Option<u128> {
        Some(u128::from(self as u64))
    }
}
impl Bits for f64 {
    fn bits(self) -> Option<u128> {
        Some(u128::from(self.to_bits()))
    }
}

macro_rules! native_type {
    (I64) => { i64 };
    (I32) => { i32 };
    (Bool) => { i8 };
    (F64) => { f64 };
    (Str) => { RawStr };
    (Ptr) => { *mut f64 };
    (Word) => { i64 };
    (Slot) => { i64 };
}
macro_rules! native_value {
    (Bool $arg:ident) => {
        $arg & 1 != 0
    };
    (Str $arg:ident) => {
        $arg.text()
    };
    ($kind:ident $arg:ident) => {
        $arg
    };
}
macro_rules! host_value {
    (I64 $args:ident $state:ident) => {
        $args.next()? as i64
    };
    (Word $args:ident $state:ident) => {
        $args.word($state, false)?
    };
    (Slot $args:ident $state:ident) => {
        $args.word($state, true)?
    };
    (I32 $args:ident $state:ident) => {
        $args.next()? as i32
    };
    (Bool $args:ident $state:ident) => {
        $args.next()? & 1 != 0
    };
    (F64 $args:ident $state:ident) => {
        f64::from_bits($args.next()? as u64)
    };
    (Str $args:ident $state:ident) => {
        &$args.text()?
    };
}
macro_rules! native_result {
    () => {
        ()
    };
    (I64) => {
        i64
    };
    (Ptr) => {
        i64
    };
    (Word) => {
        i64
    };
    (F64) => {
        f64
    };
}

/// One row: its description, its native shim, its shim for the interpreter.
struct Row {
    name: &'static str,
    #[cfg_attr(not(test), allow(dead_code))]
    params: &'static [Kind],
    #[cfg_attr(not(test), allow(dead_code))]
    result: Option<Kind>,
    address: fn() -> u64,
    host: fn(&mut State, &mut HostArgs<'_>) -> Result<Option<u128>, HostError>,
}

macro_rules! rows {
    ($($name:ident($($arg:ident: $kind:ident),*) $(-> $result:ident)? = $helper:path;)*
     => complex; $($cname:ident($($carg:ident: $ckind:ident),*) = $chelper:path;)*
     => heap; $($hname:ident($($harg:ident: $hkind:ident),*) $(-> $hresult:ident)? = $hhelper:path;)*) => {
        static ROWS: &[Row] = &[$(rows!(@row $name($($arg: $kind),*) $(-> $result)? = $helper),)*
            $(rows!(@complex $cname($($carg: $ckind),*) = $chelper),)*
            $(rows!(@heap $hname($($harg: $hkind),*) $(-> $hresult)? = $hhelper),)*];
    };
    // The helper takes memory: of the process, or of the interpreter.
    (@heap $name:ident($($arg:ident: $kind:ident),*) $(-> $result:ident)? = $helper:path) => {{
        // SAFETY: as below.
        #[unsafe(export_name = concat!("pyexec_", stringify!($name)))]
        extern "C" fn native($($arg: native_type!($kind)),*) -> native_result!($($result)?) {
            on_current(|state| $helper(state, &mut buffers::Process, $(native_value!($kind $arg)),*).value(state))
        }
        Row {
            name: concat!("pyexec_", stringify!($name)),
            params: &[$(Kind::$kind),*],
            result: rows!(@result $($result)?),
            address: || native as *const () as u64,
            host: |state, args| {
                $(let $arg = host_value!($kind args state);)*
                let mut heap = buffers::Simulated(&mut *args.memory);
                Ok($helper(state, &mut heap, $($arg),*).value(state).bits())
            },
        }
    }};
    (@row $name:ident($($arg:ident: $kind:ident),*) $(-> $result:ident)? = $helper:path) => {{
        // SAFETY: nothing but our helpers has names that begin with `pyexec_`. Objects are linked with them.
        #[unsafe(export_name = concat!("pyexec_", stringify!($name)))]
        extern "C" fn native($($arg: native_type!($kind)),*) -> native_result!($($result)?) {
            let value = on_current(|state| $helper(state, $(native_value!($kind $arg)),*).value(state));
            leave_if_unheard!($name);
            value
        }
        Row {
            name: concat!("pyexec_", stringify!($name)),
            params: &[$(Kind::$kind),*],
            result: rows!(@result $($result)?),
            address: || native as *const () as u64,
            host: |state, args| {
                let _ = &args;
                $(let $arg = host_value!($kind args state);)*
                Ok($helper(state, $($arg),*).value(state).bits())
            },
        }
    }};
    // The result goes to an address, the last parameter, unless an exception was raised.
    (@complex $name:ident($($arg:ident: $kind:ident),*) = $helper:path) => {{
        // SAFETY: as above.
        #[unsafe(export_name = concat!("pyexec_", stringify!($name)))]
        extern "C" fn native($($arg: native_type!($kind),)* to: *mut f64) {
            on_current(|state| {
                let [re, im] = $helper(state, $(native_value!($kind $arg)),*).value(state);
                // SAFETY: compiled code passes the address of a stack slot of 16 bytes.
                unsafe {
                    to.write_unaligned(re);
                    to.add(1).write_unaligned(im);
                }
            });
        }
        Row {
            name: concat!("pyexec_", stringify!($name)),
            params: &[$(Kind::$kind,)* Kind::Ptr],
            result: None,
            address: || native as *const () as u64,
            host: |state, args| {
                $(let $arg = host_value!($kind args state);)*
                let value = $helper(state, $($arg),*).value(state);
                let to = args.next()? as u64;
                args.store(to, value).map(|()| None)
            },
        }
    }};
    (@result) => { None };
    (@result $result:ident) => { Some(Kind::$result) };
}

rows! {
    out_str(s: Str) = text::out_str;
    out_i64(v: I64) = text::out_i64;
    out_u64(v: I64) = text::out_u64;
    out_f64(v: F64) = text::out_f64;
    out_f32(v: F64) = text::out_f32;
    out_bool(v: Bool) = text::out_bool;
    out_complex(re: F64, im: F64) = text::out_complex;
    out_repr_str(s: Str) = text::out_repr_str;
    out_exc(h: I64) = text::out_exc;
    out_repr_exc(h: I64) = text::out_repr_exc;
    out_fmt_i64(v: I64, spec: Str) = text::out_fmt_i64;
    out_fmt_u64(v: I64, spec: Str) = text::out_fmt_u64;
    out_fmt_bool(v: Bool, spec: Str) = text::out_fmt_bool;
    out_fmt_f64(v: F64, spec: Str) = text::out_fmt_f64;
    out_fmt_complex(re: F64, im: F64, spec: Str) = text::out_fmt_complex;
    out_fmt_str(s: Str, spec: Str) = text::out_fmt_str;
    out_fmt_spec_i64(v: I64) = text::out_fmt_spec_i64;
    out_fmt_spec_f64(v: F64) = text::out_fmt_spec_f64;
    out_fmt_spec_str(s: Str) = text::out_fmt_spec_str;
    out_spec_begin() = text::out_spec_begin;
    out_print() = text::out_print;
    out_print_stderr() = text::out_print_stderr;
    out_flush() = text::out_flush;
    raise_pending(kind: I32, loc: I32) = text::raise_pending;
    buffer_mark() -> I64 = buffers::mark;
    buffer_keep(address: I64) = buffers::keep;
    exc_save() -> I64 = text::exc_save;
    exc_restore(h: I64) = text::exc_restore;
    exc_copy(h: I64) -> I64 = text::exc_copy;
    exc_drop(h: I64) = text::exc_drop;
    exc_context(h: I64) = text::exc_context;
    exc_again(h: I64, handled: I64) = text::exc_again;
    exc_cause(h: I64) = text::exc_cause;
    exc_class(number: I64, base: I64, name: Str) = text::exc_class;
    str_len(s: Str) -> I64 = text::str_len;
    str_cmp(a: Str, b: Str) -> I64 = text::str_cmp;
    argc() -> I64 = text::argc;
    argv_ptr(i: I64) -> Ptr = text::argv_ptr;
    argv_len(i: I64) -> I64 = text::argv_len;
    parse_int(s: Str, base: I64) -> I64 = text::parse_int;
    parse_float(s: Str) -> F64 = text::parse_float;
    int_pow(a: I64, b: I64) -> I64 = arith::int_pow;
    int_pow_mod(a: I64, b: I64, m: I64) -> I64 = arith::int_pow_mod;
    int_div_f64(a: I64, b: I64) -> F64 = arith::int_div_f64;
    int_round(a: I64, n: I64) -> I64 = arith::int_round;
    int_cmp_f64(a: I64, b: F64) -> I64 = arith::int_cmp_f64;
    float_pow(a: F64, b: F64) -> F64 = arith::float_pow;
    float_mod(a: F64, b: F64) -> F64 = arith::float_mod;
    float_floordiv(a: F64, b: F64) -> F64 = arith::float_floordiv;
    float_round(x: F64, n: I64) -> F64 = arith::float_round;
    math_acos(x: F64) -> F64 = math::acos;
    math_acosh(x: F64) -> F64 = math::acosh;
    math_asin(x: F64) -> F64 = math::asin;
    math_asinh(x: F64) -> F64 = math::asinh;
    math_atan(x: F64) -> F64 = math::atan;
    math_atanh(x: F64) -> F64 = math::atanh;
    math_atan2(y: F64, x: F64) -> F64 = math::atan2;
    math_cbrt(x: F64) -> F64 = math::cbrt;
    math_cos(x: F64) -> F64 = math::cos;
    math_cosh(x: F64) -> F64 = math::cosh;
    math_erf(x: F64) -> F64 = math::erf;
    math_erfc(x: F64) -> F64 = math::erfc;
    math_exp(x: F64) -> F64 = math::exp;
    math_exp2(x: F64) -> F64 = math::exp2;
    math_expm1(x: F64) -> F64 = math::expm1;
    math_fmod(x: F64, y: F64) -> F64 = math::fmod;
    math_gamma(x: F64) -> F64 = math::gamma;
    math_lgamma(x: F64) -> F64 = math::lgamma;
    math_hypot(x: F64, y: F64) -> F64 = math::hypot;
    math_ldexp(x: F64, e: I64) -> F64 = math::ldexp;
    math_log(x: F64) -> F64 = math::log;
    math_log10(x: F64) -> F64 = math::log10;
    math_log_int(x: I64) -> F64 = math::log_int;
    math_log1p(x: F64) -> F64 = math::log1p;
    math_log2(x: F64) -> F64 = math::log2;
    math_pow(x: F64, y: F64) -> F64 = math::pow;
    math_remainder(x: F64, y: F64) -> F64 = math::remainder;
    math_sin(x: F64) -> F64 = math::sin;
    math_sinh(x: F64) -> F64 = math::sinh;
    math_tan(x: F64) -> F64 = math::tan;
    math_tanh(x: F64) -> F64 = math::tanh;
    math_nextafter(x: F64, y: F64) -> F64 = math::nextafter;
    math_ulp(x: F64) -> F64 = math::ulp;
    math_frexp_mantissa(x: F64) -> F64 = math::frexp_mantissa;
    math_frexp_exponent(x: F64) -> I64 = math::frexp_exponent;
    math_gcd(a: I64, b: I64) -> I64 = math::gcd;
    math_lcm(a: I64, b: I64) -> I64 = math::lcm;
    math_isqrt(n: I64) -> I64 = math::isqrt;
    math_factorial(n: I64) -> I64 = math::factorial;
    math_comb(n: I64, k: I64) -> I64 = math::comb;
    math_perm(n: I64, k: I64) -> I64 = math::perm;
    time_perf_counter() -> F64 = time::perf_counter;
    time_time() -> F64 = time::time;
    big_from_i64(v: I64, old: Slot) -> Word = big::from_i64;
    big_from_u64(v: I64, old: Slot) -> Word = big::from_u64;
    big_drop(a: Slot) = big::drop_word;
    big_keep(a: Slot, old: Slot) -> Word = big::keep;
    big_live() -> I64 = big::live;
    big_fits(a: Word) -> I64 = big::fits;
    big_clamp(a: Word) -> I64 = big::clamp;
    big_low(a: Word) -> I64 = big::low;
    big_add(a: Word, b: Word, old: Slot) -> Word = big::add;
    big_sub(a: Word, b: Word, old: Slot) -> Word = big::sub;
    big_mul(a: Word, b: Word, old: Slot) -> Word = big::mul;
    big_and(a: Word, b: Word, old: Slot) -> Word = big::and;
    big_or(a: Word, b: Word, old: Slot) -> Word = big::or;
    big_xor(a: Word, b: Word, old: Slot) -> Word = big::xor;
    big_floordiv(a: Word, b: Word, old: Slot) -> Word = big::floordiv;
    big_mod(a: Word, b: Word, old: Slot) -> Word = big::modulo;
    big_shl(a: Word, b: Word, old: Slot) -> Word = big::shl;
    big_shr(a: Word, b: Word, old: Slot) -> Word = big::shr;
    big_pow(a: Word, b: Word, old: Slot) -> Word = big::pow;
    big_gcd(a: Word, b: Word, old: Slot) -> Word = big::gcd;
    big_lcm(a: Word, b: Word, old: Slot) -> Word = big::lcm;
    big_comb(a: Word, b: Word, old: Slot) -> Word = big::comb;
    big_perm(a: Word, b: Word, old: Slot) -> Word = big::perm;
    big_neg(a: Word, old: Slot) -> Word = big::neg;
    big_invert(a: Word, old: Slot) -> Word = big::invert;
    big_abs(a: Word, old: Slot) -> Word = big::abs;
    big_bit_length(a: Word, old: Slot) -> Word = big::bit_length;
    big_bit_count(a: Word, old: Slot) -> Word = big::bit_count;
    big_isqrt(a: Word, old: Slot) -> Word = big::isqrt;
    big_factorial(a: Word, old: Slot) -> Word = big::factorial;
    big_pow_mod(a: Word, b: Word, m: Word, old: Slot) -> Word = big::pow_mod;
    big_round(a: Word, n: Word, old: Slot) -> Word = big::round;
    big_truediv(a: Word, b: Word) -> F64 = big::truediv;
    big_to_f64(a: Word) -> F64 = big::to_f64;
    big_from_f64(x: F64, old: Slot) -> Word = big::from_f64;
    big_floor(x: F64, old: Slot) -> Word = big::floor;
    big_ceil(x: F64, old: Slot) -> Word = big::ceil;
    big_round_f64(x: F64, old: Slot) -> Word = big::round_f64;
    big_cmp(a: Word, b: Word) -> I64 = big::cmp;
    big_cmp_f64(a: Word, b: F64) -> I64 = big::cmp_f64;
    big_hash(a: Word) -> I64 = big::hash;
    big_range_count(a: Word, b: Word, c: Word, old: Slot) -> Word = big::range_count;
    big_parse(s: Str, base: I64, old: Slot) -> Word = big::parse;
    math_log_big(a: Word) -> F64 = big::log;
    math_log2_big(a: Word) -> F64 = big::log2;
    math_log10_big(a: Word) -> F64 = big::log10;
    out_big(a: Word) = big::out;
    out_fmt_big(a: Word, spec: Str) = big::out_fmt;
    out_fmt_spec_big(a: Word) = big::out_fmt_spec;
    cmath_phase(re: F64, im: F64) -> F64 = cmath::phase;
    complex_abs(re: F64, im: F64) -> F64 = cmath::abs;
    out_float_hex(x: F64) = float::out_hex;
    float_fromhex(s: Str) -> F64 = float::fromhex;
    float_is_integer(x: F64) -> I64 = float::is_integer;
    float_ratio_numerator(x: F64) -> I64 = float::ratio_numerator;
    float_ratio_denominator(x: F64) -> I64 = float::ratio_denominator;
    big_ratio_numerator(x: F64, old: Slot) -> Word = big::ratio_numerator;
    big_ratio_denominator(x: F64, old: Slot) -> Word = big::ratio_denominator;
    hash_int(v: I64) -> I64 = float::hash_int;
    hash_float(x: F64) -> I64 = float::hash_float;
    hash_complex(re: F64, im: F64) -> I64 = float::hash_complex;
    hash_tuple_item(h: I64, item: I64) -> I64 = float::hash_tuple_item;
    hash_tuple_end(h: I64, length: I64) -> I64 = float::hash_tuple_end;
    vector_begin() = vector::begin;
    vector_push(x: F64) = vector::push;
    vector_drop() = vector::drop;
    vector_hypot() -> F64 = vector::hypot;
    vector_fsum() -> F64 = vector::fsum;
    vector_sumprod() -> F64 = vector::sumprod;
    math_nextafter_steps(x: F64, y: F64, n: I64) -> F64 = math::nextafter_steps;
    math_fma(x: F64, y: F64, z: F64) -> F64 = math::fma;
    out_fmt_spec_u64(v: I64) = text::out_fmt_spec_u64;
    out_fmt_spec_bool(v: Bool) = text::out_fmt_spec_bool;
    out_fmt_spec_complex(re: F64, im: F64) = text::out_fmt_spec_complex;
    => complex;
    cmath_acos(re: F64, im: F64) = cmath::acos;
    cmath_acosh(re: F64, im: F64) = cmath::acosh;
    cmath_asin(re: F64, im: F64) = cmath::asin;
    cmath_asinh(re: F64, im: F64) = cmath::asinh;
    cmath_atan(re: F64, im: F64) = cmath::atan;
    cmath_atanh(re: F64, im: F64) = cmath::atanh;
    cmath_cos(re: F64, im: F64) = cmath::cos;
    cmath_cosh(re: F64, im: F64) = cmath::cosh;
    cmath_exp(re: F64, im: F64) = cmath::exp;
    cmath_log(re: F64, im: F64) = cmath::log;
    cmath_log10(re: F64, im: F64) = cmath::log10;
    cmath_sin(re: F64, im: F64) = cmath::sin;
    cmath_sinh(re: F64, im: F64) = cmath::sinh;
    cmath_sqrt(re: F64, im: F64) = cmath::sqrt;
    cmath_tan(re: F64, im: F64) = cmath::tan;
    cmath_tanh(re: F64, im: F64) = cmath::tanh;
    cmath_log_base(a: F64, b: F64, c: F64, d: F64) = cmath::log_base;
    cmath_polar(re: F64, im: F64) = cmath::polar;
    cmath_rect(size: F64, angle: F64) = cmath::rect;
    complex_pow(a: F64, b: F64, c: F64, d: F64) = arith::complex_pow;
    complex_div(a: F64, b: F64, c: F64, d: F64) = arith::complex_div;
    parse_complex(s: Str) = text::parse_complex;
    => heap;
    buffer_zeros(rows: I64, columns: I64, size: I64) -> I64 = buffers::zeros;
    buffer_sweep(mark: I64) = buffers::sweep;
}

/// The address of a helper for native code.
pub fn address(symbol: &str) -> Option<u64> {
    row(symbol).map(|row| (row.address)())
}

/// The interpreter looks up every call.
fn row(symbol: &str) -> Option<&'static Row> {
    static BY_NAME: OnceLock<BTreeMap<&str, &Row>> = OnceLock::new();
    BY_NAME.get_or_init(|| ROWS.iter().map(|row| (row.name, row)).collect()).get(symbol).copied()
}

/// Calls a helper by its symbol, for the interpreter: arguments as bits, addresses in `memory`, where the error
/// state lies at `error`.
///
/// # Errors
/// See [`HostError`]; a Python exception is not an error but set in the error state.
pub fn call_host(
    state: &mut State,
    symbol: &str,
    args: &[u128],
    error: u64,
    memory: &mut dyn HostMemory,
) -> Result<Option<u128>, HostError> {
    let row = row(symbol).ok_or_else(|| HostError::Unknown(symbol.to_string()))?;
    load_error(state, error, memory)?;
    state.heap.watch();
    let result = (row.host)(state, &mut HostArgs { bits: args.iter(), memory: &mut *memory })?;
    if memory.write(error, &state.error().to_bytes()) { Ok(result) } else { Err(HostError::Memory(error)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pyexec_ir::rt::HELPERS;

    #[test]
    fn the_table_is_the_one_of_the_seam() {
        for helper in HELPERS {
            let row = ROWS.iter().find(|row| row.name == helper.name);
            let row = row.unwrap_or_else(|| panic!("{} is not implemented", helper.name));
            assert_eq!((row.params, row.result), (helper.params, helper.result), "{}", helper.name);
            assert_ne!(address(helper.name), Some(0));
        }
        assert_eq!(ROWS.len(), HELPERS.len(), "a helper that is not in the seam's table");
    }
}
