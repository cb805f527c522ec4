; emit: asm -O2
func c export @element(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 3
  v3 = shl.i64 v1, v2
  v4 = iadd.i64 v0, v3
  v5 = load.i64 array v4+16
  ret v5
}
;>     .intel_syntax noprefix
;>     .text
;>     .globl element
;>     .p2align 4
;>     .type element, @function
;> element:
;>     mov rax, qword ptr [rdi+rsi*8+0x10]
;>     ret
;>     .size element, .-element
;>
;>     .att_syntax prefix
;>     .section .note.GNU-stack,"",@progbits
