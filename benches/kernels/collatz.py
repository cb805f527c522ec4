"""Unpredictable branches: the longest Collatz walk that starts below n."""

# bench: small=80000 large=2000000
import sys


def run(n: int) -> int:
    best = 0
    best_steps = 0
    for start in range(1, n):
        x = start
        steps = 0
        while x != 1:
            if x % 2 == 0:
                x //= 2
            else:
                x = 3 * x + 1
            steps += 1
        if steps > best_steps:
            best, best_steps = start, steps
    return best * 1000 + best_steps


n = int(sys.argv[1]) if len(sys.argv) > 1 else 80000
print(run(n))
