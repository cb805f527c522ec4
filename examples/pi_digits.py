"""Digits of pi in machine integers, in two bases.

Decimal: Machin's formula, pi = 16 arccot 5 - 4 arccot 239, on fixed-point numbers of three limbs.
Hexadecimal: the Bailey-Borwein-Plouffe formula, which gives any digit without the ones before it.
"""

BASE = 10**9


def divide(high: int, middle: int, low: int, by: int) -> tuple[int, int, int]:
    """A three-limb number divided by a small one, limb by limb, as by hand."""
    q0, r = divmod(high, by)
    q1, r = divmod(r * BASE + middle, by)
    q2 = (r * BASE + low) // by
    return q0, q1, q2


def add(a0: int, a1: int, a2: int, b0: int, b1: int, b2: int, sign: int) -> tuple[int, int, int]:
    """a + sign * b, carrying with floor division, which also borrows."""
    carry, low = divmod(a2 + sign * b2, BASE)
    carry, middle = divmod(a1 + sign * b1 + carry, BASE)
    return a0 + sign * b0 + carry, middle, low


def arccot(x: int, times: int) -> tuple[int, int, int]:
    """times * arccot(x) = times/x - times/(3 x^3) + times/(5 x^5) - ..., in limbs of nine digits."""
    p0, p1, p2 = divide(times * 10**8, 0, 0, x)
    s0, s1, s2 = p0, p1, p2
    n, sign = 3, -1
    while p0 > 0 or p1 > 0 or p2 > 0:
        p0, p1, p2 = divide(p0, p1, p2, x * x)
        t0, t1, t2 = divide(p0, p1, p2, n)
        s0, s1, s2 = add(s0, s1, s2, t0, t1, t2, sign)
        n, sign = n + 2, -sign
    return s0, s1, s2


def series(position: int, offset: int) -> float:
    """The fractional part of the sum over k of 16^(position-k) / (8k + offset)."""
    total = 0.0
    for k in range(position + 1):
        total = (total + pow(16, position - k, 8 * k + offset) / (8 * k + offset)) % 1.0
    for k in range(position + 1, position + 12):
        total += 16.0 ** (position - k) / (8 * k + offset)
    return total % 1.0


def hex_digit(position: int) -> int:
    x = (4 * series(position, 1) - 2 * series(position, 4) - series(position, 5) - series(position, 6)) % 1.0
    return int(16 * x)


a0, a1, a2 = arccot(5, 16)
b0, b1, b2 = arccot(239, 4)
p0, p1, p2 = add(a0, a1, a2, b0, b1, b2, -1)
print(f"pi = {p0 // 10**8}.{p0 % 10**8:08d}{p1:09d}{p2 // 1000:06d}")
print("hex: 3.", end="")
for position in range(24):
    print(f"{hex_digit(position):x}", end="")
print()
print("hex digits from the 500th:", end=" ")
for position in range(499, 507):
    print(f"{hex_digit(position):X}", end="")
print()
