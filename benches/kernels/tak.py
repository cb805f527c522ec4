"""Calls with three arguments: Takeuchi's function."""

# bench: small=24 large=33
import sys


def tak(x: int, y: int, z: int) -> int:
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def run(n: int) -> int:
    return tak(n, n * 2 // 3, n // 3)


n = int(sys.argv[1]) if len(sys.argv) > 1 else 24
print(run(n))
