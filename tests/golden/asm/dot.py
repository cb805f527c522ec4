# emit: asm -O2
def dot(a: float, b: float, c: float, d: float) -> float:
    return a * c + b * d
#>     .intel_syntax noprefix
#>     .text
#>     .globl dot
#>     .p2align 4
#>     .type dot, @function
#> dot:
#>     mulsd xmm0, xmm2
#>     mulsd xmm1, xmm3
#>     addsd xmm0, xmm1
#>     ret
#>     .size dot, .-dot
#>
#>     .att_syntax prefix
#>     .section .note.GNU-stack,"",@progbits
