# emit: asm -O2
def add(a: int, b: int) -> int:
    return a + b
#>     .intel_syntax noprefix
#>     .text
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
#>     .p2align 4
#>     .type py.state, @function
#> py.state:
#>     push r15
#>     mov r15, qword ptr [rip+pyexec_error_seen@GOTPCREL]
#>     mov dword ptr [r15], 1
#>     call pyexec_error_state@PLT
#>     pop r15
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
#>     mov r14, rcx
#>     mov r13, rdx
#>     mov r12, rsi
#>     mov qword ptr [rsp], rdi
#>     call py.state@PLT
#>     mov r15, rax
#>     mov r11, qword ptr [rsp]
#>     mov dword ptr [r15], r11d
#>     mov dword ptr [r15+4], 1
#>     mov qword ptr [r15+8], r12
#>     mov qword ptr [r15+0x10], r13
#>     mov dword ptr [r15+0x18], r14d
#>     mov qword ptr [r15+0x118], 0
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
#>     mov rax, qword ptr [rip+pyexec_error_seen@GOTPCREL]
#>     cmp dword ptr [rax], 0
#>     jne .Ladd.34
#>     mov rdi, rbx
#> .Ladd.1b:
#>     add rdi, rbp
#>     jo .Ladd.44
#>     xor ecx, ecx
#>     mov rax, rdi
#> .Ladd.25:
#>     xor edx, edx
#>     test cl, cl
#>     cmovne rax, rdx
#>     add rsp, 8
#>     pop rbp
#>     pop rbx
#>     ret
#> .Ladd.34:
#>     call py.state@PLT
#>     mov dword ptr [rax], 0
#>     mov rdi, rbx
#>     jmp .Ladd.1b
#> .Ladd.44:
#>     mov edi, 7
#>     lea rsi, [rip+str.0]
#>     mov edx, 0x29
#>     mov ecx, 3
#>     call py.raise@PLT
#>     xor eax, eax
#>     mov ecx, 1
#>     jmp .Ladd.25
#>     .size add, .-add
#>
#>     .att_syntax prefix
#>     .section .rodata
#>     .p2align 0
#>     .type str.0, @object
#>     .size str.0, 41
#> str.0:
#>     .byte 80, 121, 116, 104, 111, 110, 32, 105, 110, 116, 32, 116, 111, 111, 32, 108    # Python int too l
#>     .byte 97, 114, 103, 101, 32, 116, 111, 32, 99, 111, 110, 118, 101, 114, 116, 32    # arge to convert
#>     .byte 116, 111, 32, 67, 32, 108, 111, 110, 103    # to C long
#>     .section .tbss,"awT",@nobits
#>     .p2align 3
#>     .weak pyexec_error
#>     .type pyexec_error, @object
#>     .size pyexec_error, 288
#> pyexec_error:
#>     .zero 288
#>     .bss
#>     .p2align 2
#>     .weak pyexec_error_seen
#>     .type pyexec_error_seen, @object
#>     .size pyexec_error_seen, 4
#> pyexec_error_seen:
#>     .zero 4
#>     .section .note.GNU-stack,"",@progbits
