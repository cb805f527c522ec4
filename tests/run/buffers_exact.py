from pyexec import int64, zeros
from collections import namedtuple
P = namedtuple("P", "x y")
class Big(Exception):
    pass
def f(n: int):
    a = zeros(4, int64)
    x = 1
    for i in range(n):
        x = x * 3
        a[i % 4] = i
        try:
            if i == 50:
                raise Big(f"{x}")
        except Big as e:
            x += 1
            print(e)
    try:
        a[0] = x
    except ValueError as e:
        print(e)
    for k, v in enumerate(a):
        x += v * k
    return P(x, sum(a))
p = f(60)
print(p, p.x + 1)
b = zeros(3, int64)
b[0] = 2**62
b[1] = 2**62
b[2] = 2**62
print(sum(b), b[0] * b[1], max(b))
t = 0
for v in b:
    t += v
print(t)
