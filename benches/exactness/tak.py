"""Calls with three arguments: Takeuchi's function."""

# bench: size=24
import sys


def tak(x: INT, y: INT, z: INT) -> INT:
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


n = int(sys.argv[1])
print(int(tak(INT(n), INT(n * 2 // 3), INT(n // 3))))
