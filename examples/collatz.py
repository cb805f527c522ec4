"""The Collatz walk: halve an even number, turn an odd n into 3n + 1, until 1 is reached."""


def steps(n: int) -> int:
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return count


def peak(n: int) -> int:
    highest = n
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        highest = max(highest, n)
    return highest


def longest_below(limit: int) -> tuple[int, int]:
    best, best_steps = 1, 0
    for n in range(1, limit):
        if (count := steps(n)) > best_steps:
            best, best_steps = n, count
    return best, best_steps


n = 27
column = 0
while True:
    print(f"{n:5d}", end="")
    column += 1
    if column % 14 == 0:
        print()
    if n == 1:
        break
    n = n // 2 if n % 2 == 0 else 3 * n + 1
print()
print("27 takes", steps(27), "steps and climbs to", peak(27))
start, length = longest_below(10_000)
print(f"longest walk below 10000 starts at {start}: {length} steps, peak {peak(start)}")
