"""Numerical integration: the trapezium rule, Simpson's rule and Gauss's rule against exact values."""

import math


def f(x: float) -> float:
    """The integrand: its integral is known, so the error of each rule can be shown."""
    return math.exp(-x) * math.sin(3.0 * x)


def exact(x: float) -> float:
    """An antiderivative of f."""
    return -math.exp(-x) * (math.sin(3.0 * x) + 3.0 * math.cos(3.0 * x)) / 10.0


def trapezium(a: float, b: float, n: int) -> float:
    h = (b - a) / n
    total = (f(a) + f(b)) / 2.0
    for i in range(1, n):
        total += f(a + i * h)
    return total * h


def simpson(a: float, b: float, n: int) -> float:
    if n % 2 != 0:
        raise ValueError("Simpson's rule needs an even number of intervals")
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += (4.0 if i % 2 else 2.0) * f(a + i * h)
    return total * h / 3.0


def gauss(a: float, b: float, n: int) -> float:
    """Three-point Gauss-Legendre on each of n intervals."""
    node = math.sqrt(0.6)
    half = (b - a) / n / 2.0
    total = 0.0
    for i in range(n):
        middle = a + (2 * i + 1) * half
        total += 5.0 * f(middle - node * half) + 8.0 * f(middle) + 5.0 * f(middle + node * half)
    return total * half / 9.0


a, b = 0.0, 4.0
truth = exact(b) - exact(a)
print(f"exact value {truth:.12f}")
n = 4
while n <= 1024:
    print(f"n={n:5d}", end="")
    print(f"  trapezium {abs(trapezium(a, b, n) - truth):.3e}", end="")
    print(f"  Simpson {abs(simpson(a, b, n) - truth):.3e}", end="")
    print(f"  Gauss {f'{gauss(a, b, n):.9f}'}")
    n *= 2
try:
    simpson(a, b, 3)
except ValueError as error:
    print("error:", error)
