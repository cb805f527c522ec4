"""A linear congruential generator modulo 2**31: n steps, the sum of the high bits."""

# bench: small=3000000 large=400000000
import sys


def run(n: int) -> int:
    x = 42
    total = 0
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2**31
        total += x >> 16
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 3000000
print(run(n))
