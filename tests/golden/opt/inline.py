# emit: opt -O2
def square(x: float) -> float:
    return x * x


def hypotenuse(a: float, b: float) -> float:
    return square(a) + square(b)
#>
#> func fast local @py.square(f64) -> (f64) {
#> b0(v0: f64):
#>   v8 = fmul.f64 v0, v0 @58
#>   ret v8 @51
#> }
#>
#> func fast local @py.hypotenuse(f64, f64) -> (f64) {
#> b0(v0: f64, v1: f64):
#>   v14 = fmul.f64 v0, v0 @58
#>   v17 = fmul.f64 v1, v1 @58
#>   v11 = fadd.f64 v14, v17 @122
#>   ret v11 @115
#> }
#>
#> func fast local @__main__() -> (i8) {
#> b0:
#>   v0 = iconst.i8 0 @0
#>   ret v0 @0
#> }
#>
#> func c export @square(f64) -> (f64) {
#> b0(v0: f64):
#>   v4 = fmul.f64 v0, v0 @58
#>   ret v4 @20
#> }
#>
#> func c export @hypotenuse(f64, f64) -> (f64) {
#> b0(v0: f64, v1: f64):
#>   v10 = fmul.f64 v0, v0 @58
#>   v11 = fmul.f64 v1, v1 @58
#>   v12 = fadd.f64 v10, v11 @122
#>   ret v12 @70
#> }
