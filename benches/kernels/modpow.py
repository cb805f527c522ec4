"""Modular powers by squaring: Fermat's test to base 2 of every odd number up to n."""

# bench: small=500000 large=7000000
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


def run(n: int) -> int:
    count = 0
    for i in range(3, n + 1, 2):
        if power_mod(2, i - 1, i) == 1:
            count += 1
    return count


n = int(sys.argv[1]) if len(sys.argv) > 1 else 500000
print(run(n))
