"""A multiplicative generator modulo 2**61 - 1: n steps of 128-bit products, the sum of the high bits."""

# bench: small=2000000 large=60000000
import sys


def run(n: int) -> int:
    x = 42
    total = 0
    for _ in range(n):
        x = (x * 437799614237992725 + 11) % (2**61 - 1)
        total += x >> 40
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000000
print(run(n))
