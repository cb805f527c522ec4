"""An error raised by a library function."""
import math


def root(x: float) -> float:
    return math.sqrt(x)


print(root(4.0))
print(root(-4.0))
