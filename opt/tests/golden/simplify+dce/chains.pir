; Constants go right and merge; a branch on a negation swaps its targets.
func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 4
  v3 = iadd.i64 v2, v0
  v4 = iadd.i64 v3, v2
  v5 = isub.i64 v4, v2
  v6 = iconst.i64 8
  v7 = imul.i64 v5, v6
  v8 = udiv.i64 v7, v6
  v9 = slt.i64 v8, v1
  v10 = iconst.i8 0
  v11 = eq.i8 v9, v10
  br_if v11, b1, b2
b1:
  ret v8
b2:
  ret v1
}
; ==>

func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 4
  v3 = iadd.i64 v0, v2
  v4 = iconst.i64 2305843009213693951
  v5 = band.i64 v3, v4
  v6 = sge.i64 v5, v1
  br_if v6, b1, b2
b1:
  ret v5
b2:
  ret v1
}
