"""A sorting network: five comparators sort four numbers, nine sort five, with no data-dependent branches."""


def order(a: int, b: int) -> tuple[int, int]:
    """One comparator."""
    return (a, b) if a <= b else (b, a)


def sort4(v: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    a, b, c, d = v
    a, c = order(a, c)
    b, d = order(b, d)
    a, b = order(a, b)
    c, d = order(c, d)
    b, c = order(b, c)
    return a, b, c, d


def sort5(a: int, b: int, c: int, d: int, e: int) -> tuple[int, int, int, int, int]:
    a, d = order(a, d)
    b, e = order(b, e)
    a, c = order(a, c)
    b, d = order(b, d)
    a, b = order(a, b)
    c, e = order(c, e)
    b, c = order(b, c)
    d, e = order(d, e)
    c, d = order(c, d)
    return a, b, c, d, e


def network_is_right() -> bool:
    """The zero-one principle: a network that sorts every sequence of zeros and ones sorts everything."""
    for bits in range(32):
        a, b, c, d, e = sort5(bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3 & 1, bits >> 4 & 1)
        if not a <= b <= c <= d <= e:
            return False
    return True


def median(a: int, b: int, c: int, d: int, e: int) -> int:
    return sort5(a, b, c, d, e)[2]


print(sort4((4, 3, 2, 1)), sort4((2, -7, 2, 0)))
print(sort5(5, 1, 4, 2, 3))
print("sorts every zero-one input:", network_is_right())
print("medians:", median(9, 1, 8, 2, 5), median(7, 7, 1, 7, 0))
print("tuples compare in order:", sort4((1, 0, 3, 2)) == (0, 1, 2, 3), (1, 2) < (1, 3))
