# emit: asm -O2
def add(a: int, b: int) -> int:
    return a + b
#>     .intel_syntax noprefix
#>     .text
#>     .p2align 4
#>     .type py.state, @function
#> py.state:
#>     sub rsp, 8
#>     .byte 0x66
#>     lea rdi, [rip+pyexec_error@TLSGD]
#>     .byte 0x66, 0x66, 0x48
#>     call __tls_get_addr@PLT
#>     add rsp, 8
#>     ret
#>     .size py.state, .-py.state
#>
#>     .p2align 4
#>     .type py.raise, @function
#> py.raise:
#>     push r12
#>     push r13
#>     push r14
#>     push r15
#>     sub rsp, 8
#>     mov r12, rcx
#>     mov r13, rdx
#>     mov r14, rsi
#>     mov r15, rdi
#>     call py.state@PLT
#>     mov rdi, r15
#>     mov dword ptr [rax], edi
#>     mov dword ptr [rax+4], 1
#>     mov rsi, r14
#>     mov qword ptr [rax+8], rsi
#>     mov rdx, r13
#>     mov qword ptr [rax+0x10], rdx
#>     mov rcx, r12
#>     mov dword ptr [rax+0x18], ecx
#>     add rsp, 8
#>     pop r15
#>     pop r14
#>     pop r13
#>     pop r12
#>     ret
#>     .size py.raise, .-py.raise
#>
#>     .globl add
#>     .p2align 4
#>     .type add, @function
#> add:
#>     push rbx
#>     push rbp
#>     sub rsp, 8
#>     mov rbx, rdi
#>     mov rbp, rsi
#>     call py.state@PLT
#>     mov dword ptr [rax], 0
#>     mov rdi, rbx
#>     add rdi, rbp
#>     jo .Ladd.35
#>     xor r8d, r8d
#>     mov rax, rdi
#> .Ladd.25:
#>     xor ecx, ecx
#>     test r8b, r8b
#>     cmovne rax, rcx
#>     add rsp, 8
#>     pop rbp
#>     pop rbx
#>     ret
#> .Ladd.35:
#>     mov edi, 7
#>     lea rsi, [rip+str.0]
#>     mov edx, 0x56
#>     mov ecx, 3
#>     call py.raise@PLT
#>     xor eax, eax
#>     mov r8d, 1
#>     jmp .Ladd.25
#>     .size add, .-add
#>
#>     .weak pyexec_error_state
#>     .p2align 4
#>     .type pyexec_error_state, @function
#> pyexec_error_state:
#>     sub rsp, 8
#>     .byte 0x66
#>     lea rdi, [rip+pyexec_error@TLSGD]
#>     .byte 0x66, 0x66, 0x48
#>     call __tls_get_addr@PLT
#>     add rsp, 8
#>     ret
#>     .size pyexec_error_state, .-pyexec_error_state
#>
#>     .att_syntax prefix
#>     .section .rodata
#>     .p2align 0
#>     .type str.0, @object
#>     .size str.0, 86
#> str.0:
#>     .byte 105, 110, 116, 101, 103, 101, 114, 32, 111, 118, 101, 114, 102, 108, 111, 119    # integer overflow
#>     .byte 58, 32, 114, 101, 115, 117, 108, 116, 32, 100, 111, 101, 115, 32, 110, 111    # : result does no
#>     .byte 116, 32, 102, 105, 116, 32, 105, 110, 32, 54, 52, 32, 98, 105, 116, 115    # t fit in 64 bits
#>     .byte 32, 40, 101, 120, 97, 99, 116, 32, 105, 110, 116, 101, 103, 101, 114, 115    #  (exact integers
#>     .byte 32, 97, 114, 101, 32, 110, 111, 116, 32, 99, 111, 109, 112, 105, 108, 101    #  are not compile
#>     .byte 100, 32, 121, 101, 116, 41    # d yet)
#>     .section .tbss,"awT",@nobits
#>     .p2align 3
#>     .weak pyexec_error
#>     .type pyexec_error, @object
#>     .size pyexec_error, 280
#> pyexec_error:
#>     .zero 280
#>     .section .note.GNU-stack,"",@progbits
