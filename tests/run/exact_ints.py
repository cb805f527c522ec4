import math

M = 2**63 - 1
counter = 1

def bump(k: int) -> int:
    global counter
    counter = counter * k
    return counter

def pair(a: int, b: int) -> tuple[int, float, int]:
    return a * b, a / b, a + b

def swap(t: tuple[int, int]) -> tuple[int, int]:
    return t[1] * 3, t[0] * 5

def is_big(x: int) -> bool:
    return x > M

def ident(x: int) -> int:
    return x

def gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a

def safe(a: int, b: int) -> int:
    try:
        r = a * b
        if b == 0:
            raise ValueError("zero")
        return r // b
    except ValueError as e:
        print("caught", e)
        return a * a * a
    finally:
        print("finally", a * a, b)

def loops(n: int) -> int:
    total = 1
    for i in range(10, n, -3):
        if i == 4:
            continue
        total = total * (2**40 + i)
        if total > 2**150:
            print("break", total, i)
            break
    else:
        print("else", total)
    for i in reversed(range(1, 6, 2)):
        total += M * i
        print(i, total)
    step = -1
    for j in range(3, 0, step):
        total *= M
    k = 0
    while total // 10**k > 0:
        k += 1
    return k

def text(x: int) -> None:
    y = x * x * x
    print(f"{y} {y:,} {y:>60} {y:x} {-y:+d} {y!r}")
    print("sum", x + y, "ok" if y > x else "no")

def nested(x: int, d: int) -> int:
    if d == 0:
        return x
    return nested(x * 1000003, d - 1) + nested(x, d - 1) % 1000

def conv(x: int) -> float:
    y = x * 4
    return float(y) + y / 3 + (y == 1e30)

def walrus(n: int) -> int:
    s = 0
    while (n := n * 7) < 10**30 and ident(n) > 0:
        s += n
    return s

def shifts(a: int, n: int) -> int:
    b = a << n
    c = b >> (n - 3)
    return (b | 5) ^ (c & ~a)

def bits(a: int) -> tuple[int, int, int]:
    b = a ** 5
    return b.bit_length(), b.bit_count(), abs(-b)

def div(a: int) -> tuple[int, int]:
    return divmod(a * a * a, -(a * 7))

def cmp(a: int) -> tuple[bool, bool, bool, bool]:
    b = a * a
    return a < b < b * b, b == b + 0, 0 < b <= M, b in (1, 2, b)

print(bump(2**40), bump(2**40), bump(3), counter, counter % 7)
print(pair(M, M), pair(3, 4))
print(swap((M, M - 1)))
print(is_big(M), is_big(M + 1), ident(M + 2), ident(5))
print(gcd(2**100, 6**40))
print(safe(M, 5), safe(M, 0))
print(loops(-30), loops(3))
text(M)
print(nested(12345, 8))
print(conv(M))
print(walrus(3))
print(shifts(12345678901, 40), shifts(-5, 70))
print(bits(12345678901))
print(div(10**10))
print(cmp(10**12), cmp(2))
print(math.factorial(25), math.gcd(2**70, 2**65 * 3), math.isqrt(10**40), math.comb(100, 50))
print(int("123456789012345678901234567890") + 1, int(1e25), round(1e22))
print(pow(3, 100), pow(3, 100, 2**70), 7 ** 77 % 1000)
print(-(-2**63), abs(-2**63), -2**63 // -1)
try:
    print(10**400 / 3)
except OverflowError as e:
    print(e)
try:
    z = counter * M
    print(z // 0)
except ZeroDivisionError as e:
    print("ZDE", e)
print(max(M, M * 2, 5), min(-M * 3, 7), sum(M for _ in range(5)))

x = M
x += 1
x -= 1
x *= x
print(x, math.log(x), math.floor(1e30), math.ceil(-1e30), math.trunc(2.5e25))
huge = 7 ** 1000
print(math.log(huge), math.log2(huge), math.log10(huge), math.log(huge, 3))
