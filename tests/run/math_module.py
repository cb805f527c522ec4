"""math: every function on ordinary and special values."""
import math
from math import pi, sqrt as root


def guarded(which: int, x: float) -> None:
    try:
        if which == 0:
            print(math.sqrt(x))
        elif which == 1:
            print(math.log(x))
        elif which == 2:
            print(math.exp(x))
        elif which == 3:
            print(math.acos(x))
        elif which == 4:
            print(math.floor(x))
        elif which == 5:
            print(math.gamma(x))
        elif which == 6:
            print(math.fmod(x, 0.0))
        elif which == 7:
            print(math.pow(x, 0.5))
        elif which == 8:
            print(math.sin(x))
    except ValueError as e:
        print("ValueError", e)
    except OverflowError as e:
        print("OverflowError", e)


print(pi, math.e, math.tau, math.inf, math.nan)
print(root(2.0), math.sqrt(16), math.floor(-1.5), math.ceil(-1.5), math.trunc(-1.5), math.floor(7), math.ceil(2.1))
print(math.sin(1.0), math.cos(1.0), math.tan(1.0), math.asin(0.5), math.acos(0.5), math.atan(2.0), math.atan2(-1.0, -2.0))
print(math.sinh(1.0), math.cosh(1.0), math.tanh(1.0), math.asinh(1.0), math.acosh(2.0), math.atanh(0.5))
print(math.exp(1.5), math.expm1(1e-5), math.log(10.0), math.log(8, 2), math.log2(8.0), math.log10(1000.0), math.log1p(1e-5))
print(math.pow(2.0, 0.5), math.hypot(3.0, 4.0), math.fabs(-2.5), math.copysign(3.0, -0.0), math.fmod(-7.5, 2.0))
print(math.degrees(pi), math.radians(180.0), math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1.0))
print(math.gcd(48, 18), math.gcd(-48, 18), math.gcd(0, 0), math.lcm(4, 6), math.gcd(12, 18, 27), math.isqrt(99))
print(math.factorial(10), math.factorial(20), math.comb(20, 7), math.perm(10, 3), math.comb(3, 5))
print(math.isclose(0.1 + 0.2, 0.3), math.isclose(1.0, 1.1), math.isclose(1.0, 1.05, rel_tol=0.1))
print(math.erf(0.5), math.erfc(0.5), math.gamma(5.0), math.lgamma(10.0), math.ldexp(0.75, 4), math.remainder(7.0, 3.0))
for which in range(9):
    guarded(which, -1.0)
    guarded(which, 1000.0)
    guarded(which, math.inf)
    guarded(which, 0.25)
print(math.hypot(), math.hypot(-2.5), math.hypot(1, 2, 2), math.hypot(0.1, 0.2, 0.3, 0.4), math.hypot(1e200, 1e200, 1e200))
