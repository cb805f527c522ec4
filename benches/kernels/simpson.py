"""Calls into the mathematics library: Simpson's rule with n intervals on sin(x) exp(-x/5)."""

# bench: small=3000000 large=20000000
import math
import sys


def f(x: float) -> float:
    return math.sin(x) * math.exp(-0.2 * x)


def run(n: int) -> float:
    h = 10.0 / n
    total = f(0.0) + f(10.0)
    for i in range(1, n):
        if i % 2 == 1:
            total += 4.0 * f(i * h)
        else:
            total += 2.0 * f(i * h)
    return total * h / 3.0


n = int(sys.argv[1]) if len(sys.argv) > 1 else 3000000
print(f"{run(n):.9f}")
