"""Functions defined by deep recursion: Ackermann's, Takeuchi's, Hofstadter's pair, and McCarthy's 91."""

calls = 0


def ackermann(m: int, n: int) -> int:
    global calls
    calls += 1
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def tak(x: int, y: int, z: int) -> int:
    if y >= x:
        return z
    return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))


def female(n: int) -> int:
    return 1 if n == 0 else n - male(female(n - 1))


def male(n: int) -> int:
    return 0 if n == 0 else n - female(male(n - 1))


def mccarthy(n: int) -> int:
    return n - 10 if n > 100 else mccarthy(mccarthy(n + 11))


def forever(n: int) -> int:
    return forever(n + 1) + 1


for m in range(4):
    for n in range(5):
        print(f"{ackermann(m, n):5d}", end="")
    print()
print("calls so far:", calls)
print("tak(14, 8, 3) =", tak(14, 8, 3))
for n in range(16):
    print(female(n), male(n), sep="/", end=" ")
print()
print("mccarthy:", mccarthy(1), mccarthy(99), mccarthy(105))
try:
    forever(0)
except RecursionError:
    print("recursion has a limit")
