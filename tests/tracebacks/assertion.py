"""assert without a message."""


def positive(x: float) -> float:
    assert x > 0
    return x


print(positive(1.0))
print(positive(-1.0))
