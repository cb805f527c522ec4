"""Nested loops over ranges with an index computed from both variables."""

# bench: size=30000
import sys


def run(n: int) -> int:
    total = INT(0)
    for i in range(n):
        row = INT(i) * INT(n)
        for j in range(n):
            total += (row + INT(j)) & 255
    return int(total)


print(run(int(sys.argv[1])))
