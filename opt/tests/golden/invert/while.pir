; The test moves behind the body; the value that the loop leaves is merged from guard and test.
func fast export @f(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  jump b1(v1, v1)
b1(v2: i64, v3: i64):
  v4 = slt.i64 v2, v0
  br_if v4, b2, b3
b2:
  v5 = iadd.i64 v3, v2
  v6 = iconst.i64 1
  v7 = iadd.i64 v2, v6
  jump b1(v7, v5)
b3:
  ret v3
}
; ==>

func fast export @f(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  jump b4(v1, v1)
b1(v2: i64, v3: i64):
  v4 = slt.i64 v2, v0
  br_if v4, b2, b3(v3)
b2:
  v5 = iadd.i64 v10, v9
  v6 = iconst.i64 1
  v7 = iadd.i64 v9, v6
  jump b1(v7, v5)
b3(v8: i64):
  ret v8
b4(v9: i64, v10: i64):
  v11 = slt.i64 v9, v0
  br_if v11, b5, b3(v10)
b5:
  jump b2
}
