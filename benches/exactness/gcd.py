"""Chains of dependent divisions: the sum of gcd(i, j) over i, j up to n."""

# bench: size=4000
import sys


def gcd(a: INT, b: INT) -> INT:
    while b != 0:
        a, b = b, a % b
    return a


def run(n: int) -> int:
    total = INT(0)
    for i in range(1, n + 1):
        for j in range(1, n + 1):
            total += gcd(INT(i), INT(j))
    return int(total)


print(run(int(sys.argv[1])))
