//! Static code: the way from the host into compiled code, and back after a trap. Written with dynasm,
//! because it is fixed text; the bytes are data to whoever maps them.
//!
//! ```text
//! fn enter(target: *const u8, image: *mut RegImage, stack: *mut u64, stack_words: u64) -> u64
//! fn recover(image: *mut RegImage) -> !   // as if `enter` returned 1
//! ```
//! `enter` saves the callee-saved registers and notes rsp in the image, copies the stack words to the top
//! of the stack, loads every argument register from the image, calls, stores every result register and
//! the stack words back (stack results lie among them), and returns 0. `recover` is jumped to with the
//! image in rdi, on any stack, by a signal handler or a trap thunk: compiled code is abandoned.
//!
//! Between the two the stack is, from high to low addresses:
//!
//! ```text
//! return address | rbp rbx r12 r13 r14 r15 | 8 bytes | <- image.rsp | padding | stack words | <- rsp
//! ```

use dynasmrt::{DynasmApi, DynasmLabelApi, VecAssembler, dynasm, x64::X64Relocation};

/// Byte offset in the image of the integer register with a hardware number.
pub const fn int_offset(number: u8) -> usize {
    8 * number as usize
}
/// Byte offset in the image of the low half of an xmm register.
pub const fn xmm_offset(number: u8) -> usize {
    128 + 8 * number as usize
}
/// Byte offset in the image of the saved rsp: nonzero while `enter` is active.
pub const SAVED_RSP: usize = 256;
/// Size of the image in bytes; its alignment is 8.
pub const IMAGE_SIZE: usize = 264;

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

/// Loads (or stores) every register that carries arguments or results; rbx holds the image.
macro_rules! transfer {
    (load $ops:ident) => {
        dynasm!($ops ; .arch x64
            ; mov rcx, [rbx + 8] ; mov rdx, [rbx + 16] ; mov rsi, [rbx + 48] ; mov rdi, [rbx + 56]
            ; mov r8, [rbx + 64] ; mov r9, [rbx + 72] ; mov r10, [rbx + 80] ; mov rax, [rbx]
            ; movsd xmm0, [rbx + 128] ; movsd xmm1, [rbx + 136] ; movsd xmm2, [rbx + 144]
            ; movsd xmm3, [rbx + 152] ; movsd xmm4, [rbx + 160] ; movsd xmm5, [rbx + 168]
            ; movsd xmm6, [rbx + 176] ; movsd xmm7, [rbx + 184] ; movsd xmm8, [rbx + 192]
            ; movsd xmm9, [rbx + 200] ; movsd xmm10, [rbx + 208] ; movsd xmm11, [rbx + 216]
            ; movsd xmm12, [rbx + 224] ; movsd xmm13, [rbx + 232] ; movsd xmm14, [rbx + 240]
            ; movsd xmm15, [rbx + 248]
        );
    };
    (store $ops:ident) => {
        dynasm!($ops ; .arch x64
            ; mov [rbx + 8], rcx ; mov [rbx + 16], rdx ; mov [rbx + 48], rsi ; mov [rbx + 56], rdi
            ; mov [rbx + 64], r8 ; mov [rbx + 72], r9 ; mov [rbx + 80], r10 ; mov [rbx + 88], r11
            ; mov [rbx], rax
            ; movsd [rbx + 128], xmm0 ; movsd [rbx + 136], xmm1 ; movsd [rbx + 144], xmm2
            ; movsd [rbx + 152], xmm3 ; movsd [rbx + 160], xmm4 ; movsd [rbx + 168], xmm5
            ; movsd [rbx + 176], xmm6 ; movsd [rbx + 184], xmm7 ; movsd [rbx + 192], xmm8
            ; movsd [rbx + 200], xmm9 ; movsd [rbx + 208], xmm10 ; movsd [rbx + 216], xmm11
            ; movsd [rbx + 224], xmm12 ; movsd [rbx + 232], xmm13 ; movsd [rbx + 240], xmm14
            ; movsd [rbx + 248], xmm15
        );
    };
}

/// Assembles the stubs.
pub fn stubs() -> Stubs {
    let mut ops = VecAssembler::<X64Relocation>::new(0);
    let enter = ops.offset().0;
    prologue(&mut ops);
    transfer!(load ops);
    dynasm!(ops ; .arch x64 ; call r11);
    transfer!(store ops);
    epilogue(&mut ops);
    let recover = ops.offset().0;
    dynasm!(ops ; .arch x64
        ; mov rbx, rdi
        ; mov eax, 1
        ; jmp <restore
    );
    let code = ops.finalize().expect("invariant: every label of the stubs is defined");
    Stubs { code, enter, recover }
}

/// Up to the point where only registers remain to be loaded: r11 = target, rbx = image.
fn prologue(ops: &mut VecAssembler<X64Relocation>) {
    dynasm!(ops ; .arch x64
        ; push rbp ; push rbx ; push r12 ; push r13 ; push r14 ; push r15
        ; sub rsp, 8
        ; mov r11, rdi ; mov rbx, rsi ; mov r12, rdx ; mov r13, rcx
        ; mov [rbx + 256], rsp
        // Room for the stack words, rounded up to 16 bytes: rsp is a multiple of 16 here.
        ; lea rax, [rcx * 8 + 15] ; and rax, -16 ; sub rsp, rax
        ; mov rsi, rdx ; mov rdi, rsp ; rep movsq
    );
}

/// Stack words back to the caller's array, then out.
fn epilogue(ops: &mut VecAssembler<X64Relocation>) {
    dynasm!(ops ; .arch x64
        ; mov rsi, rsp ; mov rdi, r12 ; mov rcx, r13 ; rep movsq
        ; xor eax, eax
        ; restore:
        ; mov rsp, [rbx + 256]
        ; mov QWORD [rbx + 256], 0
        ; add rsp, 8
        ; pop r15 ; pop r14 ; pop r13 ; pop r12 ; pop rbx ; pop rbp
        ; ret
    );
}
