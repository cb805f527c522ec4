; A small branch becomes a select; empty blocks and unreachable ones go.
func fast export @f(i64, i64, i8) -> (i64) {
b0(v0: i64, v1: i64, v2: i8):
  br_if v2, b1, b2
b1:
  v3 = iadd.i64 v0, v1
  jump b3(v3)
b2:
  jump b3(v1)
b3(v4: i64):
  jump b5(v4)
b4:
  jump b5(v0)
b5(v6: i64):
  ret v6
}
; ==>

func fast export @f(i64, i64, i8) -> (i64) {
b0(v0: i64, v1: i64, v2: i8):
  v3 = iadd.i64 v0, v1
  v4 = select.i64 v2, v3, v1
  ret v4
}
