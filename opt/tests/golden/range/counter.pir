; v4 moves by one from a constant, so it cannot overflow within any time; v3 moves by what it is told.
func fast export @f(i64, i64) -> (i64, i8) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v8 = iconst.i64 1
  jump b1(v2, v2)
b1(v3: i64, v4: i64):
  v5, v6 = sadd_overflow.i64 v3, v1
  br_if v6, b4, b2
b2:
  v7, v9 = sadd_overflow.i64 v4, v8
  br_if v9, b4, b3
b3:
  v10 = eq.i64 v5, v0
  br_if v10, b5, b1(v5, v7)
b5:
  v11 = iconst.i8 0
  ret v7, v11
cold b4:
  v12 = iconst.i8 1
  ret v2, v12
}
; ==>

func fast export @f(i64, i64) -> (i64, i8) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v3 = iconst.i64 1
  jump b1(v2, v2)
b1(v4: i64, v5: i64):
  v6, v7 = sadd_overflow.i64 v4, v1
  br_if v7, b5, b2
b2:
  v8 = iadd.i64 v5, v3
  v9 = iconst.i8 0
  jump b3
b3:
  v10 = eq.i64 v6, v0
  br_if v10, b4, b1(v6, v8)
b4:
  v11 = iconst.i8 0
  ret v8, v11
cold b5:
  v12 = iconst.i8 1
  ret v2, v12
}
