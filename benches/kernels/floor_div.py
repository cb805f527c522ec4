"""Floor division and remainder of numbers of both signs by a varying divisor."""

# bench: small=4000000 large=120000000
import sys


def run(n: int) -> int:
    total = 0
    for i in range(-n // 2, n // 2):
        d = (i & 15) - 20
        total += i // d * 3 + i % d
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 4000000
print(run(n))
