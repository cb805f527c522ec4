"""Bit operations in a short chain: the number of set bits in the Gray codes of 0..n-1."""

# bench: size=60000000
import sys


def run(n: int) -> int:
    total = INT(0)
    for i in range(n):
        x = INT(i) ^ (INT(i) >> 1)
        while x != 0:
            x &= x - 1
            total += 1
    return int(total)


print(run(int(sys.argv[1])))
