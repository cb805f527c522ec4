# emit: ir -O0
def add(a: int, b: int) -> int:
    return a + b
#> global local const @str.0: size 41, align 1 = "Python int too large to convert to C long"
#> global weak data thread @pyexec_error: size 288, align 8
#> global weak data @pyexec_error_seen: size 4, align 4
#>
#> func fast local @py.add(i64, i64) -> (i64, i8) {
#> b0(v0: i64, v1: i64):
#>   v2 = iconst.i8 0 @19
#>   v5 = iconst.i64 0 @19
#>   v9, v10 = sadd_overflow.i64 v0, v1 @58
#>   br_if v10, b2, b3 @58
#> cold b2:
#>   v11 = global_addr @str.0 @58
#>   v12 = iconst.i64 41 @58
#>   v13 = iconst.i32 7 @58
#>   v14 = iconst.i32 0 @58
#>   v16 = iconst.i32 3
#>   call @py.raise(v13, v11, v12, v16) @58
#>   v15 = iconst.i8 1 @58
#>   ret v5, v15 @58
#> b3:
#>   ret v9, v2 @51
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
#>   v7 = call @py.state()
#>   v8 = iconst.i64 0
#>   v9 = iadd.i64 v7, v8
#>   v5 = iconst.i32 1
#>   store.i32 global v0, v9
#>   store.i32 global v5, v9+4
#>   store.i64 global v1, v9+8
#>   store.i64 global v2, v9+16
#>   store.i32 global v3, v9+24
#>   v6 = iconst.i64 0
#>   store.i64 global v6, v9+280
#>   ret
#> }
#>
#> func c export @add(i64, i64) -> (i64) {
#> b0(v0: i64, v1: i64):
#>   v6 = global_addr @pyexec_error_seen
#>   v7 = load.i32 global v6
#>   v8 = iconst.i32 0
#>   v9 = ne.i32 v7, v8
#>   br_if v9, b2, b1
#> b1:
#>   v2, v3 = call @py.add(v0, v1) @19
#>   v4 = iconst.i64 0 @19
#>   v5 = select.i64 v3, v4, v2 @19
#>   ret v5 @19
#> cold b2:
#>   v11 = call @py.state()
#>   v12 = iconst.i64 0
#>   v13 = iadd.i64 v11, v12
#>   store.i32 global v8, v13
#>   jump b1
#> }
#>
#> func c weak cold @pyexec_error_state() -> (i64) {
#> b0:
#>   v0 = global_addr @pyexec_error
#>   ret v0
#> }
#>
#> func fast local cold @py.state() -> (i64) {
#> b0:
#>   v0 = global_addr @pyexec_error_seen
#>   v1 = iconst.i32 1
#>   store.i32 global v1, v0
#>   v2 = call @pyexec_error_state()
#>   ret v2
#> }
