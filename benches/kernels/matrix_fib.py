"""Functions with many arguments and results inlined by hand: Fibonacci numbers modulo 10^9 + 7 by 2x2 matrices."""

# bench: small=60000 large=2000000
import sys


def fib_mod(n: int) -> int:
    m = 1000000007
    a, b, c, d = 1, 0, 0, 1
    p, q, r, s = 1, 1, 1, 0
    while n > 0:
        if n & 1:
            a, b, c, d = (a * p + b * r) % m, (a * q + b * s) % m, (c * p + d * r) % m, (c * q + d * s) % m
        p, q, r, s = (p * p + q * r) % m, (p * q + q * s) % m, (r * p + s * r) % m, (r * q + s * s) % m
        n >>= 1
    return b


def run(n: int) -> int:
    total = 0
    for i in range(n):
        total = (total + fib_mod(i)) % 1000000007
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 60000
print(run(n))
