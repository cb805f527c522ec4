from collections import namedtuple
from typing import NamedTuple
import collections

Point = namedtuple("Point", "x y")
Size = namedtuple("Size", ["width", "height"], defaults=(1,))
Pair = collections.namedtuple("Pair", ("first", "second"))


class Body(NamedTuple):
    """A body."""

    mass: float
    x: float
    y: float = 0.0
    name: str = "none"


class Result(NamedTuple):
    ok: bool
    at: Point = None
    value: int = 0


def move(b: Body, dx: float) -> Body:
    return b._replace(x=b.x + dx)


def swap(p):
    return Point(p.y, p.x)


def centre(a: Body, b: Body) -> float:
    return (a.mass * a.x + b.mass * b.x) / (a.mass + b.mass)


def find(n: int) -> Body:
    for i in range(n):
        if i * i > n:
            return Body(float(i), 1.0)
    return Body(mass=0.0, x=-1.0, name="nothing")


p = Point(1, 2.5)
print(p, p.x, p.y, p[0], p[-1], len(p), repr(p), f"{p}")
print(swap(p), swap(swap(p)) == p, p == (1, 2.5), p != Point(1, 2.5), p < (1, 3.0), p > Point(0, 9.0))
x, y = p
print(x, y, p + (3,), p[:1], p[1:], 2.5 in p, p._fields)
q = Point(y=4, x=3)
print(q, q._replace(x=10), q._replace(y=q.x, x=q.y))
print(Size(3), Size(3, 4), Size(height=5, width=6), Pair("a", Point(1, 2)), Pair(Pair(1, 2), ()))
for field in p:
    print(field, end=" ")
for i, field in enumerate(q):
    print(i, field, end=" ")
print(sum(q), max(q), min(Size(7, 8)))
b = Body(2.0, 1.5)
c = move(b, 0.5)
print(b, c, c.name, centre(b, Body(1.0, -2.0, 3.0, "moon")))
print(find(10), find(0))
print(isinstance(p, Point), isinstance(p, tuple), isinstance(p, Size), isinstance((1, 2), Point))
match q:
    case (3, second):
        print("second", second)
k = 0
best = Point(0, 0)
while k < 5:
    candidate = Point(k, (k - 2) ** 2 * -1)
    if candidate.y > best.y or k == 0:
        best = candidate
    k += 1
print(best)
big = Point(10, 20) if k > 3 else Point(0, 0)
print(big.x + big.y)
