sig0 = fast (i64, f32) -> (i64, i8)
sig1 = c (i8, i16 signed, ...) -> (i8 signed)
sig2 = fast (i64) -> (i64)
global local const @message: size 12, align 1 = "Hi \"\\\"\x00\xff\x0a."
global export data @table: size 16, align 8 relocs [0: @helper, 8: @message+4]
global local data thread @state: size 280, align 16
global import data @pyexec_error: size 280, align 8
global weak data @"odd name é\"": size 3, align 1 = "abc"

func c import @puts(i64) -> (i32)
func c import @printf(i64, ...) -> (i32)
func c import @make(result(size 24, align 8, i64 at 0, f64 at 8, i8 at 16), byval(size 4, align 2, i16 at 2)) -> ()

func fast local @helper(i64, f32) -> (i64, i8) {
b0(v0: i64, v1: f32):
  v2 = iconst.i8 0
  ret v0, v2
}

func fast export cold @"every form"(i64, i64, f64) -> (i64) {
  slot s0: size 16, align 8
  slot s1: size 1, align 1
b0(v0: i64, v1: i64, v2: f64):
  v3 = stack_addr s0 @12
  v4 = stack_addr s0+8
  v5 = iconst.i64 -9223372036854775808
  v6 = fconst.f64 0x3ff0000000000000
  store.f64 stack v6, v3-8 @0
  store8.i64 unknown v5, v4
  v7 = load.i128 array v3+2147483647
  v8 = load_s8.i32 constant v4-2147483648
  v9, v10 = sadd_overflow.i64 v0, v1
  br_if v10, b2, b1(v9, v8)
b1(v11: i64, v12: i32):
  v13 = global_addr @table+8
  v14 = global_addr @"odd name é\""
  v15 = func_addr @helper
  v16 = fdemote.f32 v2
  v17, v18 = call_indirect sig0 v15(v11, v16) @99
  v19 = call @puts(v13)
  v20, v21 = call @helper(v17, v16)
  v22 = select.i64 v18, v20, v14
  v23 = stack_ptr
  v24 = atomic_cas.i64 array v14, v0, v13-8
  atomic_store.i8 unknown v18, v13
  v25 = atomic_load.i16 header v13+2
  fence @7
  trap_if v21, user0
  br_table v22, b3, [b2, b3, b4(v22)]
cold b2:
  trap int_overflow @4294967294
b3:
  br_table v0, b2, []
b4(v26: i64):
  tail_call @tail(v26)
}

func fast local @tail(i64) -> (i64) {
b0(v0: i64):
  v1 = func_addr @tail
  v2 = load.i64 header v1
  tail_call_indirect sig2 v2(v0)
}

func c weak @nothing() -> () {
b0:
  ret
}
