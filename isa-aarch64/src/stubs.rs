//! Static code: the way from the host into compiled code, and back after a trap. Written with dynasm,
//! because it is fixed text; the bytes are data to whoever maps them.
//!
//! ```text
//! fn enter(target: *const u8, image: *mut RegImage, stack: *mut u64, stack_words: u64) -> u64
//! fn recover(image: *mut RegImage) -> !   // as if `enter` returned 1
//! ```
//! `enter` saves the callee-saved registers and notes sp in the image, copies the stack words to the top
//! of the stack, loads every argument register from the image, calls, stores every result register and
//! the stack words back (stack results lie among them), and returns 0. `recover` is jumped to with the
//! image in x0, on any stack, by a signal handler or a trap thunk: compiled code is abandoned.
//!
//! Between the two the stack is, from high to low addresses:
//!
//! ```text
//! x29 x30 x19..x28 d8..d15 | <- image.sp | padding | stack words | <- sp
//! ```

use dynasmrt::{DynasmApi, DynasmLabelApi, VecAssembler, aarch64::Aarch64Relocation, dynasm};

/// Byte offset in the image of the integer register with a hardware number (0..=15).
pub const fn int_offset(number: u8) -> usize {
    8 * number as usize
}
/// Byte offset in the image of the low half of a float register (0..=7).
pub const fn float_offset(number: u8) -> usize {
    128 + 8 * number as usize
}
/// Byte offset in the image of the saved sp: nonzero while `enter` is active.
pub const SAVED_SP: usize = 192;
/// Size of the image in bytes; its alignment is 8.
pub const IMAGE_SIZE: usize = 200;

/// The stubs' bytes (position-independent) and where each begins.
#[derive(Clone, Debug)]
pub struct Stubs {
    /// Position-independent machine code.
    pub code: Vec<u8>,
    /// Offset of `enter`.
    pub enter: usize,
    /// Offset of `recover`.
    pub recover: usize,
}

/// Moves every register that carries arguments or results; x19 holds the image.
macro_rules! transfer {
    ($ops:ident, $pair:ident) => {
        dynasm!($ops ; .arch aarch64
            ; $pair x0, x1, [x19] ; $pair x2, x3, [x19, 16]
            ; $pair x4, x5, [x19, 32] ; $pair x6, x7, [x19, 48]
            ; $pair x8, x9, [x19, 64] ; $pair x10, x11, [x19, 80]
            ; $pair x12, x13, [x19, 96]
            ; $pair d0, d1, [x19, 128] ; $pair d2, d3, [x19, 144]
            ; $pair d4, d5, [x19, 160] ; $pair d6, d7, [x19, 176]
        );
    };
}

/// Copies x22 words from x9 to x10, which it spoils with x11 and x12.
macro_rules! copy_words {
    ($ops:ident, $again:ident, $done:ident) => {
        dynasm!($ops ; .arch aarch64
            ; mov x11, x22
            ; $again:
            ; cbz x11, >$done
            ; ldr x12, [x9], 8
            ; str x12, [x10], 8
            ; sub x11, x11, 1
            ; b <$again
            ; $done:
        );
    };
}

/// Assembles the stubs.
pub fn stubs() -> Stubs {
    let mut ops = VecAssembler::<Aarch64Relocation>::new(0);
    let enter = ops.offset().0;
    prologue(&mut ops);
    transfer!(ops, ldp);
    dynasm!(ops ; .arch aarch64 ; blr x20);
    transfer!(ops, stp);
    epilogue(&mut ops);
    let recover = ops.offset().0;
    dynasm!(ops ; .arch aarch64
        ; mov x19, x0
        ; mov x0, 1
        ; b <restore
    );
    let code = ops.finalize().expect("invariant: every label of the stubs is defined");
    Stubs { code, enter, recover }
}

/// Up to the point where only registers remain to be loaded: x20 = target, x19 = image.
fn prologue(ops: &mut VecAssembler<Aarch64Relocation>) {
    dynasm!(ops ; .arch aarch64
        ; stp x29, x30, [sp, -160]! ; mov x29, sp
        ; stp x19, x20, [sp, 16] ; stp x21, x22, [sp, 32] ; stp x23, x24, [sp, 48]
        ; stp x25, x26, [sp, 64] ; stp x27, x28, [sp, 80]
        ; stp d8, d9, [sp, 96] ; stp d10, d11, [sp, 112]
        ; stp d12, d13, [sp, 128] ; stp d14, d15, [sp, 144]
        ; mov x20, x0 ; mov x19, x1 ; mov x21, x2 ; mov x22, x3
        ; mov x9, sp ; str x9, [x19, SAVED_SP as u32]
        // Room for the stack words, rounded up to 16 bytes.
        ; add x10, x22, 1 ; lsr x10, x10, 1 ; sub x9, x9, x10, lsl 4 ; mov sp, x9
        ; mov x10, x9 ; mov x9, x21
    );
    copy_words!(ops, copy_in, in_done);
}

/// Stack words back to the caller's array, then out.
fn epilogue(ops: &mut VecAssembler<Aarch64Relocation>) {
    dynasm!(ops ; .arch aarch64 ; mov x9, sp ; mov x10, x21);
    copy_words!(ops, copy_out, out_done);
    dynasm!(ops ; .arch aarch64
        ; mov x0, 0
        ; restore:
        ; ldr x9, [x19, SAVED_SP as u32] ; mov sp, x9
        ; str xzr, [x19, SAVED_SP as u32]
        ; ldp x21, x22, [sp, 32] ; ldp x23, x24, [sp, 48]
        ; ldp x25, x26, [sp, 64] ; ldp x27, x28, [sp, 80]
        ; ldp d8, d9, [sp, 96] ; ldp d10, d11, [sp, 112]
        ; ldp d12, d13, [sp, 128] ; ldp d14, d15, [sp, 144]
        ; ldp x19, x20, [sp, 16]
        ; ldp x29, x30, [sp], 160
        ; ret
    );
}
