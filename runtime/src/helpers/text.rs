//! Helpers over text: output pieces, comparison, parsing, `sys.argv`.

use super::arith::Complex;
use crate::exception::{Exception, Message};
use crate::number::{self, Value};
use crate::{Raise, State};
use pyexec_ir::rt::Exc;
use std::cmp::Ordering;

pub fn out_str(state: &mut State, text: &str) {
    state.pending().push_str(text);
}
pub fn out_i64(state: &mut State, value: i64) {
    out_str(state, &value.to_string());
}
pub fn out_u64(state: &mut State, value: i64) {
    out_str(state, &(value as u64).to_string());
}
pub fn out_f64(state: &mut State, value: f64) {
    out_str(state, &number::float_repr(value));
}
pub fn out_f32(state: &mut State, value: f64) {
    out_str(state, &number::float32_repr(value as f32));
}
pub fn out_bool(state: &mut State, value: bool) {
    out_str(state, if value { "True" } else { "False" });
}
pub fn out_complex(state: &mut State, re: f64, im: f64) {
    out_str(state, &number::complex_repr(re, im));
}
pub fn out_repr_str(state: &mut State, text: &str) {
    out_str(state, &number::str_repr(text));
}
pub fn out_exc(state: &mut State, handle: i64) {
    let text = state.saved(handle).map(|e| e.text()).unwrap_or_default();
    out_str(state, &text);
}
pub fn out_repr_exc(state: &mut State, handle: i64) {
    let text = state.saved(handle).map(|e| e.repr()).unwrap_or_default();
    out_str(state, &text);
}

fn formatted(state: &mut State, value: Value<'_>, spec: &str) -> Result<(), Raise> {
    let text = number::format(value, spec)?;
    out_str(state, &text);
    Ok(())
}
pub fn out_fmt_i64(state: &mut State, value: i64, spec: &str) -> Result<(), Raise> {
    formatted(state, Value::Int(value.into()), spec)
}
pub fn out_fmt_u64(state: &mut State, value: i64, spec: &str) -> Result<(), Raise> {
    formatted(state, Value::Int((value as u64).into()), spec)
}
pub fn out_fmt_bool(state: &mut State, value: bool, spec: &str) -> Result<(), Raise> {
    formatted(state, Value::Bool(value), spec)
}
pub fn out_fmt_f64(state: &mut State, value: f64, spec: &str) -> Result<(), Raise> {
    formatted(state, Value::Float(value), spec)
}
pub fn out_fmt_complex(state: &mut State, re: f64, im: f64, spec: &str) -> Result<(), Raise> {
    formatted(state, Value::Complex(re, im), spec)
}
pub fn out_fmt_str(state: &mut State, text: &str, spec: &str) -> Result<(), Raise> {
    formatted(state, Value::Str(text), spec)
}
pub fn out_spec_begin(state: &mut State) {
    state.begin_spec();
}
pub fn out_fmt_spec_i64(state: &mut State, value: i64) -> Result<(), Raise> {
    let spec = state.end_spec();
    formatted(state, Value::Int(value.into()), &spec)
}
pub fn out_fmt_spec_f64(state: &mut State, value: f64) -> Result<(), Raise> {
    let spec = state.end_spec();
    formatted(state, Value::Float(value), &spec)
}
pub fn out_fmt_spec_u64(state: &mut State, value: i64) -> Result<(), Raise> {
    let spec = state.end_spec();
    formatted(state, Value::Int((value as u64).into()), &spec)
}
pub fn out_fmt_spec_bool(state: &mut State, value: bool) -> Result<(), Raise> {
    let spec = state.end_spec();
    formatted(state, Value::Bool(value), &spec)
}
pub fn out_fmt_spec_complex(state: &mut State, re: f64, im: f64) -> Result<(), Raise> {
    let spec = state.end_spec();
    formatted(state, Value::Complex(re, im), &spec)
}
pub fn out_fmt_spec_str(state: &mut State, text: &str) -> Result<(), Raise> {
    let spec = state.end_spec();
    formatted(state, Value::Str(text), &spec)
}
pub fn out_print(state: &mut State) {
    let text = state.take_pending();
    state.stdout.write(&text);
}
pub fn out_print_stderr(state: &mut State) {
    let text = state.take_pending();
    state.stderr.write(&text);
    state.stderr.flush();
}
pub fn out_flush(state: &mut State) {
    state.stdout.flush_all();
}

pub fn str_len(_: &mut State, text: &str) -> i64 {
    text.chars().count() as i64
}
/// Bytes of UTF-8 order as code points do.
pub fn str_cmp(_: &mut State, a: &str, b: &str) -> i64 {
    match a.cmp(b) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}
pub fn argc(state: &mut State) -> i64 {
    state.argc()
}
pub fn argv_ptr(state: &mut State, index: i64) -> i64 {
    state.argument(index).0 as i64
}
pub fn argv_len(state: &mut State, index: i64) -> i64 {
    state.argument(index).1
}
pub fn parse_int(_: &mut State, text: &str, base: i64) -> Result<i64, Raise> {
    number::parse_int(text, base)
}
pub fn parse_float(_: &mut State, text: &str) -> Result<f64, Raise> {
    number::parse_float(text)
}
pub fn parse_complex(_: &mut State, text: &str) -> Result<Complex, Raise> {
    number::parse_complex(text).map(|(re, im)| [re, im])
}

pub fn raise_pending(state: &mut State, kind: i32, loc: i32) {
    let message = Message::Text(state.take_pending());
    let base = Exc::from_number(kind).unwrap_or(Exc::RuntimeError);
    state.set_pending(Exception::new(base, message, vec![loc], 1));
    // Classes of the program are known by number.
    state.error_mut().kind = kind;
}
/// What is pending when something else was being handled.
pub fn exc_context(state: &mut State, handle: i64) {
    let (handled, pending) = (state.release(handle), state.take_exception());
    if let (Some(handled), Some(mut pending)) = (handled, pending) {
        pending.raised_while(handled);
        state.set_pending(pending);
    }
}
/// As CPython: `raise e` sets the context anew, but not to `e` itself.
pub fn exc_again(state: &mut State, handle: i64, handled: i64) {
    let id = |exception: &Exception| exception.links.id;
    if state.saved(handle).map(id) != state.saved(handled).map(id)
        && let Some(exception) = state.saved_mut(handle)
    {
        exception.links.context = None;
    }
}
/// `raise ... from`.
pub fn exc_cause(state: &mut State, handle: i64) {
    let cause = state.saved(handle).cloned();
    if let Some(mut pending) = state.take_exception() {
        pending.links.cause = cause.map(Box::new);
        pending.links.suppresses_context = true;
        state.set_pending(pending);
    }
}
pub fn exc_class(state: &mut State, number: i64, base: i64, name: &str) {
    if let (Ok(number), Some(base)) = (i32::try_from(number), Exc::from_number(base as i32)) {
        state.add_class(number, base, name);
    }
}
pub fn exc_save(state: &mut State) -> i64 {
    state.take_exception().map_or(0, |exception| state.save(exception))
}
pub fn exc_restore(state: &mut State, handle: i64) {
    if let Some(exception) = state.release(handle) {
        state.set_pending(exception);
    }
}
pub fn exc_copy(state: &mut State, handle: i64) -> i64 {
    let copy = state.saved(handle).cloned();
    copy.map_or(0, |exception| state.save(exception))
}
pub fn exc_drop(state: &mut State, handle: i64) {
    state.release(handle);
}
