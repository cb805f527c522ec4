"""A small function in a double loop, integer and float mixed: |A 1| and |A^T A 1| of the spectral-norm matrix."""

# bench: small=1200 large=14000
import math
import sys


def a(i: int, j: int) -> float:
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def run(n: int) -> float:
    total = 0.0
    transposed = 0.0
    for i in range(n):
        row = 0.0
        column = 0.0
        for j in range(n):
            row += a(i, j)
            column += a(j, i)
        total += row * row
        transposed += row * column
    return math.sqrt(total / n) + math.sqrt(transposed / n)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
print(f"{run(n):.9f}")
