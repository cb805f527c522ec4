"""Euclid's algorithm and its kin: gcd, lcm, Bezout coefficients, modular inverses, reduced fractions."""

import math


def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return abs(a)


def binary_gcd(a: int, b: int) -> int:
    """Stein's algorithm: shifts and subtractions only."""
    if a == 0 or b == 0:
        return a | b
    shift = 0
    while (a | b) & 1 == 0:
        a, b, shift = a >> 1, b >> 1, shift + 1
    while a & 1 == 0:
        a >>= 1
    while b:
        while b & 1 == 0:
            b >>= 1
        if a > b:
            a, b = b, a
        b -= a
    return a << shift


def extended_gcd(a: int, b: int) -> tuple[int, int, int]:
    """(g, x, y) with a*x + b*y == g."""
    if b == 0:
        return a, 1, 0
    g, x, y = extended_gcd(b, a % b)
    return g, y, x - a // b * y


def inverse(a: int, modulus: int) -> int:
    g, x, _ = extended_gcd(a, modulus)
    if g != 1:
        raise ValueError(f"{a} has no inverse modulo {modulus}")
    return x % modulus


def add_fractions(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    """a/b + c/d in lowest terms."""
    numerator, denominator = a * d + c * b, b * d
    g = gcd(numerator, denominator)
    return numerator // g, denominator // g


print(gcd(1071, 462), gcd(-48, 18), gcd(0, 5), binary_gcd(1071, 462), math.gcd(1071, 462))
print("lcm:", 21 * 6 // gcd(21, 6), math.lcm(21, 6))
print("Bezout:", extended_gcd(240, 46))
disagreements = 0
for a in range(1, 120):
    for b in range(1, 120):
        disagreements += gcd(a, b) != binary_gcd(a, b) or gcd(a, b) != math.gcd(a, b)
print("disagreements:", disagreements)
print("inverse of 3 mod 11:", inverse(3, 11), "of 10 mod 1000003:", inverse(10, 1_000_003))
try:
    print(inverse(6, 9))
except ValueError as error:
    print("error:", error)
print("1/6 + 3/10 =", add_fractions(1, 6, 3, 10))
