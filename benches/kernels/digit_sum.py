"""Division by a constant: the sum of the decimal digits of 1..n."""

# bench: small=2000000 large=100000000
import sys


def run(n: int) -> int:
    total = 0
    for i in range(1, n + 1):
        x = i
        while x > 0:
            total += x % 10
            x //= 10
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000000
print(run(n))
