"""raise with a formatted message, from module level through a function."""


def check(n: int) -> None:
    if n > 3:
        raise ValueError(f"n is {n}, and {n / 4:.2f}")


for i in range(10):
    check(i)
    print(i)
