"""Prime numbers by trial division: a table, counts, twin primes and a factorisation."""


def is_prime(n: int) -> bool:
    if n < 2:
        return False
    if n % 2 == 0:
        return n == 2
    d = 3
    while d * d <= n:
        if n % d == 0:
            return False
        d += 2
    return True


def count_primes(limit: int) -> int:
    """How many primes there are up to `limit`: 2, and the odd ones."""
    count = 1 if limit >= 2 else 0
    for n in range(3, limit + 1, 2):
        if is_prime(n):
            count += 1
    return count


def print_factors(n: int) -> None:
    print(n, end=" =")
    separator = False
    d = 2
    while d * d <= n:
        while n % d == 0:
            print(" *" if separator else "", d, end="")
            separator = True
            n //= d
        d += 1
    if n > 1:
        print(" *" if separator else "", n, end="")
    print()


for n in range(40):
    if is_prime(n):
        print(n, end=" ")
print()
for exponent in range(1, 5):
    print("primes up to", 10**exponent, "are", count_primes(10**exponent))
twins = 0
for n in range(3, 2000, 2):
    if is_prime(n) and is_prime(n + 2):
        twins += 1
print("twin primes below 2000:", twins)
print_factors(360)
print_factors(1_000_003)
print_factors(9_699_690)
print_factors(600_851_475_143)
