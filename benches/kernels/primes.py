"""Integer remainders: primes up to n by trial division."""

# bench: small=300000 large=2500000
import sys


def is_prime(n: int) -> bool:
    if n % 2 == 0:
        return n == 2
    d = 3
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return n > 1


def run(n: int) -> int:
    count = 0
    for i in range(2, n + 1):
        if is_prime(i):
            count += 1
    return count


n = int(sys.argv[1]) if len(sys.argv) > 1 else 300000
print(run(n))
