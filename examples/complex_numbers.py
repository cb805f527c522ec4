"""Complex arithmetic: polynomials by Horner's rule, roots of unity, a quadratic, and a Julia set."""

import math


def horner(z: complex) -> complex:
    """z^3 - 2z + 5."""
    return ((z + 0) * z - 2) * z + 5


def unit_root(k: int, n: int) -> complex:
    angle = 2.0 * math.pi * k / n
    return complex(math.cos(angle), math.sin(angle))


def complex_sqrt(z: complex) -> complex:
    """The root with a real part that is not negative."""
    length = abs(z)
    real = math.sqrt((length + z.real) / 2.0)
    imag = math.copysign(math.sqrt((length - z.real) / 2.0), z.imag)
    return complex(real, imag)


def quadratic(a: float, b: float, c: float) -> tuple[complex, complex]:
    root = complex_sqrt(complex(b * b - 4.0 * a * c, 0.0))
    return (-b + root) / (2.0 * a), (-b - root) / (2.0 * a)


def julia(z: complex, c: complex, limit: int) -> int:
    steps = 0
    while steps < limit and z.real * z.real + z.imag * z.imag <= 4.0:
        z = z * z + c
        steps += 1
    return steps


a, b = 3 + 4j, 1 - 2j
print(a + b, a - b, a * b, a / b, -a, a.conjugate())
print(abs(a), a.real, a.imag, a == complex(3, 4), a != b)
print(horner(2 + 1j), horner(-1j), horner(complex(0.5)))
total = 0j
for k in range(12):
    total += unit_root(k, 12)
print("roots of unity add up to nothing:", abs(total) < 1e-12)
print("roots of x^2 + 2x + 5:", quadratic(1.0, 2.0, 5.0))
print("roots of x^2 - 3x + 2:", quadratic(1.0, -3.0, 2.0))
for row in range(15):
    for column in range(50):
        z = complex(-1.6 + 3.2 * column / 49, 1.1 - 2.2 * row / 14)
        steps = julia(z, -0.8 + 0.156j, 60)
        print("#" if steps == 60 else "." if steps > 8 else " ", end="")
    print("|")
try:
    print(a / 0j)
except ZeroDivisionError as error:
    print("error:", error)
