# emit: opt -O2
def triangle(n: int) -> int:
    total = 0
    for i in range(n):
        total += i
    return total
#> global local const @str.0: size 86, align 1 = "integer overflow: result does not fit in 64 bits (exact integers are not compiled yet)"
#> global weak data thread @pyexec_error: size 280, align 8
#>
#> func fast local @py.triangle(i64) -> (i64, i8) {
#> b0(v0: i64):
#>   v1 = iconst.i8 0 @20
#>   v4 = iconst.i64 0 @20
#>   v27 = sgt.i64 v0, v4 @63
#>   br_if v27, b10, b2(v4) @63
#> b10:
#>   v22 = iconst.i64 1 @90
#>   jump b5(v4, v4) @63
#> b5(v28: i64, v29: i64):
#>   v15, v16 = sadd_overflow.i64 v28, v29 @90
#>   br_if v16, b7, b6 @90
#> b6:
#>   v23 = iadd.i64 v29, v22 @90
#>   v14 = slt.i64 v23, v0 @63
#>   br_if v14, b5(v15, v23), b2(v15) @63
#> b2(v30: i64):
#>   ret v30, v1 @105
#> cold b7:
#>   v17 = global_addr @str.0 @90
#>   v18 = iconst.i64 86 @90
#>   v19 = iconst.i32 7 @90
#>   v24 = iconst.i32 5
#>   call @py.raise(v19, v17, v18, v24) @90
#>   v21 = iconst.i8 1 @90
#>   ret v4, v21 @90
#> }
#>
#> func fast local @__main__() -> (i8) {
#> b0:
#>   v0 = iconst.i8 0 @0
#>   ret v0 @0
#> }
#>
#> func fast local cold @py.raise(i32, i64, i64, i32) -> () {
#> b0(v0: i32, v1: i64, v2: i64, v3: i32):
#>   v6 = call @py.state()
#>   v5 = iconst.i32 1
#>   store.i32 global v0, v6
#>   store.i32 global v5, v6+4
#>   store.i64 global v1, v6+8
#>   store.i64 global v2, v6+16
#>   store.i32 global v3, v6+24
#>   ret
#> }
#>
#> func c export @triangle(i64) -> (i64) {
#> b0(v0: i64):
#>   v7 = call @py.state()
#>   v8 = iconst.i64 0
#>   v6 = iconst.i32 0
#>   store.i32 global v6, v7
#>   v15 = iconst.i8 0 @20
#>   v29 = sgt.i64 v0, v8 @63
#>   br_if v29, b9, b4(v8) @63
#> b9:
#>   v20 = iconst.i64 1 @90
#>   jump b5(v8, v8) @63
#> b5(v30: i64, v31: i64):
#>   v18, v19 = sadd_overflow.i64 v30, v31 @90
#>   br_if v19, b7, b6 @90
#> b6:
#>   v21 = iadd.i64 v31, v20 @90
#>   v17 = slt.i64 v21, v0 @63
#>   br_if v17, b5(v18, v21), b4(v18) @63
#> b4(v32: i64):
#>   jump b1(v32, v15) @105
#> b1(v10: i64, v11: i8):
#>   v4 = select.i64 v11, v8, v10 @20
#>   ret v4 @20
#> cold b7:
#>   v22 = global_addr @str.0 @90
#>   v23 = iconst.i64 86 @90
#>   v24 = iconst.i32 7 @90
#>   v25 = iconst.i32 5
#>   call @py.raise(v24, v22, v23, v25) @90
#>   v26 = iconst.i8 1 @90
#>   jump b1(v8, v26) @90
#> }
#>
#> func fast local cold @py.state() -> (i64) {
#> b0:
#>   v0 = global_addr @pyexec_error
#>   ret v0
#> }
#>
#> func c weak @pyexec_error_state() -> (i64) {
#> b0:
#>   v0 = global_addr @pyexec_error
#>   ret v0
#> }
