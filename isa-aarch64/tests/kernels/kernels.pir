func c export @fib(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 2
  v2 = slt.i64 v0, v1
  br_if v2, b1, b2
b1:
  ret v0
b2:
  v3 = iconst.i64 1
  v4 = isub.i64 v0, v3
  v5 = call @fib(v4)
  v6 = isub.i64 v0, v1
  v7 = call @fib(v6)
  v8 = iadd.i64 v5, v7
  ret v8
}

func c export @sum(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v3 = sgt.i64 v1, v2
  br_if v3, b1(v2, v2), b2(v2)
b1(v4: i64, v5: i64):
  v6 = iconst.i64 3
  v7 = shl.i64 v4, v6
  v8 = iadd.i64 v0, v7
  v9 = load.i64 array v8
  v10 = iadd.i64 v5, v9
  v11 = iconst.i64 1
  v12 = iadd.i64 v4, v11
  v13 = slt.i64 v12, v1
  br_if v13, b1(v12, v10), b2(v10)
b2(v14: i64):
  ret v14
}

func c export @dot(i64, i64, i64) -> (f64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = iconst.i64 0
  v4 = fconst.f64 0x0
  v5 = sgt.i64 v2, v3
  br_if v5, b1(v3, v4), b2(v4)
b1(v6: i64, v7: f64):
  v8 = iconst.i64 3
  v9 = shl.i64 v6, v8
  v10 = iadd.i64 v0, v9
  v11 = load.f64 array v10
  v12 = iadd.i64 v1, v9
  v13 = load.f64 array v12
  v14 = fmul.f64 v11, v13
  v15 = fadd.f64 v7, v14
  v16 = iconst.i64 1
  v17 = iadd.i64 v6, v16
  v18 = slt.i64 v17, v2
  br_if v18, b1(v17, v15), b2(v15)
b2(v19: f64):
  ret v19
}

func c export @gcd(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 0
  v3 = eq.i64 v1, v2
  br_if v3, b2(v0), b1(v0, v1)
b1(v4: i64, v5: i64):
  v6 = urem.i64 v4, v5
  v7 = iconst.i64 0
  v8 = ne.i64 v6, v7
  br_if v8, b1(v5, v6), b2(v5)
b2(v9: i64):
  ret v9
}

func c export @collatz(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  jump b1(v0, v1)
b1(v2: i64, v3: i64):
  v4 = iconst.i64 1
  v5 = eq.i64 v2, v4
  br_if v5, b5(v3), b2
b2:
  v6 = iconst.i64 1
  v7 = band.i64 v2, v6
  v8 = iconst.i64 0
  v9 = ne.i64 v7, v8
  br_if v9, b3, b4
b3:
  v10 = iconst.i64 3
  v11, v12 = smul_overflow.i64 v2, v10
  br_if v12, b6, b7
b7:
  v13 = iconst.i64 1
  v14, v15 = sadd_overflow.i64 v11, v13
  br_if v15, b6, b8
b8:
  v16 = iconst.i64 1
  v17 = iadd.i64 v3, v16
  jump b1(v14, v17)
b4:
  v18 = iconst.i64 1
  v19 = ashr.i64 v2, v18
  v20 = iadd.i64 v3, v18
  jump b1(v19, v20)
b5(v21: i64):
  ret v21
cold b6:
  v22 = iconst.i64 -1
  ret v22
}

func c export @sieve(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 2
  v3 = iconst.i64 0
  jump b1(v2, v3)
b1(v4: i64, v5: i64):
  v6 = slt.i64 v4, v1
  br_if v6, b2, b6
b2:
  v7 = iadd.i64 v0, v4
  v8 = load.i8 array v7
  v9 = iconst.i8 0
  v10 = ne.i8 v8, v9
  br_if v10, b5(v5), b3
b3:
  v11 = imul.i64 v4, v4
  v12 = iconst.i64 1
  v13 = iadd.i64 v5, v12
  jump b4(v11)
b4(v14: i64):
  v15 = slt.i64 v14, v1
  br_if v15, b7, b5(v13)
b7:
  v16 = iadd.i64 v0, v14
  v17 = iconst.i8 1
  store.i8 array v17, v16
  v18 = iadd.i64 v14, v4
  jump b4(v18)
b5(v19: i64):
  v20 = iconst.i64 1
  v21 = iadd.i64 v4, v20
  jump b1(v21, v19)
b6:
  ret v5
}

func c export @horner(i64, i64, f64) -> (f64) {
b0(v0: i64, v1: i64, v2: f64):
  v3 = fconst.f64 0x3ff0000000000000
  v4 = iconst.i64 0
  v40 = slt.i64 v4, v1
  br_if v40, b1(v4, v3), b2(v3)
b1(v5: i64, v6: f64):
  v7 = fmul.f64 v6, v2
  v8 = iconst.i64 3
  v9 = shl.i64 v5, v8
  v10 = iadd.i64 v0, v9
  v11 = load.f64 array v10
  v12 = fadd.f64 v7, v11
  v13 = iconst.i64 1
  v14 = iadd.i64 v5, v13
  v15 = slt.i64 v14, v1
  br_if v15, b1(v14, v12), b2(v12)
b2(v16: f64):
  ret v16
}

func c export @hash(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 -3750763034362895579
  v3 = iconst.i64 0
  v40 = slt.i64 v3, v1
  br_if v40, b1(v3, v2), b2(v2)
b1(v4: i64, v5: i64):
  v6 = iadd.i64 v0, v4
  v7 = load_u8.i64 array v6
  v8 = bxor.i64 v5, v7
  v9 = iconst.i64 1099511628211
  v10 = imul.i64 v8, v9
  v11 = iconst.i64 1
  v12 = iadd.i64 v4, v11
  v13 = slt.i64 v12, v1
  br_if v13, b1(v12, v10), b2(v10)
b2(v14: i64):
  ret v14
}

func c export @digits(i64) -> (i64) {
b0(v0: i64):
  v1 = iconst.i64 0
  v40 = ne.i64 v0, v1
  br_if v40, b1(v0, v1), b2(v1)
b1(v2: i64, v3: i64):
  v4 = iconst.i64 10
  v5 = urem.i64 v2, v4
  v6 = iadd.i64 v3, v5
  v7 = udiv.i64 v2, v4
  v8 = iconst.i64 0
  v9 = ne.i64 v7, v8
  br_if v9, b1(v7, v6), b2(v6)
b2(v10: i64):
  ret v10
}

func c export @clamp(i64, i64, i64) -> (i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = slt.i64 v0, v1
  v4 = select.i64 v3, v1, v0
  v5 = sgt.i64 v4, v2
  v6 = select.i64 v5, v2, v4
  ret v6
}
