; A bound that is compared at both ends of a loop holds in the loop: the index is inside.
func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v3 = slt.i64 v2, v0
  br_if v3, b1(v2), b4
b1(v4: i64):
  v5 = ult.i64 v4, v0
  br_if v5, b2, b5
b2:
  v6 = iconst.i64 1
  v7 = iadd.i64 v4, v6
  v8 = sgt.i64 v4, v0
  br_if v8, b5, b3
b3:
  v9 = slt.i64 v7, v0
  br_if v9, b1(v7), b4
b4:
  ret v2
b5:
  ret v1
}
; ==>

func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v3 = slt.i64 v2, v0
  br_if v3, b1(v2), b4
b1(v4: i64):
  v5 = iconst.i8 1
  jump b2
b2:
  v6 = iconst.i64 1
  v7 = iadd.i64 v4, v6
  v8 = iconst.i8 0
  jump b3
b3:
  v9 = slt.i64 v7, v0
  br_if v9, b1(v7), b4
b4:
  ret v2
}
