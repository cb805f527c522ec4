"""Chains of dependent divisions: the sum of gcd(i, j) over i, j up to n."""

# bench: small=1400 large=4000
import sys


def gcd(a: int, b: int) -> int:
    while b != 0:
        a, b = b, a % b
    return a


def run(n: int) -> int:
    total = 0
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            total += gcd(i, j)
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1400
print(run(n))
