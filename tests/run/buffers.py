from pyexec import bool_, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, zeros


def dot(a: float64[:], b: float64[:]) -> float:
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def total(a: int64[:]) -> int:
    result = 0
    for x in a:
        result += x
    return result


def fill(a: "int64[:]", start: int) -> None:
    for i in range(len(a)):
        a[i] = start + i * i


def reverse(a: int64[:]):
    i, j = 0, len(a) - 1
    while i < j:
        a[i], a[j] = a[j], a[i]
        i += 1
        j -= 1


def show(a: int64[:]):
    print(len(a), end=":")
    for x in a:
        print("", x, end="")
    print()


def sieve(n: int) -> int:
    composite = zeros(n + 1, uint8)
    count = 0
    for i in range(2, n + 1):
        if not composite[i]:
            count += 1
            for j in range(i * i, n + 1, i):
                composite[j] = 1
    return count


def matmul(a: float64[:, :], b: float64[:, :], c: float64[:, :]):
    n, m = a.shape
    for i in range(n):
        for j in range(b.shape[1]):
            s = 0.0
            for k in range(m):
                s += a[i, k] * b[k, j]
            c[i, j] = s


def make(n: int) -> int64[:]:
    a = zeros(n, int64)
    fill(a, 1)
    return a


def tail(a: int64[:]) -> int64[:]:
    return a[1:]


def middle(n: int):
    scratch = zeros(n, int64)
    kept = zeros(n, int64)
    for i in range(n):
        scratch[i] = i
        kept[i] = i + scratch[i]
    return kept[1:-1], len(scratch)


def index(a: int64[:], i: int):
    try:
        print(i, a[i])
    except IndexError as e:
        print(i, "IndexError", e)


def failing(n: int, i: int) -> int:
    a = zeros(n, int32)
    a[i] = 7
    return a[-1]


a = zeros(5, int64)
show(a)
fill(a, 10)
show(a)
reverse(a)
show(a)
print(total(a), sum(a), min(a), max(a), any(a), all(a))
for i in (-6, -5, -1, 0, 4, 5):
    index(a, i)

# Views.
show(a[1:4])
show(a[::-1])
show(a[::2])
show(a[4:0:-2])
show(a[-3:])
show(a[3:1])
show(a[100:])
show(a[-100:2])
show(a[::-1][1:3])
show(a[1:][::2][::-1])
show(a[10:-10:-1])
view = a[1:4]
view[0] = -99
show(a)
view[-1] += 1000
view[1] *= 2
show(a)
stepped = a[::2]
stepped[1] = 5
show(a)
print(len(a[5:]), len(a[::3]), bool(a[5:]), bool(a))
try:
    show(a[:: a[0] - a[0]])
except ValueError as e:
    print("ValueError", e)

# Loops.
for i, x in enumerate(a):
    print(i, x, end="; ")
print()
for i, x in enumerate(a, 10):
    print(i, x, end="; ")
print()
for x, y in zip(a, view):
    print(x, y, end="; ")
print()
for i, (x, y) in enumerate(zip(a, reversed(a))):
    print(i, x - y, end="; ")
print()
for i, x in zip(range(3, 100), a[::2]):
    print(i, x, end="; ")
print()
for x in reversed(a[1:]):
    if x < 0:
        continue
    if x == 2000:
        break
    print(x, end="; ")
else:
    print("else", end="")
print()
for i, name in enumerate(("a", "b")):
    print(i, name, end="; ")
for x, y in zip((1, 2.5), ("p", "q", "r")):
    print(x, y, end="; ")
print()
print(sum(x * x for x in a), sum(x * y for x, y in zip(a, a[1:])), max(i * x for i, x in enumerate(a)))
print(any(x > 1000 for x in a), all(x > -100 for x in a), min(x for x in a if x > 0))

# Types of items.
f = zeros(3)
f[0] = 1
f[1] = 0.1
f[2] += 2.5
print(f[0], f[1], f[2], sum(f), dot(f, f))
g = zeros(2, float32)
g[0] = 0.1
g[1] = 1e300
print(g[0], g[1])
b = zeros(2, bool_)
b[1] = True
print(b[0], b[1], b.itemsize)
u = zeros(3, uint8)
u[0] = 255
u[1] = True
print(u[0] + u[1], u.nbytes)


def store(i: int, v: int):
    small = zeros(2, int8)
    unsigned = zeros(2, uint8)
    wide = zeros(2, uint64)
    try:
        small[i] = v
        print(small[i], end=" ")
        unsigned[i] = v
        print(unsigned[i], end=" ")
        wide[i] = v
        print(wide[i])
    except (ValueError, IndexError) as e:
        print(v, e)


for v in (-129, -128, -1, 0, 127, 128, 255, 256):
    store(0, v)
store(2, 1)
h = zeros(1, int16)
w = zeros(1, int32)
q = zeros(1, uint16)
d = zeros(1, uint32)
h[0], w[0], q[0], d[0] = -32768, -(2**31), 65535, 2**32 - 1
print(h[0], w[0], q[0], d[0])

# Two dimensions.
p, r, s = zeros((2, 3)), zeros((3, 2)), zeros((2, 2), float64)
for i in range(2):
    for j in range(3):
        p[i, j] = i * 3 + j
        r[j, i] = i - j
matmul(p, r, s)
print(s[0, 0], s[0, 1], s[1, 0], s[-1, -1], len(p), p.shape, p.ndim)
row = p[1]
row[2] = 50.5
print(p[1, 2], sum(row), sum(p[0]))
try:
    print(p[1, 3])
except IndexError as e:
    print(e)
try:
    print(p[2, 0])
except IndexError as e:
    print(e)
try:
    print(p[-3][0])
except IndexError as e:
    print(e)

# Who owns what.
print(sieve(1000))
show(make(4))
show(tail(make(4)))
kept, length = middle(6)
show(kept)
print(length)
n = 0
while n < 2000:
    temporary = make(100)
    try:
        failing(10, n % 20)
    except IndexError:
        n += 1
    n += 1
show(kept)
show(temporary[:4])
try:
    failing(-1, 0)
except ValueError as e:
    print(e)
print(failing(3, 2), len(zeros(0)))
for x in zeros(0):
    print("never")
