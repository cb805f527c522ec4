"""Every int operator on edge values; floor division and modulo round toward minus infinity."""


def show(a: int, b: int) -> None:
    print(a, b, a + b, a - b, a & b, a | b, a ^ b, ~a, -b, +a)
    if b != 0:
        print(a // b, a % b, divmod(a, b), a / b)
    print(a < b, a <= b, a > b, a >= b, a == b, a != b)


def shifts(a: int, n: int) -> None:
    print(a >> n, (a & 0xFFFF) << n, a >> 70)


show(7, 3)
show(-7, 3)
show(7, -3)
show(-7, -3)
show(0, -5)
show(4611686018427387903, 4611686018427387904)
show(-4611686018427387904, 4611686018427387904)
show(4611686018427387905, -1)
show(-9223372036854775805, 2)
shifts(-1, 0)
shifts(12345, 7)
shifts(-12345, 40)
x = 10
x += 5
x -= 3
x *= 7
x //= 2
x %= 29
x **= 2
x <<= 3
x >>= 1
x |= 1
x &= 0xFFF
x ^= 0x55
print(x)
print(2 ** 10, (-3) ** 3, 7 ** 0, 0 ** 0, 2 ** -1, (-2) ** -2)
print(pow(3, 4), pow(3, 20, 1000007), pow(-3, 5, 7), pow(3, -1, 7))
print(abs(-5), abs(5), abs(0), min(3, 1, 2), max(3, 1, 2), min(-1, 1), sum((1, 2, 3)))
print(5 // 2, -5 // 2, 5 % -2, -5 % 2, 0 // 5, divmod(-17, 5))
print(1_000_000, 0xFF, 0o17, 0b101)
print(int(3.99), int(-3.99), int(True), int(False), int("42"), int("  -7 "), int("ff", 16), int("0x1f", 0))
print(True + True, True * 5, False - 1, True / 2, -True, ~True, True << 3)
print(10 ** 18, -(10 ** 18), 3 - -3)
