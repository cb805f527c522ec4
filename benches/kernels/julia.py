"""Complex numbers: escape times of an n by n grid under z*z + c."""

# bench: small=450 large=3400
import sys


def escape(z: complex, c: complex) -> int:
    steps = 0
    while steps < 100 and z.real * z.real + z.imag * z.imag <= 4.0:
        z = z * z + c
        steps += 1
    return steps


def run(n: int) -> int:
    total = 0
    for row in range(n):
        for column in range(n):
            z = complex(-1.6 + 3.2 * column / n, -1.6 + 3.2 * row / n)
            total += escape(z, -0.8 + 0.156j)
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 450
print(run(n))
