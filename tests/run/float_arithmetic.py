"""Floats: operators, special values, shortest printing."""
import math


def show(a: float, b: float) -> None:
    print(a, b, a + b, a - b, a * b)
    if b != 0.0:
        print(a / b, a // b, a % b, divmod(a, b))
    print(a < b, a <= b, a > b, a >= b, a == b, a != b)
    print(min(a, b), max(a, b), abs(a), -b)


show(1.0, 3.0)
show(-7.5, 2.0)
show(7.5, -2.0)
show(0.1, 0.2)
show(1e308, 10.0)
show(5e-324, 2.0)
show(-0.0, 0.0)
show(float("inf"), 2.0)
show(float("nan"), 1.0)
show(1.0, float("-inf"))
print(0.0, -0.0, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.5e300, 5e-324, 1.7976931348623157e308)
print(100.0, 1e22, 1e23, 0.1 + 0.2, 1 / 3, 2 / 3, 1e100, 12345.678)
print(round(0.5), round(1.5), round(2.5), round(-0.5), round(-1.5), round(2.675, 2), round(1e20, 2), round(1234.5678, -2))
print(round(5), round(15, -1), round(25, -1), round(-15, -1), round(2.5e15 + 0.5))
print(2.0 ** 0.5, 2 ** 0.5, 4 ** -0.5, (-2.0) ** 3, 0.0 ** 0.0, math.inf ** -1.0, 10.0 ** 20)
print(7.0 // 0.3, 7.0 % 0.3, -7.0 // 0.3, -7.0 % 0.3, 1e300 // 1e-10, -0.0 % 3.0, 6.0 % -3.0)
print(float(3), float("1e3"), float(" -2.5 "), float(True), float("1_000.5"))
print(1 == 1.0, 1 < 1.5, 2 ** 53 + 1 == 2.0 ** 53, 2 ** 53 + 1 > 2.0 ** 53, 9223372036854775807 < 9.223372036854775807e18)
print(int(1e18), int(-1e18), 3 + 0.5, 3 * 0.5, 1 / 2, 7 / 7, -1 / 3)
x = 2.0
x += 1
x *= 4
x -= 0.5
x /= 3
x //= 0.7
x %= 3
x **= 2
print(x)
nan = float("nan")
print(nan == nan, nan != nan, nan < nan, not nan, bool(nan), bool(0.0), bool(-0.0), bool(1e-300))
