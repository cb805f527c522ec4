; for i in range(n): if i % 3 == 0: s += i * i      with every check that Python needs
func fast export @f(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 0
  v2 = iconst.i64 1
  v3 = iconst.i64 3
  jump b1(v1, v1)
b1(v4: i64, v5: i64):
  v6 = slt.i64 v4, v0
  br_if v6, b2, b9
b2:
  v7 = srem.i64 v4, v3
  v8 = slt.i64 v7, v1
  v9 = iadd.i64 v7, v3
  v10 = select.i64 v8, v9, v7
  v11 = eq.i64 v10, v1
  br_if v11, b3, b6(v5)
b3:
  v12, v13 = smul_overflow.i64 v4, v4
  br_if v13, b10, b4
b4:
  v14, v15 = sadd_overflow.i64 v5, v12
  br_if v15, b10, b5
b5:
  jump b6(v14)
b6(v16: i64):
  v17, v18 = sadd_overflow.i64 v4, v2
  br_if v18, b10, b7
b7:
  jump b1(v17, v16)
b9:
  v19 = iconst.i8 0
  ret v5, v19
cold b10:
  v20 = iconst.i8 1
  ret v1, v20
}
; ==>

func fast export @f(i64) -> (i64, i8) {
b0(v0: i64):
  v1 = iconst.i64 0
  v2 = iconst.i64 1
  v3 = iconst.i64 3
  v4 = sgt.i64 v0, v1
  br_if v4, b1, b7(v1)
b1:
  jump b2(v1, v1)
b2(v5: i64, v6: i64):
  v7 = urem.i64 v5, v3
  v8 = eq.i64 v7, v1
  br_if v8, b3, b6(v6)
b3:
  v9, v10 = smul_overflow.i64 v5, v5
  br_if v10, b8, b4
b4:
  v11, v12 = sadd_overflow.i64 v6, v9
  br_if v12, b8, b5
b5:
  jump b6(v11)
b6(v13: i64):
  v14 = iadd.i64 v5, v2
  v15 = slt.i64 v14, v0
  br_if v15, b2(v14, v13), b7(v13)
b7(v16: i64):
  v17 = iconst.i8 0
  ret v16, v17
cold b8:
  v18 = iconst.i8 1
  ret v1, v18
}
