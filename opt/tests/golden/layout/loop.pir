; The loop lies in one piece, its exit behind it, what raises last.
func fast export @f(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  jump b2(v1)
cold b1:
  ret v1
b3(v2: i64):
  v3 = iconst.i64 -1
  ret v3
b2(v4: i64):
  v5 = slt.i64 v4, v0
  br_if v5, b4, b3(v4)
b4:
  v6, v7 = sadd_overflow.i64 v4, v0
  br_if v7, b1, b5
b5:
  jump b2(v6)
}
; ==>

func fast export @f(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  jump b1(v1)
b1(v2: i64):
  v3 = slt.i64 v2, v0
  br_if v3, b2, b4(v2)
b2:
  v4, v5 = sadd_overflow.i64 v2, v0
  br_if v5, b5, b3
b3:
  jump b1(v4)
b4(v6: i64):
  v7 = iconst.i64 -1
  ret v7
cold b5:
  ret v1
}
