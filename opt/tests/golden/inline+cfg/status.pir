; The callee's failure goes straight to the caller's cold block; the check of the status is gone. The
; recursive function stays a call.
func fast local @half(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 1
  v2 = band.i64 v0, v1
  v3 = eq.i64 v2, v1
  br_if v3, b1, b2
cold b1:
  v4 = iconst.i8 1
  ret v1, v4
b2:
  v5 = ashr.i64 v0, v1
  v6 = iconst.i8 0
  ret v5, v6
}
func fast local @down(i64) -> (i64) {
b0(v0: i64):
  v1 = call @down(v0)
  ret v1
}
func fast export @f(i64) -> (i64, i8) {
b0(v0: i64):
  v1, v2 = call @half(v0) @7
  br_if v2, b1, b2
cold b1:
  v3 = iconst.i64 0
  v4 = iconst.i8 1
  ret v3, v4
b2:
  v5 = call @down(v1) @8
  v6 = iconst.i8 0
  ret v5, v6
}
; ==>

func fast local @half(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 1
  v2 = band.i64 v0, v1
  v3 = eq.i64 v2, v1
  br_if v3, b1, b2
cold b1:
  v4 = iconst.i8 1
  ret v1, v4
b2:
  v5 = ashr.i64 v0, v1
  v6 = iconst.i8 0
  ret v5, v6
}

func fast local @down(i64) -> (i64) {
b0(v0: i64):
  v1 = call @down(v0)
  ret v1
}

func fast export @f(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 1
  v2 = band.i64 v0, v1
  v3 = eq.i64 v2, v1
  br_if v3, b2, b1
b1:
  v4 = ashr.i64 v0, v1
  v5 = iconst.i8 0
  v6 = call @down(v4) @8
  v7 = iconst.i8 0
  ret v6, v7
cold b2:
  v8 = iconst.i8 1
  v9 = iconst.i64 0
  v10 = iconst.i8 1
  ret v9, v10
}
