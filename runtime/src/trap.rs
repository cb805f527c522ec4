//! Traps of compiled code: a signal at an instruction that may trap becomes a value at the entry.
//!
//! ```text
//!   call -> enter -> compiled code -> ud2, udf -> SIGILL -> handler: pc in our code?
//!    ^                                                          | pc := recover, first argument := image
//!    +-------- returns 1 <-------- recover <--------------------+
//! ```
//!
//! A helper can leave the same way, by [`leave`]: a program whose reader has gone away would else print for ever.
//!
//! The handler touches nothing but the activation record of its own thread, which lies on that thread's stack. A
//! signal that is not ours goes to whoever handled it before. Linux on x86-64 and AArch64 so far; elsewhere no handler
//! is installed, and a trap ends the process as the system has it.

use std::cell::Cell;
use std::ops::Range;
use std::ptr;

/// One call of compiled code in progress on this thread.
pub(crate) struct Activation {
    /// The addresses of the code that was entered.
    pub code: Range<u64>,
    /// The address of `recover`.
    pub recover: u64,
    /// The register image, `recover`'s argument.
    pub image: u64,
    /// Where the trap was, once there was one.
    pub trapped_at: Cell<u64>,
    /// Whether the signal was a bad memory access.
    pub memory: Cell<bool>,
    /// Whether a helper left.
    pub left: Cell<bool>,
    /// The activation below this one.
    pub outer: *const Activation,
}

thread_local! {
    static CURRENT: Cell<*const Activation> = const { Cell::new(ptr::null()) };
}

/// Makes `activation` the current one while `body` runs.
pub(crate) fn with<R>(activation: &mut Activation, body: impl FnOnce() -> R) -> R {
    install();
    activation.outer = CURRENT.get();
    CURRENT.set(activation);
    let result = body();
    CURRENT.set(activation.outer);
    result
}

/// Abandons the compiled code that is active on this thread, if any: `enter` returns 1.
///
/// # Safety
/// Only from a native shim, and no frame between it and here may own anything: their destructors do not run.
pub(crate) unsafe fn leave() {
    // SAFETY: a non-null pointer is the activation of a call that is still in progress on this thread.
    let Some(activation) = (unsafe { CURRENT.get().as_ref() }) else { return };
    activation.left.set(true);
    type Recover = unsafe extern "C" fn(u64) -> !;
    // SAFETY: `recover` may be reached on any stack while its `enter` is active, and takes the image.
    unsafe { std::mem::transmute::<*const u8, Recover>(activation.recover as *const u8)(activation.image) }
}

#[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_os = "linux")))]
fn install() {}

#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_os = "linux"))]
use linux::install;

#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), target_os = "linux"))]
mod linux {
    use super::CURRENT;
    use std::sync::{Once, OnceLock};

    const SIGNALS: [i32; 4] = [libc::SIGILL, libc::SIGFPE, libc::SIGSEGV, libc::SIGBUS];
    static PREVIOUS: [OnceLock<libc::sigaction>; 4] = [const { OnceLock::new() }; 4];

    pub(super) fn install() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            for (signal, previous) in SIGNALS.into_iter().zip(&PREVIOUS) {
                // SAFETY: both structures are plain data; the handler has the signature that SA_SIGINFO
                // asks for and is async-signal-safe.
                unsafe {
                    let mut action: libc::sigaction = std::mem::zeroed();
                    let mut old: libc::sigaction = std::mem::zeroed();
                    action.sa_sigaction = handler as *const () as usize;
                    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
                    libc::sigemptyset(&mut action.sa_mask);
                    if libc::sigaction(signal, &action, &mut old) == 0 {
                        let _ = previous.set(old);
                    }
                }
            }
        });
    }

    extern "C" fn handler(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        if !divert(signal, context) {
            pass_on(signal, info, context);
        }
    }

    /// Sends our own traps to `recover`; false if the signal is not ours.
    fn divert(signal: i32, context: *mut libc::c_void) -> bool {
        let activation = CURRENT.get();
        // SAFETY: a non-null pointer is the activation of a call that is still in progress on this thread.
        let Some(activation) = (unsafe { activation.as_ref() }) else { return false };
        // SAFETY: the kernel passes a ucontext_t that is ours to change until the handler returns.
        let machine = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext };
        let pc = pc(machine);
        if !activation.code.contains(&pc) {
            return false;
        }
        activation.trapped_at.set(pc);
        activation.memory.set(signal == libc::SIGSEGV || signal == libc::SIGBUS);
        continue_at(machine, activation.recover, activation.image);
        true
    }

    #[cfg(target_arch = "x86_64")]
    fn pc(machine: &libc::mcontext_t) -> u64 {
        machine.gregs[libc::REG_RIP as usize] as u64
    }

    /// When the handler returns, the thread is at `pc` with this first argument.
    #[cfg(target_arch = "x86_64")]
    fn continue_at(machine: &mut libc::mcontext_t, pc: u64, argument: u64) {
        machine.gregs[libc::REG_RIP as usize] = pc as i64;
        machine.gregs[libc::REG_RDI as usize] = argument as i64;
    }

    #[cfg(target_arch = "aarch64")]
    fn pc(machine: &libc::mcontext_t) -> u64 {
        machine.pc
    }

    /// When the handler returns, the thread is at `pc` with this first argument.
    #[cfg(target_arch = "aarch64")]
    fn continue_at(machine: &mut libc::mcontext_t, pc: u64, argument: u64) {
        machine.pc = pc;
        machine.regs[0] = argument;
    }

    fn pass_on(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        let index = SIGNALS.iter().position(|s| *s == signal);
        let previous = index.and_then(|i| PREVIOUS[i].get());
        let action = previous.map_or(libc::SIG_DFL, |p| p.sa_sigaction);
        match action {
            libc::SIG_DFL | libc::SIG_IGN => {
                // SAFETY: with the default action back, returning runs the instruction again and the
                // process ends as it would have without us.
                unsafe { libc::signal(signal, libc::SIG_DFL) };
            }
            address => {
                type Handler = extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);
                // SAFETY: the address was a handler's before ours; one without SA_SIGINFO ignores the
                // further arguments, which the C convention allows.
                let previous: Handler = unsafe { std::mem::transmute(address) };
                previous(signal, info, context);
            }
        }
    }
}
