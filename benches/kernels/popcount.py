"""Bit operations in a short data-dependent loop: the number of set bits in the Gray codes of 0..n-1."""

# bench: small=700000 large=50000000
import sys


def run(n: int) -> int:
    total = 0
    for i in range(n):
        x = i ^ (i >> 1)
        while x != 0:
            x &= x - 1
            total += 1
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 700000
print(run(n))
