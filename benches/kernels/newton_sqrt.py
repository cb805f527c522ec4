"""Float divisions until convergence: the sum of the square roots of 1..n by Newton's method."""

# bench: small=450000 large=8000000
import sys


def root(x: float) -> float:
    guess = x
    while True:
        better = 0.5 * (guess + x / guess)
        if abs(better - guess) <= 1e-12 * better:
            return better
        guess = better


def run(n: int) -> float:
    total = 0.0
    for i in range(1, n + 1):
        total += root(float(i))
    return total


n = int(sys.argv[1]) if len(sys.argv) > 1 else 450000
print(f"{run(n):.9f}")
