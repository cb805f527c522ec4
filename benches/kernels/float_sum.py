"""Nested loops with invariant parts: a double sum of products of floats."""

# bench: small=3000 large=30000
import sys


def run(n: int) -> float:
    total = 0.0
    for i in range(n):
        x = i * 0.001
        for j in range(n):
            y = j * 0.002
            total += x * y - (x * x - 0.5) * 0.25
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
print(f"{run(n):.9f}")
