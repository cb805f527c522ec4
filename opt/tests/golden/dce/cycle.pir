; A parameter that only feeds itself goes, with its computation; an unread flag goes, the sum stays.
func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  jump b1(v0, v1)
b1(v2: i64, v3: i64):
  v4, v5 = sadd_overflow.i64 v2, v1
  v6 = imul.i64 v3, v3
  v7 = slt.i64 v4, v0
  br_if v7, b1(v4, v6), b2
b2:
  ret v4
}
; ==>

func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  jump b1(v0)
b1(v2: i64):
  v3 = iadd.i64 v2, v1
  v4 = slt.i64 v3, v0
  br_if v4, b1(v3), b2
b2:
  ret v3
}
