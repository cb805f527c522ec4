"""Long-running loops that the optimiser works on: values, not speed."""


def triangle(n: int) -> int:
    total = 0
    for i in range(n):
        for j in range(i):
            total += (i ^ j) & 7
    return total


def lcg(n: int) -> int:
    x = 12345
    for _ in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
    return x


def xorshift(n: int) -> int:
    x = 88172645463325252
    for _ in range(n):
        x ^= (x & 0x7FFFFFFFFFF) << 13 & 0x7FFFFFFFFFFFFFFF
        x ^= x >> 7
        x ^= (x & 0x3FFFFFFFFFFF) << 17 & 0x7FFFFFFFFFFFFFFF
    return x


def digits(n: int) -> int:
    total = 0
    while n:
        total += n % 10
        n //= 10
    return total


def pi(n: int) -> float:
    s = 0.0
    sign = 1.0
    for k in range(n):
        s += sign / (2 * k + 1)
        sign = -sign
    return 4 * s


def fib(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def popcount(n: int) -> int:
    c = 0
    while n > 0:
        n &= n - 1
        c += 1
    return c


print(triangle(300), lcg(10000), xorshift(1000), digits(9876543210123), pi(10000), fib(90), popcount(2**62 - 1))
for d in (1, 2, 3, 5, 7, 10, 12, 100, 1000, -1, -2, -3, -10, 4611686018427387904):
    for v in (0, 1, -1, 9, -9, 100, -100, 9223372036854775807, -9223372036854775807):
        print(v // d, v % d, end=" ")
    print()
for v in (0, 1, -1, 9, -9, 12345678901, -12345678901, 9223372036854775807, -9223372036854775807):
    print(v // 1, v // 2, v // 3, v // 7, v // 10, v // 641, v // -2, v // -7, v // 1000000007, v // 4096)
    print(v % 1, v % 2, v % 3, v % 7, v % 10, v % 641, v % -2, v % -7, v % 1000000007, v % 4096)
