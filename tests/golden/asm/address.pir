; emit: asm -O2
func c export @element(i64, i64) -> (i64) {
b0(v0: i64, v1: i64):
  v2 = iconst.i64 3
  v3 = shl.i64 v1, v2
  v4 = iadd.i64 v0, v3
  v5 = load.i64 array v4+16
  ret v5
}
