"""The Miller-Rabin primality test, with modular powers, for numbers below 2^31, where four bases decide."""


def power_mod(base: int, exponent: int, modulus: int) -> int:
    """base ** exponent % modulus by repeated squaring."""
    result = 1
    base %= modulus
    while exponent > 0:
        if exponent & 1:
            result = result * base % modulus
        base = base * base % modulus
        exponent >>= 1
    return result


def is_witness(a: int, n: int, d: int, s: int) -> bool:
    """Whether a proves that n = d * 2^s + 1 is composite."""
    x = power_mod(a, d, n)
    if x == 1 or x == n - 1:
        return False
    for _ in range(s - 1):
        x = x * x % n
        if x == n - 1:
            return False
    return True


def is_prime(n: int) -> bool:
    if n < 2:
        return False
    if n in (2, 3, 5, 7):
        return True
    if n % 2 == 0 or n % 3 == 0 or n % 5 == 0 or n % 7 == 0:
        return False
    d, s = n - 1, 0
    while d % 2 == 0:
        d //= 2
        s += 1
    if is_witness(2, n, d, s) or is_witness(3, n, d, s):
        return False
    return not (is_witness(5, n, d, s) or is_witness(7, n, d, s))


count = 0
for n in range(20_000):
    count += is_prime(n)
print("primes below 20000:", count)
print("2^31 - 1 is prime:", is_prime(2**31 - 1))
print("561, a Carmichael number:", is_prime(561), "though 2^560 % 561 ==", pow(2, 560, 561))
print("25326001, a strong pseudoprime to the bases 2, 3 and 5:", is_prime(25326001))
n = 2**31 - 1
found = 0
while found < 5:
    if is_prime(n):
        print(n, end=" ")
        found += 1
    n -= 2
print()
print(power_mod(3, 1_000_000, 1_000_000_007 % 2**31), pow(3, 1_000_000, 1_000_000_007))
