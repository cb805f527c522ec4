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
  br_if v4, b2(v3, v2), b3(v3)
b2(v5: i64, v6: i64):
  v7 = iadd.i64 v5, v6
  v8 = iconst.i64 1
  v9 = iadd.i64 v6, v8
  jump b1(v9, v7)
b3(v10: i64):
  ret v10
b4(v11: i64, v12: i64):
  v13 = slt.i64 v11, v0
  br_if v13, b5, b3(v12)
b5:
  jump b2(v12, v11)
}
