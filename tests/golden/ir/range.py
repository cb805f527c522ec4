# emit: ir -O0
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
#>   v1 = iconst.i8 0 @19
#>   v4 = iconst.i64 0 @19
#>   v8 = iconst.i64 0 @56
#>   v9 = iconst.i64 0 @71
#>   jump b4(v8, v9) @62
#> b4(v11: i64, v13: i64):
#>   v14 = slt.i64 v13, v0 @62
#>   br_if v14, b5, b3 @62
#> b5:
#>   v15, v16 = sadd_overflow.i64 v11, v13 @89
#>   br_if v16, b7, b8 @89
#> cold b7:
#>   v17 = global_addr @str.0 @89
#>   v18 = iconst.i64 86 @89
#>   v19 = iconst.i32 7 @89
#>   v20 = iconst.i32 0 @89
#>   v24 = iconst.i32 5
#>   call @py.raise(v19, v17, v18, v24) @89
#>   v21 = iconst.i8 1 @89
#>   ret v4, v21 @89
#> b8:
#>   jump b6 @89
#> b6:
#>   v22 = iconst.i64 1 @89
#>   v23 = iadd.i64 v13, v22 @89
#>   jump b4(v15, v23) @89
#> b3:
#>   jump b2 @89
#> b2:
#>   ret v11, v1 @104
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
#>   v7 = iconst.i64 0
#>   v8 = iadd.i64 v6, v7
#>   v5 = iconst.i32 1
#>   store.i32 global v0, v8
#>   store.i32 global v5, v8+4
#>   store.i64 global v1, v8+8
#>   store.i64 global v2, v8+16
#>   store.i32 global v3, v8+24
#>   ret
#> }
#>
#> func c export @triangle(i64) -> (i64) {
#> b0(v0: i64):
#>   v7 = call @py.state()
#>   v8 = iconst.i64 0
#>   v9 = iadd.i64 v7, v8
#>   v6 = iconst.i32 0
#>   store.i32 global v6, v9
#>   v1, v2 = call @py.triangle(v0) @19
#>   v3 = iconst.i64 0 @19
#>   v4 = select.i64 v2, v3, v1 @19
#>   ret v4 @19
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
