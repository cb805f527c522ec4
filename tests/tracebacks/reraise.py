"""A bare raise keeps the first traceback."""


def f(n: int) -> float:
    return 1 / n


def g(n: int) -> float:
    try:
        return f(n)
    except ZeroDivisionError:
        print("seen")
        raise


print(g(4))
print(g(0))
