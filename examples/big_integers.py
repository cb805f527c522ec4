"""Integers of any size: Fibonacci numbers, factorials, a Mersenne prime test, square roots to fifty digits."""

import math


def fibonacci(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def factorial(n: int) -> int:
    return 1 if n < 2 else n * factorial(n - 1)


def is_mersenne_prime(p: int) -> bool:
    """Lucas and Lehmer: 2**p - 1 is prime if the last of these is 0."""
    m = 2**p - 1
    s = 4
    for _ in range(p - 2):
        s = (s * s - 2) % m
    return s == 0 or p == 2


def print_root(n: int, digits: int) -> None:
    root = math.isqrt(n * 10 ** (2 * digits))
    print(f"sqrt({n}) = {root // 10**digits}.{root % 10**digits:0{digits}d}")


print("F(300) =", fibonacci(300))
print("50! =", factorial(50))
print("trailing zeros of 200!:", factorial(200) % 10**49 == 0, factorial(200) % 10**50 == 0)
for p in (2, 3, 5, 7, 11, 13, 61, 89, 107, 127, 521, 523):
    if is_mersenne_prime(p):
        print(f"2**{p} - 1 is prime, with {p} bits")
print_root(2, 50)
print_root(3, 50)
print(f"{2**100:,} has {(2**100).bit_length()} bits")
