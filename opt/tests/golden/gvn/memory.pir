; Stored values are forwarded, a global's cell is not touched by a store to another one, a decided
; condition is known below its branch.
global local data @x: size 8, align 8
global local data @y: size 8, align 8
func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = global_addr @x
  v3 = global_addr @y
  store.i64 global v0, v2
  store.i64 global v1, v3
  v4 = load.i64 global v2
  v5 = iadd.i64 v4, v1
  v6 = slt.i64 v0, v1
  br_if v6, b1, b2
b1:
  v7 = iadd.i64 v1, v0
  v8 = sgt.i64 v1, v0
  v9 = zext.i64 v8
  v10 = iadd.i64 v7, v9
  ret v10
b2:
  v11 = slt.i64 v0, v1
  v12 = zext.i64 v11
  v13 = load.i64 global v3
  v14 = iadd.i64 v12, v13
  ret v14
}
; ==>
global local data @x: size 8, align 8
global local data @y: size 8, align 8

func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = global_addr @x
  v3 = global_addr @y
  store.i64 global v0, v2
  store.i64 global v1, v3
  v4 = iadd.i64 v0, v1
  v5 = slt.i64 v0, v1
  br_if v5, b1, b2
b1:
  v6 = iconst.i8 1
  v7 = zext.i64 v6
  v8 = iadd.i64 v4, v7
  ret v8
b2:
  v9 = iconst.i8 0
  v10 = zext.i64 v9
  v11 = iadd.i64 v10, v1
  ret v11
}
