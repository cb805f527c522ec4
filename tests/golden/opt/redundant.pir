; emit: opt -O2
func fast export @f(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iadd.i64 v0, v1
  v3 = iadd.i64 v1, v0
  v4 = imul.i64 v2, v3
  v5 = iconst.i64 0
  v6 = iadd.i64 v4, v5
  ret v6
}
;>
;> func fast export @f(i64, i64) -> (i64) {
;> b0(v0: i64, v1: i64):
;>   v2 = iadd.i64 v0, v1
;>   v4 = imul.i64 v2, v2
;>   ret v4
;> }
