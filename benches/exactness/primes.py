"""Remainders by odd numbers: primes up to n by trial division."""

# bench: size=3000000
import sys


def is_prime(n: INT) -> bool:
    if n & 1 == 0:
        return n == 2
    d = INT(3)
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return n > 1


def run(n: int) -> int:
    count = 0
    for i in range(2, n + 1):
        if is_prime(INT(i)):
            count += 1
    return count


print(run(int(sys.argv[1])))
