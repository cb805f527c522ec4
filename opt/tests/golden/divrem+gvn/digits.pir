; One division for both the digit and the rest.
func fast export @f(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 10
  v2 = srem.i64 v0, v1
  v3 = sdiv.i64 v0, v1
  v4 = iadd.i64 v2, v3
  v5 = srem.i64 v4, v1
  ret v5
}
; ==>

func fast export @f(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 10
  v2 = sdiv.i64 v0, v1
  v3 = imul.i64 v2, v1
  v4 = isub.i64 v0, v3
  v5 = iadd.i64 v4, v2
  v6 = srem.i64 v5, v1
  ret v6
}
