"""Defaults, keywords, recursion, mutual recursion, tuples, globals."""

LIMIT = 10
counter = 0


def add(a: int, b: int = 2, *, c: int = 3) -> int:
    return a * 100 + b * 10 + c


def is_even(n: int) -> bool:
    return True if n == 0 else is_odd(n - 1)


def is_odd(n: int) -> bool:
    return False if n == 0 else is_even(n - 1)


def swap(pair: tuple[int, float]) -> tuple[float, int]:
    a, b = pair
    return b, a


def bump(by: int = 1) -> None:
    global counter
    counter += by


def nothing():
    pass


def stats(a: float, b: float, c: float) -> tuple[float, float]:
    mean = (a + b + c) / 3
    return mean, max(a, b, c) - min(a, b, c)


def many(a: int, b: float, c: int, d: float, e: int, f: float, g: int, h: float, i: int, j: int, k: int, l: int) -> float:
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10 + k * 11 + l * 12


def hanoi(n: int, a: int, b: int, c: int) -> int:
    if n == 0:
        return 0
    return hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


def square(x):
    return x * x


print(add(1), add(1, 5), add(1, c=7), add(b=4, a=2), add(1, 2, c=9))
print(is_even(10), is_odd(7), is_even(7))
print(swap((1, 2.5)), swap((3, -0.0))[0])
bump()
bump(by=5)
print(counter, nothing(), LIMIT)
print(stats(1.0, 2.5, -3.0))
print(many(1, 2.0, 3, 4.0, 5, 6.0, 7, 8.0, 9, 10, 11, 12))
print(hanoi(10, 1, 2, 3))
print(square(3), square(2.5), square(True))
t = (1, 2.0, True, None, (3, 4))
print(t, len(t), t[0], t[-1], t[4][1], t[1:3] == (2.0, True))
print((), (1,), ((),))
print((1, 2) == (1, 2), (1, 2) < (1, 3), (1, 2.0) != (1, 2.0), (2,) > (1,))
