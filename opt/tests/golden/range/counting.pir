; i < n, so i + 1 cannot overflow; the sum can.
func fast export @f(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 0
  v2 = iconst.i64 1
  jump b1(v1, v1)
b1(v3: i64, v4: i64):
  v5 = slt.i64 v3, v0
  br_if v5, b2, b5
b2:
  v6, v7 = sadd_overflow.i64 v4, v3
  br_if v7, b6, b3
b3:
  v8, v9 = sadd_overflow.i64 v3, v2
  br_if v9, b6, b4
b4:
  jump b1(v8, v6)
b5:
  v10 = iconst.i8 0
  ret v4, v10
cold b6:
  v11 = iconst.i8 1
  ret v1, v11
}
; ==>

func fast export @f(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 0
  v2 = iconst.i64 1
  jump b1(v1, v1)
b1(v3: i64, v4: i64):
  v5 = slt.i64 v3, v0
  br_if v5, b2, b5
b2:
  v6, v7 = sadd_overflow.i64 v4, v3
  br_if v7, b6, b3
b3:
  v8 = iadd.i64 v3, v2
  v9 = iconst.i8 0
  jump b4
b4:
  jump b1(v8, v6)
b5:
  v10 = iconst.i8 0
  ret v4, v10
cold b6:
  v11 = iconst.i8 1
  ret v1, v11
}
