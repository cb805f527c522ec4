; What several threads do to the same cells at once. Nothing may be lost.
;
; cell 0  +1 each round                        5  every thread sets and clears its own bit, twice
;      1  -1 each round                        6  the greatest of round * 4 + thread
;      2  +1 in 8 bits                         7  the least of its negative
;      3  +1 in 16 bits                        8  +1 by compare and swap
;      4  +1 in 32 bits                        9  tokens (thread + 1) change hands; in the end they are added
;                                             10  the greatest of round * 4 + thread, unsigned, in 32 bits

; Gives how often a thread's bit was not as the thread had left it.
func c export @contend(i64, i64, i64) -> (i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = iconst.i64 0
  v4 = iconst.i64 1
  v5 = shl.i64 v4, v1
  v6 = bnot.i64 v5
  v7 = iadd.i64 v1, v4
  jump b1(v3, v3, v7)
b1(v8: i64, v9: i64, v10: i64):
  v11 = slt.i64 v8, v2
  br_if v11, b2, b5
b2:
  v12 = atomic_add.i64 array v4, v0
  v13 = atomic_sub.i64 array v4, v0+8
  v14 = iconst.i8 1
  v15 = atomic_add.i8 array v14, v0+16
  v16 = iconst.i16 1
  v17 = atomic_add.i16 array v16, v0+24
  v18 = iconst.i32 1
  v19 = atomic_add.i32 array v18, v0+32
  v20 = atomic_or.i64 array v5, v0+40
  v21 = atomic_and.i64 array v6, v0+40
  v22 = atomic_xor.i64 array v5, v0+40
  v23 = atomic_xor.i64 array v5, v0+40
  v24 = bor.i64 v20, v22
  v25 = band.i64 v21, v23
  v26 = bnot.i64 v25
  v27 = bor.i64 v24, v26
  v28 = band.i64 v27, v5
  v29 = ne.i64 v28, v3
  v30 = zext.i64 v29
  v31 = iadd.i64 v9, v30
  v32 = iconst.i64 2
  v33 = shl.i64 v8, v32
  v34 = iadd.i64 v33, v1
  v35 = ineg.i64 v34
  v36 = trunc.i32 v34
  v37 = atomic_smax.i64 array v34, v0+48
  v38 = atomic_smin.i64 array v35, v0+56
  v39 = atomic_umax.i32 array v36, v0+80
  v40 = atomic_xchg.i64 array v10, v0+72
  v41 = atomic_load.i64 array v0+64
  jump b3(v41)
b3(v42: i64):
  v43 = iadd.i64 v42, v4
  v44 = atomic_cas.i64 array v42, v43, v0+64
  v45 = eq.i64 v44, v42
  br_if v45, b4, b3(v44)
b4:
  v46 = iadd.i64 v8, v4
  jump b1(v46, v31, v40)
b5:
  v47 = atomic_add.i64 array v10, v0+72
  ret v9
}

; Peterson's lock for threads 0 and 1 (G. L. Peterson, 1981), which is none unless a thread's stores are seen before it
; loads: cells 0 and 1 say who wants to enter, cell 2 whose turn it is, cell 3 counts without atomic access.
func c export @turns(i64, i64, i64) -> (i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = iconst.i64 0
  v4 = iconst.i64 1
  v5 = iconst.i64 3
  v6 = isub.i64 v4, v1
  v7 = shl.i64 v1, v5
  v8 = iadd.i64 v0, v7
  v9 = shl.i64 v6, v5
  v10 = iadd.i64 v0, v9
  jump b1(v3)
b1(v11: i64):
  v12 = slt.i64 v11, v2
  br_if v12, b2, b6
b2:
  atomic_store.i64 array v4, v8
  atomic_store.i64 array v6, v0+16
  jump b3
b3:
  v13 = atomic_load.i64 array v10
  v14 = eq.i64 v13, v3
  br_if v14, b5, b4
b4:
  v15 = atomic_load.i64 array v0+16
  v16 = eq.i64 v15, v6
  br_if v16, b3, b5
b5:
  v17 = load.i64 array v0+24
  v18 = iadd.i64 v17, v4
  store.i64 array v18, v0+24
  atomic_store.i64 array v3, v8
  v19 = iadd.i64 v11, v4
  jump b1(v19)
b6:
  ret v3
}

; The same with plain accesses and fences.
func c export @fenced_turns(i64, i64, i64) -> (i64) {
b0(v0: i64, v1: i64, v2: i64):
  v3 = iconst.i64 0
  v4 = iconst.i64 1
  v5 = iconst.i64 3
  v6 = isub.i64 v4, v1
  v7 = shl.i64 v1, v5
  v8 = iadd.i64 v0, v7
  v9 = shl.i64 v6, v5
  v10 = iadd.i64 v0, v9
  jump b1(v3)
b1(v11: i64):
  v12 = slt.i64 v11, v2
  br_if v12, b2, b6
b2:
  store.i64 array v4, v8
  fence
  store.i64 array v6, v0+16
  jump b3
b3:
  fence
  v13 = load.i64 array v10
  v14 = eq.i64 v13, v3
  br_if v14, b5, b4
b4:
  fence
  v15 = load.i64 array v0+16
  v16 = eq.i64 v15, v6
  br_if v16, b3, b5
b5:
  fence
  v17 = load.i64 array v0+24
  v18 = iadd.i64 v17, v4
  store.i64 array v18, v0+24
  fence
  store.i64 array v3, v8
  v19 = iadd.i64 v11, v4
  jump b1(v19)
b6:
  ret v3
}
