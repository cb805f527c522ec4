"""if, while, for, else, break, continue, ternary, chained comparison, walrus, match."""


def classify(n: int) -> int:
    if n < 0:
        return -1
    elif n == 0:
        return 0
    elif 0 < n <= 10:
        return 1
    elif 10 < n < 100 and n % 2 == 0 or n == 99:
        return 2
    else:
        return 3


def loops(n: int) -> int:
    total = 0
    for i in range(n):
        if i == 3:
            continue
        if i == 8:
            break
        for j in range(i, 0, -2):
            total += j
        else:
            total += 100
    else:
        total += 1000
    while total % 7 != 0:
        total += 1
    else:
        total += 1
    return total


def last_value(n: int) -> int:
    i = -1
    for i in range(n):
        pass
    return i


def nested_break(n: int) -> int:
    count = 0
    for a in range(1, n):
        for b in range(a, n):
            if a * b > n:
                break
            if (a + b) % 3 == 0:
                continue
            count += 1
    return count


def side(n: int) -> bool:
    print("side", n)
    return n > 1


for n in range(-2, 3):
    print(n, classify(n * 7), loops(n + 7), last_value(n), nested_break(n * 10))
for step in (1, -1, 3, -4):
    for i in range(0, 10 * step, step):
        print(i, end=" ")
    print()
print(side(2) and side(0), side(0) or side(3), not side(5), 1 < 2 < 3, 3 > 2 > 2)
print("yes" if classify(5) == 1 else "no")
if (m := classify(50)) == 2:
    print("walrus", m)
i = 10
while True:
    i -= 3
    if i < 0:
        break
    print(i, end=",")
print()
for i in range(3):
    i = i * 10
    print(i)
print(i)
a = b = 5
a, b = b + 1, a - 1
print(a, b)
(c, d), e = (1, 2.5), True
print(c, d, e)
match a:
    case 1 | 2:
        print("small")
    case 6:
        print("six")
    case _:
        print("other")
if __name__ == "__main__":
    print("main")
