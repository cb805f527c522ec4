"""Generator expressions over range inside sum, any, all, min, max."""


def is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1))


print(sum(i * i for i in range(10)), sum(1 for i in range(100) if i % 7 == 0))
print(sum(x / 2 for x in range(4)), sum((0.5, 0.25)), sum(i for i in range(0)))
print(any(i > 5 for i in range(3)), all(i < 5 for i in range(3)), any(i == 2 for i in range(3)))
for n in range(20):
    if is_prime(n):
        print(n, end=" ")
print()
print(min(3, 2), max(1.5, 1.0), max(True, False), min(2.0, -0.0, 0.0))
