//! Helpers for objects and libraries, which no session surrounds: a state for each thread that calls one.
//!
//! The archive `libpyexec_runtime.a` is this crate. What it exports to the linker are the native shims of
//! [`crate::helpers`], the same that compiled code in memory calls. Their state is made when a thread first needs
//! it. Its error state is the thread's own `pyexec_error` of the objects, which they tell by the accessor that
//! each of them defines; objects that cannot raise have none. What is printed goes through the C library's
//! stream, so that it keeps its order with what the C program prints, and is flushed when that is.
//!
//! Left to others: what exported functions return, lines instead of traceback indices (the driver).

use crate::State;
use crate::exception::ErrorState;
use crate::output::Stream;
use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, Ordering};

thread_local! {
    static STATE: RefCell<State> = RefCell::new(state());
}

/// Runs a helper on this thread's own state.
pub(crate) fn on_thread<R>(helper: impl FnOnce(&mut State) -> R) -> R {
    let mut helper = Some(helper);
    let ran = STATE.try_with(|state| {
        let helper = helper.take()?;
        Some(helper(&mut state.borrow_mut()))
    });
    match (ran, helper) {
        (Ok(Some(result)), _) => result,
        // The thread is ending and its state is gone. A message that the helper leaves has to outlive this call.
        (_, Some(helper)) => helper(Box::leak(Box::new(state()))),
        _ => unreachable!("the helper is taken only to run"),
    }
}

fn state() -> State {
    let error = error_state().and_then(|address| {
        // SAFETY: the accessor is the function that every object of ours defines: no parameters, one address.
        unsafe { std::mem::transmute::<usize, extern "C" fn() -> *mut ErrorState>(address.get())() }.into()
    });
    State::of_thread(error.and_then(NonNull::new), Stream::c_stdout(), Stream::stderr())
}

/// Where `pyexec_error_state` is, if anything that is linked with us defines it.
#[cfg(target_arch = "x86_64")]
fn error_state() -> Option<std::num::NonZeroUsize> {
    let address: usize;
    // SAFETY: reads a cell that the linker makes; 0 since the symbol is weak and may be missing.
    unsafe {
        std::arch::asm!(
            ".weak pyexec_error_state",
            "mov {}, qword ptr [rip + pyexec_error_state@GOTPCREL]",
            out(reg) address,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    std::num::NonZeroUsize::new(address)
}

/// Where `pyexec_error_state` is, if anything that is linked with us defines it.
#[cfg(target_arch = "aarch64")]
fn error_state() -> Option<std::num::NonZeroUsize> {
    let address: usize;
    // SAFETY: as on x86-64.
    unsafe {
        std::arch::asm!(
            ".weak pyexec_error_state",
            "adrp {0}, :got:pyexec_error_state",
            "ldr {0}, [{0}, :got_lo12:pyexec_error_state]",
            out(reg) address,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    std::num::NonZeroUsize::new(address)
}

/// Where `pyexec_error_seen` is, if anything that is linked with us defines it.
#[cfg(target_arch = "x86_64")]
fn error_seen() -> Option<NonNull<AtomicI32>> {
    let address: *mut AtomicI32;
    // SAFETY: as in `error_state`.
    unsafe {
        std::arch::asm!(
            ".weak pyexec_error_seen",
            "mov {}, qword ptr [rip + pyexec_error_seen@GOTPCREL]",
            out(reg) address,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    NonNull::new(address)
}

/// Where `pyexec_error_seen` is, if anything that is linked with us defines it.
#[cfg(target_arch = "aarch64")]
fn error_seen() -> Option<NonNull<AtomicI32>> {
    let address: *mut AtomicI32;
    // SAFETY: as in `error_state`.
    unsafe {
        std::arch::asm!(
            ".weak pyexec_error_seen",
            "adrp {0}, :got:pyexec_error_seen",
            "ldr {0}, [{0}, :got_lo12:pyexec_error_seen]",
            out(reg) address,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    NonNull::new(address)
}

/// Notes that a thread's own error state is written to: exported functions then begin to clear it.
pub(crate) fn note_error() {
    if let Some(seen) = error_seen() {
        // SAFETY: every object of ours that defines it defines a cell of four bytes, which lives as long as the
        // object. Objects read it without atomic access, on the thread that wrote it or not caring whether.
        unsafe { seen.as_ref() }.store(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Raise;

    #[test]
    fn without_objects_each_thread_has_an_error_state_of_its_own() {
        assert!(error_state().is_none(), "no object is linked with this test");
        on_thread(|state| state.raise(Raise::value("here")));
        let elsewhere = std::thread::spawn(|| on_thread(|state| state.take_exception()));
        assert_eq!(elsewhere.join().expect("ends"), None);
        let here = on_thread(State::take_exception).expect("still pending");
        assert_eq!(here.last_line(), "ValueError: here");
    }

    #[test]
    fn a_borrowed_error_state_is_used_and_outlives_its_user() {
        let mut error = ErrorState::CLEAR;
        let capture = || Stream::capture(crate::Capture::default());
        let mut state = State::of_thread(Some(NonNull::from(&mut error)), capture(), capture());
        state.raise(Raise::overflow("x"));
        drop(state);
        assert_eq!((error.kind, error.message_len), (pyexec_ir::rt::Exc::OverflowError as i32, 1));
    }
}
