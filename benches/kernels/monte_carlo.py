"""A serial integer recurrence feeding floats: pi from n random points of an LCG."""

# bench: small=1200000 large=40000000
import sys


def run(n: int) -> float:
    state = 42
    hits = 0
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2147483648
        x = state / 2147483648.0
        state = (state * 1103515245 + 12345) % 2147483648
        y = state / 2147483648.0
        if x * x + y * y <= 1.0:
            hits += 1
    return 4.0 * hits / n


n = int(sys.argv[1]) if len(sys.argv) > 1 else 1200000
print(f"{run(n):.9f}")
