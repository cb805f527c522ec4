"""Division by a constant: the sum of the decimal digits of 1..n."""

# bench: size=60000000
import sys


def run(n: int) -> int:
    total = INT(0)
    for i in range(1, n + 1):
        x = INT(i)
        while x > 0:
            total += x % 10
            x //= 10
    return int(total)


print(run(int(sys.argv[1])))
