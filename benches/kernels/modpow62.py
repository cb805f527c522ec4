"""Modular powers with a 62-bit modulus: products of 124 bits, divided by a number known at run time."""

# bench: small=20000 large=400000
import sys


def power_mod(base: int, exponent: int, modulus: int) -> int:
    result = 1
    base %= modulus
    while exponent > 0:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def run(n: int, modulus: int) -> int:
    total = 0
    for i in range(n):
        total ^= power_mod(i + 3, modulus - 2 - i, modulus)
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
print(run(n, 4611686018427387847))
