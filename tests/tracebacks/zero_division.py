"""An uncaught exception three frames deep."""


def inner(a: int, b: int) -> int:
    return a // b


def middle(n: int) -> int:
    total = 0
    for i in range(n, -1, -1):
        total += inner(10, i)
    return total


def outer(n: int) -> int:
    print("start")
    return middle(n) + 1


print(outer(2))
