"""A loop that runs at least once and never ends by itself: nothing follows it, and the function has a result."""


def first(limit: int) -> int:
    for i in range(2):
        if i >= limit:
            return i
        raise ZeroDivisionError(f"at {i}")


print(first(0))
print(first(1))
