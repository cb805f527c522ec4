; Products of invariants and loads of unwritten globals leave both loops; a division stays.
global local data @x: size 8, align 8
func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  jump b1(v2, v2)
b1(v3: i64, v4: i64):
  jump b2(v2, v4)
b2(v5: i64, v6: i64):
  v7 = imul.i64 v0, v1
  v8 = global_addr @x
  v9 = load.i64 global v8
  v10 = iadd.i64 v7, v9
  v11 = iadd.i64 v6, v10
  v12 = imul.i64 v3, v0
  v13 = iadd.i64 v11, v12
  v14 = slt.i64 v5, v0
  v15 = iadd.i64 v5, v1
  br_if v14, b2(v15, v13), b3
b3:
  v16 = sdiv.i64 v0, v1
  v17 = iadd.i64 v3, v16
  v18 = slt.i64 v17, v1
  br_if v18, b1(v17, v13), b4
b4:
  ret v13
}
; ==>
global local data @x: size 8, align 8

func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v3 = imul.i64 v0, v1
  v4 = global_addr @x
  v5 = load.i64 global v4
  v6 = iadd.i64 v3, v5
  jump b1(v2, v2)
b1(v7: i64, v8: i64):
  v9 = imul.i64 v7, v0
  jump b2(v2, v8)
b2(v10: i64, v11: i64):
  v12 = iadd.i64 v11, v6
  v13 = iadd.i64 v12, v9
  v14 = slt.i64 v10, v0
  v15 = iadd.i64 v10, v1
  br_if v14, b2(v15, v13), b3
b3:
  v16 = sdiv.i64 v0, v1
  v17 = iadd.i64 v7, v16
  v18 = slt.i64 v17, v1
  br_if v18, b1(v17, v13), b4
b4:
  ret v13
}
