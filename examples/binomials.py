"""Binomial coefficients: Pascal's triangle, a check against math.comb, Catalan numbers, and overflow."""

import math


def binomial(n: int, k: int) -> int:
    """Multiply and divide in turn: every intermediate quotient is itself a binomial coefficient."""
    if k < 0 or k > n:
        return 0
    k = min(k, n - k)
    result = 1
    for i in range(1, k + 1):
        result = result * (n - k + i) // i
    return result


def triangle(rows: int) -> None:
    for n in range(rows):
        for _ in range(rows - n - 1):
            print("  ", end="")
        for k in range(n + 1):
            print(f"{binomial(n, k):4d}", end="")
        print()


def sierpinski(rows: int) -> None:
    """Pascal's triangle modulo 2: C(n, k) is odd when the bits of k are among those of n."""
    for n in range(rows):
        for k in range(n + 1):
            print("*" if n & k == k else " ", end="")
        print("|")


def catalan(n: int) -> int:
    return binomial(2 * n, n) // (n + 1)


triangle(9)
sierpinski(16)
mismatches = 0
for n in range(40):
    for k in range(n + 2):
        mismatches += binomial(n, k) != math.comb(n, k)
print("mismatches with math.comb:", mismatches)
for n in range(12):
    print(catalan(n), end=" ")
print()
print("C(60, 30) =", f"{binomial(60, 30):,}")
for n in range(1, 21):
    if math.factorial(n) > 2**40:
        print(f"{n}! is the first factorial above 2^40: {math.factorial(n)}")
        break
else:
    print("no such factorial")
