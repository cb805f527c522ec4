"""cmath: every function, its cuts and its exceptions."""
import cmath
import math
from cmath import exp, phase


def all_of(z: complex) -> None:
    print(cmath.sqrt(z), exp(z), cmath.sin(z), cmath.cos(z), cmath.tan(z))
    print(cmath.sinh(z), cmath.cosh(z), cmath.tanh(z))
    print(cmath.asin(z), cmath.acos(z), cmath.atan(z))
    print(cmath.asinh(z), cmath.acosh(z), cmath.atanh(z))
    print(cmath.log(z), cmath.log10(z), cmath.log(z, 2), cmath.log(z, 1j))
    r, angle = cmath.polar(z)
    print(r, angle, phase(z), cmath.rect(r, angle))


all_of(1 + 2j)
all_of(-0.5 - 0.25j)
all_of(complex(-2.0, -0.0))
all_of(complex(-2.0, 0.0))
all_of(1e-310 + 1e-310j)
all_of(complex(float("nan"), 0.0))
print(cmath.sqrt(-1), cmath.sqrt(2), cmath.exp(True), cmath.rect(2, 1))
inf = complex(float("inf"), -1.0)
print(cmath.sqrt(inf), exp(inf), cmath.log(inf), cmath.acos(inf), cmath.atan(inf), cmath.tanh(inf))
print(cmath.pi, cmath.e, cmath.tau, cmath.inf, cmath.nan)


def failing(which: int, z: complex) -> complex:
    if which == 0:
        return cmath.log(z)
    if which == 1:
        return cmath.exp(z)
    if which == 2:
        return cmath.atanh(z)
    return cmath.cos(z)


for which, z in ((0, 0j), (1, 1000 + 1j), (2, 1 + 0j), (3, complex(float("inf"), 0.5)), (3, complex(1.0, 800.0))):
    try:
        print(failing(which, z))
    except (ValueError, OverflowError) as e:
        print(which, repr(e))

# A contour: the sum of residues of 1 / z.
steps = 1000
total = 0j
for k in range(steps):
    z = cmath.rect(1.0, 2 * cmath.pi * k / steps)
    total += 1 / z * (z * 1j) * (2 * cmath.pi / steps)
print(abs(total - 2j * cmath.pi) < 1e-12)


def sizes(re: float, im: float) -> None:
    # The C library's hypot and math.hypot differ in the last digit now and then.
    print(abs(complex(re, im)), math.hypot(re, im))


sizes(0.1151024984279273, 0.8850600703796611)
sizes(0.03546964032188504, 0.060851756668864554)
sizes(0.13458121604268347, 0.5237117222858407)
