"""Fibonacci numbers three ways: by recursion, by a loop, and by fast doubling.

All three must agree; the loop and fast doubling also reach F(90), close to the largest that fits 64 bits.
"""


def fib_recursive(n: int) -> int:
    if n < 2:
        return n
    return fib_recursive(n - 1) + fib_recursive(n - 2)


def fib_loop(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def fib_pair(n: int) -> tuple[int, int]:
    """(F(n), F(n + 1)) from the identities F(2k) = F(k)(2F(k+1) - F(k)), F(2k+1) = F(k)^2 + F(k+1)^2."""
    if n == 0:
        return 0, 1
    a, b = fib_pair(n // 2)
    c = a * (2 * b - a)
    d = a * a + b * b
    if n % 2 == 0:
        return c, d
    return d, c + d


for i in range(0, 21, 4):
    print(i, fib_recursive(i), fib_loop(i), fib_pair(i)[0])
for i in range(30, 91, 15):
    by_loop = fib_loop(i)
    by_doubling, _ = fib_pair(i)
    print(f"F({i}) = {by_loop:,} {'agrees' if by_loop == by_doubling else 'differs'}")
