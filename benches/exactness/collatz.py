"""Unpredictable branches: the longest Collatz walk that starts below n."""

# bench: size=2500000
import sys


def run(n: int) -> int:
    best = INT(0)
    best_steps = INT(0)
    for i in range(1, n):
        start = INT(i)
        x = start
        steps = INT(0)
        while x != 1:
            if x & 1 == 0:
                x = x >> 1
            else:
                x = 3 * x + 1
            steps += 1
        if steps > best_steps:
            best, best_steps = start, steps
    return int(best * 1000 + best_steps)


print(run(int(sys.argv[1])))
