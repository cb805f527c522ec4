"""Float division and sign changes: n terms of 4 - 4/3 + 4/5 - ..."""

# bench: small=8000000 large=400000000
import sys


def run(n: int) -> float:
    total = 0.0
    sign = 4.0
    for i in range(n):
        total += sign / (2 * i + 1)
        sign = -sign
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 8000000
print(f"{run(n):.9f}")
