# emit: vcode -O2
def add(a: int, b: int) -> int:
    return a + b
#> vcode pyexec_error_state {
#> b0:
#>   tls vr0, sym1073741825
#>   ret rax=vr0
#> }
#> vcode py.state {
#> b0:
#>   mov vr1, qword ptr [rip+got1073741826]
#>   mov dword ptr [vr1], 1
#>   call Symbol(4) -> rax=vr0
#>   ret rax=vr0
#> }
#> vcode py.raise {
#> b0:
#>   args rdi=vr4 rsi=vr3 rdx=vr2 rcx=vr1
#>   call Symbol(5) -> rax=vr0
#>   mov dword ptr [vr0], vr4:32
#>   mov dword ptr [vr0+4], 1
#>   mov qword ptr [vr0+8], vr3
#>   mov qword ptr [vr0+0x10], vr2
#>   mov dword ptr [vr0+0x18], vr1:32
#>   mov qword ptr [vr0+0x118], 0
#>   ret
#> }
#> vcode add {
#> b0:
#>   args rdi=vr12 rsi=vr13
#>   mov vr15, qword ptr [rip+got1073741826]
#>   cmp dword ptr [vr15], 0
#>   jne b2, b1
#>   -> b2 b1
#> b1:
#>   jmp b3
#>   -> b3
#> b3:
#>   add vr10, vr13    ; = vr12
#>   jo b5, b4
#>   -> b5 b4
#> b4:
#>   const vr11, 0
#>   jmp b6
#>   -> b6(vr10, vr11)
#> b6(vr2, vr3):
#>   const vr1, 0
#>   test vr3:8, vr3:8
#>   cmovne vr0, vr1    ; = vr2
#>   ret rax=vr0
#> b2 cold:
#>   call Symbol(5) -> rax=vr14
#>   mov dword ptr [vr14], 0
#>   jmp b3
#>   -> b3
#> b5 cold:
#>   const vr6, 7
#>   lea vr7, [rip+sym1073741824]
#>   const vr8, 41
#>   const vr9, 3
#>   call Symbol(2) rdi=vr6 rsi=vr7 rdx=vr8 rcx=vr9 ->
#>   const vr4, 0
#>   const vr5, 1
#>   jmp b6
#>   -> b6(vr4, vr5)
#> }
