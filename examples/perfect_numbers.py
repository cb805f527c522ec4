"""Perfect, deficient, abundant and amicable numbers, by the sums of their proper divisors."""


def divisor_sum(n: int) -> int:
    """The sum of the divisors of n below n, pairing each divisor d with n // d."""
    if n == 1:
        return 0
    total = 1
    d = 2
    while d * d < n:
        if n % d == 0:
            total += d + n // d
        d += 1
    return total + d if d * d == n else total


def euclid_perfect(p: int) -> int:
    """Euclid: if 2^p - 1 is prime then 2^(p-1) (2^p - 1) is perfect. 0 if it is not prime."""
    mersenne = (1 << p) - 1
    d = 3
    while d * d <= mersenne:
        if mersenne % d == 0:
            return 0
        d += 2
    return mersenne << (p - 1)


deficient = perfect = abundant = 0
for n in range(1, 3001):
    s = divisor_sum(n)
    if s < n:
        deficient += 1
    elif s == n:
        perfect += 1
        print(n, "is perfect")
    else:
        abundant += 1
print(deficient, "deficient,", perfect, "perfect,", abundant, "abundant")
for a in range(2, 3000):
    b = divisor_sum(a)
    if a < b and divisor_sum(b) == a:
        print(a, "and", b, "are amicable")
for p in range(2, 20):
    number = euclid_perfect(p)
    if number:
        print(f"2^{p - 1} * (2^{p} - 1) = {number:,}")
