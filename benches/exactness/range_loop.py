"""A loop over a range with arithmetic on its variable: nothing here can leave 64 bits while n is small."""

# bench: size=1000000000
import sys


def run(n: int) -> int:
    total = INT(0)
    for i in range(n):
        j = INT(i)
        total += (j * 5 + 3) ^ j
    return int(total)


print(run(int(sys.argv[1])))
