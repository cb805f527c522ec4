"""Newton's method: square and cube roots, a transcendental equation, and the complex cube roots of one."""

import math


def square_root(x: float) -> float:
    if x < 0.0:
        raise ValueError(f"no real square root of {x}")
    if x == 0.0:
        return 0.0
    guess = x if x > 1.0 else 1.0
    while True:
        better = (guess + x / guess) / 2.0
        if abs(better - guess) <= 1e-15 * better:
            return better
        guess = better


def cube_root(x: float, steps: int = 60) -> float:
    guess = x
    for _ in range(steps):
        guess -= (guess**3 - x) / (3.0 * guess**2)
    return guess


def fixed_point_of_cosine() -> float:
    """The x with cos(x) == x."""
    x = 1.0
    for _ in range(20):
        x += (math.cos(x) - x) / (math.sin(x) + 1.0)
    return x


def complex_root(start: complex) -> complex:
    """A root of z**3 == 1, wherever Newton's method leads from `start`."""
    z = start
    for _ in range(40):
        z = z - (z * z * z - 1) / (3 * z * z)
    return z


def basin(z: complex) -> int:
    """Which of the three roots of one z is nearest to."""
    if z.real > 0.5:
        return 0
    return 1 if z.imag > 0.0 else 2


for n in range(1, 6):
    print(n, f"{square_root(float(n)):.12f}", f"{cube_root(float(n)):.12f}")
print(f"cos x = x at {fixed_point_of_cosine():.12f}")
root = complex_root(-1 + 1j)
print(f"a cube root of one: {root.real:.9f} {root.imag:+.9f}i, error below 1e-12: {abs(root**3 - 1) < 1e-12}")
for row in range(9):
    for column in range(25):
        print(basin(complex_root(complex(-1.5 + column / 8, 1.05 - row / 4))), end="")
    print()
try:
    square_root(-2.0)
except ValueError as error:
    print("error:", error)
