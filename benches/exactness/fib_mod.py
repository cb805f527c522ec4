"""Products and remainders by a constant: Fibonacci numbers modulo 10^9 + 7 by 2x2 matrices."""

# bench: size=1500000
import sys


def fib_mod(n: INT) -> INT:
    a, b, c, d = INT(1), INT(0), INT(0), INT(1)
    p, q, r, s = INT(1), INT(1), INT(1), INT(0)
    while n > 0:
        if n & 1 == 1:
            a, b, c, d = (
                (a * p + b * r) % 1000000007,
                (a * q + b * s) % 1000000007,
                (c * p + d * r) % 1000000007,
                (c * q + d * s) % 1000000007,
            )
        p, q, r, s = (
            (p * p + q * r) % 1000000007,
            (p * q + q * s) % 1000000007,
            (r * p + s * r) % 1000000007,
            (r * q + s * s) % 1000000007,
        )
        n = n >> 1
    return b


def run(n: int) -> int:
    total = INT(0)
    for i in range(n):
        total = (total + fib_mod(INT(i))) % 1000000007
    return int(total)


print(run(int(sys.argv[1])))
